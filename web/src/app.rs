//! The frame, the pages by address, and what lies over them.

use crate::{
    keys, live,
    page::{
        connections::Connections,
        issues::Issues,
        jobs::Jobs,
        keys::Keys,
        orders::Orders,
        product::ProductPage,
        products::{ProductList, Products},
        send::Send,
        settings::Settings,
        sign_in::SignIn,
        stats::Stats,
    },
    state::{Console, Dialog},
    view::{
        banner::FaultBanner,
        empty::empty,
        frame::{Rail, TopBar},
        icon::Icon,
        toasts::Toasts,
    },
    words,
};
use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

#[component]
pub(crate) fn App() -> impl IntoView {
    let console = Console::new();
    provide_context(console);
    provide_context(ProductList::new());
    live::follow(console);
    console.reload();
    view! {
        <Router>
            <Shell />
        </Router>
    }
}

#[component]
fn Shell() -> impl IntoView {
    let console = expect_context::<Console>();
    keys::listen(console);
    move || {
        if console.locked.get() {
            view! { <SignIn /> }.into_any()
        } else {
            inside(console).into_any()
        }
    }
}

/// Everything that is shown to those who may see it.
fn inside(console: Console) -> impl IntoView {
    view! {
        <a class="skip" href="#content">{words::SKIP}</a>
        <Rail />
        <TopBar />
        <main id="content" tabindex="-1">
            <FaultBanner />
            <Routes fallback=|| empty(Icon::Search, words::NO_SUCH_PAGE, words::NO_SUCH_PAGE_TEXT)>
                <Route path=path!("/") view=Connections />
                <Route path=path!("/products") view=Products />
                <Route path=path!("/products/:id") view=ProductPage />
                <Route path=path!("/orders") view=Orders />
                <Route path=path!("/issues") view=Issues />
                <Route path=path!("/jobs") view=Jobs />
            </Routes>
        </main>
        {move || match console.dialog.get()? {
            Dialog::Send(id) => Some(view! { <Send id=id /> }.into_any()),
            Dialog::Settings(id) => Some(view! { <Settings id=id /> }.into_any()),
            Dialog::Stats(id) => Some(view! { <Stats id=id /> }.into_any()),
            Dialog::Keys => Some(view! { <Keys /> }.into_any()),
        }}
        <Toasts />
    }
}
