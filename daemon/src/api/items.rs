//! Products: the list, one of them, and what is pending for a connection.

use super::{
    App, Daemon, aside,
    connections::runner,
    input::{Cursor, Id, Input, Limit, Query, missing},
    orders::missing_order,
    refusal::Refusal,
    sets,
};
use crate::{
    edit::{self, EditError},
    store::{Number, Places, Reader, StoreError, day_of, of_orders},
};
use axum::{Json, extract::State};
use roaring::RoaringBitmap;
use serde::Deserialize;
use serde_json::Value;
use shared::{
    api::{Link, List, Past, PendingItem, PendingList, Product, Quantity, Review},
    ids::{ConnectionId, ItemId, Kind},
    item::{Equivalence, Item},
    money::Currency,
    policy::SendMode,
    set::{Pending, Set},
    show::{Detail, Place, Sight},
    sync::{pending::Standing, search::Search, terms::Around},
    time::Date,
};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Urgent products whose order is worked out for a page of what is pending.
const RANKED: u64 = 5000;
/// Of what is pending, so many are looked at for how much waits for an approval.
const LOOKED_AT: usize = 5000;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, patch))
        .routes(routes!(history))
        .routes(routes!(stock))
        .routes(routes!(link))
        .routes(routes!(unlink))
        .routes(routes!(pending))
}

/// Which products or orders, and in which order.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// A set's id, as `GET /api/v1/sets` suggests them. Several may be given; all have to hold.
    #[serde(default)]
    pub set: Vec<String>,
    /// Words that must all be in the title, the brand, a SKU or a barcode.
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
    #[serde(default)]
    #[param(value_type = u64, minimum = 1, maximum = 500, default = 50)]
    pub limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

/// The order of a list. A minus turns it round. The title of an order is its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) enum Sort {
    /// As the hub came to know them: what is new comes last, and nothing moves while it comes.
    #[default]
    #[serde(rename = "created")]
    Created,
    #[serde(rename = "-created")]
    Latest,
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-title")]
    TitleBackwards,
    /// Orders by the day they were placed on, the latest first.
    #[serde(rename = "-placed")]
    LatestPlaced,
}

/// Products that are in all of the sets and have all of the words.
///
/// In a list, `equivalences` come without `shown`, and without the changes of a create.
#[utoipa::path(get, path = "/api/v1/products", tag = "products", params(Which),
    responses((status = OK, body = List<Product>)))]
async fn list(State(app): Daemon, Query(which): Query<Which>) -> Result<Json<List<Product>>, Refusal> {
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
        let mut found = sets::intersection(&view, Kind::Products, &wanted)?;
        if let Some(search) = Search::parse(&q) {
            found = view.reader.search(&found, &search)?;
        }
        let (ids, next) = page(&view.reader, &found, sort, limit.get(), cursor)?;
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            items.extend(view.product(id, Detail::Row)?);
        }
        Ok(List {
            items,
            total: found.len(),
            next,
        })
    });
    Ok(Json(page.await?))
}

