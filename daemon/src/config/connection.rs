//! `connections/ID.toml`: the settings of one connection.

use super::{
    Names, remote,
    secret::Secrets,
    source::{Section, Setting, Wrong, nearest, nearest_hint},
    value,
};
use crate::connector::{PLATFORMS, platform};
use serde_json::{Map, Value};
use shared::{
    content::Field,
    ids::ConnectionId,
    money::Decimal,
    policy::{
        CloneOrders, CloneWhich, Defaults, Fields, Guards, Hub, MatchBy, Mutability, OrderDefaults, Orders,
        Pace, Policy, Prices, Products, Round, RoundMode, Schedule, ScheduledJob, SendMode, Stock, Times,
        UnmappedLine,
    },
    product::Status,
    set::{Set, SetExpression},
};
use std::collections::BTreeMap;

const MUTABILITIES: [(&str, Mutability); 4] = [
    ("sync", Mutability::Sync),
    ("read-only", Mutability::ReadOnly),
    ("write-only", Mutability::WriteOnly),
    ("ignore", Mutability::Ignore),
];

/// The connection's policy, its `[remote]` table and its pace.
pub(super) fn read(
    id: &ConnectionId,
    hub: &Hub,
    file: &Section,
    names: &Names,
    secrets: &Secrets,
) -> (Policy, Map<String, Value>, Pace) {
    let name = file.read("name", value::text).unwrap_or_else(|| id.to_string());
    let platform = file.require("platform", "\"demo\"", read_platform);
    // Without the platform nobody knows what its table holds.
    let remote = match (platform, file.get("remote")) {
        (None, _) => Map::new(),
        (Some(platform), None) => {
            if let Some(key) = platform.remote.iter().find(|key| key.required) {
                let message = format!(
                    "there is no [remote] table, and {} needs its `{}`",
                    platform.name, key.name
                );
                file.missing("remote", message, &format!("{{ {} = ... }}", key.name));
            }
            remote::defaults(platform.remote, secrets)
        }
        (Some(platform), Some(setting)) => setting
            .parse(|setting| setting.table("{ ... }"))
            .map(|section| remote::read(platform.remote, &section, secrets))
            .unwrap_or_default(),
    };
    let policy = Policy {
        connection: id.clone(),
        name,
        platform: platform.map_or("", |platform| platform.name).to_owned(),
        schedule: file.section("schedule", read_schedule).flatten(),
        products: file
            .section("products", |section| read_products(section, names))
            .unwrap_or_default(),
        prices: file.section("prices", read_prices).unwrap_or_default(),
        stock: file.section("stock", read_stock).unwrap_or_default(),
        orders: file.section("orders", read_orders).unwrap_or_default(),
        send: file.section("send", read_send).unwrap_or_default(),
        guards: file.section("guards", read_guards).unwrap_or_default(),
        hub: hub.clone(),
    };
    let pace = file.section("pace", read_pace).unwrap_or_default();
    (policy, remote, pace)
}

fn read_platform(setting: &Setting) -> Result<&'static crate::connector::Platform, Wrong> {
    let written = value::string(setting, "the name of a platform", "\"demo\"")?;
    platform(written).ok_or_else(|| {
        let names: Vec<&str> = PLATFORMS.iter().map(|platform| platform.name).collect();
        Wrong::new(
            format!("there is no platform `{written}`"),
            nearest_hint(written, &names),
        )
    })
}

fn read_schedule(section: &Section) -> Option<Schedule> {
    const EVERY: &str = "\"15m\"";
    let job = section.read("job", |setting| {
        value::one_of(
            setting,
            &[
                ("sync", ScheduledJob::Sync),
                ("fetch", ScheduledJob::Fetch),
                ("send", ScheduledJob::Send),
            ],
        )
    });
    let full_rescan = section.read("full_rescan", value::interval);
    let every = section.read("every", value::interval);
    let cron = section.read("cron", cron);
    let time_zone = section.read("time_zone", time_zone);
    let times = match (section.get("every"), section.get("cron")) {
        (Some(_), Some(cron)) => {
            cron.note_key(Wrong::new(
                "`every` and `cron` are both given",
                "Keep one of them, and remove the other.",
            ));
            None
        }
        (Some(_), None) => {
            if let Some(setting) = section.get("time_zone") {
                setting.note_key(Wrong::new(
                    "`time_zone` belongs to `cron`, and there is none",
                    "Remove it: `every` needs no time zone.",
                ));
            }
            every.map(Times::Every)
        }
        (None, Some(_)) => cron.map(|expression| Times::Cron {
            expression,
            time_zone: time_zone.unwrap_or_else(system_time_zone),
        }),
        (None, None) => {
            section.missing("every", "[schedule] does not say when".to_owned(), EVERY);
            None
        }
    };
    Some(Schedule {
        job: job.unwrap_or(ScheduledJob::Sync),
        times: times?,
        full_rescan,
    })
}

