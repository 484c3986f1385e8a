//! Jobs: what runs, what waits, and what became of the rest.

use crate::{
    format,
    state::{Console, Dialog, console},
    view::{
        empty::{empty, failed},
        icon::{Icon, icon},
    },
    words::{self, Word},
};
use leptos::prelude::*;
use shared::{
    api,
    ids::JobId,
    job::{Job, JobKind, JobStatus},
};

#[component]
pub(crate) fn Jobs() -> impl IntoView {
    let console = console();
    document().set_title(&words::title(&words::JOBS));
    let ids = move |of: fn(JobStatus) -> bool| {
        Memo::new(move |_| {
            let jobs = console.jobs.read();
            jobs.iter()
                .flatten()
                .filter(|job| of(job.status))
                .map(|job| job.id)
                .collect::<Vec<_>>()
        })
    };
    let running = ids(|status| matches!(status, JobStatus::Running | JobStatus::Halted));
    let waiting = ids(|status| status == JobStatus::Queued);
    let past = ids(JobStatus::is_over);
    let known = Memo::new(move |_| console.jobs.read().as_ref().map(Vec::len));
    let body = move || match known.get() {
        None => match console.failure.get() {
            Some(failure) => failed(&failure, move || console.reload()),
            None => ().into_any(),
        },
        Some(0) => empty(Icon::Jobs, words::NO_JOBS, words::NO_JOBS_TEXT),
        Some(_) => view! {
            <Section name=words::JOBS_RUNNING none=words::JOBS_RUNNING_NONE ids=running />
            <Section name=words::JOBS_WAITING none=words::JOBS_WAITING_NONE ids=waiting />
            <Section name=words::JOBS_PAST none=words::JOBS_PAST_NONE ids=past />
        }
        .into_any(),
    };
    view! {
        <div class="page">
            <header class="headline">
                <h1>{words::JOBS}</h1>
                <p class="totals">{words::JOBS_ABOUT}</p>
            </header>
            {body}
        </div>
    }
}

#[component]
fn Section(name: Word, none: Word, ids: Memo<Vec<JobId>>) -> impl IntoView {
    view! {
        <section class="jobs">
            <h2>{name}</h2>
            <ul>
                <For each=move || ids.get() key=|id| *id let:id>
                    <JobLine id=id />
                </For>
            </ul>
            {move || ids.read().is_empty().then(|| view! { <p class="none">{none}</p> })}
        </section>
    }
}

#[component]
fn JobLine(id: JobId) -> impl IntoView {
    let console = console();
    let job = console.job(id);
    let status = Memo::new(move |_| job.read().as_ref().map(|job| job.status));
    let class = move || format!("job {}", status.get().map(words::status_slug).unwrap_or_default());
    let said = move |of: fn(&Job) -> String| move || job.read().as_ref().map(of).unwrap_or_default();
    // Why it stopped, the daemon says.
    let told_in = move || {
        let stopped = matches!(status.get()?, JobStatus::Halted | JobStatus::Failed);
        words::told_in().filter(|_| stopped)
    };
    let when = move || {
        let job = job.read();
        let job = job.as_ref()?;
        let at = job.finished_at.or(job.started_at).unwrap_or(job.queued_at);
        Some((format::exact(at), format::ago(at, console.now.get())))
    };
    let name = move || {
        let job = job.read();
        job.as_ref().map(|job| console.name_of(&job.connection))
    };
    let button = move |name: Word, class: &'static str, verb: &'static str| {
        view! { <button class=class on:click=move |_| ask(console, id, verb)>{name}</button> }
    };
    view! {
        <li class=class data-row tabindex="-1" data-job-id=id.to_string()>
            {move || job.read().as_ref().map(|job| kind_icon(job.kind))}
            <div class="what">
                <p>
                    <button
                        class="plain"
                        data-dialog="job"
                        on:click=move |_| console.dialog.set(Some(Dialog::Job(id)))
                    >
                        <b>{said(|job| words::job_kind(job.kind).to_owned())}</b>
                        " "
                        {name}
                    </button>
                    <span class="trigger">{said(|job| words::trigger(job.trigger).to_owned())}</span>
                </p>
                <p class="outcome" lang=told_in>{said(words::job_sentence)}</p>
            </div>
            <span class="status">{move || status.get().map(words::status)}</span>
            <time title=move || when().map(|when| when.0)>{move || when().map(|when| when.1)}</time>
            <span class="remedies">
                {move || {
                    let status = status.get()?;
                    let confirm = (status == JobStatus::Halted)
                        .then(|| button(words::CONFIRM, "small button", "confirm"));
                    (!status.is_over())
                        .then(|| view! { {confirm} {button(words::CANCEL, "small quiet", "cancel")} })
                }}
            </span>
        </li>
    }
}

pub(crate) fn kind_icon(kind: JobKind) -> AnyView {
    icon(match kind {
        JobKind::Fetch => Icon::Fetch,
        JobKind::Send => Icon::Send,
        JobKind::Sync => Icon::Sync,
        JobKind::Maintenance => Icon::Settings,
    })
    .into_any()
}

/// Asks for something to be done about a job.
pub(crate) fn ask(console: Console, id: JobId, verb: &'static str) {
    console.tell(format!("{}/{verb}", api::job_address(id)));
}
