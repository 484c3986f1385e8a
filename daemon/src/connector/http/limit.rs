//! How many calls a platform is asked at once, and how fast one after another: found by asking, since few platforms tell.
//!
//! A decision on what is measured, without clock and without waiting. Calls at once follow how long calls take: where more
//! of them only make each slower, the platform is busy and there is nothing to gain. What a platform refuses as too fast
//! halves them, and lowers the calls a second below what it last took; both then go up again little by little.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

/// What was found out about one platform so far.
#[derive(Debug)]
pub(super) struct Limit {
    ceilings: Ceilings,
    /// Calls at once, with fractions that add up.
    at_once: f64,
    /// Calls that were begun and have not ended.
    under_way: u32,
    /// Calls a second, where the platform showed that there is such a limit.
    per_second: Option<f64>,
    /// When the latest calls began, the last one at the end.
    begun: VecDeque<Instant>,
    /// Nothing begins before.
    paused_until: Option<Instant>,
    /// When calls at once were last cut, and how many they were then.
    cut: Option<Cut>,
    grown_at: Option<Instant>,
    /// How long calls take while the platform is not busy, by their kind.
    unhurried: HashMap<String, f64>,
}

/// What is never exceeded, whatever the platform would take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ceilings {
    pub(super) at_once: u32,
    pub(super) per_second: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Cut {
    at: Instant,
    at_once: f64,
}

/// Whether a call may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Now,
    /// Not before then.
    At(Instant),
    /// As soon as another one ended.
    AfterAnother,
}

/// How a call ended, as far as it says something about the platform's limits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// With an answer. `kind` is what calls are like that take about as long.
    Answered { kind: String, took: Duration },
    /// Too fast for the platform, which may say for how long.
    Throttled { retry_after: Option<Duration> },
    /// The platform has trouble, or was not reached in time.
    Overloaded { retry_after: Option<Duration> },
    /// It says nothing: given up, or refused for what was asked.
    Untold,
}

/// Calls at once before anything is known.
const BEGIN: f64 = 2.0;
/// How far calls at once go towards what one measurement says.
const STEP: f64 = 0.2;
/// Calls that may wait at the platform, so that it never runs dry.
const QUEUED: f64 = 1.0;
/// One slow call says little.
const SLOWEST: f64 = 0.5;
/// How fast an idea of unhurried calls gives way to calls that take longer although few are under way.
const DRIFT: f64 = 0.05;
/// How near to where it was cut growth becomes careful, and how much slower it is then.
const CAREFUL_FROM: f64 = 0.8;
const CAREFUL: f64 = 0.05;
/// After so long a cut is forgotten: the platform may be another one by now.
const FORGET: Duration = Duration::from_secs(300);
/// Over how long the rate is measured that turned out to be too fast.
const WINDOW: Duration = Duration::from_secs(2);
/// Calls after the first that tell a rate.
const TELLING: usize = 4;
/// What is asked of the rate that was too fast, and how it grows again each second.
const BELOW: f64 = 0.7;
const RATE_GROWTH: f64 = 0.02;
/// A platform is never asked more seldom than so many times a second, for want of another word.
const SELDOM: f64 = 0.2;
/// From here on a limit in calls a second is no limit.
const UNLIMITED: f64 = 100.0;
/// Begins that are remembered, and kinds of calls.
const REMEMBERED: usize = 256;
const KINDS: usize = 64;

impl Limit {
    pub(super) fn new(ceilings: Ceilings) -> Self {
        Self {
            at_once: BEGIN.min(f64::from(ceilings.at_once)),
            ceilings,
            under_way: 0,
            per_second: None,
            begun: VecDeque::new(),
            paused_until: None,
            cut: None,
            grown_at: None,
            unhurried: HashMap::new(),
        }
    }

    /// Whether a call may begin now.
    pub(super) fn turn(&self, now: Instant) -> Turn {
        let free = self
            .begun
            .back()
            .zip(self.spacing())
            .map(|(last, spacing)| *last + spacing);
        let at = free.max(self.paused_until).filter(|at| *at > now);
        match at {
            _ if self.under_way >= self.at_once() => Turn::AfterAnother,
            Some(at) => Turn::At(at),
            None => Turn::Now,
        }
    }

    /// Until when the platform wants to be left alone.
    pub(super) fn paused_until(&self, now: Instant) -> Option<Instant> {
        self.paused_until.filter(|until| *until > now)
    }

