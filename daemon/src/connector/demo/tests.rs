mod orders;

use super::{
    super::{Answer, Class, Connector, Context, Create, Find, Page, PageFrom, Tokens, Update, content_hash},
    PLATFORM, Setup, Shop, Writes, assortment, catalogue,
    catalogue::Catalogue,
};
use crate::clock::Clock;
use serde_json::{Value, json};
use shared::{
    ids::{ConnectionId, RemoteId},
    money::Decimal,
    product::{Image, Patch, Product, Record, Status, StockWrite, Variant, VariantPatch},
    time::Time,
};
use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::Write,
    path::Path,
};
use tempfile::TempDir;

/// 2026-11-23T08:00:00Z.
const NOW: Time = Time(1_795_420_800_000);

type Connected = Box<dyn Connector>;

fn id() -> ConnectionId {
    ConnectionId::parse("shop").unwrap()
}

fn connect(data: &Path, remote: Value) -> Connected {
    let Value::Object(mut remote) = remote else {
        panic!("settings are a table")
    };
    remote.entry("latency").or_insert(json!(0));
    let context = Context::new(id(), remote, data.to_owned(), Clock::system());
    (PLATFORM.connect)(context).unwrap()
}

fn shop(remote: Value) -> (TempDir, Connected, Shop) {
    let data = tempfile::tempdir().unwrap();
    let demo = connect(data.path(), remote);
    let shop = Shop::open(data.path(), &id(), Clock::system()).unwrap();
    (data, demo, shop)
}

async fn pages(demo: &Connected, since: Option<Time>) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut from = PageFrom { since, cursor: None };
    loop {
        let page = demo.page(&from).await.unwrap();
        from.cursor.clone_from(&page.next);
        pages.push(page);
        if from.cursor.is_none() {
            return pages;
        }
    }
}

async fn all(demo: &Connected) -> Vec<Record> {
    pages(demo, None)
        .await
        .into_iter()
        .flat_map(|page| page.records)
        .collect()
}

fn ids(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.remote_id.0.as_str()).collect()
}

fn mug(sku: &str) -> Product {
    Product {
        title: "A  mug & more".to_owned(),
        description: "Holds tea.".to_owned(),
        tags: vec!["tea".to_owned(), "clay".to_owned()],
        images: vec![Image {
            address: "demo:mug-blue".to_owned(),
            hash: Some("ab".repeat(16)),
            alt: "A mug".to_owned(),
            remote_id: Some("elsewhere-7".into()),
        }],
        variants: vec![Variant {
            sku: sku.to_owned(),
            price: Some(Decimal::new(1250, 2)),
            cost: Some(Decimal::new(500, 2)),
            stock: BTreeMap::from([("default".to_owned(), Decimal::from(7))]),
            images: vec!["demo:mug-blue".to_owned()],
            ..Variant::default()
        }],
        ..Product::default()
    }
}

fn creation(sku: &str) -> Create {
    Create {
        token: format!("token of {sku}"),
        record: mug(sku),
    }
}

fn shown(answer: Answer) -> Record {
    match answer {
        Answer::Shown(record) => record,
        other => panic!("it was not done: {other:?}"),
    }
}

fn refused(answer: Answer) -> (Class, String) {
    match answer {
        Answer::Refused(error) => (error.class, error.message),
        other => panic!("it was not refused: {other:?}"),
    }
}

async fn create(demo: &Connected, sku: &str) -> Record {
    shown(demo.create(&[creation(sku)]).await.remove(0))
}

async fn update(demo: &Connected, id: &RemoteId, patch: Patch) -> Answer {
    let update = Update {
        token: String::new(),
        remote_id: id.clone(),
        patch,
    };
    demo.update(&[update]).await.remove(0)
}

fn counted(from: Option<i64>, to: i64) -> StockWrite {
    StockWrite {
        from: from.map(Decimal::from),
        to: to.into(),
    }
}

fn titled(title: &str) -> Patch {
    Patch {
        title: Some(title.to_owned()),
        ..Patch::default()
    }
}

#[tokio::test]
async fn every_page_together_is_the_whole_catalogue_once() {
    let (_data, demo, _) = shop(json!({ "products": 100, "page": 30 }));
    let pages = pages(&demo, None).await;
    let sizes: Vec<usize> = pages.iter().map(|page| page.records.len()).collect();
    assert_eq!(sizes, [30, 30, 30, 10]);
    assert!(pages.iter().all(|page| page.total == Some(100)));
    let records: Vec<Record> = pages.into_iter().flat_map(|page| page.records).collect();
    let wanted: Vec<String> = (1000..1100).map(|number| format!("p{number}")).collect();
    assert_eq!(ids(&records), wanted);
}

