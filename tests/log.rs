//! The log as others read it: one structured line for each thing that happened, and nothing in it that is nobody's
//! business.

use crate::support::{daemon::Daemon, shops::demo};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const JSON: (&str, &str) = ("CLICK2SYNC_LOG_FORMAT", "json");

/// Every line so far; each is a JSON object with what every line has.
fn lines(daemon: &Daemon) -> Vec<Value> {
    let log = daemon.log();
    let lines = log.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for field in ["timestamp", "level", "target", "message"] {
            assert!(line[field].is_string(), "{field} is missing: {line}");
        }
        line
    });
    lines.collect()
}

/// What is told of a job, in order: level and the sentence up to its first semicolon. Each line names its connection.
fn told(daemon: &Daemon, job: &Value) -> Vec<(String, String)> {
    let of_job = lines(daemon).into_iter().filter(|line| line["job"] == job["id"]);
    let told = of_job.map(|line| {
        assert_eq!(line["connection"], job["connection"], "{line}");
        let message = line["message"].as_str().unwrap();
        let sentence = message.split(';').next().unwrap_or_default();
        (line["level"].as_str().unwrap().to_owned(), sentence.to_owned())
    });
    told.collect()
}

fn check(daemon: &Daemon, job: &Value, wanted: &[(&str, &str)]) {
    let wanted: Vec<(String, String)> = wanted
        .iter()
        .map(|(level, message)| ((*level).into(), (*message).into()))
        .collect();
    assert_eq!(told(daemon, job), wanted, "{job}");
}

const ASKED: (&str, &str) = ("INFO", "A job was asked for");
const BEGAN: (&str, &str) = ("INFO", "A job began");

#[tokio::test]
async fn each_step_of_a_jobs_life_is_one_line() {
    let source = demo(40);
    let locked_out = demo(5).replace("[products]", "failures = { auth = \"100%\" }\n[products]");
    let slow = demo(400).replace("latency = \"0ms\"", "latency = \"50ms\"\npage = 5");
    let config = [
        ("connections/source.toml", source.as_str()),
        ("connections/locked-out.toml", &locked_out),
        ("connections/slow.toml", &slow),
    ];
    let mut daemon = Daemon::start_with(&config, &[JSON]).await;

    let fetched = daemon.run("source", "fetch").await;
    check(&daemon, &fetched, &[ASKED, BEGAN, ("INFO", "A job ended")]);
    let end = lines(&daemon)
        .into_iter()
        .find(|line| line["message"] == "A job ended")
        .unwrap();
    assert_eq!(
        (&end["kind"], &end["scanned"], &end["new"], &end["failed"]),
        (&json!("fetch"), &json!(40), &json!(40), &json!(0)),
        "{end}"
    );
    assert!(end["ms"].is_u64(), "{end}");

    let failed = daemon.run("locked-out", "fetch").await;
    assert_eq!(failed["status"], "failed");
    check(&daemon, &failed, &[ASKED, BEGAN, ("ERROR", "A job failed")]);

    // Interrupted by a stop, taken up again, and cancelled.
    let begun = daemon.post("/api/v1/connections/slow/fetch", json!({})).await["job"].clone();
    let path = format!("/api/v1/jobs/{}", begun["id"].as_str().unwrap());
    daemon
        .wait_until(&path, "it is under way", |job| {
            job["progress"]["done"].as_u64() > Some(5)
        })
        .await;
    assert!(daemon.terminate().await.success());
    daemon.restart().await;
    daemon
        .wait_until(&path, "it goes on", |job| job["status"] == "running")
        .await;
    daemon.post(&format!("{path}/cancel"), json!({})).await;
    daemon
        .wait_until(&path, "it is cancelled", |job| job["status"] == "cancelled")
        .await;
    let wanted = [
        ASKED,
        BEGAN,
        ("INFO", "A job was interrupted"),
        ("INFO", "A job goes on"),
        ("INFO", "A job was cancelled"),
    ];
    check(&daemon, &begun, &wanted);
}

