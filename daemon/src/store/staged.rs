//! A record between its scan and its propagation, with the marks of what it could be matched by.

use serde::{Deserialize, Serialize};
use shared::{
    policy::MatchBy,
    product::Record,
    sync::matching::{MatchKey, match_key},
};
use xxhash_rust::xxh3::xxh3_64;

/// A record that waits for propagation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedRecord {
    /// The marks of everything that it could be matched by. First, so that they can be read without the rest.
    pub keys: Vec<u64>,
    /// Of the record as the platform told it; hashes of pictures that we found ourselves are no part of that.
    pub digest: u64,
    pub record: Record,
}

/// The marks of everything that a record could be matched by, whatever the policy says, each once.
pub fn marks(record: &Record) -> Vec<u64> {
    let keys = record.product.variants.iter().flat_map(|variant| {
        [MatchBy::Sku, MatchBy::Barcode]
            .into_iter()
            .filter_map(|by| match_key(by, variant))
    });
    let mut marks: Vec<u64> = keys.map(|key| mark(&key)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// A match key in 8 bytes. Were two alike, which happens once in millions of shops, a person would be asked.
pub fn mark(key: &MatchKey) -> u64 {
    xxh3_64(key.to_string().as_bytes())
}
