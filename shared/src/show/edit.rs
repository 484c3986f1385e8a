//! A product as people edit it in the hub: the JSON they are shown, merged with what they want changed.

use crate::{
    content::{Change, Content, Field, Leaf, Part, Path, Value, diff},
    ids::Key,
    item::{Author, Item, Stamp},
    money::{Currency, Decimal},
    product::Status,
    sync::merge::{drop_orphans, may_become_blank, stamp},
    time::Time,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// What may be edited of a product. Blank texts, empty lists and what is left out mean: nothing is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Edited {
    pub title: String,
    pub brand: String,
    pub model: String,
    pub mpn: String,
    pub description: String,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub status: Option<Status>,
    pub attributes: BTreeMap<String, String>,
    /// In their order; those left out are taken out of the gallery.
    pub images: Vec<EditedImage>,
    pub variants: Vec<EditedVariant>,
}

/// A picture that the product has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditedImage {
    pub id: String,
    pub alt: String,
}

/// A variant; one without an id is new.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditedVariant {
    pub id: Option<String>,
    pub sku: String,
    pub barcode: String,
    pub options: BTreeMap<String, String>,
    pub price: Option<EditedMoney>,
    pub compare_at_price: Option<EditedMoney>,
    pub cost: Option<EditedMoney>,
    pub stock: BTreeMap<String, Decimal>,
    pub weight: Option<Decimal>,
    pub images: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditedMoney {
    pub amount: Decimal,
    /// The hub's own, which is meant where it is left out.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {message}.")]
pub struct Unfit {
    pub field: String,
    pub message: String,
}

pub(super) fn unfit(field: impl Into<String>, message: impl Into<String>) -> Unfit {
    Unfit {
        field: field.into(),
        message: message.into(),
    }
}

/// Merges a patch into the JSON of a product (RFC 7396) and leaves only what may be edited.
///
/// Variants and pictures with an id are merged into those that have it; variants that are not named stay, since no
/// edit deletes one.
pub fn merged(shown: Json, patch: &Json) -> Result<Json, Unfit> {
    let Json::Object(patch) = patch else {
        return Err(unfit("body", "send an object with what is to change"));
    };
    for fixed in ["id", "equivalences", "updated_at"] {
        if patch.contains_key(fixed) {
            return Err(unfit(fixed, "this is not edited, it follows from the rest"));
        }
    }
    let mut product = match shown {
        Json::Object(product) => product,
        _ => Map::new(),
    };
    product.retain(|name, _| !matches!(name.as_str(), "id" | "equivalences" | "updated_at"));
    for (name, change) in patch {
        let before = product.remove(name).unwrap_or_default();
        let after = match (name.as_str(), change) {
            ("variants", Json::Array(entries)) => {
                let mut after = by_id(&before, entries);
                let named = |variant: &Json| after.iter().any(|after| after["id"] == variant["id"]);
                let others: Vec<Json> = elements(&before)
                    .iter()
                    .filter(|variant| !named(variant))
                    .cloned()
                    .collect();
                after.extend(others);
                Json::Array(after)
            }
            ("images", Json::Array(entries)) => same_pictures(&before, by_id(&before, entries))?,
            ("variants", _) => return Err(unfit("variants", "send a list of those that are to change")),
            _ => merge(before, change),
        };
        if !after.is_null() {
            product.insert(name.clone(), after);
        }
    }
    for image in product
        .get_mut("images")
        .and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Json::Object(image) = image {
            image.retain(|name, _| !matches!(name.as_str(), "hash" | "url"));
        }
    }
    Ok(Json::Object(product))
}

/// What a picture shows follows from its bytes, which no edit changes.
fn same_pictures(before: &Json, after: Vec<Json>) -> Result<Json, Unfit> {
    for (at, image) in after.iter().enumerate() {
        let own = elements(before).iter().find(|before| before["id"] == image["id"]);
        for fixed in ["hash", "url"] {
            if own.is_some_and(|own| own[fixed] != image[fixed]) {
                let message = "a picture's content is not edited here";
                return Err(unfit(format!("images[{at}].{fixed}"), message));
            }
        }
    }
    Ok(Json::Array(after))
}

