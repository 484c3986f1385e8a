//! What a Vendure server is like: its channel, money, places, custom fields and facets. No two are alike.

use super::{
    super::{Class, ConnectorError, weight::WeightUnit},
    client::Client,
    query,
    settings::{CustomFields, Facets, Settings},
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{money::Currency, product::DEFAULT_LOCATION};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// What is to be known of a shop to read and write it.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    /// Of what is written; what is read falls back to the channel's own.
    pub language: String,
    pub currency: Currency,
    /// In which every variant needs a price.
    pub channel_currency: Currency,
    /// How many decimals the smallest unit of money stands for: 2 makes 1999 into 19.99.
    pub precision: u32,
    pub weight_unit: WeightUnit,
    /// Whether stock is counted where a variant does not say so itself.
    pub counts_stock: bool,
    /// The hub's names of the stock locations by their ids. The first is where Vendure puts what has no place.
    pub locations: BTreeMap<String, String>,
    pub fields: Fields,
    pub facet_codes: Facets,
    pub facets: Vec<Facet>,
    pub order_states: Vec<OrderState>,
    learned: Instant,
}

/// What was learned so long ago counts for something that it does not know.
const FRESH: Duration = Duration::from_secs(5);

/// The custom fields that are used, as the shop calls them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub brand: Option<Field>,
    pub model: Option<Field>,
    pub mpn: Option<Field>,
    pub token: Option<Field>,
    pub barcode: Option<Field>,
    pub weight: Option<Field>,
    pub compare_at_price: Option<Field>,
    pub cost: Option<Field>,
}

/// A custom field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub name: String,
    pub kind: FieldKind,
    pub writes: Writes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    Text,
    /// A whole number.
    Int,
    Float,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    Taken,
    /// The shop only shows it.
    ReadOnly,
}

/// A facet with its values.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Facet {
    pub id: String,
    pub code: String,
    pub name: String,
    pub values: Vec<FacetValue>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct FacetValue {
    pub id: String,
    pub name: String,
}