/// Five fields, as `crontab` has them.
fn cron(setting: &Setting) -> Result<String, Wrong> {
    const EXAMPLE: &str = "\"*/10 8-20 * * *\" (minute, hour, day, month, day of the week)";
    let written = value::string(setting, "a cron expression in quotes", EXAMPLE)?;
    let fields = written.split_whitespace().count();
    if fields != 5 {
        let message = format!("a cron expression has five fields, this one has {fields}");
        return Err(setting.wrong(message, EXAMPLE));
    }
    let expression = cronexpr::normalize_crontab(written);
    match cronexpr::parse_crontab(&format!("{expression} UTC")) {
        Ok(_) => Ok(expression),
        Err(error) => {
            let error = error.to_string();
            let reason = error
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches([' ', '^']);
            Err(setting.wrong(format!("`{written}` is no cron expression: {reason}"), EXAMPLE))
        }
    }
}

fn time_zone(setting: &Setting) -> Result<String, Wrong> {
    const EXAMPLE: &str = "\"America/Mexico_City\"";
    let written = value::string(setting, "the name of a time zone", EXAMPLE)?;
    if let Ok(zone) = jiff::tz::TimeZone::get(written) {
        return Ok(zone.iana_name().unwrap_or(written).to_owned());
    }
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let longer = known
        .iter()
        .find(|name| name.contains(written))
        .map(String::as_str);
    let message = format!("there is no time zone `{written}`");
    // With hundreds of names only a near one helps.
    Err(match longer.or_else(|| nearest(written, &known)) {
        Some(name) => Wrong::new(message, format!("Did you mean `{name}`?")),
        None => setting.wrong(message, EXAMPLE),
    })
}

fn system_time_zone() -> String {
    let zone = jiff::tz::TimeZone::system();
    zone.iana_name().unwrap_or("UTC").to_owned()
}

fn read_products(section: &Section, names: &Names) -> Products {
    let default = Products::default();
    let options = section.section("options", read_options).unwrap_or_default();
    Products {
        fetch: section.read("fetch", value::flag).unwrap_or(default.fetch),
        absorb: section.read("absorb", value::flag).unwrap_or(default.absorb),
        clone: section
            .read("clone", |setting| clone_which(setting, names))
            .unwrap_or(default.clone),
        match_by: section.read("match_by", match_by).unwrap_or(default.match_by),
        fields: section
            .section("fields", |section| read_fields(section, &Field::PRODUCT))
            .unwrap_or_default(),
        defaults: section.section("defaults", read_defaults).unwrap_or_default(),
        options: default.options.into_iter().chain(options).collect(),
    }
}

fn match_by(setting: &Setting) -> Result<Vec<MatchBy>, Wrong> {
    value::list(setting, "[\"sku\", \"barcode\"]", |element| {
        value::one_of(element, &[("sku", MatchBy::Sku), ("barcode", MatchBy::Barcode)])
    })
}

/// true, false, or sets that must all hold.
fn clone_which(setting: &Setting, names: &Names) -> Result<CloneWhich, Wrong> {
    const EXAMPLE: &str = "true, false or sets such as \"brand:nike stock:in\"";
    let Some(written) = setting.plain().and_then(toml_edit::Value::as_str) else {
        return match value::flag(setting) {
            Ok(true) => Ok(CloneWhich::All),
            Ok(false) => Ok(CloneWhich::None),
            Err(_) => Err(setting.wrong_type("true, false or sets in quotes", EXAMPLE)),
        };
    };
    let expression: SetExpression = written
        .parse()
        .map_err(|error| setting.wrong(format!("{error}"), EXAMPLE))?;
    for set in &expression.0 {
        check_set(set, names)?;
        if let Set::Pending { .. } = set {
            return Err(Wrong::new(
                format!("`{set}` follows from what is cloned, so `clone` cannot follow from it"),
                "Use sets of what is there already, such as `on:main-shop` or `status:published@main-shop`.",
            ));
        }
    }
    Ok(CloneWhich::In(expression))
}

