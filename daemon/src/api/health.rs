//! For whoever watches the daemon: service managers, load balancers, Prometheus.

use super::{App, Daemon, aside, refusal::Refusal};
use crate::store::StoreError;
use axum::{extract::State, http::header, response::IntoResponse};
use shared::api::{Connection, ConnectionState, QueuedOf};
use std::{fmt::Write, sync::Arc};
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

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "daemon",
    responses((status = OK, description = "Prometheus' text format.", body = str, content_type = "text/plain")))]
pub(super) async fn metrics(State(app): Daemon) -> Result<impl IntoResponse, Refusal> {
    let text = aside(move || Ok(figures(&app)?)).await?;
    let mime = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, mime)], text))
}

fn figures(app: &App) -> Result<String, StoreError> {
    let reader = app.hub.store.read()?;
    let asked = reader.jobs()?.next().transpose()?.map_or(0, |newest| newest.id.0);
    let connections = app.hub.status.connections()?;
    let plain = |number: u64| vec![(String::new(), number)];
    let of_each = |figure: &dyn Fn(&Connection) -> u64| -> Vec<(String, u64)> {
        connections
            .iter()
            .map(|shown| (format!("connection=\"{}\"", shown.id), figure(shown)))
            .collect()
    };
    let pending = connections.iter().flat_map(|shown| {
        let QueuedOf { create, update, held } = shown.queued.products;
        [("create", create), ("update", update), ("held", held)]
            .map(|(mark, count)| (format!("connection=\"{}\",mark=\"{mark}\"", shown.id), count))
    });
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    let started = u64::try_from(app.hub.started.0 / 1000).unwrap_or(0);
    let uptime = app.hub.clock.now().since(app.hub.started).as_secs();
    let figures = [
        (
            "build_info",
            "gauge",
            "The version that runs.",
            vec![(version, 1)],
        ),
        (
            "start_time_seconds",
            "gauge",
            "When the daemon started, since 1970.",
            plain(started),
        ),
        (
            "uptime_seconds",
            "gauge",
            "How long the daemon runs.",
            plain(uptime),
        ),
        (
            "store_bytes",
            "gauge",
            "What the store takes on disk.",
            plain(app.hub.store.file_bytes()),
        ),
        (
            "store_stuck",
            "gauge",
            "Whether the disk takes nothing at present, so that jobs wait.",
            plain(u64::from(app.hub.store.trouble().is_some())),
        ),
        (
            "products",
            "gauge",
            "Products of the hub.",
            plain(reader.count_all()?),
        ),
        (
            "jobs_total",
            "counter",
            "Jobs that were ever asked for.",
            plain(asked),
        ),
        (
            "connection_products",
            "gauge",
            "Live products.",
            of_each(&|shown| shown.counts.products),
        ),
        (
            "pending_products",
            "gauge",
            "Products that wait to be sent, or for a choice.",
            pending.collect(),
        ),
        ("issues", "gauge", "Open issues.", of_each(&|shown| shown.issues)),
        (
            "connection_needs_you",
            "gauge",
            "Whether its last job failed or a guard halted it.",
            of_each(&|shown| {
                u64::from(matches!(
                    shown.state,
                    ConnectionState::Halted | ConnectionState::Error
                ))
            }),
        ),
    ];
    Ok(exposed(&figures))
}

/// Name, kind, meaning, and a number for each label.
type Figure = (&'static str, &'static str, &'static str, Vec<(String, u64)>);

/// As Prometheus reads it.
fn exposed(figures: &[Figure]) -> String {
    let mut text = String::new();
    for (name, kind, help, samples) in figures {
        write!(
            text,
            "# HELP click2sync_{name} {help}\n# TYPE click2sync_{name} {kind}\n"
        )
        .expect("a string takes everything");
        for (labels, number) in samples {
            let labels = if labels.is_empty() {
                labels.clone()
            } else {
                format!("{{{labels}}}")
            };
            writeln!(text, "click2sync_{name}{labels} {number}").expect("a string takes everything");
        }
    }
    text
}
