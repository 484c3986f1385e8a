//! What a platform answered, and what it means where nobody says otherwise.

use super::base::Place;
use crate::connector::{Class, ConnectorError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use std::{fmt, sync::Arc, time::Duration};

/// An answer, complete and unpacked.
#[derive(Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub(super) at: Place,
    /// What its messages must not repeat.
    pub(super) secrets: Secrets,
}

pub(super) type Secrets = Arc<[String]>;

/// The longest message of a platform that is repeated, in characters.
const LONGEST_MESSAGE: usize = 300;
const SHORTEST_SECRET: usize = 4;

impl Response {
    /// The body as what it is expected to be.
    ///
    /// Errors are of the class [`Class::Protocol`] and tell a web page and a broken answer apart.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ConnectorError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let Self { at, .. } = self;
            let host = &at.host;
            let message = if self.is_html() {
                format!(
                    "{host} answered with a web page instead of data at {at}. Check `url`: it may be another site's, or the \
                     shop may be in maintenance or ask visitors to log in."
                )
            } else if self.body.is_empty() {
                format!("{host} answered nothing at {at}. Look into the shop's own error log.")
            } else if error.is_eof() {
                format!("The answer of {at} broke off. Try again; if it stays, look into the shop's own error log.")
            } else {
                let (line, column) = (error.line(), error.column());
                format!(
                    "{host} answered at {at} what this program does not understand (line {line}, column {column}). Check \
                     `url`, and whether the shop's version is one that is supported."
                )
            };
            ConnectorError::new(Class::Protocol, message)
        })
    }

    /// A header that is there once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A web page, which no platform answers to a program that it understood.
    pub fn is_html(&self) -> bool {
        let mime = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let begin = self.body.trim_ascii_start();
        let begins = |with: &[u8]| {
            begin
                .get(..with.len())
                .is_some_and(|b| b.eq_ignore_ascii_case(with))
        };
        let is_json = matches!(begin.first(), Some(b'{' | b'['));
        (mime.starts_with("text/html") && !is_json) || begins(b"<!doctype html") || begins(b"<html")
    }

    /// What the platform says is wrong, in its own words: plain text, at most a few lines.
    pub fn message(&self) -> Option<String> {
        let said: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        let text = [
            "/message",
            "/errors/0/message",
            "/error/message",
            "/error_description",
            "/detail",
            "/error",
            "/errors",
            "/title",
        ]
        .into_iter()
        .find_map(|place| said.pointer(place)?.as_str())?;
        let text = redact(plain(text), &self.secrets);
        (!text.is_empty()).then_some(text)
    }

    /// How long the platform asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        let written = self.header(header::RETRY_AFTER.as_str())?.trim();
        if let Ok(seconds) = written.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        // The platform's own clock is at least as good as ours for what it means.
        let at = jiff::fmt::rfc2822::parse(written).ok()?.timestamp();
        let date = self.header(header::DATE.as_str());
        let now = date.and_then(|date| Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp()));
        let wait = at.as_second().checked_sub(now?.as_second())?;
        Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
    }

    /// What this status means. `None`: it is fine.
    pub(super) fn failure(&self) -> Option<ConnectorError> {
        let Self { status, at, .. } = self;
        if status.is_success() {
            return None;
        }
        let host = &at.host;
        let said = match self.message() {
            Some(message) => format!("{host} says: {message}"),
            None if self.is_html() => format!("{host} answered with a web page ({status})."),
            None => format!("{host} answered {status} at {at}."),
        };
        let with = |class, what_to_do: &str| {
            let message = if what_to_do.is_empty() {
                said.clone()
            } else {
                format!("{said} {what_to_do}")
            };
            ConnectorError {
                class,
                message,
                retry_after: self.retry_after(),
            }
        };
        Some(match status.as_u16() {
            300..=399 => with(Class::Protocol, &self.moved()),
            401 => with(
                Class::Auth,
                "The credentials are not accepted (401): check the key and secret in this connection's settings.",
            ),
            403 if self.is_html() => with(
                Class::Auth,
                "Something before the shop, such as a firewall, turned the call away (403): allow this machine there.",
            ),
            402 | 403 => with(
                Class::Auth,
                "The credentials are known but may not do this (403): give them the permission to read and to write.",
            ),
            404 | 410 if self.is_html() => with(
                Class::Protocol,
                &format!(
                    "There is no interface for programs at {at} (404): check `url`, and that the shop's API is switched on."
                ),
            ),
            404 | 410 => with(Class::Missing, ""),
            405 => with(
                Class::Protocol,
                &format!("{at} is not meant for this call (405): check `url`."),
            ),
            413 => with(
                Class::Rejected,
                "That was more than the shop takes at once (413): raise the limit of its web server.",
            ),
            408 | 425 => with(Class::Unavailable, "It is tried again."),
            429 => with(Class::RateLimited, "It is asked more slowly from now on (429)."),
            501 => with(Class::Rejected, "The shop cannot do this (501)."),
            500.. => with(
                Class::Unavailable,
                &format!(
                    "The shop has trouble of its own ({}): if it stays, look into its error log.",
                    status.as_u16()
                ),
            ),
            _ => with(Class::Rejected, ""),
        })
    }

    /// Where the shop is instead, for an address that is not followed.
    fn moved(&self) -> String {
        let to = self.header(header::LOCATION.as_str()).unwrap_or_default();
        match reqwest::Url::parse(&self.at.to_string()).and_then(|here| here.join(to)) {
            Ok(there) if !to.is_empty() => {
                let there = Place::of(&there);
                format!(
                    "It sends on to {there}, and credentials go nowhere else by themselves: if that is the shop, write its \
                     address into `url`."
                )
            }
            _ => "It sends on without saying where to: check `url`.".to_owned(),
        }
    }
}

/// The same without any of these secrets; what is shorter than any real one stays.
pub(super) fn redact(text: String, secrets: &[String]) -> String {
    let real = secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET);
    real.fold(text, |text, secret| text.replace(secret.as_str(), "•••"))
}

/// Without tags and entities, on one line.
fn plain(text: &str) -> String {
    let mut without = String::with_capacity(text.len());
    let mut in_tag = false;
    for letter in text.chars() {
        match letter {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                without.push(' ');
            }
            _ if in_tag => {}
            _ => without.push(letter),
        }
    }
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        without = without.replace(entity, letter);
    }
    let words: Vec<&str> = without.split_whitespace().collect();
    let mut line = words.join(" ");
    if let Some((at, _)) = line.char_indices().nth(LONGEST_MESSAGE) {
        line.truncate(at);
        line.push('…');
    }
    line
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("at", &self.at)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
