//! Sales orders as a real shop shows them, and what it is told of them.

use crate::{
    catalogue::{SMALL, shown},
    server::Server,
    shop::connect,
};
use daemon::connector::{Answer, Class, Update};
use serde_json::json;
use shared::{
    ids::RemoteId,
    money::Decimal,
    order::{Patch, Shipment, ShippedLine},
    time::Time,
};

fn update(id: &RemoteId, patch: Patch) -> Update<Patch> {
    Update {
        token: "t".to_owned(),
        remote_id: id.clone(),
        patch,
    }
}

#[tokio::test]
async fn orders_are_read_with_what_was_bought_and_paid() {
    let server = Server::start(SMALL).await;
    server
        .owner("mutation { createDraftOrder { id } }", json!({}))
        .await;
    let shop = connect(&server, json!({ "page": 4 }));
    let orders = shop.orders(None).await;
    assert_eq!(orders.len(), 6, "drafts are none");
    let words: Vec<(&str, &str, &str)> = orders
        .values()
        .map(|record| {
            let order = &record.order;
            (&*order.status, &*order.payment_status, &*order.fulfilment_status)
        })
        .collect();
    assert_eq!(words[0], ("processing", "authorized", "unfulfilled"));
    assert_eq!(words[1], ("processing", "paid", "unfulfilled"));
    let order = &orders.values().nth(1).unwrap().order;
    assert_eq!(order.buyer.email, "buyer2@example.com");
    assert_eq!(order.shipping_address.country, "DE");
    assert_eq!(order.lines.len(), 1);
    assert_eq!(order.lines[0].quantity, 2.into());
    let totals = order.totals;
    let sum = totals.items.unwrap().0 + totals.shipping.unwrap().0 + totals.tax.unwrap().0
        - totals.discount.unwrap().0;
    assert_eq!(Some(Decimal(sum)), totals.total);
    assert_eq!(order.payments[0].amount, totals.total);
}

#[tokio::test]
async fn a_fulfilment_is_written_back_and_seen_though_the_order_does_not_count_as_changed() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let orders = shop.orders(None).await;
    let paid = orders
        .values()
        .find(|record| record.order.payment_status == "paid")
        .unwrap();
    let far = Time(paid.updated_at.unwrap().0 + 86_400_000);
    let line = paid.order.lines[0].remote_id.clone().unwrap();
    let shipment = |number: &str| Shipment {
        carrier: "DHL".to_owned(),
        tracking_number: number.to_owned(),
        lines: vec![ShippedLine {
            line: line.clone(),
            quantity: 1.into(),
        }],
        ..Shipment::default()
    };
    let ship = |number: &str| {
        update(
            &paid.remote_id,
            Patch {
                new_shipments: vec![shipment(number)],
                ..Patch::default()
            },
        )
    };
    let half = shown(shop.connector.update_orders(&[ship("T1")]).await).remove(0);
    assert_eq!(half.order.fulfilment_status, "partial");
    assert_eq!(half.order.shipments[0].tracking_number, "T1");
    assert_eq!(half.order.shipments[0].carrier, "DHL");
    let whole = shown(shop.connector.update_orders(&[ship("T2")]).await).remove(0);
    assert_eq!(
        (
            whole.order.fulfilment_status.as_str(),
            whole.order.shipments.len()
        ),
        ("fulfilled", 2)
    );
    let answers = shop.connector.update_orders(&[ship("T3")]).await;
    assert!(
        matches!(&answers[0], Answer::Refused(error) if error.class == Class::Rejected),
        "{answers:?}"
    );
    // It is open, so it is read again.
    let seen = shop.orders(Some(far)).await;
    assert_eq!(seen[&paid.remote_id], whole);
    let complete = Patch {
        status: Some("completed".to_owned()),
        note: Some("Left at the door".to_owned()),
        ..Patch::default()
    };
    let done = shown(
        shop.connector
            .update_orders(&[update(&paid.remote_id, complete)])
            .await,
    )
    .remove(0);
    assert_eq!(
        (done.order.status.as_str(), done.order.note.as_str()),
        ("completed", "Left at the door")
    );
    // It is open no longer, and nothing else says that it went on.
    assert_eq!(shop.orders(Some(far)).await.get(&paid.remote_id), Some(&done));
    assert_eq!(shop.orders(Some(far)).await.get(&paid.remote_id), None);
}

#[tokio::test]
async fn money_that_was_authorized_is_taken_and_a_cancelled_order_keeps_what_was_bought() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    let orders = shop.orders(None).await;
    let [first, second] = [0, 1].map(|at| orders.values().nth(at).unwrap());
    let pay = Patch {
        payment_status: Some("paid".to_owned()),
        fulfilment_status: Some("fulfilled".to_owned()),
        ..Patch::default()
    };
    let paid = shown(
        shop.connector
            .update_orders(&[update(&first.remote_id, pay)])
            .await,
    )
    .remove(0);
    assert_eq!(
        (
            paid.order.payment_status.as_str(),
            paid.order.fulfilment_status.as_str()
        ),
        ("paid", "fulfilled")
    );
    let cancel = Patch {
        status: Some("cancelled".to_owned()),
        ..Patch::default()
    };
    let gone = shown(
        shop.connector
            .update_orders(&[update(&second.remote_id, cancel)])
            .await,
    )
    .remove(0);
    assert_eq!(gone.order.status, "cancelled");
    assert_eq!(gone.order.lines[0].quantity, 2.into());
    let refund = Patch {
        payment_status: Some("refunded".to_owned()),
        ..Patch::default()
    };
    let answers = shop
        .connector
        .update_orders(&[update(&first.remote_id, refund)])
        .await;
    assert!(
        matches!(&answers[0], Answer::Refused(error) if error.message.contains("refunds money")),
        "{answers:?}"
    );
}
