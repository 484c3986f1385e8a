//! What is derived from orders: the sets that they are in, and what is pending of them where.

use super::{Place, PlaceSets, Whole, is_unclear, put};
use crate::store::{Number, StoreError, sets::ALL, sets::SetChanges, writer::equivalence};
use redb::ReadableTable;
use shared::{
    content::{Detail, Field, Leaf, Part, Path, Value},
    ids::{ItemId, Key},
    item::{Equivalence, Item},
    mark::Mark,
    set::{Pending as PendingSet, Set},
    sync::{
        order::{Counterpart, pending, terms::terms},
        pending::Pending,
    },
    time::{Date, Time},
};
use std::collections::{BTreeMap, BTreeSet};

/// The products' equivalences, in which an order's lines are looked up.
pub trait Products: ReadableTable<(u64, Number), &'static [u8]> {}
impl<T: ReadableTable<(u64, Number), &'static [u8]>> Products for T {}

/// The stored name of a set of orders.
pub fn of_orders(set: &str) -> String {
    format!("orders/{set}")
}

/// Brings the sets of an order's own content up to date: its fields, and when it was placed.
pub fn index_order_terms(changes: &mut SetChanges, before: Option<&Item>, after: &Item) {
    let old = before.map(own_terms).unwrap_or_default();
    let new = own_terms(after);
    for set in old.difference(&new) {
        changes.leave(&of_orders(&set.to_string()), after.id.0);
    }
    for set in new.difference(&old) {
        changes.join(&of_orders(&set.to_string()), after.id.0);
    }
}

fn own_terms(order: &Item) -> BTreeSet<Set> {
    let placed = match order.content.get(&Path::detail(Detail::PlacedAt)) {
        Some(Value::Time(at)) => day_of(*at),
        _ => None,
    };
    terms(order, placed)
}

/// The day of an instant in the daemon's time zone. `None`: before 1970 or after 9999.
pub fn day_of(at: Time) -> Option<Date> {
    let instant = jiff::Timestamp::from_millisecond(at.0).ok()?;
    let day = instant.to_zoned(jiff::tz::TimeZone::system()).date();
    day.to_string().parse().ok()
}

/// Brings the sets about connections up to date: where the order is, what is pending there, and its issues.
pub fn index_order(
    changes: &mut SetChanges,
    whole: &Whole<'_>,
    products: &impl Products,
    places: &[Place],
    now: Time,
) -> Result<(), StoreError> {
    let mut has_issues = whole
        .equivalences
        .iter()
        .any(|(_, equivalence)| !equivalence.issues.is_empty());
    for place in places {
        has_issues |= index_order_place(changes, whole, products, place, now)?;
    }
    let order = whole.item.id.0;
    put(changes, "orders/issues:with", has_issues, order);
    put(changes, "orders/issues:without", !has_issues, order);
    let live = whole.equivalences.iter().any(|(_, here)| here.is_live());
    put(changes, &of_orders(ALL), live, order);
    Ok(())
}

/// Brings the sets about one connection up to date. Answers whether the order has issues there.
fn index_order_place(
    changes: &mut SetChanges,
    whole: &Whole<'_>,
    products: &impl Products,
    place: &Place,
    now: Time,
) -> Result<bool, StoreError> {
    let order = whole.item.id.0;
    let PlaceSets {
        on,
        pending: pending_sets,
        // Orders go before everything else.
        urgent: _,
        unclear,
        issues,
    } = &place.order_sets;
    let here = whole.at(place.number);
    let pending = pending_order(whole, products, place, now)?;
    put(changes, on, here.is_some_and(Equivalence::is_live), order);
    put(changes, unclear, is_unclear(here), order);
    for (what, set) in pending_sets {
        let member = match what {
            PendingSet::Creates => pending.mark == Some(Mark::Create),
            PendingSet::Updates => pending.mark == Some(Mark::Update),
            PendingSet::Held => pending.mark == Some(Mark::Held),
        };
        put(changes, set, member, order);
    }
    let open = here.map_or(0, |here| here.issues.len()) + pending.issues.len();
    put(changes, issues, open > 0, order);
    Ok(open > 0)
}

/// What a send would do to an order at a connection.
pub fn pending_order(
    whole: &Whole<'_>,
    products: &impl Products,
    place: &Place,
    now: Time,
) -> Result<Pending, StoreError> {
    let here = whole.at(place.number);
    let Some(ability) = &place.orders else {
        return Ok(Pending::nothing(None));
    };
    let counterparts = counterparts(whole.item, products, place.number)?;
    let counterpart = |item: ItemId, variant: Key| counterparts.get(&(item, variant)).cloned();
    Ok(pending::pending(
        whole.item,
        here,
        &counterpart,
        &place.policy,
        ability,
        whole.standing(),
        now,
    ))
}

/// The hub's variants that an order's lines are about.
pub fn bought(order: &Item) -> impl Iterator<Item = (ItemId, Key)> {
    order
        .content
        .iter()
        .filter_map(|(path, value)| match (path, value) {
            (
                Path {
                    part: Part::Line(_),
                    leaf: Leaf::Detail(Detail::Product),
                },
                Value::Product(item, variant),
            ) => Some((*item, *variant)),
            _ => None,
        })
}

/// What a connection calls the variants that an order's lines are about.
pub fn counterparts(
    order: &Item,
    products: &impl Products,
    number: Number,
) -> Result<BTreeMap<(ItemId, Key), Counterpart>, StoreError> {
    let mut found = BTreeMap::new();
    for (item, variant) in bought(order) {
        if let Some(there) = counterpart(products, item, variant, number)? {
            found.insert((item, variant), there);
        }
    }
    Ok(found)
}

/// What a connection calls a variant, where it has it.
fn counterpart(
    products: &impl Products,
    item: ItemId,
    variant: Key,
    number: Number,
) -> Result<Option<Counterpart>, StoreError> {
    let here = equivalence(products, item, number)?.filter(Equivalence::is_live);
    Ok(here.and_then(|here| {
        let exists = Path::variant(variant, Leaf::Exists);
        here.acknowledged.get(&exists)?;
        Some(Counterpart {
            product: here.remote_id()?.clone(),
            variant: here.child(variant).filter(|id| !id.0.is_empty()).cloned(),
            sku: here
                .acknowledged
                .text(&Path::variant_field(variant, Field::Sku))
                .to_owned(),
        })
    }))
}
