//! Sales orders between two shops: placed at one, created at the other, and what becomes of them.

use super::Server;
use crate::{clock::Clock, connector::demo::Shop};
use http::StatusCode;
use serde_json::{Value, json};
use shared::{
    ids::{ConnectionId, RemoteId},
    money::Decimal,
    order::{Record, Shipment},
    product::Product,
    time::Time,
};
use std::time::Duration;

/// Two shops with the same products, whose histories have no orders yet.
async fn shops(rest: &str) -> Server {
    let server = Server::start().await;
    let shop = |name: &str| {
        format!(
            "name = '{name}'\nplatform = 'demo'\n[remote]\nproducts = 12\nseed = 7\nlatency = '0ms'\n\
             [products]\nclone = true\n[orders]\nclone = true\n{rest}"
        )
    };
    server.configure("connections/main.toml", &shop("Main")).await;
    server.configure("connections/other.toml", &shop("Other")).await;
    for connection in ["main", "other", "main", "other"] {
        server.run(connection, "sync").await;
    }
    server
}

fn shop(server: &Server, connection: &str) -> Shop {
    let id = ConnectionId::parse(connection).unwrap();
    Shop::open(server.data.path(), &id, Clock::system()).unwrap()
}

/// Sells two of the first variant that the shop has ten of, and answers the order's id and the SKU.
fn sell(server: &Server, connection: &str) -> (RemoteId, String) {
    let mut shop = shop(server, connection);
    let (record, variant) = shop
        .products()
        .unwrap()
        .into_iter()
        .find_map(|record| {
            let enough = |stock: &Decimal| stock.0 >= Decimal::from(10).0;
            let variants = record.product.variants.iter();
            let found = variants
                .filter(|variant| !variant.sku.is_empty())
                .find(|variant| variant.stock.values().any(enough))?;
            Some((record.clone(), found.clone()))
        })
        .unwrap();
    let order = shop
        .sell(
            &record.remote_id.0,
            variant.remote_id.as_ref(),
            2,
            Clock::system().now(),
        )
        .unwrap();
    (order, variant.sku)
}

fn stock_of(server: &Server, connection: &str, sku: &str) -> Decimal {
    let products = shop(server, connection).products().unwrap();
    let variants = products.into_iter().flat_map(|record| {
        let Product { variants, .. } = record.product;
        variants
    });
    let stock = variants.filter(|variant| variant.sku == sku);
    Decimal(
        stock
            .flat_map(|variant| variant.stock.into_values())
            .map(|n| n.0)
            .sum(),
    )
}

fn orders(server: &Server, connection: &str) -> Vec<Record> {
    shop(server, connection).orders().unwrap()
}

async fn connection(server: &Server, id: &str) -> Value {
    server.get(&format!("/api/v1/connections/{id}")).await
}

