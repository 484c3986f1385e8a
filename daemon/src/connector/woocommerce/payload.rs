//! What is sent of a product and its variations. The shop checks nothing that comes in a batch, so that is done here.

use super::{
    TOKEN,
    attribute::Attributes,
    picture::Pictures,
    price::Prices,
    product::{Found, Words, status_word},
    shapes::{Managed, Product, Sold, Variation},
    term::{Resolved, named},
    text::escape,
    variation::counted,
};
use crate::connector::{Class, ConnectorError};
use serde_json::{Map, Value, json};
use shared::{
    ids::RemoteId,
    money::Decimal,
    product::{self, DEFAULT_LOCATION, Patch, StockWrite, Variant, VariantPatch},
};
use std::collections::BTreeMap;

/// The calls that one product takes: itself first, then its variations.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub product: Map<String, Value>,
    /// Changes of variations that are there.
    pub variations: Vec<VariationPlan>,
    pub new: Vec<VariationPlan>,
    /// Where the address of each picture is in what the product is sent.
    pub pictures: Vec<String>,
    /// What cannot be written; the rest is.
    pub faults: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct VariationPlan {
    pub fields: Map<String, Value>,
    /// The address of a picture that gets its id with the product.
    pub picture: Option<String>,
}

/// What is known before anything is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub words: &'a Words,
    pub resolved: &'a Resolved,
    pub pictures: &'a Pictures,
}

type Fields = Map<String, Value>;

/// A new product.
pub(super) fn create(
    token: &str,
    record: &product::Product,
    known: Known<'_>,
) -> Result<Plan, ConnectorError> {
    let product::Product {
        title,
        description,
        brand,
        model,
        mpn,
        categories,
        tags,
        status,
        attributes,
        images,
        variants,
    } = record;
    let mut plan = Plan::default();
    if title.trim().is_empty() {
        // The shop would call it “Product”.
        plan.faults.push("it has no title".to_owned());
    }
    let mut list = Attributes::new(&[], &known.resolved.attributes);
    let (kind, simple) = match variants.as_slice() {
        [only] if only.options.is_empty() => ("simple", Some(only)),
        _ => ("variable", None),
    };
    plan.put("type", kind);
    let patch = Patch {
        title: Some(title.clone()),
        description: filled(description),
        brand: filled(brand),
        model: filled(model),
        mpn: filled(mpn),
        categories: (!categories.is_empty()).then(|| categories.clone()),
        tags: (!tags.is_empty()).then(|| tags.clone()),
        status: *status,
        attributes: BTreeMap::new(),
        images: (!images.is_empty()).then(|| images.clone()),
        variants: Vec::new(),
        new_variants: Vec::new(),
    };
    plan.whole(&patch, token, None, known)?;
    plan.pictures(&patch, None, known);
    match simple {
        Some(variant) => {
            let fields = plan.sold(&whole(variant), None, known.words);
            plan.product.extend(fields);
        }
        None => {
            for variant in variants {
                plan.add_variation(variant, token, &mut list, known);
            }
        }
    }
    plan.faults.extend(list.describe(attributes));
    if let Some(list) = list.changed() {
        plan.put("attributes", list);
    }
    Ok(plan)
}

