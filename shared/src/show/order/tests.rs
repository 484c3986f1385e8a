use super::*;
use crate::{
    ids::{ItemId, RemoteId},
    issue::Code,
    order::{self, Line, Order, Record, Totals},
    policy::CloneOrders,
    sync::order::{Counterpart, merge::absorb},
};
use serde_json::json;

const ANY: Ability = Ability {
    creates: true,
    books_stock: false,
    statuses: &[],
    payment_statuses: &[],
    fulfilment_statuses: &[],
};

fn policy(name: &str) -> Policy {
    let mut policy = Policy::new(ConnectionId::parse(name).unwrap(), "demo");
    policy.orders.clone = CloneOrders::New { began: None };
    policy
}

fn record() -> Record {
    let money = |text: &str| Some(text.parse::<Decimal>().unwrap());
    Record {
        remote_id: "o1".into(),
        url: Some("https://shop.example/o1".to_owned()),
        updated_at: Some(Time(2_000)),
        token: None,
        order: Order {
            number: "A-1".to_owned(),
            status: "processing".to_owned(),
            payment_status: "paid".to_owned(),
            fulfilment_status: "fulfilled".to_owned(),
            placed_at: Some(Time(1_000)),
            currency: "MXN".parse().unwrap(),
            totals: Totals {
                total: money("21.50"),
                ..Totals::default()
            },
            lines: vec![Line {
                remote_id: Some("l1".into()),
                product: Some("p7".into()),
                sku: "TEE".to_owned(),
                title: "Tee".to_owned(),
                quantity: Decimal::from(2),
                unit_price: money("9.99"),
                ..Line::default()
            }],
            buyer: order::Buyer {
                name: "Ada".to_owned(),
                ..order::Buyer::default()
            },
            shipping_address: Address {
                city: "Turin".to_owned(),
                ..Address::default()
            },
            billing_address: Address::default(),
            shipments: vec![order::Shipment {
                carrier: "Post".to_owned(),
                tracking_number: "T1".to_owned(),
                lines: vec![order::ShippedLine {
                    line: RemoteId::from("l1".to_owned()),
                    quantity: Decimal::from(2),
                }],
                ..order::Shipment::default()
            }],
            payments: vec![order::Payment {
                method: "card".to_owned(),
                amount: money("21.50"),
                ..order::Payment::default()
            }],
            note: String::new(),
        },
    }
}

/// What the shop calls `p7` is product 7.
fn tee(line: &Line) -> Option<(ItemId, Key)> {
    let product = line.product.as_ref()?.0.strip_prefix('p')?;
    Some((ItemId(product.parse().ok()?), Key(1)))
}

#[test]
fn an_order_is_shown_as_the_contract_says() {
    let here = policy("shop");
    let merged = absorb(ItemId(3), &record(), &tee, &here, Time(5_000));
    let sight = OrderSight {
        item: &merged.item,
        standing: Standing::Live,
    };
    let place = OrderPlace {
        policy: &here,
        ability: &ANY,
        equivalence: Some(&merged.equivalence),
        counterpart: &|_, _| None,
    };
    let shown = serde_json::to_value(sight.order(&[place], HowMuch::Row)).unwrap();
    let money = |amount: &str| json!({ "amount": amount, "currency": "MXN" });
    let nothing = json!(null);
    let wanted = json!({
        "id": "3",
        "number": "A-1",
        "origin": "shop",
        "status": "processing",
        "payment_status": "paid",
        "fulfilment_status": "fulfilled",
        "placed_at": "1970-01-01T00:00:01.000Z",
        "currency": "MXN",
        "totals": {
            "items": nothing, "shipping": nothing, "discount": nothing, "tax": nothing, "total": money("21.50"),
        },
        "lines": [{
            "id": "1", "product": "7", "variant": "1", "sku": "TEE", "title": "Tee", "quantity": "2",
            "unit_price": money("9.99"), "tax": nothing, "total": nothing,
        }],
        "buyer": { "name": "Ada", "email": "", "phone": "" },
        "shipping_address": {
            "name": "", "company": "", "line1": "", "line2": "", "city": "Turin", "region": "", "postcode": "",
            "country": "", "phone": "",
        },
        "billing_address": nothing,
        "shipments": [{
            "id": "2", "carrier": "Post", "tracking_number": "T1", "tracking_url": "",
            "lines": [{ "line": "1", "quantity": "2" }], "shipped_at": nothing,
        }],
        "payments": [{ "id": "3", "method": "card", "amount": money("21.50"), "reference": "", "paid_at": nothing }],
        "note": "",
        "equivalences": [{
            "connection": "shop", "remote_id": "o1", "url": "https://shop.example/o1", "mark": "live",
            "changes": [], "issues": [], "acknowledged_at": "1970-01-01T00:00:05.000Z",
        }],
        "updated_at": "1970-01-01T00:00:05.000Z",
    });
    assert_eq!(shown, wanted);
}

#[test]
fn a_pending_create_is_shown_with_what_it_will_be_and_a_held_one_with_why() {
    let merged = absorb(ItemId(3), &record(), &tee, &policy("shop"), Time(5_000));
    let sight = OrderSight {
        item: &merged.item,
        standing: Standing::Live,
    };
    let there = policy("other");
    let known = |_, _| {
        Some(Counterpart {
            product: "x".into(),
            variant: None,
            sku: "T-1".to_owned(),
        })
    };
    let place = |counterpart| OrderPlace {
        policy: &there,
        ability: &ANY,
        equivalence: None,
        counterpart,
    };
    let create = sight.pending(&place(&known)).unwrap();
    assert_eq!((create.kind, create.mark), (Kind::Orders, Mark::Create));
    assert_eq!(
        (create.title.as_str(), create.why.as_str()),
        ("A-1", "Not there yet")
    );
    let sku = create
        .changes
        .iter()
        .find(|change| change.path == "lines/1/sku")
        .unwrap();
    assert_eq!(
        (&sku.new, sku.why.as_str()),
        (&json!("T-1"), "What this connection calls it")
    );

    let held = place(&|_, _| None);
    assert_eq!(sight.pending(&held), None);
    let shown = sight.order(&[held], HowMuch::Row).equivalences;
    assert_eq!(shown[0].mark, Mark::Held);
    let codes: Vec<Code> = shown[0].issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, [Code::UnmappedLine]);
    assert_eq!(sight.obstacles(&held).len(), 1);
    assert!(!format!("{sight:?} {held:?}").contains("Ada"));
}
