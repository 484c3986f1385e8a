//! The config files: what is wrong with them, and a connection's file as JSON.

use super::{
    App, Daemon,
    input::{Id, Input},
    refusal::Refusal,
};
use axum::{Json, extract::State};
use serde_json::Value;
use shared::{
    api::{ConfigState, Settings},
    ids::ConnectionId,
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(config))
        .routes(routes!(settings, patch))
}

/// Every config file, and what is wrong with it.
///
/// While there is a fault, the last good settings stay in force.
#[utoipa::path(get, path = "/api/v1/config", tag = "settings", responses((status = OK, body = ConfigState)))]
async fn config(State(app): Daemon) -> Json<ConfigState> {
    let state = app.config.state.borrow().clone();
    Json(ConfigState::clone(&state))
}

/// A connection's file as JSON.
///
/// A secret that is written in the file itself shows as `{"secret":"set"}`.
#[utoipa::path(get, path = "/api/v1/connections/{id}/settings", tag = "settings",
    params(("id" = ConnectionId, Path)),
    responses((status = OK, body = Settings)))]
async fn settings(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<Json<Settings>, Refusal> {
    Ok(Json(app.config.settings(&id).await?))
}

/// Change settings: merge them into the file (RFC 7396).
///
/// The file keeps its comments and its order. All settings are validated together first; where one is wrong nothing
/// is written. `null` takes a setting out of the file; `{"secret":"set"}` leaves a secret as it is.
#[utoipa::path(patch, path = "/api/v1/connections/{id}/settings", tag = "settings",
    params(("id" = ConnectionId, Path)),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses((status = OK, description = "Written and in force.", body = Settings)))]
async fn patch(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(changes): Input<Value>,
) -> Result<Json<Settings>, Refusal> {
    Ok(Json(app.config.patch(&id, changes).await?))
}
