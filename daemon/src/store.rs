//! Everything the daemon remembers, in one embedded database. The only user of redb.

mod codec;
mod disk;
mod index;
mod reader;
mod reindex;
mod sets;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

pub use disk::Disk;
pub use index::{Place, Places, bought, day_of, of_orders};
pub use reader::{Apart, Reader, Unmatched};
pub use tables::Number;
pub use writer::{Durability, Writer};

use redb::{Database, ReadableDatabase, ReadableTable};
use serde::{Deserialize, Serialize};
use shared::{
    ids::{ConnectionId, JobId, Kind},
    issue::Issue,
    sync::{clock::Heard, tally::Tally},
    time::Time,
};
use std::path::{Path, PathBuf};

/// The version of the layout of tables.
const LAYOUT: u64 = 1;

/// How much of the database redb may keep in memory.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// The store. Readers see the last commit and never wait for a writer; writers take turns.
#[derive(Debug)]
pub struct Store {
    db: Database,
    /// `None`: it is in memory.
    file: Option<PathBuf>,
}

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store could not be opened: {0}")]
    Open(#[from] redb::DatabaseError),
    #[error("the disk did not take or give what the store needs: {0}")]
    Storage(redb::StorageError),
    #[error("the store could not begin or end a transaction: {0}")]
    Transaction(String),
    #[error("a table of the store is not as expected: {0}")]
    Table(redb::TableError),
    #[error("a record in the store cannot be read: {0}")]
    Codec(String),
    #[error("the store was written by a newer Click2Sync (record version {0}); install that version again")]
    Newer(u8),
    #[error(
        "the store's layout has version {0}, newer than this Click2Sync knows; install that version again"
    )]
    NewerLayout(u64),
    #[error("there is no connection `{0}`")]
    NoConnection(ConnectionId),
}

/// What is known of a connection besides its config file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionState {
    pub number: Number,
    pub products: Reading,
    pub orders: Reading,
    pub last_fetch: Option<Time>,
    pub last_send: Option<Time>,
    /// When the last automatic job began.
    pub last_scheduled: Option<Time>,
    pub paused_at: Option<Time>,
    /// Why the last job failed; gone with the next that succeeds.
    pub error: Option<String>,
    /// Problems of the connection as a whole.
    pub issues: Vec<Issue>,
    /// What the index of pending changes was made with; another policy makes it anew.
    pub indexed_policy: u64,
}

/// How far one kind of record has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// From when on the next incremental fetch reads. `None`: everything.
    pub clock: Option<Time>,
    /// When everything was last read.
    pub last_full: Option<Time>,
}

impl ConnectionState {
    pub fn reading(&mut self, kind: Kind) -> &mut Reading {
        match kind {
            Kind::Products => &mut self.products,
            Kind::Orders => &mut self.orders,
        }
    }
}

/// A scan that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub job: JobId,
    pub kind: Kind,
    pub started: Time,
    /// It reads only what changed since then. `None`: everything, and what is not found has vanished.
    pub since: Option<Time>,
    /// The page to read next.
    pub at: ScanAt,
    /// Records on the pages of this try so far, those that came twice included.
    pub scanned: u64,
    pub tally: Tally,
    /// By which the clock moves at the end.
    pub heard: Heard,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScanAt {
    First,
    Cursor(String),
    /// Every page was read; what is staged waits for analysis and propagation.
    Complete,
}

impl Scan {
    /// As it is to go on: anew where its last page was read and records were passed over.
    pub fn or_anew(self) -> Self {
        if self.at == ScanAt::Complete && !self.tally.is_complete() {
            self.anew()
        } else {
            self
        }
    }

    /// The same scan from its first page, after its pages moved away under it.
    pub fn anew(self) -> Self {
        Self {
            at: ScanAt::First,
            scanned: 0,
            tally: self.tally.anew(),
            ..self
        }
    }
}