/// The items of a page, and where the next one begins.
pub(super) fn page(
    reader: &Reader,
    found: &RoaringBitmap,
    sort: Sort,
    limit: usize,
    cursor: Option<Cursor>,
) -> Result<(Vec<ItemId>, Option<String>), StoreError> {
    // No item has a number that large: then there is nothing after it.
    let after = cursor.map(|Cursor(id)| u32::try_from(id).unwrap_or(u32::MAX));
    let one_more = limit + 1;
    let mut ids: Vec<u32> = match sort {
        Sort::Created => {
            let mut rest = found.iter();
            if let Some(after) = after {
                rest.advance_to(after.saturating_add(1));
            }
            rest.take(one_more).collect()
        }
        Sort::Latest => {
            let mut rest = found.iter();
            if let Some(after) = after {
                rest.advance_back_to(after.saturating_sub(1));
            }
            rest.rev().take(one_more).collect()
        }
        Sort::Title | Sort::TitleBackwards => {
            let mut titles = reader.titles(found)?;
            titles.sort_unstable();
            if sort == Sort::TitleBackwards {
                titles.reverse();
            }
            // A title that changed meanwhile has moved, and its product's page goes on from where it is now.
            let last = match after {
                Some(after) => reader.titles(&RoaringBitmap::from([after]))?.pop(),
                None => None,
            };
            let at = last.map_or(0, |last| {
                titles.partition_point(|title| match sort {
                    Sort::TitleBackwards => *title >= last,
                    _ => *title <= last,
                })
            });
            titles[at..]
                .iter()
                .take(one_more)
                .filter_map(|(_, id)| u32::try_from(id.0).ok())
                .collect()
        }
        Sort::LatestPlaced => {
            // With the last one of the page before, even if it has left the list since.
            let mut rest = found | RoaringBitmap::from_iter(after);
            let mut ids = Vec::new();
            for (day, _) in reader.sets_from(&of_orders("day:"))?.iter().rev() {
                let placed = reader.members(day)? & &rest;
                rest -= &placed;
                ids.extend(placed.iter().rev());
            }
            ids.extend(rest.iter().rev());
            let at = after.and_then(|after| ids.iter().position(|id| *id == after));
            ids.split_off(at.map_or(0, |at| at + 1))
        }
    };
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().filter(|_| more).map(u32::to_string);
    Ok((ids.into_iter().map(|id| ItemId(id.into())).collect(), next))
}

/// A product, with what every connection shows of it now and what is about to change there.
#[utoipa::path(get, path = "/api/v1/products/{id}", tag = "products", params(("id" = ItemId, Path)),
    responses((status = OK, body = Product)))]
async fn show(State(app): Daemon, Id(id): Id<ItemId>) -> Result<Json<Product>, Refusal> {
    let product = aside(move || {
        let product = View::of(&app)?.product(id, Detail::Full)?;
        product.ok_or_else(|| missing::<ItemId>(id))
    });
    Ok(Json(product.await?))
}

/// Edit a product in the hub: merge changes into it (RFC 7396).
///
/// What follows for the connections is pending at once; nothing is written to a platform before the next send.
/// Variants and pictures that are named by their `id` are merged into those that have it, variants that are not named
/// stay as they are, and one without an `id` is new. Pictures that are left out of `images` leave the gallery.
#[utoipa::path(patch, path = "/api/v1/products/{id}", tag = "products", params(("id" = ItemId, Path)),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses((status = OK, description = "The product as it is now.", body = Product)))]
async fn patch(
    State(app): Daemon,
    Id(id): Id<ItemId>,
    Input(changes): Input<Value>,
) -> Result<Json<Product>, Refusal> {
    let product = aside(move || {
        let view = View::of(&app)?;
        let hub = &app.hub;
        let (places, now) = (&view.places, hub.clock.now());
        edit::patch(&hub.store, &hub.changed, places, view.base, id, &changes, now)?;
        tracing::info!(product = %id, "A product was edited in the hub");
        let product = View::of(&app)?.product(id, Detail::Full)?;
        product.ok_or_else(|| missing::<ItemId>(id))
    });
    Ok(Json(product.await?))
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Store(error) => error.into(),
            EditError::Missing(id) => missing::<ItemId>(id),
            EditError::MissingOrder(id) => missing_order(id),
            EditError::NotLinked(..) | EditError::LinkedAlready(_) | EditError::Sending(_) => {
                Self::conflict(error.to_string())
            }
            EditError::Unfit(unfit) => Self::Rejected {
                detail: unfit.to_string(),
                field: Some(unfit.field),
            },
        }
    }
}

/// What changed in a product, field by field, the latest first: when, from what to what, and where it came from.
#[utoipa::path(get, path = "/api/v1/products/{id}/history", tag = "products", params(("id" = ItemId, Path)),
    responses((status = OK, body = [Past])))]
