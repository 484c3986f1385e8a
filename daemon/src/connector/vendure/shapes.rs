//! Products, variants and assets as the Admin API shows them.

use serde::Deserialize;
use serde_json::{Number, Value};
use shared::{money::Decimal, time::Time};

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Product {
    pub id: String,
    pub updated_at: Option<Time>,
    /// Of its texts: the shop's default where it has none in the one that was asked for.
    pub language_code: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub enabled: bool,
    pub featured_asset: Option<Asset>,
    pub assets: Vec<Asset>,
    pub facet_values: Vec<Named>,
    pub option_groups: Vec<OptionGroup>,
    #[serde(default)]
    pub custom_fields: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Variant {
    pub id: String,
    pub product_id: String,
    pub updated_at: Option<Time>,
    pub sku: String,
    pub track_inventory: TrackInventory,
    pub prices: Vec<Price>,
    pub stock_levels: Vec<StockLevel>,
    pub options: Vec<ProductOption>,
    pub assets: Vec<Asset>,
    #[serde(default)]
    pub custom_fields: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum TrackInventory {
    True,
    False,
    Inherit,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Price {
    /// In the smallest unit; not always a whole number.
    pub price: Number,
    pub currency_code: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct StockLevel {
    #[serde(rename = "stockLocationId")]
    pub location: String,
    #[serde(rename = "stockOnHand")]
    pub on_hand: i64,
    /// Sold and not shipped yet; it is still on hand.
    #[serde(rename = "stockAllocated")]
    pub allocated: i64,
}

impl StockLevel {
    /// What can still be sold.
    pub(super) fn available(&self) -> i64 {
        self.on_hand.saturating_sub(self.allocated)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductOption {
    pub name: String,
    pub group_id: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct OptionGroup {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub options: Vec<NamedOption>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct NamedOption {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Asset {
    pub id: String,
    /// The address of its bytes as they were uploaded.
    pub source: String,
}

/// Something by its id.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Named {
    pub id: String,
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed<T> {
    pub items: Vec<T>,
    pub total_items: u64,
}

/// A number as JSON has it.
pub(super) fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    // Large and tiny floats are written with an exponent.
    text.parse().ok().or_else(|| rust_decimal_of(&text))
}

fn rust_decimal_of(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let mantissa: Decimal = mantissa.parse().ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    (0..exponent.unsigned_abs()).try_fold(mantissa, |number, _| {
        let ten = Decimal::from(10);
        let next = if exponent < 0 {
            number.0.checked_div(ten.0)
        } else {
            number.0.checked_mul(ten.0)
        };
        next.map(Decimal)
    })
}
