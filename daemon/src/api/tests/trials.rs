//! Settings before they count, how catalogues met, and issues by the pattern.

use super::{Server, connections::SHOP};
use axum::http::StatusCode;
use serde_json::json;

const RIVAL: &str = "
name = 'Rival'
platform = 'demo'
[remote]
products = 12
seed = 7
differences = '100%'
latency = '0ms'
";

#[tokio::test]
async fn settings_are_checked_with_what_they_would_do_and_nothing_is_written() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.run("main", "fetch").await;
    let path = "/api/v1/connections/main/settings/check";
    let answer = server.post(path, &json!({"prices": {"margin": "10%"}})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let prices = answer.json()["prices"].clone();
    let of = |name: &str| -> f64 { prices[0][name]["amount"].as_str().unwrap().parse().unwrap() };
    assert!((of("then") - of("hub") * 1.1).abs() < 0.02, "{prices:#}");

    let answer = server.post(path, &json!({"prices": {"margin": "lots"}})).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
    let fault = answer.json()["faults"][0].clone();
    assert_eq!(fault["field"], "prices.margin", "{fault:#}");
    assert!(fault["excerpt"].as_str().unwrap().contains("lots"), "{fault:#}");
    let settings = server.get("/api/v1/connections/main/settings").await;
    assert!(settings["settings"]["prices"].is_null(), "{settings:#}");
}

#[tokio::test]
async fn credentials_are_tried_before_they_count_and_a_new_platform_shows_a_sample() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    let refusing = json!({"remote": {"failures": {"auth": "100%"}}});
    for (body, ok) in [(refusing.clone(), false), (json!({}), true)] {
        let answer = server.post("/api/v1/connections/main/check", &body).await;
        assert_eq!(answer.json()["ok"], ok, "{answer:?}");
    }
    let new = json!({"remote": {"products": 3, "orders": 2, "latency": "0ms"}});
    let answer = server.post("/api/v1/platforms/demo/check", &new).await;
    let trial = answer.json();
    assert_eq!(
        (&trial["ok"], &trial["product"]["total"]),
        (&json!(true), &json!(3)),
        "{trial:#}"
    );
    assert!(trial["order"]["number"].is_string(), "{trial:#}");
    let answer = server.post("/api/v1/platforms/demo/check", &refusing).await;
    assert_eq!(answer.json()["ok"], false, "{answer:?}");
    let list = server.get("/api/v1/connections").await;
    assert_eq!(list["total"], 1, "a trial leaves nothing behind");
}

#[tokio::test]
async fn how_two_catalogues_met_is_told_in_lists() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.configure("connections/rival.toml", RIVAL).await;
    server.run("main", "fetch").await;
    server.run("rival", "fetch").await;
    let met = server.get("/api/v1/connections/rival/meeting").await;
    let rival = server.get("/api/v1/connections/rival").await;
    assert_eq!(met["differing"], rival["queued"]["products"]["held"], "{met:#}");
    assert!(
        met["matched"].as_u64().unwrap() >= met["differing"].as_u64().unwrap(),
        "{met:#}"
    );
    let first = &met["differences"][0];
    assert!(first["changes"][0]["mark"] == "held", "{first:#}");
    let fields = met["fields"].as_object().unwrap();
    assert!(fields.values().all(|count| count.as_u64() > Some(0)), "{met:#}");
    let missing = server.get("/api/v1/connections/main/meeting").await;
    assert_eq!(missing["differing"], 0, "{missing:#}");
}

#[tokio::test]
async fn a_whole_pattern_of_issues_is_retried_or_counted_as_what_stays() {
    let server = Server::start().await;
    let answer = server
        .post(
            "/api/v1/issues/patterns/retry",
            &json!({"code": "refused", "message": "nothing says so"}),
        )
        .await;
    assert_eq!(answer.json(), json!({"tackled": 0, "stay": 0}));
}
