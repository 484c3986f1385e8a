//! What a seed makes of the settings.

use super::chance::Chance;
use daemon::config::{Config, ConnectionConfig};
use serde_json::{Map, Value, json};
use shared::{
    content::Field,
    ids::ConnectionId,
    money::{Currency, Decimal},
    policy::{
        CloneOrders, CloneWhich, Fields, Guards, Hub, Mutability, OrderDefaults, Orders, Pace, Policy,
        Prices, Products, Round, RoundMode, RoundTo, Schedule, ScheduledJob, SetLimits, Stock, Times,
        UnmappedLine,
    },
    product::DEFAULT_LOCATION,
    time::Time,
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// A kind of trouble that a world may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Calls fail, before or after they did what they were to do.
    Failures,
    /// Shops make something else of what they are given.
    Rewrites,
    /// Prices and quantities are shown otherwise than the hub has them.
    Rules,
    /// Fields that are not in step both ways.
    OneWay,
    /// Somebody's word counts for a field.
    Authority,
    /// The daemon dies.
    Death,
    /// Settings change while all this goes on.
    Settings,
    /// The daemon's clock and the shops' are hours apart, and the daemon's is put right now and then.
    Clocks,
    /// People add and remove products in the shops, and remove orders.
    Assortment,
    /// The daemon's disk takes nothing for a while.
    Disk,
    /// Shops have orders, and take those of others.
    Orders,
    /// Stock is in several places, which some shops show as one.
    Locations,
    /// Jobs begin by themselves, also in the nights in which clocks are put forward.
    Schedules,
}

/// The kinds of trouble that a world knows, each in so many of a hundred worlds. Many know few, so that what breaks a
/// law is found alone.
const TROUBLES: &[(u64, Trouble)] = &[
    (50, Trouble::Failures),
    (35, Trouble::Rewrites),
    (35, Trouble::Rules),
    (30, Trouble::OneWay),
    (25, Trouble::Authority),
    (50, Trouble::Death),
    (40, Trouble::Settings),
    (30, Trouble::Clocks),
    (30, Trouble::Assortment),
    (30, Trouble::Disk),
    (60, Trouble::Orders),
    (25, Trouble::Locations),
    (15, Trouble::Schedules),
];

/// Where the shops keep what they sell.
const LOCATIONS: [&str; 3] = [DEFAULT_LOCATION, "warehouse", "store"];

pub(super) type Troubles = Vec<Trouble>;

/// In milliseconds.
pub(super) const HOUR: i64 = 3_600_000;

