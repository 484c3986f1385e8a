//! Records as bytes: one byte of version, then postcard.
//!
//! postcard has no schema, so a record that changes its shape gets a new version: the old shape goes into a file beside
//! this one with a step to the new, and `fixtures` keeps what the old one wrote. The tests of fixtures fail until that is
//! done. A record of an earlier version is read through its steps, and written as it is now when it next changes.

mod connection;
mod entry;
mod equivalence;
mod job;
mod staged;

use equivalence::{EquivalenceV1, EquivalenceV2};

use super::{ConnectionState, Scan, Sent, StagedRecord, StoreError, Unmatched};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    history::Entry,
    item::{Equivalence, Item},
    job::Job,
};

/// What is stored as a record.
pub trait Stored: Serialize + DeserializeOwned {
    /// The version that it is written with.
    const VERSION: u8 = 1;

    /// What an earlier version wrote, as it is now.
    fn of_earlier(version: u8, _body: &[u8]) -> Result<Self, StoreError> {
        Err(never_was(version))
    }
}

impl Stored for Item {}
impl Stored for Scan {}
impl Stored for Sent {}
impl Stored for Unmatched {}
impl Stored for ConnectionState {
    const VERSION: u8 = 2;

    fn of_earlier(version: u8, body: &[u8]) -> Result<Self, StoreError> {
        match version {
            1 => read::<connection::ConnectionV1>(body).map(Self::from),
            other => Err(never_was(other)),
        }
    }
}
impl Stored for Entry {
    const VERSION: u8 = 2;

    fn of_earlier(version: u8, body: &[u8]) -> Result<Self, StoreError> {
        match version {
            1 => read::<entry::EntryV1>(body).map(Self::from),
            other => Err(never_was(other)),
        }
    }
}
impl Stored for Equivalence {
    const VERSION: u8 = 3;

    fn of_earlier(version: u8, body: &[u8]) -> Result<Self, StoreError> {
        match version {
            1 => read::<EquivalenceV1>(body).map(|first| Self::from(EquivalenceV2::from(first))),
            2 => read::<EquivalenceV2>(body).map(Self::from),
            other => Err(never_was(other)),
        }
    }
}
impl Stored for StagedRecord {
    const VERSION: u8 = 2;

    fn of_earlier(version: u8, body: &[u8]) -> Result<Self, StoreError> {
        match version {
            1 => read::<staged::StagedRecordV1>(body).map(Self::from),
            other => Err(StoreError::Codec(format!(
                "it has version {other}, which never was"
            ))),
        }
    }
}
impl Stored for Job {
    const VERSION: u8 = 2;

    fn of_earlier(version: u8, body: &[u8]) -> Result<Self, StoreError> {
        match version {
            1 => read::<job::JobV1>(body).map(Self::from),
            other => Err(never_was(other)),
        }
    }
}

fn never_was(version: u8) -> StoreError {
    StoreError::Codec(format!("it has version {version}, which never was"))
}

pub fn encode<T: Stored>(record: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_extend(record, vec![T::VERSION]).map_err(|error| StoreError::Codec(error.to_string()))
}

pub fn decode<T: Stored>(bytes: &[u8]) -> Result<T, StoreError> {
    let (version, body) = split(bytes)?;
    match version {
        now if now == T::VERSION => read(body),
        earlier if earlier < T::VERSION => T::of_earlier(earlier, body),
        newer => Err(StoreError::Newer(newer)),
    }
}

/// The first field of a record, where it can be had without reading the rest; else what `pick` takes of the whole.
pub fn decode_first<T: Stored, F: DeserializeOwned>(
    bytes: &[u8],
    pick: impl FnOnce(T) -> F,
) -> Result<F, StoreError> {
    let (version, body) = split(bytes)?;
    if version != T::VERSION {
        return decode(bytes).map(pick);
    }
    let first = postcard::take_from_bytes(body);
    first
        .map(|(first, _)| first)
        .map_err(|error| StoreError::Codec(error.to_string()))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(body).map_err(|error| StoreError::Codec(error.to_string()))
}

fn split(bytes: &[u8]) -> Result<(u8, &[u8]), StoreError> {
    match bytes.split_first() {
        Some((version, body)) => Ok((*version, body)),
        None => Err(StoreError::Codec(String::from("an empty record"))),
    }
}

#[cfg(test)]
mod tests;