#[tokio::test]
async fn what_happens_besides_jobs_is_a_line_each_too() {
    let config = [
        ("connections/one.toml", demo(3)),
        ("connections/two.toml", demo(0)),
    ];
    let config: Vec<_> = config.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let daemon = Daemon::start_with(&config, &[JSON]).await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "send").await;
    // No shop takes a SKU that another of its products has.
    let listed = daemon.get("/api/v1/products").await["items"].clone();
    let variant = |product: usize| &listed[product]["variants"][0];
    let path = format!("/api/v1/products/{}", listed[0]["id"].as_str().unwrap());
    let taken = json!({"variants": [{"id": variant(0)["id"], "sku": variant(1)["sku"]}]});
    daemon.patch(&path, taken).await;
    let sent = daemon.run("two", "send").await;
    assert_eq!(sent["outcome"]["failed"], 1, "{sent}");
    daemon.post("/api/v1/connections/one/pause", json!({})).await;
    daemon.post("/api/v1/connections/one/play", json!({})).await;
    let settings = json!({"prices": {"margin": "1%"}});
    daemon.patch("/api/v1/connections/one/settings", settings).await;
    let count = |message: &str, of: &str| {
        let lines = lines(&daemon);
        let such = lines.iter().filter(|line| line["message"] == message);
        such.filter(|line| of.is_empty() || line["connection"] == of)
            .count()
    };
    assert_eq!(count("Requests are answered", ""), 1);
    assert_eq!(count("A connection was paused", "one"), 1);
    assert_eq!(count("A connection plays again", "one"), 1);
    assert_eq!(count("New settings are in force", ""), 1);
    assert_eq!(count("A product was edited in the hub", ""), 1);
    assert_eq!(count("The platform refused a write", "two"), 1);
    let refused = lines(&daemon);
    let refused = refused
        .iter()
        .find(|line| line["message"] == "The platform refused a write")
        .expect("just counted");
    assert_eq!(
        (&refused["item"], &refused["job"], &refused["level"]),
        (&listed[0]["id"], &sent["id"], &json!("WARN")),
        "{refused}"
    );
    daemon
        .wait_until("/api/v1/connections/two", "its issues are counted", |_| {
            count("The number of open issues changed", "two") > 0
        })
        .await;
}

#[tokio::test]
async fn no_secret_and_nothing_of_a_buyer_is_ever_logged() {
    let token = "a-very-long-token-that-is-nobodys-business";
    let hub = format!("[auth]\ntoken = \"{token}\"\n");
    let shop =
        demo(10).replace("[products]", "orders = 30\n[products]") + "[orders]\nfetch = true\nclone = true\n";
    let other = demo(10).replace("[products]", "failures = { write = \"50%\" }\n[products]")
        + "[orders]\nfetch = true\nclone = true\n";
    let config = [
        ("click2sync.toml", hub.as_str()),
        ("connections/one.toml", &shop),
        ("connections/two.toml", &other),
    ];
    let variables = [JSON, ("CLICK2SYNC_LOG", "debug")];
    let daemon = Daemon::start_with_token(&config, &variables, token).await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "sync").await;
    // Somebody searches for a buyer, and somebody tries another token.
    daemon.get("/api/v1/orders?q=somebody%20in%20particular").await;
    let wrong = daemon
        .request(reqwest::Method::GET, "/api/v1/orders")
        .bearer_auth("a-guess")
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 401);
    daemon.write_config(
        "click2sync.toml",
        &hub.replace('\n', "\n\n").replace("token", "tokem"),
    );
    daemon
        .wait_until("/api/v1/config", "the fault is seen", |config| {
            !config["fault"].is_null()
        })
        .await;

    let orders = daemon.get("/api/v1/orders?limit=500").await;
    let mut private: BTreeSet<String> = [token, "a-guess", "particular"].map(String::from).into();
    for order in orders["items"].as_array().unwrap() {
        let order = daemon
            .get(&format!("/api/v1/orders/{}", order["id"].as_str().unwrap()))
            .await;
        for part in ["buyer", "shipping_address", "billing_address"] {
            texts(&order[part], &mut private);
        }
    }
    // Short words, such as a country's code or a house number, are everywhere.
    private.retain(|text| text.len() > 5);
    assert!(private.len() > 20, "there are buyers: {private:?}");
    let log = daemon.log();
    assert!(log.contains("Answered a request"), "it is told in detail");
    let seen: Vec<_> = private
        .iter()
        .filter(|text| log.contains(text.as_str()))
        .collect();
    assert!(seen.is_empty(), "the log holds {seen:?}");
}

fn texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(into.insert(text.clone())),
        Value::Array(all) => all.iter().for_each(|one| texts(one, into)),
        Value::Object(all) => all.values().for_each(|one| texts(one, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
