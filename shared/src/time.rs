//! Instants. `shared` has no clock: every decision takes `now` as an argument.

use serde::{Deserialize, Serialize};
use std::{
    fmt,
    str::FromStr,
    time::{Duration, UNIX_EPOCH},
};

/// The last millisecond of the year 9999.
const LAST: u64 = 253_402_300_799_999;

/// Milliseconds since 1970-01-01T00:00:00Z. People see RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Time(pub i64);

impl Time {
    pub fn plus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    pub fn minus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The calendar of the formatter begins with 1970 and has four digits for a year.
        let millis = u64::try_from(self.0).unwrap_or(0).min(LAST);
        humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(millis)).fmt(f)
    }
}

impl FromStr for Time {
    type Err = humantime::TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let since = humantime::parse_rfc3339(text)?
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.collect_str(self)
        } else {
            self.0.serialize(to)
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            String::deserialize(from)?
                .parse()
                .map_err(serde::de::Error::custom)
        } else {
            i64::deserialize(from).map(Self)
        }
    }
}

/// A day of the calendar, in whatever time zone is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day from 1970 on: write it as 2026-11-23")]
pub struct InvalidDate(String);

/// Of a day that has no hour left out.
const DAY: i64 = 24 * 60 * 60 * 1000;

impl Date {
    /// The first day that there is.
    pub const FIRST: Self = Self {
        year: 1970,
        month: 1,
        day: 1,
    };

    pub fn year(self) -> u16 {
        self.year
    }

    /// From 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// From 1.
    pub fn day(self) -> u8 {
        self.day
    }

    pub fn minus_days(self, days: i64) -> Self {
        let at = Time(self.midnight().0.saturating_sub(days.saturating_mul(DAY)));
        at.to_string()[..10]
            .parse()
            .expect("an instant is written with its day first")
    }

    /// 0 on a Monday, 6 on a Sunday.
    pub fn days_since_monday(self) -> u8 {
        // The first of January 1970 was a Thursday.
        u8::try_from((self.midnight().0 / DAY + 3).rem_euclid(7)).expect("a week has seven days")
    }

    fn midnight(self) -> Time {
        format!("{self}T00:00:00Z")
            .parse()
            .expect("a day is parsed as one before it is made")
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    /// As ISO 8601 has it: `2026-11-23`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidDate(text.to_owned());
        let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let is_day = shaped && format!("{text}T00:00:00Z").parse::<Time>().is_ok();
        if !is_day {
            return Err(invalid());
        }
        let number = |at: std::ops::Range<usize>| text[at].parse::<u16>().map_err(|_| invalid());
        let small = |at| u8::try_from(number(at)?).map_err(|_| invalid());
        Ok(Self {
            year: number(0..4)?,
            month: small(5..7)?,
            day: small(8..10)?,
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day } = self;
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_rfc_3339_and_read_back() {
        let at = Time(1_795_420_800_123);
        assert_eq!(at.to_string(), "2026-11-23T08:00:00.123Z");
        assert_eq!("2026-11-23T08:00:00.123Z".parse::<Time>().unwrap(), at);
        assert_eq!(
            "2026-11-23T08:00:00Z".parse::<Time>().unwrap(),
            Time(1_795_420_800_000)
        );
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        let check = |text: &str, weekday: Option<u8>| {
            let day = text.parse::<Date>().ok();
            assert_eq!(day.map(Date::days_since_monday), weekday, "{text}");
            assert!(day.is_none_or(|day| day.to_string() == text), "{text}");
        };
        check("1970-01-01", Some(3));
        check("2024-02-29", Some(3));
        check("2026-11-23", Some(0));
        check("2026-11-29", Some(6));
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-01",
            "26-11-23",
            "1969-12-31",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn what_no_calendar_of_shops_has_is_written_as_its_ends() {
        assert_eq!(Time(-5).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Time(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }
}
