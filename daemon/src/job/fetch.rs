//! Fetch updates: scan the pages, analyse what differs, propagate it; then see what vanished and move the clock.

mod analyse;
mod orders;
mod propagate;
mod scan;
mod sold;
mod vanish;

pub(super) use orders::{book_out, is_like, resolve_line};
pub(super) use scan::keep_picture;

use super::{JobError, Work};
use crate::store::{Durability, Place, Reading, Scan, ScanAt, StoreError};
use shared::{
    ids::Kind,
    issue::Code,
    sync::{
        clock::{self, Heard},
        tally::Tally,
    },
    time::Time,
};
use std::time::Duration;
use tokio::time::Instant;

/// Records that one step of propagation takes.
const BATCH: usize = 1000;
/// What a crash may undo of a phase, at most; the disk is asked for no more than that.
const FLUSH: Duration = Duration::from_millis(800);

/// How long a scan takes, by a clock that nobody sets while it runs.
struct Timing {
    before: Duration,
    resumed: Instant,
}

impl Timing {
    fn new(work: &Work, scan: &Scan) -> Self {
        Self {
            before: work.clock.now().since(scan.started),
            resumed: Instant::now(),
        }
    }

    /// What the records of a page that has just come tell of the platform's time.
    fn heard(&self, work: &Work, changes: impl Iterator<Item = Option<Time>>) -> Heard {
        let (now, elapsed) = (work.clock.now(), self.before + self.resumed.elapsed());
        let heard = changes.map(|updated_at| Heard::of(updated_at, now, elapsed));
        heard.max().unwrap_or_default()
    }
}

pub async fn fetch(work: &mut Work) -> Result<(), JobError> {
    let number = work.number;
    let scan = work.step(move |store| store.read()?.scan(number)).await?;
    let begun = scan.filter(|scan| scan.job == work.job.id).map(|scan| scan.kind);
    if reads(work, Kind::Products) && begun != Some(Kind::Orders) {
        products(work).await?;
    }
    if reads(work, Kind::Orders) {
        let scan = begin(work, Kind::Orders).await?;
        let (scan, sold) = orders::pages(work, scan).await?;
        if reads(work, Kind::Products) {
            sold::read_again(work, sold).await?;
        }
        vanish::conclude(work, scan).await?;
    }
    Ok(())
}

async fn products(work: &mut Work) -> Result<(), JobError> {
    let scan = begin(work, Kind::Products).await?;
    let scan = if scan.at == ScanAt::Complete {
        scan
    } else {
        scan::pages(work, scan).await?
    };
    work.checkpoint()?;
    let analysed = analyse::analyse(work).await?;
    propagate::propagate(work, analysed).await?;
    vanish::conclude(work, scan).await
}

/// Whether this connection was read to the end at least once, unless it is not to be read at all.
pub async fn was_read(work: &Work) -> Result<bool, JobError> {
    let id = work.id.clone();
    let state = work.step(move |store| store.read()?.connection(&id)).await?;
    Ok(!reads(work, Kind::Products) || state.is_some_and(|state| state.last_fetch.is_some()))
}

fn reads(work: &Work, kind: Kind) -> bool {
    let places = work.places.borrow();
    places.of(&work.id).is_some_and(|place| match kind {
        Kind::Products => place.policy.products.fetch,
        Kind::Orders => place.policy.orders.fetch && place.orders.is_some(),
    })
}

/// Goes on with the scan that this job had begun, or begins one.
async fn begin(work: &mut Work, kind: Kind) -> Result<Scan, JobError> {
    let (id, number, job) = (work.id.clone(), work.number, work.job.clone());
    let places = work.places.borrow().clone();
    let incremental = work.places.borrow().of(&id).is_some_and(is_incremental);
    let now = work.clock.now();
    let scan = work
        .step(move |store| {
            store.write(Durability::Now, |writer| {
                if let Some(scan) = writer
                    .scan(number)?
                    .filter(|scan| (scan.job, scan.kind) == (job.id, kind))
                {
                    return Ok::<_, StoreError>(scan);
                }
                writer.end_scan(number)?;
                let mut state = writer.connection(&id)?;
                let Reading { clock, last_full } = *state.reading(kind);
                let schedule = places.of(&id).and_then(|place| place.policy.schedule.as_ref());
                let full_rescan = schedule.and_then(|schedule| schedule.full_rescan);
                let since = clock::read_from(clock, last_full, full_rescan, now);
                let scan = Scan {
                    job: job.id,
                    kind,
                    started: now,
                    since: since.filter(|_| incremental),
                    at: ScanAt::First,
                    scanned: 0,
                    tally: Tally::default(),
                    heard: Heard::default(),
                };
                writer.put_scan(number, &scan)?;
                if kind == Kind::Products {
                    writer.update_connection(&id, |state| {
                        state.issues.retain(|issue| issue.code != Code::UnreadableRecord);
                    })?;
                }
                Ok(scan)
            })
        })
        .await?;
    Ok(scan)
}

fn is_incremental(place: &Place) -> bool {
    crate::connector::platform(&place.policy.platform).is_some_and(|platform| platform.incremental)
}
