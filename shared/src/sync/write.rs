//! Content in the words of connectors: a whole product to create, or a sparse patch.

use crate::{
    content::{Change, Content, Field, Leaf, Part, Path, Picture, Value},
    ids::Key,
    item::Equivalence,
    money::Decimal,
    policy::Policy,
    product::{Image, Patch, Product, Status, StockWrite, Variant, VariantPatch},
};
use std::collections::BTreeMap;

/// The product that a view describes, as it is to be created at a connection.
pub fn product(view: &Content, equivalence: &Equivalence, policy: &Policy) -> Product {
    let names = OptionNames { equivalence, policy };
    let mut attributes = BTreeMap::new();
    for (leaf, value) in view.part(Part::Whole) {
        if let (Leaf::Attribute(name), Value::Text(text)) = (leaf, value) {
            attributes.insert(name.to_string(), text.to_string());
        }
    }
    Product {
        title: view.text(&Path::field(Field::Title)).to_owned(),
        description: view.text(&Path::field(Field::Description)).to_owned(),
        brand: view.text(&Path::field(Field::Brand)).to_owned(),
        model: view.text(&Path::field(Field::Model)).to_owned(),
        mpn: view.text(&Path::field(Field::Mpn)).to_owned(),
        categories: list_of(view.get(&Path::field(Field::Categories))),
        tags: list_of(view.get(&Path::field(Field::Tags))),
        status: Status::parse(view.text(&Path::field(Field::Status))),
        attributes,
        images: images(view, equivalence),
        variants: view
            .variants()
            .map(|key| variant(view, view, key, &names))
            .collect(),
    }
}

/// A record's content with the policy's defaults for records that are created here.
pub fn with_defaults(view: &Content, policy: &Policy) -> Content {
    let mut view = view.clone();
    let crate::policy::Defaults { category, status } = &policy.products.defaults;
    let categories = Path::field(Field::Categories);
    if let (None, Some(category)) = (view.get(&categories), category) {
        view.put(categories, Some(Value::List(vec![category.clone()])));
    }
    if let Some(status) = status {
        view.put(
            Path::field(Field::Status),
            Some(Value::Text(status.name().into())),
        );
    }
    view
}

/// The patch that makes `changes`, the wanted state being `view`.
pub fn patch(changes: &[Change], view: &Content, equivalence: &Equivalence, policy: &Policy) -> Patch {
    let names = OptionNames { equivalence, policy };
    // What is held of a new variant does not go along with it.
    let coming: Content = changes
        .iter()
        .filter_map(|change| Some((change.path.clone(), change.new.clone()?)))
        .collect();
    let mut patch = Patch::default();
    let mut variants: BTreeMap<Key, VariantPatch> = BTreeMap::new();
    for Change { path, old, new } in changes {
        match path.part {
            Part::Whole => patch_whole(&mut patch, &path.leaf, new.as_ref(), view, equivalence),
            Part::Picture(_) => patch.images = Some(images(view, equivalence)),
            // An order's.
            Part::Line(_) | Part::Shipment(_) | Part::Payment(_) => {}
            Part::Variant(key) if is_new(key, changes) => {
                if path.leaf == Leaf::Exists {
                    patch.new_variants.push(variant(&coming, view, key, &names));
                }
            }
            Part::Variant(key) => {
                let variant = variants.entry(key).or_insert_with(|| VariantPatch {
                    remote_id: equivalence.child(key).filter(|id| !id.0.is_empty()).cloned(),
                    ..VariantPatch::default()
                });
                patch_variant(variant, &path.leaf, (old.as_ref(), new.as_ref()), view, &names);
            }
        }
    }
    patch.variants = variants.into_values().collect();
    patch
}

fn is_new(key: Key, changes: &[Change]) -> bool {
    let exists = Path::variant(key, Leaf::Exists);
    changes.iter().any(|change| change.path == exists)
}

fn patch_whole(
    patch: &mut Patch,
    leaf: &Leaf,
    new: Option<&Value>,
    view: &Content,
    equivalence: &Equivalence,
) {
    match leaf {
        Leaf::Field(Field::Title) => patch.title = Some(text_of(new)),
        Leaf::Field(Field::Description) => patch.description = Some(text_of(new)),
        Leaf::Field(Field::Brand) => patch.brand = Some(text_of(new)),
        Leaf::Field(Field::Model) => patch.model = Some(text_of(new)),
        Leaf::Field(Field::Mpn) => patch.mpn = Some(text_of(new)),
        Leaf::Field(Field::Categories) => patch.categories = Some(list_of(new)),
        Leaf::Field(Field::Tags) => patch.tags = Some(list_of(new)),
        Leaf::Field(Field::Status) => patch.status = Status::parse(&text_of(new)),
        Leaf::Attribute(name) => {
            patch.attributes.insert(name.to_string(), text_of(new));
        }
        Leaf::Pictures => patch.images = Some(images(view, equivalence)),
        // The other fields are a variant's or a picture's.
        Leaf::Field(_) | Leaf::Exists | Leaf::Option(_) | Leaf::Stock(_) | Leaf::Alt | Leaf::Detail(_) => {}
    }
}