#[tokio::test]
async fn the_catalogue_follows_from_its_seed_and_index() {
    let (_a, one, _) = shop(json!({ "products": 60 }));
    let (_b, same, _) = shop(json!({ "products": 90 }));
    let (_c, later, _) = shop(json!({ "products": 30, "offset": 30 }));
    let (_d, other, _) = shop(json!({ "products": 60, "seed": 2 }));
    let (one, same, later, other) = (
        all(&one).await,
        all(&same).await,
        all(&later).await,
        all(&other).await,
    );
    assert_eq!(one, same[..60]);
    let plain = |records: &[Record]| -> Vec<Vec<String>> {
        let skus = |record: &Record| record.product.variants.iter().map(|v| v.sku.clone()).collect();
        records.iter().map(skus).collect()
    };
    assert_eq!(plain(&one[30..]), plain(&later));
    let mine: HashSet<String> = plain(&one).concat().into_iter().collect();
    assert!(plain(&other).concat().iter().all(|sku| !mine.contains(sku)));
}

#[test]
fn skus_barcodes_titles_and_ids_of_a_large_catalogue_are_distinct() {
    for seed in [1, 2, 77] {
        let catalogue = Catalogue {
            seed,
            products: 20_000,
            ..Catalogue::default()
        };
        let (mut skus, mut barcodes, mut titles, mut parts) =
            (HashSet::new(), HashSet::new(), HashSet::new(), HashSet::new());
        let mut variants = 0;
        for number in catalogue.numbers() {
            let product = catalogue.product(number);
            variants += product.variants.len();
            assert!(
                titles.insert(product.title.clone()),
                "seed {seed}: {} comes twice",
                product.title
            );
            for image in &product.images {
                assert!(parts.insert(image.remote_id.clone()), "seed {seed}: {image:?}");
            }
            for variant in product.variants {
                assert!(
                    skus.insert(variant.sku.to_lowercase()),
                    "seed {seed}: {} comes twice",
                    variant.sku
                );
                assert_eq!(
                    catalogue.number_of_sku(&variant.sku.to_lowercase()),
                    Some(number),
                    "{}",
                    variant.sku
                );
                assert!(
                    barcodes.insert(variant.barcode.clone()),
                    "seed {seed}: {}",
                    variant.barcode
                );
                assert!(
                    is_gtin(&variant.barcode),
                    "seed {seed}: {} has a wrong check digit",
                    variant.barcode
                );
                assert!(
                    variant.remote_id.is_none() || parts.insert(variant.remote_id),
                    "seed {seed}"
                );
                assert!(
                    variant.price > variant.cost,
                    "seed {seed}: {} makes a loss",
                    variant.sku
                );
                assert!(
                    variant
                        .compare_at_price
                        .is_none_or(|was| Some(was) > variant.price),
                    "{}",
                    variant.sku
                );
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a few ten thousand")]
        let average = variants as f64 / 20_000.0;
        assert!(
            (2.2..2.8).contains(&average),
            "seed {seed}: {average} variants each"
        );
    }
}

fn is_gtin(code: &str) -> bool {
    let weighted = code.bytes().rev().enumerate();
    let sum: u32 = weighted
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 })
        .sum();
    code.len() == 13 && sum.is_multiple_of(10)
}

#[tokio::test]
async fn differences_set_about_that_share_of_a_catalogue_apart() {
    let (_a, plain, _) = shop(json!({ "products": 2000 }));
    let (_b, different, _) = shop(json!({ "products": 2000, "differences": 0.04 }));
    let (plain, different) = (all(&plain).await, all(&different).await);
    let differs = |(one, other): &(&Record, &Record)| one.product != other.product;
    let apart: Vec<_> = plain.iter().zip(&different).filter(differs).collect();
    assert!((50..110).contains(&apart.len()), "{} of 2000 differ", apart.len());
    for (one, other) in apart {
        let skus = |record: &Record| -> Vec<String> {
            record.product.variants.iter().map(|v| v.sku.clone()).collect()
        };
        assert_eq!(skus(one), skus(other));
    }
}

#[tokio::test]
async fn only_what_changed_since_is_shown_with_its_total() {
    let (_data, demo, mut shop) = shop(json!({ "products": 50, "page": 3 }));
    let edited = shop
        .edit("p1007", |product| product.title = "Edited".to_owned())
        .unwrap();
    let since = edited.updated_at.unwrap();
    create(&demo, "NEW-1").await;
    let changed = pages(&demo, Some(since)).await;
    assert_eq!(changed[0].total, Some(2));
    assert_eq!(ids(&changed[0].records), ["p1007", "p10000000"]);

    let early = all(&demo).await[48].updated_at;
    let records: Vec<Record> = pages(&demo, early)
        .await
        .into_iter()
        .flat_map(|page| page.records)
        .collect();
    assert_eq!(ids(&records), ["p1007", "p1048", "p1049", "p10000000"]);
    assert_eq!(pages(&demo, early).await[0].total, Some(4));
}