async fn history(State(app): Daemon, Id(id): Id<ItemId>) -> Result<Json<Vec<Past>>, Refusal> {
    let history = aside(move || {
        let view = View::of(&app)?;
        let whole = view.whole(id)?.ok_or_else(|| missing::<ItemId>(id))?;
        let history = view.reader.history(id)?;
        Ok(view.sight(&whole, |sight| sight.history(&history)))
    });
    Ok(Json(history.await?))
}

/// Explain the quantities of a product: the movements behind each, in their order.
#[utoipa::path(get, path = "/api/v1/products/{id}/stock", tag = "products", params(("id" = ItemId, Path)),
    responses((status = OK, body = [Quantity])))]
async fn stock(State(app): Daemon, Id(id): Id<ItemId>) -> Result<Json<Vec<Quantity>>, Refusal> {
    let quantities = aside(move || {
        let view = View::of(&app)?;
        let whole = view.whole(id)?.ok_or_else(|| missing::<ItemId>(id))?;
        let history = view.reader.history(id)?;
        Ok::<_, Refusal>(view.sight(&whole, |sight| sight.quantities(&history)))
    });
    Ok(Json(quantities.await?))
}

/// Join a record of a connection to a product by hand, whatever their SKUs say.
///
/// The record is read at once, and leaves the product that it belonged to. As at every first meeting nothing is
/// overwritten on either side: blanks are filled, and what differs is held until a side is chosen. Later fetches keep
/// to it.
#[utoipa::path(post, path = "/api/v1/products/{id}/link", tag = "products", params(("id" = ItemId, Path)),
    request_body = Link,
    responses((status = OK, description = "The product as it is now.", body = Product),
        (status = CONFLICT, description = "The product has another counterpart there, or the connection is paused.")))]
async fn link(
    State(app): Daemon,
    Id(id): Id<ItemId>,
    Input(Link {
        connection,
        remote_id,
    }): Input<Link>,
) -> Result<Json<Product>, Refusal> {
    let found = runner(&app, &connection).await?.find(remote_id.clone()).await?;
    let record = found
        .map_err(Refusal::conflict)?
        .ok_or_else(|| Refusal::Missing {
            what: format!("product `{remote_id}` at `{connection}`"),
        })?;
    let product = aside(move || {
        let view = View::of(&app)?;
        let place = view.places.of(&connection);
        let place = place.ok_or_else(|| missing::<ConnectionId>(connection.clone()))?;
        let hub = &app.hub;
        edit::link(
            &hub.store,
            &hub.changed,
            &view.places,
            place,
            id,
            &record,
            hub.clock.now(),
        )?;
        tracing::info!(product = %id, %connection, remote_id = %record.remote_id, "A product was linked by hand");
        let product = View::of(&app)?.product(id, Detail::Full)?;
        product.ok_or_else(|| missing::<ItemId>(id))
    });
    Ok(Json(product.await?))
}

/// Part a product from its counterpart at a connection, by hand.
///
/// Nothing changes at the platform. The record there belongs to no product until it is linked to one, and the product
/// is not created there beside it. Later fetches keep to it.
#[utoipa::path(post, path = "/api/v1/products/{id}/unlink", tag = "products", params(("id" = ItemId, Path)),
    request_body = Link,
    responses((status = OK, description = "The product as it is now.", body = Product),
        (status = CONFLICT, description = "They are not linked, or a change is on its way there.")))]
async fn unlink(
    State(app): Daemon,
    Id(id): Id<ItemId>,
    Input(Link {
        connection,
        remote_id,
    }): Input<Link>,
) -> Result<Json<Product>, Refusal> {
    let product = aside(move || {
        let view = View::of(&app)?;
        let place = view.places.of(&connection);
        let place = place.ok_or_else(|| missing::<ConnectionId>(connection.clone()))?;
        let hub = &app.hub;
        edit::unlink(
            &hub.store,
            &hub.changed,
            &view.places,
            place,
            id,
            &remote_id,
            hub.clock.now(),
        )?;
        tracing::info!(product = %id, %connection, %remote_id, "A product was unlinked by hand");
        let product = View::of(&app)?.product(id, Detail::Full)?;
        product.ok_or_else(|| missing::<ItemId>(id))
    });
    Ok(Json(product.await?))
}

