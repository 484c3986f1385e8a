use super::*;
use crate::ids::ConnectionId;

fn check_sku(sku: &str, wanted: Option<&str>) {
    assert_eq!(
        sku_key(sku),
        wanted.map(|text| MatchKey::Sku(text.to_owned())),
        "{sku:?}"
    );
}

#[test]
fn a_blank_or_placeholder_sku_matches_nothing() {
    for sku in [
        "", "  ", "0", "000", "-", "--", "n/a", "N/A", "None", "null", "TBD", "xxx", ".",
    ] {
        check_sku(sku, None);
    }
    check_sku(" Woo-Tee ", Some("woo-tee"));
    check_sku("007", Some("007"));
    check_sku("tbd-1", Some("tbd-1"));
}

fn check_gtin(barcode: &str, wanted: Option<&str>) {
    assert_eq!(
        gtin_key(barcode),
        wanted.map(|text| MatchKey::Gtin(text.to_owned())),
        "{barcode:?}"
    );
}

#[test]
fn a_barcode_counts_only_with_a_right_check_digit_and_whatever_its_leading_zeros() {
    check_gtin("4006381333931", Some("04006381333931"));
    check_gtin("04006381333931", Some("04006381333931"));
    check_gtin("400-6381 333931", Some("04006381333931"));
    check_gtin("4006381333932", None);
    check_gtin("036000291452", Some("00036000291452"));
    check_gtin("96385074", Some("00000096385074"));
    check_gtin("0000000000000", None);
    check_gtin("12348", None);
    check_gtin("SKU-4006381333931", None);
}

#[test]
fn an_item_is_found_by_its_skus_and_by_its_barcodes_and_neither_is_taken_for_the_other() {
    let text = |key, field, text: &str| (Path::variant_field(Key(key), field), Value::Text(text.into()));
    let content: Content = [
        text(1, Field::Sku, "Tee"),
        text(1, Field::Barcode, "4006381333931"),
        text(2, Field::Sku, "04006381333931"),
        text(2, Field::Barcode, "12"),
    ]
    .into_iter()
    .collect();
    let entries: Vec<String> = item_keys(&content).iter().map(MatchKey::to_string).collect();
    assert_eq!(entries, ["s04006381333931", "stee", "g04006381333931"]);
}

fn check_option(theirs: &str, hub: &str) {
    assert_eq!(hub_option_name(theirs, &policy()), hub);
}

#[test]
fn an_option_is_the_hubs_by_any_of_its_names_in_any_case_else_the_platforms_own() {
    check_option("Colour", "color");
    check_option("COLOUR", "color");
    check_option("size", "size");
    check_option("Größe", "size");
    check_option("GRÖẞE", "size");
    check_option("Grö", "Grö");
    check_option("Material", "Material");
    check_option("Länge", "Länge");
}

fn policy() -> Policy {
    Policy::new(ConnectionId::parse("shop").unwrap(), "demo")
}

fn variant(sku: &str, options: &[(&str, &str)]) -> Variant {
    let options = options
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    Variant {
        sku: sku.to_owned(),
        options,
        ..Variant::default()
    }
}

fn check_find(sku: &str, holders: &[u64], taken: &[u64], rivals: usize, wanted: &Match) {
    let product = Product {
        variants: vec![variant(sku, &[])],
        ..Product::default()
    };
    let found = find_item(
        &product,
        &policy(),
        |_| holders.iter().copied().map(ItemId).collect(),
        |item| taken.contains(&item.0),
        |_| rivals,
    );
    assert_eq!(
        &found, wanted,
        "{sku:?} held by {holders:?}, taken {taken:?}, {rivals} records"
    );
}

#[test]
fn a_match_that_is_not_one_to_one_is_never_guessed() {
    check_find("a-1", &[], &[], 1, &Match::New);
    check_find("a-1", &[7], &[], 1, &Match::Item(ItemId(7)));
    check_find(
        "a-1",
        &[7, 8],
        &[],
        1,
        &Match::Ambiguous(vec![ItemId(7), ItemId(8)]),
    );
    check_find("a-1", &[7], &[7], 1, &Match::Ambiguous(vec![ItemId(7)]));
    check_find("a-1", &[7], &[], 2, &Match::Ambiguous(vec![ItemId(7)]));
    check_find("n/a", &[7], &[], 1, &Match::New);
}

