use super::{super::history::History, *};
use proptest::prelude::*;
use shared::{
    money::Currency,
    order::{self, Address, Buyer, Line, Order, Payment, Shipment, ShippedLine},
};
use std::time::Duration;

async fn order_pages(demo: &Connected, since: Option<Time>) -> Vec<Page<order::Record>> {
    let mut pages = Vec::new();
    let mut from = PageFrom { since, cursor: None };
    loop {
        let page = demo.orders(&from).await.unwrap();
        from.cursor.clone_from(&page.next);
        pages.push(page);
        if from.cursor.is_none() {
            return pages;
        }
    }
}

async fn all_orders(demo: &Connected, since: Option<Time>) -> Vec<order::Record> {
    let pages = order_pages(demo, since).await.into_iter();
    pages.flat_map(|page| page.records).collect()
}

fn numbers(orders: &[order::Record]) -> Vec<&str> {
    orders.iter().map(|record| record.order.number.as_str()).collect()
}

/// Two mugs of another shop's order, and a line that is nobody's product.
fn ordered(product: &RemoteId) -> Order {
    Order {
        number: "A-77".to_owned(),
        status: "processing".to_owned(),
        payment_status: "paid".to_owned(),
        fulfilment_status: "partial".to_owned(),
        placed_at: Some(NOW),
        currency: "MXN".parse().unwrap(),
        totals: order::Totals {
            total: Some(Decimal::new(2900, 2)),
            ..order::Totals::default()
        },
        lines: vec![
            Line {
                remote_id: Some("l1001-1".into()),
                product: Some(product.clone()),
                sku: "mug-1".to_owned(),
                title: "A mug".to_owned(),
                quantity: Decimal::from(2),
                unit_price: Some(Decimal::new(1250, 2)),
                ..Line::default()
            },
            Line {
                title: "Gift wrap".to_owned(),
                quantity: Decimal::ONE,
                unit_price: Some(Decimal::new(400, 2)),
                ..Line::default()
            },
        ],
        buyer: Buyer {
            name: "Ada Alder".to_owned(),
            email: "ada.alder@example.com".to_owned(),
            phone: String::new(),
        },
        shipping_address: Address::default(),
        billing_address: Address::default(),
        shipments: vec![Shipment {
            remote_id: Some("elsewhere-1".into()),
            carrier: "DHL".to_owned(),
            lines: vec![ShippedLine {
                line: "l1001-1".into(),
                quantity: Decimal::ONE,
            }],
            ..Shipment::default()
        }],
        payments: vec![Payment {
            remote_id: Some("elsewhere-2".into()),
            amount: Some(Decimal::new(2900, 2)),
            ..Payment::default()
        }],
        note: " Ring & wait ".to_owned(),
    }
}

fn order_creation(order: Order) -> Create<Order> {
    Create {
        token: "token of an order".to_owned(),
        record: order,
    }
}

fn shown_order(answer: Answer<order::Record>) -> order::Record {
    match answer {
        Answer::Shown(record) => record,
        other => panic!("it was not done: {other:?}"),
    }
}

fn refused_order(answer: Answer<order::Record>) -> (Class, String) {
    match answer {
        Answer::Refused(error) => (error.class, error.message),
        other => panic!("it was not refused: {other:?}"),
    }
}

async fn place(demo: &Connected, order: Order) -> order::Record {
    shown_order(demo.create_orders(&[order_creation(order)]).await.remove(0))
}

async fn patch(demo: &Connected, id: &RemoteId, patch: order::Patch) -> Answer<order::Record> {
    let update = Update {
        token: String::new(),
        remote_id: id.clone(),
        patch,
    };
    demo.update_orders(&[update]).await.remove(0)
}

