//! What every version wrote can be read, and nothing changes its shape unnoticed.
//!
//! `fixtures` holds a record of each kind as each version wrote it. A record that gets another shape fails here; then it
//! gets a new version, a step from the old one, and a fixture that `STORE_FIXTURES=write` writes. What was written once
//! is never written anew: stores in the world hold it.

use super::{Stored, decode, encode};
use crate::store::{Apart, ConnectionState, Reading, Scan, ScanAt, Sent, StagedRecord, Unmatched, marks};
use serde::de::DeserializeOwned;
use shared::{
    content::{Change, Content, Detail, Field, Leaf, Part, Path, Picture, Value},
    history::{Cause, Decided, Deed, Entry},
    ids::{ConnectionId, ItemId, JobId, Key, Kind},
    issue::{Code, Issue, Severity},
    item::{Author, Decision, Equivalence, Item, Presence, Sending, Stamp, Verdict},
    job::{Finding, Found, Job, JobKind, JobStatus, Outcome, Phase, Progress, Task, Trigger},
    money::Decimal,
    order::Address,
    product::{Image, Product, Record, Status, Variant},
    sync::{clock::Heard, tally::Tally},
    time::Time,
};
use std::{collections::BTreeSet, env, fmt::Debug, fs, path::PathBuf};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/codec/fixtures")
}

fn writes() -> bool {
    env::var("STORE_FIXTURES").is_ok_and(|asked| asked == "write")
}

/// `records`: what is expected of each version's fixture, the first version first.
fn check<T: Stored + Debug + PartialEq>(name: &str, records: &[T]) {
    assert_eq!(
        records.len(),
        usize::from(T::VERSION),
        "{name}: one for each version"
    );
    for (version, wanted) in (1..).zip(records) {
        let file = fixtures().join(format!("{name}-{version}.postcard"));
        if version == T::VERSION && !file.exists() && writes() {
            fs::write(&file, encode(wanted).unwrap()).unwrap();
        }
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let read: T = decode(&bytes).unwrap_or_else(|error| panic!("{name} of version {version}: {error}"));
        assert_eq!(read, *wanted, "{name} of version {version}");
        if version == T::VERSION {
            assert_eq!(
                encode(wanted).unwrap(),
                bytes,
                "{name} is written otherwise than before: give it a new version"
            );
        }
    }
}

#[test]
fn every_record_that_any_version_wrote_is_read_as_it_was_meant() {
    let before_cloning = ConnectionState {
        cloning_since: None,
        ..connection()
    };
    check("connection", &[before_cloning, connection()]);
    let before_decisions = Entry {
        deed: Deed::Changed,
        ..entry()
    };
    check("entry", &[before_decisions, entry()]);
    let before_unsent = Equivalence {
        unsent: Vec::new(),
        ..equivalence()
    };
    let before_decisions = Equivalence {
        decisions: Vec::new(),
        ..before_unsent.clone()
    };
    check("equivalence", &[before_decisions, before_unsent, equivalence()]);
    check("item", &[item()]);
    let before_maintenance = Job {
        task: None,
        report: Vec::new(),
        ..job()
    };
    check("job", &[before_maintenance, job()]);
    check("scan", &[scan()]);
    check("sent", &[sent()]);
    check("staged", &[staged(), staged()]);
    check("unmatched", &[unmatched()]);
    let known: BTreeSet<&str> = [
        "connection",
        "entry",
        "equivalence",
        "item",
        "job",
        "scan",
        "sent",
        "staged",
        "unmatched",
        "words",
    ]
    .into();
    for file in fs::read_dir(fixtures()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let kind = name.split(['-', '.']).next().unwrap();
        assert!(known.contains(kind), "no test reads {name}");
    }
}

/// The names of an enumeration's values, by the numbers that are stored of them.
fn words<T: DeserializeOwned + Debug>(name: &str) -> String {
    let read = |number: u8| postcard::from_bytes::<T>(&[number]).ok();
    let words = (0..).map_while(read).enumerate();
    words
        .map(|(number, word)| format!("{name} {number} {word:?}\n"))
        .collect()
}

#[test]
fn a_number_that_stands_for_a_word_keeps_standing_for_it() {
    let present = [
        words::<Field>("Field"),
        words::<Detail>("Detail"),
        words::<Code>("Code"),
        words::<Severity>("Severity"),
        words::<Status>("Status"),
        words::<Kind>("Kind"),
        words::<JobKind>("JobKind"),
        words::<JobStatus>("JobStatus"),
        words::<Trigger>("Trigger"),
        words::<Phase>("Phase"),
        words::<Task>("Task"),
        words::<Found>("Found"),
        words::<Decided>("Decided"),
        words::<Apart>("Apart"),
    ]
    .concat();
    let file = fixtures().join("words.txt");
    if writes() {
        fs::write(&file, &present).unwrap();
    }
    let before = fs::read_to_string(&file).unwrap();
    for word in before.lines() {
        assert!(
            present.lines().any(|now| now == word),
            "{word}: stores hold this number for this word; append new words at the end"
        );
    }
    assert_eq!(before, present, "new words: STORE_FIXTURES=write keeps them");
}

