//! One call over the network, and its answer read to the end.

use super::{
    base::Place,
    fault::{self, Reached},
    response::{Response, Secrets},
};
use crate::connector::{ConnectorError, traffic::Traffic};
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, StatusCode, header};
use reqwest::{Client, ClientBuilder, redirect};
use std::{io::Read as _, time::Duration};

/// How long a call may take, and how large its answer may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) connect: Duration,
    /// Between two signs of life.
    pub(super) idle: Duration,
    /// Until the last byte.
    pub(super) whole: Duration,
    /// Of a body, packed or not, in bytes.
    pub(super) largest: usize,
    /// Draws from 0 to 1 where in its range the wait before another attempt lies.
    pub(super) chance: fn() -> f64,
}

/// Shops think for long over large pages, and web servers before them give up after one to five minutes.
pub(super) const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(10),
    idle: Duration::from_secs(90),
    whole: Duration::from_secs(300),
    largest: 64 * 1024 * 1024,
    chance: fastrand::f64,
};

/// Web servers close connections that are not used, Apache and Node after five seconds; a call over one that is just being
/// closed has no answer.
const KEPT_OPEN: Duration = Duration::from_secs(4);

const USER_AGENT: &str = concat!("Click2Sync/", env!("CARGO_PKG_VERSION"));

/// What every client begins with: it follows no redirect by itself.
pub(super) fn client(bounds: &Bounds) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .tls_backend_preconfigured(super::tls::config())
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(bounds.connect)
        .read_timeout(bounds.idle)
        .pool_idle_timeout(KEPT_OPEN)
        .http2_adaptive_window(true)
}

/// Makes a call once.
pub(super) async fn exchange(
    client: &Client,
    call: reqwest::Request,
    largest: usize,
    secrets: &Secrets,
    traffic: &Traffic,
) -> Result<Response, (Reached, ConnectorError)> {
    let at = Place::of(call.url());
    let answered = answer(client, call, &at, largest, secrets).await;
    match &answered {
        Ok(response) => traffic.answered(response.status),
        Err(_) => traffic.unanswered(),
    }
    answered
}

async fn answer(
    client: &Client,
    call: reqwest::Request,
    at: &Place,
    largest: usize,
    secrets: &Secrets,
) -> Result<Response, (Reached, ConnectorError)> {
    let explain = |error: reqwest::Error| fault::explain(&error, at);
    let too_large = || (Reached::Perhaps, fault::too_large(at, largest));
    let mut answer = client.execute(call).await.map_err(explain)?;
    let status = answer.status();
    let mut headers = std::mem::take(answer.headers_mut());
    let mut packed = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(explain)? {
        if packed.len() + chunk.len() > largest {
            return Err(too_large());
        }
        packed.extend_from_slice(&chunk);
    }
    let broken_off = || (Reached::Perhaps, fault::broken_off(at));
    let body = match unpack(packed.freeze(), &mut headers, largest) {
        Ok(body) if body.len() > largest => return Err(too_large()),
        Ok(body) => body,
        Err(_) => return Err(broken_off()),
    };
    if is_cut_off(status, &headers, &body) {
        return Err(broken_off());
    }
    Ok(Response {
        status,
        headers,
        body,
        at: at.clone(),
        secrets: secrets.clone(),
    })
}

/// The body without its packing; at most a byte more than `largest`.
fn unpack(body: Bytes, headers: &mut HeaderMap, largest: usize) -> std::io::Result<Bytes> {
    let packing = headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    if !matches!(packing.as_deref(), Some(b"gzip" | b"x-gzip")) || body.is_empty() {
        return Ok(body);
    }
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    let mut unpacked = Vec::with_capacity((body.len() * 4).min(largest));
    let more_than_largest = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(&body[..])
        .take(more_than_largest)
        .read_to_end(&mut unpacked)?;
    Ok(unpacked.into())
}

/// A shop's program that dies while it answers leaves the beginning of JSON, and the web server calls it complete.
fn is_cut_off(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> bool {
    let mime = headers
        .get(header::CONTENT_TYPE)
        .and_then(|mime| mime.to_str().ok());
    let is_json = status.is_success() && mime.is_some_and(|mime| mime.starts_with("application/json"));
    let body = body.trim_ascii();
    let closes = match body.first() {
        Some(b'{') => b'}',
        Some(b'[') => b']',
        _ => return false,
    };
    is_json && body.last() != Some(&closes)
}
