use super::*;
use crate::{
    content::Field,
    ids::ConnectionId,
    issue::Severity,
    order::{Buyer, Line, Order, Payment, Shipment, Totals},
};

const ANY: Ability = Ability {
    creates: true,
    books_stock: false,
    statuses: &[],
    payment_statuses: &[],
    fulfilment_statuses: &[],
};

fn policy() -> Policy {
    Policy::new(ConnectionId::parse("shop").unwrap(), "demo")
}

fn record(updated_at: i64, change: impl FnOnce(&mut Order)) -> Record {
    let mut order = Order {
        number: "1".to_owned(),
        status: "processing".to_owned(),
        payment_status: "unpaid".to_owned(),
        fulfilment_status: String::new(),
        placed_at: None,
        currency: crate::money::Currency::USD,
        totals: Totals::default(),
        lines: vec![Line {
            title: "Tee".to_owned(),
            quantity: crate::money::Decimal::ONE,
            ..Line::default()
        }],
        buyer: Buyer {
            phone: "5".to_owned(),
            ..Buyer::default()
        },
        shipping_address: crate::order::Address::default(),
        billing_address: crate::order::Address::default(),
        shipments: Vec::new(),
        payments: Vec::new(),
        note: "Ring".to_owned(),
    };
    change(&mut order);
    Record {
        remote_id: "7".into(),
        url: None,
        updated_at: Some(Time(updated_at)),
        token: None,
        order,
    }
}

fn nothing(_: &Line) -> Option<(ItemId, Key)> {
    None
}

/// What the hub has of the shop's order after it changed there at 60, and after `hub` happened to it here at 50.
fn after(policy: &Policy, hub: impl FnOnce(&mut Item), there: impl FnOnce(&mut Order)) -> Merged {
    let Merged {
        mut item,
        equivalence,
        ..
    } = absorb(ItemId(1), &record(0, |_| {}), &nothing, policy, Time(0));
    hub(&mut item);
    take_in(
        item,
        equivalence,
        &record(60, there),
        &nothing,
        policy,
        &ANY,
        Time(100),
    )
}

/// The hub's status became `hub` at 50; the shop's became `shop` at 60.
fn check_conflict(hub: &str, shop: &str, authority: Option<&str>, wanted: &str, notices: usize) {
    let mut policy = policy();
    let authority = authority.map(|name| (Field::Status, ConnectionId::parse(name).unwrap()));
    policy.hub.authority.extend(authority);
    let status = Path::field(Field::Status);
    let by_person = |item: &mut Item| {
        item.content.put(status.clone(), Some(Value::Text(hub.into())));
        let by = Author::Person;
        stamp(&mut item.stamps, status.clone(), Stamp { at: Time(50), by });
    };
    let merged = after(&policy, by_person, |order| order.status = shop.to_owned());
    let case = format!("hub {hub}, shop {shop}");
    assert_eq!(merged.item.content.text(&status), wanted, "{case}");
    let issues: Vec<_> = merged
        .equivalence
        .issues
        .iter()
        .map(|i| (i.code, i.severity))
        .collect();
    assert_eq!(
        issues,
        vec![(Code::Conflict, Severity::Notice); notices],
        "{case}"
    );
}

#[test]
fn of_two_changes_the_authority_wins_else_the_later_and_the_loser_is_a_notice() {
    check_conflict("processing", "completed", None, "completed", 0);
    check_conflict("on-hold", "processing", None, "on-hold", 0);
    check_conflict("completed", "completed", None, "completed", 0);
    check_conflict("on-hold", "completed", None, "completed", 1);
    check_conflict("on-hold", "completed", Some("other"), "on-hold", 1);
    check_conflict("on-hold", "layaway", Some("shop"), "layaway", 1);
}

#[test]
fn a_note_may_become_blank_and_what_says_who_bought_never_does() {
    let merged = after(
        &policy(),
        |_| {},
        |order| {
            order.note.clear();
            order.buyer.phone.clear();
            order.status.clear();
        },
    );
    let content = merged.item.content;
    assert_eq!(content.text(&Path::field(Field::Note)), "");
    assert_eq!(content.text(&Path::detail(Detail::Phone)), "5");
    assert_eq!(content.text(&Path::field(Field::Status)), "processing");
}

