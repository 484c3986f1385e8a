//! What a person decided about values that are to be written to a connection: approved, rejected, or put back after a
//! send. Each counts for one value, until that changes in the hub.

use super::pending::Pending;
use crate::{
    content::{Change, Content, Field, Leaf, Part, Path, Value},
    item::{Decision, Equivalence, Item, Verdict},
    mark::Mark,
    policy::SendMode,
    time::Time,
};

/// What may be sent of what is pending, and what waits for an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// As if nothing else was pending.
    pub pending: Pending,
    pub waiting: usize,
}

/// What changes together or not at all: half of it would make no sense, or bring the other half along.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit<'a> {
    /// A record that is not there yet.
    Record,
    /// Its pictures are written as one list.
    Gallery,
    /// A variant, a shipment or a payment that is not there yet.
    Coming(Part),
    Value(&'a Path),
}

impl<'a> Unit<'a> {
    fn of(change: &'a Change, pending: &Pending) -> Self {
        let Path { part, leaf } = &change.path;
        let comes = |other: &Change| other.path.part == *part && other.path.leaf == Leaf::Exists;
        match part {
            _ if pending.mark == Some(Mark::Create) => Self::Record,
            Part::Picture(_) => Self::Gallery,
            Part::Whole if *leaf == Leaf::Pictures => Self::Gallery,
            Part::Whole => Self::Value(&change.path),
            _ if pending.changes.iter().any(comes) => Self::Coming(*part),
            _ => Self::Value(&change.path),
        }
    }
}

/// What is pending after what was decided: rejected values are not, and what is put back is.
pub fn decided(pending: Pending, item: &Item, equivalence: Option<&Equivalence>) -> Pending {
    match equivalence {
        Some(equivalence) if !equivalence.decisions.is_empty() => {
            without_rejected(with_put_back(pending, item, equivalence), item, equivalence)
        }
        Some(_) | None => pending,
    }
}

fn with_put_back(mut pending: Pending, item: &Item, equivalence: &Equivalence) -> Pending {
    if !equivalence.is_live() {
        return pending;
    }
    for decision in in_force(item, equivalence) {
        let Decision {
            path, about, verdict, ..
        } = decision;
        let Verdict::PutBack { from, to } = verdict else {
            continue;
        };
        if *about != value_digest(path, pending.wanted.get(path)) {
            continue;
        }
        pending.changes.retain(|change| change.path != *path);
        pending.wanted.put(path.clone(), to.clone());
        // Where it shows something else by now, somebody changed it there.
        if equivalence.acknowledged.get(path) == from.as_ref() {
            pending.back.push(path.clone());
            pending.changes.push(Change {
                path: path.clone(),
                old: from.clone(),
                new: to.clone(),
            });
        }
    }
    pending.changes.sort_by(|a, b| a.path.cmp(&b.path));
    marked(pending)
}

fn without_rejected(mut pending: Pending, item: &Item, equivalence: &Equivalence) -> Pending {
    let is_rejected = |change: &Change| {
        in_force(item, equivalence).any(|decision| {
            decision.verdict == Verdict::Rejected
                && decision.path == change.path
                && decision.about == value_digest(&change.path, change.new.as_ref())
        })
    };
    let keeps = units(&pending, &is_rejected);
    let (rejected, changes) = split(std::mem::take(&mut pending.changes), &keeps);
    pending.changes = changes;
    pending.rejected = rejected;
    marked(pending)
}

/// The mark for what is left.
fn marked(pending: Pending) -> Pending {
    let mark = match (pending.mark, pending.changes.is_empty(), pending.held.is_empty()) {
        (Some(Mark::Live | Mark::Update | Mark::Held), false, _) => Some(Mark::Update),
        (Some(Mark::Update), true, true) => Some(Mark::Live),
        // A record that is not to be created is held back.
        (Some(Mark::Update | Mark::Create), true, _) => Some(Mark::Held),
        (mark, _, _) => mark,
    };
    Pending { mark, ..pending }
}

/// What may be sent now: everything, unless the connection's changes are reviewed first or put something back; then what
/// was approved as it is.
pub fn ready(pending: Pending, item: &Item, equivalence: Option<&Equivalence>, mode: SendMode) -> Ready {
    if mode == SendMode::Auto && pending.back.is_empty() {
        return Ready { pending, waiting: 0 };
    }
    let may = |change: &Change| {
        let free = mode == SendMode::Auto && !pending.back.contains(&change.path);
        free || equivalence.is_some_and(|here| is_approved(change, item, here))
    };
    let sends = units(&pending, &may);
    let all = pending.changes.len();
    let (changes, _) = split(pending.changes.clone(), &sends);
    Ready {
        waiting: all - changes.len(),
        pending: Pending { changes, ..pending },
    }
}

fn is_approved(change: &Change, item: &Item, equivalence: &Equivalence) -> bool {
    in_force(item, equivalence).any(|decision| {
        decision.verdict == Verdict::Approved
            && decision.path == change.path
            && decision.about == digest(std::slice::from_ref(change))
    })
}

/// Approves exactly what is pending now. What changes afterwards waits again.
pub fn approve(equivalence: Equivalence, pending: &Pending, now: Time) -> Equivalence {
    let about = |change: &Change| digest(std::slice::from_ref(change));
    decide(equivalence, pending, &about, &Verdict::Approved, now)
}

