//! A small world of sales orders: a hub and a few shops, synchronised by the decisions of `shared` in the order in which
//! jobs make them, without a store and without waiting.

use shared::{
    content::{Detail, Path},
    ids::{ConnectionId, ItemId, Key, RemoteId},
    item::{Equivalence, Item, Presence},
    mark::Mark,
    money::{Currency, Decimal},
    order::{Ability, Buyer, Line, Order, Patch, Payment, Record, Shipment, Totals},
    policy::{CloneOrders, Policy},
    sync::{
        acknowledge::{intend, refuse, withdraw},
        merge::Merged,
        order::{
            Counterpart,
            acknowledge::acknowledge,
            matching::is_like,
            merge::{absorb, take_in},
            pending::pending,
            write,
        },
        pending::{Pending, Standing},
    },
    time::Time,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

/// The words that a choosy shop knows.
pub const CHOOSY: Ability = Ability {
    statuses: &["pending", "processing", "completed", "cancelled"],
    ..ANY
};

pub const ANY: Ability = Ability {
    creates: true,
    books_stock: false,
    statuses: &[],
    payment_statuses: &[],
    fulfilment_statuses: &[],
};

#[derive(Clone, Debug)]
pub struct World {
    pub items: BTreeMap<ItemId, Item>,
    pub shops: Vec<Shop>,
    pub now: Time,
}

/// A connection: its settings, its platform, and what the hub knows of it.
#[derive(Clone)]
pub struct Shop {
    pub policy: Policy,
    pub ability: Ability,
    pub habits: Habits,
    /// The hub's products that it does not have.
    pub lacks: BTreeSet<ItemId>,
    pub records: Vec<Record>,
    /// Every version of every record that was ever shown.
    pub past: Vec<Record>,
    pub equivalences: BTreeMap<ItemId, Equivalence>,
    pub remotes: BTreeMap<RemoteId, ItemId>,
    pub writes: usize,
    pub faults: VecDeque<Fault>,
    next: u64,
}

/// What a platform does with what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
    ForgetsTokens,
    /// Lines, shipments and payments have no ids of their own.
    NamesNoParts,
    TrimsNotes,
    ShoutsCarriers,
    KeepsNoPayments,
    RoundsTax,
    /// Every record has a line of its own for the fee.
    AddsAFee,
}

pub type Habits = BTreeSet<Habit>;

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It was done, and the answer was lost.
    AnswerLost,
    /// It was not done, and nobody knows.
    CallLost,
    Refused,
}

pub fn d(text: &str) -> Decimal {
    text.parse().expect("a number")
}

/// An order of things that the hub knows as products 1, 2, ...; each costs 9.99 and a tenth of it as tax.
pub fn bought(number: &str, things: &[(u64, i64)]) -> Order {
    let line = |(at, (thing, quantity)): (usize, &(u64, i64))| {
        let quantity = Decimal::from(*quantity);
        Line {
            remote_id: Some(RemoteId::from(format!("{number}-{at}"))),
            product: Some(RemoteId::from(format!("p{thing}"))),
            variant: None,
            sku: format!("sku-{thing}"),
            title: format!("Thing {thing}"),
            quantity,
            unit_price: Some(d("9.99")),
            tax: Some(Decimal(quantity.0 * d("1.005").0)),
            total: Some(Decimal(quantity.0 * d("10.995").0)),
        }
    };
    let lines: Vec<Line> = things.iter().enumerate().map(line).collect();
    let total = lines
        .iter()
        .filter_map(|line| line.total)
        .map(|total| total.0)
        .sum();
    Order {
        number: number.to_owned(),
        status: "processing".to_owned(),
        payment_status: "unpaid".to_owned(),
        fulfilment_status: "unfulfilled".to_owned(),
        placed_at: Some(Time(5)),
        currency: "MXN".parse::<Currency>().expect("a currency"),
        totals: Totals {
            shipping: Some(d("50.00")),
            total: Some(Decimal(total)),
            ..Totals::default()
        },
        lines,
        buyer: Buyer {
            name: "Ada".to_owned(),
            email: format!("{number}@example.com"),
            phone: String::new(),
        },
        shipping_address: shared::order::Address::default(),
        billing_address: shared::order::Address::default(),
        shipments: Vec::new(),
        payments: Vec::new(),
        note: String::new(),
    }
}

impl fmt::Debug for Shop {
    /// What a test chose; the rest follows from its events.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let orders = &self.policy.orders;
        f.write_fmt(format_args!(
            "Shop({:?}, {:?}, {:?}, lacks {:?}, knows {:?})",
            self.habits, orders.fields.by_field, orders.defaults, self.lacks, self.ability.statuses
        ))
    }
}

