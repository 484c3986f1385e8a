//! The connector as a job uses it, on real files.

use super::*;
use crate::{clock::Clock, connector::Connector};
use proptest::prelude::*;
use shared::{
    money::Decimal,
    product::{DEFAULT_LOCATION, Image, Product, Status, StockWrite, Variant, VariantPatch},
};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};
use tempfile::TempDir;

fn connect(path: &Path) -> Box<dyn Connector> {
    connect_as(path, "auto")
}

fn connect_as(path: &Path, format: &str) -> Box<dyn Connector> {
    (PLATFORM.connect)(context(path, format)).unwrap()
}

fn context(path: &Path, format: &str) -> Context {
    let remote = serde_json::json!({ "path": path, "format": format });
    let id = shared::ids::ConnectionId::parse("files").unwrap();
    Context::new(
        id,
        remote.as_object().unwrap().clone(),
        PathBuf::new(),
        Clock::system(),
    )
}

/// All pages.
async fn scan(connector: &dyn Connector) -> (Vec<Record>, Vec<Unreadable>) {
    let (mut records, mut unreadable, mut from) = (Vec::new(), Vec::new(), PageFrom::default());
    loop {
        let page = connector.page(&from).await.unwrap();
        records.extend(page.records);
        unreadable.extend(page.unreadable);
        let Some(next) = page.next else {
            assert_eq!(page.total, Some(records.len() as u64));
            return (records, unreadable);
        };
        from.cursor = Some(next);
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/csv")
        .join(name)
}

/// The platforms' own sample files, which lie beside the workspace. Where they do not, what they show is left to the
/// fixtures.
fn samples() -> Vec<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut folders = above.map(|folder| folder.join("shared/data"));
    let Some(folder) = folders.find(|folder| folder.is_dir()) else {
        eprintln!("no folder shared/data above the workspace: its sample files are not tested");
        return Vec::new();
    };
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    files
}

fn copy(from: &Path) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(from.file_name().unwrap());
    fs::write(&path, fs::read(from).unwrap()).unwrap();
    (folder, path)
}

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("products.csv");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn by_id<'a>(records: &'a [Record], id: &str) -> &'a Record {
    let found = records.iter().find(|record| record.remote_id.0 == id);
    found.unwrap_or_else(|| panic!("no record {id} among {:?}", ids(records)))
}

fn ids(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.remote_id.0.as_str()).collect()
}

#[allow(clippy::unnecessary_wraps, reason = "prices are optional")]
fn amount(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

fn stock(quantity: &str) -> BTreeMap<String, Decimal> {
    BTreeMap::from([(DEFAULT_LOCATION.to_owned(), quantity.parse().unwrap())])
}

fn texts(parts: &[&str]) -> Vec<String> {
    parts.iter().map(ToString::to_string).collect()
}

fn pairs(parts: &[(&str, &str)]) -> BTreeMap<String, String> {
    parts
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

fn pictures(addresses: &[&str]) -> Vec<Image> {
    let picture = |address: &&str| Image {
        address: address.to_string(),
        ..Image::default()
    };
    addresses.iter().map(picture).collect()
}

fn addresses(product: &Product) -> Vec<&str> {
    product
        .images
        .iter()
        .map(|image| image.address.as_str())
        .collect()
}

fn shown(answer: &Answer) -> &Record {
    match answer {
        Answer::Shown(record) => record,
        other => panic!("not written: {other:?}"),
    }
}

fn refused(answer: &Answer) -> &ConnectorError {
    match answer {
        Answer::Refused(error) => error,
        other => panic!("not refused: {other:?}"),
    }
}

fn price_of(record: &Record, price: &str) -> Update {
    let variant = VariantPatch {
        remote_id: record.product.variants[0].remote_id.clone(),
        price: Some(amount(price)),
        ..VariantPatch::default()
    };
    Update {
        token: String::new(),
        remote_id: record.remote_id.clone(),
        patch: Patch {
            variants: vec![variant],
            ..Patch::default()
        },
    }
}

fn titled(record: &Record, title: &str) -> Update {
    Update {
        token: String::new(),
        remote_id: record.remote_id.clone(),
        patch: Patch {
            title: Some(title.to_owned()),
            ..Patch::default()
        },
    }
}

/// What two texts do not share at their beginnings and ends.
fn difference<'a>(old: &'a [u8], new: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let begin = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[begin..], &new[begin..]);
    let end = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    (&old[..old.len() - end], &new[..new.len() - end])
}

fn simple(sku: &str, title: &str) -> Product {
    Product {
        title: title.to_owned(),
        variants: vec![Variant {
            sku: sku.to_owned(),
            price: amount("10.00"),
            ..Variant::default()
        }],
        ..Product::default()
    }
}

fn create(token: &str, product: Product) -> Create {
    Create {
        token: token.to_owned(),
        record: product,
    }
}

