//! Reading: every product once, however the list moves, in few calls.

use super::{Double, number, words};
use crate::support::woocommerce::{Shop, What};
use daemon::connector::{Class, Find, PageFrom};
use serde_json::json;
use shared::{
    ids::RemoteId,
    product::{Record, Status},
    time::Time,
};
use std::{collections::BTreeSet, time::Duration};

/// So many simple products, and after each fifth a variable one with nine variations.
async fn filled(simple: usize, variable: usize) -> Double {
    let double = Double::open().await;
    for at in 0..simple {
        double
            .shop
            .add(&json!({"name": format!("Simple {at}"), "sku": format!("S-{at}"), "regular_price": "5"}));
    }
    for at in 0..variable {
        let product = double.shop.add(&json!({"name": format!("Variable {at}"), "type": "variable",
            "attributes": [{"name": "Color", "variation": true, "options": ["1", "2", "3", "4", "5", "6", "7", "8", "9"]}]}));
        for color in 1..=9 {
            double.shop.add_variation(
                product,
                &json!({"sku": format!("V-{at}-{color}"), "regular_price": "7",
                "attributes": [{"name": "Color", "option": color.to_string()}]}),
            );
        }
    }
    double
}

fn ids(records: &[Record]) -> BTreeSet<&RemoteId> {
    records.iter().map(|record| &record.remote_id).collect()
}

#[tokio::test]
async fn a_large_shop_is_read_in_as_few_calls_as_a_plain_reader_takes() {
    let double = filled(412, 100).await;
    let all = double.all().await;
    assert_eq!((all.len(), ids(&all).len()), (512, 512));
    let variants: usize = all.iter().map(|record| record.product.variants.len()).sum();
    assert_eq!(variants, 412 + 900);
    // 6 + 9 is what the quickest plain reader takes; one for the categories.
    let calls = double.shop.calls("");
    assert!(calls <= 17, "{calls} calls: {:#?}", double.shop.state().calls);
}

#[tokio::test]
async fn no_product_is_passed_over_while_rows_go_and_come() {
    for seed in 0..20 {
        let mut chance = fastrand::Rng::with_seed(seed);
        let double = filled(950, 0).await;
        let before: Vec<u64> = double.shop.state().products.keys().copied().collect();
        let mut gone: BTreeSet<u64> = BTreeSet::new();
        let mut read = BTreeSet::new();
        let mut cursor = None;
        loop {
            let page = double.page(&PageFrom { since: None, cursor }).await;
            read.extend(
                page.records
                    .into_iter()
                    .map(|record| record.remote_id.0.to_string()),
            );
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
            for _ in 0..chance.usize(1..150) {
                let id = before[chance.usize(0..before.len())];
                if gone.insert(id) {
                    if chance.bool() {
                        double.shop.remove(id);
                    } else {
                        double.shop.trash(id);
                    }
                }
            }
            double.shop.add(&json!({"name": "New"}));
        }
        let missed: Vec<&u64> = before
            .iter()
            .filter(|id| !gone.contains(id) && !read.contains(&id.to_string()))
            .collect();
        assert_eq!(missed, Vec::<&u64>::new(), "seed {seed}");
    }
}

#[tokio::test]
async fn where_variations_are_not_listed_at_once_they_are_read_by_product() {
    let double = filled(3, 4).await;
    double.shop.state().knobs.analytics = false;
    let all = double.all().await;
    assert_eq!(
        all.iter()
            .map(|record| record.product.variants.len())
            .sum::<usize>(),
        3 + 36
    );
    assert_eq!(double.shop.calls("GET wc/v3/products/"), 1 + 4);
    double.shop.forget_calls();
    double.all().await;
    assert_eq!(double.shop.calls("GET wc-analytics"), 0, "it is not asked again");
}

#[tokio::test]
async fn only_what_changed_since_is_read_and_changes_of_variations_count() {
    let double = Double::open().await;
    double.shop.state().past = 7200;
    for at in 0..150 {
        double.shop.add(&json!({"name": format!("Old {at}")}));
    }
    let product = double.shop.add(&json!({"name": "Tee", "type": "variable",
        "attributes": [{"name": "Size", "variation": true, "options": ["M"]}]}));
    let variation = double
        .shop
        .add_variation(product, &json!({"attributes": [{"name": "Size", "option": "M"}]}));
    double.shop.state().past = 3600;
    double
        .shop
        .edit_variation(variation, &json!({"regular_price": "8"}));
    let at = double
        .all()
        .await
        .iter()
        .filter_map(|record| record.updated_at)
        .max()
        .expect("a time");
    let changed = double.since(Some(at)).await;
    assert_eq!(
        ids(&changed),
        BTreeSet::from([&RemoteId::from(product.to_string())]),
        "the same second counts"
    );
    assert_eq!(double.since(Some(at.plus(Duration::from_secs(2)))).await, []);
    assert_eq!(double.since(Some(Time(at.0 - 7_200_000))).await.len(), 151);
}

