use super::*;
use crate::{
    ids::ConnectionId,
    product::{Product, Variant},
    sync::{
        acknowledge,
        pending::{Standing, pending},
        terms::Around,
    },
};
use std::slice;

fn policy() -> Policy {
    Policy::new(ConnectionId::parse("shop").unwrap(), "demo")
}

fn product(title: &str, brand: &str, stock: i64) -> Product {
    Product {
        title: title.to_owned(),
        brand: brand.to_owned(),
        variants: vec![Variant {
            sku: "tee-1".to_owned(),
            stock: [("default".to_owned(), Decimal::from(stock))].into(),
            ..Variant::default()
        }],
        ..Product::default()
    }
}

fn record(product: Product, updated_at: i64) -> Record {
    Record {
        remote_id: "7".into(),
        url: None,
        updated_at: Some(Time(updated_at)),
        token: None,
        product,
    }
}

/// A product that the hub has of the shop, unchanged since.
fn known(policy: &Policy) -> Merged {
    let before = record(product("Tee", "Acme", 10), 0);
    absorb(ItemId(1), &before, policy, &Field::PRODUCT, Time(0))
}

fn text(content: &Content, field: Field) -> String {
    content.text(&Path::field(field)).to_owned()
}

/// The hub's title became `hub` at 50; the shop's became `shop` at `at`.
fn check_conflict(hub: &str, shop: &str, at: i64, authority: Option<&str>, wanted: &str, notices: usize) {
    let mut policy = policy();
    let authority = authority.map(|name| (Field::Title, ConnectionId::parse(name).unwrap()));
    policy.hub.authority.extend(authority.clone());
    let Merged {
        mut item,
        equivalence,
        ..
    } = known(&policy);
    let title = Path::field(Field::Title);
    item.content.put(title.clone(), Some(Value::Text(hub.into())));
    if hub != "Tee" {
        let by = Author::Person;
        stamp(&mut item.stamps, title, Stamp { at: Time(50), by });
    }
    let news = record(product(shop, "Acme", 10), at);
    let merged = take_in(
        item,
        equivalence,
        &news,
        &policy,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(100),
    );
    let case = format!("hub {hub}, shop {shop} at {at}, authority {authority:?}");
    assert_eq!(text(&merged.item.content, Field::Title), wanted, "{case}");
    let issues = &merged.equivalence.issues;
    assert_eq!(issues.len(), notices, "{case}: {issues:?}");
    assert!(
        issues
            .iter()
            .all(|issue| issue.code == Code::Conflict && issue.severity == Severity::Notice),
        "{case}: {issues:?}"
    );
}

#[test]
fn of_two_changes_the_authority_wins_else_the_later_and_the_loser_is_a_notice() {
    check_conflict("Tee", "Shirt", 60, None, "Shirt", 0);
    check_conflict("Hub tee", "Tee", 60, None, "Hub tee", 0);
    check_conflict("Same", "Same", 60, None, "Same", 0);
    check_conflict("Hub tee", "Shirt", 60, None, "Shirt", 1);
    check_conflict("Hub tee", "Shirt", 40, None, "Hub tee", 1);
    check_conflict("Hub tee", "Shirt", 40, Some("shop"), "Shirt", 1);
    check_conflict("Hub tee", "Shirt", 60, Some("other"), "Hub tee", 1);
}

/// The hub has `hub`, the shop showed 10 and shows `shown` now.
fn check_movement(hub: i64, shown: i64, authority: Option<&str>, wanted: i64) {
    let mut policy = policy();
    let authority = authority.map(|name| (Field::Stock, ConnectionId::parse(name).unwrap()));
    policy.hub.authority.extend(authority);
    let Merged {
        mut item,
        equivalence,
        ..
    } = known(&policy);
    let stock = Path::stock(Key(1), "default");
    item.content
        .put(stock.clone(), Some(Value::Number(Decimal::from(hub))));
    let news = record(product("Tee", "Acme", shown), 60);
    let merged = take_in(
        item,
        equivalence,
        &news,
        &policy,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(100),
    );
    let now = merged.item.content.number(&stock);
    assert_eq!(now, Some(Decimal::from(wanted)), "hub {hub}, shown {shown}");
}

