//! A sales order as the console reads it. Of what [`shared::api::Order`] says only the counterparts have types here: the
//! code that reads the rest into its types would be as large as a page.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};
use shared::{
    api::Equivalence,
    ids::ItemId,
    money::{Currency, Money},
    time::Time,
};
use std::fmt;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    /// Everything else, by the names of the API.
    pub(crate) facts: Value,
    pub(crate) equivalences: Vec<Equivalence>,
}

impl Order {
    /// What the buyer paid in.
    pub(crate) fn currency(&self) -> Option<Currency> {
        text(&self.facts["currency"]).parse().ok()
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Facts;
        impl<'de> Visitor<'de> for Facts {
            type Value = Order;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an order")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Order, A::Error> {
                let mut facts = Map::new();
                let mut equivalences = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "equivalences" {
                        equivalences = map.next_value()?;
                    } else {
                        facts.insert(name, map.next_value()?);
                    }
                }
                Ok(Order {
                    facts: Value::Object(facts),
                    equivalences,
                })
            }
        }
        from.deserialize_map(Facts)
    }
}

/// A text, or an empty one.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn time(value: &Value) -> Option<Time> {
    text(value).parse().ok()
}

pub(crate) fn id(value: &Value) -> Option<ItemId> {
    text(value).parse().ok()
}

pub(crate) fn money(value: &Value) -> Option<Money> {
    Some(Money {
        amount: text(&value["amount"]).parse().ok()?,
        currency: text(&value["currency"]).parse().ok()?,
    })
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
