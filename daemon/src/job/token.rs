//! The tokens by which what we wrote is found again.

use crate::store::Number;
use shared::{ids::ItemId, time::Time};

/// A token of ours for an item at a connection: `c2s-NUMBER-ITEM-TIME`.
pub(super) fn new(number: Number, item: ItemId, now: Time) -> String {
    format!("c2s-{number}-{item}-{:x}", now.0)
}

/// The item that a token of ours names.
pub(super) fn item(token: &str) -> Option<ItemId> {
    token.strip_prefix("c2s-")?.split('-').nth(1)?.parse().ok()
}
