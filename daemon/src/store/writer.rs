//! One write transaction, with the derived tables kept in step.

mod limits;
mod mend;

#[cfg(test)]
pub use mend::Derived;
pub use mend::{Mended, Mending};

use super::{
    ConnectionState, Number, Scan, Sent, StagedRecord, StoreError, Unmatched,
    codec::{decode, encode},
    index::{self, Place, Places, Whole},
    sets::{self, SetChanges},
    tables::{
        CONNECTIONS, EQUIVALENCES, HISTORY, JOBS, KEYS, META, ORDER_EQUIVALENCES, ORDER_REMOTES, ORDERS,
        PICTURES, PRODUCTS, REMOTES, SCANS, SEEN, SENT, SETS, STAGED, STRANGERS, TEXTS, UNMATCHED,
    },
    written::{Written, entry, former_name},
};
use crate::apart::both;
use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use roaring::RoaringBitmap;
use shared::{
    content::Change,
    history::{Cause, Deed, Entry},
    ids::{ConnectionId, ItemId, JobId, Key, RemoteId},
    item::{Equivalence, Item},
    job::{Job, outdated},
    sync::{
        matching::MatchKey,
        order::{Counterpart, search as orders},
        pending::Pending,
    },
    time::Time,
};
use std::collections::{BTreeMap, BTreeSet, btree_map};

