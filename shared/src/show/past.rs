//! An item's history as the API shows it: field by field, and the movements behind its quantities.

use super::Sight;
use crate::{
    api,
    content::{Change, Field, Leaf, Path},
    history::{Cause, Decided, Deed, Entry},
    ids::{ConnectionId, JobId, Key},
    item::Author,
    sync::explain::{Explained, Movement, explain},
    time::Time,
};
use std::collections::BTreeSet;

impl Sight<'_> {
    /// Every change of the item's own values, the latest first.
    pub fn history(&self, history: &[Entry]) -> Vec<api::Past> {
        let told = |entry: &Entry| {
            let Entry { cause, deed, changes } = entry;
            let (at, by, job) = who(cause);
            let (decided, connection): (Option<Decided>, _) = match deed {
                Deed::Changed => (None, by),
                Deed::Decided(decided, connection) => (Some(*decided), Some(connection.clone())),
            };
            let past = |change: &Change| {
                let Change { path, old, new } = change;
                let value = |value: &Option<_>| match value {
                    Some(value) => self.value(value),
                    None => serde_json::Value::Null,
                };
                api::Past {
                    at,
                    path: path.to_string(),
                    old: value(old),
                    new: value(new),
                    connection: connection.clone(),
                    job,
                    decided,
                }
            };
            changes.iter().map(past).collect::<Vec<_>>()
        };
        history.iter().rev().flat_map(told).collect()
    }

    /// Every quantity that the item has or had, and the movements behind it.
    pub fn quantities(&self, history: &[Entry]) -> Vec<api::Quantity> {
        let now = self.item.content.iter().map(|(path, _)| path);
        let before = history
            .iter()
            .filter(|entry| entry.deed == Deed::Changed)
            .flat_map(|entry| entry.changes.iter().map(|change| &change.path));
        let counted: BTreeSet<(Key, &str)> = now.chain(before).filter_map(location).collect();
        let told = |(variant, location): (Key, &str)| {
            let Explained {
                first,
                movements,
                quantity,
            } = explain(&self.item.content, history, variant, location);
            let sku = Path::variant_field(variant, Field::Sku);
            api::Quantity {
                variant: variant.to_string(),
                sku: self.item.content.text(&sku).to_owned(),
                location: location.to_owned(),
                quantity,
                first,
                movements: movements.into_iter().map(movement).collect(),
            }
        };
        counted.into_iter().map(told).collect()
    }
}

fn location(path: &Path) -> Option<(Key, &str)> {
    match (path.part, &path.leaf) {
        (crate::content::Part::Variant(key), Leaf::Stock(location)) => Some((key, location)),
        _ => None,
    }
}

fn movement(Movement { cause, by, after }: Movement) -> api::Movement {
    let (at, connection, job) = who(&cause);
    api::Movement {
        at,
        by,
        after,
        connection,
        job,
    }
}

fn who(Cause { at, by, job }: &Cause) -> (Time, Option<ConnectionId>, Option<JobId>) {
    let connection = match by {
        Author::Connection(connection) => Some(connection.clone()),
        Author::Person => None,
    };
    (*at, connection, *job)
}
