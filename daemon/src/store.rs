//! Everything the daemon remembers, in one embedded database. The only user of redb.

mod codec;
mod copy;
mod disk;
mod guarded;
mod index;
mod layout;
mod open;
mod reader;
mod reindex;
mod sets;
mod staged;
mod tables;
#[cfg(test)]
mod tests;
mod trouble;
mod view;
mod writer;
mod written;

pub use disk::Disk;
pub use index::{Place, Places, Whole, bought, day_of, of_orders};
pub use reader::{Apart, Looked, Reader, StagedKeys, Unmatched};
pub use sets::SetChanges;
pub use staged::{StagedRecord, mark, marks};
pub use tables::Number;
pub use trouble::Trouble;
pub use writer::{Durability, Mended, Mending, Writer};
pub use written::Written;

use open::{Access, Opened, Source};
use redb::ReadableDatabase;
use serde::{Deserialize, Serialize};
use shared::{
    content::Change,
    ids::{ConnectionId, JobId, Kind},
    issue::Issue,
    sync::{clock::Heard, tally::Tally},
    time::Time,
};
use std::{
    io,
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::watch;

/// The store. Readers see the last commit and never wait for a writer; writers take turns.
///
/// When its disk fails, nothing is written until [`Store::mend`] finds that the disk works again; what was on the disk
/// is read as before.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
    /// Works only with the database as it was opened then. `None`: with the present one.
    only: Option<u64>,
}

#[derive(Debug)]
struct Shared {
    source: Source,
    /// `None` between two openings.
    opened: RwLock<Option<Arc<Opened>>>,
    /// How many openings there were.
    openings: AtomicU64,
    trouble: watch::Sender<Option<Trouble>>,
}

impl Shared {
    fn next_opening(&self) -> u64 {
        self.openings.fetch_add(1, Ordering::Relaxed)
    }
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
    /// Nothing can be written, or what somebody began was begun before the disk failed.
    #[error("{0}")]
    Disk(Trouble),
    #[error("the disk with the data failed meanwhile; this begins again from what was stored")]
    Reopened,
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
    #[error("the copy of the store was broken off")]
    CopyStopped,
    #[error("the table `{0}` is not copied; please report it")]
    NotCopied(String),
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
    /// From when on orders are cloned here. `None`: they are not.
    pub cloning_since: Option<Time>,
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
    /// Its name in a data folder.
    pub const FILE: &str = "click2sync.redb";

