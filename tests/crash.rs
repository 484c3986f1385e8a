//! kill -9 in the middle of a job: what was done is known after the restart, and nothing is done twice.

use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
    wait_until,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

const PRODUCTS: u64 = 400;

/// Slow enough that a job can be caught in its middle.
fn slow(products: u64) -> String {
    demo(products).replace("latency = \"0ms\"", "latency = \"40ms\"\npage = 10")
}

#[tokio::test]
async fn a_scan_goes_on_where_a_crash_cut_it_off() {
    let mut daemon = Daemon::start(&[("connections/one.toml", &slow(PRODUCTS))]).await;
    let id = begin(&daemon, "fetch").await;
    let mut reached = 0;
    // What was stored less than a second before the crash may be read again, so each round waits for more than that.
    for goal in [PRODUCTS / 3, PRODUCTS * 2 / 3] {
        let what = format!("{goal} products are scanned");
        let job = daemon.wait_until(&id, &what, |job| done(job) >= goal).await;
        assert_eq!(
            (&job["phase"], &job["status"]),
            (&json!("scan"), &json!("running")),
            "{job}"
        );
        daemon.kill_9();
        daemon.restart().await;
        let job = daemon
            .wait_until(&id, "the scan goes on", |job| job["phase"] == "scan")
            .await;
        assert!(done(&job) > reached, "it began anew: {job}");
        reached = done(&job);
    }
    let job = daemon.wait_until(&id, "the job is over", is_over).await;
    assert_eq!(
        (&job["status"], &job["outcome"]["scanned"]),
        (&json!("done"), &json!(PRODUCTS)),
        "{job}"
    );
    assert_eq!(job["outcome"]["new"], PRODUCTS, "{job}");
    let listed = daemon.get("/api/v1/products?limit=500").await;
    let skus: BTreeSet<String> = skus(&listed);
    assert_eq!(listed["total"], PRODUCTS);
    let sold = shop(&daemon, "one").products().expect("its products");
    let sold: BTreeSet<_> = sold
        .into_iter()
        .flat_map(|record| record.product.variants)
        .map(|variant| variant.sku)
        .collect();
    assert_eq!(skus, sold);
}

#[tokio::test]
async fn a_send_that_crashes_again_and_again_creates_every_product_once() {
    let target = slow(0).replace(
        "[products]",
        "failures = { write_after_commit = \"5%\", connection_lost = \"5%\" }\n[products]",
    );
    let mut daemon = Daemon::start(&[
        ("connections/source.toml", &demo(PRODUCTS)),
        ("connections/target.toml", &target),
    ])
    .await;
    daemon.run("source", "fetch").await;
    daemon.post("/api/v1/connections/target/send", json!({})).await;
    for goal in [PRODUCTS / 8, PRODUCTS / 2, PRODUCTS * 3 / 4] {
        wait_until(
            &format!("{goal} products are created"),
            async || shop(&daemon, "target").count().expect("its count"),
            |count| *count >= goal,
        )
        .await;
        daemon.kill_9();
        daemon.restart().await;
    }
    let jobs = "/api/v1/jobs?connection=target";
    let job = daemon
        .wait_until(jobs, "the job is over", |jobs| is_over(&jobs["items"][0]))
        .await["items"][0]
        .clone();
    assert_eq!(
        (&job["kind"], &job["status"]),
        (&json!("send"), &json!("done")),
        "{job}"
    );
    let created = shop(&daemon, "target").products().expect("its products");
    let skus: BTreeSet<_> = created
        .iter()
        .map(|record| record.product.variants[0].sku.clone())
        .collect();
    assert_eq!(
        (created.len() as u64, skus.len() as u64),
        (PRODUCTS, PRODUCTS),
        "none twice, none missing"
    );
    let shown = daemon.get("/api/v1/connections/target").await;
    assert_eq!(
        (
            &shown["counts"]["products"],
            &shown["queued"]["products"]["create"]
        ),
        (&json!(PRODUCTS), &json!(0)),
        "{shown}"
    );
}

/// How often the daemon is killed while it works.
const KILLS: u32 = 8;

