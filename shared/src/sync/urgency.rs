//! What goes first in a send: what is nearest to an oversell.

use crate::{
    content::{Change, Leaf, Part, Value},
    money::Decimal,
};
use std::cmp::Reverse;

/// How soon the changes of a product have to be written; the least is the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// More is offered than there is: the fewer are left, and then the more are offered beyond them, the sooner.
    Oversold { left: Decimal, beyond: Reverse<Decimal> },
    /// There is more than is offered: the fewer are offered, the sooner.
    Understated { offered: Decimal },
}

/// How urgent what is pending of a product is. `None`: no quantity of a variant that is there already changes, and it
/// may wait.
pub fn urgency(changes: &[Change]) -> Option<Urgency> {
    let coming = |part: Part| {
        let mut of_part = changes.iter().filter(|change| change.path.part == part);
        of_part.any(|change| change.path.leaf == Leaf::Exists)
    };
    let quantities = changes
        .iter()
        .filter(|change| matches!(change.path.leaf, Leaf::Stock(_)) && !coming(change.path.part));
    quantities.filter_map(of_quantity).min()
}

fn of_quantity(change: &Change) -> Option<Urgency> {
    let Some(Value::Number(left)) = change.new else {
        return None;
    };
    let offered = match change.old {
        Some(Value::Number(offered)) => offered,
        // It was not counted there.
        _ => Decimal::ZERO,
    };
    Some(if left < offered {
        Urgency::Oversold {
            left,
            beyond: Reverse(Decimal(offered.0 - left.0)),
        }
    } else {
        Urgency::Understated { offered }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        content::{Field, Path},
        ids::Key,
    };

    fn quantity(variant: u32, old: Option<i64>, new: i64) -> Change {
        let number = |quantity| Value::Number(Decimal::from(quantity));
        Change {
            path: Path::stock(Key(variant), "default"),
            old: old.map(number),
            new: Some(number(new)),
        }
    }

    #[test]
    fn what_is_nearest_to_an_oversell_goes_first() {
        let ranked = [
            vec![quantity(1, Some(12), 0)],
            vec![quantity(1, Some(1), 0)],
            vec![quantity(1, Some(9), 8), quantity(2, Some(3), 1)],
            vec![quantity(1, Some(5), 4)],
            vec![quantity(1, Some(515), 514)],
            vec![quantity(1, Some(0), 7)],
            vec![quantity(1, Some(2), 3)],
        ];
        for pair in ranked.windows(2) {
            assert!(urgency(&pair[0]) < urgency(&pair[1]), "{pair:?}");
            assert!(urgency(&pair[0]).is_some());
        }
    }

    #[test]
    fn what_changes_no_quantity_that_is_offered_may_wait() {
        let title = Change {
            path: Path::field(Field::Title),
            old: None,
            new: Some(Value::Text("Lamp".into())),
        };
        let coming = Change {
            path: Path::variant(Key(3), Leaf::Exists),
            old: None,
            new: Some(Value::Present),
        };
        let check = |changes: &[Change], urgent: bool| {
            assert_eq!(urgency(changes).is_some(), urgent, "{changes:?}");
        };
        check(&[], false);
        check(std::slice::from_ref(&title), false);
        check(&[coming.clone(), quantity(3, None, 4)], false);
        check(&[coming, quantity(3, None, 4), quantity(1, Some(2), 1)], true);
        check(&[title, quantity(1, None, 4)], true);
    }
}
