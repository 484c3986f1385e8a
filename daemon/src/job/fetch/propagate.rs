//! The propagation: what differs is taken into the hub, and with it what is pending elsewhere.

use super::{
    super::{JobError, Work, token},
    BATCH, FLUSH,
    analyse::{Rivals, record_keys},
};
use crate::store::{Apart, Durability, Number, Place, Places, StagedRecord, StoreError, Unmatched, Writer};
use shared::{
    history::Cause,
    ids::{ConnectionId, ItemId, Kind},
    issue::{Code, Issue, Severity},
    item::{Equivalence, Item, Presence},
    job::{Job, Outcome, Phase},
    product::Record,
    sync::{
        acknowledge,
        matching::{Match, MatchKey, find_item},
        merge::{self, Merged},
    },
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::time::Instant;

/// Takes in what is staged, batch by batch; each programs the changes for the other connections.
pub(super) async fn propagate(work: &mut Work, rivals: Arc<Rivals>) -> Result<(), JobError> {
    let number = work.number;
    let total = work.step(move |store| store.read()?.staged_count(number)).await?;
    work.enter(Phase::Propagation, 0, Some(total));
    let mut flushed = Instant::now();
    let mut batch = work
        .step(move |store| store.read()?.staged(number, None, BATCH))
        .await?;
    while let Some(last) = batch.last() {
        work.checkpoint()?;
        let overdue = flushed.elapsed() > FLUSH;
        let durability = if overdue {
            Durability::Now
        } else {
            Durability::Soon
        };
        if overdue {
            flushed = Instant::now();
        }
        let last = last.record.remote_id.clone();
        let taking = take_batch(work, batch, Arc::clone(&rivals), durability);
        // The next batch is read while this one is written.
        let ahead = work.step(move |store| store.read()?.staged(number, Some(&last), BATCH));
        let (taken, ahead) = tokio::join!(taking, ahead);
        let Taken {
            records,
            items,
            outcome,
        } = taken?;
        work.job.outcome = outcome;
        work.touched(Kind::Products, &items);
        work.advance(records);
        batch = ahead?;
    }
    Ok(())
}

/// One transaction: takes records in, and takes them from what is staged.
pub(super) async fn take_batch(
    work: &Work,
    batch: Vec<StagedRecord>,
    rivals: Arc<Rivals>,
    durability: Durability,
) -> Result<Taken, JobError> {
    let (id, number, places, job) = (
        work.id.clone(),
        work.number,
        work.places.clone(),
        work.job.clone(),
    );
    let cause = work.cause();
    work.step(move |store| {
        store.write(durability, |writer| {
            // The settings are taken inside the transaction, so that none that are older follow newer ones.
            let places = places.borrow().clone();
            let taking = Propagation {
                id: &id,
                number,
                places: &places,
                rivals: &rivals,
                cause,
            };
            let mut taken = Taken {
                records: batch.len() as u64,
                items: Vec::new(),
                outcome: job.outcome,
            };
            for staged in &batch {
                taking.take(writer, staged, &mut taken)?;
                writer.unstage(number, &staged.record.remote_id)?;
            }
            writer.put_job(&Job {
                outcome: taken.outcome,
                ..job
            })?;
            Ok::<_, StoreError>(taken)
        })
    })
    .await
}

/// What a propagation step did.
pub(super) struct Taken {
    pub records: u64,
    pub items: Vec<ItemId>,
    pub outcome: Outcome,
}

/// One propagation step under one snapshot of the settings.
struct Propagation<'a> {
    id: &'a ConnectionId,
    number: Number,
    places: &'a Places,
    rivals: &'a Rivals,
    cause: Cause,
}