#[tokio::test]
async fn after_being_killed_again_and_again_at_any_moment_nothing_stored_is_wrong() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut daemon = Daemon::start(&[
        ("connections/one.toml", &demo(PRODUCTS)),
        ("connections/two.toml", &slow(PRODUCTS / 2)),
        ("connections/three.toml", &demo(0)),
    ])
    .await;
    let connections = ["one", "two", "three"];
    for kill in 0..KILLS {
        for connection in connections {
            if kill.is_multiple_of(3) {
                // Everything is read again, so that there is always something to do.
                daemon
                    .post(
                        &format!("/api/v1/connections/{connection}/clocks/reset"),
                        json!({"kind": "all"}),
                    )
                    .await;
            }
            daemon
                .post(&format!("/api/v1/connections/{connection}/sync"), json!({}))
                .await;
        }
        tokio::time::sleep(Duration::from_millis(chance.u64(0..1500))).await;
        daemon.kill_9();
        daemon.restart().await;
    }
    for connection in connections {
        daemon
            .wait_until(
                &format!("/api/v1/jobs?connection={connection}&limit=500"),
                "every job is over",
                |jobs| {
                    jobs["items"]
                        .as_array()
                        .is_some_and(|jobs| jobs.iter().all(is_over))
                },
            )
            .await;
    }
    for connection in connections {
        let job = daemon.run(connection, "maintenance/integrity").await;
        assert_eq!(
            (&job["status"], &job["report"]),
            (&json!("done"), &json!([])),
            "seed {seed}: {job}"
        );
        assert!(job["outcome"]["scanned"].as_u64() > Some(PRODUCTS), "{job}");
    }
    // Pictures are written beside the store: what a crash cut off is not there twice, and nothing is missing.
    let job = daemon.run("one", "maintenance/images").await;
    assert_eq!(
        (&job["status"], &job["report"]),
        (&json!("done"), &json!([])),
        "seed {seed}: {job}"
    );
}

#[tokio::test]
async fn a_write_that_nobody_knows_of_is_looked_for_though_nothing_is_to_be_sent_any_more() {
    let (daemon, before) = written_and_not_known("Another title", async |daemon, product, before| {
        // As the shop showed it when it was last heard of: nothing is pending.
        daemon.patch(product, json!({"title": before})).await;
    })
    .await;
    let job = daemon.run("one", "send").await;
    assert_eq!(title(&daemon), before, "{job}");
}

#[tokio::test]
async fn what_comes_back_after_a_write_was_looked_for_is_news() {
    let (daemon, before) = written_and_not_known("Another title", async |_, _, _| {}).await;
    daemon.run("one", "send").await;
    let mut shop = shop(&daemon, "one");
    let first = shop.products().expect("its products").remove(0);
    shop.edit(&first.remote_id.0, |product| product.title.clone_from(&before))
        .expect("somebody wants it as it was");
    daemon.run("one", "sync").await;
    assert_eq!(title(&daemon), before);
    let listed = daemon.get("/api/v1/products").await.to_string();
    assert!(
        listed.contains(&before) && !listed.contains("Another title"),
        "{listed}"
    );
}

/// The first product of a shop gets a title from the hub, and the shop takes it without an answer; then the job is
/// cancelled, `meanwhile` something happens, and the daemon starts anew. Answers the title from before.
async fn written_and_not_known(
    wanted: &str,
    meanwhile: impl AsyncFnOnce(&Daemon, &str, &str),
) -> (Daemon, String) {
    let failures = "latency = \"0ms\"\nfailures = { connection_lost = \"100%\", page = \"100%\" }";
    let (healthy, failing) = (demo(3), demo(3).replace("latency = \"0ms\"", failures));
    let mut daemon = Daemon::start(&[("connections/one.toml", &healthy)]).await;
    daemon.run("one", "fetch").await;
    let before = title(&daemon);
    let listed = daemon.get("/api/v1/products").await;
    let product = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|product| product["title"] == before)
        .expect("it was read");
    let product = format!("/api/v1/products/{}", product["id"].as_str().expect("an id"));
    daemon.write_config("connections/one.toml", &failing);
    daemon.restart().await;
    daemon.patch(&product, json!({"title": wanted})).await;
    let job = begin(&daemon, "send").await;
    wait_until("it is written", async || title(&daemon), |title| title == wanted).await;
    daemon.post(&format!("{job}/cancel"), json!({})).await;
    daemon
        .wait_until(&job, "the send is over", |job| job["status"] == "cancelled")
        .await;
    meanwhile(&daemon, &product, &before).await;
    daemon.kill_9();
    daemon.write_config("connections/one.toml", &healthy);
    daemon.restart().await;
    (daemon, before)
}

/// Requests a job at the connection `one` and answers the job's address.
async fn begin(daemon: &Daemon, kind: &str) -> String {
    let started = daemon
        .post(&format!("/api/v1/connections/one/{kind}"), json!({}))
        .await;
    format!(
        "/api/v1/jobs/{}",
        started["job"]["id"].as_str().expect("a job has an id")
    )
}

/// The title that the first product has in the shop.
fn title(daemon: &Daemon) -> String {
    let mut products = shop(daemon, "one").products().expect("its products");
    products.remove(0).product.title
}

fn done(job: &Value) -> u64 {
    job["progress"]["done"].as_u64().expect("a number")
}

fn is_over(job: &Value) -> bool {
    ["done", "failed", "cancelled", "halted"].contains(&job["status"].as_str().unwrap_or_default())
}

fn skus(listed: &Value) -> BTreeSet<String> {
    let products = listed["items"].as_array().expect("a list").iter();
    let variants = products.flat_map(|product| product["variants"].as_array().expect("a list"));
    variants
        .map(|variant| variant["sku"].as_str().expect("a SKU").to_owned())
        .collect()
}
