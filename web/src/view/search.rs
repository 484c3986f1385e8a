//! The search bar: sets as chips, suggestions with counts, and free text. The address holds what is chosen.

use crate::{
    client, format, keys,
    query::{Query, encode},
    state::console,
    view::icon::{Icon, icon},
    words,
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use shared::api::SetSuggestion;
use std::time::Duration;

/// How long to wait for the next letter before suggestions are asked for.
const PAUSE: Duration = Duration::from_millis(120);
/// Suggestions shown at once.
const SHOWN: usize = 9;

/// One line of the list under the search bar.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    /// Find this text in the products.
    Text(String),
    Set(SetSuggestion),
}

#[component]
pub(crate) fn Search() -> impl IntoView {
    let console = console();
    let location = use_location();
    let (pathname, search) = (location.pathname, location.search);
    let navigate = use_navigate();
    // On other pages the bar is empty and its first choice leads to the products.
    let query = Memo::new(move |_| {
        if pathname.get() == "/products" {
            Query::parse(&search.get())
        } else {
            Query::default()
        }
    });
    let go = Callback::new(move |query: Query| navigate(&query.address(), NavigateOptions::default()));

    let input = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let picked = RwSignal::new(0_usize);
    let suggestions = RwSignal::new(Vec::<SetSuggestion>::new());
    let labels = RwSignal::new(Vec::<(String, String)>::new());
    let asked = StoredValue::new(0_u64);

    let suggest = move || {
        let turn = asked.get_value() + 1;
        asked.set_value(turn);
        let ask = move || {
            if asked.get_value() != turn {
                return;
            }
            let address = format!(
                "/api/v1/sets?kind=products&limit=20&q={}",
                encode(&typed.get_untracked())
            );
            spawn_local(async move {
                let answer = client::get::<Vec<SetSuggestion>>(&address).await;
                if let Ok(found) = answer
                    && asked.get_value() == turn
                {
                    labels.update(|labels| {
                        for set in &found {
                            if !labels.iter().any(|(id, _)| *id == set.id) {
                                labels.push((set.id.clone(), set.label.clone()));
                            }
                        }
                    });
                    suggestions.set(found);
                    picked.set(0);
                }
            });
        };
        set_timeout(ask, PAUSE);
    };
    let choices = Memo::new(move |_| {
        let text = typed.get();
        let text = text.trim();
        let chosen = query.read();
        let sets = suggestions
            .get()
            .into_iter()
            .filter(|set| !chosen.sets.contains(&set.id));
        let text = (!text.is_empty()).then(|| Choice::Text(text.to_owned()));
        text.into_iter()
            .chain(sets.map(Choice::Set))
            .take(SHOWN)
            .collect::<Vec<_>>()
    });
    let choose = move |choice: Choice| {
        let now = query.get_untracked();
        go.run(match choice {
            Choice::Text(text) => Query { text, ..now },
            Choice::Set(set) => now.with(set.id),
        });
        typed.set(String::new());
        suggest();
    };
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            open.set(true);
            let count = choices.read_untracked().len();
            let by = if event.key() == "ArrowDown" {
                1
            } else {
                count.saturating_sub(1)
            };
            picked.update(|picked| *picked = if count == 0 { 0 } else { (*picked + by) % count });
        }
        "Enter" => {
            let choice = choices.read_untracked().get(picked.get_untracked()).cloned();
            if let Some(choice) = choice.filter(|_| open.get_untracked()) {
                event.prevent_default();
                choose(choice);
            } else if pathname.get_untracked() != "/products" {
                go.run(Query::default());
            }
        }
        "Backspace" if typed.read_untracked().is_empty() => {
            let mut query = query.get_untracked();
            if query.text.is_empty() {
                query.sets.pop();
            } else {
                query.text.clear();
            }
            go.run(query);
        }
        "Escape" => {
            event.stop_propagation();
            if open.get_untracked() && !typed.read_untracked().is_empty() {
                typed.set(String::new());
                open.set(false);
            } else if let Some(input) = input.get_untracked() {
                let _ = input.blur();
                keys::focus(keys::ROW);
            }
        }
        _ => {}
    };

    let chips = move || {
        let query = query.get();
        let chip = |label: String, smaller: Query| {
            let label = words::chip(&label).to_owned();
            let name = words::remove_from_search(&label);
            view! {
                <button
                    class="chip"
                    aria-label=name.clone()
                    title=name
                    on:click=move |_| go.run(smaller.clone())
                >
                    <span>{label}</span>
                    {icon(Icon::Close)}
                </button>
            }
        };
        let label = |set: &String| {
            let labels = labels.read();
            let found = labels.iter().find(|(id, _)| id == set);
            found.map_or_else(
                || words::set_label(set, |id| console.name_of_text(id)),
                |(_, label)| label.clone(),
            )
        };
        let sets = query
            .sets
            .iter()
            .map(|set| chip(label(set), query.clone().without(set)))
            .collect_view();
        let text = (!query.text.is_empty()).then(|| {
            chip(
                words::quoted(&query.text),
                Query {
                    text: String::new(),
                    ..query.clone()
                },
            )
        });
        (sets, text)
    };
    let option = move |at: usize, choice: Choice| {
        let (label, count) = match &choice {
            Choice::Text(text) => (words::search_for(text), None),
            Choice::Set(set) => (set.label.clone(), Some(set.count)),
        };
        view! {
            <li
                id=format!("choice-{at}")
                role="option"
                aria-selected=move || (picked.get() == at).to_string()
                on:mousedown=move |event| {
                    event.prevent_default();
                    choose(choice.clone());
                }
                on:mousemove=move |_| if picked.get_untracked() != at { picked.set(at) }
            >
                <span>{label}</span>
                {count.map(|count| view! { <span class="number">{format::count(count)}</span> })}
            </li>
        }
    };
    view! {
        <div class="search" role="search">
            <div class="field" on:click=move |_| keys::focus("#search")>
                {icon(Icon::Search)}
                <div class="chips">{chips}</div>
                <input
                    id="search"
                    node_ref=input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    role="combobox"
                    aria-label=words::SEARCH_PRODUCTS
                    aria-autocomplete="list"
                    aria-controls="choices"
                    aria-expanded=move || open.get().to_string()
                    aria-activedescendant=move || open.get().then(|| format!("choice-{}", picked.get()))
                    placeholder=move || if query.read().is_empty() { words::SEARCH_PRODUCTS } else { "" }
                    prop:value=typed
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        picked.set(0);
                        open.set(true);
                        suggest();
                    }
                    on:focus=move |_| {
                        open.set(true);
                        suggest();
                    }
                    on:blur=move |_| open.set(false)
                    on:keydown=on_key
                />
                <kbd aria-hidden="true">"/"</kbd>
            </div>
            {move || {
                let choices = choices.get();
                (open.get() && !choices.is_empty())
                    .then(|| {
                        view! {
                            <ul class="choices" id="choices" role="listbox" aria-label=words::SUGGESTIONS>
                                {choices
                                    .into_iter()
                                    .enumerate()
                                    .map(|(at, choice)| option(at, choice))
                                    .collect_view()}
                            </ul>
                        }
                    })
            }}
        </div>
    }
}
