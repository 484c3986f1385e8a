//! Finding orders by their numbers, buyers, SKUs and tracking numbers.

use crate::{
    content::{Content, Detail, Leaf, Path, Value},
    item::{Equivalence, Item},
};

/// What is searched of an order, in lower case, a line each: its number first, so that orders sort by it. The numbers
/// that other connections gave it find it too.
pub fn text<'a>(item: &'a Item, equivalences: impl IntoIterator<Item = &'a Equivalence>) -> String {
    let number = Path::detail(Detail::Number);
    let first = item.content.text(&number);
    let mut lines = vec![first];
    lines.extend(words(&item.content));
    for equivalence in equivalences {
        let there = equivalence.acknowledged.text(&number);
        if !there.is_empty() && !lines.contains(&there) {
            lines.push(there);
        }
    }
    lines.join("\n").to_lowercase()
}

fn words(content: &Content) -> impl Iterator<Item = &str> {
    content
        .iter()
        .filter_map(|(path, value)| match (&path.leaf, value) {
            (
                Leaf::Detail(Detail::Name | Detail::Email | Detail::Sku | Detail::TrackingNumber),
                Value::Text(text),
            ) => Some(text.as_str()),
            _ => None,
        })
}

#[cfg(test)]
mod tests;
