//! What the daemon refuses to do by itself, by the real binary.

use crate::support::{
    daemon::Daemon,
    shops::{demo, prices_of, shop},
};
use daemon::connector::demo::Writes;
use serde_json::{Value, json};
use shared::{product::Product, time::Time};

#[tokio::test]
async fn what_is_gone_from_a_shop_disappears_with_the_next_complete_scan_and_is_deleted_nowhere() {
    let daemon = Daemon::start(&[
        ("connections/one.toml", &demo(30)),
        ("connections/two.toml", &demo(30)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    let removed = shop(&daemon, "one").products().expect("its products")[0].clone();
    shop(&daemon, "one")
        .remove(&removed.remote_id.0)
        .expect("its owner deletes it");

    daemon.run("one", "fetch").await;
    assert_eq!(
        count(&daemon, "one").await,
        30,
        "a fetch of what changed cannot know what is gone"
    );

    daemon
        .post(
            "/api/v1/connections/one/clocks/reset",
            json!({"kind": "products"}),
        )
        .await;
    let job = daemon.run("one", "fetch").await;
    assert_eq!(job["outcome"]["vanished"], 1, "{job}");
    assert_eq!(
        (count(&daemon, "one").await, count(&daemon, "two").await),
        (29, 30)
    );
    for connection in ["one", "two"] {
        daemon.run(connection, "sync").await;
        let shown = daemon.get(&format!("/api/v1/connections/{connection}")).await;
        assert_eq!(
            shown["queued"]["products"]["create"], 0,
            "what its owner deleted does not come back: {shown}"
        );
    }
    assert_eq!(shop(&daemon, "two").count().expect("its count"), 30);
}

#[tokio::test]
async fn a_shop_that_shows_nothing_at_all_halts_its_connection_and_nothing_disappears() {
    let daemon = Daemon::start(&[("connections/one.toml", &demo(12))]).await;
    daemon.run("one", "fetch").await;
    let mut memory = shop(&daemon, "one");
    for record in memory.products().expect("its products") {
        memory.remove(&record.remote_id.0).expect("it is there");
    }
    daemon
        .post("/api/v1/connections/one/clocks/reset", json!({"kind": "all"}))
        .await;
    let job = daemon.run("one", "fetch").await;
    assert_eq!(job["status"], "halted", "{job}");
    assert!(job["error"].as_str().is_some_and(|why| !why.is_empty()), "{job}");
    let shown = daemon.get("/api/v1/connections/one").await;
    assert_eq!(
        (&shown["state"], &shown["counts"]["products"]),
        (&json!("halted"), &json!(12)),
        "{shown}"
    );
    assert_eq!(shown["detail"], job["error"], "{shown}");

    // Not even a person who says go on makes everything disappear.
    let confirm = format!("/api/v1/jobs/{}/confirm", job["id"].as_str().expect("an id"));
    daemon.post(&confirm, json!({})).await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().expect("an id"));
    daemon
        .wait_until(&path, "it is over or halts again", |job| {
            ["halted", "failed", "done"].contains(&status(job))
        })
        .await;
    assert_eq!(count(&daemon, "one").await, 12);
}

#[tokio::test]
async fn a_send_that_would_move_too_many_prices_halts_before_its_first_write_and_goes_on_when_confirmed() {
    let settings = demo(20);
    let daemon = Daemon::start(&[
        ("connections/one.toml", &settings),
        ("connections/two.toml", &demo(20)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    let before = prices_of(&mut shop(&daemon, "one"));

    daemon.write_config(
        "connections/one.toml",
        &format!("{settings}[prices]\nmargin = \"80%\"\n"),
    );
    daemon
        .wait_until("/api/v1/connections/one", "every price is queued", |shown| {
            shown["queued"]["products"]["update"] == 20
        })
        .await;
    let job = daemon.run("one", "send").await;
    assert_eq!(status(&job), "halted", "{job}");
    assert_eq!(
        prices_of(&mut shop(&daemon, "one")),
        before,
        "halted before the first write"
    );

    let id = job["id"].as_str().expect("an id");
    daemon
        .post(&format!("/api/v1/jobs/{id}/confirm"), json!({}))
        .await;
    let job = daemon
        .wait_until(&format!("/api/v1/jobs/{id}"), "it is done", |job| {
            status(job) == "done"
        })
        .await;
    assert_eq!(job["outcome"]["updated"], 20, "{job}");
    assert!(
        prices_of(&mut shop(&daemon, "one"))
            .iter()
            .all(|(sku, price)| before[sku] != *price)
    );
}

#[tokio::test]
async fn a_halted_send_has_not_written_orders_either_and_writes_them_when_confirmed() {
    let settings = format!("{}[orders]\nclone = true\n", demo(20));
    let daemon = Daemon::start(&[
        ("connections/one.toml", &settings),
        ("connections/two.toml", &demo(20)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    let bought = shop(&daemon, "two").products().expect("its products")[0].clone();
    let variant = bought.product.variants[0].remote_id.as_ref();
    shop(&daemon, "two")
        .oversell(&bought.remote_id.0, variant, 1, Time(1_795_000_000_000))
        .expect("somebody buys it");
    daemon.run("two", "fetch").await;

    daemon.write_config(
        "connections/one.toml",
        &format!("{settings}[prices]\nmargin = \"80%\"\n"),
    );
    daemon
        .wait_until("/api/v1/connections/one", "all is queued", |shown| {
            (
                &shown["queued"]["products"]["update"],
                &shown["queued"]["orders"]["create"],
            ) == (&json!(20), &json!(1))
        })
        .await;
    let job = daemon.run("one", "send").await;
    assert_eq!(status(&job), "halted", "{job}");
    let mut first = shop(&daemon, "one");
    let nothing = Writes::default();
    assert_eq!(
        (first.order_writes().unwrap(), first.writes().unwrap()),
        (nothing, nothing)
    );

    let id = job["id"].as_str().expect("an id");
    daemon
        .post(&format!("/api/v1/jobs/{id}/confirm"), json!({}))
        .await;
    daemon
        .wait_until(&format!("/api/v1/jobs/{id}"), "it is done", |job| {
            status(job) == "done"
        })
        .await;
    assert_eq!(
        (
            first.order_writes().unwrap().creates,
            first.writes().unwrap().updates
        ),
        (1, 20)
    );
}

#[tokio::test]
async fn a_send_to_a_shop_that_was_never_read_reads_it_first_and_creates_nothing_twice() {
    let daemon = Daemon::start(&[
        ("connections/one.toml", &demo(25)),
        ("connections/two.toml", &demo(20)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    let job = daemon.run("two", "send").await;
    assert_eq!(
        (&job["outcome"]["scanned"], &job["outcome"]["created"]),
        (&json!(20), &json!(5)),
        "{job}"
    );
    assert_eq!(shop(&daemon, "two").count().expect("its count"), 25);
}

#[tokio::test]
async fn what_may_be_there_under_an_ambiguous_record_is_not_created_beside_it() {
    let daemon = Daemon::start(&[
        ("connections/one.toml", &demo(10)),
        ("connections/two.toml", &demo(0)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.post("/api/v1/connections/two/check", json!({})).await;
    let sold = shop(&daemon, "one").products().expect("its products");
    let twin = sold[0].product.clone();
    // Each has SKUs of its own; the barcodes say that both are the same product.
    for title in ["One of two", "The other of two"] {
        let mut product = Product {
            title: title.to_owned(),
            ..twin.clone()
        };
        for variant in &mut product.variants {
            variant.sku = format!("{title} {}", variant.sku);
        }
        shop(&daemon, "two")
            .add(product)
            .expect("a shop may sell the same barcode twice");
    }
    daemon.run("two", "sync").await;
    assert_eq!(
        shop(&daemon, "two").count().expect("its count"),
        11,
        "nine more, and not the tenth"
    );
    let issues = daemon.get("/api/v1/issues?connection=two").await;
    assert!(issues["total"].as_u64() >= Some(2), "{issues}");
    assert_eq!(issues["items"][0]["code"], "ambiguous_match", "{issues}");
}

#[tokio::test]
async fn a_connection_that_is_not_to_be_read_is_not_read() {
    let blind = demo(7).replace("[products]", "[products]\nfetch = false");
    let daemon = Daemon::start(&[("connections/one.toml", &blind)]).await;
    let job = daemon.run("one", "fetch").await;
    assert_eq!(
        (&job["status"], &job["outcome"]["scanned"]),
        (&json!("done"), &json!(0)),
        "{job}"
    );
    assert_eq!(daemon.get("/api/v1/products").await["total"], 0);
}

#[tokio::test]
async fn failure_21_a_retired_api_version_is_told_with_what_to_do_and_moves_nothing() {
    let settings = demo(12);
    let mut daemon = Daemon::start(&[
        ("connections/one.toml", &settings),
        ("connections/two.toml", &demo(0)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    let retired = settings.replace("[products]", "failures = { retired = \"100%\" }\n[products]");
    daemon.write_config("connections/one.toml", &retired);
    daemon.restart().await;
    for kind in ["fetch", "sync"] {
        let job = daemon.run("one", kind).await;
        assert_eq!(status(&job), "failed", "{job}");
        let shown = daemon.get("/api/v1/connections/one").await;
        assert_eq!(
            (&shown["state"], &shown["detail"]),
            (&json!("error"), &job["error"]),
            "{shown}"
        );
        let told = job["error"].as_str().expect("a sentence");
        assert!(
            told.contains("version") && told.contains("install a newer"),
            "{told}"
        );
        assert_eq!(count(&daemon, "one").await, 12, "nothing vanishes");
    }
    // The others go on.
    daemon.run("two", "sync").await;
    assert_eq!(shop(&daemon, "two").count().expect("its count"), 12);

    daemon.write_config("connections/one.toml", &settings);
    daemon.restart().await;
    daemon.run("one", "sync").await;
    assert_eq!(daemon.get("/api/v1/connections/one").await["state"], "idle");
}

#[tokio::test]
async fn a_halted_job_can_be_cancelled_and_the_next_one_asks_again() {
    let settings = demo(20);
    let daemon = Daemon::start(&[("connections/one.toml", &settings)]).await;
    daemon.run("one", "fetch").await;
    daemon.write_config(
        "connections/one.toml",
        &format!("{settings}[prices]\nmargin = \"80%\"\n"),
    );
    daemon
        .wait_until("/api/v1/connections/one", "every price is queued", |shown| {
            shown["queued"]["products"]["update"] == 20
        })
        .await;
    for _ in 0..2 {
        let job = daemon.run("one", "send").await;
        assert_eq!(status(&job), "halted", "{job}");
        let id = job["id"].as_str().expect("an id");
        daemon.post(&format!("/api/v1/jobs/{id}/cancel"), json!({})).await;
        let job = daemon.get(&format!("/api/v1/jobs/{id}")).await;
        assert_eq!(status(&job), "cancelled", "{job}");
        assert_eq!(daemon.get("/api/v1/connections/one").await["state"], "idle");
    }
}

async fn count(daemon: &Daemon, connection: &str) -> u64 {
    let shown = daemon.get(&format!("/api/v1/connections/{connection}")).await;
    shown["counts"]["products"].as_u64().expect("a number")
}

fn status(job: &Value) -> &str {
    job["status"].as_str().expect("a status")
}
