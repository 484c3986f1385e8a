//! Light, dark, or as the system says; remembered in the browser.

use crate::{
    view::icon::{Icon, icon},
    words::{self, Word},
};
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

const KEY: &str = "theme";

/// Steps through the three. The page itself sets the remembered one before anything is drawn.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let theme = RwSignal::new(Theme::remembered());
    let step = move |_| {
        theme.update(|theme| *theme = theme.next());
        theme.get_untracked().remember();
    };
    let name = move || words::theme(&theme.get().words());
    view! {
        <button class="quiet square" on:click=step aria-label=name title=name>
            {move || {
                icon(match theme.get() {
                    Theme::System => Icon::System,
                    Theme::Light => Icon::Light,
                    Theme::Dark => Icon::Dark,
                })
            }}
        </button>
    }
}

impl Theme {
    fn remembered() -> Self {
        match recall(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn words(self) -> Word {
        match self {
            Self::System => words::THEME_SYSTEM,
            Self::Light => words::THEME_LIGHT,
            Self::Dark => words::THEME_DARK,
        }
    }

    fn remember(self) {
        let name = match self {
            Self::System => "",
            Self::Light => "light",
            Self::Dark => "dark",
        };
        remember(KEY, name);
        if let Some(root) = document().document_element() {
            // The attribute's name is a constant and valid.
            let _ = root.set_attribute("data-theme", name);
        }
    }
}

/// What this browser remembers under `key`.
pub(crate) fn recall(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Lets this browser remember `value`. Where it refuses, nothing is remembered and nothing breaks.
pub(crate) fn remember(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}
