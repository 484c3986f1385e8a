//! A platform's record as content: the item's keys and the hub's option names, the platform's values.

use super::matching::{Pairing, hub_option_name};
use crate::{
    content::{Content, Field, Leaf, Part, Path, Picture, Value},
    ids::Key,
    money::Decimal,
    policy::Policy,
    product::{Image, Product, Variant},
};

/// The content of what a platform shows. Blank values are absent.
pub fn read(product: &Product, pairing: &Pairing, policy: &Policy) -> Content {
    let Product {
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
    } = product;
    let mut entries = Vec::with_capacity(16 + 10 * variants.len() + 2 * images.len());
    let whole = Part::Whole;
    put_text(&mut entries, whole, Field::Title, title);
    put_text(&mut entries, whole, Field::Description, description);
    put_text(&mut entries, whole, Field::Brand, brand);
    put_text(&mut entries, whole, Field::Model, model);
    put_text(&mut entries, whole, Field::Mpn, mpn);
    put_list(&mut entries, Field::Categories, categories);
    put_list(&mut entries, Field::Tags, tags);
    if let Some(status) = status {
        put_text(&mut entries, whole, Field::Status, status.name());
    }
    for (name, text) in attributes.iter().filter(|(_, text)| !text.is_empty()) {
        entries.push((Path::attribute(name), Value::Text(text.into())));
    }
    if !images.is_empty() {
        entries.push((Path::pictures(), Value::Keys(pairing.pictures.clone())));
    }
    for (variant, key) in variants.iter().zip(&pairing.variants) {
        read_variant(&mut entries, variant, *key, images, &pairing.pictures, policy);
    }
    for (image, key) in images.iter().zip(&pairing.pictures) {
        read_image(&mut entries, image, *key);
    }
    entries.into_iter().collect()
}

type Entries = Vec<(Path, Value)>;

fn read_variant(
    entries: &mut Entries,
    variant: &Variant,
    key: Key,
    images: &[Image],
    pictures: &[Key],
    policy: &Policy,
) {
    let Variant {
        remote_id: _,
        sku,
        barcode,
        options,
        price,
        compare_at_price,
        cost,
        stock,
        weight,
        images: shown_by,
    } = variant;
    let part = Part::Variant(key);
    entries.push((Path::variant(key, Leaf::Exists), Value::Present));
    put_text(entries, part, Field::Sku, sku);
    put_text(entries, part, Field::Barcode, barcode);
    put_number(entries, part, Field::Price, *price);
    put_number(entries, part, Field::CompareAtPrice, *compare_at_price);
    put_number(entries, part, Field::Cost, *cost);
    put_number(entries, part, Field::Weight, *weight);
    for (name, text) in options.iter().filter(|(_, text)| !text.is_empty()) {
        let name = hub_option_name(name, policy);
        entries.push((
            Path::variant(key, Leaf::Option(name.into())),
            Value::Text(text.into()),
        ));
    }
    for (location, quantity) in stock {
        entries.push((Path::stock(key, location), Value::Number(*quantity)));
    }
    let shows = |address: &String| images.iter().position(|image| image.address == *address);
    let keys: Vec<Key> = shown_by.iter().filter_map(shows).map(|at| pictures[at]).collect();
    if !keys.is_empty() {
        entries.push((Path::variant(key, Leaf::Pictures), Value::Keys(keys)));
    }
}

fn read_image(entries: &mut Entries, image: &Image, key: Key) {
    let Image {
        remote_id: _,
        hash,
        address,
        alt,
    } = image;
    let picture = Picture {
        hash: hash.clone(),
        address: address.clone(),
    };
    entries.push((Path::picture(key, Leaf::Exists), Value::Picture(picture)));
    if !alt.is_empty() {
        entries.push((Path::picture(key, Leaf::Alt), Value::Text(alt.into())));
    }
}

fn put_text(entries: &mut Entries, part: Part, field: Field, text: &str) {
    if !text.is_empty() {
        entries.push((
            Path {
                part,
                leaf: Leaf::Field(field),
            },
            Value::Text(text.into()),
        ));
    }
}

fn put_list(entries: &mut Entries, field: Field, list: &[String]) {
    if !list.is_empty() {
        entries.push((Path::field(field), Value::List(list.to_vec())));
    }
}

fn put_number(entries: &mut Entries, part: Part, field: Field, number: Option<Decimal>) {
    if let Some(number) = number {
        entries.push((
            Path {
                part,
                leaf: Leaf::Field(field),
            },
            Value::Number(number),
        ));
    }
}

/// The platform's own names of options that the hub calls otherwise, for writing more of them alike.
pub fn option_names(product: &Product, policy: &Policy) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    for name in product.variants.iter().flat_map(|variant| variant.options.keys()) {
        let hub = hub_option_name(name, policy);
        if hub != name && !names.iter().any(|(known, _)| known == hub) {
            names.push((hub.to_owned(), name.clone()));
        }
    }
    names
}

#[cfg(test)]
mod tests;
