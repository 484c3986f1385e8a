//! Changes before they are sent: approved, rejected, reconsidered; and what was sent, undone.

use super::{
    App, Daemon, aside,
    input::{Id, Input, missing},
    items::View,
    refusal::Refusal,
    sets,
};
use crate::{
    edit::{self, Say},
    store::{Place, Sent, StoreError, of_orders},
};
use axum::{Json, extract::State};
use roaring::RoaringBitmap;
use shared::{
    api::{Decide, DecidedAbout, Undoing, Undone},
    ids::{ConnectionId, ItemId, JobId, Kind},
    job::{Job, JobKind},
    set::{Pending, Set},
    sync::search::Search,
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Products that are read at a time, of those that a job wrote.
const LOOK: usize = 1000;
/// Products of which it is told what an undo would put back.
const SHOWN: usize = 100;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(approve))
        .routes(routes!(reject))
        .routes(routes!(reconsider))
        .routes(routes!(undoing, undo))
}

/// Approve pending changes, so that the next send writes them.
///
/// Needed where `send.mode` is `review`, and everywhere for what undoes a send. It approves exactly what is pending now:
/// a value that changes afterwards waits again. With `shown` it approves what was shown, and leaves alone what differs.
/// Exactly one of `items`, `sets`, `jobs` and `all` says what it is about.
#[utoipa::path(post, path = "/api/v1/connections/{id}/pending/approve", tag = "connections",
    params(("id" = ConnectionId, Path)), request_body = Decide, responses((status = OK, body = DecidedAbout)))]
async fn approve(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(about): Input<Decide>,
) -> Result<Json<DecidedAbout>, Refusal> {
    say(app, id, Say::Approve, about).await
}

/// Reject pending changes: they are not pending any more until their values change in the hub.
///
/// What was to undo a send stays as it was sent. The item shows what was rejected, and it can be reconsidered.
#[utoipa::path(post, path = "/api/v1/connections/{id}/pending/reject", tag = "connections",
    params(("id" = ConnectionId, Path)), request_body = Decide, responses((status = OK, body = DecidedAbout)))]
async fn reject(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(about): Input<Decide>,
) -> Result<Json<DecidedAbout>, Refusal> {
    say(app, id, Say::Reject, about).await
}

/// Take decisions back: what was approved waits again, what was rejected is pending again.
#[utoipa::path(post, path = "/api/v1/connections/{id}/pending/reconsider", tag = "connections",
    params(("id" = ConnectionId, Path)), request_body = Decide, responses((status = OK, body = DecidedAbout)))]
async fn reconsider(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(about): Input<Decide>,
) -> Result<Json<DecidedAbout>, Refusal> {
    say(app, id, Say::Reconsider, about).await
}

/// What a decision is about.
enum Scope {
    All,
    Items(Vec<ItemId>),
    /// Those in all of these sets that mention a text.
    Sets(Kind, Vec<Set>, String),
    Jobs(Vec<JobId>),
}

async fn say(
    app: Arc<App>,
    id: ConnectionId,
    say: Say,
    about: Decide,
) -> Result<Json<DecidedAbout>, Refusal> {
    let shown = about.shown.clone();
    let scope = scope(about)?;
    let decided = aside(move || {
        let view = View::of(&app)?;
        let Some(place) = view.places.of(&id) else {
            return Err(missing::<ConnectionId>(id));
        };
        let among = match say {
            Say::Approve | Say::Reject => waiting(&view, &id)?,
            Say::Reconsider => decided(&view, place)?,
        };
        let found = match scope {
            Scope::All => among,
            Scope::Items(items) => {
                let items = items.iter().filter_map(|item| u32::try_from(item.0).ok());
                among & items.collect::<RoaringBitmap>()
            }
            Scope::Sets(kind, sets, text) => {
                let found = among & sets::intersection(&view, kind, &sets)?;
                match Search::parse(&text) {
                    Some(search) => view.reader.search(&found, &search)?,
                    None => found,
                }
            }
            Scope::Jobs(jobs) => brought_about(&view, &among, &jobs)?,
        };
        let items: Vec<ItemId> = found.iter().map(|item| ItemId(item.into())).collect();
        let hub = &app.hub;
        Ok(edit::say(
            &hub.store,
            &hub.changed,
            &view.places,
            place,
            (say, &items),
            &shown,
            hub.clock.now(),
        )?)
    });
    decided.await.map(Json)
}

/// The products and orders of which something is pending. Their numbers differ.
fn waiting(view: &View, id: &ConnectionId) -> Result<RoaringBitmap, StoreError> {
    let mut found = RoaringBitmap::new();
    for what in [Pending::Creates, Pending::Updates] {
        let at = id.to_string();
        let set = Set::Pending { what, at }.to_string();
        found |= view.reader.members(&set)? | view.reader.members(&of_orders(&set))?;
    }
    Ok(found)
}

/// Those about which something was decided.
fn decided(view: &View, place: &Place) -> Result<RoaringBitmap, StoreError> {
    let mut found = RoaringBitmap::new();
    let products = view.reader.equivalences_at(place.number)?;
    for entry in products.chain(view.reader.order_equivalences_at(place.number)?) {
        let (ItemId(item), here) = entry?;
        if !here.decisions.is_empty() {
            found.extend(u32::try_from(item).ok());
        }
    }
    Ok(found)
}

