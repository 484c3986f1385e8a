//! What jobs do, wait for, and did.

use super::{counted, language, language::word, state_name};
use crate::{format, state::Tone};
use shared::{
    api::ConnectionState,
    job::{Job, JobKind, JobStatus, Outcome, Phase},
    language::Language,
};

/// What a job does, waits for, or did.
pub(crate) fn job_sentence(job: &Job) -> String {
    match job.status {
        JobStatus::Queued => waiting_to(job.kind).to_owned(),
        JobStatus::Running => progress(job),
        JobStatus::Halted | JobStatus::Failed => job
            .error
            .clone()
            .unwrap_or_else(|| super::status(job.status).to_owned()),
        JobStatus::Done | JobStatus::Cancelled => outcome(job.kind, &job.outcome),
    }
}

/// How a job ended, for a message.
pub(crate) fn job_ended(job: &Job, connection: &str) -> (Tone, String) {
    if job.status == JobStatus::Cancelled {
        let cancelled = word("the job was cancelled.", "la tarea se canceló.");
        return (Tone::Good, format!("{connection}: {cancelled}"));
    }
    let bad = job.status == JobStatus::Failed || job.outcome.failed > 0;
    let tone = if bad { Tone::Bad } else { Tone::Good };
    (tone, format!("{connection}: {}", job_sentence(job)))
}

pub(super) fn waiting_to(kind: JobKind) -> &'static str {
    let word = match kind {
        JobKind::Fetch => word("Waits to fetch updates.", "Espera para traer cambios."),
        JobKind::Send => word("Waits to send updates.", "Espera para enviar cambios."),
        JobKind::Sync => word("Waits to sync.", "Espera para sincronizar."),
        JobKind::Maintenance => word("Waits for maintenance.", "Espera el mantenimiento."),
    };
    word.text()
}

/// "Scanning: 1,204 of 5,310, 96/s, 43 s left"
pub(super) fn progress(job: &Job) -> String {
    let what = match job.phase {
        None => return state_name(ConnectionState::Running).to_owned(),
        Some(Phase::Scan) => word("Scanning", "Leyendo"),
        Some(Phase::Analysis) => word("Comparing with what was known", "Comparando con lo conocido"),
        Some(Phase::Propagation) => word("Passing changes on", "Pasando los cambios"),
        Some(Phase::Send) => word("Sending updates", "Enviando cambios"),
    };
    if job.progress.done == 0 && job.progress.total.is_none() {
        return format!("{what}\u{2026}");
    }
    let mut sentence = format!("{what}: {}", format::count(job.progress.done));
    if let Some(total) = job.progress.total {
        sentence = format!("{sentence} {} {}", word("of", "de"), format::count(total));
    }
    let rate = job.progress.per_second;
    if rate > 0 {
        sentence = format!("{sentence}, {}/s", format::count(rate));
        if let Some(left) = job
            .progress
            .total
            .and_then(|total| total.checked_sub(job.progress.done))
        {
            let left = format::span(left.div_ceil(rate));
            let left = match language() {
                Language::English => format!("{left} left"),
                Language::Spanish => format!("quedan {left}"),
            };
            sentence = format!("{sentence}, {left}");
        }
    }
    sentence
}

fn outcome(kind: JobKind, outcome: &Outcome) -> String {
    let Outcome {
        scanned,
        new,
        changed,
        vanished,
        created,
        updated,
        failed,
        issues,
    } = outcome;
    let did: Vec<String> = [
        (*new, word("new", "nuevos")),
        (*changed, word("changed", "con cambios")),
        (*vanished, word("vanished", "desaparecidos")),
        (*created, word("created there", "creados ahí")),
        (*updated, word("updated there", "actualizados ahí")),
        (*failed, word("refused", "rechazados")),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{} {what}", format::count(number)))
    .collect();
    let read = (*scanned > 0).then(|| format!("{} {}", format::count(*scanned), word("read", "leídos")));
    let issues = (*issues > 0).then(|| counted(*issues, super::issues(1), super::issues(2)));
    let parts: Vec<String> = match (read, did.is_empty()) {
        (Some(read), true) => vec![
            read,
            word("nothing had changed", "nada había cambiado").to_owned(),
        ],
        (None, true) => match kind {
            JobKind::Fetch | JobKind::Sync => {
                vec![word("Nothing had changed", "Nada había cambiado").to_owned()]
            }
            JobKind::Send => vec![word("Nothing was written", "No se escribió nada").to_owned()],
            JobKind::Maintenance => vec![word("Looked at everything", "Todo revisado").to_owned()],
        },
        (read, false) => read.into_iter().chain(did).collect(),
    };
    parts.into_iter().chain(issues).collect::<Vec<_>>().join(", ")
}

/// When a connection runs by itself; the daemon says it in English, as [`shared::sync::schedule::in_words`].
pub(super) fn schedule(told: &str) -> String {
    match language() {
        Language::English => told.to_owned(),
        Language::Spanish => {
            let known = [
                ("Fetch ", "Traer cambios "),
                ("Send ", "Enviar cambios "),
                ("Sync ", "Sincronizar "),
                (" every ", " cada "),
                (" at ", " a las "),
                (" days", " días"),
                (" day", " día"),
                (" hours", " horas"),
                (" hour", " hora"),
            ];
            let said = |text: String, (english, spanish): (&str, &str)| text.replace(english, spanish);
            known.into_iter().fold(told.to_owned(), said)
        }
    }
}
