//! Entries of the history as earlier versions stored them.

use serde::{Deserialize, Serialize};
use shared::{
    content::Change,
    history::{Cause, Deed, Entry},
};

/// Before the history held decisions, too.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntryV1 {
    cause: Cause,
    changes: Vec<Change>,
}

impl From<EntryV1> for Entry {
    fn from(EntryV1 { cause, changes }: EntryV1) -> Self {
        Self {
            cause,
            deed: Deed::Changed,
            changes,
        }
    }
}
