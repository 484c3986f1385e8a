//! Facet values for what is written: those that are there, and new ones for what is not.

use super::{
    super::ConnectorError,
    client::Client,
    errors::either,
    product::{JOINT, Meaning},
    query,
    shop::{Facet, FacetValue, Shop},
};
use serde::Deserialize;
use serde_json::json;
use shared::product::{Patch, Product};
use std::collections::{BTreeMap, BTreeSet};

/// What a write says of a product's facets; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    pub brand: Option<String>,
    pub categories: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    /// A blank one takes the attribute away.
    pub attributes: BTreeMap<String, String>,
}

/// A facet as a write names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Code(String),
    Name(String),
}

impl Named {
    fn is(&self, facet: &Facet, shop: &Shop) -> bool {
        match self {
            Self::Code(code) => facet.code.eq_ignore_ascii_case(code),
            Self::Name(name) => {
                shop.meaning_of(facet) == Meaning::Attribute
                    && facet.name.trim().to_lowercase() == name.trim().to_lowercase()
            }
        }
    }
}

impl Labels {
    pub(super) fn of_patch(patch: &Patch) -> Self {
        let Patch {
            brand,
            categories,
            tags,
            attributes,
            ..
        } = patch;
        Self {
            brand: brand.clone(),
            categories: categories.clone(),
            tags: tags.clone(),
            attributes: attributes.clone(),
        }
    }

    pub(super) fn of_product(product: &Product) -> Self {
        Self {
            brand: Some(product.brand.clone()),
            categories: Some(product.categories.clone()),
            tags: Some(product.tags.clone()),
            attributes: product.attributes.clone(),
        }
    }

    /// The facets that are written, with the names of their values.
    fn written(&self, shop: &Shop) -> BTreeMap<Named, Vec<String>> {
        let Self {
            brand,
            categories,
            tags,
            attributes,
        } = self;
        let codes = &shop.facet_codes;
        let mut written = BTreeMap::new();
        let lists = [(&codes.categories, categories), (&codes.tags, tags)];
        for (code, names) in lists {
            if let Some(names) = names {
                written.insert(Named::Code(code.clone()), names.clone());
            }
        }
        if let (Some(brand), None) = (brand, &shop.fields.brand) {
            written.insert(Named::Code(codes.brand.clone()), vec![brand.clone()]);
        }
        for (name, value) in attributes {
            written.insert(Named::Name(name.clone()), vec![value.clone()]);
        }
        for names in written.values_mut() {
            names.retain(|name| !name.trim().is_empty());
        }
        written
    }

    /// The ids of all facet values that the product is to have, where they change. What is not written stays.
    pub(super) fn ids(&self, current: &[&str], shop: &Shop) -> Option<Vec<String>> {
        let written = self.written(shop);
        if written.is_empty() {
            return None;
        }
        let named = |facet: &Facet| written.iter().find(|(named, _)| named.is(facet, shop));
        let mut ids: Vec<String> = Vec::new();
        for &id in current {
            let kept = match shop.facet_of(id) {
                None => true,
                Some((facet, value)) => named(facet)
                    .is_none_or(|(_, names)| names.contains(&value.name) || is_all(names, facet, current)),
            };
            if kept {
                ids.push(id.to_owned());
            }
        }
        for (named, names) in &written {
            let Some(facet) = shop.facets.iter().find(|facet| named.is(facet, shop)) else {
                continue;
            };
            if is_all(names, facet, current) {
                continue;
            }
            for name in names {
                let value = facet.values.iter().find(|value| value.name == *name);
                ids.extend(value.map(|value| value.id.clone()).filter(|id| !ids.contains(id)));
            }
        }
        let before: BTreeSet<&str> = current.iter().copied().collect();
        let after: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        (before != after).then_some(ids)
    }
}

/// Whether a single text is what several values of a facet were shown as.
fn is_all(names: &[String], facet: &Facet, current: &[&str]) -> bool {
    let [name] = names else { return false };
    let shown = current
        .iter()
        .filter_map(|id| facet.values.iter().find(|value| value.id == *id));
    let shown: Vec<&str> = shown.map(|value| value.name.as_str()).collect();
    shown.len() > 1 && shown.join(JOINT) == *name
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    create_facet: Facet,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedValues {
    create_facet_values: Vec<FacetValue>,
}

/// Creates what these writes name and the shop has not. The shop is one that was learned of just now.
pub(super) async fn create_missing(
    client: &Client,
    shop: &mut Shop,
    labels: &[&Labels],
) -> Result<(), ConnectorError> {
    for (named, names) in missing(shop, labels) {
        let at = shop.facets.iter().position(|facet| named.is(facet, shop));
        let at = if let Some(at) = at {
            at
        } else {
            let (code, name) = match &named {
                Named::Code(code) => (code.clone(), capitalised(code)),
                Named::Name(name) => (code_of(name), name.clone()),
            };
            let translations = [json!({ "languageCode": shop.language, "name": name })];
            let input =
                json!({ "code": code, "isPrivate": false, "translations": translations, "values": [] });
            let created = client.write(query::CREATE_FACET, json!({ "input": input })).await;
            let Created { create_facet } = created.map_err(either)?;
            shop.facets.push(create_facet);
            shop.facets.len() - 1
        };
        let facet = &mut shop.facets[at];
        let inputs: Vec<_> = names
            .iter()
            .map(|name| {
                let translations = [json!({ "languageCode": shop.language, "name": name })];
                json!({ "facetId": facet.id, "code": code_of(name), "translations": translations })
            })
            .collect();
        let created = client
            .write(query::CREATE_FACET_VALUES, json!({ "input": inputs }))
            .await;
        let CreatedValues { create_facet_values } = created.map_err(either)?;
        facet.values.extend(create_facet_values);
    }
    Ok(())
}

/// Whether these writes name what the shop has not.
pub(super) fn is_missing(shop: &Shop, labels: &[&Labels]) -> bool {
    !missing(shop, labels).is_empty()
}

fn missing(shop: &Shop, labels: &[&Labels]) -> BTreeMap<Named, BTreeSet<String>> {
    let mut missing: BTreeMap<Named, BTreeSet<String>> = BTreeMap::new();
    for (named, names) in labels.iter().flat_map(|labels| labels.written(shop)) {
        let facet = shop.facets.iter().find(|facet| named.is(facet, shop));
        let is_there =
            |name: &String| facet.is_some_and(|facet| facet.values.iter().any(|value| value.name == *name));
        let absent: Vec<String> = names.into_iter().filter(|name| !is_there(name)).collect();
        if !absent.is_empty() {
            missing.entry(named).or_default().extend(absent);
        }
    }
    missing
}

/// A code as Vendure's own are: lower case, joined by hyphens.
pub(super) fn code_of(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        "other".to_owned()
    } else {
        words.join("-")
    }
}

fn capitalised(code: &str) -> String {
    let mut letters = code.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
