//! Connections, and the kinds of systems that they can be made to.

use super::{
    App, Daemon,
    input::{Id, Input},
    refusal::Refusal,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::{
    api::{List, Platform, Settings},
    ids::ConnectionId,
};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(platforms))
        .routes(routes!(create))
        .routes(routes!(delete))
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

/// A connection to create: its id and its settings, as its file will have them.
#[derive(Debug, Deserialize, ToSchema)]
struct NewConnection {
    id: ConnectionId,
    /// `platform`, `name`, `remote`, ... as in `connections/ID.toml`.
    #[serde(flatten)]
    settings: Map<String, Value>,
}

/// Create a connection: this writes its file.
#[utoipa::path(post, path = "/api/v1/connections", tag = "connections", request_body = NewConnection,
    responses((status = CREATED, description = "The file is written and in force.", body = Settings,
        headers(("Location" = String, description = "The connection.")))))]
async fn create(
    State(app): Daemon,
    Input(NewConnection { id, settings }): Input<NewConnection>,
) -> Result<impl IntoResponse, Refusal> {
    let settings = app.config.create(&id, settings).await?;
    let location = [(header::LOCATION, format!("/api/v1/connections/{id}"))];
    Ok((StatusCode::CREATED, location, Json(settings)))
}

/// Delete a connection: its file, and what the hub knows of it.
///
/// Nothing is deleted at the platform, and no product is deleted from the hub.
#[utoipa::path(delete, path = "/api/v1/connections/{id}", tag = "connections",
    params(("id" = ConnectionId, Path)),
    responses((status = NO_CONTENT, description = "Forgotten.")))]
async fn delete(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<StatusCode, Refusal> {
    app.config.delete(&id).await?;
    app.hub.forget(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
