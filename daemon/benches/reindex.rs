//! Working out what is pending at a connection anew, as after its margin was changed: for catalogues of three sizes.
//!
//! `make bench`. The figure to reach: 1,000,000 products in less than 5 seconds on two cores, in memory that does not
//! grow with the catalogue. `REINDEX_PRODUCTS=20000` measures that size only.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and says what went wrong by panicking"
)]

use daemon::{
    clock::Clock,
    connector::platform,
    store::{Durability, Place, Places, Store, StoreError},
};
use shared::{
    history::Cause,
    ids::{ConnectionId, ItemId, RemoteId},
    item::{Author, Equivalence},
    policy::{CloneWhich, Policy},
    product::{Product, Record, Status, StockWrites, Variant},
    sync::merge::{absorb, join},
};
use std::{collections::BTreeMap, fs, time::Instant};

fn main() {
    let asked = std::env::var("REINDEX_PRODUCTS").ok();
    let sizes = match asked.and_then(|asked| asked.parse().ok()) {
        Some(one) => vec![one],
        None => vec![10_000, 100_000, 1_000_000],
    };
    for size in sizes {
        measure(size);
    }
}

fn measure(products: u64) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let before = places(&store, "0");
    fill(&store, &before, products);
    let after = places(&store, "12");
    let (held, began) = (resident("VmRSS"), Instant::now());
    fs::write("/proc/self/clear_refs", "5").ok();
    let number = after.all[1].number;
    let mut done = Some(ItemId(0));
    while let Some(from) = done {
        done = store
            .reindex_products(number, &after, from, Clock::system().now())
            .unwrap();
    }
    let took = began.elapsed();
    let grown = resident("VmHWM").saturating_sub(held);
    let pending = store.read().unwrap().count("pending:updates@market").unwrap();
    assert_eq!(pending, products, "the margin changes every price");
    println!(
        "recompute what is pending of {products:>9} products: {:6.3} s, {:8} products/s, {grown} kB more memory at most",
        took.as_secs_f64(),
        u128::from(products) * 1_000_000 / took.as_micros().max(1),
    );
}

fn places(store: &Store, margin: &str) -> Places {
    let demo = platform("demo").unwrap();
    let place = |id: &str, margin: &str| {
        let id = ConnectionId::parse(id).unwrap();
        let mut policy = Policy::new(id.clone(), "demo");
        policy.products.clone = CloneWhich::All;
        policy.prices.margin = margin.parse().unwrap();
        let number = store
            .write(Durability::Now, |writer| writer.connection(&id))
            .map(|state| state.number);
        Place::new(
            number.unwrap(),
            policy,
            demo.fields,
            StockWrites::Adjusts,
            demo.orders,
        )
    };
    Places {
        all: vec![place("shop", "0"), place("market", margin), place("outlet", "0")],
        ..Places::default()
    }
}

/// Products of two and a half variants on average, live at all three connections and in step.
fn fill(store: &Store, places: &Places, products: u64) {
    let now = Clock::system().now();
    let cause = Cause {
        at: now,
        by: Author::Person,
        job: None,
    };
    let numbers: Vec<u16> = places.all.iter().map(|place| place.number).collect();
    for first in (1..=products).step_by(5_000) {
        let filled = store.write(Durability::Soon, |writer| {
            for number in first..(first + 5_000).min(products + 1) {
                let id = writer.next_item()?;
                let record = record(number);
                let mut merged = Vec::new();
                for place in &places.all {
                    let (policy, fields) = (&place.policy, place.fields);
                    let one = match writer.product(id)? {
                        None => absorb(id, &record, policy, fields, now),
                        Some(item) => join(item, Equivalence::default(), &record, policy, fields, now),
                    };
                    merged.push((place.number, one.equivalence));
                    writer.put_whole(None, &one.item, &merged, &numbers, places, &cause)?;
                }
            }
            Ok::<_, StoreError>(())
        });
        filled.unwrap();
    }
}

fn record(number: u64) -> Record {
    let variant = |at: u64| Variant {
        remote_id: Some(RemoteId::from(format!("{number}-{at}"))),
        sku: format!("SKU-{number}-{at}"),
        options: BTreeMap::from([("Size".to_owned(), format!("{at}"))]),
        price: Some("199.00".parse().unwrap()),
        stock: BTreeMap::from([("default".to_owned(), 7.into())]),
        ..Variant::default()
    };
    Record {
        remote_id: RemoteId::from(number.to_string()),
        url: None,
        updated_at: None,
        token: None,
        product: Product {
            title: format!("Product {number}"),
            description: "<p>Soft, light and made to last.</p>".repeat(4),
            brand: format!("Brand {}", number % 50),
            categories: vec![format!("Clothing > Kind {}", number % 20)],
            status: Some(Status::Active),
            variants: (0..2 + number % 2).map(variant).collect(),
            ..Product::default()
        },
    }
}

/// In kB, as the system counts it; 0 where it does not tell.
fn resident(figure: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(figure));
    let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
