//! Orders: read where they are placed, created at what was paid, and told how they go on.

use super::{Double, number, shown};
use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
    woocommerce::{Shop, What},
};
use daemon::connector::{Answer, Class, Create, Find, PageFrom, Update};
use serde_json::{Value, json};
use shared::{
    ids::RemoteId,
    money::Decimal,
    order::{Address, Buyer, Line, Order, Patch, Payment, Record, Shipment, ShippedLine, Totals},
};
use std::collections::BTreeSet;

impl Double {
    async fn orders(&self, since: Option<shared::time::Time>) -> Vec<Record> {
        let mut records = Vec::new();
        let mut cursor = None;
        loop {
            let page = self
                .connector
                .orders(&PageFrom { since, cursor })
                .await
                .expect("a page");
            assert_eq!(page.unreadable, []);
            records.extend(page.records);
            cursor = page.next;
            if cursor.is_none() {
                return records;
            }
        }
    }

    async fn place(&self, order: &Order) -> Answer<Record> {
        let create = Create {
            token: "c2s-1-1-a".to_owned(),
            record: order.clone(),
        };
        self.connector.create_orders(&[create]).await.remove(0)
    }

    async fn tell(&self, remote_id: &RemoteId, patch: Patch) -> Answer<Record> {
        let update = Update {
            token: "c2s-1-1-b".to_owned(),
            remote_id: remote_id.clone(),
            patch,
        };
        self.connector.update_orders(&[update]).await.remove(0)
    }
}

/// A product with ten of it, and an order of three of them and of a custom line, with tax, discount and shipping.
fn bought(double: &Double) -> (u64, Order) {
    let product = double.shop.add(
        &json!({"name": "Coat & hood", "sku": "C-1", "regular_price": "10", "manage_stock": true,
        "stock_quantity": 10}),
    );
    let decimal = |text: &str| number(text).expect("a number");
    let line = Line {
        product: Some(product.to_string().into()),
        sku: "C-1".to_owned(),
        title: "Coat & hood".to_owned(),
        quantity: 3.into(),
        unit_price: number("3.333"),
        tax: number("1.71"),
        total: number("10.71"),
        ..Line::default()
    };
    let wrapping = Line {
        title: "Gift wrapping".to_owned(),
        quantity: Decimal::ONE,
        unit_price: number("2"),
        tax: number("0.38"),
        total: number("2.38"),
        ..Line::default()
    };
    let address = Address {
        name: "Ana María Gómez".to_owned(),
        line1: "Calle 1".to_owned(),
        city: "Puebla".to_owned(),
        postcode: "72000".to_owned(),
        country: "MX".to_owned(),
        ..Address::default()
    };
    let order = Order {
        number: "A-77".to_owned(),
        status: "processing".to_owned(),
        payment_status: "paid".to_owned(),
        fulfilment_status: "unfulfilled".to_owned(),
        placed_at: None,
        currency: "MXN".parse().expect("a currency"),
        totals: Totals {
            items: number("12"),
            shipping: number("5"),
            discount: number("1"),
            tax: number("2.09"),
            total: Some(decimal("18.09")),
        },
        lines: vec![line, wrapping],
        buyer: Buyer {
            name: "Ana María Gómez".to_owned(),
            email: "ana@mail.example".to_owned(),
            phone: "+52 1".to_owned(),
        },
        shipping_address: address.clone(),
        billing_address: address,
        shipments: Vec::new(),
        payments: vec![Payment {
            method: "card".to_owned(),
            amount: number("18.09"),
            reference: "ch_1".to_owned(),
            ..Payment::default()
        }],
        note: "Ring twice".to_owned(),
    };
    (product, order)
}

#[tokio::test]
async fn orders_are_read_once_each_and_baskets_are_none() {
    let double = Double::open().await;
    for _ in 0..230 {
        double
            .shop
            .order(&json!({"line_items": [], "status": "processing"}));
    }
    let basket = double.shop.order(&json!({}));
    double.shop.state().orders.get_mut(&basket).unwrap()["status"] = "checkout-draft".into();
    let orders = double.orders(None).await;
    let ids: BTreeSet<&RemoteId> = orders.iter().map(|order| &order.remote_id).collect();
    assert_eq!((orders.len(), ids.len()), (230, 230));
    assert_eq!(double.shop.calls("GET wc/v3/orders"), 3);
    let last = orders.iter().filter_map(|order| order.updated_at).max();
    assert_eq!(double.orders(last).await.len(), 230, "the same second counts");
}

