//! What a record of an order that was read does to the hub: a new order, or changes since the last time.

use super::{
    Resolve, is_of_the_origin, is_origin, lines,
    matching::{Pairing, pair},
    read::read,
    view::view,
};
use crate::{
    content::{Change, Content, Detail, Leaf, Part, Path, Value, diff},
    ids::{ItemId, Key},
    issue::{Code, Issue},
    item::{Author, Equivalence, Item, Presence, Side, Stamp},
    order::{Ability, Record},
    policy::{Mutability, Policy},
    sync::{
        merge::{self, Done, Merged, may_become_blank, settle, stamp},
        pending::last_sent,
    },
    time::Time,
};

/// Makes an order of the hub of a record that was placed at this connection.
pub fn absorb(id: ItemId, record: &Record, resolve: &Resolve<'_>, policy: &Policy, now: Time) -> Merged {
    let mut item = Item {
        id,
        content: Content::new(),
        next_key: Key(1),
        stamps: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let unknown = Equivalence::default();
    let pairing = pair(&record.order, &item, &unknown, &[], resolve);
    let shown = read(record, &pairing, resolve);
    item.content = shown
        .iter()
        .filter(|(path, _)| match &path.leaf {
            Leaf::Detail(Detail::UpdatedAt) => false,
            Leaf::Detail(Detail::Number | Detail::PlacedAt | Detail::Currency) => true,
            _ => policy.orders.fields.of(path.governed_by()) != Mutability::Ignore,
        })
        .map(|(path, value)| (path.clone(), value.clone()))
        .collect();
    let origin = Value::Text(policy.connection.as_str().into());
    item.content.put(Path::detail(Detail::Origin), Some(origin));
    item.next_key = pairing.next_key;
    Merged {
        item,
        equivalence: live(unknown, record, pairing, shown, now),
        item_changed: true,
    }
}

/// Takes in what a platform shows of an order that is known: what changed since it was last acknowledged changes the
/// hub, path by path. A record that is older than what was taken in already changes nothing.
pub fn take_in(
    item: Item,
    equivalence: Equivalence,
    record: &Record,
    resolve: &Resolve<'_>,
    policy: &Policy,
    ability: &Ability,
    now: Time,
) -> Merged {
    if is_late(record, &equivalence.acknowledged) {
        return Merged {
            item,
            equivalence,
            item_changed: false,
        };
    }
    let begun = equivalence.sending.as_ref();
    let sent = begun.map_or_else(Vec::new, |sending| sending.values.clone());
    let pairing = pair(&record.order, &item, &equivalence, &sent, resolve);
    let shown = read(record, &pairing, resolve);
    let mut equivalence = settle(equivalence, &shown, Done::Unsaid);
    // Of a write that was done in part only: a shipment or payment that did not come along is still to come.
    let missing: Vec<Part> = brought(&sent).filter(|part| !shown.has(*part)).collect();
    equivalence.sent.retain(|(path, _)| !missing.contains(&path.part));
    let at = record.updated_at.unwrap_or(now);
    let mut taking = Taking {
        wanted: view(&item.content, policy, ability).content,
        source: Source::of(&item.content, policy),
        item,
        issues: Vec::new(),
        kept: Vec::new(),
        equivalence: &equivalence,
        shown: &shown,
        met: &pairing.met,
        policy,
        at,
        now,
    };
    taking.item.next_key = pairing.next_key;
    let mut changed = Vec::new();
    let mut item_changed = false;
    for change in diff(&equivalence.acknowledged, &shown) {
        let detects = policy.orders.fields.of(change.path.governed_by()).detects();
        if detects && taking.take(&change) {
            let by = Author::Connection(policy.connection.clone());
            stamp(&mut taking.item.stamps, change.path.clone(), Stamp { at, by });
            item_changed = true;
        }
        changed.push(change.path);
    }
    let Taking {
        mut item,
        issues,
        kept,
        ..
    } = taking;
    if item_changed {
        item.updated_at = now;
    }
    let mut equivalence = live(equivalence, record, pairing, shown, now);
    equivalence.sent.retain(|(sent, _)| !changed.contains(sent));
    equivalence.sent.extend(kept);
    equivalence
        .issues
        .retain(|issue| !matches!(issue.code, Code::UnreadableRecord | Code::Missing));
    equivalence.issues.extend(issues);
    Merged {
        item,
        equivalence,
        item_changed,
    }
}

/// Whether a record is older than what was taken in of it, as one that comes twice or out of order is.
pub fn is_late(record: &Record, acknowledged: &Content) -> bool {
    match (
        record.updated_at,
        acknowledged.get(&Path::detail(Detail::UpdatedAt)),
    ) {
        (Some(now), Some(Value::Time(before))) => now < *before,
        _ => false,
    }
}

/// The shipments and payments that a write was to add.
fn brought(sent: &[(Path, Option<Value>)]) -> impl Iterator<Item = Part> {
    sent.iter()
        .filter(|(path, value)| path.leaf == Leaf::Exists && value.is_some())
        .map(|(path, _)| path.part)
        .filter(|part| matches!(part, Part::Shipment(_) | Part::Payment(_)))
}

fn live(
    equivalence: Equivalence,
    record: &Record,
    pairing: Pairing,
    shown: Content,
    now: Time,
) -> Equivalence {
    Equivalence {
        presence: Presence::Live {
            remote_id: record.remote_id.clone(),
            url: record.url.clone(),
        },
        children: pairing.children,
        acknowledged: shown,
        acknowledged_at: Some(now),
        ..equivalence
    }
}

/// Whether a record comes from where its order was placed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Origin,
    Elsewhere,
}

