//! One connection: its state in a sentence, the six buttons of the manual, and its figures.

use crate::{
    format,
    query::listed,
    state::{Dialog, console},
    view::{
        icon::{Icon, icon},
        mark::bare_glyph,
        monogram::Ring,
    },
    words::{self, Word},
};
use leptos::prelude::*;
use shared::{
    api::{Connection, ConnectionState, QueuedOf},
    ids::{ConnectionId, Kind},
    job::{JobKind, JobStatus},
    mark::Mark,
};

/// Never changes its size: every line has its place, whatever it says.
#[component]
pub(crate) fn Card(id: ConnectionId) -> impl IntoView {
    let console = console();
    let connection = console.connection(id.clone());
    let text = move |of: fn(&Connection) -> &str| {
        move || {
            connection
                .read()
                .as_ref()
                .map(|connection| of(connection).to_owned())
        }
    };
    let state = Memo::new(move |_| connection.read().as_ref().map(|connection| connection.state));
    let state_class = move || match state.get() {
        Some(ConnectionState::Idle) | None => "card idle",
        Some(ConnectionState::Running) => "card running",
        Some(ConnectionState::Paused) => "card paused",
        Some(ConnectionState::Halted) => "card halted",
        Some(ConnectionState::Error) => "card error",
    };
    let sentence = Memo::new(move |_| {
        let connection = connection.read();
        connection
            .as_ref()
            .map(|connection| words::state(connection, console.now.get()))
            .unwrap_or_default()
    });
    let stuck = Memo::new(move |_| {
        matches!(
            state.get(),
            Some(ConnectionState::Halted | ConnectionState::Error)
        )
    });
    let heading = format!("connection-{id}");
    let (named_by, slug) = (heading.clone(), id.to_string());
    view! {
        <article class=state_class aria-labelledby=named_by data-row tabindex="-1" data-connection=slug>
            <header>
                <Ring connection=connection />
                <div class="who">
                    <h2 id=heading>{text(|connection| &connection.name)}</h2>
                    <span class="platform">{move || connection.read().as_ref().map(words::about)}</span>
                </div>
                <Remedies connection=connection />
                <p class="sentence" title=sentence lang=move || words::told_in().filter(|_| stuck.get())>
                    {move || {
                        // What needs a person may be longer than the card; the jobs say all of it.
                        if stuck.get() {
                            view! { <a href="/jobs">{sentence}</a> }.into_any()
                        } else {
                            sentence.into_any()
                        }
                    }}
                </p>
            </header>
            <Figures connection=connection />
            <Buttons id=id connection=connection />
        </article>
    }
}

/// What can be done about a job that runs or halted.
#[component]
fn Remedies(connection: Memo<Option<Connection>>) -> impl IntoView {
    let console = console();
    let job = Memo::new(move |_| {
        let connection = connection.read();
        connection.as_ref()?.job.as_ref().map(|job| (job.id, job.status))
    });
    let button = move |name: Word, class: &'static str, address: String| {
        view! { <button class=class on:click=move |_| console.tell(address.clone())>{name}</button> }
    };
    move || {
        let (id, status) = job.get().filter(|(_, status)| !status.is_over())?;
        let address = shared::api::job_address(id);
        let halted = status == JobStatus::Halted;
        let confirm = halted.then(|| button(words::CONFIRM, "small button", format!("{address}/confirm")));
        let cancel = button(words::CANCEL, "small quiet", format!("{address}/cancel"));
        Some(view! { <div class="remedies">{confirm} {cancel}</div> })
    }
}

/// Counts and times.
#[component]
fn Figures(connection: Memo<Option<Connection>>) -> impl IntoView {
    let console = console();
    let id = connection
        .read_untracked()
        .as_ref()
        .map(|connection| connection.id.to_string())
        .unwrap_or_default();
    let number =
        move |of: fn(&Connection) -> u64| Memo::new(move |_| connection.read().as_ref().map_or(0, of));
    let queue = |mark: Mark, slug: &'static str, of: fn(&QueuedOf) -> u64, name: fn(u64) -> &'static str| {
        let waiting = Memo::new(move |_| {
            let connection = connection.read();
            let queued = connection.as_ref().map(|connection| connection.queued);
            queued.map_or((0, 0), |queued| (of(&queued.products), of(&queued.orders)))
        });
        let value = move || waiting.get().0 + waiting.get().1;
        let id = id.clone();
        let href = move || {
            let kind = match waiting.get() {
                (0, orders) if orders > 0 => Kind::Orders,
                _ => Kind::Products,
            };
            listed(kind, format!("pending:{slug}@{id}"))
        };
        view! {
            <a href=href class=move || if value() == 0 { "queue none" } else { "queue" }>
                {bare_glyph(mark)} <b>{move || format::count(value())}</b> <span>{move || name(value())}</span>
            </a>
        }
    };
    let products = number(|connection| connection.counts.products);
    let orders = number(|connection| connection.counts.orders);
    let issues = number(|connection| connection.issues);
    let last_fetch = Memo::new(move |_| {
        connection
            .read()
            .as_ref()
            .and_then(|connection| connection.last_fetch)
    });
    let next_run = Memo::new(move |_| {
        let connection = connection.read();
        let paused = connection.as_ref()?.state == ConnectionState::Paused;
        connection.as_ref()?.next_run.filter(|_| !paused)
    });
    view! {
        <dl class="figures">
            <div>
                <dt>{words::PRODUCTS}</dt>
                <dd>
                    <a href=listed(Kind::Products, format!("on:{id}"))>{move || format::count(products.get())}</a>
                </dd>
            </div>
            <div>
                <dt>{words::ORDERS}</dt>
                <dd>
                    <a href=listed(Kind::Orders, format!("on:{id}"))>{move || format::count(orders.get())}</a>
                </dd>
            </div>
            <div>
                <dt>{words::LAST_FETCH}</dt>
                <dd title=move || last_fetch.get().map(format::exact)>
                    {move || {
                        last_fetch.get().map_or_else(|| words::NEVER.to_owned(), |time| format::ago(time, console.now.get()))
                    }}
                </dd>
            </div>
            <div>
                <dt>{words::NEXT_RUN}</dt>
                <dd title=move || next_run.get().map(format::exact)>
                    {move || {
                        next_run.get().map_or_else(|| words::BY_HAND.to_owned(), |time| format::until(time, console.now.get()))
                    }}
                </dd>
            </div>
            <div class="queues">
                {queue(Mark::Create, "creates", |queued| queued.create, words::new_ones)}
                {queue(Mark::Update, "updates", |queued| queued.update, words::updates)}
                {queue(Mark::Held, "held", |queued| queued.held, words::held_ones)}
                <a
                    href=format!("/issues?connection={id}")
                    class=move || if issues.get() == 0 { "queue none alert" } else { "queue alert" }
                >
                    {icon(Icon::Alert)}
                    <b>{move || format::count(issues.get())}</b>
                    <span>{move || words::issues(issues.get())}</span>
                </a>
            </div>
        </dl>
    }
}

