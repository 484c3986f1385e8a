//! What is pending at a connection, worked out anew for all of its products, as when its settings changed.

use super::{Durability, Number, Place, Places, Reader, Store, StoreError, index, sets::SetChanges};
use crate::apart::{each, threads};
use shared::{
    ids::ItemId,
    item::{Equivalence, Item, Presence},
    policy::CloneWhich,
    sync::{pending::Standing, terms::Around},
    time::Time,
};
use std::ops::RangeInclusive;

/// Ids that one transaction goes through: a container of the sets.
const SPAN: u64 = 65_536;

impl Store {
    /// Works out again what is pending at one connection for the products after `after`, a span of them in one
    /// transaction. Answers up to which product it came; `None` when there are no more.
    ///
    /// Nothing is held of a product once its changes to sets are known, so a large catalogue takes no more memory.
    pub fn reindex_products(
        &self,
        number: Number,
        places: &Places,
        after: ItemId,
        now: Time,
    ) -> Result<Option<ItemId>, StoreError> {
        self.write(Durability::Soon, |writer| {
            let last = writer.last_product()?.unwrap_or(ItemId(0));
            let Some(place) = places.all.iter().find(|place| place.number == number) else {
                return Ok(None);
            };
            if after >= last {
                return Ok(None);
            }
            let end = (after.0 + SPAN).min(last.0);
            // The last commit, and the writer has written nothing since: both see the same products.
            let reader = self.read()?;
            let work = |ids| reader.reindexed(place, places, ids, now);
            for changes in each(parts(after.0 + 1..=end), work) {
                writer.change_sets(changes?);
            }
            Ok((end < last.0).then_some(ItemId(end)))
        })
    }
}

impl Reader {
    fn reindexed(
        &self,
        place: &Place,
        places: &Places,
        ids: RangeInclusive<u64>,
        now: Time,
    ) -> Result<SetChanges, StoreError> {
        let mut changes = SetChanges::default();
        self.each_product(ids, |item| {
            self.reindex_one(&mut changes, &item, place, places, now)
        })?;
        Ok(changes)
    }

    fn reindex_one(
        &self,
        changes: &mut SetChanges,
        item: &Item,
        place: &Place,
        places: &Places,
        now: Time,
    ) -> Result<(), StoreError> {
        if let CloneWhich::In(_) = place.policy.products.clone {
            // Sets ask what every connection shows.
            let equivalences = self.equivalences(item.id)?;
            let around = Around {
                counterparts: &places.counterparts(&equivalences),
                limits: places.limits,
            };
            let here = equivalences.iter().find(|(at, _)| *at == place.number);
            let live = equivalences.iter().any(|(_, here)| here.is_live());
            let here = here.map(|(_, here)| here);
            put(changes, item, here, live, &around, place, now);
            return Ok(());
        }
        let here = self.equivalence(item.id, place.number)?;
        // Whether it is live elsewhere only matters where it is not live here.
        let live = match &here {
            Some(here) if here.is_live() => true,
            _ => self
                .presences(item.id)?
                .iter()
                .any(|presence| matches!(presence, Presence::Live { .. })),
        };
        let around = Around {
            counterparts: &[],
            limits: places.limits,
        };
        put(changes, item, here.as_ref(), live, &around, place, now);
        Ok(())
    }
}

fn put(
    changes: &mut SetChanges,
    item: &Item,
    here: Option<&Equivalence>,
    is_live: bool,
    around: &Around<'_>,
    place: &Place,
    now: Time,
) {
    let standing = if is_live { Standing::Live } else { Standing::Gone };
    index::index_place(changes, item, here, standing, around, place, now);
    if let Some(here) = here {
        index::index_shown(changes, item.id, place, None, here);
    }
}

/// A range cut into parts of about the same length, one for each thread.
fn parts(ids: RangeInclusive<u64>) -> Vec<RangeInclusive<u64>> {
    let (first, last) = ids.into_inner();
    let length = (last - first + 1).div_ceil(threads() as u64);
    (first..=last)
        .step_by(usize::try_from(length).unwrap_or(usize::MAX))
        .map(|from| from..=(from + length - 1).min(last))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_range_once() {
        for (first, last) in [(1, 1), (1, 2), (5, 65_540), (7, 9)] {
            let all: Vec<u64> = parts(first..=last).into_iter().flatten().collect();
            assert_eq!(all, (first..=last).collect::<Vec<_>>());
        }
    }
}
