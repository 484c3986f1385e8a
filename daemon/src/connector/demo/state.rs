//! A demo shop's own memory: one file that outlives the daemon, as a remote system would.
//!
//! The file is a log. It begins with the catalogue that the shop opened with, which costs nothing to keep since it
//! follows from a few numbers, and goes on with a whole record for every change. Memory holds only where the
//! newest entry of each changed record is. An entry is written with one `write` before the answer is given: that
//! survives `kill -9` of the daemon, because the page cache belongs to the kernel. Nothing is synced to disk: a
//! remote system would not lose data by our crash, and a power cut is not what this double has to show.
//!
//! Several processes may hold one shop: whoever writes holds the lock file, and everybody looks for what others
//! have appended before each call.

use super::{
    catalogue::{self, Catalogue},
    picture::Picture,
};
use serde::{Deserialize, Serialize};
use shared::{
    ids::{ConnectionId, RemoteId},
    money::Decimal,
    product::{Image, Product, Record, Status, Variant},
    time::Time,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    ops::Bound,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    time::SystemTime,
};
use xxhash_rust::xxh3::xxh3_64;

const HEADER: &[u8] = b"click2sync demo shop, format 1\n";
/// Length and checksum before each entry.
const FRAME: usize = 12;
/// The number of the first product that is added to a shop; above those of every catalogue.
const FIRST_ADDED: u64 = 10_000_000;
/// Below this size a log is not worth writing anew.
const COMPACT_FROM: u64 = 1 << 20;

/// A demo shop: what somebody with a login there would see and do.
#[derive(Debug)]
pub struct Shop {
    path: PathBuf,
    lock: File,
    log: File,
    /// How far the log has been read.
    end: u64,
    catalogue: Catalogue,
    /// When another catalogue was put in place of the first one: all of its products changed then.
    replaced_at: Option<Time>,
    changed: BTreeMap<u64, Entry>,
    /// How many of `changed` are still there.
    present: u64,
    /// How many of `changed` are of the catalogue.
    shadowed: u64,
    /// Hashes of the SKUs that changed records have or had, with their numbers: each find is checked.
    skus: BTreeSet<(u64, u64)>,
    /// The same of tokens.
    tokens: BTreeSet<(u64, u64)>,
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

/// Where the newest state of a changed record is in the log.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    length: u32,
    updated_at: Time,
    writes: Writes,
    present: bool,
}

/// What an entry of the log says.
#[derive(Debug, Serialize, Deserialize)]
enum Fact {
    Opened(Catalogue),
    Replaced { by: Catalogue, at: Time },
    Changed { number: u64, state: State },
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
    next_part: u64,
}

/// Who writes, which decides whether it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Connector,
    Person,
}

/// Records in the order of their numbers, with what comes after them.
#[derive(Debug)]
pub(super) struct Walk {
    pub records: Vec<(u64, Record)>,
    /// There are more after the last of `records`.
    pub more: bool,
    /// How many there are from the beginning.
    pub total: u64,
}

impl Shop {
    /// The shop that this connection's daemon opened.
    pub fn open(data: &Path, connection: &ConnectionId) -> Result<Self, ShopError> {
        let path = file(data, connection);
        if !path.exists() {
            return Err(ShopError::Absent { path });
        }
        Self::read(path)
    }

    /// The shop of this connection, which sells `catalogue` from now on; opened where there is none yet.
    pub fn found(data: &Path, connection: &ConnectionId, catalogue: &Catalogue) -> Result<Self, ShopError> {
        let path = file(data, connection);
        let folder = path.parent().unwrap_or(data);
        fs::create_dir_all(folder).map_err(|source| io_error(folder, source))?;
        let lock = lock_file(&path)?;
        lock.lock().map_err(|source| io_error(&path, source))?;
        if !path.exists() {
            let first = frame(&Fact::Opened(catalogue.clone()));
            replace(&path, &[HEADER, &first].concat())?;
        }
        let mut shop = Self::read(path)?;
        // The lock is held already, by another handle: from here on this shop's own does.
        drop(lock);
        shop.writing(|shop| {
            if shop.catalogue != *catalogue {
                let at = now();
                shop.append(Fact::Replaced {
                    by: catalogue.clone(),
                    at,
                })?;
            }
            shop.compact()
        })?;
        Ok(shop)
    }

