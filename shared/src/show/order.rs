//! What people are shown of a sales order: its content nested again, and what each connection has and is about to get.

pub mod edit;

use super::{Detail as HowMuch, Sight, differing, reviewed};
use crate::{
    api::{self, Buyer, OrderLine, OrderTotals, Payment, Shipment, ShippedLine},
    content::{Change, Content, Detail, Field, Leaf, Part, Path, Value},
    ids::{ConnectionId, Key, Kind},
    issue::Issue,
    item::{Equivalence, Item},
    mark::Mark,
    money::{Currency, Decimal, Money},
    order::{Ability, Address},
    policy::Policy,
    sync::{
        order::{
            Counterparts,
            cloning::{self, Cloning, cloning},
            pending::{pending, reason},
        },
        pending::{Pending, Standing},
        review,
        terms::Around,
        why,
    },
    time::Time,
};

/// An order with what its showing needs.
#[derive(Clone, Copy)]
pub struct OrderSight<'a> {
    pub item: &'a Item,
    pub standing: Standing,
}

/// One connection, as far as an order is concerned.
#[derive(Clone, Copy)]
pub struct OrderPlace<'a> {
    pub policy: &'a Policy,
    pub ability: &'a Ability,
    pub equivalence: Option<&'a Equivalence>,
    /// What the connection calls products of the hub.
    pub counterpart: &'a Counterparts<'a>,
}

impl std::fmt::Debug for OrderSight<'_> {
    /// Without its content: that is a buyer's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrderSight")
            .field("item", &self.item.id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for OrderPlace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrderPlace")
            .field("connection", &self.policy.connection)
            .finish_non_exhaustive()
    }
}

impl OrderSight<'_> {
    /// The order as the API shows it. Connections where it is not and is not to be are left out.
    pub fn order(&self, places: &[OrderPlace<'_>], how_much: HowMuch) -> api::Order {
        let content = &self.item.content;
        let currency: Option<Currency> = content.text(&Path::detail(Detail::Currency)).parse().ok();
        let whole = Told {
            content,
            part: Part::Whole,
            currency,
        };
        let parts = |is: fn(&Part) -> bool| {
            let told = move |part| Told { part, ..whole };
            content.parts().filter(is).map(told)
        };
        let field = |field| content.text(&Path::field(field)).to_owned();
        api::Order {
            id: self.item.id,
            number: whole.text(Detail::Number),
            origin: ConnectionId::parse(&whole.text(Detail::Origin)).ok(),
            status: field(Field::Status),
            payment_status: field(Field::Payment),
            fulfilment_status: field(Field::Fulfilment),
            placed_at: whole.time(Detail::PlacedAt),
            currency,
            totals: OrderTotals {
                items: whole.money(Detail::Items),
                shipping: whole.money(Detail::Shipping),
                discount: whole.money(Detail::Discount),
                tax: whole.money(Detail::Tax),
                total: whole.money(Detail::Total),
            },
            lines: parts(|part| matches!(part, Part::Line(_)))
                .map(Told::line)
                .collect(),
            buyer: Buyer {
                name: whole.text(Detail::Name),
                email: whole.text(Detail::Email),
                phone: whole.text(Detail::Phone),
            },
            shipping_address: whole.address(Detail::ShippingAddress),
            billing_address: whole.address(Detail::BillingAddress),
            shipments: parts(|part| matches!(part, Part::Shipment(_)))
                .map(Told::shipment)
                .collect(),
            payments: parts(|part| matches!(part, Part::Payment(_)))
                .map(Told::payment)
                .collect(),
            note: field(Field::Note),
            equivalences: places
                .iter()
                .filter_map(|place| self.equivalence(place, how_much))
                .collect(),
            left_out: places.iter().filter_map(|place| self.left_out(place)).collect(),
            updated_at: self.item.updated_at,
        }
    }

    /// A line of what a send would do. `None`: nothing.
    pub fn pending(&self, place: &OrderPlace<'_>) -> Option<api::PendingItem> {
        let pending = self.pending_at(place);
        let mark = pending
            .mark
            .filter(|mark| matches!(mark, Mark::Create | Mark::Update))?;
        let why = match mark {
            Mark::Create => String::from(why::NOT_THERE),
            _ => differing(&pending.changes),
        };
        let change = |change: &Change| {
            let why = reason(change, self.item);
            self.plain().change(change, change.mark(), why)
        };
        Some(api::PendingItem {
            kind: Kind::Orders,
            item: self.item.id,
            title: self.item.content.text(&Path::detail(Detail::Number)).to_owned(),
            mark,
            changes: pending.changes.iter().map(change).collect(),
            why,
            digest: format!("{:016x}", review::digest(&pending.changes)),
            review: reviewed(pending, self.item, place.equivalence, place.policy),
        })
    }

    /// As [`Sight::obstacles`].
    pub fn obstacles(&self, place: &OrderPlace<'_>) -> Vec<Issue> {
        self.pending_at(place).issues
    }

    fn equivalence(&self, place: &OrderPlace<'_>, how_much: HowMuch) -> Option<api::Equivalence> {
        let why = |change: &Change| reason(change, self.item);
        self.plain().counterpart(
            Kind::Orders,
            place.policy,
            place.equivalence,
            self.pending_at(place),
            how_much,
            &why,
        )
    }

    fn left_out(&self, place: &OrderPlace<'_>) -> Option<api::LeftOut> {
        if place.equivalence.is_some_and(|here| here.remote_id().is_some()) {
            return None;
        }
        match cloning(self.item, place.policy, place.ability) {
            Cloning::Yes | Cloning::No => None,
            Cloning::LeftOut(before) => Some(api::LeftOut {
                connection: place.policy.connection.clone(),
                why: cloning::reason(before, place.policy),
            }),
        }
    }

    /// As for products, what is pending counts from when the order last changed.
    fn pending_at(&self, place: &OrderPlace<'_>) -> Pending {
        let OrderPlace {
            policy,
            ability,
            equivalence,
            counterpart,
        } = place;
        pending(
            self.item,
            *equivalence,
            counterpart,
            policy,
            ability,
            self.standing,
            self.item.updated_at,
        )
    }

    /// What shows the values that orders share with products. An order has no pictures, and its money no base.
    fn plain(&self) -> Sight<'_> {
        const NOWHERE: Around<'static> = Around {
            counterparts: &[],
            limits: crate::policy::SetLimits {
                low_stock: Decimal::ZERO,
                low_price: Decimal::ZERO,
            },
        };
        Sight {
            item: self.item,
            standing: self.standing,
            around: &NOWHERE,
            base: Currency::USD,
            kept: &|_| None,
        }
    }
}