fn stock(shop: &mut Shop, product: &RemoteId) -> Decimal {
    let record = shop.product(&product.0).unwrap().unwrap();
    record.product.variants[0].stock["default"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_invented_order_adds_up_and_is_of_this_shop(seed in 1..5_u64, salt: u64, products in 1..60_u64) {
        let catalogue = Catalogue { seed, products, salt, ..Catalogue::default() };
        let history = History { catalogue, orders: 40, currency: Currency::USD };
        let mut before = Time(0);
        for number in history.numbers() {
            let Order {
                number: shown, totals, lines, buyer, placed_at, payments, shipments,
                status, payment_status, fulfilment_status, ..
            } = history.order(number);
            prop_assert_eq!(&shown, &number.to_string());
            let sum = |amounts: &mut dyn Iterator<Item = Option<Decimal>>| {
                amounts.fold(Decimal::ZERO.0, |sum, amount| sum + amount.unwrap().0)
            };
            let order::Totals { items, shipping, discount, tax, total } = totals;
            let [items, shipping, discount, tax, total] =
                [items, shipping, discount, tax, total].map(|amount| amount.unwrap().0);
            let full = &mut lines.iter().map(|line| Some(Decimal(line.unit_price.unwrap().0 * line.quantity.0)));
            prop_assert_eq!(sum(full), items);
            prop_assert_eq!(sum(&mut lines.iter().map(|line| line.tax)), tax);
            prop_assert_eq!(sum(&mut lines.iter().map(|line| line.total)) + shipping, total);
            prop_assert_eq!(items + shipping - discount + tax, total);

            prop_assert!((1..=4).contains(&lines.len()), "{} lines", lines.len());
            for line in &lines {
                let of = catalogue::number_of(&line.product.as_ref().unwrap().0).unwrap();
                prop_assert!(history.catalogue.numbers().contains(&of));
                let product = history.catalogue.product(of);
                let variant = product.variants.iter().find(|variant| variant.remote_id == line.variant);
                prop_assert_eq!(variant.map(|variant| &variant.sku), Some(&line.sku));
            }
            prop_assert!(buyer.email.ends_with("@example.com"), "{}", buyer.email);
            let paid = ["paid", "refunded", "partially-refunded"].contains(&payment_status.as_str());
            prop_assert_eq!(payments.iter().map(|payment| payment.amount).collect::<Vec<_>>(), if paid { vec![totals.total] } else { vec![] });
            prop_assert_eq!(shipments.is_empty(), fulfilment_status == "unfulfilled");
            prop_assert!(super::super::orders::ABILITY.statuses.contains(&status.as_str()));

            let placed = placed_at.unwrap();
            prop_assert!(before <= placed && history.changed_at(number) < NOW);
            prop_assert!(NOW.since(placed) < Duration::from_hours(24 * 410));
            before = placed;
            let since = history.first_since(history.changed_at(number));
            prop_assert!(since <= number && history.changed_at(since) == history.changed_at(number));
        }
    }
}

#[tokio::test]
async fn a_shop_begins_with_its_own_orders_a_page_at_a_time() {
    let (_data, demo, mut shop) = shop(json!({ "products": 20, "orders": 25, "page": 10 }));
    let pages = order_pages(&demo, None).await;
    let sizes: Vec<usize> = pages.iter().map(|page| page.records.len()).collect();
    assert_eq!(sizes, [10, 10, 5]);
    assert!(pages.iter().all(|page| page.total == Some(25)));
    let orders: Vec<order::Record> = pages.into_iter().flat_map(|page| page.records).collect();
    assert_eq!(orders, shop.orders().unwrap());
    assert_eq!(numbers(&orders)[..2], ["1001", "1002"]);
    assert_eq!(shop.order("o1007").unwrap().as_ref(), Some(&orders[6]));
    assert!(demo.check().await.unwrap().contains("20 products and 25 orders"));

    // What was sold before is not taken out of what is there.
    let (_without, other, _) = super::shop(json!({ "products": 20 }));
    assert_eq!(all(&other).await, all(&demo).await);
    assert_eq!(all_orders(&other, None).await, []);
}

#[test]
fn shops_that_sell_the_same_have_other_buyers() {
    let history = |salt| History {
        catalogue: Catalogue {
            salt,
            ..Catalogue::default()
        },
        orders: 30,
        currency: Currency::USD,
    };
    let (one, other) = (history(1), history(2));
    let same = one.numbers().filter(|number| {
        let (one, other) = (one.order(*number), other.order(*number));
        one.buyer == other.buyer && one.lines == other.lines
    });
    assert_eq!(same.count(), 0);
}

#[tokio::test]
async fn only_orders_that_changed_since_are_shown_with_their_total() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5, "orders": 30, "page": 3 }));
    let late = shop.order("o1027").unwrap().unwrap().updated_at;
    let shown = all_orders(&demo, late).await;
    assert_eq!(numbers(&shown), ["1027", "1028", "1029", "1030"]);
    let edited = shop
        .change_order("o1004", |order| order.note = "Later".to_owned())
        .unwrap();
    let first = first_variant(&mut shop, "p1001");
    shop.oversell("p1001", first.as_ref(), 1, NOW).unwrap();
    let changed = order_pages(&demo, edited.updated_at).await;
    assert_eq!(changed[0].total, Some(2));
    assert_eq!(numbers(&changed[0].records), ["1004", "1031"]);
}

