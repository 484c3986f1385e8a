//! What a scan counts, and whose a record is.

mod derived;
mod mending;

use super::{Durability, Number, Places, StagedRecord, Store, StoreError, Writer};
use shared::{
    content::Content,
    history::Cause,
    ids::{ItemId, Key, RemoteId},
    item::{Author, Equivalence, Item, Presence},
    product::{Product, Record},
    time::Time,
};

const HERE: Number = 7;
const ELSEWHERE: Number = 8;

/// One way in which a scan comes upon a product's record.
#[derive(Clone, Copy, Debug)]
enum Came {
    Unchanged(u64),
    Changed(&'static str),
    Unreadable(&'static str),
}

impl Came {
    fn count(self, writer: &mut Writer<'_>) -> Result<bool, StoreError> {
        match self {
            Self::Unchanged(item) => writer.see(HERE, ItemId(item)),
            Self::Changed(id) => writer.stage(HERE, &staged(id)),
            Self::Unreadable(id) => writer.see_unreadable(HERE, &id.into()),
        }
    }
}

fn staged(id: &str) -> StagedRecord {
    StagedRecord {
        keys: Vec::new(),
        digest: 1,
        record: Record {
            remote_id: id.into(),
            url: None,
            updated_at: None,
            token: None,
            product: Product::default(),
        },
    }
}

fn write<T>(store: &Store, work: impl FnOnce(&mut Writer<'_>) -> Result<T, StoreError>) -> T {
    store.write(Durability::Soon, work).unwrap()
}

/// A store in which the record `r1` belongs to item 1 and `r2` to item 100,000.
fn store() -> Store {
    let store = Store::in_memory().unwrap();
    write(&store, |writer| {
        writer.put_remote(HERE, &"r1".into(), ItemId(1), 5)?;
        writer.put_remote(HERE, &"r2".into(), ItemId(100_000), 5)?;
        writer.put_order_remote(HERE, &"o1".into(), ItemId(2), 5)
    });
    store
}

#[test]
fn a_record_counts_once_however_often_and_however_it_comes() {
    use Came::{Changed, Unchanged, Unreadable};
    let check = |came: &[Came], wanted: u64| {
        for pages in [1, came.len()] {
            let store = store();
            let mut counted = 0;
            // Pages are transactions of their own, between which the daemon may have died.
            for page in came.chunks(came.len().div_ceil(pages)) {
                counted += write(&store, |writer| {
                    let firsts = page.iter().map(|came| came.count(writer).map(u64::from));
                    firsts.sum::<Result<u64, StoreError>>()
                });
            }
            assert_eq!(counted, wanted, "{came:?} on {pages} pages");
        }
    };
    check(&[Unchanged(1), Unchanged(100_000)], 2);
    check(&[Unchanged(1), Unchanged(1)], 1);
    check(&[Unchanged(1), Changed("r1"), Unreadable("r1")], 1);
    check(&[Changed("r1"), Unchanged(1), Changed("r1")], 1);
    check(&[Changed("r1"), Changed("r2"), Changed("new")], 3);
    check(&[Changed("new"), Changed("new"), Unreadable("new")], 1);
    check(&[Unreadable("new"), Unreadable("new"), Changed("new")], 1);
    check(&[Unreadable("new"), Changed("new"), Changed("newer")], 2);
}

#[test]
fn an_order_counts_once_whether_it_is_ours_or_becomes_ours() {
    let store = store();
    let see = |id: &str| write(&store, |writer| writer.see_order(HERE, &id.into()));
    assert!(see("o1"));
    assert!(!see("o1"));
    assert!(see("broken"));
    assert!(!see("broken"));
    write(&store, |writer| {
        writer.put_order_remote(HERE, &"broken".into(), ItemId(3), 5)
    });
    assert!(!see("broken"), "it can be read now, and was counted");
    assert!(!see("broken"));
}

#[test]
fn the_next_scan_counts_anew() {
    let store = store();
    let came = [Came::Unchanged(1), Came::Changed("new"), Came::Unreadable("odd")];
    for _ in 0..2 {
        for came in came {
            assert!(write(&store, |writer| came.count(writer)), "{came:?}");
        }
        write(&store, |writer| writer.end_scan(HERE));
    }
}

#[test]
fn a_record_belongs_to_no_item_once_the_item_has_another_one_there() {
    let store = Store::in_memory().unwrap();
    let item = Item {
        id: ItemId(1),
        content: Content::new(),
        next_key: Key(1),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let at = |presence| Equivalence {
        presence,
        ..Equivalence::default()
    };
    let live = |id: &str| Presence::Live {
        remote_id: id.into(),
        url: None,
    };
    let vanished = Presence::Vanished {
        remote_id: "first".into(),
        since: Time(1),
    };
    let cause = Cause {
        at: Time(1),
        by: Author::Person,
        job: None,
    };
    let put = |presence: Presence, id: &str| {
        let id: RemoteId = id.into();
        let there = [(HERE, at(presence)), (ELSEWHERE, at(live("first")))];
        let changed = [HERE, ELSEWHERE];
        write(&store, |writer| {
            writer.put_whole(None, &item, &there, &changed, &Places::default(), &cause)?;
            writer.put_order(None, &item, &there, &changed, &Places::default(), &cause)?;
            for number in changed {
                writer.put_remote(number, &id, item.id, 5)?;
                writer.put_order_remote(number, &id, item.id, 5)?;
            }
            Ok(())
        });
    };
    let is_its = |number, id: &str| {
        let reader = store.read().unwrap();
        let product = reader.remote(number, &id.into()).unwrap().is_some();
        assert_eq!(
            reader.order_remote(number, &id.into()).unwrap().is_some(),
            product,
            "{id}"
        );
        product
    };
    put(live("first"), "first");
    put(vanished, "first");
    assert!(is_its(HERE, "first"), "it may come back");
    put(live("second"), "second");
    assert!(!is_its(HERE, "first"));
    assert!(is_its(HERE, "second"));
    assert!(is_its(ELSEWHERE, "first"));
}