#[tokio::test]
async fn woocommerces_own_sample_is_read_as_its_shop_shows_it() {
    let Some(sample) = samples()
        .into_iter()
        .find(|path| path.ends_with("woocommerce-sample-products.csv"))
    else {
        return;
    };
    let (records, unreadable) = scan(&*connect(&sample)).await;
    assert_eq!(unreadable, []);
    assert_eq!(records.len(), 18);

    let vneck = by_id(&records, "44");
    assert_eq!(vneck.product.title, "V-Neck T-Shirt");
    assert_eq!(vneck.product.categories, ["Clothing > Tshirts"]);
    assert_eq!(vneck.product.status, Some(Status::Active));
    assert!(
        vneck.product.attributes.is_empty(),
        "both attributes tell the variations apart"
    );
    let skus: Vec<_> = vneck
        .product
        .variants
        .iter()
        .map(|variant| variant.sku.as_str())
        .collect();
    assert_eq!(
        skus,
        ["woo-vneck-tee-red", "woo-vneck-tee-green", "woo-vneck-tee-blue"]
    );
    let red = &vneck.product.variants[0];
    assert_eq!(red.remote_id, Some("76".into()));
    assert_eq!(red.options, pairs(&[("Color", "Red")]), "a blank size means any");
    assert_eq!((red.price, red.compare_at_price), (amount("20"), None));
    assert!(red.stock.is_empty(), "a blank stock is not counted");

    let hoodie = by_id(&records, "45");
    assert_eq!(hoodie.product.variants.len(), 4);
    let red = &hoodie.product.variants[0];
    assert_eq!(red.options, pairs(&[("Color", "Red"), ("Logo", "No")]));
    assert_eq!((red.price, red.compare_at_price), (amount("42"), amount("45")));
    assert_eq!(
        hoodie.product.images.len(),
        4,
        "the variations show pictures of the gallery"
    );

    let beanie = by_id(&records, "48");
    assert_eq!(beanie.product.attributes, pairs(&[("Color", "Red")]));
    assert_eq!(beanie.product.variants[0].remote_id, None);
    assert_eq!(
        beanie.product.variants[0].weight,
        amount("0.090718474"),
        "0.2 lbs, exactly"
    );
    for (id, title) in [
        ("87", "Logo Collection"),
        ("89", "WordPress Pennant"),
        ("73", "Album"),
    ] {
        let record = by_id(&records, id);
        assert_eq!(
            (record.product.title.as_str(), record.product.variants.len()),
            (title, 1)
        );
    }
}

#[tokio::test]
async fn shopifys_own_samples_are_read_a_product_a_handle() {
    for (name, products) in [
        ("shopify-apparel.csv", 20),
        ("shopify-home-and-garden.csv", 20),
        ("shopify-jewelery.csv", 20),
    ] {
        let Some(sample) = samples().into_iter().find(|path| path.ends_with(name)) else {
            return;
        };
        let (records, unreadable) = scan(&*connect(&sample)).await;
        assert_eq!(unreadable, [], "{name}");
        let handles: std::collections::BTreeSet<_> = ids(&records).into_iter().collect();
        assert_eq!(handles.len(), records.len(), "{name}");
        assert_eq!(records.len(), products, "{name}");
    }
    let Some(sample) = samples()
        .into_iter()
        .find(|path| path.ends_with("shopify-apparel.csv"))
    else {
        return;
    };
    let (records, _) = scan(&*connect(&sample)).await;
    let shirt = &by_id(&records, "ocean-blue-shirt").product;
    assert_eq!(
        (shirt.brand.as_str(), shirt.tags.as_slice()),
        ("partners-demo", texts(&["men"]).as_slice())
    );
    assert_eq!(
        (
            shirt.variants[0].remote_id.as_ref(),
            shirt.variants[0].options.len()
        ),
        (None, 0)
    );
    let top = &by_id(&records, "classic-varsity-top").product;
    let sizes: Vec<_> = top
        .variants
        .iter()
        .map(|variant| variant.options["Size"].as_str())
        .collect();
    assert_eq!(sizes, ["Small", "Medium", "Large"]);
    assert_eq!(top.variants[1].remote_id, Some("options:Size=Medium".into()));
}

#[tokio::test]
async fn semicolons_latin_1_and_decimal_commas_are_understood() {
    let (records, unreadable) = scan(&*connect(&fixture("woocommerce-semicolons-latin1.csv"))).await;
    assert_eq!(unreadable, []);
    let cafe = &by_id(&records, "10").product;
    assert_eq!(cafe.title, "Café \"Olla\" 500 g");
    assert_eq!(
        cafe.description,
        "<p>Molido; tueste medio</p>\n<p>Señal de calidad</p>"
    );
    assert_eq!(cafe.categories, ["Despensa > Café", "Té, mate"]);
    assert_eq!(cafe.tags, ["café", "méxico"]);
    assert_eq!(cafe.attributes, pairs(&[("Tueste", "Medio")]));
    assert_eq!(addresses(cafe), ["fotos/café.jpg"]);
    let variant = &cafe.variants[0];
    assert_eq!((variant.price, variant.weight), (amount("149.50"), amount("0.5")));
    assert_eq!(variant.stock, stock("12"));

    let shirt = &by_id(&records, "11").product;
    let small = &shirt.variants[0];
    assert_eq!(
        (small.price, small.compare_at_price),
        (amount("199.00"), amount("1249.00"))
    );
    assert_eq!(small.images, ["playera-ch.jpg"]);
    assert_eq!(
        addresses(shirt),
        ["playera.jpg", "playera-ch.jpg"],
        "what a variation shows belongs to the gallery"
    );
    assert_eq!(shirt.variants[1].weight, amount("0.1805"));
    assert_eq!(by_id(&records, "14").product.status, Some(Status::Draft));
}

