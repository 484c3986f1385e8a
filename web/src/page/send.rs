//! Before anything is written: what, and how much. Afterwards: what happened.

use crate::{
    client::{self, Failure},
    query::address_of,
    state::console,
    view::{
        empty::failed,
        mark::glyph,
        modal::{self, Modal},
    },
    words,
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    api::{List, PendingItem},
    ids::{ConnectionId, JobId, Kind},
    job::{JobKind, JobStatus},
    money::Currency,
};

/// Lines shown at once; the rest is counted.
const SHOWN: usize = 100;
/// Changes of one product shown at once.
const CHANGES: usize = 6;

#[component]
pub(crate) fn Send(id: ConnectionId) -> impl IntoView {
    let console = console();
    let connection = console.connection(id.clone());
    let pending = RwSignal::new(None::<Result<List<PendingItem>, Failure>>);
    let address = format!("/api/v1/connections/{id}/pending?limit={SHOWN}");
    let read = move || {
        let address = address.clone();
        spawn_local(async move { pending.set(Some(client::get(&address).await)) });
    };
    read();

    // What the dialog was opened about stays in its title while the job works it off.
    let sent = RwSignal::new(None::<JobId>);
    let queued = Memo::new(move |before: Option<&shared::api::Queued>| match before {
        Some(before) if sent.get().is_some() => *before,
        _ => connection
            .read()
            .as_ref()
            .map(|connection| connection.queued)
            .unwrap_or_default(),
    });
    let name = Memo::new(move |_| {
        connection
            .read()
            .as_ref()
            .map(|connection| connection.name.clone())
            .unwrap_or_default()
    });
    let title = Signal::derive(move || words::send_title(&queued.get(), &name.get()));
    let job = Memo::new(move |_| {
        let id = sent.get()?;
        console
            .jobs
            .read()
            .iter()
            .flatten()
            .find(|job| job.id == id)
            .cloned()
    });
    let id = StoredValue::new(id);
    let asking = RwSignal::new(false);
    let start = move |_| {
        asking.set(true);
        spawn_local(async move {
            sent.set(console.run(&id.get_value(), JobKind::Send).await);
            asking.set(false);
        });
    };

    let currency = move || {
        let connection = connection.read_untracked();
        connection.as_ref().map(|connection| connection.currency)
    };
    let list = move || match pending.get() {
        None => view! { <p class="none" aria-busy="true">{words::READING}</p> }.into_any(),
        Some(Err(failure)) => failed(&failure, read.clone()),
        Some(Ok(list)) => lines(list, &name.get_untracked(), currency()),
    };
    let nothing = move || queued.get().total() == 0;
    let footer = move || match job.get() {
        Some(job) => {
            let over = job.status.is_over();
            let class = match job.status {
                JobStatus::Done if job.outcome.failed == 0 => "told good",
                JobStatus::Done | JobStatus::Failed | JobStatus::Halted => "told bad",
                JobStatus::Queued | JobStatus::Running | JobStatus::Cancelled => "told",
            };
            view! {
                <p class=class role="status">
                    {words::job_sentence(&job)}
                </p>
                <button class=if over { "button primary" } else { "button" } on:click=move |_| modal::close()>
                    {if over { words::DONE } else { words::CLOSE }}
                </button>
            }
            .into_any()
        }
        None => view! {
            <p class="told">{words::SEND_PROMISE}</p>
            <button class="button" on:click=move |_| modal::close()>
                {words::CANCEL}
            </button>
            <button class="button primary" disabled=move || nothing() || asking.get() on:click=start>
                {move || words::send_button(queued.get().total())}
            </button>
        }
        .into_any(),
    };
    view! {
        <Modal title=title size="wide">
            <div class="body">{list}</div>
            <footer>{footer}</footer>
        </Modal>
    }
}

fn lines(list: List<PendingItem>, place: &str, currency: Option<Currency>) -> AnyView {
    let List {
        items,
        total,
        next: _,
    } = list;
    if items.is_empty() {
        return view! { <p class="none">{words::NOTHING_TO_SEND}</p> }.into_any();
    }
    let more = total.saturating_sub(u64::try_from(items.len()).unwrap_or(u64::MAX));
    let lines = items
        .into_iter()
        .map(|item| line(item, place, currency))
        .collect_view();
    view! {
        <ul class="pending">{lines}</ul>
        {(more > 0).then(|| view! { <p class="none">{words::and_more(more)}</p> })}
    }
    .into_any()
}

/// A change as it is told.
#[derive(PartialEq)]
struct Told {
    path: String,
    old: Option<String>,
    new: Option<String>,
    why: String,
}

fn line(item: PendingItem, place: &str, currency: Option<Currency>) -> AnyView {
    let why = words::why_item(&item);
    let PendingItem {
        kind,
        item,
        title,
        mark,
        changes,
        why: _,
        review: _,
        digest: _,
    } = item;
    // Variants often change alike; they are told once, with their number.
    let mut alike: Vec<(Told, usize)> = Vec::new();
    for change in &changes {
        let told = Told {
            path: words::path(&change.path),
            old: words::value(&change.path, &change.old, currency),
            new: words::value(&change.path, &change.new, currency),
            why: words::why(&change.why),
        };
        match alike.iter_mut().find(|(known, _)| *known == told) {
            Some((_, times)) => *times += 1,
            None => alike.push((told, 1)),
        }
    }
    let more = alike.len().saturating_sub(CHANGES);
    let changed = alike.into_iter().take(CHANGES).map(|(told, times)| {
        let Told { path, old, new, why } = told;
        view! {
            <li title=why>
                <span class="path">{path}</span>
                {old.map(|old| view! { <del>{old}</del> })}
                {new.map(|new| view! { <ins>{new}</ins> })}
                {(times > 1).then(|| view! { <span class="times">{words::times(times)}</span> })}
            </li>
        }
    });
    let rest = (more > 0)
        .then(|| view! { <li class="times">{words::and_more(u64::try_from(more).unwrap_or(u64::MAX))}</li> });
    let details = (mark != shared::mark::Mark::Create)
        .then(|| view! { <ul class="changes">{changed.collect_view()} {rest}</ul> });
    view! {
        <li>
            {glyph(mark, place)}
            <div>
                <a href=address_of(kind, item) on:click=move |_| modal::close()>
                    {match kind {
                        Kind::Products => words::or_untitled(title),
                        Kind::Orders => words::order_named(&title),
                    }}
                </a>
                <span class="why">{why}</span>
                {details}
            </div>
        </li>
    }
    .into_any()
}
