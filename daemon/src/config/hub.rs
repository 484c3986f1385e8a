//! `click2sync.toml`: what all connections share.

use super::{
    Listen, Names,
    secret::{Secret, Secrets},
    source::{Section, Setting, Wrong, nearest_hint},
    value,
};
use http::uri::Authority;
use shared::{
    api::ConfigFault,
    content::Field,
    ids::ConnectionId,
    money::{Currency, Decimal},
    policy::{Hub, SetLimits},
};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
};

/// What `click2sync.toml` says.
#[derive(Debug)]
pub(super) struct HubFile {
    pub(super) listen: SocketAddr,
    pub(super) hosts: Vec<String>,
    pub(super) token: Option<Secret>,
    pub(super) hub: Hub,
    pub(super) sets: SetLimits,
    /// A setting that waits for a restart.
    pub(super) notices: Vec<ConfigFault>,
}

pub(super) fn read(file: &Section, names: &Names, secrets: &Secrets, listen: Listen) -> HubFile {
    let (listen, notices) = read_listen(file, listen);
    let hosts = file
        .read("hosts", |setting| value::list(setting, HOSTS, host))
        .unwrap_or_default();
    let token = file
        .section("auth", |auth| {
            auth.require("token", "{ file = \"PATH\" }", |setting| secrets.read(setting))
        })
        .flatten();
    let (base, rates) = file
        .section("exchange", read_exchange)
        .unwrap_or_else(|| (Hub::default().base, BTreeMap::new()));
    let authority = file
        .section("authority", |section| read_authority(section, names))
        .unwrap_or_default();
    let sets = file.section("sets", read_sets).unwrap_or_default();
    if !listen.ip().is_loopback() && token.is_none() && file.get("auth").is_none() {
        let wrong = Wrong::new(
            format!("everybody who reaches {listen} could use this daemon: a token is required"),
            "Add a table [auth] with token = { file = \"PATH\" }, or listen on 127.0.0.1.",
        );
        match file.get("listen") {
            Some(setting) => setting.note(wrong),
            None => file.note(wrong),
        }
    }
    HubFile {
        listen,
        hosts,
        token,
        hub: Hub {
            base,
            rates,
            authority,
        },
        sets,
        notices,
    }
}

/// The address that counts, and the notice that another one waits for a restart.
fn read_listen(file: &Section, listen: Listen) -> (SocketAddr, Vec<ConfigFault>) {
    const DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7325);
    let setting = file.get("listen");
    let written = setting
        .as_ref()
        .and_then(|setting| setting.parse(address))
        .unwrap_or(DEFAULT);
    match listen {
        Listen::File => (written, Vec::new()),
        Listen::CommandLine(address) => (address, Vec::new()),
        Listen::InForce(address) if address == written => (address, Vec::new()),
        Listen::InForce(address) => {
            let wrong = Wrong::new(
                format!("`listen` is {written} here, and {address} stays in force until a restart"),
                format!("Restart the daemon, or write listen = \"{address}\"."),
            );
            let notice = match setting {
                Some(setting) => setting.fault(wrong),
                None => file.fault(wrong),
            };
            (address, vec![notice])
        }
    }
}

fn address(setting: &Setting) -> Result<SocketAddr, Wrong> {
    const EXAMPLE: &str = "\"127.0.0.1:7325\"";
    let written = value::string(setting, "an address and port in quotes", EXAMPLE)?;
    written
        .replace("localhost:", "127.0.0.1:")
        .parse()
        .map_err(|_| setting.wrong(format!("`{written}` is no address and port"), EXAMPLE))
}

const HOSTS: &str = "[\"nas.local\"]";

/// A name or address under which browsers reach the daemon, with a port or without.
fn host(setting: &Setting) -> Result<String, Wrong> {
    let written = value::string(setting, "a host name in quotes", "\"nas.local\"")?;
    match written.parse::<Authority>() {
        Ok(host) if !written.contains('@') => Ok(host.as_str().to_ascii_lowercase()),
        Ok(_) | Err(_) => Err(setting.wrong(format!("`{written}` is no host name"), "\"nas.local\"")),
    }
}

fn read_exchange(section: &Section) -> (Currency, BTreeMap<Currency, Decimal>) {
    let base = section
        .read("base", value::currency)
        .unwrap_or(Hub::default().base);
    let rates = section.section("rates", |rates| {
        let entry = |(name, setting): (String, Setting)| {
            let currency = match value::parse_currency(&name) {
                Ok(currency) => currency,
                Err(wrong) => {
                    setting.note_key(wrong);
                    return None;
                }
            };
            if currency == base {
                setting.note_key(Wrong::new(
                    format!("{base} is the base currency: its rate is 1 and cannot be set"),
                    "Remove it.",
                ));
                return None;
            }
            Some((currency, setting.parse(value::positive)?))
        };
        rates.all_entries().into_iter().filter_map(entry).collect()
    });
    (base, rates.unwrap_or_default())
}

fn read_authority(section: &Section, names: &Names) -> BTreeMap<Field, ConnectionId> {
    let entry = |(name, setting): (String, Setting)| {
        let connection = setting.parse(|setting| {
            let written = value::string(setting, "the id of a connection", "\"main-shop\"")?;
            names.connection(written)
        });
        match value::field(&name) {
            Ok(field) => Some((field, connection?)),
            Err(wrong) => {
                setting.note_key(wrong);
                None
            }
        }
    };
    section.all_entries().into_iter().filter_map(entry).collect()
}

fn read_sets(section: &Section) -> SetLimits {
    let default = SetLimits::default();
    SetLimits {
        low_stock: section
            .read("low_stock", value::positive)
            .unwrap_or(default.low_stock),
        low_price: section
            .read("low_price", value::amount)
            .unwrap_or(default.low_price),
    }
}

impl Names {
    /// The connection of this id, if it is configured.
    pub(super) fn connection(&self, written: &str) -> Result<ConnectionId, Wrong> {
        let found = self.connections.iter().find(|id| id.as_str() == written);
        found.cloned().ok_or_else(|| {
            let ids: Vec<&str> = self.connections.iter().map(ConnectionId::as_str).collect();
            let hint = if ids.is_empty() {
                format!("Add connections/{written}.toml.")
            } else {
                nearest_hint(written, &ids)
            };
            Wrong::new(format!("there is no connection `{written}`"), hint)
        })
    }
}
