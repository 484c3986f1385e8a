//! A demo shop: what is in it, its own rules, and what people do there.
//!
//! Its memory is one file that outlives the daemon, as a remote system would. It begins with the catalogue that the
//! shop opened with, and goes on with a whole record for every change.

use super::{
    catalogue::{self, Catalogue},
    history::History,
    index::{Index, same_sku},
    log::{Log, News, Place},
    orders::Sales,
    picture::Picture,
    rows::{Begin, Changed, More, Rows},
};
use crate::clock::Clock;
use serde::{Deserialize, Serialize};
use shared::{
    ids::{ConnectionId, RemoteId},
    order::Order,
    product::{Image, Product, Record, Status, Variant},
    time::Time,
};
use std::{
    collections::{BTreeMap, HashSet},
    io,
    iter::Sum,
    path::{Path, PathBuf},
};

/// The number of the first product that is added to a shop; above those of every catalogue.
const FIRST_ADDED: u64 = 10_000_000;
/// Below this size a log is not worth writing anew.
const COMPACT_FROM: u64 = 1 << 20;

/// A demo shop, for whoever has a login there. Several may hold one shop, in several processes, at the same time.
#[derive(Debug)]
pub struct Shop {
    log: Log,
    pub(super) index: Index,
    clock: Clock,
}

/// How a shop is set up.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// What it sells and has sold.
    pub history: History,
    /// How many milliseconds its clock is ahead of ours.
    pub ahead: i64,
    pub sales: Sales,
}

/// Why a shop cannot do what it is asked to.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    #[error("the demo shop's file {} cannot be used: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "the demo shop's file {} is damaged at byte {at}: put back a copy of it, or remove it to open the shop anew",
        path.display()
    )]
    Damaged { path: PathBuf, at: u64 },
    #[error(
        "{} was not written by this version's demo shop: remove it to open the shop anew", path.display()
    )]
    Foreign { path: PathBuf },
    #[error("there is no demo shop at {}: start the daemon once, or open one", path.display())]
    Absent { path: PathBuf },
    #[error("there is no product `{0}` in this shop")]
    Missing(RemoteId),
    #[error("there is no order `{0}` in this shop")]
    MissingOrder(RemoteId),
    /// The shop's own words.
    #[error("{0}")]
    Rejected(String),
}

/// Writes that came through the connector, not those of people in the shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writes {
    pub creates: u64,
    pub updates: u64,
}

/// What an entry of the log says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Fact {
    Opened(Catalogue),
    Replaced {
        by: Catalogue,
        at: Time,
    },
    Changed {
        number: u64,
        state: Box<State>,
    },
    /// What the shop sold before; told at a time of its own where it was told anew.
    Traded {
        before: History,
        at: Option<Time>,
    },
    /// An order as it is now, and the products whose stock it took, as they are now.
    Ordered {
        number: u64,
        state: Box<OrderState>,
        booked: Vec<(u64, State)>,
    },
    Clock {
        ahead: i64,
    },
    Sales(Sales),
}

/// All that the shop knows of one product.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    /// `None`: it was removed.
    pub product: Option<Product>,
    pub token: Option<String>,
    pub updated_at: Time,
    pub writes: Writes,
    /// What the next variant or picture is numbered; numbers are never used again.
    pub next_part: u64,
}

/// All that the shop knows of one order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OrderState {
    /// `None`: it was removed.
    pub order: Option<Order>,
    pub token: Option<String>,
    pub updated_at: Time,
    pub writes: Writes,
    /// What the next line, shipment or payment is numbered; numbers are never used again.
    pub next_part: u64,
}

/// Who writes, which decides whether it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Connector,
    Person,
}

/// Records in the order of their numbers, with what comes after them.
#[derive(Debug)]
pub(super) struct Walk<R = Record> {
    pub records: Vec<(u64, R)>,
    /// Whether there are more after the last of `records`.
    pub more: More,
    /// How many there are from the beginning.
    pub total: u64,
}

