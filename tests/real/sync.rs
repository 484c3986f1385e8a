//! Products and orders from shop to shop, by the real binary: a demo shop, a spreadsheet and a real server.

use crate::{
    catalogue::SMALL,
    server::{Filling, Server},
    support::{
        daemon::Daemon,
        shops::{csv, demo, shop},
    },
};
use serde_json::{Value, json};
use shared::{order::Shipment, time::Time};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};
use tokio::time::Instant;

const EMPTY: Filling = Filling {
    products: 0,
    orders: 0,
};
const PRODUCTS: u64 = 300;
/// A real server makes a few products a second, and less on a loaded machine.
const LONG: Duration = Duration::from_secs(600);

fn real(server: &Server, more: &str) -> String {
    format!(
        "platform = \"vendure\"\n[remote]\nurl = \"{}\"\nusername = \"superadmin\"\npassword = \"superadmin\"\n{more}\
         [products]\nclone = true\n",
        server.url()
    )
}

/// Requests a job; answers its address.
async fn begin(daemon: &Daemon, connection: &str, kind: &str) -> String {
    let path = format!("/api/v1/connections/{connection}/{kind}");
    let started = daemon.post(&path, json!({})).await;
    format!("/api/v1/jobs/{}", started["job"]["id"].as_str().expect("an id"))
}

