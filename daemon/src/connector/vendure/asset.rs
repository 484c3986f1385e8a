//! Pictures as assets: uploaded under the hash of their content, and by it known again.

use super::{
    super::{Class, ConnectorError, content_hash},
    client::{Client, File, upload},
    errors::{Outcome, either},
    query,
};
use crate::connector::kept_picture;
use bytes::Bytes;
use image::ImageFormat;
use serde::Deserialize;
use serde_json::json;
use shared::product::Image;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The assets of pictures that were to be uploaded, by the addresses that the hub has for them. One that cannot be had, and
/// never will be, is not in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Uploaded(BTreeMap<String, String>);

impl Uploaded {
    /// The asset of a picture.
    pub(super) fn of(&self, address: &str) -> Option<&String> {
        self.0.get(address)
    }
}

#[derive(Deserialize)]
struct Found {
    assets: List,
}

#[derive(Deserialize)]
struct List {
    items: Vec<NamedAsset>,
}

#[derive(Deserialize)]
struct NamedAsset {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    create_assets: Vec<Outcome>,
}

/// A picture to upload.
struct Picture {
    addresses: BTreeSet<String>,
    bytes: Bytes,
    format: ImageFormat,
}

/// Bytes of pictures in one call; a server takes files of 20 MB each unless it is set otherwise.
const BYTES_AT_ONCE: usize = 8 * 1024 * 1024;
const FILES_AT_ONCE: usize = 10;

/// Brings these pictures into the shop, those that it has not yet.
pub(super) async fn bring(
    client: &Client,
    data: &Path,
    images: &[&Image],
) -> Result<Uploaded, ConnectorError> {
    let mut pictures: BTreeMap<String, Picture> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for image in images {
        if image.remote_id.is_some() || !seen.insert(&image.address) {
            continue;
        }
        let bytes = match bytes_of(client, data, image).await {
            Ok(bytes) => bytes,
            Err(error) if error.class.is_passing() => return Err(error),
            Err(error) => {
                tracing::info!(reason = %error, "A picture could not be had; the product is sent without it");
                continue;
            }
        };
        let Ok(format) = image::guess_format(&bytes) else {
            tracing::info!("A picture is none that a shop could show; the product is sent without it");
            continue;
        };
        let picture = Picture {
            addresses: BTreeSet::new(),
            bytes,
            format,
        };
        let hash = content_hash(&picture.bytes);
        pictures
            .entry(hash)
            .or_insert(picture)
            .addresses
            .insert(image.address.clone());
    }
    let mut uploaded = Uploaded::default();
    if pictures.is_empty() {
        return Ok(uploaded);
    }
    let mut named: BTreeMap<String, Picture> = pictures
        .into_iter()
        .map(|(hash, picture)| (name_of(&hash, picture.format), picture))
        .collect();
    let names: Vec<&String> = named.keys().collect();
    let Found { assets } = client
        .read(query::ASSETS_BY_NAME, json!({ "names": names }))
        .await?;
    for NamedAsset { id, name } in assets.items {
        if let Some(picture) = named.remove(&name) {
            uploaded
                .0
                .extend(picture.addresses.into_iter().map(|address| (address, id.clone())));
        }
    }
    let mut waiting: Vec<(String, Picture)> = named.into_iter().collect();
    while !waiting.is_empty() {
        let mut bytes = 0;
        let fits = waiting.iter().take(FILES_AT_ONCE).take_while(|(_, picture)| {
            bytes += picture.bytes.len();
            bytes <= BYTES_AT_ONCE
        });
        let count = fits.count().max(1);
        let part: Vec<(String, Picture)> = waiting.drain(..count).collect();
        for (picture, outcome) in part.iter().zip(create(client, &part).await?) {
            let (_, Picture { addresses, .. }) = picture;
            match (&outcome.id, outcome.error()) {
                (Some(id), None) => uploaded
                    .0
                    .extend(addresses.iter().map(|address| (address.clone(), id.clone()))),
                (_, refused) => {
                    let reason = refused.map(|error| error.message).unwrap_or_default();
                    tracing::info!(
                        reason,
                        "The shop did not take a picture; the product is sent without it"
                    );
                }
            }
        }
    }
    Ok(uploaded)
}

async fn create(client: &Client, part: &[(String, Picture)]) -> Result<Vec<Outcome>, ConnectorError> {
    let files: Vec<File<'_>> = part
        .iter()
        .enumerate()
        .map(|(at, (name, picture))| File {
            variable: format!("variables.input.{at}.file"),
            name: name.clone(),
            mime: picture.format.to_mime_type(),
            bytes: &picture.bytes,
        })
        .collect();
    let input: Vec<_> = files.iter().map(|_| json!({ "file": null })).collect();
    let call = upload(query::CREATE_ASSETS, &json!({ "input": input }), &files);
    // Whether it was done does not matter: a picture that is there is found by its name the next time.
    let Created { create_assets } = client.write_call(call).await.map_err(either)?;
    if create_assets.len() == part.len() {
        Ok(create_assets)
    } else {
        Err(ConnectorError::new(
            Class::Protocol,
            "Vendure took another number of pictures than it was given.",
        ))
    }
}

async fn bytes_of(client: &Client, data: &Path, image: &Image) -> Result<Bytes, ConnectorError> {
    if let Some(bytes) = image.hash.as_deref().and_then(|hash| kept_picture(data, hash)) {
        return Ok(bytes);
    }
    client.http().picture(&image.address).await
}

/// Under which a picture is uploaded: whatever it was called before, its content tells what it is.
fn name_of(hash: &str, format: ImageFormat) -> String {
    let extension = format.extensions_str().first().copied().unwrap_or("png");
    format!("{hash}.{extension}")
}
