//! Writing: what is sent arrives, what comes back is quiet, and nothing is made twice.

use super::{Double, number, refused, shown, simple, words};
use crate::support::woocommerce::{MEDIA_PASSWORD, MEDIA_USER, Shop, What};
use daemon::connector::{Answer, Class, Create, Find, Update};
use serde_json::json;
use shared::{
    ids::RemoteId,
    product::{Image, Patch, Product, Record, Status, StockWrite, Variant, VariantPatch},
};
use std::collections::BTreeMap;

fn token(item: u64, time: u64) -> String {
    format!("c2s-1-{item}-{time:x}")
}

impl Double {
    async fn create(&self, products: &[Product]) -> Vec<Answer> {
        let batch: Vec<Create> = products
            .iter()
            .zip(1..)
            .map(|(product, item)| Create {
                token: token(item, 1),
                record: product.clone(),
            })
            .collect();
        self.connector.create(&batch).await
    }

    async fn created(&self, product: &Product) -> Record {
        shown(self.create(std::slice::from_ref(product)).await.remove(0))
    }

    async fn update(&self, remote_id: &RemoteId, patch: Patch) -> Answer {
        let update = Update {
            token: token(1, 2),
            remote_id: remote_id.clone(),
            patch,
        };
        self.connector.update(&[update]).await.remove(0)
    }

    /// What a fetch reads of it is what the write answered.
    async fn check_quiet(&self, record: &Record) {
        let read = self
            .all()
            .await
            .into_iter()
            .find(|read| read.remote_id == record.remote_id);
        assert_eq!(read.as_ref(), Some(record));
    }
}

