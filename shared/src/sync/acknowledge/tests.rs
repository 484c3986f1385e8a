use super::*;
use crate::{
    content::diff,
    ids::{ConnectionId, ItemId},
    money::Decimal,
    product::Product,
    sync::{
        merge::{absorb, take_in},
        pending::{Standing, pending},
        terms::Around,
    },
};

fn policy() -> Policy {
    Policy::new(ConnectionId::parse("shop").unwrap(), "demo")
}

fn record(title: &str, brand: &str) -> Record {
    Record {
        remote_id: "7".into(),
        url: None,
        updated_at: None,
        token: None,
        product: Product {
            title: title.to_owned(),
            brand: brand.to_owned(),
            variants: vec![crate::product::Variant::default()],
            ..Product::default()
        },
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// The title `sent` was written over "Tee"; the platform answers with `answer` and `brand`, which was "Acme".
fn check(sent: &str, answer: &str, brand: &str, remembered: &[&str]) {
    let policy = policy();
    let title = Path::field(Field::Title);
    let merged = absorb(
        ItemId(1),
        &record("Tee", "Acme"),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let mut item = merged.item;
    item.content.put(title.clone(), Some(text(sent)));
    let here = merged.equivalence;
    let plan = pending(
        &item,
        Some(&here),
        Standing::Live,
        &Around::default(),
        &policy,
        &Field::PRODUCT,
        Time(1),
    );
    let intent = intend(here.clone(), &plan, "t".to_owned(), Time(1));
    let (after, _) = acknowledge(
        &item,
        intent.clone(),
        &record(answer, brand),
        &policy,
        StockWrites::Absolute,
        Time(2),
    );
    let case = format!("sent {sent}, answered {answer} and {brand}");
    assert_eq!(after.acknowledged.get(&title), Some(&text(answer)), "{case}");
    assert_eq!(
        after.acknowledged.get(&Path::field(Field::Brand)),
        Some(&text("Acme")),
        "{case}: what was not sent is for the next fetch to see"
    );
    let remembered: Vec<_> = remembered
        .iter()
        .map(|sent| (title.clone(), Some(text(sent))))
        .collect();
    assert_eq!(after.sent, remembered, "{case}");
    assert_eq!(after.sending, None, "{case}");
    let next = pending(
        &item,
        Some(&after),
        Standing::Live,
        &Around::default(),
        &policy,
        &Field::PRODUCT,
        Time(3),
    );
    assert_eq!(next.changes, [], "{case}");

    let refused = refuse(intent.clone(), Code::Refused, "No.", &policy, Time(2));
    assert!(was_refused(&refused, &plan), "{case}");
    assert_eq!(diff(&refused.acknowledged, &here.acknowledged), [], "{case}");
    assert_eq!(withdraw(intent), here, "{case}");
}

#[test]
fn what_is_shown_at_the_sent_paths_is_acknowledged_and_what_was_sent_is_remembered() {
    check("Shirt", "Shirt", "Acme", &[]);
    check("Shirt ", "Shirt", "Acme", &["Shirt "]);
    check("Shirt", "Shirt", "Bolt", &[]);
    check("A & B", "Tee", "Bolt", &["A & B"]);
}

#[test]
fn what_was_refused_is_not_what_differs_from_it() {
    let policy = policy();
    let merged = absorb(
        ItemId(1),
        &record("Tee", "Acme"),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let (mut item, here) = (merged.item, merged.equivalence);
    let title = Path::field(Field::Title);
    item.content.put(title.clone(), Some(text("Bad")));
    let plan = |item: &Item, here| {
        pending(
            item,
            Some(here),
            Standing::Live,
            &Around::default(),
            &policy,
            &Field::PRODUCT,
            Time(1),
        )
    };
    let intent = intend(here.clone(), &plan(&item, &here), "t".to_owned(), Time(1));
    let refused = refuse(intent, Code::Refused, "No.", &policy, Time(2));
    assert!(was_refused(&refused, &plan(&item, &refused)));
    assert_eq!(refused.issues.len(), 1);
    item.content.put(title, Some(text("Better")));
    assert!(!was_refused(&refused, &plan(&item, &refused)));
}

/// What is known of stock, what is sent over it, what the platform answers, what is acknowledged then, and whether what
/// was sent is remembered beside it.
fn check_stock(
    writes: StockWrites,
    (known, sent, answer): (i64, i64, Option<i64>),
    acknowledged: Option<i64>,
    remembered: bool,
) {
    let policy = policy();
    let counted = |quantity: Option<i64>| {
        let mut record = record("Tee", "Acme");
        let stock = &mut record.product.variants[0].stock;
        stock.extend(quantity.map(|quantity| ("default".to_owned(), Decimal::from(quantity))));
        record
    };
    let fields = &Field::PRODUCT;
    let merged = absorb(ItemId(1), &counted(Some(known)), &policy, fields, Time(0));
    let (mut item, here) = (merged.item, merged.equivalence);
    let stock = Path::stock(Key(1), "default");
    item.content.put(stock.clone(), Some(Value::Number(sent.into())));
    let plan = pending(
        &item,
        Some(&here),
        Standing::Live,
        &Around::default(),
        &policy,
        fields,
        Time(1),
    );
    let intent = intend(here, &plan, "t".to_owned(), Time(1));
    let (after, _) = acknowledge(&item, intent, &counted(answer), &policy, writes, Time(2));
    let case = format!("{writes:?}: {sent} over {known}, answered {answer:?}");
    assert_eq!(
        after.acknowledged.number(&stock),
        acknowledged.map(Decimal::from),
        "{case}"
    );
    assert_eq!(!after.sent.is_empty(), remembered, "{case}");
    let next = pending(
        &item,
        Some(&after),
        Standing::Live,
        &Around::default(),
        &policy,
        fields,
        Time(3),
    );
    assert_eq!(next.changes, [], "{case}");

    let taken = take_in(item, after, &counted(answer), &policy, fields, writes, Time(4)).item;
    let movement = match (writes, answer) {
        (StockWrites::Adjusts, Some(answer)) => answer - sent,
        _ => 0,
    };
    assert_eq!(
        taken.content.number(&stock),
        Some(Decimal::from(sent + movement)),
        "{case}"
    );
}

#[test]
fn what_is_shown_beside_adjusted_stock_is_left_to_the_next_fetch() {
    use StockWrites::{Absolute, Adjusts};
    check_stock(Absolute, (10, 8, Some(8)), Some(8), false);
    check_stock(Absolute, (10, 8, Some(0)), Some(0), true);
    check_stock(Adjusts, (10, 8, Some(8)), Some(8), false);
    check_stock(Adjusts, (10, 8, Some(5)), Some(8), false);
    check_stock(Adjusts, (10, 8, Some(-1)), Some(8), false);
    check_stock(Adjusts, (10, 8, None), None, true);
}

#[test]
fn a_refusal_is_told_once_and_goes_when_it_may_be_tried_again() {
    let policy = policy();
    let conflict = Issue {
        code: Code::Conflict,
        severity: Severity::Notice,
        path: None,
        message: "Both changed it.".to_owned(),
        at: Time(0),
    };
    let before = Equivalence {
        sending: Some(Sending {
            token: "t".to_owned(),
            values: vec![(Path::field(Field::Title), Some(text("Bad")))],
            at: Time(0),
        }),
        issues: vec![conflict.clone()],
        ..Equivalence::default()
    };
    let mut here = before.clone();
    for code in [Code::Missing, Code::Refused, Code::Missing] {
        here.sending.clone_from(&before.sending);
        here = refuse(here, code, "No.", &policy, Time(1));
        let codes: Vec<Code> = here.issues.iter().map(|issue| issue.code).collect();
        assert_eq!(codes, [Code::Conflict, code]);
        assert!(here.refused.is_some());
    }
    let allowed = allow(here);
    assert_eq!((allowed.refused, allowed.issues), (None, vec![conflict]));
}

/// A record that was created with 5 pieces and is found, or answered, with `shown`.
fn check_created_stock(writes: StockWrites, shown: i64, hub: i64) {
    let policy = policy();
    let fields = &Field::PRODUCT;
    let counted = |quantity: i64| {
        let mut record = record("Tee", "Acme");
        let stock = &mut record.product.variants[0].stock;
        stock.insert("default".to_owned(), Decimal::from(quantity));
        record
    };
    let other = Policy::new(ConnectionId::parse("other").unwrap(), "demo");
    let item = absorb(ItemId(1), &counted(5), &other, fields, Time(0)).item;
    let mut creating = policy.clone();
    creating.products.clone = crate::policy::CloneWhich::All;
    let around = Around::default();
    let plan = pending(&item, None, Standing::Live, &around, &creating, fields, Time(1));
    let intent = intend(Equivalence::default(), &plan, "t".to_owned(), Time(1));
    let (after, _) = acknowledge(&item, intent, &counted(shown), &policy, writes, Time(2));
    let taken = take_in(item, after, &counted(shown), &policy, fields, writes, Time(4)).item;
    let now = taken.content.number(&Path::stock(Key(1), "default"));
    assert_eq!(
        now,
        Some(Decimal::from(hub)),
        "{writes:?}, created with 5, shows {shown}"
    );
}

#[test]
fn what_was_sold_before_a_created_record_was_found_counts() {
    check_created_stock(StockWrites::Adjusts, 5, 5);
    check_created_stock(StockWrites::Adjusts, 3, 3);
    check_created_stock(StockWrites::Absolute, 3, 5);
}

fn planned(changes: &[(Path, Option<Value>)], wanted: &[(Path, Value)]) -> Pending {
    let change = |(path, new): &(Path, Option<Value>)| Change {
        path: path.clone(),
        old: None,
        new: new.clone(),
    };
    Pending {
        changes: changes.iter().map(change).collect(),
        wanted: wanted.iter().cloned().collect(),
        ..Pending::nothing(None)
    }
}

#[test]
fn a_picture_is_written_with_its_gallery_once() {
    let picture = Path {
        part: Part::Picture(Key(3)),
        leaf: crate::content::Leaf::Exists,
    };
    let (picture, gallery, title) = (picture, Path::pictures(), Path::field(Field::Title));
    let order = Value::Keys(vec![Key(3)]);
    let wanted = [(gallery.clone(), order.clone())];
    let check = |changed: &[&Path], written: &[&Path]| {
        let changes: Vec<_> = changed.iter().map(|path| ((*path).clone(), None)).collect();
        let intent = intend(
            Equivalence::default(),
            &planned(&changes, &wanted),
            "t".to_owned(),
            Time(1),
        );
        let sending = intent.sending.unwrap();
        let paths: Vec<&Path> = sending.values.iter().map(|(path, _)| path).collect();
        assert_eq!(paths, written, "{changed:?}");
    };
    check(&[&title], &[&title]);
    check(&[&picture], &[&picture, &gallery]);
    check(&[&gallery], &[&gallery]);
    check(&[&gallery, &picture], &[&gallery, &picture]);
}

#[test]
fn an_answer_ends_refusals_and_tells_when() {
    let policy = policy();
    let merged = absorb(
        ItemId(1),
        &record("Tee", "Acme"),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let refused = refuse(
        Equivalence {
            sending: Some(Sending {
                token: "t".to_owned(),
                values: vec![(Path::field(Field::Title), Some(text("Bad")))],
                at: Time(0),
            }),
            ..merged.equivalence
        },
        Code::Refused,
        "No.",
        &policy,
        Time(1),
    );
    assert!(refused.refused.is_some());
    let answer = record("Tee", "Acme");
    let (after, _) = acknowledge(
        &merged.item,
        refused,
        &answer,
        &policy,
        StockWrites::Absolute,
        Time(2),
    );
    assert_eq!(after.refused, None);
    assert_eq!(after.issues, []);
    assert_eq!(after.acknowledged_at, Some(Time(2)));
}

/// The hub's status moved on while a write of it was under way, at a connection that has a status for new records.
#[test]
fn a_status_that_moves_during_its_write_is_still_pending() {
    let mut policy = policy();
    policy.products.defaults.status = Some(crate::product::Status::Draft);
    let status = Path::field(Field::Status);
    let merged = absorb(
        ItemId(1),
        &record("Tee", "Acme"),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let (mut item, here) = (merged.item, merged.equivalence);
    let plan = |item: &Item, here: &Equivalence, at| {
        pending(
            item,
            Some(here),
            Standing::Live,
            &Around::default(),
            &policy,
            &Field::PRODUCT,
            at,
        )
    };
    item.content.put(status.clone(), Some(text("paused")));
    let first = plan(&item, &here, Time(1));
    assert_eq!(first.changes.len(), 1);
    let intent = intend(here, &first, "t".to_owned(), Time(1));
    item.content.put(status.clone(), Some(text("active")));
    let mut answer = record("Tee", "Acme");
    answer.product.status = Some(crate::product::Status::Draft);
    let (after, _) = acknowledge(&item, intent, &answer, &policy, StockWrites::Absolute, Time(2));
    assert_eq!(after.sent, [(status.clone(), Some(text("paused")))]);
    let next = plan(&item, &after, Time(3));
    let paths: Vec<&Path> = next.changes.iter().map(|change| &change.path).collect();
    assert_eq!(paths, [&status]);
}

#[test]
fn a_create_that_could_be_several_records_says_so_once_beside_other_issues() {
    let policy = policy();
    let issue = |code| Issue {
        code,
        severity: Severity::Notice,
        path: None,
        message: String::new(),
        at: Time(0),
    };
    let before = Equivalence {
        issues: vec![issue(Code::AmbiguousMatch), issue(Code::Conflict)],
        option_names: vec![("color".to_owned(), "Colour".to_owned())],
        ..Equivalence::default()
    };
    let after = unclear(before.clone(), 2, &policy, Time(5));
    let codes: Vec<_> = after.issues.iter().map(|issue| (issue.code, issue.at)).collect();
    assert_eq!(
        codes,
        [(Code::Conflict, Time(0)), (Code::AmbiguousMatch, Time(5))]
    );
    assert_eq!(after.option_names, before.option_names);
}

#[test]
fn what_was_not_taken_of_a_write_stays_pending_and_is_not_sent_again_by_itself() {
    let policy = policy();
    let stocked = |title: &str, brand: &str, quantity: i64| {
        let mut record = record(title, brand);
        let stock = &mut record.product.variants[0].stock;
        stock.insert("default".to_owned(), quantity.into());
        record
    };
    let before = stocked("Tee", "Acme", 5);
    let merged = absorb(ItemId(1), &before, &policy, &Field::PRODUCT, Time(0));
    let (mut item, here) = (merged.item, merged.equivalence);
    let (title, brand) = (Path::field(Field::Title), Path::field(Field::Brand));
    let stock = Path::stock(Key(1), "default");
    item.content.put(title.clone(), Some(text("Shirt")));
    item.content.put(brand.clone(), Some(text("Bolt")));
    item.content.put(stock.clone(), Some(Value::Number(3.into())));
    let plan = |here: &Equivalence| {
        let around = Around::default();
        pending(
            &item,
            Some(here),
            Standing::Live,
            &around,
            &policy,
            &Field::PRODUCT,
            Time(1),
        )
    };
    let intent = intend(here.clone(), &plan(&here), "t".to_owned(), Time(1));
    // It took the title and the quantity, and has something against the brand.
    let shown = stocked("Shirt", "Acme", 3);
    let (after, _) = acknowledge_part(&item, intent.clone(), &shown, "no such brand", &policy, Time(2));
    assert_eq!(after.acknowledged.get(&title), Some(&text("Shirt")));
    assert_eq!(
        after.acknowledged.number(&stock),
        Some(3.into()),
        "a quantity that was written is no movement"
    );
    let left = plan(&after);
    assert_eq!(
        left.changes.iter().map(|change| &change.path).collect::<Vec<_>>(),
        [&brand]
    );
    assert!(was_refused(&after, &left) && after.sending.is_none());
    assert!(
        after.issues[0].message.contains("no such brand"),
        "{:?}",
        after.issues
    );
    // A quantity that was not taken is one that is still to be written, and no movement either.
    let (after, _) = acknowledge_part(
        &item,
        intent,
        &stocked("Shirt", "Bolt", 5),
        "not counted",
        &policy,
        Time(2),
    );
    assert_eq!(after.acknowledged.number(&stock), Some(5.into()));
    let left = plan(&after);
    assert_eq!(
        left.changes.iter().map(|change| &change.path).collect::<Vec<_>>(),
        [&stock]
    );
    assert!(was_refused(&after, &left));
}