impl Shop {
    /// The shop that this connection's daemon opened.
    pub fn open(data: &Path, connection: &ConnectionId, clock: Clock) -> Result<Self, ShopError> {
        let path = file(data, connection);
        if !path.exists() {
            return Err(ShopError::Absent { path });
        }
        Self::read(Log::open(path)?, clock)
    }

    /// The shop of this connection, set up like this from now on; opened where there is none yet.
    pub fn found(
        data: &Path,
        connection: &ConnectionId,
        setup: &Setup,
        clock: Clock,
    ) -> Result<Self, ShopError> {
        let Setup {
            history,
            ahead,
            sales,
        } = setup;
        let catalogue = &history.catalogue;
        let first = Fact::Opened(catalogue.clone());
        let mut shop = Self::read(Log::open_with(file(data, connection), &first)?, clock)?;
        shop.writing(|shop| {
            if shop.index.ahead != *ahead {
                shop.append(Fact::Clock { ahead: *ahead })?;
            }
            if shop.index.sales != *sales {
                shop.append(Fact::Sales(*sales))?;
            }
            if shop.index.catalogue != *catalogue {
                let (by, at) = (catalogue.clone(), shop.now());
                shop.append(Fact::Replaced { by, at })?;
            }
            // Another history would give numbers that later orders have already.
            if shop.index.history.as_ref() != Some(history) && !shop.took_orders() {
                let at = shop.index.history.is_some().then(|| shop.now());
                let before = history.clone();
                shop.append(Fact::Traded { before, at })?;
            }
            shop.compact()
        })?;
        Ok(shop)
    }

    /// Everything that is in the shop now.
    pub fn products(&mut self) -> Result<Vec<Record>, ShopError> {
        let walk = self.walk(None, Begin::After(0), usize::MAX)?;
        Ok(walk.records.into_iter().map(|(_, record)| record).collect())
    }

    /// How many products are in the shop now.
    pub fn count(&mut self) -> Result<u64, ShopError> {
        self.refresh()?;
        Ok(self.index.products.count())
    }

    /// One product, as the connector would show it.
    pub fn product(&mut self, id: &str) -> Result<Option<Record>, ShopError> {
        self.refresh()?;
        let Some(number) = catalogue::number_of(id) else {
            return Ok(None);
        };
        Ok(self.state(number)?.and_then(|state| record(number, state)))
    }

    /// The product with a variant of this SKU, in whatever case.
    pub fn product_with_sku(&mut self, sku: &str) -> Result<Option<Record>, ShopError> {
        self.refresh()?;
        match self.number_of_sku(sku)? {
            Some(number) => Ok(self.state(number)?.and_then(|state| record(number, state))),
            None => Ok(None),
        }
    }

    /// Somebody edits a product in the shop. New variants and pictures get ids of their own.
    pub fn edit(&mut self, id: &str, change: impl FnOnce(&mut Product)) -> Result<Record, ShopError> {
        self.change(id, By::Person, None, |product| {
            change(product);
            Ok(())
        })
    }

    /// Somebody removes a product in the shop. The program itself never does.
    pub fn remove(&mut self, id: &str) -> Result<(), ShopError> {
        self.writing(|shop| {
            let number = catalogue::number_of(id);
            let found = match number {
                Some(number) => shop.state(number)?.map(|state| (number, state)),
                None => None,
            };
            let (number, mut state) = found.ok_or_else(|| ShopError::Missing(id.into()))?;
            state.product = None;
            state.updated_at = shop.now();
            shop.append(Fact::Changed {
                number,
                state: Box::new(state),
            })
        })
    }

    /// Somebody adds a product in the shop.
    pub fn add(&mut self, product: Product) -> Result<Record, ShopError> {
        self.create(product, None, By::Person)
    }

    /// What came through the connector since the shop opened, orders apart.
    pub fn writes(&mut self) -> Result<Writes, ShopError> {
        Ok(self.writes_by_product()?.into_values().sum())
    }

    /// What came through the connector for each product that it wrote, removed ones included.
    pub fn writes_by_product(&mut self) -> Result<BTreeMap<RemoteId, Writes>, ShopError> {
        self.refresh()?;
        Ok(writes(&self.index.products, catalogue::product_id))
    }