#[test]
fn a_record_of_a_newer_version_is_left_alone_and_a_broken_one_is_told_apart() {
    use crate::store::StoreError;
    let mut bytes = encode(&job()).unwrap();
    bytes[0] = Job::VERSION + 1;
    assert!(matches!(decode::<Job>(&bytes), Err(StoreError::Newer(_))));
    bytes[0] = 0;
    assert!(matches!(decode::<Job>(&bytes), Err(StoreError::Codec(_))));
    for broken in [&[][..], &[Item::VERSION], &[Item::VERSION, 0xff, 0xff]] {
        assert!(
            matches!(decode::<Item>(broken), Err(StoreError::Codec(_))),
            "{broken:?}"
        );
    }
}

fn id(text: &str) -> ConnectionId {
    ConnectionId::parse(text).unwrap()
}

/// Every kind of part, leaf and value once.
fn content() -> Content {
    let line = |detail| Path {
        part: Part::Line(Key(6)),
        leaf: Leaf::Detail(detail),
    };
    let of = |part, leaf| Path { part, leaf };
    let address = Address {
        name: "Ada".to_owned(),
        ..Address::default()
    };
    [
        (Path::field(Field::Title), Value::Text("Blue shirt ñ".into())),
        (
            Path::field(Field::Tags),
            Value::List(vec!["a".to_owned(), "b".to_owned()]),
        ),
        (
            of(Part::Whole, Leaf::Attribute("Fabric".into())),
            Value::Text("wool".into()),
        ),
        (
            of(Part::Whole, Leaf::Pictures),
            Value::Keys(vec![Key(3), Key(300)]),
        ),
        (
            Path::detail(Detail::PlacedAt),
            Value::Time(Time(1_774_598_400_000)),
        ),
        (
            Path::detail(Detail::ShippingAddress),
            Value::Address(Box::new(address)),
        ),
        (of(Part::Variant(Key(1)), Leaf::Exists), Value::Present),
        (
            of(Part::Variant(Key(1)), Leaf::Option("size".into())),
            Value::Text("M".into()),
        ),
        (
            of(Part::Variant(Key(1)), Leaf::Stock("main".into())),
            Value::Number(Decimal::new(-12, 0)),
        ),
        (
            Path::variant_field(Key(1), Field::Price),
            Value::Number(Decimal::new(19_990, 2)),
        ),
        (
            of(Part::Picture(Key(3)), Leaf::Exists),
            Value::Picture(Picture {
                hash: Some("0123456789abcdef0123456789abcdef".to_owned()),
                address: "demo:9/1".to_owned(),
            }),
        ),
        (
            of(Part::Picture(Key(3)), Leaf::Alt),
            Value::Text("a shirt".into()),
        ),
        (line(Detail::Product), Value::Product(ItemId(70_000), Key(2))),
        (
            of(Part::Shipment(Key(7)), Leaf::Detail(Detail::Lines)),
            Value::Lines(vec![(Key(6), Decimal::new(2, 0))]),
        ),
        (
            of(Part::Payment(Key(8)), Leaf::Detail(Detail::Method)),
            Value::Text("card".into()),
        ),
    ]
    .into_iter()
    .collect()
}

fn issue() -> Issue {
    Issue {
        code: Code::Refused,
        severity: Severity::Warning,
        path: Some(Path::field(Field::Price)),
        message: "too dear".to_owned(),
        at: Time(7),
    }
}

fn item() -> Item {
    Item {
        id: ItemId(70_000),
        content: content(),
        next_key: Key(9),
        stamps: vec![
            (
                Path::field(Field::Title),
                Stamp {
                    at: Time(5),
                    by: Author::Person,
                },
            ),
            (
                Path::field(Field::Tags),
                Stamp {
                    at: Time(6),
                    by: Author::Connection(id("main")),
                },
            ),
        ],
        created_at: Time(1),
        updated_at: Time(-2),
    }
}

