//! The validated settings of a connection, and what it needs of the daemon's.

use crate::{
    content::Field,
    ids::ConnectionId,
    money::{Currency, Decimal},
    product::Status,
    set::SetExpression,
    time::Time,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// Everything a decision may ask of a connection's settings. Defaults are the contract's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub connection: ConnectionId,
    /// What people call it.
    pub name: String,
    pub platform: String,
    pub schedule: Option<Schedule>,
    pub products: Products,
    pub prices: Prices,
    pub stock: Stock,
    pub orders: Orders,
    pub send: SendMode,
    pub guards: Guards,
    pub hub: Hub,
}

/// Ceilings of how fast a platform is asked; within them its own limits are found by asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Calls at once; at least one.
    pub at_once: u32,
    /// Calls a second. `None`: as fast as the platform takes them.
    pub per_second: Option<Decimal>,
}

/// What all connections share, from `click2sync.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// The currency of the hub's own prices.
    pub base: Currency,
    /// What one unit of a currency is worth in `base`.
    pub rates: BTreeMap<Currency, Decimal>,
    /// The connection whose word counts for a field when two disagree.
    pub authority: BTreeMap<Field, ConnectionId>,
}

/// What the sets `stock:low` and `price:low` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetLimits {
    /// Low stock is from 1 to this.
    pub low_stock: Decimal,
    /// A low price is below this, in the base currency.
    pub low_price: Decimal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub job: ScheduledJob,
    pub times: Times,
    /// How long an incremental fetch may go on before everything is read again.
    pub full_rescan: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduledJob {
    Fetch,
    Send,
    Sync,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Times {
    Every(Duration),
    /// Five fields, in an IANA time zone.
    Cron {
        expression: String,
        time_zone: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Products {
    pub fetch: bool,
    /// A product first seen here becomes a hub product.
    pub absorb: bool,
    pub clone: CloneWhich,
    pub match_by: Vec<MatchBy>,
    pub fields: Fields,
    pub defaults: Defaults,
    /// The platform's option names that mean `color` and `size`; the first is used when we write.
    pub options: BTreeMap<String, Vec<String>>,
}

/// Which hub products that are missing here are created here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloneWhich {
    None,
    All,
    In(SetExpression),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchBy {
    Sku,
    Barcode,
}

/// The mutability of each field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    pub default: Mutability,
    pub by_field: BTreeMap<Field, Mutability>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mutability {
    #[default]
    Sync,
    /// Detect, never write.
    ReadOnly,
    /// Write, never detect.
    WriteOnly,
    Ignore,
}

/// Values for products that are created here, used where the hub has none. `status` is used even where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    pub category: Option<String>,
    pub status: Option<Status>,
}

/// Hub price to price shown here: convert, then margin, then add, then round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// Overrides what was detected. `None`: the hub's own currency.
    pub currency: Option<Currency>,
    /// In per cent: 12 for "12%".
    pub margin: Decimal,
    pub add: Decimal,
    pub round: Option<Round>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub to: RoundTo,
    pub mode: RoundMode,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundTo {
    /// A multiple of this: 0.05, 1, 10.
    Step(Decimal),
    /// Prices that end so: `modulus` 10 and `ending` 9.90 for "x9.90".
    Ending {
        modulus: Decimal,
        ending: Decimal,
        text: String,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoundMode {
    #[default]
    Nearest,
    Up,
    Down,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Hold back this many; never shows less than 0.
    pub buffer: Decimal,
    pub max: Option<Decimal>,
    /// The platform's location to the hub's locations whose sum it shows.
    pub locations: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orders {
    pub fetch: bool,
    pub clone: CloneOrders,
    pub fields: Fields,
    pub defaults: OrderDefaults,
}

/// Which orders that were placed elsewhere are created here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloneOrders {
    None,
    /// Those that are placed from when on the daemon knows that they are cloned here, and what is open of the days
    /// before. `began` is `None` until the daemon has put the settings in force; then all are.
    New {
        began: Option<Time>,
    },
    /// Those that were placed then or later.
    Since(Time),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderDefaults {
    pub customer: Option<String>,
    pub status: Option<String>,
    pub unmapped_line: UnmappedLine,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnmappedLine {
    /// The order waits with an issue.
    #[default]
    Hold,
    CustomLine,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SendMode {
    #[default]
    Auto,
    /// Pending changes wait for an approval.
    Review,
}

/// Beyond these a job halts and asks. Shares are in per cent of the connection's products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guards {
    /// A single run may zero the stock of at most this share.
    pub zero_stock: Decimal,
    /// ... move the price of at most `price_change_of` by more than `price_change_by`.
    pub price_change_by: Decimal,
    pub price_change_of: Decimal,
    /// ... find at most this share vanished; never all of it, whatever is set.
    pub vanish: Decimal,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            zero_stock: Decimal::from(30),
            price_change_by: Decimal::from(50),
            price_change_of: Decimal::from(20),
            vanish: Decimal::from(100),
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            at_once: 8,
            per_second: None,
        }
    }
}

impl Default for SetLimits {
    fn default() -> Self {
        Self {
            low_stock: Decimal::from(5),
            low_price: Decimal::from(10),
        }
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            base: Currency::USD,
            rates: BTreeMap::new(),
            authority: BTreeMap::new(),
        }
    }
}

impl Default for Products {
    fn default() -> Self {
        Self {
            fetch: true,
            absorb: true,
            clone: CloneWhich::None,
            match_by: vec![MatchBy::Sku, MatchBy::Barcode],
            fields: Fields::default(),
            defaults: Defaults::default(),
            options: default_option_names(),
        }
    }
}

/// The option names that mean colour and size without any setting.
fn default_option_names() -> BTreeMap<String, Vec<String>> {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    BTreeMap::from([
        (
            "color".to_owned(),
            names(&["Color", "Colour", "pa_color", "Farbe", "Couleur"]),
        ),
        (
            "size".to_owned(),
            names(&["Size", "Talla", "pa_size", "Größe", "Taille"]),
        ),
    ])
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            default: Mutability::Sync,
            by_field: BTreeMap::new(),
        }
    }
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            fetch: true,
            clone: CloneOrders::None,
            fields: Fields::default(),
            defaults: OrderDefaults::default(),
        }
    }
}

impl Fields {
    pub fn of(&self, field: Field) -> Mutability {
        self.by_field.get(&field).copied().unwrap_or(self.default)
    }
}

impl Mutability {
    /// Changes seen at the platform count.
    pub fn detects(self) -> bool {
        matches!(self, Self::Sync | Self::ReadOnly)
    }

    /// Changes elsewhere are written to the platform.
    pub fn writes(self) -> bool {
        matches!(self, Self::Sync | Self::WriteOnly)
    }
}

impl Policy {
    /// A connection with nothing set but its name and platform.
    pub fn new(connection: ConnectionId, platform: impl Into<String>) -> Self {
        Self {
            name: connection.to_string(),
            connection,
            platform: platform.into(),
            schedule: None,
            products: Products::default(),
            prices: Prices::default(),
            stock: Stock::default(),
            orders: Orders::default(),
            send: SendMode::default(),
            guards: Guards::default(),
            hub: Hub::default(),
        }
    }

    /// The currency of the prices shown here.
    pub fn currency(&self) -> Currency {
        self.prices.currency.unwrap_or(self.hub.base)
    }
}
