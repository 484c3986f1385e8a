//! Where the console is: the browser's address as signals, and links within the console, which load nothing anew.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

/// Handles to the address; a copy is the same address.
#[derive(Clone, Copy)]
pub(crate) struct Here {
    pub(crate) path: RwSignal<String>,
    /// From the question mark on, or empty.
    pub(crate) search: RwSignal<String>,
}

/// The address. Only within `App`, which provides it.
pub(crate) fn here() -> Here {
    expect_context()
}

impl Here {
    /// Reads the address, and from then on follows the browser's own buttons and the links of the page.
    pub(crate) fn new() -> Self {
        let here = Self {
            path: RwSignal::default(),
            search: RwSignal::default(),
        };
        here.look();
        // Both listen as long as the page is open.
        let _ = window_event_listener(ev::popstate, move |_| here.look());
        let _ = window_event_listener(ev::click, move |event| here.follow(&event));
        here
    }

    /// Goes to an address of the console.
    pub(crate) fn go(self, address: &str) {
        let now = untrack(|| format!("{}{}", self.path.get(), self.search.get()));
        if now == address {
            return;
        }
        // It fails only for an address of another site.
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
        }
        self.look();
    }

    fn look(self) {
        let location = window().location();
        for (signal, now) in [(self.path, location.pathname()), (self.search, location.search())] {
            let now = now.unwrap_or_default();
            if *signal.read_untracked() != now {
                signal.set(now);
            }
        }
    }

    /// Follows a link, unless the browser is asked for more than that: another window, a place on the page.
    fn follow(self, event: &MouseEvent) {
        let more = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || more {
            return;
        }
        let pressed = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let link = pressed.and_then(|pressed| pressed.closest("a[href]").ok().flatten());
        let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) else {
            return;
        };
        let elsewhere = window().location().origin().ok() != Some(link.origin());
        if elsewhere || !link.target().is_empty() || !link.hash().is_empty() {
            return;
        }
        event.prevent_default();
        self.go(&format!("{}{}", link.pathname(), link.search()));
    }
}
