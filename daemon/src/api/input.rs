//! What handlers take from a request, refused with a sentence that says what is wrong with it.

use super::refusal::Refusal;
use crate::server::TooSlow;
use axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::error::Category;
use shared::{
    ids::{ConnectionId, IssueId, ItemId, JobId},
    language::Language,
};
use std::{convert::Infallible, error::Error};

/// Bytes that a body may have.
pub const BODY: usize = 1024 * 1024;

/// A JSON body. `Option<Input<T>>` where it may be left out.
#[derive(Clone, Debug)]
pub struct Input<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(Refusal::NotJson);
        }
        let bytes = read(body).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = named(error.path());
            let error = error.into_inner();
            if error.classify() != Category::Data {
                return Refusal::invalid(format!("The body is not valid JSON: {error}."));
            }
            // Where in the text it is says nothing that the field's name does not say better.
            let detail = error.to_string();
            let detail = detail.split(" at line ").next().unwrap_or_default();
            Refusal::Invalid {
                detail: about(field.as_deref(), detail),
                field,
            }
        })?;
        json.end()
            .map_err(|error| Refusal::invalid(format!("The body is not valid JSON: {error}.")))?;
        Ok(Self(value))
    }
}

impl<S: Sync, T: DeserializeOwned> OptionalFromRequest<S> for Input<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Refusal> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state)
            .await
            .map(Some)
    }
}

/// A body of any kind.
#[derive(Clone, Debug)]
pub struct Raw(pub bytes::Bytes);

impl<S: Sync> FromRequest<S> for Raw {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        read(request.into_body()).await.map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(mime) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|mime| mime.to_str().ok())
    else {
        return false;
    };
    let essence = mime
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

async fn read(body: Body) -> Result<bytes::Bytes, Refusal> {
    if body.size_hint().lower() > BODY as u64 {
        return Err(Refusal::TooLarge { limit: BODY });
    }
    match Limited::new(body, BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge { limit: BODY }),
        Err(error) if comes_from::<TooSlow>(&*error) => Err(Refusal::TooSlow),
        Err(_) => Err(Refusal::invalid("The body of the request broke off.")),
    }
}

fn comes_from<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<E>)
}

/// The parameters after the question mark. Give `T` `deny_unknown_fields`, so that a misspelt one is not ignored.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let text = parts.uri.query().unwrap_or_default().as_bytes();
        let parameters = serde_html_form::Deserializer::from_bytes(text);
        serde_path_to_error::deserialize(parameters)
            .map(Self)
            .map_err(|error| {
                let field = named(error.path());
                Refusal::Invalid {
                    detail: about(field.as_deref(), &error.into_inner().to_string()),
                    field,
                }
            })
    }
}

/// The language that the caller would rather read.
#[derive(Clone, Copy, Debug)]
pub struct Accepted(pub Language);

impl<S: Sync> FromRequestParts<S> for Accepted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(header::ACCEPT_LANGUAGE);
        let header = header.and_then(|header| header.to_str().ok()).unwrap_or_default();
        Ok(Self(Language::accepted(header)))
    }
}

/// How many entries of a list are asked for: 1 to 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Limit(usize);

impl Limit {
    pub fn get(self) -> usize {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u64> for Limit {
    type Error = String;
    fn try_from(limit: u64) -> Result<Self, String> {
        match usize::try_from(limit) {
            Ok(limit @ 1..=500) => Ok(Self(limit)),
            _ => Err(format!("{limit} is not a number from 1 to 500")),
        }
    }
}

/// Where a page begins: what the page before had as `next`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cursor(pub u64);

impl TryFrom<String> for Cursor {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = text.parse().map_err(|_| "pass the `next` of the page before")?;
        Ok(Self(number))
    }
}

/// The id in a route with one parameter. What cannot be an id is an id of nothing.
#[derive(Clone, Debug)]
pub struct Id<T>(pub T);

/// An id that addresses can hold.
pub trait Named: Sized {
    /// What it is an id of, in a sentence.
    const NOUN: &'static str;
    fn parse(text: &str) -> Option<Self>;
}

impl<S: Send + Sync, T: Named> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Refusal::Path)?;
        T::parse(&text).map(Self).ok_or_else(|| missing::<T>(&text))
    }
}

/// Nothing has this id.
pub fn missing<T: Named>(id: impl std::fmt::Display) -> Refusal {
    Refusal::Missing {
        what: format!("{} `{id}`", T::NOUN),
    }
}

impl Named for ConnectionId {
    const NOUN: &'static str = "connection";
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Named for ItemId {
    const NOUN: &'static str = "product";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Named for JobId {
    const NOUN: &'static str = "job";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Named for IssueId {
    const NOUN: &'static str = "issue";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The field's name as people write it, `prices.margin`; `None` for the whole.
fn named(path: &serde_path_to_error::Path) -> Option<String> {
    (path.iter().len() > 0).then(|| path.to_string())
}

/// A sentence about a field, or about the whole request.
fn about(field: Option<&str>, message: &str) -> String {
    let message = message.trim_end_matches('.');
    match field {
        Some(field) => format!("`{field}`: {message}."),
        None => format!("The request does not fit: {message}."),
    }
}
