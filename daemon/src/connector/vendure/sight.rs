//! What was seen of a shop that it does not tell of when it changes: stock that orders take, and orders that go on.
//!
//! It is kept in memory only. A connector that has just begun reads everything once, and knows it from then on.

use super::shapes::{StockLevel, Variant};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The stock of all variants, as it was last shown.
#[derive(Debug, Default)]
pub(super) struct Sight(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// Digests of stock by variants, of readings that came to their end. `None`: no reading did yet.
    known: Option<HashMap<String, u64>>,
    /// Of the reading that is under way.
    coming: HashMap<String, u64>,
    /// Products that this reading has shown.
    shown: HashSet<String>,
    ended: bool,
}

impl Sight {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reading begins. Whether the stock of everything is known, so that it may read only what changed.
    ///
    /// What the last reading saw counts from now on, if it came to its end: else it is shown again.
    pub(super) fn begin(&self) -> bool {
        let mut seen = self.seen();
        let coming = std::mem::take(&mut seen.coming);
        if std::mem::take(&mut seen.ended) {
            seen.known.get_or_insert_default().extend(coming);
        }
        seen.shown.clear();
        seen.known.is_some()
    }

    /// The reading came to its last page.
    pub(super) fn end(&self) {
        self.seen().ended = true;
    }

    /// Whether the stock of a variant differs from what was last seen of it.
    pub(super) fn is_news(&self, variant: &str, levels: &[StockLevel]) -> bool {
        let seen = self.seen();
        let known = seen.known.as_ref().and_then(|known| known.get(variant));
        known != Some(&digest(levels))
    }

    pub(super) fn was_shown(&self, product: &str) -> bool {
        self.seen().shown.contains(product)
    }

    /// A product is shown with its variants as they are now.
    pub(super) fn show(&self, product: &str, variants: &[Variant]) {
        let mut seen = self.seen();
        seen.shown.insert(product.to_owned());
        for variant in variants {
            seen.coming
                .insert(variant.id.clone(), digest(&variant.stock_levels));
        }
    }
}

/// Orders that were not in a final state when they were last shown: the shop does not tell when they are paid and shipped.
#[derive(Debug, Default)]
pub(super) struct OpenOrders(Mutex<SeenOrders>);

#[derive(Debug, Default)]
struct SeenOrders {
    /// Of readings that came to their end. `None`: no reading did yet.
    known: Option<BTreeSet<String>>,
    coming: HashMap<String, Open>,
    ended: bool,
}

/// Whether an order may still go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    Yes,
    No,
}

impl OpenOrders {
    fn seen(&self) -> MutexGuard<'_, SeenOrders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reading begins; what the last one saw counts from now on, if it came to its end. Whether it is known which orders
    /// were open.
    pub(super) fn begin(&self) -> Option<BTreeSet<String>> {
        let mut seen = self.seen();
        let coming = std::mem::take(&mut seen.coming);
        if std::mem::take(&mut seen.ended) {
            let known = seen.known.get_or_insert_default();
            for (order, open) in coming {
                match open {
                    Open::Yes => known.insert(order),
                    Open::No => known.remove(&order),
                };
            }
        }
        seen.known.clone()
    }

    /// The orders that were open.
    pub(super) fn known(&self) -> BTreeSet<String> {
        self.seen().known.clone().unwrap_or_default()
    }

    pub(super) fn show(&self, order: &str, open: Open) {
        self.seen().coming.insert(order.to_owned(), open);
    }

    /// The reading came to its last page.
    pub(super) fn end(&self) {
        self.seen().ended = true;
    }
}

fn digest(levels: &[StockLevel]) -> u64 {
    let mut of: Vec<(&str, i64)> = levels
        .iter()
        .map(|level| (level.location.as_str(), level.available()))
        .collect();
    of.sort_unstable();
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(available: i64) -> [StockLevel; 1] {
        [StockLevel {
            location: "1".to_owned(),
            on_hand: available + 2,
            allocated: 2,
        }]
    }

    fn see(sight: &Sight, available: i64) {
        sight
            .seen()
            .coming
            .insert("7".to_owned(), digest(&level(available)));
    }

    #[test]
    fn an_order_is_open_until_a_reading_that_ended_has_shown_it_in_a_final_state() {
        let open = OpenOrders::default();
        assert_eq!(open.begin(), None);
        open.show("1", Open::Yes);
        open.show("2", Open::No);
        open.end();
        let one = BTreeSet::from(["1".to_owned()]);
        assert_eq!(open.begin(), Some(one.clone()));
        open.show("1", Open::No);
        assert_eq!(open.begin(), Some(one), "the reading broke off");
        open.show("1", Open::No);
        open.end();
        assert_eq!(open.begin(), Some(BTreeSet::new()));
    }

    #[test]
    fn stock_is_known_once_a_reading_of_it_has_ended() {
        let sight = Sight::default();
        assert!(!sight.begin());
        see(&sight, 5);
        assert!(!sight.begin(), "the first reading broke off");
        see(&sight, 5);
        sight.end();
        assert!(sight.is_news("7", &level(5)), "until the next begins");
        assert!(sight.begin());
        assert!(!sight.is_news("7", &level(5)));
        assert!(sight.is_news("7", &level(4)), "sold");
        assert!(sight.is_news("8", &level(5)), "a variant that came");
        see(&sight, 4);
        assert!(
            sight.begin(),
            "the second broke off, and what it saw is shown again"
        );
        assert!(sight.is_news("7", &level(4)));
    }
}