fn equivalence() -> Equivalence {
    Equivalence {
        presence: Presence::Vanished {
            remote_id: "gid://9".into(),
            since: Time(8),
        },
        children: vec![(Part::Variant(Key(1)), "91".into())],
        option_names: vec![("size".to_owned(), "Talla".to_owned())],
        acknowledged: content(),
        sent: vec![(Path::field(Field::Title), None)],
        held: vec![Path::field(Field::Brand)],
        sending: Some(Sending {
            token: "c2s-1".to_owned(),
            values: vec![(Path::field(Field::Title), Some(Value::Text("New".into())))],
            at: Time(9),
        }),
        refused: Some(vec![(Path::field(Field::Cost), None)]),
        issues: vec![issue()],
        acknowledged_at: Some(Time(10)),
        decisions: vec![
            decision(Verdict::Approved),
            decision(Verdict::Rejected),
            decision(Verdict::PutBack {
                from: Some(Value::Text("New".into())),
                to: None,
            }),
        ],
        unsent: vec![Path::stock(Key(1), "main")],
    }
}

fn decision(verdict: Verdict) -> Decision {
    Decision {
        path: Path::field(Field::Title),
        about: u64::MAX,
        verdict,
        at: Time(11),
    }
}

fn sent() -> Sent {
    Sent::Changed(entry().changes)
}

fn entry() -> Entry {
    Entry {
        cause: Cause {
            at: Time(3),
            by: Author::Connection(id("main")),
            job: Some(JobId(4)),
        },
        deed: Deed::Decided(Decided::PutBack, id("main")),
        changes: vec![Change {
            path: Path::field(Field::Title),
            old: None,
            new: Some(Value::Text("New".into())),
        }],
    }
}

fn connection() -> ConnectionState {
    let reading = Reading {
        clock: Some(Time(1)),
        last_full: None,
    };
    ConnectionState {
        number: 300,
        products: reading,
        orders: Reading::default(),
        last_fetch: Some(Time(2)),
        last_send: None,
        last_scheduled: Some(Time(3)),
        paused_at: None,
        error: Some("it was away".to_owned()),
        issues: vec![issue()],
        indexed_policy: u64::MAX,
        cloning_since: Some(Time(4)),
    }
}

fn scan() -> Scan {
    Scan {
        job: JobId(4),
        kind: Kind::Orders,
        started: Time(5),
        since: Some(Time(4)),
        at: ScanAt::Cursor("page 2".to_owned()),
        scanned: 500,
        tally: Tally {
            ids: 499,
            nameless: 1,
            told: Some(1000),
        },
        heard: Heard::At(Time(6)),
    }
}

fn staged() -> StagedRecord {
    let number = |value| Some(Decimal::new(value, 2));
    let record = Record {
        remote_id: "9".into(),
        url: Some("https://shop.example/9".to_owned()),
        updated_at: Some(Time(5)),
        token: None,
        product: Product {
            title: "Shirt".to_owned(),
            categories: vec!["Clothing".to_owned()],
            status: Some(Status::Paused),
            attributes: [("Fabric".to_owned(), "wool".to_owned())].into(),
            images: vec![Image {
                remote_id: Some("i1".into()),
                hash: None,
                address: "demo:9/1".to_owned(),
                alt: "a shirt".to_owned(),
            }],
            variants: vec![Variant {
                remote_id: Some("91".into()),
                sku: "S-1".to_owned(),
                barcode: "4006381333931".to_owned(),
                options: [("size".to_owned(), "M".to_owned())].into(),
                price: number(1999),
                compare_at_price: None,
                cost: number(5),
                stock: [("default".to_owned(), Decimal::new(7, 0))].into(),
                weight: number(30),
                images: vec!["demo:9/1".to_owned()],
            }],
            ..Product::default()
        },
    };
    StagedRecord {
        keys: marks(&record),
        digest: u64::MAX - 1,
        record,
    }
}

fn unmatched() -> Unmatched {
    Unmatched {
        why: Apart::Unlinked,
        title: "Shirt".to_owned(),
        candidates: vec![ItemId(1), ItemId(70_000)],
        issue: issue(),
    }
}

fn job() -> Job {
    Job {
        id: JobId(300),
        connection: id("main"),
        kind: JobKind::Maintenance,
        task: Some(Task::Images),
        trigger: Trigger::Webhook,
        phase: Some(Phase::Propagation),
        status: JobStatus::Failed,
        outcome: Outcome {
            scanned: 1,
            new: 2,
            changed: 3,
            vanished: 4,
            created: 5,
            updated: 6,
            failed: 7,
            issues: 800,
        },
        report: vec![Finding {
            found: Found::Open,
            message: "product 7 cannot be read".to_owned(),
            count: 1,
        }],
        progress: Progress {
            done: 1,
            total: Some(2),
            per_second: 3,
        },
        queued_at: Time(1),
        started_at: Some(Time(2)),
        finished_at: None,
        error: Some("it broke".to_owned()),
    }
}