    /// Whole calls at once, at least one.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from one to a whole number's ceiling"
    )]
    pub(super) fn at_once(&self) -> u32 {
        (self.at_once.floor() as u32).clamp(1, self.ceilings.at_once.max(1))
    }

    pub(super) fn begin(&mut self, now: Instant) {
        self.under_way += 1;
        self.begun.push_back(now);
        if self.begun.len() > REMEMBERED {
            self.begun.pop_front();
        }
    }

    /// A call that began at `begun` ended now.
    pub(super) fn end(&mut self, begun: Instant, now: Instant, end: &End) {
        let under_way = self.under_way;
        self.under_way = under_way.saturating_sub(1);
        match end {
            End::Answered { kind, took } => {
                self.follow(kind, took.as_secs_f64(), under_way, now);
                self.hurry(now);
            }
            End::Throttled { retry_after } => {
                self.pause(*retry_after, now);
                // Calls that were under way together are refused together, and are one word.
                if self.is_news(begun) {
                    self.slow_down(now);
                    self.halve(now);
                }
            }
            End::Overloaded { retry_after } => {
                self.pause(*retry_after, now);
                if self.is_news(begun) {
                    self.halve(now);
                }
            }
            End::Untold => {}
        }
    }

    /// How far apart calls begin. `None`: as they come.
    fn spacing(&self) -> Option<Duration> {
        let found = self.per_second.unwrap_or(f64::INFINITY);
        let rate = found.min(self.ceilings.per_second.unwrap_or(f64::INFINITY));
        rate.is_finite().then(|| Duration::from_secs_f64(1.0 / rate))
    }

    fn is_news(&self, begun: Instant) -> bool {
        self.cut.is_none_or(|cut| begun >= cut.at)
    }

    fn pause(&mut self, retry_after: Option<Duration>, now: Instant) {
        let until = retry_after.and_then(|wait| now.checked_add(wait));
        self.paused_until = self.paused_until.max(until);
    }

    fn halve(&mut self, now: Instant) {
        self.cut = Some(Cut {
            at: now,
            at_once: self.at_once,
        });
        self.at_once = (self.at_once / 2.0).max(1.0);
    }

    /// Calls come below the rate that was too fast. Of a few calls nobody can tell how fast they came.
    #[allow(clippy::cast_precision_loss, reason = "a few hundred at most")]
    fn slow_down(&mut self, now: Instant) {
        let lately = || self.begun.iter().filter(|begun| now - **begun <= WINDOW);
        let over = match (lately().next(), lately().next_back()) {
            (Some(first), Some(last)) => (*last - *first).as_secs_f64(),
            _ => 0.0,
        };
        let gaps = lately().count().saturating_sub(1);
        let came = (gaps >= TELLING && over > 0.0).then(|| gaps as f64 / over);
        let was = came.into_iter().chain(self.per_second).reduce(f64::min);
        self.per_second = was.map(|was| (was * BELOW).max(SELDOM));
        self.grown_at = Some(now);
    }

    /// The rate goes up again with the time that passes well.
    fn hurry(&mut self, now: Instant) {
        let (Some(rate), Some(before)) = (self.per_second, self.grown_at) else {
            return;
        };
        let passed = (now - before).as_secs_f64().min(1.0);
        let grown = rate * (1.0 + RATE_GROWTH * passed);
        self.grown_at = Some(now);
        self.per_second = (grown < UNLIMITED).then_some(grown);
    }

    /// Takes in how long a call took while so many were under way.
    fn follow(&mut self, kind: &str, took: f64, under_way: u32, now: Instant) {
        let took = took.max(0.001);
        if self.unhurried.len() >= KINDS && !self.unhurried.contains_key(kind) {
            self.unhurried.clear();
        }
        let unhurried = self.unhurried.entry(kind.to_owned()).or_insert(took);
        if took < *unhurried {
            *unhurried = took;
        } else if f64::from(under_way) <= BEGIN {
            // Nobody else of ours is in its way, so this is how long it takes by now.
            *unhurried += (took - *unhurried) * DRIFT;
        }
        let as_quick = (*unhurried / took).clamp(SLOWEST, 1.0);
        let wanted = self.at_once * as_quick + QUEUED;
        let grows = wanted > self.at_once;
        // What was not used was not tried.
        if grows && under_way < self.at_once() {
            return;
        }
        let step = if grows && self.is_careful(now) {
            STEP * CAREFUL
        } else {
            STEP
        };
        let ceiling = f64::from(self.ceilings.at_once.max(1));
        self.at_once = (self.at_once + (wanted - self.at_once) * step).clamp(1.0, ceiling);
    }

    fn is_careful(&self, now: Instant) -> bool {
        self.cut
            .is_some_and(|cut| now - cut.at < FORGET && self.at_once >= cut.at_once * CAREFUL_FROM)
    }
}

#[cfg(test)]
mod tests;
