//! The language: the reader's, or another that is chosen here and remembered in the browser.

use crate::{
    view::theme::{recall, remember},
    words,
};
use leptos::prelude::*;
use shared::language::Language;

const KEY: &str = "language";
/// The switch's place on the page, which keeps the focus when everything is said anew.
const SWITCH: &str = "language";

/// What the console speaks; a copy is the same state. Who reads it is drawn anew when it changes.
#[derive(Clone, Copy)]
pub(crate) struct Spoken(RwSignal<Language>);

impl Spoken {
    /// Begins to speak, before anything is drawn.
    pub(crate) fn new() -> Self {
        let chosen = recall(KEY).and_then(|tag| Language::parse(&tag));
        let language = chosen.unwrap_or_else(words::readers_language);
        words::speak(language);
        Self(RwSignal::new(language))
    }

    pub(crate) fn track(self) {
        self.0.track();
    }

    fn change(self, language: Language) {
        remember(KEY, language.tag());
        words::speak(language);
        self.0.set(language);
        request_animation_frame(|| crate::keys::focus(&format!("#{SWITCH}")));
    }
}

/// Offers the other language, in that language.
#[component]
pub(crate) fn LanguageSwitch() -> impl IntoView {
    let spoken = expect_context::<Spoken>();
    let other = words::language().other();
    view! {
        <button
            id=SWITCH
            type="button"
            class="quiet square"
            lang=other.tag()
            aria-label=other.name()
            title=other.name()
            on:click=move |_| spoken.change(other)
        >
            {other.tag().to_uppercase()}
        </button>
    }
}