/// What a set names has to be there; a brand or a size may still come.
fn check_set(set: &Set, names: &Names) -> Result<(), Wrong> {
    match set {
        Set::On(connection) => names.connection(connection).map(drop),
        Set::Platform(name) => check_platform(name),
        Set::With(field) | Set::Without(field) => value::field(field).map(drop),
        Set::Status { at, .. } | Set::Category { at, .. } | Set::Pending { at, .. } => names
            .connection(at)
            .map(drop)
            .or_else(|wrong| match platform(at) {
                Some(_) => Ok(()),
                None => Err(wrong),
            }),
        Set::Brand(_)
        | Set::Size(_)
        | Set::Color(_)
        | Set::Barcode(_)
        | Set::Issues { .. }
        | Set::Stock(_)
        | Set::Price(_) => Ok(()),
        Set::Placed(_) => Err(Wrong::new(
            format!("`{set}` is a set of orders, and `clone` takes sets of products"),
            "Use sets such as `brand:nike` or `stock:in`.",
        )),
    }
}

fn check_platform(name: &str) -> Result<(), Wrong> {
    if platform(name).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = PLATFORMS.iter().map(|platform| platform.name).collect();
    Err(Wrong::new(
        format!("there is no platform `{name}`"),
        nearest_hint(name, &names),
    ))
}

fn mutability(setting: &Setting) -> Result<Mutability, Wrong> {
    value::one_of(setting, &MUTABILITIES)
}

fn read_fields(section: &Section, known: &[Field]) -> Fields {
    let mut fields = Fields::default();
    let names: Vec<&str> = known.iter().map(|field| field.name()).collect();
    for (name, value) in read_mutabilities(section, &names) {
        match Field::parse(&name) {
            Some(field) => {
                fields.by_field.insert(field, value);
            }
            None => fields.default = value,
        }
    }
    fields
}

/// Mutabilities by name, `default` among them.
fn read_mutabilities(section: &Section, names: &[&'static str]) -> Vec<(String, Mutability)> {
    let known: Vec<&str> = std::iter::once("default").chain(names.iter().copied()).collect();
    let entry = |(name, setting): (String, Setting)| {
        if known.contains(&name.as_str()) {
            return Some((name, setting.parse(mutability)?));
        }
        setting.note_key(Wrong::new(
            format!("there is no field `{name}`"),
            nearest_hint(&name, &known),
        ));
        None
    };
    section.all_entries().into_iter().filter_map(entry).collect()
}

fn read_defaults(section: &Section) -> Defaults {
    Defaults {
        category: section.read("category", value::text),
        status: section.read("status", |setting| {
            value::one_of(setting, &Status::ALL.map(|status| (status.name(), status)))
        }),
    }
}

fn read_options(section: &Section) -> BTreeMap<String, Vec<String>> {
    let mut options: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in ["color", "size"] {
        if let Some(names) = section.read(name, |setting| value::list(setting, "[\"Color\"]", value::text)) {
            let twice = options
                .values()
                .flatten()
                .find(|other| names.contains(other))
                .cloned();
            if let Some(twice) = twice {
                section.note(Wrong::new(
                    format!("the option name `{twice}` means both color and size"),
                    "Leave it in one of the two lists.",
                ));
            }
            options.insert(name.to_owned(), names);
        }
    }
    options
}

fn read_prices(section: &Section) -> Prices {
    let mode = section.read("mode", |setting| {
        value::one_of(
            setting,
            &[
                ("nearest", RoundMode::Nearest),
                ("up", RoundMode::Up),
                ("down", RoundMode::Down),
            ],
        )
    });
    Prices {
        currency: section.read("currency", value::currency),
        margin: section.read("margin", margin).unwrap_or_default(),
        add: section.read("add", value::decimal).unwrap_or_default(),
        round: section.read("round", value::round_to).map(|to| Round {
            to,
            mode: mode.unwrap_or_default(),
        }),
    }
}

fn margin(setting: &Setting) -> Result<Decimal, Wrong> {
    let margin = value::percent(setting)?;
    if margin <= Decimal::from(-100) {
        return Err(setting.wrong("a margin of -100% or less leaves no price", "\"-10%\""));
    }
    Ok(margin)
}

fn read_stock(section: &Section) -> Stock {
    Stock {
        buffer: section.read("buffer", value::amount).unwrap_or_default(),
        max: section.read("max", value::amount),
        locations: section.section("locations", read_locations).unwrap_or_default(),
    }
}

/// A hub location that is shown at two places would be sold twice.
fn read_locations(section: &Section) -> BTreeMap<String, Vec<String>> {
    let mut locations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, setting) in section.all_entries() {
        let shown = setting.parse(|setting| {
            let shown = value::list(setting, "[\"main\"]", value::text)?;
            let mut others = locations.iter();
            let twice = others.find_map(|(place, others)| {
                let twice = others.iter().find(|other| shown.contains(other))?;
                Some((place, twice))
            });
            match twice {
                Some((place, twice)) => Err(Wrong::new(
                    format!("the stock of `{twice}` is shown at `{place}` already: it would be sold twice"),
                    "Name each of the hub's locations once.",
                )),
                None => Ok(shown),
            }
        });
        locations.insert(name, shown.unwrap_or_default());
    }
    locations
}

