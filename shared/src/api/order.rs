//! A sales order in the JSON of the HTTP API. What is known of its buyer is shown here and nowhere else.

use super::Equivalence;
use crate::{
    ids::{ConnectionId, ItemId},
    money::{Currency, Decimal, Money},
    order::Address,
    time::Time,
};
use serde::{Deserialize, Serialize};

/// A sales order of the hub, and its counterparts at the connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    pub id: ItemId,
    pub number: String,
    /// The connection where it was placed.
    pub origin: Option<ConnectionId>,
    /// `pending`, `processing`, `on-hold`, `completed`, `cancelled`, `refunded`, `failed`, or the platform's own word.
    pub status: String,
    /// `unpaid`, `authorized`, `paid`, `partially-refunded`, `refunded`, or the platform's own word.
    pub payment_status: String,
    /// `unfulfilled`, `partial`, `fulfilled`, or the platform's own word.
    pub fulfilment_status: String,
    pub placed_at: Option<Time>,
    /// What the buyer paid in.
    pub currency: Option<Currency>,
    pub totals: OrderTotals,
    pub lines: Vec<OrderLine>,
    pub buyer: Buyer,
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub shipments: Vec<Shipment>,
    pub payments: Vec<Payment>,
    pub note: String,
    pub equivalences: Vec<Equivalence>,
    /// Connections that clone orders and leave this one out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    pub updated_at: Time,
}

/// A connection where an order is not created, because it is of the time before orders were cloned there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftOut {
    pub connection: ConnectionId,
    /// And what to do to have it there: "It was finished before orders were cloned to Outlet (since ...). Set ...".
    pub why: String,
}

/// The sums of an order, as the platform that took it added them up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderTotals {
    pub items: Option<Money>,
    pub shipping: Option<Money>,
    /// What was taken off, as a positive amount.
    pub discount: Option<Money>,
    pub tax: Option<Money>,
    pub total: Option<Money>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLine {
    /// The path segment that changes use for it: `lines/ID`.
    pub id: String,
    /// The product that was bought, and which variant of it. `None`: it is of none that the hub has.
    pub product: Option<ItemId>,
    pub variant: Option<String>,
    pub sku: String,
    pub title: String,
    pub quantity: Decimal,
    /// What the buyer paid for one, before tax.
    pub unit_price: Option<Money>,
    /// The tax of the whole line.
    pub tax: Option<Money>,
    /// The whole line with its tax and discount.
    pub total: Option<Money>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Buyer {
    pub name: String,
    pub email: String,
    pub phone: String,
}

/// A parcel on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shipment {
    /// The path segment that changes use for it: `shipments/ID`.
    pub id: String,
    pub carrier: String,
    pub tracking_number: String,
    pub tracking_url: String,
    /// What is in it. Empty: everything, or nobody knows.
    pub lines: Vec<ShippedLine>,
    pub shipped_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippedLine {
    /// The id of one of the order's lines.
    pub line: String,
    pub quantity: Decimal,
}

/// Money that came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payment {
    /// The path segment that changes use for it: `payments/ID`.
    pub id: String,
    pub method: String,
    pub amount: Option<Money>,
    /// The payment provider's own number.
    pub reference: String,
    pub paid_at: Option<Time>,
}
