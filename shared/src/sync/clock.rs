//! How far a connection has been read, by the platform's own clock.
//!
//! A platform says in its own time when its records changed, and that may be hours away from ours. So a clock moves by
//! what the records of a scan say, and by our own time only where they say nothing.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Read again below the clock, since some platforms keep whole seconds only, and show a change later than they date it.
pub const OVERLAP: Duration = Duration::from_secs(120);

/// What the records of a scan tell of the platform's time at the beginning of that scan. The greatest tells most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Heard {
    /// There was no record.
    #[default]
    Nothing,
    /// The records do not say when they changed.
    Untimed,
    /// They say that they changed later than it is here: the platform's clock is ahead, or they are wrong.
    Later,
    /// It was not earlier there than this.
    At(Time),
}

impl Heard {
    /// What a record tells that came at `now`, so long after the scan began.
    ///
    /// It cannot have changed after the platform sent it, so that, less what passed since the beginning, it was not
    /// earlier there when the scan began. A change that comes while pages are read is therefore never behind the clock,
    /// even if its record was read before. A record that claims to have changed in the future tells nothing: a single
    /// one with a wrong date would otherwise hide every later change.
    pub fn of(updated_at: Option<Time>, now: Time, elapsed: Duration) -> Self {
        match updated_at {
            None => Self::Untimed,
            Some(at) if at > now => Self::Later,
            Some(at) => Self::At(at.minus(elapsed)),
        }
    }
}