fn patch_variant(
    patch: &mut VariantPatch,
    leaf: &Leaf,
    (old, new): (Option<&Value>, Option<&Value>),
    view: &Content,
    names: &OptionNames<'_>,
) {
    match leaf {
        Leaf::Field(Field::Sku) => patch.sku = Some(text_of(new)),
        Leaf::Field(Field::Barcode) => patch.barcode = Some(text_of(new)),
        Leaf::Field(Field::Price) => patch.price = Some(number_of(new)),
        Leaf::Field(Field::CompareAtPrice) => patch.compare_at_price = Some(number_of(new)),
        Leaf::Field(Field::Cost) => patch.cost = Some(number_of(new)),
        Leaf::Field(Field::Weight) => patch.weight = Some(number_of(new)),
        Leaf::Option(name) => {
            patch.options.insert(names.of(name), text_of(new));
        }
        Leaf::Stock(location) => {
            if let Some(to) = number_of(new) {
                let from = number_of(old);
                patch.stock.insert(location.to_string(), StockWrite { from, to });
            }
        }
        Leaf::Pictures => {
            let keys = if let Some(Value::Keys(keys)) = new {
                keys.as_slice()
            } else {
                &[]
            };
            patch.images = Some(addresses(view, keys, names.equivalence));
        }
        // The other fields are the whole product's or a picture's.
        Leaf::Field(_) | Leaf::Exists | Leaf::Attribute(_) | Leaf::Alt | Leaf::Detail(_) => {}
    }
}

/// A variant that is to come, with its own `values`; the pictures that they name are the view's.
fn variant(values: &Content, view: &Content, key: Key, names: &OptionNames<'_>) -> Variant {
    let text = |field| values.text(&Path::variant_field(key, field)).to_owned();
    let number = |field| values.number(&Path::variant_field(key, field));
    let mut variant = Variant {
        remote_id: None,
        sku: text(Field::Sku),
        barcode: text(Field::Barcode),
        options: BTreeMap::new(),
        price: number(Field::Price),
        compare_at_price: number(Field::CompareAtPrice),
        cost: number(Field::Cost),
        stock: BTreeMap::new(),
        weight: number(Field::Weight),
        images: Vec::new(),
    };
    for (leaf, value) in values.part(Part::Variant(key)) {
        match (leaf, value) {
            (Leaf::Option(name), Value::Text(text)) => {
                variant.options.insert(names.of(name), text.to_string());
            }
            (Leaf::Stock(location), Value::Number(quantity)) => {
                variant.stock.insert(location.to_string(), *quantity);
            }
            (Leaf::Pictures, Value::Keys(keys)) => variant.images = addresses(view, keys, names.equivalence),
            _ => {}
        }
    }
    variant
}

/// The gallery in the wanted order; what the platform has already goes by its id there.
fn images(view: &Content, equivalence: &Equivalence) -> Vec<Image> {
    let ordered = match view.get(&Path::pictures()) {
        Some(Value::Keys(keys)) => keys.clone(),
        _ => Vec::new(),
    };
    let mut pictures: Vec<_> = view
        .pictures()
        .filter(|(key, _)| !was_dropped(*key, equivalence))
        .collect();
    pictures.sort_by_key(|(key, _)| ordered.iter().position(|k| k == key).unwrap_or(usize::MAX));
    let image = |(key, picture): (Key, &Picture)| {
        let Picture { hash, address } = there(key, equivalence).unwrap_or(picture);
        Image {
            remote_id: equivalence.child(key).cloned(),
            hash: hash.clone(),
            address: address.clone(),
            alt: view.text(&Path::picture(key, Leaf::Alt)).to_owned(),
        }
    };
    pictures.into_iter().map(image).collect()
}

