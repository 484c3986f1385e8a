//! Products as a real shop shows and takes them.

use crate::{
    server::{Filling, Server},
    shop::connect,
};
use daemon::connector::{Answer, Class, Create, Find, Update, content_hash};
use serde_json::json;
use shared::{
    money::Decimal,
    product::{Image, Patch, Product, Status, StockWrite, Variant, VariantPatch},
};
use std::{collections::BTreeMap, fs};

pub(crate) const SMALL: Filling = Filling {
    products: 12,
    orders: 6,
};

pub(crate) fn shown<R: std::fmt::Debug>(answers: Vec<Answer<R>>) -> Vec<R> {
    answers
        .into_iter()
        .map(|answer| match answer {
            Answer::Shown(record) => record,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn refused<R: std::fmt::Debug>(answers: &[Answer<R>]) -> Vec<(Class, String)> {
    let refused = answers.iter().map(|answer| match answer {
        Answer::Refused(error) => (error.class, error.message.clone()),
        other => panic!("{other:?}"),
    });
    refused.collect()
}

fn text(pair: (&str, &str)) -> (String, String) {
    (pair.0.to_owned(), pair.1.to_owned())
}

/// A picture of one colour.
pub(crate) fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(8, 8, image::Rgb([shade, 0, 0]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn products_are_read_as_the_shop_shows_them() {
    let server = Server::start(SMALL).await;
    for page in [100, 5, 1] {
        let shop = connect(&server, json!({ "page": page }));
        let all = shop.all().await;
        assert_eq!(all.len(), 12, "pages of {page}");
    }
    let shop = connect(&server, json!({}));
    let third = shop.with_sku("THING-3").await.product;
    assert_eq!(third.title, "Thing 3");
    assert_eq!(third.description, "<p>All about Thing 3.</p>");
    assert_eq!(third.brand, "Umbrella");
    assert_eq!(third.status, Some(Status::Active));
    assert_eq!(third.categories, ["Shirts"]);
    assert_eq!(third.tags, ["gift"]);
    assert_eq!(third.attributes, [text(("Material", "Steel"))].into());
    assert_eq!(third.images.len(), 1);
    assert_eq!(third.variants.len(), 4);
    let second = &third.variants[1];
    assert_eq!(second.sku, "THING-3-1");
    assert_eq!(second.barcode, "4000000000310");
    assert_eq!(
        second.options,
        [text(("Color", "Red")), text(("Size", "M"))].into()
    );
    assert_eq!(second.price, Some(Decimal::new(1031, 2)));
    assert_eq!(second.weight, Some(Decimal::new(25, 2)));
    assert_eq!(
        second.stock,
        [
            ("default".to_owned(), 24.into()),
            ("Outlet".to_owned(), 14.into())
        ]
        .into()
    );
    let bytes = shop.connector.image(&third.images[0].address).await.unwrap();
    assert!(image::load_from_memory(&bytes).is_ok());
    let hidden = shop.with_sku("THING-10").await.product;
    assert_eq!(hidden.status, Some(Status::Draft));
    let euros = connect(
        &server,
        json!({ "currency": "EUR", "language": "de", "weight_unit": "g" }),
    );
    let first = euros.with_sku("THING-1").await.product;
    assert_eq!(first.title, "Ding 1");
    assert_eq!(first.variants[0].price, Some(Decimal::new(910, 2)));
    assert_eq!(first.variants[0].weight, Some(Decimal::new(25, 5)));
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "mostly the product")]
async fn a_product_is_created_whole_and_found_by_its_token_and_skus() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let bytes = picture(7);
    let hash = content_hash(&bytes);
    let kept = shop.data.path().join("pictures").join(&hash[..2]);
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join(&hash), &bytes).unwrap();
    let image = Image {
        hash: Some(hash.clone()),
        address: "csv:red.png".to_owned(),
        ..Image::default()
    };
    let variant = |sku: &str, size: &str| Variant {
        sku: sku.to_owned(),
        barcode: "4006381333931".to_owned(),
        options: [text(("Color", "Red")), text(("Size", size))].into(),
        price: Some(Decimal::new(12_345, 3)),
        stock: [
            ("default".to_owned(), 5.into()),
            ("Outlet".to_owned(), Decimal::new(25, 1)),
        ]
        .into(),
        weight: Some(Decimal::new(125, 2)),
        images: vec![image.address.clone()],
        ..Variant::default()
    };
    let wanted = Product {
        title: "Über Tee & Co".to_owned(),
        description: "<b>Soft</b>".to_owned(),
        brand: "Acme".to_owned(),
        categories: vec!["Clothing > Tees".to_owned(), "Shirts".to_owned()],
        tags: vec!["new".to_owned()],
        status: Some(Status::Active),
        attributes: [text(("Material", "Wool")), text(("Fit", "Slim"))].into(),
        images: vec![image.clone()],
        variants: vec![variant("TEE-S", "S"), variant("TEE-M", "M")],
        ..Product::default()
    };
    let create = Create {
        token: "token-1".to_owned(),
        record: wanted.clone(),
    };
    let record = shown(shop.connector.create(std::slice::from_ref(&create)).await).remove(0);
    let got = &record.product;
    assert_eq!(record.token.as_deref(), Some("token-1"));
    assert_eq!(
        (&got.title, &got.description, &got.brand),
        (&wanted.title, &wanted.description, &wanted.brand)
    );
    assert_eq!(
        (&got.categories, &got.tags, &got.attributes),
        (&wanted.categories, &wanted.tags, &wanted.attributes)
    );
    assert_eq!(got.status, wanted.status);
    assert_eq!(got.variants.len(), 2);
    assert_eq!(got.variants[0].options, wanted.variants[0].options);
    assert_eq!(
        got.variants[0].price,
        Some(Decimal::new(1235, 2)),
        "rounded to what money there is"
    );
    assert_eq!(got.variants[0].weight, wanted.variants[0].weight);
    assert_eq!(got.variants[0].barcode, wanted.variants[0].barcode);
    assert_eq!(
        got.variants[0].stock,
        [("default".to_owned(), 5.into()), ("Outlet".to_owned(), 2.into())].into()
    );
    assert_eq!(got.variants[0].images, [got.images[0].address.clone()]);
    let there = shop.connector.image(&got.images[0].address).await.unwrap();
    assert_eq!(
        content_hash(&there),
        hash,
        "the picture's bytes are what they were"
    );
    let slug = server
        .owner(
            "query ($id: ID!) { product(id: $id) { slug } }",
            json!({ "id": record.remote_id.0.to_string() }),
        )
        .await;
    assert_eq!(slug["product"]["slug"], "ueber-tee-co", "{slug}");
    let by_token = Find {
        token: Some("token-1".to_owned()),
        ..Find::default()
    };
    assert_eq!(
        shop.connector.find(&by_token).await.unwrap(),
        std::slice::from_ref(&record)
    );
    assert_eq!(shop.with_sku("TEE-M").await, record);
    // The same picture is not uploaded a second time.
    let again = Create {
        token: "token-2".to_owned(),
        record: Product {
            title: "Another".to_owned(),
            variants: vec![Variant {
                options: BTreeMap::default(),
                ..variant("OTHER", "S")
            }],
            ..wanted
        },
    };
    let again = shown(shop.connector.create(&[again]).await).remove(0);
    assert_eq!(again.product.images[0].remote_id, got.images[0].remote_id);
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "a table")]
async fn an_update_changes_only_what_it_names() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let before = shop.with_sku("THING-3").await;
    let update = |patch: Patch| Update {
        token: "t".to_owned(),
        remote_id: before.remote_id.clone(),
        patch,
    };
    let of_variant = |patch: VariantPatch| {
        update(Patch {
            variants: vec![VariantPatch {
                remote_id: before.product.variants[0].remote_id.clone(),
                ..patch
            }],
            ..Patch::default()
        })
    };
    let mut wanted = before.product.clone();
    let mut check = async |update: Update, change: &dyn Fn(&mut Product)| {
        change(&mut wanted);
        let answers = shop.connector.update(std::slice::from_ref(&update)).await;
        let got = shown(answers).remove(0);
        assert_eq!(got.product, wanted, "{update:?}");
        let still = shop.with_sku("THING-3-1").await;
        assert_eq!(still, got, "what an update shows is what a reading shows");
    };
    let title = update(Patch {
        title: Some("New title".to_owned()),
        ..Patch::default()
    });
    check(title, &|product| product.title = "New title".to_owned()).await;
    let tags = update(Patch {
        tags: Some(vec!["gift".to_owned(), "sale".to_owned()]),
        attributes: [text(("Material", "")), text(("Fit", "Slim"))].into(),
        ..Patch::default()
    });
    check(tags, &|product| {
        product.tags = vec!["gift".to_owned(), "sale".to_owned()];
        product.attributes = [text(("Fit", "Slim"))].into();
    })
    .await;
    let status = update(Patch {
        status: Some(Status::Draft),
        brand: Some(String::new()),
        ..Patch::default()
    });
    check(status, &|product| {
        product.status = Some(Status::Draft);
        product.brand = String::new();
    })
    .await;
    let price = of_variant(VariantPatch {
        price: Some(Some(Decimal::new(999, 2))),
        ..VariantPatch::default()
    });
    check(price, &|product| {
        product.variants[0].price = Some(Decimal::new(999, 2));
    })
    .await;
    let stock = of_variant(VariantPatch {
        stock: [(
            "Outlet".to_owned(),
            StockWrite {
                from: None,
                to: 3.into(),
            },
        )]
        .into(),
        barcode: Some("x".to_owned()),
        weight: Some(None),
        ..VariantPatch::default()
    });
    check(stock, &|product| {
        product.variants[0].stock.insert("Outlet".to_owned(), 3.into());
        product.variants[0].barcode = "x".to_owned();
        product.variants[0].weight = None;
    })
    .await;
    let option = of_variant(VariantPatch {
        options: [text(("Size", "XL"))].into(),
        ..VariantPatch::default()
    });
    check(option, &|product| {
        product.variants[0]
            .options
            .insert("Size".to_owned(), "XL".to_owned());
    })
    .await;
    let images = update(Patch {
        images: Some(Vec::new()),
        ..Patch::default()
    });
    check(images, &|product| product.images.clear()).await;
    let euros = connect(&server, json!({ "currency": "EUR" }))
        .with_sku("THING-3")
        .await;
    assert_eq!(
        euros.product.variants[0].price,
        Some(Decimal::new(930, 2)),
        "other currencies keep their prices"
    );
}

