//! When a connection's automatic job is due.

use crate::{
    policy::{Schedule, Times},
    time::Time,
};

/// When the next automatic job is due, given when the last one was. A time in the past is due now, once.
///
/// `None` for times that need a calendar; those are worked out where there is one.
pub fn next_due(schedule: &Schedule, last: Option<Time>, now: Time) -> Option<Time> {
    match (&schedule.times, last) {
        (Times::Every(_), None) => Some(now),
        (Times::Every(every), Some(last)) => Some(last.plus(*every).max(now)),
        (Times::Cron { .. }, _) => None,
    }
}

/// The schedule as people say it: "sync every 15 min".
pub fn in_words(schedule: &Schedule) -> String {
    let job = match schedule.job {
        crate::policy::ScheduledJob::Fetch => "Fetch",
        crate::policy::ScheduledJob::Send => "Send",
        crate::policy::ScheduledJob::Sync => "Sync",
    };
    match &schedule.times {
        Times::Every(every) => format!("{job} every {}", duration_in_words(*every)),
        Times::Cron {
            expression,
            time_zone,
        } => format!("{job} at {expression} ({time_zone})"),
    }
}

fn duration_in_words(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "min"), (1, "s")];
    match units
        .into_iter()
        .find(|(size, _)| seconds >= *size && seconds.is_multiple_of(*size))
    {
        Some((size, unit @ ("day" | "hour"))) if seconds > size => format!("{} {unit}s", seconds / size),
        Some((size, unit)) => format!("{} {unit}", seconds / size),
        None => format!("{} ms", duration.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ScheduledJob;
    use std::time::Duration;

    #[test]
    fn a_missed_run_is_due_once_and_a_fresh_connection_at_once() {
        let every = Schedule {
            job: ScheduledJob::Sync,
            times: Times::Every(Duration::from_mins(15)),
            full_rescan: None,
        };
        let minute = 60_000;
        assert_eq!(next_due(&every, None, Time(5)), Some(Time(5)));
        assert_eq!(
            next_due(&every, Some(Time(0)), Time(minute)),
            Some(Time(15 * minute))
        );
        assert_eq!(
            next_due(&every, Some(Time(0)), Time(100 * minute)),
            Some(Time(100 * minute))
        );
        assert_eq!(in_words(&every), "Sync every 15 min");
    }

    #[test]
    fn a_duration_is_told_in_its_biggest_whole_unit() {
        let check = |seconds: u64, wanted: &str| {
            assert_eq!(duration_in_words(Duration::from_secs(seconds)), wanted);
        };
        check(1, "1 s");
        check(90, "90 s");
        check(60, "1 min");
        check(900, "15 min");
        check(3_600, "1 hour");
        check(7_200, "2 hours");
        check(5_400, "90 min");
        check(86_400, "1 day");
        check(7 * 86_400, "7 days");
        check(36 * 3_600, "36 hours");
        assert_eq!(duration_in_words(Duration::from_millis(250)), "250 ms");
    }
}
