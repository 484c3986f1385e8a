//! What became of an item over time: every change of the hub's own content, with who made it.

use crate::{
    content::Change,
    ids::{ConnectionId, JobId},
    item::Author,
    time::Time,
};
use serde::{Deserialize, Serialize};

/// Who changes something, when, and in which job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub at: Time,
    pub by: Author,
    /// `None`: no job, but a person.
    pub job: Option<JobId>,
}

/// What was done to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Its own values changed.
    Changed,
    /// It was decided what is to be written to a connection.
    Decided(Decided, ConnectionId),
}

/// What a person decided about changes that were to be written to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Decided {
    Approved,
    Rejected,
    /// What was decided before was taken back.
    Reconsidered,
    /// A send is undone: what it wrote is put back.
    PutBack,
}

/// What one cause did to an item at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub cause: Cause,
    pub deed: Deed,
    /// In the order of paths; of the hub's own values, or of what a decision was about.
    pub changes: Vec<Change>,
}
