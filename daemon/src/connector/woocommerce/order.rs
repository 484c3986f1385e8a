//! Sales orders as they are shown, read as records.

pub(super) mod payload;
pub(super) mod send;
mod shapes;
mod shipment;

use super::{
    TOKEN,
    price::amount,
    shapes::meta,
    text::{gmt, unescape},
};
use crate::connector::Unreadable;
use serde::Deserialize;
use serde_json::Value;
pub(super) use shapes::Shown;
use shapes::{Fee, Line, Person};
use shared::{
    ids::RemoteId,
    money::Decimal,
    order::{self, Ability, Address, Buyer, Order, Payment, Record, Totals},
};

/// What every shop can do with orders.
///
/// It knows paid and unpaid: money is given back by people. An order that is completed is fulfilled; anything else that is
/// said of fulfilment is kept beside it.
pub(super) const ABILITY: Ability = Ability {
    creates: true,
    books_stock: true,
    statuses: &[
        "pending",
        "processing",
        "on-hold",
        "completed",
        "cancelled",
        "refunded",
        "failed",
    ],
    payment_statuses: &["unpaid", "paid"],
    fulfilment_statuses: &["unfulfilled", "partial", "fulfilled"],
};

/// The key of the meta data that holds what is said of fulfilment where the status does not say it.
const FULFILMENT: &str = "_click2sync_fulfilment";

/// A basket that was not bought yet, which newer versions keep among the orders.
const BASKET: &str = "checkout-draft";

/// Digits behind the point of what a single piece cost, where a line does not divide evenly.
const DIGITS: u32 = 6;

/// Orders of a list; baskets are none. A bad one stops only itself.
pub(super) fn records(rows: Vec<Value>, shop: &str) -> (Vec<Record>, Vec<Unreadable>) {
    let (mut records, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        if row["status"] == BASKET || row["status"] == "trash" {
            continue;
        }
        let read = Shown::deserialize(&row)
            .map_err(|error| error.to_string())
            .and_then(|shown| record(&shown, shop));
        match read {
            Ok(record) => records.push(record),
            Err(reason) => {
                let id = row["id"].as_u64();
                let called = id.map_or_else(|| "An order".to_owned(), |id| format!("Order {id}"));
                unreadable.push(Unreadable {
                    remote_id: id.map(|id| RemoteId::from(id.to_string())),
                    message: format!("{called} cannot be read: {reason}. A plugin may have changed it."),
                });
            }
        }
    }
    (records, unreadable)
}

/// One order, or why it cannot be understood. `shop` is the address of the shop itself.
pub(super) fn record(shown: &Shown, shop: &str) -> Result<Record, String> {
    let currency = shown.currency.parse();
    let currency = currency.map_err(|_| format!("its currency “{}” is none", shown.currency))?;
    let goods = shown.line_items.iter().map(line);
    let fees = shown.fee_lines.iter().map(fee);
    let lines: Vec<(order::Line, Decimal)> = goods.chain(fees).collect::<Result<_, String>>()?;
    let items = lines.iter().map(|(_, net)| net.0).sum();
    let total = amount(&shown.total, "total")?;
    let shipments = shipment::read(&shown.meta_data);
    Ok(Record {
        remote_id: RemoteId::from(shown.id.to_string()),
        url: Some(format!("{shop}wp-admin/post.php?post={}&action=edit", shown.id)),
        updated_at: gmt(&shown.date_modified_gmt),
        token: meta(&shown.meta_data, TOKEN).map(str::to_owned),
        order: Order {
            number: shown.number.trim().to_owned(),
            status: shown.status.clone(),
            payment_status: payment_status(shown, total)?.to_owned(),
            fulfilment_status: fulfilment(shown, !shipments.is_empty()).to_owned(),
            placed_at: gmt(&shown.date_created_gmt),
            currency,
            totals: Totals {
                items: Some(Decimal(items)),
                shipping: amount(&shown.shipping_total, "shipping")?,
                discount: amount(&shown.discount_total, "discount")?,
                tax: amount(&shown.total_tax, "tax")?,
                total,
            },
            lines: lines.into_iter().map(|(line, _)| line).collect(),
            buyer: Buyer {
                name: shown.billing.name(),
                email: shown.billing.email.trim().to_owned(),
                phone: shown.billing.phone.trim().to_owned(),
            },
            shipping_address: address(&shown.shipping),
            billing_address: address(&shown.billing),
            shipments,
            payments: payments(shown, total),
            note: unescape(shown.customer_note.trim()),
        },
    })
}

