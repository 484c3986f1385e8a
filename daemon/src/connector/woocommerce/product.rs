//! A product with its variations as it is shown, read as a record.

use super::{
    TOKEN,
    category::Tree,
    image::gallery,
    price::amount,
    shapes::{self, Product, Sold, Term, Variation},
    text::{gmt, unescape},
    variation,
};
use crate::connector::weight::WeightUnit;
use shared::{
    ids::RemoteId,
    product::{self, Record, Status},
};
use std::collections::BTreeMap;

/// What of the shop has to be known to read its products.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub tree: Tree,
    /// `None`: the shop does not tell its unit, so weights say nothing.
    pub unit: Option<WeightUnit>,
}

/// A product and the variations that it lists.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub product: Product,
    pub variations: Vec<Variation>,
}

impl Found {
    /// The record, or why it cannot be understood.
    pub(super) fn record(&self, words: &Words) -> Result<Record, String> {
        let Self { product, variations } = self;
        let in_place = |reason: String| {
            format!(
                "Product {} (“{}”) cannot be read: {reason}. Edit it in the shop.",
                product.id,
                unescape(&product.name)
            )
        };
        let (images, own) = gallery(product, variations);
        let variants = if variations.is_empty() {
            variation::simple(&product.sold, words).map(|variant| vec![variant])
        } else {
            let each = variations.iter().zip(own);
            each.map(|(variation, images)| variation::variant(variation, images, words))
                .collect()
        };
        let meta = |key: &str| {
            shapes::meta(&product.sold.meta_data, key)
                .unwrap_or_default()
                .to_owned()
        };
        Ok(Record {
            remote_id: RemoteId::from(product.id.to_string()),
            url: product
                .permalink
                .starts_with("http")
                .then(|| product.permalink.clone()),
            updated_at: gmt(&product.date_modified_gmt),
            token: self.token(),
            product: product::Product {
                title: unescape(product.name.trim()),
                description: product.description.trim().to_owned(),
                brand: names(product.brands.as_deref().unwrap_or_default()).join(", "),
                model: meta("model"),
                mpn: meta("mpn"),
                categories: product
                    .categories
                    .iter()
                    .filter(|category| !is_no_category(category))
                    .map(|category| words.tree.path(category))
                    .collect(),
                tags: names(&product.tags),
                status: status(&product.status),
                attributes: attributes(product),
                images,
                variants: variants.map_err(in_place)?,
            },
        })
    }

    /// The token of our last write. One that had to write stock of variations too counts only when each of them has it:
    /// nothing else tells whether stock was adjusted.
    pub(super) fn token(&self) -> Option<String> {
        let Self { product, variations } = self;
        let written = shapes::meta(&product.sold.meta_data, TOKEN)?;
        let Some((token, stocked)) = written.split_once('/') else {
            return Some(written.to_owned());
        };
        let has_it = |id: &str| {
            let variation = variations.iter().find(|variation| variation.id.to_string() == id);
            variation.is_none_or(|variation| shapes::meta(&variation.sold.meta_data, TOKEN) == Some(token))
        };
        stocked.split(',').all(has_it).then(|| token.to_owned())
    }

    /// What simple products and variations have in common, by the name that the variant goes by.
    pub(super) fn sold(&self, variant: Option<&RemoteId>) -> Option<&Sold> {
        match variant {
            None => self.variations.is_empty().then_some(&self.product.sold),
            Some(id) => self.variation(id).map(|variation| &variation.sold),
        }
    }

    pub(super) fn variation(&self, id: &RemoteId) -> Option<&Variation> {
        self.variations
            .iter()
            .find(|variation| id.0 == variation.id.to_string())
    }

    /// Whether it is of a kind that has variations, even if there are none yet.
    pub(super) fn is_variable(&self) -> bool {
        self.product.kind.starts_with("variable")
    }
}

fn names(terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| unescape(term.name.trim())).collect()
}

/// Where `WooCommerce` puts what is in no category.
fn is_no_category(category: &Term) -> bool {
    category.slug == "uncategorized"
}

/// Those that do not tell variations apart. Several values are one text, as the shop shows them.
fn attributes(product: &Product) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for attribute in &product.attributes {
        let name = unescape(attribute.name.trim());
        let is_option = attribute.variation && product.kind.starts_with("variable");
        if !is_option && !name.is_empty() {
            let options: Vec<String> = attribute.options.iter().map(|option| unescape(option)).collect();
            attributes.insert(name, options.join(", "));
        }
    }
    attributes
}

/// A private product is shown to nobody who buys. `None`: a plugin's own.
fn status(word: &str) -> Option<Status> {
    match word {
        "publish" => Some(Status::Active),
        "draft" | "pending" | "private" | "future" | "auto-draft" => Some(Status::Draft),
        "trash" => Some(Status::Archived),
        _ => None,
    }
}

/// What the shop calls a status.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Active => "publish",
        Status::Draft => "draft",
        Status::Paused | Status::Archived => "private",
    }
}

/// A weight in kilograms. Blank or without a known unit: none.
pub(super) fn weight(text: &str, words: &Words) -> Result<Option<shared::money::Decimal>, String> {
    match (amount(text, "weight")?, words.unit) {
        (Some(weight), Some(unit)) if !weight.is_zero() => {
            let kilograms = unit.to_kilograms(weight);
            kilograms
                .map(Some)
                .ok_or_else(|| "its weight is out of range".to_owned())
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
