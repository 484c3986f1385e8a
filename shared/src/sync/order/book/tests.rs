use super::*;
use crate::{
    content::Field,
    ids::ConnectionId,
    item::{Presence, Sending},
    order,
    policy::CloneOrders,
    product::{Product, Record, StockWrites, Variant},
    sync::{
        merge::{self, Merged},
        order::{Counterpart, acknowledge::acknowledge, merge::absorb, pending as orders, write},
        pending::{Standing, pending},
        terms::Around,
    },
    time::Time,
};

const BOOKS: Ability = Ability {
    creates: true,
    books_stock: true,
    statuses: &[],
    payment_statuses: &[],
    fulfilment_statuses: &[],
};

fn policy(name: &str) -> Policy {
    let mut policy = Policy::new(ConnectionId::parse(name).unwrap(), "demo");
    policy.orders.clone = CloneOrders::New { began: None };
    policy
}

fn product(stock: i64, updated_at: i64) -> Record {
    let variant = Variant {
        sku: "tee".to_owned(),
        stock: [("default".to_owned(), Decimal::from(stock))].into(),
        ..Variant::default()
    };
    Record {
        remote_id: "7".into(),
        url: None,
        updated_at: Some(Time(updated_at)),
        token: None,
        product: Product {
            title: "Tee".to_owned(),
            variants: vec![variant],
            ..Product::default()
        },
    }
}

fn sale(remote_id: &str, quantity: i64) -> order::Record {
    order::Record {
        remote_id: remote_id.into(),
        url: None,
        updated_at: Some(Time(10)),
        token: None,
        order: order::Order {
            number: "1".to_owned(),
            status: "processing".to_owned(),
            payment_status: String::new(),
            fulfilment_status: String::new(),
            placed_at: Some(Time(10)),
            currency: crate::money::Currency::USD,
            totals: order::Totals::default(),
            lines: vec![order::Line {
                sku: "tee".to_owned(),
                title: "Tee".to_owned(),
                quantity: Decimal::from(quantity),
                ..order::Line::default()
            }],
            buyer: order::Buyer::default(),
            shipping_address: order::Address::default(),
            billing_address: order::Address::default(),
            shipments: Vec::new(),
            payments: Vec::new(),
            note: String::new(),
        },
    }
}

/// The hub's product, as it is at two shops with 10 pieces each.
fn tee(a: &Policy, b: &Policy) -> (Item, Equivalence, Equivalence) {
    let Merged {
        item,
        equivalence: at_a,
        ..
    } = merge::absorb(ItemId(1), &product(10, 0), a, &Field::PRODUCT, Time(0));
    let Merged {
        item,
        equivalence: at_b,
        ..
    } = merge::join(
        item,
        Equivalence::default(),
        &product(10, 0),
        b,
        &Field::PRODUCT,
        Time(0),
    );
    (item, at_a, at_b)
}

#[test]
fn a_cloned_order_that_its_receiver_books_out_itself_is_counted_once() {
    let (a, b) = (policy("a"), policy("b"));
    let (tee, at_a, at_b) = tee(&a, &b);
    let resolve = |_: &order::Line| Some((ItemId(1), Key(1)));
    // One is sold at A.
    let tee = merge::take_in(
        tee,
        at_a.clone(),
        &product(9, 10),
        &a,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(11),
    )
    .item;
    let sold = absorb(ItemId(2), &sale("a1", 1), &resolve, &a, Time(11)).item;
    let stock = Path::stock(Key(1), DEFAULT_LOCATION);
    assert_eq!(tee.content.number(&stock), Some(Decimal::from(9)));
    // The order is created at B, which takes it out of its own stock.
    let there = |_, _| {
        Some(Counterpart {
            product: "7".into(),
            variant: None,
            sku: "tee".to_owned(),
        })
    };
    let plan = orders::pending(&sold, None, &there, &b, &BOOKS, Standing::Live, Time(12));
    let made = write::order(&plan.wanted, &there).unwrap();
    assert_eq!(made.lines[0].product, Some("7".into()));
    let intent = crate::sync::acknowledge::intend(Equivalence::default(), &plan, "t".to_owned(), Time(12));
    let (clone, _) = acknowledge(&sold, intent, &sale("b1", 1), &resolve, &b, Time(13));
    let counted = |_, key| counts(&at_a, key, &a);
    let taken = booked(&sold, &clone, &b, &BOOKS, &counted);
    assert_eq!(taken, [(ItemId(1), Key(1), Decimal::ONE)]);
    let at_b = book(at_b, Key(1), Decimal::ONE);
    // B shows 9: no second sale, and nothing to send.
    let Merged {
        item, equivalence, ..
    } = merge::take_in(
        tee,
        at_b,
        &product(9, 14),
        &b,
        &Field::PRODUCT,
        StockWrites::Absolute,
        Time(15),
    );
    assert_eq!(item.content.number(&stock), Some(Decimal::from(9)));
    let around = Around::default();
    let next = pending(
        &item,
        Some(&equivalence),
        Standing::Live,
        &around,
        &b,
        &Field::PRODUCT,
        Time(16),
    );
    assert_eq!(next.changes, []);
}

