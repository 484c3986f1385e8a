//! The end of a fetch: what vanished, and how far the clock moves.

use super::{
    super::{JobError, Work},
    BATCH,
};
use crate::store::{Durability, Number, Places, Scan, Store, StoreError, Writer, of_orders};
use shared::{
    history::Cause,
    ids::{ConnectionId, ItemId, Kind},
    sync::{
        clock,
        vanish::{self, Verdict},
    },
};
use std::sync::Arc;

/// After a complete scan: what was not found has vanished, and the clock moves.
pub(super) async fn conclude(work: &mut Work, scan: Scan) -> Result<(), JobError> {
    let (id, number, confirmed) = (work.id.clone(), work.number, work.confirmed);
    let Scan {
        job: _,
        kind,
        started,
        since,
        at: _,
        scanned: _,
        tally,
        heard,
    } = scan;
    // What could not be identified may be any of those that are missing.
    let everything = since.is_none() && tally.nameless == 0;
    let places = work.places.borrow().clone();
    let missing = if everything {
        let (id, places) = (id.clone(), Arc::clone(&places));
        work.step(move |store| missing(store, &id, kind, number, &places, confirmed))
            .await?
    } else {
        Ok(Vec::new())
    };
    let missing = missing.map_err(JobError::Halted)?;
    for batch in missing.chunks(BATCH) {
        let (places, items, cause) = (work.places.clone(), batch.to_vec(), work.cause());
        work.step(move |store| {
            store.write(Durability::Soon, |writer| {
                let places = places.borrow().clone();
                items
                    .iter()
                    .try_for_each(|item| mark_vanished(writer, kind, *item, number, &places, &cause))
            })
        })
        .await?;
        work.job.outcome.vanished += batch.len() as u64;
        work.touched(kind, batch);
        work.checkpoint()?;
    }
    let (job, now) = (work.job.clone(), work.clock.now());
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            writer.end_scan(number)?;
            if everything && kind == Kind::Products {
                writer.forget_unmatched(number, started)?;
            }
            writer.put_job(&job)?;
            writer.update_connection(&id, |state| {
                state.last_fetch = Some(now);
                let reading = state.reading(kind);
                reading.clock = clock::after_scan(reading.clock, since, started, heard);
                if since.is_none() {
                    reading.last_full = Some(started);
                }
            })
        })
    })
    .await
}

/// The items that a complete scan did not find, or why none of them may vanish.
fn missing(
    store: &Store,
    id: &ConnectionId,
    kind: Kind,
    number: Number,
    places: &Places,
    confirmed: vanish::Confirmed,
) -> Result<Result<Vec<ItemId>, String>, StoreError> {
    let reader = store.read()?;
    let live = reader.members(&match kind {
        Kind::Products => format!("on:{id}"),
        Kind::Orders => of_orders(&format!("on:{id}")),
    })?;
    let gone = &live - reader.seen(number)?;
    let Some(place) = places.of(id) else {
        return Ok(Ok(Vec::new()));
    };
    Ok(
        match vanish::judge(kind, live.len(), gone.len(), &place.policy.guards, confirmed) {
            Verdict::Vanish => Ok(gone.iter().map(|item| ItemId(item.into())).collect()),
            Verdict::Halt(why) => Err(why),
        },
    )
}

fn mark_vanished(
    writer: &mut Writer<'_>,
    kind: Kind,
    id: ItemId,
    number: Number,
    places: &Places,
    cause: &Cause,
) -> Result<(), StoreError> {
    let (item, mut equivalences) = match kind {
        Kind::Products => (writer.product(id)?, writer.equivalences(id)?),
        Kind::Orders => (writer.order(id)?, writer.order_equivalences(id)?),
    };
    let Some(item) = item else { return Ok(()) };
    for (at, equivalence) in &mut equivalences {
        if *at == number {
            if let Some(remote_id) = equivalence.remote_id() {
                // Without a digest, so that it is taken in when it is found again, even if it is just as it was.
                match kind {
                    Kind::Products => writer.put_remote(number, remote_id, id, 0)?,
                    Kind::Orders => writer.put_order_remote(number, remote_id, id, 0)?,
                }
            }
            *equivalence = vanish::vanished(std::mem::take(equivalence), cause.at);
        }
    }
    match kind {
        Kind::Products => writer.put_whole(Some(&item), &item, &equivalences, &[number], places, cause),
        Kind::Orders => writer.put_order(Some(&item), &item, &equivalences, &[number], places, cause),
    }
}