#[tokio::test]
async fn rows_added_and_removed_while_paging_neither_repeat_nor_hide_others() {
    let (_data, demo, mut shop) = shop(json!({ "products": 10, "page": 4 }));
    let first = demo.page(&PageFrom::default()).await.unwrap();
    shop.remove("p1001").unwrap();
    shop.remove("p1005").unwrap();
    shop.add(mug("ADDED")).unwrap();
    let mut seen: Vec<Record> = first.records;
    let mut from = PageFrom {
        since: None,
        cursor: first.next,
    };
    while from.cursor.is_some() {
        let page = demo.page(&from).await.unwrap();
        seen.extend(page.records);
        from.cursor = page.next;
    }
    let wanted = [
        "p1000",
        "p1001",
        "p1002",
        "p1003",
        "p1004",
        "p1006",
        "p1007",
        "p1008",
        "p1009",
        "p10000000",
    ];
    assert_eq!(ids(&seen), wanted);
    assert_eq!(demo.page(&PageFrom::default()).await.unwrap().total, Some(9));
}

#[tokio::test]
async fn a_created_product_gets_ids_of_its_own_and_is_found_again() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5 }));
    let record = create(&demo, "MUG-1").await;
    assert_eq!(record.remote_id, RemoteId::from("p10000000"));
    assert_eq!(record.token.as_deref(), Some("token of MUG-1"));
    assert_eq!(record.product.status, Some(Status::Active));
    let image = &record.product.images[0];
    assert_eq!(image.remote_id, Some("i10000000-1".into()));
    assert_eq!(image.address, "demo:i10000000-1/mug-blue");
    assert_eq!(
        record.product.variants[0].images,
        std::slice::from_ref(&image.address)
    );
    assert_eq!(
        record.product.variants[0].remote_id, None,
        "a simple product's variant has no id"
    );

    let token = Find {
        token: record.token.clone(),
        ..Find::default()
    };
    let by_id = Find {
        remote_id: Some(record.remote_id.clone()),
        ..Find::default()
    };
    let sku = Find {
        token: Some("never given".to_owned()),
        skus: vec!["mug-1".to_owned()],
        ..Find::default()
    };
    for find in [token, by_id, sku] {
        assert_eq!(
            demo.find(&find).await.unwrap(),
            std::slice::from_ref(&record),
            "{find:?}"
        );
    }
    let blank = Find {
        skus: vec![String::new(), " ".to_owned()],
        ..Find::default()
    };
    assert_eq!(demo.find(&blank).await.unwrap(), []);
    let generated = shop.product("p1003").unwrap().unwrap();
    let sku = Find {
        skus: vec![generated.product.variants[0].sku.to_lowercase()],
        ..Find::default()
    };
    assert_eq!(demo.find(&sku).await.unwrap(), [generated]);
    assert_eq!(shop.product("p10000000").unwrap(), Some(record));
}

#[tokio::test]
async fn what_no_shop_would_take_is_refused_in_words() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5 }));
    let taken = shop.product("p1002").unwrap().unwrap().product.variants[0]
        .sku
        .clone();
    let before = shop.products().unwrap();
    let with = |change: fn(&mut Product)| {
        let mut creation = creation("OK-1");
        change(&mut creation.record);
        creation
    };
    let cases = [
        (creation(&taken.to_lowercase()), "Invalid or duplicated SKU"),
        (with(|product| product.title = " ".to_owned()), "needs a title"),
        (with(|product| product.variants.clear()), "at least one variant"),
        (
            with(|product| product.variants.push(product.variants[0].clone())),
            "two variants have `OK-1`",
        ),
        (
            with(|product| product.variants[0].price = Some(Decimal::from(-1))),
            "below zero",
        ),
        (
            with(|product| {
                product.variants[0].stock.insert("moon".to_owned(), Decimal::ONE);
            }),
            "no location `moon`",
        ),
    ];
    for (creation, words) in cases {
        let (class, message) = refused(demo.create(&[creation]).await.remove(0));
        assert!(
            class == Class::Rejected && message.contains(words),
            "{class:?}: {message}"
        );
    }
    let (class, _) = refused(update(&demo, &"p9".into(), titled("x")).await);
    assert_eq!(class, Class::Missing);
    assert_eq!(shop.products().unwrap(), before);
    assert_eq!(shop.writes().unwrap(), Writes::default());
}

#[tokio::test]
async fn a_refused_record_stops_only_itself() {
    let (_data, demo, _) = shop(json!({ "products": 0 }));
    let answers = demo.create(&[creation("A"), creation("a"), creation("B")]).await;
    let done: Vec<bool> = answers
        .iter()
        .map(|answer| matches!(answer, Answer::Shown(_)))
        .collect();
    assert_eq!(done, [true, false, true]);
}

