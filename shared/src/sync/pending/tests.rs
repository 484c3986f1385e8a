use super::*;
use crate::{
    ids::{ConnectionId, ItemId},
    item::{Author, Stamp},
    policy::Mutability,
};

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::Text(text.into()))
}

/// The hub's brand is `hub`, the shop last showed `shown` after it was sent `sent`.
struct Case {
    hub: &'static str,
    shown: &'static str,
    sent: Option<&'static str>,
    mutability: Mutability,
    held: &'static [Field],
    stamped: &'static [Field],
}

const CASE: Case = Case {
    hub: "Acme",
    shown: "Acme",
    sent: None,
    mutability: Mutability::Sync,
    held: &[],
    stamped: &[],
};

fn check(case: &Case, mark: Mark, wanted: Option<(&str, &str)>) {
    let Case {
        hub,
        shown,
        sent,
        mutability,
        held,
        stamped,
    } = case;
    let brand = Path::field(Field::Brand);
    let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    policy.products.fields.by_field.insert(Field::Brand, *mutability);
    let content = |brand: &str| -> Content {
        let brand = text(brand).map(|brand| (Path::field(Field::Brand), brand));
        let variant = (Path::variant(Key(1), Leaf::Exists), Value::Present);
        brand.into_iter().chain([variant]).collect()
    };
    let stamp = |field: &Field| {
        let stamp = Stamp {
            at: Time(1),
            by: Author::Person,
        };
        (Path::field(*field), stamp)
    };
    let item = Item {
        id: ItemId(1),
        content: content(hub),
        next_key: Key(2),
        stamps: stamped.iter().map(stamp).collect(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let here = Equivalence {
        presence: Presence::Live {
            remote_id: "7".into(),
            url: None,
        },
        acknowledged: content(shown),
        sent: sent.map(|sent| (brand.clone(), text(sent))).into_iter().collect(),
        held: held.iter().map(|field| Path::field(*field)).collect(),
        ..Equivalence::default()
    };
    let found = pending(
        &item,
        Some(&here),
        Standing::Live,
        &Around::default(),
        &policy,
        &Field::PRODUCT,
        Time(9),
    );
    let case = format!("hub {hub:?}, shown {shown:?}, sent {sent:?}, {mutability:?}, held {held:?}");
    assert_eq!(found.mark, Some(mark), "{case}");
    let wanted: Vec<Change> = wanted
        .map(|(old, new)| Change {
            path: brand,
            old: text(old),
            new: text(new),
        })
        .into_iter()
        .collect();
    let all: Vec<Change> = found.changes.into_iter().chain(found.held).collect();
    assert_eq!(all, wanted, "{case}");
}

#[test]
fn a_path_is_pending_only_if_what_would_be_sent_differs_from_what_was() {
    check(&CASE, Mark::Live, None);
    check(
        &Case { hub: "Bolt", ..CASE },
        Mark::Update,
        Some(("Acme", "Bolt")),
    );
    check(&Case { shown: "", ..CASE }, Mark::Update, Some(("", "Acme")));
    let escaped = Case {
        hub: "A & B",
        shown: "A &amp; B",
        sent: Some("A & B"),
        ..CASE
    };
    check(&escaped, Mark::Live, None);
    check(
        &Case {
            hub: "A & C",
            ..escaped
        },
        Mark::Update,
        Some(("A &amp; B", "A & C")),
    );
}

#[test]
fn what_is_not_written_is_not_pending_and_what_is_held_waits() {
    for mutability in [Mutability::ReadOnly, Mutability::Ignore] {
        check(
            &Case {
                hub: "Bolt",
                mutability,
                ..CASE
            },
            Mark::Live,
            None,
        );
    }
    let write_only = Case {
        hub: "Bolt",
        mutability: Mutability::WriteOnly,
        ..CASE
    };
    check(&write_only, Mark::Update, Some(("Acme", "Bolt")));
    check(
        &Case {
            hub: "Bolt",
            held: &[Field::Brand],
            ..CASE
        },
        Mark::Held,
        Some(("Acme", "Bolt")),
    );
}

#[test]
fn a_blank_in_the_hub_blanks_a_platform_only_where_the_hub_lost_the_value() {
    check(&Case { hub: "", ..CASE }, Mark::Live, None);
    check(
        &Case {
            hub: "",
            stamped: &[Field::Brand],
            ..CASE
        },
        Mark::Update,
        Some(("Acme", "")),
    );
}
