//! A platform's record of an order as content: the item's keys, the platform's words.

use super::{Resolve, at, matching::Pairing};
use crate::{
    content::{Content, Detail, Field, Leaf, Part, Path, Value},
    ids::{Key, RemoteId},
    money::Decimal,
    order::{Address, Buyer, Line, Order, Payment, Record, Shipment, Totals},
    time::Time,
};

/// The content of what a platform shows. Blank values are absent.
pub fn read(record: &Record, pairing: &Pairing, resolve: &Resolve<'_>) -> Content {
    let Order {
        number,
        status,
        payment_status,
        fulfilment_status,
        placed_at,
        currency,
        totals,
        lines,
        buyer,
        shipping_address,
        billing_address,
        shipments,
        payments,
        note,
    } = &record.order;
    let mut entries = Entries(Vec::with_capacity(
        20 + 9 * lines.len() + 6 * (shipments.len() + payments.len()),
    ));
    let whole = Part::Whole;
    entries.text(whole, Detail::Number, number);
    entries.time(whole, Detail::PlacedAt, *placed_at);
    entries.text(whole, Detail::Currency, currency.as_str());
    entries.time(whole, Detail::UpdatedAt, record.updated_at);
    entries.field(Field::Status, status);
    entries.field(Field::Payment, payment_status);
    entries.field(Field::Fulfilment, fulfilment_status);
    entries.field(Field::Note, note);
    entries.totals(totals);
    entries.buyer(buyer);
    entries.address(Detail::ShippingAddress, shipping_address);
    entries.address(Detail::BillingAddress, billing_address);
    for (line, key) in lines.iter().zip(&pairing.lines) {
        entries.line(line, Part::Line(*key), resolve);
    }
    for (shipment, key) in shipments.iter().zip(&pairing.shipments) {
        entries.shipment(shipment, Part::Shipment(*key), lines, &pairing.lines);
    }
    for (payment, key) in payments.iter().zip(&pairing.payments) {
        entries.payment(payment, Part::Payment(*key));
    }
    entries.0.into_iter().collect()
}

struct Entries(Vec<(Path, Value)>);

impl Entries {
    fn totals(&mut self, totals: &Totals) {
        let Totals {
            items,
            shipping,
            discount,
            tax,
            total,
        } = totals;
        self.number(Part::Whole, Detail::Items, *items);
        self.number(Part::Whole, Detail::Shipping, *shipping);
        self.number(Part::Whole, Detail::Discount, *discount);
        self.number(Part::Whole, Detail::Tax, *tax);
        self.number(Part::Whole, Detail::Total, *total);
    }

    fn buyer(&mut self, buyer: &Buyer) {
        let Buyer { name, email, phone } = buyer;
        self.text(Part::Whole, Detail::Name, name);
        self.text(Part::Whole, Detail::Email, email);
        self.text(Part::Whole, Detail::Phone, phone);
    }

    fn address(&mut self, detail: Detail, address: &Address) {
        if *address != Address::default() {
            self.put(Part::Whole, detail, Value::Address(Box::new(address.clone())));
        }
    }

    fn line(&mut self, line: &Line, part: Part, resolve: &Resolve<'_>) {
        let Line {
            remote_id: _,
            product,
            variant,
            sku,
            title,
            quantity,
            unit_price,
            tax,
            total,
        } = line;
        self.exists(part);
        let listing: Vec<String> = product
            .iter()
            .chain(variant)
            .map(|RemoteId(name)| name.to_string())
            .collect();
        if product.is_some() {
            self.put(part, Detail::Listing, Value::List(listing));
        }
        if let Some((item, key)) = resolve(line) {
            self.put(part, Detail::Product, Value::Product(item, key));
        }
        self.text(part, Detail::Sku, sku);
        self.text(part, Detail::Title, title);
        self.number(part, Detail::Quantity, Some(*quantity));
        self.number(part, Detail::UnitPrice, *unit_price);
        self.number(part, Detail::Tax, *tax);
        self.number(part, Detail::Total, *total);
    }

    fn shipment(&mut self, shipment: &Shipment, part: Part, lines: &[Line], keys: &[Key]) {
        let Shipment {
            remote_id: _,
            carrier,
            tracking_number,
            tracking_url,
            lines: shipped,
            shipped_at,
        } = shipment;
        self.exists(part);
        self.text(part, Detail::Carrier, carrier);
        self.text(part, Detail::TrackingNumber, tracking_number);
        self.text(part, Detail::TrackingUrl, tracking_url);
        let named = |name: &RemoteId| {
            lines
                .iter()
                .position(|line| line.remote_id.as_ref() == Some(name))
        };
        let mut shipped: Vec<(Key, Decimal)> = shipped
            .iter()
            .filter_map(|shipped| Some((keys[named(&shipped.line)?], shipped.quantity)))
            .collect();
        // In which order they are listed says nothing.
        shipped.sort();
        if !shipped.is_empty() {
            self.put(part, Detail::Lines, Value::Lines(shipped));
        }
        self.time(part, Detail::ShippedAt, *shipped_at);
    }

    fn payment(&mut self, payment: &Payment, part: Part) {
        let Payment {
            remote_id: _,
            method,
            amount,
            reference,
            paid_at,
        } = payment;
        self.exists(part);
        self.text(part, Detail::Method, method);
        self.number(part, Detail::Amount, *amount);
        self.text(part, Detail::Reference, reference);
        self.time(part, Detail::PaidAt, *paid_at);
    }

    fn exists(&mut self, part: Part) {
        self.0.push((Path::of(part, Leaf::Exists), Value::Present));
    }

    fn field(&mut self, field: Field, text: &str) {
        if !text.is_empty() {
            self.0.push((Path::field(field), Value::Text(text.into())));
        }
    }

    fn text(&mut self, part: Part, detail: Detail, text: &str) {
        if !text.is_empty() {
            self.put(part, detail, Value::Text(text.into()));
        }
    }

    fn number(&mut self, part: Part, detail: Detail, number: Option<Decimal>) {
        if let Some(number) = number {
            self.put(part, detail, Value::Number(number));
        }
    }

    fn time(&mut self, part: Part, detail: Detail, time: Option<Time>) {
        if let Some(time) = time {
            self.put(part, detail, Value::Time(time));
        }
    }

    fn put(&mut self, part: Part, detail: Detail, value: Value) {
        self.0.push((at(part, detail), value));
    }
}