/// Those of `among` that one of the jobs changed in the hub, or made known to it.
fn brought_about(view: &View, among: &RoaringBitmap, jobs: &[JobId]) -> Result<RoaringBitmap, Refusal> {
    let mut spans = Vec::new();
    for id in jobs {
        let job: Job = view.reader.job(*id)?.ok_or_else(|| missing::<JobId>(id))?;
        spans.push((job.started_at.unwrap_or(job.queued_at), job.finished_at));
    }
    let mut found = RoaringBitmap::new();
    for bit in among {
        let item = ItemId(bit.into());
        let history = view.reader.history(item)?;
        let changed = history
            .iter()
            .any(|entry| entry.cause.job.is_some_and(|job| jobs.contains(&job)));
        // The history begins with the first change; before, what made it known is told by when that was.
        let known = match view.reader.product(item)? {
            Some(product) => Some(product),
            None => view.reader.order(item)?,
        };
        let came = known.is_some_and(|item| {
            let within = |(from, to): &(_, Option<_>)| {
                item.created_at >= *from && to.is_none_or(|to| item.created_at <= to)
            };
            spans.iter().any(within)
        });
        if changed || came {
            found.insert(bit);
        }
    }
    Ok(found)
}

fn scope(about: Decide) -> Result<Scope, Refusal> {
    let Decide {
        items,
        sets,
        jobs,
        all,
        kind,
        q,
        shown: _,
    } = about;
    match (items.as_slice(), sets.as_slice(), jobs.as_slice(), all) {
        ([], [], [], true) => Ok(Scope::All),
        ([_, ..], [], [], false) => Ok(Scope::Items(items)),
        ([], [_, ..], [], false) => Ok(Scope::Sets(kind, sets::parse(&sets)?, q)),
        ([], [], [_, ..], false) => Ok(Scope::Jobs(jobs)),
        _ => Err(Refusal::invalid(
            "Say with exactly one of `items`, `sets`, `jobs` and `all` what it is about.",
        )),
    }
}

/// See what an undo of a send would put back now. Nothing is decided.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/undo", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = OK, body = Undoing), (status = CONFLICT, description = "The job is not over, or it sent nothing.")))]
async fn undoing(State(app): Daemon, Id(id): Id<JobId>) -> Result<Json<Undoing>, Refusal> {
    let undoing = aside(move || {
        let view = View::of(&app)?;
        let job = sent_by(&view, id)?;
        let Some(place) = view.places.of(&job.connection) else {
            return Err(missing::<ConnectionId>(job.connection));
        };
        let (mut undoing, mut after) = (Undoing::default(), ItemId(0));
        loop {
            let sent = view.reader.sent(place.number, id, after, LOOK)?;
            let Some((last, _)) = sent.last() else {
                return Ok(undoing);
            };
            after = *last;
            for (item, sent) in sent {
                let Undoing { would, items } = &mut undoing;
                let changes = match sent {
                    Sent::Created => {
                        would.created += 1;
                        continue;
                    }
                    Sent::Changed(changes) => changes,
                };
                let Some(whole) = view.whole(item)? else {
                    continue;
                };
                let (back, kept) = view.sight(&whole, |sight| sight.put_back(&whole.at(place), &changes));
                would.kept += kept as u64;
                let Some(back) = back else {
                    continue;
                };
                would.items += 1;
                would.values += back.changes.len() as u64;
                if items.len() < SHOWN {
                    items.push(back);
                }
            }
        }
    });
    undoing.await.map(Json)
}

/// A send that is over.
fn sent_by(view: &View, id: JobId) -> Result<Job, Refusal> {
    let job = view.reader.job(id)?.ok_or_else(|| missing::<JobId>(id))?;
    if !job.status.is_over() {
        return Err(Refusal::conflict(
            "The job is not over yet. Cancel it first, or wait for its end.",
        ));
    }
    if !matches!(job.kind, JobKind::Send | JobKind::Sync) {
        return Err(Refusal::conflict(
            "The job sent nothing, so there is nothing to undo.",
        ));
    }
    Ok(job)
}

/// Undo a send: what the job wrote to products is put back, as pending changes that wait for an approval.
///
/// Only where the platform still shows what was written. Quantities stay, since they are counted on from what is there;
/// so do pictures, new variants, new products and what became of orders: nothing is deleted on a platform. What is put
/// back stays so until its value changes in the hub. The last 20 sends of a connection can be undone.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/undo", tag = "jobs", params(("id" = JobId, Path)),
    responses((status = OK, body = Undone), (status = CONFLICT, description = "The job is not over, or it sent nothing.")))]
async fn undo(State(app): Daemon, Id(id): Id<JobId>) -> Result<Json<Undone>, Refusal> {
    let undone = aside(move || {
        let view = View::of(&app)?;
        let job = sent_by(&view, id)?;
        let Some(place) = view.places.of(&job.connection) else {
            return Err(missing::<ConnectionId>(job.connection));
        };
        let hub = &app.hub;
        Ok(edit::undo(
            &hub.store,
            &hub.changed,
            &view.places,
            place,
            id,
            hub.clock.now(),
        )?)
    });
    undone.await.map(Json)
}