#[tokio::test]
async fn an_update_changes_only_what_the_patch_names() {
    let (_data, demo, mut shop) = shop(json!({ "products": 40 }));
    let before = shop
        .products()
        .unwrap()
        .into_iter()
        .find(|record| record.product.variants.len() > 2)
        .expect("some of the first have several variants");
    let mut wanted = before.clone();
    wanted.product.variants[1].price = Some(Decimal::new(999, 2));
    wanted.product.variants[1].compare_at_price = None;
    wanted.product.variants[1]
        .stock
        .insert("default".to_owned(), Decimal::from(3));
    wanted.product.attributes.remove("Material");
    wanted
        .product
        .attributes
        .insert("Origin".to_owned(), "Here".to_owned());
    let patch = Patch {
        attributes: BTreeMap::from([
            ("Material".to_owned(), String::new()),
            ("Origin".to_owned(), "Here".to_owned()),
        ]),
        variants: vec![VariantPatch {
            remote_id: before.product.variants[1].remote_id.clone(),
            price: Some(Some(Decimal::new(999, 2))),
            compare_at_price: Some(None),
            stock: BTreeMap::from([("default".to_owned(), counted(None, 3))]),
            ..VariantPatch::default()
        }],
        ..Patch::default()
    };
    let after = shown(update(&demo, &before.remote_id, patch).await);
    assert!(after.updated_at > before.updated_at);
    wanted.updated_at = after.updated_at;
    assert_eq!(after, wanted);
    assert_eq!(shop.product(&before.remote_id.0).unwrap(), Some(wanted));
    assert_eq!(
        shop.writes().unwrap(),
        Writes {
            creates: 0,
            updates: 1
        }
    );
    let by_product = shop.writes_by_product().unwrap();
    assert_eq!(
        by_product,
        BTreeMap::from([(
            before.remote_id,
            Writes {
                creates: 0,
                updates: 1
            }
        )])
    );
}

#[tokio::test]
async fn a_gallery_keeps_the_pictures_that_it_names_and_uploads_the_others() {
    let (_data, demo, _) = shop(json!({ "products": 0 }));
    let record = create(&demo, "MUG-1").await;
    let kept = record.product.images[0].clone();
    let added = Image {
        address: "https://elsewhere.example/a.png".to_owned(),
        ..Image::default()
    };
    let patch = Patch {
        images: Some(vec![added, kept.clone()]),
        new_variants: vec![Variant {
            options: BTreeMap::from([("Color".to_owned(), "Red".to_owned())]),
            images: vec!["https://elsewhere.example/a.png".to_owned()],
            ..Variant::default()
        }],
        ..Patch::default()
    };
    let after = shown(update(&demo, &record.remote_id, patch).await);
    let [uploaded, same] = &after.product.images[..] else {
        panic!("{after:?}")
    };
    assert_eq!(*same, kept);
    assert_eq!(uploaded.remote_id, Some("i10000000-2".into()));
    assert_eq!(
        after.product.variants[1].images,
        std::slice::from_ref(&uploaded.address)
    );
    let variants: HashSet<_> = after
        .product
        .variants
        .iter()
        .map(|variant| variant.remote_id.clone())
        .collect();
    assert!(
        variants.len() == 2 && !variants.contains(&None),
        "both variants have ids now: {variants:?}"
    );
    assert!(demo.image(&uploaded.address).await.is_ok());
}

type Look = fn(&Product) -> String;

#[tokio::test]
async fn each_rewrite_shows_something_else_than_was_sent() {
    let sent = {
        let mut product = mug("mug-1");
        product.title = format!(" A  mug {}", "& more ".repeat(12));
        product.variants[0]
            .options
            .insert("Color".to_owned(), "Sky & Sea".to_owned());
        let mut second = product.variants[0].clone();
        second.sku = "mug-2".to_owned();
        second.options.insert("Color".to_owned(), "Blue".to_owned());
        product.variants.push(second);
        product
    };
    let cases: [(&str, Look, &str); 8] = [
        ("round-prices", |p| p.variants[0].price.unwrap().to_string(), "13"),
        (
            "trim",
            |p| p.title.clone(),
            "A mug & more & more & more & more & more & more & more & mor",
        ),
        (
            "escape",
            |p| p.variants[0].options["Color"].clone(),
            "Sky &amp; Sea",
        ),
        ("paragraphs", |p| p.description.clone(), "<p>Holds tea.</p>\n"),
        (
            "reorder",
            |p| format!("{} {}", p.tags[0], p.variants[0].sku),
            "clay mug-2",
        ),
        (
            "recompress-images",
            |p| p.images[0].address.clone(),
            "demo:i10000000-1/mug-blue/600",
        ),
        ("upper-sku", |p| p.variants[0].sku.clone(), "MUG-1"),
        ("drop-cost", |p| format!("{:?}", p.variants[0].cost), "None"),
    ];
    for (rewrite, look, wanted) in cases {
        let (_data, demo, mut shop) = shop(json!({ "products": 0, "rewrites": [rewrite] }));
        let creation = Create {
            token: "t".to_owned(),
            record: sent.clone(),
        };
        let created = shown(demo.create(&[creation]).await.remove(0));
        assert_ne!(look(&sent), wanted, "{rewrite} would show nothing");
        assert_eq!(look(&created.product), wanted, "{rewrite} on creation");
        assert_eq!(shop.product("p10000000").unwrap().as_ref(), Some(&created));

        // The same values once more: what it makes of them is the same, and nothing else moves.
        let again = Patch {
            title: Some(sent.title.clone()),
            description: Some(sent.description.clone()),
            tags: Some(sent.tags.clone()),
            variants: created.product.variants.iter().map(resent).collect(),
            ..Patch::default()
        };
        let updated = shown(update(&demo, &created.remote_id, again).await);
        assert_eq!(updated.product, created.product, "{rewrite} on update");
    }
}

