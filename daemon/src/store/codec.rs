//! Records as bytes: one byte of version, then postcard.

use super::StoreError;
use serde::{Serialize, de::DeserializeOwned};

/// The version that every record is written with. A new one needs a step in [`decode`] and a fixture of the old.
const VERSION: u8 = 1;

pub fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_extend(record, vec![VERSION]).map_err(|error| StoreError::Codec(error.to_string()))
}

pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(body(bytes)?).map_err(|error| StoreError::Codec(error.to_string()))
}

/// The first field of a record, without reading the rest.
pub fn decode_first<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    let first = postcard::take_from_bytes(body(bytes)?);
    first
        .map(|(first, _)| first)
        .map_err(|error| StoreError::Codec(error.to_string()))
}

fn body(bytes: &[u8]) -> Result<&[u8], StoreError> {
    match bytes.split_first() {
        Some((&VERSION, body)) => Ok(body),
        Some((&newer, _)) => Err(StoreError::Newer(newer)),
        None => Err(StoreError::Codec(String::from("an empty record"))),
    }
}
