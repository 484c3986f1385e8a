//! Figures as Prometheus reads them.

use super::{Server, items::two_shops};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the text format as strictly as it is defined: every figure is described once, before its samples, and no
/// sample comes twice.
fn parse(text: &str) -> BTreeMap<String, u64> {
    let mut samples = BTreeMap::new();
    let mut described = BTreeSet::new();
    let mut figure = (String::new(), String::new());
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let mut lines = text.lines();
    assert!(text.ends_with('\n'));
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            assert!(name.starts_with("click2sync_") && is_name(name), "{line}");
            assert!(help.ends_with('.'), "{line}");
            assert!(described.insert(name.to_owned()), "{name} is described twice");
            let kind = lines
                .next()
                .and_then(|line| line.strip_prefix(&format!("# TYPE {name} ")));
            let kind = kind.unwrap_or_else(|| panic!("{name} has no type"));
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
            assert!(["counter", "gauge"].contains(&kind), "{name} is a {kind}");
            figure = (name.to_owned(), kind.to_owned());
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        let value: u64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let name = match sample.split_once('{') {
            None => sample,
            Some((name, labels)) => {
                for label in labels.strip_suffix('}').unwrap().split(',') {
                    let (label, value) = label.split_once('=').unwrap_or_else(|| panic!("{line}"));
                    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                    assert!(
                        is_name(label) && value.is_some_and(|v| !v.contains(['"', '\\'])),
                        "{line}"
                    );
                }
                name
            }
        };
        assert_eq!(name, figure.0, "it stands below another figure's description");
        assert!(
            samples.insert(sample.to_owned(), value).is_none(),
            "{sample} comes twice"
        );
    }
    samples
}

async fn figures(server: &Server) -> BTreeMap<String, u64> {
    let answer = server.ask("GET /metrics", &[]).await;
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    parse(std::str::from_utf8(&answer.body).unwrap())
}

#[tokio::test]
async fn figures_say_what_is_so() {
    let server = two_shops().await;
    server
        .until("/api/v1/connections/outlet", |shown| {
            shown["queued"]["products"]["create"] == 12
        })
        .await;
    let check = |figures: &BTreeMap<String, u64>, wanted: &[(&str, u64)]| {
        for (sample, value) in wanted {
            let found = figures.get(&format!("click2sync_{sample}"));
            assert_eq!(found, Some(value), "{sample} in {figures:#?}");
        }
    };
    let before = figures(&server).await;
    check(
        &before,
        &[
            ("products", 12),
            ("orders", 0),
            ("jobs_total", 1),
            ("config_faults", 0),
            ("connection_products{connection=\"main\"}", 12),
            ("connection_products{connection=\"outlet\"}", 0),
            ("connection_state{connection=\"main\",state=\"idle\"}", 1),
            ("connection_state{connection=\"main\",state=\"paused\"}", 0),
            ("connection_needs_you{connection=\"main\"}", 0),
            ("pending_products{connection=\"outlet\",mark=\"create\"}", 12),
            ("pending_products{connection=\"outlet\",mark=\"held\"}", 0),
            ("oversell_risk_products{connection=\"outlet\"}", 0),
            ("issues{connection=\"main\",severity=\"error\"}", 0),
            (
                "jobs_ended_total{connection=\"main\",kind=\"fetch\",status=\"done\"}",
                1,
            ),
            ("records_total{connection=\"main\",what=\"scanned\"}", 12),
            ("records_total{connection=\"main\",what=\"new\"}", 12),
        ],
    );
    assert!(before["click2sync_store_bytes"] > 0);
    assert!(before["click2sync_resident_memory_bytes"] > 1_000_000);
    assert!(before["click2sync_fetch_age_seconds{connection=\"main\"}"] < 60);
    let never = "click2sync_fetch_age_seconds{connection=\"outlet\"}";
    assert!(!before.contains_key(never), "what never went well has no age");

    server.run("outlet", "sync").await;
    server.ask("POST /api/v1/connections/main/pause", &[]).await;
    server.configure("connections/broken.toml", "platform = 5").await;
    let after = figures(&server).await;
    check(
        &after,
        &[
            ("pending_products{connection=\"outlet\",mark=\"create\"}", 0),
            ("records_total{connection=\"outlet\",what=\"created\"}", 12),
            (
                "jobs_ended_total{connection=\"outlet\",kind=\"sync\",status=\"done\"}",
                1,
            ),
            ("connection_state{connection=\"main\",state=\"paused\"}", 1),
            ("config_faults", 1),
        ],
    );
}

/// A product that is nearly gone, and a shop that still offers what it had.
#[tokio::test]
async fn what_is_scarce_and_not_told_yet_is_an_oversell_risk() {
    let server = two_shops().await;
    server.run("outlet", "sync").await;
    let list = server.get("/api/v1/products?set=stock:in&limit=1").await;
    let product = list["items"][0].clone();
    let variants = product["variants"].as_array().unwrap().iter().map(|variant| {
        let stock = variant["stock"].as_object().unwrap();
        let none: serde_json::Map<_, _> = stock.keys().map(|place| (place.clone(), "0".into())).collect();
        serde_json::json!({ "id": variant["id"], "stock": none })
    });
    let variants: Vec<_> = variants.collect();
    let path = format!("PATCH /api/v1/products/{}", product["id"].as_str().unwrap());
    let body = serde_json::json!({ "variants": variants }).to_string();
    let json = ("Content-Type", "application/json");
    let patched = server.send(&path, &[json], &body).await;
    assert_eq!(patched.status, 200, "{}", patched.json());
    let risk = "click2sync_oversell_risk_products{connection=\"outlet\"}";
    assert_eq!(figures(&server).await[risk], 1);
    server.run("outlet", "send").await;
    assert_eq!(figures(&server).await[risk], 0);
}
