//! What is shown where there is nothing, or where something could not be read.

use crate::{
    client::Failure,
    view::icon::{Icon, icon},
    words,
};
use leptos::prelude::*;

/// Says that there is nothing, why, and what to do next.
pub(crate) fn empty(of: Icon, title: impl Into<String>, text: impl Into<String>) -> AnyView {
    view! {
        <div class="empty">
            {icon(of)}
            <h2>{title.into()}</h2>
            <p>{text.into()}</p>
        </div>
    }
    .into_any()
}

/// Says what went wrong, and offers to try again.
pub(crate) fn failed(failure: &Failure, again: impl Fn() + Send + 'static) -> AnyView {
    view! {
        <div class="empty" role="alert">
            {icon(Icon::Alert)}
            <h2>{words::COULD_NOT_READ}</h2>
            <p>{failure.message()}</p>
            <button class="button" on:click=move |_| again()>{words::TRY_AGAIN}</button>
        </div>
    }
    .into_any()
}