fn resent(variant: &Variant) -> VariantPatch {
    VariantPatch {
        remote_id: variant.remote_id.clone(),
        sku: Some(variant.sku.to_lowercase()),
        options: BTreeMap::from([("Color".to_owned(), variant.options["Color"].clone())]),
        price: Some(Some(Decimal::new(1250, 2))),
        cost: Some(Some(Decimal::new(500, 2))),
        ..VariantPatch::default()
    }
}

#[tokio::test]
async fn stock_is_adjusted_by_the_difference_unless_it_is_set_to_be_overwritten() {
    let cases = [
        (json!({}), counted(Some(7), 5), 2),
        (json!({}), counted(Some(4), 1), 1),
        (json!({}), counted(Some(7), 1), -2),
        (json!({}), counted(None, 5), 5),
        (json!({ "stock": "absolute" }), counted(Some(7), 5), 5),
    ];
    for (remote, write, wanted) in cases {
        let case = format!("{remote}: {write:?}");
        let (_data, demo, mut shop) = shop(remote);
        let mug = create(&demo, "MUG-1").await;
        shop.edit(&mug.remote_id.0, |product| {
            product.variants[0].stock.insert("default".to_owned(), 4.into());
        })
        .unwrap();
        let patch = Patch {
            variants: vec![VariantPatch {
                stock: BTreeMap::from([("default".to_owned(), write)]),
                ..VariantPatch::default()
            }],
            ..Patch::default()
        };
        let after = shown(update(&demo, &mug.remote_id, patch).await);
        assert_eq!(
            after.product.variants[0].stock["default"],
            wanted.into(),
            "{case}"
        );
    }
}