/// Where a page begins and how long it is.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default)]
    #[param(value_type = u64, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// What a send would do, in its order: orders, then quantities, the most urgent first, then the rest.
///
/// Beyond 5,000 products whose quantities change, those come in the order of their ids.
#[utoipa::path(get, path = "/api/v1/connections/{id}/pending", tag = "connections",
    params(("id" = ConnectionId, Path), Part), responses((status = OK, body = PendingList)))]
async fn pending(
    State(app): Daemon,
    Id(id): Id<ConnectionId>,
    Query(Part { limit, cursor }): Query<Part>,
) -> Result<Json<PendingList>, Refusal> {
    let page = aside(move || {
        let view = View::of(&app)?;
        let Some(place) = view.places.of(&id) else {
            return Err(missing::<ConnectionId>(id));
        };
        let (mut products, mut orders) = (RoaringBitmap::new(), RoaringBitmap::new());
        for what in [Pending::Creates, Pending::Updates] {
            let set = Set::Pending {
                what,
                at: id.to_string(),
            };
            products |= view.reader.members(&set.to_string())?;
            orders |= view.reader.members(&of_orders(&set.to_string()))?;
        }
        // Orders are sent first; a page of them goes on with products.
        let before = cursor.as_ref().map(|Cursor(id)| ItemId(*id));
        let in_products = match before {
            Some(id) => view.reader.order(id)?.is_none(),
            None => false,
        };
        let (mut ids, mut next) = (Vec::new(), None);
        if !in_products {
            (ids, next) = page(&view.reader, &orders, Sort::Created, limit.get(), cursor)?;
        }
        let mut items = Vec::with_capacity(limit.get());
        for id in &ids {
            items.extend(view.pending_order(*id, place)?);
        }
        let room = limit.get() - ids.len();
        if next.is_none() && room > 0 {
            let after = before.filter(|_| in_products);
            let (ids, more) = view.in_order(&id, place, &products, after, room)?;
            next = more;
            for id in ids {
                items.extend(view.pending_item(id, place)?);
            }
        } else if next.is_none() && !products.is_empty() {
            next = ids.last().map(ItemId::to_string);
        }
        let (mut waiting, mut approved) = (0, 0);
        // Where nothing needs an approval, nothing is looked through for it.
        let reviewed =
            place.policy.send == SendMode::Review || items.iter().any(|item| item.review.is_some());
        let first = orders.iter().chain(&products).take(LOOKED_AT);
        for id in first.filter(|_| reviewed).map(|id| ItemId(id.into())) {
            match view.pending_item(id, place)?.and_then(|item| item.review) {
                Some(Review::Waiting) => waiting += 1,
                Some(Review::Approved) => approved += 1,
                None => {}
            }
        }
        let found = products | orders;
        Ok(PendingList {
            items,
            total: found.len(),
            next,
            waiting,
            approved,
        })
    });
    Ok(Json(page.await?))
}

/// One view of the store and of the settings, to shape items from.
pub(super) struct View {
    pub reader: Reader,
    pub places: Arc<Places>,
    base: Currency,
    /// In the daemon's time zone.
    pub today: Date,
}

/// An item with all its counterparts.
pub(super) struct Whole {
    pub item: Item,
    pub equivalences: Vec<(Number, Equivalence)>,
}

impl Whole {
    /// A connection, as far as this item is concerned.
    pub fn at<'a>(&'a self, place: &'a crate::store::Place) -> Place<'a> {
        let here = self.equivalences.iter().find(|(at, _)| *at == place.number);
        Place {
            policy: &place.policy,
            fields: place.fields,
            equivalence: here.map(|(_, here)| here),
        }
    }

