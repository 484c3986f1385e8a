//! What time it is, as an argument: decisions are given an instant, and whoever gives it holds a clock.

use shared::time::Time;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// How often the clock is compared with the time that passes.
const LOOK: Duration = Duration::from_secs(10);
/// A clock that goes a little wrong, or is put right bit by bit, has not been set.
const TOLERANCE: i64 = 2000;

/// Tells the time. Clones of a clock tell the same.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    /// Milliseconds since 1970.
    Hands(Arc<AtomicI64>),
}

/// Moves a simulated clock.
#[derive(Debug)]
pub struct Hands(Arc<AtomicI64>);

impl Clock {
    /// The machine's own.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// One that stands still at `at` until its hands are moved.
    pub fn simulated(at: Time) -> (Self, Hands) {
        let millis = Arc::new(AtomicI64::new(at.0));
        (Self(Source::Hands(Arc::clone(&millis))), Hands(millis))
    }

    pub fn now(&self) -> Time {
        Time(match &self.0 {
            Source::System => jiff::Timestamp::now().as_millisecond(),
            Source::Hands(millis) => millis.load(Ordering::Relaxed),
        })
    }
}

/// Notices that a clock was set, or that the machine slept: then it does not show what has passed since.
#[derive(Debug)]
pub struct Steps {
    clock: Clock,
    shown: Time,
    at: Instant,
}

impl Steps {
    pub fn of(clock: Clock) -> Self {
        Self {
            shown: clock.now(),
            at: Instant::now(),
            clock,
        }
    }

    /// Waits for the next one. Dropping it loses nothing.
    pub async fn next(&mut self) {
        loop {
            tokio::time::sleep_until(self.at + LOOK).await;
            let (shown, at) = (self.clock.now(), Instant::now());
            let passed = i64::try_from((at - self.at).as_millis()).unwrap_or(i64::MAX);
            let step = (shown.0 - self.shown.0).saturating_sub(passed);
            (self.shown, self.at) = (shown, at);
            if step.abs() > TOLERANCE {
                return;
            }
        }
    }
}

impl Hands {
    /// Moves the clock on by so many milliseconds, or back, as the clocks of real machines are.
    pub fn turn(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}
