//! Sales orders: the list, and one of them.

use super::{
    App, Daemon, aside,
    input::{Id, Input, Query},
    items::{View, Which, Whole, page},
    refusal::Refusal,
    sets,
};
use crate::{
    edit,
    store::{Place, StoreError},
};
use axum::{Json, extract::State};
use serde_json::Value;
use shared::{
    api::{List, Order, Past, PendingItem},
    ids::{ItemId, Key, Kind},
    issue::Issue,
    show::{
        Detail,
        order::{OrderPlace, OrderSight},
    },
    sync::{order::Counterpart, search::Search},
};
use std::{collections::BTreeMap, sync::Arc};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, patch))
        .routes(routes!(history))
}

/// Orders that are in all of the sets and have all of the words in their number, buyer, SKUs or tracking numbers.
///
/// In a list, `equivalences` come without `shown`, and without the changes of a create.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(Which),
    responses((status = OK, body = List<Order>)))]
async fn list(State(app): Daemon, Query(which): Query<Which>) -> Result<Json<List<Order>>, Refusal> {
    let Which {
        set,
        q,
        sort,
        limit,
        cursor,
    } = which;
    let wanted = sets::parse(&set)?;
    let page = aside(move || {
        let view = View::of(&app)?;
        let mut found = sets::intersection(&view, Kind::Orders, &wanted)?;
        if let Some(search) = Search::parse(&q) {
            found = view.reader.search(&found, &search)?;
        }
        let (ids, next) = page(&view.reader, &found, sort, limit.get(), cursor)?;
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            items.extend(view.order(id, Detail::Row)?);
        }
        Ok(List {
            items,
            total: found.len(),
            next,
        })
    });
    Ok(Json(page.await?))
}

/// An order, with what every connection shows of it now and what is about to change there.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders", params(("id" = ItemId, Path)),
    responses((status = OK, body = Order)))]
async fn show(State(app): Daemon, Id(id): Id<ItemId>) -> Result<Json<Order>, Refusal> {
    let order = aside(move || {
        let order = View::of(&app)?.order(id, Detail::Full)?;
        order.ok_or_else(|| missing_order(id))
    });
    Ok(Json(order.await?))
}

/// Edit an order in the hub: merge changes into it (RFC 7396).
///
/// What follows for the connections is pending at once; nothing is written to a platform before the next send. Editable
/// is how the order goes on: `status`, `payment_status`, `fulfilment_status`, `buyer`, the addresses, `note`, `shipments`
/// and `payments`. Shipments that are named by their `id` are merged into those that have it, and one without an `id` is
/// new; those that are not named stay. Payments are only added. What was bought is changed where the order was placed.
#[utoipa::path(patch, path = "/api/v1/orders/{id}", tag = "orders", params(("id" = ItemId, Path)),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses((status = OK, description = "The order as it is now.", body = Order)))]
async fn patch(
    State(app): Daemon,
    Id(id): Id<ItemId>,
    Input(changes): Input<Value>,
) -> Result<Json<Order>, Refusal> {
    let order = aside(move || {
        let (hub, view) = (&app.hub, View::of(&app)?);
        edit::patch_order(
            &hub.store,
            &hub.changed,
            &view.places,
            id,
            &changes,
            hub.clock.now(),
        )?;
        let order = View::of(&app)?.order(id, Detail::Full)?;
        order.ok_or_else(|| missing_order(id))
    });
    Ok(Json(order.await?))
}

/// What changed in an order, field by field, the latest first: when, from what to what, and where it came from.
#[utoipa::path(get, path = "/api/v1/orders/{id}/history", tag = "orders", params(("id" = ItemId, Path)),
    responses((status = OK, body = [Past])))]
async fn history(State(app): Daemon, Id(id): Id<ItemId>) -> Result<Json<Vec<Past>>, Refusal> {
    let history = aside(move || {
        let view = View::of(&app)?;
        let whole = view.whole_order(id)?.ok_or_else(|| missing_order(id))?;
        let history = view.reader.history(id)?;
        Ok::<_, Refusal>(view.sight(&whole, |sight| sight.history(&history)))
    });
    Ok(Json(history.await?))
}

pub(super) fn missing_order(id: ItemId) -> Refusal {
    Refusal::Missing {
        what: format!("order `{id}`"),
    }
}

impl View {
    /// An order with all its counterparts.
    pub(super) fn whole_order(&self, id: ItemId) -> Result<Option<Whole>, StoreError> {
        let Some(item) = self.reader.order(id)? else {
            return Ok(None);
        };
        let equivalences = self.reader.order_equivalences(id)?;
        Ok(Some(Whole { item, equivalences }))
    }

    /// A line of what a send would do. `None`: nothing.
    pub(super) fn pending_order(&self, id: ItemId, place: &Place) -> Result<Option<PendingItem>, StoreError> {
        self.at(id, place, |sight, here| sight.pending(here))
            .map(Option::flatten)
    }

    /// What keeps an order from being sent to a connection.
    pub(super) fn obstacles_of_order(&self, id: ItemId, place: &Place) -> Result<Vec<Issue>, StoreError> {
        let obstacles = self.at(id, place, |sight, here| sight.obstacles(here))?;
        Ok(obstacles.unwrap_or_default())
    }

    fn at<T>(
        &self,
        id: ItemId,
        place: &Place,
        look: impl FnOnce(OrderSight<'_>, &OrderPlace<'_>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let (Some(whole), Some(ability)) = (self.whole_order(id)?, &place.orders) else {
            return Ok(None);
        };
        let counterparts = self.reader.counterparts(&whole.item, place.number)?;
        let here = whole.equivalences.iter().find(|(at, _)| *at == place.number);
        let here = OrderPlace {
            policy: &place.policy,
            ability,
            equivalence: here.map(|(_, here)| here),
            counterpart: &|item, variant| counterparts.get(&(item, variant)).cloned(),
        };
        Ok(Some(look(sight(&whole), &here)))
    }

    fn order(&self, id: ItemId, detail: Detail) -> Result<Option<Order>, StoreError> {
        let Some(whole) = self.whole_order(id)? else {
            return Ok(None);
        };
        let mut called: Vec<BTreeMap<(ItemId, Key), Counterpart>> = Vec::new();
        let places: Vec<&Place> = self
            .places
            .all
            .iter()
            .filter(|place| place.orders.is_some())
            .collect();
        for place in &places {
            called.push(self.reader.counterparts(&whole.item, place.number)?);
        }
        let lookups: Vec<_> = called
            .iter()
            .map(|called| move |item, variant| called.get(&(item, variant)).cloned())
            .collect();
        let places: Vec<OrderPlace<'_>> = places
            .iter()
            .zip(&lookups)
            .filter_map(|(place, counterpart)| {
                let here = whole.equivalences.iter().find(|(at, _)| *at == place.number);
                Some(OrderPlace {
                    policy: &place.policy,
                    ability: place.orders.as_ref()?,
                    equivalence: here.map(|(_, here)| here),
                    counterpart,
                })
            })
            .collect();
        Ok(Some(sight(&whole).order(&places, detail)))
    }
}

fn sight(whole: &Whole) -> OrderSight<'_> {
    OrderSight {
        item: &whole.item,
        standing: whole.standing(),
    }
}
