//! A sales order as platforms and the API speak of it: nested, with its lines, payments and shipments.

use crate::{
    ids::RemoteId,
    money::{Currency, Decimal},
    time::Time,
};
use serde::{Deserialize, Serialize};

/// What a platform shows of one order: the order, and what identifies it there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    pub remote_id: RemoteId,
    /// The page where the shop owner sees it, where there is one.
    pub url: Option<String>,
    /// When the platform says it last changed. `None` where it does not tell.
    pub updated_at: Option<Time>,
    /// The token that we gave when we created it, where the platform keeps one for us.
    pub token: Option<String>,
    pub order: Order,
}

/// An order in the platform's own ids and words.
///
/// Blank texts, empty lists and `None` all mean the same: nothing is there. Amounts are in the order's currency, at
/// what the buyer paid; they are never worked out from the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// As buyers and sellers call it.
    pub number: String,
    /// `pending`, `processing`, `on-hold`, `completed`, `cancelled`, `refunded`, `failed`, or the platform's own word.
    pub status: String,
    /// `unpaid`, `authorized`, `paid`, `partially-refunded`, `refunded`, or the platform's own word.
    pub payment_status: String,
    /// `unfulfilled`, `partial`, `fulfilled`, or the platform's own word.
    pub fulfilment_status: String,
    pub placed_at: Option<Time>,
    pub currency: Currency,
    pub totals: Totals,
    pub lines: Vec<Line>,
    pub buyer: Buyer,
    pub shipping_address: Address,
    pub billing_address: Address,
    pub shipments: Vec<Shipment>,
    pub payments: Vec<Payment>,
    pub note: String,
}

/// The sums of an order, as the platform that took it added them up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Totals {
    pub items: Option<Decimal>,
    pub shipping: Option<Decimal>,
    /// What was taken off, as a positive amount.
    pub discount: Option<Decimal>,
    pub tax: Option<Decimal>,
    pub total: Option<Decimal>,
}

/// One thing that was bought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Line {
    /// What the platform calls the line.
    pub remote_id: Option<RemoteId>,
    /// What the platform calls the product. `None`: a line without a product of the catalogue.
    pub product: Option<RemoteId>,
    /// As in [`crate::product::Variant::remote_id`].
    pub variant: Option<RemoteId>,
    pub sku: String,
    pub title: String,
    pub quantity: Decimal,
    /// What the buyer paid for one, before tax.
    pub unit_price: Option<Decimal>,
    /// The tax of the whole line.
    pub tax: Option<Decimal>,
    /// The whole line with its tax and discount.
    pub total: Option<Decimal>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Buyer {
    pub name: String,
    pub email: String,
    pub phone: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Address {
    pub name: String,
    pub company: String,
    pub line1: String,
    pub line2: String,
    pub city: String,
    /// The state or province.
    pub region: String,
    pub postcode: String,
    /// Its ISO 3166 code where the platform has one.
    pub country: String,
    pub phone: String,
}

/// A parcel on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shipment {
    /// What the platform calls it, where it gives shipments ids of their own.
    pub remote_id: Option<RemoteId>,
    pub carrier: String,
    pub tracking_number: String,
    pub tracking_url: String,
    /// What is in it, by the names of lines. Empty: everything, or nobody knows.
    pub lines: Vec<ShippedLine>,
    pub shipped_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShippedLine {
    /// As in [`Line::remote_id`].
    pub line: RemoteId,
    pub quantity: Decimal,
}

/// Money that came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Payment {
    pub remote_id: Option<RemoteId>,
    pub method: String,
    pub amount: Option<Decimal>,
    /// The payment provider's own number.
    pub reference: String,
    pub paid_at: Option<Time>,
}

/// A sparse update of an order: only what is `Some`, or listed, is to change. What was bought and paid never is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    pub status: Option<String>,
    pub payment_status: Option<String>,
    pub fulfilment_status: Option<String>,
    pub buyer: Option<Buyer>,
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub note: Option<String>,
    /// Shipments that the platform has already, as they are to be.
    pub shipments: Vec<Shipment>,
    pub new_shipments: Vec<Shipment>,
    pub new_payments: Vec<Payment>,
}

/// What a platform can do with orders, as far as decisions depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ability {
    /// Orders can be created there.
    pub creates: bool,
    /// It takes what is ordered out of its own stock when an order is created there.
    pub books_stock: bool,
    /// The words it knows; empty: any.
    pub statuses: &'static [&'static str],
    pub payment_statuses: &'static [&'static str],
    pub fulfilment_statuses: &'static [&'static str],
}
