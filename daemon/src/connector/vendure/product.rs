//! A product with its variants, as the hub speaks of it.

use super::{
    shapes::{Asset, Product, TrackInventory, Variant, decimal},
    shop::{Field, Shop, custom},
};
use serde_json::{Number, Value};
use shared::{
    ids::RemoteId,
    money::Decimal,
    product::{self, Image, Record, Status},
};
use std::collections::BTreeMap;

/// What several values of one facet are joined by, as one attribute.
pub(super) const JOINT: &str = ", ";

/// What a product's slug begins with while it is being created and not all of it is there yet.
pub(super) const UNFINISHED: &str = "unfinished-";

pub(super) fn is_unfinished(slug: &str) -> bool {
    slug.strip_prefix(UNFINISHED)
        .is_some_and(|rest| rest.len() >= 32 && rest.bytes().take(32).all(|byte| byte.is_ascii_hexdigit()))
}

/// The record of a product and all its variants.
pub(super) fn record(product: Product, variants: Vec<Variant>, shop: &Shop) -> Record {
    let latest = variants.iter().filter_map(|variant| variant.updated_at).max();
    let Product {
        id,
        updated_at,
        language_code: _,
        name,
        slug: _,
        description,
        enabled,
        featured_asset,
        assets,
        facet_values,
        option_groups,
        custom_fields,
    } = product;
    let text = |field: &Option<Field>| text(&custom_fields, field.as_ref());
    let facets = facets(facet_values.iter().map(|value| value.id.as_str()), shop);
    let own_brand = text(&shop.fields.brand);
    let images = gallery(featured_asset, assets, &variants);
    Record {
        remote_id: RemoteId::from(id),
        url: None,
        updated_at: updated_at.max(latest),
        token: Some(text(&shop.fields.token)).filter(|token| !token.is_empty()),
        product: product::Product {
            title: name,
            description,
            brand: if own_brand.is_empty() {
                facets.brand
            } else {
                own_brand
            },
            model: text(&shop.fields.model),
            mpn: text(&shop.fields.mpn),
            categories: facets.categories,
            tags: facets.tags,
            status: Some(if enabled { Status::Active } else { Status::Draft }),
            attributes: facets.attributes,
            images,
            variants: variants
                .into_iter()
                .map(|variant| {
                    let names = option_groups
                        .iter()
                        .map(|group| (group.id.as_str(), group.name.as_str()));
                    self::variant(variant, &names.collect(), shop)
                })
                .collect(),
        },
    }
}

fn variant(variant: Variant, groups: &BTreeMap<&str, &str>, shop: &Shop) -> product::Variant {
    let Variant {
        id,
        product_id: _,
        updated_at: _,
        sku,
        track_inventory,
        prices,
        stock_levels,
        options,
        assets,
        custom_fields,
    } = variant;
    let number = |field: &Option<Field>| number(&custom_fields, field.as_ref());
    let price = prices
        .iter()
        .find(|price| price.currency_code == shop.currency.as_str());
    let counted = match track_inventory {
        TrackInventory::True => true,
        TrackInventory::False => false,
        TrackInventory::Inherit => shop.counts_stock,
    };
    let stock = stock_levels.iter().filter(|_| counted).filter_map(|level| {
        let name = shop.locations.get(&level.location)?;
        Some((name.clone(), Decimal::from(level.available())))
    });
    product::Variant {
        remote_id: Some(RemoteId::from(id)),
        sku,
        barcode: text(&custom_fields, shop.fields.barcode.as_ref()),
        options: options
            .into_iter()
            .filter_map(|option| Some(((*groups.get(option.group_id.as_str())?).to_owned(), option.name)))
            .collect(),
        price: price.and_then(|price| major(&price.price, shop.precision)),
        compare_at_price: number(&shop.fields.compare_at_price)
            .and_then(|price| major(price, shop.precision)),
        cost: number(&shop.fields.cost).and_then(|price| major(price, shop.precision)),
        stock: stock.collect(),
        weight: number(&shop.fields.weight)
            .and_then(|weight| shop.weight_unit.to_kilograms(decimal(weight)?)),
        images: assets.into_iter().map(|asset| asset.source).collect(),
    }
}

/// The product's pictures, the main one first; then those that only a variant shows.
fn gallery(featured: Option<Asset>, assets: Vec<Asset>, variants: &[Variant]) -> Vec<Image> {
    let of_variants = variants.iter().flat_map(|variant| variant.assets.iter().cloned());
    let mut all: Vec<Asset> = Vec::with_capacity(assets.len());
    for asset in featured.into_iter().chain(assets).chain(of_variants) {
        if !all.iter().any(|known| known.id == asset.id) {
            all.push(asset);
        }
    }
    let image = |Asset { id, source }| Image {
        remote_id: Some(RemoteId::from(id)),
        hash: None,
        address: source,
        alt: String::new(),
    };
    all.into_iter().map(image).collect()
}

#[derive(Default)]
struct Faceted {
    brand: String,
    categories: Vec<String>,
    tags: Vec<String>,
    attributes: BTreeMap<String, String>,
}

fn facets<'a>(values: impl Iterator<Item = &'a str>, shop: &Shop) -> Faceted {
    let mut faceted = Faceted::default();
    for (facet, value) in values.filter_map(|id| shop.facet_of(id)) {
        match shop.meaning_of(facet) {
            Meaning::Categories => faceted.categories.push(value.name.clone()),
            Meaning::Tags => faceted.tags.push(value.name.clone()),
            Meaning::Brand => join(&mut faceted.brand, &value.name),
            Meaning::Attribute => join(
                faceted.attributes.entry(facet.name.clone()).or_default(),
                &value.name,
            ),
        }
    }
    // In which order the values of a product are listed says nothing.
    faceted.categories.sort_unstable();
    faceted.tags.sort_unstable();
    faceted
}

fn join(joined: &mut String, name: &str) {
    if !joined.is_empty() {
        joined.push_str(JOINT);
    }
    joined.push_str(name);
}

/// What the values of a facet are for the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Categories,
    Tags,
    Brand,
    Attribute,
}

impl Shop {
    pub(super) fn meaning_of(&self, facet: &super::shop::Facet) -> Meaning {
        let is = |code: &str| facet.code.eq_ignore_ascii_case(code);
        let codes = &self.facet_codes;
        if is(&codes.categories) {
            Meaning::Categories
        } else if is(&codes.tags) {
            Meaning::Tags
        } else if self.fields.brand.is_none() && is(&codes.brand) {
            Meaning::Brand
        } else {
            Meaning::Attribute
        }
    }
}

fn text(fields: &Value, field: Option<&Field>) -> String {
    custom(fields, field)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn number<'a>(fields: &'a Value, field: Option<&Field>) -> Option<&'a Number> {
    custom(fields, field).and_then(Value::as_number)
}

/// An amount of the smallest unit in units of the currency.
pub(super) fn major(amount: &Number, precision: u32) -> Option<Decimal> {
    let amount = decimal(amount)?;
    let unit = Decimal::new(1, precision);
    amount.0.checked_mul(unit.0).map(Decimal)
}

/// An amount in the currency's smallest unit, as whole as Vendure's own prices are.
pub(super) fn minor(amount: Decimal, precision: u32) -> Option<i64> {
    let units = amount
        .0
        .checked_mul(Decimal::from(10_i64.checked_pow(precision)?).0)?;
    // Half a cent goes away from zero, as on paper.
    let half = Decimal::new(if amount.is_negative() { -5 } else { 5 }, 1);
    (units + half.0).trunc().to_string().parse().ok()
}
