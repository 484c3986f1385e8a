//! The JSON of orders, as far as it is read here. Amounts are texts at the currency's decimals; the only floats are left
//! alone.

use crate::connector::woocommerce::shapes::{Meta, list, number, text};
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::connector::woocommerce) struct Shown {
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub number: String,
    #[serde(deserialize_with = "text")]
    pub status: String,
    #[serde(deserialize_with = "text")]
    pub currency: String,
    #[serde(deserialize_with = "text")]
    pub date_created_gmt: String,
    #[serde(deserialize_with = "text")]
    pub date_modified_gmt: String,
    #[serde(deserialize_with = "text")]
    pub date_paid_gmt: String,
    #[serde(deserialize_with = "text")]
    pub discount_total: String,
    #[serde(deserialize_with = "text")]
    pub shipping_total: String,
    #[serde(deserialize_with = "text")]
    pub total: String,
    #[serde(deserialize_with = "text")]
    pub total_tax: String,
    #[serde(deserialize_with = "text")]
    pub customer_note: String,
    pub billing: Person,
    pub shipping: Person,
    #[serde(deserialize_with = "text")]
    pub payment_method: String,
    #[serde(deserialize_with = "text")]
    pub payment_method_title: String,
    #[serde(deserialize_with = "text")]
    pub transaction_id: String,
    #[serde(deserialize_with = "list")]
    pub line_items: Vec<Line>,
    #[serde(deserialize_with = "list")]
    pub fee_lines: Vec<Fee>,
    #[serde(deserialize_with = "list")]
    pub refunds: Vec<Refund>,
    #[serde(deserialize_with = "list")]
    pub meta_data: Vec<Meta>,
}

/// Of a product that was deleted since, both ids are 0 and there is no SKU.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::connector::woocommerce) struct Line {
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "number")]
    pub product_id: u64,
    #[serde(deserialize_with = "number")]
    pub variation_id: u64,
    #[serde(deserialize_with = "text")]
    pub quantity: String,
    #[serde(deserialize_with = "text")]
    pub subtotal: String,
    #[serde(deserialize_with = "text")]
    pub total: String,
    #[serde(deserialize_with = "text")]
    pub total_tax: String,
    #[serde(deserialize_with = "text")]
    pub sku: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::connector::woocommerce) struct Fee {
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub total: String,
    #[serde(deserialize_with = "text")]
    pub total_tax: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::connector::woocommerce) struct Refund {
    #[serde(deserialize_with = "text")]
    pub total: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::connector::woocommerce) struct Person {
    #[serde(deserialize_with = "text")]
    pub first_name: String,
    #[serde(deserialize_with = "text")]
    pub last_name: String,
    #[serde(deserialize_with = "text")]
    pub company: String,
    #[serde(deserialize_with = "text")]
    pub address_1: String,
    #[serde(deserialize_with = "text")]
    pub address_2: String,
    #[serde(deserialize_with = "text")]
    pub city: String,
    #[serde(deserialize_with = "text")]
    pub state: String,
    #[serde(deserialize_with = "text")]
    pub postcode: String,
    #[serde(deserialize_with = "text")]
    pub country: String,
    #[serde(deserialize_with = "text")]
    pub email: String,
    #[serde(deserialize_with = "text")]
    pub phone: String,
}

impl Person {
    pub(super) fn name(&self) -> String {
        let Self {
            first_name,
            last_name,
            ..
        } = self;
        format!("{} {}", first_name.trim(), last_name.trim())
            .trim()
            .to_owned()
    }
}
