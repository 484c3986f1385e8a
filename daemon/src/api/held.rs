//! First meetings: whose values count where both sides had one.

use super::{
    App, Daemon, aside,
    input::{Id, Input, missing},
    items::View,
    refusal::Refusal,
    sets,
};
use crate::edit::{self, Choice};
use axum::{Json, extract::State};
use roaring::RoaringBitmap;
use shared::{
    api::{Choose, Touched},
    content::Field,
    ids::{ConnectionId, ItemId, Kind},
    set::{Pending, Set},
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(choose))
}

/// What a choice is about.
enum Scope {
    All,
    Items(Vec<ItemId>),
    Sets(Vec<Set>),
    Fields(Vec<Field>),
}

/// Choose a side for differences of first meetings, which wait until somebody does.
///
/// With `hub` the hub's values become pending updates of the connection; with `remote` the connection's values become
/// the hub's. Nothing is written to a platform before the next send. Exactly one of `items`, `sets`, `fields` and
/// `all` says what it is about.
#[utoipa::path(post, path = "/api/v1/connections/{id}/held/choose", tag = "connections",
    params(("id" = ConnectionId, Path)), request_body = Choose,
    responses((status = OK, description = "How many products it was about.", body = Touched)))]
async fn choose(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(wanted): Input<Choose>,
) -> Result<Json<Touched>, Refusal> {
    let side = wanted.side;
    let scope = scope(wanted)?;
    let touched = aside(move || {
        let view = View::of(&app)?;
        let Some(place) = view.places.of(&id) else {
            return Err(missing::<ConnectionId>(id));
        };
        let held = Set::Pending {
            what: Pending::Held,
            at: id.to_string(),
        };
        let mut found = view.reader.members(&held.to_string())?;
        let fields = match scope {
            Scope::All => None,
            Scope::Items(items) => {
                let items = items.iter().filter_map(|item| u32::try_from(item.0).ok());
                found &= items.collect::<RoaringBitmap>();
                None
            }
            Scope::Sets(sets) => {
                found &= sets::intersection(&view, Kind::Products, &sets)?;
                None
            }
            Scope::Fields(fields) => Some(fields),
        };
        let items: Vec<ItemId> = found.iter().map(|item| ItemId(item.into())).collect();
        let choice = Choice { side, fields };
        let items = edit::choose(
            &app.hub.store,
            &app.hub.changed,
            &view.places,
            place,
            &choice,
            &items,
            app.hub.clock.now(),
        )?;
        Ok(Touched { items })
    });
    Ok(Json(touched.await?))
}

fn scope(wanted: Choose) -> Result<Scope, Refusal> {
    let Choose {
        side: _,
        items,
        sets,
        fields,
        all,
    } = wanted;
    match (items.as_slice(), sets.as_slice(), fields.as_slice(), all) {
        ([], [], [], true) => Ok(Scope::All),
        ([_, ..], [], [], false) => Ok(Scope::Items(items)),
        ([], [_, ..], [], false) => sets::parse(&sets).map(Scope::Sets),
        ([], [], [_, ..], false) => {
            let parse = |name: &String| {
                Field::parse(name).ok_or_else(|| Refusal::Invalid {
                    detail: format!("There is no field `{name}`."),
                    field: Some("fields".to_owned()),
                })
            };
            fields
                .iter()
                .map(parse)
                .collect::<Result<_, _>>()
                .map(Scope::Fields)
        }
        _ => Err(Refusal::invalid(
            "Say with exactly one of `items`, `sets`, `fields` and `all` what the choice is about.",
        )),
    }
}
