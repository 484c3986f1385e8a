//! A small world: a hub and a few platforms, synchronised by the decisions of `shared` in the order in which the
//! daemon's jobs make them (`daemon/src/job/fetch.rs` and `send.rs`), without a store and without waiting.

pub mod generate;
pub mod platform;

use platform::Platform;
use shared::{
    content::{Content, Field, Path},
    ids::{ConnectionId, ItemId, Kind, RemoteId},
    issue::Code,
    item::{Equivalence, Item, Presence},
    mark::Mark,
    policy::Policy,
    product::Record,
    sync::{
        acknowledge,
        matching::{Match, MatchKey, find_item, item_keys, match_key, pair, sku_key},
        merge::{self, Merged},
        pending::{Pending, Standing, pending},
        read,
        terms::{Around, Counterpart},
        vanish::{self, Confirmed, Verdict},
        write,
    },
    time::Time,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

#[derive(Clone)]
pub struct World {
    pub items: BTreeMap<ItemId, Item>,
    pub places: Vec<Place>,
    pub now: Time,
}

/// A connection: its settings, its platform, and what the hub knows of it.
#[derive(Clone, Debug)]
pub struct Place {
    pub policy: Policy,
    pub platform: Platform,
    pub equivalences: BTreeMap<ItemId, Equivalence>,
    /// What a record looked like when it was last taken in; `None` stands for a digest that equals nothing.
    remotes: BTreeMap<RemoteId, (ItemId, Option<Record>)>,
    /// Records that could be several items, and which.
    pub unmatched: BTreeMap<RemoteId, Vec<ItemId>>,
    pub read: Read,
    /// What happens to the next writes; those beyond go well.
    pub faults: VecDeque<Fault>,
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It was done, and the answer was lost.
    AnswerLost,
    /// It was not done, and nobody knows.
    CallLost,
    /// It was not done; the platform said why.
    Refused,
    /// The daemon died after the intent was stored and before the call.
    CrashBefore,
    /// The daemon died after the call and before the answer was stored.
    CrashAfter,
}

/// Whether a connection was ever read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    Never,
    Completely,
}

/// How a fetch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    Done,
    /// A guard kept everything as it was.
    Halted(String),
}

const TRIES: u32 = 8;

impl World {
    pub fn new(places: Vec<Place>) -> Self {
        Self {
            items: BTreeMap::new(),
            places,
            now: Time(1_000_000),
        }
    }

    pub fn tick(&mut self) -> Time {
        self.now = Time(self.now.0 + 1_000);
        self.now
    }

    pub fn sync(&mut self, at: usize) {
        assert_eq!(self.fetch(at), Fetched::Done);
        self.send(at);
    }

    pub fn sync_all(&mut self) {
        for at in 0..self.places.len() {
            self.sync(at);
        }
    }

    /// Every write that was ever done, at all platforms.
    pub fn writes(&self) -> usize {
        self.places.iter().map(|place| place.platform.writes).sum()
    }

    pub fn fetch(&mut self, at: usize) -> Fetched {
        let page = self.places[at].platform.page();
        self.take_page(at, page)
    }

    /// Takes in what a complete scan read.
    pub fn take_page(&mut self, at: usize, page: Vec<Record>) -> Fetched {
        self.tick();
        let place = &self.places[at];
        let mut seen = BTreeSet::new();
        let mut staged: BTreeMap<RemoteId, Record> = BTreeMap::new();
        for record in page {
            match place.remotes.get(&record.remote_id) {
                Some((item, Some(before))) if *before == record => {
                    seen.insert(*item);
                }
                _ => {
                    staged.insert(record.remote_id.clone(), record);
                }
            }
        }
        let mut rivals: BTreeMap<MatchKey, usize> = BTreeMap::new();
        for record in staged.values() {
            if !place.remotes.contains_key(&record.remote_id) {
                for key in record_keys(record, &place.policy) {
                    *rivals.entry(key).or_default() += 1;
                }
            }
        }
        for record in staged.into_values() {
            seen.extend(self.propagate(at, &record, &rivals));
        }
        self.conclude(at, &seen)
    }

