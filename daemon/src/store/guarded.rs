//! A backend that notes its first failure and does nothing after it.
//!
//! redb refuses everything once an operation failed, and what it holds in memory may be ahead of the disk. So the first
//! failure is like the end of the process: whatever comes later starts from what the disk has.

use super::trouble::{Fault, Operation};
use redb::{BackendError, StorageBackend};
use std::{
    io,
    ops::Bound,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

/// Passes everything on to a backend, until its guard is down.
#[derive(Debug)]
pub struct Guarded {
    inner: Box<dyn StorageBackend>,
    guard: Arc<Guard>,
}

/// Whether a backend may still be used.
pub struct Guard {
    /// Held for reading by every operation; for writing by whoever waits for their end.
    gate: RwLock<()>,
    end: OnceLock<()>,
    /// Hears of the first failure, from within the operation that failed.
    tell: Box<dyn Fn(&Fault) + Send + Sync>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard")
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Guard {
    pub fn new(tell: impl Fn(&Fault) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            gate: RwLock::new(()),
            end: OnceLock::new(),
            tell: Box::new(tell),
        })
    }

    /// Whether an operation failed, or its use was ended.
    pub fn is_over(&self) -> bool {
        self.end.get().is_some()
    }

    /// Notes a failure; only the first counts.
    pub fn fail(&self, fault: &Fault) {
        if self.end.set(()).is_ok() {
            (self.tell)(fault);
        }
    }

    /// Lets no operation begin any more, and waits for those under way.
    pub fn shut(&self) {
        // It is over already where it failed.
        let _ = self.end.set(());
        drop(self.gate.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Guarded {
    pub fn new(inner: Box<dyn StorageBackend>, guard: Arc<Guard>) -> Self {
        Self { inner, guard }
    }

    fn operate<T>(
        &self,
        operation: Operation,
        work: impl FnOnce(&dyn StorageBackend) -> io::Result<T>,
    ) -> io::Result<T> {
        let _gate = self.guard.gate.read().unwrap_or_else(PoisonError::into_inner);
        if self.guard.is_over() {
            return Err(io::Error::other("the disk failed before"));
        }
        work(&*self.inner).inspect_err(|error| self.guard.fail(&Fault::new(operation, error)))
    }
}

impl StorageBackend for Guarded {
    fn len(&self) -> io::Result<u64> {
        self.operate(Operation::Look, StorageBackend::len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let length = out.len();
        self.operate(Operation::Read { offset, length }, |inner| {
            inner.read(offset, out)
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.operate(Operation::Write { end: len }, |inner| inner.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.operate(Operation::Sync, StorageBackend::sync_data)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let end = offset + data.len() as u64;
        self.operate(Operation::Write { end }, |inner| inner.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}