/// Changes of a product that is there.
pub(super) fn update(
    token: &str,
    patch: &Patch,
    found: &Found,
    known: Known<'_>,
) -> Result<Plan, ConnectorError> {
    let mut plan = Plan::default();
    plan.put("id", found.product.id);
    let mut list = Attributes::new(&found.product.attributes, &known.resolved.attributes);
    let mut stocked = Vec::new();
    for change in &patch.variants {
        if found.is_variable() && found.variations.is_empty() {
            plan.faults
                .push("it has no variations yet, so nothing of it can be sold".to_owned());
            break;
        }
        let Some(sold) = found.sold(change.remote_id.as_ref()) else {
            let which = change.remote_id.as_ref().map_or("without options", |id| &id.0);
            plan.faults.push(format!("it has no variation {which} any more"));
            continue;
        };
        let mut fields = plan.sold(change, Some(sold), known.words);
        let Some(variation) = change.remote_id.as_ref().and_then(|id| found.variation(id)) else {
            if !change.options.is_empty() {
                plan.faults.push(
                    "a simple product has no options: make it a variable product in the shop first"
                        .to_owned(),
                );
            }
            plan.product.extend(fields);
            continue;
        };
        if !change.options.is_empty() {
            fields.insert(
                "attributes".to_owned(),
                options(variation, &change.options, &mut list),
            );
        }
        if fields.contains_key("stock_quantity") {
            // It says itself that it has been written, since its stock was adjusted with that.
            stocked.push(variation.id.to_string());
            put_meta(&mut fields, TOKEN, token);
        }
        let picture = variation_picture(change.images.as_deref(), found, known, &mut fields);
        if fields.is_empty() && picture.is_none() {
            continue;
        }
        fields.insert("id".to_owned(), variation.id.into());
        plan.variations.push(VariationPlan { fields, picture });
    }
    if !patch.new_variants.is_empty() && !found.is_variable() {
        plan.faults.push(
            "a simple product cannot have variations: make it a variable product in the shop first"
                .to_owned(),
        );
    } else {
        for variant in &patch.new_variants {
            plan.add_variation(variant, token, &mut list, known);
        }
    }
    let written = match stocked.as_slice() {
        [] => token.to_owned(),
        stocked => format!("{token}/{}", stocked.join(",")),
    };
    plan.whole(patch, &written, Some(&found.product), known)?;
    plan.pictures(patch, Some(found), known);
    plan.faults.extend(list.describe(&patch.attributes));
    if let Some(list) = list.changed() {
        plan.put("attributes", list);
    }
    Ok(plan)
}

