//! The daemon's event stream: opened once, reopened for ever.

use crate::{
    json::{self, Unfit},
    state::{Console, Live},
};
use leptos::prelude::*;
use serde_json::Value;
use shared::api::Event;
use std::time::Duration;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{EventSource, MessageEvent};

/// What the `event:` lines say; each message's data says the same again as its tag.
const NAMES: [&str; 7] = ["connection", "gone", "job", "product", "order", "issue", "config"];

/// How long to wait before a stream that the browser gave up is opened again.
const PAUSE: Duration = Duration::from_secs(3);

/// Follows the daemon. Whenever the stream opens, everything is read again: what happened before it is not in it.
pub(crate) fn follow(console: Console) {
    let Ok(source) = EventSource::new("/api/v1/events") else {
        return retry(console);
    };
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let data = message.data().as_string().unwrap_or_default();
        if let Ok(event) = event(&data) {
            console.apply(event);
        }
    });
    for name in NAMES {
        // Only a missing callback could make this fail.
        let _ = source.add_event_listener_with_callback(name, on_message.as_ref().unchecked_ref());
    }
    let reload = Closure::<dyn Fn()>::new(move || {
        console.live.set(Live::Connected);
        console.reload();
    });
    let _ = source.add_event_listener_with_callback("reset", reload.as_ref().unchecked_ref());
    source.set_onopen(Some(reload.as_ref().unchecked_ref()));

    let broken = source.clone();
    let on_error = Closure::<dyn Fn()>::new(move || {
        console.live.set(Live::Lost);
        if broken.ready_state() == EventSource::CLOSED {
            // The daemon answered, and not with a stream: perhaps it has another token now.
            console.read_connections();
            retry(console);
        }
    });
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));

    // The stream lives as long as the page, or is replaced a few times an hour at worst.
    on_message.forget();
    reload.forget();
    on_error.forget();
}

fn retry(console: Console) {
    set_timeout(move || follow(console), PAUSE);
}

/// Reads what a message says.
fn event(text: &str) -> Result<Event, Unfit> {
    let said: Value = json::read(text)?;
    let ids = || json::take(&said["ids"]);
    Ok(match said["event"].as_str().unwrap_or_default() {
        "connection" => Event::Connection {
            connection: json::take(&said["connection"])?,
        },
        "gone" => Event::Gone {
            id: json::take(&said["id"])?,
        },
        "job" => Event::Job {
            job: json::take(&said["job"])?,
        },
        "product" => Event::Product { ids: ids()? },
        "order" => Event::Order { ids: ids()? },
        "issue" => Event::Issue {
            connection: json::take(&said["connection"])?,
            open: json::take(&said["open"])?,
        },
        "config" => Event::Config {
            config: json::take(&said["config"])?,
        },
        _ => return Err(Unfit),
    })
}
