//! The list of keys.

use crate::{view::modal::Modal, words};
use leptos::prelude::*;

#[component]
pub(crate) fn Keys() -> impl IntoView {
    view! {
        <Modal title=words::KEYS size="narrow">
            <dl class="body key-list">
                {words::KEY_LIST
                    .into_iter()
                    .map(|(keys, meaning)| {
                        view! {
                            <div>
                                <dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                                <dd>{meaning}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </Modal>
    }
}
