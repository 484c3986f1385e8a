use super::*;
use serde_json::{Value, json};

/// A product of a real shop, as its list shows it.
fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/product.json")).unwrap()
}

/// As a list of all variations shows one, inheriting picture and weight.
fn variation() -> Value {
    serde_json::from_str(include_str!("../fixtures/variation.json")).unwrap()
}

fn words() -> Words {
    Words {
        tree: Tree::default(),
        unit: Some(WeightUnit::Kilogram),
    }
}

fn read(product: Value, variations: &[Value]) -> Result<Record, String> {
    let variations = variations
        .iter()
        .cloned()
        .map(|one| serde_json::from_value(one).unwrap());
    let found = Found {
        product: serde_json::from_value(product).unwrap(),
        variations: variations.collect(),
    };
    found.record(&words())
}

/// The recorded product with some of its fields otherwise.
fn with(changes: &Value) -> Value {
    let mut product = recorded();
    product
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    product
}

#[test]
fn a_recorded_product_is_read() {
    let record = read(recorded(), &[]).unwrap();
    assert_eq!(record.remote_id, "35".into());
    assert_eq!(record.updated_at.unwrap().to_string(), "2026-11-23T08:00:00.000Z");
    assert_eq!(record.token, None);
    let product = record.product;
    assert_eq!(product.title, "Lab coat & hood");
    assert_eq!(product.description, "<p>Short 1</p>");
    assert_eq!(
        product.categories,
        Vec::<String>::new(),
        "uncategorized is no category"
    );
    assert_eq!(product.status, Some(Status::Active));
    assert_eq!(product.images[0].remote_id, Some("23".into()));
    assert_eq!(
        (product.images[0].alt.as_str(), &product.images[0].hash),
        ("Coat", &None)
    );
    let [only] = product.variants.as_slice() else {
        panic!("a single variant")
    };
    assert_eq!((&only.remote_id, only.sku.as_str()), (&None, "LAB-00001"));
    assert_eq!((only.price, only.compare_at_price), ("19.99".parse().ok(), None));
    assert!(only.stock.is_empty() && only.weight.is_none() && only.barcode.is_empty());
}

#[test]
fn a_recorded_variation_is_read_with_what_it_inherits() {
    let product = with(
        &json!({"type": "variable", "regular_price": "", "price": "18", "variations": [201],
        "attributes": [{"id": 2, "name": "Size", "slug": "pa_size", "position": 0, "visible": true, "variation": true,
            "options": ["M &amp; L"]}]}),
    );
    let record = read(product, &[variation()]).unwrap();
    let [variant] = record.product.variants.as_slice() else {
        panic!("one variation")
    };
    assert_eq!(variant.remote_id, Some("201".into()));
    assert_eq!(
        (variant.price, variant.compare_at_price),
        ("18".parse().ok(), "20".parse().ok())
    );
    assert_eq!(variant.stock, [("default".to_owned(), 12.into())].into());
    assert_eq!(variant.options, [("Size".to_owned(), "M & L".to_owned())].into());
    assert_eq!(
        variant.images,
        Vec::<String>::new(),
        "the product's own, by an id in a text"
    );
    assert!(record.product.attributes.is_empty(), "an option is no attribute");
}

#[test]
fn shapes_that_differ_by_version_and_plugin_are_understood() {
    let odd = with(
        &json!({"regular_price": 19.5, "stock_quantity": "7", "manage_stock": "yes", "images": {}, "tags": {"0":
        {"id": 3, "name": "x", "slug": "x"}}, "attributes": null, "brands": null, "sku": 4711, "description": null}),
    );
    let product = read(odd, &[]).unwrap().product;
    let variant = &product.variants[0];
    assert_eq!(
        (variant.sku.as_str(), variant.price),
        ("4711", "19.5".parse().ok())
    );
    assert_eq!(variant.stock, [("default".to_owned(), 7.into())].into());
    assert_eq!((product.tags, product.images), (vec!["x".to_owned()], Vec::new()));
    // A picture that is not there is an empty list to PHP.
    let mut bare = variation();
    bare["image"] = json!([]);
    bare["attributes"] = json!([]);
    let record = read(with(&json!({"type": "variable", "variations": [201]})), &[bare]).unwrap();
    assert!(record.product.variants[0].options.is_empty());
}

#[test]
fn stock_that_nobody_counts_here_is_no_quantity() {
    let check = |manage: Value, quantity: Value, wanted: Option<i64>| {
        let product = read(
            with(&json!({"manage_stock": manage, "stock_quantity": quantity})),
            &[],
        )
        .unwrap()
        .product;
        let stock = product.variants[0].stock.get("default").copied();
        assert_eq!(stock, wanted.map(Into::into), "{manage} {quantity}");
    };
    check(json!(true), json!(5), Some(5));
    check(json!(true), json!(-462), Some(-462));
    check(json!(true), json!(null), Some(0));
    check(json!(false), json!(null), None);
    check(json!("parent"), json!(9), None);
}

#[test]
fn statuses_are_those_of_word_press() {
    let check = |word: &str, status: Option<Status>| {
        assert_eq!(
            read(with(&json!({"status": word})), &[]).unwrap().product.status,
            status,
            "{word}"
        );
    };
    check("publish", Some(Status::Active));
    check("draft", Some(Status::Draft));
    check("pending", Some(Status::Draft));
    check("private", Some(Status::Draft));
    check("wc-hidden", None);
    let words = Status::ALL.map(status_word);
    assert_eq!(words, ["publish", "private", "draft", "private"]);
}

#[test]
fn a_token_counts_only_when_all_stock_that_came_with_it_was_written() {
    let token = |product: &str, variations: &[(u64, &str)]| {
        let meta = |value: &str| json!([{"id": 1, "key": TOKEN, "value": value}, {"id": 2, "key": "x", "value": []}]);
        let variations: Vec<Value> = variations
            .iter()
            .map(|(id, value)| json!({"id": id, "meta_data": meta(value)}))
            .collect();
        read(with(&json!({"meta_data": meta(product)})), &variations)
            .unwrap()
            .token
    };
    let written = || Some("c2s-1-2-3".to_owned());
    assert_eq!(token("c2s-1-2-3", &[]), written());
    assert_eq!(token("", &[]), None);
    assert_eq!(
        token("c2s-1-2-3/7,8", &[(7, "c2s-1-2-3"), (8, "c2s-1-2-3"), (9, "old")]),
        written()
    );
    assert_eq!(
        token("c2s-1-2-3/7,8", &[(7, "c2s-1-2-3"), (8, "c2s-1-2-0")]),
        None
    );
    // One that went meanwhile cannot say anything.
    assert_eq!(token("c2s-1-2-3/7,8", &[(7, "c2s-1-2-3")]), written());
}

#[test]
fn what_no_program_can_understand_says_where_and_why() {
    let error = read(with(&json!({"regular_price": "1,5"})), &[]).unwrap_err();
    assert!(
        error.contains("Product 35 (“Lab coat & hood”)") && error.contains("1,5"),
        "{error}"
    );
    let mut bad = variation();
    bad["weight"] = json!("heavy");
    let error = read(with(&json!({"type": "variable"})), &[bad]).unwrap_err();
    assert!(
        error.contains("variation 201") && error.contains("heavy"),
        "{error}"
    );
}