    fn propagate(&mut self, at: usize, plain: &Record, rivals: &BTreeMap<MatchKey, usize>) -> Option<ItemId> {
        let now = self.now;
        let place = &self.places[at];
        let (policy, fields) = (&place.policy, place.platform.fields.as_slice());
        let record = &place.resolved(plain);
        let known = place.remotes.get(&record.remote_id).map(|(item, _)| *item);
        let here = |item: ItemId| place.equivalences.get(&item).cloned().unwrap_or_default();
        let merged = if let Some(item) = known {
            merge::take_in(
                self.items[&item].clone(),
                here(item),
                record,
                policy,
                fields,
                place.platform.stock(),
                now,
            )
        } else if let Some(item) = self.ours(at, record) {
            let (equivalence, next_key) = acknowledge::acknowledge(
                &self.items[&item],
                here(item),
                record,
                policy,
                place.platform.stock(),
                now,
            );
            Merged {
                item: Item {
                    next_key,
                    ..self.items[&item].clone()
                },
                equivalence,
                item_changed: false,
            }
        } else {
            match self.find(at, record, rivals) {
                Match::Item(item) => merge::join(
                    self.items[&item].clone(),
                    Equivalence::default(),
                    record,
                    policy,
                    fields,
                    now,
                ),
                Match::New if policy.products.absorb => {
                    merge::absorb(ItemId(self.items.len() as u64 + 1), record, policy, fields, now)
                }
                Match::New => return None,
                Match::Ambiguous(candidates) => {
                    self.places[at]
                        .unmatched
                        .insert(record.remote_id.clone(), candidates);
                    return None;
                }
            }
        };
        let id = merged.item.id;
        self.items.insert(id, merged.item);
        let place = &mut self.places[at];
        place.equivalences.insert(id, merged.equivalence);
        place
            .remotes
            .insert(plain.remote_id.clone(), (id, Some(plain.clone())));
        place.unmatched.remove(&plain.remote_id);
        Some(id)
    }

    /// The item whose create made a record, if the token is ours.
    fn ours(&self, at: usize, record: &Record) -> Option<ItemId> {
        let token = record.token.as_ref()?;
        let made = |(_, here): &(&ItemId, &Equivalence)| {
            here.sending
                .as_ref()
                .is_some_and(|sending| sending.token == *token)
        };
        self.places[at]
            .equivalences
            .iter()
            .find(made)
            .map(|(item, _)| *item)
    }

    fn find(&self, at: usize, record: &Record, rivals: &BTreeMap<MatchKey, usize>) -> Match {
        let place = &self.places[at];
        let holders = |key: &MatchKey| {
            let holds = |item: &&Item| item_keys(&item.content).contains(key);
            self.items.values().filter(holds).map(|item| item.id).collect()
        };
        let taken = |item| {
            let here = place.equivalences.get(&item);
            here.is_some_and(|here| here.is_live() && here.remote_id() != Some(&record.remote_id))
        };
        let rivals = |key: &MatchKey| rivals.get(key).copied().unwrap_or_default();
        find_item(&record.product, &place.policy, holders, taken, rivals)
    }

    fn conclude(&mut self, at: usize, seen: &BTreeSet<ItemId>) -> Fetched {
        let now = self.now;
        let place = &mut self.places[at];
        place.read = Read::Completely;
        let live: Vec<ItemId> = place
            .equivalences
            .iter()
            .filter(|(_, here)| here.is_live())
            .map(|(item, _)| *item)
            .collect();
        let missing: Vec<ItemId> = live.iter().copied().filter(|item| !seen.contains(item)).collect();
        let (all, gone) = (live.len() as u64, missing.len() as u64);
        match vanish::judge(Kind::Products, all, gone, &place.policy.guards, Confirmed::No) {
            Verdict::Halt(why) => return Fetched::Halted(why),
            Verdict::Vanish => {}
        }
        for item in missing {
            let here = place.equivalences.remove(&item).expect("it was live");
            if let Some(remote) = here.remote_id().and_then(|id| place.remotes.get_mut(id)) {
                remote.1 = None;
            }
            place.equivalences.insert(item, vanish::vanished(here, now));
        }
        Fetched::Done
    }

    pub fn pending(&self, at: usize, item: ItemId) -> Pending {
        let place = &self.places[at];
        let live = self
            .places
            .iter()
            .any(|place| place.equivalences.get(&item).is_some_and(Equivalence::is_live));
        let standing = if live { Standing::Live } else { Standing::Gone };
        let counterparts: Vec<Counterpart<'_>> = self
            .places
            .iter()
            .map(|place| Counterpart {
                policy: &place.policy,
                equivalence: place.equivalences.get(&item),
            })
            .collect();
        let around = Around {
            counterparts: &counterparts,
            ..Around::default()
        };
        let here = place.equivalences.get(&item);
        let fields = place.platform.fields.as_slice();
        pending(
            &self.items[&item],
            here,
            standing,
            &around,
            &place.policy,
            fields,
            self.now,
        )
    }

