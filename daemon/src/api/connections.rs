//! Connections, and the kinds of systems that they can be made to.

use super::{
    App, Daemon, aside,
    input::{Id, Input, missing},
    refusal::Refusal,
};
use crate::{
    runner::Runner,
    store::Durability,
    trial::{self, Ask},
};
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::{
    api::{Check, ClockKind, ClockReset, Connection, List, Platform, Settings, Trial},
    ids::ConnectionId,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(platforms))
        .routes(routes!(list, create))
        .routes(routes!(show, delete))
        .routes(routes!(pause))
        .routes(routes!(play))
        .routes(routes!(check))
        .routes(routes!(check_platform))
        .routes(routes!(reset_clock))
}

/// How long it may take until a connection that was just configured can be asked for something.
const STARTED_WITHIN: Duration = Duration::from_secs(5);

/// Every connection, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/connections", tag = "connections",
    responses((status = OK, body = List<Connection>)))]
async fn list(State(app): Daemon) -> Result<Json<List<Connection>>, Refusal> {
    let items = aside(move || Ok(app.hub.status.connections()?)).await?;
    Ok(Json(List {
        total: items.len() as u64,
        items,
        next: None,
    }))
}

/// A connection: what it does, what waits, how far it was read.
#[utoipa::path(get, path = "/api/v1/connections/{id}", tag = "connections", params(("id" = ConnectionId, Path)),
    responses((status = OK, body = Connection)))]
async fn show(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<Json<Connection>, Refusal> {
    standing(app, id).await
}

async fn standing(app: Arc<App>, id: ConnectionId) -> Result<Json<Connection>, Refusal> {
    let shown = aside(move || {
        let shown = app.hub.status.connection(&id)?;
        shown.ok_or_else(|| missing::<ConnectionId>(id))
    });
    Ok(Json(shown.await?))
}

/// Pause: the running step ends, and nothing starts until play.
///
/// Meanwhile fetch, send and sync are refused with 409. The job that ran goes on where it was.
#[utoipa::path(post, path = "/api/v1/connections/{id}/pause", tag = "connections", params(("id" = ConnectionId, Path)),
    responses((status = OK, description = "Paused, perhaps already before.", body = Connection)))]
async fn pause(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<Json<Connection>, Refusal> {
    runner(&app, &id).await?.pause().await?;
    standing(app, id).await
}

/// Play: what waits goes on.
#[utoipa::path(post, path = "/api/v1/connections/{id}/play", tag = "connections", params(("id" = ConnectionId, Path)),
    responses((status = OK, description = "Playing, perhaps already before.", body = Connection)))]
async fn play(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<Json<Connection>, Refusal> {
    runner(&app, &id).await?.play().await?;
    standing(app, id).await
}

/// The runner of a connection.
pub(super) async fn runner(app: &App, id: &ConnectionId) -> Result<Runner, Refusal> {
    if !app.config.config.borrow().connections.contains_key(id) {
        return Err(missing::<ConnectionId>(id));
    }
    let started = timeout(STARTED_WITHIN, app.hub.runners().started(id)).await;
    started.ok().flatten().ok_or_else(|| Refusal::Unavailable {
        detail: "The connection is just being started; try again in a moment.".to_owned(),
    })
}

/// Check the connection: can its platform be reached, and does it take our credentials? No data is touched.
///
/// With a body, it is checked as if that was merged into its settings (RFC 7396): new credentials are tried so before
/// they replace the old ones.
#[utoipa::path(post, path = "/api/v1/connections/{id}/check", tag = "connections", params(("id" = ConnectionId, Path)),
    request_body(content = Option<Object>),
    responses((status = OK, description = "What was found; `ok` tells whether it works.", body = Check)))]
async fn check(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    changes: Option<Input<Value>>,
) -> Result<Json<Check>, Refusal> {
    // Null is how some clients send nothing.
    if let Some(Input(changes)) = changes.filter(|Input(changes)| !changes.is_null()) {
        let tried = app.config.try_patch(&id, changes).await?;
        let Trial { ok, message, .. } = trial::attempt(id, tried, Ask::Check, app.hub.clock.clone()).await;
        return Ok(Json(Check { ok, message }));
    }
    Ok(Json(match runner(&app, &id).await?.check().await? {
        Ok(message) => Check { ok: true, message },
        Err(message) => Check { ok: false, message },
    }))
}

/// Reset clocks: the next fetch reads everything again.
#[utoipa::path(post, path = "/api/v1/connections/{id}/clocks/reset", tag = "connections",
    params(("id" = ConnectionId, Path)), request_body = ClockReset,
    responses((status = OK, description = "Reset.", body = Connection)))]
async fn reset_clock(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(ClockReset { kind }): Input<ClockReset>,
) -> Result<Json<Connection>, Refusal> {
    // Before anything is written: what is not configured must not come into being.
    runner(&app, &id).await?;
    let (store, of) = (Arc::clone(&app.hub.store), id.clone());
    aside(move || {
        store.write(Durability::Now, |writer| {
            writer.update_connection(&of, |state| {
                let crate::store::ConnectionState { products, orders, .. } = state;
                match kind {
                    ClockKind::Products => products.clock = None,
                    ClockKind::Orders => orders.clock = None,
                    ClockKind::All => (products.clock, orders.clock) = (None, None),
                }
            })
        })?;
        Ok::<_, Refusal>(())
    })
    .await?;
    app.hub.changed.connections();
    standing(app, id).await
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

/// Check settings that are not saved: can the platform be reached with them, and what does it show?
///
/// The body is what the connection's file would hold; only its `remote` table counts. Nothing is written anywhere.
#[utoipa::path(post, path = "/api/v1/platforms/{name}/check", tag = "connections", params(("name" = String, Path)),
    request_body(content = Object),
    responses((status = OK, description = "What was found; `ok` tells whether it works.", body = Trial)))]
async fn check_platform(
    State(app): Daemon,
    Path(name): Path<String>,
    Input(mut settings): Input<Map<String, Value>>,
) -> Result<Json<Trial>, Refusal> {
    settings.insert("platform".to_owned(), Value::String(name));
    // No file has this name: its settings are read as if there was one.
    let id = ConnectionId::parse("connection-that-is-tried").expect("it is an id");
    let tried = app.config.try_create(&id, settings).await?;
    Ok(Json(
        trial::attempt(id, tried, Ask::Samples, app.hub.clock.clone()).await,
    ))
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
