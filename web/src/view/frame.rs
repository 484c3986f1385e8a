//! What is around every page: the rail, the top bar.

use crate::{
    here::here,
    page::items::ItemList,
    query::kind_of,
    state::{Both, Live, console},
    view::{
        icon::{Icon, icon},
        language::LanguageSwitch,
        search::Search,
        theme::ThemeSwitch,
    },
    words::{self, Word},
};
use leptos::prelude::*;

/// The five pages; at the bottom of a phone.
#[component]
pub(crate) fn Rail() -> impl IntoView {
    let here = here();
    let lists = expect_context::<Both<ItemList>>();
    let entry = move |address: &'static str, of: Icon, name: Word| {
        let here = move || {
            let path = here.path.read();
            let inside = path
                .strip_prefix(address)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let current = if address == "/" { *path == "/" } else { inside };
            current.then_some("page")
        };
        let href = move || match kind_of(address) {
            Some(kind) => lists.of(kind).address(),
            None => address.to_owned(),
        };
        view! {
            <a href=href aria-current=here title=name>
                {icon(of)}
                <span>{name}</span>
            </a>
        }
    };
    view! {
        <nav class="rail" aria-label=words::PAGES>
            <a class="brand" href="/" title="Click2Sync" aria-label="Click2Sync">
                {logo()}
                <span>"Click2Sync"</span>
            </a>
            {entry("/", Icon::Connections, words::CONNECTIONS)}
            {entry("/products", Icon::Products, words::PRODUCTS)}
            {entry("/orders", Icon::Orders, words::ORDERS)}
            {entry("/issues", Icon::Issues, words::ISSUES)}
            {entry("/jobs", Icon::Jobs, words::JOBS)}
        </nav>
    }
}

/// Search, bell, language, theme, and the dot that says whether the page is live.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let console = console();
    let issues = Memo::new(move |_| {
        let connections = console.connections.read();
        connections
            .iter()
            .flatten()
            .map(|connection| connection.issues)
            .sum::<u64>()
    });
    let bell = move || words::open_issues(issues.get());
    let live = move || match console.live.get() {
        Live::Connecting => ("pulse connecting", words::LIVE_CONNECTING),
        Live::Connected => ("pulse connected", words::LIVE_CONNECTED),
        Live::Lost => ("pulse lost", words::LIVE_LOST),
    };
    view! {
        <header class="top">
            <a class="brand" href="/" aria-label="Click2Sync">
                {logo()}
            </a>
            <Search />
            <div class="tools">
                <span class=move || live().0 role="status" title=move || live().1.text()>
                    <span class="dot"></span>
                    <span class="word">{move || live().1.text()}</span>
                </span>
                <a class="quiet square bell" href="/issues" aria-label=bell title=bell>
                    {icon(Icon::Bell)}
                    {move || {
                        let open = issues.get();
                        (open > 0).then(|| view! { <span class="badge">{words::at_most_99(open)}</span> })
                    }}
                </a>
                <LanguageSwitch />
                <ThemeSwitch />
            </div>
        </header>
    }
}

/// The same drawing as the page's icon.
pub(crate) fn logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8"></rect>
            <path d="M8 14a8.5 8.5 0 0 1 15.5-2.5M24 6v6h-6M24 18a8.5 8.5 0 0 1-15.5 2.5M8 26v-6h6"></path>
        </svg>
    }
}
