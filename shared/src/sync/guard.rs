//! What halts a send before its first write: a run that would do mass damage.

use crate::{
    content::{Change, Field, Leaf, Value},
    policy::Guards,
};
use rust_decimal::Decimal as Number;

/// A handful is no mass damage, whatever share of a small shop it is.
const FEW: u64 = 5;

/// What a send is about to do to products that are there, counted in products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    pub zeroed: u64,
    pub repriced: u64,
}

impl Damage {
    /// Counts the changes of one product.
    pub fn count(&mut self, changes: &[Change], guards: &Guards) {
        self.zeroed += u64::from(changes.iter().any(is_zeroing));
        self.repriced += u64::from(changes.iter().any(|change| is_repricing(change, guards)));
    }

    /// Why the send has to wait for a person, if so. `live` products are at the connection.
    pub fn verdict(&self, live: u64, guards: &Guards) -> Option<String> {
        let Self { zeroed, repriced } = *self;
        let beyond = |count: u64, percent: Number| {
            Number::from(count) * Number::ONE_HUNDRED > percent * Number::from(live)
        };
        if zeroed > FEW && beyond(zeroed, guards.zero_stock.0) {
            return Some(format!(
                "This send would set the stock of {zeroed} of {live} products to 0, more than the {}% that [guards] \
                 zero_stock allows. None of it was sent. Confirm the job if that is right.",
                guards.zero_stock.plain()
            ));
        }
        if repriced > FEW && beyond(repriced, guards.price_change_of.0) {
            return Some(format!(
                "This send would move the price of {repriced} of {live} products by more than {}%, more than the \
                 {}% of products that [guards] price_change allows. None of it was sent. Confirm the job if that is right.",
                guards.price_change_by.plain(),
                guards.price_change_of.plain()
            ));
        }
        None
    }
}

fn is_zeroing(change: &Change) -> bool {
    let (Leaf::Stock(_), Some(Value::Number(old)), Some(Value::Number(new))) =
        (&change.path.leaf, &change.old, &change.new)
    else {
        return false;
    };
    old.0 > Number::ZERO && new.0 <= Number::ZERO
}

fn is_repricing(change: &Change, guards: &Guards) -> bool {
    let (Leaf::Field(Field::Price), Some(Value::Number(old)), Some(Value::Number(new))) =
        (&change.path.leaf, &change.old, &change.new)
    else {
        return false;
    };
    (new.0 - old.0).abs() * Number::ONE_HUNDRED > guards.price_change_by.0 * old.0.abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{content::Path, ids::Key, money::Decimal};

    fn check(path: &Path, old: i64, new: i64, times: u64, live: u64, halts: bool) {
        let guards = Guards::default();
        let value = |n: i64| Some(Value::Number(Decimal::from(n)));
        let mut damage = Damage::default();
        for _ in 0..times {
            damage.count(
                &[Change {
                    path: path.clone(),
                    old: value(old),
                    new: value(new),
                }],
                &guards,
            );
        }
        let verdict = damage.verdict(live, &guards);
        assert_eq!(
            verdict.is_some(),
            halts,
            "{times} of {live} from {old} to {new}: {verdict:?}"
        );
    }

    #[test]
    fn a_send_that_would_zero_or_reprice_too_much_halts() {
        let stock = Path::stock(Key(1), "default");
        let price = Path::variant_field(Key(1), Field::Price);
        check(&stock, 5, 0, 31, 100, true);
        check(&stock, 5, 0, 30, 100, false);
        check(&stock, 5, 1, 100, 100, false);
        check(&stock, 5, 0, FEW, FEW, false);
        check(&stock, 5, 0, FEW + 1, FEW + 1, true);
        check(&stock, 0, -1, 100, 100, false);
        check(&price, 100, 151, 21, 100, true);
        check(&price, 100, 150, 21, 100, false);
        check(&price, 100, 40, 21, 100, true);
        check(&price, 100, 151, 20, 100, false);
        check(&price, 100, 151, FEW, FEW, false);
        check(&price, 100, 151, FEW + 1, FEW + 1, true);
    }
}
