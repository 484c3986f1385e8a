//! How a connection is reached: its name and the keys of its `[remote]` table, as its platform describes them.

use super::form::Form;
use crate::{
    client::{self, Failure},
    state::console,
    words,
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    api::{Check, List, Platform, RemoteKey},
    ids::ConnectionId,
};

#[component]
pub(super) fn Remote(id: ConnectionId, form: Form) -> impl IntoView {
    let console = console();
    let platform = console
        .connection(id.clone())
        .read_untracked()
        .as_ref()
        .map(|known| known.platform.clone());
    let keys = RwSignal::new(None::<Vec<RemoteKey>>);
    spawn_local(async move {
        if let Ok(list) = client::get::<List<Platform>>("/api/v1/platforms").await {
            let own = list
                .items
                .into_iter()
                .find(|one| Some(&one.name) == platform.as_ref());
            keys.set(own.map(|own| own.remote));
        }
    });
    let checked = RwSignal::new(None::<Result<Check, Failure>>);
    let checking = RwSignal::new(false);
    let id = StoredValue::new(id);
    let check = move |_| {
        checking.set(true);
        checked.set(None);
        spawn_local(async move {
            let address = format!("/api/v1/connections/{}/check", id.get_value());
            checked.set(Some(client::post(&address, None).await));
            checking.set(false);
        });
    };
    let told = move || {
        let (class, text) = match checked.get() {
            None if checking.get() => ("told", words::CHECKING.to_owned()),
            None => ("told", words::CHECK_ABOUT.to_owned()),
            Some(Ok(Check { ok: true, message })) => ("told good", message),
            Some(Ok(Check { ok: false, message })) => ("told bad", message),
            Some(Err(failure)) => ("told bad", failure.message()),
        };
        view! { <p class=class role="status">{text}</p> }
    };
    let rows = move || {
        let keys = keys.get()?;
        let (shown, others): (Vec<_>, Vec<_>) = keys
            .into_iter()
            .partition(|key| !matches!(key.r#type.as_str(), "table"));
        let others: Vec<String> = others.into_iter().map(|key| key.name).collect();
        Some(view! {
            <div lang=words::told_in()>{shown.into_iter().map(|key| row(form, key)).collect_view()}</div>
            {(!others.is_empty()).then(|| view! { <p class="quietly">{words::more_in_the_file(&others)}</p> })}
        })
    };
    view! {
        {form.text("name", words::SET_NAME, words::SET_NAME_ABOUT, "")}
        {rows}
        <div class="clock check">
            {told}
            <button type="button" class="small button" disabled=checking on:click=check>
                {words::CHECK}
            </button>
        </div>
    }
}

fn row(form: Form, key: RemoteKey) -> AnyView {
    let RemoteKey {
        name,
        r#type,
        required: _,
        default,
        choices,
        description,
        keys: _,
    } = key;
    let path = format!("remote.{name}");
    let label = words::remote_key(&name);
    let default = default.unwrap_or_default();
    match r#type.as_str() {
        "secret" => form.secret(path, label, description),
        "number" => form.number(path, label, description, default),
        "list" => form.list(path, label, description, choices.join(", ")),
        "choice" => {
            let unset = words::by_default(&default);
            let choices: Vec<(&str, &str)> = std::iter::once(("", unset.as_str()))
                .chain(choices.iter().map(|choice| (choice.as_str(), choice.as_str())))
                .collect();
            form.choice(&path, label, description, &choices)
        }
        _ => form.text(path, label, description, default),
    }
}