#[tokio::test]
async fn line_breaks_quotes_pictures_and_metafields_of_shopify_are_understood() {
    let (records, unreadable) = scan(&*connect(&fixture("shopify-lines-and-pictures.csv"))).await;
    assert_eq!(unreadable, []);
    let shirt = &by_id(&records, "linen-shirt").product;
    assert_eq!(
        shirt.description,
        "<p class=\"lead\">Made of linen,\nwashed twice.</p>\n<ul><li>Soft</li></ul>"
    );
    assert_eq!(
        shirt.categories,
        ["Shirts", "Apparel & Accessories > Clothing > Shirts"]
    );
    assert_eq!(shirt.attributes, pairs(&[("Material", "Linen")]));
    assert_eq!(
        addresses(shirt),
        [
            "https://shop.example/shirt-1.jpg",
            "https://shop.example/shirt-2.jpg",
            "https://shop.example/shirt-3.jpg",
            "https://shop.example/shirt-blue.jpg"
        ],
        "by position, and then what only a variant shows"
    );
    assert_eq!(shirt.images[1].alt, "Back, folded");
    let [white, large, blue] = shirt.variants.as_slice() else {
        panic!("three variants: {:?}", shirt.variants)
    };
    assert_eq!(white.barcode, "0012345678905");
    assert_eq!(white.remote_id, Some("sku:LS-W-M".into()));
    assert_eq!(
        (white.price, white.compare_at_price, white.cost),
        (amount("59.90"), amount("79.90"), amount("21.50"))
    );
    assert_eq!((white.weight, &white.stock), (amount("0.22"), &stock("7")));
    assert_eq!(large.options, pairs(&[("Color", "White"), ("Size", "L")]));
    assert_eq!(blue.stock, stock("-2"));
    let wrap = &by_id(&records, "gift-wrap").product;
    assert_eq!(wrap.status, Some(Status::Paused));
    assert!(wrap.variants[0].stock.is_empty(), "nothing tracks it");
    assert_eq!(wrap.variants[0].weight, None);
    assert_eq!(
        by_id(&records, "old-scarf").product.status,
        Some(Status::Archived)
    );
}

#[tokio::test]
async fn a_faulty_row_stops_only_its_own_product_and_is_named() {
    async fn check(name: &str, good: &[&str], faults: &[(Option<&str>, usize, &str)]) {
        let (records, unreadable) = scan(&*connect(&fixture(name))).await;
        assert_eq!(ids(&records), good, "{name}");
        assert_eq!(unreadable.len(), faults.len(), "{unreadable:#?}");
        for (id, line, word) in faults {
            let place = format!("{name}:{line}");
            let found = unreadable.iter().find(|found| {
                found.remote_id.as_ref().map(|id| id.0.as_str()) == *id
                    && found.message.contains(&place)
                    && found.message.contains(word)
            });
            assert!(
                found.is_some(),
                "no fault of {id:?} at {place} with “{word}” in {unreadable:#?}"
            );
        }
    }
    let faults = [
        (Some("2"), 3, "19,99"),
        (Some("3"), 4, "plenty"),
        (None, 5, "NOBODY"),
        (Some("5"), 6, "the ID 5"),
        (Some("5"), 7, "the ID 5"),
        (Some("6"), 8, "quotation marks"),
        (None, 9, "neither an ID nor a SKU nor a name"),
        (Some("7"), 11, "abc"),
        (Some("10"), 13, "soon"),
    ];
    check("woocommerce-faults.csv", &["1", "11"], &faults).await;
    let faults = [
        (None, 3, "no Handle"),
        (Some("twice"), 6, "twice"),
        (Some("same"), 8, "same options"),
        (Some("nameless"), 9, "does not name that option"),
        (Some("priced"), 10, "10 USD"),
        (Some("odd"), 11, "sold"),
    ];
    check("shopify-faults.csv", &["good", "good-2"], &faults).await;
}

#[tokio::test]
async fn a_changed_price_leaves_every_other_byte_of_the_file_alone() {
    let mut files = samples();
    files.push(fixture("woocommerce-semicolons-latin1.csv"));
    files.push(fixture("shopify-lines-and-pictures.csv"));
    for path in files {
        let (_folder, path) = copy(&path);
        let before = fs::read(&path).unwrap();
        let connector = connect(&path);
        let (records, _) = scan(&*connector).await;
        for record in records {
            let old = fs::read(&path).unwrap();
            let answers = connector.update(&[price_of(&record, "8777.31")]).await;
            let mut wanted = record.clone();
            wanted.product.variants[0].price = amount("8777.31");
            assert_eq!(*shown(&answers[0]), wanted, "{}", path.display());
            let new = fs::read(&path).unwrap();
            let (gone, come) = difference(&old, &new);
            let come = String::from_utf8(come.to_vec()).unwrap().replace(',', ".");
            assert!(come.contains("777.31"), "{come}");
            assert!(
                gone.len() <= 7,
                "more than the price went: {}",
                String::from_utf8_lossy(gone)
            );
        }
        assert_eq!(
            before.iter().filter(|b| **b == b'\n').count(),
            fs::read(&path).unwrap().iter().filter(|b| **b == b'\n').count()
        );
    }
}

#[tokio::test]
async fn writing_what_is_already_there_writes_nothing() {
    let mut files = samples();
    files.push(fixture("woocommerce-semicolons-latin1.csv"));
    files.push(fixture("shopify-lines-and-pictures.csv"));
    for path in files {
        let (_folder, path) = copy(&path);
        let connector = connect(&path);
        let (records, _) = scan(&*connector).await;
        let updates: Vec<_> = records
            .iter()
            .map(|record| whole(record, &record.product))
            .collect();
        let state = || {
            (
                fs::read(&path).unwrap(),
                fs::metadata(&path).unwrap().modified().unwrap(),
            )
        };
        let before = state();
        let answers = connector.update(&updates).await;
        let answered: Vec<_> = answers.iter().map(|answer| shown(answer).clone()).collect();
        assert_eq!(answered, records);
        assert!(before == state(), "{} was written", path.display());
    }
}

