//! What one changed product costs the core: its difference, its merge, and what is pending of it elsewhere.

#![allow(clippy::unwrap_used, reason = "a benchmark says what went wrong by panicking")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use shared::{
    content::Field,
    ids::{ConnectionId, ItemId, RemoteId},
    item::Equivalence,
    policy::{CloneWhich, Policy, Round, RoundMode, RoundTo},
    product::{Image, Product, Record, Status, StockWrites, Variant},
    sync::{
        merge::{absorb, join, take_in},
        pending::{Standing, pending},
        terms::Around,
    },
    time::Time,
};
use std::{collections::BTreeMap, hint::black_box};

fn changed_product(criterion: &mut Criterion) {
    let (here, there) = (policy("shop"), margin(policy("market")));
    let fields = &Field::PRODUCT;
    let before = record("199.00", 7);
    let after = record("219.00", 5);
    let first = absorb(ItemId(1), &before, &here, fields, Time(0));
    let shown = join(
        first.item.clone(),
        Equivalence::default(),
        &before,
        &there,
        fields,
        Time(1),
    );
    let mut elsewhere = shown.equivalence;
    elsewhere.held.clear();
    let known = (shown.item, first.equivalence);
    let merged = take_in(
        known.0.clone(),
        known.1.clone(),
        &after,
        &here,
        fields,
        StockWrites::Absolute,
        Time(2),
    );
    let plan = pending(
        &merged.item,
        Some(&elsewhere),
        Standing::Live,
        &Around::default(),
        &there,
        fields,
        Time(2),
    );
    assert_eq!(plan.changes.len(), 8, "the price and the stock of four variants");
    criterion.bench_function(
        "diff, merge and pending of a changed product with 4 variants",
        |bench| {
            bench.iter_batched(
                || known.clone(),
                |(item, equivalence)| {
                    let merged = take_in(
                        item,
                        equivalence,
                        black_box(&after),
                        &here,
                        fields,
                        StockWrites::Absolute,
                        Time(2),
                    );
                    pending(
                        &merged.item,
                        Some(&elsewhere),
                        Standing::Live,
                        &Around::default(),
                        &there,
                        fields,
                        Time(2),
                    )
                },
                BatchSize::SmallInput,
            );
        },
    );
}

fn policy(id: &str) -> Policy {
    let mut policy = Policy::new(ConnectionId::parse(id).unwrap(), "demo");
    policy.products.clone = CloneWhich::All;
    policy
}

fn margin(mut policy: Policy) -> Policy {
    policy.prices.margin = "12".parse().unwrap();
    policy.prices.round = Some(Round {
        to: RoundTo::Ending {
            modulus: "1".parse().unwrap(),
            ending: "0.99".parse().unwrap(),
            text: "x.99".to_owned(),
        },
        mode: RoundMode::Nearest,
    });
    policy
}

fn record(price: &str, stock: i64) -> Record {
    let variant = |(number, size): (usize, &str)| Variant {
        remote_id: Some(RemoteId::from(format!("v{number}"))),
        sku: format!("TEE-{size}"),
        barcode: String::new(),
        options: BTreeMap::from([
            ("Color".to_owned(), "Blue".to_owned()),
            ("Size".to_owned(), size.to_owned()),
        ]),
        price: Some(price.parse().unwrap()),
        stock: BTreeMap::from([("default".to_owned(), stock.into())]),
        weight: Some("0.2".parse().unwrap()),
        ..Variant::default()
    };
    Record {
        remote_id: RemoteId::from("1".to_owned()),
        url: None,
        updated_at: Some(Time(2)),
        token: None,
        product: Product {
            title: "Blue tee".to_owned(),
            description: "<p>A tee of organic cotton.</p>".repeat(8),
            brand: "Nordic".to_owned(),
            categories: vec!["Clothing > Tees".to_owned()],
            status: Some(Status::Active),
            images: vec![Image {
                hash: Some("00000000000000000000000000000001".to_owned()),
                address: "https://shop.example/tee.png".to_owned(),
                ..Image::default()
            }],
            variants: ["S", "M", "L", "XL"]
                .into_iter()
                .enumerate()
                .map(variant)
                .collect(),
            ..Product::default()
        },
    }
}

criterion_group!(benches, changed_product);
criterion_main!(benches);