/// Who sent the order again, and what the hub has of the line and the total then.
fn check_origin(origin: &str, there: fn(&mut Order), lines_left: usize, total: Option<i64>) {
    let placed = Value::Text(origin.into());
    let merged = after(
        &policy(),
        |item| item.content.put(Path::detail(Detail::Origin), Some(placed)),
        there,
    );
    let content = merged.item.content;
    assert_eq!(lines(&content).count(), lines_left, "from {origin}");
    let total = total.map(crate::money::Decimal::from);
    assert_eq!(
        content.number(&Path::detail(Detail::Total)),
        total,
        "from {origin}"
    );
}

#[test]
fn what_was_bought_only_comes_from_where_it_was_and_never_goes_altogether() {
    let more = |order: &mut Order| {
        order.totals.total = Some(crate::money::Decimal::from(9));
        order.lines.push(Line {
            title: "Cap".to_owned(),
            ..Line::default()
        });
    };
    check_origin("shop", more, 2, Some(9));
    check_origin("other", more, 1, None);
    let other = |order: &mut Order| order.lines[0].title = "Cap".to_owned();
    check_origin("shop", other, 1, None);
    check_origin("shop", |order| order.lines.clear(), 1, None);
}

#[test]
fn a_shipment_or_payment_that_is_gone_there_stays_and_what_is_new_is_added() {
    let policy = policy();
    let shipped = |order: &mut Order| {
        order.shipments.push(Shipment {
            tracking_number: "T1".to_owned(),
            ..Shipment::default()
        });
        order.payments.push(Payment {
            reference: "R1".to_owned(),
            ..Payment::default()
        });
    };
    let Merged {
        item, equivalence, ..
    } = after(&policy, |_| {}, shipped);
    let parts = |item: &Item| {
        let of_both = |part: &Part| matches!(part, Part::Shipment(_) | Part::Payment(_));
        item.content.parts().filter(of_both).count()
    };
    assert_eq!(parts(&item), 2);
    let bare = record(70, |_| {});
    let merged = take_in(item, equivalence, &bare, &nothing, &policy, &ANY, Time(110));
    assert_eq!(parts(&merged.item), 2);
    assert!(!merged.item_changed);
}

#[test]
fn a_record_is_late_only_where_the_platform_says_so() {
    let check = |before: Option<i64>, now: Option<i64>, wanted: bool| {
        let acknowledged: Content = before
            .map(|at| (Path::detail(Detail::UpdatedAt), Value::Time(Time(at))))
            .into_iter()
            .collect();
        let record = Record {
            updated_at: now.map(Time),
            ..record(0, |_| {})
        };
        assert_eq!(
            is_late(&record, &acknowledged),
            wanted,
            "{before:?}, then {now:?}"
        );
    };
    check(Some(5), Some(4), true);
    check(Some(5), Some(5), false);
    check(Some(5), Some(6), false);
    check(None, Some(4), false);
    check(Some(5), None, false);
}

#[test]
fn what_is_ignored_is_not_absorbed_but_what_identifies_an_order_is() {
    let mut policy = policy();
    policy.orders.fields.default = Mutability::Ignore;
    let item = absorb(ItemId(1), &record(0, |_| {}), &nothing, &policy, Time(0)).item;
    let paths: Vec<String> = item.content.iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(paths, ["number", "origin", "currency"]);
}

/// An order whose parcel the hub and the shop have both, under the same number, before they met.
#[test]
fn of_a_parcel_that_both_sides_had_the_hubs_words_stay_and_count_as_shown() {
    let policy = policy();
    let parcel = Part::Shipment(Key(30));
    let carrier = Path::of(parcel, Leaf::Detail(Detail::Carrier));
    let url = Path::of(parcel, Leaf::Detail(Detail::TrackingUrl));
    let text = |text: &str| Value::Text(text.into());
    let ours = |item: &mut Item| {
        let content = &mut item.content;
        content.put(Path::of(parcel, Leaf::Exists), Some(Value::Present));
        content.put(
            Path::of(parcel, Leaf::Detail(Detail::TrackingNumber)),
            Some(text("T1")),
        );
        content.put(carrier.clone(), Some(text("Post")));
        item.next_key = Key(31);
    };
    let theirs = |order: &mut Order| {
        order.shipments.push(Shipment {
            carrier: "POST".to_owned(),
            tracking_number: "T1".to_owned(),
            tracking_url: "https://post.example".to_owned(),
            ..Shipment::default()
        });
    };
    let merged = after(&policy, ours, theirs);
    assert_eq!(merged.item.content.text(&carrier), "Post");
    assert_eq!(merged.item.content.text(&url), "https://post.example");
    assert_eq!(merged.equivalence.sent, [(carrier, Some(text("Post")))]);
    assert_eq!(merged.equivalence.issues, []);
}