/// A patch that sets everything that a product has.
fn whole(record: &Record, product: &Product) -> Update {
    let Product {
        title,
        description,
        brand,
        model,
        mpn,
        categories,
        tags,
        status,
        attributes,
        images,
        variants,
    } = product.clone();
    let variants = variants.into_iter().map(|variant| VariantPatch {
        remote_id: variant.remote_id,
        sku: Some(variant.sku),
        barcode: Some(variant.barcode),
        options: variant.options,
        price: Some(variant.price),
        compare_at_price: Some(variant.compare_at_price),
        cost: Some(variant.cost),
        stock: variant
            .stock
            .into_iter()
            .map(|(location, to)| (location, StockWrite { from: None, to }))
            .collect(),
        weight: Some(variant.weight),
        images: Some(variant.images),
    });
    Update {
        token: String::new(),
        remote_id: record.remote_id.clone(),
        patch: Patch {
            title: Some(title),
            description: Some(description),
            brand: Some(brand),
            model: Some(model),
            mpn: Some(mpn),
            categories: Some(categories),
            tags: Some(tags),
            status,
            attributes,
            images: Some(images),
            variants: variants.collect(),
            new_variants: Vec::new(),
        },
    }
}

#[tokio::test]
async fn latin_1_semicolons_and_decimal_commas_are_kept_when_writing() {
    let (_folder, path) = copy(&fixture("woocommerce-semicolons-latin1.csv"));
    let connector = connect(&path);
    let (records, _) = scan(&*connector).await;
    let mut product = by_id(&records, "10").product.clone();
    product.title = "Café; “Olla” à l’ancienne".to_owned();
    product.variants[0].price = amount("155.75");
    product.variants[0].compare_at_price = amount("199");
    let answers = connector.update(&[whole(by_id(&records, "10"), &product)]).await;
    assert_eq!(shown(&answers[0]).product, product);
    let bytes = fs::read(&path).unwrap();
    assert!(
        std::str::from_utf8(&bytes).is_err(),
        "it is not UTF-8 all of a sudden"
    );
    let text = encoding_rs::WINDOWS_1252.decode(&bytes).0;
    assert!(
        text.contains("\r\n10;simple;CAFE-1;\"Café; “Olla” à l’ancienne\";1;"),
        "{text}"
    );
    assert!(text.contains(";12;500;155,75;\"199\";"), "{text}");
    assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());

    let answers = connector
        .update(&[
            titled(by_id(&records, "10"), "咖啡"),
            titled(by_id(&records, "14"), "Póster 2"),
        ])
        .await;
    let error = refused(&answers[0]);
    assert_eq!(error.class, Class::Rejected);
    assert!(
        error.message.contains('咖') && error.message.contains("UTF-8"),
        "{error}"
    );
    assert_eq!(shown(&answers[1]).product.title, "Póster 2");
}

#[tokio::test]
async fn a_gallery_can_grow_and_shrink() {
    let (_folder, path) = copy(&fixture("shopify-lines-and-pictures.csv"));
    let connector = connect(&path);
    let (records, _) = scan(&*connector).await;
    let shirt = by_id(&records, "linen-shirt");
    let galleries: [&[&str]; 3] = [
        &["https://shop.example/new.jpg"],
        &["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"],
        &["e.jpg", "a.jpg"],
    ];
    for gallery in galleries {
        let images = Some(pictures(gallery));
        let patch = Patch {
            images,
            ..Patch::default()
        };
        let update = Update {
            token: String::new(),
            remote_id: shirt.remote_id.clone(),
            patch,
        };
        let answers = connector.update(&[update]).await;
        let record = shown(&answers[0]);
        assert_eq!(addresses(&record.product), gallery);
        assert_eq!(record.product.variants.len(), 3);
        assert!(
            record
                .product
                .variants
                .iter()
                .all(|variant| variant.images.is_empty())
        );
    }
    let (after, _) = scan(&*connector).await;
    for id in ["gift-wrap", "old-scarf"] {
        assert_eq!(by_id(&after, id), by_id(&records, id));
    }
}

#[tokio::test]
async fn variants_are_added_below_their_product() {
    async fn check(name: &str, id: &str, variant: Variant) {
        let (_folder, path) = copy(&fixture(name));
        let connector = connect(&path);
        let (records, _) = scan(&*connector).await;
        let before = by_id(&records, id);
        let patch = Patch {
            new_variants: vec![variant.clone()],
            ..Patch::default()
        };
        let update = Update {
            token: String::new(),
            remote_id: before.remote_id.clone(),
            patch,
        };
        let answers = connector.update(&[update]).await;
        let record = shown(&answers[0]);
        let count = before.product.variants.len();
        assert_eq!(
            record.product.variants[..count],
            before.product.variants,
            "{name}"
        );
        let mut added = record.product.variants[count].clone();
        assert!(added.remote_id.take().is_some());
        assert_eq!(added, variant, "{name}");
        let (after, unreadable) = scan(&*connector).await;
        assert_eq!((after.len(), unreadable.len()), (records.len(), 0), "{name}");
    }
    let variant = |options| Variant {
        sku: "NEW".to_owned(),
        options: pairs(options),
        price: amount("70.25"),
        stock: stock("4"),
        ..Variant::default()
    };
    check(
        "shopify-lines-and-pictures.csv",
        "linen-shirt",
        variant(&[("Color", "Blue"), ("Size", "L")]),
    )
    .await;
    check(
        "woocommerce-semicolons-latin1.csv",
        "11",
        variant(&[("Talla", "Grande")]),
    )
    .await;
}

#[tokio::test]
async fn a_new_file_holds_what_was_created_in_it() {
    for format in ["auto", "woocommerce", "shopify"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.csv");
        let connector = connect_as(&path, format);
        let error = connector.page(&PageFrom::default()).await.unwrap_err();
        assert_eq!(error.class, Class::Unavailable, "{error}");
        let batch = [create("t1", simple("A", "Lamp")), create("t2", rich())];
        let answers = connector.create(&batch).await;
        assert_eq!(shown(&answers[0]).token.as_deref(), Some("t1"));
        assert_eq!(without_ids(&shown(&answers[1]).product), rich(), "{format}");
        let (records, unreadable) = scan(&*connect(&path)).await;
        assert_eq!((records.len(), unreadable.len()), (2, 0));
        assert!(fs::read(&path).unwrap().starts_with("\u{feff}".as_bytes()));
    }
}

