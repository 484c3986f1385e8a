//! First meetings of two catalogues: what found each other, what could be several, and what is only at one side.

use super::{
    App, Daemon, aside,
    input::{Id, missing},
    items::View,
    refusal::Refusal,
};
use crate::store::StoreError;
use axum::{Json, extract::State};
use roaring::RoaringBitmap;
use shared::{
    api::{Ambiguity, Difference, Meeting, Named, Unpaired},
    content::{Field, Path},
    ids::{ConnectionId, ItemId},
    set::{Pending, Set},
};
use std::{collections::BTreeMap, sync::Arc};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(meeting))
}

/// Products of each list that are named.
const NAMED: usize = 50;
/// Products whose differences are counted by field.
const COUNTED: usize = 5000;

/// How the products of a connection and those of the hub found each other.
///
/// Matched are those that are at another connection, too; of those, what differs waits until a side is chosen
/// (`POST .../held/choose`). Ambiguous records wait for a link by hand. The rest is only at one side.
#[utoipa::path(get, path = "/api/v1/connections/{id}/meeting", tag = "connections",
    params(("id" = ConnectionId, Path)), responses((status = OK, body = Meeting)))]
async fn meeting(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<Json<Meeting>, Refusal> {
    let met = aside(move || {
        let view = View::of(&app)?;
        let Some(place) = view.places.of(&id) else {
            return Err(missing::<ConnectionId>(id));
        };
        let on = |id: &ConnectionId| view.reader.members(&Set::On(id.to_string()).to_string());
        let here = on(&id)?;
        let mut elsewhere = RoaringBitmap::new();
        for other in &view.places.all {
            if other.policy.connection != id {
                elsewhere |= on(&other.policy.connection)?;
            }
        }
        let held = Set::Pending {
            what: Pending::Held,
            at: id.to_string(),
        };
        let held = view.reader.members(&held.to_string())?;
        let mut fields: BTreeMap<String, u64> = BTreeMap::new();
        let mut differences = Vec::new();
        for item in held.iter().take(COUNTED).map(|item| ItemId(item.into())) {
            let Some(whole) = view.whole(item)? else {
                continue;
            };
            let changes = view.sight(&whole, |sight| sight.held(&whole.at(place)));
            let mut named: Vec<&str> = changes.iter().map(|(field, _)| field.name()).collect();
            named.sort_unstable();
            named.dedup();
            for name in named {
                *fields.entry(name.to_owned()).or_default() += 1;
            }
            if differences.len() < NAMED {
                differences.push(Difference {
                    item,
                    title: title(&view, item)?,
                    changes: changes.into_iter().map(|(_, change)| change).collect(),
                });
            }
        }
        let unmatched = view.reader.unmatched(place.number)?;
        let mut ambiguities = Vec::new();
        for (remote_id, record) in unmatched.iter().take(NAMED) {
            ambiguities.push(Ambiguity {
                remote_id: remote_id.clone(),
                title: record.title.clone(),
                message: record.issue.message.clone(),
                candidates: record
                    .candidates
                    .iter()
                    .map(|item| named(&view, *item))
                    .collect::<Result<_, _>>()?,
            });
        }
        Ok(Meeting {
            matched: (&here & &elsewhere).len(),
            differing: held.len(),
            differences,
            fields,
            ambiguous: unmatched.len() as u64,
            ambiguities,
            only_here: unpaired(&view, &(&here - &elsewhere))?,
            only_elsewhere: unpaired(&view, &(&elsewhere - &here))?,
        })
    });
    Ok(Json(met.await?))
}

fn unpaired(view: &View, items: &RoaringBitmap) -> Result<Unpaired, StoreError> {
    Ok(Unpaired {
        count: items.len(),
        items: items
            .iter()
            .take(NAMED)
            .map(|item| named(view, ItemId(item.into())))
            .collect::<Result<_, _>>()?,
    })
}

fn named(view: &View, item: ItemId) -> Result<Named, StoreError> {
    Ok(Named {
        item,
        title: title(view, item)?,
    })
}

fn title(view: &View, item: ItemId) -> Result<String, StoreError> {
    let known = view.reader.product(item)?;
    Ok(known.map_or_else(String::new, |item| {
        item.content.text(&Path::field(Field::Title)).to_owned()
    }))
}