#[tokio::test]
async fn failures_are_as_frequent_as_set_and_the_same_in_every_run() {
    let run = async || {
        let (_data, demo, _) = shop(json!({ "products": 1, "failures": { "page": 0.3, "rate_limit": 0.1 } }));
        let mut answers = Vec::new();
        for _ in 0..400 {
            let answer = demo.page(&PageFrom::default()).await;
            answers.push(answer.map_err(|error| error.class).map(|page| page.records.len()));
        }
        answers
    };
    let answers = run().await;
    let count = |class| answers.iter().filter(|answer| **answer == Err(class)).count();
    let (unavailable, limited) = (count(Class::Unavailable), count(Class::RateLimited));
    assert!(
        (70..150).contains(&unavailable),
        "{unavailable} of 400 pages failed"
    );
    assert!(
        (20..65).contains(&limited),
        "{limited} of 400 calls came too fast"
    );
    assert_eq!(answers, run().await);
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_is_found_by_its_token() {
    let (_data, demo, mut shop) = shop(json!({ "products": 3, "failures": { "write_after_commit": 1.0 } }));
    let write = Update {
        token: "token of an update".to_owned(),
        remote_id: "p1001".into(),
        patch: titled("Renamed"),
    };
    let find = Find {
        token: Some(write.token.clone()),
        ..Find::default()
    };
    assert_eq!(demo.find(&find).await.unwrap(), []);
    let answer = demo.update(&[write]).await.remove(0);
    assert!(matches!(answer, Answer::Unclear(_)), "{answer:?}");
    shop.edit("p1001", |product| product.brand = "Edited".to_owned())
        .unwrap();
    let [found] = &demo.find(&find).await.unwrap()[..] else {
        panic!("it was done")
    };
    assert_eq!(found.product.title, "Renamed");
    assert_eq!(found.token, find.token);
}

#[tokio::test]
async fn where_rows_move_a_record_comes_twice_or_not_at_all() {
    let run = async |shifting: f64| -> Vec<String> {
        let remote = json!({ "products": 1000, "page": 10, "failures": { "shifting": shifting } });
        let (_data, demo, _) = shop(remote);
        let pages = pages(&demo, None).await;
        assert!(pages.iter().all(|page| page.total == Some(1000)), "{shifting}");
        let records = pages.into_iter().flat_map(|page| page.records);
        records.map(|record| record.remote_id.0.to_string()).collect()
    };
    let all = |ids: &[String]| -> (usize, usize) {
        let distinct: HashSet<&String> = ids.iter().collect();
        (ids.len() - distinct.len(), 1000 - distinct.len())
    };
    let moved = run(0.3).await;
    let (twice, left_out) = all(&moved);
    assert!((5..35).contains(&twice), "{twice} came twice");
    assert!((5..35).contains(&left_out), "{left_out} were left out");
    assert_eq!(run(0.3).await, moved, "the same in every run");
    assert_eq!(all(&run(0.0).await), (0, 0));
}

#[tokio::test]
async fn pages_by_offsets_pass_over_a_row_where_another_went() {
    let (_data, demo, mut shop) =
        shop(json!({ "products": 9, "page": 3, "failures": { "shifting": 0.000_001 } }));
    let first = demo.page(&PageFrom::default()).await.unwrap();
    shop.remove("p1001").unwrap();
    let from = PageFrom {
        since: None,
        cursor: first.next,
    };
    let second = demo.page(&from).await.unwrap();
    assert_eq!(ids(&second.records), ["p1004", "p1005", "p1006"]);
    assert_eq!((first.total, second.total), (Some(9), Some(8)));
}

#[tokio::test]
async fn the_shops_clock_shows_in_when_records_changed_whoever_changed_them() {
    let hour = 3_600_000;
    for (remote, ahead) in [
        (json!({}), 0),
        (json!({ "clock_ahead": hour }), hour),
        (json!({ "clock_behind": hour }), -hour),
    ] {
        let case = remote.to_string();
        let (_data, demo, mut shop) = shop(remote);
        let ours = Clock::system().now().0;
        let created = create(&demo, "MUG-1").await;
        let edited = shop.edit("p1001", |product| product.title = "Edited".to_owned());
        for record in [created, edited.unwrap()] {
            let at = record.updated_at.unwrap().0 - ahead;
            assert!((ours..ours + 60_000).contains(&at), "{case}: {at} at {ours}");
        }
    }
}

#[tokio::test]
async fn each_kind_of_failure_can_be_set() {
    for (failure, class) in [
        ("auth", Class::Auth),
        ("rate_limit", Class::RateLimited),
        ("page", Class::Unavailable),
        ("retired", Class::Protocol),
    ] {
        let (_data, demo, _) = shop(json!({ "failures": { failure: 1.0 } }));
        let error = demo.page(&PageFrom::default()).await.unwrap_err();
        assert_eq!(error.class, class, "{failure}");
        assert_eq!(error.retry_after.is_some(), failure == "rate_limit");
    }
    let (_data, demo, _) = shop(json!({ "failures": { "image": 1.0 } }));
    assert_eq!(
        demo.image("demo:mug-blue").await.unwrap_err().class,
        Class::Unavailable
    );

    let (_data, demo, mut shop) = shop(json!({ "products": 3, "failures": { "write": 1.0 } }));
    let (class, _) = refused(demo.create(&[creation("A")]).await.remove(0));
    assert_eq!((class, shop.count().unwrap()), (Class::Unavailable, 3));
}

#[tokio::test]
async fn an_unclear_write_was_done_and_can_be_found() {
    for failure in ["write_after_commit", "connection_lost"] {
        let (_data, demo, mut shop) = shop(json!({ "products": 3, "failures": { failure: 1.0 } }));
        let answers = demo.create(&[creation("A"), creation("B")]).await;
        assert!(
            answers.iter().all(|answer| matches!(answer, Answer::Unclear(_))),
            "{failure}: {answers:?}"
        );
        assert_eq!(shop.count().unwrap(), 5);
        let find = Find {
            token: Some("token of B".to_owned()),
            ..Find::default()
        };
        assert_eq!(demo.find(&find).await.unwrap()[0].product.variants[0].sku, "B");
    }
}

#[tokio::test]
async fn the_same_records_cannot_be_understood_in_every_scan() {
    let (_data, demo, _) = shop(json!({ "products": 300, "page": 50, "failures": { "unreadable": 0.1 } }));
    let scan = async || -> (usize, Vec<Option<RemoteId>>) {
        let pages = pages(&demo, None).await;
        let readable = pages.iter().map(|page| page.records.len()).sum();
        let unreadable = pages.into_iter().flat_map(|page| page.unreadable);
        (
            readable,
            unreadable.map(|unreadable| unreadable.remote_id).collect(),
        )
    };
    let (readable, unreadable) = scan().await;
    assert_eq!(readable + unreadable.len(), 300);
    assert!(
        (10..60).contains(&unreadable.len()),
        "{} cannot be read",
        unreadable.len()
    );
    assert_eq!(scan().await, (readable, unreadable));
}

#[tokio::test]
async fn a_call_takes_its_latency() {
    let data = tempfile::tempdir().unwrap();
    let demo = connect(data.path(), json!({ "latency": 30 }));
    let before = std::time::Instant::now();
    demo.page(&PageFrom::default()).await.unwrap();
    assert!(before.elapsed().as_millis() >= 30);
}

#[tokio::test]
async fn what_was_answered_is_there_after_the_daemon_died() {
    let (data, demo, _) = shop(json!({ "products": 4 }));
    let created = create(&demo, "KEPT").await;
    let renamed = shown(update(&demo, &"p1001".into(), titled("Renamed")).await);
    // Nothing that is done when a connector ends may matter: this one never ends.
    std::mem::forget(demo);
    let demo = connect(data.path(), json!({ "products": 4 }));
    let records = all(&demo).await;
    assert_eq!(ids(&records), ["p1000", "p1001", "p1002", "p1003", "p10000000"]);
    assert_eq!((&records[1], &records[4]), (&renamed, &created));
    let second = create(&demo, "SECOND").await;
    assert_eq!(second.remote_id, RemoteId::from("p10000001"));
}

#[tokio::test]
async fn a_torn_last_entry_is_dropped_and_the_shop_goes_on() {
    let (data, demo, shop) = shop(json!({ "products": 4 }));
    create(&demo, "KEPT").await;
    let path = shop.path().to_owned();
    let whole = fs::read(&path).unwrap();
    create(&demo, "TORN").await;
    drop((demo, shop));
    let longer = fs::read(&path).unwrap();
    for length in whole.len() + 1..longer.len() {
        fs::write(&path, &longer[..length]).unwrap();
        let mut shop = Shop::open(data.path(), &id(), Clock::system()).unwrap();
        assert_eq!(shop.count().unwrap(), 5, "torn after {length} bytes");
    }
    fs::write(&path, &longer[..longer.len() - 3]).unwrap();
    let demo = connect(data.path(), json!({ "products": 4 }));
    create(&demo, "AFTER").await;
    let skus: Vec<String> = all(&demo).await[4..]
        .iter()
        .map(|r| r.product.variants[0].sku.clone())
        .collect();
    assert_eq!(skus, ["KEPT", "AFTER"]);
}

#[tokio::test]
async fn damage_before_the_last_entry_is_an_error_and_drops_nothing() {
    let (data, demo, shop) = shop(json!({ "products": 4 }));
    create(&demo, "ONE").await;
    let path = shop.path().to_owned();
    let at = fs::read(&path).unwrap().len() - 3;
    create(&demo, "TWO").await;
    let mut bytes = fs::read(&path).unwrap();
    bytes[at] ^= 0xff;
    fs::write(&path, &bytes).unwrap();
    let error = Shop::open(data.path(), &id(), Clock::system())
        .unwrap_err()
        .to_string();
    assert!(error.contains("damaged at byte"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn two_handles_on_one_shop_see_each_others_writes() {
    let (data, demo, mut mine) = shop(json!({ "products": 6 }));
    let mut theirs = Shop::open(data.path(), &id(), Clock::system()).unwrap();
    let first = mine.product("p1002").unwrap().unwrap().product.variants[0]
        .remote_id
        .clone();
    let stock = |record: &Record| record.product.variants[0].stock["default"].0;
    let before = stock(&mine.product("p1002").unwrap().unwrap());
    mine.oversell("p1002", first.as_ref(), 2, NOW).unwrap();
    theirs.oversell("p1002", first.as_ref(), 1, NOW).unwrap();
    let left = stock(&theirs.product("p1002").unwrap().unwrap());
    assert_eq!(before - left, Decimal::from(3).0);
    assert_eq!(stock(&all(&demo).await[2]), left);

    let created = create(&demo, "OURS").await;
    let added = theirs.add(mug("THEIRS")).unwrap();
    assert_ne!(created.remote_id, added.remote_id);
    mine.remove("p1000").unwrap();
    let seen = all(&demo).await;
    assert_eq!(seen, mine.products().unwrap());
    assert_eq!(seen, theirs.products().unwrap());
    assert_eq!(ids(&seen).len(), 7);
    assert_eq!(
        theirs.writes().unwrap(),
        Writes {
            creates: 1,
            updates: 0
        },
        "people's edits are not counted"
    );
}

#[test]
fn many_hands_at_once_lose_nothing() {
    let (data, _demo, mut shop) = shop(json!({ "products": 3 }));
    let first = shop.product("p1000").unwrap().unwrap().product.variants[0]
        .remote_id
        .clone();
    let stock =
        |shop: &mut Shop| shop.product("p1000").unwrap().unwrap().product.variants[0].stock["default"].0;
    let before = stock(&mut shop);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut shop = Shop::open(data.path(), &id(), Clock::system()).unwrap();
                for _ in 0..25 {
                    shop.oversell("p1000", first.as_ref(), 1, NOW).unwrap();
                }
            });
        }
    });
    assert_eq!(before - stock(&mut shop), Decimal::from(100).0);
    assert_eq!(shop.order_count().unwrap(), 100);
}