impl Propagation<'_> {
    fn take(
        &self,
        writer: &mut Writer<'_>,
        staged: &StagedRecord,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let Some(place) = self.places.of(self.id) else {
            return Ok(());
        };
        let record = &staged.record;
        if let Some((item, _)) = writer.remote(self.number, &record.remote_id)? {
            return self.take_known(writer, item, staged, place, taken);
        }
        if let Some(item) = self.ours(writer, record)? {
            return self.adopt(writer, item, staged, place, taken);
        }
        if let Some(unmatched) = writer.unmatched(self.number, &record.remote_id)?
            && unmatched.why == Apart::Unlinked
        {
            let mut seen = unmatched;
            seen.issue.at = self.cause.at;
            return writer.put_unmatched(self.number, &record.remote_id, &seen);
        }
        match self.find(writer, record, place)? {
            Match::Item(item) => self.join(writer, item, staged, place, taken),
            Match::New if place.policy.products.absorb => {
                let item = writer.next_item()?;
                let merged = merge::absorb(item, record, &place.policy, place.fields, self.cause.at);
                taken.outcome.new += 1;
                self.put(writer, None, merged, Vec::new(), staged, taken)
            }
            Match::New => Ok(()),
            Match::Ambiguous(candidates) => {
                taken.outcome.issues += 1;
                writer.put_unmatched(
                    self.number,
                    &record.remote_id,
                    &self.unmatched(record, candidates, place),
                )
            }
        }
    }

    fn take_known(
        &self,
        writer: &mut Writer<'_>,
        id: ItemId,
        staged: &StagedRecord,
        place: &Place,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let others = writer.equivalences(id)?;
        let here = others
            .iter()
            .find(|(at, _)| *at == self.number)
            .map(|(_, here)| here.clone())
            .unwrap_or_default();
        let merged = merge::take_in(
            item.clone(),
            here,
            &staged.record,
            &place.policy,
            place.fields,
            place.stock,
            self.cause.at,
        );
        taken.outcome.changed += u64::from(merged.item_changed);
        taken.outcome.issues += u64::from(!merged.equivalence.issues.is_empty());
        self.put(writer, Some(&item), merged, others, staged, taken)
    }

    /// The item whose create made this record, if its token is ours.
    fn ours(&self, writer: &Writer<'_>, record: &Record) -> Result<Option<ItemId>, StoreError> {
        let Some(item) = record.token.as_deref().and_then(token::item) else {
            return Ok(None);
        };
        let equivalences = writer.equivalences(item)?;
        let here = equivalences.iter().find(|(at, _)| *at == self.number);
        let sending = here.and_then(|(_, here)| here.sending.as_ref());
        Ok(sending
            .filter(|sending| Some(&sending.token) == record.token.as_ref())
            .map(|_| item))
    }

    /// Takes a record that a create of ours made whose answer was lost.
    fn adopt(
        &self,
        writer: &mut Writer<'_>,
        id: ItemId,
        staged: &StagedRecord,
        place: &Place,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let others = writer.equivalences(id)?;
        let here = others
            .iter()
            .find(|(at, _)| *at == self.number)
            .map(|(_, here)| here.clone())
            .unwrap_or_default();
        let (equivalence, next_key) = acknowledge::acknowledge(
            &item,
            here,
            &staged.record,
            &place.policy,
            place.stock,
            self.cause.at,
        );
        let created = Item {
            next_key,
            ..item.clone()
        };
        // What was sold or edited there since it was created is news.
        let merged = merge::take_in(
            created,
            equivalence,
            &staged.record,
            &place.policy,
            place.fields,
            place.stock,
            self.cause.at,
        );
        self.put(writer, Some(&item), merged, others, staged, taken)
    }

    fn join(
        &self,
        writer: &mut Writer<'_>,
        id: ItemId,
        staged: &StagedRecord,
        place: &Place,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let others = writer.equivalences(id)?;
        let merged = merge::join(
            item.clone(),
            Equivalence::default(),
            &staged.record,
            &place.policy,
            place.fields,
            self.cause.at,
        );
        taken.outcome.new += 1;
        self.put(writer, Some(&item), merged, others, staged, taken)
    }

    fn find(&self, writer: &Writer<'_>, record: &Record, place: &Place) -> Result<Match, StoreError> {
        let mut holders: BTreeMap<MatchKey, Vec<ItemId>> = BTreeMap::new();
        let mut taken: Vec<ItemId> = Vec::new();
        for key in record_keys(record, place) {
            let found = writer.holders(&key)?;
            for item in &found {
                let equivalences = writer.equivalences(*item)?;
                let live_here = |(at, here): &(Number, Equivalence)| {
                    *at == self.number
                        && matches!(&here.presence, Presence::Live { remote_id, .. } if *remote_id != record.remote_id)
                };
                if equivalences.iter().any(live_here) {
                    taken.push(*item);
                }
            }
            holders.insert(key, found);
        }
        Ok(find_item(
            &record.product,
            &place.policy,
            |key| holders.get(key).cloned().unwrap_or_default(),
            |item| taken.contains(&item),
            |key| self.rivals.get(key).copied().unwrap_or_default(),
        ))
    }

    fn unmatched(&self, record: &Record, candidates: Vec<ItemId>, place: &Place) -> Unmatched {
        let name = &place.policy.name;
        let message = if candidates.len() > 1 {
            format!(
                "\"{}\" at {name} could be any of {} products here.",
                record.product.title,
                candidates.len()
            )
        } else {
            format!(
                "\"{}\" at {name} has the same SKU or barcode as another product there, so it is not clear which of \
                 them belongs to the product here.",
                record.product.title
            )
        };
        let issue = Issue {
            code: Code::AmbiguousMatch,
            severity: Severity::Error,
            path: None,
            message,
            at: self.cause.at,
        };
        Unmatched {
            why: Apart::Ambiguous,
            title: record.product.title.clone(),
            candidates,
            issue,
        }
    }

    fn put(
        &self,
        writer: &mut Writer<'_>,
        before: Option<&Item>,
        merged: Merged,
        mut equivalences: Vec<(Number, Equivalence)>,
        staged: &StagedRecord,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let Merged {
            item,
            equivalence,
            item_changed: _,
        } = merged;
        let StagedRecord { digest, record } = staged;
        equivalences.retain(|(at, _)| *at != self.number);
        equivalences.push((self.number, equivalence));
        writer.put_whole(
            before,
            &item,
            &equivalences,
            &[self.number],
            self.places,
            &self.cause,
        )?;
        writer.put_remote(self.number, &record.remote_id, item.id, *digest)?;
        writer.remove_unmatched(self.number, &record.remote_id)?;
        writer.see(self.number, item.id)?;
        taken.items.push(item.id);
        Ok(())
    }
}
