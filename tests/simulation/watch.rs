//! What everybody counts of one SKU, for whoever looks for what broke a law.

use super::world::{Telling, World};
use shared::{
    content::{Content, Field, Leaf, Part, Path, Value},
    ids::Key,
};

impl World {
    pub(super) fn tell_of_sku(&self) {
        let Telling::AsItHappens { sku: Some(sku) } = &self.telling else {
            return;
        };
        let Ok(contents) = self.contents() else { return };
        for (item, content) in contents {
            let has_it = |key: &Key| {
                content
                    .text(&Path::variant_field(*key, Field::Sku))
                    .eq_ignore_ascii_case(sku)
            };
            let Some(variant) = content.variants().find(has_it) else {
                continue;
            };
            self.tell(|| format!("  item {item}: {}", quantities(&content, variant)));
            let hub = &self.life().hub;
            let Ok(reader) = hub.store.read() else { return };
            for place in &hub.places.borrow().all {
                let here = reader
                    .equivalence(item, place.number)
                    .ok()
                    .flatten()
                    .unwrap_or_default();
                let id = &place.policy.connection;
                let record = self.shop(id).product_with_sku(sku).expect("a shop");
                let variants = record.into_iter().flat_map(|record| record.product.variants);
                let counted: Vec<_> = variants
                    .filter(|variant| variant.sku.eq_ignore_ascii_case(sku))
                    .map(|variant| variant.stock)
                    .collect();
                let known = quantities(&here.acknowledged, variant);
                let sending = here.sending.map(|sending| sending.token);
                self.tell(|| {
                    format!(
                        "    {id} has {counted:?}, known as {known}; sending {sending:?}; {:?}",
                        here.presence
                    )
                });
            }
        }
    }
}

/// The stock of a variant at each location.
fn quantities(content: &Content, variant: Key) -> String {
    let stock = content
        .part(Part::Variant(variant))
        .filter_map(|(leaf, value)| match (leaf, value) {
            (Leaf::Stock(location), Value::Number(quantity)) => Some(format!("{quantity} at {location}")),
            _ => None,
        });
    stock.collect::<Vec<_>>().join(", ")
}
