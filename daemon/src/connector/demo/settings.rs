//! The knobs of a demo shop, as its `[remote]` table has them.

use super::{
    super::{RemoteKey, RemoteType, Tokens},
    catalogue::Catalogue,
    orders::Sales,
    rewrites::{self, Rewrite},
};
use serde::Deserialize;
use shared::{
    money::Currency,
    product::{DEFAULT_LOCATION, StockWrites},
};

/// Its `[remote]` table.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Knobs {
    pub products: u64,
    pub orders: u64,
    pub currency: Currency,
    pub seed: u64,
    pub offset: u64,
    pub differences: f64,
    pub locations: Vec<String>,
    pub page: u64,
    /// In milliseconds.
    pub latency: u64,
    pub stock: Stock,
    pub order_tokens: OrderTokens,
    pub sales: Sales,
    /// In milliseconds, as the next.
    pub clock_ahead: u64,
    pub clock_behind: u64,
    pub failures: Failures,
    pub rewrites: Vec<Rewrite>,
    /// Calls of webhooks are verified before a shop hears of them.
    #[allow(dead_code, reason = "it is named so that it may be set")]
    pub webhook_secret: Option<String>,
}

/// What the shop does with the quantities that are written to it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stock {
    Adjust,
    Absolute,
}

impl Stock {
    pub(super) fn writes(self) -> StockWrites {
        match self {
            Self::Adjust => StockWrites::Adjusts,
            Self::Absolute => StockWrites::Absolute,
        }
    }
}

/// What the shop does with the tokens of orders that are created in it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OrderTokens {
    Keep,
    Forget,
}

impl From<OrderTokens> for Tokens {
    fn from(tokens: OrderTokens) -> Self {
        match tokens {
            OrderTokens::Keep => Self::Kept,
            OrderTokens::Forget => Self::Forgotten,
        }
    }
}

/// Shares of one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Failures {
    pub page: f64,
    pub shifting: f64,
    pub image: f64,
    pub write: f64,
    pub write_after_commit: f64,
    pub connection_lost: f64,
    pub rate_limit: f64,
    pub auth: f64,
    pub retired: f64,
    pub slow: f64,
    pub unreadable: f64,
}

impl Default for Knobs {
    fn default() -> Self {
        let Catalogue {
            seed,
            products,
            offset,
            differences: _,
            locations,
            salt: _,
        } = Catalogue::default();
        Self {
            products,
            orders: 0,
            currency: Currency::USD,
            seed,
            offset,
            differences: 0.0,
            locations,
            page: 250,
            latency: 20,
            stock: Stock::Adjust,
            order_tokens: OrderTokens::Keep,
            sales: Sales::Dated,
            clock_ahead: 0,
            clock_behind: 0,
            failures: Failures::default(),
            rewrites: Vec::new(),
            webhook_secret: None,
        }
    }
}

