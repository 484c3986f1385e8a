//! Sets of items as bitmaps, cut into containers of 65,536 so that a change rewrites little.

use super::StoreError;
use redb::{ReadableTable, Table};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, HashMap};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

/// The set of every item that the console shows.
pub const ALL: &str = "*";

/// Changes to sets, collected over a transaction and written once per container, in the order of the table.
#[derive(Debug, Default)]
pub struct SetChanges(HashMap<String, BTreeMap<u32, Container>, Xxh3DefaultBuilder>);

#[derive(Debug, Default)]
struct Container {
    join: RoaringBitmap,
    leave: RoaringBitmap,
}

impl SetChanges {
    pub fn join(&mut self, set: &str, item: u64) {
        let (container, bit) = place(item);
        let container = self.container(set, container);
        container.leave.remove(bit);
        container.join.insert(bit);
    }

    pub fn leave(&mut self, set: &str, item: u64) {
        let (container, bit) = place(item);
        let container = self.container(set, container);
        container.join.remove(bit);
        container.leave.insert(bit);
    }

    /// Takes later changes on top of these.
    pub fn extend(&mut self, later: Self) {
        for (set, containers) in later.0 {
            for (number, Container { join, leave }) in containers {
                let container = self.container(&set, number);
                container.join -= &leave;
                container.join |= &join;
                container.leave -= &join;
                container.leave |= leave;
            }
        }
    }

    /// The members that join each set in one container; sets that none joins are left out.
    pub fn joined(self, container: u32) -> BTreeMap<String, RoaringBitmap> {
        let joined = self.0.into_iter().filter_map(|(set, mut containers)| {
            let Container { join, leave: _ } = containers.remove(&container)?;
            (!join.is_empty()).then_some((set, join))
        });
        joined.collect()
    }

    fn container(&mut self, set: &str, container: u32) -> &mut Container {
        if !self.0.contains_key(set) {
            self.0.insert(set.to_owned(), BTreeMap::new());
        }
        let containers = self.0.get_mut(set).expect("it was just put there");
        containers.entry(container).or_default()
    }

    /// Writes what was collected.
    pub fn flush(self, table: &mut Table<'_, (&'static str, u32), &'static [u8]>) -> Result<(), StoreError> {
        let mut sets: Vec<_> = self.0.into_iter().collect();
        sets.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (set, containers) in sets {
            for (number, Container { join, leave }) in containers {
                let before = match table.get((set.as_str(), number))? {
                    Some(bytes) => bitmap(bytes.value())?,
                    None => RoaringBitmap::new(),
                };
                let mut after = &before - &leave;
                after |= join;
                if after == before {
                    continue;
                }
                if after.is_empty() {
                    table.remove((set.as_str(), number))?;
                } else {
                    table.insert((set.as_str(), number), bytes(&after)?.as_slice())?;
                }
            }
        }
        Ok(())
    }
}

/// All members of a set.
pub fn members(
    table: &impl ReadableTable<(&'static str, u32), &'static [u8]>,
    set: &str,
) -> Result<RoaringBitmap, StoreError> {
    let mut all = RoaringBitmap::new();
    for entry in table.range((set, 0)..=(set, u32::MAX))? {
        let (key, value) = entry?;
        let (_, container) = key.value();
        let base = container << 16;
        all.append(bitmap(value.value())?.iter().map(|bit| base | bit))
            .map_err(|_| StoreError::Codec(String::from("a set's containers overlap")))?;
    }
    Ok(all)
}

/// How many members a set has.
pub fn count(
    table: &impl ReadableTable<(&'static str, u32), &'static [u8]>,
    set: &str,
) -> Result<u64, StoreError> {
    let mut total = 0;
    for entry in table.range((set, 0)..=(set, u32::MAX))? {
        total += bitmap(entry?.1.value())?.len();
    }
    Ok(total)
}

/// The container of an item, and its bit there. Items are numbered from 1 and a store holds far fewer than 2^32.
fn place(item: u64) -> (u32, u32) {
    let low = u32::try_from(item).expect("a store holds fewer than 2^32 items");
    (low >> 16, low & 0xffff)
}

pub fn bitmap(bytes: &[u8]) -> Result<RoaringBitmap, StoreError> {
    RoaringBitmap::deserialize_from(bytes).map_err(|error| StoreError::Codec(error.to_string()))
}

pub fn bytes(bitmap: &RoaringBitmap) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(bitmap.serialized_size());
    bitmap
        .serialize_into(&mut bytes)
        .map_err(|error| StoreError::Codec(error.to_string()))?;
    Ok(bytes)
}
