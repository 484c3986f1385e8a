//! What people decide about changes before they are sent, and about those that were.

use super::{BATCH, by_a_person};
use crate::{
    changed::Changed,
    store::{Durability, Place, Places, Sent, Store, StoreError, Writer},
};
use shared::{
    api::{DecidedAbout, Undone},
    content::Change,
    history::{Decided, Deed},
    ids::{ItemId, JobId, Kind},
    item::{Equivalence, Item},
    sync::{
        pending::{Pending, Standing, pending},
        review,
        terms::Around,
    },
    time::Time,
};
use std::collections::BTreeMap;

/// What a person says of changes that are pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    Approve,
    Reject,
    /// Whatever was said before.
    Reconsider,
}

/// A product or order with its counterparts, in one transaction.
struct Whole {
    kind: Kind,
    item: Item,
    equivalences: Vec<(u16, Equivalence)>,
    /// Where the counterpart at the connection lies.
    at: usize,
}

impl Whole {
    fn of(writer: &Writer<'_>, id: ItemId, place: &Place) -> Result<Option<Self>, StoreError> {
        let (kind, item, mut equivalences) = match writer.product(id)? {
            Some(item) => (Kind::Products, item, writer.equivalences(id)?),
            None => match writer.order(id)? {
                Some(item) => (Kind::Orders, item, writer.order_equivalences(id)?),
                None => return Ok(None),
            },
        };
        let at = equivalences.iter().position(|(at, _)| *at == place.number);
        let at = at.unwrap_or_else(|| {
            equivalences.push((place.number, Equivalence::default()));
            equivalences.len() - 1
        });
        Ok(Some(Self {
            kind,
            item,
            equivalences,
            at,
        }))
    }

    fn here(&self) -> &Equivalence {
        &self.equivalences[self.at].1
    }

    /// What is pending, whether anything was decided or not.
    fn pending(
        &self,
        writer: &Writer<'_>,
        places: &Places,
        place: &Place,
        now: Time,
    ) -> Result<Pending, StoreError> {
        if self.kind == Kind::Orders {
            return writer.pending_order(&self.item, &self.equivalences, place, now);
        }
        let live = self.equivalences.iter().any(|(_, there)| there.is_live());
        let standing = if live { Standing::Live } else { Standing::Gone };
        let around = Around {
            counterparts: &places.counterparts(&self.equivalences),
            limits: places.limits,
        };
        let here = Some(self.here());
        let (policy, fields) = (&place.policy, place.fields);
        Ok(pending(&self.item, here, standing, &around, policy, fields, now))
    }

    /// Stores another counterpart, and in the history what was decided.
    fn decide(
        mut self,
        writer: &mut Writer<'_>,
        places: &Places,
        place: &Place,
        (here, decided, changes): (Equivalence, Decided, Vec<Change>),
        now: Time,
    ) -> Result<(), StoreError> {
        let cause = by_a_person(now);
        self.equivalences[self.at].1 = here;
        self.equivalences.sort_by_key(|(at, _)| *at);
        let deed = Deed::Decided(decided, place.policy.connection.clone());
        writer.note(self.item.id, &cause, deed, changes)?;
        let (item, changed) = (&self.item, [place.number]);
        match self.kind {
            Kind::Products => {
                writer.put_whole(Some(item), item, &self.equivalences, &changed, places, &cause)
            }
            Kind::Orders => writer.put_order(Some(item), item, &self.equivalences, &changed, places, &cause),
        }
    }
}

/// Says it of everything that is pending of `items` at a connection. Those in `shown` are left alone where their changes
/// have another digest by now.
pub fn say(
    store: &Store,
    changed: &Changed,
    places: &Places,
    place: &Place,
    (say, items): (Say, &[ItemId]),
    shown: &BTreeMap<String, String>,
    now: Time,
) -> Result<DecidedAbout, StoreError> {
    let mut about = DecidedAbout {
        items: 0,
        differ: Vec::new(),
    };
    for batch in items.chunks(BATCH) {
        let done: Vec<(Kind, ItemId)> = store.write(Durability::Now, |writer| {
            let mut done = Vec::new();
            for id in batch {
                let Some(whole) = Whole::of(writer, *id, place)? else {
                    continue;
                };
                let pending = whole.pending(writer, places, place, now)?;
                let digest = format!("{:016x}", review::digest(&pending.changes));
                if shown.get(&id.to_string()).is_some_and(|shown| *shown != digest) {
                    about.differ.push(*id);
                    continue;
                }
                let here = whole.here().clone();
                let nothing = match say {
                    Say::Approve | Say::Reject => pending.changes.is_empty(),
                    Say::Reconsider => here.decisions.is_empty(),
                };
                if nothing {
                    continue;
                }
                let decision = match say {
                    Say::Approve => (
                        review::approve(here, &pending, now),
                        Decided::Approved,
                        pending.changes,
                    ),
                    Say::Reject => (
                        review::reject(here, &pending, now),
                        Decided::Rejected,
                        pending.changes,
                    ),
                    Say::Reconsider => (
                        review::reconsider(here),
                        Decided::Reconsidered,
                        pending.changes.into_iter().chain(pending.rejected).collect(),
                    ),
                };
                done.push((whole.kind, *id));
                whole.decide(writer, places, place, decision, now)?;
            }
            Ok::<_, StoreError>(done)
        })?;
        about.items += done.len() as u64;
        tell(changed, &done);
    }
    Ok(about)
}

/// Undoes what a job sent to a connection: what it wrote waits to be put back, where it is still shown.
pub fn undo(
    store: &Store,
    changed: &Changed,
    places: &Places,
    place: &Place,
    job: JobId,
    now: Time,
) -> Result<Undone, StoreError> {
    let (mut undone, mut after) = (Undone::default(), ItemId(0));
    loop {
        let sent = store.read()?.sent(place.number, job, after, BATCH)?;
        let Some((last, _)) = sent.last() else {
            return Ok(undone);
        };
        after = *last;
        let done = store.write(Durability::Now, |writer| {
            let mut done = Vec::new();
            for (id, sent) in sent {
                let changes = match sent {
                    Sent::Created => {
                        undone.created += 1;
                        continue;
                    }
                    Sent::Changed(changes) => changes,
                };
                let Some(whole) = Whole::of(writer, id, place)? else {
                    continue;
                };
                let wanted = whole.pending(writer, places, place, now)?.wanted;
                let (here, values) = review::put_back(whole.here().clone(), &changes, &wanted, now);
                undone.values += values as u64;
                undone.kept += changes.len().saturating_sub(values) as u64;
                if values == 0 {
                    continue;
                }
                undone.items += 1;
                done.push((whole.kind, id));
                let back = changes.into_iter().map(|Change { path, old, new }| Change {
                    path,
                    old: new,
                    new: old,
                });
                let is_back = |change: &Change| {
                    let mut decisions = here.decisions.iter();
                    decisions.any(|decision| decision.at == now && decision.path == change.path)
                };
                let back = back.filter(is_back).collect();
                whole.decide(writer, places, place, (here, Decided::PutBack, back), now)?;
            }
            Ok::<_, StoreError>(done)
        })?;
        tell(changed, &done);
    }
}

fn tell(changed: &Changed, done: &[(Kind, ItemId)]) {
    for kind in [Kind::Products, Kind::Orders] {
        let of_kind = done.iter().filter(|(of, _)| *of == kind);
        let items: Vec<ItemId> = of_kind.map(|(_, id)| *id).collect();
        if !items.is_empty() {
            changed.items(kind, &items);
        }
    }
}
