//! Content in the words of connectors: a whole order to create, or a sparse patch.

use super::{Counterpart, Counterparts, at, lines, matching::product_of};
use crate::{
    content::{Change, Content, Detail, Field, Leaf, Part, Path, Value},
    ids::Key,
    item::Equivalence,
    money::Decimal,
    order::{Address, Buyer, Line, Order, Patch, Payment, Shipment, ShippedLine, Totals},
    time::Time,
};

/// The order that `wanted` describes, as it is to be created at a connection: its products as they are called there, at
/// the price the buyer paid. `None`: it has no currency, and none is ever assumed.
pub fn order(wanted: &Content, counterpart: &Counterparts<'_>) -> Option<Order> {
    let whole = Said {
        first: wanted,
        second: wanted,
        part: Part::Whole,
    };
    Some(Order {
        number: whole.text(Detail::Number),
        status: wanted.text(&Path::field(Field::Status)).to_owned(),
        payment_status: wanted.text(&Path::field(Field::Payment)).to_owned(),
        fulfilment_status: wanted.text(&Path::field(Field::Fulfilment)).to_owned(),
        placed_at: whole.time(Detail::PlacedAt),
        currency: whole.text(Detail::Currency).parse().ok()?,
        totals: Totals {
            items: whole.number(Detail::Items),
            shipping: whole.number(Detail::Shipping),
            discount: whole.number(Detail::Discount),
            tax: whole.number(Detail::Tax),
            total: whole.number(Detail::Total),
        },
        lines: lines(wanted).map(|key| line(wanted, key, counterpart)).collect(),
        buyer: buyer(&whole),
        shipping_address: whole.address(Detail::ShippingAddress),
        billing_address: whole.address(Detail::BillingAddress),
        shipments: wanted
            .parts()
            .filter(|part| matches!(part, Part::Shipment(_)))
            .map(|part| shipment(&Said { part, ..whole }, &Equivalence::default()))
            .collect(),
        payments: wanted
            .parts()
            .filter(|part| matches!(part, Part::Payment(_)))
            .map(|part| payment(&Said { part, ..whole }))
            .collect(),
        note: wanted.text(&Path::field(Field::Note)).to_owned(),
    })
}

/// The patch that makes `changes`, the wanted state being `wanted`. Of what a connection takes as a whole, what is not
/// written stays as it showed it.
pub fn patch(changes: &[Change], wanted: &Content, equivalence: &Equivalence) -> Patch {
    let said = |part| Said {
        first: wanted,
        second: &equivalence.acknowledged,
        part,
    };
    let whole = said(Part::Whole);
    let mut patch = Patch::default();
    for Change { path, old: _, new } in changes {
        match (path.part, &path.leaf) {
            (Part::Whole, Leaf::Field(field)) => {
                let text = text_of(new.as_ref());
                match field {
                    Field::Status => patch.status = Some(text),
                    Field::Payment => patch.payment_status = Some(text),
                    Field::Fulfilment => patch.fulfilment_status = Some(text),
                    Field::Note => patch.note = Some(text),
                    // The other fields are a product's, or of several values.
                    _ => {}
                }
            }
            (Part::Whole, Leaf::Detail(detail)) => match detail {
                Detail::Name | Detail::Email | Detail::Phone => patch.buyer = Some(buyer(&whole)),
                Detail::ShippingAddress => {
                    patch.shipping_address = Some(whole.address(Detail::ShippingAddress));
                }
                Detail::BillingAddress => {
                    patch.billing_address = Some(whole.address(Detail::BillingAddress));
                }
                // What was bought is never rewritten; the others are a part's.
                _ => {}
            },
            (Part::Shipment(_), Leaf::Exists) => {
                patch.new_shipments.push(shipment(&said(path.part), equivalence));
            }
            (Part::Payment(_), Leaf::Exists) => patch.new_payments.push(payment(&said(path.part))),
            _ => {}
        }
    }
    let comes = |part| {
        let exists = Path::of(part, Leaf::Exists);
        changes.iter().any(|change| change.path == exists)
    };
    let mut changed: Vec<Part> = changes
        .iter()
        .map(|change| change.path.part)
        .filter(|part| matches!(part, Part::Shipment(_)) && !comes(*part))
        .collect();
    changed.dedup();
    patch.shipments = changed
        .into_iter()
        .map(|part| shipment(&said(part), equivalence))
        .collect();
    patch
}

