//! Working out again what is pending at a connection when its settings changed.

use crate::store::{Durability, Number, Place, Places, Store, StoreError};
use shared::{
    ids::{ConnectionId, ItemId},
    time::Time,
};
use std::hash::Hasher;

/// Items whose pending changes are worked out in one transaction.
const REINDEXED: usize = 2000;

/// Makes the index of what is pending at a connection anew, and remembers the settings it was made with.
pub(super) fn reindex(
    store: &Store,
    id: &ConnectionId,
    number: Number,
    places: &Places,
    digest: u64,
    now: Time,
) -> Result<(), StoreError> {
    let mut after = Some(ItemId(0));
    while let Some(from) = after {
        after = store.write(Durability::Soon, |writer| {
            writer.reindex_place(number, places, from, REINDEXED, now)
        })?;
    }
    store.write(Durability::Now, |writer| {
        writer.update_connection(id, |state| state.indexed_policy = digest)
    })
}

/// Tells settings apart that make other changes pending.
pub(super) fn policy_digest(place: &Place) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    hasher.write(format!("{:?}", (&place.policy, place.fields)).as_bytes());
    // 0 stands for an index that was never made.
    hasher.finish().max(1)
}
