//! A sales order, as the hub speaks of it.

use super::{product::major, shapes::decimal, shop::Shop};
use serde::Deserialize;
use serde_json::{Number, Value};
use shared::{
    ids::RemoteId,
    money::{Currency, Decimal},
    order::{self, Ability, Buyer, Line, Payment, Record, Shipment, ShippedLine, Totals},
    time::Time,
};
use std::collections::BTreeMap;

/// What Vendure can do with orders.
///
/// None is created there: Vendure works out what an order costs from its own catalogue, and has no way to say what its buyer
/// paid elsewhere.
pub(super) const ABILITY: Ability = Ability {
    creates: false,
    books_stock: false,
    statuses: &["pending", "processing", "on-hold", "completed", "cancelled"],
    payment_statuses: &["unpaid", "authorized", "paid", "partially-refunded", "refunded"],
    fulfilment_statuses: &["unfulfilled", "partial", "fulfilled"],
};

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub id: String,
    pub code: String,
    pub state: String,
    pub updated_at: Option<Time>,
    #[serde(rename = "orderPlacedAt")]
    pub placed_at: Option<Time>,
    pub currency_code: Currency,
    pub customer: Option<Customer>,
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub lines: Vec<OrderLine>,
    pub surcharges: Vec<Surcharge>,
    pub sub_total: Number,
    pub shipping: Number,
    pub total: Number,
    pub total_with_tax: Number,
    pub payments: Option<Vec<OrderPayment>>,
    pub fulfillments: Option<Vec<Fulfilment>>,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Customer {
    first_name: String,
    last_name: String,
    email_address: String,
    phone_number: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address {
    full_name: Option<String>,
    company: Option<String>,
    street_line1: Option<String>,
    street_line2: Option<String>,
    city: Option<String>,
    province: Option<String>,
    postal_code: Option<String>,
    country_code: Option<String>,
    phone_number: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderLine {
    pub id: String,
    /// What is still wanted: nothing of what was cancelled.
    pub quantity: i64,
    pub order_placed_quantity: i64,
    unit_price: Number,
    line_price: Number,
    line_tax: Number,
    prorated_line_price_with_tax: Number,
    product_variant: LineVariant,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineVariant {
    id: String,
    product_id: String,
    sku: String,
    name: String,
}

/// Something that costs and is no product, such as the wrapping of a gift.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Surcharge {
    id: String,
    description: String,
    sku: Option<String>,
    price: Number,
    price_with_tax: Number,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderPayment {
    pub id: String,
    method: String,
    amount: Number,
    pub state: String,
    transaction_id: Option<String>,
    created_at: Option<Time>,
    refunds: Vec<Refund>,
}

#[derive(Clone, Debug, Deserialize)]
struct Refund {
    total: Number,
    state: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fulfilment {
    pub id: String,
    pub state: String,
    pub method: String,
    pub tracking_code: Option<String>,
    created_at: Option<Time>,
    pub lines: Vec<FulfilmentLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FulfilmentLine {
    pub order_line_id: String,
    pub quantity: i64,
}

/// The last note of somebody in the shop.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct History {
    items: Vec<Entry>,
}

#[derive(Clone, Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    data: Value,
}

/// How far a fulfilment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Packed, perhaps; it has not left.
    Waiting,
    Left,
    Arrived,
    Cancelled,
}

impl Fulfilment {
    /// A shop's own states are of parcels that left.
    pub(super) fn way(&self) -> Way {
        match self.state.as_str() {
            "Created" | "Pending" => Way::Waiting,
            "Cancelled" => Way::Cancelled,
            "Delivered" => Way::Arrived,
            _ => Way::Left,
        }
    }
}

impl Order {
    pub(super) fn fulfilments(&self) -> impl Iterator<Item = &Fulfilment> {
        self.fulfillments.iter().flatten()
    }

    pub(super) fn payments(&self) -> impl Iterator<Item = &OrderPayment> {
        self.payments.iter().flatten()
    }

    pub(super) fn note(&self) -> &str {
        let note = self
            .history
            .items
            .first()
            .and_then(|entry| entry.data.get("note"));
        note.and_then(Value::as_str).unwrap_or_default()
    }

    /// What of each line is in no fulfilment yet that is `taken`.
    pub(super) fn outstanding(&self, taken: impl Fn(Way) -> bool) -> Vec<FulfilmentLine> {
        let mut left: BTreeMap<&str, i64> = self
            .lines
            .iter()
            .map(|line| (line.id.as_str(), line.quantity))
            .collect();
        for fulfilment in self.fulfilments().filter(|fulfilment| taken(fulfilment.way())) {
            for line in &fulfilment.lines {
                if let Some(left) = left.get_mut(line.order_line_id.as_str()) {
                    *left -= line.quantity;
                }
            }
        }
        let left = left.into_iter().filter(|(_, quantity)| *quantity > 0);
        left.map(|(id, quantity)| FulfilmentLine {
            order_line_id: id.to_owned(),
            quantity,
        })
        .collect()
    }
}

/// What a state of an order means. A shop's own states keep their names.
pub(super) fn status(state: &str) -> &str {
    match state {
        "AddingItems" | "ArrangingPayment" => "pending",
        "PaymentAuthorized" | "PaymentSettled" | "PartiallyShipped" | "Shipped" | "PartiallyDelivered" => {
            "processing"
        }
        "Modifying" | "ArrangingAdditionalPayment" => "on-hold",
        "Delivered" => "completed",
        "Cancelled" => "cancelled",
        own => own,
    }
}

impl Shop {
    /// The states that orders stay in: nothing leads out of them but a cancellation.
    pub(super) fn final_states(&self) -> Vec<&str> {
        let is_final = |to: &[String]| to.iter().all(|state| state == "Cancelled");
        let states = self.order_states.iter().filter(|state| is_final(&state.to));
        states.map(|state| state.name.as_str()).collect()
    }
}

pub(super) fn is_final(order: &Order, shop: &Shop) -> bool {
    shop.final_states().contains(&order.state.as_str())
}

/// The record of an order.
pub(super) fn record(order: &Order, shop: &Shop) -> Record {
    let amount = |number: &Number| major(number, shop.precision);
    let address = |address: &Option<Address>| address.as_ref().map(self::address).unwrap_or_default();
    Record {
        remote_id: RemoteId::from(order.id.as_str()),
        url: None,
        updated_at: order.updated_at,
        token: None,
        order: order::Order {
            number: order.code.clone(),
            status: status(&order.state).to_owned(),
            payment_status: payment_status(order).to_owned(),
            fulfilment_status: fulfilment_status(order).to_owned(),
            placed_at: order.placed_at,
            currency: order.currency_code,
            totals: totals(order, shop),
            lines: lines(order, shop),
            buyer: order.customer.as_ref().map(buyer).unwrap_or_default(),
            shipping_address: address(&order.shipping_address),
            billing_address: address(&order.billing_address),
            shipments: order
                .fulfilments()
                .filter(|fulfilment| matches!(fulfilment.way(), Way::Left | Way::Arrived))
                .map(shipment)
                .collect(),
            payments: order
                .payments()
                .filter(|payment| payment.state == "Settled")
                .map(|payment| Payment {
                    remote_id: Some(RemoteId::from(payment.id.as_str())),
                    method: payment.method.clone(),
                    amount: amount(&payment.amount),
                    reference: payment.transaction_id.clone().unwrap_or_default(),
                    paid_at: payment.created_at,
                })
                .collect(),
            note: order.note().to_owned(),
        },
    }
}

/// Sums before tax, tax on top, as the hub adds them up.
fn totals(order: &Order, shop: &Shop) -> Totals {
    let sum = |numbers: &mut dyn Iterator<Item = &Number>| -> Decimal {
        numbers
            .filter_map(decimal)
            .fold(Decimal::ZERO, |sum, number| Decimal(sum.0 + number.0))
    };
    let unit = Decimal::new(1, shop.precision);
    let shown = |amount: Decimal| amount.0.checked_mul(unit.0).map(Decimal);
    let [sub_total, total, with_tax] = [&order.sub_total, &order.total, &order.total_with_tax]
        .map(|number| decimal(number).unwrap_or_default());
    let lines = order.lines.iter().map(|line| &line.line_price);
    let items = sum(&mut lines.chain(order.surcharges.iter().map(|surcharge| &surcharge.price)));
    let discount = Decimal((items.0 - sub_total.0).max(Decimal::ZERO.0));
    Totals {
        items: shown(items),
        shipping: major(&order.shipping, shop.precision),
        discount: shown(discount),
        tax: shown(Decimal(with_tax.0 - total.0)),
        total: shown(with_tax),
    }
}

fn lines(order: &Order, shop: &Shop) -> Vec<Line> {
    let amount = |number: &Number| major(number, shop.precision);
    let sold = order.lines.iter().map(|line| {
        let LineVariant {
            id,
            product_id,
            sku,
            name,
        } = &line.product_variant;
        // A cancelled line wants nothing any more; what was bought stays what it was.
        let quantity = if line.quantity == 0 {
            line.order_placed_quantity
        } else {
            line.quantity
        };
        Line {
            remote_id: Some(RemoteId::from(line.id.as_str())),
            product: Some(RemoteId::from(product_id.as_str())),
            variant: Some(RemoteId::from(id.as_str())),
            sku: sku.clone(),
            title: name.clone(),
            quantity: quantity.into(),
            unit_price: amount(&line.unit_price),
            tax: amount(&line.line_tax),
            total: amount(&line.prorated_line_price_with_tax),
        }
    });
    let charged = order.surcharges.iter().map(|surcharge| {
        let tax = decimal(&surcharge.price_with_tax)
            .zip(decimal(&surcharge.price))
            .and_then(|(with, without)| serde_json::from_str(&Decimal(with.0 - without.0).plain()).ok())
            .and_then(|tax: Number| amount(&tax));
        Line {
            remote_id: Some(RemoteId::from(format!("surcharge-{}", surcharge.id))),
            product: None,
            variant: None,
            sku: surcharge.sku.clone().unwrap_or_default(),
            title: surcharge.description.clone(),
            quantity: Decimal::ONE,
            unit_price: amount(&surcharge.price),
            tax,
            total: amount(&surcharge.price_with_tax),
        }
    });
    sold.chain(charged).collect()
}

/// Whether it is paid, by what came in and what went back.
fn payment_status(order: &Order) -> &'static str {
    let zero = Decimal::ZERO.0;
    let amounts = |state: &str| {
        let of = order.payments().filter(|payment| payment.state == state);
        of.filter_map(|payment| decimal(&payment.amount))
            .fold(zero, |sum, amount| sum + amount.0)
    };
    let (settled, authorized) = (amounts("Settled"), amounts("Authorized"));
    let refunds = order.payments().flat_map(|payment| &payment.refunds);
    let refunds = refunds.filter(|refund| refund.state != "Failed");
    let refunded = refunds
        .filter_map(|refund| decimal(&refund.total))
        .fold(zero, |sum, amount| sum + amount.0);
    let total = decimal(&order.total_with_tax).unwrap_or_default().0;
    // A cancelled order costs nothing any more, and nobody paid for it.
    let is_free = total == zero && order.state != "Cancelled";
    if settled > zero && refunded >= settled {
        "refunded"
    } else if settled > zero && refunded > zero {
        "partially-refunded"
    } else if settled >= total && (settled > zero || is_free) {
        "paid"
    } else if authorized > zero && settled + authorized >= total {
        "authorized"
    } else {
        "unpaid"
    }
}

fn fulfilment_status(order: &Order) -> &'static str {
    let left = |way| matches!(way, Way::Left | Way::Arrived);
    if !order.fulfilments().any(|fulfilment| left(fulfilment.way())) {
        "unfulfilled"
    } else if order.outstanding(left).is_empty() {
        "fulfilled"
    } else {
        "partial"
    }
}

