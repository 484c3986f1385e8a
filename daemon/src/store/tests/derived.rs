//! Whatever is wrong with what is derived, mending makes it as if it were derived anew.

use super::{ELSEWHERE, HERE, write};
use crate::store::{
    Apart, Mended, Mending, Place, Places, Store, StoreError, Unmatched, Writer, writer::Derived,
};
use shared::{
    content::{Content, Detail, Field, Leaf, Part, Path, Value},
    history::Cause,
    ids::{ConnectionId, ItemId, Key},
    issue::{Code, Issue, Severity},
    item::{Author, Equivalence, Item, Presence},
    money::Decimal,
    policy::Policy,
    product::StockWrites,
    time::Time,
};

const NOW: Time = Time(1_774_598_400_000);

fn places() -> Places {
    let place = |id: &str, number| {
        let policy = Policy::new(ConnectionId::parse(id).unwrap(), "demo");
        Place::new(
            number,
            policy,
            &[Field::Title, Field::Price],
            StockWrites::Absolute,
            None,
        )
    };
    Places {
        all: vec![place("here", HERE), place("elsewhere", ELSEWHERE)],
        ..Places::default()
    }
}

fn item(id: u64, content: impl IntoIterator<Item = (Path, Value)>) -> Item {
    Item {
        id: ItemId(id),
        content: content.into_iter().collect(),
        next_key: Key(9),
        stamps: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn shows(content: &Content, id: u64) -> Equivalence {
    Equivalence {
        presence: Presence::Live {
            remote_id: format!("r{id}").as_str().into(),
            url: None,
        },
        acknowledged: content.clone(),
        issues: vec![Issue {
            code: Code::Refused,
            severity: Severity::Error,
            path: None,
            message: "no".to_owned(),
            at: NOW,
        }],
        ..Equivalence::default()
    }
}

/// A store with products and orders in two containers of sets.
fn store() -> Store {
    let store = Store::in_memory().unwrap();
    let cause = Cause {
        at: NOW,
        by: Author::Person,
        job: None,
    };
    write(&store, |writer| {
        for id in [1, 2, 3, 65_540, 65_541] {
            let product = item(
                id,
                [
                    (
                        Path::field(Field::Title),
                        Value::Text(format!("Shirt {id}").as_str().into()),
                    ),
                    (Path::field(Field::Brand), Value::Text("Nike".into())),
                    (Path::variant(Key(1), Leaf::Exists), Value::Present),
                    (
                        Path::variant_field(Key(1), Field::Sku),
                        Value::Text(format!("SKU-{id}").as_str().into()),
                    ),
                    (
                        Path::variant_field(Key(1), Field::Price),
                        Value::Number(Decimal::from(9)),
                    ),
                ],
            );
            let there = [
                (HERE, shows(&product.content, id)),
                (ELSEWHERE, Equivalence::default()),
            ];
            writer.put_whole(None, &product, &there, &[HERE, ELSEWHERE], &places(), &cause)?;
            writer.put_remote(HERE, &format!("r{id}").as_str().into(), ItemId(id), 5)?;
        }
        for id in [4, 65_550] {
            let order = item(
                id,
                [
                    (
                        Path::detail(Detail::Number),
                        Value::Text(format!("#{id}").as_str().into()),
                    ),
                    (Path::detail(Detail::PlacedAt), Value::Time(NOW)),
                    (
                        Path {
                            part: Part::Line(Key(1)),
                            leaf: Leaf::Exists,
                        },
                        Value::Present,
                    ),
                ],
            );
            let there = [(HERE, shows(&order.content, id))];
            writer.put_order(None, &order, &there, &[HERE], &places(), &cause)?;
            writer.put_order_remote(HERE, &format!("r{id}").as_str().into(), ItemId(id), 5)?;
        }
        Ok(())
    });
    store
}

fn mend(store: &Store) -> Mended {
    let mut mended = Mended::default();
    let mut next = Some(Mending::first());
    while let Some(at) = next {
        let (after, found) = write(store, |writer| writer.mend(at, &places(), NOW));
        next = after;
        mended += found;
    }
    mended
}

fn derived(store: &Store) -> Derived {
    write(store, Derived::of)
}

#[test]
fn whatever_is_wrong_with_what_is_derived_is_put_right() {
    assert_eq!(mend(&store()), Mended::default(), "nothing is wrong at first");
    let check = |what: &str, spoil: fn(&mut Writer<'_>) -> Result<(), StoreError>, wanted: Mended| {
        let store = store();
        let before = derived(&store);
        write(&store, spoil);
        assert_ne!(derived(&store), before, "{what}");
        assert_eq!(mend(&store), wanted, "{what}");
        assert_eq!(derived(&store), before, "{what}");
        assert_eq!(mend(&store), Mended::default(), "{what}: it is right now");
    };
    let nothing = Mended::default();
    check(
        "a text is gone",
        |writer| writer.spoil_text(2, None),
        Mended { texts: 1, ..nothing },
    );
    check(
        "a text is wrong",
        |writer| writer.spoil_text(4, Some("x")),
        Mended { texts: 1, ..nothing },
    );
    check(
        "a text of nothing",
        |writer| writer.spoil_text(70_000, Some("x")),
        Mended { texts: 1, ..nothing },
    );
    check(
        "a key is gone",
        |writer| writer.spoil_key("sku:sku-3", 3),
        Mended { keys: 1, ..nothing },
    );
    check(
        "a key too many",
        |writer| writer.spoil_key("sku:sku-3", 1),
        Mended { keys: 1, ..nothing },
    );
    check(
        "a key of nothing",
        |writer| writer.spoil_key("sku:x", 99),
        Mended { keys: 1, ..nothing },
    );
    check(
        "a member is gone, another too many, in both containers",
        |writer| {
            writer.spoil_set("on:here", &[1, 65_540]);
            writer.spoil_set("orders/on:elsewhere", &[4, 65_550]);
            writer.spoil_set("brand:nothing", &[2]);
            Ok(())
        },
        Mended { sets: 5, ..nothing },
    );
    check(
        "whose a record is, is told of another",
        |writer| writer.put_remote(HERE, &"r77".into(), ItemId(1), 5),
        Mended {
            remotes: 1,
            ..nothing
        },
    );
}

#[test]
fn a_record_whose_item_was_forgotten_is_taken_in_again() {
    let store = store();
    write(&store, |writer| {
        writer.remove_remote(HERE, &"r2".into())?;
        writer.put_order_remote(HERE, &"other".into(), ItemId(4), 5)
    });
    assert_eq!(mend(&store).remotes, 2);
    let reader = store.read().unwrap();
    assert_eq!(reader.remote(HERE, &"r2".into()).unwrap(), Some((ItemId(2), 0)));
    assert_eq!(
        reader.order_remote(HERE, &"r4".into()).unwrap(),
        Some((ItemId(4), 5))
    );
}

#[test]
fn sets_about_a_connection_that_is_not_configured_now_stay() {
    let store = store();
    write(&store, |writer| {
        writer.spoil_set("on:paused-shop", &[1, 2]);
        writer.spoil_set("orders/pending:updates@paused-shop", &[4]);
        Ok(())
    });
    let before = derived(&store);
    assert_eq!(mend(&store), Mended::default());
    assert_eq!(derived(&store), before);
}

#[test]
fn a_record_that_cannot_be_read_is_named_and_stops_nothing_else() {
    let store = store();
    write(&store, |writer| {
        writer.spoil_product(2)?;
        writer.spoil_equivalence(3, HERE)?;
        let unmatched = Unmatched {
            why: Apart::Ambiguous,
            title: "Shirt".to_owned(),
            candidates: Vec::new(),
            issue: shows(&Content::new(), 1).issues.remove(0),
        };
        writer.put_unmatched(HERE, &"r9".into(), &unmatched)
    });
    let reader = store.read().unwrap();
    let looked = reader.look_at_items(0).unwrap();
    assert_eq!(looked.damaged.len(), 2, "{:?}", looked.damaged);
    assert!(
        looked.damaged[0].starts_with("product 2 (\"shirt 2\") cannot be read: "),
        "{:?}",
        looked.damaged
    );
    assert!(
        looked.damaged[1].contains("product 3 (\"shirt 3\") cannot be read: "),
        "{:?}",
        looked.damaged
    );
    assert_eq!(reader.look_at_items(1).unwrap().damaged, Vec::<String>::new());
    let rest = reader.look_at_the_rest().unwrap();
    assert_eq!((rest.records, rest.damaged.len()), (1, 0));
    mend(&store);
    let reader = store.read().unwrap();
    let all: Vec<u32> = reader.all().unwrap().iter().collect();
    assert_eq!(
        all,
        [1, 65_540, 65_541],
        "neither is listed: one is unreadable, the other live nowhere that is known"
    );
    let held = write(&store, |writer| {
        writer.holders(&shared::sync::matching::sku_key("SKU-2").expect("a SKU"))
    });
    assert_eq!(held, [ItemId(2)], "its SKU is still its own");
    let remote = reader.remote(HERE, &"r3".into()).unwrap();
    assert_eq!(remote.map(|(item, _)| item), Some(ItemId(3)), "so is its record");
}

#[test]
fn a_store_that_another_version_derived_is_derived_anew() {
    let fresh = Store::in_memory().unwrap();
    assert!(fresh.is_derived_anew().unwrap(), "there is nothing to derive");
    let store = store();
    assert!(!store.is_derived_anew().unwrap());
    mend(&store);
    assert!(store.is_derived_anew().unwrap());
}
