//! Requests to the daemon's API.

use crate::{json, words};
use serde::de::DeserializeOwned;
use shared::api::Problem;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

/// Reads what is at `address`.
pub(crate) async fn get<T: DeserializeOwned>(address: &str) -> Result<T, Failure> {
    parse(&ask("GET", address, None).await?)
}

/// Posts `body`, or nothing, and reads the answer.
pub(crate) async fn post<T: DeserializeOwned>(address: &str, body: Option<String>) -> Result<T, Failure> {
    parse(&ask("POST", address, body).await?)
}

/// Posts `body`, or nothing, where the answer's content does not matter.
pub(crate) async fn tell(address: &str, body: Option<String>) -> Result<(), Failure> {
    ask("POST", address, body).await.map(drop)
}

/// Merges `body` into what is at `address` (RFC 7396) and reads the answer.
pub(crate) async fn patch<T: DeserializeOwned>(address: &str, body: String) -> Result<T, Failure> {
    parse(&ask("PATCH", address, Some(body)).await?)
}

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// Nobody answered.
    Unreachable,
    /// The daemon said no, and why.
    Refused(Box<Problem>),
    /// The answer is not what this console expects: it is older or newer than the daemon.
    Unexpected,
}

impl Failure {
    /// Nothing is said before the token is given.
    pub(crate) fn wants_token(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.status == 401)
    }

    /// What happened, why, and what to do next.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Unreachable => words::UNREACHABLE.to_owned(),
            Self::Refused(problem) => problem.detail.clone(),
            Self::Unexpected => words::UNEXPECTED.to_owned(),
        }
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    json::read(text).map_err(|_| Failure::Unexpected)
}

async fn ask(method: &str, address: &str, body: Option<String>) -> Result<String, Failure> {
    let init = RequestInit::new();
    init.set_method(method);
    let headers = js_sys::Object::new();
    let say = |name: &str, value: &str| {
        let set = js_sys::Reflect::set(&headers, &name.into(), &value.into());
        set.map_err(|_| Failure::Unexpected)
    };
    say("accept-language", words::language().tag())?;
    if let Some(body) = body {
        say("content-type", "application/json")?;
        init.set_body(&JsValue::from_str(&body));
    }
    init.set_headers(&headers);
    let unreachable = |_| Failure::Unreachable;
    let request = leptos::prelude::window().fetch_with_str_and_init(address, &init);
    let response = JsFuture::from(request).await.map_err(unreachable)?;
    let response: Response = response.unchecked_into();
    let text = response.text().map_err(unreachable)?;
    let text = JsFuture::from(text).await.map_err(unreachable)?;
    let text = text.as_string().unwrap_or_default();
    if response.ok() {
        Ok(text)
    } else {
        Err(json::read(&text).map_or(Failure::Unexpected, |problem| Failure::Refused(Box::new(problem))))
    }
}
