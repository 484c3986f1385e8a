//! What went to a platform and came back, in figures that only grow.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Counts the calls of one connection.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Answers by the first digit of their status, from 1xx to 5xx.
    answered: [AtomicU64; 5],
    unanswered: AtomicU64,
    /// In microseconds.
    waited: AtomicU64,
    at_once: AtomicU64,
}

/// What [`Traffic`] counted until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Answers by the first digit of their status, from 1xx to 5xx.
    pub answered: [u64; 5],
    /// Calls that no answer came to, or none that was complete.
    pub unanswered: u64,
    /// How long calls waited for their turn, all together.
    pub waited: Duration,
    /// How many calls are made at once at present, where nothing else is in their way. 0: none was made yet.
    pub at_once: u64,
}

impl Traffic {
    pub fn counted(&self) -> Counted {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counted {
            answered: [0, 1, 2, 3, 4].map(|class: usize| of(&self.answered[class])),
            unanswered: of(&self.unanswered),
            waited: Duration::from_micros(of(&self.waited)),
            at_once: of(&self.at_once),
        }
    }

    pub(super) fn answered(&self, status: http::StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.answered[class].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn unanswered(&self) {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn waited(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.waited.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) fn may_at_once(&self, calls: u32) {
        self.at_once.store(calls.into(), Ordering::Relaxed);
    }
}

impl Counted {
    /// All calls that were made.
    pub fn calls(&self) -> u64 {
        self.answered.iter().sum::<u64>() + self.unanswered
    }
}