#[tokio::test]
async fn one_bad_update_stops_only_itself() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let price = |id: &str, remote: Option<&str>| Update {
        token: "t".to_owned(),
        remote_id: id.into(),
        patch: Patch {
            variants: vec![VariantPatch {
                remote_id: remote.map(Into::into),
                price: Some(Some(5.into())),
                ..VariantPatch::default()
            }],
            ..Patch::default()
        },
    };
    let gone = price("99999", Some("1"));
    let strange = price("1", Some("99999"));
    let mut far = price("2", None);
    far.patch.variants[0].stock = [(
        "Moon".to_owned(),
        StockWrite {
            from: None,
            to: 3.into(),
        },
    )]
    .into();
    let answers = shop
        .connector
        .update(&[gone, strange, far, price("5", None)])
        .await;
    let Answer::Shown(last) = &answers[3] else {
        panic!("{answers:?}")
    };
    assert_eq!(&*last.remote_id.0, "5");
    let refused = refused(&answers[..3]);
    assert_eq!(
        refused.iter().map(|it| it.0).collect::<Vec<_>>(),
        [Class::Missing, Class::Missing, Class::Rejected]
    );
    assert!(
        refused[2].1.contains("`Moon`") && refused[2].1.contains("Outlet"),
        "{refused:?}"
    );
    let mut free = Product {
        title: "Free".to_owned(),
        variants: vec![Variant::default()],
        ..Product::default()
    };
    free.variants[0].sku = "FREE".to_owned();
    let answers = shop
        .connector
        .create(&[Create {
            token: "t".to_owned(),
            record: free,
        }])
        .await;
    let Answer::Refused(error) = &answers[0] else {
        panic!("{answers:?}")
    };
    assert!(error.message.contains("`FREE` a price"), "{error}");
}
