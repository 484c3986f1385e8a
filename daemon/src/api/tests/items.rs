//! Products as they are listed, shown and about to be sent.

use super::{SOON, Server, connections::SHOP};
use crate::events::Batch;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::time::timeout;

/// A shop that begins empty and wants everything.
const EMPTY: &str = "
name = 'Outlet'
platform = 'demo'
[remote]
products = 0
latency = '0ms'
[products]
clone = true
";

pub(super) async fn two_shops() -> Server {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.configure("connections/outlet.toml", EMPTY).await;
    server.run("main", "fetch").await;
    server
}

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

fn mark<'a>(product: &'a Value, connection: &str) -> &'a Value {
    let all = product["equivalences"].as_array().unwrap();
    let found = all
        .iter()
        .find(|equivalence| equivalence["connection"] == connection);
    found.map_or(&Value::Null, |equivalence| &equivalence["mark"])
}

#[tokio::test]
async fn every_order_of_the_list_has_every_product_once() {
    let server = two_shops().await;
    let check = async |sort: &str| {
        let (mut all, mut titles, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = server
                .get(&format!("/api/v1/products?limit=5&sort={sort}{cursor}"))
                .await;
            assert_eq!(page["total"], 12, "{sort}");
            all.extend(ids(&page));
            let items = page["items"].as_array().unwrap();
            titles.extend(
                items
                    .iter()
                    .map(|item| item["title"].as_str().unwrap().to_lowercase()),
            );
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(all.len(), 12, "{sort}");
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 12, "{sort}");
        (all, titles)
    };
    let (mut created, _) = check("created").await;
    let (latest, _) = check("-created").await;
    created.reverse();
    assert_eq!(created, latest);
    let (_, mut titles) = check("title").await;
    assert!(titles.is_sorted(), "{titles:?}");
    let (_, backwards) = check("-title").await;
    titles.reverse();
    assert_eq!(titles, backwards);
}

