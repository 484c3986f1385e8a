//! The config files: what is wrong with them, and a connection's file as JSON.

use super::{
    App, Daemon, aside,
    input::{Id, Input},
    items::View,
    refusal::Refusal,
    sets,
};
use crate::store::StoreError;
use axum::{Json, extract::State};
use roaring::RoaringBitmap;
use serde_json::Value;
use shared::{
    api::{ConfigState, Preview, PricePreview, Settings},
    content::{Field, Path},
    ids::{ConnectionId, ItemId, Kind},
    item::Equivalence,
    money::Money,
    policy::{CloneWhich, Policy},
    set::{Pending, Set},
    sync::price::{explain, shown_price},
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(config))
        .routes(routes!(settings, patch))
        .routes(routes!(check))
}

/// Every config file, and what is wrong with it.
///
/// While there is a fault, the last good settings stay in force.
#[utoipa::path(get, path = "/api/v1/config", tag = "settings", responses((status = OK, body = ConfigState)))]
async fn config(State(app): Daemon) -> Json<ConfigState> {
    let state = app.config.state.borrow().clone();
    Json(ConfigState::clone(&state))
}

/// A connection's file as JSON.
///
/// A secret that is written in the file itself shows as `{"secret":"set"}`.
#[utoipa::path(get, path = "/api/v1/connections/{id}/settings", tag = "settings",
    params(("id" = ConnectionId, Path)),
    responses((status = OK, body = Settings)))]
async fn settings(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<Json<Settings>, Refusal> {
    Ok(Json(app.config.settings(&id).await?))
}

/// Change settings: merge them into the file (RFC 7396).
///
/// The file keeps its comments and its order. All settings are validated together first; where one is wrong nothing
/// is written. `null` takes a setting out of the file; `{"secret":"set"}` leaves a secret as it is.
#[utoipa::path(patch, path = "/api/v1/connections/{id}/settings", tag = "settings",
    params(("id" = ConnectionId, Path)),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses((status = OK, description = "Written and in force.", body = Settings)))]
async fn patch(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(changes): Input<Value>,
) -> Result<Json<Settings>, Refusal> {
    Ok(Json(app.config.patch(&id, changes).await?))
}

/// Products whose prices a preview shows.
const PREVIEWED: usize = 6;

/// Check changes of settings before they are saved: whether they are valid, and what they would do.
///
/// The body is what `PATCH` takes; nothing is written. Where it is not valid, `faults` of the refusal say where in the
/// file that would be.
#[utoipa::path(post, path = "/api/v1/connections/{id}/settings/check", tag = "settings",
    params(("id" = ConnectionId, Path)), request_body(content = Object),
    responses((status = OK, description = "Valid, and this is what it would do.", body = Preview)))]
async fn check(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Input(changes): Input<Value>,
) -> Result<Json<Preview>, Refusal> {
    let policy = app.config.try_patch(&id, changes).await?.policy;
    let preview = aside(move || {
        let view = View::of(&app)?;
        let here = view.reader.members(&Set::On(id.to_string()).to_string())?;
        let creates = match &policy.products.clone {
            CloneWhich::None => None,
            CloneWhich::All => Some((view.reader.all()? - &here).len()),
            CloneWhich::In(sets) => {
                let wanted = sets::intersection(&view, Kind::Products, &sets.0)?;
                Some((wanted - &here).len())
            }
        };
        Ok(Preview {
            prices: prices(&view, &policy, &here)?,
            creates,
        })
    });
    Ok(Json(preview.await?))
}

/// Some products with a price, spread over those that are here, else over those that are to come, else over all.
fn prices(view: &View, policy: &Policy, here: &RoaringBitmap) -> Result<Vec<PricePreview>, StoreError> {
    let coming = Set::Pending {
        what: Pending::Creates,
        at: policy.connection.to_string(),
    };
    let mut among = here.clone();
    if among.is_empty() {
        among = view.reader.members(&coming.to_string())?;
    }
    if among.is_empty() {
        among = view.reader.all()?;
    }
    let number = view.places.of(&policy.connection).map(|place| place.number);
    let step = usize::try_from(among.len()).unwrap_or(usize::MAX) / PREVIEWED;
    let mut found = Vec::new();
    for item in among.iter().step_by(step.max(1)).take(PREVIEWED * 4) {
        let id = ItemId(item.into());
        let Some(item) = view.reader.product(id)? else {
            continue;
        };
        let path = |key| Path::variant_field(key, Field::Price);
        let priced = item
            .content
            .variants()
            .find_map(|key| Some((key, item.content.number(&path(key))?)));
        let Some((key, price)) = priced else {
            continue;
        };
        let there = match number {
            Some(number) => view.reader.equivalence(id, number)?,
            None => None,
        };
        let now = there
            .filter(Equivalence::is_live)
            .and_then(|there| there.acknowledged.number(&path(key)));
        let money = |amount| Money {
            amount,
            currency: policy.currency(),
        };
        found.push(PricePreview {
            item: id,
            title: item.content.text(&Path::field(Field::Title)).to_owned(),
            hub: Money {
                amount: price,
                currency: policy.hub.base,
            },
            now: now.map(money),
            then: shown_price(price, policy).ok().map(money),
            why: explain(price, policy),
        });
        if found.len() == PREVIEWED {
            break;
        }
    }
    Ok(found)
}