fn addresses(view: &Content, keys: &[Key], equivalence: &Equivalence) -> Vec<String> {
    let address = |key: &Key| {
        let wanted = picture(view, *key).filter(|_| !was_dropped(*key, equivalence));
        let picture = there(*key, equivalence).or(wanted)?;
        Some(picture.address.clone())
    };
    keys.iter().filter_map(address).collect()
}

/// A picture as the platform has it already: at its own address there.
fn there(key: Key, equivalence: &Equivalence) -> Option<&Picture> {
    picture(&equivalence.acknowledged, key)
}

/// The platform had it and shows it no more; it is not put back.
fn was_dropped(key: Key, equivalence: &Equivalence) -> bool {
    equivalence.child(key).is_some() && there(key, equivalence).is_none()
}

fn picture(content: &Content, key: Key) -> Option<&Picture> {
    match content.get(&Path::picture(key, Leaf::Exists)) {
        Some(Value::Picture(picture)) => Some(picture),
        _ => None,
    }
}

fn text_of(value: Option<&Value>) -> String {
    if let Some(Value::Text(text)) = value {
        text.to_string()
    } else {
        String::new()
    }
}

fn list_of(value: Option<&Value>) -> Vec<String> {
    if let Some(Value::List(list)) = value {
        list.clone()
    } else {
        Vec::new()
    }
}

fn number_of(value: Option<&Value>) -> Option<Decimal> {
    if let Some(Value::Number(number)) = value {
        Some(*number)
    } else {
        None
    }
}

/// What the platform calls an option: as it does already, else as the policy says first, else as the hub does.
struct OptionNames<'a> {
    equivalence: &'a Equivalence,
    policy: &'a Policy,
}

impl OptionNames<'_> {
    fn of(&self, hub: &str) -> String {
        let there = self.equivalence.option_names.iter().find(|(name, _)| name == hub);
        let configured = || {
            self.policy
                .products
                .options
                .get(hub)
                .and_then(|names| names.first())
        };
        there
            .map(|(_, name)| name)
            .or_else(configured)
            .cloned()
            .unwrap_or_else(|| hub.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{content::diff, ids::ConnectionId};

    #[test]
    fn lists_are_written_whole_and_a_blank_one_empties() {
        let policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
        let here = Equivalence::default();
        let list = |words: &[&str]| Value::List(words.iter().map(|&word| word.to_owned()).collect());
        let view: Content = [
            (Path::field(Field::Categories), list(&["Clothing > Tees"])),
            (Path::field(Field::Tags), list(&["new", "art"])),
        ]
        .into_iter()
        .collect();
        let created = product(&view, &here, &policy);
        assert_eq!(created.categories, ["Clothing > Tees"]);
        assert_eq!(created.tags, ["new", "art"]);
        let written = patch(&diff(&Content::new(), &view), &view, &here, &policy);
        assert_eq!(written.categories, Some(vec!["Clothing > Tees".to_owned()]));
        assert_eq!(written.tags, Some(vec!["new".to_owned(), "art".to_owned()]));
        let emptied = patch(&diff(&view, &Content::new()), &Content::new(), &here, &policy);
        assert_eq!(emptied.tags, Some(Vec::new()));
    }

    #[test]
    fn a_variant_that_is_to_come_has_the_platforms_names_of_options_and_what_is_counted() {
        let policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
        let here = Equivalence {
            option_names: vec![("size".to_owned(), "Talla".to_owned())],
            ..Equivalence::default()
        };
        let text = |leaf, text: &str| (Path::variant(Key(1), leaf), Value::Text(text.into()));
        let view: Content = [
            (Path::variant(Key(1), Leaf::Exists), Value::Present),
            text(Leaf::Field(Field::Sku), "tee-1"),
            text(Leaf::Option("color".into()), "Red"),
            text(Leaf::Option("size".into()), "M"),
            text(Leaf::Option("Cut".into()), "Slim"),
            (Path::stock(Key(1), "default"), Value::Number(7.into())),
        ]
        .into_iter()
        .collect();
        let name = |(there, text): (&str, &str)| (there.to_owned(), text.to_owned());
        let wanted = Variant {
            sku: "tee-1".to_owned(),
            options: [("Color", "Red"), ("Talla", "M"), ("Cut", "Slim")]
                .map(name)
                .into(),
            stock: [("default".to_owned(), 7.into())].into(),
            ..Variant::default()
        };
        assert_eq!(
            product(&view, &here, &policy).variants,
            std::slice::from_ref(&wanted)
        );
        let added = patch(&diff(&Content::new(), &view), &view, &here, &policy);
        assert_eq!(added.new_variants, [wanted]);
        assert_eq!(added.variants, []);
    }
}
