//! Derived tables compared with what they are derived from, and put right where they differ.

use super::{Durability, Writer, equivalence, item};
use crate::store::{
    Number, Store, StoreError,
    codec::decode,
    index::{self, Places, Whole},
    sets::{self, SetChanges},
};
use redb::{ReadableTable, Table};
use roaring::RoaringBitmap;
use shared::{
    ids::{ConnectionId, ItemId, RemoteId},
    item::{Equivalence, Item},
    sync::{matching::item_keys, order::search as orders, search},
    time::Time,
};
use std::collections::{BTreeMap, BTreeSet};

/// How many entries of derived tables were wrong or missing; all of them are right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Memberships in sets, which lists and counts are made of.
    pub sets: u64,
    /// Texts that the search looks through.
    pub texts: u64,
    /// What records are matched by.
    pub keys: u64,
    /// Whose records of platforms are.
    pub remotes: u64,
}

impl Mended {
    pub fn total(self) -> u64 {
        let Self {
            sets,
            texts,
            keys,
            remotes,
        } = self;
        sets + texts + keys + remotes
    }
}

impl std::ops::AddAssign for Mended {
    fn add_assign(&mut self, other: Self) {
        let Self {
            sets,
            texts,
            keys,
            remotes,
        } = other;
        self.sets += sets;
        self.texts += texts;
        self.keys += keys;
        self.remotes += remotes;
    }
}

/// How far the derived tables are put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mending {
    /// What is derived from the items of this container of sets, and of those after it.
    Container(u32),
    /// Match keys from this one on that their product does not have.
    Keys(String, u64),
    /// Whose records are, from this one on, where it is no longer so.
    Remotes(Number, String),
    OrderRemotes(Number, String),
}

impl Mending {
    pub fn first() -> Self {
        Self::Container(0)
    }
}

/// Entries that one step looks through.
const ENTRIES: usize = 20_000;

/// The version of what is derived from items alone; a store with another has all of it made anew.
const DERIVED: u64 = 2;

/// What is to be derived from the items of one container.
#[derive(Default)]
struct Wanted {
    sets: SetChanges,
    texts: BTreeMap<u64, String>,
    keys: BTreeSet<(String, u64)>,
    /// By kind: products, then orders.
    remotes: [Vec<(Number, RemoteId, u64)>; 2],
}

impl Store {
    /// Whether what is derived is of this version. A store that holds nothing yet is.
    pub fn is_derived_anew(&self) -> Result<bool, StoreError> {
        self.write(Durability::Soon, |writer| {
            let version = writer.meta.get("derived")?.map(|version| version.value());
            if version.is_none() && writer.last_item()? == 0 {
                writer.meta.insert("derived", DERIVED)?;
                return Ok(true);
            }
            Ok(version == Some(DERIVED))
        })
    }
}

