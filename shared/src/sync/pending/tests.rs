use super::*;
use crate::{
    content::Picture,
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

/// A product of `colors` variants and the status "active" that is not there yet.
fn check_create(
    (colors, standing): (u32, Standing),
    clone: CloneWhich,
    fields: &[Field],
    mark: Option<Mark>,
    wanted: &[Path],
) {
    let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    policy.products.clone = clone;
    policy.products.defaults.status = Some(crate::product::Status::Draft);
    let variant = |key| (Path::variant(Key(key), Leaf::Exists), Value::Present);
    let title = (Path::field(Field::Title), Value::Text("Tee".into()));
    let item = Item {
        id: ItemId(1),
        content: (1..=colors).map(variant).chain([title]).collect(),
        next_key: Key(9),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let found = pending(
        &item,
        None,
        standing,
        &Around::default(),
        &policy,
        fields,
        Time(9),
    );
    let case = format!("{colors} variants, {standing:?}, fields {fields:?}");
    assert_eq!(found.mark, mark, "{case}");
    let paths: Vec<&Path> = found.changes.iter().map(|change| &change.path).collect();
    assert_eq!(paths, wanted.iter().collect::<Vec<_>>(), "{case}");
}

#[test]
fn what_is_cloned_is_created_with_what_the_platform_can_hold() {
    let (one, two) = ((1, Standing::Live), (2, Standing::Live));
    let all = || CloneWhich::All;
    let [title, status] = [Field::Title, Field::Status].map(Path::field);
    let variant = |key| Path::variant(Key(key), Leaf::Exists);
    let everything = [title.clone(), status.clone(), variant(1)];
    check_create(one, all(), &Field::PRODUCT, Some(Mark::Create), &everything);
    check_create(one, CloneWhich::None, &Field::PRODUCT, None, &[]);
    check_create((1, Standing::Gone), all(), &Field::PRODUCT, None, &[]);
    // The only variant comes along wherever options are not written; several would be one and the same.
    check_create(
        one,
        all(),
        &[Field::Title],
        Some(Mark::Create),
        &[title.clone(), variant(1)],
    );
    check_create(two, all(), &[Field::Title], None, &[]);
    check_create(
        two,
        all(),
        &[Field::Title, Field::Options],
        Some(Mark::Create),
        &[title, variant(1), variant(2)],
    );
}

fn check_reason(path: Path, old: Option<Value>, new: Option<Value>, wanted: &str) {
    let policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    let item = Item {
        id: ItemId(1),
        content: Content::new(),
        next_key: Key(2),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    assert_eq!(reason(&Change { path, old, new }, &item, &policy), wanted);
}

#[test]
fn a_change_says_why_it_is_pending() {
    let picture = || {
        Some(Value::Picture(Picture {
            hash: None,
            address: "one".to_owned(),
        }))
    };
    let (one, red) = (
        Path::picture(Key(2), Leaf::Exists),
        Path::variant(Key(1), Leaf::Exists),
    );
    check_reason(one.clone(), None, picture(), "Not there yet");
    check_reason(red, None, Some(Value::Present), "Not there yet");
    check_reason(one, picture(), None, "Taken out of the gallery");
    check_reason(Path::field(Field::Title), None, text("Tee"), "As the hub has it");
    check_reason(Path::field(Field::Brand), text("Acme"), None, "As the hub has it");
}

/// Whether a difference stays, where picture 2 was once there and picture 3 was not.
fn check_settled(path: Path, old: Option<Value>, new: Option<Value>, wanted: bool) {
    let here = Equivalence {
        children: vec![(Part::Picture(Key(2)), "two".into())],
        acknowledged: old.clone().into_iter().map(|old| (path.clone(), old)).collect(),
        sent: vec![(Path::field(Field::Title), text("A & B"))],
        held: vec![Path::field(Field::Brand)],
        ..Equivalence::default()
    };
    let change = Change { path, old, new };
    assert_eq!(is_settled(&change, &here), wanted, "{change:?}");
}

#[test]
fn a_difference_stays_only_where_nothing_that_is_sent_would_end_it() {
    let field = Path::field;
    let picture = |key| Path::picture(Key(key), Leaf::Exists);
    let bytes = |hash: &str| {
        Some(Value::Picture(Picture {
            hash: Some(hash.to_owned()),
            address: String::new(),
        }))
    };
    let keys = |keys: &[u32]| Some(Value::Keys(keys.iter().copied().map(Key).collect()));
    check_settled(field(Field::Title), text("A &amp; B"), text("A & B"), true);
    check_settled(field(Field::Title), text("A &amp; B"), text("A & C"), false);
    check_settled(field(Field::Brand), text("Acme"), text("Bolt"), true);
    check_settled(field(Field::Model), text("1"), text("2"), false);
    check_settled(field(Field::Model), None, text("2"), false);
    check_settled(field(Field::Model), text("1"), None, true);
    check_settled(picture(2), None, bytes("a"), true);
    check_settled(picture(3), None, bytes("a"), false);
    check_settled(picture(3), bytes("b"), bytes("a"), true);
    check_settled(picture(3), bytes("b"), None, false);
    check_settled(Path::picture(Key(3), Leaf::Alt), text("Front"), None, true);
    check_settled(Path::pictures(), keys(&[1, 2]), keys(&[1, 3, 2]), true);
    check_settled(Path::pictures(), keys(&[1, 2]), keys(&[2, 1]), false);
    let shown_by = Path::variant(Key(1), Leaf::Pictures);
    check_settled(shown_by, keys(&[1]), keys(&[2]), false);
}