    /// Everything that is in the shop now.
    pub fn products(&mut self) -> Result<Vec<Record>, ShopError> {
        let walk = self.walk(None, 0, usize::MAX)?;
        Ok(walk.records.into_iter().map(|(_, record)| record).collect())
    }

    /// How many products are in the shop now.
    pub fn count(&mut self) -> Result<u64, ShopError> {
        self.refresh()?;
        Ok(self.catalogue.products - self.shadowed + self.present)
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
        self.change(id, By::Person, |product| {
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
            state.updated_at = now();
            shop.append(Fact::Changed { number, state })
        })
    }

    /// Somebody adds a product in the shop.
    pub fn add(&mut self, product: Product) -> Result<Record, ShopError> {
        self.create(product, None, By::Person)
    }

    /// Somebody buys `quantity` of the variant with this SKU; the stock of its first location goes down, below
    /// zero if need be.
    pub fn sell(&mut self, sku: &str, quantity: u32) -> Result<Record, ShopError> {
        let found = self.product_with_sku(sku)?;
        let record = found.ok_or_else(|| ShopError::Rejected(format!("nothing here has the SKU `{sku}`")))?;
        self.change(&record.remote_id.0, By::Person, |product| {
            let sold = product
                .variants
                .iter_mut()
                .find(|variant| same_sku(&variant.sku, sku));
            let left = sold.and_then(|variant| variant.stock.values_mut().next());
            let left = left.ok_or_else(|| ShopError::Rejected(format!("`{sku}` is not counted here")))?;
            *left = Decimal(left.0 - Decimal::from(i64::from(quantity)).0);
            Ok(())
        })
    }

    /// What came through the connector since the shop opened.
    pub fn writes(&mut self) -> Result<Writes, ShopError> {
        self.refresh()?;
        let all = self
            .changed
            .values()
            .fold(Writes::default(), |all, entry| Writes {
                creates: all.creates + entry.writes.creates,
                updates: all.updates + entry.writes.updates,
            });
        Ok(all)
    }

    /// What came through the connector for each product that it wrote, removed ones included.
    pub fn writes_by_product(&mut self) -> Result<BTreeMap<RemoteId, Writes>, ShopError> {
        self.refresh()?;
        let written = self
            .changed
            .iter()
            .filter(|(_, entry)| entry.writes != Writes::default());
        Ok(written
            .map(|(number, entry)| (catalogue::product_id(*number), entry.writes))
            .collect())
    }