/// A line, and what it comes to before discount and tax. Its own price is a rounded float and never looked at.
fn line(line: &Line) -> Result<(order::Line, Decimal), String> {
    let quantity = amount(&line.quantity, "quantity")?.unwrap_or_default();
    let full = amount(&line.subtotal, "subtotal")?.unwrap_or_default();
    let net = amount(&line.total, "line total")?.unwrap_or_default();
    let tax = amount(&line.total_tax, "line tax")?.unwrap_or_default();
    let id = |id: u64| (id != 0).then(|| RemoteId::from(id.to_string()));
    let line = order::Line {
        remote_id: id(line.id),
        product: id(line.product_id),
        variant: id(line.variation_id),
        sku: line.sku.trim().to_owned(),
        title: unescape(line.name.trim()),
        quantity,
        unit_price: each(full, quantity),
        tax: Some(tax),
        total: Some(Decimal((net.0 + tax.0).normalize())),
    };
    Ok((line, full))
}

/// Something that was charged besides: a line of no product.
fn fee(fee: &Fee) -> Result<(order::Line, Decimal), String> {
    let net = amount(&fee.total, "fee")?.unwrap_or_default();
    let tax = amount(&fee.total_tax, "tax of a fee")?.unwrap_or_default();
    let line = order::Line {
        remote_id: Some(RemoteId::from(fee.id.to_string())),
        title: unescape(fee.name.trim()),
        quantity: Decimal::ONE,
        unit_price: Some(net),
        tax: Some(tax),
        total: Some(Decimal((net.0 + tax.0).normalize())),
        ..order::Line::default()
    };
    Ok((line, net))
}

/// What one piece of a line cost.
fn each(whole: Decimal, quantity: Decimal) -> Option<Decimal> {
    let each = whole.0.checked_div(quantity.0)?;
    Some(Decimal(each.round_dp(DIGITS).normalize()))
}

fn payment_status(shown: &Shown, total: Option<Decimal>) -> Result<&'static str, String> {
    let mut refunded = Decimal::ZERO.0;
    for refund in &shown.refunds {
        // Written as a negative amount.
        refunded += amount(&refund.total, "refund")?.unwrap_or_default().0.abs();
    }
    let paid_back = total.is_some_and(|total| refunded >= total.0) && refunded > Decimal::ZERO.0;
    Ok(if shown.status == "refunded" || paid_back {
        "refunded"
    } else if refunded > Decimal::ZERO.0 {
        "partially-refunded"
    } else if shown.date_paid_gmt.is_empty() {
        "unpaid"
    } else {
        "paid"
    })
}

fn fulfilment(shown: &Shown, shipped: bool) -> &str {
    match meta(&shown.meta_data, FULFILMENT) {
        _ if shown.status == "completed" => "fulfilled",
        Some(word) => word,
        None if shipped => "partial",
        None => "unfulfilled",
    }
}

fn payments(shown: &Shown, total: Option<Decimal>) -> Vec<Payment> {
    if shown.date_paid_gmt.is_empty() {
        return Vec::new();
    }
    let titled = [&shown.payment_method_title, &shown.payment_method];
    let method = titled.into_iter().find(|method| !method.is_empty());
    vec![Payment {
        remote_id: None,
        method: method.map(|method| unescape(method)).unwrap_or_default(),
        amount: total,
        reference: shown.transaction_id.clone(),
        paid_at: gmt(&shown.date_paid_gmt),
    }]
}

fn address(person: &Person) -> Address {
    let text = |text: &str| text.trim().to_owned();
    Address {
        name: person.name(),
        company: text(&person.company),
        line1: text(&person.address_1),
        line2: text(&person.address_2),
        city: text(&person.city),
        region: text(&person.state),
        postcode: text(&person.postcode),
        country: text(&person.country),
        phone: text(&person.phone),
    }
}

#[cfg(test)]
mod tests;