/// Waits until a job no longer runs or waits, for as long as real servers take.
async fn ended(daemon: &Daemon, job: &str) -> Value {
    let began = Instant::now();
    loop {
        let seen = daemon.get(job).await;
        if !["queued", "running"].contains(&seen["status"].as_str().unwrap_or_default()) {
            return seen;
        }
        assert!(began.elapsed() < LONG, "waited {LONG:?} in vain for {seen:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Runs a job to its end, with nothing refused.
async fn run(daemon: &Daemon, connection: &str, kind: &str) -> Value {
    let job = ended(daemon, &begin(daemon, connection, kind).await).await;
    assert_eq!(
        (&job["status"], &job["outcome"]["failed"]),
        (&json!("done"), &json!(0)),
        "{job:#}\n{:#}",
        daemon.get("/api/v1/issues").await
    );
    job
}

/// What the server itself has of each SKU: how often, and its price in the smallest unit.
async fn variants(server: &Server) -> BTreeMap<String, (u32, i64)> {
    let mut all: BTreeMap<String, (u32, i64)> = BTreeMap::new();
    let list = "query ($options: ProductVariantListOptions) {
        productVariants(options: $options) { totalItems items { sku prices { price } } }
    }";
    let mut skip = 0;
    loop {
        let page = server
            .owner(list, json!({ "options": { "take": 500, "skip": skip } }))
            .await;
        let page = &page["productVariants"];
        let items = page["items"].as_array().expect("a list");
        for item in items {
            let of = all
                .entry(item["sku"].as_str().expect("a text").to_owned())
                .or_default();
            of.0 += 1;
            of.1 = item["prices"][0]["price"].as_i64().expect("a whole amount");
        }
        skip += items.len() as u64;
        if skip >= page["totalItems"].as_u64().expect("a count") {
            return all;
        }
    }
}

async fn count(server: &Server) -> u64 {
    let count = server.owner("{ products { totalItems } }", json!({})).await;
    count["products"]["totalItems"].as_u64().expect("a count")
}

/// When anything was last written there.
async fn last_write(server: &Server) -> (String, String) {
    let latest = server
        .owner(
            "{ products(options: { take: 1, sort: { updatedAt: DESC } }) { items { updatedAt } }
               productVariants(options: { take: 1, sort: { updatedAt: DESC } }) { items { updatedAt } } }",
            json!({}),
        )
        .await;
    let at = |list: &str| latest[list]["items"][0]["updatedAt"].to_string();
    (at("products"), at("productVariants"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_products_go_to_a_real_server_and_from_it_and_then_all_is_quiet() {
    let server = Server::start(EMPTY).await;
    let daemon = Daemon::start(&[
        ("connections/demo.toml", &demo(PRODUCTS)),
        (
            "connections/sheet.toml",
            &format!("{}[products]\nclone = true\n", csv("sheet.csv")),
        ),
        ("connections/real.toml", &real(&server, "")),
    ])
    .await;
    // A file that nothing is in yet.
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/samples/catalogue.csv");
    let catalogue = fs::read_to_string(catalogue).expect("it is shipped");
    let header = catalogue.lines().next().expect("a header");
    daemon.write_config("sheet.csv", &format!("{header}\n"));
    let read = run(&daemon, "demo", "fetch").await;
    assert_eq!(read["outcome"]["new"], PRODUCTS, "{read}");
    let sent = run(&daemon, "real", "sync").await;
    assert_eq!(sent["outcome"]["created"], PRODUCTS, "{sent}");
    assert_eq!(count(&server).await, PRODUCTS);
    let mut demo_shop = shop(&daemon, "demo");
    let products = demo_shop.products().expect("its products");
    let wanted: BTreeMap<String, (u32, i64)> = products
        .iter()
        .flat_map(|record| &record.product.variants)
        .map(|variant| {
            let cents = variant.price.expect("it has one").0 * shared::money::Decimal::from(100).0;
            (
                variant.sku.clone(),
                (1, cents.normalize().to_string().parse().expect("whole cents")),
            )
        })
        .collect();
    assert_eq!(variants(&server).await, wanted);
    let bare = "{ products(options: { take: 1000 }) { items { name assets { id } } } }";
    let bare = server.owner(bare, json!({})).await;
    let galleries: u64 = bare["products"]["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|product| product["assets"].as_array().map_or(0, Vec::len) as u64)
        .sum();
    let pictures: usize = products
        .iter()
        .map(|record| {
            record
                .product
                .images
                .iter()
                .map(|image| &image.address)
                .collect::<BTreeSet<_>>()
                .len()
        })
        .sum();
    assert_eq!(galleries, pictures as u64, "every picture came along");
    run(&daemon, "sheet", "sync").await;
    let sheet = daemon.read_config("sheet.csv");
    assert!(
        wanted.keys().all(|sku| sheet.contains(sku.as_str())),
        "every SKU is in the file"
    );
    // A second time nothing is new anywhere, and nothing is written.
    for connection in ["demo", "real", "sheet"] {
        run(&daemon, connection, "sync").await;
    }
    let written = last_write(&server).await;
    for connection in ["demo", "real", "sheet", "real"] {
        let job = run(&daemon, connection, "sync").await;
        for what in ["new", "changed", "vanished", "created", "updated"] {
            assert_eq!(job["outcome"][what], 0, "{what} at {connection}: {job:#}");
        }
    }
    assert_eq!(last_write(&server).await, written);
    // What the owner changes there goes to the others.
    let first = wanted.keys().next().expect("one");
    let found = server
        .owner(
            "query ($sku: String!) { productVariants(options: { filter: { sku: { eq: $sku } } }) { items { id } } }",
            json!({ "sku": first }),
        )
        .await;
    let id = &found["productVariants"]["items"][0]["id"];
    server
        .owner(
            "mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }",
            json!({ "input": [{ "id": id, "price": 54321 }] }),
        )
        .await;
    run(&daemon, "real", "fetch").await;
    run(&daemon, "demo", "send").await;
    run(&daemon, "sheet", "send").await;
    let prices = crate::support::shops::prices_of(&mut demo_shop);
    assert_eq!(prices[first], "543.21");
    assert!(daemon.read_config("sheet.csv").contains("543.21"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_in_the_middle_of_a_send_has_everything_once() {
    const WANTED: u64 = 60;
    let mut server = Server::start(EMPTY).await;
    let daemon = Daemon::start(&[
        ("connections/demo.toml", &demo(WANTED)),
        ("connections/real.toml", &real(&server, "")),
    ])
    .await;
    run(&daemon, "demo", "fetch").await;
    let mut job = begin(&daemon, "real", "sync").await;
    for part in [WANTED / 6, WANTED / 2] {
        let began = Instant::now();
        while count(&server).await < part {
            assert!(began.elapsed() < LONG, "{:#}", daemon.get(&job).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server.kill_9();
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.restart().await;
    }
    // What it could not write in its patience it writes in another run.
    for _ in 0..5 {
        let seen = ended(&daemon, &job).await;
        if seen["status"] == "done" && seen["outcome"]["failed"] == 0 {
            break;
        }
        job = begin(&daemon, "real", "sync").await;
    }
    run(&daemon, "real", "sync").await;
    let mut demo_shop = shop(&daemon, "demo");
    let products = demo_shop.products().expect("its products");
    let skus: BTreeSet<String> = products
        .iter()
        .flat_map(|record| &record.product.variants)
        .map(|variant| variant.sku.clone())
        .collect();
    let there = variants(&server).await;
    let twice: Vec<_> = there.iter().filter(|(_, (times, _))| *times != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert_eq!(there.into_keys().collect::<BTreeSet<_>>(), skus);
    assert_eq!(count(&server).await, WANTED);
    let pending = daemon.get("/api/v1/connections/real/pending").await;
    assert_eq!(pending["items"], json!([]), "{pending:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_real_server_is_shipped_elsewhere_and_told_back() {
    let server = Server::start(SMALL).await;
    let daemon = Daemon::start(&[
        (
            "connections/demo.toml",
            &format!(
                "{}[stock]\nlocations = {{ default = [\"default\", \"Outlet\"] }}\n[orders]\nclone = true\n",
                demo(0)
            ),
        ),
        ("connections/real.toml", &real(&server, "")),
    ])
    .await;
    run(&daemon, "real", "fetch").await;
    run(&daemon, "demo", "sync").await;
    let order = server.buy("1", 2).await;
    run(&daemon, "real", "fetch").await;
    run(&daemon, "demo", "send").await;
    let mut demo_shop = shop(&daemon, "demo");
    let cloned = demo_shop.orders().expect("its orders");
    let cloned = cloned
        .iter()
        .find(|record| record.order.buyer.email == "ada@example.com")
        .unwrap_or_else(|| panic!("{cloned:?}"));
    assert_eq!(cloned.order.lines[0].quantity, 2.into());
    demo_shop
        .change_order(&cloned.remote_id.0, |order| {
            order.shipments.push(Shipment {
                carrier: "DHL".to_owned(),
                tracking_number: "JD014".to_owned(),
                shipped_at: Some(Time(1_795_000_000_000)),
                ..Shipment::default()
            });
        })
        .expect("it is there");
    run(&daemon, "demo", "fetch").await;
    run(&daemon, "real", "send").await;
    let shown = server
        .owner(
            "query ($id: ID!) { order(id: $id) { state fulfillments { state method trackingCode } } }",
            json!({ "id": order }),
        )
        .await;
    assert_eq!(shown["order"]["state"], "Shipped", "{shown}");
    assert_eq!(
        shown["order"]["fulfillments"],
        json!([{ "state": "Shipped", "method": "DHL", "trackingCode": "JD014" }])
    );
    // Nothing more is to be told, and nothing is shipped twice.
    run(&daemon, "real", "sync").await;
    run(&daemon, "real", "sync").await;
    let again = server
        .owner(
            "query ($id: ID!) { order(id: $id) { fulfillments { id } } }",
            json!({ "id": order }),
        )
        .await;
    assert_eq!(
        again["order"]["fulfillments"].as_array().map(Vec::len),
        Some(1),
        "{again}"
    );
}
