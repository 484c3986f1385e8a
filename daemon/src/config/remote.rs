//! The `[remote]` table of a connection, as its platform's data describes it.

use super::{
    secret::Secrets,
    source::{Section, Setting, Wrong, nearest_hint},
    value,
};
use crate::connector::{RemoteKey, RemoteType};
use serde_json::{Map, Value};
use shared::money::Decimal;

/// The table with defaults filled in, secrets resolved and paths made absolute, as the connector gets it.
pub(super) fn read(keys: &'static [RemoteKey], section: &Section, secrets: &Secrets) -> Map<String, Value> {
    let mut table = Map::new();
    for key in keys {
        let value = match section.get(key.name) {
            Some(setting) => setting.parse(|setting| read_key(key, setting, secrets)),
            None if key.required => {
                let message = format!("`{}` is missing: {}", key.name, lower_first(key.description));
                section.missing(key.name, message, example(&key.value));
                None
            }
            None => default(key, secrets),
        };
        if let Some(value) = value {
            table.insert(key.name.to_owned(), value);
        }
    }
    section.finish();
    table
}

/// What a connector gets where there is no `[remote]` table, or a table within it is left out.
pub(super) fn defaults(keys: &'static [RemoteKey], secrets: &Secrets) -> Map<String, Value> {
    keys.iter()
        .filter_map(|key| Some((key.name.to_owned(), default(key, secrets)?)))
        .collect()
}

fn default(key: &'static RemoteKey, secrets: &Secrets) -> Option<Value> {
    if let RemoteType::Table(keys) = key.value {
        let table = defaults(keys, secrets);
        return (!table.is_empty()).then_some(Value::Object(table));
    }
    let written = key.default?;
    let value = match key.value {
        RemoteType::Number => Value::from(written.parse::<u64>().ok()?),
        RemoteType::Choices(_) => written
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect(),
        RemoteType::Path => Value::from(secrets.dir().join(written).to_string_lossy()),
        RemoteType::Duration => milliseconds(value::parse_duration(written)?),
        RemoteType::Share => fraction(written.strip_suffix('%')?.parse().ok()?),
        RemoteType::Text | RemoteType::Secret | RemoteType::Choice(_) | RemoteType::Table(_) => {
            Value::from(written)
        }
    };
    Some(value)
}

fn read_key(key: &'static RemoteKey, setting: &Setting, secrets: &Secrets) -> Result<Value, Wrong> {
    Ok(match &key.value {
        RemoteType::Text => value::text(setting)?.into(),
        RemoteType::Number => value::whole(setting)?.into(),
        RemoteType::Duration => milliseconds(value::duration(setting)?),
        RemoteType::Share => fraction(value::share(setting)?),
        RemoteType::Path => secrets.dir().join(value::text(setting)?).to_string_lossy().into(),
        RemoteType::Secret => secrets.read(setting)?.expose().into(),
        RemoteType::Choice(choices) => choice(setting, choices)?.into(),
        RemoteType::Choices(choices) => {
            value::list(setting, "[\"...\"]", |element| choice(element, choices))?.into()
        }
        RemoteType::Table(keys) => Value::Object(read(keys, &setting.table("{ ... }")?, secrets)),
    })
}

fn choice(setting: &Setting, choices: &'static [&'static str]) -> Result<&'static str, Wrong> {
    let written = value::string(setting, "a word in quotes", "\"...\"")?;
    let found = choices.iter().find(|choice| **choice == written);
    found.copied().ok_or_else(|| {
        Wrong::new(
            format!("`{written}` is not known for `{}`", setting.key()),
            nearest_hint(written, choices),
        )
    })
}

fn milliseconds(duration: std::time::Duration) -> Value {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).into()
}

/// Per cent as the share of one.
fn fraction(percent: Decimal) -> Value {
    let hundredth = Decimal::new(1, 2).0;
    let share = (percent.0 * hundredth).normalize().to_string();
    share.parse::<f64>().map_or(Value::Null, Value::from)
}

/// A value of this type, for a hint.
fn example(value: &RemoteType) -> &'static str {
    match value {
        RemoteType::Text | RemoteType::Choice(_) => "\"...\"",
        RemoteType::Number => "100",
        RemoteType::Duration => "\"15m\"",
        RemoteType::Share => "\"5%\"",
        RemoteType::Path => "\"PATH\"",
        RemoteType::Secret => "{ env = \"NAME\" }, { file = \"PATH\" } or \"...\"",
        RemoteType::Choices(_) => "[\"...\"]",
        RemoteType::Table(_) => "{ ... }",
    }
}

