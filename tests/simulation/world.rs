//! A world: demo shops with their ways, the settings between them, and the daemon's lives one after the other.

use super::{
    chance::Chance,
    ledger::Ledger,
    life::{Died, Life},
    settings::{Trouble, Troubles, no_pictures, settings},
};
use daemon::{
    clock::{Clock, Hands},
    config::{Config, ConnectionConfig},
    connector::demo::{Shop, Writes},
    edit::{self, Choice},
    store::{Disk, Durability, Reader, StoreError},
};
use serde_json::Value;
use shared::{
    content::{Content, Field, Leaf, Part, Path},
    ids::{ConnectionId, ItemId, Kind, RemoteId},
    item::{Item, Side},
    job::{JobKind, JobStatus},
    order::{Line, Record},
    time::Time,
};
use std::{
    cell::{RefCell, RefMut},
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tempfile::TempDir;

/// 2027-03-27T16:00:00Z: the evening before clocks in Europe are moved forward, and after the history of every shop.
const BEGINNING: Time = Time(1_806_163_200_000);
/// A round syncs every connection once; news pass from one to the next, so it takes as many as there are in a row.
const ROUNDS: usize = 12;

/// Whether a world says what happens in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// And what everybody counts of this SKU, where there is one.
    AsItHappens {
        sku: Option<String>,
    },
    Nothing,
}

/// A world and everything in it.
pub(super) struct World {
    pub(super) chance: Chance,
    pub(super) telling: Telling,
    folder: TempDir,
    pub(super) clock: Clock,
    pub(super) hands: Hands,
    pub(super) config: Config,
    pub(super) troubles: Troubles,
    /// `None` only between two lives.
    life: Option<Life>,
    shops: RefCell<BTreeMap<ConnectionId, Shop>>,
    pub(super) ledger: Ledger,
    /// How many records each shop has at least: what it began with, less what people removed.
    pub(super) least: BTreeMap<ConnectionId, usize>,
    /// The orders that buyers placed in each shop and nobody removed; the others there are ours.
    pub(super) placed: BTreeMap<ConnectionId, BTreeSet<RemoteId>>,
    /// How often the daemon was started.
    pub(super) lives: u64,
    /// What was counted wrongly in the midst of it all, first.
    pub(super) miscount: Option<String>,
    /// Why it did not come to rest.
    pub(super) restless: Option<String>,
}

impl World {
    pub(super) fn new(seed: u64, telling: Telling) -> Self {
        let mut chance = Chance::new(seed);
        let (clock, hands) = Clock::simulated(BEGINNING);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (troubles, config) = settings(&mut chance, seed);
        let mut world = Self {
            chance,
            telling,
            folder,
            clock,
            hands,
            config,
            troubles,
            life: None,
            shops: RefCell::default(),
            ledger: Ledger::default(),
            least: BTreeMap::new(),
            placed: BTreeMap::new(),
            lives: 0,
            miscount: None,
            restless: None,
        };
        for (id, ConnectionConfig { policy, remote, .. }) in &world.config.connections {
            world.tell(|| format!("{id}: {}\n  {policy:?}", Value::from(remote.clone())));
        }
        world.revive(Disk::new());
        for id in world.ids() {
            let count = world.shop(&id).products().expect("a shop").len();
            let orders = world.shop(&id).orders().expect("a shop");
            let orders = orders.into_iter().map(|order| order.remote_id).collect();
            world.least.insert(id.clone(), count);
            world.placed.insert(id, orders);
        }
        world
    }

    /// Every connection is read once, one after the other.
    pub(super) fn begin(&mut self) {
        for id in self.ids() {
            self.ask(&id, JobKind::Fetch);
            self.rest();
        }
        self.ledger = Ledger::open(self);
        for id in self.ids() {
            let products = self.shop(&id).products().expect("a shop");
            for product in products {
                // What is first read later may bring what it has at a place that is only there.
                let news =
                    self.troubles.contains(&Trouble::Locations) && !self.knows(&id, &product.remote_id);
                for variant in product.product.variants.iter().filter(|_| news) {
                    self.ledger.strike(&variant.sku);
                }
            }
            let orders = self.shop(&id).orders().expect("a shop");
            for Record { order, .. } in orders {
                for Line { product, sku, .. } in order.lines {
                    // Where nobody counts what was sold, it counts where the order is taken over.
                    if product.is_none_or(|product| !self.knows(&id, &product)) {
                        self.ledger.strike(&sku);
                    }
                }
            }
        }
    }

    /// How many events this world has.
    pub(super) fn eventfulness(&mut self) -> u64 {
        15 + self.chance.below(31)
    }

