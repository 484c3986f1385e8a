//! Times that need a calendar.

use jiff::Timestamp;
use shared::time::Time;

/// The first time after `after` that a cron expression names in a time zone. `None`: there is none, or the time zone's
/// rules are not on this machine.
pub fn next_time(expression: &str, time_zone: &str, after: Time) -> Option<Time> {
    let crontab = cronexpr::parse_crontab(&format!("{expression} {time_zone}")).ok()?;
    let after = Timestamp::from_millisecond(after.0).ok()?;
    let found = crontab.find_next(after.to_string().as_str()).ok()?;
    Some(Time(found.timestamp().as_millisecond()))
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
        // An hour that does not exist that night is no reason to stop.
        assert!(next_time("30 2 * * *", "Europe/Berlin", time("2026-03-28T23:30:00Z")).is_some());
    }
}
