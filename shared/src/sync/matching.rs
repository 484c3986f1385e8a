//! Which item is a record's counterpart, and which of its variants and pictures are which.
//!
//! A blank or placeholder value matches nothing, and a match that is not one to one is never guessed.

use crate::{
    content::{Content, Field, Leaf, Part, Path, Picture, Value},
    ids::{ItemId, Key, RemoteId},
    item::Equivalence,
    policy::{MatchBy, Policy},
    product::{Image, Product, Variant},
};
use std::{collections::BTreeSet, fmt};

/// What became of a record that has no equivalence yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    Item(ItemId),
    /// Nothing in the hub is like it.
    New,
    /// Several items could be it, or the item that is has its counterpart here already.
    Ambiguous(Vec<ItemId>),
}

/// Something to match by, in a form in which equal means the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchKey {
    Sku(String),
    /// 14 digits with a valid check digit.
    Gtin(String),
}

impl fmt::Display for MatchKey {
    /// As an index entry, so that no SKU is ever taken for a barcode.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sku(sku) => write!(f, "s{sku}"),
            Self::Gtin(gtin) => write!(f, "g{gtin}"),
        }
    }
}

/// Finds the one item that shares a key with `product`, by the policy's keys in their order.
///
/// `holders` gives the items that have a variant with a key; `taken` says whether an item has another live
/// counterpart at this connection; `rivals` counts this connection's unmatched records that have a key.
pub fn find_item(
    product: &Product,
    policy: &Policy,
    holders: impl Fn(&MatchKey) -> Vec<ItemId>,
    taken: impl Fn(ItemId) -> bool,
    rivals: impl Fn(&MatchKey) -> usize,
) -> Match {
    for by in &policy.products.match_by {
        let keys: Vec<MatchKey> = product
            .variants
            .iter()
            .filter_map(|v| match_key(*by, v))
            .collect();
        let candidates: BTreeSet<ItemId> = keys.iter().flat_map(&holders).collect();
        let contested = keys.iter().any(|key| rivals(key) > 1);
        let candidates: Vec<ItemId> = candidates.into_iter().collect();
        match candidates[..] {
            [] => {}
            [only] if !contested && !taken(only) => return Match::Item(only),
            _ => return Match::Ambiguous(candidates),
        }
    }
    Match::New
}

/// What a variant is matched by. `None`: it has nothing that identifies it.
pub fn match_key(by: MatchBy, variant: &Variant) -> Option<MatchKey> {
    match by {
        MatchBy::Sku => sku_key(&variant.sku),
        MatchBy::Barcode => gtin_key(&variant.barcode),
    }
}

/// The keys that an item can be found by.
pub fn item_keys(content: &Content) -> BTreeSet<MatchKey> {
    let key = |(path, value): (&Path, &Value)| match (&path.part, &path.leaf, value) {
        (Part::Variant(_), Leaf::Field(Field::Sku), Value::Text(sku)) => sku_key(sku),
        (Part::Variant(_), Leaf::Field(Field::Barcode), Value::Text(barcode)) => gtin_key(barcode),
        _ => None,
    };
    content.iter().filter_map(key).collect()
}

/// Case and outer blanks do not tell SKUs apart; `0`, `-`, `n/a` and the like are no SKUs.
pub fn sku_key(sku: &str) -> Option<MatchKey> {
    const PLACEHOLDERS: [&str; 10] = [
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "tbd",
        "todo",
        "sku",
        "default",
        "undefined",
    ];
    let sku = sku.trim().to_lowercase();
    let says_something = sku.chars().any(|c| c.is_alphanumeric() && c != '0' && c != 'x');
    (says_something && !PLACEHOLDERS.contains(&sku.as_str())).then_some(MatchKey::Sku(sku))
}