/// A write of a status and a parcel that was begun; then the shop is seen with these.
fn check_unclear(status: &str, parcel: &str, still_sent: &[&str]) {
    let policy = policy();
    let Merged {
        mut item,
        mut equivalence,
        ..
    } = absorb(ItemId(1), &record(0, |_| {}), &nothing, &policy, Time(0));
    let part = Part::Shipment(Key(30));
    let number = Path::of(part, Leaf::Detail(Detail::TrackingNumber));
    let text = |text: &str| Some(Value::Text(text.into()));
    let values = vec![
        (Path::field(Field::Status), text("completed")),
        (Path::of(part, Leaf::Exists), Some(Value::Present)),
        (number, text("T1")),
    ];
    for (path, value) in &values {
        item.content.put(path.clone(), value.clone());
    }
    item.next_key = Key(31);
    equivalence.sending = Some(crate::item::Sending {
        token: "t".to_owned(),
        values,
        at: Time(5),
    });
    let seen = record(0, |order| {
        order.status = status.to_owned();
        if !parcel.is_empty() {
            order.shipments.push(Shipment {
                tracking_number: parcel.to_owned(),
                ..Shipment::default()
            });
        }
    });
    let merged = take_in(item, equivalence, &seen, &nothing, &policy, &ANY, Time(9));
    let case = format!("{status} and {parcel:?} after an unclear write");
    let sent: Vec<String> = merged
        .equivalence
        .sent
        .iter()
        .map(|(path, _)| path.to_string())
        .collect();
    assert_eq!(sent, still_sent, "{case}");
    assert_eq!(merged.equivalence.sending, None, "{case}");
    let content = merged.item.content;
    assert_eq!(content.text(&Path::field(Field::Status)), "completed", "{case}");
    assert_eq!(
        content
            .parts()
            .filter(|part| matches!(part, Part::Shipment(_)))
            .count(),
        1,
        "{case}"
    );
}

#[test]
fn of_an_unclear_write_a_parcel_that_did_not_come_along_is_still_to_come() {
    check_unclear("processing", "", &[]);
    check_unclear("completed", "", &[]);
    check_unclear("completed", "T1", &[]);
    check_unclear("completed", "T-1", &["shipments/30/tracking_number"]);
}

#[test]
fn what_was_sent_is_forgotten_once_the_shop_says_something_else() {
    let policy = policy();
    let Merged {
        item,
        mut equivalence,
        ..
    } = absorb(ItemId(1), &record(0, |_| {}), &nothing, &policy, Time(0));
    let text = |text: &str| Some(Value::Text(text.into()));
    equivalence.sent = vec![
        (Path::field(Field::Note), text(" Ring ")),
        (Path::field(Field::Fulfilment), text("fulfilled")),
    ];
    let news = record(60, |order| order.note = "Wait".to_owned());
    let merged = take_in(item, equivalence, &news, &nothing, &policy, &ANY, Time(100));
    assert_eq!(
        merged.equivalence.sent,
        [(Path::field(Field::Fulfilment), text("fulfilled"))]
    );
}

