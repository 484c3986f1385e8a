//! A view of the last commit.

mod records;

pub use records::Looked;

use super::{
    ConnectionState, Number, Scan, Sent, StagedRecord, StoreError,
    codec::{decode, decode_first},
    index::{self, issues_at, of_orders, unclear_at, urgent_at},
    sets::{self, ALL},
    tables::{
        CONNECTIONS, EQUIVALENCES, HISTORY, JOBS, ORDER_EQUIVALENCES, ORDER_REMOTES, ORDERS, PICTURES,
        PRODUCTS, REMOTES, SCANS, SEEN, SENT, SETS, STAGED, TEXTS, UNMATCHED,
    },
    writer,
};
use crate::apart::chunks;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use shared::{
    history::Entry,
    ids::{ConnectionId, ItemId, JobId, Key, RemoteId},
    issue::Issue,
    item::{Equivalence, Item, Presence},
    job::Job,
    sync::{order::Counterpart, search::Search},
};
use std::collections::BTreeMap;

/// The tables as they were at the last commit.
pub struct Reader {
    connections: ReadOnlyTable<&'static str, &'static [u8]>,
    products: ReadOnlyTable<u64, &'static [u8]>,
    equivalences: ReadOnlyTable<(u64, Number), &'static [u8]>,
    orders: ReadOnlyTable<u64, &'static [u8]>,
    order_equivalences: ReadOnlyTable<(u64, Number), &'static [u8]>,
    order_remotes: ReadOnlyTable<(Number, &'static str), (u64, u64)>,
    history: ReadOnlyTable<(u64, u32), &'static [u8]>,
    sent: ReadOnlyTable<(Number, u64, u64), &'static [u8]>,
    jobs: ReadOnlyTable<u64, &'static [u8]>,
    scans: ReadOnlyTable<Number, &'static [u8]>,
    staged: ReadOnlyTable<(Number, &'static str), &'static [u8]>,
    seen: ReadOnlyTable<(Number, u32), &'static [u8]>,
    unmatched: ReadOnlyTable<(Number, &'static str), &'static [u8]>,
    pictures: ReadOnlyTable<(Number, &'static str), &'static str>,
    remotes: ReadOnlyTable<(Number, &'static str), (u64, u64)>,
    texts: ReadOnlyTable<u64, &'static str>,
    sets: ReadOnlyTable<(&'static str, u32), &'static [u8]>,
}

/// A record that matches no single item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    pub why: Apart,
    pub title: String,
    pub candidates: Vec<ItemId>,
    pub issue: Issue,
}

/// What some staged records could be matched by.
#[derive(Debug, Default)]
pub struct StagedKeys {
    pub records: u64,
    /// The keys of those that are not known yet.
    pub of_strangers: Vec<u64>,
    /// Where to go on. `None`: there are no more.
    pub last: Option<RemoteId>,
}

/// Why a record belongs to no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Apart {
    /// It could be several; every fetch looks again.
    Ambiguous,
    /// A person parted it from its item; it stays so until a person links it.
    Unlinked,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    pub(super) fn new(transaction: &ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self {
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
            unmatched: transaction.open_table(UNMATCHED)?,
            pictures: transaction.open_table(PICTURES)?,
            remotes: transaction.open_table(REMOTES)?,
            texts: transaction.open_table(TEXTS)?,
            sets: transaction.open_table(SETS)?,
        })
    }

    pub fn connection(&self, id: &ConnectionId) -> Result<Option<ConnectionState>, StoreError> {
        self.connections
            .get(id.as_str())?
            .map(|bytes| decode(bytes.value()))
            .transpose()
    }

    /// Every connection that was ever made and not forgotten.
    pub fn connections(&self) -> Result<Vec<(ConnectionId, ConnectionState)>, StoreError> {
        let mut found = Vec::new();
        for entry in self.connections.iter()? {
            let (key, value) = entry?;
            let id =
                ConnectionId::parse(key.value()).map_err(|error| StoreError::Codec(error.to_string()))?;
            found.push((id, decode(value.value())?));
        }
        Ok(found)
    }

    pub fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.jobs
            .get(id.0)?
            .map(|bytes| decode(bytes.value()))
            .transpose()
    }

    /// Jobs, the latest first.
    pub fn jobs(&self) -> Result<impl Iterator<Item = Result<Job, StoreError>> + use<>, StoreError> {
        let range = self.jobs.range(0..)?;
        Ok(range.rev().map(|entry| decode(entry?.1.value())))
    }

    pub fn product(&self, id: ItemId) -> Result<Option<Item>, StoreError> {
        writer::item(&self.products, id)
    }

    /// Tells every product with an id in `ids`.
    pub(super) fn each_product(
        &self,
        ids: std::ops::RangeInclusive<u64>,
        mut tell: impl FnMut(Item) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for entry in self.products.range(ids)? {
            tell(decode(entry?.1.value())?)?;
        }
        Ok(())
    }

    /// Whether an item is at each connection that knows it, without reading what it shows there.
    pub(super) fn presences(&self, id: ItemId) -> Result<Vec<Presence>, StoreError> {
        let mut found = Vec::new();
        for entry in self.equivalences.range((id.0, 0)..=(id.0, Number::MAX))? {
            // The first field of an equivalence.
            found.push(decode_first(entry?.1.value(), |here: Equivalence| here.presence)?);
        }
        Ok(found)
    }

    pub fn order(&self, id: ItemId) -> Result<Option<Item>, StoreError> {
        writer::item(&self.orders, id)
    }

    pub fn equivalence(&self, id: ItemId, number: Number) -> Result<Option<Equivalence>, StoreError> {
        writer::equivalence(&self.equivalences, id, number)
    }

    pub fn equivalences(&self, id: ItemId) -> Result<Vec<(Number, Equivalence)>, StoreError> {
        writer::equivalences(&self.equivalences, id)
    }

    pub fn order_equivalence(&self, id: ItemId, number: Number) -> Result<Option<Equivalence>, StoreError> {
        writer::equivalence(&self.order_equivalences, id, number)
    }

    pub fn order_equivalences(&self, id: ItemId) -> Result<Vec<(Number, Equivalence)>, StoreError> {
        writer::equivalences(&self.order_equivalences, id)
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

    /// What a connection calls the variants that an order's lines are about.
    pub fn counterparts(
        &self,
        order: &Item,
        number: Number,
    ) -> Result<BTreeMap<(ItemId, Key), Counterpart>, StoreError> {
        index::counterparts(order, &self.equivalences, number)
    }

    /// What changed in an item's content, the oldest first.
    pub fn history(&self, id: ItemId) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        for entry in self.history.range((id.0, 0)..=(id.0, u32::MAX))? {
            found.push(decode(entry?.1.value())?);
        }
        Ok(found)
    }

    /// What a job wrote to products at a connection, up to `limit` of them after one.
    pub fn sent(
        &self,
        number: Number,
        job: JobId,
        after: ItemId,
        limit: usize,
    ) -> Result<Vec<(ItemId, Sent)>, StoreError> {
        let mut found = Vec::new();
        let range = (number, job.0, after.0 + 1)..=(number, job.0, u64::MAX);
        for entry in self.sent.range(range)?.take(limit) {
            let (key, value) = entry?;
            found.push((ItemId(key.value().2), decode(value.value())?));
        }
        Ok(found)
    }

    /// Every counterpart at one connection, in the order of items.
    pub fn equivalences_at(
        &self,
        number: Number,
    ) -> Result<impl Iterator<Item = Result<(ItemId, Equivalence), StoreError>> + use<>, StoreError> {
        at(&self.equivalences, number)
    }

    /// Likewise of orders.
    pub fn order_equivalences_at(
        &self,
        number: Number,
    ) -> Result<impl Iterator<Item = Result<(ItemId, Equivalence), StoreError>> + use<>, StoreError> {
        at(&self.order_equivalences, number)
    }

    pub fn remote(&self, number: Number, remote_id: &RemoteId) -> Result<Option<(ItemId, u64)>, StoreError> {
        let found = self.remotes.get((number, remote_id.0.as_str()))?;
        Ok(found
            .map(|entry| entry.value())
            .map(|(item, digest)| (ItemId(item), digest)))
    }

    pub fn scan(&self, number: Number) -> Result<Option<Scan>, StoreError> {
        self.scans
            .get(number)?
            .map(|bytes| decode(bytes.value()))
            .transpose()
    }

    /// Up to `limit` records that wait for propagation, from the first or after one.
    pub fn staged(
        &self,
        number: Number,
        after: Option<&RemoteId>,
        limit: usize,
    ) -> Result<Vec<StagedRecord>, StoreError> {
        let from = after.map_or("", |id| id.0.as_str());
        let mut found = Vec::with_capacity(limit);
        for entry in self.staged.range((number, from)..(number + 1, ""))? {
            let (key, value) = entry?;
            if after.is_some() && key.value().1 == from {
                continue;
            }
            found.push(value);
            if found.len() == limit {
                break;
            }
        }
        let decoded = chunks(&found, |part| {
            let records = part.iter().map(|bytes| decode(bytes.value()));
            records.collect::<Result<Vec<StagedRecord>, StoreError>>()
        });
        let decoded: Vec<Vec<StagedRecord>> = decoded.into_iter().collect::<Result<_, _>>()?;
        Ok(decoded.into_iter().flatten().collect())
    }

    /// The keys of up to `limit` records that wait for propagation, from the first or after one.
    pub fn staged_keys(
        &self,
        number: Number,
        after: Option<&RemoteId>,
        limit: u64,
    ) -> Result<StagedKeys, StoreError> {
        let from = after.map_or("", |id| id.0.as_str());
        let mut looked = StagedKeys::default();
        for entry in self.staged.range((number, from)..(number + 1, ""))? {
            let (key, value) = entry?;
            let (_, id) = key.value();
            if after.is_some() && id == from {
                continue;
            }
            looked.records += 1;
            if self.remotes.get((number, id))?.is_none() {
                let keys: Vec<u64> = decode_first(value.value(), |staged: StagedRecord| staged.keys)?;
                looked.of_strangers.extend(keys);
            }
            if looked.records == limit {
                looked.last = Some(RemoteId::from(id));
                break;
            }
        }
        Ok(looked)
    }

    /// The items that the running scan has seen.
    pub fn seen(&self, number: Number) -> Result<RoaringBitmap, StoreError> {
        let mut all = RoaringBitmap::new();
        for entry in self.seen.range((number, 0)..=(number, u32::MAX))? {
            let (key, value) = entry?;
            let base = key.value().1 << 16;
            all.extend(sets::bitmap(value.value())?.iter().map(|bit| base | bit));
        }
        Ok(all)
    }

    pub fn unmatched(&self, number: Number) -> Result<Vec<(RemoteId, Unmatched)>, StoreError> {
        let mut found = Vec::new();
        for entry in self.unmatched.range((number, "")..(number + 1, ""))? {
            let (key, value) = entry?;
            found.push((RemoteId::from(key.value().1), decode(value.value())?));
        }
        Ok(found)
    }

    /// The content hash of a picture's address, if it was ever seen.
    pub fn picture(&self, number: Number, address: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .pictures
            .get((number, address))?
            .map(|hash| hash.value().to_owned()))
    }

    /// The connections at which a picture with this content was seen, with its address there.
    pub fn picture_addresses(&self, hash: &str) -> Result<Vec<(Number, String)>, StoreError> {
        let mut found = Vec::new();
        for entry in self.pictures.iter()? {
            let (key, value) = entry?;
            if value.value() == hash {
                found.push((key.value().0, key.value().1.to_owned()));
            }
        }
        Ok(found)
    }

    /// Those of `among` that have every word that is searched. Reads through one short text an item.
    pub fn search(&self, among: &RoaringBitmap, search: &Search) -> Result<RoaringBitmap, StoreError> {
        let mut found = RoaringBitmap::new();
        self.each_text(among, |item, text| {
            if search.finds(text) {
                found.insert(item);
            }
        })?;
        Ok(found)
    }

    /// The title of each of `among`, in lower case.
    pub fn titles(&self, among: &RoaringBitmap) -> Result<Vec<(String, ItemId)>, StoreError> {
        let mut found = Vec::new();
        self.each_text(among, |item, text| {
            let title = text.lines().next().unwrap_or_default();
            found.push((title.to_owned(), ItemId(item.into())));
        })?;
        Ok(found)
    }

    fn each_text(&self, among: &RoaringBitmap, mut tell: impl FnMut(u32, &str)) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (among.min(), among.max()) else {
            return Ok(());
        };
        for entry in self.texts.range(u64::from(first)..=u64::from(last))? {
            let (key, text) = entry?;
            match u32::try_from(key.value()) {
                Ok(item) if among.contains(item) => tell(item, text.value()),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The members of a set, by its stored name.
    pub fn members(&self, set: &str) -> Result<RoaringBitmap, StoreError> {
        sets::members(&self.sets, set)
    }

    pub fn count(&self, set: &str) -> Result<u64, StoreError> {
        sets::count(&self.sets, set)
    }

    /// Every item that is shown.
    pub fn all(&self) -> Result<RoaringBitmap, StoreError> {
        self.members(ALL)
    }

    /// Every order that is shown.
    pub fn all_orders(&self) -> Result<RoaringBitmap, StoreError> {
        self.members(&of_orders(ALL))
    }

    pub fn count_all(&self) -> Result<u64, StoreError> {
        self.count(ALL)
    }

    /// The products whose quantities are to change at a connection.
    pub fn urgent(&self, connection: &ConnectionId) -> Result<RoaringBitmap, StoreError> {
        self.members(&urgent_at(connection.as_str()))
    }

    /// The products of whose last write to a connection nobody knows yet what became of it.
    pub fn unclear(&self, connection: &ConnectionId) -> Result<RoaringBitmap, StoreError> {
        self.members(&unclear_at(connection.as_str()))
    }

    /// The orders of whose last write to a connection nobody knows yet what became of it.
    pub fn unclear_orders(&self, connection: &ConnectionId) -> Result<RoaringBitmap, StoreError> {
        self.members(&of_orders(&unclear_at(connection.as_str())))
    }

    /// The items with issues at a connection.
    pub fn with_issues(&self, connection: &ConnectionId) -> Result<RoaringBitmap, StoreError> {
        self.members(&issues_at(connection.as_str()))
    }

    /// The orders with issues at a connection.
    pub fn orders_with_issues(&self, connection: &ConnectionId) -> Result<RoaringBitmap, StoreError> {
        self.members(&of_orders(&issues_at(connection.as_str())))
    }

    pub fn count_with_issues(&self, connection: &ConnectionId) -> Result<u64, StoreError> {
        let of_products = issues_at(connection.as_str());
        Ok(self.count(&of_products)? + self.count(&of_orders(&of_products))?)
    }

    /// The stored names of sets that begin so, each with its count.
    pub fn sets_from(&self, prefix: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let mut found: Vec<(String, u64)> = Vec::new();
        for entry in self.sets.range((prefix, 0)..)? {
            let (key, value) = entry?;
            let (name, _) = key.value();
            if !name.starts_with(prefix) {
                break;
            }
            let members = sets::bitmap(value.value())?.len();
            match found.last_mut() {
                Some((last, count)) if last == name => *count += members,
                _ => found.push((name.to_owned(), members)),
            }
        }
        Ok(found)
    }
}

fn at(
    table: &ReadOnlyTable<(u64, Number), &'static [u8]>,
    number: Number,
) -> Result<impl Iterator<Item = Result<(ItemId, Equivalence), StoreError>> + use<>, StoreError> {
    let range = table.range((0, 0)..)?;
    Ok(range.filter_map(move |entry| match entry {
        Ok((key, value)) => {
            let (item, at) = key.value();
            (at == number).then(|| Ok((ItemId(item), decode(value.value())?)))
        }
        Err(error) => Some(Err(error.into())),
    }))
}