#[tokio::test]
async fn an_order_is_created_elsewhere_once_at_what_was_paid_and_its_stock_counts_once() {
    let server = shops("").await;
    let (placed, sku) = sell(&server, "main");
    let left = stock_of(&server, "main", &sku);
    assert_eq!(stock_of(&server, "other", &sku).0, left.0 + Decimal::from(2).0);
    server.run("main", "fetch").await;
    let queued = connection(&server, "other").await["queued"]["orders"].clone();
    assert_eq!(queued["create"], 1, "{queued:#}");
    let sent = server.run("other", "sync").await;
    assert_eq!(sent["outcome"]["failed"], 0, "{sent:#}");

    let original = orders(&server, "main")
        .into_iter()
        .find(|order| order.remote_id == placed);
    let original = original.unwrap().order;
    let [clone] = &orders(&server, "other")[..] else {
        panic!("{:#?}", orders(&server, "other"))
    };
    let clone = &clone.order;
    assert_eq!(clone.lines.len(), original.lines.len());
    for (there, here) in clone.lines.iter().zip(&original.lines) {
        assert_eq!(
            (&there.sku, there.quantity, there.unit_price),
            (&here.sku, here.quantity, here.unit_price)
        );
        let products = shop(&server, "other").products().unwrap();
        let of = products
            .iter()
            .find(|record| Some(&record.remote_id) == there.product.as_ref());
        let variants = &of.expect("a product of its own").product.variants;
        assert!(variants.iter().any(|variant| variant.sku == sku));
    }
    assert_eq!(
        (clone.totals, clone.currency),
        (original.totals, original.currency)
    );
    assert_eq!(clone.buyer, original.buyer);

    for _ in 0..2 {
        for connection in ["main", "other"] {
            server.run(connection, "sync").await;
            assert_eq!(stock_of(&server, connection, &sku), left, "at {connection}");
            assert_eq!(orders(&server, connection).len(), 1, "at {connection}");
        }
    }
    let list = server
        .get("/api/v1/orders?set=on:main&set=on:other&set=when:today")
        .await;
    assert_eq!(list["total"], 1, "{list:#}");
    let id = list["items"][0]["id"].as_str().unwrap();
    let shown = server.get(&format!("/api/v1/orders/{id}")).await;
    assert_eq!(shown["lines"][0]["sku"], sku, "{shown:#}");
    assert_eq!(shown["lines"][0]["quantity"], "2", "{shown:#}");
    let there = shown["equivalences"].as_array().unwrap();
    assert_eq!(there.len(), 2, "{shown:#}");
    assert!(there.iter().all(|here| here["mark"] == "live"), "{shown:#}");
    for words in [sku.as_str(), shown["number"].as_str().unwrap()] {
        let found = server.get(&format!("/api/v1/orders?q={words}")).await;
        assert_eq!(found["total"], 1, "{words}");
    }
    let sets = server.get("/api/v1/sets?kind=orders&q=today").await;
    assert_eq!(sets[0]["label"], "orders of today", "{sets:#}");
    assert_eq!(sets[0]["count"], 1, "{sets:#}");
    let product = shown["lines"][0]["product"].as_str().unwrap();
    let stock = server.get(&format!("/api/v1/products/{product}/stock")).await;
    let moved = stock
        .as_array()
        .unwrap()
        .iter()
        .find(|of| of["sku"] == sku)
        .unwrap();
    let movements = moved["movements"].as_array().unwrap();
    assert_eq!(movements.len(), 1, "the sale counts once: {moved:#}");
    assert_eq!(
        (&movements[0]["by"], &movements[0]["connection"]),
        (&"-2".into(), &"main".into())
    );
    for id in ["main", "other"] {
        let shown = connection(&server, id).await;
        assert_eq!(shown["counts"]["orders"], 1, "{shown:#}");
        assert_eq!(shown["queued"]["orders"]["create"], 0, "{shown:#}");
        assert_eq!(shown["queued"]["products"]["update"], 0, "{shown:#}");
    }
}

#[tokio::test]
async fn what_becomes_of_an_order_flows_back_to_where_it_was_placed() {
    let server = shops("").await;
    let (placed, _) = sell(&server, "main");
    server.run("main", "sync").await;
    server.run("other", "sync").await;
    let clone = orders(&server, "other").remove(0).remote_id;
    shop(&server, "other")
        .change_order(&clone.0, |order| {
            order.status = "completed".to_owned();
            order.fulfilment_status = "fulfilled".to_owned();
            order.shipments.push(Shipment {
                carrier: "DHL".to_owned(),
                tracking_number: "JD014".to_owned(),
                ..Shipment::default()
            });
        })
        .unwrap();
    server.run("other", "sync").await;
    server.run("main", "sync").await;
    let original = orders(&server, "main")
        .into_iter()
        .find(|order| order.remote_id == placed);
    let original = original.unwrap().order;
    assert_eq!(
        (original.status.as_str(), original.fulfilment_status.as_str()),
        ("completed", "fulfilled")
    );
    let [shipment] = &original.shipments[..] else {
        panic!("{original:#?}")
    };
    assert_eq!(
        (shipment.carrier.as_str(), shipment.tracking_number.as_str()),
        ("DHL", "JD014")
    );
    for id in ["main", "other"] {
        let done = server.run(id, "sync").await;
        assert_eq!(done["outcome"]["updated"], 0, "{done:#}");
    }
}

#[tokio::test]
async fn an_order_of_a_product_that_is_not_there_is_held_until_it_is() {
    let server = Server::start().await;
    let shop_of = |name: &str, products: u64, clone: &str| {
        format!(
            "name = '{name}'\nplatform = 'demo'\n[remote]\nproducts = {products}\nseed = 7\nlatency = '0ms'\n\
             [products]\nclone = {clone}\n[orders]\nclone = true\n"
        )
    };
    server
        .configure("connections/main.toml", &shop_of("Main", 12, "true"))
        .await;
    server
        .configure("connections/other.toml", &shop_of("Other", 0, "false"))
        .await;
    server.run("main", "sync").await;
    server.run("other", "sync").await;
    sell(&server, "main");
    server.run("main", "sync").await;
    let done = server.run("other", "sync").await;
    assert_eq!(done["outcome"]["created"], 0, "{done:#}");
    let shown = connection(&server, "other").await;
    assert_eq!(shown["queued"]["orders"]["held"], 1, "{shown:#}");
    let issues = server.get("/api/v1/issues?connection=other").await;
    assert_eq!(issues["items"][0]["code"], "unmapped_line", "{issues:#}");
    assert!(orders(&server, "other").is_empty());

    server
        .configure("connections/other.toml", &shop_of("Other", 0, "true"))
        .await;
    let done = server.run("other", "sync").await;
    assert_eq!(
        done["outcome"]["created"], 13,
        "twelve products, then the order: {done:#}"
    );
    assert_eq!(orders(&server, "other").len(), 1);
}

