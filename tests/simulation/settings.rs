//! What a seed makes of the settings.

use super::chance::Chance;
use daemon::config::{Config, ConnectionConfig};
use serde_json::{Map, Value, json};
use shared::{
    content::Field,
    ids::ConnectionId,
    money::{Currency, Decimal},
    policy::{
        CloneWhich, Fields, Guards, Hub, Mutability, Policy, Prices, Products, Round, RoundMode, RoundTo,
        SetLimits, Stock,
    },
};
use std::{collections::BTreeMap, path::PathBuf};

/// What kinds of trouble a world knows. Many worlds know few, so that what breaks a law is found alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nature {
    fails: bool,
    rewrites: bool,
    /// Prices and quantities are shown otherwise than the hub has them.
    rules: bool,
    /// Fields that are not in step both ways.
    one_way: bool,
    authority: bool,
    pub(super) dies: bool,
    pub(super) settings_change: bool,
}

impl Nature {
    /// A write may be done while its answer is lost.
    pub(super) fn loses_answers(self) -> bool {
        self.fails
    }

    fn new(chance: &mut Chance) -> Self {
        Self {
            fails: chance.percent(0),
            rewrites: chance.percent(0),
            rules: chance.percent(0),
            one_way: chance.percent(0),
            authority: chance.percent(0),
            dies: chance.percent(0),
            settings_change: chance.percent(0),
        }
    }
}

/// The settings that a world begins with.
pub(super) fn settings(chance: &mut Chance, seed: u64) -> (Nature, Config) {
    let nature = Nature::new(chance);
    let count = chance.weighed(&[(5, 2), (4, 3), (2, 4), (1, 5), (1, 6)]);
    let ids: Vec<ConnectionId> = (1..=count)
        .map(|number| ConnectionId::parse(&format!("shop-{number}")).expect("a good name"))
        .collect();
    let hub = Hub {
        rates: BTreeMap::from([(
            "EUR".parse::<Currency>().expect("a currency"),
            Decimal::new(110, 2),
        )]),
        authority: authority(chance, nature, &ids),
        ..Hub::default()
    };
    let connections = ids.into_iter().map(|id| {
        let mut policy = Policy::new(id.clone(), "demo");
        policy.hub = hub.clone();
        // Small shops reach every share of their products soon; guards have tests of their own.
        policy.guards = chance.pick(&[
            Guards::default(),
            Guards {
                vanish: Decimal::from(30),
                ..Guards::default()
            },
        ]);
        vary(chance, nature, &mut policy);
        let connection = ConnectionConfig {
            policy,
            remote: remote(chance, nature, seed),
            file: PathBuf::from(format!("{id}.toml")),
        };
        (id, connection)
    });
    let connections = connections.collect();
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        hosts: Vec::new(),
        token: None,
        hub,
        sets: SetLimits::default(),
        connections,
    };
    (nature, config)
}

fn authority(chance: &mut Chance, nature: Nature, ids: &[ConnectionId]) -> BTreeMap<Field, ConnectionId> {
    if !nature.authority {
        return BTreeMap::new();
    }
    let fields = chance.some(&[Field::Title, Field::Price, Field::Tags, Field::Stock], 40);
    fields
        .into_iter()
        .map(|field| (field, chance.pick(ids)))
        .collect()
}

/// Gives a connection other rules.
pub(super) fn vary(chance: &mut Chance, nature: Nature, policy: &mut Policy) {
    policy.products = Products {
        clone: match chance.below(10) {
            0 => CloneWhich::None,
            1 => CloneWhich::In("stock:in".parse().expect("a set")),
            _ => CloneWhich::All,
        },
        absorb: chance.percent(90),
        fields: fields(chance, nature),
        ..Products::default()
    };
    if nature.rules {
        policy.prices = prices(chance);
        policy.stock = Stock {
            buffer: Decimal::from(chance.between(0, 2)),
            max: chance.pick(&[None, None, Some(Decimal::from(9))]),
            locations: BTreeMap::new(),
        };
    }
}

fn fields(chance: &mut Chance, nature: Nature) -> Fields {
    let share = if nature.one_way { 8 } else { 0 };
    let others = [Mutability::ReadOnly, Mutability::WriteOnly, Mutability::Ignore];
    // Without SKUs and barcodes nobody knows what belongs together, and stock is kept by everybody.
    let fields: Vec<Field> = Field::PRODUCT
        .into_iter()
        .filter(|field| !matches!(field, Field::Sku | Field::Barcode | Field::Stock | Field::Options))
        .collect();
    let fields = chance.some(&fields, share);
    Fields {
        default: Mutability::Sync,
        by_field: fields
            .into_iter()
            .map(|field| (field, chance.pick(&others)))
            .collect(),
    }
}

fn prices(chance: &mut Chance) -> Prices {
    let to = chance.pick(&[
        RoundTo::Step(Decimal::new(5, 2)),
        RoundTo::Step(Decimal::from(1)),
        RoundTo::Ending {
            modulus: Decimal::ONE,
            ending: Decimal::new(99, 2),
            text: "x.99".to_owned(),
        },
    ]);
    let mode = chance.pick(&[RoundMode::Nearest, RoundMode::Up, RoundMode::Down]);
    Prices {
        currency: chance.pick(&[None, Some("EUR".parse().expect("a currency"))]),
        margin: Decimal::from(chance.pick(&[0, 12, -10])),
        add: Decimal::from(chance.pick(&[0, 0, 2])),
        round: chance.pick(&[None, Some(Round { to, mode })]),
    }
}

/// Pictures have addresses only: drawing them takes more time than everything else together.
pub(super) fn no_pictures() -> Value {
    json!({ "image": 1.0 })
}

/// The `[remote]` table of a demo shop.
fn remote(chance: &mut Chance, nature: Nature, seed: u64) -> Map<String, Value> {
    let mut remote = json!({
        "products": 2 + chance.below(7),
        "seed": seed % 1000,
        "offset": chance.below(4),
        "differences": chance.pick(&[0.0, 0.3]),
        "page": chance.pick(&[1, 2, 3, 250]),
        "latency": chance.pick(&[0, 3, 20]),
        "failures": no_pictures(),
    });
    if nature.fails {
        let kinds = [
            "page",
            "write",
            "write_after_commit",
            "connection_lost",
            "rate_limit",
            "slow",
        ];
        for kind in chance.some(&kinds, 50) {
            remote["failures"][kind] = chance.pick(&[0.02, 0.1, 0.25]).into();
        }
    }
    if nature.rewrites {
        let habits = [
            "trim",
            "round-prices",
            "escape",
            "paragraphs",
            "reorder",
            "upper-sku",
            "drop-cost",
        ];
        remote["rewrites"] = chance.some(&habits, 30).into();
    }
    remote.as_object().expect("it is one").clone()
}
