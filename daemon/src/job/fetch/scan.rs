//! The scan: page after page, told apart by what is known already, and staged together with the place reached.

use super::{
    super::{JobError, Linked, Work, takes_nothing},
    FLUSH, Timing,
};
use crate::{
    apart::{apart, chunks},
    connector::{Class, ConnectorError, Page, PageFrom, Unreadable},
    pictures::{PictureError, Pictures},
    store::{Durability, Number, Scan, ScanAt, StagedRecord, Store, StoreError, Writer, digest, marks},
};
use futures_util::{StreamExt, stream};
use shared::{
    ids::{ConnectionId, ItemId},
    issue::{Code, Issue, Severity},
    job::{Job, Phase},
    product::Record,
    sync::tally::{RESTARTS, Tally, Verdict},
    time::Time,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::{task::JoinHandle, time::Instant};

/// Pictures that are fetched at the same time.
const PICTURES_AT_ONCE: usize = 4;
/// Problems with single records that are kept for a connection.
const UNREADABLE_KEPT: usize = 100;

/// Reads page after page; the next is on its way while one is stored.
pub(super) async fn pages(work: &mut Work, scan: Scan) -> Result<Scan, JobError> {
    let mut scan = scan;
    let timing = Timing::new(work, &scan);
    work.enter(Phase::Scan, scan.scanned, None);
    let mut restarts = 0;
    let mut seen: Vec<ItemId> = Vec::new();
    let mut flushed = Instant::now();
    let mut ahead = Some(request(&work.connector, page_from(&scan)));
    loop {
        let asked = match ahead.take() {
            Some(asked) => asked
                .await
                .map_err(|broken| JobError::Broken(broken.to_string()))?,
            None => work.connector.0.page(&page_from(&scan)).await,
        };
        let page = match asked {
            Ok(page) => page,
            Err(error) if error.class == Class::Missing && restarts < RESTARTS => {
                restarts += 1;
                scan = scan.anew();
                work.job.progress.done = 0;
                continue;
            }
            Err(error) if error.class.is_passing() => {
                let from = page_from(&scan);
                work.persist(|connector| {
                    let from = from.clone();
                    async move { connector.0.page(&from).await }
                })
                .await?
            }
            Err(error) => return Err(error.into()),
        };
        let Page {
            records,
            unreadable,
            next,
            total,
        } = page;
        let last = next.is_none();
        scan.at = next.map_or(ScanAt::Complete, ScanAt::Cursor);
        if !last {
            ahead = Some(request(&work.connector, page_from(&scan)));
        }
        let count = records.len() as u64 + unreadable.len() as u64;
        scan.scanned += count;
        scan.tally.nameless += nameless(&unreadable);
        scan.tally.told = scan.tally.told.max(total);
        let changes = records.iter().map(|record| record.updated_at);
        scan.heard = scan.heard.max(timing.heard(work, changes));
        let number = work.number;
        let (known, mut changed) = work.step(move |store| classify(store, number, records)).await?;
        seen.extend(known);
        resolve_pictures(work, &mut changed).await?;
        work.job.outcome.scanned = scan.scanned;
        work.job.progress.total = total.map(|total| total.max(scan.scanned));
        let overdue = flushed.elapsed() > FLUSH;
        if !changed.is_empty() || !unreadable.is_empty() || overdue || last {
            let durability = if overdue || last {
                Durability::Now
            } else {
                Durability::Soon
            };
            let staged = Staged {
                changed,
                unreadable,
                seen: std::mem::take(&mut seen),
                scan: scan.clone(),
            };
            let (id, job) = (work.id.clone(), work.job.clone());
            scan.tally = work
                .step(move |store| stage(store, durability, number, &id, &job, staged))
                .await?;
            if overdue {
                flushed = Instant::now();
            }
        }
        work.advance(count);
        if last {
            match scan.tally.judge(scan.kind, restarts) {
                Verdict::Complete => {
                    work.job.outcome.scanned = scan.tally.records();
                    return Ok(scan);
                }
                Verdict::Anew => {
                    restarts += 1;
                    scan = scan.anew();
                    work.job.progress.done = 0;
                }
                Verdict::Fail(why) => return Err(JobError::Incomplete(why)),
            }
        }
        work.checkpoint()?;
    }
}

/// How many records could not even be identified.
pub(super) fn nameless(unreadable: &[Unreadable]) -> u64 {
    let nameless = unreadable.iter().filter(|record| record.remote_id.is_none());
    nameless.count() as u64
}

type Asked = JoinHandle<Result<Page, ConnectorError>>;

fn request(connector: &Linked, from: PageFrom) -> Asked {
    let connector = connector.clone();
    tokio::spawn(async move { connector.0.page(&from).await })
}

pub(super) fn page_from(scan: &Scan) -> PageFrom {
    let cursor = match &scan.at {
        ScanAt::Cursor(cursor) => Some(cursor.clone()),
        ScanAt::First | ScanAt::Complete => None,
    };
    PageFrom {
        since: scan.since,
        cursor,
    }
}

/// What a page brought, ready to be stored.
struct Staged {
    changed: Vec<StagedRecord>,
    unreadable: Vec<Unreadable>,
    seen: Vec<ItemId>,
    scan: Scan,
}

/// Tells records that are as they were last time from those that are new or changed.
pub(super) fn classify(
    store: &Store,
    number: Number,
    records: Vec<Record>,
) -> Result<(Vec<ItemId>, Vec<StagedRecord>), StoreError> {
    let reader = store.read()?;
    let told = chunks(&records, |part| {
        let mut buffer = Vec::with_capacity(4096);
        let tell = |record| {
            let digest = digest(record, &mut buffer)?;
            let known = reader.remote(number, &record.remote_id)?;
            Ok(match known {
                Some((item, before)) if digest == before => Told::Known(item),
                _ => Told::Differs {
                    keys: marks(record),
                    digest,
                },
            })
        };
        part.iter().map(tell).collect::<Result<Vec<Told>, StoreError>>()
    });
    let told: Vec<Vec<Told>> = told.into_iter().collect::<Result<_, _>>()?;
    let (mut known, mut changed) = (Vec::with_capacity(records.len()), Vec::new());
    for (record, told) in records.into_iter().zip(told.into_iter().flatten()) {
        match told {
            Told::Known(item) => known.push(item),
            Told::Differs { keys, digest } => changed.push(StagedRecord { keys, digest, record }),
        }
    }
    Ok((known, changed))
}

/// What a record is, as far as its digest tells.
enum Told {
    /// It is as it was last taken in.
    Known(ItemId),
    Differs {
        keys: Vec<u64>,
        digest: u64,
    },
}

/// Gives pictures the hash of their content, fetching those that were never seen. A picture that cannot be had
/// keeps its address and holds up nothing.
pub(super) async fn resolve_pictures(work: &mut Work, staged: &mut [StagedRecord]) -> Result<(), JobError> {
    let wanted: BTreeSet<String> = staged
        .iter()
        .flat_map(|staged| &staged.record.product.images)
        .filter(|image| !image.address.is_empty())
        .map(|image| image.address.clone())
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let number = work.number;
    let pictures = work.pictures.clone();
    let (mut hashes, missing) = work
        .step(move |store| {
            let reader = store.read()?;
            let (mut hashes, mut missing) = (BTreeMap::new(), Vec::new());
            for address in wanted {
                match reader
                    .picture(number, &address)?
                    .filter(|hash| pictures.has(hash))
                {
                    Some(hash) => {
                        hashes.insert(address, hash);
                    }
                    None => missing.push(address),
                }
            }
            Ok((hashes, missing))
        })
        .await?;
    let (connector, pictures) = (work.connector.clone(), work.pictures.clone());
    let store = Arc::clone(&work.store);
    let fetched: Vec<(String, String)> = stream::iter(missing)
        .map(|address| keep_picture(connector.clone(), pictures.clone(), Arc::clone(&store), address))
        .buffer_unordered(PICTURES_AT_ONCE)
        .filter_map(async |kept| kept)
        .collect()
        .await;
    if !fetched.is_empty() {
        let stored = fetched.clone();
        work.step(move |store| {
            store.write(Durability::Soon, |writer| {
                stored
                    .iter()
                    .try_for_each(|(address, hash)| writer.put_picture(number, address, hash))
            })
        })
        .await?;
        hashes.extend(fetched);
    }
    for image in staged
        .iter_mut()
        .flat_map(|staged| &mut staged.record.product.images)
    {
        if let Some(hash) = hashes.get(&image.address) {
            image.hash = Some(hash.clone());
        }
    }
    Ok(())
}

/// An address as it may be logged: what comes after a question mark may be a key.
fn bare(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

pub(in crate::job) async fn keep_picture(
    connector: Linked,
    pictures: Pictures,
    store: Arc<Store>,
    address: String,
) -> Option<(String, String)> {
    let bytes = match connector.0.image(&address).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::info!(address = bare(&address), reason = %error, "A picture could not be had; it keeps its address");
            return None;
        }
    };
    let kept = apart(move || pictures.keep(&bytes)).await.ok()?;
    match kept {
        Ok(hash) => Some((address, hash)),
        Err(PictureError::Disk(error)) if takes_nothing(&error) => {
            // The job stops with its next transaction, and asks for this picture again when the disk works.
            store.distrust(&error);
            None
        }
        Err(error) => {
            tracing::info!(address = bare(&address), reason = %error, "A picture could not be kept; it keeps its address");
            None
        }
    }
}

