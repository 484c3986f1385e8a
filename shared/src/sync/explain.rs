//! "Explain this number": the movements behind a quantity, in their order.

use crate::{
    content::{Change, Content, Path, Value},
    history::{Cause, Deed, Entry},
    ids::Key,
    money::Decimal,
};

/// A quantity, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What was there when the hub first knew the variant at this location; `None`: it began with the first movement.
    pub first: Option<Decimal>,
    pub movements: Vec<Movement>,
    /// The first quantity and all movements added up; what the hub holds now. `None`: it is not counted any more.
    pub quantity: Option<Decimal>,
}

/// One change of a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    pub cause: Cause,
    /// Negative for what left.
    pub by: Decimal,
    /// The quantity after it.
    pub after: Decimal,
}

/// The movements of a variant's quantity at one of the hub's locations, from the item's `history`, oldest first.
///
/// The first quantity and the movements always add up to what the hub holds now, also where the history began late.
pub fn explain(content: &Content, history: &[Entry], variant: Key, location: &str) -> Explained {
    let path = Path::stock(variant, location);
    let number = |value: &Option<Value>| match value {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    let moved = |entry: &'_ Entry| -> Option<(Cause, Option<Decimal>, Option<Decimal>)> {
        let Entry {
            cause,
            deed: Deed::Changed,
            changes,
        } = entry
        else {
            return None;
        };
        let Change { path: _, old, new } = changes.iter().find(|change| change.path == path)?;
        Some((cause.clone(), number(old), number(new)))
    };
    let moves: Vec<_> = history.iter().filter_map(moved).collect();
    let quantity = content.number(&path);
    let first = match moves.first() {
        Some((_, old, _)) => *old,
        None => quantity,
    };
    let movements = moves
        .into_iter()
        .map(|(cause, old, new)| {
            let after = new.unwrap_or_default();
            Movement {
                cause,
                by: Decimal(after.0 - old.unwrap_or_default().0),
                after,
            }
        })
        .collect();
    Explained {
        first,
        movements,
        quantity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{item::Author, time::Time};

    /// A history of quantities `0 -> 1 -> 2 ...`, `None` where the quantity is not counted.
    fn check(quantities: &[Option<i64>], first: Option<i64>, movements: &[(i64, i64)]) {
        let path = Path::stock(Key(1), "main");
        let value = |quantity: &Option<i64>| quantity.map(|n| Value::Number(Decimal::from(n)));
        let history: Vec<Entry> = quantities
            .windows(2)
            .enumerate()
            .map(|(at, pair)| Entry {
                cause: Cause {
                    at: Time(at.try_into().unwrap()),
                    by: Author::Person,
                    job: None,
                },
                deed: Deed::Changed,
                changes: vec![Change {
                    path: path.clone(),
                    old: value(&pair[0]),
                    new: value(&pair[1]),
                }],
            })
            .collect();
        let now = quantities.last().unwrap();
        let content: Content = value(now)
            .map(|value| (path.clone(), value))
            .into_iter()
            .collect();
        let explained = explain(&content, &history, Key(1), "main");
        assert_eq!(explained.first, first.map(Decimal::from));
        let told: Vec<_> = explained
            .movements
            .iter()
            .map(|moved| (moved.by, moved.after))
            .collect();
        let wanted: Vec<_> = movements
            .iter()
            .map(|(by, after)| (Decimal::from(*by), Decimal::from(*after)))
            .collect();
        assert_eq!(told, wanted, "{quantities:?}");
        let sum = movements.iter().map(|(by, _)| by).sum::<i64>() + first.unwrap_or(0);
        assert_eq!(sum, now.unwrap_or(0), "the movements add up to the number");
    }

    #[test]
    fn a_quantity_is_explained_by_the_movements_behind_it() {
        check(&[Some(10)], Some(10), &[]);
        check(&[Some(10), Some(9), Some(7)], Some(10), &[(-1, 9), (-2, 7)]);
        check(&[None, Some(5), Some(4)], None, &[(5, 5), (-1, 4)]);
        check(&[Some(3), Some(-1), Some(20)], Some(3), &[(-4, -1), (21, 20)]);
        check(&[Some(3), None], Some(3), &[(-3, 0)]);
    }

    #[test]
    fn other_variants_and_places_explain_nothing() {
        let history = [Entry {
            cause: Cause {
                at: Time(1),
                by: Author::Person,
                job: None,
            },
            deed: Deed::Changed,
            changes: vec![Change {
                path: Path::stock(Key(2), "main"),
                old: None,
                new: Some(Value::Number(Decimal::ONE)),
            }],
        }];
        let explained = explain(&Content::new(), &history, Key(1), "main");
        assert_eq!((explained.first, explained.quantity), (None, None));
        assert_eq!(explained.movements, []);
    }
}
