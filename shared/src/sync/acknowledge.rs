//! What a platform answered to a write becomes what we know of it: what happened, not what was intended.

use super::{
    matching::{pair, with_sent},
    pending::Pending,
    read,
    review::written,
};
use crate::{
    content::{Change, Content, Field, Part, Path, Value},
    ids::Key,
    issue::{Code, Issue, Severity},
    item::{Equivalence, Item, Presence, Sending},
    policy::Policy,
    product::{Record, StockWrites},
    time::Time,
};

/// The durable intent of a write, to be stored before the call.
pub fn intend(equivalence: Equivalence, pending: &Pending, token: String, now: Time) -> Equivalence {
    Equivalence {
        sending: Some(Sending {
            token,
            values: values(pending),
            at: now,
        }),
        ..equivalence
    }
}

/// What a write says, by path. A picture is written with its whole gallery, so the order goes along.
fn values(pending: &Pending) -> Vec<(Path, Option<Value>)> {
    let changed = |change: &Change| (change.path.clone(), change.new.clone());
    let mut values: Vec<_> = pending.changes.iter().map(changed).collect();
    let gallery = Path::pictures();
    let has_picture = values
        .iter()
        .any(|(path, _)| matches!(path.part, Part::Picture(_)));
    if has_picture && values.iter().all(|(path, _)| *path != gallery) {
        let order = pending.wanted.get(&gallery).cloned();
        values.push((gallery, order));
    }
    values
}

/// Takes in the record that a platform answered to a write.
///
/// At the paths that were sent, what it shows now is acknowledged, and what was sent is remembered where that
/// differs. Elsewhere the last acknowledged values stay, so that a change made there meanwhile is still seen as
/// one by the next fetch. So it is with stock where the platform adjusts it: what is shown beside what was sent moved
/// between our read and our write.
pub fn acknowledge(
    item: &Item,
    equivalence: Equivalence,
    record: &Record,
    policy: &Policy,
    stock: StockWrites,
    now: Time,
) -> (Equivalence, Key) {
    let mut equivalence = equivalence;
    let mut sent = equivalence
        .sending
        .take()
        .map(|sending| sending.values)
        .unwrap_or_default();
    let known_before = equivalence.is_live();
    let known = with_sent(&record.product, &item.content, &equivalence, &sent, policy);
    let pairing = pair(&record.product, &item.content, &known, item.next_key, policy);
    let shown = read::read(&record.product, &pairing, policy);
    let shown: Content = match stock {
        StockWrites::Absolute => shown,
        StockWrites::Adjusts => {
            let before = known_before.then_some(&equivalence.acknowledged);
            without_movements(shown, before, &sent)
        }
    };
    equivalence.acknowledged = if known_before {
        let sent_paths: Vec<&Path> = sent.iter().map(|(path, _)| path).collect();
        acknowledged(&equivalence.acknowledged, &shown, &sent_paths)
    } else {
        shown
    };
    let is_sent = |path: &Path| sent.iter().any(|(sent, _)| sent == path);
    equivalence.sent.retain(|(path, _)| !is_sent(path));
    equivalence.unsent.retain(|path| !is_sent(path));
    let paths: Vec<&Path> = sent.iter().map(|(path, _)| path).collect();
    equivalence.decisions = written(equivalence.decisions, &paths);
    if !known_before && policy.products.defaults.status.is_some() {
        // It was created with the status for new records, which stays until the hub's own status changes.
        let status = Path::field(Field::Status);
        let hub = item.content.get(&status);
        sent.iter_mut()
            .filter(|(path, _)| *path == status)
            .for_each(|(_, value)| *value = hub.cloned());
    }
    let remade = |(path, value): &(Path, Option<Value>)| equivalence.acknowledged.get(path) != value.as_ref();
    let remade: Vec<_> = sent.into_iter().filter(remade).collect();
    equivalence.sent.extend(remade);
    if equivalence.option_names.is_empty() {
        equivalence.option_names = read::option_names(&record.product, policy);
    }
    let equivalence = Equivalence {
        presence: Presence::Live {
            remote_id: record.remote_id.clone(),
            url: record.url.clone(),
        },
        children: pairing.children,
        refused: None,
        issues: without_refusals(equivalence.issues),
        acknowledged_at: Some(now),
        ..equivalence
    };
    (equivalence, pairing.next_key)
}