    /// Where the shop keeps itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Up to `most` records with numbers above `after` that changed at or after `since`.
    pub(super) fn walk(&mut self, since: Option<Time>, after: u64, most: usize) -> Result<Walk, ShopError> {
        self.refresh()?;
        let (base, total) = self.extent(since);
        let wanted = |entry: &Entry| entry.present && since.is_none_or(|since| entry.updated_at >= since);
        let mut changed = self
            .changed
            .range((Bound::Excluded(after), Bound::Unbounded))
            .peekable();
        let mut unchanged = (base.start.max(after + 1)..base.end).peekable();
        let mut records = Vec::with_capacity(most.min(1000));
        let more = loop {
            // A changed record stands before, in place of, or after the catalogue's next one.
            let entry = match (changed.peek(), unchanged.peek()) {
                (None, None) => break false,
                (Some((number, _)), Some(next)) if *number > next => None,
                (None, Some(_)) => None,
                (Some((number, _)), next) => {
                    if next == Some(*number) {
                        unchanged.next();
                    }
                    changed.next()
                }
            };
            if entry.is_some_and(|(_, entry)| !wanted(entry)) {
                continue;
            }
            if records.len() == most {
                break true;
            }
            if let Some((&number, entry)) = entry {
                let state = self.read_state(number, entry)?;
                records.extend(record(number, state).map(|record| (number, record)));
            } else if let Some(number) = unchanged.next() {
                records.extend(record(number, self.untouched(number)).map(|record| (number, record)));
            }
        };
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
            let added = shop.changed.range(FIRST_ADDED..).next_back();
            let number = added.map_or(FIRST_ADDED, |(last, _)| last + 1);
            let mut state = State {
                product: None,
                token,
                updated_at: now(),
                writes: Writes {
                    creates: u64::from(by == By::Connector),
                    updates: 0,
                },
                next_part: 1,
            };
            shop.admit(number, product, &mut state)?;
            shop.append(Fact::Changed {
                number,
                state: state.clone(),
            })?;
            Ok(record(number, state).expect("it was admitted"))
        })
    }

    /// Changes a product as told, unless the shop's own rules are against it.
    pub(super) fn change(
        &mut self,
        id: &str,
        by: By,
        change: impl FnOnce(&mut Product) -> Result<(), ShopError>,
    ) -> Result<Record, ShopError> {
        self.writing(|shop| {
            let missing = || ShopError::Missing(id.into());
            let number = catalogue::number_of(id).ok_or_else(missing)?;
            let mut state = shop.state(number)?.ok_or_else(missing)?;
            let mut product = state.product.take().ok_or_else(missing)?;
            change(&mut product)?;
            state.updated_at = now();
            state.writes.updates += u64::from(by == By::Connector);
            shop.admit(number, product, &mut state)?;
            shop.append(Fact::Changed {
                number,
                state: state.clone(),
            })?;
            Ok(record(number, state).expect("it was admitted"))
        })
    }

    /// Those with this token, in the order of their numbers.
    pub(super) fn with_token(&mut self, token: &str) -> Result<Vec<Record>, ShopError> {
        self.refresh()?;
        let mut found = Vec::new();
        for number in numbers(&self.tokens, xxh3_64(token.as_bytes())) {
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
                .find(|place| !self.catalogue.locations.contains(place))
            {
                let places = self.catalogue.locations.join(", ");
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
        let in_catalogue = self.catalogue.number_of_sku(sku.trim());
        for number in numbers(&self.skus, sku_hash(sku)).into_iter().chain(in_catalogue) {
            let product = self.state(number)?.and_then(|state| state.product);
            let has = |product: Product| product.variants.iter().any(|variant| same_sku(&variant.sku, sku));
            if product.is_some_and(has) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// `None`: no such product was ever here.
    fn state(&self, number: u64) -> Result<Option<State>, ShopError> {
        match self.changed.get(&number) {
            Some(entry) => self.read_state(number, entry).map(Some),
            None if self.catalogue.numbers().contains(&number) => Ok(Some(self.untouched(number))),
            None => Ok(None),
        }
    }

    fn untouched(&self, number: u64) -> State {
        State {
            product: Some(self.catalogue.product(number)),
            token: None,
            updated_at: self.replaced_at.unwrap_or_else(|| Catalogue::changed_at(number)),
            writes: Writes::default(),
            // Above every part of a generated product.
            next_part: 101,
        }
    }

    /// The numbers of the catalogue that changed at or after `since`, and how many records did in all.
    fn extent(&self, since: Option<Time>) -> (std::ops::Range<u64>, u64) {
        let Some(since) = since else {
            let total = self.catalogue.products - self.shadowed + self.present;
            return (self.catalogue.numbers(), total);
        };
        let numbers = self.catalogue.numbers();
        let start = match self.replaced_at {
            Some(at) if at >= since => numbers.start,
            Some(_) => numbers.end,
            None => self.catalogue.first_since(since),
        };
        let base = start..numbers.end;
        let shadowed = self.changed.range(base.clone()).count() as u64;
        let changed = self
            .changed
            .values()
            .filter(|entry| entry.present && entry.updated_at >= since);
        let total = (base.end - base.start) - shadowed + changed.count() as u64;
        (base, total)
    }
}

// The file.
impl Shop {
    fn read(path: PathBuf) -> Result<Self, ShopError> {
        let lock = lock_file(&path)?;
        let log = open_log(&path)?;
        let mut shop = Self {
            path,
            lock,
            log,
            end: 0,
            catalogue: Catalogue::default(),
            replaced_at: None,
            changed: BTreeMap::new(),
            present: 0,
            shadowed: 0,
            skus: BTreeSet::new(),
            tokens: BTreeSet::new(),
        };
        shop.read_tail()?;
        Ok(shop)
    }

    /// Does what must not happen at the same time as somebody else's writing. What was torn off by a crash while
    /// writing is dropped here: nobody was told that it had happened.
    fn writing<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T, ShopError>) -> Result<T, ShopError> {
        self.lock.lock().map_err(|source| io_error(&self.path, source))?;
        let done = self.refresh().and_then(|()| {
            let length = self
                .log
                .metadata()
                .map_err(|source| io_error(&self.path, source))?
                .len();
            if length > self.end {
                self.log
                    .set_len(self.end)
                    .map_err(|source| io_error(&self.path, source))?;
            }
            write(self)
        });
        let unlocked = self.lock.unlock().map_err(|source| io_error(&self.path, source));
        let done = done?;
        unlocked.map(|()| done)
    }

    /// Takes in what others have appended, or written anew.
    fn refresh(&mut self) -> Result<(), ShopError> {
        let there = fs::metadata(&self.path).map_err(|source| io_error(&self.path, source))?;
        let held = self
            .log
            .metadata()
            .map_err(|source| io_error(&self.path, source))?;
        if there.ino() != held.ino() || there.len() < self.end {
            let again = Self::read(self.path.clone())?;
            let Self {
                path: _,
                lock: _,
                log,
                end,
                catalogue,
                replaced_at,
                changed,
                present,
                shadowed,
                skus,
                tokens,
            } = again;
            // The lock stays the one that may be held just now.
            self.log = log;
            self.end = end;
            self.catalogue = catalogue;
            self.replaced_at = replaced_at;
            self.changed = changed;
            self.present = present;
            self.shadowed = shadowed;
            self.skus = skus;
            self.tokens = tokens;
            return Ok(());
        }
        if there.len() > self.end {
            self.read_tail()
        } else {
            Ok(())
        }
    }

    /// Reads entries from `end` on, up to the end of the file or an entry that is not complete (yet).
    fn read_tail(&mut self) -> Result<(), ShopError> {
        let failed = |source| io_error(&self.path, source);
        let length = self.log.metadata().map_err(failed)?.len();
        let buffer = usize::try_from(length.saturating_sub(self.end))
            .unwrap_or(usize::MAX)
            .min(1 << 18);
        let mut log = BufReader::with_capacity(buffer, self.log.try_clone().map_err(failed)?);
        if self.end == 0 {
            let mut header = [0; HEADER.len()];
            let whole = log
                .seek(SeekFrom::Start(0))
                .and_then(|_| log.read_exact(&mut header));
            if whole.is_err() || header != HEADER {
                return Err(ShopError::Foreign {
                    path: self.path.clone(),
                });
            }
            self.end = HEADER.len() as u64;
        }
        log.seek(SeekFrom::Start(self.end)).map_err(failed)?;
        let mut body = Vec::new();
        while length - self.end >= FRAME as u64 {
            let mut head = [0; FRAME];
            log.read_exact(&mut head)
                .map_err(|source| io_error(&self.path, source))?;
            let (body_length, sum) = unframe(head);
            let next = self.end + FRAME as u64 + u64::from(body_length);
            if next > length {
                break;
            }
            body.resize(body_length as usize, 0);
            log.read_exact(&mut body)
                .map_err(|source| io_error(&self.path, source))?;
            let whole = xxh3_64(&body) == sum;
            match postcard::from_bytes(&body) {
                Ok(fact) if whole => self.take_in(fact, body_length),
                // Only the last entry can be torn; one before others is damage, and dropping it would drop those too.
                _ if next == length => break,
                _ => {
                    let (path, at) = (self.path.clone(), self.end);
                    return Err(ShopError::Damaged { path, at });
                }
            }
        }
        Ok(())
    }

    /// Notes the entry that begins at `end`.
    fn take_in(&mut self, fact: Fact, length: u32) {
        let at = self.end;
        self.end += FRAME as u64 + u64::from(length);
        match fact {
            Fact::Opened(catalogue) => self.sell_from(catalogue),
            Fact::Replaced { by, at } => {
                self.replaced_at = Some(at);
                self.sell_from(by);
            }
            Fact::Changed { number, state } => {
                let State {
                    product,
                    token,
                    updated_at,
                    writes,
                    next_part: _,
                } = state;
                self.tokens
                    .extend(token.map(|token| (xxh3_64(token.as_bytes()), number)));
                let variants = product.iter().flat_map(|product| &product.variants);
                let skus = variants.map(|variant| sku_hash(&variant.sku));
                self.skus.extend(skus.map(|hash| (hash, number)));
                let present = product.is_some();
                let entry = Entry {
                    at,
                    length,
                    updated_at,
                    writes,
                    present,
                };
                let before = self.changed.insert(number, entry);
                self.present += u64::from(present);
                self.present -= u64::from(before.is_some_and(|before| before.present));
                let first_change = before.is_none() && self.catalogue.numbers().contains(&number);
                self.shadowed += u64::from(first_change);
            }
        }
    }

    fn sell_from(&mut self, catalogue: Catalogue) {
        self.shadowed = self.changed.range(catalogue.numbers()).count() as u64;
        self.catalogue = catalogue;
    }

    /// Only while the lock is held.
    fn append(&mut self, fact: Fact) -> Result<(), ShopError> {
        let entry = frame(&fact);
        // The file is opened for appending and the lock is held, so this lands at `self.end`.
        self.log
            .write_all(&entry)
            .map_err(|source| io_error(&self.path, source))?;
        self.take_in(fact, body_length(&entry));
        Ok(())
    }

    fn read_state(&self, number: u64, entry: &Entry) -> Result<State, ShopError> {
        let mut body = vec![0; entry.length as usize];
        self.log
            .read_exact_at(&mut body, entry.at + FRAME as u64)
            .map_err(|source| io_error(&self.path, source))?;
        match postcard::from_bytes(&body) {
            Ok(Fact::Changed { number: found, state }) if found == number => Ok(state),
            _ => Err(ShopError::Damaged {
                path: self.path.clone(),
                at: entry.at,
            }),
        }
    }

    /// Writes the log anew without what was overtaken, once that is most of it. Only while the lock is held.
    fn compact(&mut self) -> Result<(), ShopError> {
        let needed: u64 = self
            .changed
            .values()
            .map(|entry| FRAME as u64 + u64::from(entry.length))
            .sum();
        if self.end < COMPACT_FROM || needed > self.end / 3 {
            return Ok(());
        }
        let catalogue = self.catalogue.clone();
        let sold = match self.replaced_at {
            Some(at) => Fact::Replaced { by: catalogue, at },
            None => Fact::Opened(catalogue),
        };
        let mut whole = [HEADER, &frame(&sold)].concat();
        for (number, entry) in &self.changed {
            let state = self.read_state(*number, entry)?;
            whole.extend(frame(&Fact::Changed {
                number: *number,
                state,
            }));
        }
        replace(&self.path, &whole)?;
        self.refresh()
    }
}

fn file(data: &Path, connection: &ConnectionId) -> PathBuf {
    data.join("demo").join(format!("{connection}.shop"))
}

fn io_error(path: &Path, source: io::Error) -> ShopError {
    ShopError::Io {
        path: path.to_owned(),
        source,
    }
}

fn open_log(path: &Path) -> Result<File, ShopError> {
    let opened = File::options().read(true).append(true).open(path);
    opened.map_err(|source| io_error(path, source))
}

/// A file of its own, so that the lock stays when the log is written anew.
fn lock_file(path: &Path) -> Result<File, ShopError> {
    let path = path.with_extension("lock");
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    opened.map_err(|source| io_error(&path, source))
}

/// The whole file at once: nobody ever sees half of it.
fn replace(path: &Path, content: &[u8]) -> Result<(), ShopError> {
    let new = path.with_extension("new");
    fs::write(&new, content)
        .and_then(|()| fs::rename(&new, path))
        .map_err(|source| io_error(path, source))
}

fn frame(fact: &Fact) -> Vec<u8> {
    let body = postcard::to_extend(fact, vec![0; FRAME]);
    let mut entry = body.expect("memory takes everything");
    let sum = xxh3_64(&entry[FRAME..]);
    let length = body_length(&entry);
    entry[..4].copy_from_slice(&length.to_le_bytes());
    entry[4..FRAME].copy_from_slice(&sum.to_le_bytes());
    entry
}

fn body_length(entry: &[u8]) -> u32 {
    u32::try_from(entry.len() - FRAME).expect("a product is below 4 GB")
}

fn unframe(head: [u8; FRAME]) -> (u32, u64) {
    let [a, b, c, d, sum @ ..] = head;
    (u32::from_le_bytes([a, b, c, d]), u64::from_le_bytes(sum))
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

fn numbers(index: &BTreeSet<(u64, u64)>, hash: u64) -> Vec<u64> {
    index
        .range((hash, 0)..=(hash, u64::MAX))
        .map(|(_, number)| *number)
        .collect()
}

fn sku_hash(sku: &str) -> u64 {
    xxh3_64(sku.trim().to_lowercase().as_bytes())
}

fn same_sku(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Time(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