    /// Where the shop keeps itself.
    pub fn path(&self) -> &Path {
        self.log.path()
    }

    /// Up to `most` products that changed at or after `since`.
    pub(super) fn walk(&mut self, since: Option<Time>, begin: Begin, most: usize) -> Result<Walk, ShopError> {
        self.refresh()?;
        let unchanged = self.index.product_since(since);
        let (rows, more) = self.index.products.page(begin, since, unchanged, most);
        let mut records = Vec::with_capacity(rows.len());
        for (number, changed) in rows {
            let state = match changed {
                Some(Changed { place, .. }) => self.read_state(number, place)?,
                None => self.untouched(number),
            };
            records.extend(record(number, state).map(|record| (number, record)));
        }
        let total = self.index.products.extent(since, unchanged);
        Ok(Walk { records, more, total })
    }

    /// Adds a product under an id of its own.
    pub(super) fn create(
        &mut self,
        product: Product,
        token: Option<String>,
        by: By,
    ) -> Result<Record, ShopError> {
        self.writing(|shop| {
            let number = shop.index.products.next_number(FIRST_ADDED);
            let mut state = State {
                product: None,
                token,
                updated_at: shop.now(),
                writes: Writes {
                    creates: u64::from(by == By::Connector),
                    updates: 0,
                },
                next_part: 1,
            };
            shop.admit(number, product, &mut state)?;
            shop.append(Fact::Changed {
                number,
                state: Box::new(state.clone()),
            })?;
            Ok(record(number, state).expect("it was admitted"))
        })
    }

    /// Changes a product as told, unless the shop's own rules are against it. A `token` takes the place of the one
    /// before.
    pub(super) fn change(
        &mut self,
        id: &str,
        by: By,
        token: Option<String>,
        change: impl FnOnce(&mut Product) -> Result<(), ShopError>,
    ) -> Result<Record, ShopError> {
        self.writing(|shop| {
            let missing = || ShopError::Missing(id.into());
            let number = catalogue::number_of(id).ok_or_else(missing)?;
            let mut state = shop.state(number)?.ok_or_else(missing)?;
            let mut product = state.product.take().ok_or_else(missing)?;
            change(&mut product)?;
            state.updated_at = shop.now();
            state.writes.updates += u64::from(by == By::Connector);
            state.token = token.or(state.token);
            shop.admit(number, product, &mut state)?;
            shop.append(Fact::Changed {
                number,
                state: Box::new(state.clone()),
            })?;
            Ok(record(number, state).expect("it was admitted"))
        })
    }

    /// Those with this token, in the order of their numbers.
    pub(super) fn with_token(&mut self, token: &str) -> Result<Vec<Record>, ShopError> {
        self.refresh()?;
        let mut found = Vec::new();
        for number in self.index.products.with_token(token) {
            match self.state(number)? {
                Some(state) if state.token.as_deref() == Some(token) => found.extend(record(number, state)),
                _ => {}
            }
        }
        Ok(found)
    }
}