/// A description as the end of a sentence.
fn lower_first(description: &str) -> String {
    let mut letters = description.trim_end_matches('.').chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::source::Source, connector::PLATFORMS};
    use serde_json::json;
    use shared::api::ConfigFault;
    use std::path::Path;
    use toml_edit::Document;

    const fn key(name: &'static str, value: RemoteType) -> RemoteKey {
        RemoteKey {
            name,
            value,
            default: None,
            required: false,
            description: "",
        }
    }

    /// One key of every type.
    static KEYS: &[RemoteKey] = &[
        RemoteKey {
            required: true,
            description: "The address of the shop.",
            ..key("url", RemoteType::Text)
        },
        RemoteKey {
            default: Some("100"),
            ..key("products", RemoteType::Number)
        },
        RemoteKey {
            default: Some("20ms"),
            ..key("latency", RemoteType::Duration)
        },
        key("path", RemoteType::Path),
        key("key", RemoteType::Secret),
        RemoteKey {
            default: Some("auto"),
            ..key("format", RemoteType::Choice(&["auto", "shopify"]))
        },
        key("rewrites", RemoteType::Choices(&["round", "trim"])),
        key(
            "failures",
            RemoteType::Table(&[RemoteKey {
                default: Some("0%"),
                ..key("lost", RemoteType::Share)
            }]),
        ),
    ];

    fn read_text(text: &str) -> (Value, Vec<ConfigFault>) {
        let document = Document::parse(text).unwrap();
        let source = Source::new("connections/shop.toml", text);
        let table = read(
            KEYS,
            &source.root(document.as_table()),
            &Secrets::new(Path::new("/config")),
        );
        (Value::Object(table), source.into_faults())
    }

    #[test]
    fn a_connector_gets_what_its_platform_describes() {
        let defaults = json!({
            "url": "u", "products": 100, "latency": 20, "format": "auto", "failures": {"lost": 0.0},
        });
        assert_eq!(read_text("url = \"u\""), (defaults, Vec::new()));
        let text = "url = \"u\"\nproducts = 7\nlatency = \"1s\"\npath = \"in/x.csv\"\nkey = \"k\"\n\
                    format = \"shopify\"\nrewrites = [\"trim\"]\nfailures = { lost = \"5%\" }";
        let given = json!({
            "url": "u", "products": 7, "latency": 1000, "path": "/config/in/x.csv", "key": "k", "format": "shopify",
            "rewrites": ["trim"], "failures": {"lost": 0.05},
        });
        assert_eq!(read_text(text), (given, Vec::new()));
    }

    #[test]
    fn what_a_platform_does_not_describe_is_a_fault() {
        for (text, place, message, hint) in [
            (
                "",
                "1:1",
                "`url` is missing: the address of the shop",
                "Add url = ",
            ),
            (
                "url = \"u\"\nproducts = -1",
                "2:12",
                "less than 0",
                "products = 0",
            ),
            (
                "url = \"u\"\nproducts = \"7\"",
                "2:12",
                "takes a whole number, not a text",
                "products = 100",
            ),
            ("url = \"u\"\nlatency = 20", "2:11", "takes a duration", "15m"),
            (
                "url = \"u\"\nformat = \"shopyfy\"",
                "2:10",
                "`shopyfy` is not known",
                "Did you mean `shopify`?",
            ),
            (
                "url = \"u\"\nrewrites = [\"trim\", \"rond\"]",
                "2:21",
                "`rond` is not known",
                "`round`",
            ),
            (
                "url = \"u\"\nfailures = { lots = \"1%\" }",
                "2:14",
                "no setting `lots`",
                "`lost`",
            ),
            (
                "url = \"u\"\nfailures = { lost = \"101%\" }",
                "2:21",
                "from 0% to 100%",
                "30%",
            ),
            ("url = \"u\"\nkey = 12345", "2:7", "takes a secret", "env"),
            (
                "ulr = \"u\"\nurl = \"u\"",
                "1:1",
                "no setting `ulr`",
                "Did you mean `url`?",
            ),
        ] {
            let (_, faults) = read_text(text);
            assert_eq!(faults.len(), 1, "{faults:#?} of {text}");
            let fault = &faults[0];
            assert_eq!(format!("{}:{}", fault.line, fault.column), place, "{fault:#?}");
            assert!(fault.message.contains(message), "{fault:#?}");
            assert!(
                fault.hint.as_ref().is_some_and(|given| given.contains(hint)),
                "{fault:#?}"
            );
        }
    }

    #[test]
    fn every_default_of_every_platform_can_be_taken() {
        fn check(keys: &'static [RemoteKey], secrets: &Secrets) {
            for key in keys {
                assert!(
                    key.default.is_none() || default(key, secrets).is_some(),
                    "the default {:?} of {} cannot be taken",
                    key.default,
                    key.name
                );
                if let RemoteType::Table(keys) = key.value {
                    check(keys, secrets);
                }
            }
        }
        for platform in PLATFORMS {
            check(platform.remote, &Secrets::new(Path::new("/")));
        }
    }

    #[test]
    fn a_share_is_handed_over_without_noise() {
        for (percent, share) in [("12", 0.12), ("0.5", 0.005), ("100", 1.0), ("0", 0.0)] {
            assert_eq!(fraction(percent.parse().unwrap()), Value::from(share));
        }
    }
}