#[test]
fn stock_that_a_platform_moved_is_added_to_the_hubs() {
    check_movement(10, 10, None, 10);
    check_movement(10, 7, None, 7);
    check_movement(8, 7, None, 5);
    check_movement(8, 15, None, 13);
    check_movement(1, 7, None, -2);
    check_movement(8, 7, Some("shop"), 7);
}

/// The hub has `hub`'s title and brand, a record with `shop`'s is joined.
fn check_join(
    (hub_title, hub_brand): (&str, &str),
    (title, brand): (&str, &str),
    authority: Option<&str>,
    wanted: (&str, &str),
    held: &[Field],
) {
    let mut policy = policy();
    let authority = authority.map(|name| (Field::Title, ConnectionId::parse(name).unwrap()));
    policy.hub.authority.extend(authority.clone());
    let other = Policy::new(ConnectionId::parse("other").unwrap(), "demo");
    let theirs = record(product(hub_title, hub_brand, 10), 0);
    let item = absorb(ItemId(1), &theirs, &other, &Field::PRODUCT, Time(0)).item;
    let met = record(product(title, brand, 10), 0);
    let merged = join(
        item,
        Equivalence::default(),
        &met,
        &policy,
        &Field::PRODUCT,
        Time(9),
    );
    let content = &merged.item.content;
    let case = format!("{title} and {brand} meet {hub_title} and {hub_brand}, authority {authority:?}");
    assert_eq!(
        (
            text(content, Field::Title).as_str(),
            text(content, Field::Brand).as_str()
        ),
        wanted,
        "{case}"
    );
    let held: Vec<Path> = held.iter().map(|field| Path::field(*field)).collect();
    assert_eq!(merged.equivalence.held, held, "{case}");
    let moved = wanted != (hub_title, hub_brand);
    assert_eq!(merged.item_changed, moved, "{case}");
    let updated_at = if moved { Time(9) } else { Time(0) };
    assert_eq!(merged.item.updated_at, updated_at, "{case}");
}

fn image(name: &str, at: &str) -> crate::product::Image {
    crate::product::Image {
        hash: Some(name.to_owned()),
        address: format!("{at}/{name}"),
        ..crate::product::Image::default()
    }
}

#[test]
fn what_is_ignored_and_pictures_of_the_same_bytes_are_nothing_to_choose_about() {
    let mut policy = policy();
    let ignored = [Field::Brand, Field::Tags].map(|field| (field, Mutability::Ignore));
    policy.products.fields.by_field.extend(ignored);
    let other = Policy::new(ConnectionId::parse("other").unwrap(), "demo");
    let with = |brand: &str, tags: &[&str], at: &str| Product {
        images: vec![image("front", at)],
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        ..product("Tee", brand, 10)
    };
    let theirs = record(with("Acme", &[], "other"), 0);
    let item = absorb(ItemId(1), &theirs, &other, &Field::PRODUCT, Time(0)).item;
    let met = record(with("Bolt", &["new"], "shop"), 0);
    let merged = join(
        item.clone(),
        Equivalence::default(),
        &met,
        &policy,
        &Field::PRODUCT,
        Time(9),
    );
    assert_eq!(merged.equivalence.held, []);
    assert_eq!(merged.item, item);
}

#[test]
fn a_first_meeting_fills_blanks_and_holds_what_differs() {
    check_join(("Tee", "Acme"), ("Tee", "Acme"), None, ("Tee", "Acme"), &[]);
    check_join(("Tee", ""), ("Tee", "Acme"), None, ("Tee", "Acme"), &[]);
    check_join(("Tee", "Acme"), ("Tee", ""), None, ("Tee", "Acme"), &[]);
    check_join(
        ("Tee", "Acme"),
        ("Shirt", "Bolt"),
        None,
        ("Tee", "Acme"),
        &[Field::Title, Field::Brand],
    );
    check_join(
        ("Tee", "Acme"),
        ("Shirt", "Acme"),
        Some("shop"),
        ("Shirt", "Acme"),
        &[],
    );
    check_join(
        ("Tee", "Acme"),
        ("Shirt", "Acme"),
        Some("other"),
        ("Tee", "Acme"),
        &[],
    );
}

