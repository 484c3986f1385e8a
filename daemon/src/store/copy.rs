//! A copy of the whole store as it is at one moment, while others go on writing.

use super::{Durability, Store, StoreError, commit_error, open::CACHE_BYTES, tables, transaction_error};
use redb::{
    Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableHandle, Value,
};
use std::{collections::BTreeSet, path::Path};

/// How many records are copied between two looks at whether to go on.
const STRIDE: usize = 4096;

impl Store {
    /// Writes every table as it is at the last commit into a new store at `file`. Nobody waits for it: it reads one
    /// transaction. `false` from `goes_on` breaks it off, and then `file` is no store.
    pub fn copy_to(&self, file: &Path, goes_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
        let from = self.opened()?.db.begin_read().map_err(transaction_error)?;
        let to = redb::Builder::new().set_cache_size(CACHE_BYTES).create(file)?;
        let mut copy = Copy {
            from,
            to,
            goes_on,
            copied: BTreeSet::new(),
        };
        copy.table(tables::META)?;
        copy.table(tables::CONNECTIONS)?;
        copy.table(tables::PRODUCTS)?;
        copy.table(tables::EQUIVALENCES)?;
        copy.table(tables::ORDERS)?;
        copy.table(tables::ORDER_EQUIVALENCES)?;
        copy.table(tables::ORDER_REMOTES)?;
        copy.table(tables::HISTORY)?;
        copy.table(tables::SENT)?;
        copy.table(tables::JOBS)?;
        copy.table(tables::SCANS)?;
        copy.table(tables::STAGED)?;
        copy.table(tables::SEEN)?;
        copy.table(tables::STRANGERS)?;
        copy.table(tables::UNMATCHED)?;
        copy.table(tables::PICTURES)?;
        copy.table(tables::REMOTES)?;
        copy.table(tables::KEYS)?;
        copy.table(tables::TEXTS)?;
        copy.table(tables::SETS)?;
        copy.finish()
    }
}

struct Copy<'a> {
    from: ReadTransaction,
    to: Database,
    goes_on: &'a dyn Fn() -> bool,
    copied: BTreeSet<String>,
}

impl Copy<'_> {
    fn table<K: Key + 'static, V: Value + 'static>(
        &mut self,
        table: TableDefinition<K, V>,
    ) -> Result<(), StoreError> {
        let source = self.from.open_table(table)?;
        let mut writing = self.to.begin_write().map_err(transaction_error)?;
        // The last one makes all of them durable.
        Durability::Soon.set(&mut writing)?;
        {
            let mut target = writing.open_table(table)?;
            for (at, entry) in source.iter()?.enumerate() {
                if at % STRIDE == 0 && !(self.goes_on)() {
                    return Err(StoreError::CopyStopped);
                }
                let (key, value) = entry?;
                target.insert(key.value(), value.value())?;
            }
        }
        writing.commit().map_err(commit_error)?;
        self.copied.insert(table.name().to_owned());
        Ok(())
    }

    /// Holds that no table was left out, and makes the copy durable.
    fn finish(self) -> Result<(), StoreError> {
        for table in self.from.list_tables()? {
            if !self.copied.contains(table.name()) {
                return Err(StoreError::NotCopied(table.name().to_owned()));
            }
        }
        let last = self.to.begin_write().map_err(transaction_error)?;
        last.commit().map_err(commit_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_every_table_and_every_record() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store
            .write(Durability::Now, |writer| {
                for name in ["one", "two"] {
                    writer.connection(&shared::ids::ConnectionId::parse(name).unwrap())?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        store
            .copy_to(&elsewhere.path().join(Store::FILE), &|| true)
            .unwrap();
        let copy = Store::open(elsewhere.path()).unwrap();
        let connections = |store: &Store| store.read().unwrap().connections().unwrap();
        assert_eq!(connections(&copy).len(), 2);
        assert_eq!(connections(&copy), connections(&store));
    }

    #[test]
    fn a_copy_that_is_not_to_go_on_is_broken_off() {
        let store = Store::in_memory().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let broken_off = store.copy_to(&folder.path().join("copy"), &|| false);
        assert!(
            matches!(broken_off, Err(StoreError::CopyStopped)),
            "{broken_off:?}"
        );
    }
}