/// A product with something everywhere that both formats can hold.
fn rich() -> Product {
    let variant = |sku: &str, color: &str, size: &str| Variant {
        sku: sku.to_owned(),
        barcode: "0012345678905".to_owned(),
        options: pairs(&[("Color", color), ("Size", size)]),
        price: amount("19.90"),
        compare_at_price: amount("25"),
        cost: amount("7.125"),
        stock: stock("3"),
        weight: amount("0.25"),
        images: texts(&["https://shop.example/b.jpg"]),
        remote_id: None,
    };
    Product {
        title: "=Shirt, \"fine\"".to_owned(),
        description: "<p>One</p>\n\n<p>two \\n three</p>".to_owned(),
        brand: "Weaver, Sons & Co".to_owned(),
        model: "W-1".to_owned(),
        mpn: "+MPN".to_owned(),
        categories: texts(&["Clothing > Shirts"]),
        tags: texts(&["soft", "summer"]),
        status: Some(Status::Draft),
        attributes: pairs(&[("Material", "Linen, cotton"), ("Care", "Cold wash")]),
        images: pictures(&[
            "https://shop.example/a.jpg",
            "https://shop.example/b.jpg",
            "https://shop.example/c.jpg",
        ]),
        variants: vec![
            variant("S-1", "White", "M"),
            variant("S-2", "White, matt", "L"),
            variant("", "Blue", "M"),
        ],
    }
}

fn without_ids(product: &Product) -> Product {
    let mut product = product.clone();
    for variant in &mut product.variants {
        variant.remote_id = None;
    }
    product
}

#[tokio::test]
async fn products_are_appended_to_a_file_as_it_is() {
    let mut files = samples();
    files.push(fixture("woocommerce-semicolons-latin1.csv"));
    files.push(fixture("shopify-lines-and-pictures.csv"));
    for path in files {
        let (_folder, path) = copy(&path);
        let connector = connect(&path);
        let (before, _) = scan(&*connector).await;
        let mut product = rich();
        for variant in &mut product.variants {
            variant.weight = None;
        }
        let answers = connector.create(&[create("token-1", product.clone())]).await;
        assert_eq!(
            without_ids(&shown(&answers[0]).product),
            product,
            "{}",
            path.display()
        );
        let (after, unreadable) = scan(&*connector).await;
        assert_eq!(after[..before.len()], before, "{}", path.display());
        assert_eq!((after.len(), unreadable.len()), (before.len() + 1, 0));

        let again = connector.create(&[create("token-1", product.clone())]).await;
        assert_eq!(
            shown(&again[0]),
            shown(&answers[0]),
            "the same token makes nothing twice"
        );
        assert_eq!(scan(&*connector).await.0, after);
    }
}

#[tokio::test]
async fn new_woocommerce_ids_follow_the_highest() {
    let (_folder, path) =
        file("ID,Type,SKU,Name,Regular price,Parent\n7,simple,A,Apple,1,\n41,simple,B,Pear,2,\n");
    let connector = connect(&path);
    let answers = connector
        .create(&[create("t1", rich()), create("t2", simple("C", "Fig"))])
        .await;
    assert_eq!(shown(&answers[0]).remote_id, "42".into());
    let variants = &shown(&answers[0]).product.variants;
    let ids: Vec<_> = variants
        .iter()
        .map(|variant| variant.remote_id.clone().unwrap().0)
        .collect();
    assert_eq!(ids, ["43", "44", "45"]);
    assert_eq!(shown(&answers[1]).remote_id, "46".into());
}

#[tokio::test]
async fn a_task_that_cannot_be_done_is_left_out_whole() {
    let (_folder, path) = file("SKU,Name,Regular price\nA,Apple,1\nB,Pear,2\n");
    let connector = connect(&path);
    let (records, _) = scan(&*connector).await;
    let renamed = |sku: &str| {
        let variants = vec![VariantPatch {
            sku: Some(sku.to_owned()),
            ..VariantPatch::default()
        }];
        Patch {
            title: Some("Renamed".to_owned()),
            variants,
            ..Patch::default()
        }
    };
    let batch = [
        Update {
            token: String::new(),
            remote_id: records[0].remote_id.clone(),
            patch: renamed("B"),
        },
        Update {
            token: String::new(),
            remote_id: "sku:NOBODY".into(),
            patch: renamed("X"),
        },
        price_of(&records[1], "3"),
    ];
    let answers = connector.update(&batch).await;
    assert_eq!(
        refused(&answers[0]).class,
        Class::Rejected,
        "two products would have the SKU B"
    );
    assert_eq!(refused(&answers[1]).class, Class::Missing);
    assert_eq!(shown(&answers[2]).product.variants[0].price, amount("3"));
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "SKU,Name,Regular price\nA,Apple,1\nB,Pear,3\n"
    );
}

