//! What jobs did since the daemon started, added up from what is told of them.

use shared::{
    api::Event,
    ids::{ConnectionId, JobId},
    job::{Job, JobStatus, Outcome},
};
use std::collections::BTreeMap;

/// Sums that only grow.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// How many jobs came to an end, by connection, kind and status.
    pub jobs: BTreeMap<(ConnectionId, &'static str, &'static str), u64>,
    pub records: BTreeMap<ConnectionId, Records>,
    /// What running jobs had done when they were last heard of.
    running: BTreeMap<JobId, Outcome>,
}

/// Records, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    pub scanned: u64,
    pub new: u64,
    pub changed: u64,
    pub vanished: u64,
    pub created: u64,
    pub updated: u64,
    pub failed: u64,
}

impl Figures {
    /// Takes in an event. A job that was under way before counts from where it goes on.
    pub fn count(&mut self, event: &Event) {
        match event {
            Event::Job { job } => self.count_job(job),
            Event::Gone { id } => {
                self.records.remove(id);
                self.jobs.retain(|(connection, _, _), _| connection != id);
            }
            Event::Connection { .. }
            | Event::Product { .. }
            | Event::Order { .. }
            | Event::Issue { .. }
            | Event::Config { .. } => {}
        }
    }

    fn count_job(&mut self, job: &Job) {
        let before = self.running.remove(&job.id);
        if let Some(before) = &before {
            self.records
                .entry(job.connection.clone())
                .or_default()
                .add(before, &job.outcome);
        }
        let status = match job.status {
            // A job that waits has done nothing since it was last heard of, even where it goes on later.
            JobStatus::Queued => return,
            JobStatus::Running => {
                self.running.insert(job.id, job.outcome);
                return;
            }
            JobStatus::Halted => "halted",
            JobStatus::Done => "done",
            JobStatus::Failed => "failed",
            JobStatus::Cancelled => "cancelled",
        };
        let ended = (job.connection.clone(), job.kind.name(), status);
        *self.jobs.entry(ended).or_default() += 1;
    }
}

impl Records {
    /// A count that went down, as when a scan begins anew, is no work undone.
    fn add(&mut self, before: &Outcome, after: &Outcome) {
        let Self {
            scanned,
            new,
            changed,
            vanished,
            created,
            updated,
            failed,
        } = self;
        *scanned += after.scanned.saturating_sub(before.scanned);
        *new += after.new.saturating_sub(before.new);
        *changed += after.changed.saturating_sub(before.changed);
        *vanished += after.vanished.saturating_sub(before.vanished);
        *created += after.created.saturating_sub(before.created);
        *updated += after.updated.saturating_sub(before.updated);
        *failed += after.failed.saturating_sub(before.failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{
        job::{JobKind, Progress, Trigger},
        time::Time,
    };

    #[test]
    fn what_is_told_again_and_again_is_counted_once() {
        let shop = ConnectionId::parse("shop").unwrap();
        let mut figures = Figures::default();
        let mut hear = |status, scanned| {
            let job = Job {
                id: JobId(1),
                connection: shop.clone(),
                kind: JobKind::Fetch,
                task: None,
                trigger: Trigger::Api,
                phase: None,
                status,
                outcome: Outcome {
                    scanned,
                    ..Outcome::default()
                },
                report: Vec::new(),
                progress: Progress::default(),
                queued_at: Time(0),
                started_at: None,
                finished_at: None,
                error: None,
            };
            figures.count(&Event::Job { job: Box::new(job) });
            (
                figures.records.get(&shop).map_or(0, |records| records.scanned),
                figures.jobs.values().sum::<u64>(),
            )
        };
        // It was under way when the daemon last ended: 40 were read by another process.
        assert_eq!(hear(JobStatus::Queued, 40), (0, 0));
        assert_eq!(hear(JobStatus::Running, 40), (0, 0));
        assert_eq!(hear(JobStatus::Running, 50), (10, 0));
        assert_eq!(hear(JobStatus::Running, 50), (10, 0));
        // Paused, and on again.
        assert_eq!(hear(JobStatus::Queued, 60), (20, 0));
        assert_eq!(hear(JobStatus::Running, 60), (20, 0));
        // The scan begins anew.
        assert_eq!(hear(JobStatus::Running, 5), (20, 0));
        assert_eq!(hear(JobStatus::Done, 15), (30, 1));
    }
}