impl Writer<'_> {
    /// Puts right a part of what is derived. Answers what comes next; `None` when everything is right.
    pub fn mend(
        &mut self,
        at: Mending,
        places: &Places,
        now: Time,
    ) -> Result<(Option<Mending>, Mended), StoreError> {
        let mut mended = Mended::default();
        let next = match at {
            Mending::Container(container) => {
                mended = self.mend_container(container, places, now)?;
                let last = self.last_item()? >> 16;
                if u64::from(container) < last {
                    Some(Mending::Container(container + 1))
                } else {
                    Some(Mending::Keys(String::new(), 0))
                }
            }
            Mending::Keys(key, id) => {
                let (next, surplus) = self.mend_keys(&(key, id))?;
                mended.keys = surplus;
                Some(next.map_or(Mending::Remotes(0, String::new()), |(key, id)| {
                    Mending::Keys(key, id)
                }))
            }
            Mending::Remotes(number, id) => {
                let (next, surplus) = mend_remotes(&mut self.remotes, &self.equivalences, &(number, id))?;
                mended.remotes = surplus;
                Some(
                    next.map_or(Mending::OrderRemotes(0, String::new()), |(number, id)| {
                        Mending::Remotes(number, id)
                    }),
                )
            }
            Mending::OrderRemotes(number, id) => {
                let (next, surplus) =
                    mend_remotes(&mut self.order_remotes, &self.order_equivalences, &(number, id))?;
                mended.remotes = surplus;
                next.map(|(number, id)| Mending::OrderRemotes(number, id))
            }
        };
        if next.is_none() {
            self.meta.insert("derived", DERIVED)?;
        }
        Ok((next, mended))
    }

    fn last_item(&self) -> Result<u64, StoreError> {
        let product = self.products.last()?.map_or(0, |(key, _)| key.value());
        let order = self.orders.last()?.map_or(0, |(key, _)| key.value());
        Ok(product.max(order))
    }

    /// Puts right everything that is derived from the items of one container of sets: ids with the same upper bits.
    ///
    /// An item that cannot be read is in no set, so that lists go on without it.
    fn mend_container(&mut self, container: u32, places: &Places, now: Time) -> Result<Mended, StoreError> {
        let wanted = self.wanted(container, places, now)?;
        let mut mended = Mended::default();
        for (key, id) in &wanted.keys {
            mended.keys += u64::from(self.keys.insert((key.as_str(), *id), ())?.is_none());
        }
        let [products, orders] = &wanted.remotes;
        for (table, remotes) in [(&mut self.remotes, products), (&mut self.order_remotes, orders)] {
            for (number, id, item) in remotes {
                let key = (*number, id.0.as_str());
                let there = table.get(key)?.map(|entry| entry.value().0);
                // The digest cannot be derived; without it the record is taken in again when it is next read.
                if there.is_none() {
                    table.insert(key, (*item, 0))?;
                    mended.remotes += 1;
                }
            }
        }
        mended.texts = self.mend_texts(container, wanted.texts)?;
        mended.sets = self.mend_sets(container, wanted.sets, places)?;
        Ok(mended)
    }

    fn wanted(&self, container: u32, places: &Places, now: Time) -> Result<Wanted, StoreError> {
        let mut wanted = Wanted::default();
        let ids = ids(container);
        for entry in self.products.range(ids.clone())? {
            let (key, value) = entry?;
            let Ok(item) = decode::<Item>(value.value()) else {
                continue;
            };
            let id = key.value();
            let equivalences = readable(&self.equivalences, id)?;
            wanted.texts.insert(id, search::text(&item));
            let keys = item_keys(&item.content);
            wanted.keys.extend(keys.iter().map(|key| (key.to_string(), id)));
            wanted.remotes[0].extend(named(&equivalences, id));
            index::index_terms(&mut wanted.sets, None, &item, &places.limits);
            for (number, here) in &equivalences {
                if let Some(place) = places.all.iter().find(|place| place.number == *number) {
                    index::index_shown(&mut wanted.sets, item.id, place, None, here);
                }
            }
            let whole = Whole {
                item: &item,
                equivalences: &equivalences,
            };
            index::index_places(&mut wanted.sets, &whole, places, now);
        }
        for entry in self.orders.range(ids)? {
            let (key, value) = entry?;
            let Ok(order) = decode::<Item>(value.value()) else {
                continue;
            };
            let id = key.value();
            let equivalences = readable(&self.order_equivalences, id)?;
            let text = orders::text(&order, equivalences.iter().map(|(_, here)| here));
            wanted.texts.insert(id, text);
            wanted.remotes[1].extend(named(&equivalences, id));
            index::index_order_terms(&mut wanted.sets, None, &order);
            let whole = Whole {
                item: &order,
                equivalences: &equivalences,
            };
            index::index_order(&mut wanted.sets, &whole, &self.equivalences, &places.all, now)?;
        }
        Ok(wanted)
    }

    fn mend_texts(&mut self, container: u32, wanted: BTreeMap<u64, String>) -> Result<u64, StoreError> {
        let mut wrong: BTreeMap<u64, Option<String>> = BTreeMap::new();
        let mut missing = wanted;
        for entry in self.texts.range(ids(container))? {
            let (key, text) = entry?;
            match missing.remove(&key.value()) {
                Some(wanted) if wanted == text.value() => {}
                wanted => {
                    wrong.insert(key.value(), wanted);
                }
            }
        }
        wrong.extend(missing.into_iter().map(|(id, text)| (id, Some(text))));
        for (id, text) in &wrong {
            match text {
                Some(text) => self.texts.insert(id, text.as_str())?,
                None => self.texts.remove(id)?,
            };
        }
        Ok(wrong.len() as u64)
    }

    fn mend_sets(&mut self, container: u32, wanted: SetChanges, places: &Places) -> Result<u64, StoreError> {
        let mut wanted: BTreeMap<String, RoaringBitmap> = wanted.joined(container);
        let mut wrong = Vec::new();
        for entry in self.sets.iter()? {
            let (key, value) = entry?;
            let (name, at) = key.value();
            if at != container {
                continue;
            }
            let wanted = wanted.remove(name).unwrap_or_default();
            match sets::bitmap(value.value()) {
                Ok(there) if there == wanted => {}
                // What is pending at a connection that is not configured at present nobody can tell.
                Ok(_) if wanted.is_empty() && is_elsewhere(name, places) => {}
                Ok(there) => wrong.push((name.to_owned(), (&there ^ &wanted).len(), wanted)),
                Err(_) => wrong.push((name.to_owned(), wanted.len().max(1), wanted)),
            }
        }
        wrong.extend(
            wanted
                .into_iter()
                .map(|(name, wanted)| (name, wanted.len(), wanted)),
        );
        let mut members = 0;
        for (name, differing, wanted) in &wrong {
            members += differing;
            if wanted.is_empty() {
                self.sets.remove((name.as_str(), container))?;
            } else {
                let bytes = sets::bytes(wanted)?;
                self.sets.insert((name.as_str(), container), bytes.as_slice())?;
            }
        }
        Ok(members)
    }

    /// Removes match keys from one on that their product does not have. Those of a product that cannot be read stay, so
    /// that its records are taken for no other's.
    fn mend_keys(&mut self, from: &(String, u64)) -> Result<(Option<(String, u64)>, u64), StoreError> {
        let (mut next, mut surplus) = (None, Vec::new());
        for (nth, entry) in self.keys.range((from.0.as_str(), from.1)..)?.enumerate() {
            let (key, _) = entry?;
            let (key, id) = key.value();
            if nth == ENTRIES {
                next = Some((key.to_owned(), id));
                break;
            }
            let has_it = match item(&self.products, ItemId(id)) {
                Ok(Some(item)) => item_keys(&item.content).iter().any(|had| had.to_string() == key),
                Ok(None) => false,
                Err(StoreError::Codec(_) | StoreError::Newer(_)) => true,
                Err(error) => return Err(error),
            };
            if !has_it {
                surplus.push((key.to_owned(), id));
            }
        }
        for (key, id) in &surplus {
            self.keys.remove((key.as_str(), *id))?;
        }
        Ok((next, surplus.len() as u64))
    }
}