fn first_variant(shop: &mut Shop, product: &str) -> Option<RemoteId> {
    let record = shop.product(product).unwrap().unwrap();
    record.product.variants[0].remote_id.clone()
}

#[tokio::test]
async fn a_sale_places_an_order_and_takes_its_stock() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5, "orders": 2, "currency": "EUR" }));
    let mug = create(&demo, "MUG-1").await.remote_id;
    let id = shop.sell(&mug.0, None, 3, NOW).unwrap();
    assert_eq!(id, "o1003".into());
    assert_eq!(stock(&mut shop, &mug), Decimal::from(4));
    let order = shop.order(&id.0).unwrap().unwrap().order;
    assert_eq!(
        (order.placed_at, order.currency),
        (Some(NOW), "EUR".parse().unwrap())
    );
    let [line] = &order.lines[..] else {
        panic!("{order:?}")
    };
    assert_eq!((&line.product, &line.variant), (&Some(mug.clone()), &None));
    assert_eq!((line.sku.as_str(), line.quantity), ("MUG-1", Decimal::from(3)));
    assert_eq!(order.totals.items, Some(Decimal::new(3750, 2)));
    assert_eq!(order.payments[0].amount, order.totals.total);

    let error = shop.sell(&mug.0, None, 5, NOW).unwrap_err().to_string();
    assert!(error.contains("only 4 of `MUG-1`"), "{error}");
    assert_eq!(
        (stock(&mut shop, &mug), shop.order_count().unwrap()),
        (4.into(), 3)
    );
    shop.oversell(&mug.0, None, 5, NOW).unwrap();
    assert_eq!(
        (stock(&mut shop, &mug), shop.order_count().unwrap()),
        ((-1).into(), 4)
    );
    assert_eq!(shop.order_writes().unwrap(), Writes::default());
    assert!(shop.sell(&mug.0, Some(&"v1-1".into()), 1, NOW).is_err());
    assert!(shop.sell("p9", None, 1, NOW).is_err());
}

#[tokio::test]
async fn a_created_order_gets_a_number_of_its_own_and_books_its_lines_once() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5, "orders": 2 }));
    let mug = create(&demo, "MUG-1").await.remote_id;
    let record = place(&demo, ordered(&mug)).await;
    assert_eq!(record.remote_id, "o1003".into());
    assert_eq!(record.token.as_deref(), Some("token of an order"));
    let line = |part| Some(RemoteId::from(format!("l1003-{part}")));
    let mut wanted = ordered(&mug);
    wanted.number = "1003".to_owned();
    wanted.lines[0].remote_id = line(1);
    wanted.lines[1].remote_id = line(2);
    wanted.shipments[0].remote_id = Some("s1003-3".into());
    wanted.shipments[0].lines[0].line = "l1003-1".into();
    wanted.payments[0].remote_id = Some("m1003-4".into());
    assert_eq!(record.order, wanted);
    assert_eq!(stock(&mut shop, &mug), Decimal::from(5));

    let status = order::Patch {
        status: Some("completed".to_owned()),
        ..order::Patch::default()
    };
    shown_order(patch(&demo, &record.remote_id, status).await);
    assert_eq!(
        stock(&mut shop, &mug),
        Decimal::from(5),
        "what is booked stays booked"
    );
    let updates = Writes {
        creates: 1,
        updates: 1,
    };
    assert_eq!(shop.order_writes().unwrap(), updates);
    assert_eq!(
        shop.writes().unwrap(),
        Writes {
            creates: 1,
            updates: 0
        }
    );
}

