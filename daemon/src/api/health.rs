//! For whoever watches the daemon: service managers and load balancers.

use super::{App, Daemon, refusal::Refusal};
use axum::extract::State;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
}

/// Is the daemon alive?
#[utoipa::path(get, path = "/healthz", tag = "daemon", security(()),
    responses((status = OK, description = "It answers.", body = str, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Does it take work?
#[utoipa::path(get, path = "/readyz", tag = "daemon", security(()),
    responses((status = OK, description = "It takes work.", body = str, content_type = "text/plain")))]
async fn readyz(State(app): Daemon) -> Result<&'static str, Refusal> {
    if *app.stop.borrow() {
        return Err(Refusal::Unavailable {
            detail: "The daemon is stopping.".to_owned(),
        });
    }
    if let Some(trouble) = app.hub.store.trouble() {
        return Err(Refusal::Unavailable {
            detail: trouble.message,
        });
    }
    Ok("ready\n")
}
