//! A call to a platform, as its connector words it.

use super::{Response, retry};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use std::{fmt, sync::Arc, time::Duration};

/// One call. Nothing of it but its method and path is ever logged or shown.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    /// Relative to the connection's base.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) signer: Option<Signer>,
    /// Neither of these appears in a message, whoever sent it.
    pub(super) secrets: Vec<String>,
    /// Statuses that are answers to the caller and no failures.
    pub(super) taken: Vec<StatusCode>,
    /// Calls of one kind take about as long as one another.
    pub(super) kind: Option<&'static str>,
    pub(super) haste: Haste,
}

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// As long as shops take for large pages.
    Patient,
    /// Somebody sits and waits: once, and not for long.
    Hurried,
}

/// What a signature is made of.
#[derive(Debug)]
pub struct Unsigned<'a> {
    pub method: &'a Method,
    /// Without query.
    pub address: &'a str,
    pub query: &'a [(String, String)],
}

/// Makes the further parameters that sign a call. It is asked before every attempt, so that each has its own nonce.
pub type Signer = Arc<dyn Fn(&Unsigned<'_>) -> Vec<(String, String)> + Send + Sync>;

impl Request {
    /// `path` is relative to the connection's base: `products/12`.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            signer: None,
            secrets: Vec::new(),
            taken: Vec::new(),
            kind: None,
            haste: Haste::Patient,
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// One more parameter.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "a reference before every number reads badly"
    )]
    pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// A header. One whose value headers cannot hold is left out: the platform then says what it misses.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// A header whose value is a secret.
    pub fn secret_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(mut header) = HeaderValue::from_str(value) {
            header.set_sensitive(true);
            self.headers.insert(HeaderName::from_static(name), header);
        }
        self.secret(value)
    }

    /// A JSON body.
    pub fn json(self, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("what connectors send has texts as keys");
        self.body("application/json", body)
    }

    /// A body of another kind, such as a form with files.
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut with = self.header("content-type", content_type);
        with.body = body.into();
        with
    }

    /// HTTP Basic credentials.
    pub fn basic(self, user: &str, secret: &str) -> Self {
        let both = STANDARD.encode(format!("{user}:{secret}"));
        let mut with = self.secret_header("authorization", &format!("Basic {both}"));
        with.secrets.extend([user.to_owned(), secret.to_owned(), both]);
        with
    }

    pub fn bearer(self, token: &str) -> Self {
        self.secret_header("authorization", &format!("Bearer {token}"))
            .secret(token)
    }

    /// Signs every attempt by further parameters, as OAuth 1.0a does. Their values are taken for secrets.
    pub fn signed_by(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self
    }

    /// A text that must not be shown, for credentials that travel within the body.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    /// An answer of this status comes back as it is, for callers that read more from it than a message.
    pub fn taking(mut self, status: StatusCode) -> Self {
        self.taken.push(status);
        self
    }

    /// What calls it is like in how long they take, where its path does not tell: calls to one GraphQL address do
    /// different things.
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Somebody waits for the answer: it is asked once, and not for long.
    pub fn hurried(mut self) -> Self {
        self.haste = Haste::Hurried;
        self
    }

    pub(super) fn takes(&self, response: &Response) -> bool {
        self.taken.contains(&response.status)
    }

    /// Method and path, in which every number is the same number; or what the caller called it.
    pub(super) fn kind_of(&self) -> String {
        if let Some(kind) = self.kind {
            return kind.to_owned();
        }
        let parts = self.path.split('/').map(|part| {
            let is_id = part.bytes().any(|byte| byte.is_ascii_digit()) && !part.starts_with('v');
            if is_id { "#" } else { part }
        });
        let path: Vec<&str> = parts.collect();
        format!("{} {}", self.method, path.join("/"))
    }
}

impl Haste {
    /// How long the platform may ask to be left alone before the call is given up.
    pub(super) fn patience(self) -> Duration {
        match self {
            Self::Patient => retry::PATIENCE,
            Self::Hurried => Duration::ZERO,
        }
    }

    pub(super) fn may_repeat(self) -> bool {
        match self {
            Self::Patient => true,
            Self::Hurried => false,
        }
    }

    /// For the whole call, until its last byte.
    pub(super) fn whole(self, patient: Duration) -> Duration {
        match self {
            Self::Patient => patient,
            Self::Hurried => patient.min(Duration::from_secs(20)),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// What a request with these headers is said to accept, where it does not say so itself.
pub(super) fn accept(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::ACCEPT, "application/json"),
        (header::ACCEPT_ENCODING, "gzip"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
