//! Staged records as earlier versions stored them.

use crate::store::{StagedRecord, marks};
use serde::{Deserialize, Serialize};
use shared::product::Record;

/// Before what it could be matched by was kept with it.
#[derive(Debug, Serialize, Deserialize)]
pub struct StagedRecordV1 {
    digest: u64,
    record: Record,
}

impl From<StagedRecordV1> for StagedRecord {
    fn from(StagedRecordV1 { digest, record }: StagedRecordV1) -> Self {
        Self {
            keys: marks(&record),
            digest,
            record,
        }
    }
}
