//! A connection's initials in its platform's colour, inside a ring that is the progress of its job.

use crate::state::Console;
use leptos::prelude::*;
use shared::{api::Connection, ids::ConnectionId, job::JobStatus};

/// The ring's length around, as the browser is told to count it.
const AROUND: u64 = 1_000;

/// The monogram alone.
pub(crate) fn monogram(connection: &Connection) -> AnyView {
    view! {
        <span class="monogram" data-platform=connection.platform.clone() aria-hidden="true">
            {initials(&connection.name)}
        </span>
    }
    .into_any()
}

/// The monogram of a connection that is named only; its name is in the tooltip.
pub(crate) fn monogram_of(console: Console, id: &ConnectionId) -> AnyView {
    let connections = console.connections.read();
    let found = connections
        .iter()
        .flatten()
        .find(|connection| connection.id == *id);
    found
        .map(|connection| view! { <span title=connection.name.clone()>{monogram(connection)}</span> })
        .into_any()
}

/// The monogram inside its ring. The sentence next to it says the same in words.
#[component]
pub(crate) fn Ring(connection: Memo<Option<Connection>>) -> impl IntoView {
    let running = Memo::new(move |_| {
        let connection = connection.read();
        let job = connection.as_ref()?.job.as_ref()?;
        (job.status == JobStatus::Running).then_some(job.progress)
    });
    let class = move || match running.get() {
        None => "ring",
        Some(progress) if progress.total.is_some() => "ring known",
        Some(_) => "ring unknown",
    };
    let dash = move || {
        let part = match running.get() {
            Some(progress) => match progress.total {
                Some(total) if total > 0 => progress.done.min(total) * AROUND / total,
                _ => AROUND / 4,
            },
            None => 0,
        };
        format!("{part} {AROUND}")
    };
    view! {
        <span class=class>
            <svg viewBox="0 0 48 48" aria-hidden="true">
                <circle cx="24" cy="24" r="22"></circle>
                <circle class="done" cx="24" cy="24" r="22" pathLength=AROUND.to_string() stroke-dasharray=dash></circle>
            </svg>
            {move || connection.read().as_ref().map(monogram)}
        </span>
    }
}

/// One letter of each of the first two words, or the first two letters of the only one.
fn initials(name: &str) -> String {
    let mut words = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let letters: String = match (words.next(), words.next()) {
        (Some(first), Some(second)) => first.chars().take(1).chain(second.chars().take(1)).collect(),
        (Some(only), None) => only.chars().take(2).collect(),
        (None, _) => String::new(),
    };
    letters.to_uppercase()
}
