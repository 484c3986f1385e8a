//! An order as people edit it in the hub: how it goes on. What was bought, for how much and when is as the connection
//! says where it was placed.

use crate::{
    content::{Content, Detail, Field, Leaf, Part, Path, Value, diff},
    ids::Key,
    item::Item,
    money::{Currency, Decimal},
    order::Address,
    show::edit::{Unfit, as_text, by_id, elements, merge, stamped, unfit},
    sync::{merge::may_become_blank, order::lines as lines_of},
    time::Time,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// What may be edited of an order. Blank texts and what is left out mean: nothing is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditedOrder {
    pub status: String,
    pub payment_status: String,
    pub fulfilment_status: String,
    pub buyer: EditedBuyer,
    pub shipping_address: Option<EditedAddress>,
    pub billing_address: Option<EditedAddress>,
    /// One without an id is new.
    pub shipments: Vec<EditedShipment>,
    /// As shipments; what is there already is not edited, it is money that came in.
    pub payments: Vec<EditedPayment>,
    pub note: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditedBuyer {
    pub name: String,
    pub email: String,
    pub phone: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditedAddress {
    pub name: String,
    pub company: String,
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub region: String,
    pub postcode: String,
    pub country: String,
    pub phone: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditedShipment {
    pub id: Option<String>,
    pub carrier: String,
    pub tracking_number: String,
    pub tracking_url: String,
    /// What is in it, by the ids of lines. Empty: everything, or nobody knows.
    pub lines: Vec<EditedShippedLine>,
    pub shipped_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditedShippedLine {
    pub line: String,
    pub quantity: Decimal,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditedPayment {
    pub id: Option<String>,
    pub method: String,
    pub amount: Option<EditedAmount>,
    pub reference: String,
    pub paid_at: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditedAmount {
    pub amount: Decimal,
    /// The order's own, which is meant where it is left out.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// What is no part of an edit, and why.
const FIXED: [(&str, &str); 10] = [
    ("id", FOLLOWS),
    ("number", BOUGHT),
    ("origin", BOUGHT),
    ("placed_at", BOUGHT),
    ("currency", BOUGHT),
    ("totals", BOUGHT),
    ("lines", BOUGHT),
    ("equivalences", FOLLOWS),
    ("left_out", FOLLOWS),
    ("updated_at", FOLLOWS),
];
const FOLLOWS: &str = "this is not edited, it follows from the rest";
const BOUGHT: &str = "what was bought is as it is where the order was placed; change it there";

/// Merges a patch into the JSON of an order (RFC 7396) and leaves only what may be edited.
///
/// Shipments and payments with an id are merged into those that have it; those that are not named stay, since no edit
/// takes one away.
pub fn merged(shown: Json, patch: &Json) -> Result<Json, Unfit> {
    let Json::Object(patch) = patch else {
        return Err(unfit("body", "send an object with what is to change"));
    };
    if let Some((name, why)) = FIXED.iter().find(|(name, _)| patch.contains_key(*name)) {
        return Err(unfit(*name, *why));
    }
    let mut order = match shown {
        Json::Object(order) => order,
        _ => Map::new(),
    };
    order.retain(|name, value| FIXED.iter().all(|(fixed, _)| fixed != name) && !value.is_null());
    for (name, change) in patch {
        let before = order.remove(name).unwrap_or_default();
        let after = match (name.as_str(), change) {
            ("shipments" | "payments", Json::Array(entries)) => {
                let mut after = by_id(&before, entries);
                let named = |part: &Json| after.iter().any(|after| after["id"] == part["id"]);
                let others: Vec<Json> = elements(&before)
                    .iter()
                    .filter(|part| !named(part))
                    .cloned()
                    .collect();
                after.extend(others);
                Json::Array(after)
            }
            ("shipments" | "payments", _) => {
                return Err(unfit(name, "send a list of those that are new or are to change"));
            }
            _ => merge(before, change),
        };
        if !after.is_null() {
            order.insert(name.clone(), after);
        }
    }
    Ok(Json::Object(order))
}

/// The order after an edit by a person. Its stamps say so, path by path; an edit that changes nothing leaves all as it is.
pub fn edit(item: &Item, edited: &EditedOrder, now: Time) -> Result<Item, Unfit> {
    let mut after = item.clone();
    let EditedOrder {
        status,
        payment_status,
        fulfilment_status,
        buyer: EditedBuyer { name, email, phone },
        shipping_address,
        billing_address,
        shipments,
        payments,
        note,
    } = edited;
    for (field, text) in [
        (Field::Status, status),
        (Field::Payment, payment_status),
        (Field::Fulfilment, fulfilment_status),
        (Field::Note, note),
    ] {
        after.content.put(Path::field(field), as_text(text));
    }
    for (detail, text) in [
        (Detail::Name, name),
        (Detail::Email, email),
        (Detail::Phone, phone),
    ] {
        after.content.put(Path::detail(detail), as_text(text));
    }
    for (detail, address) in [
        (Detail::ShippingAddress, shipping_address),
        (Detail::BillingAddress, billing_address),
    ] {
        let address = address.clone().map(Address::from);
        let address = address.filter(|address| *address != Address::default());
        let address = address.map(|address| Value::Address(Box::new(address)));
        after.content.put(Path::detail(detail), address);
    }
    for (at, shipment) in shipments.iter().enumerate() {
        let field = |name: &str| format!("shipments[{at}].{name}");
        let is_known = |part: &Part| matches!(part, Part::Shipment(_));
        let part = part(
            &mut after,
            shipment.id.as_deref(),
            is_known,
            Part::Shipment,
            &field,
        )?;
        put_shipment(&mut after.content, part, shipment, &field)?;
    }
    for (at, payment) in payments.iter().enumerate() {
        let field = |name: &str| format!("payments[{at}].{name}");
        let is_known = |part: &Part| matches!(part, Part::Payment(_));
        let part = part(&mut after, payment.id.as_deref(), is_known, Part::Payment, &field)?;
        put_payment(&mut after.content, part, payment, &field)?;
    }
    let changes = diff(&item.content, &after.content);
    for change in &changes {
        if matches!(change.path.part, Part::Payment(_)) && item.content.has(change.path.part) {
            let message = "money that came in is not edited; add another payment";
            return Err(unfit(change.path.to_string(), message));
        }
        if change.new.is_none() && !may_become_blank(change.path.governed_by()) {
            let message = "nothing can take this away from the connections, so it cannot become blank";
            return Err(unfit(change.path.to_string(), message));
        }
    }
    if changes.is_empty() {
        return Ok(item.clone());
    }
    Ok(stamped(after, changes, now))
}

/// The part that an id names, or a new one.
fn part(
    order: &mut Item,
    id: Option<&str>,
    is_kind: impl Fn(&Part) -> bool,
    new: fn(Key) -> Part,
    field: &dyn Fn(&str) -> String,
) -> Result<Part, Unfit> {
    let Some(id) = id else {
        let key = order.next_key;
        order.next_key = Key(key.0 + 1);
        return Ok(new(key));
    };
    let mut known = order.content.parts().filter(is_kind);
    known
        .find(|part| part.key().is_some_and(|key| key.to_string() == id))
        .ok_or_else(|| {
            unfit(
                field("id"),
                format!("the order has none that is called `{id}`; leave the id out for a new one"),
            )
        })
}

fn put_shipment(
    content: &mut Content,
    part: Part,
    shipment: &EditedShipment,
    field: &dyn Fn(&str) -> String,
) -> Result<(), Unfit> {
    let EditedShipment {
        id: _,
        carrier,
        tracking_number,
        tracking_url,
        lines,
        shipped_at,
    } = shipment;
    let mut shipped: Vec<(Key, Decimal)> = Vec::new();
    for (at, EditedShippedLine { line, quantity }) in lines.iter().enumerate() {
        let field = |name: &str| field(&format!("lines[{at}].{name}"));
        let known = lines_of(content).find(|key| key.to_string() == *line);
        let Some(key) = known else {
            return Err(unfit(field("line"), format!("the order has no line `{line}`")));
        };
        if shipped.iter().any(|(other, _)| *other == key) {
            return Err(unfit(field("line"), "this line is in the list already"));
        }
        if quantity.is_negative() || quantity.is_zero() {
            return Err(unfit(field("quantity"), "a quantity is more than zero"));
        }
        shipped.push((key, *quantity));
    }
    shipped.sort();
    let is_said = [carrier, tracking_number, tracking_url]
        .iter()
        .any(|text| !text.is_empty());
    if !is_said && shipped_at.is_none() && shipped.is_empty() {
        let message = "say at least one of carrier, tracking_number, tracking_url, lines and shipped_at";
        return Err(unfit(field("tracking_number"), message));
    }
    content.put(Path::of(part, Leaf::Exists), Some(Value::Present));
    let mut put = |detail, value| content.put(Path::of(part, Leaf::Detail(detail)), value);
    put(Detail::Carrier, as_text(carrier));
    put(Detail::TrackingNumber, as_text(tracking_number));
    put(Detail::TrackingUrl, as_text(tracking_url));
    put(
        Detail::Lines,
        (!shipped.is_empty()).then_some(Value::Lines(shipped)),
    );
    put(Detail::ShippedAt, shipped_at.map(Value::Time));
    Ok(())
}

fn put_payment(
    content: &mut Content,
    part: Part,
    payment: &EditedPayment,
    field: &dyn Fn(&str) -> String,
) -> Result<(), Unfit> {
    let EditedPayment {
        id: _,
        method,
        amount,
        reference,
        paid_at,
    } = payment;
    if let Some(EditedAmount { amount, currency }) = amount {
        let own = content.text(&Path::detail(Detail::Currency));
        if currency.is_some_and(|currency| currency.as_str() != own) {
            return Err(unfit(field("amount"), format!("the order is in {own}")));
        }
        if amount.is_negative() || amount.is_zero() {
            return Err(unfit(field("amount"), "a payment is more than zero"));
        }
    } else if !content.has(part) {
        return Err(unfit(field("amount"), "say how much was paid"));
    }
    content.put(Path::of(part, Leaf::Exists), Some(Value::Present));
    let mut put = |detail, value| content.put(Path::of(part, Leaf::Detail(detail)), value);
    put(Detail::Method, as_text(method));
    put(Detail::Amount, amount.map(|amount| Value::Number(amount.amount)));
    put(Detail::Reference, as_text(reference));
    put(Detail::PaidAt, paid_at.map(Value::Time));
    Ok(())
}

impl From<EditedAddress> for Address {
    fn from(address: EditedAddress) -> Self {
        let EditedAddress {
            name,
            company,
            line1,
            line2,
            city,
            region,
            postcode,
            country,
            phone,
        } = address;
        Self {
            name,
            company,
            line1,
            line2,
            city,
            region,
            postcode,
            country,
            phone,
        }
    }
}
