use super::*;
use crate::connector::{weight::WeightUnit, woocommerce::category::Tree};
use shared::product::Status;

fn words() -> Words {
    Words {
        tree: Tree::default(),
        unit: Some(WeightUnit::Gram),
    }
}

/// A simple product that is there, and a variable one with two variations.
fn there(kind: &str) -> Found {
    let shown =
        |price: &str| json!({"regular_price": price, "manage_stock": true, "stock_quantity": 5, "sku": "A"});
    let mut product = json!({"id": 35, "type": kind, "name": "Coat",
        "images": [{"id": 23, "src": "https://shop.example/a.png"}, {"id": 24, "src": "https://shop.example/b.png"}],
        "attributes": [{"id": 0, "name": "Size", "variation": true, "visible": true, "options": ["M", "L"]}]});
    product
        .as_object_mut()
        .unwrap()
        .extend(shown("10").as_object().unwrap().clone());
    let variation = |id: u64, size: &str, image: u64| {
        let mut variation = json!({"id": id, "parent_id": 35, "attributes": [{"id": 0, "name": "Size", "option": size}],
            "image": {"id": image, "src": format!("https://shop.example/{image}.png")}});
        variation
            .as_object_mut()
            .unwrap()
            .extend(shown("12").as_object().unwrap().clone());
        serde_json::from_value(variation).unwrap()
    };
    let variations = match kind {
        "variable" => vec![variation(201, "M", 23), variation(202, "L", 99)],
        _ => Vec::new(),
    };
    Found {
        product: serde_json::from_value(product).unwrap(),
        variations,
    }
}

fn planned(kind: &str, patch: &Patch) -> Plan {
    let (words, resolved, pictures) = (words(), Resolved::default(), Pictures::default());
    let known = Known {
        words: &words,
        resolved: &resolved,
        pictures: &pictures,
    };
    update("t-1", patch, &there(kind), known).unwrap()
}

fn of_variant(remote_id: Option<&str>, change: VariantPatch) -> Patch {
    Patch {
        variants: vec![VariantPatch {
            remote_id: remote_id.map(RemoteId::from),
            ..change
        }],
        ..Patch::default()
    }
}

#[test]
fn a_patch_is_sent_as_what_it_names_and_nothing_else() {
    let check = |kind: &str, patch: Patch, wanted: Value| {
        let plan = planned(kind, &patch);
        assert_eq!(plan.faults, Vec::<String>::new());
        assert_eq!(Value::Object(plan.product), wanted, "{patch:?}");
    };
    let token = json!([{"key": TOKEN, "value": "t-1"}]);
    check("simple", Patch::default(), json!({"id": 35, "meta_data": token}));
    let texts = Patch {
        title: Some(" A & <X> ".to_owned()),
        description: Some("<p>As it is</p>".to_owned()),
        status: Some(Status::Archived),
        model: Some("M".to_owned()),
        categories: Some(Vec::new()),
        ..Patch::default()
    };
    check(
        "simple",
        texts,
        json!({"id": 35, "name": "A &amp; &lt;X&gt;", "description": "<p>As it is</p>", "status": "private", "categories": [],
            "meta_data": [{"key": TOKEN, "value": "t-1"}, {"key": "model", "value": "M"}]}),
    );
    let sold = VariantPatch {
        sku: Some(" B ".to_owned()),
        barcode: Some("4006381333931".to_owned()),
        price: Some("1234.560".parse().ok()),
        weight: Some("0.25".parse().ok()),
        stock: BTreeMap::from([(
            "default".to_owned(),
            StockWrite {
                from: Some(9.into()),
                to: 7.into(),
            },
        )]),
        ..VariantPatch::default()
    };
    check(
        "simple",
        of_variant(None, sold),
        json!({"id": 35, "sku": "B", "global_unique_id": "4006381333931", "regular_price": "1234.56", "sale_price": "",
            "weight": "250", "manage_stock": true, "stock_quantity": 3, "meta_data": token}),
    );
    // Letters would be dropped, and what is left is another code.
    let shelf = VariantPatch {
        barcode: Some("SHELF-7".to_owned()),
        weight: Some(None),
        ..VariantPatch::default()
    };
    check(
        "simple",
        of_variant(None, shelf),
        json!({"id": 35, "weight": "", "meta_data": token}),
    );
}

