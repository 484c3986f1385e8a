//! What a connection is to show of how an order goes on.

use crate::{
    content::{Content, Field, Path, Value},
    order::Ability,
    policy::Policy,
    sync::order::is_of_the_origin,
};

/// What a connection is to show, and what it has no word for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub content: Content,
    /// Statuses left out, since the platform does not know their words.
    pub unknown: Vec<Path>,
}

/// What flows both ways of an order and is written here. What was bought is not in it: see [`super::pending`].
pub fn view(item: &Content, policy: &Policy, ability: &Ability) -> View {
    let mut unknown = Vec::new();
    let shown = |(path, value): (&Path, &Value)| {
        let written = policy.orders.fields.of(path.governed_by()).writes();
        if is_of_the_origin(path) || !written {
            return None;
        }
        if !knows(ability, path, value) {
            unknown.push(path.clone());
            return None;
        }
        Some((path.clone(), value.clone()))
    };
    let content = item.iter().filter_map(shown).collect();
    View { content, unknown }
}

/// Whether the platform has this word for a status. One that tells no words takes any.
pub(super) fn knows(ability: &Ability, path: &Path, value: &Value) -> bool {
    let Ability {
        creates: _,
        books_stock: _,
        statuses,
        payment_statuses,
        fulfilment_statuses,
    } = ability;
    let words = [
        (Field::Status, statuses),
        (Field::Payment, payment_statuses),
        (Field::Fulfilment, fulfilment_statuses),
    ];
    let of_path = |(field, _): &&(Field, &&[&str])| *path == Path::field(*field);
    match (words.iter().find(of_path), value) {
        (Some((_, words)), Value::Text(word)) => words.is_empty() || words.contains(&word.as_str()),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
