//! What is to be sent of products, in its order: the most urgent first, and what becomes urgent meanwhile before the rest.

use crate::{
    job::{JobError, Work},
    store::{Places, Store, StoreError},
};
use roaring::RoaringBitmap;
use shared::{
    ids::{ConnectionId, ItemId},
    item::Equivalence,
    policy::SendMode,
    sync::{
        guard::Damage,
        pending::{Standing, pending},
        review::ready,
        terms::Around,
        urgency::{Urgency, urgency},
        vanish::Confirmed,
    },
    time::Time,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// Items whose changes are looked at in one step before they are sent.
const LOOK: usize = 1000;
/// How often a look is taken at what has become urgent. A look reads a set of up to all products.
const AGAIN: Duration = Duration::from_millis(250);

/// How often an item becomes urgent again in one run, at most: what a platform takes and never shows would come for ever.
const OFTEN: u8 = 50;

/// What is still to be sent.
pub(super) struct Agenda {
    /// The most urgent last.
    urgent: Vec<(Urgency, ItemId)>,
    rest: std::vec::IntoIter<ItemId>,
    /// Sent in this run already, and not taken; or on the list of what is urgent.
    passed: RoaringBitmap,
    /// How often items have become urgent since the run began.
    came: BTreeMap<ItemId, u8>,
    damage: Damage,
    looked: Instant,
}

impl Agenda {
    /// Everything that is pending, unless a guard halts the run before its first write.
    pub(super) async fn plan(work: &mut Work) -> Result<Self, JobError> {
        let (id, number) = (work.id.clone(), work.number);
        let (urgent, rest) = work
            .step(move |store| {
                let reader = store.read()?;
                let mut creates = reader.members(&format!("pending:creates@{id}"))?;
                // What may be there already, under a record that matches more than one product, is not created beside it.
                for (_, unmatched) in reader.unmatched(number)? {
                    for candidate in unmatched.candidates {
                        creates.remove(bit(candidate));
                    }
                }
                let updates = reader.members(&format!("pending:updates@{id}"))?;
                let urgent = reader.urgent(&id)? & &updates;
                let rest = (updates | creates | reader.unclear(&id)?) - &urgent;
                Ok((urgent, rest))
            })
            .await?;
        let mut agenda = Self {
            urgent: Vec::new(),
            rest: Vec::new().into_iter(),
            passed: RoaringBitmap::new(),
            came: BTreeMap::new(),
            damage: Damage::default(),
            looked: Instant::now(),
        };
        agenda.urge(work, &urgent).await?;
        let rest: Vec<ItemId> = rest.iter().map(|item| ItemId(item.into())).collect();
        let mut ready = Vec::with_capacity(rest.len());
        for look in rest.chunks(LOOK) {
            ready.extend(agenda.look_at(work, look.to_vec()).await?.ready);
            work.checkpoint()?;
        }
        agenda.guard(work).await?;
        agenda.rest = ready.into_iter();
        Ok(agenda)
    }

    pub(super) fn len(&self) -> u64 {
        (self.urgent.len() + self.rest.len()) as u64
    }

    /// What goes next, up to `size` items; nothing when everything was sent.
    pub(super) fn next(&mut self, size: usize) -> Vec<ItemId> {
        if self.urgent.is_empty() {
            return self.rest.by_ref().take(size).collect();
        }
        let at = self.urgent.len().saturating_sub(size);
        self.urgent.drain(at..).rev().map(|(_, item)| item).collect()
    }

    /// Whether to look for what has become urgent: now and then, and at the end.
    pub(super) fn is_to_look(&self) -> bool {
        self.len() == 0 || self.looked.elapsed() >= AGAIN
    }

    /// Puts what has become urgent meanwhile before the rest, unless the guards mind. Answers how many items came.
    pub(super) async fn look_again(&mut self, work: &mut Work) -> Result<u64, JobError> {
        let id = work.id.clone();
        let urgent = work.step(move |store| store.read()?.urgent(&id)).await?;
        let mut came = urgent - &self.passed;
        for item in came.clone() {
            let times = self.came.entry(ItemId(item.into())).or_default();
            *times = times.saturating_add(1);
            if *times > OFTEN {
                came.remove(item);
            }
        }
        if !came.is_empty() {
            self.urge(work, &came).await?;
            self.guard(work).await?;
        }
        self.looked = Instant::now();
        Ok(came.len())
    }

    /// Takes note of what became of a batch. What was taken may become urgent again; what was not waits for the next run.
    pub(super) fn sent(&mut self, batch: &[ItemId], taken: &[ItemId]) {
        self.passed.extend(batch.iter().copied().map(bit));
        for item in taken {
            self.passed.remove(bit(*item));
        }
    }

    async fn urge(&mut self, work: &mut Work, items: &RoaringBitmap) -> Result<(), JobError> {
        let items: Vec<ItemId> = items.iter().map(|item| ItemId(item.into())).collect();
        for look in items.chunks(LOOK) {
            let found = self.look_at(work, look.to_vec()).await?;
            self.urgent.extend(found.urgent);
            self.passed.extend(look.iter().copied().map(bit));
            work.checkpoint()?;
        }
        self.urgent.sort_unstable_by(|a, b| b.cmp(a));
        Ok(())
    }

    /// Counts what would be done to these items, and answers which may be sent.
    async fn look_at(&mut self, work: &Work, items: Vec<ItemId>) -> Result<Seen, JobError> {
        let (places, id, damage) = (work.places.borrow().clone(), work.id.clone(), self.damage);
        let now = work.clock.now();
        let seen = work
            .step(move |store| look_at(store, damage, &items, &places, &id, now))
            .await?;
        self.damage = seen.damage;
        Ok(seen)
    }

    async fn guard(&self, work: &Work) -> Result<(), JobError> {
        if work.confirmed == Confirmed::Yes {
            return Ok(());
        }
        let on = format!("on:{}", work.id);
        let live = work.step(move |store| store.read()?.count(&on)).await?;
        let places = work.places.borrow().clone();
        let verdict = places
            .of(&work.id)
            .and_then(|place| self.damage.verdict(live, &place.policy.guards));
        match verdict {
            Some(why) => Err(JobError::Halted(why)),
            None => Ok(()),
        }
    }
}

/// What a look at items found.
struct Seen {
    damage: Damage,
    urgent: Vec<(Urgency, ItemId)>,
    /// Those of which something may be sent, or of which an earlier write has an unclear end.
    ready: Vec<ItemId>,
}

fn look_at(
    store: &Store,
    damage: Damage,
    items: &[ItemId],
    places: &Places,
    id: &ConnectionId,
    now: Time,
) -> Result<Seen, StoreError> {
    let mut seen = Seen {
        damage,
        urgent: Vec::new(),
        ready: Vec::new(),
    };
    let Some(place) = places.of(id) else {
        return Ok(seen);
    };
    let (policy, fields) = (&place.policy, place.fields);
    let reader = store.read()?;
    for item in items {
        let Some(item) = reader.product(*item)? else {
            continue;
        };
        let equivalences = reader.equivalences(item.id)?;
        let here = equivalences
            .iter()
            .find(|(at, _)| *at == place.number)
            .map(|(_, here)| here);
        let is_there = here.is_some_and(Equivalence::is_live);
        let is_unclear = here.is_some_and(|here| here.sending.is_some());
        if !is_there && (is_unclear || policy.send == SendMode::Auto) {
            seen.ready.push(item.id);
            continue;
        }
        let live = equivalences.iter().any(|(_, there)| there.is_live());
        let standing = if live { Standing::Live } else { Standing::Gone };
        let around = Around {
            counterparts: &places.counterparts(&equivalences),
            limits: places.limits,
        };
        let pending = pending(&item, here, standing, &around, policy, fields, now);
        let pending = ready(pending, &item, here, policy.send).pending;
        if is_unclear || !pending.changes.is_empty() {
            seen.ready.push(item.id);
        }
        if is_there {
            seen.damage.count(&pending.changes, &policy.guards);
            let urgency = urgency(&pending.changes);
            seen.urgent.extend(urgency.map(|urgency| (urgency, item.id)));
        }
    }
    Ok(seen)
}

/// An item in a set.
pub(super) fn bit(item: ItemId) -> u32 {
    // No store holds as many; what is in no set is not found there.
    u32::try_from(item.0).unwrap_or(u32::MAX)
}
