//! One job: how far it is, what it did, what a guard saw, and how a send is undone.

use crate::{
    client::{self, Failure},
    format,
    page::{jobs::ask, send},
    state::{Console, Dialog, Tone, console},
    view::{empty::failed, modal::Modal},
    words::{self, Word},
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    api::{self, Undoing, Undone},
    ids::{ConnectionId, JobId},
    job::{Finding, Found, Job, JobKind, JobStatus, Phase},
};

#[component]
pub(crate) fn JobDialog(id: JobId) -> impl IntoView {
    let console = console();
    let job = console.job(id);
    let title = Signal::derive(move || {
        let job = job.read();
        job.as_ref()
            .map(|job| words::job_of(job.kind, &console.name_of(&job.connection)))
            .unwrap_or_default()
    });
    let undoing = RwSignal::new(None::<Result<Undoing, Failure>>);
    let undo = Callback::new(move |()| {
        spawn_local(async move {
            let answer = client::get(&format!("{}/undo", api::job_address(id))).await;
            undoing.set(Some(answer));
        });
    });
    let body = move || match undoing.get() {
        None => job.get().map(|job| told(&job)).into_any(),
        Some(Err(failure)) => failed(&failure, move || undo.run(())),
        Some(Ok(undoing)) => {
            let place = title.get_untracked();
            view! {
                <p class="verdict">{words::undo_would(&undoing.would)}</p>
                <ul class="pending">
                    {undoing.items.into_iter().map(|item| send::line(item, &place, None, None)).collect_view()}
                </ul>
            }
            .into_any()
        }
    };
    let footer = move || {
        let job = job.get()?;
        let would = undoing.get();
        Some(match would {
            Some(Ok(Undoing { would, .. })) => confirm_undo(console, &job, would, undoing),
            Some(Err(_)) | None => remedies(console, &job, undo),
        })
    };
    view! {
        <Modal title=title size="wide">
            <div class="body">{body}</div>
            <footer>{footer}</footer>
        </Modal>
    }
}

/// Everything that is known of it.
fn told(job: &Job) -> AnyView {
    let console = console();
    let halted = (job.status == JobStatus::Halted).then_some(words::GUARD_SAW);
    let class = match job.status {
        JobStatus::Halted | JobStatus::Failed => "verdict bad",
        _ if job.outcome.failed > 0 => "verdict bad",
        _ => "verdict",
    };
    let outcome = &job.outcome;
    let figures = [
        (words::FIGURE_READ, outcome.scanned),
        (words::FIGURE_NEW, outcome.new),
        (words::FIGURE_CHANGED, outcome.changed),
        (words::FIGURE_VANISHED, outcome.vanished),
        (words::FIGURE_CREATED, outcome.created),
        (words::FIGURE_UPDATED, outcome.updated),
        (words::FIGURE_REFUSED, outcome.failed),
        (words::FIGURE_ISSUES, outcome.issues),
    ];
    let figures = figures
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(name, number)| view! { <div><dt>{name}</dt><dd>{format::count(number)}</dd></div> }.into_any())
        .collect_view();
    let maintains = job.kind == JobKind::Maintenance;
    let times = [
        (words::ASKED_FOR, Some(job.queued_at)),
        (words::BEGAN, job.started_at),
        (words::ENDED, job.finished_at),
    ];
    let times = times.into_iter().filter_map(|(name, at)| {
        let at = at?;
        Some(view! {
            <div>
                <dt>{name}</dt>
                <dd title=format::exact(at)>{move || format::ago(at, console.now.get())}</dd>
            </div>
        })
    });
    view! {
        <p class=class role="status">
            {halted.map(|halted| view! { <b>{halted}</b> " " })}
            {words::job_sentence(job)}
        </p>
        {(!maintains).then(|| phases(job))}
        {bar(job)}
        {(!maintains).then(|| view! { <dl class="figures">{figures}</dl> })}
        {maintains.then(|| report(&job.report, job.status.is_over()))}
        <dl class="figures times">
            {times.collect_view()}
            {pace(job)}
        </dl>
    }
    .into_any()
}

/// How long it took, and how fast it was.
fn pace(job: &Job) -> Option<AnyView> {
    let (began, ended) = (job.started_at?, job.finished_at?);
    let seconds = ended.since(began).as_secs();
    let records = job.outcome.scanned + job.outcome.created + job.outcome.updated;
    let rate = records
        .checked_div(seconds)
        .filter(|rate| *rate > 0)
        .map(|rate| words::also(&words::per_second(rate)));
    Some(
        view! {
            <div>
                <dt>{words::TOOK}</dt>
                <dd>{format::span(seconds)} {rate}</dd>
            </div>
        }
        .into_any(),
    )
}

