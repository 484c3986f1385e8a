//! Webhooks of the platforms themselves.

use super::{
    App, Daemon,
    connections::runner,
    input::{Id, Raw, missing},
    refusal::Refusal,
};
use crate::connector::{Call, Knock, platform};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use shared::ids::ConnectionId;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(hook))
}

/// A platform's own webhook: something changed there, so a fetch is brought forward.
///
/// It needs no token, but the platform's own signature, with the secret of the connection's `[remote]` table. What it
/// says is not believed: the platform is read. A call that comes twice, or while a fetch waits, changes nothing.
#[utoipa::path(post, path = "/hooks/{id}", tag = "connections", params(("id" = ConnectionId, Path)),
    request_body(content = String, content_type = "application/octet-stream", description = "Whatever the platform sends."),
    responses((status = OK, description = "The platform announced a webhook, which is no hint."),
        (status = ACCEPTED, description = "A fetch waits, or will when the connection plays again."),
        (status = UNAUTHORIZED, description = "It is not signed as the platform signs.")))]
async fn hook(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<StatusCode, Refusal> {
    let config = app.config.config.borrow().clone();
    let connection = config.connections.get(&id);
    let connection = connection.ok_or_else(|| missing::<ConnectionId>(&id))?;
    let verify = platform(&connection.policy.platform).and_then(|platform| platform.webhook);
    let verify = verify.ok_or_else(|| Refusal::Missing {
        what: format!("webhook of `{id}`"),
    })?;
    let call = Call {
        headers: &headers,
        body: &body,
    };
    match verify(&connection.remote, &call) {
        Knock::Signed => {
            runner(&app, &id).await?.hint().await?;
            Ok(StatusCode::ACCEPTED)
        }
        Knock::Greeting => Ok(StatusCode::OK),
        Knock::Unsigned => {
            tracing::warn!(connection = %id, "A webhook came that its platform did not sign");
            Err(Refusal::Signature)
        }
    }
}