#[tokio::test]
async fn a_product_is_read_as_people_see_it() {
    let double = Double::open().await;
    let (tools, color) = {
        let mut state = double.shop.state();
        state.terms.get_mut("categories").unwrap().insert(
            16,
            json!({"id": 16, "name": "Home &amp; Garden", "slug": "home-garden", "parent": 0}),
        );
        state.terms.get_mut("categories").unwrap().insert(
            17,
            json!({"id": 17, "name": "5 &gt; 3 &amp; 2 &lt; 4", "slug": "numbers", "parent": 16}),
        );
        state.terms.get_mut("tags").unwrap().insert(
            18,
            json!({"id": 18, "name": "R&amp;D", "slug": "rd", "parent": 0}),
        );
        state.terms.get_mut("brands").unwrap().insert(
            19,
            json!({"id": 19, "name": "Black &amp; Decker", "slug": "bd", "parent": 0}),
        );
        (
            17,
            state.add_attribute("Color", "pa_color", &["Black & White", "Red"]),
        )
    };
    let product = double.shop.add(&json!({
        "name": "Größe <b>L</b> & more 🎽 ", "type": "variable", "description": "Short 1\n\nAnd more", "status": "private",
        "categories": [{"id": tools}], "tags": [{"id": 18}], "brands": [{"id": 19}], "weight": "1.5",
        "images": [{"src": "https://pictures.example/a.png", "alt": "Front"}],
        "meta_data": [{"key": "model", "value": "M1"}, {"key": "mpn", "value": "P-9"}, {"key": "other", "value": {"x": 1}}],
        "attributes": [
            {"id": color, "position": 0, "visible": true, "variation": true, "options": ["Red", "Black & White"]},
            {"name": "Material", "position": 1, "visible": true, "options": ["Cotton", "Wool"]},
        ],
    }));
    let inherits = double.shop.add_variation(product, &json!({"sku": "T\\1", "regular_price": "19.990", "manage_stock": true,
        "stock_quantity": -462, "global_unique_id": "4006381333931", "attributes": [{"id": color, "option": "black & white"}]}));
    let own = double.shop.add_variation(
        product,
        &json!({"sku": "T2", "regular_price": "20", "sale_price": "15.5", "weight": "0.25",
        "manage_stock": "parent", "image": {"src": "https://pictures.example/b.png"},
        "attributes": [{"id": color, "option": "Red"}]}),
    );
    let open = double
        .shop
        .add_variation(product, &json!({"regular_price": "", "attributes": []}));
    let records = double.all().await;
    let record = &records[0];
    let read = &record.product;
    assert_eq!(read.title, "Größe <b>L</b> & more 🎽");
    assert_eq!(read.description, "<p>Short 1</p>\n<p>And more</p>");
    assert_eq!(
        (read.brand.as_str(), read.model.as_str(), read.mpn.as_str()),
        ("Black & Decker", "M1", "P-9")
    );
    assert_eq!(read.categories, words(&["Home & Garden > 5 > 3 & 2 < 4"]));
    assert_eq!(read.tags, words(&["R&D"]));
    assert_eq!(read.status, Some(Status::Draft));
    assert_eq!(
        read.attributes,
        [("Material".to_owned(), "Cotton, Wool".to_owned())].into()
    );
    let addresses: Vec<&str> = read.images.iter().map(|image| image.address.as_str()).collect();
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    assert_eq!(read.images[0].alt, "Front");
    let [first, second, third] = read.variants.as_slice() else {
        panic!("three variations: {:#?}", read.variants);
    };
    assert_eq!(first.remote_id, Some(inherits.to_string().into()));
    assert_eq!(first.sku, "T\\1");
    assert_eq!(first.barcode, "4006381333931");
    assert_eq!((first.price, first.compare_at_price), (number("19.99"), None));
    assert_eq!(first.stock, [("default".to_owned(), (-462).into())].into());
    assert_eq!(first.weight, number("1.5"), "inherited");
    assert_eq!(first.images, words(&[]), "shown with its product's");
    assert_eq!(
        first.options,
        [("Color".to_owned(), "Black & White".to_owned())].into()
    );
    assert_eq!(second.remote_id, Some(own.to_string().into()));
    assert_eq!(
        (second.price, second.compare_at_price),
        (number("15.5"), number("20"))
    );
    assert_eq!(second.stock, [].into(), "counted at the product");
    assert_eq!(second.weight, number("0.25"));
    assert_eq!(second.images, words(&[addresses[1]]));
    assert_eq!(third.remote_id, Some(open.to_string().into()));
    assert_eq!((third.price, third.options.len()), (None, 0));
    assert!(
        record
            .url
            .as_ref()
            .is_some_and(|url| url.starts_with("https://shop.example/product/"))
    );
}

