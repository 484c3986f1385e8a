//! The sales orders of a demo shop: what buyers, people in the shop and the connector do with them.

use super::{
    history::{self, FIRST_ORDER, History},
    rows::{Begin, Changed},
    state::{By, Fact, OrderState, Shop, ShopError, State, Walk, Writes, writes},
};
use serde::{Deserialize, Serialize};
use shared::{
    ids::RemoteId,
    money::Decimal,
    order::{Ability, Line, Order, Patch, Payment, Record, Shipment, ShippedLine},
    product::{Product, Variant},
    time::Time,
};
use std::collections::{BTreeMap, btree_map::Entry};

/// What every demo shop can do with orders.
pub(super) const ABILITY: Ability = Ability {
    creates: true,
    books_stock: true,
    statuses: &[
        "pending",
        "processing",
        "on-hold",
        "completed",
        "cancelled",
        "refunded",
        "failed",
    ],
    payment_statuses: &["unpaid", "authorized", "paid", "partially-refunded", "refunded"],
    fulfilment_statuses: &["unfulfilled", "partial", "fulfilled"],
};

/// Whether a sale makes its product count as changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sales {
    #[default]
    Dated,
    Undated,
}

/// What a shop does where it has less than a buyer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Short {
    SayNo,
    SellAnyway,
}

impl Shop {
    /// Somebody buys here: an order is placed, and the stock of the variant's first location goes down. Says no where
    /// less is left. `at` is when the order says that it was placed.
    pub fn sell(
        &mut self,
        product: &str,
        variant: Option<&RemoteId>,
        quantity: u32,
        at: Time,
    ) -> Result<RemoteId, ShopError> {
        self.sell_some(product, variant, quantity, at, Short::SayNo)
    }

    /// As [`sell`](Self::sell), below zero if need be.
    pub fn oversell(
        &mut self,
        product: &str,
        variant: Option<&RemoteId>,
        quantity: u32,
        at: Time,
    ) -> Result<RemoteId, ShopError> {
        self.sell_some(product, variant, quantity, at, Short::SellAnyway)
    }

    /// Every order that is in the shop now.
    pub fn orders(&mut self) -> Result<Vec<Record>, ShopError> {
        self.orders_since(None)
    }

    /// Every order that changed at or after `since`, by the shop's clock.
    pub(super) fn orders_since(&mut self, since: Option<Time>) -> Result<Vec<Record>, ShopError> {
        let walk = self.walk_orders(since, Begin::After(0), usize::MAX)?;
        Ok(walk.records.into_iter().map(|(_, record)| record).collect())
    }

    /// How many orders are in the shop now.
    pub fn order_count(&mut self) -> Result<u64, ShopError> {
        self.refresh()?;
        Ok(self.index.orders.count())
    }

    /// One order, as the connector would show it.
    pub fn order(&mut self, id: &str) -> Result<Option<Record>, ShopError> {
        self.refresh()?;
        let Some(number) = history::number_of(id) else {
            return Ok(None);
        };
        Ok(self.order_state(number)?.and_then(|state| record(number, state)))
    }

    /// The orders with this token, in the order of their numbers.
    pub fn orders_with_token(&mut self, token: &str) -> Result<Vec<Record>, ShopError> {
        self.refresh()?;
        let mut found = Vec::new();
        for number in self.index.orders.with_token(token) {
            match self.order_state(number)? {
                Some(state) if state.token.as_deref() == Some(token) => found.extend(record(number, state)),
                _ => {}
            }
        }
        Ok(found)
    }

    /// Somebody edits an order in the shop, in whatever words. New lines, shipments and payments get ids of their own.
    pub fn change_order(&mut self, id: &str, change: impl FnOnce(&mut Order)) -> Result<Record, ShopError> {
        self.alter_order(id, By::Person, |order| {
            change(order);
            Ok(())
        })
    }

    /// Somebody removes an order in the shop. The program itself never does.
    pub fn remove_order(&mut self, id: &str) -> Result<(), ShopError> {
        self.writing(|shop| {
            let (number, mut state) = shop.present_order(id)?;
            state.order = None;
            state.updated_at = shop.now();
            shop.append(Fact::Ordered {
                number,
                state: Box::new(state),
                booked: Vec::new(),
            })
        })
    }

