//! Pictures, by the hash of their content.

use super::{
    App, Daemon, aside,
    input::{Id, Named, Query, missing},
    refusal::Refusal,
};
use crate::pictures::{PictureError, Shown};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::{fmt, sync::Arc};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The thumbnails that there are; one that is asked for in between is the next larger one, so that nobody can fill
/// the disk with sizes.
const SIZES: [u32; 5] = [48, 96, 192, 384, 768];

/// A hash names its bytes for ever. Only the browser itself may keep them: a token may be needed to see them.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(image))
}

/// The hash of a picture.
#[derive(Clone, Debug)]
struct Hash(String);

impl Named for Hash {
    const NOUN: &'static str = "picture";
    fn parse(text: &str) -> Option<Self> {
        let digits = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (text.len() == 32 && digits).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The picture within a square of this many pixels, as PNG: 48, 96, 192, 384 or 768, or the next larger of them.
    /// Left out, its original bytes.
    size: Option<u32>,
}

/// A picture.
#[utoipa::path(get, path = "/api/v1/images/{hash}", tag = "products",
    params(("hash" = String, Path), Wanted),
    responses((status = OK, description = "Its bytes.", content_type = "image/*"),
        (status = NOT_MODIFIED, description = "The caller has it already.")))]
async fn image(
    State(app): Daemon,
    Id(hash): Id<Hash>,
    Query(Wanted { size }): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let size = match size {
        Some(size) => Some(at_least(size)?),
        None => None,
    };
    let tag = match size {
        Some(size) => format!("\"{hash}-{size}\""),
        None => format!("\"{hash}\""),
    };
    let keep = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, FOR_EVER.to_owned()),
    ];
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    let pictures = app.hub.pictures.clone();
    let shown = aside(move || {
        if !pictures.has(&hash.0) {
            return Err(missing::<Hash>(hash));
        }
        let shown = match size {
            Some(size) => pictures.thumbnail(&hash.0, size),
            None => pictures.original(&hash.0),
        };
        match shown {
            // What cannot be made smaller is shown as it is.
            Err(PictureError::NoPicture) => Ok(pictures.original(&hash.0)?),
            shown => Ok(shown?),
        }
        .and_then(|shown| shown.ok_or_else(|| missing::<Hash>(hash)))
    });
    if known.is_some_and(|known| {
        known
            .split(',')
            .any(|known| known.trim().trim_start_matches("W/") == tag)
    }) {
        return Ok((StatusCode::NOT_MODIFIED, keep).into_response());
    }
    let Shown { bytes, mime } = shown.await?;
    Ok((keep, [(header::CONTENT_TYPE, mime)], bytes).into_response())
}

fn at_least(size: u32) -> Result<u32, Refusal> {
    let larger = SIZES.into_iter().find(|there| *there >= size);
    larger.filter(|_| size > 0).ok_or_else(|| Refusal::Invalid {
        detail: "`size`: ask for 1 to 768 pixels, or leave it out for the original.".to_owned(),
        field: Some("size".to_owned()),
    })
}

impl From<PictureError> for Refusal {
    fn from(error: PictureError) -> Self {
        Self::broken(error)
    }
}
