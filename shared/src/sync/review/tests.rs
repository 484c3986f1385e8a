use super::*;
use crate::{
    ids::{ItemId, Key, RemoteId},
    item::{Author, Presence, Stamp},
};

const NOW: Time = Time(1000);

#[expect(clippy::unnecessary_wraps, reason = "both sides of a change may be missing")]
fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.into()))
}

fn title() -> Path {
    Path::field(Field::Title)
}

fn brand() -> Path {
    Path::field(Field::Brand)
}

fn change(path: Path, old: Option<Value>, new: Option<Value>) -> Change {
    Change { path, old, new }
}

/// What is pending of a record that is there, before anything was decided.
fn update(changes: &[Change]) -> Pending {
    let wanted: Content = changes
        .iter()
        .filter_map(|change| Some((change.path.clone(), change.new.clone()?)))
        .collect();
    Pending {
        changes: changes.to_vec(),
        wanted,
        ..Pending::nothing(Some(Mark::Update))
    }
}

fn item(stamps: &[(Path, i64)]) -> Item {
    let stamp = |(path, at): &(Path, i64)| {
        let stamp = Stamp {
            at: Time(*at),
            by: Author::Person,
        };
        (path.clone(), stamp)
    };
    Item {
        id: ItemId(1),
        content: Content::new(),
        next_key: Key(1),
        stamps: stamps.iter().map(stamp).collect(),
        created_at: Time(0),
        updated_at: Time(0),
    }
}

fn there(shown: &[(Path, Option<Value>)]) -> Equivalence {
    Equivalence {
        presence: Presence::Live {
            remote_id: RemoteId::from("7"),
            url: None,
        },
        acknowledged: shown
            .iter()
            .filter_map(|(path, value)| Some((path.clone(), value.clone()?)))
            .collect(),
        ..Equivalence::default()
    }
}

fn sent(pending: &Pending, item: &Item, here: &Equivalence, mode: SendMode) -> Vec<Path> {
    let ready = ready(pending.clone(), item, Some(here), mode);
    assert_eq!(ready.waiting + ready.pending.changes.len(), pending.changes.len());
    ready
        .pending
        .changes
        .into_iter()
        .map(|change| change.path)
        .collect()
}

#[test]
fn an_approval_is_of_exactly_what_was_shown() {
    let shown = update(&[
        change(brand(), text("Acme"), text("Nadir")),
        change(title(), text("Lamp"), text("Desk lamp")),
    ]);
    let here = there(&[]);
    assert!(sent(&shown, &item(&[]), &here, SendMode::Review).is_empty());
    assert_eq!(sent(&shown, &item(&[]), &here, SendMode::Auto).len(), 2);
    let here = approve(here, &shown, NOW);
    let check = |changes: &[Change], stamps: &[(Path, i64)], wanted: &[Path]| {
        let sent = sent(&update(changes), &item(stamps), &here, SendMode::Review);
        assert_eq!(sent, wanted, "{changes:?} {stamps:?}");
    };
    let [branded, titled] = &shown.changes[..] else {
        panic!("two changes");
    };
    check(&shown.changes, &[], &[brand(), title()]);
    check(std::slice::from_ref(branded), &[], &[brand()]);
    let other = change(title(), text("Lamp"), text("Table lamp"));
    check(&[branded.clone(), other], &[], &[brand()]);
    let moved = change(title(), text("Lamp!"), text("Desk lamp"));
    check(&[branded.clone(), moved], &[], &[brand()]);
    // It changed in the hub and back again since.
    check(&shown.changes, &[(title(), 1001)], &[brand()]);
    check(
        &[branded.clone(), titled.clone()],
        &[(title(), 999)],
        &[brand(), title()],
    );
}

#[test]
fn a_rejected_value_is_not_pending_until_the_hub_changes_it() {
    let shown = update(&[
        change(brand(), text("Acme"), text("Nadir")),
        change(title(), text("Lamp"), text("Desk lamp")),
    ]);
    let only_title = update(&shown.changes[1..]);
    let here = reject(there(&[]), &only_title, NOW);
    let left = decided(shown.clone(), &item(&[]), Some(&here));
    assert_eq!(left.changes, shown.changes[..1]);
    assert_eq!(left.rejected, shown.changes[1..]);
    assert_eq!(left.mark, Some(Mark::Update));
    // Whatever the platform shows in its place meanwhile.
    let moved = update(&[change(title(), text("Lamp!"), text("Desk lamp"))]);
    let left = decided(moved, &item(&[]), Some(&here));
    assert_eq!((left.changes.len(), left.mark), (0, Some(Mark::Live)));
    let other = update(&[change(title(), text("Lamp"), text("Table lamp"))]);
    assert_eq!(decided(other.clone(), &item(&[]), Some(&here)), other);
    assert_eq!(
        decided(only_title.clone(), &item(&[(title(), 1001)]), Some(&here)),
        only_title
    );
    assert_eq!(decided(shown.clone(), &item(&[]), Some(&reconsider(here))), shown);
}