/// As [`acknowledge`], where a platform took only a part of what was sent; `message` says why not the rest.
///
/// What it shows otherwise than it was sent stays pending, and is not sent again until a person asks, or it differs. Stock
/// counts as it is shown: whether a quantity was adjusted cannot be told here.
pub fn acknowledge_part(
    item: &Item,
    equivalence: Equivalence,
    record: &Record,
    message: &str,
    policy: &Policy,
    now: Time,
) -> (Equivalence, Key) {
    let sending = equivalence.sending.iter().flat_map(|sending| &sending.values);
    let paths: Vec<Path> = sending.map(|(path, _)| path.clone()).collect();
    let (mut equivalence, next_key) =
        acknowledge(item, equivalence, record, policy, StockWrites::Absolute, now);
    let (left, sent): (Vec<_>, Vec<_>) = std::mem::take(&mut equivalence.sent)
        .into_iter()
        .partition(|(path, _)| paths.contains(path));
    let equivalence = Equivalence {
        sent,
        ..refuse(equivalence, Code::Refused, message, policy, now)
    };
    let refused = (!left.is_empty()).then_some(left);
    (
        Equivalence {
            refused,
            ..equivalence
        },
        next_key,
    )
}

/// What is shown, but with the stock that was sent where it was adjusted from a quantity that was known, or where the
/// record was created with it: what differs was sold since, which shows when the answer was lost.
fn without_movements(shown: Content, before: Option<&Content>, sent: &[(Path, Option<Value>)]) -> Content {
    let mut shown = shown;
    for (path, value) in sent {
        let adjusted = path.governed_by() == Field::Stock
            && matches!(value, Some(Value::Number(_)))
            && before.is_none_or(|before| before.number(path).is_some())
            && shown.number(path).is_some();
        if adjusted {
            shown.put(path.clone(), value.clone());
        }
    }
    shown
}

/// The last acknowledged content with what is shown now at the sent paths, and the children that came with them.
pub(super) fn acknowledged(before: &Content, shown: &Content, sent: &[&Path]) -> Content {
    let mut content = before.clone();
    let parts: Vec<_> = sent
        .iter()
        .filter(|path| path.leaf == crate::content::Leaf::Exists)
        .map(|path| path.part)
        .collect();
    let all = before.iter().chain(shown.iter()).map(|(path, _)| path);
    let touched: Vec<Path> = all
        .filter(|path| sent.contains(path) || parts.contains(&path.part))
        .cloned()
        .collect();
    for path in touched {
        let now = shown.get(&path).cloned();
        content.put(path, now);
    }
    content
}

/// Takes in that a platform refused a write. The same is not sent again until a person asks, or it differs.
pub fn refuse(
    equivalence: Equivalence,
    code: Code,
    message: &str,
    policy: &Policy,
    now: Time,
) -> Equivalence {
    let mut issues = without_refusals(equivalence.issues);
    issues.push(Issue {
        code,
        severity: Severity::Error,
        path: None,
        message: format!("{} refused it: {message}", policy.name),
        at: now,
    });
    let refused = equivalence.sending.map(|sending| sending.values);
    Equivalence {
        sending: None,
        refused,
        issues,
        ..equivalence
    }
}

/// Takes in that a write met a passing failure each time it was sent in a run. It is sent again by the next.
pub fn put_off(equivalence: Equivalence, message: &str, policy: &Policy, now: Time) -> Equivalence {
    let mut issues = without_refusals(equivalence.issues);
    issues.push(Issue {
        code: Code::Untaken,
        severity: Severity::Warning,
        path: None,
        message: format!("{} did not take it: {message}", policy.name),
        at: now,
    });
    Equivalence {
        issues,
        ..equivalence
    }
}

/// Keeps the intent of a create that several records could have come of: until a person made clear which, creating it
/// again could make one more.
pub fn unclear(equivalence: Equivalence, records: usize, policy: &Policy, now: Time) -> Equivalence {
    let mut issues = equivalence.issues;
    issues.retain(|issue| issue.code != Code::AmbiguousMatch);
    issues.push(Issue {
        code: Code::AmbiguousMatch,
        severity: Severity::Error,
        path: None,
        message: format!(
            "{} did not answer when this was created, and {records} records there could be it.",
            policy.name
        ),
        at: now,
    });
    Equivalence {
        issues,
        ..equivalence
    }
}

/// Whether what is pending is just what the platform refused.
pub fn was_refused(equivalence: &Equivalence, pending: &Pending) -> bool {
    equivalence
        .refused
        .as_ref()
        .is_some_and(|refused| *refused == values(pending))
}

/// Lets what was refused be sent again, as a person asked.
pub fn allow(equivalence: Equivalence) -> Equivalence {
    Equivalence {
        refused: None,
        issues: without_refusals(equivalence.issues),
        ..equivalence
    }
}

/// Takes back an intent whose write certainly did not happen.
pub fn withdraw(equivalence: Equivalence) -> Equivalence {
    Equivalence {
        sending: None,
        ..equivalence
    }
}

pub(super) fn without_refusals(issues: Vec<Issue>) -> Vec<Issue> {
    issues
        .into_iter()
        .filter(|issue| !is_refusal(issue.code))
        .collect()
}

/// Whether an issue of this kind says that a write was refused or not taken.
pub fn is_refusal(code: Code) -> bool {
    matches!(code, Code::Refused | Code::Missing | Code::Untaken)
}

#[cfg(test)]
mod tests;