    /// From now on nothing goes wrong any more, and nobody holds anything up.
    pub(super) fn calm(&mut self) {
        self.tell(|| "everything calms down".to_owned());
        for connection in self.config.connections.values_mut() {
            connection.remote.insert("failures".to_owned(), no_pictures());
        }
        let disk = self.life().disk().clone();
        // A fuse that has not blown by now never does.
        self.die(&disk, |_| true);
        for id in self.ids() {
            // Paused ones play; those that play already are left as they are.
            let played = self.life().with(&id, async |runner| runner.play().await);
            played.expect("the store takes it");
        }
        self.rest();
        self.release();
    }

    /// Syncs until nothing moves.
    pub(super) fn settle(&mut self) {
        // What was removed, and what was on no page, only a complete scan tells.
        let missing = [Trouble::Assortment, Trouble::Failures];
        let rescans = missing.iter().any(|trouble| self.troubles.contains(trouble));
        for id in self.ids().into_iter().filter(|_| rescans) {
            let reset = self.life().hub.store.write(Durability::Now, |writer| {
                writer.update_connection(&id, |state| {
                    state.products.clock = None;
                    state.orders.clock = None;
                })
            });
            reset
                .map_err(|error: StoreError| error)
                .expect("the disk is well");
        }
        let mut before = self.sight();
        for round in 1..=ROUNDS {
            self.tell(|| format!("round {round}"));
            for id in self.ids() {
                self.ask(&id, JobKind::Sync);
                self.rest();
                self.release();
            }
            let after = self.sight();
            if after == before {
                return;
            }
            before = after;
        }
        self.restless = Some(format!("it still moves after {ROUNDS} rounds"));
    }

    /// What is the same before and after a sync that has nothing to do.
    fn sight(&self) -> (Vec<Writes>, Vec<Content>) {
        let writes = |id: &ConnectionId| {
            let mut shop = self.shop(id);
            [shop.writes(), shop.order_writes()].map(|writes| writes.expect("a shop"))
        };
        let items = self.life().hub.store.read().and_then(|reader| items(&reader));
        let contents = items.expect("the disk is well").into_iter();
        let contents = contents.map(|(_, item)| item.content);
        (self.ids().iter().flat_map(writes).collect(), contents.collect())
    }

    /// Confirms what guards have halted, until nothing is halted.
    fn release(&mut self) {
        for _ in 0..10 {
            let halted: Vec<_> = self
                .life()
                .standings()
                .into_iter()
                .flat_map(|(id, jobs)| {
                    let halted = jobs.into_iter().filter(|job| job.status == JobStatus::Halted);
                    halted.map(move |job| (id.clone(), job))
                })
                .collect();
            if halted.is_empty() {
                return;
            }
            for (id, job) in halted {
                self.tell(|| format!("{id}: confirm {:?}", job.error));
                let confirmed = self.life().with(&id, async |runner| runner.confirm(job.id).await);
                confirmed.expect("a halted job can be confirmed");
            }
            self.rest();
        }
        self.restless = Some("a guard halts the same again and again".to_owned());
    }

    // What happens to the daemon.

    pub(super) fn life(&self) -> &Life {
        self.life.as_ref().expect("the daemon lives")
    }

    pub(super) fn ask(&mut self, id: &ConnectionId, kind: JobKind) {
        let answer = self.life().ask(id, kind);
        self.tell(|| match answer {
            Ok(job) => format!("{id}: {} (job {})", kind.name(), job.id),
            Err(refusal) => format!("{id}: {} is refused: {refusal}", kind.name()),
        });
    }

    /// Lets time pass, during which the daemon may die and be started again.
    pub(super) fn wait(&mut self, time: Duration) {
        if let Err(Died) = self.life().wait(time, &self.hands) {
            self.mourn();
        }
    }

    /// Waits until the daemon has nothing to do.
    pub(super) fn rest(&mut self) {
        while let Err(Died) = self.life().rest(&self.hands) {
            self.mourn();
        }
    }

    /// The settings as they are in `config` come into force.
    pub(super) fn configure(&mut self) {
        self.life().configure(self.config.clone());
        self.wait(Duration::from_millis(50));
    }

    /// Starts the daemon again if the power failed meanwhile.
    pub(super) fn look_after(&mut self) {
        if self.life().disk().is_dark() {
            self.mourn();
        }
    }

    /// The power failed: of what was not synced, anything may be lost.
    fn mourn(&mut self) {
        let disk = self.life().disk().clone();
        let share = self.chance.pick(&[0, 50, 100]);
        self.tell(|| format!("the power fails; {share}% of what was not synced survives"));
        self.die(&disk, |chance| chance.percent(share));
    }