#[tokio::test]
async fn an_edit_by_somebody_else_is_not_lost() {
    let (_folder, path) = file("ID,SKU,Name,Regular price\n1,A,Apple,1\n2,B,Pear,2\n");
    let connector = connect(&path);
    let (records, _) = scan(&*connector).await;
    fs::write(&path, "ID,SKU,Name,Regular price\n2,B,Quince,2\n1,A,Apple,1\n").unwrap();
    let answers = connector.update(&[price_of(by_id(&records, "2"), "9")]).await;
    assert_eq!(shown(&answers[0]).product.title, "Quince");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "ID,SKU,Name,Regular price\n2,B,Quince,9\n1,A,Apple,1\n"
    );

    let stale = disk::hash(b"what was read before");
    let written = disk::replace(&path, Some(stale), b"ours").unwrap();
    assert_eq!(written, disk::Replaced::ChangedMeanwhile);
    assert!(fs::read_to_string(&path).unwrap().contains("Quince"));
    let entries = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(entries, 1, "no temporary file stays behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_the_old_file_or_the_new_one() {
    let rows: String = (0..2000)
        .map(|n| format!("{n},SKU-{n},Product {n},1.00\n"))
        .collect();
    let (_folder, path) = file(&format!("ID,SKU,Name,Regular price\n{rows}"));
    let connector = connect(&path);
    let (records, _) = scan(&*connector).await;
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (done, path) = (Arc::clone(&done), path.clone());
        std::thread::spawn(move || {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) {
                let text = fs::read_to_string(&path).unwrap();
                let mut prices = text.lines().skip(1).map(|line| line.rsplit(',').next().unwrap());
                let first = prices.next().unwrap();
                assert_eq!(text.lines().count(), 2001);
                assert!(prices.all(|price| price == first), "a mix of two states");
                reads += 1;
            }
            reads
        })
    };
    for price in 2..12 {
        let batch: Vec<_> = records
            .iter()
            .map(|record| price_of(record, &price.to_string()))
            .collect();
        for answer in connector.update(&batch).await {
            shown(&answer);
        }
    }
    done.store(true, Ordering::Relaxed);
    assert!(reader.join().unwrap() > 0);
}

#[cfg(unix)]
#[tokio::test]
async fn permissions_and_links_survive_a_write() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, path) = file("ID,SKU,Name,Regular price\n1,A,Apple,1\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.csv");
    symlink(&path, &link).unwrap();
    let connector = connect(&link);
    let (records, _) = scan(&*connector).await;
    shown(&connector.update(&[price_of(&records[0], "5")]).await[0]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::read_to_string(&path).unwrap().ends_with("1,A,Apple,5\n"));
}

#[tokio::test]
async fn pages_show_one_state_of_the_file() {
    let rows = |name: &str| -> String { (0..1200).map(|n| format!("{n},{name} {n}\n")).collect() };
    let (_folder, path) = file(&format!("ID,Name\n{}", rows("Old")));
    let connector = connect(&path);
    let first = connector.page(&PageFrom::default()).await.unwrap();
    assert_eq!((first.records.len(), first.total), (500, Some(1200)));
    let second = PageFrom {
        since: None,
        cursor: first.next,
    };

    let restarted = connect(&path).page(&second).await.unwrap();
    assert_eq!(
        restarted.records[0].product.title, "Old 500",
        "a restart goes on where it was"
    );

    fs::write(&path, format!("ID,Name\n{}", rows("New"))).unwrap();
    let page = connector.page(&second).await.unwrap();
    assert_eq!(
        page.records[0].product.title, "Old 500",
        "a sequence that began goes on"
    );
    let error = connect(&path).page(&second).await.unwrap_err();
    assert_eq!(error.class, Class::Unavailable);
    assert!(error.message.contains("changed while it was read"), "{error}");
    let (records, _) = scan(&*connector).await;
    assert_eq!(
        (records.len(), records[1199].product.title.as_str()),
        (1200, "New 1199")
    );
}

#[tokio::test]
async fn a_folder_keeps_its_files_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.csv"), "ID,SKU,Name,Regular price\n1,A,Apple,1\n").unwrap();
    fs::write(
        path("b.CSV"),
        "Handle,Title,Variant SKU,Variant Price\n1,Pear,B,2\n",
    )
    .unwrap();
    fs::write(path(".hidden.csv"), "not,ours\n").unwrap();
    fs::write(path("notes.txt"), "not ours").unwrap();
    let connector = connect(folder.path());
    let (records, _) = scan(&*connector).await;
    assert_eq!(ids(&records), ["a.csv/1", "b.CSV/1"]);
    let answers = connector
        .update(&[price_of(&records[1], "8"), price_of(&records[0], "9")])
        .await;
    assert_eq!(shown(&answers[0]).remote_id, "b.CSV/1".into());
    assert_eq!(
        fs::read_to_string(path("a.csv")).unwrap(),
        "ID,SKU,Name,Regular price\n1,A,Apple,9\n"
    );
    assert_eq!(
        fs::read_to_string(path("b.CSV")).unwrap(),
        "Handle,Title,Variant SKU,Variant Price\n1,Pear,B,8\n"
    );
    let answers = connector.create(&[create("t", simple("C", "Fig"))]).await;
    assert_eq!(shown(&answers[0]).remote_id, "a.csv/2".into());

    fs::write(path("c.csv"), "name,phone\n").unwrap();
    let error = connector.page(&PageFrom::default()).await.unwrap_err();
    assert_eq!(
        error.class,
        Class::Rejected,
        "what it held before must not seem to have vanished"
    );
    assert!(error.message.contains("c.csv:1"), "{error}");
}

#[tokio::test]
async fn an_empty_folder_gets_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let connector = connect(folder.path());
    assert_eq!(scan(&*connector).await, (Vec::new(), Vec::new()));
    let answers = connector.create(&[create("t", simple("C", "Fig"))]).await;
    assert_eq!(shown(&answers[0]).remote_id, "click2sync.csv/1".into());
}

#[tokio::test]
async fn an_empty_file_holds_nothing_and_can_be_written_to() {
    for text in ["", "\n", "ID,SKU,Name\n", "\u{feff}"] {
        let (_folder, path) = file(text);
        let connector = connect(&path);
        assert_eq!(scan(&*connector).await, (Vec::new(), Vec::new()), "{text:?}");
        shown(&connector.create(&[create("t", simple("C", "Fig"))]).await[0]);
        assert_eq!(scan(&*connector).await.0.len(), 1, "{text:?}");
    }
}

