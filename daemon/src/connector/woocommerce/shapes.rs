//! The JSON of the REST API (v3), as far as it is read here.
//!
//! Numbers come as texts, as numbers or not at all, depending on the shop's version and plugins; objects that are empty
//! come as lists, since PHP cannot tell them apart.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Product {
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub permalink: String,
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
    #[serde(deserialize_with = "text")]
    pub status: String,
    #[serde(deserialize_with = "text")]
    pub description: String,
    #[serde(deserialize_with = "text")]
    pub date_modified_gmt: String,
    #[serde(flatten)]
    pub sold: Sold,
    #[serde(deserialize_with = "list")]
    pub categories: Vec<Term>,
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Term>,
    /// `None`: a version without brands.
    pub brands: Option<Vec<Term>>,
    #[serde(deserialize_with = "list")]
    pub images: Vec<Image>,
    #[serde(deserialize_with = "list")]
    pub attributes: Vec<Attribute>,
    #[serde(deserialize_with = "list")]
    pub variations: Vec<u64>,
    pub parent_id: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Variation {
    pub id: u64,
    pub parent_id: u64,
    #[serde(flatten)]
    pub sold: Sold,
    #[serde(deserialize_with = "object")]
    pub image: Option<Image>,
    #[serde(deserialize_with = "list")]
    pub attributes: Vec<Chosen>,
}

/// What simple products and variations have in common.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sold {
    #[serde(deserialize_with = "text")]
    pub sku: String,
    #[serde(deserialize_with = "text")]
    pub global_unique_id: String,
    #[serde(deserialize_with = "text")]
    pub regular_price: String,
    #[serde(deserialize_with = "text")]
    pub sale_price: String,
    pub on_sale: bool,
    #[serde(deserialize_with = "text")]
    pub date_on_sale_from_gmt: String,
    #[serde(deserialize_with = "text")]
    pub date_on_sale_to_gmt: String,
    pub manage_stock: Managed,
    #[serde(deserialize_with = "text")]
    pub stock_quantity: String,
    #[serde(deserialize_with = "text")]
    pub weight: String,
    #[serde(deserialize_with = "list")]
    pub meta_data: Vec<Meta>,
}

/// Who counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Managed {
    #[default]
    Nobody,
    Itself,
    /// A variation that draws on what its product counts.
    Parent,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Term {
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub slug: String,
    pub parent: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Image {
    #[serde(deserialize_with = "number")]
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub src: String,
    #[serde(deserialize_with = "text")]
    pub alt: String,
}

/// An attribute of a product: of the whole shop where it has an id, else the product's own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attribute {
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub name: String,
    pub position: i64,
    pub visible: bool,
    pub variation: bool,
    #[serde(deserialize_with = "list")]
    pub options: Vec<String>,
}

/// What a variation is of an attribute. Without one it is any.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    pub id: u64,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub option: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    #[serde(deserialize_with = "text")]
    pub key: String,
    pub value: Value,
}

/// What a key of the meta data says, if it is a text.
pub(super) fn meta<'a>(data: &'a [Meta], key: &str) -> Option<&'a str> {
    let found = data.iter().find(|meta| meta.key == key)?;
    found.value.as_str().filter(|text| !text.is_empty())
}

impl<'de> Deserialize<'de> for Managed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(from)? {
            Value::Bool(true) => Self::Itself,
            Value::String(word) if word == "parent" => Self::Parent,
            Value::String(word) if word == "yes" || word == "1" => Self::Itself,
            _ => Self::Nobody,
        })
    }
}

/// A text, or a number as it is written; nothing where anything else is.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    })
}

/// A whole number, also where it is written as a text; 0 where there is none.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => number.as_u64().unwrap_or_default(),
        Value::String(text) => text.trim().parse().unwrap_or_default(),
        _ => 0,
    })
}

/// A list; nothing where none is.
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    match Value::deserialize(from)? {
        list @ Value::Array(_) => serde_json::from_value(list).map_err(serde::de::Error::custom),
        // A list with holes is an object to PHP.
        Value::Object(holes) => holes
            .into_iter()
            .map(|(_, value)| serde_json::from_value(value).map_err(serde::de::Error::custom))
            .collect(),
        _ => Ok(Vec::new()),
    }
}

/// An object; nothing where none is.
fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    match Value::deserialize(from)? {
        object @ Value::Object(_) => serde_json::from_value(object)
            .map(Some)
            .map_err(serde::de::Error::custom),
        _ => Ok(None),
    }
}
