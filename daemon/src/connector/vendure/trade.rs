//! Reading orders, and telling the shop what became of them.

use super::{
    super::{Answer, Class, ConnectorError, Page, PageFrom, Update, http::Failure},
    Vendure,
    client::Operation,
    cursor::{Cursor, List, Turned},
    errors::Outcome,
    input::rejected,
    order::{Fulfilment, FulfilmentLine, Order, Way, is_final, record, status},
    query,
    shapes::Listed,
    shop::Shop,
    sight::Open,
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    order::{self, Patch, Shipment},
    time::Time,
};

/// Orders that are asked for by their ids beside those that changed. Where more are open, all are read.
const OPEN: usize = 1500;

#[derive(Deserialize)]
struct Orders {
    orders: Listed<Order>,
}

#[derive(Deserialize)]
struct Changed {
    result: Outcome,
}

impl Vendure {
    /// One page of orders that were placed. An order does not count as changed when it is paid or shipped, so those that
    /// were open the last time are read again, whatever they say.
    pub(super) async fn orders_page(&self, from: &PageFrom) -> Result<Page<order::Record>, ConnectorError> {
        let PageFrom { since, cursor } = from;
        let shop = match cursor {
            None => self.learn().await?,
            Some(_) => self.shop().await?,
        };
        let cursor = match (cursor, since) {
            (Some(cursor), _) => Cursor::parse(cursor)?,
            (None, Some(_)) if self.open.begin().is_some_and(|open| open.len() <= OPEN) => {
                Cursor::first(List::ChangedOrders)
            }
            (None, _) => {
                self.open.begin();
                Cursor::first(List::Everything)
            }
        };
        let open = self.open.known();
        let changed = cursor.list == List::ChangedOrders;
        let mut filter = json!({ "orderPlacedAt": { "isNull": false } });
        if let (true, Some(since)) = (changed, since) {
            let since = Time(since.0 - 1).to_string();
            filter["_or"] = json!([
                { "updatedAt": { "after": since } },
                { "orderPlacedAt": { "after": since } },
                { "state": { "notIn": shop.final_states() } },
                { "id": { "in": open } },
            ]);
        }
        let page = self.settings.page;
        let options = json!({
            "take": page + cursor.overlap(), "skip": cursor.skip(), "sort": { "id": "ASC" }, "filter": filter,
        });
        let Listed { items, total_items } = self.orders_by(options).await?;
        let came: Vec<&str> = items.iter().map(|order| order.id.as_str()).collect();
        let Turned { known, next } = cursor.turn(&came, total_items);
        let items = &items[known..];
        for order in items {
            self.open.show(
                &order.id,
                if is_final(order, &shop) {
                    Open::No
                } else {
                    Open::Yes
                },
            );
        }
        if next.is_none() {
            self.open.end();
        }
        Ok(Page {
            records: items.iter().map(|order| record(order, &shop)).collect(),
            unreadable: Vec::new(),
            next: next.map(|next| next.to_string()),
            // What changes while it is read makes the list of changes longer.
            total: (!changed).then_some(total_items),
        })
    }

    async fn orders_by(&self, options: Value) -> Result<Listed<Order>, ConnectorError> {
        let Orders { orders } = self
            .client
            .read(query::ORDERS, json!({ "options": options }))
            .await?;
        Ok(orders)
    }

    pub(super) async fn order(&self, id: &str) -> Result<Option<Order>, ConnectorError> {
        let options = json!({ "take": 1, "filter": { "id": { "eq": id } } });
        Ok(self.orders_by(options).await?.items.into_iter().next())
    }

    pub(super) async fn update_order(&self, update: &Update<Patch>) -> Answer<order::Record> {
        let Update {
            token: _,
            remote_id,
            patch,
        } = update;
        match self.try_update_order(&remote_id.0, patch).await {
            Ok(record) => Answer::Shown(record),
            Err(Failure::Refused(error)) => Answer::Refused(error),
            Err(Failure::Unclear(error)) => Answer::Unclear(error),
        }
    }

    async fn try_update_order(&self, id: &str, patch: &Patch) -> Result<order::Record, Failure> {
        let shop = self.shop().await.map_err(Failure::Refused)?;
        let current = async || {
            let order = self.order(id).await?;
            order.ok_or_else(|| {
                ConnectorError::new(Class::Missing, format!("Order {id} is not in Vendure any more."))
            })
        };
        let mut order = current().await.map_err(Failure::Refused)?;
        for step in steps(patch, &order, &shop) {
            self.take(&order, step.map_err(Failure::Refused)?).await?;
            // What comes after depends on what it did; it was done, whether or not it can be seen now.
            order = current().await.map_err(Failure::Unclear)?;
        }
        Ok(record(&order, &shop))
    }