#[tokio::test]
async fn a_file_that_went_away_is_unavailable_and_not_begun_anew() {
    let (_folder, path) = file("ID,SKU,Name,Regular price\n1,A,Apple,1\n");
    let connector = connect(&path);
    let (records, _) = scan(&*connector).await;
    fs::remove_file(&path).unwrap();
    assert_eq!(
        connector.page(&PageFrom::default()).await.unwrap_err().class,
        Class::Unavailable
    );
    assert_eq!(
        refused(&connector.update(&[price_of(&records[0], "2")]).await[0]).class,
        Class::Unavailable
    );
    assert_eq!(
        refused(&connector.create(&[create("t", rich())]).await[0]).class,
        Class::Unavailable
    );
    assert!(!path.exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_trusted_is_a_failed_scan() {
    async fn check(bytes: &[u8], class: Class, words: &str) {
        let (_folder, path) = file("");
        fs::write(&path, bytes).unwrap();
        let error = connect(&path).page(&PageFrom::default()).await.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert!(
            error.message.contains("products.csv") && error.message.contains(words),
            "{error}"
        );
    }
    check(b"ID,Name\n1,\"Open\n2,Pear\n", Class::Unavailable, ":2").await;
    check(b"name,phone\nAna,555\n", Class::Rejected, ":1").await;
    check(b"\xff\xfeI\0D\0", Class::Rejected, "UTF-16").await;
    check(b"PK\x03\x04\0\0", Class::Rejected, "spreadsheet").await;
    check(
        "ID,Name\n1,Ñandú, Té\n2,Caf\u{e9}"
            .as_bytes()
            .split_last()
            .unwrap()
            .1,
        Class::Unavailable,
        ":3",
    )
    .await;
}

#[tokio::test]
async fn an_unclear_write_is_found_by_its_token_or_else_by_sku() {
    let (_folder, path) = file("ID,SKU,Name,Regular price\n1,A,Apple,1\n2,,Pear,2\n");
    let connector = connect(&path);
    shown(&connector.create(&[create("t1", simple("A", "Another"))]).await[0]);
    let find = async |token: Option<&str>, id: Option<&str>, skus: &[&str]| {
        let wanted = Find {
            since: None,
            token: token.map(str::to_owned),
            remote_id: id.map(RemoteId::from),
            skus: texts(skus),
        };
        let records = connector.find(&wanted).await.unwrap();
        records
            .into_iter()
            .map(|record| record.remote_id.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(find(Some("t1"), None, &["A"]).await, ["3"]);
    assert_eq!(find(Some("t2"), None, &["A"]).await, ["1", "3"]);
    assert_eq!(find(None, Some("2"), &["A"]).await, ["2"]);
    assert_eq!(
        find(Some("t2"), None, &[""]).await,
        Vec::<String>::new(),
        "a blank SKU matches nothing"
    );
}

#[tokio::test]
async fn pictures_come_from_beside_the_file_or_from_public_addresses() {
    let (folder, path) = file("ID,Name,Images\n1,Apple,photos/a.jpg\n");
    fs::create_dir(folder.path().join("photos")).unwrap();
    fs::write(folder.path().join("photos/a.jpg"), b"picture").unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path(), folder.path().join("photos/link.jpg")).unwrap();
    let connector = connect(&path);
    assert_eq!(connector.image("photos/a.jpg").await.unwrap(), "picture");
    assert_eq!(connector.image("photos\\a.jpg").await.unwrap(), "picture");
    for (address, class) in [
        ("photos/b.jpg", Class::Missing),
        ("photos", Class::Rejected),
        ("", Class::Rejected),
        ("../x.jpg", Class::Rejected),
        ("/etc/passwd", Class::Rejected),
        #[cfg(unix)]
        ("photos/link.jpg", Class::Rejected),
        ("http://127.0.0.1:9/a.jpg", Class::Rejected),
        ("https://[::1]/a.jpg", Class::Rejected),
        ("ftp://shop.example/a.jpg", Class::Missing),
    ] {
        assert_eq!(
            connector.image(address).await.unwrap_err().class,
            class,
            "{address}"
        );
    }
    let large = fs::File::create(folder.path().join("large.jpg")).unwrap();
    large
        .set_len(crate::connector::LARGEST_PICTURE as u64 + 1)
        .unwrap();
    assert_eq!(
        connector.image("large.jpg").await.unwrap_err().class,
        Class::Rejected
    );
}

#[tokio::test]
async fn our_own_writes_are_no_news() {
    let (_folder, path) = file("ID,SKU,Name,Regular price\n1,A,Apple,1\n");
    let connector = CsvConnector::new(&context(&path, "auto")).unwrap();
    let (records, _) = scan(&connector).await;
    assert!(!connector.files.has_news());
    shown(&connector.update(&[price_of(&records[0], "5")]).await[0]);
    assert!(!connector.files.has_news(), "we wrote that");
    fs::write(&path, "ID,SKU,Name,Regular price\n1,A,Apple,6\n").unwrap();
    assert!(connector.files.has_news());
    assert!(!connector.files.has_news(), "once is enough");
}

#[tokio::test]
async fn an_edit_is_noticed_however_the_editor_writes() {
    let (folder, path) = file("ID,Name\n1,Apple\n");
    for connector in [connect(&path), connect(folder.path())] {
        let mut hints = connector.hints().unwrap();
        scan(&*connector).await;
        for (number, by_rename) in [(1, false), (2, true), (3, true), (4, false)] {
            let text = format!("ID,Name\n1,Apple {number}\n");
            if by_rename {
                let beside = folder.path().join(".products.csv.swp");
                fs::write(&beside, text).unwrap();
                fs::rename(&beside, &path).unwrap();
            } else {
                fs::write(&path, text).unwrap();
            }
            let hint = tokio::time::timeout(std::time::Duration::from_secs(10), hints.changed());
            hint.await.expect("no hint came").unwrap();
        }
    }
}

#[tokio::test]
async fn a_check_says_what_it_found() {
    let (folder, path) = file("ID,SKU,Name,Regular price\n1,A,Apple,1\n2,B,Pear,x\n");
    let sentence = connect(&path).check().await.unwrap();
    assert!(
        sentence.contains("1 products")
            && sentence.contains("WooCommerce")
            && sentence.contains("products.csv:3"),
        "{sentence}"
    );
    let error = connect(&folder.path().join("other.csv"))
        .check()
        .await
        .unwrap_err();
    assert!(error.message.contains("other.csv is not there"), "{error}");
}

fn text_strategy() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9äéñ ,;:'\"=+@<>&/\\\\|-]{0,12}",
        Just("\n".to_owned()),
        Just("\\n".to_owned()),
        Just("漢字".to_owned()),
        Just("\t".to_owned()),
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat().trim().to_owned())
}

fn name_strategy() -> impl Strategy<Value = String> {
    "[A-Za-zäñ0-9][A-Za-zäñ0-9 ,;\"'&.-]{0,10}[A-Za-z0-9]"
}

fn amount_strategy() -> impl Strategy<Value = Option<Decimal>> {
    proptest::option::of(
        (1..10_000_000_i64, 0..4_u32).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale)),
    )
}

