//! What went wrong or needs a person, and what to do about it.

use crate::{
    client::{self, Failure},
    format,
    here::here,
    query::{address_of, encode, listed, parameter},
    state::console,
    view::{
        empty::{empty, failed},
        icon::{Icon, icon},
    },
    words,
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    api::{Issue, List},
    ids::{IssueId, Kind},
    issue::Severity,
};
use std::time::Duration;

/// Issues shown at once.
const SHOWN: usize = 200;
/// Changes that arrive within this time are shown together.
const GATHER: Duration = Duration::from_millis(400);

#[component]
pub(crate) fn Issues() -> impl IntoView {
    let console = console();
    document().set_title(&words::title(&words::ISSUES));
    let here = here();
    let of_connection = Memo::new(move |_| parameter(&here.search.read(), "connection"));
    let issues = RwSignal::new(None::<List<Issue>>);
    let failure = RwSignal::new(None::<Failure>);
    let load = move || {
        // The page may have been left, or show others, when a timer or an answer comes.
        let Some(asked) = of_connection.try_get_untracked() else {
            return;
        };
        let filter = asked.as_ref().map(|id| format!("&connection={}", encode(id)));
        let address = format!("/api/v1/issues?limit={SHOWN}{}", filter.unwrap_or_default());
        spawn_local(async move {
            let answer = client::get::<List<Issue>>(&address).await;
            if of_connection.try_get_untracked() != Some(asked) {
                return;
            }
            match answer {
                Ok(list) => {
                    failure.set(None);
                    issues.set(Some(list));
                }
                Err(reason) => failure.set(Some(reason)),
            }
        });
    };
    let gathering = StoredValue::new(false);
    Effect::new(move |seen: Option<Option<String>>| {
        console.issues_changed.track();
        let of = of_connection.get();
        if seen.is_none_or(|seen| seen != of) {
            load();
        } else if !gathering.get_value() {
            gathering.set_value(true);
            let reload = move || {
                gathering.set_value(false);
                load();
            };
            set_timeout(reload, GATHER);
        }
        of
    });
    let ids = Memo::new(move |_| {
        issues
            .read()
            .as_ref()
            .map(|list| list.items.iter().map(|issue| issue.id).collect::<Vec<_>>())
    });
    let body = move || match (ids.get(), failure.get()) {
        (None, Some(reason)) => failed(&reason, load),
        (None, None) => ().into_any(),
        (Some(ids), _) if ids.is_empty() => empty(Icon::Check, words::NO_ISSUES, words::NO_ISSUES_TEXT),
        (Some(_), _) => view! { <IssueList ids=ids issues=issues /> }.into_any(),
    };
    view! {
        <div class="page">
            <header class="headline">
                <h1>{words::ISSUES}</h1>
                <p class="totals">
                    {move || issues.read().as_ref().map(|list| words::open_issues(list.total))}
                    {move || {
                        of_connection
                            .get()
                            .map(|id| {
                                view! {
                                    <a class="chip" href="/issues" title=words::SHOW_ALL>
                                        <span>{console.name_of_text(&id)}</span>
                                        {icon(Icon::Close)}
                                    </a>
                                }
                            })
                    }}
                </p>
            </header>
            {body}
        </div>
    }
}

#[component]
fn IssueList(ids: Memo<Option<Vec<IssueId>>>, issues: RwSignal<Option<List<Issue>>>) -> impl IntoView {
    let find = move |id: IssueId| {
        let issues = issues.read_untracked();
        issues
            .as_ref()?
            .items
            .iter()
            .find(|issue| issue.id == id)
            .cloned()
    };
    view! {
        <ul class="issues">
            <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                {find(id).map(one)}
            </For>
        </ul>
    }
}

fn one(issue: Issue) -> impl IntoView {
    let console = console();
    let Issue {
        id: _,
        code,
        severity,
        connection,
        kind,
        item,
        path,
        message,
        action,
        at,
    } = issue;
    let (class, name) = match severity {
        Severity::Error => ("issue bad", words::SEVERITY_ERROR),
        Severity::Warning => ("issue warning", words::SEVERITY_WARNING),
        Severity::Notice => ("issue notice", words::SEVERITY_NOTICE),
    };
    let place = connection.map(|connection| {
        let there = listed(kind.unwrap_or(Kind::Products), format!("on:{connection}"));
        view! { <a href=there>{move || console.name_of(&connection)}</a> }
    });
    view! {
        <li class=class data-row tabindex="-1">
            <span class="severity" role="img" aria-label=name title=name>
                {icon(Icon::Alert)}
            </span>
            <div>
                <p class="message" lang=words::told_in()>{message}</p>
                <p class="action">{words::action(code, action)}</p>
                <p class="about">
                    {place}
                    {item.zip(kind).map(|(item, kind)| view! { <a href=address_of(kind, item)>{words::of(kind).show}</a> })}
                    {path.map(|path| view! { <span>{words::path(&path)}</span> })}
                    <time title=format::exact(at)>{move || format::ago(at, console.now.get())}</time>
                </p>
            </div>
        </li>
    }
}
