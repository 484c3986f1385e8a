//! What was sold and what came in, by SKU: an own book beside the hub's.

use super::world::World;
use shared::{
    content::{Field, Leaf, Part, Path, Value},
    ids::ItemId,
    money::Decimal,
};
use std::collections::BTreeMap;

/// What the hub is to count of each SKU.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(BTreeMap<String, Decimal>);

impl Ledger {
    /// Begins with what the hub counts now. Where a connection's word counts for stock, movements elsewhere do not.
    pub(super) fn open(world: &World) -> Self {
        if world.config.hub.authority.contains_key(&Field::Stock) {
            return Self::default();
        }
        let counts = counted(world)
            .into_iter()
            .map(|(sku, (_, quantity))| (sku, quantity));
        Self(counts.collect())
    }

    /// So many came in, or were sold.
    pub(super) fn book(&mut self, sku: &str, movement: i64) {
        if let Some(quantity) = self.0.get_mut(&key(sku)) {
            quantity.0 += Decimal::from(movement).0;
        }
    }

    /// What is counted of this SKU cannot be foretold any more.
    pub(super) fn strike(&mut self, sku: &str) {
        self.0.remove(&key(sku));
    }

    /// Where the hub counts otherwise.
    pub(super) fn errors(&self, world: &World) -> Vec<String> {
        let counted = counted(world);
        let wrong = self.0.iter().filter_map(|(sku, wanted)| {
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
    for (item, content) in world.contents().expect("the disk is well") {
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