impl Shop {
    pub fn new(name: &str) -> Self {
        let mut policy = Policy::new(ConnectionId::parse(name).expect("a name"), "demo");
        policy.orders.clone = CloneOrders::New { began: None };
        Self {
            policy,
            ability: ANY,
            habits: Habits::new(),
            lacks: BTreeSet::new(),
            records: Vec::new(),
            past: Vec::new(),
            equivalences: BTreeMap::new(),
            remotes: BTreeMap::new(),
            writes: 0,
            faults: VecDeque::new(),
            next: 1,
        }
    }

    pub fn resolve(&self, line: &Line) -> Option<(ItemId, Key)> {
        let by_id = line.product.as_ref().and_then(|id| id.0.strip_prefix('p'));
        let name = by_id.or_else(|| line.sku.strip_prefix("sku-"))?;
        let item = ItemId(name.parse().ok()?);
        (!self.lacks.contains(&item)).then_some((item, Key(1)))
    }

    pub fn counterpart(&self, item: ItemId, _: Key) -> Option<Counterpart> {
        (!self.lacks.contains(&item)).then(|| Counterpart {
            product: RemoteId::from(format!("p{item}")),
            variant: None,
            sku: format!("sku-{item}"),
        })
    }

    fn name(&mut self) -> RemoteId {
        self.next += 1;
        RemoteId::from(format!("{}-{}", self.policy.connection, self.next))
    }

    /// A buyer's order.
    pub fn place(&mut self, order: Order, now: Time) -> RemoteId {
        self.keep(order, None, now)
    }

    fn keep(&mut self, order: Order, token: Option<&str>, now: Time) -> RemoteId {
        let remote_id = self.name();
        let forgets = self.habits.contains(&Habit::ForgetsTokens);
        let record = Record {
            remote_id: remote_id.clone(),
            url: None,
            updated_at: Some(now),
            token: token.filter(|_| !forgets).map(str::to_owned),
            order,
        };
        self.records.push(record);
        let at = self.records.len() - 1;
        self.edit(at, now, |_| {});
        remote_id
    }

    /// Changes a record as its own people or we do.
    pub fn edit(&mut self, at: usize, now: Time, change: impl FnOnce(&mut Order)) {
        let mut order = self.records[at].order.clone();
        change(&mut order);
        let has = |habit| self.habits.contains(&habit);
        let (trims, shouts, rounds) = (
            has(Habit::TrimsNotes),
            has(Habit::ShoutsCarriers),
            has(Habit::RoundsTax),
        );
        let (unnamed, unpaid) = (has(Habit::NamesNoParts), has(Habit::KeepsNoPayments));
        if trims {
            order.note = order.note.trim().into();
        }
        if unpaid {
            order.payments.clear();
        }
        for line in &mut order.lines {
            line.remote_id = line.remote_id.take().filter(|_| !unnamed);
            if line.remote_id.is_none() && !unnamed {
                line.remote_id = Some(self.name());
            }
            if rounds {
                line.tax = line.tax.map(|tax| Decimal(tax.0.round_dp(2)));
            }
        }
        for shipment in &mut order.shipments {
            shipment.remote_id = shipment.remote_id.take().filter(|_| !unnamed);
            if shipment.remote_id.is_none() && !unnamed {
                shipment.remote_id = Some(self.name());
            }
            if shouts {
                shipment.carrier = shipment.carrier.to_uppercase();
            }
        }
        for payment in &mut order.payments {
            payment.remote_id = payment.remote_id.take().filter(|_| !unnamed);
            if payment.remote_id.is_none() && !unnamed {
                payment.remote_id = Some(self.name());
            }
        }
        let record = &mut self.records[at];
        record.order = order;
        record.updated_at = Some(now);
        self.past.push(record.clone());
    }

    fn create(&mut self, order: Order, token: &str, now: Time) -> Record {
        assert!(
            order.lines.iter().all(|line| line.remote_id.is_none()),
            "a new line has a name already"
        );
        let fee = self.habits.contains(&Habit::AddsAFee).then(|| Line {
            title: "Fee".to_owned(),
            quantity: Decimal::ONE,
            ..Line::default()
        });
        let mut order = order;
        order.lines.extend(fee);
        // A platform numbers its orders itself.
        order.number = format!("{}/{}", self.policy.connection, self.next);
        self.writes += 1;
        let remote_id = self.keep(order, Some(token), now);
        let found = self.records.iter().find(|record| record.remote_id == remote_id);
        found.expect("it was kept").clone()
    }