fn check_pairs(variants: &[Variant], known: &[(u32, &str)], wanted: &[u32]) {
    let held = |key: u32, sku: &str, color: &str| {
        let key = Key(key);
        [
            (Path::variant(key, Leaf::Exists), Value::Present),
            (Path::variant_field(key, Field::Sku), Value::Text(sku.into())),
            (
                Path::variant(key, Leaf::Option("color".into())),
                Value::Text(color.into()),
            ),
        ]
    };
    let content: Content = [held(1, "t-red", "Red"), held(2, "t-blue", "Blue")]
        .into_iter()
        .flatten()
        .collect();
    let product = Product {
        variants: variants.to_vec(),
        ..Product::default()
    };
    let known: Vec<_> = known
        .iter()
        .map(|(key, id)| (Part::Variant(Key(*key)), RemoteId::from(*id)))
        .collect();
    let paired = pair(&product, &content, &known, Key(3), &policy());
    assert_eq!(
        paired.variants,
        wanted.iter().copied().map(Key).collect::<Vec<_>>(),
        "{variants:?}"
    );
}

#[test]
fn variants_pair_by_id_then_sku_then_options_and_else_are_new() {
    let with_id = |id: &str, sku| Variant {
        remote_id: Some(id.into()),
        ..variant(sku, &[])
    };
    check_pairs(&[with_id("v9", "t-blue")], &[(1, "v9")], &[1]);
    check_pairs(&[with_id("v8", "T-BLUE "), with_id("v7", "t-red")], &[], &[2, 1]);
    check_pairs(&[variant("", &[("Colour", "blue")])], &[], &[2]);
    check_pairs(&[variant("t-green", &[("Colour", "green")])], &[], &[3]);
    check_pairs(&[with_id("a", "t-red"), with_id("b", "t-red")], &[], &[1, 3]);
    // One of several is not the only one, whatever it is called.
    check_pairs(&[variant("t-green", &[])], &[], &[3]);
    // The only variant of a simple product gets a name of its own when a second one joins it.
    check_pairs(
        &[with_id("a", "t-red"), with_id("b", "t-blue")],
        &[(1, "")],
        &[1, 2],
    );
}

/// The hub has one variant with a SKU and a barcode.
fn check_only(variants: &[Variant], wanted: &[u32]) {
    let text = |field, text: &str| (Path::variant_field(Key(1), field), Value::Text(text.into()));
    let content: Content = [
        (Path::variant(Key(1), Leaf::Exists), Value::Present),
        text(Field::Sku, "tee"),
        text(Field::Barcode, "4006381333931"),
    ]
    .into_iter()
    .collect();
    let product = Product {
        variants: variants.to_vec(),
        ..Product::default()
    };
    let paired = pair(&product, &content, &[], Key(2), &policy());
    let wanted: Vec<Key> = wanted.iter().copied().map(Key).collect();
    assert_eq!(paired.variants, wanted, "{variants:?}");
}

#[test]
fn the_only_variant_pairs_with_the_only_one_and_among_several_with_the_one_of_its_barcode() {
    let barred = |sku, barcode: &str| Variant {
        barcode: barcode.to_owned(),
        ..variant(sku, &[])
    };
    check_only(&[variant("other", &[])], &[1]);
    check_only(&[variant("other", &[]), variant("another", &[])], &[2, 3]);
    check_only(
        &[barred("other", ""), barred("another", "400-6381333931")],
        &[2, 1],
    );
    check_only(&[barred("other", "96385074"), barred("", "")], &[2, 3]);
}

fn image(words: &str) -> Image {
    let mut words = words.split(' ').map(str::to_owned);
    let mut next = || words.next().filter(|word| word != "-");
    Image {
        remote_id: next().map(RemoteId::from),
        hash: next(),
        address: next().unwrap_or_default(),
        alt: next().unwrap_or_default(),
    }
}

/// Images in words: their id there, their bytes, their address and their text, `-` where that is blank.
fn gallery(images: &[&str]) -> Product {
    Product {
        images: images.iter().map(|words| image(words)).collect(),
        ..Product::default()
    }
}