type Remote = (Number, String);

/// Removes whose records are from one on, where the item is no longer called so there.
fn mend_remotes(
    remotes: &mut Table<'_, (Number, &'static str), (u64, u64)>,
    equivalences: &impl ReadableTable<(u64, Number), &'static [u8]>,
    from: &Remote,
) -> Result<(Option<Remote>, u64), StoreError> {
    let (mut next, mut surplus) = (None, Vec::new());
    for (nth, entry) in remotes.range((from.0, from.1.as_str())..)?.enumerate() {
        let (key, value) = entry?;
        let (number, id) = key.value();
        if nth == ENTRIES {
            next = Some((number, id.to_owned()));
            break;
        }
        let is_its = match equivalence(equivalences, ItemId(value.value().0), number) {
            Ok(here) => here.is_some_and(|here| here.remote_id().is_some_and(|its| its.0 == id)),
            Err(StoreError::Codec(_) | StoreError::Newer(_)) => true,
            Err(error) => return Err(error),
        };
        if !is_its {
            surplus.push((number, id.to_owned()));
        }
    }
    for (number, id) in &surplus {
        remotes.remove((*number, id.as_str()))?;
    }
    Ok((next, surplus.len() as u64))
}

/// The counterparts of an item that can be read.
fn readable(
    table: &impl ReadableTable<(u64, Number), &'static [u8]>,
    id: u64,
) -> Result<Vec<(Number, Equivalence)>, StoreError> {
    let mut found = Vec::new();
    for entry in table.range((id, 0)..=(id, Number::MAX))? {
        let (key, value) = entry?;
        if let Ok(here) = decode(value.value()) {
            found.push((key.value().1, here));
        }
    }
    Ok(found)
}

/// What the platforms call an item.
fn named(equivalences: &[(Number, Equivalence)], item: u64) -> impl Iterator<Item = (Number, RemoteId, u64)> {
    equivalences
        .iter()
        .filter_map(move |(number, here)| Some((*number, here.remote_id()?.clone(), item)))
}

