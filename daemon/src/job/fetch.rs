//! Fetch updates: scan the pages, analyse what differs, propagate it; then see what vanished and move the clock.

use super::{JobError, Linked, Work, now};
use crate::{
    connector::{Class, Page, PageFrom, Unreadable},
    store::{
        Durability, Number, Place, Places, Scan, ScanAt, StagedRecord, Store, StoreError, Unmatched, Writer,
        digest,
    },
};
use futures_util::{StreamExt, stream};
use shared::{
    ids::{ConnectionId, ItemId, RemoteId},
    issue::{Code, Issue, Severity},
    item::{Equivalence, Item, Presence},
    job::{Job, Outcome, Phase},
    product::Record,
    sync::{
        acknowledge, clock,
        matching::{Match, MatchKey, find_item, match_key},
        merge::{self, Merged},
        vanish::{self, Verdict},
    },
    time::Time,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use tokio::time::{Duration, Instant};

/// Records that one propagation step takes in.
const BATCH: usize = 500;
/// Pictures that are fetched at the same time.
const PICTURES_AT_ONCE: usize = 8;
/// What a crash may undo of a scan, at most; the disk is asked for no more than that.
const FLUSH: Duration = Duration::from_millis(800);
/// How often a scan begins anew because its pages moved away under it.
const RESTARTS: u32 = 5;
/// Problems with single records that are kept for a connection.
const UNREADABLE_KEPT: usize = 100;

pub async fn fetch(work: &mut Work) -> Result<(), JobError> {
    let scan = begin(work).await?;
    let scan = if scan.at == ScanAt::Complete {
        scan
    } else {
        scan_pages(work, scan).await?
    };
    work.checkpoint()?;
    let rivals = analyse(work).await?;
    propagate(work, rivals).await?;
    conclude(work, scan).await
}

/// Goes on with the scan that this job had begun, or begins one.
async fn begin(work: &mut Work) -> Result<Scan, JobError> {
    let (id, number, job) = (work.id.clone(), work.number, work.job.clone());
    let places = work.places.borrow().clone();
    let incremental = work.places.borrow().of(&id).is_some_and(is_incremental);
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
                let since = clock::read_from(state.clock, state.last_full, full_rescan, now());
                let scan = Scan {
                    job: job.id,
                    started: now(),
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

/// Reads page after page; the next is on its way while one is stored.
async fn scan_pages(work: &mut Work, scan: Scan) -> Result<Scan, JobError> {
    let mut scan = scan;
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
                // The pages moved away under the reader: what it read so far says nothing about the rest.
                restarts += 1;
                scan = Scan {
                    at: ScanAt::First,
                    scanned: 0,
                    ..scan
                };
                seen.clear();
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
        scan.blind |= unreadable.iter().any(|record| record.remote_id.is_none());
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
            work.step(move |store| stage(store, durability, number, &id, &job, staged))
                .await?;
            if overdue {
                flushed = Instant::now();
            }
        }
        work.advance(count);
        if last {
            return Ok(scan);
        }
        work.checkpoint()?;
    }
}

type Asked = tokio::task::JoinHandle<Result<Page, crate::connector::ConnectorError>>;

fn request(connector: &Linked, from: PageFrom) -> Asked {
    let connector = connector.clone();
    tokio::spawn(async move { connector.0.page(&from).await })
}

fn page_from(scan: &Scan) -> PageFrom {
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
fn classify(
    store: &Store,
    number: Number,
    records: Vec<Record>,
) -> Result<(Vec<ItemId>, Vec<StagedRecord>), StoreError> {
    let reader = store.read()?;
    let mut buffer = Vec::with_capacity(4096);
    let (mut known, mut changed) = (Vec::with_capacity(records.len()), Vec::new());
    for record in records {
        let digest = digest(&record, &mut buffer)?;
        match reader.remote(number, &record.remote_id)? {
            Some((item, before)) if digest == before => known.push(item),
            _ => changed.push(StagedRecord { digest, record }),
        }
    }
    Ok((known, changed))
}

/// Gives pictures the hash of their content, fetching those that were never seen. A picture that cannot be had
/// keeps its address and holds up nothing.
async fn resolve_pictures(work: &mut Work, staged: &mut [StagedRecord]) -> Result<(), JobError> {
    let wanted: std::collections::BTreeSet<String> = staged
        .iter()
        .flat_map(|staged| &staged.record.product.images)
        .filter(|image| is_fetched_by_connector(&image.address))
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
    let fetched: Vec<(String, String)> = stream::iter(missing)
        .map(|address| keep_picture(connector.clone(), pictures.clone(), address))
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

/// Web addresses need a downloader of their own; every other address only its connector understands.
fn is_fetched_by_connector(address: &str) -> bool {
    !address.starts_with("http://") && !address.starts_with("https://") && !address.is_empty()
}

async fn keep_picture(
    connector: Linked,
    pictures: crate::pictures::Pictures,
    address: String,
) -> Option<(String, String)> {
    let bytes = match connector.0.image(&address).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::info!(address, reason = %error, "A picture could not be had; it keeps its address");
            return None;
        }
    };
    let kept = tokio::task::spawn_blocking(move || pictures.keep(&bytes))
        .await
        .ok()?;
    match kept {
        Ok(hash) => Some((address, hash)),
        Err(error) => {
            tracing::info!(address, reason = %error, "A picture could not be kept; it keeps its address");
            None
        }
    }
}

fn stage(
    store: &Store,
    durability: Durability,
    number: Number,
    id: &ConnectionId,
    job: &Job,
    staged: Staged,
) -> Result<(), StoreError> {
    let Staged {
        changed,
        unreadable,
        seen,
        scan,
    } = staged;
    store.write(durability, |writer| {
        for item in seen {
            writer.see(number, item);
        }
        for record in &changed {
            writer.stage(number, record)?;
        }
        for record in &unreadable {
            if let Some(remote_id) = &record.remote_id
                && let Some((item, _)) = writer.remote(number, remote_id)?
            {
                writer.see(number, item);
            }
        }
        if !unreadable.is_empty() {
            writer.update_connection(id, |state| {
                let issues = unreadable.into_iter().map(|record| Issue {
                    code: Code::UnreadableRecord,
                    severity: Severity::Error,
                    path: None,
                    message: record.message,
                    at: scan.started,
                });
                state.issues.extend(issues);
                state.issues.truncate(UNREADABLE_KEPT);
            })?;
        }
        writer.put_scan(number, &scan)?;
        writer.put_job(job)
    })
}

/// How many records of the scan carry each match key, for telling when a match is not one to one.
type Rivals = HashMap<MatchKey, usize>;

/// Looks through everything that differs: what could be matched to the hub, and by how many records.
async fn analyse(work: &mut Work) -> Result<Arc<Rivals>, JobError> {
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
fn record_keys(record: &Record, place: &Place) -> std::collections::BTreeSet<MatchKey> {
    let by = &place.policy.products.match_by;
    let variants = &record.product.variants;
    variants
        .iter()
        .flat_map(|variant| by.iter().filter_map(|by| match_key(*by, variant)))
        .collect()
}

/// Takes in what is staged, batch by batch; each programs the changes for the other connections.
async fn propagate(work: &mut Work, rivals: Arc<Rivals>) -> Result<(), JobError> {
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
        work.touched(&items);
        work.advance(records);
        batch = ahead?;
    }
    Ok(())
}

/// One transaction: takes records in, and takes them from what is staged.
async fn take_batch(
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
    work.step(move |store| {
        store.write(durability, |writer| {
            // The settings are taken inside the transaction, so that none that are older follow newer ones.
            let places = places.borrow().clone();
            let taking = Propagation {
                id: &id,
                number,
                places: &places,
                rivals: &rivals,
                now: now(),
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
struct Taken {
    records: u64,
    items: Vec<ItemId>,
    outcome: Outcome,
}

/// One propagation step under one snapshot of the settings.
struct Propagation<'a> {
    id: &'a ConnectionId,
    number: Number,
    places: &'a Places,
    rivals: &'a Rivals,
    now: Time,
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
        match self.find(writer, record, place)? {
            Match::Item(item) => self.join(writer, item, staged, place, taken),
            Match::New if place.policy.products.absorb => {
                let item = writer.next_item()?;
                let merged = merge::absorb(item, record, &place.policy, place.fields, self.now);
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
            self.now,
        );
        taken.outcome.changed += u64::from(merged.item_changed);
        taken.outcome.issues += u64::from(!merged.equivalence.issues.is_empty());
        self.put(writer, Some(&item), merged, others, staged, taken)
    }

    /// The item whose create made this record, if its token is ours.
    fn ours(&self, writer: &Writer<'_>, record: &Record) -> Result<Option<ItemId>, StoreError> {
        let Some(item) = record.token.as_deref().and_then(token_item) else {
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
        let (equivalence, next_key) =
            acknowledge::acknowledge(&item, here, &staged.record, &place.policy, self.now);
        let merged = Merged {
            item: Item {
                next_key,
                ..item.clone()
            },
            equivalence,
            item_changed: false,
        };
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
            self.now,
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
            at: self.now,
        };
        Unmatched {
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
            self.now,
        )?;
        writer.put_remote(self.number, &record.remote_id, item.id, *digest)?;
        writer.remove_unmatched(self.number, &record.remote_id)?;
        writer.see(self.number, item.id);
        taken.items.push(item.id);
        Ok(())
    }
}

/// A token of ours for an item at a connection: `c2s-NUMBER-ITEM-TIME`.
pub(super) fn token(number: Number, item: ItemId, now: Time) -> String {
    format!("c2s-{number}-{item}-{:x}", now.0)
}

fn token_item(token: &str) -> Option<ItemId> {
    token.strip_prefix("c2s-")?.split('-').nth(1)?.parse().ok()
}

/// After a complete scan: what was not found has vanished, and the clock moves.
async fn conclude(work: &mut Work, scan: Scan) -> Result<(), JobError> {
    let (id, number, confirmed) = (work.id.clone(), work.number, work.confirmed);
    let Scan {
        job: _,
        started,
        since,
        at: _,
        scanned: _,
        blind,
    } = scan;
    let everything = since.is_none() && !blind;
    let places = work.places.borrow().clone();
    let missing = if everything {
        let (id, places) = (id.clone(), Arc::clone(&places));
        work.step(move |store| missing(store, &id, number, &places, confirmed))
            .await?
    } else {
        Ok(Vec::new())
    };
    let missing = missing.map_err(JobError::Halted)?;
    for batch in missing.chunks(BATCH) {
        let (places, items) = (work.places.clone(), batch.to_vec());
        work.step(move |store| {
            store.write(Durability::Soon, |writer| {
                let places = places.borrow().clone();
                items
                    .iter()
                    .try_for_each(|item| mark_vanished(writer, *item, number, &places))
            })
        })
        .await?;
        work.job.outcome.vanished += batch.len() as u64;
        work.touched(batch);
        work.checkpoint()?;
    }
    let job = work.job.clone();
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            writer.end_scan(number)?;
            writer.put_job(&job)?;
            writer.update_connection(&id, |state| {
                state.clock = clock::after_scan(state.clock, since, started);
                state.last_fetch = Some(now());
                if since.is_none() {
                    state.last_full = Some(started);
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
    number: Number,
    places: &Places,
    confirmed: vanish::Confirmed,
) -> Result<Result<Vec<ItemId>, String>, StoreError> {
    let reader = store.read()?;
    let live = reader.members(&format!("on:{id}"))?;
    let gone = &live - reader.seen(number)?;
    let Some(place) = places.of(id) else {
        return Ok(Ok(Vec::new()));
    };
    Ok(
        match vanish::judge(live.len(), gone.len(), &place.policy.guards, confirmed) {
            Verdict::Vanish => Ok(gone.iter().map(|item| ItemId(item.into())).collect()),
            Verdict::Halt(why) => Err(why),
        },
    )
}

fn mark_vanished(
    writer: &mut Writer<'_>,
    id: ItemId,
    number: Number,
    places: &Places,
) -> Result<(), StoreError> {
    let Some(item) = writer.product(id)? else {
        return Ok(());
    };
    let mut equivalences = writer.equivalences(id)?;
    for (at, equivalence) in &mut equivalences {
        if *at == number {
            if let Some(remote_id) = equivalence.remote_id() {
                // Without a digest, so that it is taken in when it is found again, even if it is just as it was.
                writer.put_remote(number, remote_id, id, 0)?;
            }
            *equivalence = vanish::vanished(std::mem::take(equivalence), now());
        }
    }
    writer.put_whole(Some(&item), &item, &equivalences, &[number], places, now())
}
