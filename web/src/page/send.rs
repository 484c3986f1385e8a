//! Before anything is written: what, and how much. Afterwards: what happened.

use crate::{
    client::{self, Failure},
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
    ids::{ConnectionId, JobId},
    job::{JobKind, JobStatus},
};

/// Lines shown at once; the rest is counted.
const SHOWN: usize = 100;

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

    let list = move || match pending.get() {
        None => view! { <p class="none" aria-busy="true">{words::READING}</p> }.into_any(),
        Some(Err(failure)) => failed(&failure, read.clone()),
        Some(Ok(list)) => lines(list, &name.get_untracked()),
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

fn lines(list: List<PendingItem>, place: &str) -> AnyView {
    let List {
        items,
        total,
        next: _,
    } = list;
    if items.is_empty() {
        return view! { <p class="none">{words::NOTHING_TO_SEND}</p> }.into_any();
    }
    let more = total.saturating_sub(u64::try_from(items.len()).unwrap_or(u64::MAX));
    let lines = items.into_iter().map(|item| line(item, place)).collect_view();
    view! {
        <ul class="pending">{lines}</ul>
        {(more > 0).then(|| view! { <p class="none">{words::and_more(more)}</p> })}
    }
    .into_any()
}

fn line(item: PendingItem, place: &str) -> AnyView {
    let PendingItem {
        kind: _,
        item,
        title,
        mark,
        changes,
        why,
    } = item;
    let changed = changes.into_iter().take(6).map(|change| {
        view! {
            <li>
                <span class="path">{words::path(&change.path)}</span>
                {words::value(&change.path, &change.old, None).map(|old| view! { <del>{old}</del> })}
                {words::value(&change.path, &change.new, None).map(|new| view! { <ins>{new}</ins> })}
            </li>
        }
    });
    let details = (mark != shared::mark::Mark::Create)
        .then(|| view! { <ul class="changes">{changed.collect_view()}</ul> });
    view! {
        <li>
            {glyph(mark, place)}
            <div>
                <a href=format!("/products/{item}") on:click=move |_| modal::close()>
                    {words::or_untitled(title)}
                </a>
                <span class="why">{why}</span>
                {details}
            </div>
        </li>
    }
    .into_any()
}
