//! What is written of a product and its variants, as the Admin API takes it.

use super::{
    super::{Class, ConnectorError},
    asset::Uploaded,
    facet::Labels,
    product::minor,
    shapes::{Asset, Product, Variant},
    shop::{Field, FieldKind, Shop, Writes},
};
use serde_json::{Map, Value, json};
use shared::{
    money::Decimal,
    product::{Image, Patch, Status, VariantPatch},
};

/// An update in the shop's words.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs {
    /// Of `updateProduct`, without anything: nothing of it changes.
    pub product: Map<String, Value>,
    /// Of `updateProductVariants`.
    pub variants: Vec<Map<String, Value>>,
}

/// What inputs are made from.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub shop: &'a Shop,
    pub uploaded: &'a Uploaded,
    pub product: &'a Product,
    pub variants: &'a [Variant],
}

impl Known<'_> {
    /// The inputs of a patch; new variants and options are not in them.
    pub(super) fn inputs(&self, patch: &Patch) -> Result<Inputs, ConnectorError> {
        let Patch {
            title,
            description,
            brand,
            model,
            mpn,
            categories: _,
            tags: _,
            status,
            attributes: _,
            images,
            variants,
            new_variants: _,
        } = patch;
        let mut product = Map::new();
        self.put_texts(&mut product, title.as_deref(), description.as_deref());
        if let Some(status) = status {
            product.insert("enabled".to_owned(), (*status == Status::Active).into());
        }
        self.put_facets(&mut product, &Labels::of_patch(patch));
        let fields = &self.shop.fields;
        let mut custom = Map::new();
        for (field, text) in [(&fields.brand, brand), (&fields.model, model), (&fields.mpn, mpn)] {
            if let Some(text) = text {
                put_text(&mut custom, field.as_ref(), text);
            }
        }
        put_custom(&mut product, custom);
        if let Some(images) = images {
            put_assets(&mut product, self.gallery(images));
        }
        let variants = variants.iter().map(|patch| self.variant(patch));
        let variants: Result<Vec<_>, _> = variants.collect();
        let variants = variants?.into_iter().filter(|input| input.len() > 1).collect();
        Ok(Inputs { product, variants })
    }

    /// A text in a language that the product has none in needs all of them.
    pub(super) fn put_texts(
        &self,
        product: &mut Map<String, Value>,
        title: Option<&str>,
        description: Option<&str>,
    ) {
        if title.is_none() && description.is_none() {
            return;
        }
        let mut texts = Map::new();
        texts.insert("languageCode".to_owned(), self.shop.language.as_str().into());
        let is_there = self.product.language_code == self.shop.language;
        let others = |text: &str| (!is_there).then(|| text.to_owned());
        let slug = others(title.unwrap_or(&self.product.name));
        for (name, text) in [
            (
                "name",
                title.map(str::to_owned).or_else(|| others(&self.product.name)),
            ),
            (
                "description",
                description
                    .map(str::to_owned)
                    .or_else(|| others(&self.product.description)),
            ),
            ("slug", slug),
        ] {
            texts.extend(text.map(|text| (name.to_owned(), Value::from(text))));
        }
        product.insert("translations".to_owned(), json!([texts]));
    }

    pub(super) fn put_facets(&self, product: &mut Map<String, Value>, labels: &Labels) {
        let current: Vec<&str> = self
            .product
            .facet_values
            .iter()
            .map(|value| value.id.as_str())
            .collect();
        if let Some(ids) = labels.ids(&current, self.shop) {
            product.insert("facetValueIds".to_owned(), ids.into());
        }
    }

    /// The assets of a gallery in its order. What only a variant shows is shown after the product's own, and stays out.
    pub(super) fn gallery(&self, images: &[Image]) -> Vec<String> {
        let of_product = |id: &str| {
            let own = self.product.assets.iter().chain(&self.product.featured_asset);
            own.into_iter().any(|asset| asset.id == id)
        };
        let of_variant = |id: &str| {
            self.variants
                .iter()
                .flat_map(|variant| &variant.assets)
                .any(|asset| asset.id == id)
        };
        let mut ids: Vec<String> = Vec::with_capacity(images.len());
        for image in images {
            let id = match &image.remote_id {
                Some(id) if of_variant(&id.0) && !of_product(&id.0) => continue,
                Some(id) => id.0.to_string(),
                None => match self.uploaded.of(&image.address) {
                    Some(id) => id.clone(),
                    None => continue,
                },
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    fn variant(&self, patch: &VariantPatch) -> Result<Map<String, Value>, ConnectorError> {
        let VariantPatch {
            remote_id,
            sku,
            barcode,
            options: _,
            price,
            compare_at_price,
            cost,
            stock,
            weight,
            images,
        } = patch;
        let current = self.named(patch).ok_or_else(|| {
            let id = remote_id.as_ref().map_or("without an id", |id| &id.0);
            ConnectorError::new(
                Class::Missing,
                format!(
                    "Product {} of Vendure has no variant {id} any more: fetch updates, then send again.",
                    self.product.id
                ),
            )
        })?;
        let mut input = Map::from_iter([("id".to_owned(), Value::from(current.id.as_str()))]);
        if let Some(sku) = sku {
            input.insert("sku".to_owned(), sku.as_str().into());
        }
        // Vendure sells what has no price for nothing, so a price that was taken away stays as it was.
        if let Some(Some(price)) = price {
            let amount = self.shop.minor(*price)?;
            let currency = self.shop.currency.as_str();
            input.insert(
                "prices".to_owned(),
                json!([{ "currencyCode": currency, "price": amount }]),
            );
        }
        if !stock.is_empty() {
            let mut levels = Vec::with_capacity(stock.len());
            for (location, write) in stock {
                let id = self.shop.known_location(location)?;
                let level = current.stock_levels.iter().find(|level| level.location == id);
                // What is sold and not shipped yet is still on hand.
                let allocated = level.map_or(0, |level| level.allocated);
                levels.push(json!({ "stockLocationId": id, "stockOnHand": whole(write.to)?.saturating_add(allocated) }));
            }
            input.insert("stockLevels".to_owned(), levels.into());
        }
        let fields = &self.shop.fields;
        let mut custom = Map::new();
        if let Some(barcode) = barcode {
            put_text(&mut custom, fields.barcode.as_ref(), barcode);
        }
        if let Some(weight) = weight {
            put_number(&mut custom, fields.weight.as_ref(), self.shop.weight(*weight));
        }
        for (field, amount) in [(&fields.compare_at_price, compare_at_price), (&fields.cost, cost)] {
            if let Some(amount) = amount {
                let amount = amount.map(|amount| self.shop.minor(amount)).transpose()?;
                put_number(&mut custom, field.as_ref(), amount.map(Value::from));
            }
        }
        put_custom(&mut input, custom);
        if let Some(addresses) = images {
            put_assets(&mut input, self.assets(addresses));
        }
        Ok(input)
    }

    /// The variant that a patch is about.
    pub(super) fn named(&self, patch: &VariantPatch) -> Option<&Variant> {
        match (&patch.remote_id, self.variants) {
            (Some(id), variants) => variants.iter().find(|variant| variant.id == *id.0),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// The assets of a variant, by the addresses of pictures.
    pub(super) fn assets(&self, addresses: &[String]) -> Vec<String> {
        let known = |address: &String| {
            let mut all = self.product.assets.iter().chain(&self.product.featured_asset);
            let of_product = all.find(|asset: &&Asset| asset.source == *address);
            let of_variants = || {
                self.variants
                    .iter()
                    .flat_map(|variant| &variant.assets)
                    .find(|asset| asset.source == *address)
            };
            let there = of_product.or_else(of_variants).map(|asset| asset.id.clone());
            there.or_else(|| self.uploaded.of(address).cloned())
        };
        let mut ids: Vec<String> = addresses.iter().filter_map(known).collect();
        ids.dedup();
        ids
    }
}

impl Shop {
    pub(super) fn minor(&self, amount: Decimal) -> Result<i64, ConnectorError> {
        minor(amount, self.precision)
            .ok_or_else(|| rejected(format!("The price {amount} is larger than Vendure can hold.")))
    }

    pub(super) fn known_location(&self, name: &str) -> Result<&str, ConnectorError> {
        self.location(name).ok_or_else(|| {
            let known: Vec<&str> = self.locations.values().map(String::as_str).collect();
            rejected(format!(
                "Vendure has no stock location `{name}`, only {}: say in `locations` of [stock] which of yours it stands for.",
                known.join(", ")
            ))
        })
    }

    /// A weight in the shop's own unit.
    pub(super) fn weight(&self, kilograms: Option<Decimal>) -> Option<Value> {
        let units = self.weight_unit.of_kilograms(kilograms?)?;
        let held = match self.fields.weight.as_ref().map(|field| field.kind) {
            Some(FieldKind::Int) => Decimal(units.0.round()),
            _ => units,
        };
        serde_json::from_str(&held.plain()).ok()
    }
}

/// What is counted in pieces: a part of one cannot be sold.
pub(super) fn whole(quantity: Decimal) -> Result<i64, ConnectorError> {
    let pieces = quantity.0.floor().normalize().to_string();
    pieces
        .parse()
        .ok()
        .filter(|pieces: &i64| i32::try_from(*pieces).is_ok())
        .ok_or_else(|| {
            rejected(format!(
                "The quantity {quantity} is larger than Vendure can hold."
            ))
        })
}

pub(super) fn put_text(custom: &mut Map<String, Value>, field: Option<&Field>, text: &str) {
    let value = if text.is_empty() { Value::Null } else { text.into() };
    put_number(custom, field, Some(value));
}

pub(super) fn put_number(custom: &mut Map<String, Value>, field: Option<&Field>, value: Option<Value>) {
    if let Some(field) = field.filter(|field| field.writes == Writes::Taken) {
        custom.insert(field.name.clone(), value.unwrap_or_default());
    }
}

pub(super) fn put_custom(input: &mut Map<String, Value>, custom: Map<String, Value>) {
    if !custom.is_empty() {
        input.insert("customFields".to_owned(), custom.into());
    }
}

pub(super) fn put_assets(input: &mut Map<String, Value>, ids: Vec<String>) {
    input.insert("featuredAssetId".to_owned(), ids.first().cloned().into());
    input.insert("assetIds".to_owned(), ids.into());
}

pub(super) fn rejected(message: impl Into<String>) -> ConnectorError {
    ConnectorError::new(Class::Rejected, message)
}
