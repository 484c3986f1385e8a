//! Which orders that were placed elsewhere are created at a connection.

use super::{is_origin, lines};
use crate::{
    content::{Content, Detail, Field, Path, Value},
    item::Item,
    order::Ability,
    policy::{CloneOrders, Policy},
    time::Time,
};
use std::time::Duration;

/// How long before cloning began an order may have been placed that is to be worked off at the new place, too.
const LATELY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What becomes of an order that is not at a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloning {
    Yes,
    /// It is of no interest there.
    No,
    /// It would be, were it not of the time before.
    LeftOut(Before),
}

/// Of which time before an order is that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// The day that was set.
    Set(Time),
    /// When cloning began here, and it is finished.
    Finished(Time),
    /// Long before cloning began here.
    Long(Time),
}

/// Whether an order that is not there is to be. One that was placed there and is gone is not; nor is one that came to
/// nothing before anybody else heard of it, nor one without what was bought.
///
/// Switching `clone` on is no reason to fill a shop with the orders of years: of the time before, only what was placed
/// lately and has still to be worked off is created, unless a day is set.
pub fn cloning(item: &Item, policy: &Policy, ability: &Ability) -> Cloning {
    let content = &item.content;
    let since = match policy.orders.clone {
        CloneOrders::None => return Cloning::No,
        CloneOrders::New { began } => began.map(Since::Began),
        CloneOrders::Since(day) => Some(Since::Set(day)),
    };
    let is_wanted = ability.creates
        && !is_origin(content, &policy.connection)
        && policy.orders.fields.of(Field::Lines).writes()
        && content.get(&Path::detail(Detail::Currency)).is_some()
        && lines(content).next().is_some()
        && !matches!(status(content), "cancelled" | "failed");
    if !is_wanted {
        return Cloning::No;
    }
    let placed = match content.get(&Path::detail(Detail::PlacedAt)) {
        Some(Value::Time(at)) => *at,
        _ => item.created_at,
    };
    match since {
        Some(Since::Set(day)) if placed < day => Cloning::LeftOut(Before::Set(day)),
        Some(Since::Began(began)) if placed < began.minus(LATELY) => Cloning::LeftOut(Before::Long(began)),
        Some(Since::Began(began)) if placed < began && is_finished(content) => {
            Cloning::LeftOut(Before::Finished(began))
        }
        Some(Since::Set(_) | Since::Began(_)) | None => Cloning::Yes,
    }
}

/// Why an order is left out, and what to do to have it nevertheless.
pub fn reason(before: Before, policy: &Policy) -> String {
    let name = &policy.name;
    match before {
        Before::Set(day) => {
            format!("It was placed before orders.clone_since of {name} ({day}).")
        }
        Before::Finished(began) => format!(
            "It was finished before orders were cloned to {name} (since {began}). Set orders.clone_since there to have \
             older orders, too."
        ),
        Before::Long(began) => format!(
            "It was placed more than 30 days before orders were cloned to {name} (since {began}). Set \
             orders.clone_since there to have older orders, too."
        ),
    }
}

enum Since {
    Set(Time),
    Began(Time),
}

fn status(content: &Content) -> &str {
    content.text(&Path::field(Field::Status))
}

/// Whether nothing is left to do for an order.
fn is_finished(content: &Content) -> bool {
    matches!(status(content), "completed" | "cancelled" | "refunded" | "failed")
        || content.text(&Path::field(Field::Fulfilment)) == "fulfilled"
}

#[cfg(test)]
mod tests;
