//! The analysis: what differs is looked through before anything of it is taken in.

use super::{
    super::{JobError, Work},
    BATCH,
};
use crate::store::{Place, StagedRecord};
use shared::{
    ids::RemoteId,
    job::Phase,
    product::Record,
    sync::matching::{MatchKey, match_key},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// How many records of the scan carry each match key, for telling when a match is not one to one.
pub(super) type Rivals = HashMap<MatchKey, usize>;

/// Looks through everything that differs: what could be matched to the hub, and by how many records.
pub(super) async fn analyse(work: &mut Work) -> Result<Arc<Rivals>, JobError> {
    let number = work.number;
    let total = work.step(move |store| store.read()?.staged_count(number)).await?;
    work.enter(Phase::Analysis, 0, Some(total));
    let mut rivals = Rivals::new();
    let mut after: Option<RemoteId> = None;
    loop {
        let (id, places, from) = (work.id.clone(), work.places.borrow().clone(), after.clone());
        let (batch, found) = work
            .step(move |store| {
                let reader = store.read()?;
                let batch = reader.staged(number, from.as_ref(), BATCH)?;
                let Some(place) = places.of(&id) else {
                    return Ok((batch, Vec::new()));
                };
                let mut found = Vec::new();
                for StagedRecord { record, digest: _ } in &batch {
                    if reader.remote(number, &record.remote_id)?.is_none() {
                        found.extend(record_keys(record, place));
                    }
                }
                Ok((batch, found))
            })
            .await?;
        for key in found {
            *rivals.entry(key).or_default() += 1;
        }
        let Some(last) = batch.last() else {
            return Ok(Arc::new(rivals));
        };
        after = Some(last.record.remote_id.clone());
        work.advance(batch.len() as u64);
        work.checkpoint()?;
    }
}

/// The match keys of a record, each once.
pub(super) fn record_keys(record: &Record, place: &Place) -> BTreeSet<MatchKey> {
    let by = &place.policy.products.match_by;
    let variants = &record.product.variants;
    variants
        .iter()
        .flat_map(|variant| by.iter().filter_map(|by| match_key(*by, variant)))
        .collect()
}
