//! A job as it is kept and shown.

use crate::{
    ids::{ConnectionId, JobId},
    time::Time,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: JobId,
    pub connection: ConnectionId,
    pub kind: JobKind,
    pub trigger: Trigger,
    /// `None` until it runs.
    pub phase: Option<Phase>,
    pub status: JobStatus,
    pub outcome: Outcome,
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
