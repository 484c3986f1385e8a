//! What was sold and what came in, by SKU: an own book beside the hub's.

use super::world::World;
use shared::{
    content::{Field, Leaf, Part, Path, Value},
    ids::{ConnectionId, ItemId},
    money::Decimal,
    time::Time,
};
use std::collections::BTreeMap;

/// What the hub is to count of each SKU.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    counts: BTreeMap<String, Decimal>,
    bookings: Vec<Booking>,
}

/// Where and when something was sold or came in.
#[derive(Clone, Debug)]
struct Booking {
    sku: String,
    at: ConnectionId,
    when: Time,
}

impl Ledger {
    /// Begins with what the hub counts now.
    pub(super) fn open(world: &World) -> Self {
        let counts = counted(world)
            .into_iter()
            .map(|(sku, (_, quantity))| (sku, quantity));
        Self {
            counts: counts.collect(),
            bookings: Vec::new(),
        }
    }

    /// So many came in, or were sold.
    pub(super) fn book(&mut self, at: &ConnectionId, sku: &str, movement: i64, when: Time) {
        if let Some(quantity) = self.counts.get_mut(&key(sku)) {
            quantity.0 += Decimal::from(movement).0;
            let (sku, at) = (key(sku), at.clone());
            self.bookings.push(Booking { sku, at, when });
        }
    }

    /// Nobody learned what became of a write that was begun at `since`: what was sold there meanwhile and what was
    /// written cannot be told apart, by anybody.
    pub(super) fn doubt(&mut self, at: &ConnectionId, sku: &str, since: Time) {
        let sku = key(sku);
        let meanwhile = |booking: &Booking| booking.sku == sku && booking.at == *at && booking.when >= since;
        if self.bookings.iter().any(meanwhile) {
            self.strike(&sku);
        }
    }

    /// What is counted of this SKU cannot be foretold any more.
    pub(super) fn strike(&mut self, sku: &str) {
        self.counts.remove(&key(sku));
    }

    /// Where the hub counts otherwise.
    pub(super) fn errors(&self, world: &World) -> Vec<String> {
        let counted = counted(world);
        let wrong = self.counts.iter().filter_map(|(sku, wanted)| {
            let (item, found) = counted.get(sku)?;
            (found != wanted)
                .then(|| format!("stock: the hub counts {found} of {sku} (item {item}) instead of {wanted}"))
        });
        wrong.collect()
    }
}

/// The hub's stock of each SKU, over all locations.
fn counted(world: &World) -> BTreeMap<String, (ItemId, Decimal)> {
    let mut counted = BTreeMap::new();
    for (item, content) in world.contents() {
        for variant in content.variants() {
            let sku = key(content.text(&Path::variant_field(variant, Field::Sku)));
            let quantities =
                content
                    .part(Part::Variant(variant))
                    .filter_map(|(leaf, value)| match (leaf, value) {
                        (Leaf::Stock(_), Value::Number(quantity)) => Some(quantity.0),
                        _ => None,
                    });
            counted.insert(sku, (item, Decimal(quantities.sum())));
        }
    }
    counted
}

fn key(sku: &str) -> String {
    sku.trim().to_lowercase()
}