/// The shop blanks its title and brand.
#[test]
fn a_blank_may_blank_a_description_and_never_what_identifies() {
    let policy = policy();
    let Merged {
        item, equivalence, ..
    } = known(&policy);
    let news = record(product("", "", 10), 60);
    let merged = take_in(
        item,
        equivalence,
        &news,
        &policy,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(100),
    );
    assert_eq!(text(&merged.item.content, Field::Title), "Tee");
    assert_eq!(text(&merged.item.content, Field::Brand), "");
}

/// A write of a title and of 8 pieces that was begun at 10 pieces; then the shop is seen with these.
fn check_unclear(title: &str, shown: i64, wanted: (&str, i64)) {
    let policy = policy();
    let Merged {
        mut item,
        mut equivalence,
        ..
    } = known(&policy);
    let (name, stock) = (Path::field(Field::Title), Path::stock(Key(1), "default"));
    let (new_name, new_stock) = (Value::Text("New".into()), Value::Number(Decimal::from(8)));
    item.content.put(name.clone(), Some(new_name.clone()));
    item.content.put(stock.clone(), Some(new_stock.clone()));
    equivalence.sending = Some(Sending {
        token: "t".to_owned(),
        values: vec![(name, Some(new_name)), (stock.clone(), Some(new_stock))],
        at: Time(5),
    });
    let seen = record(product(title, "Acme", shown), 0);
    let merged = take_in(
        item,
        equivalence,
        &seen,
        &policy,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(100),
    );
    let content = &merged.item.content;
    let now = (text(content, Field::Title), content.number(&stock));
    let case = format!("{title} and {shown} after an unclear write");
    assert_eq!(
        now,
        (wanted.0.to_owned(), Some(Decimal::from(wanted.1))),
        "{case}"
    );
    assert_eq!(merged.equivalence.sending, None, "{case}");
}

/// 8 was sent over 10 to a platform that adjusts stock, and nobody knows whether it was done; its record has `token`
/// and shows `shown`. What the hub counts then, where 2 of the 10 were sold elsewhere.
fn check_unclear_adjustment(token: &str, shown: i64, wanted: i64) {
    let policy = policy();
    let Merged {
        mut item,
        mut equivalence,
        ..
    } = known(&policy);
    let (stock, sent) = (Path::stock(Key(1), "default"), Some(Value::Number(8.into())));
    item.content.put(stock.clone(), sent.clone());
    equivalence.sending = Some(Sending {
        token: "this".to_owned(),
        values: vec![(stock.clone(), sent)],
        at: Time(5),
    });
    let seen = Record {
        token: Some(token.to_owned()),
        ..record(product("Tee", "Acme", shown), 0)
    };
    let writes = StockWrites::Adjusts;
    let merged = take_in(
        item,
        equivalence,
        &seen,
        &policy,
        &Field::PRODUCT,
        writes,
        Time(100),
    );
    assert_eq!(
        merged.item.content.number(&stock),
        Some(wanted.into()),
        "{token}, {shown}"
    );
}

#[test]
fn whether_stock_was_adjusted_is_told_by_the_token_alone() {
    check_unclear_adjustment("this", 8, 8);
    check_unclear_adjustment("this", 7, 7);
    check_unclear_adjustment("this", 10, 10);
    check_unclear_adjustment("earlier", 10, 8);
    check_unclear_adjustment("earlier", 9, 7);
    check_unclear_adjustment("earlier", 8, 6);
}

#[test]
fn an_unclear_write_is_told_by_what_is_there_and_sales_since_count() {
    check_unclear("Tee", 10, ("New", 8));
    check_unclear("New", 8, ("New", 8));
    check_unclear("New", 7, ("New", 7));
    check_unclear("Tee", 9, ("New", 7));
    // Nothing is as it was and nothing is as it was to be: somebody else was here, and the write was not.
    check_unclear("Other", 9, ("Other", 7));
}

