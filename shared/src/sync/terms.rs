//! The sets that an item is in: by its own content, and by what its connections show of it.

use crate::{
    content::{Field, Leaf, Path, Value},
    ids::ConnectionId,
    item::{Equivalence, Item},
    money::Decimal,
    policy::{Policy, SetLimits},
    product::Status,
    set::{Set, SetExpression},
};
use std::collections::BTreeSet;

/// A value as it stands in a set's id: lower case, everything but letters and digits as single hyphens.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The sets of an item's own content: fields, brand, size, color, stock, price.
pub fn terms(item: &Item, limits: &SetLimits) -> BTreeSet<Set> {
    let mut sets = BTreeSet::new();
    let mut present = BTreeSet::new();
    let mut stock: Option<Decimal> = None;
    let mut price: Price = Price::Missing;
    for (path, value) in item.content.iter() {
        present.insert(path.governed_by());
        match (&path.leaf, value) {
            (Leaf::Field(Field::Brand), Value::Text(brand)) => {
                sets.insert(Set::Brand(slug(brand)));
            }
            (Leaf::Option(name), Value::Text(text)) if name == "color" => {
                sets.insert(Set::Color(slug(text)));
            }
            (Leaf::Option(name), Value::Text(text)) if name == "size" => {
                sets.insert(Set::Size(slug(text)));
            }
            (Leaf::Field(Field::Barcode), Value::Text(barcode)) => {
                sets.insert(Set::Barcode(slug(barcode)));
            }
            (Leaf::Stock(_), Value::Number(quantity)) => {
                stock = Some(Decimal(stock.unwrap_or_default().0 + quantity.0));
            }
            (Leaf::Field(Field::Price), Value::Number(amount)) => {
                let compared = item.content.number(&Path {
                    part: path.part,
                    leaf: Leaf::Field(Field::CompareAtPrice),
                });
                price = price.max(Price::of(*amount, compared, limits));
            }
            _ => {}
        }
    }
    for field in Field::PRODUCT {
        let name = field.name().to_owned();
        sets.insert(if present.contains(&field) {
            Set::With(name)
        } else {
            Set::Without(name)
        });
    }
    if let Some(stock) = stock {
        let value = if stock.0 <= Decimal::ZERO.0 { "out" } else { "in" };
        sets.insert(Set::Stock(value.to_owned()));
        if stock.0 >= Decimal::ONE.0 && stock.0 <= limits.low_stock.0 {
            sets.insert(Set::Stock("low".to_owned()));
        }
    }
    match price {
        Price::Fine => {}
        Price::Low => {
            sets.insert(Set::Price("low".to_owned()));
        }
        Price::Missing | Price::Bad => {
            sets.insert(Set::Price("bad".to_owned()));
        }
    }
    sets
}

/// The sets of an item's own content that depend on limits which people set.
pub fn limited() -> [Set; 2] {
    [Set::Stock("low".to_owned()), Set::Price("low".to_owned())]
}

/// Of several variants the worst price counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Price {
    Missing,
    Fine,
    Low,
    Bad,
}

impl Price {
    fn of(amount: Decimal, compared: Option<Decimal>, limits: &SetLimits) -> Self {
        let no_sale = compared.is_some_and(|compared| compared.0 <= amount.0);
        if amount.0 <= Decimal::ZERO.0 || no_sale {
            Self::Bad
        } else if amount.0 < limits.low_price.0 {
            Self::Low
        } else {
            Self::Fine
        }
    }
}

/// What sets ask for besides an item's own content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The item at every connection that is configured.
    pub counterparts: &'a [Counterpart<'a>],
    pub limits: SetLimits,
}

/// An item at one connection.
#[derive(Clone, Copy, Debug)]
pub struct Counterpart<'a> {
    pub policy: &'a Policy,
    pub equivalence: Option<&'a Equivalence>,
}

/// The sets of what a connection shows of an item: where it is, its status there, its categories there.
///
/// What the platform last acknowledged counts, not what the hub holds.
pub fn terms_at(connection: &ConnectionId, equivalence: &Equivalence) -> BTreeSet<Set> {
    let mut sets = BTreeSet::new();
    if !equivalence.is_live() {
        return sets;
    }
    let at = connection.as_str();
    sets.insert(Set::On(at.to_owned()));
    sets.extend(statuses(equivalence).iter().map(|&value| Set::Status {
        value: value.to_owned(),
        at: at.to_owned(),
    }));
    sets.extend(categories(equivalence).into_iter().map(|value| Set::Category {
        value,
        at: at.to_owned(),
    }));
    sets
}

