use super::*;
use crate::store::{Place, Store, marks};
use proptest::prelude::*;
use shared::{
    ids::RemoteId,
    policy::Policy,
    product::{Product, Record, StockWrites, Variant},
    time::Time,
};
use std::collections::{BTreeMap, BTreeSet};

/// What became of every record: those that are one item now, by the name of its first, and those that are none.
#[derive(Debug, PartialEq)]
struct Outcomes {
    items: BTreeMap<RemoteId, RemoteId>,
    apart: BTreeMap<RemoteId, BTreeSet<RemoteId>>,
    new: u64,
    issues: u64,
}

fn staged(name: &str, skus: &[u8]) -> StagedRecord {
    let variant = |(at, sku): (usize, &u8)| Variant {
        remote_id: Some(format!("{name}-{at}").into()),
        sku: format!("sku-{sku}"),
        ..Variant::default()
    };
    let record = Record {
        remote_id: name.into(),
        url: None,
        updated_at: None,
        token: None,
        product: Product {
            title: name.to_owned(),
            variants: skus.iter().enumerate().map(variant).collect(),
            ..Product::default()
        },
    };
    StagedRecord {
        keys: marks(&record),
        digest: 1,
        record,
    }
}

/// Takes records in, so many at a time, at two connections one after the other.
fn taken(at_a_time: usize, first: &[StagedRecord], second: &[StagedRecord]) -> Outcomes {
    let store = Store::in_memory().unwrap();
    let place = |id: &str| {
        let id = ConnectionId::parse(id).unwrap();
        let number = store
            .write(Durability::Soon, |writer| writer.connection(&id))
            .unwrap()
            .number;
        let demo = crate::connector::platform("demo").unwrap();
        Place::new(
            number,
            Policy::new(id, "demo"),
            demo.fields,
            StockWrites::Absolute,
            None,
        )
    };
    let places = Places {
        all: vec![place("shop"), place("market")],
        ..Places::default()
    };
    let mut taken = Taken {
        records: 0,
        items: Vec::new(),
        outcome: Outcome::default(),
    };
    for (place, records) in places.all.iter().zip([first, second]) {
        let mut all: Vec<u64> = records.iter().flat_map(|staged| staged.keys.clone()).collect();
        all.sort_unstable();
        let contested = all
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .map(|pair| pair[0])
            .collect();
        let taking = Propagation {
            id: &place.policy.connection,
            number: place.number,
            places: &places,
            contested: &contested,
            cause: Cause {
                at: Time(1),
                by: shared::item::Author::Connection(place.policy.connection.clone()),
                job: None,
            },
        };
        for batch in records.chunks(at_a_time) {
            let done = store.write(Durability::Soon, |writer| {
                taking.take_batch(writer, batch, &mut taken)
            });
            done.unwrap();
        }
    }
    let reader = store.read().unwrap();
    let mut names: BTreeMap<ItemId, RemoteId> = BTreeMap::new();
    let mut outcomes = Outcomes {
        items: BTreeMap::new(),
        apart: BTreeMap::new(),
        new: taken.outcome.new,
        issues: taken.outcome.issues,
    };
    for (place, records) in places.all.iter().zip([first, second]) {
        for StagedRecord { record, .. } in records {
            if let Some((item, _)) = reader.remote(place.number, &record.remote_id).unwrap() {
                let first = names.entry(item).or_insert_with(|| record.remote_id.clone());
                outcomes.items.insert(record.remote_id.clone(), first.clone());
            }
        }
    }
    for place in &places.all {
        for (id, unmatched) in reader.unmatched(place.number).unwrap() {
            let candidates = unmatched.candidates.iter().map(|item| names[item].clone());
            outcomes.apart.insert(id, candidates.collect());
        }
    }
    outcomes
}

fn records(prefix: &'static str) -> impl Strategy<Value = Vec<StagedRecord>> {
    let skus = prop::collection::vec(0_u8..12, 1..3);
    prop::collection::vec(skus, 1..12).prop_map(move |all| {
        let named = |(at, skus): (usize, &Vec<u8>)| staged(&format!("{prefix}{at:02}"), skus);
        all.iter().enumerate().map(named).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_batch_does_what_its_records_do_one_after_the_other(first in records("a"), second in records("b")) {
        prop_assert_eq!(taken(100, &first, &second), taken(1, &first, &second));
    }
}

#[test]
fn records_that_share_a_key_come_after_the_first_of_them() {
    let all = [
        staged("a", &[1, 2]),
        staged("b", &[3]),
        staged("c", &[2]),
        staged("d", &[4]),
    ];
    let looked = all.iter().map(|staged| Looked {
        staged,
        found: Found::New(None),
        touches: staged.keys.clone(),
    });
    let (free, tangled) = untangle(looked.collect());
    let names = |all: Vec<&StagedRecord>| -> Vec<String> {
        all.iter()
            .map(|staged| staged.record.remote_id.to_string())
            .collect()
    };
    assert_eq!(
        names(free.iter().map(|looked| looked.staged).collect()),
        ["a", "b", "d"]
    );
    assert_eq!(names(tangled), ["c"]);
}
