//! The HTTP API and the console, as one router.
//!
//! A handler is an `async fn` with `#[utoipa::path]`, listed in the `routes()` of its file: that attribute is
//! both its route and its documentation. It takes [`State`](axum::extract::State)`<Arc<App>>`, [`input`]'s
//! extractors, and answers JSON or a [`Refusal`].

pub mod guard;
pub mod input;
pub mod refusal;

mod assets;
mod connections;
mod events;
mod health;
mod held;
mod hooks;
mod images;
mod issues;
mod items;
mod jobs;
mod meeting;
mod metrics;
mod orders;
mod review;
mod session;
mod sets;
mod settings;
mod stats;

use crate::{config::watch::ConfigHandle, events::Events, hub::Hub};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use refusal::Refusal;
use serde_json::{Value, json};
use shared::api::{Platform, Problem};
use std::{panic::AssertUnwindSafe, sync::Arc, sync::LazyLock, time::Instant};
use tokio::sync::watch;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What handlers know of the daemon.
#[derive(Debug)]
pub struct App {
    pub hub: Hub,
    pub config: ConfigHandle,
    pub events: Events,
    pub platforms: Vec<Platform>,
    /// True as soon as the daemon is stopping.
    pub stop: watch::Receiver<bool>,
}

/// Answers every request of the daemon.
pub fn router(app: App) -> Router {
    let app = Arc::new(app);
    let (open, _) = open().split_for_parts();
    let (private, _) = private().split_for_parts();
    private
        .route_layer(from_fn_with_state(app.clone(), guard::authenticate))
        .merge(open)
        .fallback(assets::console)
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(from_fn_with_state(app.clone(), guard::admit))
        .layer(axum::middleware::from_fn(answer))
        .with_state(app)
}

/// For everybody who can reach the daemon.
fn open() -> OpenApiRouter<Arc<App>> {
    health::routes().merge(session::routes()).merge(hooks::routes())
}

/// Only with the token, where one is set.
fn private() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(document))
        .routes(routes!(metrics::metrics))
        .merge(events::routes())
        .merge(connections::routes())
        .merge(jobs::routes())
        .merge(items::routes())
        .merge(orders::routes())
        .merge(sets::routes())
        .merge(held::routes())
        .merge(review::routes())
        .merge(issues::routes())
        .merge(images::routes())
        .merge(settings::routes())
        .merge(stats::routes())
        .merge(meeting::routes())
}

/// The OpenAPI document, as JSON that people can read.
pub fn openapi() -> &'static str {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Click2Sync",
            description = "Keeps products and orders of several shop platforms in step.",
            license(name = "MIT", identifier = "MIT")
        ),
        components(schemas(Problem))
    )]
    struct Info;
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let mut document = Info::openapi();
        document.merge(open().into_openapi());
        document.merge(private().into_openapi());
        let mut document = serde_json::to_value(&document).expect("the document is plain data");
        document["components"]["securitySchemes"] = json!({
            "token": { "type": "http", "scheme": "bearer", "description": "`[auth] token` in click2sync.toml." },
            "session": { "type": "apiKey", "in": "cookie", "name": session::COOKIE, "description": "Set by `POST /api/v1/session`." },
        });
        // The first: nothing is asked for where no token is set.
        document["security"] = json!([{}, { "token": [] }, { "session": [] }]);
        for operation in operations(&mut document) {
            operation["responses"]["default"] = json!({
                "description": "Refused, and why.",
                "content": { refusal::MIME: { "schema": { "$ref": "#/components/schemas/Problem" } } },
            });
        }
        serde_json::to_string_pretty(&document).expect("JSON values can be written")
    });
    &DOCUMENT
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
        .filter(|operation| operation.get("responses").is_some())
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "daemon",
    responses((status = OK, description = "OpenAPI 3.1", body = Object)))]
async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi())
}

/// Answers one request: logs it, survives a panic, and adds the headers that every answer has.
async fn answer(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    // The route rather than the address: addresses hold what people search for.
    let path = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or("console", axum::extract::MatchedPath::as_str)
        .to_owned();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        Refusal::broken(format!(
            "{method} {path} met a mistake in the program; please report it"
        ))
        .into_response()
    });
    let headers = response.headers_mut();
    for (name, value) in guard::HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let status = response.status().as_u16();
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(%method, path, status, ms, "Answered a request");
    response
}

/// The state that handlers take.
type Daemon = State<Arc<App>>;

/// Does what waits for the disk away from the tasks that serve requests.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|broken| Err(Refusal::broken(broken)))
}

#[cfg(test)]
mod tests;
