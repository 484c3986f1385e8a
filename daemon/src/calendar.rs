//! Times that need a calendar.

use cronexpr::Crontab;
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use shared::time::Time;

/// Times on the clock of a zone that are tried until one comes that has not passed. An hour that comes twice has 60.
const TRIED: usize = 200;

/// The first time after `after` that a cron expression names in a time zone. `None`: there is none, or the time zone's
/// rules are not on this machine.
///
/// As cron does it: where clocks are put forward, what is named in the hour that is left out comes right after it; where
/// they are put back, what is named in the hour that comes twice comes once, unless every hour is named.
pub fn next_time(expression: &str, time_zone: &str, after: Time) -> Option<Time> {
    let after = Timestamp::from_millisecond(after.0).ok()?;
    let found = if expression.split_whitespace().nth(1)?.starts_with('*') {
        let crontab = cronexpr::parse_crontab(&format!("{expression} {time_zone}")).ok()?;
        next(&crontab, after)?
    } else {
        let crontab = cronexpr::parse_crontab(&format!("{expression} UTC")).ok()?;
        next_on_the_clock(&crontab, &TimeZone::get(time_zone).ok()?, after)?
    };
    Some(Time(found.as_millisecond()))
}

/// By what a clock in that zone shows, whether that hour is left out or comes twice.
fn next_on_the_clock(crontab: &Crontab, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let mut shown = Offset::UTC.to_timestamp(zone.to_datetime(after)).ok()?;
    for _ in 0..TRIED {
        shown = next(crontab, shown)?;
        let named = Offset::UTC.to_datetime(shown);
        // Left out: as much later. Twice: the first.
        let at = zone.to_ambiguous_timestamp(named).compatible().ok()?;
        if at > after {
            return Some(at);
        }
    }
    None
}

fn next(crontab: &Crontab, after: Timestamp) -> Option<Timestamp> {
    let found = crontab.find_next(after.to_string().as_str()).ok()?;
    Some(found.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn the_next_time_follows_the_clocks_of_its_time_zone() {
        let check = |expression: &str, zone: &str, after: &str, wanted: &str| {
            assert_eq!(
                next_time(expression, zone, time(after)),
                Some(time(wanted)),
                "{expression} {zone}"
            );
        };
        check(
            "*/10 8-20 * * *",
            "America/Mexico_City",
            "2026-03-02T13:55:00Z",
            "2026-03-02T14:00:00Z",
        );
        check(
            "*/10 8-20 * * *",
            "America/Mexico_City",
            "2026-03-03T02:50:00Z",
            "2026-03-03T14:00:00Z",
        );
        // Berlin goes from +1 to +2 in the night to the 29th.
        check(
            "30 8 * * *",
            "Europe/Berlin",
            "2026-03-28T08:00:00Z",
            "2026-03-29T06:30:00Z",
        );
        // At 2 it is 3 that night: what is named between is made up for, once.
        let night = "2026-03-29T00:30:00Z";
        check("30 2 * * *", "Europe/Berlin", night, "2026-03-29T01:30:00Z");
        check(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-29T01:30:00Z",
            "2026-03-30T00:30:00Z",
        );
        check("30 * * * *", "Europe/Berlin", night, "2026-03-29T01:30:00Z");
        // In the night to 25 October 3 is 2 again: the second half past two is none, but for who names every hour.
        let first = "2026-10-25T00:30:00Z";
        check("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", first);
        check("30 2 * * *", "Europe/Berlin", first, "2026-10-26T01:30:00Z");
        check("30 * * * *", "Europe/Berlin", first, "2026-10-25T01:30:00Z");
        check(
            "* 2 * * *",
            "Europe/Berlin",
            "2026-10-25T00:59:00Z",
            "2026-10-26T01:00:00Z",
        );
    }
}