    /// What came through the connector for orders since the shop opened.
    pub fn order_writes(&mut self) -> Result<Writes, ShopError> {
        Ok(self.writes_by_order()?.into_values().sum())
    }

    /// What came through the connector for each order that it wrote, removed ones included.
    pub fn writes_by_order(&mut self) -> Result<BTreeMap<RemoteId, Writes>, ShopError> {
        self.refresh()?;
        Ok(writes(&self.index.orders, history::order_id))
    }

    /// Up to `most` orders that changed at or after `since`.
    pub(super) fn walk_orders(
        &mut self,
        since: Option<Time>,
        begin: Begin,
        most: usize,
    ) -> Result<Walk<Record>, ShopError> {
        self.refresh()?;
        let unchanged = self.index.order_since(since);
        let (rows, more) = self.index.orders.page(begin, since, unchanged, most);
        let mut records = Vec::with_capacity(rows.len());
        for (number, changed) in rows {
            let state = match changed {
                Some(Changed { place, .. }) => Some(self.read_order_state(number, place)?),
                None => self.untouched_order(number),
            };
            let record = state.and_then(|state| record(number, state));
            records.extend(record.map(|record| (number, record)));
        }
        let total = self.index.orders.extent(since, unchanged);
        Ok(Walk { records, more, total })
    }

    /// Takes an order from elsewhere, under a number of the shop's own, and what was bought out of stock, below zero if
    /// need be.
    pub(super) fn create_order(&mut self, order: Order, token: Option<String>) -> Result<Record, ShopError> {
        let mut order = order;
        let blanks = [
            (&mut order.status, "pending"),
            (&mut order.payment_status, "unpaid"),
            (&mut order.fulfilment_status, "unfulfilled"),
        ];
        for (word, first) in blanks {
            if word.trim().is_empty() {
                first.clone_into(word);
            }
        }
        check_words(
            Some(&order.status),
            Some(&order.payment_status),
            Some(&order.fulfilment_status),
        )?;
        self.writing(|shop| {
            let mut booked = BTreeMap::new();
            for line in &order.lines {
                shop.book(&mut booked, line, Short::SellAnyway)?;
            }
            shop.place_order(order, token, By::Connector, booked)
        })
    }

    /// Changes an order as told. What was bought stays booked, whatever becomes of the order.
    pub(super) fn alter_order(
        &mut self,
        id: &str,
        by: By,
        change: impl FnOnce(&mut Order) -> Result<(), ShopError>,
    ) -> Result<Record, ShopError> {
        self.writing(|shop| {
            let (number, mut state) = shop.present_order(id)?;
            let order = state.order.as_mut().expect("it is present");
            change(order)?;
            name_parts(number, order, &mut state.next_part);
            state.updated_at = shop.now();
            state.writes.updates += u64::from(by == By::Connector);
            shop.append(Fact::Ordered {
                number,
                state: Box::new(state.clone()),
                booked: Vec::new(),
            })?;
            Ok(record(number, state).expect("it is present"))
        })
    }

    /// Whether there are orders that are not of the history.
    pub(super) fn took_orders(&self) -> bool {
        let orders = &self.index.orders;
        orders
            .changed()
            .range(orders.opened_with().end.max(FIRST_ORDER)..)
            .next()
            .is_some()
    }

    fn sell_some(
        &mut self,
        product: &str,
        variant: Option<&RemoteId>,
        quantity: u32,
        at: Time,
        short: Short,
    ) -> Result<RemoteId, ShopError> {
        let found = self.product(product)?;
        let found = found.ok_or_else(|| ShopError::Missing(product.into()))?;
        let bought = variant_of(&found.product, variant).ok_or_else(|| {
            let which = variant.map_or("without an id", |id| &id.0);
            ShopError::Rejected(format!("the product `{product}` has no variant {which}"))
        })?;
        let quantity = Decimal::from(i64::from(quantity));
        let line = history::line(found.remote_id.clone(), &found.product, bought, quantity);
        self.writing(|shop| {
            let mut booked = BTreeMap::new();
            shop.book(&mut booked, &line, short)?;
            let history = shop.index.history.clone().unwrap_or_default();
            let order = history.sale(shop.next_order(), line, at);
            let record = shop.place_order(order, None, By::Person, booked)?;
            Ok(record.remote_id)
        })
    }

