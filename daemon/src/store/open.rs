//! A database opened, and what it is opened from.

use super::{
    Disk, Durability, StoreError, Writer, commit_error,
    guarded::{Guard, Guarded},
    layout, transaction_error,
    trouble::{Fault, Operation, Trouble, probe},
    view::View,
};
use redb::{Database, StorageBackend, backends};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::watch;

/// How much of the database redb may keep in memory.
pub const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// A database from its opening to the first failure of its disk.
#[derive(Debug)]
pub struct Opened {
    /// Openings are numbered.
    pub number: u64,
    pub db: Database,
    pub access: Access,
    pub guard: Arc<Guard>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Writable,
    /// The disk takes nothing; what is on it is shown.
    View,
}

impl Opened {
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
}

/// What a store is opened from, again where it must be.
#[derive(Debug)]
pub enum Source {
    File(PathBuf),
    Memory,
    Simulated(Disk),
}

impl Source {
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            Self::Memory | Self::Simulated(_) => None,
        }
    }

    /// Opens it for writing. The first failure of its disk, even in here, is told to `trouble`.
    pub fn open(&self, number: u64, trouble: &watch::Sender<Option<Trouble>>) -> Result<Opened, StoreError> {
        let folder = self.file().and_then(Path::parent).map(Path::to_owned);
        let trouble = trouble.clone();
        let guard = Guard::new(move |fault: &Fault| {
            trouble.send_replace(Some(Trouble::of(fault.clone(), folder.as_deref())));
        });
        let backend: Box<dyn StorageBackend> = match self {
            Self::File(file) => {
                let opened = File::options()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(file)
                    .inspect_err(|error| guard.fail(&Fault::new(Operation::Look, error)))
                    .map_err(|error| StoreError::Storage(error.into()))?;
                Box::new(backends::FileBackend::new(opened)?)
            }
            Self::Memory => Box::new(backends::InMemoryBackend::new()),
            Self::Simulated(disk) => Box::new(disk.clone()),
        };
        Self::prepare(number, backend, Access::Writable, guard)
    }

    /// Opens what can be seen of it, without writing to its disk.
    pub fn view(&self, number: u64) -> Result<Opened, StoreError> {
        let disk: io::Result<Box<dyn StorageBackend>> = match self {
            Self::File(file) => File::open(file)
                .and_then(|file| backends::FileBackend::new(file).map_err(io::Error::other))
                .map(|backend| Box::new(backend) as _),
            Self::Memory => Ok(Box::new(backends::InMemoryBackend::new())),
            Self::Simulated(disk) => Ok(Box::new(disk.clone())),
        };
        let view = disk
            .and_then(View::of)
            .map_err(|error| StoreError::Storage(error.into()))?;
        // What fails here fails in a trouble that is known.
        Self::prepare(number, Box::new(view), Access::View, Guard::new(|_| {}))
    }

    /// Whether its disk does again what it did not do.
    pub fn probe(&self, operation: Operation) -> io::Result<()> {
        match self {
            Self::File(file) => probe(file, operation),
            Self::Memory => Ok(()),
            Self::Simulated(disk) => disk.probe(),
        }
    }

    fn prepare(
        number: u64,
        backend: Box<dyn StorageBackend>,
        access: Access,
        guard: Arc<Guard>,
    ) -> Result<Opened, StoreError> {
        let db = redb::Builder::new()
            .set_cache_size(CACHE_BYTES)
            .create_with_backend(Guarded::new(backend, Arc::clone(&guard)))?;
        layout::bring_up_to_date(&db)?;
        Ok(Opened {
            number,
            db,
            access,
            guard,
        })
    }
}
