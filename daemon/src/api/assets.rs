//! The console: what is no address of the API is a file of it, or its one page.

use super::refusal::Refusal;
use crate::assets;
use axum::{
    body::Body,
    http::{HeaderMap, Method, Uri, header},
    response::{IntoResponse, Response},
};

/// Answers whatever is no route of the API.
pub(super) async fn console(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") || path.starts_with("/hooks/") {
        return Refusal::Path.into_response();
    }
    let Some(answer) = assets::answer(path, &headers) else {
        return Refusal::Path.into_response();
    };
    if method == Method::GET || method == Method::HEAD {
        answer.map(Body::from)
    } else {
        ([(header::ALLOW, "GET, HEAD")], Refusal::Method).into_response()
    }
}
