//! What a demo shop holds in memory: its catalogue, which costs nothing, and where each changed record is in the log.

use super::{
    catalogue::Catalogue,
    log::Place,
    state::{Fact, State, Writes},
};
use shared::time::Time;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};
use xxhash_rust::xxh3::xxh3_64;

#[derive(Debug, Default)]
pub(super) struct Index {
    pub catalogue: Catalogue,
    /// When another catalogue was put in place of the first one: all of its products changed then.
    pub replaced_at: Option<Time>,
    pub changed: BTreeMap<u64, Changed>,
    /// How many of `changed` are still there.
    present: u64,
    /// How many of `changed` are of the catalogue.
    shadowed: u64,
    /// Hashes of the SKUs that changed records have or had, with their numbers: each find has to be checked.
    skus: BTreeSet<(u64, u64)>,
    /// The same of tokens.
    tokens: BTreeSet<(u64, u64)>,
}

/// The newest state of a changed record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changed {
    pub place: Place,
    pub updated_at: Time,
    pub writes: Writes,
    pub present: bool,
}

impl Index {
    pub(super) fn take_in(&mut self, fact: Fact, place: Place) {
        match fact {
            Fact::Opened(catalogue) => self.sell_from(catalogue),
            Fact::Replaced { by, at } => {
                self.replaced_at = Some(at);
                self.sell_from(by);
            }
            Fact::Changed { number, state } => self.change(number, *state, place),
        }
    }

    /// How many records there are.
    pub(super) fn count(&self) -> u64 {
        self.catalogue.products - self.shadowed + self.present
    }

    /// The numbers of the catalogue that changed at or after `since`, were they not changed later, and how many
    /// records did in all.
    pub(super) fn extent(&self, since: Option<Time>) -> (Range<u64>, u64) {
        let Range { start, end } = self.catalogue.numbers();
        let Some(since) = since else {
            return (start..end, self.count());
        };
        let first = match self.replaced_at {
            Some(at) if at >= since => start,
            Some(_) => end,
            None => self.catalogue.first_since(since),
        };
        let shadowed = self.changed.range(first..end).count() as u64;
        let changed = self
            .changed
            .values()
            .filter(|changed| changed.is_shown(Some(since)));
        (first..end, end - first - shadowed + changed.count() as u64)
    }

    /// The numbers of the records that may have this SKU.
    pub(super) fn with_sku(&self, sku: &str) -> Vec<u64> {
        let mut numbers = find(&self.skus, sku_hash(sku));
        numbers.extend(self.catalogue.number_of_sku(sku.trim()));
        numbers
    }

    /// The numbers of the records that may have this token.
    pub(super) fn with_token(&self, token: &str) -> Vec<u64> {
        find(&self.tokens, token_hash(token))
    }

    fn change(&mut self, number: u64, state: State, place: Place) {
        let State {
            product,
            token,
            updated_at,
            writes,
            next_part: _,
        } = state;
        self.tokens
            .extend(token.map(|token| (token_hash(&token), number)));
        let variants = product.iter().flat_map(|product| &product.variants);
        self.skus
            .extend(variants.map(|variant| (sku_hash(&variant.sku), number)));
        let present = product.is_some();
        let changed = Changed {
            place,
            updated_at,
            writes,
            present,
        };
        let before = self.changed.insert(number, changed);
        self.present += u64::from(present);
        self.present -= u64::from(before.is_some_and(|before| before.present));
        if before.is_none() && self.catalogue.numbers().contains(&number) {
            self.shadowed += 1;
        }
    }

    fn sell_from(&mut self, catalogue: Catalogue) {
        self.shadowed = self.changed.range(catalogue.numbers()).count() as u64;
        self.catalogue = catalogue;
    }
}

impl Changed {
    /// Whether it is there and changed at or after `since`.
    pub(super) fn is_shown(&self, since: Option<Time>) -> bool {
        self.present && since.is_none_or(|since| self.updated_at >= since)
    }
}

pub(super) fn same_sku(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn sku_hash(sku: &str) -> u64 {
    xxh3_64(sku.trim().to_lowercase().as_bytes())
}

fn token_hash(token: &str) -> u64 {
    xxh3_64(token.as_bytes())
}

fn find(index: &BTreeSet<(u64, u64)>, hash: u64) -> Vec<u64> {
    index
        .range((hash, 0)..=(hash, u64::MAX))
        .map(|(_, number)| *number)
        .collect()
}
