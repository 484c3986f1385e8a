//! One write transaction, with the derived tables kept in step.

use super::{
    ConnectionState, Number, Scan, StagedRecord, StoreError, Unmatched,
    codec::{decode, encode},
    index::{self, Places, Whole},
    sets::{self, SetChanges},
    tables::{
        CONNECTIONS, EQUIVALENCES, JOBS, KEYS, META, PICTURES, PRODUCTS, REMOTES, SCANS, SEEN, SETS, STAGED,
        TEXTS, UNMATCHED,
    },
};
use redb::{ReadableTable, Table, WriteTransaction};
use roaring::RoaringBitmap;
use shared::{
    ids::{ConnectionId, ItemId, JobId, RemoteId},
    item::{Equivalence, Item},
    job::Job,
    sync::{matching::MatchKey, search, terms::Around},
    time::Time,
};
use std::collections::BTreeMap;

/// Whether a commit has to be on disk before the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It is on disk when the call returns.
    Now,
    /// It is consistent, and on disk with the next commit that is; a crash before goes back to the one before.
    Soon,
}

impl Durability {
    pub(super) fn set(self, transaction: &mut WriteTransaction) -> Result<(), StoreError> {
        let durability = match self {
            Self::Now => redb::Durability::Immediate,
            Self::Soon => redb::Durability::None,
        };
        transaction
            .set_durability(durability)
            .map_err(|error| StoreError::Transaction(error.to_string()))
    }
}

