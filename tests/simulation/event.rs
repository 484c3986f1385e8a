//! What happens in a world, one thing at a time.

use super::{
    settings::{HOUR, Trouble, put_on, vary},
    world::World,
};
use shared::{
    ids::{ConnectionId, RemoteId},
    item::Side,
    job::JobKind,
    money::Decimal,
    product::{DEFAULT_LOCATION, Product, Record, Status, Variant},
};
use std::{io, time::Duration};

/// The kinds of things that happen.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Ask,
    Wait,
    Rest,
    Edit,
    Sell,
    Restock,
    /// An order is placed.
    Buy,
    /// Somebody goes on with an order.
    Handle,
    /// Somebody removes an order.
    Forget,
    Pause,
    Choose,
    /// A person changes a product in the hub.
    EditHub,
    Die,
    Change,
    /// Hours pass.
    Night,
    /// The daemon's clock jumps, as where daylight saving is told as time or a clock is put right.
    Jump,
    Add,
    Remove,
    /// The daemon's disk takes nothing for a while.
    Refuse,
}

impl World {
    /// Something happens.
    pub(super) fn happen(&mut self) {
        let when = |weight, trouble| {
            if self.troubles.contains(&trouble) {
                weight
            } else {
                0
            }
        };
        let when_both = |weight, one, other| when(when(weight, one), other);
        let kinds = [
            (20, Kind::Ask),
            (8, Kind::Wait),
            (8, Kind::Rest),
            (10, Kind::Edit),
            (10, Kind::Sell),
            (4, Kind::Restock),
            (when(12, Trouble::Orders), Kind::Buy),
            (when(6, Trouble::Orders), Kind::Handle),
            (when_both(1, Trouble::Orders, Trouble::Assortment), Kind::Forget),
            (2, Kind::Pause),
            (2, Kind::Choose),
            (4, Kind::EditHub),
            (when(5, Trouble::Death), Kind::Die),
            (when(4, Trouble::Settings), Kind::Change),
            (when(4, Trouble::Schedules), Kind::Night),
            (when(4, Trouble::Clocks), Kind::Jump),
            (when(3, Trouble::Assortment), Kind::Add),
            (when(2, Trouble::Assortment), Kind::Remove),
            (when(4, Trouble::Disk), Kind::Refuse),
        ];
        let kind = self.chance.weighed(&kinds);
        self.look_after();
        let id = self.any_id();
        match kind {
            Kind::Ask => {
                let kind = self.chance.pick(&[JobKind::Fetch, JobKind::Send, JobKind::Sync]);
                // A webhook that is told twice asks twice.
                for _ in 0..self.chance.weighed(&[(3, 1), (1, 2)]) {
                    self.ask(&id, kind);
                }
            }
            Kind::Wait => {
                let time = Duration::from_millis(self.chance.below(400));
                self.wait(time);
            }
            Kind::Rest => self.rest(),
            Kind::Edit => self.edit(&id),
            Kind::Sell => {
                let quantity = self.chance.between(1, 3);
                self.move_stock(&id, -quantity);
            }
            Kind::Restock => {
                let quantity = self.chance.between(1, 20);
                self.move_stock(&id, quantity);
            }
            Kind::Buy => self.buy(&id),
            Kind::Handle => self.handle(&id),
            Kind::Forget => self.forget(&id),
            Kind::Pause => self.pause(&id),
            Kind::Choose => self.choose(&id),
            Kind::EditHub => self.edit_hub(),
            Kind::Die => self.end_life(),
            Kind::Change => self.change_settings(&id),
            Kind::Night => self.night(),
            Kind::Jump => self.jump(),
            Kind::Add => self.add(&id),
            Kind::Remove => self.remove(&id),
            Kind::Refuse => self.refuse(),
        }
    }

    /// Somebody changes a product in a shop.
    fn edit(&mut self, id: &ConnectionId) {
        let Some(record) = self.any_record(id) else { return };
        let nth = self.chance.below(1000);
        let variant = self.chance.index(record.product.variants.len());
        let price = Decimal::new(self.chance.between(100, 20_000), 2);
        let what = self.chance.below(7);
        let status = self.chance.pick(&[Status::Draft, Status::Active]);
        let change = |product: &mut Product| match what {
            0 => product.title = format!("Title {nth}"),
            1 => product.description = format!("Words {nth} & more"),
            2 => product.tags = vec![format!("tag {nth}"), "b & w".to_owned()],
            3 => product.status = Some(status),
            4 => product.brand = format!("Brand {nth}"),
            5 => product.variants[variant].cost = Some(price),
            _ => product.variants[variant].price = Some(price),
        };
        let edited = self
            .shop(id)
            .edit(&record.remote_id.0, change)
            .expect("a shop takes that");
        self.tell(|| {
            let Record {
                remote_id, product, ..
            } = edited;
            let variant = &product.variants[variant];
            format!(
                "{id}: {remote_id} is edited ({what}): {:?}, {:?} at {:?}",
                product.title, variant.sku, variant.price
            )
        });
    }

    /// A buyer or a delivery comes.
    fn move_stock(&mut self, id: &ConnectionId, movement: i64) {
        let Some(record) = self.any_record(id) else { return };
        let variant = self.chance.index(record.product.variants.len());
        let sku = record.product.variants[variant].sku.clone();
        let moved = self.shop(id).edit(&record.remote_id.0, |product| {
            let stock = product.variants[variant]
                .stock
                .values_mut()
                .next()
                .expect("it is counted");
            stock.0 += Decimal::from(movement).0;
        });
        moved.expect("a shop takes that");
        self.book(id, &record.remote_id, &sku, movement);
        self.tell(|| format!("{id}: {movement} of {sku}"));
    }