pub(super) fn elements(list: &Json) -> &[Json] {
    list.as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn by_id(before: &Json, entries: &[Json]) -> Vec<Json> {
    let own = |entry: &Json| {
        let same = elements(before)
            .iter()
            .find(|before| entry["id"].is_string() && before["id"] == entry["id"]);
        same.cloned().unwrap_or_default()
    };
    entries.iter().map(|entry| merge(own(entry), entry)).collect()
}

/// RFC 7396.
pub(super) fn merge(target: Json, patch: &Json) -> Json {
    let Json::Object(patch) = patch else {
        return patch.clone();
    };
    let mut target = match target {
        Json::Object(target) => target,
        _ => Map::new(),
    };
    for (name, change) in patch {
        let before = target.remove(name).unwrap_or_default();
        if !change.is_null() {
            target.insert(name.clone(), merge(before, change));
        }
    }
    Json::Object(target)
}

/// The item after an edit by a person. Its stamps say so, path by path; an edit that changes nothing leaves all as it is.
pub fn edit(item: &Item, edited: &Edited, base: Currency, now: Time) -> Result<Item, Unfit> {
    let mut after = item.clone();
    let Edited {
        title,
        brand,
        model,
        mpn,
        description,
        categories,
        tags,
        status,
        attributes,
        images,
        variants,
    } = edited;
    let content = &mut after.content;
    for (field, text) in [
        (Field::Title, title),
        (Field::Brand, brand),
        (Field::Model, model),
        (Field::Mpn, mpn),
        (Field::Description, description),
    ] {
        content.put(Path::field(field), as_text(text));
    }
    for (field, list) in [(Field::Categories, categories), (Field::Tags, tags)] {
        let list = (!list.is_empty()).then(|| Value::List(list.clone()));
        content.put(Path::field(field), list);
    }
    let status = status.and_then(|status| as_text(status.name()));
    content.put(Path::field(Field::Status), status);
    content.retain(
        |path| !matches!(&path.leaf, Leaf::Attribute(name) if !attributes.contains_key(name.as_str())),
    );
    for (name, text) in attributes {
        content.put(Path::attribute(name.clone()), as_text(text));
    }
    let pictures: Vec<Key> = content.pictures().map(|(key, _)| key).collect();
    put_gallery(content, images)?;
    for (at, variant) in variants.iter().enumerate() {
        let field = |name: &str| format!("variants[{at}].{name}");
        let key = if let Some(id) = &variant.id {
            let known = content.variants().find(|key| key.to_string() == *id);
            known.ok_or_else(|| unfit(field("id"), format!("the product has no variant `{id}`")))?
        } else {
            let key = after.next_key;
            after.next_key = Key(key.0 + 1);
            key
        };
        put_variant(content, key, variant, &pictures, base, &field)?;
    }
    drop_orphans(content);
    let changes = diff(&item.content, &after.content);
    for change in &changes {
        let field = change.path.governed_by();
        if change.new.is_none() && change.path.leaf != Leaf::Exists && !may_become_blank(field) {
            let name = field.name().replace('_', " ");
            return Err(unfit(
                change.path.to_string(),
                format!("a product's {name} cannot become blank"),
            ));
        }
    }
    if changes.is_empty() {
        return Ok(item.clone());
    }
    Ok(stamped(after, changes, now))
}

/// An item in which a person changed these paths just now.
pub(super) fn stamped(item: Item, changes: Vec<Change>, now: Time) -> Item {
    let mut item = item;
    for change in changes {
        let by = Author::Person;
        stamp(&mut item.stamps, change.path, Stamp { at: now, by });
    }
    item.updated_at = now;
    item
}

pub(super) fn as_text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::Text(text.into()))
}

fn put_gallery(content: &mut Content, images: &[EditedImage]) -> Result<(), Unfit> {
    let mut order: Vec<Key> = Vec::new();
    for (at, image) in images.iter().enumerate() {
        let known = content
            .pictures()
            .map(|(key, _)| key)
            .find(|key| key.to_string() == image.id);
        let Some(key) = known.filter(|key| !order.contains(key)) else {
            let message =
                "name each of the product's pictures by its id, once; new ones come from a connection";
            return Err(unfit(format!("images[{at}].id"), message));
        };
        content.put(Path::picture(key, Leaf::Alt), as_text(&image.alt));
        order.push(key);
    }
    content.retain(|path| !matches!(path.part, Part::Picture(key) if !order.contains(&key)));
    let before = content.get(&Path::pictures());
    if before.is_some() || !order.is_empty() {
        content.put(
            Path::pictures(),
            (!order.is_empty()).then_some(Value::Keys(order)),
        );
    }
    Ok(())
}

fn put_variant(
    content: &mut Content,
    key: Key,
    variant: &EditedVariant,
    pictures: &[Key],
    base: Currency,
    field: &dyn Fn(&str) -> String,
) -> Result<(), Unfit> {
    let EditedVariant {
        id: _,
        sku,
        barcode,
        options,
        price,
        compare_at_price,
        cost,
        stock,
        weight,
        images,
    } = variant;
    content.put(Path::variant(key, Leaf::Exists), Some(Value::Present));
    for (own, text) in [(Field::Sku, sku), (Field::Barcode, barcode)] {
        content.put(Path::variant_field(key, own), as_text(text));
    }
    for (own, money) in [
        (Field::Price, price),
        (Field::CompareAtPrice, compare_at_price),
        (Field::Cost, cost),
    ] {
        if let Some(EditedMoney { amount, currency }) = money {
            if currency.is_some_and(|currency| currency != base) {
                return Err(unfit(
                    field(own.name()),
                    format!("the hub's prices are in {base}"),
                ));
            }
            if amount.is_negative() {
                return Err(unfit(field(own.name()), "a price is not below zero"));
            }
        }
        let amount = money.map(|money| Value::Number(money.amount));
        content.put(Path::variant_field(key, own), amount);
    }
    if weight.is_some_and(Decimal::is_negative) {
        return Err(unfit(field("weight"), "a weight is not below zero"));
    }
    content.put(Path::variant_field(key, Field::Weight), weight.map(Value::Number));
    let own = Part::Variant(key);
    content.retain(|path| {
        path.part != own
            || match &path.leaf {
                Leaf::Option(name) => options.contains_key(name.as_str()),
                Leaf::Stock(location) => stock.contains_key(location.as_str()),
                _ => true,
            }
    });
    for (name, text) in options {
        content.put(Path::variant(key, Leaf::Option(name.into())), as_text(text));
    }
    for (location, quantity) in stock {
        content.put(Path::stock(key, location.clone()), Some(Value::Number(*quantity)));
    }
    let mut keys = Vec::new();
    for image in images {
        let known = pictures.iter().find(|key| key.to_string() == *image);
        keys.push(
            *known.ok_or_else(|| unfit(field("images"), format!("the product has no picture `{image}`")))?,
        );
    }
    content.put(
        Path::variant(key, Leaf::Pictures),
        (!keys.is_empty()).then_some(Value::Keys(keys)),
    );
    Ok(())
}
