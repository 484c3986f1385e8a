//! What a platform answered to a write of an order becomes what we know of it: what happened, not what was intended.
//!
//! Intents, refusals and unclear answers are as for products: see [`crate::sync::acknowledge`].

use super::{Resolve, matching::pair, read::read};
use crate::{
    content::{Content, Detail, Field, Part, Path, Value},
    ids::Key,
    issue::{Code, Issue},
    item::{Equivalence, Item, Presence},
    order::Record,
    policy::Policy,
    sync::{
        acknowledge::{acknowledged, without_refusals},
        review::written,
    },
    time::Time,
};

/// Takes in the record that a platform answered to a write, and says the first key that is still free.
///
/// At the paths that were sent, what it shows now is acknowledged, and what was sent is remembered where that differs.
/// Elsewhere the last acknowledged values stay, so that a change made there meanwhile is still seen as one by the next
/// fetch.
pub fn acknowledge(
    item: &Item,
    equivalence: Equivalence,
    record: &Record,
    resolve: &Resolve<'_>,
    policy: &Policy,
    now: Time,
) -> (Equivalence, Key) {
    let mut equivalence = equivalence;
    let mut sent = equivalence
        .sending
        .take()
        .map(|sending| sending.values)
        .unwrap_or_default();
    let known_before = equivalence.is_live();
    let pairing = pair(&record.order, item, &equivalence, &sent, resolve);
    let shown = read(record, &pairing, resolve);
    let sent_paths: Vec<&Path> = sent.iter().map(|(path, _)| path).collect();
    let mut after = if known_before {
        acknowledged(&equivalence.acknowledged, &shown, &sent_paths)
    } else {
        created(&shown, &item.content)
    };
    let read_at = Path::detail(Detail::UpdatedAt);
    let later = later(equivalence.acknowledged.get(&read_at), shown.get(&read_at));
    after.put(read_at, later);
    equivalence.acknowledged = after;
    equivalence
        .sent
        .retain(|(path, _)| sent.iter().all(|(sent, _)| sent != path));
    let paths: Vec<&Path> = sent.iter().map(|(path, _)| path).collect();
    equivalence.decisions = written(equivalence.decisions, &paths);
    if !known_before && policy.orders.defaults.status.is_some() {
        // It was created with the status for new orders, which stays until the hub's own status changes.
        let status = Path::field(Field::Status);
        let hub = item.content.get(&status);
        sent.iter_mut()
            .filter(|(path, _)| *path == status)
            .for_each(|(_, value)| *value = hub.cloned());
    }
    let remade = |(path, value): &(Path, Option<Value>)| equivalence.acknowledged.get(path) != value.as_ref();
    let remade: Vec<_> = sent.into_iter().filter(remade).collect();
    equivalence.sent.extend(remade);
    let equivalence = Equivalence {
        presence: Presence::Live {
            remote_id: record.remote_id.clone(),
            url: record.url.clone(),
        },
        children: pairing.children,
        refused: None,
        issues: settled(equivalence.issues),
        acknowledged_at: Some(now),
        ..equivalence
    };
    (equivalence, pairing.next_key)
}

/// Without what the answer settles: that a write was refused, or that nobody could tell what became of a create.
fn settled(issues: Vec<Issue>) -> Vec<Issue> {
    let mut issues = without_refusals(issues);
    issues.retain(|issue| issue.code != Code::AmbiguousMatch);
    issues
}

/// What is acknowledged of an order that was created: all of it, but shipments and payments that only the platform has,
/// which are news for the next fetch.
fn created(shown: &Content, hub: &Content) -> Content {
    let mut content = shown.clone();
    content.retain(|path| match path.part {
        Part::Shipment(_) | Part::Payment(_) => hub.has(path.part),
        Part::Whole | Part::Line(_) | Part::Variant(_) | Part::Picture(_) => true,
    });
    content
}

fn later(before: Option<&Value>, now: Option<&Value>) -> Option<Value> {
    match (before, now) {
        (Some(Value::Time(before)), Some(Value::Time(now))) => Some(Value::Time(*before.max(now))),
        (before, now) => now.or(before).cloned(),
    }
}

#[cfg(test)]
mod tests;