// The shop's own rules.
impl Shop {
    /// Gives new parts their ids and says no to what no shop would take.
    fn admit(&self, number: u64, mut product: Product, state: &mut State) -> Result<(), ShopError> {
        let no = |words: String| Err(ShopError::Rejected(words));
        if product.title.trim().is_empty() {
            return no("A product needs a title.".to_owned());
        }
        if product.variants.is_empty() {
            return no("A product needs at least one variant.".to_owned());
        }
        let mut skus = HashSet::new();
        let mut combinations = HashSet::new();
        for Variant {
            sku,
            options,
            price,
            compare_at_price,
            cost,
            stock,
            ..
        } in &product.variants
        {
            if !sku.trim().is_empty() {
                let owner = self.number_of_sku(sku)?.filter(|owner| *owner != number);
                if let Some(owner) = owner {
                    let owner = catalogue::product_id(owner);
                    return no(format!("Invalid or duplicated SKU: `{sku}` belongs to {owner}."));
                }
                if !skus.insert(sku.trim().to_lowercase()) {
                    return no(format!("Invalid or duplicated SKU: two variants have `{sku}`."));
                }
            }
            if !combinations.insert(options) {
                let values: Vec<&str> = options.values().map(String::as_str).collect();
                return no(format!(
                    "Two variants have the same options ({}).",
                    values.join(", ")
                ));
            }
            if [price, compare_at_price, cost]
                .into_iter()
                .flatten()
                .any(|amount| amount.is_negative())
            {
                return no(format!("The price of `{sku}` is below zero."));
            }
            if let Some(place) = stock
                .keys()
                .find(|place| !self.index.catalogue.locations.contains(place))
            {
                let places = self.index.catalogue.locations.join(", ");
                return no(format!(
                    "There is no location `{place}` here; stock is kept at: {places}."
                ));
            }
        }

        let mut next_part = || {
            state.next_part += 1;
            state.next_part - 1
        };
        // A picture that comes without an id is uploaded: it gets an id and an address of its own.
        let mut moved = BTreeMap::new();
        for Image {
            remote_id,
            hash,
            address,
            alt: _,
        } in &mut product.images
        {
            if remote_id.is_none() {
                let id = catalogue::image_id(number, next_part());
                let own = Picture::parse(address, hash.as_deref()).address(Some(&id));
                moved.insert(std::mem::replace(address, own.clone()), own);
                *remote_id = Some(id);
            }
        }
        // A product without options is simple: its only variant has no id.
        let simple = matches!(&product.variants[..], [only] if only.options.is_empty());
        for variant in &mut product.variants {
            if simple {
                variant.remote_id = None;
            } else if variant.remote_id.is_none() {
                variant.remote_id = Some(catalogue::variant_id(number, next_part()));
            }
        }
        for variant in &mut product.variants {
            for address in &mut variant.images {
                if let Some(own) = moved.get(address) {
                    address.clone_from(own);
                }
            }
            variant
                .images
                .retain(|address| product.images.iter().any(|image| image.address == *address));
        }
        product.status.get_or_insert(Status::Active);
        state.product = Some(product);
        Ok(())
    }

