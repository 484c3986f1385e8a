//! Sets of orders by when they were placed, in the calendar of the daemon's time zone.

use crate::time::Date;
use std::fmt;

/// When an order was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placed {
    /// `year:2026`
    Year(u16),
    /// `month:2026-11`
    Month { year: u16, month: u8 },
    /// `day:2026-11-23`
    Day(Date),
    /// `when:today`
    When(When),
}

/// A time that is counted from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    Today,
    Yesterday,
    /// From Monday to Sunday.
    LastWeek,
    ThisMonth,
    ThisYear,
}

impl Placed {
    /// The sets that an order placed on a day is in, whatever day it is today.
    pub fn on(day: Date) -> [Self; 3] {
        let (year, month) = (day.year(), day.month());
        [Self::Year(year), Self::Month { year, month }, Self::Day(day)]
    }

    /// The sets, of those that [`Placed::on`] gives, that make up this one today.
    pub fn parts(self, today: Date) -> Vec<Self> {
        let (year, month) = (today.year(), today.month());
        match self {
            Self::Year(_) | Self::Month { .. } | Self::Day(_) => vec![self],
            Self::When(When::Today) => vec![Self::Day(today)],
            Self::When(When::Yesterday) => vec![Self::Day(today.minus_days(1))],
            Self::When(When::LastWeek) => {
                let monday = i64::from(today.days_since_monday());
                (1..=7)
                    .map(|back| Self::Day(today.minus_days(monday + back)))
                    .collect()
            }
            Self::When(When::ThisMonth) => vec![Self::Month { year, month }],
            Self::When(When::ThisYear) => vec![Self::Year(year)],
        }
    }

    pub(super) fn parse(name: &str, value: &str) -> Option<Self> {
        let first_day = |text: &str| text.parse::<Date>().ok();
        match name {
            "year" => Some(Self::Year(first_day(&format!("{value}-01-01"))?.year())),
            "month" => {
                let day = first_day(&format!("{value}-01"))?;
                let (year, month) = (day.year(), day.month());
                Some(Self::Month { year, month })
            }
            "day" => Some(Self::Day(value.parse().ok()?)),
            "when" => When::parse(value).map(Self::When),
            _ => None,
        }
    }
}

impl fmt::Display for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "year:{year:04}"),
            Self::Month { year, month } => write!(f, "month:{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "day:{day}"),
            Self::When(when) => write!(f, "when:{}", when.name()),
        }
    }
}

impl When {
    pub const ALL: [Self; 5] = [
        Self::Today,
        Self::Yesterday,
        Self::LastWeek,
        Self::ThisMonth,
        Self::ThisYear,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::LastWeek => "last-week",
            Self::ThisMonth => "this-month",
            Self::ThisYear => "this-year",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|when| when.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &str, today: &str, wanted: &[&str]) {
        let (name, value) = set.split_once(':').unwrap();
        let set = Placed::parse(name, value).unwrap();
        let parts = set.parts(today.parse().unwrap());
        let parts: Vec<String> = parts.iter().map(Placed::to_string).collect();
        assert_eq!(parts, wanted, "{set} on {today}");
    }

    #[test]
    fn a_time_counted_from_today_is_made_of_days_months_and_years() {
        check("year:2026", "2026-11-23", &["year:2026"]);
        check("when:today", "2026-11-23", &["day:2026-11-23"]);
        check("when:yesterday", "2024-03-01", &["day:2024-02-29"]);
        check("when:yesterday", "2026-01-01", &["day:2025-12-31"]);
        check("when:this-month", "2026-01-31", &["month:2026-01"]);
        check("when:this-year", "2026-01-31", &["year:2026"]);
        let week = [
            "day:2026-11-22",
            "day:2026-11-21",
            "day:2026-11-20",
            "day:2026-11-19",
            "day:2026-11-18",
            "day:2026-11-17",
            "day:2026-11-16",
        ];
        // A Monday, and the Sunday of the same week.
        check("when:last-week", "2026-11-23", &week);
        check("when:last-week", "2026-11-29", &week);
    }
}