    pub fn standing(&self) -> Standing {
        let live = self
            .equivalences
            .iter()
            .any(|(_, equivalence)| equivalence.is_live());
        if live { Standing::Live } else { Standing::Gone }
    }
}

impl View {
    pub fn of(app: &App) -> Result<Self, StoreError> {
        Ok(Self {
            reader: app.hub.store.read()?,
            places: app.hub.places.borrow().clone(),
            base: app.config.config.borrow().hub.base,
            today: day_of(app.hub.clock.now()).unwrap_or(Date::FIRST),
        })
    }

    pub fn whole(&self, id: ItemId) -> Result<Option<Whole>, StoreError> {
        let Some(item) = self.reader.product(id)? else {
            return Ok(None);
        };
        let equivalences = self.reader.equivalences(id)?;
        Ok(Some(Whole { item, equivalences }))
    }

    pub fn sight<T>(&self, whole: &Whole, look: impl FnOnce(&Sight<'_>) -> T) -> T {
        let around = Around {
            counterparts: &self.places.counterparts(&whole.equivalences),
            limits: self.places.limits,
        };
        look(&Sight {
            item: &whole.item,
            standing: whole.standing(),
            around: &around,
            base: self.base,
            kept: &|address| self.kept(address),
        })
    }

    /// What a send would do of a product or an order. `None`: nothing.
    fn pending_item(
        &self,
        id: ItemId,
        place: &crate::store::Place,
    ) -> Result<Option<PendingItem>, StoreError> {
        match self.whole(id)? {
            Some(whole) => Ok(self.sight(&whole, |sight| sight.pending(&whole.at(place)))),
            None => self.pending_order(id, place),
        }
    }

    /// Up to `limit` products as they are sent, after one of them, and where the next page begins.
    fn in_order(
        &self,
        id: &ConnectionId,
        place: &crate::store::Place,
        products: &RoaringBitmap,
        after: Option<ItemId>,
        limit: usize,
    ) -> Result<(Vec<ItemId>, Option<String>), StoreError> {
        let urgent = self.reader.urgent(id)? & products;
        let mut first = Vec::new();
        for item in &urgent {
            let id = ItemId(item.into());
            let urgency = if urgent.len() > RANKED {
                None
            } else {
                let whole = self.whole(id)?;
                whole.and_then(|whole| self.sight(&whole, |sight| sight.urgency(&whole.at(place))))
            };
            first.push((urgency, id));
        }
        first.sort_unstable();
        let rest = (products - &urgent).into_iter().map(|item| ItemId(item.into()));
        let all = first.into_iter().map(|(_, id)| id).chain(rest);
        // One that left the list since was sent: what comes after it is at the beginning now.
        let known = after.filter(|after| u32::try_from(after.0).is_ok_and(|bit| products.contains(bit)));
        let mut all = all.skip_while(|id| known.is_some_and(|after| *id != after));
        if known.is_some() {
            all.next();
        }
        let ids: Vec<ItemId> = all.by_ref().take(limit).collect();
        let next = all.next().and(ids.last()).map(ItemId::to_string);
        Ok((ids, next))
    }

    fn product(&self, id: ItemId, detail: Detail) -> Result<Option<Product>, StoreError> {
        let whole = self.whole(id)?;
        Ok(whole.map(|whole| {
            let places: Vec<Place<'_>> = self.places.all.iter().map(|place| whole.at(place)).collect();
            self.sight(&whole, |sight| sight.product(&places, detail))
        }))
    }

    /// The hash of a picture that some connection shows at an address; a picture that cannot be looked up is one
    /// whose bytes are not there.
    fn kept(&self, address: &str) -> Option<String> {
        self.places
            .all
            .iter()
            .find_map(|place| self.reader.picture(place.number, address).ok().flatten())
    }
}
