//! Sales orders from shop to shop, by the real binary.

use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
    wait_until,
};
use serde_json::json;
use shared::{money::Decimal, order::Shipment, time::Time};
use std::collections::BTreeSet;

const PLACED: Time = Time(1_795_000_000_000);

/// The settings of a demo shop that takes the orders of others and keeps no tokens, so that what goes wrong (`failures`)
/// leaves nothing to find an order by but what is in it.
fn forgetful(failures: &str) -> String {
    let knobs = format!("latency = \"0ms\"\norder_tokens = \"forget\"\nfailures = {{ {failures} }}");
    format!("{}[orders]\nclone = true\n", demo(20)).replace("latency = \"0ms\"", &knobs)
}

/// Two shops that sell the same; the second takes the orders of the first.
async fn two_shops(first: &str, second: &str) -> Daemon {
    let daemon = Daemon::start(&[("connections/one.toml", first), ("connections/two.toml", second)]).await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "sync").await;
    daemon
}

/// Buyers place so many orders at the first shop, each of a product of its own.
fn sell(daemon: &Daemon, orders: usize) {
    let mut shop = shop(daemon, "one");
    let products = shop.products().expect("its products");
    for record in products.iter().take(orders) {
        let variant = record.product.variants[0].remote_id.as_ref();
        shop.oversell(&record.remote_id.0, variant, 1, PLACED)
            .expect("it is sold");
    }
}

/// Every order of the first shop is at the second once, and the hub knows it.
async fn check_each_is_there_once(daemon: &Daemon, orders: u64) {
    let mut second = shop(daemon, "two");
    let there = second.orders().expect("its orders");
    let buyers: BTreeSet<&str> = there
        .iter()
        .map(|record| record.order.buyer.email.as_str())
        .collect();
    assert_eq!((there.len() as u64, buyers.len() as u64), (orders, orders));
    assert!(there.iter().all(|record| record.token.is_none()), "{there:?}");
    let writes = second.order_writes().expect("its writes");
    assert_eq!(writes.creates, orders);
    let listed = daemon.get("/api/v1/orders?limit=500").await;
    assert_eq!(listed["total"], orders, "none was taken for a new one");
    let known: BTreeSet<&str> = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|order| order["equivalences"].as_array().expect("a list"))
        .filter(|here| here["connection"] == "two")
        .filter_map(|here| here["remote_id"].as_str())
        .collect();
    let wanted: BTreeSet<&str> = there.iter().map(|record| record.remote_id.0.as_str()).collect();
    assert_eq!(known, wanted);
    // Nothing more is to be done, however often it is looked.
    let jobs = [daemon.run("two", "sync").await, daemon.run("one", "sync").await];
    assert_eq!(second.order_writes().expect("its writes"), writes, "{jobs:?}");
}

#[tokio::test]
async fn an_order_whose_creation_was_not_answered_is_adopted_where_no_tokens_are_kept() {
    let daemon = two_shops(&demo(20), &forgetful("write_after_commit = \"100%\"")).await;
    sell(&daemon, 5);
    daemon.run("one", "fetch").await;
    let job = daemon.run("two", "send").await;
    assert_eq!(
        (&job["status"], &job["outcome"]["created"]),
        (&json!("done"), &json!(5)),
        "{job}"
    );
    check_each_is_there_once(&daemon, 5).await;
}

/// Orders are made at the second shop, and the daemon waits for it to say so. Answers the send's address.
async fn made_and_not_known(daemon: &mut Daemon, orders: u64) -> String {
    let silent = forgetful("connection_lost = \"100%\", page = \"100%\"");
    daemon.write_config("connections/two.toml", &silent);
    daemon.restart().await;
    let started = daemon.post("/api/v1/connections/two/send", json!({})).await;
    let job = format!("/api/v1/jobs/{}", started["job"]["id"].as_str().expect("an id"));
    wait_until(
        "the orders are made",
        async || shop(daemon, "two").order_count().expect("its count"),
        |count| *count == orders,
    )
    .await;
    let sending = daemon.get(&job).await;
    assert_eq!(
        (&sending["status"], &sending["outcome"]["created"]),
        (&json!("running"), &json!(0)),
        "{sending}"
    );
    job
}

#[tokio::test]
async fn a_crash_between_the_creation_and_its_answer_makes_no_order_twice() {
    let mut daemon = two_shops(&demo(20), &forgetful("")).await;
    sell(&daemon, 5);
    daemon.run("one", "fetch").await;
    let job = made_and_not_known(&mut daemon, 5).await;
    daemon.kill_9();
    daemon.write_config("connections/two.toml", &forgetful(""));
    daemon.restart().await;
    let job = daemon
        .wait_until(&job, "the send goes on", |job| job["status"] == "done")
        .await;
    assert_eq!(job["outcome"]["created"], 5, "{job}");
    check_each_is_there_once(&daemon, 5).await;
}

