//! A job as it is kept and shown.

use crate::{
    ids::{ConnectionId, JobId},
    time::Time,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: JobId,
    pub connection: ConnectionId,
    pub kind: JobKind,
    /// Of maintenance: what it does.
    pub task: Option<Task>,
    pub trigger: Trigger,
    /// `None` until it runs.
    pub phase: Option<Phase>,
    pub status: JobStatus,
    pub outcome: Outcome,
    /// Of maintenance: what was found.
    pub report: Vec<Finding>,
    pub progress: Progress,
    pub queued_at: Time,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// Why it failed or halted, in a sentence for a shop owner.
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JobKind {
    Fetch,
    Send,
    /// Fetch, then send.
    Sync,
    Maintenance,
}

/// What a maintenance job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Task {
    /// Looks at every record, index and picture, puts right what can be worked out, and reports the rest.
    Integrity,
    /// Works out again everything that is derived from records.
    Reindex,
    /// Drops pictures that nothing shows, and fetches again those that are missing.
    Images,
}

impl Task {
    pub const ALL: [Self; 3] = [Self::Integrity, Self::Reindex, Self::Images];

    /// As it is written in an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integrity => "integrity",
            Self::Reindex => "reindex",
            Self::Images => "images",
        }
    }
}

/// Something that maintenance found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    pub found: Found,
    /// What it was; reads on from the count where that is not 1.
    pub message: String,
    pub count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Found {
    /// It is right now.
    Repaired,
    /// It needs a person; it is an issue, too, where it is about a record.
    Open,
}

/// What asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Trigger {
    Console,
    Api,
    Schedule,
    Webhook,
    /// The platform itself was seen to change, as when a CSV file is saved.
    Edit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Phase {
    Scan,
    Analysis,
    Propagation,
    Send,
}

/// Did it run? Whether the platform accepted everything is its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JobStatus {
    Queued,
    Running,
    /// A guard stopped it; it waits for a confirmation.
    Halted,
    Done,
    Failed,
    Cancelled,
}

/// What it did, counted in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outcome {
    pub scanned: u64,
    pub new: u64,
    pub changed: u64,
    pub vanished: u64,
    pub created: u64,
    pub updated: u64,
    pub failed: u64,
    pub issues: u64,
}

/// How far the running phase is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    pub done: u64,
    /// `None` where the platform does not tell.
    pub total: Option<u64>,
    /// Records a second, over the last seconds.
    pub per_second: u64,
}

/// Of a connection's jobs so many are kept, at most.
const KEPT: usize = 1000;
/// So many of a connection's jobs are kept however old they are.
const KEPT_ALWAYS: usize = 50;
/// Beyond those, jobs are kept for 90 days.
const KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 3600);

/// The jobs that need not be kept any more, of all connections; `jobs` are told the newest first. One that is not over
/// is always kept.
pub fn outdated<'j>(jobs: impl Iterator<Item = &'j Job>, now: Time) -> Vec<JobId> {
    let mut newer: BTreeMap<&ConnectionId, usize> = BTreeMap::new();
    let mut outdated = Vec::new();
    for job in jobs {
        let newer = newer.entry(&job.connection).or_default();
        *newer += 1;
        let is_old = now.since(job.finished_at.unwrap_or(job.queued_at)) > KEPT_FOR;
        let is_outdated = *newer > KEPT || (*newer > KEPT_ALWAYS && is_old);
        if job.status.is_over() && is_outdated {
            outdated.push(job.id);
        }
    }
    outdated
}

impl JobStatus {
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

impl JobKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Send => "send",
            Self::Sync => "sync",
            Self::Maintenance => "maintenance",
        }
    }
}

impl Trigger {
    pub fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Api => "api",
            Self::Schedule => "schedule",
            Self::Webhook => "webhook",
            Self::Edit => "edit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3600 * 1000;

    /// A connection's jobs, one a day, the newest first and of today.
    fn daily(connection: &str, count: u64) -> Vec<Job> {
        let job = |nth: u64| Job {
            id: JobId(count - nth),
            connection: ConnectionId::parse(connection).unwrap(),
            kind: JobKind::Fetch,
            task: None,
            trigger: Trigger::Schedule,
            phase: None,
            status: JobStatus::Done,
            outcome: Outcome::default(),
            report: Vec::new(),
            progress: Progress::default(),
            queued_at: Time(i64::try_from(count - nth).unwrap() * DAY),
            started_at: None,
            finished_at: None,
            error: None,
        };
        (0..count).map(job).collect()
    }

    #[test]
    fn old_jobs_go_but_the_newest_few_of_each_connection_and_those_that_are_not_over_stay() {
        let now = |count: i64| Time(count * DAY);
        let check = |jobs: &[Job], at: Time, kept: usize| {
            let gone = outdated(jobs.iter(), at);
            assert_eq!(jobs.len() - gone.len(), kept, "of {} at {at}", jobs.len());
            // The newest stay.
            assert!(
                jobs[..kept.min(KEPT_ALWAYS)]
                    .iter()
                    .all(|job| !gone.contains(&job.id))
            );
        };
        check(&daily("a", 40), now(4000), 40);
        check(&daily("a", 80), now(80), 80);
        check(&daily("a", 200), now(200), 91);
        check(&daily("a", 200), now(4000), 50);
        let mut open = daily("a", 200);
        open[199].status = JobStatus::Halted;
        check(&open, now(200), 92);
        let both = [daily("a", 60), daily("b", 45)].concat();
        check(&both, now(4000), 95);
        let mut busy = daily("a", 1200);
        for job in &mut busy {
            job.queued_at = now(1200);
        }
        check(&busy, now(1200), 1000);
    }
}
