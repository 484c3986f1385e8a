//! Issues: what went wrong or needs a person.

use super::{
    App, Daemon, aside,
    input::{Cursor, Limit, Query},
    items::View,
    refusal::Refusal,
};
use crate::store::{Place, StoreError, Unmatched};
use axum::{Json, extract::State};
use serde::Deserialize;
use shared::{
    api::{Issue, List},
    content::{Field, Path},
    ids::{ConnectionId, ItemId},
    issue::Severity,
    show,
};
use std::{cmp::Reverse, sync::Arc};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Candidates for a record that are named in its message.
const NAMED: usize = 5;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list))
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
        for place in &view.places.all {
            let id = &place.policy.connection;
            if connection.as_ref().is_none_or(|wanted| wanted == id) {
                gather(&view, place, &mut all)?;
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

/// Everything that is open at one connection.
fn gather(view: &View, place: &Place, all: &mut Vec<Issue>) -> Result<(), StoreError> {
    let id = &place.policy.connection;
    let state = view.reader.connection(id)?.unwrap_or_default();
    all.extend(state.issues.iter().map(|issue| show::issue(id, None, issue)));
    for (_, unmatched) in view.reader.unmatched(place.number)? {
        all.push(ambiguous(view, id, unmatched)?);
    }
    for item in view.reader.with_issues(id)? {
        if let Some(whole) = view.whole(ItemId(item.into()))? {
            all.extend(view.sight(&whole, |sight| sight.issues(&whole.at(place))));
        }
    }
    Ok(())
}

/// A record that could be several products, with their titles.
fn ambiguous(view: &View, id: &ConnectionId, unmatched: Unmatched) -> Result<Issue, StoreError> {
    let Unmatched {
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
    let only = match candidates.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let mut shown = show::issue(id, only, &issue);
    if !named.is_empty() {
        shown.message += " It could be: ";
        shown.message += &named.join(", ");
        shown.message.push('.');
    }
    Ok(shown)
}
