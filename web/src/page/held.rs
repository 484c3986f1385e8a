//! First meetings: whose values count, for one product or for all that are shown.

use crate::{
    client,
    query::Query,
    state::{Console, Tone, console},
    words,
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    api::{Choose, Side, Touched},
    ids::{ConnectionId, ItemId},
    set::{self, Pending},
};

/// What a choice is about.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    Item(ItemId),
    Sets(Vec<String>),
}

/// Chooses a side; `then` is run when the daemon did so.
pub(crate) fn choose(
    console: Console,
    connection: ConnectionId,
    side: Side,
    scope: Scope,
    then: impl FnOnce() + 'static,
) {
    let (items, sets) = match scope {
        Scope::Item(item) => (vec![item], Vec::new()),
        Scope::Sets(sets) => (Vec::new(), sets),
    };
    let wanted = Choose {
        side,
        items,
        sets,
        fields: Vec::new(),
        all: false,
    };
    spawn_local(async move {
        let address = format!("/api/v1/connections/{connection}/held/choose");
        let body = serde_json::to_string(&wanted).ok();
        match client::post::<Touched>(&address, body).await {
            Ok(Touched { items }) => {
                console.say(Tone::Good, words::chosen(items));
                then();
            }
            Err(failure) => console.say(Tone::Bad, failure.message()),
        }
    });
}

/// The question about all products of a list, where the list is one of differences that wait for a choice.
#[component]
pub(crate) fn HeldQuestion(query: Memo<Query>, #[prop(into)] total: Signal<Option<u64>>) -> impl IntoView {
    let console = console();
    let about = Memo::new(move |_| {
        let query = query.read();
        let place = query.sets.iter().find_map(|set| match set.parse::<set::Set>() {
            Ok(set::Set::Pending {
                what: Pending::Held,
                at,
            }) => ConnectionId::parse(&at).ok(),
            Ok(_) | Err(_) => None,
        });
        place.filter(|_| query.text.is_empty())
    });
    // The side that was pressed and waits for a second word.
    let side = RwSignal::new(None::<Side>);
    Effect::new(move || {
        query.track();
        side.set(None);
    });
    move || {
        let connection = about.get()?;
        let number = total.get().filter(|number| *number > 0)?;
        let name = console.name_of(&connection);
        let question = match side.get() {
            None => {
                let button = |label: String, of: Side| {
                    view! { <button class="small button" on:click=move |_| side.set(Some(of))>{label}</button> }
                };
                view! {
                    <p>{words::held_question_of_all(&name, number)}</p>
                    <div>
                        {button(words::KEEP_HUB.to_owned(), Side::Hub)}
                        {button(words::take_from(&name), Side::Remote)}
                    </div>
                }
                .into_any()
            }
            Some(of) => {
                let go = move |_| {
                    let scope = Scope::Sets(query.get_untracked().sets);
                    choose(console, connection.clone(), of, scope, move || side.set(None));
                };
                view! {
                    <p role="alert">{words::held_confirmation(of, &name, number)}</p>
                    <div>
                        <button class="small button" on:click=move |_| side.set(None)>
                            {words::CANCEL}
                        </button>
                        <button class="small button primary" on:click=go>
                            {words::CONFIRM}
                        </button>
                    </div>
                }
                .into_any()
            }
        };
        Some(view! { <section class="question">{question}</section> })
    }
}
