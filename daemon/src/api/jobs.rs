//! Jobs: to ask for them, to see what became of them, to cancel and to confirm them.

use super::{
    App, Daemon, aside,
    connections::runner,
    input::{Cursor, Id, Input, Limit, Query, missing},
    refusal::Refusal,
};
use crate::store::Reader;
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use shared::{
    api::{JobAnswer, JobRequest, List},
    ids::{ConnectionId, JobId},
    job::{Job, JobKind, JobStatus, Task, Trigger},
};
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(fetch))
        .routes(routes!(send))
        .routes(routes!(sync))
        .routes(routes!(maintain))
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(cancel))
        .routes(routes!(confirm))
}

/// Fetch updates: read what changed at the platform and take it into the hub.
///
/// The body may be left out. While a fetch waits already, the answer is that one.
#[utoipa::path(post, path = "/api/v1/connections/{id}/fetch", tag = "jobs", params(("id" = ConnectionId, Path)),
    request_body(content = Option<JobRequest>),
    responses((status = ACCEPTED, description = "It waits or runs.", body = JobAnswer),
        (status = CONFLICT, description = "The connection is paused.")))]
async fn fetch(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    body: Option<Input<JobRequest>>,
) -> Result<(StatusCode, Json<JobAnswer>), Refusal> {
    request(&app, &id, JobKind::Fetch, body).await
}

/// Send updates: write what is pending to the platform.
///
/// The body may be left out. While a send waits already, the answer is that one.
#[utoipa::path(post, path = "/api/v1/connections/{id}/send", tag = "jobs", params(("id" = ConnectionId, Path)),
    request_body(content = Option<JobRequest>),
    responses((status = ACCEPTED, description = "It waits or runs.", body = JobAnswer),
        (status = CONFLICT, description = "The connection is paused.")))]
async fn send(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    body: Option<Input<JobRequest>>,
) -> Result<(StatusCode, Json<JobAnswer>), Refusal> {
    request(&app, &id, JobKind::Send, body).await
}

/// Sync: fetch updates, then send updates.
///
/// The body may be left out. While a sync waits already, the answer is that one.
#[utoipa::path(post, path = "/api/v1/connections/{id}/sync", tag = "jobs", params(("id" = ConnectionId, Path)),
    request_body(content = Option<JobRequest>),
    responses((status = ACCEPTED, description = "It waits or runs.", body = JobAnswer),
        (status = CONFLICT, description = "The connection is paused.")))]
async fn sync(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    body: Option<Input<JobRequest>>,
) -> Result<(StatusCode, Json<JobAnswer>), Refusal> {
    request(&app, &id, JobKind::Sync, body).await
}

/// Maintenance: `integrity` looks at every record, index and picture, puts right what can be worked out and reports the
/// rest; `reindex` works out again everything that is derived; `images` drops pictures that nothing shows and fetches
/// again those that are missing.
///
/// The body may be left out. While the same waits already, the answer is that one. What was found is in the job's
/// `report`.
#[utoipa::path(post, path = "/api/v1/connections/{id}/maintenance/{task}", tag = "jobs",
    params(("id" = ConnectionId, Path), ("task" = Task, Path)), request_body(content = Option<JobRequest>),
    responses((status = ACCEPTED, description = "It waits or runs.", body = JobAnswer),
        (status = CONFLICT, description = "The connection is paused.")))]
async fn maintain(
    State(app): Daemon,
    Path((id, task)): Path<(String, String)>,
    body: Option<Input<JobRequest>>,
) -> Result<(StatusCode, Json<JobAnswer>), Refusal> {
    let id = ConnectionId::parse(&id).map_err(|_| missing::<ConnectionId>(&id))?;
    let known = Task::ALL.into_iter().find(|known| known.name() == task);
    let task = known.ok_or_else(|| Refusal::Missing {
        what: format!("maintenance task `{task}` (there are integrity, reindex and images)"),
    })?;
    let trigger = trigger(body)?;
    let job = runner(&app, &id).await?.maintain(task, trigger).await?;
    Ok((StatusCode::ACCEPTED, Json(JobAnswer { job })))
}

async fn request(
    app: &App,
    id: &ConnectionId,
    kind: JobKind,
    body: Option<Input<JobRequest>>,
) -> Result<(StatusCode, Json<JobAnswer>), Refusal> {
    let job = runner(app, id).await?.request(kind, trigger(body)?).await?;
    Ok((StatusCode::ACCEPTED, Json(JobAnswer { job })))
}

