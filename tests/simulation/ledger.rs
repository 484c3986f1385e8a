//! What was sold and what came in, by SKU: an own book beside the hub's.

use super::world::{World, items};
use daemon::store::{StoreError, bought};
use shared::{
    content::{Content, Field, Leaf, Part, Path, Value},
    ids::{ConnectionId, ItemId, Key, Kind},
    item::Equivalence,
    money::Decimal,
    product::{Product, Variant},
};
use std::collections::{BTreeMap, BTreeSet};

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
        self.move_by(sku, Decimal::from(movement));
    }

    pub(super) fn move_by(&mut self, sku: &str, movement: Decimal) {
        if let Some(quantity) = self.0.get_mut(&key(sku)) {
            quantity.0 += movement.0;
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

impl World {
    /// Now and then, in the midst of it all: what the hub counts and what moved in the shops since it read them is what
    /// there is. Of what is being written nobody knows.
    pub(super) fn audit(&mut self) {
        if !self.chance.percent(8) || self.life().disk().is_dark() || self.miscount.is_some() {
            return;
        }
        let Ok(counts) = self.counts() else { return };
        let wrong = counts.into_iter().find_map(|(sku, (item, counted))| {
            let wanted = *self.ledger.0.get(&sku)?;
            (counted != wanted).then(|| {
                let now = self.clock.now();
                format!("stock: at {now} {counted} of {sku} (item {item}) are counted instead of {wanted}")
            })
        });
        if let Some(wrong) = wrong {
            self.tell(|| wrong.clone());
            self.miscount = Some(wrong);
        }
    }

    /// What there is of each SKU by what the hub counts and what the shops did since, where that can be told.
    fn counts(&self) -> Result<BTreeMap<String, (ItemId, Decimal)>, StoreError> {
        let hub = &self.life().hub;
        let reader = hub.store.read()?;
        let places = hub.places.borrow().clone();
        let (mut products, mut unclear) = (Vec::new(), BTreeSet::new());
        for (kind, item) in items(&reader)? {
            match kind {
                Kind::Products => products.push(item),
                Kind::Orders => {
                    let equivalences = reader.order_equivalences(item.id)?;
                    if equivalences.iter().any(|(_, here)| here.sending.is_some()) {
                        unclear.extend(bought(&item));
                    }
                }
            }
        }
        let mut counts = BTreeMap::new();
        for item in products {
            let equivalences = reader.equivalences(item.id)?;
            if equivalences.iter().any(|(_, here)| here.sending.is_some()) {
                continue;
            }
            for variant in item.content.variants() {
                if unclear.contains(&(item.id, variant)) {
                    continue;
                }
                let mut counted = Some(stock(&item.content, variant).unwrap_or_default());
                for place in &places.all {
                    let here = equivalences
                        .iter()
                        .find(|(at, here)| *at == place.number && here.is_live());
                    let Some((_, here)) = here else { continue };
                    let shown = self.shown(&place.policy.connection, here, variant);
                    let moved = shown
                        .zip(stock(&here.acknowledged, variant))
                        .map(|(shown, known)| shown.0 - known.0);
                    counted = counted
                        .zip(moved)
                        .map(|(counted, moved)| Decimal(counted.0 + moved));
                }
                if let Some(counted) = counted {
                    let sku = key(item.content.text(&Path::variant_field(variant, Field::Sku)));
                    counts.insert(sku, (item.id, counted));
                }
            }
        }
        Ok(counts)
    }

    /// What a shop has of a variant.
    fn shown(&self, id: &ConnectionId, here: &Equivalence, variant: Key) -> Option<Decimal> {
        let record = self.shop(id).product(&here.remote_id()?.0).expect("a shop")?;
        let Product { variants, .. } = record.product;
        let simple = variants.len() == 1;
        let is_it = |known: &&Variant| simple || known.remote_id.as_ref() == here.child(variant);
        let quantities = variants.iter().find(is_it)?.stock.values();
        Some(Decimal(quantities.map(|quantity| quantity.0).sum()))
    }

    /// Buyers take all that a shop has of something. When that was told, nobody can buy it anywhere.
    pub(super) fn sell_out(&mut self) {
        let skus: Vec<String> = self.ledger.0.keys().cloned().collect();
        if skus.is_empty() || self.restless.is_some() || !self.chance.percent(40) {
            return;
        }
        let (sku, id) = (self.chance.pick(&skus), self.any_id());
        let Some(record) = self.shop(&id).product_with_sku(&sku).expect("a shop") else {
            return;
        };
        let Some(bought) = record
            .product
            .variants
            .iter()
            .find(|variant| key(&variant.sku) == sku)
        else {
            return;
        };
        let left = bought.stock.values().next().copied().unwrap_or_default();
        let Ok(left) = left.plain().parse::<u32>() else {
            return;
        };
        if left == 0 || !self.knows(&id, &record.remote_id) {
            return;
        }
        self.tell(|| format!("{id}: all {left} of {sku} are sold"));
        let (at, variant) = (self.clock.now(), bought.remote_id.as_ref());
        let sold = self.shop(&id).sell(&record.remote_id.0, variant, left, at);
        self.placed(&id).insert(sold.expect("a shop sells what it shows"));
        self.ledger.book(&sku, -i64::from(left));
        self.settle();
    }
}

/// The hub's stock of each SKU, over all locations.
fn counted(world: &World) -> BTreeMap<String, (ItemId, Decimal)> {
    let mut counted = BTreeMap::new();
    for (item, content) in world.contents().expect("the disk is well") {
        for variant in content.variants() {
            let sku = key(content.text(&Path::variant_field(variant, Field::Sku)));
            counted.insert(sku, (item, stock(&content, variant).unwrap_or_default()));
        }
    }
    counted
}

/// The stock of a variant, over all locations. `None`: it is not counted.
fn stock(content: &Content, variant: Key) -> Option<Decimal> {
    let quantities = content
        .part(Part::Variant(variant))
        .filter_map(|(leaf, value)| match (leaf, value) {
            (Leaf::Stock(_), Value::Number(quantity)) => Some(quantity.0),
            _ => None,
        });
    quantities.reduce(|sum, quantity| sum + quantity).map(Decimal)
}

fn key(sku: &str) -> String {
    sku.trim().to_lowercase()
}