/// The hub has these pictures, numbered from 1, in their order.
fn pictures(images: &[&str]) -> Content {
    let keys: Vec<Key> = (1..).zip(images).map(|(key, _)| Key(key)).collect();
    let mut content = Content::new();
    for (key, words) in keys.iter().zip(images) {
        let Image {
            hash, address, alt, ..
        } = image(words);
        let picture = Value::Picture(Picture { hash, address });
        content.put(Path::picture(*key, Leaf::Exists), Some(picture));
        content.put(
            Path::picture(*key, Leaf::Alt),
            (!alt.is_empty()).then(|| Value::Text(alt.into())),
        );
    }
    content.put(Path::pictures(), Some(Value::Keys(keys)));
    content
}

fn names(known: &[(u32, &str)]) -> Vec<(Part, RemoteId)> {
    let name = |(key, id): &(u32, &str)| (Part::Picture(Key(*key)), RemoteId::from(*id));
    known.iter().map(name).collect()
}

fn check_pictures(hub: &[&str], known: &[(u32, &str)], shown: &[&str], wanted: &[u32]) {
    let paired = pair(&gallery(shown), &pictures(hub), &names(known), Key(9), &policy());
    let wanted: Vec<Key> = wanted.iter().copied().map(Key).collect();
    assert_eq!(paired.pictures, wanted, "{shown:?} of {hub:?}, known {known:?}");
}

#[test]
fn pictures_pair_by_id_then_bytes_then_address_and_else_are_new() {
    let hub = ["- aa one", "- bb two", "- - three"];
    check_pictures(&hub, &[], &["- bb x", "- aa y"], &[2, 1]);
    check_pictures(&hub, &[], &["- cc two"], &[9]);
    check_pictures(&hub, &[], &["- - two", "- cc three"], &[2, 3]);
    check_pictures(&hub, &[], &["- aa one", "- aa one"], &[1, 9]);
    check_pictures(&hub, &[(2, "p2")], &["p2 aa one"], &[2]);
    check_pictures(&hub, &[(2, "p2")], &["p7 bb two", "p8 aa one"], &[9, 1]);
    check_pictures(&hub, &[(1, "one"), (2, "one")], &["- - one", "- - one"], &[1, 2]);
}

/// The hub has these pictures and `sent` some of them; the platform knew these names, shows of them what is
/// `there`, and shows all of these now.
fn check_sent(
    hub: &[&str],
    sent: &[u32],
    (known, there): (&[(u32, &str)], &[u32]),
    shown: &[&str],
    wanted: &[(u32, &str)],
) {
    let content = pictures(hub);
    let exists = |key: &u32| Path::picture(Key(*key), Leaf::Exists);
    let value = |key: &u32| content.get(&exists(key)).cloned();
    let here = Equivalence {
        children: names(known),
        acknowledged: there
            .iter()
            .filter_map(|key| Some((exists(key), value(key)?)))
            .collect(),
        ..Equivalence::default()
    };
    let values: Vec<_> = sent.iter().map(|key| (exists(key), value(key))).collect();
    let now = with_sent(&gallery(shown), &content, &here, &values, &policy());
    assert_eq!(now, names(wanted), "sent {sent:?} of {hub:?}, {shown:?} now");
}