#[tokio::test]
async fn an_order_is_created_at_what_was_paid_and_the_buyer_is_not_written_to() {
    for tax in [0.0, 19.0] {
        let double = Double::open().await;
        double.shop.state().knobs.tax = tax;
        let (product, wanted) = bought(&double);
        let record = shown(double.place(&wanted).await);
        assert_eq!(record.token.as_deref(), Some("c2s-1-1-a"));
        let order = &record.order;
        assert_eq!(
            order.totals.total, wanted.totals.total,
            "whatever the shop's own taxes are ({tax})"
        );
        assert_eq!(
            (order.totals.shipping, order.totals.discount),
            (wanted.totals.shipping, wanted.totals.discount)
        );
        assert_eq!(order.lines[0].product, wanted.lines[0].product);
        assert_eq!(
            order.lines[0].unit_price,
            number("3.333333"),
            "10.00 of 3, which is all that the shop keeps"
        );
        assert_eq!(
            (order.lines[0].title.as_str(), order.lines[0].quantity),
            ("Coat & hood", 3.into())
        );
        assert_eq!(
            (order.lines[1].title.as_str(), &order.lines[1].product),
            ("Gift wrapping", &None)
        );
        assert_eq!(
            (&order.status, &order.payment_status),
            (&wanted.status, &wanted.payment_status)
        );
        assert_eq!(order.buyer, wanted.buyer);
        assert_eq!(order.shipping_address, wanted.shipping_address);
        assert_eq!(
            (order.note.as_str(), order.currency),
            ("Ring twice", wanted.currency)
        );
        assert_eq!(order.payments[0].reference, "ch_1");
        assert_eq!(double.shop.state().mails, Vec::<String>::new());
        assert_eq!(
            double.shop.product(product)["stock_quantity"],
            7,
            "the shop takes it from its stock"
        );
        assert_eq!(double.orders(None).await, [record], "what comes back is quiet");
    }
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused_before_it_is_sent() {
    let double = Double::open().await;
    let (_, order) = bought(&double);
    let check = async |change: &dyn Fn(&mut Order), message: &str| {
        let mut order = order.clone();
        change(&mut order);
        let error = refused_order(double.place(&order).await);
        assert!(error.contains(message), "{error}");
    };
    check(
        &|order| order.status = "awaiting-artwork".to_owned(),
        "no status “awaiting-artwork”",
    )
    .await;
    check(
        &|order| order.lines[0].quantity = "1.5".parse().unwrap(),
        "whole pieces",
    )
    .await;
    check(
        &|order| order.lines[0].product = Some("gid://1".into()),
        "no product of this shop",
    )
    .await;
    assert_eq!(double.shop.state().orders.len(), 0);
    // An address for mail that is none would have the shop refuse the whole order.
    let mut strange = order.clone();
    strange.buyer.email = "none".to_owned();
    assert_eq!(shown(double.place(&strange).await).order.buyer.email, "");
}

fn refused_order(answer: Answer<Record>) -> String {
    match answer {
        Answer::Refused(error) => {
            assert_eq!(error.class, Class::Rejected);
            error.message
        }
        Answer::Shown(_) | Answer::Partly(..) | Answer::Unclear(_) => {
            panic!("it was not refused: {answer:?}")
        }
    }
}

#[tokio::test]
async fn how_an_order_goes_on_is_written_with_a_note_for_people() {
    let double = Double::open().await;
    let (_, order) = bought(&double);
    let before = shown(double.place(&order).await);
    let id: u64 = before.remote_id.0.parse().unwrap();
    let line = before.order.lines[0].remote_id.clone().expect("lines have ids");
    let shipment = Shipment {
        remote_id: None,
        carrier: "DHL".to_owned(),
        tracking_number: "JD014".to_owned(),
        tracking_url: "https://dhl.example/JD014".to_owned(),
        lines: vec![ShippedLine {
            line,
            quantity: 2.into(),
        }],
        shipped_at: "2026-11-23T08:00:00Z".parse().ok(),
    };
    let patch = Patch {
        new_shipments: vec![shipment.clone()],
        fulfilment_status: Some("partial".to_owned()),
        ..Patch::default()
    };
    let after = shown(double.tell(&before.remote_id, patch).await);
    let read = &after.order.shipments[0];
    assert!(read.remote_id.is_some());
    assert_eq!(
        Shipment {
            remote_id: None,
            ..read.clone()
        },
        shipment
    );
    assert_eq!(
        (
            after.order.fulfilment_status.as_str(),
            after.order.status.as_str()
        ),
        ("partial", "processing")
    );
    assert_eq!(after.token, before.token, "still the one of the create");
    let notes = double.shop.state().notes[&id].clone();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0]["note"], "Shipped: DHL, JD014, https://dhl.example/JD014");
    assert_eq!(notes[0]["customer_note"], false, "nobody is written to");
    assert_eq!(after.order.totals, before.order.totals);
    // The tracking number was mistyped, and the rest is on its way.
    let mended = Shipment {
        tracking_number: "JD015".to_owned(),
        ..read.clone()
    };
    let patch = Patch {
        shipments: vec![mended.clone()],
        fulfilment_status: Some("fulfilled".to_owned()),
        ..Patch::default()
    };
    let after = shown(double.tell(&before.remote_id, patch).await);
    assert_eq!(after.order.shipments, [mended]);
    assert_eq!(
        (
            after.order.fulfilment_status.as_str(),
            after.order.status.as_str()
        ),
        ("fulfilled", "completed")
    );
    assert_eq!(double.orders(None).await, [after]);
    let patch = Patch {
        status: Some("cancelled".to_owned()),
        payment_status: Some("unpaid".to_owned()),
        note: Some("Changed & new".to_owned()),
        ..Patch::default()
    };
    assert!(refused_order(double.tell(&before.remote_id, patch).await).contains("payment is taken back"));
    let last = double.orders(None).await.remove(0);
    assert_eq!(
        (last.order.status.as_str(), last.order.note.as_str()),
        ("cancelled", "Changed & new")
    );
    let gone = double.tell(&RemoteId::from("99999"), Patch::default()).await;
    assert!(matches!(gone, Answer::Refused(error) if error.class == Class::Missing));
}

