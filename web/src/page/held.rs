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

/// One way to answer a question about many at once.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) label: String,
    /// What it does, said before it is done.
    pub(crate) confirmation: String,
    pub(crate) go: Callback<()>,
}

/// A question with its answers; the one that is pressed waits for a second word.
pub(crate) fn question(asked: impl Fn() -> Option<(String, Vec<Answer>)> + Send + Sync + 'static) -> AnyView {
    let pressed = RwSignal::new(None::<usize>);
    let asked = Signal::derive(asked);
    Effect::new(move |before: Option<Option<String>>| {
        let text = asked.with(|asked| asked.as_ref().map(|(text, _)| text.clone()));
        if before.is_some_and(|before| before != text) {
            pressed.set(None);
        }
        text
    });
    let body = move || {
        let (text, answers) = asked.get()?;
        let question = match pressed.get().and_then(|at| answers.get(at).cloned()) {
            None => {
                let buttons = answers.into_iter().enumerate().map(|(at, answer)| {
                    view! { <button class="small button" on:click=move |_| pressed.set(Some(at))>{answer.label}</button> }
                });
                view! {
                    <p>{text}</p>
                    <div>{buttons.collect_view()}</div>
                }
                .into_any()
            }
            Some(Answer { confirmation, go, .. }) => view! {
                <p role="alert">{confirmation}</p>
                <div>
                    <button class="small button" on:click=move |_| pressed.set(None)>
                        {words::CANCEL}
                    </button>
                    <button
                        class="small button primary"
                        on:click=move |_| {
                            go.run(());
                            pressed.set(None);
                        }
                    >
                        {words::CONFIRM}
                    </button>
                </div>
            }
            .into_any(),
        };
        Some(view! { <section class="question">{question}</section> })
    };
    body.into_any()
}

/// The question about all products of a list, where the list is one of differences that wait for a choice.
pub(crate) fn held_question(query: Memo<Query>, total: Signal<Option<u64>>) -> AnyView {
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
    let asked = move || {
        let connection = about.get()?;
        let number = total.get().filter(|number| *number > 0)?;
        let name = console.name_of(&connection);
        let answer = |label: String, side: Side| {
            let connection = connection.clone();
            let go = move |()| {
                let scope = Scope::Sets(query.get_untracked().sets);
                choose(console, connection.clone(), side, scope, || ());
            };
            Answer {
                label,
                confirmation: words::held_confirmation(side, &name, number),
                go: Callback::new(go),
            }
        };
        let answers = vec![
            answer(words::KEEP_HUB.to_owned(), Side::Hub),
            answer(words::take_from(&name), Side::Remote),
        ];
        Some((words::held_question_of_all(&name, number), answers))
    };
    question(asked)
}
