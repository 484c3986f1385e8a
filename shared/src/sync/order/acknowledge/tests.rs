use super::*;
use crate::{
    content::Leaf,
    ids::{ConnectionId, ItemId},
    item::Sending,
    money::Currency,
    order::{Address, Buyer, Line, Order, Shipment, Totals},
};

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// What a platform answers: a status, a note, and a shipment of its own where `parcel` has a number.
fn answer(updated_at: i64, status: &str, note: &str, parcel: &str) -> Record {
    let shipment = Shipment {
        tracking_number: parcel.to_owned(),
        ..Shipment::default()
    };
    Record {
        remote_id: "7".into(),
        url: None,
        updated_at: Some(Time(updated_at)),
        token: None,
        order: Order {
            number: "there".to_owned(),
            status: status.to_owned(),
            payment_status: String::new(),
            fulfilment_status: String::new(),
            placed_at: None,
            currency: Currency::USD,
            totals: Totals::default(),
            lines: Vec::new(),
            buyer: Buyer::default(),
            shipping_address: Address::default(),
            billing_address: Address::default(),
            shipments: (!parcel.is_empty()).then_some(shipment).into_iter().collect(),
            payments: Vec::new(),
            note: note.to_owned(),
        },
    }
}

fn item(status: &str) -> Item {
    Item {
        id: ItemId(1),
        content: [(Path::field(Field::Status), text(status))].into_iter().collect(),
        next_key: Key(9),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    }
}

fn begun(presence: Presence, shown: &[(Path, Value)], sent: &[(Path, &str)]) -> Equivalence {
    Equivalence {
        presence,
        acknowledged: shown.iter().cloned().collect(),
        sending: Some(Sending {
            token: "t".to_owned(),
            values: sent
                .iter()
                .map(|(path, value)| (path.clone(), Some(text(value))))
                .collect(),
            at: Time(0),
        }),
        refused: Some(Vec::new()),
        ..Equivalence::default()
    }
}

fn policy() -> Policy {
    Policy::new(ConnectionId::parse("shop").unwrap(), "demo")
}

fn take(here: Equivalence, record: &Record, policy: &Policy) -> Equivalence {
    let nothing = |_: &Line| None;
    acknowledge(&item("completed"), here, record, &nothing, policy, Time(50)).0
}

#[test]
fn of_an_update_what_was_sent_is_acknowledged_and_the_rest_is_for_the_next_fetch() {
    let (status, note) = (Path::field(Field::Status), Path::field(Field::Note));
    let seen = Path::detail(Detail::UpdatedAt);
    let live = Presence::Live {
        remote_id: "7".into(),
        url: None,
    };
    let shown = [
        (status.clone(), text("pending")),
        (note.clone(), text("Ring")),
        (seen.clone(), Value::Time(Time(10))),
    ];
    let here = begun(live, &shown, &[(status.clone(), "completed")]);
    let after = take(here.clone(), &answer(20, "done", "Wait", "T1"), &policy());
    assert_eq!(after.acknowledged.text(&status), "done");
    assert_eq!(after.sent, [(status.clone(), Some(text("completed")))]);
    assert_eq!(after.acknowledged.text(&note), "Ring");
    assert_eq!(after.acknowledged.parts().count(), 0, "a shipment there is news");
    assert_eq!(after.acknowledged.get(&seen), Some(&Value::Time(Time(20))));
    assert_eq!((&after.sending, &after.refused), (&None, &None));
    // What was sent before is not what was sent last.
    let before = Equivalence {
        sent: vec![(status.clone(), Some(text("Done")))],
        ..here.clone()
    };
    assert_eq!(
        take(before, &answer(20, "completed", "Ring", ""), &policy()).sent,
        []
    );
    // An answer from a slower clock does not let older records in.
    let after = take(here, &answer(5, "completed", "Ring", ""), &policy());
    assert_eq!(after.acknowledged.get(&seen), Some(&Value::Time(Time(10))));
    assert_eq!(after.sent, []);
}

#[test]
fn of_a_create_all_is_acknowledged_but_shipments_that_only_the_platform_has() {
    let status = Path::field(Field::Status);
    let here = begun(Presence::Absent, &[], &[(status.clone(), "pending")]);
    let mut policy = policy();
    policy.orders.defaults.status = Some("pending".to_owned());
    let after = take(here, &answer(20, "pending", "Theirs", "T1"), &policy);
    assert!(after.is_live());
    assert_eq!(after.acknowledged.text(&Path::field(Field::Note)), "Theirs");
    assert_eq!(after.acknowledged.text(&Path::detail(Detail::Number)), "there");
    assert!(
        after
            .acknowledged
            .iter()
            .all(|(path, _)| path.leaf != Leaf::Exists)
    );
    // It was created with the status for new orders, which stands for the hub's own.
    assert_eq!(after.sent, [(status, Some(text("completed")))]);
}

#[test]
fn a_status_that_moves_in_the_hub_during_its_write_is_still_pending() {
    let status = Path::field(Field::Status);
    let live = Presence::Live {
        remote_id: "7".into(),
        url: None,
    };
    let shown = [(status.clone(), text("pending"))];
    let here = begun(live, &shown, &[(status.clone(), "processing")]);
    let mut policy = policy();
    policy.orders.defaults.status = Some("pending".to_owned());
    // The hub's own is `completed` by now.
    let after = take(here, &answer(20, "pending", "", ""), &policy);
    assert_eq!(after.sent, [(status, Some(text("processing")))]);
}

#[test]
fn an_answer_ends_what_was_unclear_or_refused_and_tells_when() {
    let issue = |code| Issue {
        code,
        severity: crate::issue::Severity::Error,
        path: None,
        message: String::new(),
        at: Time(0),
    };
    let codes = [Code::Refused, Code::OrderChanged, Code::AmbiguousMatch];
    let here = Equivalence {
        issues: codes.map(issue).to_vec(),
        ..begun(Presence::Absent, &[], &[])
    };
    let after = take(here, &answer(20, "pending", "", ""), &policy());
    assert_eq!(after.issues, [issue(Code::OrderChanged)]);
    assert_eq!(after.acknowledged_at, Some(Time(50)));
}