#[tokio::test]
async fn what_was_paid_elsewhere_is_paid_here_and_what_is_given_back_is_seen() {
    let double = Double::open().await;
    let (_, order) = bought(&double);
    let unpaid = Order {
        status: "pending".to_owned(),
        payment_status: "unpaid".to_owned(),
        payments: Vec::new(),
        ..order
    };
    let before = shown(double.place(&unpaid).await);
    assert_eq!(
        (before.order.payment_status.as_str(), before.order.payments.len()),
        ("unpaid", 0)
    );
    let patch = Patch {
        payment_status: Some("paid".to_owned()),
        new_payments: vec![Payment {
            method: "bank-transfer".to_owned(),
            reference: "T-9".to_owned(),
            amount: unpaid.totals.total,
            ..Payment::default()
        }],
        ..Patch::default()
    };
    let paid = shown(double.tell(&before.remote_id, patch).await);
    assert_eq!(paid.order.payment_status, "paid");
    let payment = &paid.order.payments[0];
    assert_eq!(
        (
            payment.method.as_str(),
            payment.reference.as_str(),
            payment.amount
        ),
        ("bank-transfer", "T-9", number("18.09"))
    );
    let id: u64 = before.remote_id.0.parse().unwrap();
    double.shop.state().refund(id, "8.09");
    assert_eq!(
        double.orders(None).await[0].order.payment_status,
        "partially-refunded"
    );
    double.shop.state().refund(id, "10.00");
    assert_eq!(double.orders(None).await[0].order.payment_status, "refunded");
}

#[tokio::test]
async fn an_order_that_was_made_without_an_answer_is_found_by_its_token() {
    let double = Double::open().await;
    let (_, order) = bought(&double);
    double.shop.next("POST wc/v3/orders/batch", What::CutOff);
    assert!(matches!(double.place(&order).await, Answer::Unclear(_)));
    let find = |token: &str| Find {
        token: Some(token.to_owned()),
        ..Find::default()
    };
    let found = double
        .connector
        .find_orders(&find("c2s-1-1-a"))
        .await
        .expect("an answer");
    assert_eq!(found.len(), 1);
    assert_eq!(
        double.connector.find_orders(&find("c2s-1-1-b")).await,
        Ok(Vec::new())
    );
    let by_id = Find {
        remote_id: Some(found[0].remote_id.clone()),
        ..Find::default()
    };
    assert_eq!(double.connector.find_orders(&by_id).await, Ok(found));
    assert_eq!(double.shop.state().orders.len(), 1);
}

/// A shop and a demo shop with a history, which clone each other's orders.
async fn two_shops() -> (Shop, Daemon) {
    let double = Shop::open().await;
    let settings = format!(
        "{}[products]\nclone = true\n[products.fields]\nimages = \"ignore\"\n[orders]\nclone = true\nclone_since = \"2020-01-01\"\n",
        double.settings()
    );
    let other = demo(20).replace("[products]", "orders = 12\n[products]")
        + "[orders]\nclone = true\nclone_since = \"2020-01-01\"\n";
    let daemon = Daemon::start(&[
        ("connections/demo.toml", other.as_str()),
        ("connections/woo.toml", settings.as_str()),
    ])
    .await;
    (double, daemon)
}

