use super::*;
use crate::{
    ids::{ItemId, Key},
    issue::{Code, Issue, Severity},
    item::Presence,
    time::Time,
};

#[test]
fn a_slug_is_a_value_without_what_an_address_would_escape() {
    assert_eq!(slug("  Nordic & Sons, Ltd. "), "nordic-sons-ltd");
    assert_eq!(slug("Größe 42"), "größe-42");
}

/// A counterpart that shows a status and categories.
fn live(status: &str, categories: &[&str]) -> Equivalence {
    let text = |text: &str| (!text.is_empty()).then(|| Value::Text(text.into()));
    let categories: Vec<String> = categories.iter().map(|&path| path.to_owned()).collect();
    let list = (!categories.is_empty()).then_some(Value::List(categories));
    let shown = [
        (Path::field(Field::Status), text(status)),
        (Path::field(Field::Categories), list),
    ];
    Equivalence {
        presence: Presence::Live {
            remote_id: "7".into(),
            url: None,
        },
        acknowledged: shown
            .into_iter()
            .filter_map(|(path, value)| Some((path, value?)))
            .collect(),
        ..Equivalence::default()
    }
}

#[test]
fn what_a_connection_shows_of_an_item_says_which_of_its_sets_it_is_in() {
    let check = |here: Equivalence, wanted: &[&str]| {
        let found = terms_at(&ConnectionId::parse("shop").unwrap(), &here);
        let found: BTreeSet<String> = found.iter().map(Set::to_string).collect();
        assert_eq!(found, wanted.iter().map(|&set| set.to_owned()).collect());
    };
    check(Equivalence::default(), &[]);
    let vanished = Equivalence {
        presence: Presence::Vanished {
            remote_id: "7".into(),
            since: Time(0),
        },
        ..live("active", &["Caps"])
    };
    check(vanished, &[]);
    check(live("", &[]), &["on:shop", "category:none@shop"]);
    check(
        live("active", &["Ropa > Niños & más", "Caps"]),
        &[
            "on:shop",
            "status:active@shop",
            "status:published@shop",
            "category:ropa@shop",
            "category:ropa-niños-más@shop",
            "category:caps@shop",
        ],
    );
    for (status, wanted) in [
        ("paused", &["status:paused@shop", "status:published@shop"][..]),
        ("draft", &["status:unpublished@shop"]),
        ("archived", &["status:unpublished@shop"]),
    ] {
        check(
            live(status, &["***"]),
            &[&["on:shop", "category:none@shop"], wanted].concat(),
        );
    }
}