#[tokio::test]
async fn a_fetch_knows_an_order_of_ours_again_with_what_became_of_it_meanwhile() {
    let mut daemon = two_shops(&demo(20), &forgetful("")).await;
    sell(&daemon, 3);
    daemon.run("one", "fetch").await;
    let job = made_and_not_known(&mut daemon, 3).await;
    daemon.post(&format!("{job}/cancel"), json!({})).await;
    daemon
        .wait_until(&job, "the send is over", |job| job["status"] == "cancelled")
        .await;
    let there = shop(&daemon, "two").orders().expect("its orders");
    let parcel = Shipment {
        carrier: "DHL".to_owned(),
        tracking_number: "T-1".to_owned(),
        ..Shipment::default()
    };
    shop(&daemon, "two")
        .change_order(&there[0].remote_id.0, |order| order.shipments.push(parcel))
        .expect("somebody sends it");
    daemon.kill_9();
    daemon.write_config("connections/two.toml", &forgetful(""));
    daemon.restart().await;
    let job = daemon.run("two", "fetch").await;
    assert_eq!(job["outcome"]["new"], 0, "{job}");
    check_each_is_there_once(&daemon, 3).await;
    let first = shop(&daemon, "one").orders().expect("its orders");
    let parcels: Vec<&str> = first
        .iter()
        .flat_map(|record| &record.order.shipments)
        .map(|parcel| parcel.tracking_number.as_str())
        .collect();
    assert_eq!(parcels, ["T-1"], "the buyer is told where it was bought");
}

#[tokio::test]
async fn of_two_records_that_could_be_it_nobody_can_tell_and_none_is_created_beside_them() {
    let daemon = two_shops(&demo(20), &forgetful("write_after_commit = \"100%\"")).await;
    sell(&daemon, 2);
    let mut first = shop(&daemon, "one");
    let placed = first.orders().expect("its orders");
    let twin = placed[0].order.clone();
    first
        .change_order(&placed[1].remote_id.0, |order| {
            order.lines = twin.lines;
            order.totals = twin.totals;
            order.buyer = twin.buyer;
            order.shipping_address = twin.shipping_address;
        })
        .expect("the same buyer orders the same again");
    daemon.run("one", "fetch").await;
    let job = daemon.run("two", "send").await;
    assert_eq!(job["outcome"]["created"], 0, "{job}");
    let issues = daemon.get("/api/v1/issues?connection=two").await;
    assert_eq!(
        (&issues["total"], &issues["items"][0]["code"]),
        (&json!(2), &json!("ambiguous_match")),
        "{issues}"
    );
    let writes = shop(&daemon, "two").order_writes().expect("its writes");
    assert_eq!(writes.creates, 2);

    // As many records as orders: the next fetch has one for each.
    let job = daemon.run("two", "sync").await;
    assert_eq!(job["outcome"]["new"], 0, "{job}");
    let writes = shop(&daemon, "two").order_writes().expect("its writes");
    assert_eq!(writes.creates, 2);
    assert_eq!(daemon.get("/api/v1/issues?connection=two").await["total"], 0);
    assert_eq!(daemon.get("/api/v1/orders").await["total"], 2);
}

/// How many of everything a shop has of a product.
fn stock(daemon: &Daemon, connection: &str, sku: &str) -> Decimal {
    let record = shop(daemon, connection)
        .product_with_sku(sku)
        .expect("its products")
        .expect("it is sold there");
    let variants = record.product.variants.into_iter();
    let stock = variants.flat_map(|variant| variant.stock.into_values());
    Decimal(stock.map(|quantity| quantity.0).sum())
}

#[tokio::test]
async fn failure_2_stock_that_was_sold_is_seen_at_once_where_a_sale_does_not_count_as_a_change() {
    let undated = demo(20).replace("latency", "sales = \"undated\"\nlatency");
    let daemon = two_shops(&undated, &demo(20)).await;
    let first = shop(&daemon, "one").products().expect("its products")[0].clone();
    let sku = first.product.variants[0].sku.clone();
    let before = stock(&daemon, "one", &sku);
    assert_eq!(stock(&daemon, "two", &sku), before);
    sell(&daemon, 1);
    let after = shop(&daemon, "one").products().expect("its products")[0].clone();
    assert_eq!(
        after.updated_at, first.updated_at,
        "nothing tells that it changed"
    );
    let left = stock(&daemon, "one", &sku);
    assert_eq!(left.0, before.0 - Decimal::ONE.0);

    let job = daemon.run("one", "fetch").await;
    assert_eq!(
        (&job["outcome"]["new"], &job["outcome"]["changed"]),
        (&json!(1), &json!(1)),
        "an order and its product: {job}"
    );
    daemon.run("two", "send").await;
    assert_eq!(stock(&daemon, "two", &sku), left);
    for connection in ["one", "two"] {
        let job = daemon.run(connection, "sync").await;
        assert_eq!(job["outcome"]["updated"], 0, "{job}");
    }
}
