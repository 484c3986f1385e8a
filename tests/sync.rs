//! Catalogues going from place to place, as a shop owner sees it: the real binary, real files, and the writes counted
//! at the shops themselves.

use crate::support::{
    daemon::Daemon,
    shops::{copy_catalogue, csv, demo, prices_of, sample_catalogues, shop},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

#[tokio::test]
async fn a_catalogue_goes_from_its_file_to_two_shops_and_then_nothing_is_written_any_more() {
    for sample in sample_catalogues() {
        let daemon = Daemon::start(&[
            ("connections/sheet.toml", &csv("sheet.csv")),
            ("connections/one.toml", &demo(0)),
            (
                "connections/two.toml",
                &demo(0).replace(
                    "[remote]",
                    "[remote]\nrewrites = [\"trim\", \"paragraphs\", \"recompress-images\"]",
                ),
            ),
        ])
        .await;
        copy_catalogue(&sample, &daemon.folder().join("config/sheet.csv"));

        let job = daemon.run("sheet", "sync").await;
        let products = job["outcome"]["new"].as_u64().expect("a number");
        assert_eq!(job["status"], "done", "{job}");
        assert!(products > 10, "{job}");
        for place in ["one", "two"] {
            assert_eq!(queue(&daemon, place).await, (products, 0), "{}", sample.display());
            let listed = daemon
                .get(&format!("/api/v1/products?set=pending:creates@{place}&limit=500"))
                .await;
            assert_eq!(listed["total"], products);
            for product in listed["items"].as_array().expect("a list") {
                assert_eq!(mark(product, place), "create", "{product}");
                assert_eq!(mark(product, "sheet"), "live", "{product}");
            }
        }

        for place in ["one", "two"] {
            let job = daemon.run(place, "send").await;
            assert_eq!(
                (&job["status"], &job["outcome"]["created"]),
                (&json!("done"), &json!(products)),
                "{job}"
            );
            assert_eq!(
                queue(&daemon, place).await,
                (0, 0),
                "{}",
                pending(&daemon, place).await
            );
            assert_eq!(
                shop(&daemon, place).count().expect("the shop's own memory"),
                products
            );
        }
        let written = writes(&daemon, &["one", "two"]);
        let file = fs::read(daemon.folder().join("config/sheet.csv")).expect("it is there");
        for _ in 0..2 {
            for place in ["sheet", "one", "two"] {
                let job = daemon.run(place, "sync").await;
                assert_eq!(job["status"], "done", "{job}");
                assert_eq!(
                    queue(&daemon, place).await,
                    (0, 0),
                    "{}",
                    pending(&daemon, place).await
                );
            }
        }
        assert_eq!(writes(&daemon, &["one", "two"]), written, "{}", sample.display());
        assert_eq!(
            fs::read(daemon.folder().join("config/sheet.csv")).expect("it is there"),
            file
        );
    }
}

#[tokio::test]
async fn a_price_edited_in_the_file_waits_at_the_shop_within_moments_and_is_live_once_sent() {
    let daemon = Daemon::start(&[
        ("connections/sheet.toml", &csv("sheet.csv")),
        ("connections/one.toml", &demo(0)),
    ])
    .await;
    let sheet = daemon.folder().join("config/sheet.csv");
    fs::write(&sheet, SHEET).expect("a file");
    daemon.run("sheet", "fetch").await;
    daemon.run("one", "send").await;

    fs::write(&sheet, SHEET.replace("19.90", "24.50")).expect("an editor saves it");

    let updates = "/api/v1/products?set=pending:updates@one";
    let list = daemon
        .wait_until(updates, "the edit is pending", |list| list["total"] == 1)
        .await;
    let product = &list["items"][0];
    assert_eq!(product["title"], "Mug");
    assert_eq!(mark(product, "one"), "update");
    let changes = equivalence(product, "one")["changes"].as_array().expect("a list");
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(
        (&changes[0]["old"], &changes[0]["new"], &changes[0]["mark"]),
        (&json!("19.90"), &json!("24.50"), &json!("update"))
    );
    assert!(
        changes[0]["path"]
            .as_str()
            .is_some_and(|path| path.ends_with("/price")),
        "{changes:?}"
    );

    let job = daemon.run("one", "send").await;
    assert_eq!(job["outcome"]["updated"], 1, "{job}");
    assert_eq!(
        prices_of(&mut shop(&daemon, "one")),
        BTreeMap::from([
            ("MUG-1".into(), "24.50".into()),
            ("BOWL-1".into(), "31.00".into())
        ])
    );
    let list = daemon.get(updates).await;
    assert_eq!(list["total"], 0, "{list}");
}

const SHEET: &str = "\
ID,Type,SKU,Name,Published,Description,In stock?,Stock,Regular price,Categories,Images
1,simple,MUG-1,Mug,1,\"A mug, round\",1,12,19.90,Kitchen,
2,simple,BOWL-1,Bowl,1,A bowl,1,3,31.00,Kitchen,
";

#[tokio::test]
async fn a_margin_queues_exactly_the_products_whose_shown_price_changes_and_a_typing_error_moves_nothing() {
    let plain = demo(60);
    let daemon = Daemon::start(&[
        ("connections/one.toml", &plain),
        ("connections/two.toml", &demo(60)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    daemon.run("one", "send").await;
    daemon.run("two", "send").await;
    let before = writes(&daemon, &["one", "two"]);
    let shown = prices_of(&mut shop(&daemon, "two"));

    let ruled = format!("{plain}[prices]\nmargin = \"12%\"\nround = \"x.99\"\n");
    daemon.write_config("connections/two.toml", &ruled);

    let wanted: BTreeSet<&String> = shown
        .iter()
        .filter(|(_, price)| ruled_price(price) != **price)
        .map(|(sku, _)| sku)
        .collect();
    let path = "/api/v1/products?set=pending:updates@two&limit=500";
    let list = daemon
        .wait_until(path, "every product with another price is pending", |list| {
            list["total"].as_u64().is_some_and(|total| total > 0)
        })
        .await;
    let mut queued = BTreeSet::new();
    for product in list["items"].as_array().expect("a list") {
        for change in equivalence(product, "two")["changes"].as_array().expect("a list") {
            let path = change["path"].as_str().expect("a path");
            if !path.ends_with("/price") {
                assert!(path.ends_with("/compare_at_price"), "{change}");
                continue;
            }
            let id = path.split('/').nth(1).expect("variants/ID/price");
            let variant = product["variants"]
                .as_array()
                .expect("a list")
                .iter()
                .find(|variant| variant["id"] == id);
            let sku = variant.expect("a variant of it")["sku"]
                .as_str()
                .expect("a SKU")
                .to_owned();
            assert_eq!(change["old"], shown[&sku], "{change}");
            assert_eq!(change["new"], ruled_price(&shown[&sku]), "{change}");
            queued.insert(sku);
        }
    }
    assert_eq!(queued.iter().collect::<BTreeSet<_>>(), wanted);
    assert_eq!(queue(&daemon, "one").await, (0, 0));
    assert_eq!(
        writes(&daemon, &["one", "two"]),
        before,
        "nothing is sent by a change of settings"
    );

    let faulty = ruled.replace("12%", "12 percent");
    daemon.write_config("connections/two.toml", &faulty);
    let line = faulty
        .lines()
        .position(|line| line.contains("percent"))
        .expect("it is there")
        + 1;
    let state = daemon
        .wait_until("/api/v1/config", "the fault is seen", |state| {
            !state["fault"].is_null()
        })
        .await;
    assert_eq!(state["fault"]["file"], "connections/two.toml", "{state}");
    assert_eq!(state["fault"]["line"], line, "{state}");
    assert!(
        !state["fault"]["message"].as_str().expect("a sentence").is_empty(),
        "{state}"
    );
    assert_eq!(
        daemon.get(path).await["total"],
        list["total"],
        "the last good settings stay"
    );
    assert_eq!(writes(&daemon, &["one", "two"]), before);
}

/// 12 % more, then the nearest price that ends in .99; worked out in hundredths of a cent.
fn ruled_price(price: &str) -> String {
    let (units, cents) = price.split_once('.').unwrap_or((price, "0"));
    let cents: u64 = format!("{units}{cents:0<2}").parse().expect("a price in cents");
    let raised = cents * 112;
    let lower = (raised + 100) / 10_000 * 10_000 - 100;
    let upper = lower + 10_000;
    let nearest = if raised - lower < upper - raised {
        lower
    } else {
        upper
    };
    format!("{}.{:02}", nearest / 10_000, nearest / 100 % 100)
}

#[tokio::test]
async fn a_paused_connection_answers_409_and_its_schedule_starts_nothing() {
    let scheduled = format!("{}[schedule]\njob = \"fetch\"\nevery = \"1s\"\n", demo(3));
    let daemon = Daemon::start(&[
        ("connections/one.toml", &demo(3)),
        ("connections/two.toml", &demo(3)),
    ])
    .await;
    daemon.post("/api/v1/connections/one/pause", json!({})).await;
    for kind in ["fetch", "send", "sync"] {
        let path = format!("/api/v1/connections/one/{kind}");
        let answer = daemon.answer(Method::POST, &path, Some(json!({}))).await;
        assert_eq!(answer.status, 409, "{kind}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{kind}"
        );
        assert!(
            answer.json()["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("play")),
            "{}",
            answer.json()
        );
    }
    // The other one's schedule is the clock by which the paused one's is judged.
    daemon.write_config("connections/one.toml", &scheduled);
    daemon.write_config("connections/two.toml", &scheduled);
    let jobs = daemon
        .wait_until("/api/v1/jobs?connection=two", "the schedule ran thrice", |jobs| {
            jobs["total"].as_u64() >= Some(3)
        })
        .await;
    assert!(
        jobs["items"]
            .as_array()
            .expect("a list")
            .iter()
            .all(|job| job["trigger"] == "schedule"),
        "{jobs}"
    );
    let jobs = daemon.get("/api/v1/jobs?connection=one").await;
    assert_eq!(jobs["total"], 0, "{jobs}");
    assert_eq!(daemon.get("/api/v1/connections/one").await["state"], "paused");

    daemon.post("/api/v1/connections/one/play", json!({})).await;
    daemon
        .wait_until("/api/v1/jobs?connection=one", "it plays again", |jobs| {
            jobs["total"].as_u64() >= Some(1)
        })
        .await;
}

/// Waiting creates and updates of products.
#[tokio::test]
async fn what_a_platform_does_not_take_is_told_and_goes_with_the_next_send() {
    let healthy = demo(3);
    let knobs = "latency = \"0ms\"\nfailures = { write = \"100%\" }";
    let mut daemon = Daemon::start(&[
        ("connections/one.toml", &demo(5)),
        (
            "connections/two.toml",
            &healthy.replace("latency = \"0ms\"", knobs),
        ),
    ])
    .await;
    daemon.run("two", "fetch").await;
    daemon.run("one", "fetch").await;
    let job = daemon.run("two", "send").await;
    assert_eq!(
        (&job["outcome"]["created"], &job["outcome"]["failed"]),
        (&json!(0), &json!(2)),
        "{job}"
    );
    let issues = daemon.get("/api/v1/issues?connection=two").await;
    assert_eq!(issues["total"], 2, "{issues}");
    for issue in issues["items"].as_array().expect("a list") {
        assert_eq!(
            (&issue["code"], &issue["severity"]),
            (&json!("untaken"), &json!("warning")),
            "{issue}"
        );
    }
    daemon.write_config("connections/two.toml", &healthy);
    daemon.restart().await;
    let job = daemon.run("two", "send").await;
    assert_eq!(job["outcome"]["created"], 2, "{job}");
    assert_eq!(daemon.get("/api/v1/issues?connection=two").await["total"], 0);
}

async fn queue(daemon: &Daemon, connection: &str) -> (u64, u64) {
    let shown = daemon.get(&format!("/api/v1/connections/{connection}")).await;
    let products = &shown["queued"]["products"];
    (
        products["create"].as_u64().expect("a number"),
        products["update"].as_u64().expect("a number"),
    )
}

async fn pending(daemon: &Daemon, connection: &str) -> String {
    format!(
        "{:#}",
        daemon
            .get(&format!("/api/v1/connections/{connection}/pending?limit=3"))
            .await
    )
}

fn writes(daemon: &Daemon, connections: &[&str]) -> Vec<String> {
    connections
        .iter()
        .map(|connection| format!("{:?}", shop(daemon, connection).writes()))
        .collect()
}

fn equivalence<'a>(product: &'a Value, connection: &str) -> &'a Value {
    let all = product["equivalences"].as_array().expect("a list");
    all.iter()
        .find(|one| one["connection"] == connection)
        .unwrap_or_else(|| panic!("none at {connection}: {product}"))
}

fn mark<'a>(product: &'a Value, connection: &str) -> &'a str {
    equivalence(product, connection)["mark"].as_str().expect("a mark")
}
