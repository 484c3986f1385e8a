//! What a send would do to one item at one connection: derived, never queued.

use super::{
    merge::may_become_blank,
    review::decided,
    terms::{Around, holds},
    view::{hub_locations, view, why},
    write,
};
use crate::{
    content::{Change, Content, Field, Leaf, Part, Path, Value, diff},
    ids::Key,
    issue::Issue,
    item::{Equivalence, Item, Presence},
    mark::Mark,
    money::Decimal,
    policy::{CloneWhich, Policy},
    time::Time,
};

/// What is pending for an item at a connection, in the connection's own values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// `None`: the item is not there and is not to be.
    pub mark: Option<Mark>,
    /// What a send would write; for a create, everything.
    pub changes: Vec<Change>,
    /// Differences of a first meeting that wait for a choice: there, and in the hub.
    pub held: Vec<Change>,
    /// What a person decided not to send.
    pub rejected: Vec<Change>,
    /// The paths of changes that undo a send; they wait for an approval wherever they are.
    pub back: Vec<Path>,
    /// What keeps part of it from being sent.
    pub issues: Vec<Issue>,
    /// Everything the connection is to show.
    pub wanted: Content,
}

impl Pending {
    /// Nothing is to be written.
    pub fn nothing(mark: Option<Mark>) -> Self {
        Self {
            mark,
            changes: Vec::new(),
            held: Vec::new(),
            rejected: Vec::new(),
            back: Vec::new(),
            issues: Vec::new(),
            wanted: Content::new(),
        }
    }
}

/// Whether an item is live at some connection, so that others may want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Live,
    /// Vanished everywhere: nobody creates it again by itself.
    Gone,
}

/// A function of what the hub holds, what the platform last acknowledged, what the policy says now and what a person
/// decided about it.
pub fn pending(
    item: &Item,
    equivalence: Option<&Equivalence>,
    standing: Standing,
    around: &Around<'_>,
    policy: &Policy,
    fields: &[Field],
    now: Time,
) -> Pending {
    let undecided = undecided(item, equivalence, standing, around, policy, fields, now);
    decided(undecided, item, equivalence)
}

/// Likewise, whatever was decided.
fn undecided(
    item: &Item,
    equivalence: Option<&Equivalence>,
    standing: Standing,
    around: &Around<'_>,
    policy: &Policy,
    fields: &[Field],
    now: Time,
) -> Pending {
    match equivalence.map(|equivalence| (&equivalence.presence, equivalence)) {
        Some((Presence::Live { .. }, equivalence)) => update(item, equivalence, policy, fields, now),
        Some((Presence::Vanished { .. }, _)) => Pending::nothing(Some(Mark::Vanished)),
        None | Some((Presence::Absent, _)) => {
            let wanted = match &policy.products.clone {
                CloneWhich::None => false,
                CloneWhich::All => true,
                CloneWhich::In(expression) => holds(expression, item, around),
            };
            if wanted && standing == Standing::Live {
                create(item, policy, fields, now)
            } else {
                Pending::nothing(None)
            }
        }
    }
}

fn create(item: &Item, policy: &Policy, fields: &[Field], now: Time) -> Pending {
    let (wanted, issues) = view(&item.content, policy, fields, now);
    let mut wanted = write::with_defaults(&wanted, policy);
    wanted.retain(|path| fields.contains(&path.governed_by()) || path.leaf == Leaf::Exists);
    if wanted.variants().next().is_none() {
        // Its variants differ by options, which are not written here.
        return Pending::nothing(None);
    }
    let changes = diff(&Content::new(), &wanted);
    Pending {
        mark: Some(Mark::Create),
        changes,
        held: Vec::new(),
        rejected: Vec::new(),
        back: Vec::new(),
        issues,
        wanted,
    }
}

fn update(item: &Item, equivalence: &Equivalence, policy: &Policy, fields: &[Field], now: Time) -> Pending {
    let (wanted, issues) = view(&item.content, policy, fields, now);
    let acknowledged = &equivalence.acknowledged;
    let mut changes = Vec::new();
    let mut held = Vec::new();
    let is_writable = |path: &Path| {
        let field = path.governed_by();
        fields.contains(&field) && policy.products.fields.of(field).writes()
    };
    for change in diff(acknowledged, &wanted) {
        if !is_writable(&change.path) || is_quiet(&change, item, equivalence, policy) {
            continue;
        }
        if is_held(&change.path, equivalence) {
            held.push(change);
        } else {
            changes.push(change);
        }
    }
    let coming: Vec<Part> = changes
        .iter()
        .filter(|change| change.path.leaf == Leaf::Exists && change.new.is_some())
        .map(|change| change.path.part)
        .collect();
    changes.retain(|change| !is_about_nothing(change, equivalence, &coming));
    let mark = match (changes.is_empty(), held.is_empty()) {
        (false, _) => Mark::Update,
        (true, false) => Mark::Held,
        (true, true) => Mark::Live,
    };
    Pending {
        mark: Some(mark),
        changes,
        held,
        rejected: Vec::new(),
        back: Vec::new(),
        issues,
        wanted,
    }
}