#[test]
fn a_write_that_was_done_is_remembered_as_it_was_sent_and_others_stay_remembered() {
    let policy = policy();
    let Merged { mut equivalence, .. } = known(&policy);
    let (title, brand) = (Path::field(Field::Title), Path::field(Field::Brand));
    let text = |text: &str| Some(Value::Text(text.into()));
    equivalence.sent = vec![(title.clone(), text("Tea")), (brand.clone(), text("ACME"))];
    let stock = Path::stock(Key(1), "default");
    equivalence.sending = Some(Sending {
        token: "t".to_owned(),
        values: vec![
            (title.clone(), text("New ")),
            (stock, Some(Value::Number(8.into()))),
        ],
        at: Time(5),
    });
    let mut seen = read::read(&product("New", "Acme", 8), &pairing(), &policy);
    seen.put(brand.clone(), text("Acme"));
    let settled = settle(equivalence, &seen, Done::Yes);
    assert_eq!(settled.sent, [(brand, text("ACME")), (title, text("New "))]);
    assert_eq!(settled.acknowledged, seen);
}

fn pairing() -> Pairing {
    pair(&product("", "", 0), &Content::new(), &[], Key(1), &policy())
}

/// A write of 8, 25 and 31 pieces of three variants that was begun at 10, 20 and 30; then these are seen.
fn check_unclear_stock(shown: [i64; 3], wanted: [i64; 3]) {
    let policy = policy();
    let of = |stocks: [i64; 3]| {
        let mut three = product("Tee", "Acme", 0);
        three.variants = (1..)
            .zip(stocks)
            .map(|(nth, stock)| Variant {
                remote_id: Some(format!("v{nth}").as_str().into()),
                sku: format!("tee-{nth}"),
                stock: [("default".to_owned(), Decimal::from(stock))].into(),
                ..Variant::default()
            })
            .collect();
        record(three, 0)
    };
    let before = of([10, 20, 30]);
    let Merged {
        mut item,
        mut equivalence,
        ..
    } = absorb(ItemId(1), &before, &policy, &Field::PRODUCT, Time(0));
    let paths = [1, 2, 3].map(|key| Path::stock(Key(key), "default"));
    let values = paths.clone().into_iter().zip([8, 25, 31]);
    let values: Vec<_> = values
        .map(|(path, n)| (path, Some(Value::Number(Decimal::from(n)))))
        .collect();
    for (path, value) in values.clone() {
        item.content.put(path, value);
    }
    equivalence.sending = Some(Sending {
        token: "t".to_owned(),
        values,
        at: Time(5),
    });
    let merged = take_in(
        item,
        equivalence,
        &of(shown),
        &policy,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(100),
    );
    let now = paths.map(|path| merged.item.content.number(&path));
    assert_eq!(
        now,
        wanted.map(|n| Some(Decimal::from(n))),
        "{shown:?} after an unclear write"
    );
}

#[test]
fn a_sale_of_just_what_an_undone_write_took_away_does_not_pass_for_the_write() {
    check_unclear_stock([8, 25, 31], [8, 25, 31]);
    check_unclear_stock([10, 20, 30], [8, 25, 31]);
    check_unclear_stock([8, 20, 30], [6, 25, 31]);
    check_unclear_stock([8, 25, 30], [8, 25, 30]);
}

fn take(merged: Merged, product: Product, policy: &Policy) -> Merged {
    let Merged {
        item, equivalence, ..
    } = merged;
    take_in(
        item,
        equivalence,
        &record(product, 60),
        policy,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(100),
    )
}

