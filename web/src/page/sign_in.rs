//! The door of a daemon that wants its token.

use crate::{
    client,
    state::console,
    view::{frame::logo, language::LanguageSwitch},
    words,
};
use leptos::{html, prelude::*, task::spawn_local};
use shared::api;

#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let console = console();
    document().set_title(&words::title(&words::SIGN_IN));
    let token = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let asking = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(input) = input.get() {
            // An element that cannot take the focus leaves it where it is.
            let _ = input.focus();
        }
    });
    let enter = move || {
        let token = token.get_untracked().trim().to_owned();
        let Ok(body) = serde_json::to_string(&api::SignIn { token }) else {
            return;
        };
        asking.set(true);
        spawn_local(async move {
            match client::tell("/api/v1/session", Some(body)).await {
                Ok(()) => console.reload(),
                Err(failure) if failure.wants_token() => wrong.set(Some(words::WRONG_TOKEN.to_owned())),
                Err(failure) => wrong.set(Some(failure.message())),
            }
            asking.set(false);
        });
    };
    view! {
        <main class="door">
            <form
                on:submit=move |event| {
                    event.prevent_default();
                    enter();
                }
            >
                {logo()}
                <LanguageSwitch />
                <h1>{words::SIGN_IN_TITLE}</h1>
                <p class="quietly">{words::SIGN_IN_ABOUT}</p>
                <label>
                    <b>{words::TOKEN}</b>
                    <input
                        node_ref=input
                        type="password"
                        name="token"
                        autocomplete="current-password"
                        aria-invalid=move || wrong.read().is_some().then_some("true")
                        on:input=move |event| {
                            wrong.set(None);
                            token.set(event_target_value(&event));
                        }
                    />
                </label>
                <p class="wrong" role="alert">{wrong}</p>
                <button class="button primary" disabled=move || asking.get() || token.read().trim().is_empty()>
                    {words::SIGN_IN}
                </button>
            </form>
        </main>
    }
}