/// Keeps the values that are pending now from being so until they change in the hub. What was to be put back stays as
/// it is at the platform.
pub fn reject(equivalence: Equivalence, pending: &Pending, now: Time) -> Equivalence {
    let about = |change: &Change| value_digest(&change.path, change.new.as_ref());
    let mut equivalence = equivalence;
    let is_back = |decision: &Decision| {
        matches!(decision.verdict, Verdict::PutBack { .. }) && pending.back.contains(&decision.path)
    };
    equivalence.decisions.retain(|decision| !is_back(decision));
    let of_the_hub = Pending {
        changes: pending
            .changes
            .iter()
            .filter(|change| !pending.back.contains(&change.path))
            .cloned()
            .collect(),
        ..pending.clone()
    };
    decide(equivalence, &of_the_hub, &about, &Verdict::Rejected, now)
}

fn decide(
    equivalence: Equivalence,
    pending: &Pending,
    about: &dyn Fn(&Change) -> u64,
    verdict: &Verdict,
    now: Time,
) -> Equivalence {
    let mut decisions = equivalence.decisions;
    let stays = |decision: &Decision| {
        matches!(decision.verdict, Verdict::PutBack { .. })
            || pending.changes.iter().all(|change| change.path != decision.path)
    };
    decisions.retain(stays);
    decisions.extend(pending.changes.iter().map(|change| Decision {
        path: change.path.clone(),
        about: about(change),
        verdict: verdict.clone(),
        at: now,
    }));
    Equivalence {
        decisions,
        ..equivalence
    }
}

/// Takes every decision back: what was approved waits again, what was rejected is pending again, and what was to be put
/// back is not.
pub fn reconsider(equivalence: Equivalence) -> Equivalence {
    Equivalence {
        decisions: Vec::new(),
        ..equivalence
    }
}

/// Decides to put back what a send wrote, where the platform still shows it. `written` are what it showed before and
/// after; `wanted` is what it is to show by the hub. Answers at how many paths.
///
/// Quantities are counted on from what is there, and parts that came to be are not taken away: both stay.
pub fn put_back(
    equivalence: Equivalence,
    written: &[Change],
    wanted: &Content,
    now: Time,
) -> (Equivalence, usize) {
    let mut equivalence = equivalence;
    let shown = &equivalence.acknowledged;
    let back: Vec<&Change> = written
        .iter()
        .filter(|change| is_put_back(change) && shown.get(&change.path) == change.new.as_ref())
        .collect();
    let is_about_it = |decision: &Decision| back.iter().any(|change| change.path == decision.path);
    equivalence.decisions.retain(|decision| !is_about_it(decision));
    let decisions = back.iter().map(|Change { path, old, new }| Decision {
        path: path.clone(),
        about: value_digest(path, wanted.get(path)),
        verdict: Verdict::PutBack {
            from: new.clone(),
            to: old.clone(),
        },
        at: now,
    });
    equivalence.decisions.extend(decisions);
    (equivalence, back.len())
}

/// Whether a write of this kind can be undone at all.
fn is_put_back(Change { path, old, new }: &Change) -> bool {
    let picture = matches!(path.part, Part::Picture(_)) || path.leaf == Leaf::Pictures;
    old != new && !picture && path.leaf != Leaf::Exists && path.governed_by() != Field::Stock
}

/// What of the decisions is over once these paths were written.
pub fn written(decisions: Vec<Decision>, sent: &[&Path]) -> Vec<Decision> {
    let mut decisions = decisions;
    decisions.retain(|decision| {
        matches!(decision.verdict, Verdict::PutBack { .. }) || !sent.contains(&&decision.path)
    });
    decisions
}

/// Tells changes apart: where, from what and to what.
pub fn digest(changes: &[Change]) -> u64 {
    let text = serde_json::to_string(changes).expect("changes are plain data");
    fnv(text.as_bytes())
}

fn value_digest(path: &Path, value: Option<&Value>) -> u64 {
    let text = serde_json::to_string(&(path, value)).expect("values are plain data");
    fnv(text.as_bytes())
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The decisions about values that did not change in the hub since.
fn in_force<'a>(item: &'a Item, equivalence: &'a Equivalence) -> impl Iterator<Item = &'a Decision> {
    equivalence.decisions.iter().filter(|decision| {
        let Decision { path, at, .. } = decision;
        let (part, field) = (path.part, path.governed_by());
        let mut stamps = item.stamps.iter();
        !stamps
            .any(|(stamped, stamp)| stamp.at > *at && stamped.part == part && stamped.governed_by() == field)
    })
}

/// Of each change whether its whole unit is so.
fn units(pending: &Pending, is: &dyn Fn(&Change) -> bool) -> Vec<bool> {
    let told: Vec<(Unit<'_>, bool)> = pending
        .changes
        .iter()
        .map(|change| (Unit::of(change, pending), is(change)))
        .collect();
    told.iter()
        .map(|(unit, _)| told.iter().all(|(other, is)| other != unit || *is))
        .collect()
}

/// Those that are so, and the others.
fn split(changes: Vec<Change>, is: &[bool]) -> (Vec<Change>, Vec<Change>) {
    let (so, others): (Vec<_>, Vec<_>) = changes.into_iter().zip(is).partition(|(_, is)| **is);
    let changes = |pairs: Vec<(Change, &bool)>| pairs.into_iter().map(|(change, _)| change).collect();
    (changes(so), changes(others))
}

#[cfg(test)]
mod tests;