/// What a status is called in sets. Platforms that tell none leave it open.
fn statuses(equivalence: &Equivalence) -> &'static [&'static str] {
    let status = equivalence.acknowledged.text(&Path::field(Field::Status));
    match Status::parse(status) {
        Some(Status::Active) => &["active", "published"],
        Some(Status::Paused) => &["paused", "published"],
        Some(Status::Draft | Status::Archived) => &["unpublished"],
        None => &[],
    }
}

/// Categories as they stand in sets, each with those that it is within; `none` where there are none.
fn categories(equivalence: &Equivalence) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(Value::List(paths)) = equivalence.acknowledged.get(&Path::field(Field::Categories)) {
        for path in paths {
            found.extend(within(path).map(slug).filter(|slug| !slug.is_empty()));
        }
    }
    if found.is_empty() {
        found.insert(String::from("none"));
    }
    found
}

/// A category's path and those it is within: `Clothing` and `Clothing > Hoodies`.
pub fn within(path: &str) -> impl Iterator<Item = &str> {
    const BETWEEN: &str = " > ";
    let outer = path.match_indices(BETWEEN).map(|(at, _)| &path[..at]);
    outer.chain([path])
}

/// A set as it is stored: with its value as a slug.
pub fn slugged(set: &Set) -> Set {
    match set {
        Set::Brand(text) => Set::Brand(slug(text)),
        Set::Size(text) => Set::Size(slug(text)),
        Set::Color(text) => Set::Color(slug(text)),
        Set::Barcode(text) => Set::Barcode(slug(text)),
        Set::Category { value, at } => Set::Category {
            value: slug(value),
            at: at.clone(),
        },
        Set::On(_)
        | Set::Platform(_)
        | Set::With(_)
        | Set::Without(_)
        | Set::Status { .. }
        | Set::Issues { .. }
        | Set::Stock(_)
        | Set::Price(_)
        | Set::Pending { .. }
        | Set::Placed(_) => set.clone(),
    }
}

/// Whether an item is in all sets of an expression.
///
/// What is pending follows from such expressions, so nothing is in a set of what is pending here.
pub fn holds(expression: &SetExpression, item: &Item, around: &Around<'_>) -> bool {
    let Around { counterparts, limits } = around;
    let mut own = None;
    let mut is_in = |set: &Set| match set {
        Set::On(connection) => counterparts
            .iter()
            .any(|here| here.policy.connection.as_str() == connection && here.shown().is_some()),
        Set::Platform(platform) => counterparts
            .iter()
            .any(|here| here.policy.platform == *platform && here.shown().is_some()),
        Set::Status { value, at } => around
            .at(at)
            .filter_map(Counterpart::shown)
            .any(|shown| statuses(shown).contains(&value.as_str())),
        Set::Category { value, at } => around
            .at(at)
            .filter_map(Counterpart::shown)
            .any(|shown| categories(shown).contains(&slug(value))),
        Set::Issues { present } => {
            let mut known = counterparts.iter().filter_map(|here| here.equivalence);
            known.any(|here| !here.issues.is_empty()) == *present
        }
        // Products are not placed.
        Set::Pending { .. } | Set::Placed(_) => false,
        Set::With(_)
        | Set::Without(_)
        | Set::Brand(_)
        | Set::Size(_)
        | Set::Color(_)
        | Set::Barcode(_)
        | Set::Stock(_)
        | Set::Price(_) => own
            .get_or_insert_with(|| terms(item, limits))
            .contains(&slugged(set)),
    };
    expression.0.iter().all(&mut is_in)
}

impl<'a> Around<'a> {
    /// The connections that are meant by what stands behind an `@`: a connection's own id, else a platform's name.
    fn at(&self, at: &str) -> impl Iterator<Item = &'a Counterpart<'a>> {
        let own = move |here: &Counterpart<'_>| here.policy.connection.as_str() == at;
        let known = self.counterparts.iter().any(own);
        self.counterparts.iter().filter(move |here| {
            if known {
                own(here)
            } else {
                here.policy.platform == at
            }
        })
    }
}

impl<'a> Counterpart<'a> {
    /// What the connection shows, where the item is there.
    fn shown(&self) -> Option<&'a Equivalence> {
        self.equivalence.filter(|here| here.is_live())
    }
}

#[cfg(test)]
mod tests;
