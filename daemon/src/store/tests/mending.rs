//! Disks that take nothing for a while.

use super::{super::Disk, HERE, write};
use crate::store::{Durability, Store, StoreError};
use shared::ids::ItemId;
use std::io::ErrorKind;

/// Notes a record; it stands for anything that is stored.
fn note(store: &Store, name: &str) -> Result<(), StoreError> {
    store.write(Durability::Now, |writer| {
        writer.put_remote(HERE, &name.into(), ItemId(1), 5)
    })
}

fn knows(store: &Store, name: &str) -> bool {
    let reader = store.read().expect("it can be read");
    reader
        .remote(HERE, &name.into())
        .expect("it can be read")
        .is_some()
}

#[test]
fn a_disk_that_refuses_any_write_is_read_and_takes_everything_when_it_works_again() {
    let mut reached_the_end = 0;
    for (writes, why) in (0..80).flat_map(|writes| {
        [
            ErrorKind::StorageFull,
            ErrorKind::ReadOnlyFilesystem,
            ErrorKind::Other,
        ]
        .map(|why| (writes, why))
    }) {
        let disk = Disk::new();
        let store = Store::on(&disk).unwrap();
        note(&store, "before").unwrap();
        let of_then = store.as_opened_now();
        disk.refuse_after(writes, why);
        let refused = (0..40).find(|nth| note(&store, &format!("r{nth}")).is_err());
        let Some(nth) = refused else {
            reached_the_end += 1;
            continue;
        };
        let told = store.trouble().expect("it is known").message;
        for (work, of) in [
            ("note", note(&store, "later")),
            ("mend", store.mend()),
            ("note of then", note(&of_then, "later")),
            ("read of then", of_then.read().map(drop)),
        ] {
            match of {
                Err(StoreError::Disk(trouble)) => assert_eq!(trouble.message, told),
                other => panic!("{work} after {writes} writes, {why}: {other:?}"),
            }
        }
        assert!(knows(&store, "before"));
        for earlier in 0..nth {
            assert!(
                knows(&store, &format!("r{earlier}")),
                "{earlier} of {nth}: it was acknowledged"
            );
        }
        let reader = store.read().unwrap();

        disk.accept();
        store.mend().unwrap();
        assert_eq!(store.trouble(), None);
        note(&store, "after").unwrap();
        for name in ["before", "after"] {
            assert!(knows(&store, name), "{name} after {writes} writes, {why}");
        }
        assert!(!knows(&store, "later"));
        assert!(
            !matches!(reader.remote(HERE, &"after".into()), Ok(Some(_))),
            "what was read then must not be mixed with what is written now"
        );
        assert!(matches!(note(&of_then, "later"), Err(StoreError::Reopened)));
        drop(store);
        let found = Store::on(&disk.after_crash(|| false)).unwrap();
        assert!(knows(&found, "before") && knows(&found, "after"));
    }
    assert!(reached_the_end < 240, "the disk never refused anything");
}

#[test]
fn a_store_on_a_disk_that_takes_nothing_can_be_opened_and_read() {
    let disk = Disk::new();
    note(&Store::on(&disk).unwrap(), "before").unwrap();
    disk.refuse_after(0, ErrorKind::ReadOnlyFilesystem);
    let store = Store::on(&disk).unwrap();
    assert!(store.trouble().is_some() && knows(&store, "before"));
    assert!(matches!(note(&store, "later"), Err(StoreError::Disk(_))));
    disk.accept();
    store.mend().unwrap();
    note(&store, "later").unwrap();
}

#[test]
fn what_else_cannot_be_written_on_the_disk_stops_the_store_too() {
    let disk = Disk::new();
    let store = Store::on(&disk).unwrap();
    write(&store, |writer| {
        writer.put_remote(HERE, &"before".into(), ItemId(1), 5)
    });
    store.distrust(&ErrorKind::StorageFull.into());
    assert!(matches!(note(&store, "later"), Err(StoreError::Disk(_))));
    store.mend().unwrap();
    note(&store, "later").unwrap();
}
