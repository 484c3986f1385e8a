//! Being asked to end: the running step is stored, and the next start goes on.

use crate::support::{daemon::Daemon, shops::demo};
use serde_json::json;

#[tokio::test]
async fn a_job_that_runs_when_the_daemon_is_asked_to_end_goes_on_after_the_next_start() {
    let settings = demo(600).replace("latency = \"0ms\"", "latency = \"30ms\"\npage = 10");
    let mut daemon = Daemon::start(&[("connections/one.toml", &settings)]).await;
    let started = daemon.post("/api/v1/connections/one/fetch", json!({})).await;
    let path = format!("/api/v1/jobs/{}", started["job"]["id"].as_str().expect("an id"));
    daemon
        .wait_until(&path, "it is under way", |job| {
            job["progress"]["done"].as_u64() > Some(50)
        })
        .await;
    let status = daemon.terminate().await;
    assert!(status.success(), "{status}");
    daemon.restart().await;
    let job = daemon
        .wait_until(&path, "it is over", |job| job["status"] == "done")
        .await;
    assert_eq!(job["outcome"]["new"], 600, "{job}");
    assert!(!daemon.log().contains(" ERROR "), "{}", daemon.log());
}

#[tokio::test]
async fn two_connections_may_fetch_the_same_goods_at_the_same_time() {
    let daemon = Daemon::start(&[
        ("connections/one.toml", &demo(80)),
        ("connections/two.toml", &demo(80)),
    ])
    .await;
    tokio::join!(daemon.run("one", "fetch"), daemon.run("two", "fetch"));
    assert_eq!(daemon.get("/api/v1/products").await["total"], 80);
    for connection in ["one", "two"] {
        let shown = daemon.get(&format!("/api/v1/connections/{connection}")).await;
        assert_eq!(
            shown["queued"]["products"],
            json!({"create": 0, "update": 0, "held": 0}),
            "{shown}"
        );
    }
}