fn options(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn stock(quantity: i64) -> BTreeMap<String, shared::money::Decimal> {
    BTreeMap::from([("default".to_owned(), quantity.into())])
}

fn picture(address: &str) -> Image {
    Image {
        address: address.to_owned(),
        alt: format!("{} alone", address.rsplit('/').next().unwrap_or_default()),
        ..Image::default()
    }
}

/// Everything that a product can say.
fn full() -> Product {
    let variant = |color: &str, sku: &str| Variant {
        sku: sku.to_owned(),
        barcode: String::new(),
        options: options(&[("Color", color), ("Size", "M")]),
        price: number("15.50"),
        compare_at_price: number("20"),
        stock: stock(7),
        weight: number("0.25"),
        images: words(&["https://pictures.example/b.png"]),
        ..Variant::default()
    };
    Product {
        title: "Tools <Pro> & more".to_owned(),
        description: "Short 1\n\nMore".to_owned(),
        brand: "Black & Decker".to_owned(),
        model: "M1".to_owned(),
        mpn: "P9".to_owned(),
        categories: words(&["Home & Garden > Tools", "Sale"]),
        tags: words(&["R&D", "new"]),
        status: Some(Status::Draft),
        attributes: options(&[("Material", "Cotton, washable")]),
        images: ["https://pictures.example/a.png", "https://pictures.example/b.png"]
            .map(picture)
            .into(),
        variants: vec![variant("Black & White", "F-1"), variant("Red", "F-2")],
    }
}

#[tokio::test]
async fn a_product_with_everything_is_created_and_comes_back_quietly() {
    let double = Double::open().await;
    double.shop.state().add_attribute("Color", "pa_color", &["Red"]);
    let wanted = full();
    let record = double.created(&wanted).await;
    assert_eq!(record.token, Some(token(1, 1)));
    let read = &record.product;
    assert_eq!(read.title, wanted.title, "what looks like a tag stays");
    assert_eq!(
        read.description, "<p>Short 1</p>\n<p>More</p>",
        "as every reader sees it"
    );
    assert_eq!(
        (&read.brand, &read.model, &read.mpn),
        (&wanted.brand, &wanted.model, &wanted.mpn)
    );
    assert_eq!((&read.categories, &read.tags), (&wanted.categories, &wanted.tags));
    assert_eq!(
        (read.status, &read.attributes),
        (wanted.status, &wanted.attributes)
    );
    let alts: Vec<&str> = read.images.iter().map(|image| image.alt.as_str()).collect();
    assert_eq!(alts, ["a.png alone", "b.png alone"]);
    for (read, wanted) in read.variants.iter().zip(&wanted.variants) {
        assert_eq!((&read.sku, &read.options), (&wanted.sku, &wanted.options));
        assert_eq!(
            (read.price, read.compare_at_price),
            (wanted.price, wanted.compare_at_price)
        );
        assert_eq!((&read.stock, read.weight), (&wanted.stock, wanted.weight));
        assert_eq!(read.images, [record.product.images[1].address.clone()]);
    }
    // Each picture once, and the shop's own attribute, not another of that name.
    let id: u64 = record.remote_id.0.parse().unwrap();
    assert_eq!(double.shop.state().media.len(), 2);
    let product = double.shop.product(id);
    let attributes = product["attributes"].as_array().unwrap();
    assert!(
        attributes
            .iter()
            .any(|attribute| attribute["name"] == "Color" && attribute["id"] != 0),
        "{attributes:#?}"
    );
    assert!(
        attributes
            .iter()
            .any(|attribute| attribute["name"] == "Size" && attribute["id"] == 0),
        "{attributes:#?}"
    );
    double.check_quiet(&record).await;
}

#[tokio::test]
async fn terms_that_are_there_are_found_and_none_is_made_twice() {
    let double = Double::open().await;
    let first = double.created(&full()).await;
    let terms = |kind: &str| double.shop.state().terms[kind].len();
    let before = (terms("categories"), terms("tags"), terms("brands"));
    assert_eq!(before, (4, 2, 1));
    // Another connection to the same shop knows nothing yet.
    let other = Double::with(double.shop.clone(), json!({}));
    let again = Product {
        categories: words(&["home & garden > TOOLS"]),
        brand: "BLACK & DECKER".to_owned(),
        variants: vec![Variant::default()],
        ..full()
    };
    let record = other.created(&again).await;
    assert_eq!((terms("categories"), terms("tags"), terms("brands")), before);
    assert_eq!(record.product.categories, words(&["Home & Garden > Tools"]));
    assert_eq!(record.product.brand, first.product.brand);
}

#[tokio::test]
async fn an_update_changes_only_what_it_names() {
    let double = Double::open().await;
    let before = double.created(&full()).await;
    let patch = Patch {
        variants: vec![VariantPatch {
            remote_id: before.product.variants[1].remote_id.clone(),
            price: Some(number("9.90")),
            compare_at_price: Some(None),
            ..VariantPatch::default()
        }],
        ..Patch::default()
    };
    let after = shown(double.update(&before.remote_id, patch).await);
    let mut wanted = before.product.clone();
    wanted.variants[1].price = number("9.90");
    wanted.variants[1].compare_at_price = None;
    assert_eq!(after.product, wanted);
    assert_eq!(after.token, Some(token(1, 2)));
    double.check_quiet(&after).await;
    let patch = Patch {
        title: Some("New & better".to_owned()),
        categories: Some(Vec::new()),
        tags: Some(words(&["only"])),
        status: Some(Status::Active),
        attributes: options(&[("Material", ""), ("Cut", "Slim")]),
        ..Patch::default()
    };
    let last = shown(double.update(&before.remote_id, patch).await);
    let wanted = Product {
        title: "New & better".to_owned(),
        categories: Vec::new(),
        tags: words(&["only"]),
        status: Some(Status::Active),
        attributes: options(&[("Cut", "Slim")]),
        ..after.product
    };
    assert_eq!(last.product, wanted);
}

#[tokio::test]
async fn variations_are_added_and_their_options_changed_without_touching_others() {
    let double = Double::open().await;
    double
        .shop
        .state()
        .add_attribute("Color", "pa_color", &["Red", "Blue"]);
    let before = double.created(&full()).await;
    let patch = Patch {
        variants: vec![VariantPatch {
            remote_id: before.product.variants[0].remote_id.clone(),
            options: options(&[("Color", "Magenta")]),
            ..VariantPatch::default()
        }],
        new_variants: vec![Variant {
            sku: "F-3".to_owned(),
            options: options(&[("Color", "Blue"), ("Size", "XL")]),
            price: number("1234.56"),
            stock: stock(1),
            ..Variant::default()
        }],
        ..Patch::default()
    };
    let after = shown(double.update(&before.remote_id, patch).await);
    let told: Vec<_> = after
        .product
        .variants
        .iter()
        .map(|variant| (variant.sku.as_str(), variant.options.clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("F-1", options(&[("Color", "Magenta"), ("Size", "M")])),
            ("F-2", options(&[("Color", "Red"), ("Size", "M")])),
            ("F-3", options(&[("Color", "Blue"), ("Size", "XL")])),
        ]
    );
    assert_eq!(after.product.attributes, before.product.attributes);
    assert_eq!(after.product.variants[2].price, number("1234.56"));
}

#[tokio::test]
async fn what_was_sold_meanwhile_stays_sold_when_stock_is_written() {
    let double = Double::open().await;
    let before = double
        .created(&Product {
            variants: vec![Variant {
                stock: stock(10),
                ..simple("A", "A-1", "5").variants.remove(0)
            }],
            ..simple("A", "A-1", "5")
        })
        .await;
    let id: u64 = before.remote_id.0.parse().unwrap();
    double.shop.sell(id, 3);
    let write = |from: Option<i64>, to: i64| Patch {
        variants: vec![VariantPatch {
            stock: BTreeMap::from([(
                "default".to_owned(),
                StockWrite {
                    from: from.map(Into::into),
                    to: to.into(),
                },
            )]),
            ..VariantPatch::default()
        }],
        ..Patch::default()
    };
    // Two were sold elsewhere: 10 are to be 8. Three went here.
    let after = shown(double.update(&before.remote_id, write(Some(10), 8)).await);
    assert_eq!(after.product.variants[0].stock, stock(5));
    // Below zero, where more was sold than there was.
    let after = shown(double.update(&before.remote_id, write(Some(8), 1)).await);
    assert_eq!(after.product.variants[0].stock, stock(-2));
    // What nobody counted yet is counted from now on.
    double.shop.edit(id, &json!({"manage_stock": false}));
    let after = shown(double.update(&before.remote_id, write(None, 4)).await);
    assert_eq!(after.product.variants[0].stock, stock(4));
    let half = Patch {
        variants: vec![VariantPatch {
            stock: BTreeMap::from([(
                "default".to_owned(),
                StockWrite {
                    from: None,
                    to: "1.5".parse().unwrap(),
                },
            )]),
            ..VariantPatch::default()
        }],
        ..Patch::default()
    };
    assert!(
        refused(double.update(&before.remote_id, half).await)
            .message
            .contains("whole pieces")
    );
    assert_eq!(double.shop.product(id)["stock_quantity"], 4);
}

#[tokio::test]
async fn a_product_whose_variations_were_not_all_written_does_not_say_that_its_stock_was() {
    let double = Double::open().await;
    let before = double.created(&full()).await;
    let write = |at: usize| VariantPatch {
        remote_id: before.product.variants[at].remote_id.clone(),
        stock: BTreeMap::from([(
            "default".to_owned(),
            StockWrite {
                from: Some(7.into()),
                to: 5.into(),
            },
        )]),
        ..VariantPatch::default()
    };
    let patch = Patch {
        variants: vec![write(0), write(1)],
        ..Patch::default()
    };
    let path: String = format!("POST wc/v3/products/{}/variations", before.remote_id);
    double
        .shop
        .next(Box::leak(path.into_boxed_str()), What::BadGateway);
    let answer = double.update(&before.remote_id, patch.clone()).await;
    assert!(!matches!(answer, Answer::Shown(_)), "{answer:?}");
    let wanted = Find {
        token: Some(token(1, 2)),
        remote_id: Some(before.remote_id.clone()),
        ..Find::default()
    };
    let found = double.connector.find(&wanted).await.expect("an answer");
    assert_eq!(found[0].token, None);
    assert_eq!(found[0].product.variants[0].stock, stock(7));
    let after = shown(double.update(&before.remote_id, patch).await);
    assert_eq!(after.token, Some(token(1, 2)));
    assert_eq!(after.product.variants[1].stock, stock(5));
}

#[tokio::test]
async fn a_hundred_are_made_in_one_call_and_each_is_answered_for_itself() {
    let double = Double::open().await;
    let taken = double.shop.add(&json!({"name": "Taken", "sku": "s-7"}));
    let trashed = double.shop.add(&json!({"name": "Trashed", "sku": "S-9"}));
    double.shop.trash(trashed);
    let products: Vec<Product> = (0..100)
        .map(|at| simple(&format!("P{at}"), &format!("S-{at}"), "5"))
        .collect();
    let answers = double.create(&products).await;
    assert_eq!(double.shop.calls("POST wc/v3/products/batch"), 1);
    for (at, answer) in answers.into_iter().enumerate() {
        match at {
            // Who has it may be the same thing: it is looked for by its SKU.
            7 => assert!(
                matches!(&answer, Answer::Unclear(error) if error.message.contains(&taken.to_string())),
                "{answer:?}"
            ),
            9 => assert!(refused(answer).message.contains("trash")),
            _ => assert_eq!(shown(answer).product.variants[0].sku, format!("S-{at}")),
        }
    }
    // It belongs to another product here, or it would not come again.
    let again = double.create(&products[7..8]).await.remove(0);
    let error = refused(again);
    assert!(
        error.message.contains("S-7") && error.message.contains(&taken.to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn more_than_the_web_server_takes_is_sent_in_parts() {
    let double = Double::open().await;
    double.shop.state().knobs.largest = 100_000;
    let products: Vec<Product> = (0..20)
        .map(|at| Product {
            description: "x".repeat(if at == 3 { 150_000 } else { 20_000 }),
            ..simple(&format!("P{at}"), &format!("S-{at}"), "5")
        })
        .collect();
    let answers = double.create(&products).await;
    for (at, answer) in answers.into_iter().enumerate() {
        if at == 3 {
            assert!(refused(answer).message.contains("client_max_body_size"));
        } else {
            assert_eq!(shown(answer).product.title, format!("P{at}"));
        }
    }
    assert_eq!(double.shop.state().products.len(), 19);
}

#[tokio::test]
async fn what_was_made_without_an_answer_is_found_and_not_made_again() {
    let double = Double::open().await;
    let mut products: Vec<Product> = (0..60)
        .map(|at| simple(&format!("P{at}"), &format!("S-{at}"), "5"))
        .collect();
    products[1].variants[0].sku = String::new();
    products[2] = full();
    double.shop.next("POST wc/v3/products/batch", What::CutOff);
    let answers = double.create(&products).await;
    assert!(
        answers.iter().all(|answer| matches!(answer, Answer::Unclear(_))),
        "{answers:?}"
    );
    assert_eq!(
        double.shop.state().products.len(),
        60,
        "the shop finishes what it began"
    );
    for at in [0_usize, 1, 2] {
        let skus = products[at]
            .variants
            .iter()
            .map(|variant| variant.sku.clone())
            .collect();
        let wanted = Find {
            token: Some(token(at as u64 + 1, 1)),
            skus,
            ..Find::default()
        };
        let found = double.connector.find(&wanted).await.expect("an answer");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].token, wanted.token);
        assert_eq!(found[0].product.title, products[at].title);
    }
    let nobody = Find {
        token: Some(token(99, 1)),
        ..Find::default()
    };
    assert_eq!(double.connector.find(&nobody).await, Ok(Vec::new()));
    // Whoever tries again all the same gets what is there, by the SKU that it holds.
    let again: Vec<Create> = (3..60)
        .map(|at| Create {
            token: token(at as u64 + 1, 2),
            record: products[at].clone(),
        })
        .collect();
    for answer in double.connector.create(&again).await {
        shown(answer);
    }
    assert_eq!(double.shop.state().products.len(), 60);
}

#[tokio::test]
async fn a_bad_picture_fails_a_new_product_and_holds_up_no_update() {
    let double = Double::open().await;
    let bad = Product {
        images: vec![picture("https://pictures.example/missing.png")],
        ..simple("A", "A-1", "5")
    };
    let error = refused(double.create(std::slice::from_ref(&bad)).await.remove(0));
    assert!(
        error.message.contains("picture") && error.message.contains("A valid URL"),
        "{error}"
    );
    assert_eq!(double.shop.state().products.len(), 0);
    let record = double.created(&simple("A", "A-1", "5")).await;
    let patch = Patch {
        title: Some("B".to_owned()),
        images: Some(bad.images),
        ..Patch::default()
    };
    let error = refused(double.update(&record.remote_id, patch).await);
    assert!(error.message.contains("Everything else was written"), "{error}");
    let read = double.all().await.remove(0);
    assert_eq!((read.product.title.as_str(), read.product.images.len()), ("B", 0));
}

#[tokio::test]
async fn pictures_go_by_their_id_once_they_are_there() {
    let double = Double::open().await;
    let record = double.created(&full()).await;
    let mut gallery = record.product.images.clone();
    gallery.reverse();
    gallery.push(picture("https://pictures.example/c.png"));
    let patch = Patch {
        images: Some(gallery),
        ..Patch::default()
    };
    let after = shown(double.update(&record.remote_id, patch).await);
    let alts: Vec<&str> = after
        .product
        .images
        .iter()
        .map(|image| image.alt.as_str())
        .collect();
    assert_eq!(alts, ["b.png alone", "a.png alone", "c.png alone"]);
    assert_eq!(double.shop.state().media.len(), 3);
    // The same picture of another product is not another attachment.
    let other = Product {
        images: vec![picture("https://pictures.example/c.png")],
        ..simple("Other", "O-1", "5")
    };
    double.created(&other).await;
    assert_eq!(double.shop.state().media.len(), 3);
}

#[tokio::test]
async fn a_picture_without_a_public_address_is_uploaded_or_told_of() {
    let bytes = b"\x89PNG\r\n\x1a\n and what follows";
    let hash = daemon::connector::content_hash(bytes);
    let product = Product {
        images: vec![Image {
            hash: Some(hash.clone()),
            ..picture("demo:1-1")
        }],
        ..simple("A", "A-1", "5")
    };
    let keep = |double: &Double| {
        let folder = double.data.path().join("pictures").join(&hash[..2]);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(&hash), bytes).unwrap();
    };
    let double = Double::open().await;
    keep(&double);
    let error = refused(double.create(std::slice::from_ref(&product)).await.remove(0));
    assert!(error.message.contains("media_user"), "{error}");
    let media = json!({"media_user": MEDIA_USER, "media_password": MEDIA_PASSWORD});
    let double = Double::with(double.shop.clone(), media.clone());
    keep(&double);
    let record = double.created(&product).await;
    assert_eq!(record.product.images.len(), 1);
    assert_eq!(double.shop.calls("POST wp/v2/media"), 1);
    // After a restart it is known by its name.
    let double = Double::with(double.shop.clone(), media);
    keep(&double);
    let second = Product {
        title: "B".to_owned(),
        images: product.images.clone(),
        ..simple("B", "B-1", "5")
    };
    double.created(&second).await;
    assert_eq!(double.shop.calls("POST wp/v2/media"), 1);
}

#[tokio::test]
async fn what_the_shop_cannot_keep_is_refused_by_name_before_it_is_sent() {
    let double = Double::open().await;
    let check = async |product: Product, message: &str| {
        let error = refused(double.create(&[product]).await.remove(0));
        assert_eq!(error.class, Class::Rejected);
        assert!(error.message.contains(message), "{error}");
    };
    check(simple(" ", "X-1", "5"), "no title").await;
    check(simple("A", "X-1", "-5"), "negative").await;
    let elsewhere = Variant {
        stock: BTreeMap::from([("outlet".to_owned(), 3.into())]),
        ..simple("A", "X-1", "5").variants.remove(0)
    };
    let product = Product {
        variants: vec![elsewhere],
        ..simple("A", "X-1", "5")
    };
    check(product, "`outlet`").await;
    double.shop.state().knobs.brands = false;
    let branded = Product {
        brand: "Acme".to_owned(),
        ..simple("A", "X-1", "5")
    };
    check(branded, "WooCommerce 9.6").await;
    assert_eq!(double.shop.state().products.len(), 0);
}

#[tokio::test]
async fn what_is_gone_or_in_the_trash_is_missing() {
    let double = Double::open().await;
    let record = double.created(&simple("A", "A-1", "5")).await;
    let id: u64 = record.remote_id.0.parse().unwrap();
    let title = || Patch {
        title: Some("B".to_owned()),
        ..Patch::default()
    };
    double.shop.trash(id);
    let error = refused(double.update(&record.remote_id, title()).await);
    assert_eq!(error.class, Class::Missing);
    assert!(error.message.contains("trash"), "{error}");
    double.shop.remove(id);
    assert_eq!(
        refused(double.update(&record.remote_id, title()).await).class,
        Class::Missing
    );
    let wanted = Find {
        remote_id: Some(record.remote_id),
        ..Find::default()
    };
    assert_eq!(double.connector.find(&wanted).await, Ok(Vec::new()));
}

#[tokio::test]
async fn options_of_simple_products_are_refused_and_the_rest_is_written() {
    let shop = Shop::open().await;
    let double = Double::with(shop, json!({}));
    let record = double.created(&simple("A", "A-1", "5")).await;
    let patch = Patch {
        variants: vec![VariantPatch {
            price: Some(number("6")),
            options: options(&[("Color", "Red")]),
            ..VariantPatch::default()
        }],
        ..Patch::default()
    };
    let error = refused(double.update(&record.remote_id, patch).await);
    assert!(error.message.contains("simple product has no options"), "{error}");
    assert_eq!(double.all().await[0].product.variants[0].price, number("6"));
}
