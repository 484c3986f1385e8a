//! The sets that limits of the settings draw, drawn anew when a limit is another.

use super::Writer;
use crate::store::{Durability, Store, StoreError, codec::decode, index};
use redb::ReadableTable;
use shared::{
    ids::ItemId,
    item::Item,
    policy::SetLimits,
    sync::terms::{limited, terms},
};
use xxhash_rust::xxh3::xxh3_64;

/// Products that one step looks at.
const LOOKED_AT: usize = 20_000;
/// The limits that the sets were last drawn with.
const LIMITS: &str = "limits";

impl Store {
    /// Whether the sets are drawn with these limits. Those of a store that holds nothing yet are.
    pub fn is_limited_by(&self, limits: &SetLimits) -> Result<bool, StoreError> {
        self.write(Durability::Soon, |writer| {
            let drawn = writer.meta.get(LIMITS)?.map(|drawn| drawn.value());
            if drawn == Some(mark(limits)) {
                return Ok(true);
            }
            let is_empty = writer.last_product()?.is_none();
            if is_empty {
                writer.meta.insert(LIMITS, mark(limits))?;
            }
            Ok(is_empty)
        })
    }
}

impl Writer<'_> {
    /// Puts the products after `after`, some of them, into the sets that these limits draw, or out of them. Answers the
    /// last it looked at; `None` when there are no more, and the sets are drawn.
    pub fn limit(&mut self, limits: &SetLimits, after: ItemId) -> Result<Option<ItemId>, StoreError> {
        let sets = limited();
        let mut last = None;
        for entry in self.products.range(after.0 + 1..)?.take(LOOKED_AT) {
            let (id, item) = entry?;
            last = Some(ItemId(id.value()));
            // One that cannot be read is in no set.
            let terms = decode::<Item>(item.value()).map(|item| terms(&item, limits));
            let terms = terms.unwrap_or_default();
            for set in &sets {
                index::put(
                    &mut self.changes,
                    &set.to_string(),
                    terms.contains(set),
                    id.value(),
                );
            }
        }
        if last.is_none() {
            self.meta.insert(LIMITS, mark(limits))?;
        }
        Ok(last)
    }
}

/// Tells limits apart.
fn mark(limits: &SetLimits) -> u64 {
    let SetLimits { low_stock, low_price } = limits;
    xxh3_64(format!("{} {}", low_stock.plain(), low_price.plain()).as_bytes())
}
