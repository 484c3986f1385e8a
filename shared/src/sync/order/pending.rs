//! What a send would do to one order at one connection: derived, never queued.

use super::{
    Counterparts, at,
    cloning::{Cloning, cloning},
    is_of_the_origin, is_origin, lines,
    matching::product_of,
    view::{View, knows, view},
};
use crate::{
    content::{Change, Content, Detail, Field, Leaf, Part, Path, Value, diff},
    ids::Key,
    issue::{Code, Issue, Severity},
    item::{Equivalence, Item, Presence},
    mark::Mark,
    order::Ability,
    policy::{Policy, UnmappedLine},
    sync::{
        merge::may_become_blank,
        pending::{Pending, Standing, last_sent},
        review::decided,
        why,
    },
    time::Time,
};

/// A function of what the hub holds, what the platform last acknowledged, what it calls products, what the policy says
/// now and what a person decided about it.
pub fn pending(
    item: &Item,
    equivalence: Option<&Equivalence>,
    counterpart: &Counterparts<'_>,
    policy: &Policy,
    ability: &Ability,
    standing: Standing,
    now: Time,
) -> Pending {
    let undecided = undecided(item, equivalence, counterpart, policy, ability, standing, now);
    decided(undecided, item, equivalence)
}

fn undecided(
    item: &Item,
    equivalence: Option<&Equivalence>,
    counterpart: &Counterparts<'_>,
    policy: &Policy,
    ability: &Ability,
    standing: Standing,
    now: Time,
) -> Pending {
    match equivalence.map(|equivalence| (&equivalence.presence, equivalence)) {
        Some((Presence::Live { .. }, equivalence)) => update(item, equivalence, policy, ability, now),
        Some((Presence::Vanished { .. }, _)) => nothing(Some(Mark::Vanished)),
        None | Some((Presence::Absent, _)) => {
            if standing == Standing::Live && cloning(item, policy, ability) == Cloning::Yes {
                create(item, counterpart, policy, ability, now)
            } else {
                nothing(None)
            }
        }
    }
}

fn nothing(mark: Option<Mark>) -> Pending {
    Pending {
        mark,
        changes: Vec::new(),
        held: Vec::new(),
        rejected: Vec::new(),
        back: Vec::new(),
        issues: Vec::new(),
        wanted: Content::new(),
    }
}

fn create(
    item: &Item,
    counterpart: &Counterparts<'_>,
    policy: &Policy,
    ability: &Ability,
    now: Time,
) -> Pending {
    let View {
        content: mut wanted,
        unknown,
    } = view(&item.content, policy, ability);
    let mut issues = Vec::new();
    let writes = |path: &Path| policy.orders.fields.of(path.governed_by()).writes();
    let own = |path: &Path| {
        !matches!(
            path.leaf,
            Leaf::Detail(Detail::Origin | Detail::Listing | Detail::UpdatedAt)
        )
    };
    for (path, value) in item.content.iter() {
        if is_of_the_origin(path) && own(path) && writes(path) {
            wanted.put(path.clone(), Some(value.clone()));
        }
    }
    let mut unmapped = Vec::new();
    for key in lines(&item.content) {
        let product = product_of(&item.content, key);
        if let Some(there) = product.and_then(|(product, variant)| counterpart(product, variant)) {
            if !there.sku.is_empty() {
                wanted.put(
                    at(Part::Line(key), Detail::Sku),
                    Some(Value::Text(there.sku.into())),
                );
            }
        } else {
            wanted.put(at(Part::Line(key), Detail::Product), None);
            if is_of_the_catalogue(&item.content, key) {
                unmapped.push(key);
            }
        }
    }
    if !unmapped.is_empty() && policy.orders.defaults.unmapped_line == UnmappedLine::Hold {
        issues.extend(
            unmapped
                .into_iter()
                .map(|key| unmapped_line(item, key, policy, now)),
        );
        return Pending {
            mark: Some(Mark::Held),
            changes: Vec::new(),
            held: Vec::new(),
            rejected: Vec::new(),
            back: Vec::new(),
            issues,
            wanted,
        };
    }
    let fallback = with_defaults(&mut wanted, policy, ability);
    for path in unknown {
        if !(fallback == Fallback::Used && path == Path::field(Field::Status)) {
            issues.extend(unknown_status(item, &path, policy, now));
        }
    }
    if let Fallback::Unknown(word) = fallback {
        issues.push(no_such_word(&Path::field(Field::Status), &word, policy, now));
    }
    Pending {
        mark: Some(Mark::Create),
        changes: diff(&Content::new(), &wanted),
        held: Vec::new(),
        rejected: Vec::new(),
        back: Vec::new(),
        issues,
        wanted,
    }
}