#[tokio::test]
async fn an_order_is_found_by_its_token_else_by_its_id() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5, "orders": 2 }));
    let placed = place(&demo, ordered(&"p1001".into())).await;
    let first = shop.order("o1001").unwrap().unwrap();
    let find = |token: Option<&str>, id: Option<&str>| Find {
        since: None,
        token: token.map(str::to_owned),
        remote_id: id.map(RemoteId::from),
        skus: vec!["mug-1".to_owned()],
    };
    let cases = [
        (find(placed.token.as_deref(), Some("o1001")), Some(&placed)),
        (find(Some("never given"), Some("o1001")), Some(&first)),
        (find(None, Some("o9")), None),
        (find(Some("never given"), None), None),
    ];
    for (find, wanted) in cases {
        let found = demo.find_orders(&find).await.unwrap();
        assert_eq!(found.first(), wanted, "{find:?}");
        assert!(found.len() < 2, "{find:?}");
    }
}

#[tokio::test]
async fn where_no_tokens_are_kept_whatever_changed_since_is_looked_through() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5, "orders": 2, "order_tokens": "forget" }));
    assert_eq!(demo.order_tokens(), Tokens::Forgotten);
    let placed = place(&demo, ordered(&"p1001".into())).await;
    assert_eq!(placed.token, None);
    let before = placed.updated_at.unwrap();
    for (since, found) in [(None, 3), (Some(before), 1), (Some(Time(before.0 + 1)), 0)] {
        let find = Find {
            token: Some("token of an order".to_owned()),
            since,
            ..Find::default()
        };
        assert_eq!(demo.find_orders(&find).await.unwrap().len(), found, "{since:?}");
    }
    assert_eq!(shop.orders_with_token("token of an order").unwrap(), []);
}

#[tokio::test]
async fn an_order_that_no_shop_would_take_is_refused_in_words_and_books_nothing() {
    let (_data, demo, mut shop) = shop(json!({ "products": 5 }));
    let mug = create(&demo, "MUG-1").await.remote_id;
    let with = |change: fn(&mut Order)| {
        let mut order = ordered(&mug);
        change(&mut order);
        order_creation(order)
    };
    let cases = [
        (
            with(|order| order.status = "shipped".to_owned()),
            "one of pending, processing",
        ),
        (
            with(|order| order.payment_status = "late".to_owned()),
            "Invalid payment status `late`",
        ),
        (
            with(|order| order.fulfilment_status = "sent".to_owned()),
            "Invalid fulfilment status",
        ),
        (
            with(|order| order.lines[1].product = Some("p9".into())),
            "The line `Gift wrap` is of p9",
        ),
        (
            with(|order| order.lines[0].variant = Some("v9".into())),
            "The line `A mug`",
        ),
    ];
    let before = (shop.products().unwrap(), shop.orders().unwrap());
    for (creation, words) in cases {
        let (class, message) = refused_order(demo.create_orders(&[creation]).await.remove(0));
        assert!(
            class == Class::Rejected && message.contains(words),
            "{class:?}: {message}"
        );
    }
    let (class, _) = refused_order(patch(&demo, &"o9".into(), order::Patch::default()).await);
    assert_eq!(class, Class::Missing);
    assert_eq!((shop.products().unwrap(), shop.orders().unwrap()), before);

    let answers = demo
        .create_orders(&[
            order_creation(ordered(&mug)),
            order_creation(ordered(&"p9".into())),
            order_creation(ordered(&mug)),
        ])
        .await;
    let done: Vec<bool> = answers
        .iter()
        .map(|answer| matches!(answer, Answer::Shown(_)))
        .collect();
    assert_eq!(done, [true, false, true], "a refused order stops only itself");
    assert_eq!(stock(&mut shop, &mug), Decimal::from(3));
}

#[tokio::test]
async fn a_blank_status_is_the_first_one() {
    let (_data, demo, _) = shop(json!({ "products": 5 }));
    let order = Order {
        status: String::new(),
        payment_status: " ".to_owned(),
        fulfilment_status: String::new(),
        placed_at: None,
        ..ordered(&"p1000".into())
    };
    let order = Order {
        lines: order.lines[1..].to_vec(),
        shipments: Vec::new(),
        ..order
    };
    let order = place(&demo, order).await.order;
    assert_eq!(
        [order.status, order.payment_status, order.fulfilment_status],
        ["pending", "unpaid", "unfulfilled"]
    );
    assert!(order.placed_at.is_some());
}

