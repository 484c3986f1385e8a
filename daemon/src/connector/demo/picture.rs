//! What the address of a picture in a demo shop means.
//!
//! `demo:hoodie-blue` is drawn by the program. An uploaded picture has its own id in front and, where the shop made
//! another size of it, that size behind: `demo:i10000000-1/hoodie-blue/600`.

use super::drawing;
use shared::ids::RemoteId;
use std::fmt::Write;

/// Pixels on each side of a drawn picture, unless a shop made it smaller.
const FULL_SIZE: u32 = 640;
/// No shop makes pictures smaller than this.
const LEAST_SIZE: u32 = 160;

/// What a picture shows, and how large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    subject: Subject,
    size: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    /// The program draws it: a kind and a colour.
    Drawn(String),
    /// From elsewhere; the shop was told the hash of its bytes, never the bytes.
    Known(String),
    /// From elsewhere, and nothing else is known of it.
    Unknown(u64),
}

impl Picture {
    /// What an address means, of this shop or another one.
    pub(super) fn parse(address: &str, hash: Option<&str>) -> Self {
        let named = address.strip_prefix("demo:").unwrap_or("");
        let mut parts = named.split('/').peekable();
        parts.next_if(|part| part.starts_with('i') && part[1..].starts_with(|c: char| c.is_ascii_digit()));
        let subject = parts.next().unwrap_or("");
        let size = parts.next().and_then(|size| size.parse().ok());
        let size = size.map_or(FULL_SIZE, |size: u32| size.clamp(LEAST_SIZE, FULL_SIZE));
        let subject = match (subject.split_once('-'), hash) {
            (Some(("known", hash)), _) => Subject::Known(hash.to_owned()),
            (Some(("unknown", key)), _) => Subject::Unknown(u64::from_str_radix(key, 16).unwrap_or(0)),
            _ if drawing::can_draw(subject) => Subject::Drawn(subject.to_owned()),
            (_, Some(hash)) => Subject::Known(hash.to_owned()),
            (_, None) => Subject::Unknown(xxhash_rust::xxh3::xxh3_64(address.as_bytes())),
        };
        Self { subject, size }
    }

    /// As a shop names it that keeps it under this id.
    pub(super) fn address(&self, id: Option<&RemoteId>) -> String {
        let mut address = "demo:".to_owned();
        if let Some(id) = id {
            let _ = write!(address, "{id}/");
        }
        let _ = match &self.subject {
            Subject::Drawn(name) => write!(address, "{name}"),
            Subject::Known(hash) => write!(address, "known-{hash}"),
            Subject::Unknown(key) => write!(address, "unknown-{key:x}"),
        };
        if self.size != FULL_SIZE {
            let _ = write!(address, "/{}", self.size);
        }
        address
    }

    /// A little smaller, as platforms make pictures anew: the same to look at, other bytes.
    #[must_use]
    pub(super) fn recompressed(self) -> Self {
        // Whose bytes it never had, it cannot make smaller; it shows something of its own in its place.
        let subject = match self.subject {
            Subject::Known(hash) => Subject::Unknown(xxhash_rust::xxh3::xxh3_64(hash.as_bytes())),
            drawn_or_unknown => drawn_or_unknown,
        };
        Self {
            subject,
            size: (self.size * 15 / 16).max(LEAST_SIZE),
        }
    }

    /// A PNG. `None`: the shop never had its bytes.
    pub(super) fn png(&self) -> Option<Vec<u8>> {
        match &self.subject {
            Subject::Drawn(name) => drawing::draw(name, self.size),
            Subject::Unknown(key) => Some(drawing::draw_placeholder(*key, self.size)),
            Subject::Known(_) => None,
        }
    }
}
