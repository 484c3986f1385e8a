//! What waits for a person: first meetings, issues; and what helps to find it: suggestions and pictures.

use super::{Server, connections::SHOP};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// A shop with the same products, all of which differ somewhere.
const RIVAL: &str = "
name = 'Rival'
platform = 'demo'
[remote]
products = 12
seed = 7
differences = '100%'
latency = '0ms'
";

async fn rivals() -> Server {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.configure("connections/rival.toml", RIVAL).await;
    server.run("main", "fetch").await;
    server.run("rival", "fetch").await;
    server
}

fn held(connection: &Value) -> u64 {
    connection["queued"]["products"]["held"].as_u64().unwrap()
}

#[tokio::test]
async fn a_first_meetings_differences_wait_until_a_side_is_chosen() {
    let server = rivals().await;
    let rival = server.get("/api/v1/connections/rival").await;
    let waiting = held(&rival);
    assert!(waiting >= 4, "{rival:#}");
    let list = server.get("/api/v1/products?set=pending:held@rival").await;
    assert_eq!(list["total"], waiting);
    let of = |product: &Value| -> Vec<Value> {
        let all = product["equivalences"].as_array().unwrap();
        let rival = all
            .iter()
            .find(|equivalence| equivalence["connection"] == "rival")
            .unwrap();
        rival["changes"].as_array().unwrap().clone()
    };
    for product in list["items"].as_array().unwrap() {
        assert!(
            of(product).iter().all(|change| change["mark"] == "held"),
            "{product:#}"
        );
    }
    let pending = server.get("/api/v1/connections/rival/pending").await;
    assert_eq!(pending["total"], 0);

    let choose = async |wanted: Value| {
        let answer = server
            .post("/api/v1/connections/rival/held/choose", &wanted)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["items"].as_u64().unwrap()
    };
    let id = |at: usize| list["items"][at]["id"].clone();
    let hub_side = of(&list["items"][0]);
    assert_eq!(choose(json!({"side": "hub", "items": [id(0)]})).await, 1);
    let pending = server.get("/api/v1/connections/rival/pending").await;
    assert_eq!(
        (&pending["total"], &pending["items"][0]["item"]),
        (&1.into(), &id(0))
    );
    assert_eq!(
        pending["items"][0]["changes"].as_array().unwrap().len(),
        hub_side.len()
    );

    let remote_side = of(&list["items"][1]);
    assert_eq!(choose(json!({"side": "remote", "items": [id(1)]})).await, 1);
    let path = format!("/api/v1/products/{}", id(1).as_str().unwrap());
    let taken = server.get(&path).await;
    for change in &remote_side {
        let pointer = format!("/{}", change["path"].as_str().unwrap());
        if let Some(hub) = taken.pointer(&pointer).filter(|value| value.is_string()) {
            assert_eq!(*hub, change["old"], "{pointer}");
        }
    }
    assert_eq!(of(&taken), Vec::<Value>::new());

    let rest = server.get("/api/v1/connections/rival").await;
    assert_eq!(held(&rest), waiting - 2);
    assert_eq!(choose(json!({"side": "hub", "sets": ["without:title"]})).await, 0);
    assert_eq!(choose(json!({"side": "hub", "all": true})).await, waiting - 2);
    assert_eq!(held(&server.get("/api/v1/connections/rival").await), 0);
    assert_eq!(choose(json!({"side": "hub", "all": true})).await, 0);
}

#[tokio::test]
async fn a_choice_has_exactly_one_scope() {
    let server = rivals().await;
    for wanted in [
        json!({"side": "hub"}),
        json!({"side": "hub", "all": true, "items": ["1"]}),
        json!({"side": "hub", "fields": ["colour"]}),
        json!({"side": "hub", "sets": ["colour:red"]}),
        json!({"side": "left", "all": true}),
    ] {
        let answer = server
            .post("/api/v1/connections/rival/held/choose", &wanted)
            .await;
        assert_eq!(answer.problem(), (400, "invalid-request".to_owned()), "{wanted}");
    }
}

#[tokio::test]
async fn issues_are_listed_with_what_to_do() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    let euro = "name = 'Euro'\nplatform = 'demo'\n[remote]\nproducts = 0\nlatency = '0ms'\n\
                [products]\nclone = true\n[prices]\ncurrency = 'EUR'";
    server.configure("connections/euro.toml", euro).await;
    server.run("main", "fetch").await;
    let all = server
        .until("/api/v1/issues", |all| all["total"].as_u64() >= Some(12))
        .await;
    let first = &all["items"][0];
    assert_eq!(
        (&first["code"], &first["severity"], &first["connection"]),
        (&"no_exchange_rate".into(), &"error".into(), &"euro".into())
    );
    assert!(
        first["action"].as_str().unwrap().contains("[exchange]"),
        "{first:#}"
    );
    assert!(first["path"].as_str().unwrap().ends_with("price"));
    let again = server.get("/api/v1/issues").await;
    assert_eq!(again, all);

    let shown = server.get("/api/v1/connections/euro").await;
    assert_eq!(shown["issues"], 12);
    let check = async |query: &str, total: Value| {
        assert_eq!(
            server.get(&format!("/api/v1/issues?{query}")).await["total"],
            total,
            "{query}"
        );
    };
    check("connection=main", 0.into()).await;
    check("connection=euro&severity=error", all["total"].clone()).await;
    check("severity=notice", 0.into()).await;
    let page = server.get("/api/v1/issues?limit=5&cursor=5").await;
    let items = all["items"].as_array().unwrap();
    assert_eq!(page["items"], Value::from(&items[5..10]));
    assert_eq!(page["next"], "10");
}

