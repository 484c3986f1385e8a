//! A config file as JSON, without its secrets.

use super::patch::PatchError;
use crate::connector::{RemoteKey, RemoteType, platform};
use serde_json::Value as Json;
use toml_edit::{Document, Item, Table, TableLike, Value};

/// The file as JSON. Literal secrets show as `{"secret":"set"}`; references to secrets are shown.
pub fn settings_json(text: &str) -> Result<Json, PatchError> {
    let document = Document::parse(text).map_err(|_| PatchError::Syntax)?;
    let root = document.as_table();
    Ok(json_of_table(root, &mut Vec::new(), root))
}

/// What [`settings_json`] shows for a literal secret.
pub(super) fn mask() -> Json {
    serde_json::json!({ "secret": "set" })
}

fn json_of_table(table: &dyn TableLike, path: &mut Vec<String>, root: &Table) -> Json {
    let entry = |(key, item): (&str, &Item)| {
        path.push(key.to_owned());
        let json = json_of_item(item, path, root);
        path.pop();
        (key.to_owned(), json)
    };
    Json::Object(table.iter().map(entry).collect())
}

fn json_of_item(item: &Item, path: &mut Vec<String>, root: &Table) -> Json {
    if is_secret(path, root) {
        match (item.as_table_like(), item) {
            (Some(reference), _) => return shown_reference(reference),
            (None, Item::Value(Value::Boolean(_) | Value::Integer(_) | Value::Float(_))) => {}
            (None, _) => return mask(),
        }
    }
    match item {
        Item::None => Json::Null,
        Item::Value(Value::InlineTable(table)) => json_of_table(table, path, root),
        Item::Value(value) => plain_json(value),
        Item::Table(table) => json_of_table(table, path, root),
        Item::ArrayOfTables(tables) => {
            let tables = tables.iter().map(|table| json_of_table(table, path, root));
            Json::Array(tables.collect())
        }
    }
}

/// Nothing but what a reference to a secret may consist of.
fn shown_reference(reference: &dyn TableLike) -> Json {
    let shown = ["env", "file"]
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), reference.get(key)?.as_str()?.into())));
    Json::Object(shown.collect())
}

pub(super) fn plain_json(value: &Value) -> Json {
    match value {
        Value::String(text) => text.value().as_str().into(),
        Value::Integer(number) => (*number.value()).into(),
        Value::Float(number) => (*number.value()).into(),
        Value::Boolean(flag) => (*flag.value()).into(),
        Value::Datetime(time) => time.value().to_string().into(),
        Value::Array(values) => values.iter().map(plain_json).collect(),
        Value::InlineTable(table) => {
            let entries = table
                .iter()
                .map(|(key, value)| (key.to_owned(), plain_json(value)));
            Json::Object(entries.collect())
        }
    }
}

/// The platform keeps a secret at this path, or may do so as far as anybody knows.
fn is_secret(path: &[String], root: &Table) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path[..] {
        ["auth", "token"] => true,
        ["remote", ref keys @ ..] if !keys.is_empty() => {
            let name = root.get("platform").and_then(Item::as_str).unwrap_or_default();
            match platform(name) {
                Some(platform) => holds_secret(platform.remote, keys),
                None => keys.len() == 1,
            }
        }
        _ => false,
    }
}

fn holds_secret(known: &[RemoteKey], path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    let key = known.iter().find(|key| key.name == *first);
    match key.map(|key| &key.value) {
        Some(RemoteType::Table(keys)) => holds_secret(keys, rest),
        // What nobody knows may be the mistyped name of a secret.
        Some(RemoteType::Secret) | None => rest.is_empty(),
        Some(_) => false,
    }
}