fn line(wanted: &Content, key: Key, counterpart: &Counterparts<'_>) -> Line {
    let line = Said {
        first: wanted,
        second: wanted,
        part: Part::Line(key),
    };
    let there = product_of(wanted, key).and_then(|(product, variant)| counterpart(product, variant));
    let (product, variant) = match there {
        Some(Counterpart {
            product,
            variant,
            sku: _,
        }) => (Some(product), variant),
        None => (None, None),
    };
    Line {
        remote_id: None,
        product,
        variant,
        sku: line.text(Detail::Sku),
        title: line.text(Detail::Title),
        quantity: line.number(Detail::Quantity).unwrap_or_default(),
        unit_price: line.number(Detail::UnitPrice),
        tax: line.number(Detail::Tax),
        total: line.number(Detail::Total),
    }
}

fn buyer(whole: &Said<'_>) -> Buyer {
    Buyer {
        name: whole.text(Detail::Name),
        email: whole.text(Detail::Email),
        phone: whole.text(Detail::Phone),
    }
}

/// A shipment, with its lines as the platform calls them; without any where it gives lines no names.
fn shipment(said: &Said<'_>, equivalence: &Equivalence) -> Shipment {
    let name = |key| equivalence.child(key).filter(|name| !name.0.is_empty()).cloned();
    let shipped = match said.get(Detail::Lines) {
        Some(Value::Lines(lines)) => lines.as_slice(),
        _ => &[],
    };
    let shipped: Option<Vec<ShippedLine>> = shipped
        .iter()
        .map(|(key, quantity)| {
            Some(ShippedLine {
                line: name(*key)?,
                quantity: *quantity,
            })
        })
        .collect();
    Shipment {
        remote_id: said.part.key().and_then(name),
        carrier: said.text(Detail::Carrier),
        tracking_number: said.text(Detail::TrackingNumber),
        tracking_url: said.text(Detail::TrackingUrl),
        // A part of what is in it would say that the rest is not.
        lines: shipped.unwrap_or_default(),
        shipped_at: said.time(Detail::ShippedAt),
    }
}

fn payment(said: &Said<'_>) -> Payment {
    Payment {
        remote_id: None,
        method: said.text(Detail::Method),
        amount: said.number(Detail::Amount),
        reference: said.text(Detail::Reference),
        paid_at: said.time(Detail::PaidAt),
    }
}

/// What is said of a part, first here, then there.
#[derive(Clone, Copy)]
struct Said<'a> {
    first: &'a Content,
    second: &'a Content,
    part: Part,
}

impl Said<'_> {
    fn get(&self, detail: Detail) -> Option<&Value> {
        let path = at(self.part, detail);
        let first = self.first.get(&path);
        first.or_else(|| self.second.get(&path))
    }

    fn text(&self, detail: Detail) -> String {
        text_of(self.get(detail))
    }

    fn number(&self, detail: Detail) -> Option<Decimal> {
        match self.get(detail) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    fn time(&self, detail: Detail) -> Option<Time> {
        match self.get(detail) {
            Some(Value::Time(time)) => Some(*time),
            _ => None,
        }
    }

    fn address(&self, detail: Detail) -> Address {
        match self.get(detail) {
            Some(Value::Address(address)) => (**address).clone(),
            _ => Address::default(),
        }
    }
}

fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::Text(text)) => text.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
