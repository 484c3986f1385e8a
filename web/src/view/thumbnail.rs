//! Small pictures.

use leptos::prelude::*;

/// A small picture by its content; without one, the title's first letter.
pub(crate) fn thumbnail(hash: Option<&str>, title: &str) -> AnyView {
    if let Some(hash) = hash {
        let address = format!("/api/v1/images/{hash}?size=96");
        return view! { <img class="picture" src=address alt="" width="44" height="44" loading="lazy" decoding="async" /> }
            .into_any();
    }
    let letter: String = title.chars().find(|c| c.is_alphanumeric()).into_iter().collect();
    view! { <span class="picture none" aria-hidden="true">{letter}</span> }.into_any()
}
