//! The frame, the pages by address, and what lies over them.

use crate::{
    here::{Here, here},
    keys, live,
    page::{
        Page,
        connections::Connections,
        issues::Issues,
        item::item_page,
        items::{ItemList, items},
        job::JobDialog,
        jobs::Jobs,
        keys::Keys,
        send::Send,
        settings::Settings,
        sign_in::SignIn,
        stats::Stats,
    },
    state::{Both, Console, Dialog},
    view::{
        banner::FaultBanner,
        empty::empty,
        frame::{Rail, TopBar},
        icon::Icon,
        language::Spoken,
        toasts::Toasts,
    },
    words,
};
use leptos::prelude::*;
use shared::ids::Kind;

#[component]
pub(crate) fn App() -> impl IntoView {
    // Before all else: what follows may already say something.
    provide_context(Spoken::new());
    let console = Console::new();
    provide_context(console);
    provide_context(Here::new());
    provide_context(Both {
        products: ItemList::new(Kind::Products),
        orders: ItemList::new(Kind::Orders),
    });
    live::follow(console);
    console.reload();
    view! { <Shell /> }
}

#[component]
fn Shell() -> impl IntoView {
    let console = expect_context::<Console>();
    let spoken = expect_context::<Spoken>();
    keys::listen(console);
    move || {
        // In another language all is said anew, in the same place.
        spoken.track();
        if console.locked.get() {
            view! { <SignIn /> }.into_any()
        } else {
            inside(console).into_any()
        }
    }
}

/// Everything that is shown to those who may see it.
fn inside(console: Console) -> impl IntoView {
    let here = here();
    let page = Memo::new(move |_| Page::of(&here.path.read()));
    view! {
        <a class="skip" href="#content">{words::SKIP}</a>
        <Rail />
        <TopBar />
        <main id="content" tabindex="-1">
            <FaultBanner />
            {move || {
                let page = page.get();
                untrack(|| match page {
                    Page::Connections => view! { <Connections /> }.into_any(),
                    Page::List(kind) => items(kind),
                    Page::Item(kind, id) => item_page(kind, id),
                    Page::Issues => view! { <Issues /> }.into_any(),
                    Page::Jobs => view! { <Jobs /> }.into_any(),
                    Page::Unknown => empty(Icon::Search, words::NO_SUCH_PAGE, words::NO_SUCH_PAGE_TEXT),
                })
            }}
        </main>
        {move || match console.dialog.get()? {
            Dialog::Send(id) => Some(view! { <Send id=id /> }.into_any()),
            Dialog::Settings(id) => Some(view! { <Settings id=id /> }.into_any()),
            Dialog::Stats(id) => Some(view! { <Stats id=id /> }.into_any()),
            Dialog::Job(id) => Some(view! { <JobDialog id=id /> }.into_any()),
            Dialog::Keys => Some(view! { <Keys /> }.into_any()),
        }}
        <Toasts />
    }
}
