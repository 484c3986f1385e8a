//! The layout of tables, and how a store of an earlier one gets to the present one.

use super::{
    StoreError, commit_error,
    tables::{self, META},
    transaction_error,
};
use redb::{Database, ReadableTable, WriteTransaction};

/// One batch of the way from a layout to the next, from a place on: where the next batch begins, or `None` when that
/// layout is reached. A batch is one transaction, so a crash goes on where the last one ended.
type Step = fn(&WriteTransaction, u64) -> Result<Option<u64>, StoreError>;

/// From each layout to the next, the first from 1 to 2. There was only one so far.
///
/// To change the layout: append a step here, and keep what it needs of the old tables beside it.
const STEPS: &[Step] = &[];

/// Where a step that was interrupted goes on.
const REACHED: &str = "layout reached";

/// Brings a store to the present layout; a new one begins with it.
pub fn bring_up_to_date(db: &Database) -> Result<(), StoreError> {
    migrate(db, STEPS)?;
    let transaction = db.begin_write().map_err(transaction_error)?;
    make_tables(&transaction)?;
    transaction.commit().map_err(commit_error)
}

fn migrate(db: &Database, steps: &[Step]) -> Result<(), StoreError> {
    let present = 1 + steps.len() as u64;
    loop {
        let transaction = db.begin_write().map_err(transaction_error)?;
        let (layout, from) = {
            let mut meta = transaction.open_table(META)?;
            let layout = meta.get("layout")?.map(|layout| layout.value());
            if layout.is_none() {
                meta.insert("layout", present)?;
            }
            let from = meta.get(REACHED)?.map_or(0, |reached| reached.value());
            (layout.unwrap_or(present), from)
        };
        if layout > present {
            return Err(StoreError::NewerLayout(layout));
        }
        let step = usize::try_from(layout)
            .ok()
            .and_then(|layout| steps.get(layout.checked_sub(1)?));
        let Some(step) = step else {
            return transaction.commit().map_err(commit_error);
        };
        let reached = step(&transaction, from)?;
        {
            let mut meta = transaction.open_table(META)?;
            if let Some(reached) = reached {
                meta.insert(REACHED, reached)?;
            } else {
                meta.remove(REACHED)?;
                meta.insert("layout", layout + 1)?;
            }
        }
        transaction.commit().map_err(commit_error)?;
        tracing::info!(
            from = layout,
            to = layout + 1,
            reached,
            "The store is brought to a newer layout"
        );
    }
}

fn make_tables(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(tables::CONNECTIONS)?;
    transaction.open_table(tables::PRODUCTS)?;
    transaction.open_table(tables::EQUIVALENCES)?;
    transaction.open_table(tables::ORDERS)?;
    transaction.open_table(tables::ORDER_EQUIVALENCES)?;
    transaction.open_table(tables::ORDER_REMOTES)?;
    transaction.open_table(tables::HISTORY)?;
    transaction.open_table(tables::SENT)?;
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Disk;
    use redb::{ReadableDatabase, TableDefinition};

    const NUMBERS: TableDefinition<u64, u64> = TableDefinition::new("numbers");
    const TEXTS: TableDefinition<u64, &str> = TableDefinition::new("words");
    const COUNT: u64 = 40;

    /// Layout 2 holds words where layout 1 held numbers; ten at a time.
    fn spell(transaction: &WriteTransaction, from: u64) -> Result<Option<u64>, StoreError> {
        let mut numbers = transaction.open_table(NUMBERS)?;
        let mut texts = transaction.open_table(TEXTS)?;
        let next = from + 10;
        for id in from..next {
            if let Some(number) = numbers.remove(id)? {
                texts.insert(id, format!("number {}", number.value()).as_str())?;
            }
        }
        Ok((next < COUNT).then_some(next))
    }

    /// Layout 3 has every word doubled, which done twice would be seen.
    fn double(transaction: &WriteTransaction, from: u64) -> Result<Option<u64>, StoreError> {
        let mut texts = transaction.open_table(TEXTS)?;
        let doubled = texts.get(from)?.map(|text| text.value().repeat(2));
        texts.insert(from, doubled.unwrap_or_default().as_str())?;
        Ok((from + 1 < COUNT).then_some(from + 1))
    }

    fn open(disk: &Disk) -> Option<Database> {
        redb::Builder::new().create_with_backend(disk.clone()).ok()
    }

    fn of_layout_1(disk: &Disk) {
        let db = open(disk).unwrap();
        migrate(&db, &[]).unwrap();
        let transaction = db.begin_write().unwrap();
        for id in 0..COUNT {
            transaction
                .open_table(NUMBERS)
                .unwrap()
                .insert(id, id * 7)
                .unwrap();
        }
        transaction.commit().unwrap();
    }

    #[test]
    fn a_store_of_an_earlier_layout_gets_to_the_present_one_whenever_it_crashes() {
        let mut crashes = 0;
        for operations in (20..).step_by(37) {
            let disk = Disk::new();
            of_layout_1(&disk);
            disk.fail_after(operations);
            let done = open(&disk).is_some_and(|db| migrate(&db, &[spell, double]).is_ok());
            let found = disk.after_crash(|| false);
            crashes += u64::from(!done);
            let db = open(&found).unwrap();
            migrate(&db, &[spell, double]).unwrap();
            let texts = db.begin_read().unwrap().open_table(TEXTS).unwrap();
            for id in 0..COUNT {
                let number = format!("number {}", id * 7);
                assert_eq!(
                    texts.get(id).unwrap().unwrap().value(),
                    number.repeat(2),
                    "after {operations} operations"
                );
            }
            if done {
                break;
            }
        }
        assert!(crashes > 3, "it never crashed in between");
    }

    #[test]
    fn a_store_of_a_newer_layout_is_left_alone() {
        let disk = Disk::new();
        of_layout_1(&disk);
        let db = open(&disk).unwrap();
        migrate(&db, &[spell]).unwrap();
        assert!(matches!(migrate(&db, &[]), Err(StoreError::NewerLayout(2))));
    }
}