#[tokio::test]
async fn sets_are_intersected_and_words_are_found() {
    let server = two_shops().await;
    let all = server.get("/api/v1/products").await;
    let one = &all["items"][0];
    let (id, title) = (one["id"].as_str().unwrap(), one["title"].as_str().unwrap());
    let sku = one["variants"][0]["sku"].as_str().unwrap();
    let encode = |text: &str| {
        let bytes = text.bytes().map(|byte| format!("%{byte:02X}"));
        bytes.collect::<Vec<_>>().concat()
    };

    let check = async |query: &str, wanted: &dyn Fn(&Value) -> bool| {
        let found = server.get(&format!("/api/v1/products?{query}")).await;
        let wanted: Vec<Value> = all["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| wanted(item))
            .cloned()
            .collect();
        assert_eq!(found["items"], Value::from(wanted.clone()), "{query}");
        assert_eq!(found["total"], wanted.len(), "{query}");
        wanted.len()
    };
    assert_eq!(check("set=on:main", &|_| true).await, 12);
    assert_eq!(check("set=platform:demo", &|_| true).await, 12);
    assert_eq!(check("set=platform:csv", &|_| false).await, 0);
    assert_eq!(check("set=on:nowhere", &|_| false).await, 0);
    assert_eq!(check("set=on:main&set=on:outlet", &|_| false).await, 0);
    for at in ["main", "demo"] {
        let mut told = 0;
        for (set, statuses) in [
            ("active", &["active"][..]),
            ("paused", &["paused"]),
            ("published", &["active", "paused"]),
            ("unpublished", &["draft", "archived"]),
        ] {
            let stands = |item: &Value| statuses.contains(&item["status"].as_str().unwrap());
            told += check(&format!("set=status:{set}@{at}"), &stands).await;
        }
        assert!(told >= 12);
    }
    let category = outer_category(one);
    let within = |item: &Value| outer_category(item) == category;
    let some = check(&format!("set=category:{}@main", encode(category)), &within).await;
    assert!(some > 0 && some < 12, "{category:?} tells nothing apart");
    check("set=category:none@main", &|item| item["categories"] == json!([])).await;
    check("set=category:none@outlet", &|_| false).await;
    let brand = one["brand"].as_str().unwrap();
    let branded = |item: &Value| item["brand"] == brand;
    let some = check(&format!("set=brand:{}&set=on:main", encode(brand)), &branded).await;
    assert!(some > 0 && some < 12, "{brand:?} tells nothing apart");
    check(&format!("set=brand:{}+on:outlet", encode(brand)), &|_| false).await;
    check(&format!("q={}", encode(&brand.to_uppercase())), &|item| {
        branded(item)
            || item["title"]
                .as_str()
                .unwrap()
                .to_lowercase()
                .contains(&brand.to_lowercase())
    })
    .await;
    let words = format!("{} {sku}", title.to_uppercase());
    assert_eq!(
        check(&format!("q={}", encode(&words)), &|item| item["id"] == id).await,
        1
    );
    check("q=no+such+words", &|_| false).await;

    for (query, field) in [
        ("set=colour:red", "set"),
        ("set=", "set"),
        ("cursor=x", "cursor"),
        ("limit=0", "limit"),
    ] {
        let answer = server.ask(&format!("GET /api/v1/products?{query}"), &[]).await;
        assert_eq!(answer.problem(), (400, "invalid-request".to_owned()), "{query}");
        assert_eq!(answer.json()["field"], field, "{query}");
    }
    let named = server.ask("GET /api/v1/products?set=colour:red", &[]).await;
    assert!(
        named.json()["detail"].as_str().unwrap().contains("`colour:red`"),
        "{named:?}"
    );
}

#[tokio::test]
async fn what_is_pending_is_marked_counted_and_listed_alike_until_it_is_sent() {
    let server = two_shops().await;
    server
        .until("/api/v1/connections/outlet", |shown| {
            shown["queued"]["products"]["create"] == 12
        })
        .await;
    let list = server
        .get("/api/v1/products?set=pending:creates@outlet&set=pending:creates@demo")
        .await;
    assert_eq!(list["total"], 12);
    for product in list["items"].as_array().unwrap() {
        assert_eq!(mark(product, "main"), "live", "{product:#}");
        assert_eq!(mark(product, "outlet"), "create", "{product:#}");
        assert_eq!(product["equivalences"][1]["changes"], json!([]));
    }
    let pending = server.get("/api/v1/connections/outlet/pending?limit=7").await;
    assert_eq!(
        (&pending["total"], pending["items"].as_array().unwrap().len()),
        (&12.into(), 7)
    );
    let line = &pending["items"][0];
    assert_eq!(
        (&line["mark"], &line["why"], &line["kind"]),
        (&"create".into(), &"Not there yet".into(), &"products".into())
    );
    let changes = line["changes"].as_array().unwrap();
    assert!(
        changes
            .iter()
            .any(|change| change["path"] == "title" && change["new"] == line["title"]),
        "{line:#}"
    );

    let one = server
        .get(&format!("/api/v1/products/{}", line["item"].as_str().unwrap()))
        .await;
    let (main, outlet) = (&one["equivalences"][0], &one["equivalences"][1]);
    assert_eq!(main["shown"]["title"], one["title"]);
    assert_eq!(
        (&outlet["shown"], &outlet["remote_id"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(outlet["changes"], line["changes"]);

    server.run("outlet", "send").await;
    let list = server.get("/api/v1/products?set=on:outlet").await;
    assert_eq!(list["total"], 12);
    for product in list["items"].as_array().unwrap() {
        assert_eq!(mark(product, "outlet"), "live", "{product:#}");
    }
    let pending = server.get("/api/v1/connections/outlet/pending").await;
    assert_eq!((&pending["total"], &pending["items"]), (&0.into(), &json!([])));
}

#[tokio::test]
async fn a_new_rule_shows_exactly_what_it_changes_and_why() {
    let server = two_shops().await;
    server
        .until("/api/v1/connections/outlet", |shown| {
            shown["queued"]["products"]["create"] == 12
        })
        .await;
    server.run("outlet", "send").await;
    let mut told = server.events.subscribe(None);
    let margin = format!("{EMPTY}[prices]\nmargin = '12%'\nround = 'x.99'");
    server.configure("connections/outlet.toml", &margin).await;
    let shown = server
        .until("/api/v1/connections/outlet", |shown| {
            shown["queued"]["products"]["update"] != 0
        })
        .await;
    // The lists that are open have to be read again.
    let reread = async {
        loop {
            let Some(Batch::Events(events)) = told.next().await else {
                panic!("the events are over");
            };
            if events
                .iter()
                .any(|told| told.data == r#"{"event":"product","ids":[]}"#)
            {
                return;
            }
        }
    };
    timeout(SOON, reread)
        .await
        .expect("lists are told to be read again");
    let pending = server.get("/api/v1/connections/outlet/pending").await;
    assert_eq!(pending["total"], shown["queued"]["products"]["update"]);
    let mut seen = 0;
    for line in pending["items"].as_array().unwrap() {
        assert_eq!(line["mark"], "update", "{line:#}");
        for change in line["changes"].as_array().unwrap() {
            let path = change["path"].as_str().unwrap();
            assert!(path.ends_with("price"), "{line:#}");
            assert!(
                change["new"].as_str().unwrap().ends_with(".99") && change["old"] != change["new"],
                "{change}"
            );
            assert!(change["why"].as_str().unwrap().contains("+ 12% →"), "{change}");
            seen += 1;
        }
    }
    assert!(seen >= 12, "only {seen} prices change");
}

#[tokio::test]
async fn an_edit_in_the_hub_is_pending_where_it_differs() {
    let server = two_shops().await;
    let list = server.get("/api/v1/products?limit=1").await;
    let before = &list["items"][0];
    let id = before["id"].as_str().unwrap();
    let path = format!("/api/v1/products/{id}");
    let variant = before["variants"][0]["id"].as_str().unwrap();
    let edit = async |wanted: Value| {
        let json = ("Content-Type", "application/merge-patch+json");
        server
            .send(&format!("PATCH {path}"), &[json], &wanted.to_string())
            .await
    };

    let nothing = edit(json!({})).await;
    assert_eq!(nothing.json(), server.get(&path).await);
    assert_eq!(nothing.json()["updated_at"], before["updated_at"]);

    let changes = json!({
        "title": "Named by hand",
        "attributes": {"Care": "Cold"},
        "variants": [{"id": variant, "price": {"amount": "1234.50"}}],
    });
    let edited = edit(changes).await.json();
    assert_eq!(
        (&edited["title"], &edited["brand"], &edited["attributes"]["Care"]),
        (&"Named by hand".into(), &before["brand"], &"Cold".into())
    );
    let mut variants = before["variants"].clone();
    variants[0]["price"]["amount"] = "1234.50".into();
    assert_eq!(edited["variants"], variants);
    let main = &edited["equivalences"][0];
    assert_eq!(main["mark"], "update");
    let mut paths: Vec<&str> = main["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["path"].as_str().unwrap())
        .collect();
    paths.sort_unstable();
    let price = format!("variants/{variant}/price");
    assert_eq!(paths, ["attributes/Care", "title", &price]);
    let pending = server.get("/api/v1/products?set=pending:updates@main").await;
    assert_eq!(ids(&pending), [id]);
    let found = server.get("/api/v1/products?q=by+hand+named").await;
    assert_eq!(ids(&found), [id]);

    server.run("main", "send").await;
    let sent = server.get(&path).await;
    assert_eq!(mark(&sent, "main"), "live");
    assert_eq!(sent["equivalences"][0]["shown"]["title"], "Named by hand");

    for (changes, field) in [
        (json!({"title": null}), "title"),
        (json!({"id": "9"}), "id"),
        (json!({"colour": "red"}), "colour"),
        (json!({"status": "gone"}), "status"),
        (json!({"variants": [{"id": "999"}]}), "variants[0].id"),
        (json!({"variants": null}), "variants"),
        (json!({"images": [{"id": "999"}]}), "images[0].id"),
        (
            json!({"variants": [{"id": variant, "price": {"amount": "-1"}}]}),
            "variants[0].price",
        ),
        (
            json!({"variants": [{"id": variant, "price": {"currency": "XXX"}}]}),
            "variants[0].price",
        ),
        (
            json!({"variants": [{"id": variant, "price": {"amount": "cheap"}}]}),
            "variants[0].price.amount",
        ),
    ] {
        let refused = edit(changes.clone()).await;
        assert_eq!(refused.problem(), (422, "rejected".to_owned()), "{changes}");
        assert_eq!(refused.json()["field"], field, "{changes}");
        assert_eq!(server.get(&path).await, sent, "{changes}");
    }
}

#[tokio::test]
async fn a_picture_left_out_of_the_gallery_is_a_pending_removal() {
    let server = two_shops().await;
    let list = server.get("/api/v1/products").await;
    let products = list["items"].as_array().unwrap().iter();
    let with_two = |product: &&Value| product["images"].as_array().unwrap().len() > 1;
    let product = products
        .into_iter()
        .find(with_two)
        .expect("a product with two pictures");
    let path = format!("/api/v1/products/{}", product["id"].as_str().unwrap());
    let gone = product["images"][0]["id"].as_str().unwrap();
    let rest: Vec<Value> = product["images"].as_array().unwrap()[1..]
        .iter()
        .map(|image| json!({"id": image["id"]}))
        .collect();
    let json = ("Content-Type", "application/json");
    let body = json!({"images": rest}).to_string();
    let edited = server.send(&format!("PATCH {path}"), &[json], &body).await.json();
    assert_eq!(
        edited["images"].as_array().unwrap()[..],
        product["images"].as_array().unwrap()[1..]
    );
    let changes = edited["equivalences"][0]["changes"].as_array().unwrap();
    let removal = changes
        .iter()
        .find(|change| change["path"] == *format!("images/{gone}"));
    assert_eq!(
        removal.map(|change| &change["mark"]),
        Some(&"remove".into()),
        "{edited:#}"
    );
}

/// The first name of a product's category, which its own lies within.
fn outer_category(product: &Value) -> &str {
    let path = product["categories"][0].as_str().unwrap_or_default();
    path.split(" > ").next().unwrap_or_default()
}

#[tokio::test]
async fn only_what_another_connection_shows_in_a_category_is_cloned() {
    let server = Server::start().await;
    server.configure("connections/main.toml", SHOP).await;
    server.run("main", "fetch").await;
    let list = server.get("/api/v1/products").await;
    let category = outer_category(&list["items"][0]);
    let slug = shared::sync::terms::slug(category);
    let outlet = format!(
        "platform = 'demo'\n[remote]\nproducts = 0\nlatency = '0ms'\n\
         [products]\nclone = 'category:{slug}@main status:published@main'"
    );
    server.configure("connections/outlet.toml", &outlet).await;
    let wanted = list["items"].as_array().unwrap().iter().filter(|product| {
        outer_category(product) == category && matches!(product["status"].as_str(), Some("active" | "paused"))
    });
    let wanted = wanted.count();
    assert!(wanted > 0 && wanted < 12);
    let creates = "/api/v1/products?set=pending:creates@outlet";
    server.until(creates, |list| list["total"] == wanted).await;
    let pending = server.get("/api/v1/connections/outlet/pending").await;
    assert_eq!(pending["total"], wanted);
    server.run("outlet", "send").await;
    assert_eq!(
        server.get("/api/v1/products?set=on:outlet").await["total"],
        wanted
    );
    let there = format!("/api/v1/products?set=category:{slug}@outlet");
    assert_eq!(server.get(&there).await["total"], wanted);

    server.configure("connections/outlet.toml", EMPTY).await;
    let forgotten = server.ask("DELETE /api/v1/connections/main", &[]).await;
    assert!(forgotten.status.is_success(), "{forgotten:?}");
    let sets = server.get("/api/v1/sets?q=category&limit=500").await;
    let of_main = |set: &&Value| set["id"].as_str().unwrap().ends_with("@main");
    assert_eq!(sets.as_array().unwrap().iter().find(of_main), None);
}

#[tokio::test]
async fn other_limits_draw_the_sets_of_low_stock_and_low_prices_anew() {
    let server = two_shops().await;
    let count = async |set: &str| server.get(&format!("/api/v1/products?set={set}")).await["total"].clone();
    let all = server.get("/api/v1/products?limit=500").await;
    let products = all["items"].as_array().unwrap();
    let with_stock = products
        .iter()
        .filter(|product| {
            let variants = product["variants"].as_array().unwrap().iter();
            let stock = variants.flat_map(|variant| variant["stock"].as_object().unwrap().values().cloned());
            stock
                .map(|left| left.as_str().unwrap().parse::<f64>().unwrap())
                .sum::<f64>()
                >= 1.0
        })
        .count();
    assert!(with_stock > 0);
    let before = (count("stock:low").await, count("price:low").await);
    let text = |limits: &str| format!("[sets]\n{limits}\n");
    server
        .configure(
            "click2sync.toml",
            &text("low_stock = 1000000\nlow_price = \"1000000\""),
        )
        .await;
    server
        .until("/api/v1/products?set=stock:low", |list| {
            list["total"] == with_stock
        })
        .await;
    let bad = count("price:bad").await.as_u64().unwrap();
    assert_eq!(
        count("price:low").await.as_u64().unwrap() + bad,
        products.len() as u64
    );
    server
        .configure("click2sync.toml", &text("low_stock = 5\nlow_price = \"10\""))
        .await;
    server
        .until("/api/v1/products?set=stock:low", |list| list["total"] == before.0)
        .await;
    assert_eq!(count("price:low").await, before.1);
}