#[tokio::test]
async fn an_update_of_an_order_changes_only_what_the_patch_names() {
    let (_data, demo, _) = shop(json!({ "products": 5 }));
    let mug = create(&demo, "MUG-1").await.remote_id;
    let before = place(&demo, ordered(&mug)).await;
    let parcel = |remote_id: Option<&str>, carrier: &str| Shipment {
        remote_id: remote_id.map(RemoteId::from),
        carrier: carrier.to_owned(),
        lines: vec![ShippedLine {
            line: "l1001-2".into(),
            quantity: Decimal::ONE,
        }],
        ..Shipment::default()
    };
    let changes = order::Patch {
        status: Some("completed".to_owned()),
        note: Some(String::new()),
        shipments: vec![parcel(Some("s1001-3"), "UPS")],
        new_shipments: vec![parcel(None, "FedEx")],
        new_payments: vec![Payment::default()],
        ..order::Patch::default()
    };
    let after = shown_order(patch(&demo, &before.remote_id, changes).await);
    assert!(after.updated_at >= before.updated_at);
    let mut wanted = before.order;
    wanted.status = "completed".to_owned();
    wanted.note = String::new();
    wanted.shipments = vec![parcel(Some("s1001-3"), "UPS"), parcel(Some("s1001-5"), "FedEx")];
    wanted.payments.push(Payment {
        remote_id: Some("m1001-6".into()),
        ..Payment::default()
    });
    assert_eq!(after.order, wanted);

    let cases = [
        (
            order::Patch {
                shipments: vec![parcel(Some("s9"), "UPS")],
                ..order::Patch::default()
            },
            "no shipment s9",
        ),
        (
            order::Patch {
                new_shipments: vec![Shipment {
                    lines: vec![ShippedLine {
                        line: "l9".into(),
                        quantity: Decimal::ONE,
                    }],
                    ..Shipment::default()
                }],
                ..order::Patch::default()
            },
            "no line l9",
        ),
        (
            order::Patch {
                status: Some("done".to_owned()),
                ..order::Patch::default()
            },
            "Invalid status `done`",
        ),
    ];
    for (changes, words) in cases {
        let (class, message) = refused_order(patch(&demo, &after.remote_id, changes).await);
        assert!(
            class == Class::Rejected && message.contains(words),
            "{class:?}: {message}"
        );
    }
    let stays = demo.orders(&PageFrom::default()).await.unwrap();
    assert_eq!(stays.records[0].order, wanted);
}

#[tokio::test]
async fn what_a_shop_makes_of_orders_is_shown_ever_after() {
    type Look = fn(&Order) -> &str;
    let cases: [(&str, Look, &str); 3] = [
        ("trim", |order| &order.note, "Ring & wait"),
        ("escape", |order| &order.note, " Ring &amp; wait "),
        ("upper-sku", |order| &order.lines[0].sku, "MUG-1"),
    ];
    for (rewrite, look, wanted) in cases {
        let (_data, demo, _) = shop(json!({ "products": 0, "rewrites": [rewrite] }));
        let mug = create(&demo, "MUG-1").await.remote_id;
        let created = place(&demo, ordered(&mug)).await;
        assert_ne!(look(&ordered(&mug)), wanted, "{rewrite} would show nothing");
        assert_eq!(look(&created.order), wanted, "{rewrite} on creation");
        let again = order::Patch {
            note: Some(ordered(&mug).note),
            ..order::Patch::default()
        };
        let updated = shown_order(patch(&demo, &created.remote_id, again).await);
        assert_eq!(updated.order, created.order, "{rewrite} on update");
    }
}