/// A GTIN of 8, 12, 13 or 14 digits whose check digit is right, padded with zeros to 14 (GS1 General
/// Specifications, 7.9). Anything else is a shop's own code and matches nothing.
pub fn gtin_key(barcode: &str) -> Option<MatchKey> {
    let digits: String = barcode.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let shaped = matches!(digits.len(), 8 | 12 | 13 | 14) && digits.bytes().all(|b| b.is_ascii_digit());
    if !shaped || digits.bytes().all(|b| b == b'0') {
        return None;
    }
    let padded = format!("{digits:0>14}");
    let weighted = |(at, digit): (usize, u8)| u32::from(digit - b'0') * if at % 2 == 0 { 3 } else { 1 };
    let sum: u32 = padded.bytes().enumerate().map(weighted).sum();
    sum.is_multiple_of(10).then_some(MatchKey::Gtin(padded))
}

/// The item's keys of a record's variants and pictures, in the record's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    pub variants: Vec<Key>,
    pub pictures: Vec<Key>,
    /// The first key that is still free.
    pub next_key: Key,
    /// What the platform calls its children, for the equivalence; those it no longer shows stay in it.
    pub children: Vec<(Part, RemoteId)>,
}

/// Says which of the item's variants and pictures the record's are; what is new gets new keys.
///
/// Variants pair by the platform's id, then, where it calls them otherwise than before, by SKU, then GTIN, then equal options, then the only variant of a product
/// with the only one of the other. Pictures pair by the platform's id, then content, then address.
pub fn pair(
    product: &Product,
    content: &Content,
    known: &[(Part, RemoteId)],
    next_key: Key,
    policy: &Policy,
) -> Pairing {
    let mut next_key = next_key;
    let mut fresh = || {
        let key = next_key;
        next_key = Key(key.0 + 1);
        key
    };
    let variants = pair_variants(product, content, known, policy);
    let variants: Vec<Key> = variants
        .into_iter()
        .map(|key| key.unwrap_or_else(&mut fresh))
        .collect();
    let pictures = pair_pictures(&product.images, content, known);
    let pictures: Vec<Key> = pictures
        .into_iter()
        .map(|key| key.unwrap_or_else(&mut fresh))
        .collect();

    let mut children = known.to_vec();
    for (variant, key) in product.variants.iter().zip(&variants) {
        remember(&mut children, Part::Variant(*key), variant_name(variant));
    }
    for (image, key) in product.images.iter().zip(&pictures) {
        remember(&mut children, Part::Picture(*key), image_name(image));
    }
    Pairing {
        variants,
        pictures,
        next_key,
        children,
    }
}

/// Whether something shown is like something of the item's.
type Alike<'a, Shown, Held> = dyn Fn(&Shown, Held) -> bool + 'a;

fn pair_variants(
    product: &Product,
    content: &Content,
    known: &[(Part, RemoteId)],
    policy: &Policy,
) -> Vec<Option<Key>> {
    let mut paired: Vec<Option<Key>> = product
        .variants
        .iter()
        .map(|variant| known_variant(known, variant_name(variant)))
        .collect();
    if paired.iter().all(Option::is_some) {
        return paired;
    }
    let mut free: Vec<Key> = content
        .variants()
        .filter(|key| !paired.contains(&Some(*key)))
        .collect();
    let only_ones = product.variants.len() == 1 && content.variants().count() == 1;
    // A simple product that gets a second variant: what was nameless is the first that nothing else tells.
    let nameless = known_variant(known, variant_name(&Variant::default()));
    let alike: [&Alike<Variant, Key>; 5] = [
        &|variant, key| {
            let held = sku_key(content.text(&Path::variant_field(key, Field::Sku)));
            held.is_some() && held == sku_key(&variant.sku)
        },
        &|variant, key| {
            let held = gtin_key(content.text(&Path::variant_field(key, Field::Barcode)));
            held.is_some() && held == gtin_key(&variant.barcode)
        },
        &|variant, key| {
            !variant.options.is_empty() && options_of(content, key) == hub_options(variant, policy)
        },
        &|_, _| only_ones,
        &|_, key| nameless == Some(key),
    ];
    for alike in alike {
        for (variant, key) in product
            .variants
            .iter()
            .zip(&mut paired)
            .filter(|(_, key)| key.is_none())
        {
            *key = free
                .iter()
                .position(|held| alike(variant, *held))
                .map(|at| free.remove(at));
        }
    }
    paired
}

