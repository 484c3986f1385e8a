use super::*;
use crate::{
    ids::{ConnectionId, ItemId, RemoteId},
    item::{Author, Stamp},
    money::Decimal,
    policy::{CloneOrders, Mutability},
};

const ANY: Ability = Ability {
    creates: true,
    books_stock: false,
    statuses: &[],
    payment_statuses: &[],
    fulfilment_statuses: &[],
};

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn exists(part: Part) -> (Path, Value) {
    (Path::of(part, Leaf::Exists), Value::Present)
}

fn content(entries: &[(Path, Value)]) -> Content {
    entries.iter().cloned().collect()
}

/// What the hub has, and what the shop showed last.
struct Case {
    hub: Vec<(Path, Value)>,
    shown: Vec<(Path, Value)>,
    sent: Vec<(Path, Option<Value>)>,
    children: Vec<(Part, RemoteId)>,
    stamped: Vec<Path>,
    ability: Ability,
    totals: Mutability,
}

impl Case {
    fn new(hub: &[(Path, Value)], shown: &[(Path, Value)]) -> Self {
        Self {
            hub: hub.to_vec(),
            shown: shown.to_vec(),
            sent: Vec::new(),
            children: Vec::new(),
            stamped: Vec::new(),
            ability: ANY,
            totals: Mutability::Sync,
        }
    }

    fn check(self, changes: &[&str], issues: &[Code]) {
        let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
        policy.orders.fields.by_field.insert(Field::Totals, self.totals);
        let stamp = |path: &Path| {
            let by = Author::Person;
            (path.clone(), Stamp { at: Time(1), by })
        };
        let item = Item {
            id: ItemId(1),
            content: content(&self.hub),
            next_key: Key(9),
            stamps: self.stamped.iter().map(stamp).collect(),
            created_at: Time(0),
            updated_at: Time(0),
        };
        let here = Equivalence {
            presence: Presence::Live {
                remote_id: "7".into(),
                url: None,
            },
            acknowledged: content(&self.shown),
            sent: self.sent,
            children: self.children,
            ..Equivalence::default()
        };
        let found = pending(
            &item,
            Some(&here),
            &|_, _| None,
            &policy,
            &self.ability,
            Standing::Live,
            Time(9),
        );
        let case = format!("hub {:?}, shown {:?}", self.hub, self.shown);
        let paths: Vec<String> = found
            .changes
            .iter()
            .map(|change| change.path.to_string())
            .collect();
        assert_eq!(paths, changes, "{case}");
        let mark = if changes.is_empty() {
            Mark::Live
        } else {
            Mark::Update
        };
        assert_eq!(found.mark, Some(mark), "{case}");
        let codes: Vec<Code> = found.issues.iter().map(|issue| issue.code).collect();
        assert_eq!(codes, issues, "{case}");
    }
}

#[test]
fn a_shipment_is_added_updated_by_its_name_and_never_put_back() {
    let parcel = Part::Shipment(Key(1));
    let number = |number: &str| (at(parcel, Detail::TrackingNumber), text(number));
    let named = |name: &str| vec![(parcel, RemoteId::from(name.to_owned()))];
    let hub = [exists(parcel), number("T2")];
    Case::new(&hub, &[]).check(&["shipments/1", "shipments/1/tracking_number"], &[]);
    Case {
        children: named("s1"),
        ..Case::new(&hub, &[exists(parcel), number("T1")])
    }
    .check(&["shipments/1/tracking_number"], &[]);
    // Without a name nobody could tell which.
    Case {
        children: named(""),
        ..Case::new(&hub, &[exists(parcel), number("T1")])
    }
    .check(&[], &[]);
    // It was there and was taken away.
    for name in ["s1", ""] {
        Case {
            children: named(name),
            ..Case::new(&hub, &[])
        }
        .check(&[], &[]);
    }
    // The shop keeps no shipments, and later more is known of this one.
    Case {
        sent: vec![(Path::of(parcel, Leaf::Exists), Some(Value::Present))],
        ..Case::new(&hub, &[])
    }
    .check(&[], &[]);
    // What the hub does not have is not taken away.
    Case::new(&[], &[exists(parcel), number("T1")]).check(&[], &[]);
}

