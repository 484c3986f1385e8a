//! The stream of events.

use super::{App, Daemon};
use crate::{
    events::{Batch, Subscription},
    server::stopped,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, header},
    response::IntoResponse,
};
use futures_util::{Stream, StreamExt, stream};
use shared::api::Event;
use std::{convert::Infallible, fmt::Write, sync::Arc, time::Duration};
use tokio::time::sleep;
use utoipa_axum::{router::OpenApiRouter, routes};

/// A line at least this often: proxies close what is silent, and a listener that is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What happens, as it happens.
///
/// Server-sent events: `connection`, `gone`, `job`, `product`, `order`, `issue`, `config`. With `Last-Event-ID` the
/// stream goes on where it broke off; where that is not possible it says `reset`, and what is shown has to be loaded again.
#[utoipa::path(get, path = "/api/v1/events", tag = "daemon",
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received.")),
    responses((status = OK, description = "The `data` of an event.", body = Event, content_type = "text/event-stream")))]
async fn events(State(app): Daemon, headers: HeaderMap) -> impl IntoResponse {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let events = stream_of(app.events.subscribe(last)).take_until(Box::pin(over(app)));
    (
        [
            (header::CONTENT_TYPE, "text/event-stream"),
            // nginx would keep events back until it has enough of them.
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ],
        Body::from_stream(events),
    )
}

fn stream_of(events: Subscription) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let first = format!("retry: 1000\nid: {}\n\n", events.id());
    stream::once(async { first })
        .chain(stream::unfold(events, async |mut events| {
            let text = tokio::select! {
                batch = events.next() => lines(batch?),
                () = sleep(KEEP_ALIVE) => ": still here\n\n".to_owned(),
            };
            Some((text, events))
        }))
        .map(|text| Ok(Bytes::from(text)))
}

fn lines(batch: Batch) -> String {
    match batch {
        Batch::Events(events) => events.iter().fold(String::new(), |mut text, told| {
            write!(
                text,
                "id: {}\nevent: {}\ndata: {}\n\n",
                told.id, told.name, told.data
            )
            .expect("a string takes everything");
            text
        }),
        Batch::Reset { id } => format!("id: {id}\nevent: reset\ndata: {{}}\n\n"),
    }
}

/// Waits until the daemon stops, or asks for another token than when the stream began.
async fn over(app: Arc<App>) {
    let mut config = app.config.config.clone();
    let began_with = config.borrow().token.clone();
    tokio::select! {
        () = stopped(app.stop.clone()) => {}
        // Where settings can no longer change, only the stop signal counts.
        Ok(_) = config.wait_for(|now| now.token != began_with) => {}
    }
}
