//! The laws of sales orders: each is once wherever it is to be, says there what it says in the hub, and none is lost.

use super::{super::world::World, Sight, Wholes};
use daemon::store::Place;
use shared::{
    content::{Content, Detail, Field, Leaf, Part, Path, Value},
    ids::{ItemId, RemoteId},
    item::{Equivalence, Item, Presence},
    mark::Mark,
    money::Decimal,
    order::{Line, Order, Record},
    policy::CloneOrders,
    sync::{
        acknowledge,
        order::{
            is_origin,
            pending::pending,
            view::{View, view},
        },
        pending::{Standing, last_sent},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// Every law of orders that does not hold at a connection, in words.
pub(super) fn broken(world: &World, sight: &Sight, place: &Place) -> Vec<String> {
    let shown = &sight.shown_orders[&place.number];
    let mut broken = nothing_twice(world, sight, place, shown);
    for (item, equivalences) in sight.orders.values() {
        let here = equivalences.iter().find(|(number, _)| *number == place.number);
        let here = here.map(|(_, here)| here.clone()).unwrap_or_default();
        let counterpart = Counterpart {
            sight,
            place,
            item,
            here: &here,
            live: equivalences.iter().any(|(_, here)| here.is_live()),
        };
        broken.extend(counterpart.broken(shown));
    }
    broken
}

/// Every order that is in a shop is an order of the hub: its own if it was placed there, else one that was placed
/// elsewhere. No two are the same.
fn nothing_twice(
    world: &World,
    sight: &Sight,
    place: &Place,
    shown: &BTreeMap<RemoteId, Record>,
) -> Vec<String> {
    let at = &place.policy.connection;
    let mut broken = Vec::new();
    let mut tokens = BTreeSet::new();
    for (remote_id, Record { token, .. }) in shown {
        let item = token.as_ref().and_then(|token| token.split('-').nth(2));
        if let Some(item) = item
            && !tokens.insert(item)
        {
            broken.push(format!("order {item} was created twice at {at}"));
        }
        if !place.policy.orders.fetch {
            continue;
        }
        let is_it = |here: &Equivalence| here.is_live() && here.remote_id() == Some(remote_id);
        let owners: Vec<ItemId> = owners(&sight.orders, place.number, is_it);
        let [owner] = owners[..] else {
            broken.push(format!("{remote_id} at {at} is the orders {owners:?} of the hub"));
            continue;
        };
        let (own, placed) = (
            is_origin(&sight.orders[&owner].0.content, at),
            world.placed[at].contains(remote_id),
        );
        if own && !placed {
            broken.push(format!(
                "{remote_id} at {at} was made by us, and order {owner} is told to have been placed there"
            ));
        }
        if placed && !own {
            broken.push(format!(
                "{remote_id} was placed at {at}, which order {owner} does not know"
            ));
        }
        let stored = sight.reader.order_remote(place.number, remote_id);
        let stored = stored.expect("the disk is well").map(|(owner, _)| owner);
        if stored != Some(owner) {
            broken.push(format!(
                "{remote_id} at {at} belongs to order {owner}, not to {stored:?}"
            ));
        }
    }
    broken
}

fn owners(orders: &Wholes, number: u16, is_it: impl Fn(&Equivalence) -> bool) -> Vec<ItemId> {
    let has_it = |equivalences: &[(u16, Equivalence)]| {
        let here = equivalences.iter().find(|(at, _)| *at == number);
        here.is_some_and(|(_, here)| is_it(here))
    };
    let owners = orders.iter().filter(|(_, (_, all))| has_it(all));
    owners.map(|(id, _)| *id).collect()
}

/// An order of the hub at one connection.
struct Counterpart<'a> {
    sight: &'a Sight,
    place: &'a Place,
    item: &'a Item,
    here: &'a Equivalence,
    /// It is live at some connection.
    live: bool,
}

impl Counterpart<'_> {
    fn broken(&self, shown: &BTreeMap<RemoteId, Record>) -> Vec<String> {
        let Self {
            place, item, here, ..
        } = self;
        let (id, at) = (item.id, &place.policy.connection);
        let mut broken = Vec::new();
        if here.sending.is_some() {
            broken.push(format!(
                "nobody knows what became of a write of order {id} to {at}"
            ));
        }
        let refused = self.waits(&mut broken);
        if !here.is_live() {
            if self.is_missing() && !refused {
                broken.push(format!("order {id} is not at {at}"));
            }
            return broken;
        }
        let record = here.remote_id().and_then(|remote_id| shown.get(remote_id));
        let Some(Record { order, .. }) = record else {
            if place.policy.orders.fetch {
                broken.push(format!("order {id} is not at {at} as {:?}", here.remote_id()));
            }
            return broken;
        };
        for (field, word) in words(order) {
            broken.extend(self.word(field, word, refused));
        }
        broken.extend(self.parcels(order));
        broken.extend(self.payments(order));
        broken.extend(self.bought(order));
        broken
    }

    /// What is pending though everything was sent. Says whether it is because the shop refused it.
    fn waits(&self, broken: &mut Vec<String>) -> bool {
        let &Self {
            sight,
            place,
            item,
            here,
            live,
        } = self;
        let (id, at) = (item.id, &place.policy.connection);
        let counterparts = sight.reader.counterparts(item, place.number);
        let counterparts = counterparts.expect("the disk is well");
        let standing = if live { Standing::Live } else { Standing::Gone };
        let waits = pending(
            item,
            Some(here),
            &|product, variant| counterparts.get(&(product, variant)).cloned(),
            &place.policy,
            &place.orders.expect("a demo shop has orders"),
            standing,
            sight.now,
        );
        let refused = acknowledge::was_refused(here, &waits);
        if !refused {
            let changes = waits.changes.iter();
            broken.extend(changes.map(|change| format!("order {id} still waits at {at}: {change:?}")));
        }
        if waits.mark == Some(Mark::Held) && self.unmapped().is_empty() {
            broken.push(format!(
                "order {id} is held at {at}, where all of it is: {:?}",
                waits.issues
            ));
        }
        refused
    }

    /// It is to be here, and nothing keeps it from being created.
    fn is_missing(&self) -> bool {
        let Self {
            place, item, here, ..
        } = self;
        let status = item.content.text(&Path::field(Field::Status));
        let placed = match item.content.get(&Path::detail(Detail::PlacedAt)) {
            Some(Value::Time(at)) => *at,
            _ => item.created_at,
        };
        let is_cloned = match place.policy.orders.clone {
            CloneOrders::None => false,
            CloneOrders::New { began } => began.is_none_or(|began| placed >= began),
            CloneOrders::Since(day) => placed >= day,
        };
        self.live
            && is_cloned
            && here.presence == Presence::Absent
            && !is_origin(&item.content, &place.policy.connection)
            && !matches!(status, "cancelled" | "failed")
            && self.unmapped().is_empty()
    }

    /// The SKUs of lines whose product is not known to be here.
    fn unmapped(&self) -> Vec<&str> {
        let content = &self.item.content;
        let lines = content.parts().filter(|part| matches!(part, Part::Line(_)));
        let is_here = |part: &Part| {
            let product = content.get(&Path::of(*part, Leaf::Detail(Detail::Product)));
            let Some(Value::Product(product, variant)) = product else {
                return false;
            };
            let Some((_, equivalences)) = self.sight.items.get(product) else {
                return false;
            };
            equivalences.iter().any(|(number, here)| {
                *number == self.place.number
                    && here.is_live()
                    && here.acknowledged.has(Part::Variant(*variant))
            })
        };
        lines
            .filter(|part| !is_here(part))
            .map(|part| content.text(&Path::of(part, Leaf::Detail(Detail::Sku))))
            .collect()
    }

    /// A word of the order is what the hub takes it for, and what it is to be.
    fn word(&self, field: Field, shown: &str, refused: bool) -> Vec<String> {
        let Self {
            place, item, here, ..
        } = self;
        let (id, at, path) = (item.id, &place.policy.connection, Path::field(field));
        let mutability = place.policy.orders.fields.of(field);
        if !place.policy.orders.fetch {
            // What people do to it there nobody hears of.
            return Vec::new();
        }
        let mut broken = Vec::new();
        let known = here.acknowledged.text(&path);
        if mutability.detects() && known != shown {
            broken.push(format!(
                "order {id} at {at}: {path} is {shown:?}, which the hub takes for {known:?}"
            ));
        }
        let View { content, .. } = view(
            &item.content,
            &place.policy,
            &place.orders.expect("a demo shop has orders"),
        );
        let wanted = content.get(&path);
        let settled = wanted.is_none() || last_sent(here, &path) == wanted;
        if mutability.writes() && !refused && !settled && content.text(&path) != shown {
            broken.push(format!(
                "order {id} at {at} shows {shown:?} at {path} instead of {wanted:?}"
            ));
        }
        broken
    }

    /// Every parcel that one side has the other has too, once.
    fn parcels(&self, order: &Order) -> Vec<String> {
        let there = order
            .shipments
            .iter()
            .map(|parcel| parcel.tracking_number.clone());
        let hub = texts(&self.item.content, Detail::TrackingNumber, |part| {
            matches!(part, Part::Shipment(_))
        });
        self.same(Field::Shipments, &there.collect::<Vec<_>>(), &hub)
    }

    /// Likewise every payment.
    fn payments(&self, order: &Order) -> Vec<String> {
        let there = order.payments.iter().map(|payment| payment.reference.clone());
        let hub = texts(&self.item.content, Detail::Reference, |part| {
            matches!(part, Part::Payment(_))
        });
        self.same(Field::Payment, &there.collect::<Vec<_>>(), &hub)
    }

    fn same(&self, field: Field, there: &[String], hub: &[String]) -> Vec<String> {
        let (id, policy) = (self.item.id, &self.place.policy);
        let at = &policy.connection;
        let mutability = policy.orders.fields.of(field);
        let (once_there, once_hub) = (distinct(there), distinct(hub));
        let mut broken = Vec::new();
        if once_there.len() < there.len() || once_hub.len() < hub.len() {
            broken.push(format!(
                "order {id} at {at} has {} twice: {there:?}, {hub:?}",
                field.name()
            ));
        }
        let lacks_there = mutability.writes() && !once_hub.is_subset(&once_there);
        // What came while the field was ignored is news no more when it is kept in step later.
        let lacks_hub = policy.orders.fetch
            && mutability.detects()
            && !self.sight.settings_change
            && !once_there.is_subset(&once_hub);
        if lacks_there || lacks_hub {
            broken.push(format!(
                "order {id} at {at} has the {} {there:?} instead of {hub:?}",
                field.name()
            ));
        }
        broken
    }

    /// What was bought, and for how much, is what the hub knows of it.
    fn bought(&self, order: &Order) -> Vec<String> {
        let content = &self.item.content;
        let (id, at) = (self.item.id, &self.place.policy.connection);
        let number = |part, detail| content.number(&Path::of(part, Leaf::Detail(detail)));
        let lines = content.parts().filter(|part| matches!(part, Part::Line(_)));
        let mut hub: Vec<Bought> = lines
            .map(|part| Bought {
                quantity: number(part, Detail::Quantity).unwrap_or_default(),
                unit_price: number(part, Detail::UnitPrice),
                total: number(part, Detail::Total),
            })
            .collect();
        let line = |line: &Line| Bought {
            quantity: line.quantity,
            unit_price: line.unit_price,
            total: line.total,
        };
        let mut there: Vec<Bought> = order.lines.iter().map(line).collect();
        hub.sort();
        there.sort();
        let total = number(Part::Whole, Detail::Total);
        if hub == there && total == order.totals.total {
            return Vec::new();
        }
        vec![format!(
            "order {id} at {at} is {there:?} for {:?} instead of {hub:?} for {total:?}",
            order.totals.total
        )]
    }
}

/// One line, whatever it is called.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bought {
    quantity: Decimal,
    unit_price: Option<Decimal>,
    total: Option<Decimal>,
}

fn words(order: &Order) -> [(Field, &str); 4] {
    [
        (Field::Status, &order.status),
        (Field::Payment, &order.payment_status),
        (Field::Fulfilment, &order.fulfilment_status),
        (Field::Note, &order.note),
    ]
}

fn texts(content: &Content, detail: Detail, of: impl Fn(Part) -> bool) -> Vec<String> {
    let parts = content.parts().filter(|part| of(*part));
    parts
        .map(|part| content.text(&Path::of(part, Leaf::Detail(detail))).to_owned())
        .collect()
}

fn distinct(texts: &[String]) -> BTreeSet<&String> {
    texts.iter().collect()
}