/// A difference that is no pending change.
fn is_quiet(change: &Change, item: &Item, equivalence: &Equivalence, policy: &Policy) -> bool {
    let Change { path, old, new } = change;
    if last_sent_of(equivalence, change) == new.as_ref() {
        // The platform made something else of what it was sent; sending it again would change nothing.
        return !(equivalence.unsent.contains(path) && is_oversold(path, old.as_ref(), item, policy));
    }
    match (&path.part, &path.leaf, old, new) {
        // A picture that the platform dropped by itself is not put back; nor is a variant.
        (Part::Picture(key) | Part::Variant(key), _, None, Some(_)) => was_there(*key, equivalence),
        (Part::Whole, Leaf::Pictures, Some(Value::Keys(old)), Some(Value::Keys(new))) => same_order(old, new),
        // The same picture, however the platform keeps it; an order of pictures that are not there.
        (Part::Picture(_), Leaf::Exists, Some(_), Some(_)) | (Part::Whole, Leaf::Pictures, _, _) => true,
        (Part::Picture(_), Leaf::Exists, Some(_), None) => false,
        // The hub not knowing a value is no reason to blank it; the hub having lost it is.
        (_, _, Some(_), None) => {
            let lost = item.stamps.iter().any(|(stamped, _)| stamped == path);
            !(lost && may_become_blank(path.governed_by()))
        }
        _ => false,
    }
}

/// Whether a platform offers more of something than there is: as where it came with more than it is to show at most, and
/// some of that was sold elsewhere.
fn is_oversold(path: &Path, shown: Option<&Value>, item: &Item, policy: &Policy) -> bool {
    let (Leaf::Stock(location), Some(Value::Number(shown))) = (&path.leaf, shown) else {
        return false;
    };
    let counted = hub_locations(location, &policy.stock).into_iter();
    let counted =
        counted.filter_map(|hub| item.content.number(&Path::of(path.part, Leaf::Stock(hub.into()))));
    *shown > Decimal(counted.map(|quantity| quantity.0).sum())
}

/// A value of a variant or picture that is not there and is not to come, as where options are not written.
fn is_about_nothing(change: &Change, equivalence: &Equivalence, coming: &[Part]) -> bool {
    let part = change.path.part;
    let exists = Path {
        part,
        leaf: Leaf::Exists,
    };
    part != Part::Whole && equivalence.acknowledged.get(&exists).is_none() && !coming.contains(&part)
}

/// The platform knows the variant or picture by a name and no longer shows it.
fn was_there(key: Key, equivalence: &Equivalence) -> bool {
    let exists = |part| {
        equivalence
            .acknowledged
            .get(&Path {
                part,
                leaf: Leaf::Exists,
            })
            .is_some()
    };
    equivalence.child(key).is_some() && !exists(Part::Variant(key)) && !exists(Part::Picture(key))
}

fn same_order(old: &[Key], new: &[Key]) -> bool {
    let common = |keys: &[Key], others: &[Key]| -> Vec<Key> {
        keys.iter().copied().filter(|key| others.contains(key)).collect()
    };
    common(old, new) == common(new, old)
}

fn is_held(path: &Path, equivalence: &Equivalence) -> bool {
    let gallery = matches!(path.part, Part::Picture(_)) || path.leaf == Leaf::Pictures;
    equivalence
        .held
        .iter()
        .any(|held| held == path || gallery && *held == Path::pictures())
}

/// What we last sent at a path, whatever the platform made of it.
pub fn last_sent<'a>(equivalence: &'a Equivalence, path: &Path) -> Option<&'a Value> {
    match equivalence.sent.iter().find(|(sent, _)| sent == path) {
        Some((_, value)) => value.as_ref(),
        None => equivalence.acknowledged.get(path),
    }
}

/// As [`last_sent`], at the path of a change from what the platform last acknowledged.
pub(super) fn last_sent_of<'a>(equivalence: &'a Equivalence, change: &'a Change) -> Option<&'a Value> {
    match equivalence.sent.iter().find(|(sent, _)| *sent == change.path) {
        Some((_, value)) => value.as_ref(),
        None => change.old.as_ref(),
    }
}

/// Whether a difference between what a platform shows and what it is to show stays: held for a choice, what the platform
/// made of what it was sent or took away by itself, and values that the hub does not know. `change` is from what it
/// shows to what it is to show.
pub fn is_settled(change: &Change, equivalence: &Equivalence) -> bool {
    let Change { path, old, new } = change;
    if is_held(path, equivalence) || last_sent(equivalence, path) == new.as_ref() {
        return true;
    }
    match (&path.part, &path.leaf, old, new) {
        (Part::Variant(key) | Part::Picture(key), _, _, _) if was_there(*key, equivalence) => true,
        (Part::Whole, _, Some(Value::Keys(old)), Some(Value::Keys(new))) => same_order(old, new),
        // The same picture, however the platform keeps it.
        (Part::Picture(_), Leaf::Exists, Some(_), new) => new.is_some(),
        (_, _, _, new) => new.is_none(),
    }
}

/// Why a change is pending, in words.
pub fn reason(change: &Change, item: &Item, policy: &Policy) -> String {
    match (&change.path.leaf, change.mark()) {
        (Leaf::Exists, Mark::Create) => String::from(super::why::NOT_THERE),
        (Leaf::Exists, Mark::Remove) => String::from(super::why::OUT_OF_GALLERY),
        _ => why(&item.content, &change.path, policy),
    }
}

#[cfg(test)]
mod tests;