#[tokio::test]
async fn a_log_of_overtaken_entries_is_written_anew_with_the_same_content() {
    let (data, demo, mut mine) = shop(json!({ "products": 5 }));
    create(&demo, "NEW").await;
    for nth in 0..3000 {
        mine.edit("p1001", |product| product.title = format!("Title {nth}"))
            .unwrap();
    }
    mine.remove("p1004").unwrap();
    shown(update(&demo, &"p1002".into(), titled("Ours")).await);
    let before = (mine.products().unwrap(), mine.writes().unwrap());
    let long = fs::metadata(mine.path()).unwrap().len();
    let again = connect(data.path(), json!({ "products": 5 }));
    let short = fs::metadata(mine.path()).unwrap().len();
    assert!(short < long / 100, "{long} bytes became {short}");
    assert_eq!((mine.products().unwrap(), mine.writes().unwrap()), before);
    assert_eq!(
        (all(&demo).await, all(&again).await),
        (before.0.clone(), before.0)
    );
    assert_eq!(
        create(&demo, "AFTER").await.remote_id,
        RemoteId::from("p10000001")
    );
}

#[tokio::test]
async fn another_catalogue_in_the_settings_is_seen_as_a_change() {
    let (data, demo, mut shop) = shop(json!({ "products": 5 }));
    shop.edit("p1001", |product| product.title = "Edited".to_owned())
        .unwrap();
    let since = all(&demo).await[1].updated_at;
    let grown = connect(data.path(), json!({ "products": 8 }));
    let changed: Vec<Record> = pages(&grown, since)
        .await
        .into_iter()
        .flat_map(|page| page.records)
        .collect();
    assert_eq!(changed.len(), 8);
    assert_eq!(changed[1].product.title, "Edited");
    assert_eq!(shop.count().unwrap(), 8);
}