    fn place_order(
        &mut self,
        mut order: Order,
        token: Option<String>,
        by: By,
        booked: BTreeMap<u64, State>,
    ) -> Result<Record, ShopError> {
        let (number, at) = (self.next_order(), self.now());
        order.number = number.to_string();
        order.placed_at.get_or_insert(at);
        let mut next_part = 1;
        rename_parts(number, &mut order, &mut next_part);
        let state = OrderState {
            order: Some(order),
            token,
            updated_at: at,
            writes: Writes {
                creates: u64::from(by == By::Connector),
                updates: 0,
            },
            next_part,
        };
        self.append(Fact::Ordered {
            number,
            state: Box::new(state.clone()),
            booked: booked.into_iter().collect(),
        })?;
        Ok(record(number, state).expect("it was placed"))
    }

    /// Takes what a line says out of stock.
    fn book(&self, booked: &mut BTreeMap<u64, State>, line: &Line, short: Short) -> Result<(), ShopError> {
        let Line {
            product: Some(product),
            variant,
            title,
            quantity,
            ..
        } = line
        else {
            return Ok(());
        };
        let unknown = || {
            let words = format!("The line `{title}` is of {product}, which is not sold here.");
            ShopError::Rejected(words)
        };
        let number = super::catalogue::number_of(&product.0).ok_or_else(unknown)?;
        let state = match booked.entry(number) {
            Entry::Occupied(taken) => taken.into_mut(),
            Entry::Vacant(free) => free.insert(self.state(number)?.ok_or_else(unknown)?),
        };
        let product = state.product.as_mut().ok_or_else(unknown)?;
        let simple = product.variants.len() == 1;
        let bought = product
            .variants
            .iter_mut()
            .find(|known| is_meant(known, variant.as_ref(), simple))
            .ok_or_else(unknown)?;
        // What is not counted never runs out.
        if let Some(left) = bought.stock.values_mut().next() {
            let after = Decimal(left.0 - quantity.0);
            if short == Short::SayNo && after.is_negative() {
                let words = format!("only {} of `{}` are left", left.plain(), bought.sku);
                return Err(ShopError::Rejected(words));
            }
            *left = after;
            if self.index.sales == Sales::Dated {
                state.updated_at = self.now();
            }
        }
        Ok(())
    }

    fn next_order(&self) -> u64 {
        let orders = &self.index.orders;
        orders.next_number(orders.opened_with().end.max(FIRST_ORDER))
    }

    fn present_order(&self, id: &str) -> Result<(u64, OrderState), ShopError> {
        let missing = || ShopError::MissingOrder(id.into());
        let number = history::number_of(id).ok_or_else(missing)?;
        let state = self.order_state(number)?.filter(|state| state.order.is_some());
        Ok((number, state.ok_or_else(missing)?))
    }

    /// `None`: no such order was ever here.
    fn order_state(&self, number: u64) -> Result<Option<OrderState>, ShopError> {
        match self.index.orders.changed().get(&number) {
            Some(changed) => self.read_order_state(number, changed.place).map(Some),
            None if self.index.orders.opened_with().contains(&number) => Ok(self.untouched_order(number)),
            None => Ok(None),
        }
    }

    fn untouched_order(&self, number: u64) -> Option<OrderState> {
        let history: &History = self.index.history.as_ref()?;
        Some(OrderState {
            order: Some(history.order(number)),
            token: None,
            updated_at: self
                .index
                .rewritten_at
                .unwrap_or_else(|| history.changed_at(number)),
            writes: Writes::default(),
            // Above every part of an order of the history.
            next_part: 101,
        })
    }
}