fn read_orders(section: &Section) -> Orders {
    let default = Orders::default();
    let since = section.read("clone_since", value::instant);
    Orders {
        fetch: section.read("fetch", value::flag).unwrap_or(default.fetch),
        clone: match (section.read("clone", value::flag), since) {
            (None | Some(false), _) => default.clone,
            (Some(true), None) => CloneOrders::New { began: None },
            (Some(true), Some(since)) => CloneOrders::Since(since),
        },
        fields: section
            .section("fields", |section| read_fields(section, &Field::ORDER))
            .unwrap_or_default(),
        defaults: section
            .section("defaults", |section| OrderDefaults {
                customer: section.read("customer", value::text),
                status: section.read("status", value::text),
                unmapped_line: section.read("unmapped_line", unmapped_line).unwrap_or_default(),
            })
            .unwrap_or_default(),
    }
}

fn unmapped_line(setting: &Setting) -> Result<UnmappedLine, Wrong> {
    value::one_of(
        setting,
        &[
            ("hold", UnmappedLine::Hold),
            ("custom-line", UnmappedLine::CustomLine),
        ],
    )
}

fn read_send(section: &Section) -> SendMode {
    section
        .read("mode", |setting| {
            value::one_of(setting, &[("auto", SendMode::Auto), ("review", SendMode::Review)])
        })
        .unwrap_or_default()
}

fn read_guards(section: &Section) -> Guards {
    let default = Guards::default();
    let (by, of) = section
        .section("price_change", |section| {
            (
                section.read("by", value::distance),
                section.read("of", value::share),
            )
        })
        .unwrap_or_default();
    Guards {
        zero_stock: section
            .read("zero_stock", value::share)
            .unwrap_or(default.zero_stock),
        price_change_by: by.unwrap_or(default.price_change_by),
        price_change_of: of.unwrap_or(default.price_change_of),
        vanish: section.read("vanish", value::share).unwrap_or(default.vanish),
    }
}

fn read_pace(section: &Section) -> Pace {
    Pace {
        at_once: section
            .read("at_once", at_once)
            .unwrap_or(Pace::default().at_once),
        per_second: section.read("per_second", value::positive),
    }
}

/// More at once than any shop takes is a slip of the finger.
fn at_once(setting: &Setting) -> Result<u32, Wrong> {
    const MOST: u32 = 100;
    let calls = value::whole(setting)?;
    u32::try_from(calls)
        .ok()
        .filter(|calls| (1..=MOST).contains(calls))
        .ok_or_else(|| setting.wrong(format!("`at_once` is from 1 to {MOST} calls"), "4"))
}