    fn update(&mut self, remote_id: &RemoteId, patch: Patch, now: Time) -> Record {
        let at = self
            .records
            .iter()
            .position(|record| record.remote_id == *remote_id);
        let at = at.expect("it is there");
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
        self.writes += 1;
        self.edit(at, now, |order| {
            let set = |to: &mut String, from: Option<String>| *to = from.unwrap_or(std::mem::take(to));
            set(&mut order.status, status);
            set(&mut order.payment_status, payment_status);
            set(&mut order.fulfilment_status, fulfilment_status);
            set(&mut order.note, note);
            order.buyer = buyer.unwrap_or(std::mem::take(&mut order.buyer));
            order.shipping_address = shipping_address.unwrap_or(std::mem::take(&mut order.shipping_address));
            order.billing_address = billing_address.unwrap_or(std::mem::take(&mut order.billing_address));
            for shipment in shipments {
                assert!(
                    shipment.remote_id.is_some(),
                    "nobody can tell which shipment it is"
                );
                let same = |there: &&mut Shipment| there.remote_id == shipment.remote_id;
                let there = order.shipments.iter_mut().find(same);
                *there.expect("the shipment is there") = shipment;
            }
            order.shipments.extend(new_shipments);
            order.payments.extend(new_payments);
        });
        self.records[at].clone()
    }
}

impl World {
    pub fn new(shops: Vec<Shop>) -> Self {
        Self {
            items: BTreeMap::new(),
            shops,
            now: Time(1_000_000),
        }
    }

    pub fn tick(&mut self) -> Time {
        self.now = Time(self.now.0 + 1_000);
        self.now
    }

    pub fn sync_all(&mut self) {
        for at in 0..self.shops.len() {
            self.fetch(at);
            self.send(at);
        }
    }

    pub fn writes(&self) -> usize {
        self.shops.iter().map(|shop| shop.writes).sum()
    }

    pub fn fetch(&mut self, at: usize) {
        for record in self.shops[at].records.clone() {
            self.take(at, &record);
        }
    }

    /// Takes in one record, however old.
    pub fn take(&mut self, at: usize, record: &Record) {
        let now = self.tick();
        let shop = &self.shops[at];
        let resolve = |line: &Line| shop.resolve(line);
        let here = |item: ItemId| shop.equivalences.get(&item).cloned().unwrap_or_default();
        let merged = if let Some(item) = shop.remotes.get(&record.remote_id) {
            let hub = self.items[item].clone();
            take_in(
                hub,
                here(*item),
                record,
                &resolve,
                &shop.policy,
                &shop.ability,
                now,
            )
        } else if let Some(item) = self.ours(at, record) {
            let hub = self.items[&item].clone();
            let (equivalence, next_key) = acknowledge(&hub, here(item), record, &resolve, &shop.policy, now);
            Merged {
                item: Item { next_key, ..hub },
                equivalence,
                item_changed: false,
            }
        } else {
            let id = ItemId(1_000 + self.items.len() as u64);
            absorb(id, record, &resolve, &shop.policy, now)
        };
        let id = merged.item.id;
        self.items.insert(id, merged.item);
        let shop = &mut self.shops[at];
        shop.equivalences.insert(id, merged.equivalence);
        shop.remotes.insert(record.remote_id.clone(), id);
    }

    /// The item whose create made a record: by its token, else by what it holds.
    fn ours(&self, at: usize, record: &Record) -> Option<ItemId> {
        let shop = &self.shops[at];
        let resolve = |line: &Line| shop.resolve(line);
        let made = |(_, here): &(&ItemId, &Equivalence)| {
            let Some(sending) = here.sending.as_ref().filter(|_| !here.is_live()) else {
                return false;
            };
            match &record.token {
                Some(token) => *token == sending.token,
                None => is_like(&record.order, sending, &resolve),
            }
        };
        let mut found = shop.equivalences.iter().filter(made).map(|(item, _)| *item);
        let first = found.next()?;
        assert_eq!(found.next(), None, "nobody can tell which it is");
        Some(first)
    }

    pub fn pending(&self, at: usize, id: ItemId) -> Pending {
        let shop = &self.shops[at];
        let live = |shop: &Shop| shop.equivalences.get(&id).is_some_and(Equivalence::is_live);
        let standing = if self.shops.iter().any(live) {
            Standing::Live
        } else {
            Standing::Gone
        };
        let counterpart = |item, key| shop.counterpart(item, key);
        let here = shop.equivalences.get(&id);
        let item = &self.items[&id];
        pending(
            item,
            here,
            &counterpart,
            &shop.policy,
            &shop.ability,
            standing,
            self.now,
        )
    }

