//! The sets that an item is in by what it is, as far as its own content tells.

use crate::{
    content::{Field, Leaf, Path, Value},
    item::Item,
    money::Decimal,
    policy::SetLimits,
    set::Set,
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

/// Whether an item is in a set, as far as its own content tells; sets about connections are not its own.
pub fn holds(set: &Set, item: &Item) -> bool {
    terms(item, &SetLimits::default()).contains(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_a_value_without_what_an_address_would_escape() {
        assert_eq!(slug("  Nordic & Sons, Ltd. "), "nordic-sons-ltd");
        assert_eq!(slug("Größe 42"), "größe-42");
    }
}
