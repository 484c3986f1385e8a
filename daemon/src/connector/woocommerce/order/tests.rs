use super::*;
use serde_json::json;

/// An order of a real shop with prices with tax: three pieces at 3.333, one of them of a product that was deleted since.
fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/order.json")).unwrap()
}

fn read(order: Value) -> Record {
    let (mut records, unreadable) = records(vec![order], "https://shop.example/");
    assert_eq!(unreadable, []);
    records.remove(0)
}

fn with(changes: &Value) -> Value {
    let mut order = recorded();
    order
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    order
}

#[test]
fn a_recorded_order_is_read_with_exact_amounts() {
    let record = read(recorded());
    let amount = |text: &str| text.parse::<Decimal>().ok();
    assert_eq!(record.remote_id, "1572".into());
    assert_eq!(
        record.url.as_deref(),
        Some("https://shop.example/wp-admin/post.php?post=1572&action=edit")
    );
    let order = record.order;
    assert_eq!(
        (order.number.as_str(), order.status.as_str()),
        ("1572", "processing")
    );
    assert_eq!(
        (order.payment_status.as_str(), order.fulfilment_status.as_str()),
        ("paid", "unfulfilled")
    );
    assert_eq!(order.currency.as_str(), "EUR");
    let totals = &order.totals;
    assert_eq!((totals.items, totals.shipping), (amount("17.40"), amount("4.20")));
    assert_eq!(
        (totals.discount, totals.tax, totals.total),
        (amount("1.00"), amount("3.91"), amount("24.51"))
    );
    let [goods, gone, fee] = order.lines.as_slice() else {
        panic!("three lines: {:#?}", order.lines)
    };
    // The float says 2.8008403333333334.
    assert_eq!(
        (goods.unit_price, goods.tax, goods.total),
        (amount("2.8"), amount("1.60"), amount("10.00"))
    );
    assert_eq!(
        (&goods.product, &goods.variant),
        (&Some("35".into()), &Some("201".into()))
    );
    assert_eq!(
        (goods.title.as_str(), goods.sku.as_str(), goods.quantity),
        ("Lab coat & hood - M", "LAB-00001-M", 3.into())
    );
    assert_eq!(
        (&gone.product, &gone.variant, gone.sku.as_str()),
        (&None, &None, "")
    );
    assert_eq!(
        (gone.unit_price, gone.total),
        (amount("8"), amount("8.33")),
        "at what was paid after the discount"
    );
    assert_eq!(
        (fee.title.as_str(), fee.total, &fee.product),
        ("Gift & wrapping", amount("1.19"), &None)
    );
    assert_eq!(order.buyer.name, "Ana María Gómez");
    assert_eq!(order.shipping_address.country, "DE");
    assert_eq!(order.placed_at.unwrap().to_string(), "2026-11-23T08:00:00.000Z");
    let payment = &order.payments[0];
    assert_eq!(
        (
            payment.method.as_str(),
            payment.amount,
            payment.reference.as_str()
        ),
        ("Card & more", amount("24.51"), "ch_1")
    );
}

#[test]
fn amounts_are_taken_at_any_number_of_decimals() {
    for (total, read_as) in [
        ("60", "60"),
        ("59.970", "59.97"),
        ("1572.900000", "1572.9"),
        ("-5.00", "-5"),
    ] {
        let record = read(with(&json!({"total": total})));
        assert_eq!(
            record.order.totals.total.map(Decimal::plain).as_deref(),
            Some(read_as)
        );
    }
    let (records, unreadable) = records(vec![with(&json!({"total": "1,5"}))], "");
    assert!(records.is_empty());
    assert_eq!(unreadable[0].remote_id, Some("1572".into()));
    assert!(unreadable[0].message.contains("Order 1572") && unreadable[0].message.contains("1,5"));
}

#[test]
fn what_was_paid_and_given_back_makes_the_payment_status() {
    let check = |changes: Value, wanted: &str| {
        assert_eq!(read(with(&changes)).order.payment_status, wanted, "{changes}");
    };
    check(json!({"date_paid_gmt": null}), "unpaid");
    check(json!({}), "paid");
    check(
        json!({"refunds": [{"id": 1, "reason": "", "total": "-4.51"}]}),
        "partially-refunded",
    );
    check(
        json!({"refunds": [{"id": 1, "total": "-4.51"}, {"id": 2, "total": "-20.00"}]}),
        "refunded",
    );
    check(json!({"status": "refunded"}), "refunded");
    check(json!({"status": "awaiting-artwork"}), "paid");
}

#[test]
fn shipments_are_read_from_our_notes_and_from_the_extension() {
    let ours = r#"[{"id":"c2s-1","carrier":"DHL","tracking_number":"JD1","lines":[["11","2"]],"shipped_at":"2026-11-23T08:00:00.000Z"}]"#;
    let meta = json!([
        {"id": 1, "key": "_click2sync_shipments", "value": ours},
        {"id": 2, "key": "_wc_shipment_tracking_items", "value": [{"tracking_provider": "", "custom_tracking_provider": "UPS",
            "custom_tracking_link": "https://ups.example/1Z", "tracking_number": "1Z", "date_shipped": "1795420800",
            "tracking_id": "abc"}]},
    ]);
    let order = read(with(&json!({"meta_data": meta}))).order;
    assert_eq!(order.fulfilment_status, "partial");
    let [ours, theirs] = order.shipments.as_slice() else {
        panic!("two shipments")
    };
    assert_eq!(
        (ours.carrier.as_str(), ours.tracking_number.as_str()),
        ("DHL", "JD1")
    );
    assert_eq!(ours.lines[0].quantity, 2.into());
    assert_eq!(
        (theirs.carrier.as_str(), theirs.tracking_number.as_str()),
        ("UPS", "1Z")
    );
    assert_eq!(theirs.shipped_at.unwrap().to_string(), "2026-11-23T08:00:00.000Z");
    assert_eq!(
        read(with(&json!({"status": "completed"})))
            .order
            .fulfilment_status,
        "fulfilled"
    );
}

#[test]
fn a_basket_is_no_order_and_a_plugins_oddities_are_understood() {
    let (records, unreadable) = records(vec![with(&json!({"status": "checkout-draft"}))], "");
    assert!(records.is_empty() && unreadable.is_empty());
    let odd = with(
        &json!({"customer_note": null, "meta_data": {}, "refunds": null, "fee_lines": {}, "number": 77,
        "transaction_id": null}),
    );
    let order = read(odd).order;
    assert_eq!(
        (order.number.as_str(), order.note.as_str(), order.lines.len()),
        ("77", "", 2)
    );
}