#[tokio::test]
async fn every_picture_of_the_catalogue_can_be_drawn_and_stays_the_same() {
    for kind in assortment::kinds() {
        for colour in kind.colours {
            let name = format!("{}-{}", kind.slug, colour.slug());
            assert!(super::drawing::can_draw(&name), "{name}");
        }
        let name = format!("{}-{}", kind.slug, kind.colours[0].slug());
        let bytes = super::drawing::draw(&name, 160).unwrap();
        let drawn = image::load_from_memory(&bytes).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (160, 160), "{name}");
    }
    let (_data, demo, _) = shop(json!({}));
    let (one, again) = (
        demo.image("demo:mug-blue").await.unwrap(),
        demo.image("demo:mug-blue").await.unwrap(),
    );
    let uploaded = demo.image("demo:i7-1/mug-blue").await.unwrap();
    let recompressed = demo.image("demo:i7-1/mug-blue/600").await.unwrap();
    assert_eq!(content_hash(&one), content_hash(&again));
    assert_eq!(content_hash(&one), content_hash(&uploaded));
    assert_ne!(content_hash(&one), content_hash(&recompressed));
}

#[tokio::test]
async fn every_location_has_its_own_stock() {
    let (_data, demo, _) = shop(json!({ "products": 3, "locations": ["warehouse", "store"] }));
    for record in all(&demo).await {
        for variant in record.product.variants {
            let places: Vec<&String> = variant.stock.keys().collect();
            assert_eq!(places, ["store", "warehouse"]);
        }
    }
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("demo")).unwrap();
    let path = data.path().join("demo/shop.shop");
    fs::File::create(&path)
        .unwrap()
        .write_all(b"something that somebody keeps here, and not a shop")
        .unwrap();
    let error = Shop::open(data.path(), &id(), Clock::system())
        .unwrap_err()
        .to_string();
    assert!(error.contains("was not written by this version"), "{error}");
    assert!(Shop::found(data.path(), &id(), &Setup::default(), Clock::system()).is_err());
    assert!(fs::read_to_string(&path).unwrap().starts_with("something"));
}

#[test]
fn settings_that_no_shop_can_have_are_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    for (remote, words) in [
        (json!({ "page": 0 }), "`page`"),
        (json!({ "products": 9_000_000 }), "at most 5000000"),
        (json!({ "colour": 1 }), "colour"),
    ] {
        let Value::Object(remote) = remote else {
            unreachable!()
        };
        let context = Context::new(id(), remote, data.path().to_owned(), Clock::system());
        let error = (PLATFORM.connect)(context).err().expect("it is refused");
        assert!(
            error.class == Class::Rejected && error.message.contains(words),
            "{}",
            error.message
        );
    }
}

#[test]
fn an_id_that_only_looks_like_a_number_is_none() {
    for (id, number) in [
        ("p1000", Some(1000)),
        ("p+7", None),
        ("p007", None),
        ("1000", None),
        ("p", None),
    ] {
        assert_eq!(catalogue::number_of(id), number, "{id}");
    }
}