/// The six buttons, always in the same order.
#[component]
fn Buttons(id: ConnectionId, connection: Memo<Option<Connection>>) -> impl IntoView {
    let console = console();
    let paused = Memo::new(move |_| {
        let connection = connection.read();
        connection
            .as_ref()
            .is_some_and(|connection| connection.state == ConnectionState::Paused)
    });
    let queued = Memo::new(move |_| {
        connection
            .read()
            .as_ref()
            .map_or(0, |connection| connection.queued.total())
    });
    let active = Memo::new(move |_| {
        let connection = connection.read();
        let job = connection.as_ref()?.job.as_ref()?;
        (job.status == JobStatus::Running).then_some(job.kind)
    });
    let id = StoredValue::new(id);
    // A disabled button cannot say why to a keyboard, so these stay reachable and explain themselves.
    let job = move |kind: JobKind, of: Icon, name: Word, about: Word, badge: bool| {
        let reason = move || if paused.get() { words::PAUSED_REASON } else { about }.text();
        let press = move |_| {
            if paused.get_untracked() {
                return;
            }
            match kind {
                JobKind::Send => console.dialog.set(Some(Dialog::Send(id.get_value()))),
                JobKind::Fetch | JobKind::Sync | JobKind::Maintenance => {
                    console.request(id.get_value(), kind);
                }
            }
        };
        let label = move || {
            let waiting = if badge { queued.get() } else { 0 };
            if waiting == 0 {
                name.to_owned()
            } else {
                words::with_changes(&name, waiting)
            }
        };
        view! {
            <button
                class=move || if active.get() == Some(kind) { "key active" } else { "key" }
                aria-disabled=move || paused.get().to_string()
                aria-label=label
                title=reason
                data-job=kind.name()
                on:click=press
            >
                {icon(of)}
                <span>{name}</span>
                {badge
                    .then_some(move || {
                        let waiting = queued.get();
                        (waiting > 0).then(|| view! { <span class="badge">{words::at_most_9999(waiting)}</span> })
                    })}
            </button>
        }
    };
    let toggle = move |_| {
        let verb = if paused.get_untracked() { "play" } else { "pause" };
        console.tell(format!("/api/v1/connections/{}/{verb}", id.get_value()));
    };
    view! {
        <div class="keys" role="group" aria-label=words::ACTIONS>
            {job(JobKind::Fetch, Icon::Fetch, words::FETCH, words::FETCH_ABOUT, false)}
            {job(JobKind::Send, Icon::Send, words::SEND, words::SEND_ABOUT, true)}
            {job(JobKind::Sync, Icon::Sync, words::SYNC, words::SYNC_ABOUT, false)}
            <button
                class="key"
                data-toggle
                title=move || if paused.get() { words::PLAY_ABOUT } else { words::PAUSE_ABOUT }.text()
                on:click=toggle
            >
                {move || icon(if paused.get() { Icon::Play } else { Icon::Pause })}
                <span>{move || if paused.get() { words::PLAY } else { words::PAUSE }.text()}</span>
            </button>
            <button
                class="key"
                data-dialog="settings"
                title=words::SETTINGS_ABOUT
                on:click=move |_| console.dialog.set(Some(Dialog::Settings(id.get_value())))
            >
                {icon(Icon::Settings)}
                <span>{words::SETTINGS}</span>
            </button>
            <button
                class="key"
                data-dialog="stats"
                title=words::STATS_ABOUT
                on:click=move |_| console.dialog.set(Some(Dialog::Stats(id.get_value())))
            >
                {icon(Icon::Stats)}
                <span>{words::STATS}</span>
            </button>
        </div>
    }
}