#[tokio::test]
async fn an_order_whose_product_has_left_is_held_before_anybody_sends_it() {
    let server = shops("").await;
    let (_, sku) = sell(&server, "main");
    server.run("main", "fetch").await;
    let mut other = shop(&server, "other");
    let product = other.product_with_sku(&sku).unwrap().unwrap();
    other.remove(&product.remote_id.0).unwrap();
    let reset = json!({ "kind": "all" });
    server
        .post("/api/v1/connections/other/clocks/reset", &reset)
        .await;
    server.run("other", "fetch").await;
    let queued = connection(&server, "other").await["queued"]["orders"].clone();
    assert_eq!(
        (&queued["create"], &queued["held"]),
        (&0.into(), &1.into()),
        "{queued:#}"
    );
}

#[tokio::test]
async fn an_order_that_a_setting_frees_has_no_issues_any_more() {
    let server = Server::start().await;
    let shop_of = |products: u64, unmapped_line: &str| {
        format!(
            "platform = 'demo'\n[remote]\nproducts = {products}\nseed = 7\nlatency = '0ms'\n\
             [orders]\nclone = true\n[orders.defaults]\nunmapped_line = '{unmapped_line}'\n"
        )
    };
    server
        .configure("connections/main.toml", &shop_of(12, "hold"))
        .await;
    server
        .configure("connections/other.toml", &shop_of(0, "hold"))
        .await;
    server.run("main", "fetch").await;
    server.run("other", "fetch").await;
    sell(&server, "main");
    server.run("main", "fetch").await;
    let with = server.get("/api/v1/orders?set=issues:with").await;
    assert_eq!(with["total"], 1, "{with:#}");

    server
        .configure("connections/other.toml", &shop_of(0, "custom-line"))
        .await;
    let freed = |orders: &Value| orders["total"] == 1;
    server
        .until("/api/v1/orders?set=pending:creates@other", freed)
        .await;
    let with = server.get("/api/v1/orders?set=issues:with").await;
    assert_eq!(with["total"], 0, "{with:#}");
    let without = server.get("/api/v1/orders?set=issues:without").await;
    assert_eq!(without["total"], 1, "{without:#}");
}

