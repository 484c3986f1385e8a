//! One product or order: the hub's values, and next to them what every connection shows and what is about to change.

mod bill;
mod grid;
mod line;

use crate::{
    client::{self, Failure},
    format,
    order::{Order, id, text, time},
    page::{
        held::{self, Scope},
        items::ItemList,
        review,
    },
    query::path,
    state::{Both, console},
    view::{
        empty::{empty, failed},
        icon::{Icon, icon},
        monogram::{monogram, monogram_of},
        thumbnail::thumbnail,
    },
    words,
};
use bill::bill;
use grid::{Grid, grid};
use leptos::{prelude::*, task::spawn_local};
use line::Column;
use shared::{
    api::{Equivalence, Issue, Product, Side},
    ids::{ConnectionId, ItemId, Kind},
    mark::Mark,
    time::Time,
};
use std::time::Duration;

/// Changes that arrive within this time are shown together.
const GATHER: Duration = Duration::from_millis(300);

/// What the page shows.
#[derive(Clone, PartialEq)]
enum Item {
    Product(Box<Product>),
    Order(Order),
}

impl Item {
    async fn read(kind: Kind, id: ItemId) -> Result<Self, Failure> {
        let address = format!("/api/v1{}/{id}", path(kind));
        match kind {
            Kind::Products => client::get(&address).await.map(Box::new).map(Self::Product),
            Kind::Orders => client::get(&address).await.map(Self::Order),
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Product(product) => words::or_untitled(product.title.clone()),
            Self::Order(order) => words::order_named(text(&order.facts["number"])),
        }
    }
}

pub(crate) fn item_page(kind: Kind, id: Option<ItemId>) -> AnyView {
    let console = console();
    let list = expect_context::<Both<ItemList>>().of(kind);
    let item = RwSignal::new(None::<Item>);
    let failure = RwSignal::new(None::<Failure>);
    let gathering = StoredValue::new(false);
    // The page may have been left when a timer or an answer comes.
    let left = move || gathering.try_get_value().is_none();
    let load = move || {
        let Some(asked) = id.filter(|_| !left()) else {
            return;
        };
        spawn_local(async move {
            let answer = Item::read(kind, asked).await;
            if left() {
                return;
            }
            match answer {
                // What is shown is drawn anew only if it changed.
                Ok(new) => {
                    failure.set(None);
                    if item.read_untracked().as_ref() != Some(&new) {
                        document().set_title(&words::title(&new.title()));
                        item.set(Some(new));
                    }
                }
                Err(reason) => failure.set(Some(reason)),
            }
        });
    };
    Effect::new(move |seen: Option<()>| {
        let touched = console.touched.of(kind).get();
        if seen.is_none() {
            load();
        } else if id.is_some_and(|id| touched.concerns(id)) && !gathering.get_value() {
            gathering.set_value(true);
            let reload = move || {
                if !left() {
                    gathering.set_value(false);
                    load();
                }
            };
            set_timeout(reload, GATHER);
        }
    });
    let body = move || {
        let of = words::of(kind);
        if id.is_none() {
            return empty(of.icon, of.no_such, words::NO_SUCH_TEXT);
        }
        match (item.get(), failure.get()) {
            (Some(item), _) => known(item, Callback::new(move |()| load())),
            (None, Some(reason)) => failed(&reason, load),
            (None, None) => ().into_any(),
        }
    };
    view! {
        <div class="page product">
            <a class="back" href=move || list.address()>
                {icon(Icon::Back)}
                {words::of(kind).title}
            </a>
            {body}
        </div>
    }
    .into_any()
}

fn known(item: Item, reload: Callback<()>) -> AnyView {
    let title = item.title();
    match item {
        Item::Product(product) => {
            let picture = product.images.iter().find_map(|image| image.hash.clone());
            let choices: Vec<_> = product
                .equivalences
                .iter()
                .flat_map(|here| {
                    [
                        choice(&product, here, reload),
                        review::of_item(product.id, here, reload),
                    ]
                })
                .collect();
            let head = Head {
                face: thumbnail(picture.as_deref(), &title),
                title,
                facts: words::variants_line(&product.variants),
                updated_at: product.updated_at,
                verdict: words::item_verdict(Kind::Products, &product.equivalences),
            };
            let issues = issues(&product.equivalences);
            let grid = grid(Grid::of_product(&product));
            (headline(head), choices, issues, grid).into_any()
        }
        Item::Order(order) => {
            let console = console();
            let face = untrack(|| {
                let origin = ConnectionId::parse(text(&order.facts["origin"])).ok()?;
                Some(monogram_of(console, &origin))
            });
            let head = Head {
                face: face.into_any(),
                title,
                facts: words::order_facts(&order),
                updated_at: time(&order.facts["updated_at"]).unwrap_or_default(),
                verdict: words::item_verdict(Kind::Orders, &order.equivalences),
            };
            let reviews = id(&order.facts["id"]).map(|id| {
                let here = order.equivalences.iter();
                here.map(|here| review::of_item(id, here, reload)).collect_view()
            });
            let issues = issues(&order.equivalences);
            let grid = grid(Grid::of_order(&order));
            (headline(head), reviews, issues, bill(&order.facts), grid).into_any()
        }
    }
}

/// What stands first of an item.
struct Head {
    face: AnyView,
    title: String,
    facts: String,
    updated_at: Time,
    verdict: String,
}

fn headline(head: Head) -> AnyView {
    let console = console();
    let Head {
        face,
        title,
        facts,
        updated_at,
        verdict,
    } = head;
    view! {
        <header class="headline with-picture">
            {face}
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
    }
    .into_any()
}

fn issues(equivalences: &[Equivalence]) -> AnyView {
    let issues = equivalences
        .iter()
        .flat_map(|equivalence| equivalence.issues.clone());
    let issues: Vec<_> = issues.map(issue).collect();
    (!issues.is_empty())
        .then(|| view! { <ul class="issues">{issues}</ul> })
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
    let place = issue
        .connection
        .as_ref()
        .map(|connection| untrack(|| console.name_of(connection)));
    view! {
        <li class="issue bad">
            <span class="severity">{icon(Icon::Alert)}</span>
            <div>
                <p class="message" lang=words::told_in()>{issue.message}</p>
                <p class="action">{words::action(issue.code, issue.action)}</p>
                <p class="about">
                    {place.map(|place| view! { <span>{place}</span> })}
                    <time title=format::exact(issue.at)>{move || format::ago(issue.at, console.now.get())}</time>
                </p>
            </div>
        </li>
    }
}

/// The head of a connection's column.
fn head(column: &Column) -> AnyView {
    let console = console();
    let Column {
        here: equivalence,
        name,
        currency: _,
    } = column;
    let name = name.clone();
    let connections = console.connections.read_untracked();
    let connection = connections
        .iter()
        .flatten()
        .find(|connection| connection.id == equivalence.connection);
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
