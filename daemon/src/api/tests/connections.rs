//! Connections and their jobs, over real runners.

use super::Server;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::fs;

pub(super) const SHOP: &str = "
name = 'Main shop'
platform = 'demo'
[remote]
products = 12
seed = 7
latency = '0ms'
[products]
clone = true
";

#[tokio::test]
async fn a_connection_is_shown_as_it_stands() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    let all = server.get("/api/v1/connections").await;
    assert_eq!(
        (&all["total"], &all["items"][0]["id"]),
        (&1.into(), &"main".into())
    );

    let job = server.run("main", "fetch").await;
    assert_eq!(
        (&job["outcome"]["new"], &job["trigger"]),
        (&12.into(), &"api".into())
    );
    let shown = server.get("/api/v1/connections/main").await;
    assert_eq!(
        (
            &shown["name"],
            &shown["state"],
            &shown["counts"]["products"],
            &shown["queued"]["products"]
        ),
        (
            &"Main shop".into(),
            &"idle".into(),
            &12.into(),
            &json!({"create": 0, "update": 0, "held": 0})
        )
    );
    assert!(shown["clocks"]["products"].is_string() && shown["last_fetch"].is_string());

    let stats = server.get("/api/v1/connections/main/stats").await;
    assert_eq!(
        (&stats["coverage"]["title"], &stats["vanished"]),
        (&12.into(), &0.into())
    );
    assert!(stats["variants"].as_u64() >= Some(12), "{stats}");
    assert_eq!(stats["jobs"][0]["id"], job["id"]);

    let check = server.post("/api/v1/connections/main/check", &Value::Null).await;
    assert_eq!(check.json()["ok"], true);

    let reset = server
        .post("/api/v1/connections/main/clocks/reset", &json!({"kind": "all"}))
        .await;
    assert_eq!(
        (reset.status, &reset.json()["clocks"]["products"]),
        (StatusCode::OK, &Value::Null)
    );
}

#[tokio::test]
async fn nothing_is_asked_of_a_connection_that_is_not_there() {
    let server = Server::start().await;
    let check = async |line: &str| {
        let answer = server.ask(line, &[]).await;
        assert_eq!(answer.problem(), (404, "not-found".to_owned()), "{line}");
    };
    check("GET /api/v1/connections/nowhere").await;
    for verb in ["fetch", "send", "sync", "pause", "play", "check"] {
        check(&format!("POST /api/v1/connections/nowhere/{verb}")).await;
    }
    check("GET /api/v1/connections/nowhere/stats").await;
    check("GET /api/v1/connections/nowhere/pending").await;
    check("GET /api/v1/jobs/7").await;
    check("POST /api/v1/jobs/7/cancel").await;
    check("GET /api/v1/products/7").await;
}

#[tokio::test]
async fn a_paused_connection_refuses_jobs_until_it_plays() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    let paused = server.ask("POST /api/v1/connections/main/pause", &[]).await;
    assert_eq!(paused.json()["state"], "paused");
    for kind in ["fetch", "send", "sync"] {
        let line = format!("POST /api/v1/connections/main/{kind}");
        assert_eq!(
            server.ask(&line, &[]).await.problem(),
            (409, "conflict".to_owned()),
            "{kind}"
        );
    }
    assert_eq!(server.get("/api/v1/jobs").await["total"], 0);
    let playing = server.ask("POST /api/v1/connections/main/play", &[]).await;
    assert_eq!(playing.json()["state"], "idle");
    server.run("main", "sync").await;
}

