//! When a connection's automatic job is due.

use crate::{
    ids::ConnectionId,
    policy::{Schedule, Times},
    time::Time,
};
use std::time::Duration;

/// A schedule's run begins at most this much after its time.
const SPREAD: Duration = Duration::from_secs(60);

/// When the next automatic job is due, given when the last one began. What was missed, however often, is due once.
///
/// `calendar` tells the first instant after another that a cron expression names in a time zone. `None`: it names none.
///
/// A clock that was put back makes nothing wait for longer than the schedule says: a `last` that is still to come counts
/// as now.
pub fn next_due(
    schedule: &Schedule,
    connection: &ConnectionId,
    last: Option<Time>,
    now: Time,
    calendar: &dyn Fn(&str, &str, Time) -> Option<Time>,
) -> Option<Time> {
    let jitter = jitter(connection, &schedule.times);
    let last = last.map(|last| last.min(now));
    let due = match (&schedule.times, last) {
        (Times::Every(_), None) => now,
        // It began with its jitter; so does the next.
        (Times::Every(every), Some(last)) => last.plus(*every),
        (
            Times::Cron {
                expression,
                time_zone,
            },
            last,
        ) => calendar(expression, time_zone, last.unwrap_or(now))?.plus(jitter),
    };
    // Many connections miss their times together, when the machine sleeps.
    Some(if due > now { due } else { now.plus(jitter) })
}

/// How long after its time a connection's automatic job begins, so that those of many do not begin together: always the
/// same of a connection, within a minute and within a tenth of the interval.
pub fn jitter(connection: &ConnectionId, times: &Times) -> Duration {
    let spread = match times {
        Times::Every(every) => (*every / 10).min(SPREAD),
        Times::Cron { .. } => SPREAD,
    };
    // FNV-1a, and its bits mixed: ids that differ in their last letter only are to lie far apart.
    let hash = connection
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let spread = u64::try_from(spread.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(spread.saturating_mul(mixed) >> 32)
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

fn duration_in_words(duration: Duration) -> String {
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

    const MINUTE: i64 = 60_000;

    fn every(minutes: u64) -> Schedule {
        Schedule {
            job: ScheduledJob::Sync,
            times: Times::Every(Duration::from_mins(minutes)),
            full_rescan: None,
        }
    }

    /// A calendar that names every full hour.
    fn hourly() -> Schedule {
        Schedule {
            times: Times::Cron {
                expression: "0 * * * *".to_owned(),
                time_zone: "UTC".to_owned(),
            },
            ..every(1)
        }
    }

    fn due(schedule: &Schedule, last: Option<i64>, now: i64) -> (i64, i64) {
        let hour = 60 * MINUTE;
        let calendar = |_: &str, _: &str, after: Time| Some(Time((after.0 / hour + 1) * hour));
        let id = ConnectionId::parse("shop").unwrap();
        let jitter = i64::try_from(jitter(&id, &schedule.times).as_millis()).unwrap();
        let due = next_due(schedule, &id, last.map(Time), Time(now), &calendar).unwrap();
        (due.0, jitter)
    }

    #[test]
    fn a_missed_run_is_due_once_and_a_fresh_connection_soon() {
        let check = |last: Option<i64>, now: i64, wanted: i64, jitters: i64| {
            let (due, jitter) = due(&every(15), last, now);
            assert_eq!(due, wanted + jitters * jitter, "{last:?} {now}");
        };
        check(None, 5, 5, 1);
        check(Some(0), MINUTE, 15 * MINUTE, 0);
        check(Some(0), 100 * MINUTE, 100 * MINUTE, 1);
        // The clock was put back by an hour after the last run.
        check(Some(100 * MINUTE), 40 * MINUTE, 55 * MINUTE, 0);
        assert_eq!(in_words(&every(15)), "Sync every 15 min");
    }

    #[test]
    fn a_named_time_that_was_missed_is_made_up_for_once() {
        let check = |last: Option<i64>, now: i64, wanted: i64| {
            let (due, jitter) = due(&hourly(), last.map(|at| at * MINUTE), now * MINUTE);
            assert_eq!(due, wanted * MINUTE + jitter, "{last:?} {now}");
        };
        check(None, 61, 120);
        check(Some(61), 70, 120);
        check(Some(61), 500, 500);
        check(Some(500), 501, 540);
        // Put back by an hour: the hour that comes again is run again.
        check(Some(181), 121, 180);
    }

    #[test]
    fn connections_begin_apart_and_each_always_at_its_own_moment() {
        let times = Times::Every(Duration::from_mins(15));
        let at = |number: usize| jitter(&ConnectionId::parse(&format!("shop-{number}")).unwrap(), &times);
        let mut begun = [0_usize; 60];
        for number in 0..1000 {
            assert_eq!(at(number), at(number));
            begun[usize::try_from(at(number).as_secs()).unwrap()] += 1;
        }
        assert!(begun.iter().all(|count| (3..40).contains(count)), "{begun:?}");
        let seconds = Times::Every(Duration::from_secs(1));
        let shop = ConnectionId::parse("shop").unwrap();
        assert!(jitter(&shop, &seconds) < Duration::from_millis(100));
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