/// Whether a line was of some product where the order was placed. A line of none, such as the wrapping of a gift, is of
/// none anywhere.
fn is_of_the_catalogue(content: &Content, key: Key) -> bool {
    let said = [Detail::Product, Detail::Listing, Detail::Sku];
    said.iter()
        .any(|detail| content.get(&at(Part::Line(key), *detail)).is_some())
}

/// What became of the status for new orders.
#[derive(PartialEq, Eq)]
enum Fallback {
    None,
    Used,
    Unknown(String),
}

/// Values for orders that are created here: the status even where the order has one, the customer where it names no
/// buyer.
fn with_defaults(wanted: &mut Content, policy: &Policy, ability: &Ability) -> Fallback {
    let crate::policy::OrderDefaults {
        customer,
        status,
        unmapped_line: _,
    } = &policy.orders.defaults;
    let name = Path::detail(Detail::Name);
    if let (Some(customer), None) = (customer, wanted.get(&name)) {
        wanted.put(name, Some(Value::Text(customer.into())));
    }
    let Some(word) = status else {
        return Fallback::None;
    };
    let (path, value) = (Path::field(Field::Status), Value::Text(word.into()));
    if !knows(ability, &path, &value) {
        return Fallback::Unknown(word.clone());
    }
    wanted.put(path, Some(value));
    Fallback::Used
}

fn update(item: &Item, equivalence: &Equivalence, policy: &Policy, ability: &Ability, now: Time) -> Pending {
    let View {
        content: wanted,
        unknown,
    } = view(&item.content, policy, ability);
    let mut changes = diff(&equivalence.acknowledged, &wanted);
    changes.retain(|change| {
        // What was bought is never wanted, and never taken away.
        let written = policy.orders.fields.of(change.path.governed_by()).writes();
        written && !is_quiet(change, item, equivalence)
    });
    let coming: Vec<Part> = changes
        .iter()
        .filter(|change| change.path.leaf == Leaf::Exists)
        .map(|change| change.path.part)
        .collect();
    changes.retain(|Change { path, .. }| {
        let part = path.part;
        let is_new = coming.contains(&part);
        match part {
            // One that has no name there cannot be told from others.
            Part::Shipment(key) => is_new || equivalence.acknowledged.has(part) && is_named(key, equivalence),
            // Money that came in is never rewritten.
            Part::Payment(_) => is_new,
            Part::Whole | Part::Line(_) | Part::Variant(_) | Part::Picture(_) => true,
        }
    });
    let mut issues: Vec<Issue> = unknown
        .iter()
        .filter(|path| last_sent(equivalence, path) != item.content.get(path))
        .filter_map(|path| unknown_status(item, path, policy, now))
        .collect();
    issues.extend(order_changed(item, equivalence, policy, now));
    let mark = if changes.is_empty() {
        Mark::Live
    } else {
        Mark::Update
    };
    Pending {
        mark: Some(mark),
        changes,
        held: Vec::new(),
        rejected: Vec::new(),
        back: Vec::new(),
        issues,
        wanted,
    }
}

fn is_named(key: Key, equivalence: &Equivalence) -> bool {
    equivalence.child(key).is_some_and(|name| !name.0.is_empty())
}

/// A difference that is no pending change.
fn is_quiet(change: &Change, item: &Item, equivalence: &Equivalence) -> bool {
    let Change { path, old: _, new } = change;
    if last_sent(equivalence, path) == new.as_ref() {
        // The platform made something else of what it was sent; sending it again would change nothing.
        return true;
    }
    match (path.part, new) {
        // A shipment or payment that the platform took away by itself is not put back.
        (Part::Shipment(key) | Part::Payment(key), Some(_)) => {
            equivalence.child(key).is_some() && !equivalence.acknowledged.has(path.part)
        }
        (Part::Whole, None) => {
            let lost = item.stamps.iter().any(|(stamped, _)| stamped == path);
            !(lost && may_become_blank(path.governed_by()))
        }
        // Nothing is ever taken away.
        (_, None) => true,
        (_, Some(_)) => false,
    }
}