fn pair_pictures(images: &[Image], content: &Content, known: &[(Part, RemoteId)]) -> Vec<Option<Key>> {
    let mut free: Vec<(Key, &Picture)> = content
        .pictures()
        .filter(|(key, _)| known.iter().all(|(part, _)| *part != Part::Picture(*key)))
        .collect();
    let same = |held: &Picture, image: &Image| match (&held.hash, &image.hash) {
        (Some(held), Some(shown)) => held == shown,
        _ => held.address == image.address,
    };
    // The same picture may be there twice, under one address.
    let mut left: Vec<&(Part, RemoteId)> = known.iter().collect();
    let mut find = |image: &Image| {
        let id = image_name(image);
        let named = left
            .iter()
            .position(|(part, name)| matches!(part, Part::Picture(_)) && name.0 == id);
        match named.map(|at| left.remove(at).0) {
            Some(Part::Picture(key)) => Some(key),
            _ => free
                .iter()
                .position(|(_, held)| same(held, image))
                .map(|at| free.remove(at).0),
        }
    };
    images.iter().map(&mut find).collect()
}

/// The names of an item's children, with those that a write brought there.
///
/// Platforms keep other bytes at other addresses, and may keep neither SKU nor options: what is new and like nothing
/// is what was sent, a picture by its alternative text, else in the order sent. Where more or less is new than was
/// sent, nobody can tell, and nothing is guessed.
pub fn with_sent(
    product: &Product,
    content: &Content,
    equivalence: &Equivalence,
    sent: &[(Path, Option<Value>)],
    policy: &Policy,
) -> Vec<(Part, RemoteId)> {
    let mut children = equivalence.children.clone();
    if sent.is_empty() {
        return children;
    }
    let uploads = sent_parts(sent)
        .iter()
        .any(|part| matches!(part, Part::Picture(_)));
    // Where pictures go by their address, an upload may get the name of one that was taken away.
    children.retain(|(part, name)| {
        let leaf = Leaf::Exists;
        let gone = equivalence
            .acknowledged
            .get(&Path { part: *part, leaf })
            .is_none();
        let picture = matches!(part, Part::Picture(_));
        !(uploads && picture && gone && product.images.iter().any(|image| image_id(image) == *name))
    });
    let known = children.clone();
    let known = known.as_slice();
    let paired = pair_variants(product, content, known, policy);
    let is_new = |key: Key, part: Part, paired: &[Option<Key>]| {
        !paired.contains(&Some(key)) && known.iter().all(|(named, _)| *named != part)
    };
    let mut variants = sent_parts(sent);
    variants.retain(|part| matches!(part, Part::Variant(key) if is_new(*key, *part, &paired)));
    let shown = product.variants.iter().zip(&paired);
    let new: Vec<RemoteId> = shown
        .filter(|(_, key)| key.is_none())
        .map(|(variant, _)| variant_id(variant))
        .collect();
    if new.len() == variants.len() {
        children.extend(variants.into_iter().zip(new));
    }
    let paired = pair_pictures(&product.images, content, known);
    let mut uploads = sent_parts(sent);
    uploads.retain(|part| matches!(part, Part::Picture(key) if is_new(*key, *part, &paired)));
    let place = |part: &Part| match (part, content.get(&Path::pictures())) {
        (Part::Picture(key), Some(Value::Keys(order))) => order.iter().position(|k| k == key),
        _ => None,
    };
    uploads.sort_by_key(|part| place(part).unwrap_or(usize::MAX));
    let shown = product.images.iter().zip(&paired);
    let mut new: Vec<&Image> = shown
        .filter(|(_, key)| key.is_none())
        .map(|(image, _)| image)
        .collect();
    if new.len() != uploads.len() {
        return children;
    }
    let alt = |part: Part| {
        content.text(&Path {
            part,
            leaf: Leaf::Alt,
        })
    };
    let alike: [&Alike<Image, Part>; 2] = [
        &|image, part| !image.alt.is_empty() && image.alt == alt(part),
        &|_, _| true,
    ];
    for alike in alike {
        new.retain(
            |image| match uploads.iter().position(|part| alike(image, *part)) {
                Some(at) => {
                    children.push((uploads.remove(at), image_id(image)));
                    false
                }
                None => true,
            },
        );
    }
    children
}