    /// Opens the store in a folder, or makes one. On a disk that takes nothing it is opened for reading.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::from(Source::File(folder.join(Self::FILE)))
    }

    /// A store in memory, for tests and benchmarks.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::from(Source::Memory)
    }

    /// A store on a simulated disk, as an earlier one left it.
    pub fn on(disk: &Disk) -> Result<Self, StoreError> {
        Self::from(Source::Simulated(disk.clone()))
    }

    fn from(source: Source) -> Result<Self, StoreError> {
        let (trouble, _) = watch::channel(None);
        let opened = match source.open(0, &trouble) {
            Ok(opened) => opened,
            // As it is found on a disk that takes nothing, it can be looked at.
            Err(error) if trouble.borrow().is_some() => source.view(0).map_err(|_| error)?,
            Err(error) => return Err(error),
        };
        let shared = Shared {
            source,
            opened: RwLock::new(Some(Arc::new(opened))),
            openings: AtomicU64::new(1),
            trouble,
        };
        Ok(Self {
            shared: Arc::new(shared),
            only: None,
        })
    }

    /// The store as it is open now, for work whose transactions build upon one another: after a failure of the disk,
    /// commits that were not on it yet are gone, so this handle then refuses everything.
    pub fn as_opened_now(&self) -> Self {
        let opened = self.shared.opened.read().unwrap_or_else(PoisonError::into_inner);
        Self {
            shared: Arc::clone(&self.shared),
            // Between two openings there is none, which no later one is.
            only: Some(opened.as_ref().map_or(u64::MAX, |opened| opened.number)),
        }
    }

    /// A view of the last commit.
    pub fn read(&self) -> Result<Reader, StoreError> {
        let opened = self.opened()?;
        let transaction = opened.db.begin_read().map_err(transaction_error)?;
        Reader::new(&transaction)
    }

    /// One transaction: all of what `work` writes, or nothing.
    pub fn write<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let opened = self.opened()?;
        if let (Access::View, Some(trouble)) = (opened.access, self.trouble()) {
            return Err(StoreError::Disk(trouble).into());
        }
        let written = opened.write(durability, work);
        match self.trouble() {
            Some(trouble) if written.is_err() && opened.guard.is_over() => {
                Err(StoreError::Disk(trouble).into())
            }
            _ => written,
        }
    }

    /// The database; where the disk failed, what can be seen of it.
    fn opened(&self) -> Result<Arc<Opened>, StoreError> {
        let opened = self.present()?;
        match self.only {
            Some(only) if only != opened.number => {
                Err(self.trouble().map_or(StoreError::Reopened, StoreError::Disk))
            }
            _ => Ok(opened),
        }
    }

    fn present(&self) -> Result<Arc<Opened>, StoreError> {
        let usable = |opened: &Option<Arc<Opened>>| {
            let opened = opened.as_ref();
            opened.filter(|opened| !opened.guard.is_over()).cloned()
        };
        let shared = &*self.shared;
        if let Some(opened) = usable(&shared.opened.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(opened);
        }
        let mut place = shared.opened.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = usable(&place) {
            return Ok(opened);
        }
        if let Some(failed) = &*place {
            failed.guard.shut();
        }
        let view = shared.source.view(shared.next_opening());
        let view = Arc::new(view.map_err(|error| self.instead_of(error))?);
        *place = Some(Arc::clone(&view));
        Ok(view)
    }

    /// What is wrong with the disk says more than what came of it.
    fn instead_of(&self, error: StoreError) -> StoreError {
        self.trouble().map_or(error, StoreError::Disk)
    }

    /// Why nothing can be written at present.
    pub fn trouble(&self) -> Option<Trouble> {
        self.shared.trouble.borrow().clone()
    }

    /// Whether something can be written at present.
    pub fn writable(&self) -> Result<(), StoreError> {
        self.trouble()
            .map_or(Ok(()), |trouble| Err(StoreError::Disk(trouble)))
    }

    /// Follows [`Store::trouble`].
    pub fn watch_trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.shared.trouble.subscribe()
    }

    /// Stops writing because something else on the store's disk could not be written.
    pub fn distrust(&self, error: &io::Error) {
        if let Ok(opened) = self.present()
            && opened.access == Access::Writable
        {
            opened
                .guard
                .fail(&trouble::Fault::new(trouble::Operation::Sync, error));
        }
    }

    /// Tries whether a disk that failed works again, and if it does, goes on with what is on it.
    pub fn mend(&self) -> Result<(), StoreError> {
        let Some(trouble) = self.trouble() else {
            return Ok(());
        };
        let shared = &*self.shared;
        if shared.source.probe(trouble.fault.operation).is_err() {
            return Err(StoreError::Disk(trouble));
        }
        let mut place = shared.opened.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = place.take() {
            // Whoever still reads there must not see what is written from now on.
            before.guard.shut();
        }
        match shared.source.open(shared.next_opening(), &shared.trouble) {
            Ok(opened) => {
                *place = Some(Arc::new(opened));
                drop(place);
                shared.trouble.send_replace(None);
                Ok(())
            }
            Err(error) => Err(self.instead_of(error)),
        }
    }

    /// How many bytes the store takes on disk; waits for nobody.
    pub fn file_bytes(&self) -> u64 {
        let file = self.shared.source.file().and_then(|file| file.metadata().ok());
        file.map_or(0, |file| file.len())
    }

    /// How many bytes the database file holds in records, and in all.
    pub fn size(&self) -> Result<(u64, u64), StoreError> {
        let transaction = self.opened()?.db.begin_write().map_err(transaction_error)?;
        let stats = transaction.stats()?;
        transaction.abort()?;
        let page = u64::try_from(stats.page_size()).unwrap_or(0);
        Ok((stats.stored_bytes(), stats.allocated_pages() * page))
    }
}

/// What a send did to a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sent {
    Created,
    /// What the platform showed before, and after.
    Changed(Vec<Change>),
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
