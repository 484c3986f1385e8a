//! Issues: what went wrong or needs a person.

use super::{
    App, Daemon, aside,
    input::{Cursor, Id, Input, Limit, Query, missing},
    items::View,
    refusal::Refusal,
};
use crate::{
    edit::{self, Tackle},
    store::{Place, StoreError, Unmatched},
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    api::{Issue, IssuePattern, List, OfPattern, Tackled},
    content::{Field, Path},
    ids::{ConnectionId, IssueId, ItemId, Kind},
    issue::{self, Code, Severity},
    policy::Policy,
    show,
    sync::{
        acknowledge::is_refusal,
        patterns::{Origin, Patterns, shape::shape},
    },
};
use std::{cmp::Reverse, sync::Arc};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Candidates for a record that are named in its message.
const NAMED: usize = 5;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(patterns))
        .routes(routes!(retry_pattern))
        .routes(routes!(dismiss_pattern))
        .routes(routes!(retry))
        .routes(routes!(dismiss))
}

/// Which issues.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Which {
    connection: Option<ConnectionId>,
    severity: Option<Severity>,
    #[serde(default)]
    #[param(value_type = u64, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Open issues: errors first, then warnings and notices, the latest first.
///
/// Beside those of products there are those of connections as a whole, and records that could be several products.
#[utoipa::path(get, path = "/api/v1/issues", tag = "issues", params(Which),
    responses((status = OK, body = List<Issue>)))]
async fn list(State(app): Daemon, Query(which): Query<Which>) -> Result<Json<List<Issue>>, Refusal> {
    let page = aside(move || {
        let Which {
            connection,
            severity,
            limit,
            cursor,
        } = which;
        let view = View::of(&app)?;
        let mut all = Vec::new();
        if connection.is_none() {
            all.extend(app.hub.disk.borrow().as_ref().map(show::issue_of_all));
        }
        for place in &view.places.all {
            let id = &place.policy.connection;
            if connection.as_ref().is_none_or(|wanted| wanted == id) {
                each(&view, place, |source, issue| {
                    all.push(match source {
                        Source::Record(unmatched) => ambiguous(&view, id, unmatched)?,
                        _ => show::issue(id, source.about(), issue),
                    });
                    Ok(())
                })?;
            }
        }
        all.retain(|issue| severity.is_none_or(|wanted| wanted == issue.severity));
        all.sort_by_key(|issue| (Reverse(issue.severity), Reverse(issue.at), issue.id));
        let total = all.len();
        let from = cursor.map_or(0, |Cursor(from)| usize::try_from(from).unwrap_or(usize::MAX));
        let items: Vec<Issue> = all.into_iter().skip(from).take(limit.get()).collect();
        let end = from.saturating_add(items.len());
        let next = (!items.is_empty() && end < total).then(|| end.to_string());
        Ok(List {
            items,
            total: total as u64,
            next,
        })
    });
    Ok(Json(page.await?))
}

/// Which patterns.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Among {
    connection: Option<ConnectionId>,
    severity: Option<Severity>,
}

/// Open issues, those that are alike as one: the biggest group first.
///
/// Issues are alike when they have the same code and their messages differ in nothing but numbers, ids, names and what
/// is quoted.
#[utoipa::path(get, path = "/api/v1/issues/patterns", tag = "issues", params(Among),
    responses((status = OK, body = Vec<IssuePattern>)))]
async fn patterns(
    State(app): Daemon,
    Query(Among { connection, severity }): Query<Among>,
) -> Result<Json<Vec<IssuePattern>>, Refusal> {
    let found = aside(move || {
        let view = View::of(&app)?;
        let mut patterns = Patterns::default();
        for place in &view.places.all {
            let Policy {
                connection: id, name, ..
            } = &place.policy;
            if connection.as_ref().is_some_and(|wanted| wanted != id) {
                continue;
            }
            each(&view, place, |source, issue| {
                if severity.is_none_or(|wanted| wanted == issue.severity) {
                    let origin = Origin {
                        connection: id,
                        name,
                        item: source.about().map(|(_, item)| item),
                    };
                    patterns.add(origin, issue);
                }
                Ok(())
            })?;
        }
        Ok(patterns.finish().into_iter().map(show::pattern).collect())
    });
    Ok(Json(found.await?))
}

/// Let everything of a pattern be sent again that was refused.
///
/// What was not refused, or stays until its cause is gone, is counted and stays.
#[utoipa::path(post, path = "/api/v1/issues/patterns/retry", tag = "issues", request_body = OfPattern,
    responses((status = OK, body = Tackled)))]