#[test]
fn what_comes_together_is_decided_together() {
    let exists = Path::variant(Key(2), Leaf::Exists);
    let price = Path::variant_field(Key(2), Field::Price);
    let coming = [
        change(title(), text("Lamp"), text("Desk lamp")),
        change(exists, None, Some(Value::Present)),
        change(price.clone(), None, text("10")),
    ];
    let shown = update(&coming);
    let here = reject(there(&[]), &update(&coming[1..]), NOW);
    let left = decided(shown, &item(&[]), Some(&here));
    assert_eq!(left.changes, coming[..1]);
    // Another price makes the whole variant pending again.
    let mut other = coming.to_vec();
    other[2] = change(price, None, text("11"));
    let left = decided(update(&other), &item(&[]), Some(&here));
    assert_eq!(left.changes, other);

    let created = Pending {
        mark: Some(Mark::Create),
        ..update(&coming)
    };
    let here = reject(Equivalence::default(), &created, NOW);
    let left = decided(created.clone(), &item(&[]), Some(&here));
    assert_eq!(
        (left.changes.len(), left.rejected.len(), left.mark),
        (0, 3, Some(Mark::Held))
    );
    let mut other = created.clone();
    other.changes[0].new = text("Table lamp");
    assert_eq!(decided(other.clone(), &item(&[]), Some(&here)), other);
    let here = approve(Equivalence::default(), &created, NOW);
    assert_eq!(sent(&created, &item(&[]), &here, SendMode::Review).len(), 3);
    assert!(sent(&other, &item(&[]), &here, SendMode::Review).is_empty());
}

#[test]
fn what_was_sent_is_put_back_where_it_is_still_shown_and_approved_first() {
    let written = [
        change(brand(), None, text("Nadir")),
        change(title(), text("Lamp"), text("Desk lamp")),
        change(Path::stock(Key(1), "default"), text("5"), text("4")),
        change(Path::variant(Key(2), Leaf::Exists), None, Some(Value::Present)),
    ];
    let shown: Vec<(Path, Option<Value>)> = written
        .iter()
        .map(|change| (change.path.clone(), change.new.clone()))
        .collect();
    let wanted = there(&shown).acknowledged;
    let quiet = |wanted: &Content| Pending {
        wanted: wanted.clone(),
        ..Pending::nothing(Some(Mark::Live))
    };
    let (here, values) = put_back(there(&shown), &written, &wanted, NOW);
    assert_eq!(values, 2, "quantities and new parts stay");
    let back = decided(quiet(&wanted), &item(&[]), Some(&here));
    assert_eq!(
        back.changes,
        [
            change(title(), text("Desk lamp"), text("Lamp")),
            change(brand(), text("Nadir"), None)
        ]
    );
    assert_eq!(back.mark, Some(Mark::Update));
    for mode in [SendMode::Auto, SendMode::Review] {
        assert!(sent(&back, &item(&[]), &here, mode).is_empty());
        let approved = approve(here.clone(), &back, NOW);
        assert_eq!(sent(&back, &item(&[]), &approved, mode), [title(), brand()]);
    }
    // Rejected, everything stays as it was sent.
    let rejected = reject(here.clone(), &back, NOW);
    assert_eq!(
        decided(quiet(&wanted), &item(&[]), Some(&rejected)),
        quiet(&wanted)
    );

    // Once it is back, the hub's own value is not sent again until it changes.
    let returned = Equivalence {
        acknowledged: there(&[(title(), text("Lamp"))]).acknowledged,
        decisions: super::written(here.decisions.clone(), &[&title()]),
        ..here.clone()
    };
    let again = Pending {
        wanted: wanted.clone(),
        ..update(&[change(title(), text("Lamp"), text("Desk lamp"))])
    };
    assert_eq!(decided(again.clone(), &item(&[]), Some(&returned)).changes, []);
    let edited = item(&[(title(), 1001)]);
    assert_eq!(
        decided(again.clone(), &edited, Some(&returned)).changes,
        again.changes
    );

    // Somebody changed it there since: it is left alone.
    let moved = there(&[(title(), text("Their lamp"))]);
    assert_eq!(put_back(moved, &written, &wanted, NOW).1, 0);
}