/// Changes only what the patch names.
pub(super) fn apply(order: &mut Order, patch: Patch) -> Result<(), ShopError> {
    let Patch {
        status,
        payment_status,
        fulfilment_status,
        buyer,
        shipping_address,
        billing_address,
        note,
        shipments,
        new_shipments,
        new_payments,
    } = patch;
    check_words(
        status.as_ref(),
        payment_status.as_ref(),
        fulfilment_status.as_ref(),
    )?;
    for shipment in shipments.iter().chain(&new_shipments) {
        let strange = shipment.lines.iter().find(|shipped| {
            let is_it = |line: &Line| line.remote_id.as_ref() == Some(&shipped.line);
            !order.lines.iter().any(is_it)
        });
        if let Some(ShippedLine { line, .. }) = strange {
            return Err(ShopError::Rejected(format!("The order has no line {line}.")));
        }
    }
    for shipment in shipments {
        let same = |known: &&mut Shipment| known.remote_id.is_some() && known.remote_id == shipment.remote_id;
        let Some(known) = order.shipments.iter_mut().find(same) else {
            let id = shipment.remote_id.as_ref().map_or("without an id", |id| &id.0);
            return Err(ShopError::Rejected(format!("The order has no shipment {id}.")));
        };
        *known = shipment;
    }
    let unnamed = |shipment| Shipment {
        remote_id: None,
        ..shipment
    };
    order.shipments.extend(new_shipments.into_iter().map(unnamed));
    let unnamed = |payment| Payment {
        remote_id: None,
        ..payment
    };
    order.payments.extend(new_payments.into_iter().map(unnamed));
    replace(&mut order.status, status);
    replace(&mut order.payment_status, payment_status);
    replace(&mut order.fulfilment_status, fulfilment_status);
    replace(&mut order.buyer, buyer);
    replace(&mut order.shipping_address, shipping_address);
    replace(&mut order.billing_address, billing_address);
    replace(&mut order.note, note);
    Ok(())
}

fn replace<T>(value: &mut T, wanted: Option<T>) {
    if let Some(wanted) = wanted {
        *value = wanted;
    }
}

fn check_words(
    status: Option<&String>,
    payment: Option<&String>,
    fulfilment: Option<&String>,
) -> Result<(), ShopError> {
    let words = [
        ("status", status, ABILITY.statuses),
        ("payment status", payment, ABILITY.payment_statuses),
        ("fulfilment status", fulfilment, ABILITY.fulfilment_statuses),
    ];
    for (what, word, known) in words {
        if let Some(word) = word.filter(|word| !known.contains(&word.as_str())) {
            return Err(ShopError::Rejected(format!(
                "Invalid {what} `{word}`: it is one of {}.",
                known.join(", ")
            )));
        }
    }
    Ok(())
}

/// Gives every part an id of this shop's, whatever it was called elsewhere; shipped lines keep to the lines that they
/// named.
fn rename_parts(number: u64, order: &mut Order, next_part: &mut u64) {
    let mut renamed = BTreeMap::new();
    for line in &mut order.lines {
        let own = history::line_id(number, next(next_part));
        if let Some(elsewhere) = line.remote_id.replace(own.clone()) {
            renamed.insert(elsewhere, own);
        }
    }
    for shipment in &mut order.shipments {
        shipment.remote_id = Some(history::shipment_id(number, next(next_part)));
        shipment
            .lines
            .retain_mut(|shipped| match renamed.get(&shipped.line) {
                Some(own) => {
                    shipped.line.clone_from(own);
                    true
                }
                None => false,
            });
    }
    for payment in &mut order.payments {
        payment.remote_id = Some(history::payment_id(number, next(next_part)));
    }
}

/// Gives the parts that have no id theirs.
fn name_parts(number: u64, order: &mut Order, next_part: &mut u64) {
    for line in &mut order.lines {
        line.remote_id
            .get_or_insert_with(|| history::line_id(number, next(next_part)));
    }
    for shipment in &mut order.shipments {
        shipment
            .remote_id
            .get_or_insert_with(|| history::shipment_id(number, next(next_part)));
    }
    for payment in &mut order.payments {
        payment
            .remote_id
            .get_or_insert_with(|| history::payment_id(number, next(next_part)));
    }
}

fn next(part: &mut u64) -> u64 {
    *part += 1;
    *part - 1
}

fn variant_of<'a>(product: &'a Product, wanted: Option<&RemoteId>) -> Option<&'a Variant> {
    let simple = product.variants.len() == 1;
    product
        .variants
        .iter()
        .find(|known| is_meant(known, wanted, simple))
}

/// A simple product's only variant has no id.
fn is_meant(known: &Variant, wanted: Option<&RemoteId>, simple: bool) -> bool {
    match wanted {
        Some(wanted) => known.remote_id.as_ref() == Some(wanted),
        None => simple,
    }
}

fn record(number: u64, state: OrderState) -> Option<Record> {
    Some(Record {
        remote_id: history::order_id(number),
        url: None,
        updated_at: Some(state.updated_at),
        token: state.token,
        order: state.order?,
    })
}