async fn sync_twice(daemon: &Daemon) {
    for _ in 0..2 {
        for connection in ["demo", "woo"] {
            let job = daemon.run(connection, "sync").await;
            assert_eq!(job["status"], "done", "{job:#}");
        }
    }
}

#[tokio::test]
async fn orders_go_both_ways_and_a_second_sync_writes_nothing() {
    let (double, daemon) = two_shops().await;
    sync_twice(&daemon).await;
    let totals = |orders: Vec<Option<String>>| orders.into_iter().flatten().collect::<BTreeSet<String>>();
    let mut there = shop(&daemon, "demo").orders().expect("its orders");
    // What came to nothing is created nowhere.
    there.retain(|record| !["failed", "cancelled"].contains(&record.order.status.as_str()));
    let here: Vec<Value> = double.state().orders.values().cloned().collect();
    let issues = daemon.get("/api/v1/issues?connection=woo").await;
    let told = issues["items"]
        .as_array()
        .expect("issues")
        .iter()
        .map(|issue| issue["code"].clone());
    assert!(told.clone().all(|code| code == "unknown_status"), "{issues:#}");
    assert_eq!(here.len(), there.len(), "every order of the demo shop");
    let demo_totals = totals(
        there
            .iter()
            .map(|record| record.order.totals.total.map(Decimal::plain))
            .collect(),
    );
    let plain = |order: &Value| {
        order["total"]
            .as_str()?
            .parse::<Decimal>()
            .ok()
            .map(Decimal::plain)
    };
    assert_eq!(
        totals(here.iter().map(plain).collect()),
        demo_totals,
        "at what was paid"
    );
    assert_eq!(double.state().mails, Vec::<String>::new());
    double.forget_calls();
    sync_twice(&daemon).await;
    let writes: Vec<String> = double
        .state()
        .calls
        .iter()
        .filter(|call| !call.starts_with("GET "))
        .cloned()
        .collect();
    assert_eq!(writes, Vec::<String>::new(), "a second sync writes nothing");
}

#[tokio::test]
async fn an_order_that_is_shipped_elsewhere_is_completed_where_it_was_placed() {
    let (double, daemon) = two_shops().await;
    sync_twice(&daemon).await;
    // Somebody buys here; the demo shop gets the order, ships it, and the shop hears of it.
    let (product, sku) = {
        let state = double.state();
        let row = state
            .products
            .values()
            .find(|row| row.kind == "simple" && row.quantity.is_some());
        let row = row.expect("a simple product that is counted");
        (row.id, row.sku.clone())
    };
    let placed = double.order(
        &json!({"status": "processing", "currency": "USD", "billing": {"first_name": "Bo",
        "last_name": "Li", "email": "bo@mail.example"}, "line_items": [{"product_id": product, "quantity": 1,
        "subtotal": "9.00", "total": "9.00"}]}),
    );
    let left = double.product(product)["stock_quantity"].as_i64();
    sync_twice(&daemon).await;
    let clone = shop(&daemon, "demo")
        .orders()
        .expect("its orders")
        .into_iter()
        .find(|record| record.order.buyer.name == "Bo Li");
    let clone = clone.expect("it was cloned");
    assert_eq!(clone.order.lines[0].sku, sku);
    let at_demo = shop(&daemon, "demo")
        .product_with_sku(&sku)
        .expect("an answer")
        .expect("it is there");
    assert_eq!(
        at_demo.product.variants[0].stock["default"].plain().parse().ok(),
        left,
        "one sale, counted once"
    );
    assert_eq!(double.product(product)["stock_quantity"].as_i64(), left);
    shop(&daemon, "demo")
        .change_order(&clone.remote_id.0, |order| {
            order.shipments.push(Shipment {
                carrier: "UPS".to_owned(),
                tracking_number: "1Z9".to_owned(),
                ..Shipment::default()
            });
            order.fulfilment_status = "fulfilled".to_owned();
        })
        .expect("it is shipped there");
    sync_twice(&daemon).await;
    let order = double.state().orders[&placed].clone();
    assert_eq!(order["status"], "completed", "{order:#}");
    assert_eq!(double.state().notes[&placed][0]["note"], "Shipped: UPS, 1Z9");
}