#[test]
fn a_payment_is_added_and_never_rewritten() {
    let payment = Part::Payment(Key(1));
    let method = |method: &str| (at(payment, Detail::Method), text(method));
    let hub = [exists(payment), method("card")];
    Case::new(&hub, &[]).check(&["payments/1", "payments/1/method"], &[]);
    Case {
        children: vec![(payment, "p1".into())],
        ..Case::new(&hub, &[exists(payment), method("bank")])
    }
    .check(&[], &[]);
}

#[test]
fn a_note_is_blanked_only_where_the_hub_lost_it_and_a_status_never() {
    let (note, status) = (Path::field(Field::Note), Path::field(Field::Status));
    let shown = [(note.clone(), text("Ring")), (status.clone(), text("pending"))];
    Case::new(&[], &shown).check(&[], &[]);
    Case {
        stamped: vec![status, note],
        ..Case::new(&[], &shown)
    }
    .check(&["note"], &[]);
    Case {
        stamped: vec![Path::field(Field::Status)],
        ..Case::new(&[], &shown)
    }
    .check(&[], &[]);
}

#[test]
fn a_word_that_is_unknown_is_told_only_where_it_differs() {
    let status = |word| (Path::field(Field::Status), text(word));
    let choosy = Ability {
        statuses: &["pending"],
        ..ANY
    };
    let case = |hub, shown| Case {
        ability: choosy,
        ..Case::new(&[status(hub)], &[status(shown)])
    };
    case("layaway", "pending").check(&[], &[Code::UnknownStatus]);
    case("layaway", "layaway").check(&[], &[]);
    case("pending", "layaway").check(&["status"], &[]);
}

#[test]
fn what_was_bought_differs_from_what_was_sent_and_not_from_what_was_made_of_it() {
    let total = |amount: i64| (Path::detail(Detail::Total), Value::Number(Decimal::from(amount)));
    let line = Part::Line(Key(1));
    let title = |title: &str| (at(line, Detail::Title), text(title));
    let quantity = |n: i64| (at(line, Detail::Quantity), Value::Number(Decimal::from(n)));
    Case::new(&[total(5)], &[total(5)]).check(&[], &[]);
    Case::new(&[total(5)], &[total(6)]).check(&[], &[Code::OrderChanged]);
    Case {
        sent: vec![(total(5).0, Some(total(5).1))],
        ..Case::new(&[total(5)], &[total(6)])
    }
    .check(&[], &[]);
    // Nobody sent the shop these totals.
    Case {
        totals: Mutability::ReadOnly,
        ..Case::new(&[total(5)], &[total(6)])
    }
    .check(&[], &[]);
    Case::new(
        &[exists(line), title("Tee"), quantity(1)],
        &[exists(line), title("TEE"), quantity(1)],
    )
    .check(&[], &[]);
    Case::new(&[exists(line), quantity(2)], &[exists(line), quantity(1)]).check(&[], &[Code::OrderChanged]);
    // The shop's own fee, and a line that the hub had.
    let fee = [exists(line), quantity(1)];
    Case::new(&[], &fee).check(&[], &[]);
    Case {
        stamped: vec![Path::of(line, Leaf::Exists)],
        ..Case::new(&[], &fee)
    }
    .check(&[], &[Code::OrderChanged]);
}

/// An order with one line of product 7 that is known at the other side, unless it is `hidden`.
fn check_create(change: impl FnOnce(&mut Policy), mark: Option<Mark>, status: &str, issues: &[Code]) {
    let line = Part::Line(Key(1));
    let item = Item {
        id: ItemId(1),
        content: content(&[
            (Path::detail(Detail::Origin), text("elsewhere")),
            (Path::detail(Detail::Currency), text("MXN")),
            (Path::field(Field::Status), text("layaway")),
            exists(line),
            (at(line, Detail::Product), Value::Product(ItemId(7), Key(1))),
        ]),
        next_key: Key(9),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    policy.orders.clone = CloneOrders::New { began: None };
    change(&mut policy);
    let choosy = Ability {
        statuses: &["pending"],
        ..ANY
    };
    let known = |_, _| {
        Some(super::super::Counterpart {
            product: "p".into(),
            variant: None,
            sku: String::new(),
        })
    };
    let found = pending(&item, None, &known, &policy, &choosy, Standing::Live, Time(9));
    assert_eq!(found.mark, mark);
    assert_eq!(found.wanted.text(&Path::field(Field::Status)), status);
    let codes: Vec<Code> = found.issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, issues);
    let sku = found.wanted.get(&at(line, Detail::Sku));
    assert_eq!(sku, None, "a blank SKU is none");
}

