//! Linking and unlinking by hand, and what later fetches make of it.

use super::{Server, connections::SHOP};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// The same products as the shop's, which a fetch matches by their SKUs.
const TWIN: &str = "
name = 'Twin'
platform = 'demo'
[remote]
products = 12
seed = 7
latency = '0ms'
[products]
clone = true
";

async fn twins() -> Server {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.configure("connections/twin.toml", TWIN).await;
    server.run("main", "fetch").await;
    server.run("twin", "fetch").await;
    server
}

/// What the twin calls a product. `None`: it is not there.
async fn twin_of(server: &Server, id: &str) -> Option<String> {
    let product = server.get(&format!("/api/v1/products/{id}")).await;
    let all = product["equivalences"].as_array().unwrap();
    let twin = all.iter().find(|here| here["connection"] == "twin")?;
    twin["remote_id"].as_str().map(str::to_owned)
}

async fn ids(server: &Server) -> (String, String) {
    let list = server.get("/api/v1/products").await;
    let id = |at: usize| list["items"][at]["id"].as_str().unwrap().to_owned();
    (id(0), id(1))
}

async fn post(server: &Server, id: &str, verb: &str, remote_id: &str) -> (StatusCode, Value) {
    let wanted = json!({"connection": "twin", "remote_id": remote_id});
    let answer = server
        .post(&format!("/api/v1/products/{id}/{verb}"), &wanted)
        .await;
    (answer.status, answer.json())
}

/// A fetch that reads everything.
async fn rescan(server: &Server) {
    let reset = json!({"kind": "all"});
    server.post("/api/v1/connections/twin/clocks/reset", &reset).await;
    server.run("twin", "fetch").await;
}

async fn total(server: &Server, set: &str) -> u64 {
    server.get(&format!("/api/v1/products?set={set}")).await["total"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn what_was_unlinked_by_hand_stays_so_and_is_not_created_beside_it() {
    let server = twins().await;
    let (id, _) = ids(&server).await;
    let before = total(&server, "on:twin").await;
    let there = twin_of(&server, &id).await.unwrap();
    let (status, product) = post(&server, &id, "unlink", &there).await;
    assert_eq!(status, StatusCode::OK, "{product:#}");
    for _ in 0..2 {
        assert_eq!(twin_of(&server, &id).await, None);
        assert_eq!(total(&server, "on:twin").await, before - 1);
        let issues = server.get("/api/v1/issues?connection=twin").await;
        assert_eq!(issues["items"][0]["code"], "unlinked", "{issues:#}");
        let sent = server.run("twin", "send").await;
        assert_eq!(sent["outcome"]["created"], 0, "{sent:#}");
        rescan(&server).await;
    }
    let (status, again) = post(&server, &id, "unlink", &there).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again:#}");
}

#[tokio::test]
async fn what_was_linked_by_hand_stays_so_whatever_its_sku_says() {
    let server = twins().await;
    let (one, other) = ids(&server).await;
    let (its, others) = (
        twin_of(&server, &one).await.unwrap(),
        twin_of(&server, &other).await.unwrap(),
    );
    let (status, refused) = post(&server, &one, "link", &others).await;
    assert_eq!(status, StatusCode::CONFLICT, "it has one already: {refused:#}");
    let (status, _) = post(&server, &one, "unlink", &its).await;
    assert_eq!(status, StatusCode::OK);
    let (status, linked) = post(&server, &one, "link", &others).await;
    assert_eq!(status, StatusCode::OK, "{linked:#}");
    for _ in 0..2 {
        assert_eq!(twin_of(&server, &one).await.as_ref(), Some(&others));
        assert_eq!(
            twin_of(&server, &other).await,
            None,
            "a record is of one product only"
        );
        // They differ nearly everywhere, and nobody has chosen a side: only blanks are to be filled.
        assert!(total(&server, "pending:held@twin").await > 0);
        let product = server.get(&format!("/api/v1/products/{one}")).await;
        let all = product["equivalences"].as_array().unwrap();
        let twin = all.iter().find(|here| here["connection"] == "twin").unwrap();
        for change in twin["changes"].as_array().unwrap() {
            assert!(
                change["mark"] == "held" || change["old"] == Value::Null,
                "{change:#}"
            );
        }
        rescan(&server).await;
    }
    let (status, back) = post(&server, &other, "link", &its).await;
    assert_eq!(status, StatusCode::OK, "{back:#}");
    let issues = server.get("/api/v1/issues?connection=twin").await;
    assert!(
        !issues["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|issue| issue["code"] == "unlinked"),
        "{issues:#}"
    );
}

#[tokio::test]
async fn what_cannot_be_linked_is_refused_by_name() {
    let server = twins().await;
    let (id, _) = ids(&server).await;
    let (status, _) = post(&server, &id, "unlink", "nothing-there").await;
    assert_eq!(status, StatusCode::CONFLICT);
    let there = twin_of(&server, &id).await.unwrap();
    post(&server, &id, "unlink", &there).await;
    let (status, problem) = post(&server, &id, "link", "nothing-there").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{problem:#}");
    let (status, _) = post(&server, "4711", "link", &there).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    server.post("/api/v1/connections/twin/pause", &json!({})).await;
    let (status, problem) = post(&server, &id, "link", &there).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem:#}");
}
