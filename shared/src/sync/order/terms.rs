//! The sets that an order is in by what it is, as far as its own content tells.

use crate::{
    content::Field,
    item::Item,
    set::{Placed, Set},
    time::Date,
};
use std::collections::BTreeSet;

/// The sets of an order's own content: its fields, and when it was placed, that day being `placed` in the daemon's time
/// zone. Sets about connections are not its own; they are as for products.
pub fn terms(item: &Item, placed: Option<Date>) -> BTreeSet<Set> {
    let present: BTreeSet<Field> = item.content.iter().map(|(path, _)| path.governed_by()).collect();
    let fields = Field::ORDER.into_iter().map(|field| {
        let name = field.name().to_owned();
        if present.contains(&field) {
            Set::With(name)
        } else {
            Set::Without(name)
        }
    });
    let placed = placed.into_iter().flat_map(Placed::on).map(Set::Placed);
    fields.chain(placed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        content::{Detail, Path, Value},
        ids::{ItemId, Key},
        time::Time,
    };

    #[test]
    fn an_order_is_in_the_sets_of_its_fields_and_of_when_it_was_placed() {
        let item = Item {
            id: ItemId(1),
            content: [(Path::detail(Detail::Email), Value::Text("a@b.c".into()))]
                .into_iter()
                .collect(),
            next_key: Key(1),
            stamps: Vec::new(),
            created_at: Time(0),
            updated_at: Time(0),
        };
        let names = |placed: Option<&str>| -> Vec<String> {
            let sets = terms(&item, placed.map(|day| day.parse().unwrap()));
            let names = sets.iter().map(Set::to_string);
            names.filter(|name| !name.starts_with("without:")).collect()
        };
        assert_eq!(names(None), ["with:buyer"]);
        assert_eq!(
            names(Some("2026-11-23")),
            ["with:buyer", "year:2026", "month:2026-11", "day:2026-11-23"]
        );
    }
}