#[test]
fn a_record_that_is_read_again_is_no_longer_unreadable_or_missing_and_other_issues_stay() {
    let policy = policy();
    let mut before = known(&policy);
    let issue = |code| Issue {
        code,
        severity: Severity::Error,
        path: None,
        message: String::new(),
        at: Time(1),
    };
    let codes = [Code::UnreadableRecord, Code::Refused, Code::Missing];
    before.equivalence.issues = codes.map(issue).into();
    let after = take(before, product("Tee", "Acme", 10), &policy);
    assert_eq!(after.equivalence.issues, [issue(Code::Refused)]);
    assert_eq!(after.equivalence.acknowledged_at, Some(Time(100)));
    assert!(!after.item_changed);
}

#[test]
fn the_platforms_own_names_of_options_are_learnt_once() {
    let policy = policy();
    let with = |names: &[&str]| {
        let mut product = product("Tee", "Acme", 10);
        let options = names.iter().map(|name| ((*name).to_owned(), "x".to_owned()));
        product.variants[0].options = options.collect();
        product
    };
    let before = absorb(
        ItemId(1),
        &record(with(&["Colour"]), 0),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let after = take(before, with(&["Colour", "Talla"]), &policy);
    let name = |hub: &str, there: &str| (hub.to_owned(), there.to_owned());
    assert_eq!(
        after.equivalence.option_names,
        [name("color", "Colour"), name("size", "Talla")]
    );
}

#[test]
fn what_changed_there_is_no_longer_remembered_as_sent_and_the_rest_is() {
    let policy = policy();
    let mut before = known(&policy);
    let text = |text: &str| Some(Value::Text(text.into()));
    let [title, brand] = [Field::Title, Field::Brand].map(Path::field);
    before.equivalence.sent = vec![(title, text("tee")), (brand.clone(), text("ACME"))];
    let after = take(before, product("Shirt", "Acme", 10), &policy);
    assert_eq!(after.equivalence.sent, [(brand, text("ACME"))]);
}

#[test]
fn a_gallery_in_an_order_that_the_hub_has_already_is_no_news() {
    let policy = policy();
    let with = |names: &[&str]| Product {
        images: names.iter().map(|name| image(name, "shop")).collect(),
        ..product("Tee", "Acme", 10)
    };
    let mut before = absorb(
        ItemId(1),
        &record(with(&["one", "two"]), 0),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let mut turned = gallery(&before.item.content);
    turned.reverse();
    let gallery = Path::pictures();
    before.item.content.put(gallery, Some(Value::Keys(turned)));
    let item = before.item.clone();
    let after = take(before, with(&["two", "one"]), &policy);
    assert!(!after.item_changed);
    assert_eq!(after.item, item);
}

#[test]
fn nothing_speaks_of_a_picture_that_is_gone() {
    let picture = |key| {
        let picture = crate::content::Picture {
            hash: None,
            address: String::new(),
        };
        (Path::picture(Key(key), Leaf::Exists), Value::Picture(picture))
    };
    let alt = |key| (Path::picture(Key(key), Leaf::Alt), Value::Text("Front".into()));
    let keys = |keys: &[u32]| Value::Keys(keys.iter().copied().map(Key).collect());
    let shown_by = |key| Path::variant(Key(key), Leaf::Pictures);
    let mut content: Content = [
        picture(1),
        picture(2),
        alt(1),
        alt(3),
        (Path::pictures(), keys(&[2, 3, 1])),
        (shown_by(4), keys(&[3])),
        (shown_by(5), keys(&[3, 2])),
    ]
    .into_iter()
    .collect();
    drop_orphans(&mut content);
    let left: Content = [
        picture(1),
        picture(2),
        alt(1),
        (Path::pictures(), keys(&[2, 1])),
        (shown_by(5), keys(&[2])),
    ]
    .into_iter()
    .collect();
    assert_eq!(content, left);
}

/// The shop never told a quantity; the hub has `hub` of another one, and the shop counts 7 from now on.
fn check_first_count(hub: Option<i64>, wanted: i64, held: &[Path]) {
    let policy = policy();
    let mut uncounted = product("Tee", "Acme", 0);
    uncounted.variants[0].stock.clear();
    let mut before = absorb(
        ItemId(1),
        &record(uncounted, 0),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let stock = Path::stock(Key(1), "default");
    let hub = hub.map(|n| Value::Number(n.into()));
    before.item.content.put(stock.clone(), hub.clone());
    let after = take(before, product("Tee", "Acme", 7), &policy);
    let counted = after.item.content.number(&stock);
    assert_eq!(counted, Some(wanted.into()), "{hub:?}");
    assert_eq!(after.equivalence.held, held, "{hub:?}");
}

#[test]
fn a_quantity_that_a_platform_tells_for_the_first_time_is_no_movement() {
    check_first_count(None, 7, &[]);
    check_first_count(Some(7), 7, &[]);
    check_first_count(Some(10), 10, &[Path::stock(Key(1), "default")]);
}

/// The hub counts at two places what the shop shows as one sum, where `sold` are sold.
fn check_sale_of_sum(sold: i64, wanted: [i64; 2]) {
    let mut policy = policy();
    let both = vec!["main".to_owned(), "outlet".to_owned()];
    policy.stock.locations.insert("default".to_owned(), both);
    let mut before = absorb(
        ItemId(1),
        &record(product("Tee", "Acme", 2), 0),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let [main, outlet] = ["main", "outlet"].map(|at| Path::stock(Key(1), at));
    assert_eq!(before.item.content.number(&main), Some(2.into()));
    before
        .item
        .content
        .put(outlet.clone(), Some(Value::Number(5.into())));
    before = take(before, product("Tee", "Acme", 7), &policy);
    before
        .item
        .content
        .put(main.clone(), Some(Value::Number(2.into())));
    let after = take(before, product("Tee", "Acme", 7 - sold), &policy);
    let counted = [&main, &outlet].map(|path| after.item.content.number(path));
    assert_eq!(counted, wanted.map(|n| Some(n.into())), "{sold} sold");
    let stamped: Vec<&Path> = after.item.stamps.iter().map(|(path, _)| path).collect();
    assert_eq!(stamped, [&main], "{sold} sold");
}

#[test]
fn what_is_sold_of_a_sum_comes_from_the_first_place_that_has_as_much() {
    check_sale_of_sum(1, [1, 5]);
    check_sale_of_sum(2, [0, 5]);
    check_sale_of_sum(3, [2, 2]);
    check_sale_of_sum(6, [-4, 5]);
    check_sale_of_sum(-4, [6, 5]);
}

fn with_price(price: &str) -> Product {
    let mut product = product("Tee", "Acme", 10);
    product.variants[0].price = Some(price.parse().unwrap());
    product
}

/// The shop showed a price of 100 by the rule and shows `shown` now.
fn check_price(add: i64, margin: i64, shown: &str, [before, after]: [&str; 2]) {
    let mut policy = policy();
    policy.prices.add = add.into();
    policy.prices.margin = margin.into();
    let path = Path::variant_field(Key(1), Field::Price);
    let absorbed = absorb(
        ItemId(1),
        &record(with_price("100"), 0),
        &policy,
        &Field::PRODUCT,
        Time(0),
    );
    let price = |merged: &Merged| merged.item.content.number(&path);
    let case = format!("{shown} with {add} and {margin}%");
    assert_eq!(price(&absorbed), Some(before.parse().unwrap()), "{case}");
    let merged = take(absorbed, with_price(shown), &policy);
    assert_eq!(price(&merged), Some(after.parse().unwrap()), "{case}");
}

#[test]
fn a_price_under_a_rule_counts_where_the_rule_can_be_undone_exactly() {
    check_price(0, 0, "90", ["100", "90"]);
    check_price(5, 0, "90", ["95", "85"]);
    check_price(0, 25, "90", ["80", "80"]);
}

#[test]
fn a_variant_that_is_not_taken_in_brings_none_of_its_values() {
    let mut policy = policy();
    let options = (Field::Options, Mutability::WriteOnly);
    policy.products.fields.by_field.extend([options]);
    let mut two = with_price("10");
    let color = |color: &str| [("Color".to_owned(), color.to_owned())].into();
    two.variants[0].options = color("Red");
    two.variants.push(Variant {
        remote_id: Some("b".into()),
        sku: "tee-2".to_owned(),
        price: Some(12.into()),
        options: color("Blue"),
        ..Variant::default()
    });
    let before = known(&policy);
    let variants = |merged: &Merged| merged.item.content.variants().count();
    let taken = take(before.clone(), two.clone(), &policy);
    assert_eq!(taken.item.content.part(Part::Variant(Key(2))).count(), 0);
    assert_eq!(variants(&taken), 1);
    let joined = join(
        before.item,
        Equivalence::default(),
        &record(two, 0),
        &policy,
        &Field::PRODUCT,
        Time(9),
    );
    assert_eq!(joined.item.content.part(Part::Variant(Key(2))).count(), 0);
}

/// A shop with two places summed, a margin of 25% and prices ending in .99 met the hub: the hub's title, brand, price
/// and stock are these, the shop shows "Shirt", "Bolt", 50 and 3.
fn check_choice(side: Side, chosen: &[Path], wanted: (&str, &str, &str, i64), held: usize) {
    let mut policy = policy();
    let places = vec!["main".to_owned(), "outlet".to_owned()];
    policy.stock.locations.insert("default".to_owned(), places);
    policy.prices.margin = 25.into();
    policy.prices.round = Some(crate::policy::Round {
        to: crate::policy::RoundTo::Ending {
            modulus: Decimal::ONE,
            ending: "0.99".parse().unwrap(),
            text: "x.99".to_owned(),
        },
        mode: crate::policy::RoundMode::Nearest,
    });
    let other = Policy::new(ConnectionId::parse("other").unwrap(), "demo");
    let mut theirs = with_price("100");
    theirs.variants[0].stock = [("main".to_owned(), 10.into())].into();
    let item = absorb(ItemId(1), &record(theirs, 0), &other, &Field::PRODUCT, Time(0)).item;
    let mut shown = with_price("50");
    shown.title = "Shirt".to_owned();
    shown.brand = "Bolt".to_owned();
    shown.variants[0].stock = [("default".to_owned(), 3.into())].into();
    let mut met = join(
        item,
        Equivalence::default(),
        &record(shown, 0),
        &policy,
        &Field::PRODUCT,
        Time(9),
    );
    let [title, brand, price, stock] = paths();
    assert_eq!(met.equivalence.held.len(), 4);
    // What was remembered of other paths stays.
    let remembered = (Path::field(Field::Mpn), Some(Value::Text("7 ".into())));
    met.equivalence.sent = vec![(price.clone(), None), remembered.clone()];
    let after = choose(
        met.item.clone(),
        met.equivalence,
        side,
        chosen,
        &policy,
        &Field::PRODUCT,
        Time(20),
    );
    let content = &after.item.content;
    let case = format!("{side:?} of {chosen:?}");
    assert_eq!(content.text(&title), wanted.0, "{case}");
    assert_eq!(content.text(&brand), wanted.1, "{case}");
    assert_eq!(content.number(&price), Some(wanted.2.parse().unwrap()), "{case}");
    let main = Path::stock(Key(1), "main");
    assert_eq!(content.number(&main), Some(wanted.3.into()), "{case}");
    assert_eq!(after.equivalence.held.len(), held, "{case}");
    assert!(
        chosen.iter().all(|path| !after.equivalence.held.contains(path)),
        "{case}"
    );
    assert!(after.equivalence.sent.contains(&remembered), "{case}");
    assert_eq!(after.item_changed, side == Side::Remote, "{case}");
    let plan = pending(
        &after.item,
        Some(&after.equivalence),
        Standing::Live,
        &Around::default(),
        &policy,
        &Field::PRODUCT,
        Time(21),
    );
    let written: Vec<&Path> = plan.changes.iter().map(|change| &change.path).collect();
    let overwritten: &[Path] = if side == Side::Hub { chosen } else { &[] };
    assert_eq!(written, overwritten.iter().collect::<Vec<_>>(), "{case}");
    if side == Side::Remote {
        let by = |(_, stamp): &&(Path, Stamp)| stamp.by == Author::Person && stamp.at == Time(20);
        assert_eq!(
            after.item.stamps.iter().filter(by).count(),
            chosen.len(),
            "{case}"
        );
        assert!(chosen != [stock] || after.item.stamps[0].0 == main, "{case}");
    } else {
        assert_eq!(after.item, met.item, "{case}");
    }
}

/// A shop that shows at most 9 came with `own`, or a person chose that count; `sold` were sold elsewhere since. It is to
/// show `wanted` now, and is told so once, whatever it makes of it.
fn check_own_count(own: i64, sold: i64, wanted: Option<i64>) {
    let mut policy = policy();
    policy.stock.max = Some(9.into());
    let stock = Path::stock(Key(1), "default");
    let shown = || record(product("Tee", "Acme", own), 0);
    let absorbed = absorb(ItemId(1), &shown(), &policy, &Field::PRODUCT, Time(0));
    let elsewhere = take(
        known(&Policy::new(ConnectionId::parse("other").unwrap(), "demo")),
        product("Tee", "Acme", 30),
        &policy,
    );
    let unknown = Equivalence::default();
    let met = join(
        elsewhere.item,
        unknown,
        &shown(),
        &policy,
        &Field::PRODUCT,
        Time(1),
    );
    let held = slice::from_ref(&stock);
    let chosen = choose(
        met.item,
        met.equivalence,
        Side::Remote,
        held,
        &policy,
        &Field::PRODUCT,
        Time(2),
    );
    for (before, case) in [(absorbed, "absorbed"), (chosen, "chosen")] {
        let case = format!("{own}, {sold} sold, {case}");
        let mut item = before.item;
        let left = Decimal::from(own - sold);
        item.content.put(stock.clone(), Some(Value::Number(left)));
        let waits = |here: &Equivalence| {
            pending(
                &item,
                Some(here),
                Standing::Live,
                &Around::default(),
                &policy,
                &Field::PRODUCT,
                Time(9),
            )
        };
        let pending = waits(&before.equivalence);
        let told = pending.changes.iter().find(|change| change.path == stock);
        let told = told.map(|change| change.new.clone().unwrap());
        assert_eq!(told, wanted.map(|wanted| Value::Number(wanted.into())), "{case}");
        let sending = acknowledge::intend(before.equivalence, &pending, "t".into(), Time(9));
        let absolute = StockWrites::Absolute;
        let (told, _) = acknowledge::acknowledge(&item, sending, &shown(), &policy, absolute, Time(9));
        let again = waits(&told).changes;
        assert_eq!(again, [], "{case}");
    }
}

#[test]
fn a_shop_keeps_its_own_count_until_it_is_more_than_there_is() {
    check_own_count(12, 0, None);
    check_own_count(12, 2, Some(9));
    check_own_count(12, 5, Some(7));
    check_own_count(8, 2, Some(6));
}

fn paths() -> [Path; 4] {
    [
        Path::field(Field::Title),
        Path::field(Field::Brand),
        Path::variant_field(Key(1), Field::Price),
        Path::stock(Key(1), "default"),
    ]
}

#[test]
fn a_choice_counts_for_what_was_chosen_and_is_neither_fed_back_nor_sent_back() {
    let [title, brand, price, stock] = paths();
    check_choice(
        Side::Hub,
        &[title.clone(), stock.clone()],
        ("Tee", "Acme", "100", 10),
        2,
    );
    check_choice(Side::Hub, slice::from_ref(&price), ("Tee", "Acme", "100", 10), 3);
    check_choice(
        Side::Remote,
        slice::from_ref(&title),
        ("Shirt", "Acme", "100", 10),
        3,
    );
    check_choice(Side::Remote, &[brand], ("Tee", "Bolt", "100", 10), 3);
    check_choice(
        Side::Remote,
        &[price.clone(), title],
        ("Shirt", "Acme", "40", 10),
        2,
    );
    check_choice(Side::Remote, &[stock], ("Tee", "Acme", "100", 3), 3);
}
