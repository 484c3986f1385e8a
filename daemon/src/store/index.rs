//! What is derived from items and equivalences: match keys, sets, and what is pending where.

mod orders;

pub use orders::{bought, counterparts, day_of, index_order, index_order_terms, of_orders, pending_order};

use super::{
    Number,
    sets::{ALL, SetChanges},
};
use shared::{
    content::{Field, Path},
    ids::{ConnectionId, ItemId},
    item::{Equivalence, Item},
    mark::Mark,
    order::Ability,
    policy::{Policy, SetLimits},
    product::StockWrites,
    set::{Pending as PendingSet, Set},
    sync::{
        order::is_origin,
        pending::{Standing, pending},
        terms::{Around, Counterpart, terms, terms_at},
        urgency::urgency,
    },
    time::Time,
};
use std::{collections::BTreeSet, fmt::Write as _};

/// A connection as decisions need it.
#[derive(Clone, Debug)]
pub struct Place {
    pub number: Number,
    pub policy: Policy,
    /// What the platform can hold.
    pub fields: &'static [Field],
    /// What it does with a quantity that is written.
    pub stock: StockWrites,
    /// What it can do with orders. `None`: it keeps none.
    pub orders: Option<Ability>,
    sets: PlaceSets,
    order_sets: PlaceSets,
}

/// The names of the sets about a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PlaceSets {
    on: String,
    pending: [(PendingSet, String); PendingSet::ALL.len()],
    urgent: String,
    unclear: String,
    issues: String,
}

impl Place {
    pub fn new(
        number: Number,
        policy: Policy,
        fields: &'static [Field],
        stock: StockWrites,
        orders: Option<Ability>,
    ) -> Self {
        let sets = PlaceSets::new(&policy.connection);
        let order_sets = sets.of_orders();
        Self {
            number,
            policy,
            fields,
            stock,
            orders,
            sets,
            order_sets,
        }
    }
}

impl Place {
    /// The name of the set of products of whose last write here nobody knows yet what became of it.
    pub fn unclear(&self) -> &str {
        &self.sets.unclear
    }

    /// The name of the set of such orders.
    pub fn unclear_orders(&self) -> &str {
        &self.order_sets.unclear
    }
}

impl PlaceSets {
    fn new(connection: &ConnectionId) -> Self {
        let at = connection.as_str();
        Self {
            on: format!("on:{at}"),
            pending: PendingSet::ALL.map(|what| {
                (
                    what,
                    Set::Pending {
                        what,
                        at: at.to_owned(),
                    }
                    .to_string(),
                )
            }),
            urgent: urgent_at(at),
            unclear: unclear_at(at),
            issues: issues_at(at),
        }
    }
}

impl PlaceSets {
    fn of_orders(&self) -> Self {
        let Self {
            on,
            pending,
            urgent,
            unclear,
            issues,
        } = self;
        Self {
            on: of_orders(on),
            pending: pending.clone().map(|(what, name)| (what, of_orders(&name))),
            urgent: of_orders(urgent),
            unclear: of_orders(unclear),
            issues: of_orders(issues),
        }
    }
}

/// The names of all sets about a connection but those of its categories.
pub fn place_sets(connection: &ConnectionId) -> Vec<String> {
    let products = PlaceSets::new(connection);
    let orders = products.of_orders();
    let names = |sets: PlaceSets| {
        let PlaceSets {
            on,
            pending,
            urgent,
            unclear,
            issues,
        } = sets;
        pending
            .into_iter()
            .map(|(_, name)| name)
            .chain([on, urgent, unclear, issues])
            .collect::<Vec<String>>()
    };
    let statuses = Set::STATUSES.map(|value| format!("status:{value}@{connection}"));
    [names(products), names(orders), statuses.into()].concat()
}

/// All configured connections, and the limits of the hub's sets.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub all: Vec<Place>,
    pub limits: SetLimits,
}

impl Places {
    pub fn of(&self, connection: &ConnectionId) -> Option<&Place> {
        self.all
            .iter()
            .find(|place| place.policy.connection == *connection)
    }

    /// An item at every connection, in the order of places.
    pub fn counterparts<'a>(&'a self, equivalences: &'a [(Number, Equivalence)]) -> Vec<Counterpart<'a>> {
        let counterpart = |place: &'a Place| {
            let here = equivalences.iter().find(|(at, _)| *at == place.number);
            Counterpart {
                policy: &place.policy,
                equivalence: here.map(|(_, here)| here),
            }
        };
        self.all.iter().map(counterpart).collect()
    }

    /// Where an order was placed.
    pub fn origin(&self, order: &Item) -> Option<&Place> {
        let at = |place: &&Place| is_origin(&order.content, &place.policy.connection);
        self.all.iter().find(at)
    }
}

/// An item with its counterparts, as the index sees it.
#[derive(Debug)]
pub struct Whole<'a> {
    pub item: &'a Item,
    pub equivalences: &'a [(Number, Equivalence)],
}