/// From when on a fetch has to read. `None`: everything.
///
/// No clock is moved beyond our own time; one that lies there says that ours has been put back, and is not trusted.
pub fn read_from(
    clock: Option<Time>,
    last_full: Option<Time>,
    full_rescan: Option<Duration>,
    now: Time,
) -> Option<Time> {
    let overdue = match (last_full, full_rescan) {
        (Some(last), Some(every)) => now.since(last) >= every,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    clock.filter(|clock| !overdue && *clock <= now)
}

/// The clock after a complete scan that began at `started` and read what changed `since` then, or everything.
///
/// `clock` is what it is at the end of the scan: one that was reset meanwhile stays so, unless everything was read.
/// After everything was read it begins anew; otherwise it never moves back, and stays where nothing was heard.
pub fn after_scan(clock: Option<Time>, since: Option<Time>, started: Time, heard: Heard) -> Option<Time> {
    let reached = match (heard, since) {
        (Heard::At(time), _) => Some(time),
        // A platform that is ahead was past that already.
        (Heard::Untimed, _) | (Heard::Later, None) => Some(started),
        // What is always read again, such as a record with a wrong date, says nothing about the rest.
        (Heard::Later, Some(_)) | (Heard::Nothing, _) => None,
    };
    let reached = reached.map(|reached| reached.minus(OVERLAP));
    match (clock, since) {
        (None, Some(_)) => None,
        (Some(clock), Some(_)) => Some(reached.map_or(clock, |reached| reached.max(clock))),
        (clock, None) => reached.or(clock),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const STARTED: i64 = 1_000 * HOUR;
    const LESS: i64 = 2 * MINUTE;

    /// Records are (when they say that they changed, how long after the scan's beginning they came).
    fn check(
        clock: Option<i64>,
        since: Option<i64>,
        records: &[(Option<i64>, i64)],
        wanted: Option<i64>,
        why: &str,
    ) {
        let heard = records.iter().map(|(updated_at, elapsed)| {
            let passed = Duration::from_millis(elapsed.cast_unsigned());
            Heard::of(updated_at.map(Time), Time(STARTED + elapsed), passed)
        });
        let heard = heard.max().unwrap_or_default();
        let moved = after_scan(clock.map(Time), since.map(Time), Time(STARTED), heard);
        assert_eq!(moved, wanted.map(Time), "{why}");
    }

    #[test]
    fn a_clock_moves_by_what_the_platform_says() {
        let old = Some(STARTED - 20 * HOUR);
        let edited = STARTED - MINUTE;
        let read = Some(edited - LESS);
        check(None, None, &[(Some(edited), 0)], read, "the first scan");
        check(old, old, &[(Some(edited), 0)], read, "news");
        check(
            old,
            old,
            &[(Some(edited), 0), (Some(edited - HOUR), 0)],
            read,
            "the newest counts",
        );
        let behind = edited - 2 * HOUR;
        check(old, old, &[(Some(behind), 0)], Some(behind - LESS), "behind us");
        check(
            None,
            None,
            &[(Some(behind), 0)],
            Some(behind - LESS),
            "behind us from the beginning",
        );
        let ahead = edited + 2 * HOUR;
        check(
            None,
            None,
            &[(Some(ahead), 0)],
            Some(STARTED - LESS),
            "ahead of us from the beginning",
        );
        check(
            old,
            old,
            &[(Some(ahead), 0)],
            old,
            "ahead of us: read again until it is past here too",
        );
        check(
            old,
            old,
            &[(Some(ahead), 0), (Some(edited), 0)],
            read,
            "one wrong date hides nothing",
        );
        check(old, old, &[], old, "an empty scan leaves it");
        check(
            None,
            None,
            &[],
            None,
            "nothing was there: the first record may be of any time",
        );
        check(old, None, &[], old, "nothing was there any more");
    }

    #[test]
    fn a_clock_never_passes_the_beginning_of_the_scan() {
        let (old, hour) = (Some(STARTED - 20 * HOUR), HOUR);
        // Changed just before it was read, an hour after the scan began: by then earlier pages have changed too.
        check(
            old,
            old,
            &[(Some(STARTED + hour), hour)],
            Some(STARTED - LESS),
            "a late page",
        );
        check(
            old,
            old,
            &[(Some(STARTED - MINUTE), hour)],
            Some(STARTED - MINUTE - hour - LESS),
            "slow",
        );
        let early = [(Some(STARTED - MINUTE), 0), (Some(STARTED), hour)];
        check(
            old,
            old,
            &early,
            Some(STARTED - MINUTE - LESS),
            "the page that tells most",
        );
        check(
            old,
            old,
            &[(None, 0)],
            Some(STARTED - LESS),
            "without times our own counts",
        );
        check(
            None,
            None,
            &[(None, hour)],
            Some(STARTED - LESS),
            "without times from the beginning",
        );
    }

    #[test]
    fn a_clock_moves_back_only_when_everything_was_read() {
        let late = Some(STARTED - MINUTE);
        let edited = STARTED - HOUR;
        check(late, late, &[(Some(edited), 0)], late, "what is read again");
        check(
            late,
            None,
            &[(Some(edited), 0)],
            Some(edited - LESS),
            "a full rescan",
        );
        check(late, late, &[(None, 0)], late, "without times");
    }

    #[test]
    fn a_clock_that_is_reset_during_a_scan_stays_reset_unless_the_scan_reads_everything() {
        let (before, edited) = (Some(STARTED - 20 * HOUR), STARTED - MINUTE);
        let moved = Some(edited - LESS);
        check(before, before, &[(Some(edited), 0)], moved, "not reset");
        check(None, before, &[(Some(edited), 0)], None, "reset meanwhile");
        check(None, None, &[(Some(edited), 0)], moved, "reset before");
        check(before, None, &[(Some(edited), 0)], moved, "a rescan that was due");
    }

    #[test]
    fn a_reset_clock_an_overdue_rescan_or_a_machine_put_back_reads_everything() {
        let day = Duration::from_hours(24);
        let (clock, now) = (Some(Time(86_000_000)), Time(90_000_000));
        assert_eq!(read_from(clock, Some(Time(0)), None, now), clock);
        assert_eq!(read_from(clock, Some(Time(80_000_000)), Some(day), now), clock);
        assert_eq!(read_from(clock, Some(Time(0)), Some(day), now), None);
        assert_eq!(read_from(clock, None, Some(day), now), None);
        assert_eq!(read_from(None, Some(Time(0)), None, now), None);
        assert_eq!(read_from(Some(now), Some(Time(0)), None, now), Some(now));
        assert_eq!(read_from(Some(Time(now.0 + 1)), Some(Time(0)), None, now), None);
    }
}
