//! Sales orders.

use crate::{
    view::{empty::empty, icon::Icon},
    words,
};
use leptos::prelude::*;

/// Connections bring no orders yet; the page says so instead of showing an empty table.
#[component]
pub(crate) fn Orders() -> impl IntoView {
    document().set_title(&words::title(words::ORDERS));
    view! {
        <div class="page">
            <header class="headline">
                <h1>{words::ORDERS}</h1>
            </header>
            {empty(Icon::Orders, words::NO_ORDERS, words::NO_ORDERS_TEXT)}
        </div>
    }
}