/// A shop that wants everything and takes nothing: a product without a title is refused.
const PICKY: &str = "
name = 'Picky'
platform = 'demo'
[remote]
products = 0
latency = '0ms'
[products]
clone = true
[products.fields]
title = 'ignore'
";

#[tokio::test]
async fn alike_refusals_are_one_pattern_and_each_can_be_retried_or_dismissed() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.configure("connections/picky.toml", PICKY).await;
    server.run("main", "fetch").await;
    server.run("picky", "send").await;
    let patterns = server.get("/api/v1/issues/patterns").await;
    let pattern = &patterns[0];
    assert_eq!(patterns.as_array().unwrap().len(), 1, "{patterns:#}");
    let message = "{connection} refused it: A product needs a title.";
    assert_eq!(
        (&pattern["code"], &pattern["severity"], &pattern["count"]),
        (&"refused".into(), &"error".into(), &12.into())
    );
    assert_eq!(
        (&pattern["message"], &pattern["connections"]),
        (&message.into(), &json!(["picky"]))
    );
    assert!(pattern["action"].as_str().unwrap().contains("retry"));
    let examples = pattern["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 5);
    assert_eq!(
        examples[0]["message"],
        "Picky refused it: A product needs a title."
    );
    assert!(examples[0]["item"].is_string(), "{examples:?}");
    for nothing in ["severity=notice", "connection=main"] {
        let found = server.get(&format!("/api/v1/issues/patterns?{nothing}")).await;
        assert_eq!(found, json!([]), "{nothing}");
    }

    let issues = server.get("/api/v1/issues").await;
    let tackle = async |at: usize, how: &str| {
        let id = issues["items"][at]["id"].as_str().unwrap();
        server
            .ask(&format!("POST /api/v1/issues/{id}/{how}"), &[])
            .await
            .status
    };
    for (left, how) in [(11, "retry"), (10, "dismiss")] {
        assert_eq!(tackle(left, how).await, StatusCode::NO_CONTENT, "{how}");
        assert_eq!(server.get("/api/v1/issues").await["total"], left, "{how}");
        let with = server.get("/api/v1/products?set=issues:with").await;
        assert_eq!(with["total"], left, "{how}");
        assert_eq!(tackle(left, how).await, StatusCode::NOT_FOUND, "{how}");
        let waiting = server.get("/api/v1/connections/picky/pending").await;
        assert_eq!(waiting["total"], 12, "{how}");
    }
    server.run("picky", "send").await;
    assert_eq!(
        server.get("/api/v1/issues").await["total"],
        12,
        "it happened again"
    );
}