async fn retry_pattern(State(app): Daemon, Input(of): Input<OfPattern>) -> Result<Json<Tackled>, Refusal> {
    Ok(Json(
        aside(move || tackle_pattern(&app, &of, Tackle::Retry)).await?,
    ))
}

/// Take every issue of a pattern off the list until it happens again.
///
/// What stays until its cause is gone is counted and stays.
#[utoipa::path(post, path = "/api/v1/issues/patterns/dismiss", tag = "issues", request_body = OfPattern,
    responses((status = OK, body = Tackled)))]
async fn dismiss_pattern(State(app): Daemon, Input(of): Input<OfPattern>) -> Result<Json<Tackled>, Refusal> {
    Ok(Json(
        aside(move || tackle_pattern(&app, &of, Tackle::Dismiss)).await?,
    ))
}

fn tackle_pattern(app: &App, of: &OfPattern, how: Tackle) -> Result<Tackled, Refusal> {
    let OfPattern {
        code,
        message,
        connection,
    } = of;
    let view = View::of(app)?;
    let (store, changed, places) = (&app.hub.store, &app.hub.changed, &view.places);
    let mut done = Tackled::default();
    for place in &view.places.all {
        let Policy {
            connection: id, name, ..
        } = &place.policy;
        if connection.as_ref().is_some_and(|wanted| wanted != id) {
            continue;
        }
        let (mut found, mut shaped) = (Vec::new(), String::new());
        each(&view, place, |source, issue| {
            shaped.clear();
            shape(&issue.message, name, &mut shaped);
            if issue.code != *code || shaped != *message {
                return Ok(());
            }
            let id = show::issue(id, source.about(), issue).id;
            match source {
                Source::Record(_) | Source::Obstacle(..) => done.stay += 1,
                Source::Connection | Source::Counterpart(..)
                    if how == Tackle::Retry && !is_refusal(*code) =>
                {
                    done.stay += 1;
                }
                Source::Connection => found.push((None, id)),
                Source::Counterpart(_, item) => found.push((Some(item), id)),
            }
            Ok(())
        })?;
        for (item, issue) in found {
            let gone = match item {
                None => edit::dismiss_of_connection(store, changed, id, issue)?,
                Some(item) => {
                    let now = app.hub.clock.now();
                    edit::tackle(store, changed, places, place, (item, issue), how, now)?
                }
            };
            done.tackled += u64::from(gone);
        }
    }
    Ok(done)
}

/// Let what was refused be sent again: the issue goes, and the changes wait for the next send.
///
/// Refused (422) where nothing was refused: such an issue goes with its cause.
#[utoipa::path(post, path = "/api/v1/issues/{id}/retry", tag = "issues", params(("id" = IssueId, Path)),
    responses((status = NO_CONTENT, description = "It may be sent again.")))]
async fn retry(State(app): Daemon, Id(id): Id<IssueId>) -> Result<StatusCode, Refusal> {
    aside(move || tackle(&app, id, Tackle::Retry)).await
}

/// Take an issue off the list until it happens again. Nothing else changes: what was refused is not sent again.
///
/// Refused (422) for what stays as it is until its cause is gone.
#[utoipa::path(post, path = "/api/v1/issues/{id}/dismiss", tag = "issues", params(("id" = IssueId, Path)),
    responses((status = NO_CONTENT, description = "It is off the list.")))]
async fn dismiss(State(app): Daemon, Id(id): Id<IssueId>) -> Result<StatusCode, Refusal> {
    aside(move || tackle(&app, id, Tackle::Dismiss)).await
}

fn tackle(app: &App, id: IssueId, how: Tackle) -> Result<StatusCode, Refusal> {
    let view = View::of(app)?;
    let Some((place, found, code)) = find(&view, id)? else {
        return Err(missing::<IssueId>(id));
    };
    let stays = |why: &str| {
        Err(Refusal::Rejected {
            detail: format!("{why} {}", code.action()),
            field: None,
        })
    };
    let (store, changed, places) = (&app.hub.store, &app.hub.changed, &view.places);
    let done = match (found, how) {
        (Found::Record, _) => {
            return stays("This stays until it is clear which product it is, so that none is made twice.");
        }
        (Found::Obstacle, _) => return stays("This goes by itself as soon as its cause is gone."),
        (Found::Connection | Found::Counterpart(_), Tackle::Retry) if !is_refusal(code) => {
            return stays("Nothing was refused here that could be sent again.");
        }
        (Found::Connection, _) => edit::dismiss_of_connection(store, changed, &place.policy.connection, id)?,
        (Found::Counterpart(item), _) => {
            let now = app.hub.clock.now();
            edit::tackle(store, changed, places, place, (item, id), how, now)?
        }
    };
    if done {
        Ok(StatusCode::NO_CONTENT)
    } else {
        // Another request or a job was quicker.
        Err(missing::<IssueId>(id))
    }
}

