//! Jobs as earlier versions stored them.

use serde::{Deserialize, Serialize};
use shared::{
    ids::{ConnectionId, JobId},
    job::{Job, JobKind, JobStatus, Outcome, Phase, Progress, Trigger},
    time::Time,
};

/// Before maintenance had tasks and reports.
#[derive(Debug, Serialize, Deserialize)]
pub struct JobV1 {
    id: JobId,
    connection: ConnectionId,
    kind: JobKind,
    trigger: Trigger,
    phase: Option<Phase>,
    status: JobStatus,
    outcome: Outcome,
    progress: Progress,
    queued_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
    error: Option<String>,
}

impl From<JobV1> for Job {
    fn from(job: JobV1) -> Self {
        let JobV1 {
            id,
            connection,
            kind,
            trigger,
            phase,
            status,
            outcome,
            progress,
            queued_at,
            started_at,
            finished_at,
            error,
        } = job;
        Self {
            id,
            connection,
            kind,
            task: None,
            trigger,
            phase,
            status,
            outcome,
            report: Vec::new(),
            progress,
            queued_at,
            started_at,
            finished_at,
            error,
        }
    }
}
