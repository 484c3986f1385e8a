//! A cloned order that its receiver books out of its own stock is counted once.
//!
//! The sale was seen already as a movement of stock where the order was placed. When a receiver takes the same pieces
//! out of its own stock, what it showed last goes down by as much, so that its next record is no second sale.

use super::{at, is_origin, lines};
use crate::{
    content::{Content, Detail, Leaf, Part, Path, Value},
    ids::{ItemId, Key},
    item::{Equivalence, Item},
    money::Decimal,
    order::Ability,
    policy::Policy,
    product::DEFAULT_LOCATION,
    sync::pending::last_sent,
};
use std::collections::BTreeMap;

/// What a receiver took out of its own stock when the order was created there, by variant. Ask this once, with what its
/// answer to the create made of `equivalence`, and [`book`] each in the same transaction.
///
/// `counted` says whether the hub hears of this sale elsewhere: whether the origin, or another receiver that booked it,
/// counts the variant's stock (see [`counts`]). Where nobody does, the receiver's own movement is the sale.
pub fn booked(
    item: &Item,
    equivalence: &Equivalence,
    policy: &Policy,
    ability: &Ability,
    counted: &dyn Fn(ItemId, Key) -> bool,
) -> Vec<(ItemId, Key, Decimal)> {
    if !ability.books_stock || !equivalence.is_live() || is_origin(&item.content, &policy.connection) {
        return Vec::new();
    }
    let mut sums: BTreeMap<(ItemId, Key), Decimal> = BTreeMap::new();
    for key in lines(&equivalence.acknowledged) {
        let part = Part::Line(key);
        let product = last_sent(equivalence, &at(part, Detail::Product));
        let quantity = equivalence.acknowledged.number(&at(part, Detail::Quantity));
        if let (Some(Value::Product(product, variant)), Some(quantity)) = (product, quantity) {
            sums.entry((*product, *variant)).or_default().0 += quantity.0;
        }
    }
    sums.into_iter()
        .filter(|((product, variant), quantity)| !quantity.is_zero() && counted(*product, *variant))
        .map(|((product, variant), quantity)| (product, variant, quantity))
        .collect()
}

/// Whether a connection that has a product tells the hub of its sales, as a movement of its stock.
pub fn counts(product: &Equivalence, variant: Key, policy: &Policy) -> bool {
    let stock = crate::content::Field::Stock;
    product.is_live()
        && policy.products.fields.of(stock).detects()
        && location(&product.acknowledged, variant).is_some()
}

/// What is known of a product at the receiver, after it took `quantity` of a variant out of its stock by itself: at the
/// default location, else at the first that it has.
pub fn book(product: Equivalence, variant: Key, quantity: Decimal) -> Equivalence {
    let mut product = product;
    let Some(path) = location(&product.acknowledged, variant) else {
        return product;
    };
    let less = |before: Decimal| Some(Value::Number(Decimal(before.0 - quantity.0)));
    if let Some(before) = product.acknowledged.number(&path) {
        product.acknowledged.put(path.clone(), less(before));
    }
    // What was sent, or is being sent, stands for the same pieces, so it is less by as many.
    let Equivalence { sent, sending, .. } = &mut product;
    let writing = sending.iter_mut().flat_map(|sending| &mut sending.values);
    for (_, sent) in sent.iter_mut().chain(writing).filter(|(sent, _)| *sent == path) {
        if let Some(Value::Number(before)) = sent {
            *sent = less(*before);
        }
    }
    product
}

fn location(shown: &Content, variant: Key) -> Option<Path> {
    let default = Path::stock(variant, DEFAULT_LOCATION);
    if shown.get(&default).is_some() {
        return Some(default);
    }
    let stock = |(leaf, _): (&Leaf, &Value)| match leaf {
        Leaf::Stock(location) => Some(Path::stock(variant, location.clone())),
        _ => None,
    };
    shown.part(Part::Variant(variant)).find_map(stock)
}

#[cfg(test)]
mod tests;
