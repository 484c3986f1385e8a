//! The tokens by which what we wrote is found again.

use crate::store::Number;
use shared::{ids::ItemId, time::Time};

/// A token of ours for an item at a connection: `c2s-NUMBER-ITEM-TIME-SERIAL`.
///
/// No two writes ever have the same: the store counts them, and the time tells them from those that a store wrote which
/// an older backup was put in the place of.
pub(super) fn new(number: Number, item: ItemId, now: Time, serial: u64) -> String {
    format!("c2s-{number}-{item}-{:x}-{serial:x}", now.0)
}

/// The item that a token of ours names.
pub(super) fn item(token: &str) -> Option<ItemId> {
    token.strip_prefix("c2s-")?.split('-').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_writes_of_a_moment_have_tokens_of_their_own() {
        let token = |serial| new(2, ItemId(7), Time(1_806_163_200_000), serial);
        assert_ne!(token(1), token(2));
        assert_eq!(item(&token(1)), Some(ItemId(7)));
    }
}
