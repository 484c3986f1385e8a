//! Jobs and their order, by the real binary.

use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
    wait_until,
};
use serde_json::{Value, json};
use shared::{money::Decimal, product::DEFAULT_LOCATION};

#[tokio::test]
async fn a_sale_is_written_long_before_a_bulk_update_ends() {
    const PRODUCTS: u64 = 1000;
    let quick = demo(PRODUCTS).replace("[products]", "failures = { image = \"100%\" }\n[products]");
    let daemon = Daemon::start(&[("connections/one.toml", &quick), ("connections/two.toml", &quick)]).await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    daemon
        .patch(
            "/api/v1/connections/two/settings",
            json!({"remote": {"latency": "600ms"}}),
        )
        .await;
    let mut one = shop(&daemon, "one");
    let products = one.products().expect("its products");
    for record in &products {
        one.edit(&record.remote_id.0, |product| {
            product.description.push_str(" Now in a box.");
        })
        .expect("it is there");
    }
    // The last product of the catalogue, and one in the middle of it.
    let skus: Vec<String> = [products.len() - 1, products.len() / 2]
        .map(|at| products[at].product.variants[0].sku.clone())
        .into();
    sell_out(&daemon, &skus[0]);
    daemon.run("one", "fetch").await;

    let started = daemon.post("/api/v1/connections/two/send", json!({})).await;
    let job = format!("/api/v1/jobs/{}", started["job"]["id"].as_str().expect("an id"));
    let begun = daemon
        .wait_until(&job, "the first products are sent", |job| done(job) > 0)
        .await;
    assert_eq!(
        offered(&daemon, &skus[0]),
        0,
        "what is urgent goes first: {begun}"
    );

    sell_out(&daemon, &skus[1]);
    daemon.run("one", "fetch").await;
    wait_until(
        "the sale is written",
        async || offered(&daemon, &skus[1]),
        |offered| *offered == 0,
    )
    .await;
    let written = daemon.get(&job).await;
    assert_eq!(written["status"], "running", "{written}");
    assert!(done(&written) < PRODUCTS / 2, "{written}");

    let job = daemon
        .wait_until(&job, "the bulk has ended", |job| job["status"] == "done")
        .await;
    assert_eq!(job["outcome"]["failed"], 0, "{job}");
    let boxed = shop(&daemon, "two").products().expect("its products");
    assert!(
        boxed
            .iter()
            .all(|record| record.product.description.contains("in a box"))
    );
}

/// What is bought at the first shop until nothing is left of it.
fn sell_out(daemon: &Daemon, sku: &str) {
    let mut one = shop(daemon, "one");
    let record = one
        .product_with_sku(sku)
        .expect("it can be read")
        .expect("it is sold there");
    one.edit(&record.remote_id.0, |product| {
        for variant in &mut product.variants {
            variant.stock.insert(DEFAULT_LOCATION.to_owned(), Decimal::ZERO);
        }
    })
    .expect("it is there");
}

/// How many of an article the second shop offers.
fn offered(daemon: &Daemon, sku: &str) -> i64 {
    let record = shop(daemon, "two")
        .product_with_sku(sku)
        .expect("it can be read")
        .expect("it is sold there");
    let mut quantities = record
        .product
        .variants
        .iter()
        .filter(|variant| variant.sku == sku);
    let variant = quantities.next().expect("the variant with this SKU");
    variant.stock[DEFAULT_LOCATION]
        .plain()
        .parse()
        .expect("a whole number")
}

fn done(job: &Value) -> u64 {
    job["progress"]["done"].as_u64().expect("a number")
}
