//! Lets calls begin as fast as a platform takes them; everybody who calls it waits here.

use super::limit::{Ceilings, End, Limit, Turn};
use crate::connector::traffic::Traffic;
use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

#[derive(Debug)]
pub(super) struct Gate {
    limit: Mutex<Limit>,
    ended: Notify,
    traffic: Arc<Traffic>,
}

/// A call that is under way. Dropped without its end it says nothing about the platform.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    begun: Instant,
    end: End,
}

/// The platform wants to be left alone for so long, which is longer than the caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LeftAlone(pub(super) Duration);

impl Gate {
    pub(super) fn new(ceilings: Ceilings, traffic: Arc<Traffic>) -> Self {
        let limit = Limit::new(ceilings);
        traffic.may_at_once(limit.at_once());
        Self {
            limit: Mutex::new(limit),
            ended: Notify::new(),
            traffic,
        }
    }

    /// Waits for a call's turn. Dropping it gives the turn up.
    pub(super) async fn pass(&self, patience: Duration) -> Result<Pass<'_>, LeftAlone> {
        let came = Instant::now();
        loop {
            let mut ended = pin!(self.ended.notified());
            // Before looking, so that nothing that ends meanwhile is missed.
            ended.as_mut().enable();
            let now = Instant::now();
            let turn = {
                let mut limit = self.limit();
                if let Some(until) = limit.paused_until(now).filter(|until| *until - now > patience) {
                    return Err(LeftAlone(until - now));
                }
                let turn = limit.turn(now);
                if turn == Turn::Now {
                    limit.begin(now);
                }
                turn
            };
            match turn {
                Turn::Now => {
                    self.traffic.waited(now - came);
                    return Ok(Pass {
                        gate: self,
                        begun: now,
                        end: End::Untold,
                    });
                }
                Turn::At(at) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(at) => {}
                        () = ended => {}
                    }
                }
                Turn::AfterAnother => ended.await,
            }
        }
    }

    fn limit(&self) -> MutexGuard<'_, Limit> {
        // No decision ends half-way.
        self.limit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// How long the call is under way.
    pub(super) fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(super) fn end(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let at_once = {
            let mut limit = self.gate.limit();
            limit.end(self.begun, Instant::now(), &self.end);
            limit.at_once()
        };
        self.gate.traffic.may_at_once(at_once);
        self.gate.ended.notify_waiters();
    }
}