#[tokio::test]
async fn orders_fail_as_products_do() {
    for (failure, class) in [
        ("auth", Class::Auth),
        ("rate_limit", Class::RateLimited),
        ("page", Class::Unavailable),
    ] {
        let (_data, demo, _) = shop(json!({ "orders": 3, "failures": { failure: 1.0 } }));
        let error = demo.orders(&PageFrom::default()).await.unwrap_err();
        assert_eq!(error.class, class, "{failure}");
        let error = demo.find_orders(&Find::default()).await.unwrap_err();
        assert_eq!(error.class, class, "{failure}");
    }
    let (_data, demo, mut shop) = shop(json!({ "failures": { "write": 1.0 } }));
    let creation = order_creation(ordered(&"p1000".into()));
    let (class, _) = refused_order(demo.create_orders(&[creation]).await.remove(0));
    assert_eq!((class, shop.order_count().unwrap()), (Class::Unavailable, 0));

    for failure in ["write_after_commit", "connection_lost"] {
        let (_data, demo, mut shop) = super::shop(json!({ "products": 3, "failures": { failure: 1.0 } }));
        let order = Order {
            lines: Vec::new(),
            ..ordered(&"p1000".into())
        };
        let answer = demo.create_orders(&[order_creation(order)]).await.remove(0);
        assert!(matches!(answer, Answer::Unclear(_)), "{failure}: {answer:?}");
        let find = Find {
            token: Some("token of an order".to_owned()),
            ..Find::default()
        };
        assert_eq!(demo.find_orders(&find).await.unwrap(), shop.orders().unwrap());
        assert_eq!(shop.order_count().unwrap(), 1);
    }

    let (_data, demo, _) =
        super::shop(json!({ "orders": 200, "page": 50, "failures": { "unreadable": 0.1 } }));
    let pages = order_pages(&demo, None).await;
    let unreadable: usize = pages.iter().map(|page| page.unreadable.len()).sum();
    let readable: usize = pages.iter().map(|page| page.records.len()).sum();
    assert_eq!(readable + unreadable, 200);
    assert!((5..45).contains(&unreadable), "{unreadable} cannot be read");
}

#[tokio::test]
async fn orders_outlive_the_daemon_and_a_log_written_anew() {
    let (data, demo, mut mine) = shop(json!({ "products": 5, "orders": 4 }));
    let mug = create(&demo, "MUG-1").await.remote_id;
    let placed = place(&demo, ordered(&mug)).await;
    for nth in 0..2000 {
        mine.change_order("o1002", |order| order.note = format!("Note {nth}"))
            .unwrap();
    }
    mine.remove_order("o1003").unwrap();
    mine.sell(&mug.0, None, 1, NOW).unwrap();
    std::mem::forget(demo);
    let before = (
        mine.orders().unwrap(),
        mine.products().unwrap(),
        mine.order_writes().unwrap(),
    );
    assert_eq!(numbers(&before.0), ["1001", "1002", "1004", "1005", "1006"]);
    assert_eq!(before.0[3], placed);
    let long = fs::metadata(mine.path()).unwrap().len();
    let again = connect(data.path(), json!({ "products": 5, "orders": 4 }));
    let short = fs::metadata(mine.path()).unwrap().len();
    assert!(short < long / 50, "{long} bytes became {short}");
    assert_eq!(all_orders(&again, None).await, before.0);
    let after = (
        mine.orders().unwrap(),
        mine.products().unwrap(),
        mine.order_writes().unwrap(),
    );
    assert_eq!(after, before);
    assert_eq!(place(&again, ordered(&mug)).await.order.number, "1007");
}

#[tokio::test]
async fn a_shop_gets_its_history_later_and_keeps_it_once_it_took_an_order() {
    let (data, demo, mut mine) = shop(json!({ "products": 5 }));
    // Later than the history, and earlier than it is told.
    let since = create(&demo, "MUG-1").await.updated_at;
    let older = connect(data.path(), json!({ "products": 5, "orders": 6 }));
    assert_eq!(all_orders(&older, None).await.len(), 6);
    assert_eq!(
        all_orders(&older, since).await.len(),
        6,
        "they are news to whoever read it before"
    );
    let first = first_variant(&mut mine, "p1000");
    mine.oversell("p1000", first.as_ref(), 1, NOW).unwrap();
    let larger = connect(data.path(), json!({ "products": 5, "orders": 90 }));
    assert_eq!(all_orders(&larger, None).await.len(), 7);
}
