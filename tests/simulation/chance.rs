//! What a seed decides.

use fastrand::Rng;

/// Everything that could be otherwise in a world is drawn from here.
#[derive(Debug)]
pub(super) struct Chance(Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// From 0 to one below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end)
    }

    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        self.0.i64(first..=last)
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        self.0.usize(..length)
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())].clone()
    }

    /// Each of `from` in so many of a hundred cases.
    pub(super) fn some<T: Clone>(&mut self, from: &[T], share: u64) -> Vec<T> {
        from.iter().filter(|_| self.percent(share)).cloned().collect()
    }

    /// One of `from`, each as likely as its weight.
    pub(super) fn weighed<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut at = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in from {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *one,
            }
        }
        unreachable!("it is below the sum of all weights")
    }
}