    pub fn send(&mut self, at: usize) {
        self.tick();
        let waits = |item: &ItemId| matches!(self.pending(at, *item).mark, Some(Mark::Create | Mark::Update));
        let items: Vec<ItemId> = self.items.keys().copied().filter(waits).collect();
        for item in items {
            for _ in 0..TRIES {
                match self.send_item(at, item) {
                    Sent::Done => break,
                    Sent::Again => {}
                    Sent::Died => return,
                }
            }
        }
    }

    fn send_item(&mut self, at: usize, id: ItemId) -> Sent {
        let now = self.tick();
        let pending = self.pending(at, id);
        let place = &mut self.places[at];
        let here = place.equivalences.get(&id).cloned().unwrap_or_default();
        if here.sending.is_some() {
            self.look_for(at, id);
            return Sent::Again;
        }
        if pending.changes.is_empty() {
            return Sent::Done;
        }
        let token = format!("c2s-{at}-{id}-{:x}", now.0);
        let remote_id = match (pending.mark, &here.presence) {
            (Some(Mark::Create), _) => None,
            (Some(Mark::Update), Presence::Live { remote_id, .. }) => Some(remote_id.clone()),
            _ => return Sent::Done,
        };
        let intent = acknowledge::intend(here.clone(), &pending, token.clone(), now);
        place.equivalences.insert(id, intent);
        let fault = place.faults.pop_front().unwrap_or(Fault::None);
        match fault {
            Fault::CrashBefore => return Sent::Died,
            Fault::CallLost => return Sent::Again,
            Fault::Refused => {
                self.refuse(at, id);
                return Sent::Done;
            }
            Fault::None | Fault::AnswerLost | Fault::CrashAfter => {}
        }
        let record = match &remote_id {
            None => {
                let product = write::product(&pending.wanted, &here, &place.policy);
                place.platform.create(product, &token, now)
            }
            Some(remote_id) => {
                let patch = write::patch(&pending.changes, &pending.wanted, &here, &place.policy);
                place.platform.update(remote_id, patch, &token, now)
            }
        };
        match fault {
            Fault::AnswerLost => Sent::Again,
            Fault::CrashAfter => Sent::Died,
            _ => {
                self.acknowledge(at, id, &record);
                Sent::Done
            }
        }
    }

    fn acknowledge(&mut self, at: usize, id: ItemId, record: &Record) {
        let place = &mut self.places[at];
        let here = place.equivalences.remove(&id).unwrap_or_default();
        let item = self
            .items
            .get_mut(&id)
            .expect("what is sent is an item of the hub");
        let (equivalence, next_key) = acknowledge::acknowledge(
            item,
            here,
            record,
            &place.policy,
            place.platform.stock(),
            self.now,
        );
        place.note_remote(item, &equivalence, record);
        item.next_key = next_key;
        place.equivalences.insert(id, equivalence);
    }

    fn refuse(&mut self, at: usize, id: ItemId) {
        let place = &mut self.places[at];
        let here = place.equivalences.remove(&id).unwrap_or_default();
        let refused = acknowledge::refuse(here, Code::Refused, "No.", &place.policy, self.now);
        place.equivalences.insert(id, refused);
    }

    /// Looks for what an unclear write may have done.
    fn look_for(&mut self, at: usize, id: ItemId) {
        let item = self.items[&id].clone();
        let place = &mut self.places[at];
        let here = place.equivalences.remove(&id).unwrap_or_default();
        let sending = here.sending.clone().expect("only what was begun is looked for");
        let remote_id = here.remote_id().cloned();
        let found = place
            .platform
            .find(&sending.token, remote_id.as_ref(), &skus(&item));
        let (policy, fields) = (place.policy.clone(), place.platform.fields.clone());
        let by_token = found
            .iter()
            .find(|record| record.token.as_ref() == Some(&sending.token));
        let free = |record: &&Record| !place.remotes.contains_key(&record.remote_id);
        let strangers: Vec<&Record> = found.iter().filter(free).collect();
        let unchanged = |equivalence| Merged {
            item: item.clone(),
            equivalence,
            item_changed: false,
        };
        let merged = match (&remote_id, by_token, &strangers[..]) {
            (Some(_), _, _) => match &found[..] {
                [record] => merge::take_in(
                    item.clone(),
                    here,
                    record,
                    &policy,
                    &fields,
                    place.platform.stock(),
                    self.now,
                ),
                _ => unchanged(acknowledge::withdraw(here)),
            },
            (None, Some(record), _) => {
                let (equivalence, next_key) =
                    acknowledge::acknowledge(&item, here, record, &policy, place.platform.stock(), self.now);
                place.note_remote(&item, &equivalence, record);
                Merged {
                    item: Item {
                        next_key,
                        ..item.clone()
                    },
                    equivalence,
                    item_changed: false,
                }
            }
            (None, None, [record]) => {
                let here = acknowledge::withdraw(here);
                let merged = merge::join(item.clone(), here, record, &policy, &fields, self.now);
                place.note_remote(&item, &merged.equivalence, record);
                merged
            }
            (None, None, _) => unchanged(acknowledge::withdraw(here)),
        };
        place.equivalences.insert(id, merged.equivalence);
        self.items.insert(id, merged.item);
    }

