//! How far a connection has been read.

use crate::time::Time;
use std::time::Duration;

/// Read again below the clock, since platforms' clocks differ from ours and some keep whole seconds only.
pub const OVERLAP: Duration = Duration::from_secs(120);

/// From when on a fetch has to read. `None`: everything.
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
    if overdue { None } else { clock }
}

/// The clock after a complete scan that began at `started` and read what changed `since` then, or everything.
///
/// `clock` is what it is at the end of the scan: one that was reset meanwhile stays so, unless everything was read.
pub fn after_scan(clock: Option<Time>, since: Option<Time>, started: Time) -> Option<Time> {
    match (clock, since) {
        (None, Some(_)) => None,
        (_, None) | (Some(_), Some(_)) => Some(started.minus(OVERLAP)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_reset_during_a_scan_stays_reset_unless_the_scan_reads_everything() {
        let (before, started) = (Some(Time(1)), Time(86_000_000));
        let moved = Some(started.minus(OVERLAP));
        assert_eq!(after_scan(before, before, started), moved);
        assert_eq!(after_scan(None, before, started), None);
        assert_eq!(after_scan(None, None, started), moved);
        assert_eq!(after_scan(before, None, started), moved);
    }

    #[test]
    fn a_reset_clock_or_an_overdue_rescan_reads_everything() {
        let day = Duration::from_hours(24);
        let (clock, now) = (Some(Time(86_000_000)), Time(90_000_000));
        assert_eq!(read_from(clock, Some(Time(0)), None, now), clock);
        assert_eq!(read_from(clock, Some(Time(80_000_000)), Some(day), now), clock);
        assert_eq!(read_from(clock, Some(Time(0)), Some(day), now), None);
        assert_eq!(read_from(None, Some(Time(0)), None, now), None);
    }
}