/// The tables of a transaction.
pub struct Writer<'t> {
    meta: Table<'t, &'static str, u64>,
    connections: Table<'t, &'static str, &'static [u8]>,
    products: Table<'t, u64, &'static [u8]>,
    equivalences: Table<'t, (u64, Number), &'static [u8]>,
    jobs: Table<'t, u64, &'static [u8]>,
    scans: Table<'t, Number, &'static [u8]>,
    staged: Table<'t, (Number, &'static str), &'static [u8]>,
    seen: Table<'t, (Number, u32), &'static [u8]>,
    unmatched: Table<'t, (Number, &'static str), &'static [u8]>,
    pictures: Table<'t, (Number, &'static str), &'static str>,
    remotes: Table<'t, (Number, &'static str), (u64, u64)>,
    keys: Table<'t, (&'static str, u64), ()>,
    texts: Table<'t, u64, &'static str>,
    sets: Table<'t, (&'static str, u32), &'static [u8]>,
    changes: SetChanges,
    seen_now: BTreeMap<(Number, u32), RoaringBitmap>,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl<'t> Writer<'t> {
    pub(super) fn new(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            connections: transaction.open_table(CONNECTIONS)?,
            products: transaction.open_table(PRODUCTS)?,
            equivalences: transaction.open_table(EQUIVALENCES)?,
            jobs: transaction.open_table(JOBS)?,
            scans: transaction.open_table(SCANS)?,
            staged: transaction.open_table(STAGED)?,
            seen: transaction.open_table(SEEN)?,
            unmatched: transaction.open_table(UNMATCHED)?,
            pictures: transaction.open_table(PICTURES)?,
            remotes: transaction.open_table(REMOTES)?,
            keys: transaction.open_table(KEYS)?,
            texts: transaction.open_table(TEXTS)?,
            sets: transaction.open_table(SETS)?,
            changes: SetChanges::default(),
            seen_now: BTreeMap::new(),
        })
    }

    pub(super) fn finish(mut self) -> Result<(), StoreError> {
        self.changes.flush(&mut self.sets)?;
        for ((number, container), bits) in self.seen_now {
            let before = match self.seen.get((number, container))? {
                Some(bytes) => sets::bitmap(bytes.value())?,
                None => RoaringBitmap::new(),
            };
            self.seen
                .insert((number, container), sets::bytes(&(before | bits))?.as_slice())?;
        }
        Ok(())
    }

    fn next(&mut self, name: &str) -> Result<u64, StoreError> {
        let next = self.meta.get(name)?.map_or(1, |number| number.value());
        self.meta.insert(name, next + 1)?;
        Ok(next)
    }

    // Connections.

    /// What is known of a connection; a connection seen for the first time gets its number.
    pub fn connection(&mut self, id: &ConnectionId) -> Result<ConnectionState, StoreError> {
        let known = self
            .connections
            .get(id.as_str())?
            .map(|bytes| decode(bytes.value()))
            .transpose()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let number = Number::try_from(self.next("connection")?)
            .map_err(|_| StoreError::Codec(String::from("more than 65,535 connections were made")))?;
        let state = ConnectionState {
            number,
            ..ConnectionState::default()
        };
        self.put_connection(id, &state)?;
        Ok(state)
    }

    pub fn put_connection(&mut self, id: &ConnectionId, state: &ConnectionState) -> Result<(), StoreError> {
        self.connections.insert(id.as_str(), encode(state)?.as_slice())?;
        Ok(())
    }

    /// Changes what is known of a connection.
    pub fn update_connection<T>(
        &mut self,
        id: &ConnectionId,
        change: impl FnOnce(&mut ConnectionState) -> T,
    ) -> Result<T, StoreError> {
        let mut state = self.connection(id)?;
        let done = change(&mut state);
        self.put_connection(id, &state)?;
        Ok(done)
    }

    // Jobs.

    /// The number for a new job.
    pub fn next_job(&mut self) -> Result<JobId, StoreError> {
        self.next("job").map(JobId)
    }

    pub fn put_job(&mut self, job: &Job) -> Result<(), StoreError> {
        self.jobs.insert(job.id.0, encode(job)?.as_slice())?;
        Ok(())
    }

    // Scans.

    pub fn scan(&self, number: Number) -> Result<Option<Scan>, StoreError> {
        self.scans
            .get(number)?
            .map(|bytes| decode(bytes.value()))
            .transpose()
    }

    pub fn put_scan(&mut self, number: Number, scan: &Scan) -> Result<(), StoreError> {
        self.scans.insert(number, encode(scan)?.as_slice())?;
        Ok(())
    }

    /// Forgets a scan with everything that it left behind.
    pub fn end_scan(&mut self, number: Number) -> Result<(), StoreError> {
        self.scans.remove(number)?;
        self.staged
            .retain_in((number, "")..(number + 1, ""), |_, _| false)?;
        self.seen
            .retain_in((number, 0)..=(number, u32::MAX), |_, _| false)?;
        self.seen_now.retain(|(at, _), _| *at != number);
        Ok(())
    }

    /// Notes that a scan saw an item's record.
    pub fn see(&mut self, number: Number, item: ItemId) {
        let low = u32::try_from(item.0).expect("a store holds fewer than 2^32 items");
        self.seen_now
            .entry((number, low >> 16))
            .or_default()
            .insert(low & 0xffff);
    }

    pub fn stage(&mut self, number: Number, staged: &StagedRecord) -> Result<(), StoreError> {
        self.staged.insert(
            (number, staged.record.remote_id.0.as_str()),
            encode(staged)?.as_slice(),
        )?;
        Ok(())
    }

    pub fn unstage(&mut self, number: Number, remote_id: &RemoteId) -> Result<(), StoreError> {
        self.staged.remove((number, remote_id.0.as_str()))?;
        Ok(())
    }

    pub fn put_unmatched(
        &mut self,
        number: Number,
        remote_id: &RemoteId,
        unmatched: &Unmatched,
    ) -> Result<(), StoreError> {
        self.unmatched
            .insert((number, remote_id.0.as_str()), encode(unmatched)?.as_slice())?;
        Ok(())
    }

    pub fn remove_unmatched(&mut self, number: Number, remote_id: &RemoteId) -> Result<(), StoreError> {
        self.unmatched.remove((number, remote_id.0.as_str()))?;
        Ok(())
    }

    /// Remembers the content of a picture by its address.
    pub fn put_picture(&mut self, number: Number, address: &str, hash: &str) -> Result<(), StoreError> {
        self.pictures.insert((number, address), hash)?;
        Ok(())
    }

    // Items.

    pub fn next_item(&mut self) -> Result<ItemId, StoreError> {
        self.next("item").map(ItemId)
    }

    pub fn product(&self, id: ItemId) -> Result<Option<Item>, StoreError> {
        self.products
            .get(id.0)?
            .map(|bytes| decode(bytes.value()))
            .transpose()
    }

    pub fn equivalences(&self, id: ItemId) -> Result<Vec<(Number, Equivalence)>, StoreError> {
        let mut found = Vec::new();
        for entry in self.equivalences.range((id.0, 0)..=(id.0, Number::MAX))? {
            let (key, value) = entry?;
            found.push((key.value().1, decode(value.value())?));
        }
        Ok(found)
    }

    pub fn remote(&self, number: Number, remote_id: &RemoteId) -> Result<Option<(ItemId, u64)>, StoreError> {
        let found = self.remotes.get((number, remote_id.0.as_str()))?;
        Ok(found
            .map(|entry| entry.value())
            .map(|(item, digest)| (ItemId(item), digest)))
    }

    pub fn put_remote(
        &mut self,
        number: Number,
        remote_id: &RemoteId,
        item: ItemId,
        digest: u64,
    ) -> Result<(), StoreError> {
        self.remotes
            .insert((number, remote_id.0.as_str()), (item.0, digest))?;
        Ok(())
    }

    /// Items that have a variant with a key.
    pub fn holders(&self, key: &MatchKey) -> Result<Vec<ItemId>, StoreError> {
        let key = key.to_string();
        let mut found = Vec::new();
        for entry in self.keys.range((key.as_str(), 0)..=(key.as_str(), u64::MAX))? {
            found.push(ItemId(entry?.0.value().1));
        }
        Ok(found)
    }

    /// Writes an item and its equivalences, and everything that is derived from them.
    ///
    /// `before` is the item as it is stored, `None` for a new one; `equivalences` are all it has.
    pub fn put_whole(
        &mut self,
        before: Option<&Item>,
        item: &Item,
        equivalences: &[(Number, Equivalence)],
        changed: &[Number],
        places: &Places,
        now: Time,
    ) -> Result<(), StoreError> {
        if before != Some(item) {
            self.products.insert(item.id.0, encode(item)?.as_slice())?;
            index::index_keys(&mut self.keys, before, item)?;
            let text = search::text(item);
            if before.map(search::text).as_ref() != Some(&text) {
                self.texts.insert(item.id.0, text.as_str())?;
            }
            index::index_terms(&mut self.changes, before, item, &places.limits);
        }
        for (number, equivalence) in equivalences.iter().filter(|(number, _)| changed.contains(number)) {
            let bytes = encode(equivalence)?;
            let known = self.equivalences.insert((item.id.0, *number), bytes.as_slice())?;
            let known: Option<Equivalence> = known.map(|bytes| decode(bytes.value())).transpose()?;
            if let Some(place) = places.all.iter().find(|place| place.number == *number) {
                index::index_shown(&mut self.changes, item.id, place, known.as_ref(), equivalence);
            }
        }
        index::index_places(&mut self.changes, &Whole { item, equivalences }, places, now);
        Ok(())
    }

    /// Writes one equivalence of an item without working out again what is pending; for intents.
    pub fn put_equivalence(
        &mut self,
        id: ItemId,
        number: Number,
        equivalence: &Equivalence,
    ) -> Result<(), StoreError> {
        self.equivalences
            .insert((id.0, number), encode(equivalence)?.as_slice())?;
        Ok(())
    }

    /// Works out again what is pending at one connection for up to `limit` items after `after`, as when its policy
    /// changed. Answers the last item it did; `None` when there are no more.
    pub fn reindex_place(
        &mut self,
        number: Number,
        places: &Places,
        after: ItemId,
        limit: usize,
        now: Time,
    ) -> Result<Option<ItemId>, StoreError> {
        let Some(place) = places.all.iter().find(|place| place.number == number) else {
            return Ok(None);
        };
        let mut last = None;
        for entry in self.products.range(after.0 + 1..)?.take(limit) {
            let (key, value) = entry?;
            let id = ItemId(key.value());
            let item: Item = decode(value.value())?;
            let equivalences = self.equivalences(id)?;
            let whole = Whole {
                item: &item,
                equivalences: &equivalences,
            };
            let around = Around {
                counterparts: &places.counterparts(&equivalences),
                limits: places.limits,
            };
            index::index_place(&mut self.changes, &whole, &around, place, now);
            if let Some(here) = whole.at(number) {
                index::index_shown(&mut self.changes, id, place, None, here);
            }
            last = Some(id);
        }
        Ok(last)
    }

    /// Forgets a connection: its equivalences, and the sets about it. The hub's own items stay.
    pub fn forget_connection(
        &mut self,
        id: &ConnectionId,
        places: &Places,
        now: Time,
    ) -> Result<(), StoreError> {
        let state = self.connection(id)?;
        self.connections.remove(id.as_str())?;
        self.end_scan(state.number)?;
        let next = state.number + 1;
        self.remotes
            .retain_in((state.number, "")..(next, ""), |_, _| false)?;
        self.unmatched
            .retain_in((state.number, "")..(next, ""), |_, _| false)?;
        self.pictures
            .retain_in((state.number, "")..(next, ""), |_, _| false)?;
        for set in &index::place_sets(id) {
            self.sets
                .retain_in((set.as_str(), 0)..=(set.as_str(), u32::MAX), |_, _| false)?;
        }
        let suffix = format!("@{id}");
        self.sets
            .retain_in(("category:", 0)..("category;", 0), |(set, _), _| {
                !set.ends_with(&suffix)
            })?;
        self.equivalences
            .retain(|(_, number), _| number != state.number)?;
        let mut others = places.clone();
        others.all.retain(|place| place.number != state.number);
        for entry in self.products.iter()? {
            let item: Item = decode(entry?.1.value())?;
            let equivalences = self.equivalences(item.id)?;
            index::index_places(
                &mut self.changes,
                &Whole {
                    item: &item,
                    equivalences: &equivalences,
                },
                &others,
                now,
            );
        }
        Ok(())
    }
}
