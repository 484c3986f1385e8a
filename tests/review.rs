//! Changes that wait for an approval, and sends that are undone, by the real binary.

use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
};
use reqwest::Method;
use serde_json::{Value, json};

const ONE: &str = "/api/v1/connections/one";

/// A shop without pictures.
fn bare(products: u64) -> String {
    demo(products).replace("[products]", "failures = { image = \"100%\" }\n[products]")
}

/// A shop whose changes are reviewed, and a catalogue in another that both know.
pub(crate) async fn reviewed(products: u64) -> Daemon {
    let reviewed = format!("{}[send]\nmode = \"review\"\n", bare(products));
    let daemon = Daemon::start(&[
        ("connections/one.toml", &reviewed),
        ("connections/two.toml", &bare(products)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    daemon
}

/// Gives products of the hub other titles.
pub(crate) async fn retitle(daemon: &Daemon, ids: &[u64], title: &str) {
    for id in ids {
        daemon
            .patch(
                &format!("/api/v1/products/{id}"),
                json!({"title": format!("{title} {id}")}),
            )
            .await;
    }
}

async fn decide(daemon: &Daemon, what: &str, about: Value) -> Value {
    daemon.post(&format!("{ONE}/pending/{what}"), about).await
}

/// The titles that the first shop itself shows and that begin so.
pub(crate) fn titled(daemon: &Daemon, with: &str) -> Vec<String> {
    let records = shop(daemon, "one").products().expect("its products");
    let titles = records.into_iter().map(|record| record.product.title);
    let mut titles: Vec<String> = titles.filter(|title| title.starts_with(with)).collect();
    titles.sort();
    titles
}

async fn send(daemon: &Daemon) -> Value {
    let job = daemon.run("one", "send").await;
    assert_eq!(job["status"], "done", "{job}");
    job
}

#[tokio::test]
async fn in_review_only_what_was_approved_is_sent_and_only_as_it_was_shown() {
    let mut daemon = reviewed(8).await;
    retitle(&daemon, &[1, 2, 3, 4], "New").await;
    let pending = daemon.get(&format!("{ONE}/pending")).await;
    let reviews: Vec<&Value> = (0..4).map(|at| &pending["items"][at]["review"]).collect();
    assert_eq!(reviews, ["waiting"; 4], "{pending}");
    assert_eq!(send(&daemon).await["outcome"]["updated"], 0);
    assert!(titled(&daemon, "New").is_empty());

    // The second changes between its showing and its approval, the third after it.
    let shown: Value = (0..4)
        .map(|at| {
            let item = &pending["items"][at];
            (
                item["item"].as_str().expect("an id").to_owned(),
                item["digest"].clone(),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    retitle(&daemon, &[2], "Newer").await;
    let about = decide(
        &daemon,
        "approve",
        json!({"items": ["1", "2", "3"], "shown": shown}),
    )
    .await;
    assert_eq!(
        (&about["items"], &about["differ"]),
        (&json!(2), &json!(["2"])),
        "{about}"
    );
    retitle(&daemon, &[3], "Newest").await;
    let job = send(&daemon).await;
    assert_eq!(job["outcome"]["updated"], 1, "{job}");
    assert_eq!(titled(&daemon, "New"), ["New 1"]);

    daemon.restart().await;
    let about = decide(&daemon, "approve", json!({"all": true})).await;
    assert_eq!(about["items"], 3, "{about}");
    let pending = daemon.get(&format!("{ONE}/pending")).await;
    assert_eq!(pending["items"][0]["review"], "approved", "{pending}");
    daemon.restart().await;
    assert_eq!(send(&daemon).await["outcome"]["updated"], 3);
    assert_eq!(titled(&daemon, "New"), ["New 1", "New 4", "Newer 2", "Newest 3"]);
    let history = daemon.get("/api/v1/products/1/history").await;
    assert_eq!(
        (
            &history[0]["decided"],
            &history[0]["connection"],
            &history[0]["new"]
        ),
        (&json!("approved"), &json!("one"), &json!("New 1")),
        "{history}"
    );
}

#[tokio::test]
async fn what_was_rejected_is_not_sent_until_it_changes_or_is_reconsidered() {
    let daemon = reviewed(6).await;
    retitle(&daemon, &[1, 2, 3], "New").await;
    let about = decide(&daemon, "reject", json!({"items": ["1", "2"]})).await;
    assert_eq!(about["items"], 2, "{about}");
    let shown = daemon.get(ONE).await;
    assert_eq!(shown["queued"]["products"]["update"], 1, "{shown}");
    let product = daemon.get("/api/v1/products/1").await;
    let here = product["equivalences"]
        .as_array()
        .and_then(|all| all.iter().find(|here| here["connection"] == "one"))
        .expect("its counterpart");
    assert_eq!(
        (
            &here["rejected"][0]["path"],
            &here["rejected"][0]["new"],
            &here["mark"]
        ),
        (&json!("title"), &json!("New 1"), &json!("live")),
        "{here}"
    );
    decide(&daemon, "approve", json!({"all": true})).await;
    assert_eq!(send(&daemon).await["outcome"]["updated"], 1);

    retitle(&daemon, &[1], "Newer").await;
    decide(&daemon, "reconsider", json!({"items": ["2"]})).await;
    let about = decide(&daemon, "approve", json!({"all": true})).await;
    assert_eq!(about["items"], 2, "{about}");
    assert_eq!(send(&daemon).await["outcome"]["updated"], 2);
    assert_eq!(titled(&daemon, "New"), ["New 2", "New 3", "Newer 1"]);
}

#[tokio::test]
async fn creates_and_what_a_job_or_a_set_names_are_decided_about_too() {
    let reviewed = format!("{}[send]\nmode = \"review\"\n", bare(0));
    let daemon = Daemon::start(&[
        ("connections/one.toml", &reviewed),
        ("connections/two.toml", &bare(5)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    let came = daemon.run("two", "fetch").await;
    assert_eq!(send(&daemon).await["outcome"]["created"], 0);
    let brand = daemon.get("/api/v1/products/1").await["brand"].clone();
    let set = format!("brand:{}", brand.as_str().expect("a brand").to_lowercase());
    let rejected = decide(&daemon, "reject", json!({"sets": [set]})).await["items"].clone();
    assert!(rejected.as_u64() >= Some(1), "{rejected}");
    let approved = decide(&daemon, "approve", json!({"jobs": [came["id"]]})).await["items"].clone();
    assert_eq!(approved.as_u64().unwrap() + rejected.as_u64().unwrap(), 5);
    assert_eq!(send(&daemon).await["outcome"]["created"], approved);
    let counterpart = daemon.get("/api/v1/products/1").await["equivalences"].clone();
    let counterpart = counterpart.as_array().expect("a list");
    let here = counterpart.iter().find(|here| here["connection"] == "one");
    assert_eq!(here.expect("it is shown")["mark"], "held");

    decide(&daemon, "reconsider", json!({"all": true})).await;
    decide(&daemon, "approve", json!({"all": true})).await;
    assert_eq!(send(&daemon).await["outcome"]["created"], rejected);
    assert_eq!(shop(&daemon, "one").count().expect("its count"), 5);
    for (about, status) in [
        (json!({}), 400),
        (json!({"all": true, "items": ["1"]}), 400),
        (json!({"jobs": ["4711"]}), 404),
        (json!({"sets": ["nonsense"]}), 400),
    ] {
        let path = format!("{ONE}/pending/approve");
        let answer = daemon.answer(Method::POST, &path, Some(about.clone())).await;
        assert_eq!(answer.status, status, "{about}");
    }
}

#[tokio::test]
async fn an_undone_send_is_put_back_once_approved_where_the_shop_still_shows_it() {
    let daemon = Daemon::start(&[
        ("connections/one.toml", &bare(6)),
        ("connections/two.toml", &bare(7)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    let before = shop(&daemon, "one").products().expect("its products");
    retitle(&daemon, &[1, 2, 3], "New").await;
    let job = send(&daemon).await;
    assert_eq!(
        (&job["outcome"]["updated"], &job["outcome"]["created"]),
        (&json!(3), &json!(1)),
        "{job}"
    );
    // Its owner changes one of them afterwards.
    let mut one = shop(&daemon, "one");
    let second = one.products().expect("its products");
    let second = second
        .iter()
        .find(|record| record.product.title == "New 2")
        .expect("it was sent");
    one.edit(&second.remote_id.0, |product| product.title = "Mine".to_owned())
        .expect("it is there");
    daemon.run("one", "fetch").await;

    let undo = format!("/api/v1/jobs/{}/undo", job["id"].as_str().expect("an id"));
    let undone = daemon.post(&undo, json!({})).await;
    assert_eq!(
        undone,
        json!({"items": 2, "values": 2, "kept": 1, "created": 1}),
        "what its owner changed stays"
    );
    let pending = daemon.get(&format!("{ONE}/pending")).await;
    assert_eq!(
        (
            &pending["total"],
            &pending["items"][0]["review"],
            &pending["items"][0]["changes"][0]["old"]
        ),
        (&json!(2), &json!("waiting"), &json!("New 1")),
        "{pending}"
    );
    assert_eq!(
        send(&daemon).await["outcome"]["updated"],
        0,
        "not before somebody looked"
    );
    decide(&daemon, "approve", json!({"all": true})).await;
    assert_eq!(send(&daemon).await["outcome"]["updated"], 2);
    assert!(titled(&daemon, "New").is_empty());
    let now = shop(&daemon, "one").products().expect("its products");
    let of = |records: &[shared::product::Record]| {
        let mut titles: Vec<String> = records
            .iter()
            .map(|record| record.product.title.clone())
            .collect();
        titles.sort();
        titles
    };
    let same = of(&before)
        .iter()
        .filter(|title| of(&now).contains(title))
        .count();
    assert_eq!(
        (same, now.len()),
        (5, 7),
        "nothing is deleted, and all is as it was but the one"
    );

    // It stays undone, until the hub's own value changes.
    for _ in 0..2 {
        let job = daemon.run("one", "sync").await;
        assert_eq!(job["outcome"]["updated"], 0, "{job}");
    }
    retitle(&daemon, &[1], "Newer").await;
    assert_eq!(send(&daemon).await["outcome"]["updated"], 1);
    assert_eq!(titled(&daemon, "New"), ["Newer 1"]);

    let fetch = daemon.run("one", "fetch").await;
    let undo = format!("/api/v1/jobs/{}/undo", fetch["id"].as_str().expect("an id"));
    assert_eq!(daemon.answer(Method::POST, &undo, None).await.status, 409);
}