impl Plan {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.product.insert(name.to_owned(), value.into());
    }

    /// What a patch says of the product itself, but for its attributes and pictures.
    fn whole(
        &mut self,
        patch: &Patch,
        token: &str,
        before: Option<&Product>,
        known: Known<'_>,
    ) -> Result<(), ConnectorError> {
        let Patch {
            title,
            description,
            brand,
            model,
            mpn,
            categories,
            tags,
            status,
            attributes: _,
            images: _,
            variants: _,
            new_variants: _,
        } = patch;
        if let Some(title) = title {
            self.put("name", escape(title.trim()));
        }
        if let Some(description) = description {
            self.put("description", description.as_str());
        }
        if let Some(status) = status {
            self.put("status", status_word(*status));
        }
        if let Some(paths) = categories {
            let ids: Result<Vec<u64>, _> = paths
                .iter()
                .map(|path| id(&known.resolved.categories, path))
                .collect();
            self.put("categories", named(ids?));
        }
        if let Some(tags) = tags {
            let ids: Result<Vec<u64>, _> = tags.iter().map(|tag| id(&known.resolved.tags, tag)).collect();
            self.put("tags", named(ids?));
        }
        match brand.as_deref() {
            None => {}
            Some("") if before.is_some_and(|product| product.brands.is_none()) => {}
            Some("") => self.put("brands", Value::Array(Vec::new())),
            Some(brand) => {
                let id = id(&known.resolved.brands, brand)?;
                self.put("brands", named([id]));
            }
        }
        put_meta(&mut self.product, TOKEN, token);
        for (key, text) in [("model", model), ("mpn", mpn)] {
            if let Some(text) = text {
                put_meta(&mut self.product, key, text);
            }
        }
        Ok(())
    }

    /// The whole gallery. What only variations show stays with them, or goes from them where it is not wanted any more.
    fn pictures(&mut self, patch: &Patch, found: Option<&Found>, known: Known<'_>) {
        let Some(wanted) = &patch.images else { return };
        let own = |id: &RemoteId| {
            let mut images = found.into_iter().flat_map(|found| &found.product.images);
            images.any(|image| id.0 == image.id.to_string())
        };
        let mut gallery = Vec::with_capacity(wanted.len());
        for image in wanted {
            if image
                .remote_id
                .as_ref()
                .is_some_and(|id| found.is_some() && !own(id))
            {
                continue;
            }
            match known.pictures.sent(image) {
                Ok(value) => {
                    gallery.push(value);
                    self.pictures.push(image.address.clone());
                }
                Err(fault) => self.faults.push(fault),
            }
        }
        if gallery.is_empty() && !wanted.is_empty() && found.is_none() {
            return;
        }
        self.put("images", gallery);
        for variation in found.into_iter().flat_map(|found| &found.variations) {
            let Some(image) = &variation.image else { continue };
            let id = RemoteId::from(image.id.to_string());
            let is_wanted = wanted.iter().any(|wanted| wanted.remote_id.as_ref() == Some(&id));
            if is_wanted || own(&id) || image.id == 0 {
                continue;
            }
            let plan = self.variation(variation.id);
            if plan.picture.is_none() && !plan.fields.contains_key("image") {
                plan.fields.insert("image".to_owned(), json!({}));
            }
        }
    }

    /// The changes of a variation that is there.
    fn variation(&mut self, id: u64) -> &mut VariationPlan {
        let is_it = |plan: &VariationPlan| plan.fields.get("id").and_then(Value::as_u64) == Some(id);
        let at = self.variations.iter().position(is_it).unwrap_or_else(|| {
            let fields = Map::from_iter([("id".to_owned(), Value::from(id))]);
            self.variations.push(VariationPlan {
                fields,
                picture: None,
            });
            self.variations.len() - 1
        });
        &mut self.variations[at]
    }

    fn add_variation(&mut self, variant: &Variant, token: &str, list: &mut Attributes<'_>, known: Known<'_>) {
        let mut fields = self.sold(&whole(variant), None, known.words);
        let options = variant.options.iter().filter(|(_, value)| !value.is_empty());
        let mut chosen = Vec::with_capacity(variant.options.len());
        for (name, value) in options {
            list.offer(name, value);
            chosen.push(list.chosen(name, value));
        }
        fields.insert("attributes".to_owned(), chosen.into());
        put_meta(&mut fields, TOKEN, token);
        let picture = variant.images.first().cloned();
        self.new.push(VariationPlan { fields, picture });
    }

    /// What a patch says of what is sold; options and pictures are left to the caller.
    fn sold(&mut self, patch: &VariantPatch, before: Option<&Sold>, words: &Words) -> Fields {
        let VariantPatch {
            remote_id: _,
            sku,
            barcode,
            options: _,
            price,
            compare_at_price,
            cost: _,
            stock,
            weight,
            images: _,
        } = patch;
        let mut fields = Fields::new();
        if let Some(sku) = sku {
            fields.insert("sku".to_owned(), sku.trim().into());
        }
        if let Some(barcode) = barcode.as_deref().map(str::trim)
            && barcode.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        {
            // Of anything else the shop would keep the digits, which are another code.
            fields.insert("global_unique_id".to_owned(), barcode.into());
        }
        if price.is_some() || compare_at_price.is_some() {
            let none = Prices {
                price: None,
                compare_at: None,
            };
            let now = before.map_or(Ok(none), Prices::read).unwrap_or(none);
            let prices = Prices {
                price: price.unwrap_or(now.price),
                compare_at: compare_at_price.unwrap_or(now.compare_at),
            };
            match [prices.price, prices.compare_at]
                .into_iter()
                .flatten()
                .find(|price| price.is_negative())
            {
                Some(price) => self.faults.push(format!("its price {price} is negative")),
                None => prices.write(before, &mut fields),
            }
        }
        for (location, write) in stock {
            match quantity(location, *write, before) {
                Ok(quantity) => {
                    fields.insert("manage_stock".to_owned(), true.into());
                    fields.insert("stock_quantity".to_owned(), quantity.into());
                }
                Err(fault) => self.faults.push(fault),
            }
        }
        if let Some(weight) = weight {
            match (weight, words.unit) {
                (None, _) => {
                    fields.insert("weight".to_owned(), json!(""));
                }
                (Some(kilograms), Some(unit)) => match unit.of_kilograms(*kilograms) {
                    Some(amount) => {
                        fields.insert("weight".to_owned(), amount.plain().into());
                    }
                    None => self.faults.push(format!("its weight {kilograms} kg is out of range")),
                },
                (Some(_), None) => self.faults.push(
                    "the shop does not tell its unit of weight: set `weight_unit` in this connection's [remote] table".to_owned(),
                ),
            }
        }
        fields
    }
}