#[test]
fn what_is_new_after_a_write_is_what_was_sent_unless_more_or_less_is_new() {
    let hub = ["- aa one", "- bb two", "- cc three"];
    let nothing: (&[_], &[_]) = (&[], &[]);
    let first: (&[_], &[_]) = (&[(1, "p1")], &[1]);
    // Recompressed: the order tells, or the bytes of the others, or their names.
    check_sent(
        &hub,
        &[1, 2],
        nothing,
        &["p1 xx -", "p2 yy -"],
        &[(1, "p1"), (2, "p2")],
    );
    check_sent(
        &hub,
        &[2],
        first,
        &["p2 xx -", "p1 aa -"],
        &[(1, "p1"), (2, "p2")],
    );
    check_sent(&hub, &[1, 2], nothing, &["p2 bb -", "p1 xx -"], &[(1, "p1")]);
    check_sent(
        &hub,
        &[1, 2],
        first,
        &["p1 aa -", "p2 xx -"],
        &[(1, "p1"), (2, "p2")],
    );
    // More is new than was sent, or less.
    check_sent(
        &hub,
        &[2],
        first,
        &["p1 aa -", "p2 xx -", "p3 yy -"],
        &[(1, "p1")],
    );
    check_sent(&hub, &[2, 3], first, &["p1 aa -", "p2 xx -"], &[(1, "p1")]);
    // What was written without pictures brought none.
    check_sent(&hub, &[], first, &["p1 aa -", "p2 xx -"], &[(1, "p1")]);
    // The order of the gallery, not that of the numbers.
    let mut turned = pictures(&hub);
    turned.put(Path::pictures(), Some(Value::Keys(vec![Key(3), Key(2), Key(1)])));
    let exists = |key| (Path::picture(Key(key), Leaf::Exists), Some(Value::Present));
    let now = with_sent(
        &gallery(&["p1 xx -", "p2 yy -"]),
        &turned,
        &Equivalence::default(),
        &[exists(1), exists(3)],
        &policy(),
    );
    assert_eq!(now, names(&[(3, "p1"), (1, "p2")]));
    // A text that is not blank tells more than the order.
    let told = ["- aa one Front", "- bb two Back", "- cc three", "- dd four"];
    check_sent(
        &told,
        &[1, 2, 3, 4],
        nothing,
        &["p3 xx -", "p2 xx - Back", "p4 xx -", "p1 xx - Front"],
        &[(2, "p2"), (1, "p1"), (3, "p3"), (4, "p4")],
    );
}

#[test]
fn an_upload_may_get_the_address_of_a_picture_that_was_taken_away() {
    let hub = ["- aa one", "- bb two", "- cc three"];
    // The first was there, the second is: a picture of another name is new at the address of the first.
    let known: (&[_], &[_]) = (&[(1, "x"), (2, "y")], &[2]);
    check_sent(&hub, &[3], known, &["- bb y", "- zz x"], &[(2, "y"), (3, "x")]);
    // Where it is not shown again, its name stays.
    check_sent(
        &hub,
        &[3],
        known,
        &["- bb y", "- zz z"],
        &[(1, "x"), (2, "y"), (3, "z")],
    );
    // Without an upload it is the old one that came back.
    check_sent(&hub, &[], known, &["- bb y", "- zz x"], &[(1, "x"), (2, "y")]);
    let text = (Path::picture(Key(2), Leaf::Alt), Some(Value::Text("Back".into())));
    let here = Equivalence {
        children: names(known.0),
        ..Equivalence::default()
    };
    let now = with_sent(&gallery(&["- zz x"]), &pictures(&hub), &here, &[text], &policy());
    assert_eq!(now, names(known.0));
}

/// Two variants were sent, of which the platform keeps neither SKU nor options.
#[test]
fn variants_that_are_like_nothing_are_those_that_were_sent_in_their_order() {
    let exists = |key| (Path::variant(Key(key), Leaf::Exists), Some(Value::Present));
    let content: Content = [1, 2, 3]
        .into_iter()
        .map(|key| (Path::variant(Key(key), Leaf::Exists), Value::Present))
        .collect();
    let here = Equivalence {
        children: vec![(Part::Variant(Key(1)), "a".into())],
        acknowledged: [(Path::variant(Key(1), Leaf::Exists), Value::Present)]
            .into_iter()
            .collect(),
        ..Equivalence::default()
    };
    let check = |shown: &[&str], wanted: &[(u32, &str)]| {
        let named = |id: &&str| Variant {
            remote_id: Some((*id).into()),
            ..Variant::default()
        };
        let product = Product {
            variants: shown.iter().map(named).collect(),
            ..Product::default()
        };
        let now = with_sent(&product, &content, &here, &[exists(2), exists(3)], &policy());
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(key, id)| (Part::Variant(Key(*key)), RemoteId::from(*id)))
            .collect();
        assert_eq!(now, wanted, "{shown:?}");
    };
    check(&["a", "c", "b"], &[(1, "a"), (2, "c"), (3, "b")]);
    check(&["a", "b"], &[(1, "a")]);
    check(&["a", "b", "c", "d"], &[(1, "a")]);
}
