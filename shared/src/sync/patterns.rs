//! Thousands of issues as the few patterns that they are, so that they can be tackled at scale.
//!
//! Issues are alike when they have the same code and their messages the same shape: [`shape`](shape::shape) says what
//! of a message is only about the one record.

pub mod shape;

use crate::{
    ids::{ConnectionId, ItemId},
    issue::{Code, Issue, Severity},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

/// Examples that are kept of each pattern.
pub const EXAMPLES: usize = 5;

/// Issues that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub code: Code,
    /// The gravest of them.
    pub severity: Severity,
    /// What their messages have in common; `{number}`, `{id}` and the like stand for what differs.
    pub shape: String,
    pub count: u64,
    /// Where they are, in the order of names.
    pub connections: Vec<ConnectionId>,
    /// The first of them, at most [`EXAMPLES`].
    pub examples: Vec<Example>,
}

/// One issue of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub connection: ConnectionId,
    /// `None`: it is about the connection as a whole.
    pub item: Option<ItemId>,
    pub message: String,
}

/// Where an issue is.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub connection: &'a ConnectionId,
    /// What people call the connection; it is part of most messages.
    pub name: &'a str,
    pub item: Option<ItemId>,
}

/// Issues grouped so far. One that is added is read once and not kept, so they may come from a store one by one.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    groups: BTreeMap<Code, HashMap<String, Group>>,
    /// The shape of the message at hand; kept so that only a new one is allocated.
    shape: String,
}

/// What is known of the issues of one shape.
#[derive(Clone, Debug)]
struct Group {
    severity: Severity,
    count: u64,
    connections: Vec<ConnectionId>,
    examples: Vec<Example>,
}

/// Groups issues, the biggest group first.
pub fn patterns<'a>(issues: impl IntoIterator<Item = (Origin<'a>, &'a Issue)>) -> Vec<Pattern> {
    let mut patterns = Patterns::default();
    for (origin, issue) in issues {
        patterns.add(origin, issue);
    }
    patterns.finish()
}

impl Patterns {
    pub fn add(&mut self, origin: Origin<'_>, issue: &Issue) {
        let Issue {
            code,
            severity,
            path: _,
            message,
            at: _,
        } = issue;
        let Origin {
            connection,
            name,
            item,
        } = origin;
        let Self { groups, shape } = self;
        shape.clear();
        shape::shape(message, name, shape);
        let alike = groups.entry(*code).or_default();
        if !alike.contains_key(shape.as_str()) {
            alike.insert(shape.clone(), Group::new(*severity));
        }
        let group = alike.get_mut(shape.as_str()).expect("it was just put there");
        group.count += 1;
        group.severity = group.severity.max(*severity);
        if let Err(at) = group.connections.binary_search(connection) {
            group.connections.insert(at, connection.clone());
        }
        if group.examples.len() < EXAMPLES {
            group.examples.push(Example {
                connection: connection.clone(),
                item,
                message: message.clone(),
            });
        }
    }

    /// The biggest first; among those of a size by code, then by shape.
    pub fn finish(self) -> Vec<Pattern> {
        let Self { groups, shape: _ } = self;
        let mut patterns: Vec<Pattern> = groups
            .into_iter()
            .flat_map(|(code, alike)| {
                alike
                    .into_iter()
                    .map(move |(shape, group)| group.named(code, shape))
            })
            .collect();
        patterns.sort_unstable_by(|a, b| {
            (Reverse(a.count), a.code, &a.shape).cmp(&(Reverse(b.count), b.code, &b.shape))
        });
        patterns
    }
}

impl Group {
    fn new(severity: Severity) -> Self {
        Self {
            severity,
            count: 0,
            connections: Vec::new(),
            examples: Vec::new(),
        }
    }

    fn named(self, code: Code, shape: String) -> Pattern {
        let Self {
            severity,
            count,
            connections,
            examples,
        } = self;
        Pattern {
            code,
            severity,
            shape,
            count,
            connections,
            examples,
        }
    }
}

#[cfg(test)]
mod tests;