/// An item of brand Nordic Sons with a quantity of 4: live and on sale at `main`, paused and without category at
/// `outlet`, and unknown at `csv`.
fn check(expression: &str, wanted: bool) {
    let place = |id: &str, platform: &str| Policy::new(ConnectionId::parse(id).unwrap(), platform);
    let policies = [
        place("main", "woocommerce"),
        place("outlet", "woocommerce"),
        place("csv", "demo"),
    ];
    let refused = Issue {
        code: Code::Refused,
        severity: Severity::Error,
        path: None,
        message: String::from("No."),
        at: Time(0),
    };
    let main = live("active", &["Clothing > Hoodies"]);
    let outlet = Equivalence {
        issues: vec![refused],
        ..live("paused", &[])
    };
    let counterparts: Vec<Counterpart<'_>> = policies
        .iter()
        .zip([Some(&main), Some(&outlet), None])
        .map(|(policy, equivalence)| Counterpart { policy, equivalence })
        .collect();
    let content = [
        (Path::field(Field::Brand), Value::Text("Nordic & Sons".into())),
        (Path::variant(Key(1), Leaf::Exists), Value::Present),
        (Path::stock(Key(1), "default"), Value::Number(Decimal::from(4))),
    ];
    let item = Item {
        id: ItemId(1),
        content: content.into_iter().collect(),
        next_key: Key(2),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let around = Around {
        counterparts: &counterparts,
        limits: SetLimits {
            low_stock: Decimal::from(3),
            ..SetLimits::default()
        },
    };
    assert_eq!(
        holds(&expression.parse().unwrap(), &item, &around),
        wanted,
        "{expression}"
    );
}

#[test]
fn an_item_is_in_an_expression_when_it_is_in_each_of_its_sets() {
    for holding in [
        "on:main",
        "on:outlet",
        "platform:woocommerce",
        "status:active@main",
        "status:published@outlet",
        "status:paused@woocommerce",
        "category:Clothing@main",
        "category:clothing-hoodies@woocommerce",
        "category:none@outlet",
        "issues:with",
        "brand:Nordic-Sons",
        "stock:in",
        "on:main stock:in issues:with",
    ] {
        check(holding, true);
    }
    for other in [
        "on:csv",
        "on:demo",
        "on:woocommerce",
        "platform:demo",
        "platform:main",
        "status:paused@main",
        "status:unpublished@woocommerce",
        "status:active@csv",
        "category:none@main",
        "category:none@csv",
        "category:hoodies@main",
        "issues:without",
        "stock:low",
        "on:main stock:low",
        "pending:creates@main",
        "pending:held@main",
    ] {
        check(other, false);
    }
}

#[test]
fn a_connection_that_is_called_like_a_platform_is_meant_before_it() {
    let named = Policy::new(ConnectionId::parse("demo").unwrap(), "csv");
    let other = Policy::new(ConnectionId::parse("other").unwrap(), "demo");
    let shown = live("active", &[]);
    let counterparts = [
        Counterpart {
            policy: &named,
            equivalence: None,
        },
        Counterpart {
            policy: &other,
            equivalence: Some(&shown),
        },
    ];
    let around = Around {
        counterparts: &counterparts,
        limits: SetLimits::default(),
    };
    assert_eq!(around.at("demo").count(), 1);
    assert_eq!(around.at("demo").filter_map(Counterpart::shown).count(), 0);
    assert_eq!(around.at("other").filter_map(Counterpart::shown).count(), 1);
}

/// A product of one variant for each price and price before, in all with so many pieces.
fn check_own(prices: &[(&str, &str)], pieces: &[i64], wanted: &[&str], missing: &[&str]) {
    let number = |text: &str| Some(Value::Number(text.parse().ok()?));
    let mut content = crate::content::Content::new();
    for (key, (price, before)) in (1..).zip(prices) {
        let part = crate::content::Part::Variant(Key(key));
        content.put(Path::of(part, Leaf::Exists), Some(Value::Present));
        content.put(Path::of(part, Leaf::Field(Field::Price)), number(price));
        content.put(Path::of(part, Leaf::Field(Field::CompareAtPrice)), number(before));
    }
    for (at, pieces) in pieces.iter().enumerate() {
        let path = Path::stock(Key(1), format!("place-{at}"));
        content.put(path, Some(Value::Number(Decimal::from(*pieces))));
    }
    let text = |text: &str| Some(Value::Text(text.into()));
    let of_first = |leaf| Path::variant(Key(1), leaf);
    content.put(of_first(Leaf::Option("color".into())), text("Deep Red"));
    content.put(of_first(Leaf::Option("size".into())), text("XL"));
    content.put(of_first(Leaf::Option("fit".into())), text("Slim"));
    content.put(of_first(Leaf::Field(Field::Barcode)), text("7501031311309"));
    let item = Item {
        id: ItemId(1),
        content,
        next_key: Key(9),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let limits = SetLimits {
        low_stock: Decimal::from(5),
        low_price: Decimal::from(10),
    };
    let found: BTreeSet<String> = terms(&item, &limits).iter().map(Set::to_string).collect();
    for set in wanted {
        assert!(found.contains(*set), "{set} of {prices:?} {pieces:?}: {found:?}");
    }
    for set in missing {
        assert!(
            !found.contains(*set),
            "no {set} of {prices:?} {pieces:?}: {found:?}"
        );
    }
}

#[test]
fn an_items_own_sets_are_of_its_options_barcodes_stock_and_worst_price() {
    check_own(
        &[("20", "")],
        &[],
        &[
            "color:deep-red",
            "size:xl",
            "barcode:7501031311309",
            "with:barcode",
        ],
        &[
            "color:slim",
            "size:slim",
            "color:xl",
            "size:deep-red",
            "stock:in",
            "stock:out",
            "without:barcode",
        ],
    );
    for (pieces, wanted, missing) in [
        (&[0][..], &["stock:out"][..], &["stock:in", "stock:low"][..]),
        (&[1], &["stock:in", "stock:low"], &["stock:out"]),
        (&[2, 3], &["stock:in", "stock:low"], &["stock:out"]),
        (&[3, 3], &["stock:in"], &["stock:low", "stock:out"]),
        (&[2, -3], &["stock:out"], &["stock:low", "stock:in"]),
    ] {
        check_own(&[("20", "")], pieces, wanted, missing);
    }
    let (low, bad) = ("price:low", "price:bad");
    for (prices, wanted, missing) in [
        (&[("10", "")][..], &[][..], &[low, bad][..]),
        (&[("9.99", "")], &[low], &[bad]),
        (&[("0", "")], &[bad], &[low]),
        (&[("-1", "")], &[bad], &[low]),
        (&[("", "")], &[bad], &[low]),
        (&[("20", "20")], &[bad], &[low]),
        (&[("20", "19")], &[bad], &[low]),
        (&[("20", "21")], &[], &[low, bad]),
        (&[("20", ""), ("9", "")], &[low], &[bad]),
        (&[("9", ""), ("0", "")], &[bad], &[low]),
    ] {
        check_own(prices, &[], wanted, missing);
    }
}

#[test]
fn an_item_without_an_issue_anywhere_is_among_those_without() {
    let policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    let here = live("active", &[]);
    let counterparts = [Counterpart {
        policy: &policy,
        equivalence: Some(&here),
    }];
    let around = Around {
        counterparts: &counterparts,
        limits: SetLimits::default(),
    };
    let item = Item {
        id: ItemId(1),
        content: crate::content::Content::new(),
        next_key: Key(1),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    for (expression, wanted) in [("issues:without", true), ("issues:with", false)] {
        let found = holds(&expression.parse().unwrap(), &item, &around);
        assert_eq!(found, wanted, "{expression}");
    }
}