    async fn take(&self, order: &Order, step: Step) -> Result<(), Failure> {
        match step {
            Step::Settle(payment) => self.done(query::SETTLE, json!({ "id": payment })).await.map(drop),
            Step::Ship(parcel) => self.ship(order, parcel).await,
            Step::Complete => {
                let rest = order.outstanding(|way| way != Way::Cancelled);
                let waiting = order
                    .fulfilments()
                    .filter(|fulfilment| fulfilment.way() == Way::Waiting);
                let mut parcels: Vec<String> = Vec::new();
                for fulfilment in waiting {
                    self.leave(&fulfilment.id).await?;
                    parcels.push(fulfilment.id.clone());
                }
                let left = order
                    .fulfilments()
                    .filter(|fulfilment| fulfilment.way() == Way::Left);
                parcels.extend(left.map(|fulfilment| fulfilment.id.clone()));
                if !rest.is_empty() {
                    parcels.push(self.pack(&Parcel::plain(rest)).await?);
                }
                for parcel in parcels {
                    self.done(
                        query::MOVE_FULFILMENT,
                        json!({ "id": parcel, "state": "Delivered" }),
                    )
                    .await?;
                }
                Ok(())
            }
            Step::Cancel => {
                let input = json!({ "orderId": order.id, "reason": "Cancelled where it is sold or managed", "cancelShipping": true });
                self.done(query::CANCEL, json!({ "input": input }))
                    .await
                    .map(drop)
            }
            Step::Move(state) => self
                .done(query::MOVE_ORDER, json!({ "id": order.id, "state": state }))
                .await
                .map(drop),
            Step::Note(note) => {
                let input = json!({ "id": order.id, "note": note, "isPublic": false });
                self.done(query::NOTE, json!({ "input": input })).await.map(drop)
            }
        }
    }

    async fn ship(&self, order: &Order, parcel: Parcel) -> Result<(), Failure> {
        let mut parcel = parcel;
        if parcel.lines.is_empty() {
            parcel.lines = order.outstanding(|way| matches!(way, Way::Left | Way::Arrived));
        }
        // One that was made and did not leave: the connection broke in between.
        let waiting = order
            .fulfilments()
            .find(|fulfilment| fulfilment.way() == Way::Waiting && parcel.is(fulfilment));
        let id = match waiting {
            Some(waiting) => waiting.id.clone(),
            None => self.pack(&parcel).await?,
        };
        self.leave(&id).await
    }

    async fn pack(&self, parcel: &Parcel) -> Result<String, Failure> {
        let Parcel {
            carrier,
            tracking,
            lines,
        } = parcel;
        let lines: Vec<Value> = lines
            .iter()
            .map(|line| json!({ "orderLineId": line.order_line_id, "quantity": line.quantity }))
            .collect();
        let input = json!({
            "lines": lines,
            "handler": {
                "code": "manual-fulfillment",
                "arguments": [{ "name": "method", "value": carrier }, { "name": "trackingCode", "value": tracking }],
            },
        });
        let made = self.done(query::FULFIL, json!({ "input": input })).await?;
        made.id.ok_or_else(|| {
            Failure::Unclear(ConnectorError::new(
                Class::Protocol,
                "Vendure made a fulfilment and does not say which.",
            ))
        })
    }

    async fn leave(&self, parcel: &str) -> Result<(), Failure> {
        self.done(
            query::MOVE_FULFILMENT,
            json!({ "id": parcel, "state": "Shipped" }),
        )
        .await
        .map(drop)
    }

    /// A change whose result may be an error, which comes as data.
    async fn done(&self, operation: Operation<'_>, variables: Value) -> Result<Outcome, Failure> {
        let Changed { result } = self.client.write(operation, variables).await?;
        match result.error() {
            Some(error) => Err(Failure::Refused(error)),
            None => Ok(result),
        }
    }
}

/// One thing to do about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Take the money of a payment that was authorized.
    Settle(String),
    Ship(Parcel),
    /// Everything left and arrived.
    Complete,
    Cancel,
    /// To a state of the shop's own.
    Move(String),
    Note(String),
}

/// What is to leave. Without lines: everything that has not left yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parcel {
    carrier: String,
    tracking: String,
    lines: Vec<FulfilmentLine>,
}