/// A state of orders, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct OrderState {
    pub name: String,
    pub to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    active_channel: Channel,
    global_settings: GlobalSettings,
    stock_locations: List<Location>,
    facets: List<Facet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Channel {
    code: String,
    token: String,
    default_language_code: String,
    default_currency_code: Currency,
    available_currency_codes: Vec<String>,
    track_inventory: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GlobalSettings {
    track_inventory: bool,
    server_config: ServerConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerConfig {
    money_strategy_precision: u32,
    order_process: Vec<OrderState>,
    entity_custom_fields: Vec<EntityFields>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntityFields {
    entity_name: String,
    custom_fields: Vec<Described>,
}

/// A custom field as the shop describes it.
#[derive(Deserialize)]
struct Described {
    name: String,
    r#type: String,
    list: Option<bool>,
    readonly: Option<bool>,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Location {
    id: String,
    name: String,
}

impl Shop {
    pub(super) async fn learn(client: &Client, settings: &Settings) -> Result<Self, ConnectorError> {
        let session = client.session().await?;
        let answer: Answer = client.read(query::SHOP, json!({})).await?;
        if let Some(channel) = client.channel() {
            // An unknown channel is answered for as the default one.
            let Channel { code, token, .. } = &answer.active_channel;
            if session.token_of(channel) != token {
                let known: Vec<&str> = session.channels.iter().map(|known| known.code.as_str()).collect();
                let known = if known.is_empty() {
                    String::new()
                } else {
                    format!(" Known are: {}.", known.join(", "))
                };
                return Err(wrong(format!(
                    "There is no channel `{channel}` for this administrator; Vendure would use `{code}` instead. Check \
                     `channel` in [remote].{known}"
                )));
            }
        }
        Self::of(answer, settings, client.language())
    }

    fn of(answer: Answer, settings: &Settings, language: Option<&str>) -> Result<Self, ConnectorError> {
        let Answer {
            active_channel: channel,
            global_settings,
            stock_locations,
            facets,
        } = answer;
        let ServerConfig {
            money_strategy_precision: precision,
            order_process: order_states,
            entity_custom_fields,
        } = global_settings.server_config;
        let currency = settings.currency.unwrap_or(channel.default_currency_code);
        if !channel
            .available_currency_codes
            .iter()
            .any(|code| code == currency.as_str())
        {
            return Err(wrong(format!(
                "The channel `{}` has no prices in {currency}, only in {}: check `currency` in [remote].",
                channel.code,
                channel.available_currency_codes.join(", ")
            )));
        }
        Ok(Self {
            language: language.map_or(channel.default_language_code, str::to_owned),
            currency,
            channel_currency: channel.default_currency_code,
            precision,
            weight_unit: WeightUnit::parse(&settings.weight_unit).unwrap_or(WeightUnit::Kilogram),
            counts_stock: channel.track_inventory.unwrap_or(global_settings.track_inventory),
            locations: locations(stock_locations.items),
            fields: Fields::find(&settings.custom_fields, &entity_custom_fields)?,
            facet_codes: settings.facets.clone(),
            facets: facets.items,
            order_states,
            learned: Instant::now(),
        })
    }

    /// Whether it may have changed since it was learned of.
    pub(super) fn is_old(&self) -> bool {
        self.learned.elapsed() > FRESH
    }

    /// The id of a stock location that the hub calls so.
    pub(super) fn location(&self, name: &str) -> Option<&str> {
        let known = self.locations.iter().find(|(_, known)| *known == name);
        known.map(|(id, _)| id.as_str())
    }

    /// The facet and value of an id.
    pub(super) fn facet_of(&self, value: &str) -> Option<(&Facet, &FacetValue)> {
        self.facets.iter().find_map(|facet| {
            let value = facet.values.iter().find(|known| known.id == value)?;
            Some((facet, value))
        })
    }
}

/// The first is what platforms with one place have; the others go by their names, with their ids where two are alike.
fn locations(known: Vec<Location>) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for (at, Location { id, name }) in known.into_iter().enumerate() {
        let mut name = if at == 0 {
            DEFAULT_LOCATION.to_owned()
        } else {
            name
        };
        if named.values().any(|known| *known == name) {
            name = format!("{name} {id}");
        }
        named.insert(id, name);
    }
    named
}

impl Fields {
    fn find(settings: &CustomFields, described: &[EntityFields]) -> Result<Self, ConnectorError> {
        let find = |entity: &str, set: &Option<String>, usual: &[&str], kinds: &[FieldKind]| {
            let known = described.iter().find(|known| known.entity_name == entity);
            let known = known.map_or(&[][..], |known| &known.custom_fields);
            find(
                entity,
                known,
                set.as_deref().filter(|name| !name.is_empty()),
                usual,
                kinds,
            )
        };
        let text = [FieldKind::Text];
        let numbers = [FieldKind::Float, FieldKind::Int];
        let CustomFields {
            brand,
            model,
            mpn,
            barcode,
            weight,
            compare_at_price,
            cost,
            token,
        } = settings;
        Ok(Self {
            brand: find("Product", brand, &["brand", "manufacturer"], &text)?,
            model: find("Product", model, &["model"], &text)?,
            mpn: find("Product", mpn, &["mpn"], &text)?,
            token: find("Product", token, &["syncToken"], &text)?
                .filter(|field| field.writes == Writes::Taken),
            barcode: find(
                "ProductVariant",
                barcode,
                &["barcode", "gtin", "ean", "upc"],
                &text,
            )?,
            weight: find("ProductVariant", weight, &["weight"], &numbers)?,
            compare_at_price: find(
                "ProductVariant",
                compare_at_price,
                &["compareAtPrice", "listPrice"],
                &[FieldKind::Int],
            )?,
            cost: find("ProductVariant", cost, &["cost", "costPrice"], &[FieldKind::Int])?,
        })
    }

    pub(super) fn product_names(&self) -> Vec<&str> {
        names([&self.brand, &self.model, &self.mpn, &self.token])
    }

    pub(super) fn variant_names(&self) -> Vec<&str> {
        names([&self.barcode, &self.weight, &self.compare_at_price, &self.cost])
    }
}

fn names(fields: [&Option<Field>; 4]) -> Vec<&str> {
    let mut names: Vec<&str> = fields
        .into_iter()
        .flatten()
        .map(|field| field.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The custom field that the settings name, else the first of the usual ones that is there and fits.
fn find(
    entity: &str,
    described: &[Described],
    set: Option<&str>,
    usual: &[&str],
    kinds: &[FieldKind],
) -> Result<Option<Field>, ConnectorError> {
    let fit = |field: &Described| {
        let kind = match (field.r#type.as_str(), field.list.unwrap_or(false)) {
            ("string" | "text", false) => FieldKind::Text,
            ("int", false) => FieldKind::Int,
            ("float", false) => FieldKind::Float,
            _ => return None,
        };
        kinds.contains(&kind).then(|| Field {
            name: field.name.clone(),
            kind,
            writes: if field.readonly.unwrap_or(false) {
                Writes::ReadOnly
            } else {
                Writes::Taken
            },
        })
    };
    let Some(set) = set else {
        let there = usual.iter().find_map(|usual| {
            let same = |field: &&Described| field.name.eq_ignore_ascii_case(usual);
            fit(described.iter().find(same)?)
        });
        return Ok(there);
    };
    let Some(field) = described.iter().find(|field| field.name == set) else {
        let known: Vec<&str> = described.iter().map(|field| field.name.as_str()).collect();
        return Err(wrong(format!(
            "{entity} has no custom field `{set}`: check `custom_fields` in [remote]. It has: {}.",
            if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            }
        )));
    };
    fit(field).map(Some).ok_or_else(|| {
        wrong(format!(
            "The custom field `{set}` of {entity} is of the type `{}`, which cannot hold this: check `custom_fields` in [remote].",
            field.r#type
        ))
    })
}

fn wrong(message: String) -> ConnectorError {
    ConnectorError::new(Class::Auth, message)
}

/// A custom field's value.
pub(super) fn custom<'a>(fields: &'a Value, field: Option<&Field>) -> Option<&'a Value> {
    fields.get(&field?.name).filter(|value| !value.is_null())
}

#[cfg(test)]
pub(super) fn described(answer: Value, settings: &Settings) -> Result<Shop, ConnectorError> {
    Shop::of(serde_json::from_value(answer).unwrap(), settings, None)
}