/// A part of an order, and what is told of it.
#[derive(Clone, Copy)]
struct Told<'a> {
    content: &'a Content,
    part: Part,
    currency: Option<Currency>,
}

impl Told<'_> {
    fn line(self) -> OrderLine {
        let (product, variant) = match self.get(Detail::Product) {
            Some(Value::Product(item, variant)) => (Some(*item), Some(variant.to_string())),
            _ => (None, None),
        };
        OrderLine {
            id: self.id(),
            product,
            variant,
            sku: self.text(Detail::Sku),
            title: self.text(Detail::Title),
            quantity: self.number(Detail::Quantity).unwrap_or_default(),
            unit_price: self.money(Detail::UnitPrice),
            tax: self.money(Detail::Tax),
            total: self.money(Detail::Total),
        }
    }

    fn shipment(self) -> Shipment {
        let lines = match self.get(Detail::Lines) {
            Some(Value::Lines(lines)) => lines.as_slice(),
            _ => &[],
        };
        let shipped = |(line, quantity): &(Key, Decimal)| ShippedLine {
            line: line.to_string(),
            quantity: *quantity,
        };
        Shipment {
            id: self.id(),
            carrier: self.text(Detail::Carrier),
            tracking_number: self.text(Detail::TrackingNumber),
            tracking_url: self.text(Detail::TrackingUrl),
            lines: lines.iter().map(shipped).collect(),
            shipped_at: self.time(Detail::ShippedAt),
        }
    }

    fn payment(self) -> Payment {
        Payment {
            id: self.id(),
            method: self.text(Detail::Method),
            amount: self.money(Detail::Amount),
            reference: self.text(Detail::Reference),
            paid_at: self.time(Detail::PaidAt),
        }
    }

    fn id(self) -> String {
        self.part.key().map(|key| key.to_string()).unwrap_or_default()
    }

    fn get(&self, detail: Detail) -> Option<&Value> {
        self.content.get(&Path::of(self.part, Leaf::Detail(detail)))
    }

    fn text(&self, detail: Detail) -> String {
        match self.get(detail) {
            Some(Value::Text(text)) => text.to_string(),
            _ => String::new(),
        }
    }

    fn number(&self, detail: Detail) -> Option<Decimal> {
        match self.get(detail) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    fn money(&self, detail: Detail) -> Option<Money> {
        let amount = self.number(detail)?;
        let currency = self.currency?;
        Some(Money { amount, currency })
    }

    fn time(&self, detail: Detail) -> Option<Time> {
        match self.get(detail) {
            Some(Value::Time(time)) => Some(*time),
            _ => None,
        }
    }

    fn address(&self, detail: Detail) -> Option<Address> {
        match self.get(detail) {
            Some(Value::Address(address)) => Some((**address).clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