/// The variants and pictures among the values of a write.
fn sent_parts(sent: &[(Path, Option<Value>)]) -> Vec<Part> {
    let there = |(path, value): &&(Path, Option<Value>)| path.leaf == Leaf::Exists && value.is_some();
    sent.iter().filter(there).map(|(path, _)| path.part).collect()
}

/// What the platform calls a variant; the only variant of a simple product has no name of its own.
pub fn variant_id(variant: &Variant) -> RemoteId {
    variant_name(variant).into()
}

fn variant_name(variant: &Variant) -> &str {
    variant.remote_id.as_ref().map_or("", |id| &id.0)
}

/// What the platform calls a picture: its address, where it has no id of its own.
pub fn image_id(image: &Image) -> RemoteId {
    image_name(image).into()
}

fn image_name(image: &Image) -> &str {
    image.remote_id.as_ref().map_or(&image.address, |id| &id.0)
}

/// The variant that the platform calls so. Its variants and pictures may be numbered each on their own.
fn known_variant(known: &[(Part, RemoteId)], id: &str) -> Option<Key> {
    known.iter().find_map(|(part, name)| match part {
        Part::Variant(key) if name.0 == id => Some(*key),
        _ => None,
    })
}

fn remember(children: &mut Vec<(Part, RemoteId)>, part: Part, name: &str) {
    match children.iter_mut().find(|(known, _)| *known == part) {
        // Most are called as they were.
        Some((_, known)) if known.0 == name => {}
        Some(child) => child.1 = name.into(),
        None => children.push((part, name.into())),
    }
}

fn options_of(content: &Content, key: Key) -> BTreeSet<(String, String)> {
    let option = |(leaf, value): (&Leaf, &Value)| match (leaf, value) {
        (Leaf::Option(name), Value::Text(text)) => Some((name.to_lowercase(), text.trim().to_lowercase())),
        _ => None,
    };
    content.part(Part::Variant(key)).filter_map(option).collect()
}

fn hub_options(variant: &Variant, policy: &Policy) -> BTreeSet<(String, String)> {
    let option = |(name, text): (&String, &String)| {
        (
            hub_option_name(name, policy).to_lowercase(),
            text.trim().to_lowercase(),
        )
    };
    variant.options.iter().map(option).collect()
}

/// The hub's name of one of the platform's options: `color` and `size` where the policy says so, else its own.
pub fn hub_option_name<'a>(name: &'a str, policy: &'a Policy) -> &'a str {
    let same = |other: &str| is_same_but_for_case(other, name);
    let means = |(hub, theirs): &(&String, &Vec<String>)| same(hub) || theirs.iter().any(|their| same(their));
    policy
        .products
        .options
        .iter()
        .find(means)
        .map_or(name, |(hub, _)| hub.as_str())
}

/// Without a copy of either, as this is asked for every option of every record.
fn is_same_but_for_case(one: &str, other: &str) -> bool {
    let lower = |text| str::chars(text).flat_map(char::to_lowercase);
    lower(one).eq(lower(other))
}

#[cfg(test)]
mod tests;