impl Whole<'_> {
    pub fn at(&self, number: Number) -> Option<&Equivalence> {
        self.equivalences
            .iter()
            .find(|(at, _)| *at == number)
            .map(|(_, equivalence)| equivalence)
    }

    pub fn standing(&self) -> Standing {
        let live = self
            .equivalences
            .iter()
            .any(|(_, equivalence)| equivalence.is_live());
        if live { Standing::Live } else { Standing::Gone }
    }
}

/// Brings the sets of an item's own content up to date.
pub fn index_terms(changes: &mut SetChanges, before: Option<&Item>, after: &Item, limits: &SetLimits) {
    let old = before.map(|item| terms(item, limits)).unwrap_or_default();
    let new = terms(after, limits);
    move_between(changes, after.id, &old, &new);
}

/// Brings the sets about connections up to date: where the item is, what is pending there, and its issues.
pub fn index_places(changes: &mut SetChanges, whole: &Whole<'_>, places: &Places, now: Time) {
    let item = whole.item.id.0;
    let around = Around {
        counterparts: &places.counterparts(whole.equivalences),
        limits: places.limits,
    };
    for place in &places.all {
        let here = whole.at(place.number);
        index_place(changes, whole.item, here, whole.standing(), &around, place, now);
    }
    let has_issues = whole
        .equivalences
        .iter()
        .any(|(_, equivalence)| !equivalence.issues.is_empty());
    put(changes, "issues:with", has_issues, item);
    put(changes, "issues:without", !has_issues, item);
    put(changes, ALL, whole.standing() == Standing::Live, item);
}

/// Brings up to date the sets of what a connection shows of an item: its status and its categories there.
///
/// `before` is the counterpart as the sets have it. Most changes are none of these, so little is done for them.
pub fn index_shown(
    changes: &mut SetChanges,
    item: ItemId,
    place: &Place,
    before: Option<&Equivalence>,
    after: &Equivalence,
) {
    let connection = &place.policy.connection;
    if before.is_some_and(|before| shows_alike(before, after)) {
        return;
    }
    let old = before
        .map(|before| terms_at(connection, before))
        .unwrap_or_default();
    let new = terms_at(connection, after);
    move_between(changes, item, &old, &new);
}

fn move_between(changes: &mut SetChanges, item: ItemId, old: &BTreeSet<Set>, new: &BTreeSet<Set>) {
    // One text for all names: this is done for dozens of sets of every product.
    let mut name = String::with_capacity(64);
    let mut each = |set: &Set, change: fn(&mut SetChanges, &str, u64)| {
        name.clear();
        write!(name, "{set}").expect("a text takes all that is written to it");
        change(changes, &name, item.0);
    };
    for set in old.difference(new) {
        each(set, SetChanges::leave);
    }
    for set in new.difference(old) {
        each(set, SetChanges::join);
    }
}

fn shows_alike(before: &Equivalence, after: &Equivalence) -> bool {
    let same = |field| {
        let path = Path::field(field);
        before.acknowledged.get(&path) == after.acknowledged.get(&path)
    };
    before.is_live() == after.is_live() && same(Field::Status) && same(Field::Categories)
}

/// Brings the sets about one connection up to date, but for what it shows.
pub fn index_place(
    changes: &mut SetChanges,
    item: &Item,
    equivalence: Option<&Equivalence>,
    standing: Standing,
    around: &Around<'_>,
    place: &Place,
    now: Time,
) {
    let Place {
        number: _,
        policy,
        fields,
        orders: _,
        order_sets: _,
        stock: _,
        sets:
            PlaceSets {
                on,
                pending: pending_sets,
                urgent,
                unclear,
                issues,
            },
    } = place;
    let pending = pending(item, equivalence, standing, around, policy, fields, now);
    let item = item.id.0;
    put(changes, on, equivalence.is_some_and(Equivalence::is_live), item);
    for (what, set) in pending_sets {
        let mark = match what {
            PendingSet::Creates => pending.mark == Some(Mark::Create),
            PendingSet::Updates => pending.mark == Some(Mark::Update),
            PendingSet::Held => !pending.held.is_empty(),
        };
        put(changes, set, mark, item);
    }
    let is_urgent = pending.mark == Some(Mark::Update) && urgency(&pending.changes).is_some();
    put(changes, urgent, is_urgent, item);
    put(changes, unclear, is_unclear(equivalence), item);
    let open = equivalence.map_or(0, |equivalence| equivalence.issues.len()) + pending.issues.len();
    put(changes, issues, open > 0, item);
}

/// The set of products whose quantities are to change at a connection; not one that people name.
pub fn urgent_at(connection: &str) -> String {
    format!("urgent@{connection}")
}

/// Whether nobody knows yet what became of a write.
fn is_unclear(equivalence: Option<&Equivalence>) -> bool {
    equivalence.is_some_and(|equivalence| equivalence.sending.is_some())
}

/// The set of products of whose last write nobody knows yet what became of it; not one that people name.
pub fn unclear_at(connection: &str) -> String {
    format!("unclear@{connection}")
}

/// The set of items with issues at a connection; not one that people name.
pub fn issues_at(connection: &str) -> String {
    format!("issues@{connection}")
}

pub fn put(changes: &mut SetChanges, set: &str, member: bool, item: u64) {
    if member {
        changes.join(set, item);
    } else {
        changes.leave(set, item);
    }
}