/// What the shop is to count: what was sold there since it was last seen stays sold.
fn quantity(location: &str, write: StockWrite, before: Option<&Sold>) -> Result<i64, String> {
    if location != DEFAULT_LOCATION {
        return Err(format!(
            "this shop counts in one place, `{DEFAULT_LOCATION}`, and not at `{location}`: map the location in [stock]"
        ));
    }
    if before.is_some_and(|sold| sold.manage_stock == Managed::Parent) {
        return Err(
            "the shop counts the stock of all variations together at the product: let each variation manage its own stock there"
                .to_owned(),
        );
    }
    let now = before.and_then(|sold| counted(sold).ok().flatten());
    let quantity = write.adjusted(now);
    let whole: Option<i64> = quantity.plain().parse().ok();
    whole.ok_or_else(|| format!("the shop counts whole pieces, and {} are none", quantity.plain()))
}

/// Everything that a variant says; what is blank is left to the shop.
fn whole(variant: &Variant) -> VariantPatch {
    let Variant {
        remote_id: _,
        sku,
        barcode,
        options: _,
        price,
        compare_at_price,
        cost: _,
        stock,
        weight,
        images: _,
    } = variant;
    let write = |quantity: &Decimal| StockWrite {
        from: None,
        to: *quantity,
    };
    VariantPatch {
        sku: filled(sku),
        barcode: filled(barcode),
        price: price.map(Some),
        compare_at_price: compare_at_price.map(Some),
        stock: stock
            .iter()
            .map(|(at, quantity)| (at.clone(), write(quantity)))
            .collect(),
        weight: weight.map(Some),
        ..VariantPatch::default()
    }
}

/// The options of a variation with those of a patch in place of what it has. All are sent: what is left out is gone.
fn options(variation: &Variation, wanted: &BTreeMap<String, String>, list: &mut Attributes<'_>) -> Value {
    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    for known in &variation.attributes {
        let name = super::text::unescape(&known.name);
        let renewed = wanted.keys().any(|wanted| super::text::same(wanted, &name));
        if !renewed {
            chosen.insert(name, super::text::unescape(&known.option));
        }
    }
    chosen.extend(wanted.clone());
    let mut all = Vec::with_capacity(chosen.len());
    for (name, value) in chosen.iter().filter(|(_, value)| !value.is_empty()) {
        list.offer(name, value);
        all.push(list.chosen(name, value));
    }
    all.into()
}

/// The picture of a variation by its id, where the product has it already; otherwise its address, which gets an id with
/// the product.
fn variation_picture(
    wanted: Option<&[String]>,
    found: &Found,
    known: Known<'_>,
    fields: &mut Fields,
) -> Option<String> {
    let Some(address) = wanted?.first() else {
        fields.insert("image".to_owned(), json!({}));
        return None;
    };
    let of_variations = found
        .variations
        .iter()
        .filter_map(|variation| variation.image.as_ref());
    let mut images = found.product.images.iter().chain(of_variations);
    let there = images.find(|image| image.src == *address).map(|image| image.id);
    match there.or_else(|| known.pictures.id(address)) {
        Some(id) => {
            fields.insert("image".to_owned(), json!({ "id": id }));
            None
        }
        None => Some(address.clone()),
    }
}

fn put_meta(fields: &mut Fields, key: &str, value: &str) {
    let meta = fields.entry("meta_data").or_insert_with(|| json!([]));
    if let Value::Array(meta) = meta {
        meta.push(json!({ "key": key, "value": value }));
    }
}

fn id(ids: &BTreeMap<String, Result<u64, ConnectorError>>, name: &str) -> Result<u64, ConnectorError> {
    ids.get(name).cloned().unwrap_or_else(|| {
        Err(ConnectorError::new(
            Class::Rejected,
            format!("“{name}” was not looked for in the shop. Try again."),
        ))
    })
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