/// The phases that a job of its kind has, and where it is.
fn phases(job: &Job) -> AnyView {
    let all: &[Phase] = match job.kind {
        JobKind::Fetch => &[Phase::Scan, Phase::Analysis, Phase::Propagation],
        JobKind::Send => &[Phase::Send],
        JobKind::Sync => &[Phase::Scan, Phase::Analysis, Phase::Propagation, Phase::Send],
        JobKind::Maintenance => &[],
    };
    let at = all.iter().position(|phase| Some(*phase) == job.phase);
    let done = job.status == JobStatus::Done;
    let steps = all.iter().enumerate().map(|(number, phase)| {
        let (class, current) = match at {
            _ if done => ("passed", None),
            Some(at) if number < at => ("passed", None),
            Some(at) if number == at => ("now", Some("step")),
            _ => ("", None),
        };
        view! { <li class=class aria-current=current>{words::phase(*phase)}</li> }
    });
    view! { <ol class="phases">{steps.collect_view()}</ol> }.into_any()
}

/// How far the running phase is.
fn bar(job: &Job) -> Option<AnyView> {
    let total = job.progress.total.filter(|total| *total > 0)?;
    let part = job.progress.done.min(total) * 100 / total;
    (job.status == JobStatus::Running)
        .then(|| view! { <div class="track"><span style:width=format!("{part}%")></span></div> }.into_any())
}

/// What maintenance found.
pub(crate) fn report(findings: &[Finding], over: bool) -> AnyView {
    if findings.is_empty() {
        return over
            .then(|| view! { <p class="none">{words::NOTHING_FOUND}</p> })
            .into_any();
    }
    let lines = findings.iter().map(|finding| {
        let (class, name) = match finding.found {
            Found::Repaired => ("good", words::REPAIRED),
            Found::Open => ("bad", words::LEFT_OPEN),
        };
        view! {
            <li>
                <span class=format!("told {class}")>{name}</span>
                <span class="outcome">{words::finding(finding)}</span>
            </li>
        }
    });
    view! { <ul class="last-jobs report">{lines.collect_view()}</ul> }.into_any()
}

/// What can be done about it now.
fn remedies(console: Console, job: &Job, undo: Callback<()>) -> AnyView {
    let Job { id, kind, status, .. } = *job;
    let button = move |name: Word, class: &'static str, verb: &'static str| {
        view! { <button class=class on:click=move |_| ask(console, id, verb)>{name}</button> }.into_any()
    };
    let wrote = job.outcome.created + job.outcome.updated > 0;
    let mut buttons = Vec::new();
    match status {
        JobStatus::Halted => {
            buttons.push(see_pending(console, job.connection.clone()));
            buttons.push(button(words::CANCEL_JOB, "button", "cancel"));
            buttons.push(button(words::CONFIRM, "button primary", "confirm"));
        }
        JobStatus::Running | JobStatus::Queued => {
            buttons.push(button(words::CANCEL_JOB, "button", "cancel"));
        }
        JobStatus::Done | JobStatus::Failed | JobStatus::Cancelled => {
            if wrote && matches!(kind, JobKind::Send | JobKind::Sync) {
                buttons.push(
                    view! { <button class="button" data-undo on:click=move |_| undo.run(())>{words::UNDO}</button> }
                        .into_any(),
                );
            }
        }
    }
    view! {
        <p class="told">{words::trigger(job.trigger)}</p>
        {buttons}
    }
    .into_any()
}

/// Leads to what a send would write.
fn see_pending(console: Console, connection: ConnectionId) -> AnyView {
    let open = move |_| console.dialog.set(Some(Dialog::Send(connection.clone())));
    view! { <button class="button" on:click=open>{words::SEE_PENDING}</button> }.into_any()
}

fn confirm_undo(
    console: Console,
    job: &Job,
    would: Undone,
    undoing: RwSignal<Option<Result<Undoing, Failure>>>,
) -> AnyView {
    let (id, connection) = (job.id, job.connection.clone());
    let go = move |_| {
        let connection = connection.clone();
        spawn_local(async move {
            match client::post::<Undone>(&format!("{}/undo", api::job_address(id)), None).await {
                Ok(undone) => {
                    console.say(Tone::Good, words::undone(undone.values));
                    console.dialog.set(Some(Dialog::Send(connection)));
                }
                Err(failure) => console.say(Tone::Bad, failure.message()),
            }
        });
    };
    view! {
        <p class="told">{words::UNDO_PROMISE}</p>
        <button class="button" on:click=move |_| undoing.set(None)>
            {words::BACK}
        </button>
        <button class="button primary" data-undo-now disabled=would.values == 0 on:click=go>
            {words::put_back(would.values)}
        </button>
    }
    .into_any()
}