fn shipment(fulfilment: &Fulfilment) -> Shipment {
    let Fulfilment {
        id,
        state: _,
        method,
        tracking_code,
        created_at,
        lines,
    } = fulfilment;
    Shipment {
        remote_id: Some(RemoteId::from(id.as_str())),
        carrier: method.clone(),
        tracking_number: tracking_code.clone().unwrap_or_default(),
        tracking_url: String::new(),
        lines: lines
            .iter()
            .map(|line| ShippedLine {
                line: RemoteId::from(line.order_line_id.as_str()),
                quantity: line.quantity.into(),
            })
            .collect(),
        // When it changes its state is not kept.
        shipped_at: *created_at,
    }
}

fn buyer(customer: &Customer) -> Buyer {
    let Customer {
        first_name,
        last_name,
        email_address,
        phone_number,
    } = customer;
    Buyer {
        name: format!("{first_name} {last_name}").trim().to_owned(),
        email: email_address.clone(),
        phone: phone_number.clone().unwrap_or_default(),
    }
}

fn address(address: &Address) -> order::Address {
    let Address {
        full_name,
        company,
        street_line1,
        street_line2,
        city,
        province,
        postal_code,
        country_code,
        phone_number,
    } = address;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    order::Address {
        name: text(full_name),
        company: text(company),
        line1: text(street_line1),
        line2: text(street_line2),
        city: text(city),
        region: text(province),
        postcode: text(postal_code),
        country: text(country_code),
        phone: text(phone_number),
    }
}
