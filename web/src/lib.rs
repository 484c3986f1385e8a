//! The console: views of what the daemon says. It decides nothing that `shared` decides.

// `#[component]` writes such items.
#![allow(unreachable_pub)]

mod app;
mod client;
mod format;
mod here;
mod json;
mod keys;
mod live;
mod order;
mod page;
mod query;
mod state;
mod view;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the console in the page that loaded it.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
    if let Some(waiting) = leptos::prelude::document().get_element_by_id("first-paint") {
        waiting.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