#[test]
fn stock_of_variations_comes_with_a_token_of_each() {
    let change = VariantPatch {
        stock: BTreeMap::from([(
            "default".to_owned(),
            StockWrite {
                from: None,
                to: 7.into(),
            },
        )]),
        ..VariantPatch::default()
    };
    let plan = planned("variable", &of_variant(Some("202"), change));
    assert_eq!(
        Value::Object(plan.product),
        json!({"id": 35, "meta_data": [{"key": TOKEN, "value": "t-1/202"}]})
    );
    let [variation] = plan.variations.as_slice() else {
        panic!("one variation")
    };
    assert_eq!(
        Value::Object(variation.fields.clone()),
        json!({"id": 202, "manage_stock": true, "stock_quantity": 7, "meta_data": [{"key": TOKEN, "value": "t-1"}]})
    );
}

#[test]
fn a_picture_that_only_a_variation_shows_stays_there_until_it_is_not_wanted() {
    let image = |id: Option<&str>, address: &str| product::Image {
        remote_id: id.map(RemoteId::from),
        address: address.to_owned(),
        ..product::Image::default()
    };
    let gallery = |images: Vec<product::Image>| Patch {
        images: Some(images),
        ..Patch::default()
    };
    let all = vec![
        image(Some("24"), "b"),
        image(Some("99"), "c"),
        image(None, "https://pictures.example/n.png"),
    ];
    let plan = planned("variable", &gallery(all));
    assert_eq!(
        plan.product["images"],
        json!([{"id": 24}, {"src": "https://pictures.example/n.png"}])
    );
    assert_eq!(plan.pictures, ["b", "https://pictures.example/n.png"]);
    assert!(plan.variations.is_empty());
    let plan = planned("variable", &gallery(vec![image(Some("23"), "a")]));
    assert_eq!(plan.product["images"], json!([{"id": 23}]));
    let [variation] = plan.variations.as_slice() else {
        panic!("one variation")
    };
    assert_eq!(
        Value::Object(variation.fields.clone()),
        json!({"id": 202, "image": {}})
    );
    // Nothing at all takes all of them away.
    assert_eq!(
        planned("simple", &gallery(Vec::new())).product["images"],
        json!([])
    );
}

#[test]
fn what_cannot_be_kept_is_a_fault_and_the_rest_is_sent() {
    let check = |kind: &str, patch: Patch, fault: &str| {
        let plan = planned(kind, &patch);
        assert_eq!(plan.faults.len(), 1, "{:?}", plan.faults);
        assert!(plan.faults[0].contains(fault), "{:?}", plan.faults);
    };
    let counted = |location: &str, to: &str| VariantPatch {
        stock: BTreeMap::from([(
            location.to_owned(),
            StockWrite {
                from: None,
                to: to.parse().unwrap(),
            },
        )]),
        ..VariantPatch::default()
    };
    check(
        "simple",
        of_variant(None, counted("outlet", "1")),
        "map the location",
    );
    check(
        "simple",
        of_variant(None, counted("default", "0.5")),
        "whole pieces",
    );
    check(
        "variable",
        of_variant(Some("777"), VariantPatch::default()),
        "no variation 777",
    );
    let negative = VariantPatch {
        price: Some("-1".parse().ok()),
        ..VariantPatch::default()
    };
    check("simple", of_variant(None, negative), "negative");
    let option = VariantPatch {
        options: BTreeMap::from([("Size".to_owned(), "S".to_owned())]),
        ..VariantPatch::default()
    };
    check("simple", of_variant(None, option), "no options");
    let added = Patch {
        new_variants: vec![Variant::default()],
        ..Patch::default()
    };
    check("simple", added, "cannot have variations");
    let attribute = Patch {
        attributes: BTreeMap::from([("size".to_owned(), "S".to_owned())]),
        ..Patch::default()
    };
    check(
        "variable",
        attribute,
        "tells the variations of this product apart",
    );
}

#[test]
fn a_product_whose_stock_its_variations_share_is_left_alone() {
    let mut found = there("variable");
    found.variations[0].sold.manage_stock = Managed::Parent;
    let (words, resolved, pictures) = (words(), Resolved::default(), Pictures::default());
    let known = Known {
        words: &words,
        resolved: &resolved,
        pictures: &pictures,
    };
    let change = VariantPatch {
        price: Some("9".parse().ok()),
        stock: BTreeMap::from([(
            "default".to_owned(),
            StockWrite {
                from: None,
                to: 7.into(),
            },
        )]),
        ..VariantPatch::default()
    };
    let plan = update("t-1", &of_variant(Some("201"), change), &found, known).unwrap();
    assert!(
        plan.faults[0].contains("counts the stock of all variations together"),
        "{:?}",
        plan.faults
    );
    assert_eq!(plan.variations[0].fields["regular_price"], "9");
    assert!(!plan.variations[0].fields.contains_key("stock_quantity"));
}