/// Entries of an item's history that are kept; the oldest go first.
const ENTRIES: u32 = 500;

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
    orders: Table<'t, u64, &'static [u8]>,
    order_equivalences: Table<'t, (u64, Number), &'static [u8]>,
    order_remotes: Table<'t, (Number, &'static str), (u64, u64)>,
    history: Table<'t, (u64, u32), &'static [u8]>,
    sent: Table<'t, (Number, u64, u64), &'static [u8]>,
    jobs: Table<'t, u64, &'static [u8]>,
    scans: Table<'t, Number, &'static [u8]>,
    staged: Table<'t, (Number, &'static str), &'static [u8]>,
    seen: Table<'t, (Number, u32), &'static [u8]>,
    strangers: Table<'t, (Number, &'static str), ()>,
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
            orders: transaction.open_table(ORDERS)?,
            order_equivalences: transaction.open_table(ORDER_EQUIVALENCES)?,
            order_remotes: transaction.open_table(ORDER_REMOTES)?,
            history: transaction.open_table(HISTORY)?,
            sent: transaction.open_table(SENT)?,
            jobs: transaction.open_table(JOBS)?,
            scans: transaction.open_table(SCANS)?,
            staged: transaction.open_table(STAGED)?,
            seen: transaction.open_table(SEEN)?,
            strangers: transaction.open_table(STRANGERS)?,
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
            self.seen
                .insert((number, container), sets::bytes(&bits)?.as_slice())?;
        }
        Ok(())
    }

    fn next(&mut self, name: &str) -> Result<u64, StoreError> {
        let next = self.meta.get(name)?.map_or(1, |number| number.value());
        self.meta.insert(name, next + 1)?;
        Ok(next)
    }

    /// The number of a write that is about to be made.
    pub fn next_write(&mut self) -> Result<u64, StoreError> {
        self.next("next_write")
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

    /// Forgets the jobs that are too many or too old.
    pub fn prune_jobs(&mut self, now: Time) -> Result<u64, StoreError> {
        let mut known = Vec::new();
        for entry in self.jobs.iter()?.rev() {
            let (key, value) = entry?;
            // One that cannot be read stays for a person to see.
            if let Ok(job) = decode::<Job>(value.value()) {
                known.push((key.value(), job));
            }
        }
        let outdated = outdated(known.iter().map(|(_, job)| job), now);
        for id in &outdated {
            self.jobs.remove(id.0)?;
        }
        Ok(outdated.len() as u64)
    }

    // Sends.

    /// Keeps what a job wrote to a product at a connection.
    pub fn put_sent(
        &mut self,
        number: Number,
        job: JobId,
        item: ItemId,
        sent: &Sent,
    ) -> Result<(), StoreError> {
        self.sent
            .insert((number, job.0, item.0), encode(sent)?.as_slice())?;
        Ok(())
    }

    /// Forgets what all but the last so many sends of a connection wrote.
    pub fn forget_sent(&mut self, number: Number, keep: usize) -> Result<(), StoreError> {
        let mut jobs = Vec::new();
        let mut from = 0;
        while let Some(entry) = self
            .sent
            .range((number, from, 0)..=(number, u64::MAX, u64::MAX))?
            .next()
        {
            let (_, job, _) = entry?.0.value();
            jobs.push(job);
            from = job + 1;
        }
        jobs.truncate(jobs.len().saturating_sub(keep));
        for job in jobs {
            self.sent
                .retain_in((number, job, 0)..=(number, job, u64::MAX), |_, _| false)?;
        }
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
        self.strangers
            .retain_in((number, "")..(number + 1, ""), |_, ()| false)?;
        self.seen_now.retain(|(at, _), _| *at != number);
        Ok(())
    }

    /// Notes that a scan saw an item's record: whether for the first time.
    pub fn see(&mut self, number: Number, item: ItemId) -> Result<bool, StoreError> {
        let low = u32::try_from(item.0).expect("a store holds fewer than 2^32 items");
        let container = (number, low >> 16);
        let seen = match self.seen_now.entry(container) {
            btree_map::Entry::Occupied(seen) => seen.into_mut(),
            btree_map::Entry::Vacant(unread) => unread.insert(match self.seen.get(container)? {
                Some(bytes) => sets::bitmap(bytes.value())?,
                None => RoaringBitmap::new(),
            }),
        };
        Ok(seen.insert(low & 0xffff))
    }

    /// Notes that a scan saw a record, and keeps it for propagation: whether it was seen for the first time. The newer
    /// one takes the place of one that was read before.
    pub fn stage(&mut self, number: Number, staged: &StagedRecord) -> Result<bool, StoreError> {
        let id = &staged.record.remote_id;
        let bytes = encode(staged)?;
        let is_first = self
            .staged
            .insert((number, id.0.as_str()), bytes.as_slice())?
            .is_none();
        match self.remote(number, id)? {
            Some((item, _)) => self.see(number, item),
            None => Ok(is_first && self.strangers.get((number, id.0.as_str()))?.is_none()),
        }
    }

    /// Notes that a scan saw a product's record that is not staged: whether it was seen for the first time.
    pub fn see_unreadable(&mut self, number: Number, id: &RemoteId) -> Result<bool, StoreError> {
        if let Some((item, _)) = self.remote(number, id)? {
            return self.see(number, item);
        }
        let is_staged = self.staged.get((number, id.0.as_str()))?.is_some();
        let is_noted = self.strangers.insert((number, id.0.as_str()), ())?.is_some();
        Ok(!is_staged && !is_noted)
    }

    /// Notes that a scan saw an order's record, after it was taken in: whether it was seen for the first time.
    pub fn see_order(&mut self, number: Number, id: &RemoteId) -> Result<bool, StoreError> {
        match self.order_remote(number, id)? {
            Some((item, _)) => {
                let was_stranger = self.strangers.remove((number, id.0.as_str()))?.is_some();
                Ok(self.see(number, item)? && !was_stranger)
            }
            None => Ok(self.strangers.insert((number, id.0.as_str()), ())?.is_none()),
        }
    }

    /// Forgets records that waited for propagation. They lie side by side, so the table is gone through once.
    pub fn unstage(&mut self, number: Number, batch: &[StagedRecord]) -> Result<(), StoreError> {
        let ids: BTreeSet<&str> = batch
            .iter()
            .map(|staged| staged.record.remote_id.0.as_str())
            .collect();
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            return Ok(());
        };
        self.staged
            .retain_in((number, *first)..=(number, *last), |(_, id), _| !ids.contains(id))?;
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

    /// A record that belongs to no item.
    pub fn unmatched(&self, number: Number, remote_id: &RemoteId) -> Result<Option<Unmatched>, StoreError> {
        let found = self.unmatched.get((number, remote_id.0.as_str()))?;
        found.map(|bytes| decode(bytes.value())).transpose()
    }

    /// Forgets the records that belonged to no item and were not seen since.
    pub fn forget_unmatched(&mut self, number: Number, since: Time) -> Result<(), StoreError> {
        let mut gone = Vec::new();
        for entry in self.unmatched.range((number, "")..(number + 1, ""))? {
            let (key, value) = entry?;
            let unmatched: Unmatched = decode(value.value())?;
            if unmatched.issue.at < since {
                gone.push(RemoteId::from(key.value().1));
            }
        }
        gone.iter().try_for_each(|id| self.remove_unmatched(number, id))
    }

    pub fn remove_remote(&mut self, number: Number, remote_id: &RemoteId) -> Result<(), StoreError> {
        self.remotes.remove((number, remote_id.0.as_str()))?;
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
        item(&self.products, id)
    }

    pub fn order(&self, id: ItemId) -> Result<Option<Item>, StoreError> {
        item(&self.orders, id)
    }

    pub fn equivalences(&self, id: ItemId) -> Result<Vec<(Number, Equivalence)>, StoreError> {
        equivalences(&self.equivalences, id)
    }

    pub fn order_equivalences(&self, id: ItemId) -> Result<Vec<(Number, Equivalence)>, StoreError> {
        equivalences(&self.order_equivalences, id)
    }

    /// A product's counterpart at one connection.
    pub fn equivalence(&self, id: ItemId, number: Number) -> Result<Option<Equivalence>, StoreError> {
        equivalence(&self.equivalences, id, number)
    }

    pub fn order_remote(
        &self,
        number: Number,
        remote_id: &RemoteId,
    ) -> Result<Option<(ItemId, u64)>, StoreError> {
        let found = self.order_remotes.get((number, remote_id.0.as_str()))?;
        Ok(found
            .map(|entry| entry.value())
            .map(|(item, digest)| (ItemId(item), digest)))
    }

    pub fn put_order_remote(
        &mut self,
        number: Number,
        remote_id: &RemoteId,
        item: ItemId,
        digest: u64,
    ) -> Result<(), StoreError> {
        self.order_remotes
            .insert((number, remote_id.0.as_str()), (item.0, digest))?;
        Ok(())
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
        cause: &Cause,
    ) -> Result<(), StoreError> {
        let mut known = Vec::with_capacity(changed.len());
        for number in changed {
            known.extend(self.equivalence(item.id, *number)?.map(|here| (*number, here)));
        }
        let after = Whole { item, equivalences };
        let written = Written::of(before, &known, &after, changed, places, cause, &mut self.changes)?;
        self.put_written(&[written])
    }

    /// Writes products that were worked out, in their order.
    pub fn put_written(&mut self, all: &[Written]) -> Result<(), StoreError> {
        let Self {
            products,
            equivalences,
            history,
            remotes,
            keys,
            texts,
            sets,
            changes,
            ..
        } = self;
        let mut rows = Rows {
            products,
            equivalences,
            history,
            remotes,
            texts,
        };
        if let [_] = all {
            rows.put(all)?;
            return put_keys(keys, all);
        }
        // Tables that have nothing to do with each other are written at the same time.
        let changes = std::mem::take(changes);
        let (rows, found_by) = both(
            || rows.put(all),
            || {
                put_keys(keys, all)?;
                changes.flush(sets)
            },
        );
        rows.and(found_by)
    }

    /// Notes that records were taken in: whose they are, that a scan saw them, and that they wait no longer.
    pub fn put_remotes(
        &mut self,
        number: Number,
        taken: &[(RemoteId, ItemId, u64)],
    ) -> Result<(), StoreError> {
        for (remote_id, item, digest) in taken {
            self.put_remote(number, remote_id, *item, *digest)?;
            if !self.unmatched.is_empty()? {
                self.remove_unmatched(number, remote_id)?;
            }
            self.see(number, *item)?;
        }
        Ok(())
    }

    /// As [`Writer::put_whole`], of an order. What is pending of it also depends on what its products are called at
    /// the connections.
    pub fn put_order(
        &mut self,
        before: Option<&Item>,
        order: &Item,
        equivalences: &[(Number, Equivalence)],
        changed: &[Number],
        places: &Places,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        if before != Some(order) {
            if let Some(entry) = before.and_then(|before| entry(before, order, cause)) {
                put_entry(&mut self.history, order.id, &encode(&entry)?)?;
            }
            self.orders.insert(order.id.0, encode(order)?.as_slice())?;
            index::index_order_terms(&mut self.changes, before, order);
        }
        for (number, equivalence) in equivalences.iter().filter(|(number, _)| changed.contains(number)) {
            let bytes = encode(equivalence)?;
            let known = self
                .order_equivalences
                .insert((order.id.0, *number), bytes.as_slice())?;
            let known: Option<Equivalence> = known.map(|bytes| decode(bytes.value())).transpose()?;
            if let Some(former) = former_name(known.as_ref(), equivalence) {
                self.order_remotes.remove((*number, former.0.as_str()))?;
            }
        }
        let text = orders::text(order, equivalences.iter().map(|(_, here)| here));
        self.texts.insert(order.id.0, text.as_str())?;
        let whole = Whole {
            item: order,
            equivalences,
        };
        index::index_order(
            &mut self.changes,
            &whole,
            &self.equivalences,
            &places.all,
            cause.at,
        )
    }

    /// What a connection calls the variants that an order's lines are about.
    pub fn counterparts(
        &self,
        order: &Item,
        number: Number,
    ) -> Result<BTreeMap<(ItemId, Key), Counterpart>, StoreError> {
        index::counterparts(order, &self.equivalences, number)
    }

    /// What a send would do to an order at a connection.
    pub fn pending_order(
        &self,
        order: &Item,
        equivalences: &[(Number, Equivalence)],
        place: &Place,
        now: Time,
    ) -> Result<Pending, StoreError> {
        let whole = Whole {
            item: order,
            equivalences,
        };
        index::pending_order(&whole, &self.equivalences, place, now)
    }

    /// Keeps what was done to an item, with its cause.
    pub fn note(
        &mut self,
        item: ItemId,
        cause: &Cause,
        deed: Deed,
        changes: Vec<Change>,
    ) -> Result<(), StoreError> {
        let entry = Entry {
            cause: cause.clone(),
            deed,
            changes,
        };
        put_entry(&mut self.history, item, &encode(&entry)?)
    }

    /// Notes what is about to be written of an order, without working out again what is pending.
    pub fn intend_order(
        &mut self,
        id: ItemId,
        place: &Place,
        equivalence: &Equivalence,
    ) -> Result<(), StoreError> {
        self.changes.join(place.unclear_orders(), id.0);
        self.order_equivalences
            .insert((id.0, place.number), encode(equivalence)?.as_slice())?;
        Ok(())
    }

    /// Notes what is about to be written of a product, without working out again what is pending.
    pub fn intend(&mut self, id: ItemId, place: &Place, equivalence: &Equivalence) -> Result<(), StoreError> {
        self.changes.join(place.unclear(), id.0);
        self.equivalences
            .insert((id.0, place.number), encode(equivalence)?.as_slice())?;
        Ok(())
    }

    /// The product with the highest number.
    pub(super) fn last_product(&self) -> Result<Option<ItemId>, StoreError> {
        Ok(self.products.last()?.map(|(key, _)| ItemId(key.value())))
    }

    /// Takes changes to sets that were worked out elsewhere.
    pub fn change_sets(&mut self, changes: SetChanges) {
        self.changes.extend(changes);
    }

    /// Works out again what is pending for up to `limit` orders after `after`, as when settings changed. Answers the last
    /// that it did; `None` when there are no more.
    ///
    /// Whether an order has issues at all depends on every connection, so it is done for all of them.
    pub fn reindex_orders(
        &mut self,
        places: &Places,
        after: ItemId,
        limit: usize,
        now: Time,
    ) -> Result<Option<ItemId>, StoreError> {
        let mut orders = Vec::new();
        for entry in self.orders.range(after.0 + 1..)?.take(limit) {
            orders.push(decode::<Item>(entry?.1.value())?);
        }
        for order in &orders {
            let equivalences = self.order_equivalences(order.id)?;
            let whole = Whole {
                item: order,
                equivalences: &equivalences,
            };
            index::index_order(&mut self.changes, &whole, &self.equivalences, &places.all, now)?;
        }
        Ok(orders.last().map(|order| order.id))
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
        self.order_remotes
            .retain_in((state.number, "")..(next, ""), |_, _| false)?;
        self.unmatched
            .retain_in((state.number, "")..(next, ""), |_, _| false)?;
        self.sent.retain_in(
            (state.number, 0, 0)..=(state.number, u64::MAX, u64::MAX),
            |_, _| false,
        )?;
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
        self.order_equivalences
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
        for entry in self.orders.iter()? {
            let order: Item = decode(entry?.1.value())?;
            let equivalences = self.order_equivalences(order.id)?;
            let whole = Whole {
                item: &order,
                equivalences: &equivalences,
            };
            index::index_order(&mut self.changes, &whole, &self.equivalences, &others.all, now)?;
        }
        Ok(())
    }
}

