//! The search bar: sets as chips, suggestions with counts, and free text. The address holds what is chosen.

use crate::{
    client, format,
    here::here,
    keys,
    query::{Query, encode, kind_of, path},
    state::{Console, console},
    view::icon::{Icon, icon},
    words,
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use shared::{api::SetSuggestion, ids::Kind};
use std::time::Duration;

/// How long to wait for the next letter before suggestions are asked for.
const PAUSE: Duration = Duration::from_millis(120);
/// Suggestions shown at once.
const SHOWN: usize = 9;

/// One line of the list under the search bar.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    /// Find this text.
    Text(String),
    Set(SetSuggestion),
}

/// What the bar holds while somebody types; a copy is the same state.
#[derive(Clone, Copy)]
struct Bar {
    console: Console,
    /// What is searched: orders where they are shown, else products.
    kind: Memo<Kind>,
    /// Whether the list is shown, which the bar then is about.
    on_list: Memo<bool>,
    query: Memo<Query>,
    go: Callback<Query>,
    input: NodeRef<html::Input>,
    typed: RwSignal<String>,
    open: RwSignal<bool>,
    picked: RwSignal<usize>,
    suggestions: RwSignal<Vec<SetSuggestion>>,
    choices: Memo<Vec<Choice>>,
    /// What the daemon calls the sets that it told of.
    labels: RwSignal<Vec<(String, String)>>,
    asked: StoredValue<u64>,
}

#[component]
pub(crate) fn Search() -> impl IntoView {
    let bar = Bar::new();
    let Bar {
        kind,
        query,
        input,
        typed,
        open,
        picked,
        choices,
        ..
    } = bar;
    view! {
        <div class="search" role="search">
            <div class="field" on:click=move |_| keys::focus("#search")>
                {icon(Icon::Search)}
                <div class="chips">{move || bar.chips()}</div>
                <input
                    id="search"
                    node_ref=input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    role="combobox"
                    aria-label=move || words::of(kind.get()).search.text()
                    aria-autocomplete="list"
                    aria-controls="choices"
                    aria-expanded=move || open.get().to_string()
                    aria-activedescendant=move || open.get().then(|| format!("choice-{}", picked.get()))
                    placeholder=move || if query.read().is_empty() { words::of(kind.get()).search.text() } else { "" }
                    prop:value=typed
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        picked.set(0);
                        open.set(true);
                        bar.suggest();
                    }
                    on:focus=move |_| {
                        open.set(true);
                        bar.suggest();
                    }
                    on:blur=move |_| open.set(false)
                    on:keydown=move |event| bar.key(&event)
                />
                <kbd aria-hidden="true">"/"</kbd>
            </div>
            {move || {
                let choices = choices.get();
                (open.get() && !choices.is_empty())
                    .then(|| {
                        let options = choices.into_iter().enumerate().map(|(at, choice)| bar.option(at, choice));
                        view! {
                            <ul class="choices" id="choices" role="listbox" aria-label=words::SUGGESTIONS>
                                {options.collect_view()}
                            </ul>
                        }
                    })
            }}
        </div>
    }
}

impl Bar {
    fn new() -> Self {
        let here = here();
        let kind = Memo::new(move |_| kind_of(&here.path.read()).unwrap_or(Kind::Products));
        let on_list = Memo::new(move |_| *here.path.read() == path(kind.get()));
        // On other pages the bar is empty and its first choice leads to the list.
        let query = Memo::new(move |_| {
            if on_list.get() {
                Query::parse(kind.get(), &here.search.read())
            } else {
                Query::all(kind.get())
            }
        });
        let typed = RwSignal::new(String::new());
        let suggestions = RwSignal::new(Vec::<SetSuggestion>::new());
        Effect::new(move || {
            kind.track();
            suggestions.set(Vec::new());
        });
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
        Self {
            console: console(),
            kind,
            on_list,
            query,
            go: Callback::new(move |query: Query| here.go(&query.address())),
            input: NodeRef::new(),
            typed,
            open: RwSignal::new(false),
            picked: RwSignal::new(0),
            suggestions,
            choices,
            labels: RwSignal::new(Vec::new()),
            asked: StoredValue::new(0),
        }
    }