impl Store {
    /// Opens the store in a folder, or makes one.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join("click2sync.redb");
        let db = redb::Builder::new().set_cache_size(CACHE_BYTES).create(&file)?;
        Self::prepare(db, Some(file))
    }

    /// A store in memory, for tests and benchmarks.
    pub fn in_memory() -> Result<Self, StoreError> {
        let backend = redb::backends::InMemoryBackend::new();
        Self::prepare(redb::Builder::new().create_with_backend(backend)?, None)
    }

    /// A store on a simulated disk, as an earlier one left it.
    pub fn on(disk: &Disk) -> Result<Self, StoreError> {
        let db = redb::Builder::new()
            .set_cache_size(CACHE_BYTES)
            .create_with_backend(disk.clone())?;
        Self::prepare(db, None)
    }

    fn prepare(db: Database, file: Option<PathBuf>) -> Result<Self, StoreError> {
        let transaction = db.begin_write().map_err(transaction_error)?;
        {
            let mut meta = transaction.open_table(tables::META)?;
            let layout = meta.get("layout")?.map(|version| version.value());
            match layout {
                Some(LAYOUT) => {}
                None => {
                    meta.insert("layout", LAYOUT)?;
                }
                Some(newer) => return Err(StoreError::NewerLayout(newer)),
            }
            transaction.open_table(tables::CONNECTIONS)?;
            transaction.open_table(tables::PRODUCTS)?;
            transaction.open_table(tables::EQUIVALENCES)?;
            transaction.open_table(tables::ORDERS)?;
            transaction.open_table(tables::ORDER_EQUIVALENCES)?;
            transaction.open_table(tables::ORDER_REMOTES)?;
            transaction.open_table(tables::HISTORY)?;
            transaction.open_table(tables::JOBS)?;
            transaction.open_table(tables::SCANS)?;
            transaction.open_table(tables::STAGED)?;
            transaction.open_table(tables::SEEN)?;
            transaction.open_table(tables::STRANGERS)?;
            transaction.open_table(tables::UNMATCHED)?;
            transaction.open_table(tables::PICTURES)?;
            transaction.open_table(tables::REMOTES)?;
            transaction.open_table(tables::KEYS)?;
            transaction.open_table(tables::TEXTS)?;
            transaction.open_table(tables::SETS)?;
        }
        transaction.commit().map_err(commit_error)?;
        Ok(Self { db, file })
    }

    /// A view of the last commit.
    pub fn read(&self) -> Result<Reader, StoreError> {
        Reader::new(&self.db.begin_read().map_err(transaction_error)?)
    }

    /// One transaction: all of what `work` writes, or nothing.
    pub fn write<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut transaction = self.db.begin_write().map_err(transaction_error)?;
        durability.set(&mut transaction).map_err(E::from)?;
        let done = {
            let mut writer = Writer::new(&transaction)?;
            let done = work(&mut writer)?;
            writer.finish()?;
            done
        };
        transaction.commit().map_err(commit_error)?;
        Ok(done)
    }

    /// How many bytes the store takes on disk; waits for nobody.
    pub fn file_bytes(&self) -> u64 {
        let file = self.file.as_ref().and_then(|file| file.metadata().ok());
        file.map_or(0, |file| file.len())
    }

    /// How many bytes the database file holds in records, and in all.
    pub fn size(&self) -> Result<(u64, u64), StoreError> {
        let transaction = self.db.begin_write().map_err(transaction_error)?;
        let stats = transaction.stats()?;
        transaction.abort()?;
        let page = u64::try_from(stats.page_size()).unwrap_or(0);
        Ok((stats.stored_bytes(), stats.allocated_pages() * page))
    }
}

/// A record that waits for propagation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedRecord {
    /// Of the record as the platform told it; hashes of pictures that we found ourselves are no part of that.
    pub digest: u64,
    pub record: shared::product::Record,
}

/// The digest by which a record read again is known to be unchanged. When it changed is no part of it.
pub fn digest(record: &shared::product::Record, buffer: &mut Vec<u8>) -> Result<u64, StoreError> {
    let shared::product::Record {
        remote_id: _,
        url,
        updated_at: _,
        token: _,
        product,
    } = record;
    buffer.clear();
    let taken = std::mem::take(buffer);
    *buffer =
        postcard::to_extend(&(url, product), taken).map_err(|error| StoreError::Codec(error.to_string()))?;
    Ok(xxhash_rust::xxh3::xxh3_64(buffer))
}

/// As [`digest`], of an order.
pub fn order_digest(record: &shared::order::Record) -> Result<u64, StoreError> {
    let shared::order::Record {
        remote_id: _,
        url,
        updated_at: _,
        token: _,
        order,
    } = record;
    let bytes = postcard::to_allocvec(&(url, order)).map_err(|error| StoreError::Codec(error.to_string()))?;
    Ok(xxhash_rust::xxh3::xxh3_64(&bytes))
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> Self {
        Self::Table(error)
    }
}

fn transaction_error(error: redb::TransactionError) -> StoreError {
    match error {
        redb::TransactionError::Storage(storage) => StoreError::Storage(storage),
        other => StoreError::Transaction(other.to_string()),
    }
}

fn commit_error(error: redb::CommitError) -> StoreError {
    match error {
        redb::CommitError::Storage(storage) => StoreError::Storage(storage),
        other => StoreError::Transaction(other.to_string()),
    }
}