/// Stores what pages brought together with the place reached, and answers what the scan has counted with them.
fn stage(
    store: &Store,
    durability: Durability,
    number: Number,
    id: &ConnectionId,
    job: &Job,
    staged: Staged,
) -> Result<Tally, StoreError> {
    let Staged {
        changed,
        unreadable,
        seen,
        mut scan,
    } = staged;
    store.write(durability, |writer| {
        let ids = &mut scan.tally.ids;
        for item in seen {
            *ids += u64::from(writer.see(number, item)?);
        }
        for record in &changed {
            *ids += u64::from(writer.stage(number, record)?);
        }
        for record in &unreadable {
            if let Some(remote_id) = &record.remote_id {
                *ids += u64::from(writer.see_unreadable(number, remote_id)?);
            }
        }
        note_unreadable(writer, id, unreadable, scan.started)?;
        let tally = scan.tally;
        writer.put_scan(number, &scan.or_anew())?;
        writer.put_job(job)?;
        Ok(tally)
    })
}

/// Tells of records that could not be understood, each once however often it was read.
pub(super) fn note_unreadable(
    writer: &mut Writer<'_>,
    id: &ConnectionId,
    unreadable: Vec<Unreadable>,
    at: Time,
) -> Result<(), StoreError> {
    if unreadable.is_empty() {
        return Ok(());
    }
    writer.update_connection(id, |state| {
        for Unreadable {
            remote_id: _,
            message,
        } in unreadable
        {
            let is_known = state.issues.iter().any(|issue| issue.message == message);
            if state.issues.len() < UNREADABLE_KEPT && !is_known {
                state.issues.push(Issue {
                    code: Code::UnreadableRecord,
                    severity: Severity::Error,
                    path: None,
                    message,
                    at,
                });
            }
        }
    })
}
