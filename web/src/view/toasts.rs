//! Short messages about what happened.

use crate::{
    state::{Tone, console},
    view::icon::{Icon, icon},
    words,
};
use leptos::prelude::*;

#[component]
pub(crate) fn Toasts() -> impl IntoView {
    let console = console();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || console.toasts.get() key=|toast| toast.id let:toast>
                <div class=match toast.tone {
                    Tone::Good => "toast good",
                    Tone::Bad => "toast bad",
                }>
                    {icon(match toast.tone {
                        Tone::Good => Icon::Check,
                        Tone::Bad => Icon::Alert,
                    })}
                    <p>{toast.text}</p>
                    <button
                        class="quiet square"
                        aria-label=words::CLOSE
                        on:click=move |_| console.unsay(toast.id)
                    >
                        {icon(Icon::Close)}
                    </button>
                </div>
            </For>
        </div>
    }
}
