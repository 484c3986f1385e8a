//! What people change in the hub itself.

use super::world::World;
use daemon::edit::{self, EditError};
use serde_json::{Value, json};
use shared::{
    content::{Content, Field, Path},
    ids::{ItemId, Key},
    money::Decimal,
    product::DEFAULT_LOCATION,
};

impl World {
    /// A person changes a product in the hub.
    pub(super) fn edit_hub(&mut self) {
        let Ok(contents) = self.contents() else { return };
        if contents.is_empty() {
            return;
        }
        let at = self.chance.index(contents.len());
        let (item, content) = contents.into_iter().nth(at).expect("it is one of them");
        let variants: Vec<Key> = content.variants().collect();
        let variant = self.chance.pick(&variants);
        let (nth, what) = (self.chance.below(1000), self.chance.below(6));
        let price = Decimal::new(self.chance.between(100, 20_000), 2).plain();
        let patch = match what {
            0 => json!({ "title": format!("Hub title {nth}") }),
            1 => json!({ "description": format!("Hub words {nth} & more") }),
            2 => json!({ "tags": [format!("hub tag {nth}"), "b & w"] }),
            3 => json!({ "brand": format!("Hub brand {nth}") }),
            4 => json!({ "variants": [{ "id": variant.to_string(), "price": { "amount": price } }] }),
            _ => return self.count_in_hub(item, &content, variant),
        };
        let done = self.patch(item, &patch);
        self.tell(|| format!("item {item} is edited: {patch} {done:?}"));
    }

    /// A person says how many there are.
    fn count_in_hub(&mut self, item: ItemId, content: &Content, variant: Key) {
        let path = Path::stock(variant, DEFAULT_LOCATION);
        let before = content.number(&path).unwrap_or_default();
        let after = self.chance.between(0, 30);
        let sku = content.text(&Path::variant_field(variant, Field::Sku));
        let patch = json!({ "variants": [
            { "id": variant.to_string(), "stock": { DEFAULT_LOCATION: after.to_string() } }
        ] });
        let done = self.patch(item, &patch);
        self.tell(|| format!("item {item}: {sku} is counted, {before} are {after}: {done:?}"));
        match done {
            Ok(()) => self
                .ledger
                .move_by(sku, Decimal(Decimal::from(after).0 - before.0)),
            // The power failed, and nobody knows before or after what.
            Err(_) => self.ledger.strike(sku),
        }
    }

    fn patch(&self, item: ItemId, patch: &Value) -> Result<(), EditError> {
        let hub = &self.life().hub;
        let places = hub.places.borrow().clone();
        let (base, now) = (self.config.hub.base, self.clock.now());
        let done = edit::patch(&hub.store, &hub.changed, &places, base, item, patch, now);
        if let Err(error @ (EditError::Missing(_) | EditError::Unfit(_))) = &done {
            panic!("a person cannot edit item {item}: {error}");
        }
        done
    }
}
