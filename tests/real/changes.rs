//! What changed: also where the shop does not say so.

use crate::{
    catalogue::{SMALL, shown},
    server::Server,
    shop::{Connected, connect},
};
use daemon::connector::{Answer, Create, PageFrom};
use serde_json::json;
use shared::{
    product::{Product, Variant},
    time::Time,
};

/// Ids that a reading of what changed since the latest change shows, in order.
async fn changed(shop: &Connected, since: Time) -> Vec<String> {
    let (records, _) = shop.since(Some(since)).await;
    records.into_keys().map(|id| id.0.to_string()).collect()
}

/// The latest instant that a record says it changed at, a moment later.
async fn latest(shop: &Connected) -> Time {
    let all = shop.all().await;
    let latest = all
        .values()
        .filter_map(|record| record.updated_at)
        .max()
        .expect("they say when");
    Time(latest.0 + 1000)
}

#[tokio::test]
async fn a_reading_of_changes_shows_edits_and_also_sales_that_count_as_none() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let since = latest(&shop).await;
    // The clock of what was edited below is later than `since`.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(changed(&shop, since).await, Vec::<String>::new());
    let rename = "mutation ($input: UpdateProductInput!) { updateProduct(input: $input) { id } }";
    let name =
        json!({ "input": { "id": "2", "translations": [{ "languageCode": "en", "name": "Renamed" }] } });
    server.owner(rename, name).await;
    let price = "mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id productId } }";
    let edited = server
        .owner(price, json!({ "input": [{ "id": "4", "price": 4321 }] }))
        .await;
    let product = edited["updateProductVariants"][0]["productId"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut wanted = vec!["2".to_owned(), product];
    wanted.sort();
    assert_eq!(changed(&shop, since).await, wanted);
    // Somebody buys: neither the product nor its variant says that it changed.
    let later = Time(since.0 + 600_000);
    assert_eq!(changed(&shop, later).await, Vec::<String>::new());
    let before = shop.with_sku("THING-1").await.product.variants[0].stock["default"];
    server.buy("1", 3).await;
    assert_eq!(changed(&shop, later).await, ["1"]);
    assert_eq!(changed(&shop, later).await, Vec::<String>::new(), "once");
    let after = shop.with_sku("THING-1").await.product.variants[0].stock["default"];
    assert_eq!(
        before.0 - after.0,
        3.into(),
        "what is sold and not shipped cannot be sold again"
    );
}

#[tokio::test]
async fn a_reading_that_breaks_off_shows_the_same_again() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let since = Time(latest(&shop).await.0 + 600_000);
    assert_eq!(changed(&shop, since).await, Vec::<String>::new());
    server.buy("1", 1).await;
    // The pages of changes, up to the one that has it, of which nothing is kept.
    let (mut cursor, mut seen) = (None, 0);
    while seen == 0 {
        let page = shop
            .connector
            .page(&PageFrom {
                since: Some(since),
                cursor,
            })
            .await
            .unwrap();
        seen += page.records.len();
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, 1);
    let fresh = connect(&server, json!({}));
    assert_eq!(
        fresh.since(Some(since)).await.0.len(),
        12,
        "who has just begun reads everything once"
    );
}

#[tokio::test]
async fn a_product_whose_creation_broke_off_is_hidden_and_completed_by_the_next_create() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let variant = |sku: &str, size: &str| Variant {
        sku: sku.to_owned(),
        price: Some(7.into()),
        options: [("Size".to_owned(), size.to_owned())].into(),
        ..Variant::default()
    };
    let mut record = Product {
        title: "Halves".to_owned(),
        variants: vec![variant("HALF-1", "S"), variant("HALF-2", "M")],
        ..Product::default()
    };
    // The second variant's place is not known there, so it ends in the middle.
    record.variants[1].stock.insert("Moon".to_owned(), 1.into());
    let create = |record: &Product| Create {
        token: "t".to_owned(),
        record: record.clone(),
    };
    let answers = shop.connector.create(&[create(&record)]).await;
    assert!(matches!(answers[0], Answer::Refused(_)), "{answers:?}");
    let (all, unreadable) = shop.since(None).await;
    assert_eq!(all.len(), 12);
    assert!(
        unreadable.len() == 1 && unreadable[0].contains("Halves"),
        "{unreadable:?}"
    );
    record.variants[1].stock.clear();
    let made = shown(shop.connector.create(&[create(&record)]).await).remove(0);
    assert_eq!(made.product.variants.len(), 2);
    let all = shop.all().await;
    assert_eq!(all.len(), 13, "it was not made twice");
    assert_eq!(all[&made.remote_id], made);
}
