//! Pictures on their way into the shop: by their public address, from which the shop fetches them itself, or uploaded.
//!
//! Every address makes another attachment in the shop, the same address again too. So what was sent once goes by its id.

use super::{Media, api::Api};
use crate::connector::{
    Class, ConnectorError,
    http::{Failure, Request},
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::product::Image;
use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// What pictures became in the shop, by the addresses and hashes that they came with.
#[derive(Debug, Default)]
pub(super) struct Sent(Mutex<BTreeMap<String, u64>>);

/// The pictures of a batch, as they are to be sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Pictures {
    ids: BTreeMap<String, u64>,
    /// Why one cannot be sent, by its address.
    faults: BTreeMap<String, String>,
}

impl Sent {
    pub(super) fn note(&self, address: &str, id: u64) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.insert(address.to_owned(), id);
    }

    /// The shop does not have one of them any more, and does not say which.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn id(&self, image: &Image) -> Option<u64> {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let by_hash = image.hash.as_ref().and_then(|hash| sent.get(hash));
        by_hash.or_else(|| sent.get(&image.address)).copied()
    }

    /// Uploads what has no public address.
    pub(super) async fn prepare<'a>(
        &self,
        api: &Api,
        media: Option<&Media>,
        data: &Path,
        images: impl IntoIterator<Item = &'a Image>,
    ) -> Result<Pictures, ConnectorError> {
        let mut pictures = Pictures::default();
        for image in images.into_iter().filter(|image| image.remote_id.is_none()) {
            let address = &image.address;
            if pictures.ids.contains_key(address) || pictures.faults.contains_key(address) {
                continue;
            }
            if let Some(id) = self.id(image) {
                pictures.ids.insert(address.clone(), id);
                continue;
            }
            if is_public(address) {
                continue;
            }
            let uploaded = match (media, &image.hash) {
                (Some(media), Some(hash)) => upload(api, media, data, hash).await,
                (None, _) => Err(ConnectorError::new(
                    Class::Rejected,
                    "one of its pictures has no public address from which the shop could fetch it: give `media_user` and \
                     `media_password` in this connection's [remote] table, or set images = \"ignore\" under [products.fields]",
                )),
                (Some(_), None) => Err(ConnectorError::new(
                    Class::Rejected,
                    "the bytes of one of its pictures were never had from where it comes",
                )),
            };
            match uploaded {
                Ok(id) => {
                    self.note(image.hash.as_ref().unwrap_or(address), id);
                    pictures.ids.insert(address.clone(), id);
                }
                Err(error) if error.class.is_passing() => return Err(error),
                Err(error) => {
                    pictures.faults.insert(address.clone(), error.message);
                }
            }
        }
        Ok(pictures)
    }
}

impl Pictures {
    /// What a picture of a gallery is sent as.
    pub(super) fn sent(&self, image: &Image) -> Result<Value, String> {
        let own = image.remote_id.as_ref().and_then(|id| id.0.parse::<u64>().ok());
        let mut sent = match own.or_else(|| self.id(&image.address)) {
            Some(id) => json!({ "id": id }),
            None => match self.faults.get(&image.address) {
                Some(fault) => return Err(fault.clone()),
                None => json!({ "src": image.address }),
            },
        };
        if !image.alt.is_empty() {
            sent["alt"] = image.alt.as_str().into();
        }
        Ok(sent)
    }

    pub(super) fn id(&self, address: &str) -> Option<u64> {
        self.ids.get(address).copied()
    }
}

/// Whether a shop elsewhere can fetch what is there. Shops refuse names that do not resolve and private networks.
fn is_public(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    let Some(authority) = rest.and_then(|rest| rest.split(['/', '?', '#']).next()) else {
        return false;
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(host) => host.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(at)) => {
            !(at.is_private() || at.is_loopback() || at.is_link_local() || at.is_unspecified())
        }
        Ok(IpAddr::V6(at)) => {
            !(at.is_loopback() || at.is_unspecified() || at.is_unique_local() || at.is_unicast_link_local())
        }
        Err(_) => host.contains('.') && !host.ends_with(".local") && !host.ends_with(".localhost"),
    }
}