/// The tables that hold an item's own rows.
struct Rows<'w, 't> {
    products: &'w mut Table<'t, u64, &'static [u8]>,
    equivalences: &'w mut Table<'t, (u64, Number), &'static [u8]>,
    history: &'w mut Table<'t, (u64, u32), &'static [u8]>,
    remotes: &'w mut Table<'t, (Number, &'static str), (u64, u64)>,
    texts: &'w mut Table<'t, u64, &'static str>,
}

impl Rows<'_, '_> {
    fn put(&mut self, all: &[Written]) -> Result<(), StoreError> {
        for Written {
            id,
            product,
            equivalences,
            former,
        } in all
        {
            if let Some(product) = product {
                self.products.insert(id.0, product.bytes.as_slice())?;
                if let Some(text) = &product.text {
                    self.texts.insert(id.0, text.as_str())?;
                }
                if let Some(entry) = &product.entry {
                    put_entry(self.history, *id, entry)?;
                }
            }
            for (number, bytes) in equivalences {
                self.equivalences.insert((id.0, *number), bytes.as_slice())?;
            }
            for (number, former) in former {
                self.remotes.remove((*number, former.0.as_str()))?;
            }
        }
        Ok(())
    }
}

/// Adds an entry to an item's history, and lets go of the oldest of too many.
fn put_entry(
    history: &mut Table<'_, (u64, u32), &'static [u8]>,
    ItemId(id): ItemId,
    entry: &[u8],
) -> Result<(), StoreError> {
    let last = match history.range((id, 0)..=(id, u32::MAX))?.next_back() {
        Some(entry) => Some(entry?.0.value().1),
        None => None,
    };
    let next = last.map_or(0, |last| last + 1);
    history.insert((id, next), entry)?;
    if let Some(oldest) = next.checked_sub(ENTRIES) {
        history.remove((id, oldest))?;
    }
    Ok(())
}

/// Brings the match keys of items up to date, in the order of the table.
fn put_keys(keys: &mut Table<'_, (&'static str, u64), ()>, all: &[Written]) -> Result<(), StoreError> {
    let products = all
        .iter()
        .filter_map(|written| Some((written.id.0, written.product.as_ref()?)));
    let mut gained: Vec<(&str, u64)> = Vec::with_capacity(all.len() * 4);
    for (id, product) in products {
        for key in &product.keys_lost {
            keys.remove((key.as_str(), id))?;
        }
        gained.extend(product.keys_gained.iter().map(|key| (key.as_str(), id)));
    }
    gained.sort_unstable();
    for key in gained {
        keys.insert(key, ())?;
    }
    Ok(())
}

pub(super) fn item(
    table: &impl ReadableTable<u64, &'static [u8]>,
    id: ItemId,
) -> Result<Option<Item>, StoreError> {
    table.get(id.0)?.map(|bytes| decode(bytes.value())).transpose()
}

pub(super) fn equivalence(
    table: &impl ReadableTable<(u64, Number), &'static [u8]>,
    id: ItemId,
    number: Number,
) -> Result<Option<Equivalence>, StoreError> {
    table
        .get((id.0, number))?
        .map(|bytes| decode(bytes.value()))
        .transpose()
}

pub(super) fn equivalences(
    table: &impl ReadableTable<(u64, Number), &'static [u8]>,
    id: ItemId,
) -> Result<Vec<(Number, Equivalence)>, StoreError> {
    let mut found = Vec::new();
    for entry in table.range((id.0, 0)..=(id.0, Number::MAX))? {
        let (key, value) = entry?;
        found.push((key.value().1, decode(value.value())?));
    }
    Ok(found)
}
