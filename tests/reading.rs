//! Reading what moves meanwhile, from shops whose clocks go wrong: nothing is passed over, and nothing seems to vanish.

use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
};
use serde_json::{Value, json};

const PRODUCTS: u64 = 300;
const ORDERS: u64 = 120;

/// A shop with products and orders, and more `[remote]` settings.
fn remote(settings: &str) -> String {
    let orders = format!("[remote]\norders = {ORDERS}\n{settings}");
    demo(PRODUCTS).replace("[remote]", &orders)
}

#[tokio::test]
async fn a_list_that_moves_while_it_is_read_is_read_until_nothing_is_missing() {
    let moving = remote("page = 10\nfailures = { shifting = \"30%\" }");
    let daemon = Daemon::start(&[("connections/one.toml", &moving)]).await;
    for round in ["everything is new", "everything is known"] {
        let job = daemon.run("one", "fetch").await;
        assert_eq!(
            (&job["status"], &job["outcome"]["scanned"]),
            (&json!("done"), &json!(PRODUCTS + ORDERS)),
            "{round}: {job}"
        );
        assert_eq!(job["outcome"]["vanished"], 0, "{round}: {job}");
        assert_eq!(counts(&daemon).await, (PRODUCTS, ORDERS), "{round}");
        reset_clocks(&daemon).await;
    }
}

#[tokio::test]
async fn a_list_that_never_rests_fails_the_job_and_takes_nothing_away() {
    let mut daemon = Daemon::start(&[("connections/one.toml", &remote(""))]).await;
    daemon.run("one", "fetch").await;
    let before = daemon.get("/api/v1/connections/one").await;

    // Where every page of one record slips by one, every other record is never seen.
    let restless = remote("page = 1\nfailures = { shifting = \"100%\" }");
    daemon.write_config("connections/one.toml", &restless);
    daemon.restart().await;
    reset_clocks(&daemon).await;
    let job = daemon.run("one", "fetch").await;
    assert_eq!(
        (&job["status"], &job["outcome"]["vanished"]),
        (&json!("failed"), &json!(0)),
        "{job}"
    );
    let why = job["error"].as_str().expect("a sentence");
    assert!(
        why.starts_with("300 products were there while only 150 could be read"),
        "{why}"
    );
    assert!(why.ends_with("try again at a quieter time."), "{why}");
    assert_eq!(counts(&daemon).await, (PRODUCTS, ORDERS));
    let after = daemon.get("/api/v1/connections/one").await;
    assert_eq!(after["clocks"]["products"], Value::Null, "{after}");
    assert_eq!(after["clocks"]["orders"], Value::Null, "{after}");
    assert_eq!(after["last_fetch"], before["last_fetch"]);
}

#[tokio::test]
async fn an_edit_is_seen_however_wrong_a_shops_clock_is() {
    for clock in ["", "clock_behind = \"2h\"", "clock_ahead = \"2h\""] {
        let daemon = Daemon::start(&[("connections/one.toml", &remote(clock))]).await;
        daemon.run("one", "fetch").await;
        // The second and third find a clock that an edit has moved.
        for (round, title) in ["Anemone", "Bittern", "Cormorant"].into_iter().enumerate() {
            let note = format!("A {title} for my brother");
            let mut there = shop(&daemon, "one");
            let id = format!("p{}", 1000 + round);
            let edited = there.edit(&id, |product| title.clone_into(&mut product.title));
            edited.expect("the shop takes that");
            let first = there.orders().expect("its orders").swap_remove(round);
            let changed = there.change_order(&first.remote_id.0, |order| order.note.clone_from(&note));
            changed.expect("the shop takes that");

            let job = daemon.run("one", "fetch").await;
            let read = job["outcome"]["scanned"].as_u64().expect("a number");
            assert_eq!(
                (&job["status"], &job["outcome"]["changed"]),
                (&json!("done"), &json!(2)),
                "{clock}, round {round}: {job}"
            );
            assert!(
                read < ORDERS,
                "{clock}, round {round}: only what changed is read: {job}"
            );
            let found = daemon.get(&format!("/api/v1/products?q={title}")).await;
            assert_eq!(found["items"][0]["title"], title, "{clock}: {found}");
            let found = daemon
                .get(&format!("/api/v1/orders?q={}", first.order.number))
                .await;
            assert_eq!(found["items"][0]["note"], note, "{clock}: {found}");
        }
    }
}

async fn counts(daemon: &Daemon) -> (u64, u64) {
    let shown = daemon.get("/api/v1/connections/one").await;
    let count = |kind: &str| shown["counts"][kind].as_u64().expect("a number");
    (count("products"), count("orders"))
}

async fn reset_clocks(daemon: &Daemon) {
    let path = "/api/v1/connections/one/clocks/reset";
    daemon.post(path, json!({ "kind": "all" })).await;
}
