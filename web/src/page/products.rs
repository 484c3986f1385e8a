//! The product list: as long as the catalogue is, with only the rows in sight on the page.

mod list;
mod row;

pub(crate) use list::ProductList;

use crate::{
    page::held::HeldQuestion,
    query::Query,
    state::console,
    view::{
        empty::{empty, failed},
        icon::Icon,
        monogram::monogram,
    },
    words,
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;
use row::RowView;
use std::time::Duration;

/// Every row is as high as this, in CSS pixels; the style sheet says the same.
const ROW: f64 = 60.0;
/// Rows kept ready above and below what is in sight.
const SPARE: usize = 10;
/// Changes that arrive within this time are shown together.
const GATHER: Duration = Duration::from_millis(400);

#[component]
pub(crate) fn Products() -> impl IntoView {
    let console = console();
    let list = expect_context::<ProductList>();
    document().set_title(&words::title(words::PRODUCTS));
    let search = use_location().search;
    let query = Memo::new(move |_| Query::parse(&search.get()));
    Effect::new(move || {
        let query = query.get();
        console.list_address.set(query.address());
        list.show(query);
    });

    let scroller = NodeRef::<html::Div>::new();
    let sight = RwSignal::new((0.0, 900.0));
    let look = move || {
        if let Some(scroller) = scroller.get_untracked() {
            let top = f64::from(scroller.scroll_top());
            list.scroll.set_value(top);
            sight.set((top, f64::from(scroller.client_height())));
        }
    };
    // Coming back, the list is where it was left.
    Effect::new(move || {
        if let Some(scroller) = scroller.get() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "browsers end pages far below 2^31 pixels"
            )]
            scroller.set_scroll_top(list.scroll.get_value() as i32);
            look();
        }
    });
    // Another list starts at its top.
    Effect::new(move |before: Option<Query>| {
        let query = query.get();
        if before.is_some_and(|before| before != query)
            && let Some(scroller) = scroller.get_untracked()
        {
            scroller.set_scroll_top(0);
            look();
        }
        query
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| look());
    on_cleanup(move || resized.remove());

    let total = list.total;
    let range = Memo::new(move |_| {
        let (top, height) = sight.get();
        let count = usize::try_from(total.get().unwrap_or(0)).unwrap_or(usize::MAX);
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
    });
    Effect::new(move || {
        let (first, last) = range.get();
        list.want(first, last);
    });

    let gathering = StoredValue::new(false);
    Effect::new(move |seen: Option<u64>| {
        let touched = console.touched.get();
        let concerned = seen.is_some_and(|seen| seen != touched.times)
            && (touched.ids.is_empty()
                || touched.ids.iter().any(|id| list.holds(*id))
                || !list.query.read_untracked().is_empty());
        if concerned && !gathering.get_value() {
            gathering.set_value(true);
            let refresh = move || {
                gathering.set_value(false);
                list.refresh();
            };
            set_timeout(refresh, GATHER);
        }
        touched.times
    });

    let height = move || {
        let count = u32::try_from(total.get().unwrap_or(0)).unwrap_or(u32::MAX);
        format!("{}px", f64::from(count) * ROW)
    };
    let heads = move || {
        let connections = console.connections.read();
        connections
            .iter()
            .flatten()
            .map(|connection| {
                view! {
                    <a class="head" href=crate::query::products_in(format!("on:{}", connection.id)) title=connection.name.clone()>
                        {monogram(connection)}
                        <span class="unseen">{connection.name.clone()}</span>
                    </a>
                }
            })
            .collect_view()
    };
    let body = move || {
        if let Some(failure) = list.failure.get() {
            return Some(failed(&failure, move || list.refresh()));
        }
        (total.get()? == 0).then(|| {
            if list.query.read().is_empty() {
                empty(Icon::Products, words::NO_PRODUCTS, words::NO_PRODUCTS_TEXT)
            } else {
                empty(Icon::Search, words::NOTHING_FOUND, words::NOTHING_FOUND_TEXT)
            }
        })
    };
    view! {
        <div class="page list" style:--connections=move || console.connections.read().as_ref().map_or(0, Vec::len).to_string()>
            <header class="headline">
                <h1>{words::PRODUCTS}</h1>
                <p class="totals">
                    {move || total.get().map(|total| words::products_found(total, list.query.read().is_empty()))}
                </p>
            </header>
            <HeldQuestion query=query total=total />
            <div class="table" role="region" aria-label=words::PRODUCTS>
                <div class="scroller" node_ref=scroller on:scroll=move |_| look() tabindex="-1">
                    <div class="columns">
                        <span></span>
                        <span>{words::PRODUCT}</span>
                        <span>{words::BRAND}</span>
                        <span class="number">{words::PRICE}</span>
                        <span class="number">{words::STOCK}</span>
                        <span class="strip">{heads}</span>
                        <span></span>
                    </div>
                    {body}
                    <div class="rows" style:height=height role="list">
                        <For
                            each=move || {
                                let (first, last) = range.get();
                                first..last
                            }
                            key=|index| *index
                            let:index
                        >
                            <RowView index=index />
                        </For>
                    </div>
                </div>
            </div>
        </div>
    }
}
