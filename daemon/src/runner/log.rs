//! What the log says of a job: one line for each thing that becomes of it, with the same fields in all of them.

use shared::job::{Job, JobStatus, Outcome};

pub(super) fn asked(job: &Job) {
    let (connection, kind, trigger) = (&job.connection, job.kind.name(), job.trigger.name());
    tracing::info!(%connection, job = %job.id, kind, trigger, "A job was asked for");
}

/// Before it is marked as begun.
pub(super) fn begins(job: &Job) {
    let (connection, kind) = (&job.connection, job.kind.name());
    if job.started_at.is_none() {
        tracing::info!(%connection, job = %job.id, kind, "A job began");
    } else {
        tracing::info!(%connection, job = %job.id, kind, "A job goes on");
    }
}

pub(super) fn confirmed(job: &Job) {
    let (connection, kind) = (&job.connection, job.kind.name());
    tracing::info!(%connection, job = %job.id, kind, "A halted job was confirmed");
}

/// It no longer runs, for now or for good. The outcome is that of the whole job.
pub(super) fn ended(job: &Job) {
    let (connection, kind) = (&job.connection, job.kind.name());
    let Outcome {
        scanned,
        new,
        changed,
        vanished,
        created,
        updated,
        failed,
        issues,
    } = job.outcome;
    let ms = match (job.started_at, job.finished_at) {
        (Some(started), Some(finished)) => finished.since(started).as_millis(),
        (None, _) | (_, None) => 0,
    };
    let ms = u64::try_from(ms).unwrap_or(u64::MAX);
    let reason = job.error.as_deref();
    macro_rules! line {
        ($level:ident, $sentence:literal) => {
            tracing::$level!(
                %connection, job = %job.id, kind, reason, scanned, new, changed, vanished, created, updated, failed,
                issues, ms, $sentence
            )
        };
    }
    match job.status {
        JobStatus::Done => line!(info, "A job ended"),
        JobStatus::Cancelled => line!(info, "A job was cancelled"),
        JobStatus::Queued | JobStatus::Running => line!(info, "A job was interrupted; it goes on later"),
        JobStatus::Halted => line!(warn, "A guard halted a job; confirm or cancel it in the console"),
        JobStatus::Failed => line!(
            error,
            "A job failed; the connection's card in the console says what to do"
        ),
    }
}
