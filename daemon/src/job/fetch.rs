//! Fetch updates: scan the pages, analyse what differs, propagate it; then see what vanished and move the clock.

mod analyse;
mod propagate;
mod scan;
mod vanish;

use super::{JobError, Work};
use crate::store::{Durability, Place, Scan, ScanAt, StoreError};
use shared::{issue::Code, sync::clock};
use std::time::Duration;

/// Records that one step of analysis or propagation takes.
const BATCH: usize = 500;
/// What a crash may undo of a phase, at most; the disk is asked for no more than that.
const FLUSH: Duration = Duration::from_millis(800);

pub async fn fetch(work: &mut Work) -> Result<(), JobError> {
    if !reads(work) {
        return Ok(());
    }
    let scan = begin(work).await?;
    let scan = if scan.at == ScanAt::Complete {
        scan
    } else {
        scan::pages(work, scan).await?
    };
    work.checkpoint()?;
    let rivals = analyse::analyse(work).await?;
    propagate::propagate(work, rivals).await?;
    vanish::conclude(work, scan).await
}

/// Whether this connection was read to the end at least once, unless it is not to be read at all.
pub async fn was_read(work: &Work) -> Result<bool, JobError> {
    let id = work.id.clone();
    let state = work.step(move |store| store.read()?.connection(&id)).await?;
    Ok(!reads(work) || state.is_some_and(|state| state.last_fetch.is_some()))
}

fn reads(work: &Work) -> bool {
    let places = work.places.borrow();
    places
        .of(&work.id)
        .is_some_and(|place| place.policy.products.fetch)
}

/// Goes on with the scan that this job had begun, or begins one.
async fn begin(work: &mut Work) -> Result<Scan, JobError> {
    let (id, number, job) = (work.id.clone(), work.number, work.job.clone());
    let places = work.places.borrow().clone();
    let incremental = work.places.borrow().of(&id).is_some_and(is_incremental);
    let now = work.clock.now();
    let scan = work
        .step(move |store| {
            store.write(Durability::Now, |writer| {
                if let Some(scan) = writer.scan(number)?.filter(|scan| scan.job == job.id) {
                    return Ok::<_, StoreError>(scan);
                }
                writer.end_scan(number)?;
                let state = writer.connection(&id)?;
                let schedule = places.of(&id).and_then(|place| place.policy.schedule.as_ref());
                let full_rescan = schedule.and_then(|schedule| schedule.full_rescan);
                let since = clock::read_from(state.clock, state.last_full, full_rescan, now);
                let scan = Scan {
                    job: job.id,
                    started: now,
                    since: since.filter(|_| incremental),
                    at: ScanAt::First,
                    scanned: 0,
                    blind: false,
                };
                writer.put_scan(number, &scan)?;
                writer.update_connection(&id, |state| {
                    state.issues.retain(|issue| issue.code != Code::UnreadableRecord);
                })?;
                Ok(scan)
            })
        })
        .await?;
    Ok(scan)
}

fn is_incremental(place: &Place) -> bool {
    crate::connector::platform(&place.policy.platform).is_some_and(|platform| platform.incremental)
}