impl Parcel {
    fn plain(lines: Vec<FulfilmentLine>) -> Self {
        Self {
            carrier: String::new(),
            tracking: String::new(),
            lines,
        }
    }

    fn is(&self, fulfilment: &Fulfilment) -> bool {
        let sorted = |lines: &[FulfilmentLine]| {
            let mut lines: Vec<(String, i64)> = lines
                .iter()
                .map(|line| (line.order_line_id.clone(), line.quantity))
                .collect();
            lines.sort();
            lines
        };
        self.carrier == fulfilment.method
            && self.tracking == fulfilment.tracking_code.as_deref().unwrap_or_default()
            && sorted(&self.lines) == sorted(&fulfilment.lines)
    }
}

/// What a patch asks for, in the order in which Vendure takes it. An error is of a step that it has no way to take, and comes
/// after those that it has.
fn steps(patch: &Patch, order: &Order, shop: &Shop) -> Vec<Result<Step, ConnectorError>> {
    let Patch {
        status: wanted,
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
    let now = record(order, shop).order;
    let mut steps = Vec::new();
    let mut errors = Vec::new();
    if let Some(word) = payment_status
        .as_ref()
        .filter(|word| **word != now.payment_status)
    {
        let authorized = order.payments().filter(|payment| payment.state == "Authorized");
        let authorized: Vec<Step> = authorized
            .map(|payment| Step::Settle(payment.id.clone()))
            .collect();
        if word == "paid" && !authorized.is_empty() {
            steps.extend(authorized);
        } else {
            errors.push(rejected(format!(
                "Vendure takes and refunds money by its own payment methods only: make the order {} `{word}` there.",
                order.code
            )));
        }
    } else if !new_payments.is_empty() && now.payment_status == "unpaid" {
        errors.push(rejected(format!(
            "Vendure takes payments by its own payment methods only: enter the payment of order {} there.",
            order.code
        )));
    }
    steps.extend(new_shipments.iter().map(|shipment| Step::Ship(parcel(shipment))));
    let rest_is_shipped =
        fulfilment_status.as_deref() == Some("fulfilled") && now.fulfilment_status != "fulfilled";
    if rest_is_shipped && new_shipments.is_empty() {
        steps.push(Step::Ship(Parcel::plain(Vec::new())));
    }
    for shipment in shipments {
        let known = now
            .shipments
            .iter()
            .find(|known| known.remote_id == shipment.remote_id);
        let same = |known: &Shipment| {
            known.carrier == shipment.carrier && known.tracking_number == shipment.tracking_number
        };
        if !known.is_some_and(same) {
            errors.push(rejected(format!(
                "Vendure never changes a fulfilment: cancel the one of order {} there, and make another.",
                order.code
            )));
        }
    }
    if let Some(note) = note
        .as_ref()
        .filter(|note| !note.is_empty() && *note != order.note())
    {
        steps.push(Step::Note(note.clone()));
    }
    match wanted.as_deref().filter(|word| *word != status(&order.state)) {
        None => {}
        Some("completed") => steps.push(Step::Complete),
        Some("cancelled") => steps.push(Step::Cancel),
        Some(own) if shop.order_states.iter().any(|state| state.name == own) => {
            steps.push(Step::Move(own.to_owned()));
        }
        Some(word) => errors.push(rejected(format!(
            "An order of Vendure does not go from `{}` to `{word}`: change order {} there.",
            order.state, order.code
        ))),
    }
    if buyer.is_some() || shipping_address.is_some() || billing_address.is_some() {
        errors.push(rejected(format!(
            "The buyer and addresses of an order that was placed are changed in Vendure only: change order {} there.",
            order.code
        )));
    }
    steps
        .into_iter()
        .map(Ok)
        .chain(errors.into_iter().map(Err))
        .collect()
}

fn parcel(shipment: &Shipment) -> Parcel {
    let Shipment {
        remote_id: _,
        carrier,
        tracking_number,
        tracking_url: _,
        lines,
        shipped_at: _,
    } = shipment;
    let line = |shipped: &order::ShippedLine| {
        Some(FulfilmentLine {
            order_line_id: shipped.line.0.to_string(),
            quantity: super::input::whole(shipped.quantity).ok()?,
        })
    };
    Parcel {
        carrier: carrier.clone(),
        tracking: tracking_number.clone(),
        lines: lines
            .iter()
            .filter_map(line)
            .filter(|line| line.quantity > 0)
            .collect(),
    }
}
