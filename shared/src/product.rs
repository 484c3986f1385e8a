//! A product as platforms and the API speak of it: nested, with its variants and pictures.

use crate::{ids::RemoteId, money::Decimal, time::Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a platform shows of one product: the product, and what identifies it there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    pub remote_id: RemoteId,
    /// The public page, where there is one.
    pub url: Option<String>,
    /// When the platform says it last changed. `None` where it does not tell.
    pub updated_at: Option<Time>,
    /// The token of our last write that the platform took, where it keeps one for us: of the create, or of an update
    /// where it keeps those too.
    pub token: Option<String>,
    pub product: Product,
}

/// A product in the platform's own values: its prices in its currency, its option names.
///
/// Blank texts, empty lists and `None` all mean the same: nothing is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Product {
    pub title: String,
    pub description: String,
    pub brand: String,
    pub model: String,
    pub mpn: String,
    /// Paths of names joined by ` > `, as in `Clothing > Hoodies`.
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub status: Option<Status>,
    pub attributes: BTreeMap<String, String>,
    /// The first is the main picture.
    pub images: Vec<Image>,
    /// At least one: a simple product is a product with a single variant.
    pub variants: Vec<Variant>,
}

/// Whether and how a product is on sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Status {
    /// Published and for sale.
    Active,
    /// Published, but not for sale for now.
    Paused,
    /// Not shown to buyers yet.
    Draft,
    /// Taken out of the shop.
    Archived,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Active, Self::Paused, Self::Draft, Self::Archived];

    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Draft => "draft",
            Self::Archived => "archived",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A picture of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Image {
    /// What the platform calls it, where it gives pictures ids of their own.
    pub remote_id: Option<RemoteId>,
    /// The hash of its bytes in lower-case hex, where it is known.
    pub hash: Option<String>,
    /// Where its bytes are: an http(s) address, or a name that only its connector understands.
    pub address: String,
    pub alt: String,
}

/// What is sold and counted: one combination of options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Variant {
    /// What the platform calls it. `None` where its product has only this one.
    pub remote_id: Option<RemoteId>,
    pub sku: String,
    pub barcode: String,
    pub options: BTreeMap<String, String>,
    pub price: Option<Decimal>,
    /// The higher price that a sale price is compared with.
    pub compare_at_price: Option<Decimal>,
    pub cost: Option<Decimal>,
    /// Quantity by location; `default` where the platform knows one place only. Empty: not counted.
    pub stock: BTreeMap<String, Decimal>,
    /// In kilograms.
    pub weight: Option<Decimal>,
    /// Addresses of those of the product's pictures that show this variant.
    pub images: Vec<String>,
}

/// The location of a platform that knows one place only.
pub const DEFAULT_LOCATION: &str = "default";

/// A sparse update: only what is `Some`, or listed, is to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    pub title: Option<String>,
    pub description: Option<String>,
    pub brand: Option<String>,
    pub model: Option<String>,
    pub mpn: Option<String>,
    pub categories: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub status: Option<Status>,
    /// Attributes to set; a blank value takes the attribute away.
    pub attributes: BTreeMap<String, String>,
    /// The whole gallery as it is to be, in order; what the platform has already carries its remote id.
    pub images: Option<Vec<Image>>,
    pub variants: Vec<VariantPatch>,
    /// Variants to add.
    pub new_variants: Vec<Variant>,
}

/// A sparse update of one variant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantPatch {
    /// As in [`Variant::remote_id`].
    pub remote_id: Option<RemoteId>,
    pub sku: Option<String>,
    pub barcode: Option<String>,
    /// Options to set.
    pub options: BTreeMap<String, String>,
    /// `Some(None)` takes the price away.
    pub price: Option<Option<Decimal>>,
    pub compare_at_price: Option<Option<Decimal>>,
    pub cost: Option<Option<Decimal>>,
    /// Quantities to write, by location; other locations keep theirs.
    pub stock: BTreeMap<String, StockWrite>,
    pub weight: Option<Option<Decimal>>,
    pub images: Option<Vec<String>>,
}

/// A quantity that is to be `to`, as far as we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockWrite {
    /// What was last seen there. `None`: nothing is known, so only `to` can be written.
    pub from: Option<Decimal>,
    pub to: Decimal,
}

/// What a platform does with a [`StockWrite`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StockWrites {
    /// It sets `to`, whatever was sold there since `from` was seen.
    #[default]
    Absolute,
    /// It adds `to` less `from` to what it counts, so that a sale made between our read and our write stays. Only for
    /// platforms that keep quantities as they are given: what one clamps or rounds would be taken for a sale. And only
    /// for those that keep the token of each update: after an unclear answer nothing else tells whether the difference
    /// was added.
    Adjusts,
}

impl StockWrite {
    /// What is counted after this where stock is adjusted and `counted` was there.
    pub fn adjusted(self, counted: Option<Decimal>) -> Decimal {
        match (self.from, counted) {
            (Some(from), Some(counted)) => Decimal(counted.0 + self.to.0 - from.0),
            _ => self.to,
        }
    }
}