#[test]
fn nothing_is_said_of_a_parcel_that_the_hub_does_not_have() {
    let policy = policy();
    let parcel = |number: &str| Shipment {
        remote_id: Some("s1".into()),
        tracking_number: number.to_owned(),
        ..Shipment::default()
    };
    let before = record(0, |order| order.shipments.push(parcel("T1")));
    let Merged {
        mut item,
        equivalence,
        ..
    } = absorb(ItemId(1), &before, &nothing, &policy, Time(0));
    item.content
        .retain(|path| !matches!(path.part, Part::Shipment(_)));
    let news = record(60, |order| order.shipments.push(parcel("T2")));
    let merged = take_in(
        item.clone(),
        equivalence,
        &news,
        &nothing,
        &policy,
        &ANY,
        Time(100),
    );
    assert_eq!(merged.item, item);
}

#[test]
fn when_a_record_changed_is_known_of_the_connection_and_no_part_of_the_order() {
    let merged = absorb(ItemId(1), &record(5, |_| {}), &nothing, &policy(), Time(0));
    let seen = Path::detail(Detail::UpdatedAt);
    assert_eq!(merged.item.content.get(&seen), None);
    let known = merged.equivalence.acknowledged;
    assert_eq!(known.get(&seen), Some(&Value::Time(Time(5))));
}

#[test]
fn a_line_that_is_read_half_stays_whole() {
    let tee = |line: &Line| (line.title == "Tee").then_some((ItemId(7), Key(1)));
    let policy = policy();
    let absorbed = absorb(ItemId(1), &record(0, |_| {}), &tee, &policy, Time(0));
    let check = |there: &dyn Fn(&mut Order)| {
        let merged = take_in(
            absorbed.item.clone(),
            absorbed.equivalence.clone(),
            &record(60, there),
            &nothing,
            &policy,
            &ANY,
            Time(100),
        );
        assert_eq!(
            crate::content::diff(&absorbed.item.content, &merged.item.content),
            []
        );
    };
    check(&|order| order.lines.clear());
    // The product is not found any more, and the number and the day are not told.
    check(&|order| order.number.clear());
}

/// A status that the shop made something else of, and a parcel that is being sent or updated and is not there.
#[test]
fn what_a_shop_made_of_a_status_stays_known_when_a_parcel_did_not_come_along() {
    let policy = policy();
    let text = |text: &str| Some(Value::Text(text.into()));
    let parcel = Part::Shipment(Key(30));
    let number = Path::of(parcel, Leaf::Detail(Detail::TrackingNumber));
    let status = (Path::field(Field::Status), text("completed"));
    let check = |values: Vec<(Path, Option<Value>)>, wanted: &[&str]| {
        let mut absorbed = absorb(ItemId(1), &record(0, |_| {}), &nothing, &policy, Time(0));
        absorbed.item.content.put(status.0.clone(), status.1.clone());
        absorbed.item.content.put(number.clone(), text("T2"));
        absorbed.equivalence.sent = vec![status.clone(), (number.clone(), text("T1"))];
        absorbed.equivalence.sending = Some(crate::item::Sending {
            token: "t".to_owned(),
            values,
            at: Time(5),
        });
        let seen = record(60, |_| {});
        let (item, here) = (absorbed.item, absorbed.equivalence);
        let merged = take_in(item, here, &seen, &nothing, &policy, &ANY, Time(100));
        let sent = merged.equivalence.sent.iter();
        let sent: Vec<String> = sent.map(|(path, _)| path.to_string()).collect();
        assert_eq!(sent, wanted);
    };
    let exists = Path::of(parcel, Leaf::Exists);
    check(vec![(exists, Some(Value::Present))], &["status"]);
    check(
        vec![(number.clone(), text("T2"))],
        &["status", "shipments/30/tracking_number"],
    );
}

#[test]
fn what_could_not_be_read_can_be_now_and_other_issues_stay() {
    let issue = |code| Issue {
        code,
        severity: Severity::Error,
        path: None,
        message: String::new(),
        at: Time(0),
    };
    let policy = policy();
    let mut absorbed = absorb(ItemId(1), &record(0, |_| {}), &nothing, &policy, Time(0));
    let codes = [Code::UnreadableRecord, Code::Refused, Code::Missing];
    absorbed.equivalence.issues = codes.map(issue).to_vec();
    let merged = take_in(
        absorbed.item,
        absorbed.equivalence,
        &record(60, |_| {}),
        &nothing,
        &policy,
        &ANY,
        Time(100),
    );
    assert_eq!(merged.equivalence.issues, [issue(Code::Refused)]);
}
