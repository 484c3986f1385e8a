//! What a demo shop holds in memory: what it opened with, which costs nothing, and where each changed record is in the
//! log.

use super::{
    catalogue::Catalogue,
    history::History,
    log::Place,
    orders::Sales,
    rows::{Changed, Hashes, Rows},
    state::{Fact, OrderState, State},
};
use shared::time::Time;

#[derive(Debug, Default)]
pub(super) struct Index {
    pub catalogue: Catalogue,
    /// When another catalogue was put in place of the first one: all of its products changed then.
    pub replaced_at: Option<Time>,
    pub products: Rows,
    /// The SKUs that changed products have or had: each find has to be checked.
    skus: Hashes,
    /// The orders that the shop began with. `None`: the shop is from before shops had orders.
    pub history: Option<History>,
    /// When another history was put in place of the first one.
    pub rewritten_at: Option<Time>,
    pub orders: Rows,
    /// How many milliseconds the shop's clock is ahead.
    pub ahead: i64,
    pub sales: Sales,
}

impl Index {
    pub(super) fn take_in(&mut self, fact: Fact, place: Place) {
        match fact {
            Fact::Opened(catalogue) => self.sell_from(catalogue),
            Fact::Replaced { by, at } => {
                self.replaced_at = Some(at);
                self.sell_from(by);
            }
            Fact::Changed { number, state } => self.change(number, &state, place),
            Fact::Traded { before, at } => {
                self.orders.open_with(before.numbers());
                self.history = Some(before);
                self.rewritten_at = at;
            }
            Fact::Ordered {
                number,
                state,
                booked,
            } => {
                self.order(number, &state, place);
                for (number, state) in booked {
                    self.change(number, &state, place);
                }
            }
            Fact::Clock { ahead } => self.ahead = ahead,
            Fact::Sales(sales) => self.sales = sales,
        }
    }

    /// The first product of the catalogue that changed at or after `since`.
    pub(super) fn product_since(&self, since: Option<Time>) -> u64 {
        let numbers = self.catalogue.numbers();
        match (since, self.replaced_at) {
            (None, _) => numbers.start,
            (Some(since), Some(at)) if at >= since => numbers.start,
            (Some(_), Some(_)) => numbers.end,
            (Some(since), None) => self.catalogue.first_since(since),
        }
    }

    /// The first order of the history that changed at or after `since`.
    pub(super) fn order_since(&self, since: Option<Time>) -> u64 {
        let numbers = self.orders.opened_with();
        match (since, self.rewritten_at, &self.history) {
            (None, _, _) | (_, _, None) => numbers.start,
            (Some(since), Some(at), _) if at >= since => numbers.start,
            (Some(_), Some(_), _) => numbers.end,
            (Some(since), None, Some(history)) => history.first_since(since),
        }
    }

    /// The numbers of the products that may have this SKU.
    pub(super) fn with_sku(&self, sku: &str) -> Vec<u64> {
        let mut numbers = self.skus.find(&sku_key(sku));
        numbers.extend(self.catalogue.number_of_sku(sku.trim()));
        numbers
    }

    fn change(&mut self, number: u64, state: &State, place: Place) {
        let State {
            product,
            token,
            updated_at,
            writes,
            next_part: _,
        } = state;
        let variants = product.iter().flat_map(|product| &product.variants);
        self.skus
            .extend(variants.map(|variant| (sku_key(&variant.sku), number)));
        let changed = Changed {
            place,
            updated_at: *updated_at,
            writes: *writes,
            present: product.is_some(),
        };
        self.products.change(number, changed, token.as_deref());
    }

    fn order(&mut self, number: u64, state: &OrderState, place: Place) {
        let OrderState {
            order,
            token,
            updated_at,
            writes,
            next_part: _,
        } = state;
        let changed = Changed {
            place,
            updated_at: *updated_at,
            writes: *writes,
            present: order.is_some(),
        };
        self.orders.change(number, changed, token.as_deref());
    }

    fn sell_from(&mut self, catalogue: Catalogue) {
        self.products.open_with(catalogue.numbers());
        self.catalogue = catalogue;
    }
}

pub(super) fn same_sku(one: &str, other: &str) -> bool {
    sku_key(one) == sku_key(other)
}

fn sku_key(sku: &str) -> String {
    sku.trim().to_lowercase()
}