/// Where an issue was found.
#[derive(Clone, Copy)]
enum Found {
    Connection,
    Record,
    Counterpart(ItemId),
    Obstacle,
}

/// The open issue that has an id. Ids are made of what issues say, so all are looked through.
fn find(view: &View, id: IssueId) -> Result<Option<(&Place, Found, Code)>, StoreError> {
    for place in &view.places.all {
        let mut found = None;
        each(view, place, |source, issue| {
            if show::issue(&place.policy.connection, source.about(), issue).id == id {
                let at = match source {
                    Source::Connection => Found::Connection,
                    Source::Record(_) => Found::Record,
                    Source::Counterpart(_, item) => Found::Counterpart(item),
                    Source::Obstacle(..) => Found::Obstacle,
                };
                found = Some((at, issue.code));
            }
            Ok(())
        })?;
        if let Some((at, code)) = found {
            return Ok(Some((place, at, code)));
        }
    }
    Ok(None)
}

/// What there is of an issue besides itself.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Connection,
    /// A record that could be several products.
    Record(&'a Unmatched),
    Counterpart(Kind, ItemId),
    /// It follows from the settings and what the hub holds, and goes with its cause.
    Obstacle(Kind, ItemId),
}

impl Source<'_> {
    /// The product or order that it is about.
    fn about(self) -> Option<(Kind, ItemId)> {
        match self {
            Self::Connection => None,
            Self::Record(unmatched) => match unmatched.candidates.as_slice() {
                [only] => Some((Kind::Products, *only)),
                _ => None,
            },
            Self::Counterpart(kind, item) | Self::Obstacle(kind, item) => Some((kind, item)),
        }
    }
}

/// Tells everything that is open at one connection, one by one.
pub(super) fn each(
    view: &View,
    place: &Place,
    mut tell: impl FnMut(Source<'_>, &issue::Issue) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let id = &place.policy.connection;
    let state = view.reader.connection(id)?.unwrap_or_default();
    for issue in &state.issues {
        tell(Source::Connection, issue)?;
    }
    for (_, unmatched) in view.reader.unmatched(place.number)? {
        tell(Source::Record(&unmatched), &unmatched.issue)?;
    }
    for item in view.reader.with_issues(id)? {
        let item = ItemId(item.into());
        let Some(whole) = view.whole(item)? else {
            continue;
        };
        let here = whole.at(place);
        for issue in here.equivalence.map_or(&[][..], |here| &here.issues) {
            tell(Source::Counterpart(Kind::Products, item), issue)?;
        }
        for issue in view.sight(&whole, |sight| sight.obstacles(&here)) {
            tell(Source::Obstacle(Kind::Products, item), &issue)?;
        }
    }
    for order in view.reader.orders_with_issues(id)? {
        let order = ItemId(order.into());
        let here = view.reader.order_equivalence(order, place.number)?;
        for issue in here.iter().flat_map(|here| &here.issues) {
            tell(Source::Counterpart(Kind::Orders, order), issue)?;
        }
        for issue in view.obstacles_of_order(order, place)? {
            tell(Source::Obstacle(Kind::Orders, order), &issue)?;
        }
    }
    Ok(())
}

/// A record that could be several products, with their titles.
fn ambiguous(view: &View, id: &ConnectionId, unmatched: &Unmatched) -> Result<Issue, StoreError> {
    let Unmatched {
        why: _,
        title: _,
        candidates,
        issue,
    } = unmatched;
    let mut named = Vec::new();
    for item in candidates.iter().take(NAMED) {
        if let Some(item) = view.reader.product(*item)? {
            let title = item.content.text(&Path::field(Field::Title));
            named.push(format!("\"{title}\" (product {})", item.id));
        }
    }
    if candidates.len() > NAMED {
        named.push(format!("{} more", candidates.len() - NAMED));
    }
    let mut shown = show::issue(id, Source::Record(unmatched).about(), issue);
    if !named.is_empty() {
        shown.message += " It could be: ";
        shown.message += &named.join(", ");
        shown.message.push('.');
    }
    Ok(shown)
}