#[tokio::test]
async fn an_issue_that_lasts_as_long_as_its_cause_says_so() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    let euro = PICKY.replace("title = 'ignore'", "") + "[prices]\ncurrency = 'EUR'";
    server.configure("connections/euro.toml", &euro).await;
    let mute =
        "platform = 'demo'\n[remote]\nproducts = 3\nlatency = '0ms'\nfailures = { unreadable = '100%' }";
    server.configure("connections/mute.toml", mute).await;
    server.run("main", "fetch").await;
    server.run("mute", "fetch").await;
    let check = async |connection: &str, wanted: &[(&str, u16)]| {
        let path = format!("/api/v1/issues?connection={connection}");
        let issues = server.until(&path, |issues| issues["total"] != 0).await;
        let id = issues["items"][0]["id"].as_str().unwrap();
        for (how, status) in wanted {
            let answer = server.ask(&format!("POST /api/v1/issues/{id}/{how}"), &[]).await;
            assert_eq!(answer.status, *status, "{how}: {answer:?}");
            if *status == 422 {
                let detail = answer.json()["detail"].as_str().unwrap().to_owned();
                let action = issues["items"][0]["action"].as_str().unwrap();
                assert!(detail.ends_with(action), "{detail}");
            }
        }
        let left = server.get(&path).await["total"].as_u64().unwrap();
        issues["total"].as_u64().unwrap() - left
    };
    assert_eq!(check("euro", &[("retry", 422), ("dismiss", 422)]).await, 0);
    let steps = [("retry", 422), ("dismiss", 204), ("dismiss", 404)];
    assert_eq!(check("mute", &steps).await, 1);
    let answer = server.ask("POST /api/v1/issues/1/retry", &[]).await;
    assert_eq!(answer.problem(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn sets_are_suggested_in_the_manuals_words_with_what_the_list_will_count() {
    let server = rivals().await;
    let all = server.get("/api/v1/sets").await;
    let all = all.as_array().unwrap();
    assert!(all.len() > 10, "{all:?}");
    for set in all {
        let id = set["id"].as_str().unwrap();
        let list = server.get(&format!("/api/v1/products?limit=1&set={id}")).await;
        assert_eq!(list["total"], set["count"], "{id}");
        assert_ne!(set["count"], 0, "{id}");
    }
    let check = async |q: &str, id: &str, label: &str| {
        let found = server
            .get(&format!("/api/v1/sets?kind=products&limit=20&q={q}"))
            .await;
        let found = found.as_array().unwrap();
        let set = found.iter().find(|set| set["id"] == id);
        let set = set.unwrap_or_else(|| panic!("{q} finds no {id}: {found:?}"));
        assert_eq!(set["label"], label);
    };
    check("main", "on:main", "products on Main shop").await;
    check(
        "publ+rival",
        "status:unpublished@rival",
        "products unpublished on Rival",
    )
    .await;
    check("demo", "platform:demo", "products on Demo shop").await;
    check(
        "updates+rival",
        "pending:updates@rival",
        "products with pending updates to Rival",
    )
    .await;
    check(
        "without+descr",
        "without:description",
        "products without description",
    )
    .await;
    // In Spanish where the caller reads it, with and without accents.
    for q in ["c%C3%B3digo+sin", "codigo+sin", "barras+SIN"] {
        let line = format!("GET /api/v1/sets?limit=5&q={q}");
        let found = server
            .ask(&line, &[("Accept-Language", "es-MX,es;q=0.9,en;q=0.8")])
            .await;
        let labels: Vec<String> = found
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|set| set["label"].to_string())
            .collect();
        assert_eq!(labels, ["\"productos sin código de barras\""], "{q}");
    }
    let list = server.get("/api/v1/products?set=on:main").await;
    let products = list["items"].as_array().unwrap();
    let path = products
        .iter()
        .find_map(|product| product["categories"][0].as_str())
        .unwrap();
    let slug = shared::sync::terms::slug(path);
    check(
        &format!("category+main+{slug}"),
        &format!("category:{slug}@main"),
        &format!("products on Main shop category {path}"),
    )
    .await;
    let product = server.get("/api/v1/products?limit=1").await;
    let brand = product["items"][0]["brand"].as_str().unwrap();
    let word = brand.split_whitespace().next().unwrap();
    let found = server.get(&format!("/api/v1/sets?q={word}")).await;
    let label = format!("products of brand {brand}");
    assert!(
        found.as_array().unwrap().iter().any(|set| set["label"] == *label),
        "{found:#}"
    );
    assert_eq!(server.get("/api/v1/sets?kind=orders").await, json!([]));
}

#[tokio::test]
async fn a_picture_is_shown_by_its_hash_and_kept_by_browsers() {
    let server = rivals().await;
    let list = server.get("/api/v1/products").await;
    let images = list["items"].as_array().unwrap().iter();
    let image = images
        .flat_map(|item| item["images"].as_array().unwrap())
        .next()
        .unwrap();
    let hash = image["hash"].as_str().unwrap();
    let path = format!("/api/v1/images/{hash}");
    assert_eq!(image["url"], path);

    let original = server.ask(&format!("GET {path}"), &[]).await;
    assert_eq!(original.status, StatusCode::OK);
    assert!(original.header("content-type").starts_with("image/"));
    assert!(original.header("cache-control").contains("immutable"));
    assert_eq!(crate::connector::content_hash(&original.body), hash);
    let small = server.ask(&format!("GET {path}?size=40"), &[]).await;
    assert_eq!(small.header("content-type"), "image/png");
    let drawn = image::load_from_memory(&small.body).unwrap();
    assert_eq!(drawn.width().max(drawn.height()), 48);
    let known = [("If-None-Match", small.header("etag"))];
    let again = server.ask(&format!("GET {path}?size=48"), &known).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let other = server.ask(&format!("GET {path}"), &known).await;
    assert_eq!(other.status, StatusCode::OK);

    for (path, status) in [
        ("/api/v1/images/00000000000000000000000000000000", 404),
        ("/api/v1/images/..%2F..%2Fclick2sync.redb", 404),
        (&format!("{path}?size=0"), 400),
        (&format!("{path}?size=100000"), 400),
    ] {
        let answer = server.ask(&format!("GET {path}"), &[]).await;
        assert_eq!(answer.problem().0, status, "{path}");
    }
}