fn trigger(body: Option<Input<JobRequest>>) -> Result<Trigger, Refusal> {
    let trigger = body.map_or(Trigger::Api, |Input(JobRequest { trigger })| trigger);
    // The other triggers are the daemon's own, and mean something to a job.
    if !matches!(trigger, Trigger::Console | Trigger::Api) {
        return Err(Refusal::Invalid {
            detail: "`trigger`: a request comes from the `console` or the `api`.".to_owned(),
            field: Some("trigger".to_owned()),
        });
    }
    Ok(trigger)
}

/// Which jobs.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Which {
    connection: Option<ConnectionId>,
    #[serde(alias = "status")]
    state: Option<JobStatus>,
    #[serde(default)]
    #[param(value_type = u64, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Jobs, the latest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(Which),
    responses((status = OK, body = List<Job>)))]
async fn list(State(app): Daemon, Query(which): Query<Which>) -> Result<Json<List<Job>>, Refusal> {
    let page = aside(move || {
        let Which {
            connection,
            state,
            limit,
            cursor,
        } = which;
        let (mut items, mut total) = (Vec::new(), 0);
        for job in app.hub.store.read()?.jobs()? {
            let job = as_it_runs(&app, job?);
            let wanted = connection.as_ref().is_none_or(|wanted| *wanted == job.connection)
                && state.is_none_or(|wanted| wanted == job.status);
            if wanted {
                total += 1;
                if cursor.is_none_or(|Cursor(after)| job.id.0 < after) && items.len() <= limit.get() {
                    items.push(job);
                }
            }
        }
        let more = items.len() > limit.get();
        items.truncate(limit.get());
        let next = items.last().filter(|_| more).map(|job| job.id.to_string());
        Ok(List { items, total, next })
    });
    Ok(Json(page.await?))
}

/// A job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = OK, body = Job)))]
async fn show(State(app): Daemon, Id(id): Id<JobId>) -> Result<Json<Job>, Refusal> {
    Ok(Json(aside(move || find(&app, &app.hub.store.read()?, id)).await?))
}

fn find(app: &App, reader: &Reader, id: JobId) -> Result<Job, Refusal> {
    let job = reader.job(id)?.ok_or_else(|| missing::<JobId>(id))?;
    Ok(as_it_runs(app, job))
}

/// What its runner knows of a job is newer than what is stored of it.
fn as_it_runs(app: &App, job: Job) -> Job {
    if job.status.is_over() {
        return job;
    }
    let running = app.hub.runner(&job.connection).and_then(|runner| {
        let standing = runner.standing.borrow();
        let mut here = standing.job.iter().chain(&standing.waiting);
        here.find(|here| here.id == job.id).cloned()
    });
    running.unwrap_or(job)
}

/// Cancel a job. A running one ends after its step; what it did stays.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = OK, description = "It is cancelled, or will be after its step.", body = JobAnswer),
        (status = CONFLICT, description = "It is over.")))]
async fn cancel(State(app): Daemon, Id(id): Id<JobId>) -> Result<Json<JobAnswer>, Refusal> {
    let job = open(Arc::clone(&app), id).await?;
    let job = runner(&app, &job.connection).await?.cancel(id).await?;
    Ok(Json(JobAnswer { job }))
}

/// Confirm a job that a guard halted: a person looked at it, and it may go on.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/confirm", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = ACCEPTED, description = "It goes on.", body = JobAnswer),
        (status = CONFLICT, description = "It waits for no confirmation, or its connection is paused.")))]
async fn confirm(State(app): Daemon, Id(id): Id<JobId>) -> Result<(StatusCode, Json<JobAnswer>), Refusal> {
    let job = open(Arc::clone(&app), id).await?;
    if job.status != JobStatus::Halted {
        return Err(Refusal::conflict(
            "No guard halted this job, so there is nothing to confirm.",
        ));
    }
    let job = runner(&app, &job.connection).await?.confirm(id).await?;
    Ok((StatusCode::ACCEPTED, Json(JobAnswer { job })))
}

/// A job that is not over yet.
async fn open(app: Arc<App>, id: JobId) -> Result<Job, Refusal> {
    let job = aside(move || find(&app, &app.hub.store.read()?, id)).await?;
    if job.status.is_over() {
        return Err(Refusal::conflict(format!(
            "The job is over since {}; ask for a new one.",
            job.finished_at.unwrap_or(job.queued_at)
        )));
    }
    Ok(job)
}
