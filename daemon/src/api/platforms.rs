//! The kinds of systems that connections can be made to.

use super::{App, Daemon};
use axum::{Json, extract::State};
use shared::api::{List, Platform};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(platforms))
}

/// Every platform, with the keys of its `[remote]` table.
#[utoipa::path(get, path = "/api/v1/platforms", tag = "connections",
    responses((status = OK, body = List<Platform>)))]
async fn platforms(State(app): Daemon) -> Json<List<Platform>> {
    Json(List {
        items: app.platforms.clone(),
        total: app.platforms.len() as u64,
        next: None,
    })
}