/// Brings the picture of this hash into the shop, unless it is there from an earlier time.
async fn upload(api: &Api, media: &Media, data: &Path, hash: &str) -> Result<u64, ConnectorError> {
    #[derive(Deserialize)]
    struct Attachment {
        id: u64,
    }
    let Media { user, password } = media;
    let name = format!("click2sync-{hash}");
    let call = Request::get("wp/v2/media")
        .query("slug", &name)
        .basic(user, password);
    let there: Vec<Attachment> = api.http.read(call).await?.json()?;
    if let Some(Attachment { id }) = there.first() {
        return Ok(*id);
    }
    let bytes = kept(data, hash).await?;
    let (mime, ending) = kind(&bytes);
    let call = Request::post("wp/v2/media")
        .basic(user, password)
        .header(
            "content-disposition",
            &format!("attachment; filename=\"{name}.{ending}\""),
        )
        .body(mime, bytes);
    match api.http.write(call).await {
        Ok(response) => response.json::<Attachment>().map(|Attachment { id }| id),
        Err(Failure::Refused(error)) => Err(error),
        // It is looked for by its name before it is sent again.
        Err(Failure::Unclear(error)) => Err(ConnectorError {
            class: Class::Unavailable,
            ..error
        }),
    }
}

/// The bytes of a picture, which lie in the data folder under their hash.
async fn kept(data: &Path, hash: &str) -> Result<Vec<u8>, ConnectorError> {
    let lost = || {
        ConnectorError::new(
            Class::Rejected,
            "the bytes of one of its pictures are not in the data folder: fetch where it comes from again",
        )
    };
    let shaped = hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let place = data
        .join("pictures")
        .join(hash.get(..2).ok_or_else(lost)?)
        .join(hash);
    if !shaped {
        return Err(lost());
    }
    tokio::fs::read(place).await.map_err(|_| lost())
}

/// The type of a picture, and the ending of a file of it.
fn kind(bytes: &[u8]) -> (&'static str, &'static str) {
    match image::guess_format(bytes) {
        Ok(image::ImageFormat::Jpeg) => ("image/jpeg", "jpg"),
        Ok(image::ImageFormat::WebP) => ("image/webp", "webp"),
        Ok(image::ImageFormat::Gif) => ("image/gif", "gif"),
        _ => ("image/png", "png"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_everybody_reaches_is_told_to_the_shop() {
        for (address, public) in [
            ("https://pictures.example/a.png", true),
            ("http://203.0.113.9:8080/a.png", true),
            ("http://127.0.0.1:8080/a.png", false),
            ("http://192.168.1.4/a.png", false),
            ("http://[::1]/a.png", false),
            ("https://localhost/a.png", false),
            ("https://shop/a.png", false),
            ("https://nas.local/a.png", false),
            ("demo:1-2", false),
            ("data:image/png;base64,xx", false),
            ("", false),
        ] {
            assert_eq!(is_public(address), public, "{address}");
        }
    }

    #[test]
    fn what_was_sent_once_goes_by_its_id() {
        let sent = Sent::default();
        let image = |address: &str, hash: Option<&str>| Image {
            address: address.to_owned(),
            hash: hash.map(str::to_owned),
            alt: "Front".to_owned(),
            ..Image::default()
        };
        sent.note("https://pictures.example/a.png", 7);
        sent.note("abc", 8);
        assert_eq!(sent.id(&image("https://pictures.example/a.png", None)), Some(7));
        assert_eq!(sent.id(&image("demo:1", Some("abc"))), Some(8));
        sent.forget();
        assert_eq!(sent.id(&image("demo:1", Some("abc"))), None);
        let pictures = Pictures {
            ids: BTreeMap::from([("demo:1".to_owned(), 8)]),
            faults: BTreeMap::from([("demo:2".to_owned(), "no".to_owned())]),
        };
        assert_eq!(
            pictures.sent(&image("demo:1", None)),
            Ok(json!({"id": 8, "alt": "Front"}))
        );
        assert_eq!(pictures.sent(&image("demo:2", None)), Err("no".to_owned()));
        let there = Image {
            remote_id: Some("12".into()),
            alt: String::new(),
            ..image("https://shop.example/x.png", None)
        };
        assert_eq!(pictures.sent(&there), Ok(json!({"id": 12})));
    }
}
