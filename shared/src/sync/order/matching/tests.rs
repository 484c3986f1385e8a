use super::*;
use crate::{
    content::Leaf,
    money::Currency,
    order::{Address, Buyer, Totals},
    time::Time,
};

fn order(lines: Vec<Line>, shipments: Vec<Shipment>, payments: Vec<Payment>) -> Order {
    Order {
        number: String::new(),
        status: String::new(),
        payment_status: String::new(),
        fulfilment_status: String::new(),
        placed_at: None,
        currency: Currency::USD,
        totals: Totals::default(),
        lines,
        buyer: Buyer::default(),
        shipping_address: Address::default(),
        billing_address: Address::default(),
        shipments,
        payments,
        note: String::new(),
    }
}

fn item(parts: &[(Part, &[(Detail, Value)])]) -> Item {
    let entries = parts.iter().flat_map(|(part, details)| {
        let exists = (Path::of(*part, Leaf::Exists), Value::Present);
        let details = details
            .iter()
            .map(|(detail, value)| (at(*part, *detail), value.clone()));
        std::iter::once(exists).chain(details)
    });
    Item {
        id: ItemId(1),
        content: entries.collect(),
        next_key: Key(50),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn number(number: i64) -> Value {
    Value::Number(Decimal::from(number))
}

fn line(id: &str, sku: &str, title: &str, quantity: i64) -> Line {
    Line {
        remote_id: (!id.is_empty()).then(|| id.into()),
        sku: sku.to_owned(),
        title: title.to_owned(),
        quantity: Decimal::from(quantity),
        ..Line::default()
    }
}

/// SKU `pN` is product N.
fn resolve(line: &Line) -> Option<(ItemId, Key)> {
    let product = line.sku.strip_prefix('p')?.parse().ok()?;
    Some((ItemId(product), Key(1)))
}

/// The hub has a tee of product 1, twice, and a cap of no product; the platform calls the first tee `l1`.
fn check_lines(shown: &[Line], wanted: &[u32]) {
    let tee = Value::Product(ItemId(1), Key(1));
    let details = [(Detail::Product, tee.clone()), (Detail::Quantity, number(1))];
    let more = [(Detail::Product, tee), (Detail::Quantity, number(3))];
    let cap = [(Detail::Title, text("Cap")), (Detail::Sku, text("c"))];
    let item = item(&[
        (Part::Line(Key(1)), &details),
        (Part::Line(Key(2)), &more),
        (Part::Line(Key(3)), &cap),
    ]);
    let here = Equivalence {
        children: vec![(Part::Line(Key(1)), "l1".into())],
        ..Equivalence::default()
    };
    let order = order(shown.to_vec(), Vec::new(), Vec::new());
    let pairing = pair(&order, &item, &here, &[], &resolve);
    let wanted: Vec<Key> = wanted.iter().map(|key| Key(*key)).collect();
    assert_eq!(pairing.lines, wanted, "{shown:?}");
}

#[test]
fn lines_pair_by_id_then_product_then_what_they_are_called() {
    check_lines(&[line("l1", "", "Renamed", 9)], &[1]);
    check_lines(&[line("l9", "p1", "", 3), line("l8", "p1", "", 1)], &[2, 1]);
    check_lines(&[line("", "p1", "", 5), line("", "p1", "", 5)], &[1, 2]);
    check_lines(&vec![line("", "p1", "", 5); 3], &[1, 2, 50]);
    check_lines(&[line("", "C", "cap", 1)], &[3]);
    check_lines(&[line("", "", "Cap ", 1)], &[3]);
    check_lines(&[line("", "p2", "Hat", 1), line("", "", "", 1)], &[50, 51]);
}

fn shipment(id: &str, carrier: &str, number: &str) -> Shipment {
    Shipment {
        remote_id: (!id.is_empty()).then(|| id.into()),
        carrier: carrier.to_owned(),
        tracking_number: number.to_owned(),
        ..Shipment::default()
    }
}

fn check_shipments(shown: &[Shipment], wanted: &[u32], met: &[u32]) {
    let tracked = [
        (Detail::Carrier, text("Post")),
        (Detail::TrackingNumber, text("T1")),
    ];
    let plain = [(Detail::Carrier, text("Van"))];
    let item = item(&[
        (Part::Shipment(Key(1)), &tracked),
        (Part::Shipment(Key(2)), &plain),
    ]);
    let mut here = Equivalence {
        children: vec![(Part::Shipment(Key(2)), RemoteId::from(String::new()))],
        ..Equivalence::default()
    };
    for (path, value) in item.content.iter() {
        if path.part == Part::Shipment(Key(2)) {
            here.acknowledged.put(path.clone(), Some(value.clone()));
        }
    }
    let order = order(Vec::new(), shown.to_vec(), Vec::new());
    let pairing = pair(&order, &item, &here, &[], &resolve);
    let wanted: Vec<Key> = wanted.iter().map(|key| Key(*key)).collect();
    assert_eq!(pairing.shipments, wanted, "{shown:?}");
    let met: Vec<Part> = met.iter().map(|key| Part::Shipment(Key(*key))).collect();
    assert_eq!(pairing.met, met, "{shown:?}");
}

#[test]
fn shipments_pair_by_tracking_number_and_carrier_and_nameless_ones_with_those_there() {
    check_shipments(&[shipment("s1", "post", "t1")], &[1], &[1]);
    check_shipments(&[shipment("s1", "", "T1")], &[1], &[1]);
    check_shipments(&[shipment("s1", "Bike", "T1")], &[50], &[]);
    check_shipments(&[shipment("", "Van", "")], &[2], &[]);
    check_shipments(&[shipment("", "", ""), shipment("", "", "")], &[2, 50], &[]);
    check_shipments(&[shipment("s1", "Van", "")], &[50], &[]);
}

fn check_payments(method: &str, amount: i64, reference: &str, wanted: u32) {
    let card = [
        (Detail::Method, text("card")),
        (Detail::Amount, number(10)),
        (Detail::Reference, text("R1")),
    ];
    let item = item(&[(Part::Payment(Key(1)), &card)]);
    let shown = Payment {
        method: method.to_owned(),
        amount: Some(Decimal::from(amount)),
        reference: reference.to_owned(),
        ..Payment::default()
    };
    let order = order(Vec::new(), Vec::new(), vec![shown]);
    let pairing = pair(&order, &item, &Equivalence::default(), &[], &resolve);
    assert_eq!(pairing.payments, [Key(wanted)], "{method} {amount} {reference:?}");
}

#[test]
fn payments_pair_by_reference_then_method_and_amount() {
    check_payments("bank", 5, "r1", 1);
    check_payments("Card", 10, "", 1);
    check_payments("card", 10, "R2", 50);
    check_payments("card", 11, "", 50);
    check_payments("bank", 10, "", 50);
}

#[test]
fn as_many_new_parts_as_were_sent_are_those_and_of_more_nobody_can_tell() {
    let nothing: [(Detail, Value); 0] = [];
    let part = Part::Shipment(Key(7));
    let item = item(&[(part, &nothing)]);
    let sent = [(Path::of(part, Leaf::Exists), Some(Value::Present))];
    let check = |shown: Vec<Shipment>, wanted: &[u32]| {
        let order = order(Vec::new(), shown, Vec::new());
        let pairing = pair(&order, &item, &Equivalence::default(), &sent, &resolve);
        let wanted: Vec<Key> = wanted.iter().map(|key| Key(*key)).collect();
        assert_eq!(pairing.shipments, wanted);
    };
    check(vec![shipment("s1", "Van", "T5")], &[7]);
    check(
        vec![shipment("s1", "Van", "T5"), shipment("s2", "Van", "T6")],
        &[50, 51],
    );
}

#[test]
fn a_record_is_a_create_of_ours_only_if_it_is_the_same_sale() {
    let tee = [
        (Detail::Product, Value::Product(ItemId(1), Key(1))),
        (Detail::Title, text("A tee")),
        (Detail::Quantity, number(2)),
    ];
    let address = |postcode: &str| Address {
        postcode: postcode.to_owned(),
        ..Address::default()
    };
    let mut ours = item(&[(Part::Line(Key(1)), &tee)]);
    let home = Value::Address(Box::new(address("N1 9GU")));
    for (detail, value) in [
        (Detail::Currency, text("USD")),
        (Detail::Total, number(20)),
        (Detail::Email, text("ada@example.com")),
        (Detail::ShippingAddress, home),
    ] {
        ours.content.put(Path::detail(detail), Some(value));
    }
    let said = ours.content.iter();
    let create = Sending {
        token: String::new(),
        values: said
            .map(|(path, value)| (path.clone(), Some(value.clone())))
            .collect(),
        at: Time(0),
    };
    let check = |change: &dyn Fn(&mut Order), wanted: bool| {
        let mut theirs = order(vec![line("", "p1", "", 2)], Vec::new(), Vec::new());
        theirs.totals.total = Some(Decimal::from(20));
        change(&mut theirs);
        assert_eq!(is_like(&theirs, &create, &resolve), wanted, "{theirs:?}");
    };
    check(&|_| {}, true);
    check(&|order| order.totals.total = None, true);
    check(&|order| order.buyer.email = "ADA@example.com".to_owned(), true);
    check(&|order| order.shipping_address = address("n19gu"), true);
    check(&|order| order.shipping_address = address("N1 9GV"), false);
    check(&|order| order.totals.total = Some(Decimal::from(21)), false);
    check(&|order| order.buyer.email = "bob@example.com".to_owned(), false);
    check(&|order| order.lines[0].quantity = Decimal::ONE, false);
    check(&|order| order.lines[0].sku = "p2".to_owned(), false);
    check(&|order| order.lines.push(line("", "p1", "", 2)), false);
    check(&|order| order.lines.clear(), false);
    check(&|order| order.currency = "MXN".parse().unwrap(), false);
    // A line that was made without its product is known by its title.
    check(&|order| order.lines[0] = line("", "", "a tee ", 2), true);
    check(&|order| order.lines[0] = line("", "", "A mug", 2), false);
}

#[test]
fn what_was_there_before_is_looked_for_first() {
    let tee = [(Detail::Product, Value::Product(ItemId(1), Key(1)))];
    let item = item(&[(Part::Line(Key(1)), &tee), (Part::Line(Key(2)), &tee)]);
    let there = |(path, _): &(&Path, &Value)| path.part == Part::Line(Key(2));
    let shown = item.content.iter().filter(there);
    let here = Equivalence {
        acknowledged: shown.map(|(path, value)| (path.clone(), value.clone())).collect(),
        ..Equivalence::default()
    };
    let order = order(vec![line("", "p1", "", 1)], Vec::new(), Vec::new());
    assert_eq!(pair(&order, &item, &here, &[], &resolve).lines, [Key(2)]);
}

#[test]
fn a_parcel_does_not_pair_with_what_else_is_called_so_nor_with_what_was_not_sent() {
    let parcel = [(Detail::TrackingNumber, text("T1"))];
    let nothing: [(Detail, Value); 0] = [];
    let (part, other) = (Part::Shipment(Key(7)), Part::Shipment(Key(8)));
    let check = |children: &[(Part, &str)], sent: &[(Path, Option<Value>)], wanted: u32| {
        let item = item(&[(part, &parcel), (Part::Line(Key(1)), &nothing)]);
        let here = Equivalence {
            children: children.iter().map(|(part, id)| (*part, (*id).into())).collect(),
            ..Equivalence::default()
        };
        let order = order(Vec::new(), vec![shipment("s1", "Van", "T5")], Vec::new());
        let pairing = pair(&order, &item, &here, sent, &resolve);
        assert_eq!(pairing.shipments, [Key(wanted)], "{children:?} {sent:?}");
    };
    let exists = |part| Path::of(part, Leaf::Exists);
    check(&[(part, "s1")], &[], 7);
    check(&[(Part::Line(Key(1)), "s1")], &[], 50);
    check(&[], &[(exists(part), Some(Value::Present))], 7);
    check(&[], &[(exists(other), Some(Value::Present))], 50);
    check(&[], &[(exists(part), None)], 50);
    check(&[], &[(at(part, Detail::TrackingNumber), Some(text("T1")))], 50);
}

#[test]
fn a_line_is_found_later_by_what_its_origin_calls_the_product() {
    let listing = [
        (
            Detail::Listing,
            Value::List(vec!["p7".to_owned(), "v1".to_owned()]),
        ),
        (Detail::Quantity, number(1)),
    ];
    let item = item(&[(Part::Line(Key(1)), &listing)]);
    let by_name = |line: &Line| {
        let named = (
            line.product.as_ref()?.0.as_str(),
            line.variant.as_ref()?.0.as_str(),
        );
        (named == ("p7", "v1")).then_some((ItemId(7), Key(2)))
    };
    let found = resolve_lines(&item, &by_name).unwrap();
    let product = found.content.get(&at(Part::Line(Key(1)), Detail::Product));
    assert_eq!(product, Some(&Value::Product(ItemId(7), Key(2))));
    assert!(resolve_lines(&found, &by_name).is_none(), "it is found already");
}