/// What was bought, or for how much, is no longer what the order there says.
fn order_changed(item: &Item, equivalence: &Equivalence, policy: &Policy, now: Time) -> Option<Issue> {
    if is_origin(&item.content, &policy.connection) {
        return None;
    }
    let counts = |path: &Path| {
        let field = path.governed_by();
        let said = match (path.part, &path.leaf) {
            (Part::Line(_), leaf) => matches!(
                leaf,
                Leaf::Exists
                    | Leaf::Detail(Detail::Quantity | Detail::UnitPrice | Detail::Tax | Detail::Total)
            ),
            (_, Leaf::Detail(_)) => field == Field::Totals,
            _ => false,
        };
        said && policy.orders.fields.of(field).writes()
    };
    let differs = |path: &Path| last_sent(equivalence, path) != item.content.get(path);
    let gone = |path: &Path| item.content.get(path).is_none() && equivalence.acknowledged.get(path).is_some();
    let said = item.content.iter().map(|(path, _)| path);
    let taken_back = item.stamps.iter().map(|(path, _)| path);
    let changed: Vec<&Path> = said
        .filter(|path| counts(path) && differs(path))
        .chain(taken_back.filter(|path| counts(path) && gone(path)))
        .collect();
    let first = (*changed.first()?).clone();
    let about_lines = changed.iter().any(|path| matches!(path.part, Part::Line(_)));
    let what = if about_lines { "Lines" } else { "Totals" };
    Some(Issue {
        code: Code::OrderChanged,
        severity: Severity::Warning,
        path: Some(first),
        message: format!(
            "{what} of order {} at {} are not what they are where it was placed.",
            item.content.text(&Path::detail(Detail::Number)),
            policy.name
        ),
        at: now,
    })
}

fn unmapped_line(item: &Item, key: Key, policy: &Policy, now: Time) -> Issue {
    let part = Part::Line(key);
    let text = |detail| item.content.text(&at(part, detail));
    let (title, sku) = (text(Detail::Title), text(Detail::Sku));
    let called = match (title, sku) {
        ("", sku) => format!("SKU {sku}"),
        (title, "") => format!("\"{title}\""),
        (title, sku) => format!("\"{title}\" (SKU {sku})"),
    };
    let (number, name) = (item.content.text(&Path::detail(Detail::Number)), &policy.name);
    let message = match product_of(&item.content, key) {
        Some(_) => format!("{called} of order {number} is not at {name}, so the order is not created there."),
        None => format!(
            "{called} of order {number} is of no product known here, so the order is not created at {name}."
        ),
    };
    Issue {
        code: Code::UnmappedLine,
        severity: Severity::Error,
        path: Some(at(part, Detail::Product)),
        message,
        at: now,
    }
}

fn unknown_status(item: &Item, path: &Path, policy: &Policy, now: Time) -> Option<Issue> {
    let word = item.content.text(path);
    (!word.is_empty()).then(|| no_such_word(path, word, policy, now))
}

fn no_such_word(path: &Path, word: &str, policy: &Policy, now: Time) -> Issue {
    let field = match path.governed_by() {
        Field::Payment => "payment status",
        Field::Fulfilment => "fulfilment status",
        _ => "status",
    };
    Issue {
        code: Code::UnknownStatus,
        severity: Severity::Warning,
        path: Some(path.clone()),
        message: format!(
            "{} does not know the {field} \"{word}\", so it is not sent.",
            policy.name
        ),
        at: now,
    }
}

/// Why a change is pending, in words.
pub fn reason(change: &Change, item: &Item) -> String {
    match (&change.path.part, &change.path.leaf, change.mark()) {
        (_, Leaf::Exists, Mark::Create) => String::from(why::NOT_THERE),
        (Part::Line(_), Leaf::Detail(Detail::Sku), _)
            if item.content.get(&change.path) != change.new.as_ref() =>
        {
            String::from(why::OWN_NAME)
        }
        _ if change.new.is_some() && item.content.get(&change.path) != change.new.as_ref() => {
            String::from(why::NEW_ORDERS)
        }
        _ => String::from(why::AS_HUB),
    }
}

#[cfg(test)]
mod tests;