#[test]
fn what_is_booked_is_what_the_hub_hears_of_elsewhere_by_a_receiver_that_books() {
    let (a, b) = (policy("a"), policy("b"));
    let resolve = |_: &order::Line| Some((ItemId(1), Key(1)));
    let sold = absorb(ItemId(2), &sale("a1", 2), &resolve, &a, Time(11));
    let (sold, placed) = (sold.item, sold.equivalence);
    let check = |here: &Equivalence, policy: &Policy, ability: Ability, counted: bool, wanted: &[i64]| {
        let counted = |_, _| counted;
        let taken = booked(&sold, here, policy, &ability, &counted);
        let quantities: Vec<_> = taken.into_iter().map(|(_, _, quantity)| quantity).collect();
        let wanted: Vec<_> = wanted.iter().map(|n| Decimal::from(*n)).collect();
        assert_eq!(quantities, wanted);
    };
    // The clone looks as the order does where it was placed.
    let clone = &placed;
    check(clone, &b, BOOKS, true, &[2]);
    check(clone, &b, BOOKS, false, &[]);
    let leaves_stock = Ability {
        books_stock: false,
        ..BOOKS
    };
    check(clone, &b, leaves_stock, true, &[]);
    check(&placed, &a, BOOKS, true, &[]);
    check(&Equivalence::default(), &b, BOOKS, true, &[]);
}

/// A product that counts these, of which one is booked.
fn check_book(stock: &[(&str, i64)], wanted: &[(&str, i64)]) {
    let content = |stock: &[(&str, i64)]| -> Content {
        let number = |(at, n): &(&str, i64)| (Path::stock(Key(1), *at), Value::Number(Decimal::from(*n)));
        stock.iter().map(number).collect()
    };
    let values = |stock: &[(&str, i64)]| -> Vec<(Path, Option<Value>)> {
        let content = content(stock);
        content
            .iter()
            .map(|(path, value)| (path.clone(), Some(value.clone())))
            .collect()
    };
    let product = |stock: &[(&str, i64)]| Equivalence {
        presence: Presence::Live {
            remote_id: "7".into(),
            url: None,
        },
        acknowledged: content(stock),
        sent: values(stock),
        sending: Some(Sending {
            token: "t".to_owned(),
            values: values(stock),
            at: Time(0),
        }),
        ..Equivalence::default()
    };
    assert_eq!(
        book(product(stock), Key(1), Decimal::ONE),
        product(wanted),
        "{stock:?}"
    );
    assert_eq!(
        counts(&product(stock), Key(1), &policy("shop")),
        !stock.is_empty(),
        "{stock:?}"
    );
}

#[test]
fn a_booking_moves_the_default_location_or_the_first_that_counts() {
    check_book(&[("default", 9)], &[("default", 8)]);
    check_book(&[("attic", 3), ("default", 9)], &[("attic", 3), ("default", 8)]);
    check_book(&[("attic", 3), ("shop", 9)], &[("attic", 2), ("shop", 9)]);
    check_book(&[("default", 0)], &[("default", -1)]);
    check_book(&[], &[]);
}

#[test]
fn a_sale_counts_where_the_product_is_with_a_quantity_that_is_read() {
    let check = |live: bool, detects: bool, quantity: bool, wanted: bool| {
        let mut policy = policy("shop");
        if !detects {
            let fields = &mut policy.products.fields.by_field;
            fields.insert(Field::Stock, crate::policy::Mutability::WriteOnly);
        }
        let mut product = Equivalence::default();
        if live {
            product.presence = Presence::Live {
                remote_id: "7".into(),
                url: None,
            };
        }
        if quantity {
            let stock = Path::stock(Key(1), "default");
            product.acknowledged.put(stock, Some(Value::Number(Decimal::ONE)));
        }
        let case = format!("live {live}, read {detects}, quantity {quantity}");
        assert_eq!(counts(&product, Key(1), &policy), wanted, "{case}");
    };
    check(true, true, true, true);
    check(false, true, true, false);
    check(true, false, true, false);
    check(true, true, false, false);
    check(false, false, true, false);
    check(false, true, false, false);
}
