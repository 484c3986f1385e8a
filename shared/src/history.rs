//! What became of an item over time: every change of the hub's own content, with who made it.

use crate::{content::Change, ids::JobId, item::Author, time::Time};
use serde::{Deserialize, Serialize};

/// Who changes something, when, and in which job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub at: Time,
    pub by: Author,
    /// `None`: no job, but a person.
    pub job: Option<JobId>,
}

/// What one cause changed in an item at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub cause: Cause,
    /// In the order of paths; of the hub's own values.
    pub changes: Vec<Change>,
}
