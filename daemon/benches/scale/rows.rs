//! The rows that a store holds: what they take by table, and what redb alone and a hash of the same bytes take.

use redb::{Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use roaring::RoaringBitmap;
use std::{
    collections::BTreeMap,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

// As the store has them.
const PRODUCTS: TableDefinition<u64, &[u8]> = TableDefinition::new("products");
const EQUIVALENCES: TableDefinition<(u64, u16), &[u8]> = TableDefinition::new("equivalences");
const HISTORY: TableDefinition<(u64, u32), &[u8]> = TableDefinition::new("history");
const PICTURES: TableDefinition<(u16, &str), &str> = TableDefinition::new("pictures");
const REMOTES: TableDefinition<(u16, &str), (u64, u64)> = TableDefinition::new("remotes");
const KEYS: TableDefinition<(&str, u64), ()> = TableDefinition::new("keys");
const TEXTS: TableDefinition<u64, &str> = TableDefinition::new("texts");
const SETS: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("sets");

/// The number of the connection that was read first.
const FIRST: u16 = 1;
/// Products that one transaction writes, as a step of propagation does.
const BATCH: usize = 1000;
/// How often the disk is asked to keep what was written, as in propagation.
const FLUSH: Duration = Duration::from_millis(800);

pub struct Cost {
    pub redb: Duration,
    pub hashing: Duration,
    /// Of all rows about products.
    pub bytes: u64,
    pub tables: Vec<(&'static str, u64)>,
}

/// The rows that the first fetch made of one product.
#[derive(Default)]
struct Rows {
    product: Vec<u8>,
    equivalence: Vec<u8>,
    remote: (String, u64),
    text: String,
    keys: Vec<String>,
    /// Those whose first member it is.
    sets: Vec<(String, u32, Vec<u8>)>,
}

pub fn cost(store: &Path) -> Cost {
    let store = Database::open(store).unwrap();
    let read = store.begin_read().unwrap();
    let mut tables = Vec::new();
    let mut bytes = 0;
    {
        let mut add = |name, table: &dyn Fn() -> u64| {
            let stored = table();
            bytes += stored;
            tables.push((name, stored));
        };
        add("products", &|| {
            read.open_table(PRODUCTS).unwrap().stats().unwrap().stored_bytes()
        });
        add("equivalences", &|| {
            read.open_table(EQUIVALENCES)
                .unwrap()
                .stats()
                .unwrap()
                .stored_bytes()
        });
        add("history", &|| {
            read.open_table(HISTORY).unwrap().stats().unwrap().stored_bytes()
        });
        add("pictures", &|| {
            read.open_table(PICTURES).unwrap().stats().unwrap().stored_bytes()
        });
        add("remotes", &|| {
            read.open_table(REMOTES).unwrap().stats().unwrap().stored_bytes()
        });
        add("keys", &|| {
            read.open_table(KEYS).unwrap().stats().unwrap().stored_bytes()
        });
        add("texts", &|| {
            read.open_table(TEXTS).unwrap().stats().unwrap().stored_bytes()
        });
        add("sets", &|| {
            read.open_table(SETS).unwrap().stats().unwrap().stored_bytes()
        });
    }
    let rows = rows(&store);
    Cost {
        redb: written(&rows),
        hashing: hashed(&rows),
        bytes,
        tables,
    }
}

fn rows(store: &Database) -> BTreeMap<u64, Rows> {
    let read = store.begin_read().unwrap();
    let mut rows: BTreeMap<u64, Rows> = BTreeMap::new();
    for row in read.open_table(PRODUCTS).unwrap().iter().unwrap() {
        let (id, bytes) = row.unwrap();
        rows.entry(id.value()).or_default().product = bytes.value().to_vec();
    }
    for row in read.open_table(EQUIVALENCES).unwrap().iter().unwrap() {
        let (key, bytes) = row.unwrap();
        if let (id, FIRST) = key.value() {
            rows.get_mut(&id).unwrap().equivalence = bytes.value().to_vec();
        }
    }
    for row in read.open_table(REMOTES).unwrap().iter().unwrap() {
        let (key, value) = row.unwrap();
        let (id, digest) = value.value();
        if let (FIRST, name) = key.value() {
            rows.get_mut(&id).unwrap().remote = (name.to_owned(), digest);
        }
    }
    for row in read.open_table(TEXTS).unwrap().iter().unwrap() {
        let (id, text) = row.unwrap();
        rows.get_mut(&id.value()).unwrap().text.push_str(text.value());
    }
    for row in read.open_table(KEYS).unwrap().iter().unwrap() {
        let (key, ()) = row.map(|(key, _)| (key, ())).unwrap();
        let (name, id) = key.value();
        rows.get_mut(&id).unwrap().keys.push(name.to_owned());
    }
    for row in read.open_table(SETS).unwrap().iter().unwrap() {
        let (key, bytes) = row.unwrap();
        let (set, container) = key.value();
        let members = RoaringBitmap::deserialize_from(bytes.value()).unwrap();
        let first = u64::from(container << 16 | members.min().unwrap());
        let row = (set.to_owned(), container, bytes.value().to_vec());
        rows.get_mut(&first).unwrap().sets.push(row);
    }
    rows
}

/// What redb alone needs for the rows, in the order and the transactions in which a first fetch writes them.
fn written(rows: &BTreeMap<u64, Rows>) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alone.redb");
    let alone = redb::Builder::new()
        .set_cache_size(32 << 20)
        .create(file)
        .unwrap();
    let all: Vec<(&u64, &Rows)> = rows.iter().collect();
    let (began, mut flushed) = (Instant::now(), Instant::now());
    for (number, batch) in all.chunks(BATCH).enumerate() {
        let mut write = alone.begin_write().unwrap();
        let is_last = (number + 1) * BATCH >= all.len();
        if is_last || flushed.elapsed() > FLUSH {
            flushed = Instant::now();
        } else {
            write.set_durability(Durability::None).unwrap();
        }
        {
            let mut products = write.open_table(PRODUCTS).unwrap();
            let mut equivalences = write.open_table(EQUIVALENCES).unwrap();
            let mut remotes = write.open_table(REMOTES).unwrap();
            let mut texts = write.open_table(TEXTS).unwrap();
            let mut keys = write.open_table(KEYS).unwrap();
            let mut sets = write.open_table(SETS).unwrap();
            for &(&id, row) in batch {
                products.insert(id, row.product.as_slice()).unwrap();
                equivalences
                    .insert((id, FIRST), row.equivalence.as_slice())
                    .unwrap();
                let (name, digest) = &row.remote;
                remotes.insert((FIRST, name.as_str()), (id, *digest)).unwrap();
                texts.insert(id, row.text.as_str()).unwrap();
                for key in &row.keys {
                    keys.insert((key.as_str(), id), ()).unwrap();
                }
                for (set, container, bytes) in &row.sets {
                    sets.insert((set.as_str(), *container), bytes.as_slice()).unwrap();
                }
            }
        }
        write.commit().unwrap();
    }
    began.elapsed()
}

fn hashed(rows: &BTreeMap<u64, Rows>) -> Duration {
    let began = Instant::now();
    for Rows {
        product,
        equivalence,
        remote,
        text,
        keys,
        sets,
    } in rows.values()
    {
        let mut hash = xxhash_rust::xxh3::Xxh3::new();
        hash.update(product);
        hash.update(equivalence);
        hash.update(remote.0.as_bytes());
        hash.update(text.as_bytes());
        for key in keys {
            hash.update(key.as_bytes());
        }
        for (_, _, bytes) in sets {
            hash.update(bytes);
        }
        black_box(hash.digest());
    }
    began.elapsed()
}