#[tokio::test]
async fn weights_are_in_the_shops_unit_which_it_is_asked_for() {
    let double = Double::open().await;
    double.shop.state().knobs.weight_unit = "g";
    double.shop.add(&json!({"name": "A", "weight": "250"}));
    double.shop.add(&json!({"name": "B"}));
    let records = double.all().await;
    assert_eq!(records[0].product.variants[0].weight, number("0.25"));
    assert_eq!(records[1].product.variants[0].weight, None);
    double.all().await;
    assert_eq!(double.shop.calls("GET wc/v3/settings"), 1);
    let set = Double::with(double.shop.clone(), json!({"weight_unit": "lbs"}));
    assert_eq!(
        set.all().await[0].product.variants[0].weight,
        number("113.3980925")
    );
}

#[tokio::test]
async fn what_cannot_be_understood_stops_only_itself() {
    let double = Double::open().await;
    let good = double.shop.add(&json!({"name": "Good", "regular_price": "1"}));
    let bad = double
        .shop
        .add(&json!({"name": "Bad & <b>worse</b>", "regular_price": "1"}));
    double.shop.state().products.get_mut(&bad).unwrap().regular = "1,5".to_owned();
    let page = double.page(&PageFrom::default()).await;
    assert_eq!(page.records.len(), 1);
    assert_eq!(page.records[0].remote_id, good.to_string().into());
    let [unreadable] = page.unreadable.as_slice() else {
        panic!("{:?}", page.unreadable)
    };
    assert_eq!(unreadable.remote_id, Some(bad.to_string().into()));
    assert!(
        unreadable.message.contains("1,5") && unreadable.message.contains("Bad & "),
        "{}",
        unreadable.message
    );
    assert_eq!(page.total, Some(2));
}

#[tokio::test]
async fn trouble_of_the_shop_is_told_apart() {
    let check = async |what: What, class: Class, message: &str| {
        let double = Double::open().await;
        // Reads are tried again a few times.
        for _ in 0..20 {
            double.shop.next("GET wc/v3/products?", what);
        }
        let error = double
            .connector
            .page(&PageFrom::default())
            .await
            .expect_err("trouble");
        assert_eq!(error.class, class, "{error}");
        assert!(error.message.contains(message), "{error}");
    };
    check(What::Maintenance, Class::Unavailable, "").await;
    check(What::Fatal, Class::Unavailable, "critical error on this website").await;
    check(What::BadGateway, Class::Unavailable, "").await;
}

#[tokio::test]
async fn a_sku_is_looked_for_exactly_and_finds_the_product_of_a_variation() {
    let double = filled(30, 2).await;
    let found = async |skus: &[&str]| {
        let wanted = Find {
            skus: words(skus),
            ..Find::default()
        };
        let found = double.connector.find(&wanted).await.expect("an answer");
        found
            .into_iter()
            .map(|record| record.product.title)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found(&["s-7", "V-1-3", "V-1-4"]).await,
        ["Simple 7", "Variable 1"]
    );
    // To the shop these are no filter, and it answers all it has.
    assert_eq!(found(&["0", "", " "]).await, Vec::<String>::new());
    double.shop.add(&json!({"name": "Comma", "sku": "A,B"}));
    double.shop.add(&json!({"name": "Longer", "sku": "A,B,C"}));
    assert_eq!(found(&["A,B"]).await, ["Comma"]);
}

#[tokio::test]
async fn the_key_the_address_the_permission_and_the_reach_are_told_apart() {
    let check = async |more: serde_json::Value, break_it: &dyn Fn(&Shop), class: Class, message: &str| {
        let shop = Shop::open().await;
        break_it(&shop);
        let double = Double::with(shop, more);
        let error = double.connector.check().await.expect_err("something is wrong");
        assert_eq!(error.class, class, "{error}");
        assert!(error.message.contains(message), "{error}");
        assert!(!error.message.contains("cs_"), "{error}");
    };
    let double = filled(3, 1).await;
    let said = double.connector.check().await.expect("all is well");
    assert!(
        said.contains("4 products") && said.contains("read and write"),
        "{said}"
    );
    assert_eq!(double.shop.state().products.len(), 4, "nothing was touched");
    let nothing = |_: &Shop| {};
    check(
        json!({"key": "ck_other"}),
        &nothing,
        Class::Auth,
        "does not know this `key`",
    )
    .await;
    check(
        json!({"secret": "cs_other"}),
        &nothing,
        Class::Auth,
        "not its `secret`",
    )
    .await;
    let reader = |shop: &Shop| shop.state().knobs.may_write = false;
    check(json!({}), &reader, Class::Auth, "may only read").await;
    let plain = |shop: &Shop| shop.state().knobs.plain_permalinks = true;
    check(json!({}), &plain, Class::Protocol, "/index.php").await;
    check(
        json!({"url": "http://127.0.0.1:1"}),
        &nothing,
        Class::Unavailable,
        "refused",
    )
    .await;
    let shop = Shop::open().await;
    shop.state().knobs.plain_permalinks = true;
    let url = format!("{}/index.php", shop.url());
    let double = Double::with(shop, json!({"url": url}));
    assert!(double.connector.check().await.is_ok());
}
