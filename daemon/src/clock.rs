//! What time it is, as an argument: decisions are given an instant, and whoever gives it holds a clock.

use shared::time::Time;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

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

impl Hands {
    /// Moves the clock on by so many milliseconds, or back, as the clocks of real machines are.
    pub fn turn(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}