    /// The daemon ends in the middle of whatever it does, and starts again.
    pub(super) fn die(&mut self, disk: &Disk, survives: impl Fn(&mut Chance) -> bool) {
        let after = disk.after_crash(|| survives(&mut self.chance));
        self.life = None;
        self.revive(after);
    }

    pub(super) fn kill(&mut self) {
        self.tell(|| "kill -9".to_owned());
        let disk = self.life().disk().clone();
        self.die(&disk, |_| true);
    }

    fn revive(&mut self, disk: Disk) {
        let life = Life::begin(disk, self.folder.path(), self.clock.clone(), self.config.clone());
        self.life = Some(life.expect("the power does not fail in this very moment"));
        self.lives += 1;
    }

    /// A person chooses a side for everything that a connection holds: how many products that is.
    pub(super) fn choose_side(&self, id: &ConnectionId, side: Side) -> Result<u64, StoreError> {
        let hub = &self.life().hub;
        let places = hub.places.borrow().clone();
        let place = places.of(id).expect("it is configured");
        let held = hub.store.read()?.members(&format!("pending:held@{id}"))?;
        let items: Vec<ItemId> = held.iter().map(|item| ItemId(item.into())).collect();
        let choice = Choice { side, fields: None };
        edit::choose(
            &hub.store,
            &hub.changed,
            &places,
            place,
            &choice,
            &items,
            self.clock.now(),
        )
    }

    /// The SKUs whose stock a connection holds for a choice.
    pub(super) fn held_stock(&self, id: &ConnectionId) -> Result<Vec<String>, StoreError> {
        let hub = &self.life().hub;
        let number = hub.places.borrow().of(id).expect("it is configured").number;
        let reader = hub.store.read()?;
        let mut skus = Vec::new();
        for (item, content) in self.contents()? {
            let here = reader.equivalence(item, number)?.unwrap_or_default();
            for Path { part, leaf } in here.held {
                if let (Part::Variant(key), Leaf::Stock(_)) = (part, leaf) {
                    skus.push(content.text(&Path::variant_field(key, Field::Sku)).to_owned());
                }
            }
        }
        Ok(skus)
    }

    // What is there.

    pub(super) fn ids(&self) -> Vec<ConnectionId> {
        self.config.connections.keys().cloned().collect()
    }

    pub(super) fn any_id(&mut self) -> ConnectionId {
        let ids = self.ids();
        self.chance.pick(&ids)
    }

    /// Whether a record belongs to an item of the hub.
    pub(super) fn knows(&self, id: &ConnectionId, record: &RemoteId) -> bool {
        let hub = &self.life().hub;
        let number = hub.places.borrow().of(id).expect("it is configured").number;
        let known = hub.store.read().and_then(|reader| reader.remote(number, record));
        known.is_ok_and(|known| known.is_some())
    }

    /// Whether an order in a shop belongs to one of the hub.
    pub(super) fn knows_order(&self, id: &ConnectionId, order: &RemoteId) -> bool {
        let hub = &self.life().hub;
        let number = hub.places.borrow().of(id).expect("it is configured").number;
        let known = hub
            .store
            .read()
            .and_then(|reader| reader.order_remote(number, order));
        known.is_ok_and(|known| known.is_some())
    }

    pub(super) fn shop(&self, id: &ConnectionId) -> RefMut<'_, Shop> {
        let open = || Shop::open(self.folder.path(), id, self.clock.clone()).expect("the shop was founded");
        RefMut::map(self.shops.borrow_mut(), |shops| {
            shops.entry(id.clone()).or_insert_with(open)
        })
    }

    /// Every product of the hub. The power may fail while they are read.
    pub(super) fn contents(&self) -> Result<BTreeMap<ItemId, Content>, StoreError> {
        let items = items(&self.life().hub.store.read()?)?;
        let products = items.into_iter().filter(|(kind, _)| *kind == Kind::Products);
        Ok(products.map(|(_, item)| (item.id, item.content)).collect())
    }

    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        if self.telling != Telling::Nothing {
            eprintln!("{} {}", self.clock.now(), what());
        }
    }
}

/// Every item of the hub, products and orders, in the order of their ids.
pub(super) fn items(reader: &Reader) -> Result<Vec<(Kind, Item)>, StoreError> {
    let item = |id| -> Result<Option<(Kind, Item)>, StoreError> {
        let product = reader.product(id)?.map(|item| (Kind::Products, item));
        match product {
            Some(product) => Ok(Some(product)),
            None => Ok(reader.order(id)?.map(|item| (Kind::Orders, item))),
        }
    };
    (1..).map_while(|id| item(ItemId(id)).transpose()).collect()
}
