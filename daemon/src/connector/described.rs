//! The platforms as the API shows them.

use super::{PLATFORMS, Platform, RemoteKey, RemoteType};
use shared::api;

/// Every platform there is, with the keys of its `[remote]` table.
pub fn platforms() -> Vec<api::Platform> {
    PLATFORMS.iter().copied().map(platform).collect()
}

fn platform(platform: &Platform) -> api::Platform {
    let &Platform {
        name,
        title,
        description,
        fields,
        stock: _,
        orders,
        incremental,
        webhook,
        remote,
        connect: _,
    } = platform;
    api::Platform {
        name: name.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        fields: fields.iter().map(|field| field.name().to_owned()).collect(),
        orders: orders.is_some(),
        incremental,
        webhooks: webhook.is_some(),
        remote: remote.iter().map(key).collect(),
    }
}

fn key(key: &RemoteKey) -> api::RemoteKey {
    let &RemoteKey {
        name,
        ref value,
        default,
        required,
        description,
    } = key;
    let (kind, choices, keys): (_, &[&str], &[RemoteKey]) = match value {
        RemoteType::Text => ("text", &[], &[]),
        RemoteType::Number => ("number", &[], &[]),
        RemoteType::Duration => ("duration", &[], &[]),
        RemoteType::Share => ("share", &[], &[]),
        RemoteType::Path => ("path", &[], &[]),
        RemoteType::Secret => ("secret", &[], &[]),
        RemoteType::Choice(choices) => ("choice", choices, &[]),
        RemoteType::Choices(choices) => ("list", choices, &[]),
        RemoteType::Table(keys) => ("table", &[], keys),
    };
    api::RemoteKey {
        name: name.to_owned(),
        r#type: kind.to_owned(),
        required,
        default: default.map(str::to_owned),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        description: description.to_owned(),
        keys: keys.iter().map(self::key).collect(),
    }
}
