//! Every record read once, to find those that cannot be read any more.

use super::Reader;
use crate::store::{ConnectionState, Number, Scan, StagedRecord, StoreError, Unmatched, codec::decode, sets};
use redb::{ReadOnlyTable, ReadableTable};
use shared::{
    content::Content,
    history::Entry,
    item::{Equivalence, Item},
    job::Job,
};

/// What was looked at, and what cannot be read, each in a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub records: u64,
    pub damaged: Vec<String>,
}

impl Looked {
    fn note(&mut self, read: Result<(), StoreError>, what: impl FnOnce() -> String) {
        self.records += 1;
        if let Err(error) = read {
            self.damaged.push(format!("{} cannot be read: {error}.", what()));
        }
    }
}

impl Reader {
    /// The highest number that an item has.
    pub fn last_item(&self) -> Result<u64, StoreError> {
        let last = |table: &ReadOnlyTable<u64, &'static [u8]>| -> Result<u64, StoreError> {
            Ok(table.last()?.map_or(0, |(key, _)| key.value()))
        };
        Ok(last(&self.products)?.max(last(&self.orders)?))
    }

    /// Looks at every record about the items of one container of sets.
    pub fn look_at_items(&self, container: u32) -> Result<Looked, StoreError> {
        let mut looked = Looked::default();
        let first = u64::from(container) << 16;
        let last = first | 0xffff;
        let kinds = [
            ("product", &self.products, &self.equivalences),
            ("order", &self.orders, &self.order_equivalences),
        ];
        for (kind, items, equivalences) in kinds {
            for entry in items.range(first..=last)? {
                let (key, value) = entry?;
                let id = key.value();
                looked.note(decode::<Item>(value.value()).map(drop), || self.call(kind, id));
            }
            for entry in equivalences.range((first, 0)..=(last, Number::MAX))? {
                let (key, value) = entry?;
                let (id, number) = key.value();
                let name = || {
                    let at = self.connection_named(number);
                    format!("What {at} shows of {}", self.call(kind, id))
                };
                looked.note(decode::<Equivalence>(value.value()).map(drop), name);
                if items.get(id)?.is_none() {
                    let at = self.connection_named(number);
                    looked.damaged.push(format!(
                        "{at} has a counterpart of {kind} {id}, which is not there any more."
                    ));
                }
            }
        }
        for entry in self.history.range((first, 0)..=(last, u32::MAX))? {
            let (key, value) = entry?;
            let (id, nth) = key.value();
            looked.note(decode::<Entry>(value.value()).map(drop), || {
                format!("Entry {nth} of the history of {}", self.call("item", id))
            });
        }
        Ok(looked)
    }

    /// Looks at every other record.
    pub fn look_at_the_rest(&self) -> Result<Looked, StoreError> {
        let mut looked = Looked::default();
        for entry in self.connections.iter()? {
            let (key, value) = entry?;
            looked.note(decode::<ConnectionState>(value.value()).map(drop), || {
                format!("What is known of the connection {}", key.value())
            });
        }
        for entry in self.jobs.iter()? {
            let (key, value) = entry?;
            looked.note(decode::<Job>(value.value()).map(drop), || {
                format!("Job {}", key.value())
            });
        }
        for entry in self.scans.iter()? {
            let (key, value) = entry?;
            looked.note(decode::<Scan>(value.value()).map(drop), || {
                format!("How far {} has been read", self.connection_named(key.value()))
            });
        }
        for entry in self.staged.iter()? {
            let (key, value) = entry?;
            let (number, id) = key.value();
            looked.note(decode::<StagedRecord>(value.value()).map(drop), || {
                format!("The record {id} that {} told", self.connection_named(number))
            });
        }
        for entry in self.unmatched.iter()? {
            let (key, value) = entry?;
            let (number, id) = key.value();
            looked.note(decode::<Unmatched>(value.value()).map(drop), || {
                format!(
                    "The record {id} of {}, which belongs to no product,",
                    self.connection_named(number)
                )
            });
        }
        for entry in self.seen.iter()? {
            let (key, value) = entry?;
            looked.note(sets::bitmap(value.value()).map(drop), || {
                format!("What {} has shown so far", self.connection_named(key.value().0))
            });
        }
        Ok(looked)
    }

    /// Every address of a picture with the hash of its content.
    pub fn pictures(&self) -> Result<Vec<(Number, String, String)>, StoreError> {
        let mut found = Vec::new();
        for entry in self.pictures.iter()? {
            let (key, hash) = entry?;
            let (number, address) = key.value();
            found.push((number, address.to_owned(), hash.value().to_owned()));
        }
        Ok(found)
    }

    /// An item by its number and, where the search knows it, its title.
    fn call(&self, kind: &str, id: u64) -> String {
        let text = self.texts.get(id).ok().flatten();
        let title = text.and_then(|text| text.value().lines().next().map(str::to_owned));
        match title.filter(|title| !title.is_empty()) {
            Some(title) => format!("{kind} {id} (\"{title}\")"),
            None => format!("{kind} {id}"),
        }
    }

    fn connection_named(&self, number: Number) -> String {
        let connections = self.connections().unwrap_or_default();
        let known = connections.into_iter().find(|(_, state)| state.number == number);
        known.map_or_else(|| format!("connection number {number}"), |(id, _)| id.to_string())
    }
}

impl Reader {
    /// Tells the hash of every picture that the items of one container of sets name, and that platforms show of them.
    pub fn each_picture_of_items(
        &self,
        container: u32,
        mut tell: impl FnMut(&str),
    ) -> Result<(), StoreError> {
        let first = u64::from(container) << 16;
        let last = first | 0xffff;
        let mut tell_of = |content: &Content| {
            let hashes = content
                .pictures()
                .filter_map(|(_, picture)| picture.hash.as_deref());
            hashes.for_each(&mut tell);
        };
        for entry in self.products.range(first..=last)? {
            if let Ok(item) = decode::<Item>(entry?.1.value()) {
                tell_of(&item.content);
            }
        }
        for entry in self.equivalences.range((first, 0)..=(last, Number::MAX))? {
            if let Ok(here) = decode::<Equivalence>(entry?.1.value()) {
                tell_of(&here.acknowledged);
            }
        }
        Ok(())
    }

    /// Tells the hash of every picture of records that wait for propagation.
    pub fn each_picture_of_staged(&self, mut tell: impl FnMut(&str)) -> Result<(), StoreError> {
        for entry in self.staged.iter()? {
            if let Ok(staged) = decode::<StagedRecord>(entry?.1.value()) {
                let images = staged.record.product.images;
                images
                    .iter()
                    .filter_map(|image| image.hash.as_deref())
                    .for_each(&mut tell);
            }
        }
        Ok(())
    }
}