#[test]
fn a_create_says_what_it_leaves_out() {
    let create = Some(Mark::Create);
    check_create(|_| {}, create, "", &[Code::UnknownStatus]);
    let status =
        |word: &'static str| move |policy: &mut Policy| policy.orders.defaults.status = Some(word.to_owned());
    check_create(status("pending"), create, "pending", &[]);
    check_create(
        status("open"),
        create,
        "",
        &[Code::UnknownStatus, Code::UnknownStatus],
    );
    check_create(|policy| policy.orders.clone = CloneOrders::None, None, "", &[]);
    check_create(
        |policy| policy.orders.fields.default = Mutability::ReadOnly,
        None,
        "",
        &[],
    );
    let own = |policy: &mut Policy| policy.connection = ConnectionId::parse("elsewhere").unwrap();
    check_create(own, None, "", &[]);
}

#[test]
fn what_is_not_written_here_or_was_bought_is_never_pending() {
    let line = Part::Line(Key(1));
    let quantity = |n: i64| (at(line, Detail::Quantity), Value::Number(Decimal::from(n)));
    Case::new(&[exists(line), quantity(2)], &[exists(line), quantity(1)]).check(&[], &[Code::OrderChanged]);
    let total = |amount: i64| (Path::detail(Detail::Total), Value::Number(Decimal::from(amount)));
    // A person touched it and put it back, or it never was there.
    for hub in [vec![total(5)], vec![]] {
        Case {
            stamped: vec![total(5).0],
            ..Case::new(&hub, &hub)
        }
        .check(&[], &[]);
    }
    let note = |note: &str| (Path::field(Field::Note), text(note));
    let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    let fields = &mut policy.orders.fields.by_field;
    fields.insert(Field::Note, Mutability::ReadOnly);
    let here = Equivalence {
        presence: Presence::Live {
            remote_id: "7".into(),
            url: None,
        },
        acknowledged: content(&[note("Ring")]),
        ..Equivalence::default()
    };
    let of = |hub| Item {
        id: ItemId(1),
        content: hub,
        next_key: Key(9),
        stamps: vec![(
            note("").0,
            Stamp {
                at: Time(1),
                by: Author::Person,
            },
        )],
        created_at: Time(0),
        updated_at: Time(0),
    };
    let nowhere = |_, _| None;
    for hub in [content(&[note("Wait")]), content(&[])] {
        let item = of(hub);
        let found = pending(
            &item,
            Some(&here),
            &nowhere,
            &policy,
            &ANY,
            Standing::Live,
            Time(9),
        );
        assert_eq!(found.changes, []);
    }
}

#[test]
fn an_unknown_word_is_told_by_what_it_is_about() {
    let policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    let check = |field, wanted: &str| {
        let issue = no_such_word(&Path::field(field), "odd", &policy, Time(0));
        let message = format!("shop does not know the {wanted} \"odd\", so it is not sent.");
        assert_eq!(issue.message, message);
    };
    check(Field::Payment, "payment status");
    check(Field::Fulfilment, "fulfilment status");
    check(Field::Status, "status");
}

#[test]
fn every_change_has_its_reason() {
    let line = Part::Line(Key(1));
    let (sku, status) = (at(line, Detail::Sku), Path::field(Field::Status));
    let item = Item {
        id: ItemId(1),
        content: content(&[(sku.clone(), text("A")), (status.clone(), text("paid"))]),
        next_key: Key(9),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let check = |path: &Path, old: Option<&str>, new: Option<Value>, wanted: &str| {
        let change = Change {
            path: path.clone(),
            old: old.map(text),
            new,
        };
        assert_eq!(reason(&change, &item), wanted, "{change:?}");
    };
    let parcel = Path::of(Part::Shipment(Key(2)), Leaf::Exists);
    check(&parcel, None, Some(Value::Present), "Not there yet");
    check(&sku, None, Some(text("B")), "What this connection calls it");
    check(&sku, None, Some(text("A")), "As the hub has it");
    check(
        &status,
        Some("x"),
        Some(text("open")),
        "As set for new orders here",
    );
    check(&status, Some("x"), Some(text("paid")), "As the hub has it");
    check(&status, Some("x"), None, "As the hub has it");
}
