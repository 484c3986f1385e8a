//! The `[remote]` table of a Vendure connection.

use super::super::{Class, ConnectorError, RemoteKey, RemoteType, http::Base};
use serde::Deserialize;
use shared::money::Currency;

/// Its `[remote]` table.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub url: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub api_key: Option<String>,
    pub channel: Option<String>,
    pub language: Option<String>,
    pub currency: Option<Currency>,
    pub page: u64,
    pub weight_unit: String,
    #[serde(default)]
    pub custom_fields: CustomFields,
    pub facets: Facets,
}

/// How this program shows who it is.
#[derive(Clone)]
pub(super) enum Credentials {
    Password { username: String, password: String },
    Key(String),
}

/// The names of the shop's custom fields; what is not named is looked for by usual names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CustomFields {
    pub brand: Option<String>,
    pub model: Option<String>,
    pub mpn: Option<String>,
    pub barcode: Option<String>,
    pub weight: Option<String>,
    pub compare_at_price: Option<String>,
    pub cost: Option<String>,
    pub token: Option<String>,
}

/// The codes of the facets whose values are categories, tags and, where no custom field is, the brand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facets {
    pub categories: String,
    pub tags: String,
    pub brand: String,
}

impl Settings {
    pub(super) fn read(remote: serde_json::Map<String, serde_json::Value>) -> Result<Self, ConnectorError> {
        let settings: Self = serde_json::from_value(remote.into())
            .map_err(|error| wrong(format!("The [remote] table is not understood: {error}.")))?;
        if !(1..=1000).contains(&settings.page) {
            return Err(wrong("A page holds from 1 to 1000 products: change `page`."));
        }
        Ok(settings)
    }

    /// Where the shop is, whether or not the path of its Admin API was written too.
    pub(super) fn base(&self) -> Result<Base, ConnectorError> {
        let url = self.url.trim().trim_end_matches('/');
        Base::parse(url.strip_suffix("/admin-api").unwrap_or(url))
    }

    pub(super) fn credentials(&self) -> Result<Credentials, ConnectorError> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        match (said(&self.api_key), said(&self.username), said(&self.password)) {
            (Some(key), None, None) => Ok(Credentials::Key(key)),
            (None, Some(username), Some(password)) => Ok(Credentials::Password { username, password }),
            (Some(_), _, _) => Err(wrong(
                "Either `api_key` or `username` and `password` are needed, not both: a password is quicker.",
            )),
            (None, None, None) => Err(wrong(
                "Vendure has to know who asks: set `username` and `password` of an administrator, or an `api_key`.",
            )),
            (None, Some(_), None) => Err(wrong(
                "`password` is missing: set the one that belongs to `username`.",
            )),
            (None, None, Some(_)) => Err(wrong(
                "`username` is missing: set the one that `password` belongs to.",
            )),
        }
    }
}

fn wrong(message: impl Into<String>) -> ConnectorError {
    ConnectorError::new(Class::Rejected, message)
}

pub(super) static REMOTE: &[RemoteKey] = &[
    RemoteKey {
        name: "url",
        value: RemoteType::Text,
        default: None,
        required: true,
        description: "The address of the Vendure server, as in \"https://shop.example\", with or without /admin-api.",
    },
    key(
        "username",
        RemoteType::Text,
        "The administrator to log in as; it needs to read and change the catalog and orders.",
    ),
    key("password", RemoteType::Secret, "The administrator's password."),
    key(
        "api_key",
        RemoteType::Secret,
        "An API key instead of a password, as LOOKUP-ID:SECRET; the server takes far longer to check one with every call.",
    ),
    key(
        "channel",
        RemoteType::Text,
        "The channel to work in, by its code or token (with an API key its token); the default channel without it.",
    ),
    key(
        "language",
        RemoteType::Text,
        "The language of titles and descriptions, as in \"en\"; the channel's own without it.",
    ),
    key(
        "currency",
        RemoteType::Text,
        "The currency of the prices that are read and written, by its ISO code; the channel's own without it.",
    ),
    RemoteKey {
        name: "page",
        value: RemoteType::Number,
        default: Some("100"),
        required: false,
        description: "How many products or orders are asked for at once, from 1 to 1000.",
    },
    RemoteKey {
        name: "weight_unit",
        value: RemoteType::Choice(&["kg", "g", "lb", "oz"]),
        default: Some("kg"),
        required: false,
        description: "What the shop's custom field of weights is in.",
    },
    key(
        "custom_fields",
        RemoteType::Table(CUSTOM_FIELDS),
        "The names of the shop's custom fields for what Vendure has no field of its own for.",
    ),
    key(
        "facets",
        RemoteType::Table(FACETS),
        "The codes of the facets whose values are categories and tags; the values of all others are attributes.",
    ),
];

static CUSTOM_FIELDS: &[RemoteKey] = &[
    custom(
        "brand",
        "Of a product; \"brand\" or \"manufacturer\" where there is one.",
    ),
    custom("model", "Of a product; \"model\" where there is one."),
    custom("mpn", "Of a product; \"mpn\" where there is one."),
    custom(
        "barcode",
        "Of a variant; \"barcode\", \"gtin\", \"ean\" or \"upc\" where there is one.",
    ),
    custom("weight", "Of a variant, a number; \"weight\" where there is one."),
    custom(
        "compare_at_price",
        "Of a variant, a whole number of the currency's smallest unit; \"compareAtPrice\" or \"listPrice\" where there is one.",
    ),
    custom(
        "cost",
        "Of a variant, a whole number of the currency's smallest unit; \"cost\" or \"costPrice\" where there is one.",
    ),
    custom(
        "token",
        "Of a product: where our own mark is kept, so that a product is known again whose creation was not answered; \
         \"syncToken\" where there is one. Without it products are known by their SKUs.",
    ),
];

static FACETS: &[RemoteKey] = &[
    facet("categories", "category", "Whose values are categories."),
    facet("tags", "tags", "Whose values are tags."),
    facet(
        "brand",
        "brand",
        "Whose value is the brand, where no custom field is.",
    ),
];

const fn key(name: &'static str, value: RemoteType, description: &'static str) -> RemoteKey {
    RemoteKey {
        name,
        value,
        default: None,
        required: false,
        description,
    }
}

const fn custom(name: &'static str, description: &'static str) -> RemoteKey {
    key(name, RemoteType::Text, description)
}

const fn facet(name: &'static str, default: &'static str, description: &'static str) -> RemoteKey {
    RemoteKey {
        name,
        value: RemoteType::Text,
        default: Some(default),
        required: false,
        description,
    }
}
