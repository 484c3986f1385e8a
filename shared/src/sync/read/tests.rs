use super::*;
use crate::{ids::ConnectionId, product::Status, sync::matching::pair};

fn policy() -> Policy {
    let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    policy.products.options = [(
        "color".to_owned(),
        vec!["Colour".to_owned(), "pa_color".to_owned()],
    )]
    .into();
    policy
}

/// What is read of a product that is new, by its paths.
fn shown(product: &Product) -> Vec<String> {
    let policy = policy();
    let pairing = pair(product, &Content::new(), &[], Key(1), &policy);
    let content = read(product, &pairing, &policy);
    let mut paths: Vec<String> = content.iter().map(|(path, _)| path.to_string()).collect();
    paths.sort();
    paths
}

#[test]
fn what_is_blank_is_absent() {
    let blank = Product {
        attributes: [("fabric".to_owned(), String::new())].into(),
        variants: vec![Variant {
            options: [("Colour".to_owned(), String::new())].into(),
            ..Variant::default()
        }],
        ..Product::default()
    };
    assert_eq!(shown(&blank), ["variants/1"]);
}

#[test]
fn everything_that_is_shown_is_read() {
    let number = Some(Decimal::ONE);
    let text = |text: &str| text.to_owned();
    let full = Product {
        title: text("Tee"),
        description: text("Soft"),
        brand: text("Acme"),
        model: text("M"),
        mpn: text("P"),
        categories: vec![text("Caps")],
        tags: vec![text("new")],
        status: Some(Status::Active),
        attributes: [(text("fabric"), text("wool"))].into(),
        images: vec![Image {
            address: text("https://shop.example/1.jpg"),
            alt: text("Front"),
            ..Image::default()
        }],
        variants: vec![Variant {
            remote_id: None,
            sku: text("A-1"),
            barcode: text("7501031311309"),
            options: [(text("pa_color"), text("Red"))].into(),
            price: number,
            compare_at_price: number,
            cost: number,
            stock: [(text("default"), Decimal::ONE)].into(),
            weight: number,
            images: vec![
                text("https://shop.example/1.jpg"),
                text("https://shop.example/2.jpg"),
            ],
        }],
    };
    let found = shown(&full);
    for path in [
        "title",
        "description",
        "brand",
        "model",
        "mpn",
        "categories",
        "tags",
        "status",
        "attributes/fabric",
        "variants/1",
        "variants/1/sku",
        "variants/1/barcode",
        "variants/1/price",
        "variants/1/compare_at_price",
        "variants/1/cost",
        "variants/1/weight",
    ] {
        assert!(found.contains(&path.to_owned()), "{path} in {found:?}");
    }
    assert_eq!(found.len(), 22, "{found:?}");
}

#[test]
fn the_platforms_names_of_options_are_known_once_each_and_only_where_they_differ() {
    let variant = |name: &str| Variant {
        options: [(name.to_owned(), "Red".to_owned())].into(),
        ..Variant::default()
    };
    let check = |names: &[&str], wanted: &[(&str, &str)]| {
        let product = Product {
            variants: names.iter().map(|name| variant(name)).collect(),
            ..Product::default()
        };
        let found = option_names(&product, &policy());
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(hub, name)| (hub.as_str(), name.as_str()))
            .collect();
        assert_eq!(found, wanted, "{names:?}");
    };
    check(&[], &[]);
    check(&["color", "fit"], &[]);
    check(&["Colour", "Colour"], &[("color", "Colour")]);
    check(&["pa_color", "Colour"], &[("color", "pa_color")]);
}
