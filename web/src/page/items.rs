//! The list of products, or of orders: as long as they are many, with only the rows in sight on the page.

mod list;
mod row;

pub(crate) use list::ItemList;

use crate::{
    here::here,
    page::review::questions,
    query::{Query, listed, path},
    state::{Both, Console, console},
    view::{
        empty::{empty, failed},
        icon::Icon,
        monogram::monogram,
    },
    words,
};
use leptos::{html, prelude::*};
use row::row;
use shared::ids::Kind;
use std::time::Duration;

/// Every row is as high as this, in CSS pixels; the style sheet says the same.
const ROW: f64 = 60.0;
/// Rows kept ready above and below what is in sight.
const SPARE: usize = 10;
/// Changes that arrive within this time are shown together.
const GATHER: Duration = Duration::from_millis(400);

/// What is in sight of the scrolled list, in CSS pixels.
#[derive(Clone, Copy)]
struct Sight {
    list: ItemList,
    scroller: NodeRef<html::Div>,
    /// Where it begins, and how high it is.
    seen: RwSignal<(f64, f64)>,
}

pub(crate) fn items(kind: Kind) -> AnyView {
    let console = console();
    let list = expect_context::<Both<ItemList>>().of(kind);
    let of = words::of(kind);
    document().set_title(&words::title(&of.title));
    let here = here();
    // The address changes a moment before this page is left; the list does not follow it then.
    let query = Memo::new(move |last: Option<&Query>| match last {
        Some(last) if *here.path.read() != path(kind) => last.clone(),
        _ => Query::parse(kind, &here.search.read()),
    });
    Effect::new(move || {
        let query = query.get();
        list.show(query);
    });
    let sight = Sight::new(list, query);
    let scroller = sight.scroller;
    let total = list.total;
    let range = Memo::new(move |_| sight.rows(total.get()));
    Effect::new(move || {
        let (from, until) = range.get();
        list.want(from, until);
    });
    refresh_what_changes(console, kind, list);

    let height = move || {
        let count = u32::try_from(total.get().unwrap_or(0)).unwrap_or(u32::MAX);
        format!("{}px", f64::from(count) * ROW)
    };
    let body = move || {
        if let Some(failure) = list.failure.get() {
            return Some(failed(&failure, move || list.refresh()));
        }
        (total.get()? == 0).then(|| {
            if list.query.read().is_empty() {
                empty(of.icon, of.none, of.none_text)
            } else {
                empty(Icon::Search, of.nothing_found, words::NOTHING_FOUND_TEXT)
            }
        })
    };
    let found = move || {
        let all = list.query.read().is_empty();
        total.get().map(|total| words::found(kind, total, all))
    };
    view! {
        <div class=format!("page list {}", kind.name()) style:--connections=move || console.connections.read().as_ref().map_or(0, Vec::len).to_string()>
            <header class="headline">
                <h1>{of.title}</h1>
                <p class="totals">{found}</p>
            </header>
            {questions(kind, query, total.into())}
            <div class="table" role="region" aria-label=of.title>
                <div class="scroller" node_ref=scroller on:scroll=move |_| sight.look() tabindex="-1">
                    {heads(console, kind)}
                    {body}
                    <div class="rows" style:height=height role="list">
                        <For
                            each=move || {
                                let (from, until) = range.get();
                                from..until
                            }
                            key=|index| *index
                            let:index
                        >
                            {row(list, index)}
                        </For>
                    </div>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// The names of the columns; those of connections lead to what is there.
fn heads(console: Console, kind: Kind) -> impl IntoView {
    let heads = move || {
        let connections = console.connections.read();
        connections
            .iter()
            .flatten()
            .map(|connection| {
                let address = listed(kind, format!("on:{}", connection.id));
                view! {
                    <a class="head" href=address title=connection.name.clone()>
                        {monogram(connection)}
                        <span class="unseen">{connection.name.clone()}</span>
                    </a>
                }
            })
            .collect_view()
    };
    let [name, about, amount, last] = words::of(kind).columns;
    view! {
        <div class="columns">
            <span></span>
            <span>{name}</span>
            <span>{about}</span>
            <span class="number">{amount}</span>
            <span class="number">{last}</span>
            <span class="strip">{heads}</span>
            <span></span>
        </div>
    }
}

/// Reads what is in sight again when something changed: it may have come into the list, or left it.
fn refresh_what_changes(console: Console, kind: Kind, list: ItemList) {
    let gathering = StoredValue::new(false);
    Effect::new(move |seen: Option<u64>| {
        let times = console.touched.of(kind).read().times;
        if seen.is_some_and(|seen| seen != times) && !gathering.get_value() {
            gathering.set_value(true);
            let refresh = move || {
                gathering.set_value(false);
                list.refresh();
            };
            set_timeout(refresh, GATHER);
        }
        times
    });
}

impl Sight {
    fn new(list: ItemList, query: Memo<Query>) -> Self {
        let sight = Self {
            list,
            scroller: NodeRef::new(),
            seen: RwSignal::new((0.0, 900.0)),
        };
        // Coming back, the list is where it was left.
        Effect::new(move || {
            if let Some(scroller) = sight.scroller.get() {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "browsers end pages far below 2^31 pixels"
                )]
                scroller.set_scroll_top(list.scroll.get_value() as i32);
                sight.look();
            }
        });
        // Another list starts at its top.
        Effect::new(move |before: Option<Query>| {
            let query = query.get();
            if before.is_some_and(|before| before != query)
                && let Some(scroller) = sight.scroller.get_untracked()
            {
                scroller.set_scroll_top(0);
                sight.look();
            }
            query
        });
        let resized = window_event_listener(leptos::ev::resize, move |_| sight.look());
        on_cleanup(move || resized.remove());
        sight
    }

    fn look(self) {
        if let Some(scroller) = self.scroller.get_untracked() {
            let top = f64::from(scroller.scroll_top());
            self.list.scroll.set_value(top);
            self.seen.set((top, f64::from(scroller.client_height())));
        }
    }

    /// The rows to draw of `total`, the last one excluded.
    fn rows(self, total: Option<u64>) -> (usize, usize) {
        let (top, height) = self.seen.get();
        let count = usize::try_from(total.unwrap_or(0)).unwrap_or(usize::MAX);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a scroll position is a small positive number"
        )]
        let (first, shown) = ((top / ROW) as usize, (height / ROW) as usize + 2);
        (
            first.saturating_sub(SPARE).min(count),
            (first + shown + SPARE).min(count),
        )
    }
}
