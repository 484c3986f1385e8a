//! The propagation: what differs is taken into the hub, and with it what is pending elsewhere.

mod find;
mod take;
#[cfg(test)]
mod tests;

use super::{
    super::{JobError, Work},
    BATCH, FLUSH,
    analyse::{Analysed, Contested},
};
use crate::{
    apart::chunks,
    store::{Durability, Number, Places, StagedRecord, StoreError, Writer},
};
use find::{Found, Looked};
use shared::{
    history::Cause,
    ids::{ConnectionId, ItemId, Kind},
    job::{Job, Outcome, Phase},
};
use std::{collections::HashSet, sync::Arc};
use take::Part;
use tokio::time::Instant;

/// Takes in what is staged, batch by batch; each programs the changes for the other connections.
pub(super) async fn propagate(work: &mut Work, analysed: Analysed) -> Result<(), JobError> {
    let number = work.number;
    let Analysed { records, contested } = analysed;
    work.enter(Phase::Propagation, 0, Some(records));
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
        let taking = take_batch(work, batch, Arc::clone(&contested), durability);
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
    contested: Arc<Contested>,
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
                contested: &contested,
                cause,
            };
            let mut taken = Taken {
                records: batch.len() as u64,
                items: Vec::new(),
                outcome: job.outcome,
            };
            taking.take_batch(writer, &batch, &mut taken)?;
            writer.unstage(number, &batch)?;
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
    contested: &'a Contested,
    cause: Cause,
}

impl Propagation<'_> {
    /// Takes a batch in as if it were done one record after the other. Records that have nothing to do with each other
    /// are worked out at the same time; those that touch what an earlier one of the batch touches come after it.
    fn take_batch(
        &self,
        writer: &mut Writer<'_>,
        batch: &[StagedRecord],
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let mut looked = Vec::with_capacity(batch.len());
        for part in chunks(batch, |part| {
            let looked = part.iter().map(|staged| self.look(writer, staged));
            looked.collect::<Result<Vec<Looked>, StoreError>>()
        }) {
            looked.extend(part?);
        }
        let (mut free, tangled) = untangle(looked);
        for looked in &mut free {
            number_new(writer, looked)?;
        }
        let working_out = |part: &[Looked]| {
            let mut done = Part::default();
            for looked in part {
                self.take(writer, looked, &mut done)?;
            }
            Ok::<_, StoreError>(done)
        };
        let mut parts = chunks(&free, working_out).into_iter();
        let mut whole = parts.next().unwrap_or_else(|| Ok(Part::default()))?;
        for part in parts {
            whole.append(part?);
        }
        self.put(writer, whole, taken)?;
        for staged in tangled {
            let mut looked = self.look(writer, staged)?;
            number_new(writer, &mut looked)?;
            let mut part = Part::default();
            self.take(writer, &looked, &mut part)?;
            self.put(writer, part, taken)?;
        }
        Ok(())
    }

    fn put(&self, writer: &mut Writer<'_>, part: Part, taken: &mut Taken) -> Result<(), StoreError> {
        let Part {
            written,
            sets,
            remotes,
            unmatched,
            new,
            changed,
            issues,
        } = part;
        writer.change_sets(sets);
        writer.put_written(&written)?;
        writer.put_remotes(self.number, &remotes)?;
        for (remote_id, unmatched) in &unmatched {
            writer.put_unmatched(self.number, remote_id, unmatched)?;
        }
        taken.outcome.new += new;
        taken.outcome.changed += changed;
        taken.outcome.issues += issues;
        taken.items.extend(remotes.into_iter().map(|(_, item, _)| item));
        Ok(())
    }
}

/// Gives an item that is to be made of a record its number.
fn number_new(writer: &mut Writer<'_>, looked: &mut Looked<'_>) -> Result<(), StoreError> {
    if let Found::New(number) = &mut looked.found {
        *number = Some(writer.next_item()?);
    }
    Ok(())
}

/// Parts records that touch nothing that an earlier one touches from those that do.
fn untangle(looked: Vec<Looked<'_>>) -> (Vec<Looked<'_>>, Vec<&StagedRecord>) {
    let mut touched: HashSet<u64> = HashSet::with_capacity(looked.len() * 4);
    let (mut free, mut tangled) = (Vec::with_capacity(looked.len()), Vec::new());
    for looked in looked {
        let is_free = looked.touches.iter().all(|thing| !touched.contains(thing));
        touched.extend(&looked.touches);
        if is_free {
            free.push(looked);
        } else {
            tangled.push(looked.staged);
        }
    }
    (free, tangled)
}
