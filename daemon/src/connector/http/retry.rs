//! Whether a call that did not work out is made again, and when.

use crate::connector::ConnectorError;
use std::time::Duration;

/// How often a call is made at most.
const ATTEMPTS: u32 = 4;
/// No attempt begins later after the first; what goes on for longer is for the job to wait out.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);
/// The longest wait before the second attempt; twice as long before each further one.
const FIRST: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_secs(8);

/// How long to wait before trying again. `None`: it ends with this error.
///
/// `made` attempts took `elapsed` since the first began. `chance` is from 0 to 1: the wait is drawn from all of its range
/// ("full jitter"), so that calls that failed together are not made together again.
pub(super) fn again(error: &ConnectorError, made: u32, elapsed: Duration, chance: f64) -> Option<Duration> {
    if !error.class.is_passing() || made >= ATTEMPTS {
        return None;
    }
    let most = FIRST
        .saturating_mul(2_u32.saturating_pow(made.saturating_sub(1)))
        .min(LONGEST);
    let wait = error.retry_after.unwrap_or_default() + most.mul_f64(chance.clamp(0.0, 1.0));
    (elapsed + wait <= PATIENCE).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Class;

    #[test]
    fn only_what_passes_is_tried_again_a_few_times_and_not_for_long() {
        let check = |class, retry_after: Option<u64>, made, elapsed, chance, wait: Option<u64>| {
            let error = ConnectorError {
                class,
                message: String::new(),
                retry_after: retry_after.map(Duration::from_secs),
            };
            let found = again(&error, made, Duration::from_secs(elapsed), chance);
            assert_eq!(
                found,
                wait.map(Duration::from_millis),
                "{class:?} {retry_after:?} {made} {elapsed} {chance}"
            );
        };
        for class in [Class::Auth, Class::Rejected, Class::Missing, Class::Protocol] {
            check(class, None, 1, 0, 1.0, None);
        }
        check(Class::Unavailable, None, 1, 0, 1.0, Some(400));
        check(Class::Unavailable, None, 1, 0, 0.0, Some(0));
        check(Class::RateLimited, None, 2, 1, 0.5, Some(400));
        check(Class::Unavailable, None, 3, 1, 1.0, Some(1600));
        check(Class::Unavailable, None, 4, 1, 1.0, None);
        check(Class::Unavailable, None, 1, 45, 1.0, None);
        // Nobody comes back all at once when the time is over, and long waits are for others.
        check(Class::RateLimited, Some(5), 1, 0, 1.0, Some(5400));
        check(Class::RateLimited, Some(600), 1, 0, 0.0, None);
    }
}