impl Source {
    fn of(content: &Content, policy: &Policy) -> Self {
        if is_origin(content, &policy.connection) {
            Self::Origin
        } else {
            Self::Elsewhere
        }
    }
}

/// A record being taken in.
struct Taking<'a> {
    item: Item,
    issues: Vec<Issue>,
    /// The hub's values of parts that both sides had: they count as what is shown already.
    kept: Vec<(Path, Option<Value>)>,
    source: Source,
    equivalence: &'a Equivalence,
    shown: &'a Content,
    /// Parts that both sides had and that are joined now.
    met: &'a [Part],
    /// What the connection was to show before this record came.
    wanted: Content,
    policy: &'a Policy,
    /// When the platform says the record changed.
    at: Time,
    now: Time,
}

impl Taking<'_> {
    /// Takes one change into the item. Says whether the item moved.
    fn take(&mut self, change: &Change) -> bool {
        if is_of_the_origin(&change.path) {
            return self.source == Source::Origin && self.take_from_origin(change);
        }
        match change.path.part {
            Part::Whole => self.take_value(change),
            Part::Shipment(_) | Part::Payment(_) => self.take_part(change),
            Part::Line(_) | Part::Variant(_) | Part::Picture(_) => false,
        }
    }

    /// What was bought is as the connection says where it was.
    fn take_from_origin(&mut self, change: &Change) -> bool {
        let Change { path, old: _, new } = change;
        let part = path.part;
        match (&path.leaf, new) {
            (Leaf::Detail(Detail::UpdatedAt), _) => false,
            // An order without anything in it is one that was read half.
            (Leaf::Exists, None) => {
                let goes = lines(self.shown).next().is_some() && self.item.content.has(part);
                if goes {
                    self.item.content.retain(|path| path.part != part);
                }
                goes
            }
            (Leaf::Exists, Some(_)) => self.item.content.change(path.clone(), new.clone()),
            _ if part != Part::Whole && !(self.item.content.has(part) && self.shown.has(part)) => false,
            // The product was found once and is not any more; the line is still of it.
            (
                Leaf::Detail(
                    Detail::Product | Detail::Listing | Detail::Number | Detail::PlacedAt | Detail::Currency,
                ),
                None,
            ) => false,
            _ => self.item.content.change(path.clone(), new.clone()),
        }
    }

    /// A shipment or payment that one side adds is added in the hub; one that is gone there stays.
    fn take_part(&mut self, change: &Change) -> bool {
        let Change { path, old: _, new } = change;
        let part = path.part;
        if !self.shown.has(part) {
            return false;
        }
        if path.leaf == Leaf::Exists {
            return self.item.content.change(path.clone(), new.clone());
        }
        if !self.item.content.has(part) {
            return false;
        }
        if !self.met.contains(&part) {
            return self.take_value(change);
        }
        // Both had it before they met: blanks are filled, nothing is overwritten.
        let hub = self.item.content.get(path).cloned();
        if hub.is_none() {
            return self.item.content.change(path.clone(), new.clone());
        }
        if hub != *new {
            self.kept.push((path.clone(), hub));
        }
        false
    }

    fn take_value(&mut self, change: &Change) -> bool {
        let Change { path, old: _, new } = change;
        if new.is_none() && (path.part != Part::Whole || !may_become_blank(path.governed_by())) {
            return false;
        }
        let waiting = self.wanted.get(path);
        let conflict =
            waiting.is_some() && waiting != last_sent(self.equivalence, path) && waiting != new.as_ref();
        if conflict {
            let verdict = merge::decide(&self.item, path, self.policy, self.at, self.now);
            self.issues.push(verdict.notice);
            if verdict.winner == Side::Hub {
                return false;
            }
        }
        self.item.content.change(path.clone(), new.clone())
    }
}

#[cfg(test)]
mod tests;
