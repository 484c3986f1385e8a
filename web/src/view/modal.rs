//! A dialog over the page. The browser's own element keeps the focus inside and gives it back.

use crate::{
    state::console,
    view::icon::{Icon, icon},
    words,
};
use leptos::{html, prelude::*};

/// Opens when it is put on the page; Esc, the cross and a click beside it close it.
#[component]
pub(crate) fn Modal(
    #[prop(into)] title: Signal<String>,
    /// Its width in style sheets: `narrow` or `wide`.
    size: &'static str,
    children: Children,
) -> impl IntoView {
    let console = console();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            // It fails only for an element that is not on the page.
            let _ = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog
            class=format!("modal {size}")
            node_ref=dialog
            aria-labelledby="modal-title"
            on:close=move |_| console.dialog.set(None)
            on:mousedown=move |event| {
                let beside = dialog.get_untracked().is_some_and(|dialog| {
                    event.target().as_ref() == Some(AsRef::<web_sys::EventTarget>::as_ref(&dialog))
                });
                if beside {
                    close();
                }
            }
        >
            <div class="sheet">
                <header>
                    <h2 id="modal-title">{title}</h2>
                    <button class="quiet square" aria-label=words::CLOSE title=words::CLOSE on:click=move |_| close()>
                        {icon(Icon::Close)}
                    </button>
                </header>
                {children()}
            </div>
        </dialog>
    }
}

/// Closes the dialog that is open, as its cross does.
pub(crate) fn close() {
    use wasm_bindgen::JsCast;
    let open = document().query_selector("dialog[open]").ok().flatten();
    if let Some(dialog) = open.and_then(|open| open.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
        dialog.close();
    }
}
