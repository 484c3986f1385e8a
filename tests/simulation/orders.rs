//! What people do with orders in the shops.

use super::world::World;
use daemon::connector::demo::{Shop, ShopError};
use shared::{
    ids::{ConnectionId, RemoteId},
    money::Decimal,
    order::{Order, Payment, Record, Shipment, ShippedLine},
};
use std::collections::BTreeSet;

const STATUSES: &[&str] = &["pending", "processing", "on-hold", "completed", "cancelled"];
const PAYMENTS: &[&str] = &["unpaid", "authorized", "paid", "refunded"];
const FULFILMENTS: &[&str] = &["unfulfilled", "partial", "fulfilled"];

impl World {
    /// Somebody buys in a shop.
    pub(super) fn buy(&mut self, id: &ConnectionId) {
        let Some(product) = self.any_record(id) else {
            return;
        };
        let variant = self.chance.index(product.product.variants.len());
        let bought = &product.product.variants[variant];
        let quantity = self.chance.between(1, 3);
        let at = self.clock.now();
        let wanted = u32::try_from(quantity).expect("it is from 1 to 3");
        // Some shops sell what they do not have.
        let sell = if self.chance.percent(10) {
            Shop::oversell
        } else {
            Shop::sell
        };
        let (product_id, variant_id) = (&product.remote_id.0, bought.remote_id.as_ref());
        let sold = sell(&mut self.shop(id), product_id, variant_id, wanted, at);
        match sold {
            Ok(order) => {
                self.placed(id).insert(order.clone());
                self.book(id, &product.remote_id, &bought.sku, -quantity);
                self.tell(|| format!("{id}: {quantity} of {} are sold ({order})", bought.sku));
            }
            Err(ShopError::Rejected(why)) => self.tell(|| format!("{id}: a buyer is told that {why}")),
            Err(error) => panic!("a shop does not sell: {error}"),
        }
    }

    /// Somebody in a shop goes on with an order.
    pub(super) fn handle(&mut self, id: &ConnectionId) {
        let Some(record) = self.any_order(id) else { return };
        let (nth, what) = (self.chance.below(100_000), self.chance.below(8));
        let status = self.chance.pick(STATUSES);
        let payment = self.chance.pick(PAYMENTS);
        let fulfilment = self.chance.pick(FULFILMENTS);
        let change = |order: &mut Order| match what {
            0 | 1 => status.clone_into(&mut order.status),
            2 => payment.clone_into(&mut order.payment_status),
            3 => fulfilment.clone_into(&mut order.fulfilment_status),
            4 => order.shipments.push(parcel(order, nth)),
            5 => order.payments.push(Payment {
                method: "card".to_owned(),
                amount: Some(Decimal::from(1)),
                reference: format!("PAID-{nth}"),
                ..Payment::default()
            }),
            6 => order.note = format!("Call {nth} & ring twice "),
            _ => {
                order.buyer.phone = format!("+1 202 555 {nth}");
                order.shipping_address.line2 = format!("Floor {nth}");
            }
        };
        let handled = self.shop(id).change_order(&record.remote_id.0, change);
        let Record { remote_id, order, .. } = handled.expect("a shop takes that");
        self.tell(|| {
            format!(
                "{id}: {remote_id} is gone on with ({what}): {}, {}, {}, {:?}",
                order.status, order.payment_status, order.fulfilment_status, order.note
            )
        });
    }

    /// Somebody removes an order, but never the last few: that everything is gone is a matter for a person.
    pub(super) fn forget(&mut self, id: &ConnectionId) {
        let few = self.shop(id).order_count().expect("a shop") < 4;
        let Some(record) = self.any_order(id).filter(|_| !few) else {
            return;
        };
        self.shop(id)
            .remove_order(&record.remote_id.0)
            .expect("it is there");
        self.placed(id).remove(&record.remote_id);
        if !self.knows_order(id, &record.remote_id) {
            // What it booked out here stays gone, and nothing tells the hub of whose sale that was.
            for line in &record.order.lines {
                self.ledger.strike(&line.sku);
            }
        }
        self.tell(|| format!("{id}: {} is removed", record.remote_id));
    }

    pub(super) fn placed(&mut self, id: &ConnectionId) -> &mut BTreeSet<RemoteId> {
        self.placed.get_mut(id).expect("it is one of them")
    }

    fn any_order(&mut self, id: &ConnectionId) -> Option<Record> {
        let mut orders = self.shop(id).orders().expect("a shop");
        if orders.is_empty() {
            return None;
        }
        let at = self.chance.index(orders.len());
        Some(orders.swap_remove(at))
    }
}

/// A parcel with everything in it.
fn parcel(order: &Order, nth: u64) -> Shipment {
    let lines = order.lines.iter().filter_map(|line| {
        Some(ShippedLine {
            line: line.remote_id.clone()?,
            quantity: line.quantity,
        })
    });
    Shipment {
        carrier: "DHL".to_owned(),
        tracking_number: format!("TRACK-{nth}"),
        lines: lines.collect(),
        ..Shipment::default()
    }
}