    /// Notes that stock moved in a shop.
    pub(super) fn book(&mut self, id: &ConnectionId, record: &RemoteId, sku: &str, movement: i64) {
        if self.knows(id, record) {
            self.ledger.book(sku, movement);
        } else {
            // It is no movement to the hub, but part of what the shop comes with.
            self.ledger.strike(sku);
        }
    }

    /// The daemon's clock is put forward or back. Time passes as before: the shops' clocks show the same as they did.
    fn jump(&mut self) {
        self.rest();
        let hours = self.chance.pick(&[-3, -1, 1, 3, 30]);
        self.tell(|| format!("the daemon's clock jumps by {hours} h"));
        // Until the shops are told, they would go by the daemon's clock, and nothing is to be done by that.
        let playing: Vec<ConnectionId> = self
            .ids()
            .into_iter()
            .filter(|id| !self.life().is_paused(id))
            .collect();
        for id in &playing {
            let paused = self.life().with(id, async |runner| runner.pause().await);
            self.tell(|| format!("{id}: pause {paused:?}"));
        }
        self.hands.turn(hours * HOUR);
        for connection in self.config.connections.values_mut() {
            put_on(&mut connection.remote, -hours * HOUR);
        }
        self.configure();
        for id in &playing {
            let played = self.life().with(id, async |runner| runner.play().await);
            self.tell(|| format!("{id}: play {played:?}"));
        }
    }

    /// Somebody adds a product, sometimes one that nothing tells from others.
    fn add(&mut self, id: &ConnectionId) {
        let nth = self.chance.below(1_000_000);
        let sku = self.chance.pick(&[String::new(), format!("NEW-{nth}")]);
        let product = Product {
            title: format!("Novelty {nth}"),
            variants: vec![Variant {
                sku: sku.clone(),
                price: Some(Decimal::from(9)),
                stock: [(DEFAULT_LOCATION.to_owned(), Decimal::from(7))].into(),
                ..Variant::default()
            }],
            ..Product::default()
        };
        let record = self.shop(id).add(product).expect("a shop takes that");
        *self.least.get_mut(id).expect("it is one of them") += 1;
        self.tell(|| format!("{id}: {} is added with the SKU `{sku}`", record.remote_id));
    }

    /// Somebody removes a product, but never the last few: that everything is gone is a matter for a person.
    fn remove(&mut self, id: &ConnectionId) {
        let few = self.shop(id).count().expect("a shop") < 4;
        let Some(record) = self.any_record(id).filter(|_| !few) else {
            return;
        };
        self.shop(id).remove(&record.remote_id.0).expect("it is there");
        let least = self.least.get_mut(id).expect("it is one of them");
        *least = least.saturating_sub(1);
        for variant in &record.product.variants {
            // What was sold of it since it was last read is gone with it.
            self.ledger.strike(&variant.sku);
        }
        self.tell(|| format!("{id}: {} is removed", record.remote_id));
    }

    pub(super) fn any_record(&mut self, id: &ConnectionId) -> Option<Record> {
        let mut records = self.shop(id).products().expect("a shop");
        if records.is_empty() {
            return None;
        }
        let at = self.chance.index(records.len());
        Some(records.swap_remove(at))
    }

    fn pause(&mut self, id: &ConnectionId) {
        let pause = self.chance.percent(50);
        let done = self.life().with(id, async |runner| {
            if pause {
                runner.pause().await
            } else {
                runner.play().await
            }
        });
        self.tell(|| format!("{id}: {} {done:?}", if pause { "pause" } else { "play" }));
    }

    /// A person chooses a side for everything that a connection holds.
    fn choose(&mut self, id: &ConnectionId) {
        let side = self.chance.pick(&[Side::Hub, Side::Remote]);
        if side == Side::Remote {
            // What the shop counts takes the place of what the hub counted.
            let Ok(skus) = self.held_stock(id) else { return };
            for sku in skus {
                self.ledger.strike(&sku);
            }
        }
        let chosen = self.choose_side(id, side);
        self.tell(|| format!("{id}: {side:?} is chosen for {chosen:?} products"));
    }

    /// kill -9, or the power fails in a while.
    fn end_life(&mut self) {
        if self.chance.percent(40) {
            return self.kill();
        }
        let operations = self.chance.below(2000);
        self.tell(|| format!("the power fails after {operations} operations"));
        self.life().disk().fail_after(operations);
    }

    /// The disk is full, can only be read or fails; in a while it works again, and what waited goes on by itself.
    fn refuse(&mut self) {
        let why = self.chance.pick(&[
            io::ErrorKind::StorageFull,
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::Other,
        ]);
        let writes = self.chance.below(300);
        self.tell(|| format!("after {writes} writes the disk takes nothing: {why}"));
        self.life().disk().refuse_after(writes, why);
        for id in self.ids() {
            if self.chance.percent(50) {
                self.ask(&id, JobKind::Sync);
            }
        }
        let time = Duration::from_millis(self.chance.below(20_000));
        self.wait(time);
        self.tell(|| "the disk works again".to_owned());
        self.life().disk().accept();
    }

    fn change_settings(&mut self, id: &ConnectionId) {
        let connection = self.config.connections.get_mut(id).expect("it is one of them");
        vary(&mut self.chance, &self.troubles, &mut connection.policy);
        self.tell(|| format!("{id}: {:?}", self.config.connections[id].policy));
        self.configure();
    }
}