#[tokio::test]
async fn requests_coalesce_and_what_waits_can_be_cancelled() {
    let server = Server::start().await;
    let slow = SHOP.replace("'0ms'", "'5s'");
    server.configure("connections/main.toml", &slow).await;
    let ask = async || {
        let trigger = json!({"trigger": "console"});
        let answer = server.post("/api/v1/connections/main/fetch", &trigger).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        answer.json()["job"].clone()
    };
    let first = ask().await;
    assert_eq!(first["trigger"], "console");
    server
        .until("/api/v1/connections/main", |shown| shown["state"] == "running")
        .await;
    let second = ask().await;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(ask().await["id"], second["id"]);

    let waiting = server.get("/api/v1/jobs?state=queued&connection=main").await;
    assert_eq!(
        (&waiting["total"], &waiting["items"][0]["id"]),
        (&1.into(), &second["id"])
    );
    let newest = server.get("/api/v1/jobs?limit=1").await;
    assert_eq!(
        (&newest["items"][0]["id"], &newest["next"]),
        (&second["id"], &second["id"])
    );
    let oldest = server
        .get(&format!(
            "/api/v1/jobs?cursor={}",
            newest["next"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (&oldest["items"][0]["id"], &oldest["next"], &oldest["total"]),
        (&first["id"], &Value::Null, &2.into())
    );

    let job = format!("/api/v1/jobs/{}", second["id"].as_str().unwrap());
    let cancelled = server.ask(&format!("POST {job}/cancel"), &[]).await;
    assert_eq!(cancelled.json()["job"]["status"], "cancelled");
    for verb in ["cancel", "confirm"] {
        let again = server.ask(&format!("POST {job}/{verb}"), &[]).await;
        assert_eq!(again.problem().0, 409, "{verb}");
    }
    let line = format!("POST /api/v1/jobs/{}/confirm", first["id"].as_str().unwrap());
    assert_eq!(server.ask(&line, &[]).await.problem().0, 409);
}

#[tokio::test]
async fn only_the_daemon_itself_makes_scheduled_jobs() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    let trigger = json!({"trigger": "schedule"});
    let answer = server.post("/api/v1/connections/main/send", &trigger).await;
    assert_eq!(answer.problem(), (400, "invalid-request".to_owned()));
    assert_eq!(answer.json()["field"], "trigger");
}

#[tokio::test]
async fn maintenance_tells_what_it_found_and_put_right() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.run("main", "fetch").await;
    for task in ["integrity", "reindex", "images"] {
        let job = server.run("main", &format!("maintenance/{task}")).await;
        assert_eq!(
            (&job["kind"], &job["task"], &job["status"], &job["report"]),
            (&"maintenance".into(), &task.into(), &"done".into(), &json!([])),
            "{job}"
        );
    }
    let unknown = server
        .ask("POST /api/v1/connections/main/maintenance/sweep", &[])
        .await;
    assert_eq!(unknown.problem(), (404, "not-found".to_owned()));

    // One picture gone, one broken, and one that nothing shows.
    let pictures = crate::pictures::Pictures::new(server.data.path());
    let kept = pictures.all().unwrap();
    let place = |hash: &str| server.data.path().join("pictures").join(&hash[..2]).join(hash);
    fs::remove_file(place(&kept[0])).unwrap();
    fs::write(place(&kept[1]), b"half a picture").unwrap();
    let orphan = "ab00112233445566778899aabbccddee";
    fs::create_dir_all(place(orphan).parent().unwrap()).unwrap();
    fs::write(place(orphan), b"nothing shows it").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    let file = fs::File::options().write(true).open(place(orphan)).unwrap();
    file.set_modified(long_ago).unwrap();

    let job = server.run("main", "maintenance/integrity").await;
    let found = |job: &Value| -> Vec<(Value, Value)> {
        let report = job["report"].as_array().expect("a report");
        report
            .iter()
            .map(|finding| (finding["found"].clone(), finding["count"].clone()))
            .collect()
    };
    // Two files are not what they are named by, and then two pictures of the shop are missing.
    assert_eq!(
        found(&job),
        [("repaired".into(), 2.into()), ("open".into(), 1.into())],
        "{job}"
    );
    let issues = server.get("/api/v1/issues?connection=main").await;
    assert_eq!(
        (&issues["total"], &issues["items"][0]["code"]),
        (&1.into(), &"damaged".into()),
        "{issues}"
    );
    assert!(
        issues["items"][0]["message"]
            .as_str()
            .unwrap()
            .starts_with("2 pictures"),
        "{issues}"
    );

    fs::write(place(orphan), b"nothing shows it").unwrap();
    let file = fs::File::options().write(true).open(place(orphan)).unwrap();
    file.set_modified(long_ago).unwrap();
    let job = server.run("main", "maintenance/images").await;
    assert_eq!(
        found(&job),
        [("repaired".into(), 1.into()), ("repaired".into(), 2.into())],
        "{job}"
    );
    let mut after = pictures.all().unwrap();
    let mut before = kept.clone();
    after.sort();
    before.sort();
    assert_eq!(after, before);
    let job = server.run("main", "maintenance/integrity").await;
    assert_eq!(job["report"], json!([]), "{job}");
    assert_eq!(server.get("/api/v1/issues?connection=main").await["total"], 0);
}