    /// What a platform shows of an item now, in its own values and by the item's keys.
    pub fn shown(&self, at: usize, item: ItemId) -> Option<Content> {
        let place = &self.places[at];
        let here = place.equivalences.get(&item).filter(|here| here.is_live())?;
        let found = |record: &&Record| Some(&record.remote_id) == here.remote_id();
        let record = place.resolved(place.platform.records.iter().find(found)?);
        let item = &self.items[&item];
        let pairing = pair(
            &record.product,
            &item.content,
            &here.children,
            item.next_key,
            &place.policy,
        );
        Some(read::read(&record.product, &pairing, &place.policy))
    }

    /// The hub's own content of every item.
    pub fn contents(&self) -> BTreeMap<ItemId, Content> {
        let content = |(id, item): (&ItemId, &Item)| (*id, item.content.clone());
        self.items.iter().map(content).collect()
    }
}

/// How the writing of one item went.
enum Sent {
    Done,
    Again,
    Died,
}

impl Place {
    pub fn new(name: &str, platform: Platform) -> Self {
        let id = ConnectionId::parse(name).expect("tests name connections properly");
        Self {
            policy: Policy::new(id, "test"),
            platform,
            equivalences: BTreeMap::new(),
            remotes: BTreeMap::new(),
            unmatched: BTreeMap::new(),
            read: Read::Never,
            faults: VecDeque::new(),
        }
    }

    /// A record whose pictures were fetched.
    fn resolved(&self, record: &Record) -> Record {
        let mut record = record.clone();
        for image in &mut record.product.images {
            image.hash = self.platform.bytes(&image.address);
        }
        record
    }

    fn note_remote(&mut self, item: &Item, equivalence: &Equivalence, record: &Record) {
        let pairing = pair(
            &record.product,
            &item.content,
            &equivalence.children,
            item.next_key,
            &self.policy,
        );
        let all = read::read(&record.product, &pairing, &self.policy) == equivalence.acknowledged;
        let digest = all.then(|| record.clone());
        self.remotes.insert(record.remote_id.clone(), (item.id, digest));
    }

    /// Whether we write a field here.
    pub fn writes(&self, field: Field) -> bool {
        self.platform.fields.contains(&field) && self.policy.products.fields.of(field).writes()
    }
}

/// The match keys of a record, each once.
fn record_keys(record: &Record, policy: &Policy) -> BTreeSet<MatchKey> {
    let by = &policy.products.match_by;
    let variants = &record.product.variants;
    variants
        .iter()
        .flat_map(|variant| by.iter().filter_map(|by| match_key(*by, variant)))
        .collect()
}

fn skus(item: &Item) -> Vec<String> {
    let sku = |key| {
        item.content
            .text(&Path::variant_field(key, Field::Sku))
            .to_owned()
    };
    let real = |sku: &String| sku_key(sku).is_some();
    item.content.variants().map(sku).filter(real).collect()
}

impl fmt::Debug for World {
    /// What a reader needs to see why a law fails: each platform's ways, its settings and its records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in &self.places {
            let Policy {
                products,
                prices,
                stock,
                hub,
                ..
            } = &place.policy;
            writeln!(
                f,
                "\n{}: {:?}, {:?}",
                place.policy.name, place.platform.habits, place.platform.tells
            )?;
            writeln!(
                f,
                "  clone {:?}, fields {:?}, {:?}, {prices:?}, {stock:?}, authority {:?}",
                products.clone, products.fields.by_field, products.defaults, hub.authority
            )?;
            for record in &place.platform.records {
                let Record {
                    remote_id, product, ..
                } = record;
                writeln!(f, "  {remote_id} {product:?}")?;
            }
        }
        Ok(())
    }
}
