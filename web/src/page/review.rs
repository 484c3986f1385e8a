//! Changes that are reviewed before they are sent: approved, rejected, or decided about once more.

use crate::{
    client,
    page::held::{Answer, question},
    query::Query,
    state::{Console, Tone, console},
    words::{self, Word},
};
use leptos::{prelude::*, task::spawn_local};
use serde_json::{Value, json};
use shared::{
    api::{Equivalence, Review},
    ids::{ConnectionId, ItemId, Kind},
    policy::SendMode,
    set::{self, Pending},
};

/// What is said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Say {
    Approve,
    Reject,
    Reconsider,
}

impl Say {
    /// Its name in addresses.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Reconsider => "reconsider",
        }
    }
}

/// Says it of what `about` names; `then` is run when the daemon took it.
pub(crate) fn decide(
    console: Console,
    connection: ConnectionId,
    say: Say,
    about: Value,
    then: impl FnOnce() + 'static,
) {
    spawn_local(async move {
        let address = format!("/api/v1/connections/{connection}/pending/{}", say.verb());
        match client::post::<Value>(&address, Some(about.to_string())).await {
            Ok(decided) => {
                let differ = decided["differ"].as_array().map_or(0, Vec::len);
                let text = words::decided(say, decided["items"].as_u64().unwrap_or(0), differ);
                // A dialog shows by itself what became of it.
                if differ > 0 || console.dialog.read_untracked().is_none() {
                    console.say(if differ > 0 { Tone::Bad } else { Tone::Good }, text);
                }
                then();
            }
            Err(failure) => console.say(Tone::Bad, failure.message()),
        }
    });
}

/// The question about everything in a list, where the list is one of changes that are reviewed.
pub(crate) fn review_question(query: Memo<Query>, total: Signal<Option<u64>>) -> AnyView {
    let console = console();
    let about = Memo::new(move |_| {
        let query = query.read();
        let place = query.sets.iter().find_map(|set| match set.parse::<set::Set>() {
            Ok(set::Set::Pending {
                what: Pending::Creates | Pending::Updates,
                at,
            }) => ConnectionId::parse(&at).ok(),
            Ok(_) | Err(_) => None,
        })?;
        let connections = console.connections.read();
        let known = connections.iter().flatten().find(|known| known.id == place)?;
        (known.send == SendMode::Review).then_some(place)
    });
    let asked = move || {
        let connection = about.get()?;
        let number = total.get().filter(|number| *number > 0)?;
        let name = console.name_of(&connection);
        let answer = |label: Word, say: Say| {
            let connection = connection.clone();
            let go = move |()| {
                let Query { kind, sets, text } = query.get_untracked();
                let about = json!({"sets": sets, "kind": kind.name(), "q": text});
                decide(console, connection.clone(), say, about, || ());
            };
            Answer {
                label: label.to_owned(),
                confirmation: words::decide_confirmation(say, number, &name),
                go: Callback::new(go),
            }
        };
        let answers = vec![
            answer(words::APPROVE_ALL, Say::Approve),
            answer(words::REJECT_ALL, Say::Reject),
        ];
        Some((words::review_question_of_all(&name, number), answers))
    };
    question(asked)
}

/// What waits for an approval of one item at one connection, and what was decided against.
pub(crate) fn of_item(item: ItemId, here: &Equivalence, reload: Callback<()>) -> Option<AnyView> {
    let console = console();
    let rejected: Vec<String> = here
        .rejected
        .iter()
        .map(|change| words::path(&change.path))
        .collect();
    let name = untrack(|| console.name_of(&here.connection));
    let says: &[(Word, Say)] = match here.review {
        Some(Review::Waiting) => &[(words::APPROVE, Say::Approve), (words::REJECT, Say::Reject)],
        Some(Review::Approved) => &[(words::RECONSIDER, Say::Reconsider)],
        None if !rejected.is_empty() => &[(words::RECONSIDER, Say::Reconsider)],
        None => return None,
    };
    let buttons = says.iter().map(|(label, say)| {
        let (say, connection) = (*say, here.connection.clone());
        let press = move |_| {
            let about = json!({"items": [item]});
            decide(console, connection.clone(), say, about, move || {
                reload.try_run(());
            });
        };
        view! { <button class="small button" data-say=say.verb() on:click=press>{*label}</button> }
    });
    Some(
        view! {
            <section class="question review" data-review=here.connection.to_string()>
                <p>{words::review_of_item(&name, here.review, &rejected)}</p>
                <div>{buttons.collect_view()}</div>
            </section>
        }
        .into_any(),
    )
}

/// Only products have first meetings; what waits is reviewed of both.
pub(crate) fn questions(kind: Kind, query: Memo<Query>, total: Signal<Option<u64>>) -> AnyView {
    let held = (kind == Kind::Products).then(|| crate::page::held::held_question(query, total));
    (held, review_question(query, total)).into_any()
}
