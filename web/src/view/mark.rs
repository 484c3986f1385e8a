//! The manual's colours as glyphs, so that a column of them reads like a chart.

use crate::words;
use leptos::prelude::*;
use shared::mark::Mark;

/// A mark's name in style sheets.
pub(crate) fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Live => "live",
        Mark::Create => "create",
        Mark::Update => "update",
        Mark::Remove => "remove",
        Mark::Held => "held",
        Mark::Vanished => "vanished",
    }
}

/// A glyph; its name says what it means at `place`.
pub(crate) fn glyph(mark: Mark, place: &str) -> AnyView {
    let name = words::mark_at(mark, place);
    view! {
        <span class=format!("glyph {}", class(mark)) role="img" aria-label=name.clone() title=name>
            {shape(mark)}
        </span>
    }
    .into_any()
}

/// A glyph whose meaning is said in words next to it.
pub(crate) fn bare_glyph(mark: Mark) -> AnyView {
    view! { <span class=format!("glyph {}", class(mark))>{shape(mark)}</span> }.into_any()
}

/// Where there is nothing and nothing is to come.
pub(crate) fn no_glyph(place: &str) -> AnyView {
    let name = words::not_there(place);
    view! { <span class="glyph absent" role="img" aria-label=name.clone() title=name></span> }.into_any()
}

fn shape(mark: Mark) -> impl IntoView {
    let path = match mark {
        Mark::Live => "M7 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z",
        Mark::Create => "M7 2.500v9M2.5 7h9",
        Mark::Update => "M7 2.5 12 11.500H2Z",
        Mark::Remove => "M2.5 7h9",
        Mark::Held | Mark::Vanished => "M7 11.200a4.2 4.2 0 1 0 0-8.4 4.2 4.2 0 0 0 0 8.400Z",
    };
    view! {
        <svg viewBox="0 0 14 14" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}