pub(super) static REMOTE: &[RemoteKey] = &[
    RemoteKey {
        name: "products",
        value: RemoteType::Number,
        default: Some("240"),
        required: false,
        description: "How many products the shop begins with.",
    },
    RemoteKey {
        name: "orders",
        value: RemoteType::Number,
        default: Some("0"),
        required: false,
        description: "How many sales orders the shop begins with; another number counts until the shop took its first new order.",
    },
    RemoteKey {
        name: "currency",
        value: RemoteType::Text,
        default: Some("USD"),
        required: false,
        description: "The currency that its buyers pay in, by its ISO code.",
    },
    RemoteKey {
        name: "seed",
        value: RemoteType::Number,
        default: Some("1"),
        required: false,
        description: "Which catalogue is invented: shops with the same seed sell the same products.",
    },
    RemoteKey {
        name: "offset",
        value: RemoteType::Number,
        default: Some("0"),
        required: false,
        description: "How many products of the catalogue are left out at its beginning, so that two shops overlap only partly.",
    },
    RemoteKey {
        name: "differences",
        value: RemoteType::Share,
        default: Some("0%"),
        required: false,
        description: "The share of products whose price, stock or title differs from other shops with this seed.",
    },
    RemoteKey {
        name: "locations",
        value: RemoteType::Choices(LOCATIONS),
        default: Some(DEFAULT_LOCATION),
        required: false,
        description: "Where the shop keeps its stock; one place, `default`, unless this is set.",
    },
    RemoteKey {
        name: "page",
        value: RemoteType::Number,
        default: Some("250"),
        required: false,
        description: "How many records one page holds, from 1 to 5000.",
    },
    RemoteKey {
        name: "latency",
        value: RemoteType::Duration,
        default: Some("20ms"),
        required: false,
        description: "How long the shop takes to answer a call.",
    },
    RemoteKey {
        name: "stock",
        value: RemoteType::Choice(&["adjust", "absolute"]),
        default: Some("adjust"),
        required: false,
        description: "What is written to stock: `adjust` adds the difference to what is counted, so that no sale is lost; `absolute` overwrites it.",
    },
    RemoteKey {
        name: "order_tokens",
        value: RemoteType::Choice(&["keep", "forget"]),
        default: Some("keep"),
        required: false,
        description: "Whether orders that are created here keep the token by which they are found again when the answer was lost; with `forget` they are known by what is in them.",
    },
    RemoteKey {
        name: "sales",
        value: RemoteType::Choice(&["dated", "undated"]),
        default: Some("dated"),
        required: false,
        description: "Whether a product counts as changed when it is sold; with `undated` only its stock moves, as at many platforms.",
    },
    RemoteKey {
        name: "clock_ahead",
        value: RemoteType::Duration,
        default: Some("0s"),
        required: false,
        description: "How far the shop's clock is ahead of ours, which shows in when records last changed.",
    },
    RemoteKey {
        name: "clock_behind",
        value: RemoteType::Duration,
        default: Some("0s"),
        required: false,
        description: "How far the shop's clock is behind ours.",
    },
    RemoteKey {
        name: "failures",
        value: RemoteType::Table(FAILURES),
        default: None,
        required: false,
        description: "What goes wrong, and how often.",
    },
    RemoteKey {
        name: "rewrites",
        value: RemoteType::Choices(rewrites::NAMES),
        default: None,
        required: false,
        description: "What the shop makes of the values that it is given.",
    },
    RemoteKey {
        name: "webhook_secret",
        value: RemoteType::Secret,
        default: None,
        required: false,
        description: "What the shop signs its webhooks to /hooks/ID with: `X-Demo-Signature: sha256=` and the HMAC-SHA256 of the body in hex.",
    },
];

static LOCATIONS: &[&str] = &[DEFAULT_LOCATION, "warehouse", "store"];

static FAILURES: &[RemoteKey] = &[
    failure("page", "Pages and searches that are not answered."),
    failure(
        "shifting",
        "Pages before which a row came or went, so that a record comes twice or is left out; pages then go by offsets.",
    ),
    failure("image", "Pictures that cannot be loaded."),
    failure(
        "write",
        "Records whose creation or change fails, with nothing done.",
    ),
    failure(
        "write_after_commit",
        "Records that are created or changed while the answer is lost.",
    ),
    failure(
        "connection_lost",
        "Calls with writes that are done to the end while no answer arrives at all.",
    ),
    failure("rate_limit", "Calls that are refused for coming too fast."),
    failure("auth", "Calls that are refused as if the key were wrong."),
    failure(
        "retired",
        "Calls that are refused as if the shop no longer answered the version of its API that is asked for.",
    ),
    failure("slow", "Calls that take twenty times as long."),
    failure(
        "unreadable",
        "Records that cannot be understood; always the same ones.",
    ),
];

const fn failure(name: &'static str, description: &'static str) -> RemoteKey {
    RemoteKey {
        name,
        value: RemoteType::Share,
        default: Some("0%"),
        required: false,
        description,
    }
}