    pub fn send(&mut self, at: usize) {
        let items: Vec<ItemId> = self.items.keys().copied().collect();
        for item in items {
            for _ in 0..4 {
                if !self.send_item(at, item) {
                    break;
                }
            }
        }
    }

    /// Whether it has to be tried again.
    fn send_item(&mut self, at: usize, id: ItemId) -> bool {
        let now = self.tick();
        let pending = self.pending(at, id);
        let shop = &mut self.shops[at];
        let here = shop.equivalences.get(&id).cloned().unwrap_or_default();
        if here.sending.is_some() {
            self.look_for(at, id);
            return true;
        }
        if pending.changes.is_empty() {
            return false;
        }
        let token = format!("c2s-{at}-{id}-{:x}", now.0);
        let intent = intend(here.clone(), &pending, token.clone(), now);
        shop.equivalences.insert(id, intent);
        match shop.faults.pop_front().unwrap_or(Fault::None) {
            Fault::CallLost => return true,
            Fault::Refused => {
                let intent = shop.equivalences.remove(&id).expect("it was begun");
                let code = shared::issue::Code::Refused;
                let refused = refuse(intent, code, "No.", &shop.policy, now);
                shop.equivalences.insert(id, refused);
                return false;
            }
            Fault::AnswerLost => {
                self.write(at, &pending, &here, &token);
                return true;
            }
            Fault::None => {}
        }
        let record = self.write(at, &pending, &here, &token);
        self.answered(at, id, &record);
        false
    }

    fn write(&mut self, at: usize, pending: &Pending, here: &Equivalence, token: &str) -> Record {
        let now = self.now;
        let shop = &mut self.shops[at];
        match (pending.mark, &here.presence) {
            (Some(Mark::Create), _) => {
                let counterpart = |item, key| shop.counterpart(item, key);
                let order = write::order(&pending.wanted, &counterpart).expect("it has a currency");
                shop.create(order, token, now)
            }
            (Some(Mark::Update), Presence::Live { remote_id, .. }) => {
                let patch = write::patch(&pending.changes, &pending.wanted, here);
                assert_ne!(patch, Patch::default(), "nothing to do in {:?}", pending.changes);
                shop.update(remote_id, patch, now)
            }
            (mark, _) => panic!("{mark:?} is not to be written"),
        }
    }

    fn answered(&mut self, at: usize, id: ItemId, record: &Record) {
        let now = self.now;
        let shop = &mut self.shops[at];
        let here = shop.equivalences.remove(&id).expect("it was begun");
        let item = self.items.get_mut(&id).expect("it is there");
        let (here, next_key) = {
            let resolve = |line: &Line| shop.resolve(line);
            acknowledge(item, here, record, &resolve, &shop.policy, now)
        };
        item.next_key = next_key;
        shop.equivalences.insert(id, here);
        shop.remotes.insert(record.remote_id.clone(), id);
    }

    /// Finds out what became of a write without an answer.
    fn look_for(&mut self, at: usize, id: ItemId) {
        let shop = &self.shops[at];
        let here = shop.equivalences[&id].clone();
        let strange = |record: &Record| !shop.remotes.contains_key(&record.remote_id);
        let is = |record: &&Record| match here.remote_id() {
            Some(remote_id) => record.remote_id == *remote_id,
            None => strange(record) && self.ours(at, record) == Some(id),
        };
        let found = shop.records.iter().find(is);
        match (found.cloned(), here.is_live()) {
            (Some(record), true) => self.take(at, &record),
            (Some(record), false) => self.answered(at, id, &record),
            (None, _) => {
                self.shops[at].equivalences.insert(id, withdraw(here));
            }
        }
    }

    /// What one shop has of the orders of all.
    pub fn copies(&self, at: usize) -> BTreeMap<ItemId, Vec<&Record>> {
        let mut copies: BTreeMap<ItemId, Vec<&Record>> = BTreeMap::new();
        for record in &self.shops[at].records {
            if let Some(item) = self.shops[at].remotes.get(&record.remote_id) {
                copies.entry(*item).or_default().push(record);
            }
        }
        copies
    }

    pub fn origin(&self, item: &Item) -> Option<usize> {
        let name = item.content.text(&Path::detail(Detail::Origin));
        let is = |shop: &Shop| shop.policy.connection.as_str() == name;
        self.shops.iter().position(is)
    }
}

pub fn shipment(number: &str) -> Shipment {
    Shipment {
        carrier: "Post".to_owned(),
        tracking_number: number.to_owned(),
        ..Shipment::default()
    }
}

pub fn payment(reference: &str) -> Payment {
    Payment {
        method: "card".to_owned(),
        amount: Some(d("10.00")),
        reference: reference.to_owned(),
        ..Payment::default()
    }
}