    /// Asks for sets that fit what was typed, once nothing more is typed for a moment.
    fn suggest(self) {
        let turn = self.asked.get_value() + 1;
        self.asked.set_value(turn);
        let ask = move || {
            if self.asked.try_get_value() != Some(turn) {
                return;
            }
            let typed = encode(&self.typed.get_untracked());
            let kind = self.kind.get_untracked().name();
            let address = format!("/api/v1/sets?kind={kind}&limit=20&q={typed}");
            spawn_local(async move {
                let answer = client::get::<Vec<SetSuggestion>>(&address).await;
                if let Ok(found) = answer
                    && self.asked.try_get_value() == Some(turn)
                {
                    self.take(found);
                }
            });
        };
        set_timeout(ask, PAUSE);
    }

    fn take(self, found: Vec<SetSuggestion>) {
        self.labels.update(|labels| {
            for set in &found {
                if !labels.iter().any(|(id, _)| *id == set.id) {
                    labels.push((set.id.clone(), set.label.clone()));
                }
            }
        });
        self.suggestions.set(found);
        self.picked.set(0);
    }

    fn choose(self, choice: Choice) {
        let now = self.query.get_untracked();
        self.go.run(match choice {
            Choice::Text(text) => Query { text, ..now },
            Choice::Set(set) => now.with(set.id),
        });
        self.typed.set(String::new());
        self.suggest();
    }

    fn key(self, event: &ev::KeyboardEvent) {
        match event.key().as_str() {
            "ArrowDown" => self.step(event, 1),
            "ArrowUp" => self.step(event, self.choices.read_untracked().len().saturating_sub(1)),
            "Enter" => {
                let picked = self.picked.get_untracked();
                let choice = self.choices.read_untracked().get(picked).cloned();
                if let Some(choice) = choice.filter(|_| self.open.get_untracked()) {
                    event.prevent_default();
                    self.choose(choice);
                } else if !self.on_list.get_untracked() {
                    self.go.run(Query::all(self.kind.get_untracked()));
                }
            }
            "Backspace" if self.typed.read_untracked().is_empty() => {
                let mut query = self.query.get_untracked();
                if query.text.is_empty() {
                    query.sets.pop();
                } else {
                    query.text.clear();
                }
                self.go.run(query);
            }
            "Escape" => {
                event.stop_propagation();
                if self.open.get_untracked() && !self.typed.read_untracked().is_empty() {
                    self.typed.set(String::new());
                    self.open.set(false);
                } else if let Some(input) = self.input.get_untracked() {
                    let _ = input.blur();
                    keys::focus(keys::ROW);
                }
            }
            _ => {}
        }
    }

    /// Picks the choice that is `by` further on, around the end.
    fn step(self, event: &ev::KeyboardEvent, by: usize) {
        event.prevent_default();
        self.open.set(true);
        let count = self.choices.read_untracked().len();
        self.picked
            .update(|picked| *picked = (*picked + by).checked_rem(count).unwrap_or(0));
    }

    /// What is chosen, each with a cross.
    fn chips(self) -> impl IntoView {
        let query = self.query.get();
        let sets = query
            .sets
            .iter()
            .map(|set| self.chip(&self.label(set), query.clone().without(set)))
            .collect_view();
        let text = (!query.text.is_empty()).then(|| {
            let smaller = Query {
                text: String::new(),
                ..query.clone()
            };
            self.chip(&words::quoted(&query.text), smaller)
        });
        (sets, text)
    }

    fn chip(self, label: &str, smaller: Query) -> AnyView {
        let label = words::chip(label).to_owned();
        let name = words::remove_from_search(&label);
        let remove = move |_| self.go.run(smaller.clone());
        view! {
            <button class="chip" aria-label=name.clone() title=name on:click=remove>
                <span>{label}</span>
                {icon(Icon::Close)}
            </button>
        }
        .into_any()
    }

    fn label(self, set: &str) -> String {
        let labels = self.labels.read();
        let told = labels.iter().find(|(id, _)| id == set);
        told.map_or_else(
            || words::set_label(self.kind.get(), set, |id| self.console.name_of_text(id)),
            |(_, label)| label.clone(),
        )
    }

    fn option(self, at: usize, choice: Choice) -> impl IntoView {
        let (label, count) = match &choice {
            Choice::Text(text) => (words::search_for(self.kind.get_untracked(), text), None),
            Choice::Set(set) => (set.label.clone(), Some(set.count)),
        };
        let picked = self.picked;
        view! {
            <li
                id=format!("choice-{at}")
                role="option"
                aria-selected=move || (picked.get() == at).to_string()
                on:mousedown=move |event| {
                    event.prevent_default();
                    self.choose(choice.clone());
                }
                on:mousemove=move |_| if picked.get_untracked() != at { picked.set(at) }
            >
                <span>{label}</span>
                {count.map(|count| view! { <span class="number">{format::count(count)}</span> })}
            </li>
        }
    }
}
