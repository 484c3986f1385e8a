//! A shop and others kept in step by the real program.

use crate::support::{
    PATIENCE,
    daemon::Daemon,
    shops::{demo, shop},
    wait_until,
    woocommerce::{MEDIA_PASSWORD, MEDIA_USER, Shop, What},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

/// The settings of the double, which takes pictures, tells of changes and gets what others have.
fn settings(double: &Shop) -> String {
    format!(
        "{}media_user = \"{MEDIA_USER}\"\nmedia_password = \"{MEDIA_PASSWORD}\"\nwebhook_secret = \"whisper\"\n[products]\nclone = true\n",
        double.settings()
    )
}

/// Both connections fetch and send until nothing is left to do.
async fn sync_all(daemon: &Daemon) {
    for _ in 0..2 {
        for connection in ["demo", "woo"] {
            let job = daemon.run(connection, "sync").await;
            assert_eq!(job["status"], "done", "{job:#}");
        }
    }
}

/// How many products the shop has, and how many variations.
fn counts(double: &Shop) -> (usize, usize) {
    let state = double.state();
    (state.products.len(), state.variations.len())
}

#[tokio::test]
async fn a_shop_gets_a_catalogue_with_its_pictures_and_stays_quiet_afterwards() {
    let double = Shop::open().await;
    let own = double.add(
        &json!({"name": "Own &amp; only", "sku": "OWN-1", "regular_price": "12.5", "manage_stock": true,
        "stock_quantity": 9, "description": "First\n\nsecond"}),
    );
    let daemon = Daemon::start(&[
        ("connections/demo.toml", demo(60).as_str()),
        ("connections/woo.toml", settings(&double).as_str()),
    ])
    .await;
    sync_all(&daemon).await;
    let mut there = shop(&daemon, "demo");
    let products = there.products().expect("its products");
    assert_eq!(products.len(), 61, "what only WooCommerce had came along");
    let at_demo = products
        .iter()
        .find(|record| record.product.title == "Own & only")
        .expect("it came");
    assert_eq!(at_demo.product.description, "<p>First</p>\n<p>second</p>");
    let pending = daemon.get("/api/v1/connections/woo/pending").await;
    assert_eq!(pending["items"], json!([]), "{pending:#}");
    let (held, variations) = counts(&double);
    assert_eq!(held, 61);
    let issues = daemon.get("/api/v1/issues?connection=woo").await;
    assert_eq!(issues["items"], json!([]), "{issues:#}");
    // Everything is there: prices, stock, options, pictures.
    for record in &products {
        for variant in &record.product.variants {
            let id = double
                .with_sku(&variant.sku)
                .unwrap_or_else(|| panic!("{} is there", variant.sku));
            let is_simple = double.state().products.contains_key(&id);
            let view = if is_simple {
                double.product(id)
            } else {
                double.variation(id)
            };
            let price: Option<shared::money::Decimal> =
                view["price"].as_str().and_then(|price| price.parse().ok());
            assert_eq!(price, variant.price, "{view:#}");
            let stock = variant.stock.get("default").copied();
            assert_eq!(view["stock_quantity"].as_i64().map(Into::into), stock, "{view:#}");
        }
    }
    assert!(double.state().media.len() >= 60, "pictures were uploaded");
    double.forget_calls();
    sync_all(&daemon).await;
    let writes: Vec<String> = double
        .state()
        .calls
        .iter()
        .filter(|call| !call.starts_with("GET "))
        .cloned()
        .collect();
    assert_eq!(writes, Vec::<String>::new(), "a second sync writes nothing");
    assert_eq!(counts(&double), (held, variations));
    // Sales on both sides both count, and a new price goes over.
    double.sell(own, 2);
    double.edit(own, &json!({"regular_price": "13"}));
    let sku = |product: &mut shared::product::Product| product.variants[0].sku == "OWN-1";
    let id = at_demo.remote_id.clone();
    there
        .edit(&id.0, |product| {
            assert!(sku(product));
            product.variants[0].stock.insert("default".to_owned(), 8.into());
        })
        .expect("a sale there");
    sync_all(&daemon).await;
    assert_eq!(double.product(own)["stock_quantity"], 6);
    let after = there.product(&id.0).expect("it").expect("is there");
    assert_eq!(after.product.variants[0].stock["default"], 6.into());
    assert_eq!(after.product.variants[0].price, "13".parse().ok());
}

#[tokio::test]
async fn a_picture_that_the_shop_cannot_have_is_an_issue_and_moves_no_stock() {
    let double = Shop::open().await;
    let own = double.add(
        &json!({"name": "Own", "sku": "OWN-1", "regular_price": "12.5", "manage_stock": true,
        "stock_quantity": 9}),
    );
    let without_pictures = format!("{}[products]\nclone = true\n", double.settings());
    let daemon = Daemon::start(&[
        ("connections/demo.toml", demo(0).as_str()),
        ("connections/woo.toml", without_pictures.as_str()),
    ])
    .await;
    sync_all(&daemon).await;
    let mut there = shop(&daemon, "demo");
    let id = there.products().expect("its products")[0].remote_id.clone();
    there
        .edit(&id.0, |product| {
            product.images.push(shared::product::Image {
                address: "demo:9-9".to_owned(),
                ..shared::product::Image::default()
            });
            product.variants[0].stock.insert("default".to_owned(), 7.into());
        })
        .expect("two were sold there");
    sync_all(&daemon).await;
    assert_eq!(double.product(own)["stock_quantity"], 7, "what can be written is");
    sync_all(&daemon).await;
    assert_eq!(double.product(own)["stock_quantity"], 7);
    let after = there.product(&id.0).expect("an answer").expect("it is there");
    assert_eq!(
        after.product.variants[0].stock["default"],
        7.into(),
        "and is taken for no sale"
    );
    let issues = daemon.get("/api/v1/issues?connection=woo").await;
    let told = issues["items"][0]["message"].as_str().unwrap_or_default();
    assert!(
        told.contains("media_user") && told.contains("Everything else was written"),
        "{issues:#}"
    );
}

#[tokio::test]
async fn a_kill_in_the_middle_of_a_send_makes_nothing_twice() {
    let double = Shop::open().await;
    let mut daemon = Daemon::start(&[
        ("connections/demo.toml", demo(40).as_str()),
        ("connections/woo.toml", settings(&double).as_str()),
    ])
    .await;
    daemon.run("demo", "fetch").await;
    double.next("POST wc/v3/products/batch", What::CutOff);
    daemon.post("/api/v1/connections/woo/send", json!({})).await;
    wait_until(
        "products are made",
        async || counts(&double).0,
        |count| *count > 0,
    )
    .await;
    daemon.kill_9();
    daemon.restart().await;
    daemon
        .wait_until(
            "/api/v1/jobs?connection=woo",
            "the send goes on to its end",
            |jobs| {
                let jobs = jobs["items"].as_array().expect("jobs");
                jobs.iter().all(|job| job["status"] == "done")
            },
        )
        .await;
    daemon.run("woo", "sync").await;
    assert_eq!(counts(&double).0, 40);
    let titles: std::collections::BTreeSet<String> = double
        .state()
        .products
        .values()
        .map(|row| row.name.clone())
        .collect();
    let demo: std::collections::BTreeSet<String> = {
        let mut there = shop(&daemon, "demo");
        let products = there.products().expect("its products");
        products.into_iter().map(|record| record.product.title).collect()
    };
    assert_eq!(titles.len(), demo.len(), "each once: {PATIENCE:?}");
}

#[tokio::test]
async fn only_what_the_shop_signed_brings_a_fetch_forward() {
    let double = Shop::open().await;
    let daemon = Daemon::start(&[("connections/woo.toml", settings(&double).as_str())]).await;
    let hook = async |signature: Option<&str>, kind: &str, body: &str| {
        let mut request = daemon
            .request(Method::POST, "/hooks/woo")
            .header("content-type", kind)
            .body(body.to_owned());
        if let Some(signature) = signature {
            request = request.header("X-WC-Webhook-Signature", signature);
        }
        crate::support::daemon::Answer::to(request).await.status
    };
    let jobs = async || {
        let jobs: Value = daemon.get("/api/v1/jobs?connection=woo").await;
        jobs["items"].as_array().expect("jobs").len()
    };
    // The call that announces a webhook is not signed. A shop that gets no 200 for it gives the webhook up.
    assert_eq!(
        hook(None, "application/x-www-form-urlencoded", "webhook_id=7").await,
        200
    );
    assert_eq!(hook(Some("bm8="), "application/json", r#"{"id":1}"#).await, 401);
    assert_eq!(hook(None, "application/json", r#"{"id":1}"#).await, 401);
    assert_eq!(jobs().await, 0, "none of them is a hint");
    let body = r#"{"id":1598}"#;
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(b"whisper").unwrap();
    mac.update(body.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(hook(Some(&signature), "application/json", body).await, 202);
    wait_until("a fetch was brought forward", jobs, |jobs| *jobs == 1).await;
}

#[tokio::test]
async fn missing_webhooks_are_made_where_a_public_address_is_given() {
    let double = Shop::open().await;
    let public = format!(
        "{}webhook_url = \"https://hub.example/hooks/woo\"\nwebhook_secret = \"whisper\"\n",
        double.settings()
    );
    let mut daemon = Daemon::start(&[("connections/woo.toml", public.as_str())]).await;
    daemon.run("woo", "fetch").await;
    let topics: Vec<String> = double
        .state()
        .webhooks
        .values()
        .map(|hook| hook["topic"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(topics.len(), 8, "{topics:?}");
    assert!(topics.contains(&"order.updated".to_owned()));
    daemon.restart().await;
    daemon.run("woo", "fetch").await;
    assert_eq!(
        double.state().webhooks.len(),
        8,
        "what is there is not made again"
    );
    assert!(!daemon.log().contains("whisper"));
}
