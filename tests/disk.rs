//! A disk that takes nothing for a while: the real process under a limit of the system on the size of files, which
//! comes and goes like the end of a full disk's room.

use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
};
use reqwest::Method;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use std::time::Duration;

const PRODUCTS: u64 = 1500;

#[tokio::test]
async fn a_full_disk_stops_jobs_with_one_issue_and_they_go_on_by_themselves() {
    // Slow enough that the limit comes while it works.
    let shop_settings = demo(PRODUCTS).replace("latency = \"0ms\"", "latency = \"20ms\"\npage = 25");
    let mut daemon = Daemon::start(&[("connections/one.toml", &shop_settings)]).await;
    let started = daemon.post("/api/v1/connections/one/fetch", json!({})).await;
    let id = started["job"]["id"].as_str().expect("a job has an id");
    let job = format!("/api/v1/jobs/{id}");
    let store = daemon.folder().join("data/click2sync.redb");
    let limit = store.metadata().expect("the store").len();
    limit_files(&daemon, Some(limit));

    let issue = wait_for_issues(&daemon, 1).await["items"][0].clone();
    assert_eq!(
        (&issue["code"], &issue["severity"], &issue["connection"]),
        (&json!("disk"), &json!("error"), &Value::Null),
        "{issue}"
    );
    let message = issue["message"].as_str().expect("a message");
    for part in ["data", "nothing is lost, and jobs go on by themselves"] {
        assert!(message.contains(part), "{message}");
    }
    daemon
        .wait_until(&job, "the job waits", |job| job["status"] == "queued")
        .await;
    // Long enough for more than one try.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let shown = daemon.get("/api/v1/connections/one").await;
    assert_eq!(
        (&shown["state"], &shown["detail"]),
        (&json!("error"), &json!(message))
    );
    daemon.get("/api/v1/products").await;
    daemon.get("/api/v1/connections/one/stats").await;
    for refused in [
        "/api/v1/connections/one/send",
        "/api/v1/connections/one/pause",
        &format!("{job}/cancel"),
    ] {
        let answer = daemon.answer(Method::POST, refused, Some(json!({}))).await;
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (503, &json!(message)),
            "{refused}"
        );
    }
    assert_eq!(daemon.answer(Method::GET, "/readyz", None).await.status, 503);
    assert_eq!(wait_for_issues(&daemon, 1).await["items"][0]["at"], issue["at"]);

    limit_files(&daemon, None);
    let done = daemon
        .wait_until(&job, "the job is over", |job| {
            !["queued", "running"].contains(&job["status"].as_str().unwrap())
        })
        .await;
    assert_eq!(
        (&done["status"], &done["outcome"]["new"]),
        (&json!("done"), &json!(PRODUCTS)),
        "{done}"
    );
    wait_for_issues(&daemon, 0).await;
    daemon.get("/readyz").await;
    let listed = daemon.get("/api/v1/products?limit=1").await;
    assert_eq!(
        listed["total"],
        json!(shop(&daemon, "one").count().expect("its count"))
    );
    let log = daemon.log();
    assert_eq!(log.matches("ERROR").count(), 1, "{log}");

    // What was stored by the mended store is there after a crash.
    daemon.kill_9();
    daemon.restart().await;
    assert_eq!(daemon.get("/api/v1/products?limit=1").await["total"], PRODUCTS);
}

/// No file of the daemon may become larger. `None`: as large as it likes.
fn limit_files(daemon: &Daemon, bytes: Option<u64>) {
    let process = i32::try_from(daemon.process_id()).ok().and_then(Pid::from_raw);
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(process, Resource::Fsize, limit).expect("it is our child");
}

async fn wait_for_issues(daemon: &Daemon, count: u64) -> Value {
    let what = format!("{count} issues are open");
    daemon
        .wait_until("/api/v1/issues", &what, |issues| issues["total"] == count)
        .await
}
