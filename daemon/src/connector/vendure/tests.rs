//! What a real server answered (Vendure 3.7.3), and what is made of it.

use super::{
    asset::Uploaded,
    errors,
    facet::Labels,
    input::{Known, whole},
    order::{self, Order},
    product::{is_unfinished, major, minor, record},
    settings::Settings,
    shapes::{Listed, Product, Variant},
    shop::{Shop, described},
};
use crate::connector::Class;
use serde_json::{Value, json};
use shared::{
    money::Decimal,
    product::{Patch, StockWrite, VariantPatch},
};

fn settings(more: Value) -> Settings {
    let mut remote = json!({
        "url": "https://shop.example", "username": "a", "password": "b", "page": 100, "weight_unit": "g",
        "facets": { "categories": "category", "tags": "tags", "brand": "brand" },
    });
    let Value::Object(more) = more else {
        panic!("a table")
    };
    remote.as_object_mut().unwrap().extend(more);
    let Value::Object(remote) = remote else {
        unreachable!()
    };
    Settings::read(remote).unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn shop() -> Shop {
    described(parsed(include_str!("fixtures/shop.json")), &settings(json!({}))).unwrap()
}

fn products() -> Vec<Product> {
    let listed: Listed<Product> =
        serde_json::from_value(parsed(include_str!("fixtures/products.json"))["products"].clone()).unwrap();
    listed.items
}

fn variants(product: &str) -> Vec<Variant> {
    let listed: Listed<Variant> =
        serde_json::from_value(parsed(include_str!("fixtures/variants.json"))["productVariants"].clone())
            .unwrap();
    listed
        .items
        .into_iter()
        .filter(|variant| variant.product_id == product)
        .collect()
}

fn orders() -> Vec<Order> {
    let listed: Listed<Order> =
        serde_json::from_value(parsed(include_str!("fixtures/orders.json"))["orders"].clone()).unwrap();
    listed.items
}

#[test]
fn a_shop_is_known_by_what_it_says_of_itself() {
    let shop = shop();
    assert_eq!(
        (shop.currency.as_str(), shop.precision, shop.language.as_str()),
        ("USD", 2, "en")
    );
    assert_eq!(
        shop.location("default"),
        Some("1"),
        "the first place is where goods without one go"
    );
    assert_eq!(shop.location("Outlet"), Some("2"));
    assert_eq!(shop.location("Default Stock Location"), None);
    assert_eq!(shop.fields.product_names(), ["brand", "syncToken"]);
    assert_eq!(shop.fields.variant_names(), ["barcode", "weight"]);
    assert_eq!(shop.final_states(), ["Delivered", "Cancelled"]);
    let check = |more: Value, words: &str| {
        let wrong = described(parsed(include_str!("fixtures/shop.json")), &settings(more)).unwrap_err();
        assert!(wrong.message.contains(words), "{wrong}");
        assert_eq!(wrong.class, Class::Auth, "a person has to look");
    };
    check(json!({ "currency": "MXN" }), "no prices in MXN, only in USD, EUR");
    check(
        json!({ "custom_fields": { "weight": "heft" } }),
        "no custom field `heft`",
    );
    check(
        json!({ "custom_fields": { "weight": "barcode" } }),
        "of the type `string`",
    );
}

#[test]
fn a_product_is_read_with_its_variants() {
    let shop = shop();
    let all: Vec<_> = products()
        .into_iter()
        .map(|product| {
            let variants = variants(&product.id);
            record(product, variants, &shop)
        })
        .collect();
    let first = &all[0].product;
    assert_eq!(
        (first.title.as_str(), first.brand.as_str()),
        ("Thing 1", "Umbrella")
    );
    assert_eq!(
        (&first.categories[..], &first.tags[..]),
        (&["Mugs".to_owned()][..], &["gift".to_owned()][..])
    );
    assert_eq!(first.attributes["Material"], "Steel");
    assert!(first.variants[0].stock.is_empty(), "it is not counted");
    assert_eq!(first.variants[0].weight, Some(Decimal::new(25, 5)), "grams");
    let second = &all[1].product;
    assert_eq!(second.variants[0].price, None, "none in this currency");
    assert!(!second.variants[0].stock.is_empty());
    let third = &all[2].product;
    assert_eq!(third.variants.len(), 4);
    assert_eq!(third.variants[3].options["Color"], "Blue");
    assert_eq!(third.variants[3].options["Size"], "M");
    assert_eq!(third.images.len(), 1);
    // What is on a variant counts as changed with it, not with its product.
    assert!(all[1].updated_at > products()[1].updated_at);
}

#[test]
fn money_is_in_the_smallest_unit_and_not_always_whole() {
    let check = |amount: Value, precision: u32, shown: &str| {
        let shown: Decimal = shown.parse().unwrap();
        assert_eq!(
            major(amount.as_number().unwrap(), precision),
            Some(shown),
            "{amount}"
        );
    };
    check(json!(1999), 2, "19.99");
    check(json!(12.5), 2, "0.125");
    check(json!(30_000_000_000_i64), 2, "300000000");
    check(json!(1999), 0, "1999");
    check(json!(1), 3, "0.001");
    let check = |amount: &str, precision: u32, written: Option<i64>| {
        assert_eq!(minor(amount.parse().unwrap(), precision), written, "{amount}");
    };
    check("19.99", 2, Some(1999));
    check("0.125", 2, Some(13));
    check("0.124", 2, Some(12));
    check("-0.125", 2, Some(-13));
    check("1999", 0, Some(1999));
    check("79228162514264337593543950335", 2, None);
    assert_eq!(
        whole("2.9".parse().unwrap()).unwrap(),
        2,
        "a part of one is not sold"
    );
    assert_eq!(whole("-0.5".parse().unwrap()).unwrap(), -1);
    assert!(whole("3000000000".parse().unwrap()).is_err());
}

#[test]
fn a_patch_becomes_inputs_of_only_what_it_names() {
    let shop = shop();
    let product = &products()[2];
    let mut variants = variants(&product.id);
    variants[0].stock_levels[0].allocated = 4;
    let uploaded = Uploaded::default();
    let known = Known {
        shop: &shop,
        uploaded: &uploaded,
        product,
        variants: &variants,
    };
    let id = variants[0].id.clone();
    let check = |patch: Patch, of_product: Value, of_variants: Value| {
        let inputs = known.inputs(&patch).unwrap();
        assert_eq!(Value::from(inputs.product), of_product, "{patch:?}");
        assert_eq!(json!(inputs.variants), of_variants, "{patch:?}");
    };
    let of_variant = |patch: VariantPatch| Patch {
        variants: vec![VariantPatch {
            remote_id: Some(id.as_str().into()),
            ..patch
        }],
        ..Patch::default()
    };
    check(Patch::default(), json!({}), json!([]));
    let title = Patch {
        title: Some("New".to_owned()),
        ..Patch::default()
    };
    check(
        title,
        json!({ "translations": [{ "languageCode": "en", "name": "New" }] }),
        json!([]),
    );
    let price = of_variant(VariantPatch {
        price: Some("9.99".parse().ok()),
        ..VariantPatch::default()
    });
    check(
        price,
        json!({}),
        json!([{ "id": id, "prices": [{ "currencyCode": "USD", "price": 999 }] }]),
    );
    let no_price = of_variant(VariantPatch {
        price: Some(None),
        ..VariantPatch::default()
    });
    check(no_price, json!({}), json!([]));
    let write = StockWrite {
        from: None,
        to: 10.into(),
    };
    let stock = of_variant(VariantPatch {
        stock: [("default".to_owned(), write)].into(),
        weight: Some("0.5".parse().ok()),
        barcode: Some(String::new()),
        ..VariantPatch::default()
    });
    let levels = json!([{ "stockLocationId": "1", "stockOnHand": 14 }]);
    let custom = json!({ "barcode": null, "weight": 500 });
    check(
        stock,
        json!({}),
        json!([{ "id": id, "stockLevels": levels, "customFields": custom }]),
    );
    let strange = of_variant(VariantPatch {
        stock: [("Moon".to_owned(), write)].into(),
        ..VariantPatch::default()
    });
    assert!(known.inputs(&strange).unwrap_err().message.contains("`Moon`"));
}

#[test]
fn a_text_in_a_language_that_is_new_to_a_product_brings_all_of_them() {
    let mut german = shop();
    german.language = "de".to_owned();
    let product = &products()[0];
    let known = Known {
        shop: &german,
        uploaded: &Uploaded::default(),
        product,
        variants: &[],
    };
    let patch = Patch {
        title: Some("Ding".to_owned()),
        ..Patch::default()
    };
    let texts = &known.inputs(&patch).unwrap().product["translations"][0];
    assert_eq!(
        *texts,
        json!({ "languageCode": "de", "name": "Ding", "slug": "Ding", "description": product.description })
    );
}

#[test]
fn facets_that_are_not_written_stay() {
    let shop = shop();
    let id = |code: &str, name: &str| {
        let facet = shop.facets.iter().find(|facet| facet.code == code).unwrap();
        facet
            .values
            .iter()
            .find(|value| value.name == name)
            .unwrap()
            .id
            .clone()
    };
    let (mugs, gift, new, steel, cotton) = (
        id("category", "Mugs"),
        id("tags", "gift"),
        id("tags", "new"),
        id("material", "Steel"),
        id("material", "Cotton"),
    );
    let current = [mugs.as_str(), gift.as_str(), steel.as_str()];
    let tags = |tags: &[&str]| Labels {
        tags: Some(tags.iter().map(|&tag| tag.to_owned()).collect()),
        ..Labels::default()
    };
    let material = |value: &str| Labels {
        attributes: [("Material".to_owned(), value.to_owned())].into(),
        ..Labels::default()
    };
    assert_eq!(Labels::default().ids(&current, &shop), None);
    assert_eq!(tags(&["gift"]).ids(&current, &shop), None, "as it is");
    assert_eq!(
        tags(&["new"]).ids(&current, &shop),
        Some(vec![mugs.clone(), steel.clone(), new])
    );
    assert_eq!(
        material("").ids(&current, &shop),
        Some(vec![mugs.clone(), gift.clone()])
    );
    let both = [mugs.as_str(), steel.as_str(), cotton.as_str()];
    assert_eq!(
        material("Steel, Cotton").ids(&both, &shop),
        None,
        "two values are shown as one text"
    );
    assert_eq!(material("Cotton").ids(&both, &shop), Some(vec![mugs, cotton]));
}

#[test]
fn orders_are_read_with_what_became_of_them() {
    let shop = shop();
    let words: Vec<[String; 3]> = orders()
        .iter()
        .map(|order| {
            let order = order::record(order, &shop).order;
            [order.status, order.payment_status, order.fulfilment_status]
        })
        .collect();
    assert_eq!(
        words,
        [
            ["processing", "authorized", "unfulfilled"],
            ["processing", "paid", "partial"],
            ["cancelled", "authorized", "unfulfilled"],
            ["processing", "partially-refunded", "unfulfilled"],
        ]
    );
    let all = orders();
    let shipped = order::record(&all[1], &shop).order;
    assert_eq!(shipped.shipments[0].tracking_number, "T1");
    assert_eq!(shipped.shipments[0].lines[0].quantity, 1.into());
    let cancelled = order::record(&all[2], &shop).order;
    assert_eq!(cancelled.lines[0].quantity, 2.into(), "what was bought stays");
    assert_eq!(order::record(&all[3], &shop).order.note, "hello");
    for order in &all {
        let totals = order::record(order, &shop).order.totals;
        let of = |part: Option<Decimal>| part.unwrap().0;
        let sum = of(totals.items) + of(totals.shipping) + of(totals.tax) - of(totals.discount);
        assert_eq!(sum, of(totals.total));
    }
    assert_eq!(
        order::status("Packing"),
        "Packing",
        "a shop's own state keeps its name"
    );
}

#[test]
fn refusals_are_told_apart_by_their_codes() {
    let recorded = parsed(include_str!("fixtures/errors.json"));
    let check = |name: &str, class: Option<Class>, words: &str| {
        let answer = &recorded[name];
        let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
        let body = serde_json::to_vec(&answer["body"]).unwrap();
        let error = errors::meaning(status, &body);
        assert_eq!(error.as_ref().map(|error| error.class), class, "{name}");
        assert!(error.is_none_or(|error| error.message.contains(words)), "{name}");
    };
    check("forbidden", Some(Class::Auth), "`products`");
    check("missing", Some(Class::Missing), "99999");
    check("taken back", Some(Class::Rejected), "its own log");
    check("currency", Some(Class::Rejected), "MXN");
    check("version", Some(Class::Protocol), "another Admin API");
    check("too large", Some(Class::Rejected), "100 KB");
    check("elsewhere", Some(Class::Protocol), "`url`");
    check("login", None, "");
    let outcome: errors::Outcome =
        serde_json::from_value(recorded["login"]["body"]["data"]["login"].clone()).unwrap();
    assert_eq!(outcome.error().unwrap().class, Class::Auth);
}

#[test]
fn a_slug_that_tells_of_an_unfinished_product_is_none_that_people_write() {
    assert!(is_unfinished("unfinished-0123456789abcdef0123456789abcdef"));
    assert!(is_unfinished("unfinished-0123456789abcdef0123456789abcdef-2"));
    assert!(!is_unfinished("unfinished-business"));
    assert!(!is_unfinished("thing-1"));
}