#[tokio::test]
async fn orders_come_by_the_day_they_were_placed_on_each_once() {
    let server = Server::start().await;
    for (connection, seed) in [("main", 1), ("other", 2)] {
        let settings = format!(
            "platform = 'demo'\n[remote]\nproducts = 12\norders = 9\nseed = {seed}\nlatency = '0ms'\n"
        );
        let file = format!("connections/{connection}.toml");
        server.configure(&file, &settings).await;
        server.run(connection, "fetch").await;
    }
    let (mut days, mut ids, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = server
            .get(&format!("/api/v1/orders?limit=4&sort=-placed{cursor}"))
            .await;
        for order in page["items"].as_array().unwrap() {
            let placed = order["placed_at"].as_str().unwrap().parse().unwrap();
            days.push(crate::store::day_of(placed).unwrap());
            ids.push(order["id"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(days.is_sorted_by(|a, b| a >= b), "{days:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 18);
}

#[tokio::test]
async fn an_order_that_was_read_before_its_products_were_there_waits_no_longer_than_they_do() {
    let server = Server::start().await;
    let shop_of = |name: &str| {
        format!(
            "name = '{name}'\nplatform = 'demo'\n[remote]\nproducts = 12\nseed = 7\nlatency = '0ms'\n\
             [orders]\nclone = true\n"
        )
    };
    server.configure("connections/main.toml", &shop_of("Main")).await;
    server
        .configure("connections/other.toml", &shop_of("Other"))
        .await;
    server.run("main", "fetch").await;
    sell(&server, "main");
    server.run("main", "fetch").await;
    let queued = connection(&server, "other").await["queued"]["orders"].clone();
    assert_eq!(
        (&queued["create"], &queued["held"]),
        (&0.into(), &1.into()),
        "{queued:#}"
    );
    server.run("other", "fetch").await;
    let queued = connection(&server, "other").await["queued"]["orders"].clone();
    assert_eq!(
        (&queued["create"], &queued["held"]),
        (&1.into(), &0.into()),
        "{queued:#}"
    );
}

#[tokio::test]
async fn switching_clone_on_fills_no_shop_with_the_orders_of_years() {
    let server = Server::start().await;
    let settings = "platform = 'demo'\n[remote]\nproducts = 12\nseed = 7\nlatency = '0ms'\n";
    for connection in ["main", "other"] {
        server
            .configure(&format!("connections/{connection}.toml"), settings)
            .await;
        server.run(connection, "fetch").await;
    }
    let mut main = shop(&server, "main");
    let bought = main.products().unwrap().remove(0);
    let variant = bought.product.variants[0].remote_id.clone();
    let days = |days: u64| {
        Clock::system()
            .now()
            .minus(Duration::from_secs(days * 24 * 60 * 60))
    };
    let mut place = |at: Time, status: &str| {
        let id = main
            .oversell(&bought.remote_id.0, variant.as_ref(), 1, at)
            .unwrap();
        let order = main.change_order(&id.0, |order| order.status = status.to_owned());
        order.unwrap().order.number
    };
    let old = place(days(60), "processing");
    let finished = place(days(5), "completed");
    let open = place(days(5), "processing");
    server.run("main", "fetch").await;
    server
        .configure(
            "connections/other.toml",
            &format!("{settings}[orders]\nclone = true\n"),
        )
        .await;
    // Sold over the counter, and finished at once.
    let sold = place(Clock::system().now(), "completed");
    server.run("main", "fetch").await;

    let queued = async |count: usize| {
        let path = "/api/v1/orders?set=pending:creates@other";
        let list = server.until(path, |list| list["total"] == count).await;
        let numbers = list["items"].as_array().unwrap().iter();
        numbers
            .map(|order| order["number"].as_str().unwrap().to_owned())
            .collect::<Vec<String>>()
    };
    assert_eq!(queued(2).await, [open.clone(), sold.clone()]);
    let list = server.get("/api/v1/orders").await;
    for (number, why) in [(&old, "more than 30 days"), (&finished, "finished before")] {
        let mut orders = list["items"].as_array().unwrap().iter();
        let order = orders.find(|order| order["number"] == number.as_str()).unwrap();
        let left_out = &order["left_out"][0];
        assert_eq!(left_out["connection"], "other", "{order:#}");
        let told = left_out["why"].as_str().unwrap();
        assert!(told.contains(why) && told.contains("clone_since"), "{told}");
    }
    // The same settings again are no new beginning.
    server
        .configure(
            "connections/other.toml",
            &format!("{settings}[orders]\nclone = true # still\n"),
        )
        .await;
    assert_eq!(queued(2).await, [open.clone(), sold.clone()]);

    let since = serde_json::json!({ "orders": { "clone_since": days(100).to_string() } });
    let path = "PATCH /api/v1/connections/other/settings";
    let json = [("Content-Type", "application/json")];
    let answer = server.send(path, &json, &since.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(queued(4).await, [old, finished, open, sold]);
}

#[tokio::test]
async fn an_edit_of_an_order_is_pending_where_it_is_and_what_was_bought_is_not_edited() {
    let server = shops("").await;
    let (placed, _) = sell(&server, "main");
    server.run("main", "fetch").await;
    server.run("other", "sync").await;
    let list = server.get("/api/v1/orders").await;
    let before = &list["items"][0];
    let path = format!("/api/v1/orders/{}", before["id"].as_str().unwrap());
    let json = [("Content-Type", "application/merge-patch+json")];
    let edit = async |wanted: &Value| {
        server
            .send(&format!("PATCH {path}"), &json, &wanted.to_string())
            .await
    };
    let nothing = edit(&json!({})).await.json();
    assert_eq!(nothing, server.get(&path).await);
    assert_eq!(nothing["updated_at"], before["updated_at"]);

    let line = before["lines"][0]["id"].as_str().unwrap();
    let changes = json!({
        "status": "completed",
        "note": "Ring twice",
        "buyer": { "phone": "+44 20 7946 0000" },
        "shipping_address": { "line2": "Back door" },
        "shipments": [{
            "carrier": "DHL",
            "tracking_number": "JD014",
            "lines": [{ "line": line, "quantity": "2" }],
        }],
        "payments": [{ "method": "cash", "amount": { "amount": "1.50" } }],
    });
    let edited = edit(&changes).await.json();
    assert_eq!(
        (&edited["status"], &edited["note"]),
        (&"completed".into(), &"Ring twice".into()),
        "{edited:#}"
    );
    assert_eq!(edited["buyer"]["email"], before["buyer"]["email"]);
    assert_eq!(
        edited["shipping_address"]["city"],
        before["shipping_address"]["city"]
    );
    assert_eq!(edited["lines"], before["lines"]);
    for here in edited["equivalences"].as_array().unwrap() {
        assert_eq!(here["mark"], "update", "{edited:#}");
    }
    let history = server.get(&format!("{path}/history")).await;
    assert!(
        history
            .as_array()
            .unwrap()
            .iter()
            .any(|past| past["path"] == "status"
                && past["new"] == "completed"
                && past["connection"].is_null()),
        "{history:#}"
    );

    let shipment = edited["shipments"][0]["id"].as_str().unwrap();
    let url = "https://track.example/JD014";
    let more = json!({ "shipments": [{ "id": shipment, "tracking_url": url }] });
    assert_eq!(edit(&more).await.json()["shipments"][0]["carrier"], "DHL");
    for connection in ["main", "other"] {
        let sent = server.run(connection, "sync").await;
        assert_eq!(sent["outcome"]["failed"], 0, "{sent:#}");
        let [there] = &orders(&server, connection)[..] else {
            panic!("one order at {connection}")
        };
        let order = &there.order;
        assert_eq!(
            (order.status.as_str(), order.note.as_str()),
            ("completed", "Ring twice")
        );
        assert_eq!(order.buyer.phone, "+44 20 7946 0000");
        assert_eq!(order.shipping_address.line2, "Back door");
        let parcels: Vec<_> = order.shipments.iter().collect();
        assert_eq!(parcels.len(), 1, "{order:#?}");
        assert_eq!(
            (
                parcels[0].tracking_number.as_str(),
                parcels[0].tracking_url.as_str()
            ),
            ("JD014", url)
        );
        let cash = order.payments.iter().filter(|payment| payment.method == "cash");
        assert_eq!(cash.count(), 1, "{order:#?}");
    }
    assert_eq!(orders(&server, "main")[0].remote_id, placed);
}

#[tokio::test]
async fn an_edit_of_an_order_that_cannot_be_is_refused_at_its_field_and_changes_nothing() {
    let server = shops("").await;
    sell(&server, "main");
    server.run("main", "fetch").await;
    let list = server.get("/api/v1/orders").await;
    let path = format!("/api/v1/orders/{}", list["items"][0]["id"].as_str().unwrap());
    let json = [("Content-Type", "application/merge-patch+json")];
    let sent = server.get(&path).await;
    let line = sent["lines"][0]["id"].as_str().unwrap();
    let payment = sent["payments"][0]["id"].as_str().unwrap();
    for (changes, field) in [
        (json!({ "id": "9" }), "id"),
        (json!({ "lines": [] }), "lines"),
        (json!({ "totals": { "total": null } }), "totals"),
        (json!({ "number": "1" }), "number"),
        (json!({ "colour": "red" }), "colour"),
        (json!({ "status": "" }), "status"),
        (json!({ "buyer": { "email": null } }), "email"),
        (json!({ "buyer": { "fax": "1" } }), "buyer.fax"),
        (json!({ "shipments": null }), "shipments"),
        (json!({ "shipments": [{}] }), "shipments[0].tracking_number"),
        (
            json!({ "shipments": [{ "id": "999", "carrier": "DHL" }] }),
            "shipments[0].id",
        ),
        (
            json!({ "shipments": [{ "lines": [{ "line": "999", "quantity": "1" }] }] }),
            "shipments[0].lines[0].line",
        ),
        (
            json!({ "shipments": [{ "lines": [{ "line": line, "quantity": "0" }] }] }),
            "shipments[0].lines[0].quantity",
        ),
        (
            json!({ "payments": [{ "method": "cash" }] }),
            "payments[0].amount",
        ),
        (
            json!({ "payments": [{ "amount": { "amount": "1", "currency": "XXX" } }] }),
            "payments[0].amount",
        ),
        (
            json!({ "payments": [{ "id": payment, "method": "barter" }] }),
            &format!("payments/{payment}/method"),
        ),
    ] {
        let refused = server
            .send(&format!("PATCH {path}"), &json, &changes.to_string())
            .await;
        assert_eq!(refused.problem(), (422, "rejected".to_owned()), "{changes}");
        assert_eq!(refused.json()["field"], field, "{changes}");
        assert_eq!(server.get(&path).await, sent, "{changes}");
    }
    let missing = server.send("PATCH /api/v1/orders/999", &json, "{}").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