    fn number_of_sku(&self, sku: &str) -> Result<Option<u64>, ShopError> {
        if sku.trim().is_empty() {
            return Ok(None);
        }
        for number in self.index.with_sku(sku) {
            let product = self.state(number)?.and_then(|state| state.product);
            let has = |product: Product| product.variants.iter().any(|variant| same_sku(&variant.sku, sku));
            if product.is_some_and(has) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// `None`: no such product was ever here.
    pub(super) fn state(&self, number: u64) -> Result<Option<State>, ShopError> {
        match self.index.products.changed().get(&number) {
            Some(changed) => self.read_state(number, changed.place).map(Some),
            None if self.index.catalogue.numbers().contains(&number) => Ok(Some(self.untouched(number))),
            None => Ok(None),
        }
    }

    fn untouched(&self, number: u64) -> State {
        let replaced_at = self.index.replaced_at;
        State {
            product: Some(self.index.catalogue.product(number)),
            token: None,
            updated_at: replaced_at.unwrap_or_else(|| Catalogue::changed_at(number)),
            writes: Writes::default(),
            // Above every part of a generated product.
            next_part: 101,
        }
    }

    fn read_state(&self, number: u64, place: Place) -> Result<State, ShopError> {
        match self.log.get(place)? {
            Fact::Changed { number: found, state } if found == number => Ok(*state),
            Fact::Ordered { booked, .. } => booked
                .into_iter()
                .find_map(|(found, state)| (found == number).then_some(state))
                .ok_or_else(|| self.log.damaged(place)),
            _ => Err(self.log.damaged(place)),
        }
    }

    pub(super) fn read_order_state(&self, number: u64, place: Place) -> Result<OrderState, ShopError> {
        match self.log.get(place)? {
            Fact::Ordered {
                number: found, state, ..
            } if found == number => Ok(*state),
            _ => Err(self.log.damaged(place)),
        }
    }

    /// The time on the shop's own clock.
    pub(super) fn now(&self) -> Time {
        Time(self.clock.now().0.saturating_add(self.index.ahead))
    }
}

// The log.
impl Shop {
    fn read(log: Log, clock: Clock) -> Result<Self, ShopError> {
        let index = Index::default();
        let mut shop = Self { log, index, clock };
        shop.read_on()?;
        Ok(shop)
    }

    fn read_on(&mut self) -> Result<(), ShopError> {
        self.log.read_on(|fact, place| self.index.take_in(fact, place))
    }

    /// Takes in what others have done.
    pub(super) fn refresh(&mut self) -> Result<(), ShopError> {
        match self.log.news()? {
            News::None => Ok(()),
            News::Appended => self.read_on(),
            News::WrittenAnew => {
                self.log.reopen()?;
                self.index = Index::default();
                self.read_on()
            }
        }
    }

    /// Does what must not happen at the same time as somebody else's writing.
    pub(super) fn writing<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, ShopError>,
    ) -> Result<T, ShopError> {
        self.log.lock()?;
        let written = self
            .refresh()
            .and_then(|()| self.log.drop_torn())
            .and_then(|()| write(self));
        let unlocked = self.log.unlock();
        written.and_then(|written| unlocked.map(|()| written))
    }

    pub(super) fn append(&mut self, fact: Fact) -> Result<(), ShopError> {
        let place = self.log.append(&fact)?;
        self.index.take_in(fact, place);
        Ok(())
    }

    /// Writes the log anew without what was overtaken, once that is most of it.
    fn compact(&mut self) -> Result<(), ShopError> {
        let Index {
            catalogue,
            replaced_at,
            products,
            history,
            rewritten_at,
            orders,
            ahead,
            sales,
            ..
        } = &self.index;
        let places = products.changed().values().chain(orders.changed().values());
        let needed: u64 = places.map(|changed| changed.place.size()).sum();
        if self.log.size() < COMPACT_FROM || needed > self.log.size() / 3 {
            return Ok(());
        }
        let sold = match *replaced_at {
            Some(at) => Fact::Replaced {
                by: catalogue.clone(),
                at,
            },
            None => Fact::Opened(catalogue.clone()),
        };
        let traded = history.clone().map(|before| Fact::Traded {
            before,
            at: *rewritten_at,
        });
        let products = products.changed().iter().map(|(&number, changed)| {
            let state = Box::new(self.read_state(number, changed.place)?);
            Ok(Fact::Changed { number, state })
        });
        let orders = orders.changed().iter().map(|(&number, changed)| {
            let state = Box::new(self.read_order_state(number, changed.place)?);
            let booked = Vec::new();
            Ok(Fact::Ordered {
                number,
                state,
                booked,
            })
        });
        let setup = [
            Some(sold),
            traded,
            Some(Fact::Clock { ahead: *ahead }),
            Some(Fact::Sales(*sales)),
        ];
        let facts = setup.into_iter().flatten().map(Ok).chain(products).chain(orders);
        self.log.write_anew(facts)?;
        self.refresh()
    }
}

fn file(data: &Path, connection: &ConnectionId) -> PathBuf {
    data.join("demo").join(format!("{connection}.shop"))
}

fn record(number: u64, state: State) -> Option<Record> {
    Some(Record {
        remote_id: catalogue::product_id(number),
        url: None,
        updated_at: Some(state.updated_at),
        token: state.token,
        product: state.product?,
    })
}

/// What came through the connector for each record that it wrote.
pub(super) fn writes(rows: &Rows, id: fn(u64) -> RemoteId) -> BTreeMap<RemoteId, Writes> {
    let written = rows
        .changed()
        .iter()
        .filter(|(_, changed)| changed.writes != Writes::default());
    written
        .map(|(number, changed)| (id(*number), changed.writes))
        .collect()
}

impl Sum for Writes {
    fn sum<I: Iterator<Item = Self>>(each: I) -> Self {
        each.fold(Self::default(), |all, Self { creates, updates }| Self {
            creates: all.creates + creates,
            updates: all.updates + updates,
        })
    }
}
