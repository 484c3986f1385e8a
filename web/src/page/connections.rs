//! All connections: is everything in step, and if not, what and why?

mod card;

use crate::{
    format,
    state::console,
    view::{
        empty::{empty, failed},
        icon::{Icon, icon},
        theme::{recall, remember},
    },
    words,
};
use card::Card;
use leptos::prelude::*;
use shared::{
    api::{Connection, ConnectionState},
    ids::ConnectionId,
};

#[component]
pub(crate) fn Connections() -> impl IntoView {
    let console = console();
    document().set_title(&words::title(&words::CONNECTIONS));
    let ids = Memo::new(move |_| {
        let connections = console.connections.read();
        connections.as_ref().map(|all| {
            all.iter()
                .map(|connection| connection.id.clone())
                .collect::<Vec<_>>()
        })
    });
    let body = move || match ids.get() {
        None => match console.failure.get() {
            Some(failure) => failed(&failure, move || console.reload()),
            None => view! { <div class="cards" aria-busy="true">{waiting()}{waiting()}{waiting()}</div> }
                .into_any(),
        },
        Some(ids) if ids.is_empty() => empty(
            Icon::Connections,
            words::NO_CONNECTIONS,
            words::NO_CONNECTIONS_TEXT,
        ),
        Some(_) => view! { <Cards ids=ids /> }.into_any(),
    };
    view! {
        <div class="page">
            <Headline />
            <FirstStart />
            {body}
        </div>
    }
}

#[component]
fn Cards(ids: Memo<Option<Vec<ConnectionId>>>) -> impl IntoView {
    view! {
        <div class="cards">
            <For each=move || ids.get().unwrap_or_default() key=Clone::clone let:id>
                <Card id=id />
            </For>
        </div>
    }
}

/// The answer in one sentence, and the totals in one line.
#[component]
fn Headline() -> impl IntoView {
    let console = console();
    let totals = Memo::new(move |_| console.connections.read().as_ref().map(|all| Totals::of(all)));
    let verdict = move || match totals.get() {
        None => words::CONNECTIONS.to_owned(),
        Some(totals) => words::verdict(&totals),
    };
    let figure = |of: fn(&Totals) -> u64, name: fn(u64) -> &'static str| {
        let value = Memo::new(move |_| totals.read().as_ref().map_or(0, of));
        view! {
            <b>{move || format::count(value.get())}</b>
            " "
            {move || name(value.get())}
        }
    };
    view! {
        <header class="headline">
            <h1>{verdict}</h1>
            <p class="totals">
                <a href="/products">
                    <b>{move || console.products.get().map(format::count)}</b>
                    " "
                    {move || words::products(console.products.get().unwrap_or(0))}
                </a>
                <a href="/orders">{figure(|totals| totals.orders, words::orders)}</a>
                <span>{figure(|totals| totals.waiting, words::waiting_changes)}</span>
                <a href="/issues">{figure(|totals| totals.issues, words::issues)}</a>
            </p>
        </header>
    }
}

/// Sums over all connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) orders: u64,
    /// Records that sends would write.
    pub(crate) waiting: u64,
    /// Products that wait for a choice; an order that is held is an issue.
    pub(crate) held: u64,
    pub(crate) issues: u64,
    /// Connections that need a person: (name, state).
    pub(crate) stuck: Vec<(String, ConnectionState)>,
    pub(crate) running: u64,
}

impl Totals {
    fn of(connections: &[Connection]) -> Self {
        let sum = |of: fn(&Connection) -> u64| connections.iter().map(of).sum();
        Self {
            orders: sum(|connection| connection.counts.orders),
            waiting: sum(|connection| connection.queued.total()),
            held: sum(|connection| connection.queued.products.held),
            issues: sum(|connection| connection.issues),
            stuck: connections
                .iter()
                .filter(|connection| {
                    matches!(connection.state, ConnectionState::Halted | ConnectionState::Error)
                })
                .map(|connection| (connection.name.clone(), connection.state))
                .collect(),
            running: sum(|connection| u64::from(connection.state == ConnectionState::Running)),
        }
    }
}

const WELCOMED: &str = "welcomed";

/// What a newcomer sees first, until it is dismissed.
#[component]
fn FirstStart() -> impl IntoView {
    let console = console();
    let fresh = RwSignal::new(recall(WELCOMED).is_none());
    // It is about demo stores.
    let shown = Memo::new(move |_| {
        let connections = console.connections.read();
        fresh.get() && connections.iter().flatten().any(|one| one.platform == "demo")
    });
    let dismiss = move |_| {
        remember(WELCOMED, "yes");
        fresh.set(false);
    };
    move || {
        shown.get().then(|| {
            view! {
                <section class="welcome">
                    <div>
                        <h2>{words::WELCOME}</h2>
                        <p>{words::WELCOME_TEXT}</p>
                        <ol>
                            {words::WELCOME_STEPS.map(|step| view! { <li>{step}</li> }).collect_view()}
                        </ol>
                        <p class="quietly">
                            {words::WELCOME_ADD} " " <code>"config/connections/my-shop.toml"</code>
                        </p>
                    </div>
                    <button class="quiet square" aria-label=words::DISMISS title=words::DISMISS on:click=dismiss>
                        {icon(Icon::Close)}
                    </button>
                </section>
            }
        })
    }
}

/// The shape of a card whose data is on its way.
fn waiting() -> impl IntoView {
    view! { <div class="card skeleton"></div> }
}