fn variant_strategy() -> impl Strategy<Value = Variant> {
    let numbers = (
        amount_strategy(),
        amount_strategy(),
        amount_strategy(),
        amount_strategy(),
    );
    let quantity = proptest::option::of(-20..500_i64);
    ("[0-9]{0,13}", numbers, quantity).prop_map(
        |(barcode, (price, compare_at_price, cost, weight), quantity)| Variant {
            barcode,
            price,
            // A price to compare with nothing would be the price.
            compare_at_price: price.and(compare_at_price),
            cost,
            stock: quantity
                .map(|n| (DEFAULT_LOCATION.to_owned(), Decimal::from(n)))
                .into_iter()
                .collect(),
            weight,
            ..Variant::default()
        },
    )
}

fn product_strategy() -> impl Strategy<Value = Product> {
    let texts = (
        name_strategy(),
        text_strategy(),
        text_strategy(),
        text_strategy(),
        text_strategy(),
    );
    let attribute = ("[A-Z][a-z]{1,6}", name_strategy());
    let attributes = proptest::collection::btree_map(attribute.0, attribute.1, 0..4);
    let status = proptest::option::of(prop_oneof![Just(Status::Active), Just(Status::Draft)]);
    let tags = proptest::collection::vec("[a-zé0-9]{1,8}", 0..4);
    let variants = proptest::collection::vec(variant_strategy(), 1..5);
    (texts, attributes, status, tags, variants, 0..4_usize).prop_map(
        |((title, description, brand, model, mpn), attributes, status, tags, mut variants, images)| {
            let several = variants.len() > 1;
            for (index, variant) in variants.iter_mut().enumerate() {
                variant.sku = format!("{title}-{index}");
                if several {
                    variant.options = pairs(&[("Shade", &format!("no, {index}")), ("Cut", "A; \"b\"")]);
                }
            }
            let one_line = |text: String| text.replace(['\n', '\t'], " ").trim().to_owned();
            Product {
                title,
                description,
                brand: one_line(brand),
                model: one_line(model),
                mpn: one_line(mpn),
                categories: vec!["Home > Tables".to_owned()],
                tags,
                status,
                attributes,
                images: (0..images)
                    .map(|n| Image {
                        address: format!("https://x.example/{n}.jpg"),
                        ..Image::default()
                    })
                    .collect(),
                variants,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_written_is_read_back(products in proptest::collection::vec(product_strategy(), 1..4), changed in product_strategy()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for header in [
            "ID,Type,SKU,Name,Parent\n",
            "Type;SKU;Name;Parent\r\n",
            "Handle,Title,Variant SKU,Status\n",
            "Title\tHandle\tOption1 Name\tOption1 Value\tVariant Inventory Tracker\r\n",
        ] {
            let (_folder, path) = file(header);
            let connector = connect(&path);
            let unique = |(index, product): (usize, &Product)| {
                let mut product = product.clone();
                for variant in &mut product.variants {
                    variant.sku = format!("{}-{index}", variant.sku);
                }
                create(&format!("token-{index}"), product)
            };
            let batch: Vec<_> = products.iter().enumerate().map(unique).collect();
            let answers = runtime.block_on(connector.create(&batch));
            for (create, answer) in batch.iter().zip(&answers) {
                let record = shown(answer);
                prop_assert_eq!(&without_ids(&record.product), &create.record, "{}", header);
                prop_assert_eq!(record.token.as_ref(), Some(&create.token));
            }

            // Everything of the first but its variants' identity becomes as in `changed`.
            let record = shown(&answers[0]);
            let mut wanted = changed.clone();
            wanted.status = wanted.status.or(record.product.status);
            wanted.variants = record.product.variants.clone();
            wanted.variants[0].price = changed.variants[0].price;
            wanted.variants[0].compare_at_price = changed.variants[0].compare_at_price;
            wanted.variants[0].cost = changed.variants[0].cost;
            wanted.variants[0].weight = changed.variants[0].weight;
            let mut update = whole(record, &wanted);
            for name in record.product.attributes.keys() {
                update.patch.attributes.entry(name.clone()).or_default();
            }
            let answers = runtime.block_on(connector.update(&[update]));
            prop_assert_eq!(&shown(&answers[0]).product, &wanted, "{}", header);

            // An independent reader understands the file too.
            let delimiter = header.bytes().find(|b| b",;\t".contains(b)).unwrap();
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_path(&path).unwrap();
            prop_assert!(reader.records().all(|record| record.is_ok()));
        }
    }
}
