//! Why a request was not done.

use crate::{config::edit::EditError, runner::Unwilling, store::StoreError};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{
    api::{ConfigFault, Problem},
    ids::ConnectionId,
};

/// The media type of RFC 9457.
pub const MIME: &str = "application/problem+json";

/// A request that was not done; answered as RFC 9457 asks. `detail` says what happened and what to do, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request cannot be understood.
    Invalid { detail: String, field: Option<String> },
    /// The request is understood, and what it asks for is not allowed.
    Rejected { detail: String, field: Option<String> },
    /// Settings that would not be valid; at least one fault.
    Faulty {
        detail: String,
        field: Option<String>,
        faults: Vec<ConfigFault>,
    },
    /// It does not fit the present state, such as a fetch of a paused connection.
    Conflict { detail: String },
    /// Nothing is there; `what` in words: "connection `shop`".
    Missing { what: String },
    /// No such address.
    Path,
    /// The address is right, the method is not.
    Method,
    /// A token is set, and the request has none or another.
    Token,
    /// A call of a webhook that its platform did not sign, as far as anybody can tell.
    Signature,
    /// Another site's page made the browser ask.
    CrossSite,
    /// The request names a host that is not ours: the mark of DNS rebinding.
    Host { host: String },
    /// The body has more bytes than this.
    TooLarge { limit: usize },
    /// The body did not arrive in time.
    TooSlow,
    /// The body is not declared as JSON.
    NotJson,
    /// The daemon is stopping or not ready yet.
    Unavailable { detail: String },
    /// Not the client's fault. Whoever answers this has logged why.
    Broken { detail: String },
}

impl Refusal {
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid {
            detail: detail.into(),
            field: None,
        }
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::Conflict {
            detail: detail.into(),
        }
    }

    /// Logs `error` for whoever runs the daemon; the client learns only that it was not its fault.
    pub fn broken(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "A request failed");
        Self::Broken {
            detail: "The daemon could not do this; its log says why.".to_owned(),
        }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::Rejected { .. } | Self::Faulty { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::Missing { .. } | Self::Path => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Token | Self::Signature => StatusCode::UNAUTHORIZED,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Host { .. } => StatusCode::MISDIRECTED_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What scripts can branch on: the last part of the problem's type.
    fn name(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid-request",
            Self::Rejected { .. } | Self::Faulty { .. } => "rejected",
            Self::Conflict { .. } => "conflict",
            Self::Missing { .. } => "not-found",
            Self::Path => "unknown-address",
            Self::Method => "method-not-allowed",
            Self::Token => "token-required",
            Self::Signature => "signature-required",
            Self::CrossSite => "cross-site",
            Self::Host { .. } => "foreign-host",
            Self::TooLarge { .. } => "too-large",
            Self::TooSlow => "too-slow",
            Self::NotJson => "not-json",
            Self::Unavailable { .. } => "unavailable",
            Self::Broken { .. } => "internal-error",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "The request cannot be understood",
            Self::Rejected { .. } | Self::Faulty { .. } => "The request cannot be carried out",
            Self::Conflict { .. } => "Not possible at the moment",
            Self::Missing { .. } => "Not found",
            Self::Path => "No such address",
            Self::Method => "Method not allowed",
            Self::Token => "Token required",
            Self::Signature => "Signature required",
            Self::CrossSite => "Request from another site",
            Self::Host { .. } => "Unknown host name",
            Self::TooLarge { .. } => "Body too large",
            Self::TooSlow => "Body too slow",
            Self::NotJson => "JSON expected",
            Self::Unavailable { .. } => "Not available at the moment",
            Self::Broken { .. } => "Internal error",
        }
    }

    fn into_problem(self) -> Problem {
        let (name, title, status) = (self.name(), self.title(), self.status().as_u16());
        let mut wrong = Vec::new();
        let (detail, field) = match self {
            Self::Faulty {
                detail,
                field,
                faults,
            } => {
                wrong = faults;
                (detail, field)
            }
            Self::Invalid { detail, field } | Self::Rejected { detail, field } => (detail, field),
            Self::Conflict { detail } | Self::Unavailable { detail } | Self::Broken { detail } => (detail, None),
            Self::Missing { what } => (format!("There is no {what}."), None),
            Self::Path => (
                "The API has no such address; GET /api/v1/openapi.json lists all of them.".to_owned(),
                None,
            ),
            Self::Method => (
                "This address does not take this method; the Allow header lists those that it takes.".to_owned(),
                None,
            ),
            Self::Token => (
                "Send the token of click2sync.toml as `Authorization: Bearer TOKEN`, or sign in at the console."
                    .to_owned(),
                None,
            ),
            Self::Signature => (
                "The platform's signature is missing or wrong. Its webhook and the connection's [remote] table need the \
                 same secret."
                    .to_owned(),
                None,
            ),
            Self::CrossSite => (
                "A page of another site asked for this change. Use the console's own address, or a program that \
                 sends neither Origin nor Sec-Fetch-Site."
                    .to_owned(),
                None,
            ),
            Self::Host { host } => (
                format!(
                    "This daemon is not known as `{host}`. Use the address it listens at, or add the name to `hosts` \
                     in click2sync.toml."
                ),
                None,
            ),
            Self::TooLarge { limit } => (
                format!("The body may have at most {limit} bytes; send the request in smaller parts."),
                None,
            ),
            Self::TooSlow => (
                "The body of the request did not arrive in time; try again over a better connection.".to_owned(),
                None,
            ),
            Self::NotJson => (
                "Send JSON with the header `Content-Type: application/json` (`curl --json` does).".to_owned(),
                None,
            ),
        };
        Problem {
            r#type: format!("urn:click2sync:problem:{name}"),
            title: title.to_owned(),
            status,
            detail,
            field,
            faults: wrong,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Disk(trouble) => Self::Unavailable {
                detail: trouble.message,
            },
            error => Self::broken(error),
        }
    }
}

impl From<Unwilling> for Refusal {
    fn from(unwilling: Unwilling) -> Self {
        match unwilling {
            Unwilling::Paused | Unwilling::NoSuchJob => Self::conflict(unwilling.to_string()),
            Unwilling::Stopping | Unwilling::Disk(_) => Self::Unavailable {
                detail: unwilling.to_string(),
            },
            Unwilling::Store(error) => Self::broken(error),
        }
    }
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Missing(id) => super::input::missing::<ConnectionId>(id),
            EditError::Exists(_) => Self::conflict(sentence(&error)),
            EditError::Patch(_) => Self::Rejected {
                detail: sentence(&error),
                field: error.field().map(str::to_owned),
            },
            EditError::Faulty(_) => Self::Faulty {
                detail: sentence(&error),
                field: error.field().map(str::to_owned),
                faults: error.faults().to_vec(),
            },
            EditError::Io { .. } => {
                tracing::error!(%error, "A config file could not be written");
                Self::Broken {
                    detail: sentence(&error),
                }
            }
        }
    }
}

/// An error's message as a sentence: with a capital letter and a full stop.
fn sentence(error: &impl std::error::Error) -> String {
    let message = error.to_string();
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let rest = letters.as_str().trim_end_matches('.');
    format!("{}{rest}.", first.map(String::from).unwrap_or_default())
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_vec(&self.into_problem()).expect("a problem is plain data");
        let mut response = (status, [(header::CONTENT_TYPE, MIME)], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
