//! For whoever watches the daemon: service managers, load balancers, Prometheus.

use super::{App, Daemon, refusal::Refusal};
use axum::{extract::State, http::header, response::IntoResponse};
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
    Ok("ready\n")
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "daemon",
    responses((status = OK, description = "Prometheus' text format.", body = str, content_type = "text/plain")))]
pub(super) async fn metrics() -> impl IntoResponse {
    let text = format!(
        "# HELP click2sync_build_info The version that runs.\n\
         # TYPE click2sync_build_info gauge\n\
         click2sync_build_info{{version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION")
    );
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
}