/// The ids of the items that a container of sets is about.
fn ids(container: u32) -> std::ops::RangeInclusive<u64> {
    let first = u64::from(container) << 16;
    first..=first | 0xffff
}

/// Whether a set is about a connection that is not configured.
fn is_elsewhere(set: &str, places: &Places) -> bool {
    let set = set.strip_prefix("orders/").unwrap_or(set);
    let own = ["brand:", "size:", "color:", "barcode:"];
    if own.iter().any(|own| set.starts_with(own)) {
        return false;
    }
    let about = set
        .strip_prefix("on:")
        .or_else(|| set.rsplit_once('@').map(|(_, at)| at));
    about
        .and_then(|about| ConnectionId::parse(about).ok())
        .is_some_and(|about| places.of(&about).is_none())
}

#[cfg(test)]
pub use spoiling::Derived;

/// Breaks by hand what is kept in step, for tests.
#[cfg(test)]
mod spoiling {
    use super::{Number, StoreError, Writer};
    use redb::ReadableTable;
    use std::collections::BTreeMap;

    /// Everything that is derived.
    #[derive(Debug, PartialEq, Eq)]
    pub struct Derived {
        texts: BTreeMap<u64, String>,
        keys: Vec<(String, u64)>,
        sets: BTreeMap<(String, u32), Vec<u8>>,
        remotes: [BTreeMap<(Number, String), (u64, u64)>; 2],
    }

    impl Derived {
        pub fn of(writer: &mut Writer<'_>) -> Result<Self, StoreError> {
            let texts = writer.texts.iter()?.map(|entry| {
                let (key, value) = entry?;
                Ok((key.value(), value.value().to_owned()))
            });
            let keys = writer.keys.iter()?.map(|entry| {
                let (key, _) = entry?;
                Ok((key.value().0.to_owned(), key.value().1))
            });
            let sets = writer.sets.iter()?.map(|entry| {
                let (key, value) = entry?;
                Ok(((key.value().0.to_owned(), key.value().1), value.value().to_vec()))
            });
            let remotes = |table: &redb::Table<'_, (Number, &'static str), (u64, u64)>| {
                let entries = table.iter()?.map(|entry| {
                    let (key, value) = entry?;
                    Ok(((key.value().0, key.value().1.to_owned()), value.value()))
                });
                entries.collect::<Result<_, StoreError>>()
            };
            Ok(Self {
                texts: texts.collect::<Result<_, StoreError>>()?,
                keys: keys.collect::<Result<_, StoreError>>()?,
                sets: sets.collect::<Result<_, StoreError>>()?,
                remotes: [remotes(&writer.remotes)?, remotes(&writer.order_remotes)?],
            })
        }
    }

    impl Writer<'_> {
        pub fn spoil_text(&mut self, id: u64, text: Option<&str>) -> Result<(), StoreError> {
            match text {
                Some(text) => drop(self.texts.insert(id, text)?),
                None => drop(self.texts.remove(id)?),
            }
            Ok(())
        }

        /// Removes a match key that is there, adds one that is not.
        pub fn spoil_key(&mut self, key: &str, id: u64) -> Result<(), StoreError> {
            let was_there = self.keys.remove((key, id))?.is_some();
            if !was_there {
                self.keys.insert((key, id), ())?;
            }
            Ok(())
        }

        /// Turns members of a set into others and others into members.
        pub fn spoil_set(&mut self, set: &str, items: &[u64]) {
            for item in items {
                let container = u32::try_from(item >> 16).expect("a small number");
                let low = u32::try_from(item & 0xffff).expect("a small number");
                let there = self.sets.get((set, container)).expect("a table");
                let is_in = there.is_some_and(|bytes| {
                    crate::store::sets::bitmap(bytes.value()).is_ok_and(|bits| bits.contains(low))
                });
                if is_in {
                    self.changes.leave(set, *item);
                } else {
                    self.changes.join(set, *item);
                }
            }
        }

        pub fn spoil_product(&mut self, id: u64) -> Result<(), StoreError> {
            self.products.insert(id, &[1, 0xff, 0xff][..])?;
            Ok(())
        }

        pub fn spoil_equivalence(&mut self, id: u64, number: Number) -> Result<(), StoreError> {
            self.equivalences.insert((id, number), &[1, 0xff][..])?;
            Ok(())
        }
    }
}
