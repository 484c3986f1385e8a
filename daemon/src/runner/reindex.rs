//! Working out again what is pending at a connection when its settings changed.

use crate::store::{Durability, Number, Place, Places, Store, StoreError};
use shared::{
    ids::{ConnectionId, ItemId},
    policy::CloneWhich,
    time::Time,
};
use std::hash::Hasher;

/// Orders whose pending changes are worked out in one transaction.
const REINDEXED: usize = 2000;
/// The version of what is derived; another makes every index anew.
const INDEX: u32 = 3;

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
        after = store.reindex_products(number, places, from, now)?;
    }
    let mut after = Some(ItemId(0));
    while let Some(from) = after {
        after = store.write(Durability::Soon, |writer| {
            writer.reindex_orders(places, from, REINDEXED, now)
        })?;
    }
    store.write(Durability::Now, |writer| {
        writer.update_connection(id, |state| state.indexed_policy = digest)
    })
}

/// Tells settings apart that make other changes pending.
pub(super) fn policy_digest(places: &Places, place: &Place) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    hasher.write(format!("{INDEX} {:?}", (&place.policy, place.fields, &place.orders)).as_bytes());
    if let CloneWhich::In(_) = place.policy.products.clone {
        // Sets mean other products where other limits and platforms are set.
        let named = |place: &Place| (place.policy.connection.clone(), place.policy.platform.clone());
        let named: Vec<_> = places.all.iter().map(named).collect();
        hasher.write(format!("{:?}", (&places.limits, named)).as_bytes());
    }
    // 0 stands for an index that was never made.
    hasher.finish().max(1)
}
