//! Signing in, so that a browser can ask without keeping the token.

use super::{App, Daemon, guard::Token, input::Input, refusal::Refusal};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::api::SignIn;
use std::{fmt::Write, sync::Arc};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The cookie that holds a session.
pub(super) const COOKIE: &str = "session";

/// Browsers keep cookies for at most 400 days.
const MAX_AGE: u32 = 400 * 24 * 3600;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(sign_in, sign_out))
}

/// Sign in with the token.
///
/// The answer sets a cookie that stands for the token until the token changes.
#[utoipa::path(post, path = "/api/v1/session", tag = "daemon", request_body = SignIn, security(()),
    responses((status = NO_CONTENT, description = "Signed in, or no token is needed.")))]
async fn sign_in(
    State(app): Daemon,
    headers: HeaderMap,
    Input(SignIn { token }): Input<SignIn>,
) -> Result<Response, Refusal> {
    match Token::in_force(&app.config) {
        None => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(ours) if ours.is(&token) => {
            let cookie = cookie(&headers, &hex(&ours.seal()), MAX_AGE);
            Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
        }
        Some(_) => Err(Refusal::Token),
    }
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "daemon", security(()),
    responses((status = NO_CONTENT, description = "Signed out.")))]
async fn sign_out(headers: HeaderMap) -> impl IntoResponse {
    (
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, cookie(&headers, "", 0))],
    )
}

/// The seal that the request's session cookie holds.
pub(super) fn seal(headers: &HeaderMap) -> Option<Vec<u8>> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .and_then(bytes)
}

/// Only this site gets it back, scripts never see it, and where the console came over TLS it stays there.
fn cookie(headers: &HeaderMap, value: &str, max_age: u32) -> HeaderValue {
    let origin = headers.get(header::ORIGIN);
    let secure = origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https:"));
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}")
        .try_into()
        .expect("made of ASCII letters only")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
