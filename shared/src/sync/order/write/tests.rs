use super::*;
use crate::{
    content::diff,
    ids::{ItemId, RemoteId},
};

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn content(entries: &[(Path, Value)]) -> Content {
    entries.iter().cloned().collect()
}

/// What the platform shows, and what it is to show.
fn check(shown: &[(Path, Value)], wanted: &[(Path, Value)], expected: &Patch) {
    let here = Equivalence {
        acknowledged: content(shown),
        children: vec![
            (Part::Line(Key(1)), RemoteId::from("l1".to_owned())),
            (Part::Line(Key(2)), RemoteId::from(String::new())),
            (Part::Shipment(Key(3)), RemoteId::from("s3".to_owned())),
        ],
        ..Equivalence::default()
    };
    let wanted = content(wanted);
    let mut changes = diff(&here.acknowledged, &wanted);
    changes.retain(|change| change.new.is_some());
    assert_eq!(patch(&changes, &wanted, &here), *expected, "{changes:?}");
}

#[test]
fn a_patch_says_what_changes_and_keeps_what_is_taken_as_a_whole() {
    let of = |part, detail, value| (at(part, detail), value);
    let whole = |detail, value| of(Part::Whole, detail, value);
    let status = |word| (Path::field(Field::Status), text(word));
    check(&[status("pending")], &[status("pending")], &Patch::default());
    check(
        &[status("pending")],
        &[
            status("completed"),
            (Path::field(Field::Payment), text("paid")),
            (Path::field(Field::Fulfilment), text("partial")),
            (Path::field(Field::Note), text("Ring")),
        ],
        &Patch {
            status: Some("completed".to_owned()),
            payment_status: Some("paid".to_owned()),
            fulfilment_status: Some("partial".to_owned()),
            note: Some("Ring".to_owned()),
            ..Patch::default()
        },
    );
    // The name is not written here, and the shop keeps its own.
    check(
        &[whole(Detail::Name, text("web-sales"))],
        &[whole(Detail::Phone, text("5"))],
        &Patch {
            buyer: Some(Buyer {
                name: "web-sales".to_owned(),
                phone: "5".to_owned(),
                ..Buyer::default()
            }),
            ..Patch::default()
        },
    );
    let home = Address {
        city: "Turin".to_owned(),
        ..Address::default()
    };
    let address = || Value::Address(Box::new(home.clone()));
    check(
        &[],
        &[
            whole(Detail::BillingAddress, address()),
            whole(Detail::ShippingAddress, address()),
        ],
        &Patch {
            shipping_address: Some(home.clone()),
            billing_address: Some(home.clone()),
            ..Patch::default()
        },
    );
}

#[test]
fn a_shipment_that_is_there_goes_by_its_name_and_its_lines_by_theirs() {
    let (old, new) = (Part::Shipment(Key(3)), Part::Shipment(Key(4)));
    let exists = |part| (Path::of(part, Leaf::Exists), Value::Present);
    let number = |part, number: &str| (at(part, Detail::TrackingNumber), text(number));
    let carrier = |part| (at(part, Detail::Carrier), text("Post"));
    let holds = |part, lines: &[u32]| {
        let lines = lines.iter().map(|key| (Key(*key), Decimal::ONE)).collect();
        (at(part, Detail::Lines), Value::Lines(lines))
    };
    let shipment = |id: Option<&str>, number: &str, lines: &[&str]| Shipment {
        remote_id: id.map(RemoteId::from),
        carrier: "Post".to_owned(),
        tracking_number: number.to_owned(),
        lines: lines
            .iter()
            .map(|line| ShippedLine {
                line: RemoteId::from(*line),
                quantity: Decimal::ONE,
            })
            .collect(),
        ..Shipment::default()
    };
    check(
        &[exists(old), carrier(old), number(old, "T1")],
        &[exists(old), number(old, "T2"), holds(old, &[1])],
        &Patch {
            shipments: vec![shipment(Some("s3"), "T2", &["l1"])],
            ..Patch::default()
        },
    );
    check(
        &[],
        &[exists(new), carrier(new), number(new, "T3"), holds(new, &[1])],
        &Patch {
            new_shipments: vec![shipment(None, "T3", &["l1"])],
            ..Patch::default()
        },
    );
    // One of its lines has no name there: half of what is in it would say that the rest is not.
    check(
        &[],
        &[exists(new), carrier(new), holds(new, &[1, 2])],
        &Patch {
            new_shipments: vec![shipment(None, "", &[])],
            ..Patch::default()
        },
    );
}

#[test]
fn an_order_without_a_currency_is_not_written_in_another() {
    let nowhere = |_: ItemId, _: Key| None;
    let without = content(&[(Path::detail(Detail::Number), text("1"))]);
    assert_eq!(order(&without, &nowhere), None);
    let with = content(&[(Path::detail(Detail::Currency), text("MXN"))]);
    assert_eq!(order(&with, &nowhere).unwrap().currency.as_str(), "MXN");
}

#[test]
fn a_new_parcel_says_when_it_was_shipped() {
    let part = Part::Shipment(Key(4));
    check(
        &[],
        &[
            (Path::of(part, Leaf::Exists), Value::Present),
            (at(part, Detail::ShippedAt), Value::Time(Time(77))),
        ],
        &Patch {
            new_shipments: vec![Shipment {
                shipped_at: Some(Time(77)),
                ..Shipment::default()
            }],
            ..Patch::default()
        },
    );
}
