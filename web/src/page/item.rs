//! One product: the hub's values, and next to them what every connection shows and what is about to change.

mod grid;
mod line;

use crate::{
    client::{self, Failure},
    format,
    page::held::{self, Scope},
    state::console,
    view::{
        empty::{empty, failed},
        icon::{Icon, icon},
        monogram::monogram,
        thumbnail::thumbnail,
    },
    words,
};
use grid::Grid;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_params_map;
use shared::{
    api::{Equivalence, Issue, Product, Side},
    ids::{ConnectionId, ItemId},
    mark::Mark,
};
use std::time::Duration;

/// Changes that arrive within this time are shown together.
const GATHER: Duration = Duration::from_millis(300);

#[component]
pub(crate) fn ProductPage() -> impl IntoView {
    let console = console();
    let parameters = use_params_map();
    let id = Memo::new(move |_| parameters.read().get("id")?.parse::<ItemId>().ok());
    let product = RwSignal::new(None::<Product>);
    let failure = RwSignal::new(None::<Failure>);
    // The page may have been left, or show another product, when a timer or an answer comes.
    let shown = move || id.try_get_untracked().flatten();
    let load = move || {
        let Some(asked) = shown() else { return };
        spawn_local(async move {
            let answer = client::get::<Product>(&format!("/api/v1/products/{asked}")).await;
            if shown() != Some(asked) {
                return;
            }
            match answer {
                // What is shown is drawn anew only if it changed.
                Ok(new) => {
                    failure.set(None);
                    if product.read_untracked().as_ref() != Some(&new) {
                        document().set_title(&words::title(&new.title));
                        product.set(Some(new));
                    }
                }
                Err(reason) => failure.set(Some(reason)),
            }
        });
    };
    let gathering = StoredValue::new(false);
    Effect::new(move |seen: Option<Option<ItemId>>| {
        let touched = console.touched.get();
        let id = id.get();
        if seen.is_none_or(|seen| seen != id) {
            product.set(None);
            load();
        } else if id.is_some_and(|id| touched.concerns(id)) && !gathering.get_value() {
            gathering.set_value(true);
            let reload = move || {
                gathering.set_value(false);
                load();
            };
            set_timeout(reload, GATHER);
        }
        id
    });
    let body = move || {
        if id.get().is_none() {
            return empty(
                Icon::Products,
                words::NO_SUCH_PRODUCT,
                words::NO_SUCH_PRODUCT_TEXT,
            );
        }
        match (product.get(), failure.get()) {
            (Some(product), _) => known(product, Callback::new(move |()| load())),
            (None, Some(reason)) => failed(&reason, load),
            (None, None) => ().into_any(),
        }
    };
    view! {
        <div class="page product">
            <a class="back" href=move || console.list_address.get()>
                {icon(Icon::Back)}
                {words::PRODUCTS}
            </a>
            {body}
        </div>
    }
}

fn known(product: Product, reload: Callback<()>) -> AnyView {
    let console = console();
    let title = words::or_untitled(product.title.clone());
    let updated_at = product.updated_at;
    let facts = words::product_facts(&product);
    let choices: Vec<_> = product
        .equivalences
        .iter()
        .filter_map(|equivalence| choice(&product, equivalence, reload))
        .collect();
    let issues: Vec<_> = product
        .equivalences
        .iter()
        .flat_map(|equivalence| equivalence.issues.clone())
        .map(issue)
        .collect();
    let verdict = words::product_verdict(&product);
    let picture = product.images.iter().find_map(|image| image.hash.clone());
    view! {
        <header class="headline with-picture">
            {thumbnail(picture.as_deref(), &title)}
            <div>
                <h1>{title}</h1>
                <p class="totals">
                    <span>{facts}</span>
                    <time title=format::exact(updated_at)>
                        {move || words::changed(&format::ago(updated_at, console.now.get()))}
                    </time>
                </p>
            </div>
        </header>
        <p class="verdict">{verdict}</p>
        {choices}
        {(!issues.is_empty()).then(|| view! { <ul class="issues">{issues}</ul> })}
        <Grid product=product />
    }
    .into_any()
}

/// The question that a first meeting left open at one connection, if it did.
fn choice(product: &Product, equivalence: &Equivalence, reload: Callback<()>) -> Option<AnyView> {
    let console = console();
    let differing: Vec<_> = equivalence
        .changes
        .iter()
        .filter(|change| change.mark == Mark::Held)
        .map(|change| words::path(&change.path))
        .collect();
    if differing.is_empty() {
        return None;
    }
    let connection = equivalence.connection.clone();
    let name = untrack(|| console.name_of(&connection));
    let id = product.id;
    let button = move |label: String, side: Side, connection: ConnectionId| {
        let choose = move |_| {
            held::choose(console, connection.clone(), side, Scope::Item(id), move || {
                reload.try_run(());
            });
        };
        view! { <button class="small button" on:click=choose>{label}</button> }
    };
    Some(
        view! {
            <section class="question">
                <p>{words::held_question(&name, &differing)}</p>
                <div>
                    {button(words::KEEP_HUB.to_owned(), Side::Hub, connection.clone())}
                    {button(words::take_from(&name), Side::Remote, connection)}
                </div>
            </section>
        }
        .into_any(),
    )
}

fn issue(issue: Issue) -> impl IntoView {
    let console = console();
    let place = untrack(|| console.name_of(&issue.connection));
    view! {
        <li class="issue bad">
            <span class="severity">{icon(Icon::Alert)}</span>
            <div>
                <p class="message">{issue.message}</p>
                <p class="action">{issue.action}</p>
                <p class="about">
                    <span>{place}</span>
                    <time title=format::exact(issue.at)>{move || format::ago(issue.at, console.now.get())}</time>
                </p>
            </div>
        </li>
    }
}

/// The head of a connection's column.
fn column(equivalence: &Equivalence) -> AnyView {
    let console = console();
    let connections = console.connections.read_untracked();
    let connection = connections
        .iter()
        .flatten()
        .find(|connection| connection.id == equivalence.connection);
    let name = untrack(|| console.name_of(&equivalence.connection));
    let link = equivalence.url.clone().filter(|url| url.starts_with("http")).map(|url| {
        view! {
            <a class="quiet square" href=url target="_blank" rel="noreferrer" aria-label=words::open_at(&name) title=words::open_at(&name)>
                {icon(Icon::Open)}
            </a>
        }
    });
    view! {
        <div class="column-head">
            {connection.map(monogram)}
            <span>
                <b>{name}</b>
                <small>{crate::view::mark::bare_glyph(equivalence.mark)} {words::mark(equivalence.mark)}</small>
            </span>
            {link}
        </div>
    }
    .into_any()
}