/// The settings that a world begins with.
pub(super) fn settings(chance: &mut Chance, seed: u64) -> (Troubles, Config) {
    let known = TROUBLES.iter().filter(|(share, _)| chance.percent(*share));
    let troubles: Troubles = known.map(|(_, trouble)| *trouble).collect();
    let count = chance.weighed(&[(5, 2), (4, 3), (2, 4), (1, 5), (1, 6)]);
    let ids: Vec<ConnectionId> = (1..=count)
        .map(|number| ConnectionId::parse(&format!("shop-{number}")).expect("a good name"))
        .collect();
    let hub = Hub {
        rates: BTreeMap::from([(
            "EUR".parse::<Currency>().expect("a currency"),
            Decimal::new(110, 2),
        )]),
        authority: authority(chance, &troubles, &ids),
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
        let remote = remote(chance, &troubles, seed);
        if troubles.contains(&Trouble::Locations) {
            policy.stock.locations = shown_at(&remote);
        }
        vary(chance, &troubles, &mut policy);
        let connection = ConnectionConfig {
            policy,
            remote,
            pace: Pace::default(),
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
    (troubles, config)
}

fn authority(
    chance: &mut Chance,
    troubles: &[Trouble],
    ids: &[ConnectionId],
) -> BTreeMap<Field, ConnectionId> {
    if !troubles.contains(&Trouble::Authority) {
        return BTreeMap::new();
    }
    let fields = chance.some(&[Field::Title, Field::Price, Field::Tags, Field::Stock], 40);
    fields
        .into_iter()
        .map(|field| (field, chance.pick(ids)))
        .collect()
}

/// Times at which jobs begin by themselves, by their hours in Berlin.
const CRONTABS: &[&str] = &["30 2 * * *", "0 */3 * * *", "15 4 * * *"];

fn schedule(chance: &mut Chance) -> Option<Schedule> {
    let job = chance.pick(&[ScheduledJob::Fetch, ScheduledJob::Send, ScheduledJob::Sync]);
    let every = Times::Every(Duration::from_secs(chance.pick(&[3600, 4 * 3600])));
    let cron = Times::Cron {
        expression: chance.pick(CRONTABS).to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
    };
    let full_rescan = chance.pick(&[None, Some(Duration::from_secs(5 * 3600))]);
    let times = chance.pick(&[None, Some(every), Some(cron)])?;
    Some(Schedule {
        job,
        times,
        full_rescan,
    })
}

/// Gives a connection other rules.
pub(super) fn vary(chance: &mut Chance, troubles: &[Trouble], policy: &mut Policy) {
    policy.products = Products {
        clone: match chance.below(10) {
            0 => CloneWhich::None,
            1 => CloneWhich::In("stock:in".parse().expect("a set")),
            _ => CloneWhich::All,
        },
        absorb: chance.percent(90),
        fields: fields(chance, troubles, PRODUCT_FIELDS),
        ..Products::default()
    };
    if troubles.contains(&Trouble::Orders) {
        policy.orders = orders(chance, troubles);
    }
    if troubles.contains(&Trouble::Schedules) {
        policy.schedule = schedule(chance);
    }
    if troubles.contains(&Trouble::Rules) {
        policy.prices = prices(chance);
        policy.stock = Stock {
            buffer: Decimal::from(chance.between(0, 2)),
            max: chance.pick(&[None, None, Some(Decimal::from(9))]),
            locations: policy.stock.locations.clone(),
        };
    }
}

/// Fields of products that need not be in step. Without SKUs and barcodes nobody knows what belongs together, and stock
/// is kept by everybody.
const PRODUCT_FIELDS: &[Field] = &[
    Field::Title,
    Field::Description,
    Field::Brand,
    Field::Model,
    Field::Mpn,
    Field::Categories,
    Field::Tags,
    Field::Status,
    Field::Attributes,
    Field::Images,
    Field::Price,
    Field::CompareAtPrice,
    Field::Cost,
    Field::Weight,
];

/// Likewise of orders: one without lines is none.
const ORDER_FIELDS: &[Field] = &[
    Field::Status,
    Field::Payment,
    Field::Fulfilment,
    Field::Shipments,
    Field::Buyer,
    Field::Addresses,
    Field::Note,
];

fn orders(chance: &mut Chance, troubles: &[Trouble]) -> Orders {
    let rules = troubles.contains(&Trouble::Rules);
    let status = chance.pick(&[None, None, Some("on-hold".to_owned())]);
    Orders {
        fetch: chance.percent(90),
        clone: chance.pick(&[
            CloneOrders::None,
            CloneOrders::New { began: None },
            CloneOrders::Since(Time(0)),
        ]),
        fields: fields(chance, troubles, ORDER_FIELDS),
        defaults: OrderDefaults {
            customer: None,
            status: status.filter(|_| rules),
            unmapped_line: chance.pick(&[UnmappedLine::Hold, UnmappedLine::CustomLine]),
        },
    }
}

fn fields(chance: &mut Chance, troubles: &[Trouble], of: &[Field]) -> Fields {
    let share = if troubles.contains(&Trouble::OneWay) { 8 } else { 0 };
    let others = [Mutability::ReadOnly, Mutability::WriteOnly, Mutability::Ignore];
    let fields = chance.some(of, share);
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

/// Moves a shop's clock by so many milliseconds against the daemon's.
pub(super) fn put_on(remote: &mut Map<String, Value>, by: i64) {
    let knob = |remote: &Map<String, Value>, name| remote.get(name).and_then(Value::as_i64).unwrap_or(0);
    let ahead = knob(remote, "clock_ahead") - knob(remote, "clock_behind") + by;
    remote.insert("clock_ahead".to_owned(), ahead.max(0).into());
    remote.insert("clock_behind".to_owned(), (-ahead).max(0).into());
}

/// A shop says no to a place that it does not have, so that it shows with its own what is there.
fn shown_at(remote: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let own = remote["locations"].as_array().expect("a list");
    let (own, elsewhere): (Vec<_>, Vec<_>) = LOCATIONS
        .into_iter()
        .map(str::to_owned)
        .partition(|place| own.iter().any(|own| own == place));
    let mut shown: BTreeMap<_, _> = own
        .into_iter()
        .map(|place| (place.clone(), vec![place]))
        .collect();
    let first = shown.get_mut(DEFAULT_LOCATION).expect("every shop has it");
    first.extend(elsewhere);
    shown
}

/// Pictures have addresses only: drawing them takes more time than everything else together.
pub(super) fn no_pictures() -> Value {
    json!({ "image": 1.0 })
}

/// The `[remote]` table of a demo shop.
fn remote(chance: &mut Chance, troubles: &[Trouble], seed: u64) -> Map<String, Value> {
    let mut remote = json!({
        "products": 2 + chance.below(7),
        "seed": seed % 1000,
        "offset": chance.below(4),
        "differences": chance.pick(&[0.0, 0.3]),
        "page": chance.pick(&[1, 2, 3, 250]),
        "latency": chance.pick(&[0, 3, 20]),
        "failures": no_pictures(),
    });
    if troubles.contains(&Trouble::Orders) {
        remote["orders"] = chance.below(4).into();
        remote["order_tokens"] = chance.pick(&["keep", "keep", "keep", "forget"]).into();
    }
    if troubles.contains(&Trouble::Locations) {
        let beside = chance.some(&LOCATIONS[1..], 50);
        remote["locations"] = [&LOCATIONS[..1], &beside].concat().into();
    }
    if troubles.contains(&Trouble::Failures) {
        let kinds = [
            "page",
            "write",
            "write_after_commit",
            "connection_lost",
            "rate_limit",
            "slow",
            "shifting",
        ];
        for kind in chance.some(&kinds, 50) {
            remote["failures"][kind] = chance.pick(&[0.02, 0.1, 0.25]).into();
        }
    }
    if troubles.contains(&Trouble::Clocks) {
        let table = remote.as_object_mut().expect("it is one");
        put_on(table, HOUR * chance.between(-12, 12));
    }
    if troubles.contains(&Trouble::Rewrites) {
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
