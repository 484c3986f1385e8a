//! Before anything is written: what, and how much. Afterwards: what happened.

use crate::{
    client::{self, Failure},
    page::review::{Say, decide},
    query::address_of,
    state::console,
    view::{
        empty::failed,
        icon::{Icon, icon},
        mark::glyph,
        modal::{self, Modal},
    },
    words::{self, Word},
};
use leptos::{prelude::*, task::spawn_local};
use serde_json::{Value, json};
use shared::{
    api::{PendingItem, PendingList, Review},
    ids::{ConnectionId, ItemId, JobId, Kind},
    job::{Job, JobKind, JobStatus},
    money::Currency,
    policy::SendMode,
};

/// Lines shown at once; the rest is counted.
const SHOWN: usize = 100;
/// Changes of one product shown at once.
const CHANGES: usize = 6;

#[component]
pub(crate) fn Send(id: ConnectionId) -> impl IntoView {
    let console = console();
    let connection = console.connection(id.clone());
    let pending = RwSignal::new(None::<Result<PendingList, Failure>>);
    let address = format!("/api/v1/connections/{id}/pending?limit={SHOWN}");
    let read = move || {
        let address = address.clone();
        spawn_local(async move {
            let answer = client::get(&address).await;
            // The dialog may be closed by now.
            if pending.try_get_untracked().is_some() {
                pending.set(Some(answer));
            }
        });
    };
    let read = Callback::new(move |()| read());

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
    let over = Memo::new(move |_| job.read().as_ref().is_some_and(|job| job.status.is_over()));
    // Read when it opens, when something else comes to wait, and once more when the job is over.
    Effect::new(move || {
        queued.track();
        over.track();
        read.run(());
    });
    let id = StoredValue::new(id);
    let asking = RwSignal::new(false);
    let start = move || {
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
    let say = Callback::new(move |(say, about): (Say, Value)| {
        decide(console, id.get_value(), say, about, move || {
            read.try_run(());
        });
    });
    let list = move || match pending.get() {
        None => view! { <p class="none" aria-busy="true">{words::READING}</p> }.into_any(),
        Some(Err(failure)) => failed(&failure, move || read.run(())),
        Some(Ok(list)) => lines(list, &name.get_untracked(), currency(), say),
    };
    let reviewed = Memo::new(move |_| {
        let connection = connection.read();
        connection
            .as_ref()
            .is_some_and(|connection| connection.send == SendMode::Review)
    });
    let standing = Memo::new(move |_| match pending.read().as_ref() {
        Some(Ok(list)) => Standing::of(list, reviewed.get()),
        // Not read yet: where nothing is reviewed, all that is counted may be sent.
        Some(Err(_)) | None => Standing {
            ready: if reviewed.get() { 0 } else { queued.get().total() },
            ..Standing::default()
        },
    });
    let bar = move || {
        let Standing {
            waiting, approved, ..
        } = standing.get();
        (reviewed.get() || waiting + approved > 0).then(|| review_bar(pending, standing, say))
    };
    let footer = move || footer(job.get(), standing, asking, Callback::new(move |()| start()));
    view! {
        <Modal title=title size="wide">
            {bar}
            <div class="body">{list}</div>
            <footer>{footer}</footer>
        </Modal>
    }
}

/// What a send would do, and the button for it; then what became of it.
fn footer(
    job: Option<Job>,
    standing: Memo<Standing>,
    asking: RwSignal<bool>,
    start: Callback<()>,
) -> AnyView {
    let Some(job) = job else {
        return ask(standing, asking, start);
    };
    let over = job.status.is_over();
    let waiting = standing.get().waiting;
    let class = match job.status {
        JobStatus::Done if job.outcome.failed == 0 => "told good",
        JobStatus::Done | JobStatus::Failed | JobStatus::Halted => "told bad",
        JobStatus::Queued | JobStatus::Running | JobStatus::Cancelled => "told",
    };
    view! {
        <p class=class role="status">
            {words::job_sentence(&job)}
            {(over && waiting > 0).then(|| words::and_still_waiting(waiting))}
        </p>
        <button class=if over { "button primary" } else { "button" } on:click=move |_| modal::close()>
            {if over { words::DONE } else { words::CLOSE }}
        </button>
    }
    .into_any()
}

/// The button that sends what may be sent, and what it does.
fn ask(standing: Memo<Standing>, asking: RwSignal<bool>, start: Callback<()>) -> AnyView {
    let told = move || {
        let Standing { ready, waiting, .. } = standing.get();
        if ready == 0 && waiting > 0 {
            words::APPROVE_FIRST.text()
        } else {
            words::SEND_PROMISE.text()
        }
    };
    view! {
        <p class="told">{told}</p>
        <button class="button" on:click=move |_| modal::close()>
            {words::CANCEL}
        </button>
        <button
            class="button primary"
            disabled=move || standing.get().ready == 0 || asking.get()
            on:click=move |_| start.run(())
        >
            {move || words::send_button(standing.get().ready)}
        </button>
    }
    .into_any()
}

/// How much of what is pending may be sent, and how much waits for an approval.
#[derive(Clone, Copy, Default, PartialEq)]
struct Standing {
    /// `ready` would be written now.
    ready: u64,
    waiting: u64,
    approved: u64,
}

impl Standing {
    fn of(list: &PendingList, reviewed: bool) -> Self {
        let PendingList {
            total,
            waiting,
            approved,
            ..
        } = *list;
        // Of a long list only its beginning is looked through: the rest of what is reviewed counts as waiting.
        let ready = if reviewed {
            approved
        } else {
            total.saturating_sub(waiting)
        };
        Self {
            ready,
            waiting: if reviewed {
                total.saturating_sub(approved)
            } else {
                waiting
            },
            approved,
        }
    }
}

/// What waits for an approval, and the decision about all of it.
fn review_bar(
    pending: RwSignal<Option<Result<PendingList, Failure>>>,
    standing: Memo<Standing>,
    say: Callback<(Say, Value)>,
) -> AnyView {
    let button = move |label: Word, what: Say, idle: fn(Standing) -> bool| {
        let press = move |_| {
            let mut about = json!({"all": true});
            if let Some(Ok(list)) = pending.read_untracked().as_ref()
                && what != Say::Reconsider
            {
                // What is not as it was shown here is left alone.
                let shown = list
                    .items
                    .iter()
                    .map(|item| (item.item.to_string(), json!(item.digest)));
                about["shown"] = Value::Object(shown.collect());
            }
            say.run((what, about));
        };
        view! {
            <button class="small button" data-say-all=what.verb() disabled=move || idle(standing.get()) on:click=press>
                {label}
            </button>
        }
    };
    view! {
        <section class="question review">
            <p role="status">{move || words::review_standing(standing.get().waiting, standing.get().approved)}</p>
            <div>
                {button(words::APPROVE_ALL, Say::Approve, |standing| standing.waiting == 0)}
                {button(words::REJECT_ALL, Say::Reject, |standing| standing.waiting + standing.approved == 0)}
                {button(words::RECONSIDER_ALL, Say::Reconsider, |_| false)}
            </div>
        </section>
    }
    .into_any()
}

fn lines(list: PendingList, place: &str, currency: Option<Currency>, say: Callback<(Say, Value)>) -> AnyView {
    let PendingList { items, total, .. } = list;
    if items.is_empty() {
        return view! { <p class="none">{words::NOTHING_TO_SEND}</p> }.into_any();
    }
    let more = total.saturating_sub(u64::try_from(items.len()).unwrap_or(u64::MAX));
    let lines = items
        .into_iter()
        .map(|item| line(item, place, currency, Some(say)))
        .collect_view();
    view! {
        <ul class="pending">{lines}</ul>
        {(more > 0).then(|| view! { <p class="none">{words::and_more(more)}</p> })}
    }
    .into_any()
}

/// What can be said of one line that is reviewed.
fn decisions(item: ItemId, digest: &str, review: Review, say: Callback<(Say, Value)>) -> AnyView {
    let button = |label: Word, what: Say| {
        let id = item.to_string();
        let about = json!({"items": [id], "shown": {(id.as_str()): digest}});
        let press = move |_| say.run((what, about.clone()));
        view! { <button class="small quiet" data-say=what.verb() on:click=press>{label}</button> }
    };
    match review {
        Review::Waiting => view! {
            <span class="decisions">
                {button(words::APPROVE, Say::Approve)} {button(words::REJECT, Say::Reject)}
            </span>
        }
        .into_any(),
        Review::Approved => view! {
            <span class="decisions">
                <span class="approved">{icon(Icon::Check)} {words::APPROVED}</span>
                {button(words::RECONSIDER, Say::Reconsider)}
            </span>
        }
        .into_any(),
    }
}

/// A change as it is told.
#[derive(PartialEq)]
struct Told {
    path: String,
    old: Option<String>,
    new: Option<String>,
    why: String,
}

/// One product or order, and what changes of it.
pub(crate) fn line(
    item: PendingItem,
    place: &str,
    currency: Option<Currency>,
    say: Option<Callback<(Say, Value)>>,
) -> AnyView {
    let why = words::why_item(&item);
    let PendingItem {
        kind,
        item,
        title,
        mark,
        changes,
        why: _,
        review,
        digest,
    } = item;
    let decisions = review
        .zip(say)
        .map(|(review, say)| decisions(item, &digest, review, say));
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
            {decisions}
        </li>
    }
    .into_any()
}
