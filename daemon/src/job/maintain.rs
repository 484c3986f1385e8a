//! Maintenance: looks at everything that is stored, puts right what can be worked out, and reports the rest.

use super::{JobError, Work, fetch::keep_picture};
use crate::store::{Durability, Mended, Mending, StoreError};
use futures_util::{StreamExt, stream};
use shared::{
    ids::Kind,
    issue::{Code, Issue, Severity},
    job::{Finding, Found, Phase, Task},
};
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Pictures that one step looks at.
const PICTURES: usize = 200;
/// Pictures that are fetched at the same time.
const PICTURES_AT_ONCE: usize = 4;
/// A picture that nothing names is dropped when it is older than this; a younger one may be about to be named.
const ORPHANED: Duration = Duration::from_secs(3600);
/// Damaged records that are reported one by one.
const REPORTED: usize = 100;

pub async fn maintain(work: &mut Work, task: Task) -> Result<(), JobError> {
    // Begun anew after an interruption: what was put right is not found again.
    work.job.report.clear();
    work.job.outcome = shared::job::Outcome::default();
    match task {
        Task::Integrity => {
            let mut damaged = records(work).await?;
            derived(work).await?;
            damaged.extend(stored_pictures(work).await?);
            report_damaged(work, damaged).await
        }
        Task::Reindex => derived(work).await,
        Task::Images => images(work).await,
    }
}

/// Reads every record, and answers those that cannot be read.
async fn records(work: &mut Work) -> Result<Vec<String>, JobError> {
    let containers = containers(work).await?;
    work.enter(Phase::Scan, 0, None);
    let mut damaged = Vec::new();
    for container in 0..=containers {
        let looked = work
            .step(move |store| store.read()?.look_at_items(container))
            .await?;
        count(work, looked.records);
        damaged.extend(looked.damaged);
        work.checkpoint()?;
    }
    let looked = work.step(|store| store.read()?.look_at_the_rest()).await?;
    count(work, looked.records);
    damaged.extend(looked.damaged);
    Ok(damaged)
}

fn count(work: &mut Work, records: u64) {
    work.job.outcome.scanned += records;
    work.advance(records);
}

/// The last container of sets that any item is in.
async fn containers(work: &Work) -> Result<u32, JobError> {
    let last = work.step(|store| store.read()?.last_item()).await?;
    Ok(u32::try_from(last >> 16).expect("a store holds fewer than 2^32 items"))
}

/// Works out again everything that is derived, and puts right what differs.
async fn derived(work: &mut Work) -> Result<(), JobError> {
    work.enter(Phase::Analysis, 0, None);
    let mut mended = Mended::default();
    let mut next = Some(Mending::first());
    while let Some(at) = next {
        let (places, now) = (work.places.borrow().clone(), work.clock.now());
        let (after, found) = work
            .step(move |store| store.write(Durability::Soon, |writer| writer.mend(at, &places, now)))
            .await?;
        next = after;
        mended += found;
        work.advance(1);
        work.checkpoint()?;
    }
    work.step(|store| store.write(Durability::Now, |_| Ok::<_, StoreError>(())))
        .await?;
    let Mended {
        sets,
        texts,
        keys,
        remotes,
    } = mended;
    for (wrong, what) in [
        (
            sets,
            "memberships in sets were wrong; lists and counts are right now",
        ),
        (texts, "texts of the search were wrong and are right now"),
        (
            keys,
            "entries by which records are matched were wrong and are right now",
        ),
        (
            remotes,
            "entries of whose a platform's record is were wrong and are right now",
        ),
    ] {
        find(work, Found::Repaired, what.to_owned(), wrong);
    }
    if mended.total() > 0 {
        work.changed.everything();
    }
    Ok(())
}

/// Looks at every picture that is stored. One whose bytes are not those that it is named by is dropped; it is fetched
/// again by the task `images`. Answers how many addresses have no picture, in a sentence.
async fn stored_pictures(work: &mut Work) -> Result<Option<String>, JobError> {
    let pictures = work.pictures.clone();
    let kept = work.on_disk(move || pictures.all()).await?;
    work.enter(Phase::Propagation, 0, Some(kept.len() as u64));
    for some in kept.chunks(PICTURES) {
        let (some, pictures) = (some.to_vec(), work.pictures.clone());
        let looked = some.len() as u64;
        let broken = work.on_disk(move || pictures.drop_broken(&some)).await?;
        let what = "stored pictures were broken and were dropped; the task `images` fetches them again";
        find(work, Found::Repaired, what.to_owned(), broken);
        count(work, looked);
        work.checkpoint()?;
    }
    let missing = missing(work).await?.len();
    Ok((missing > 0).then(|| {
        format!("{missing} pictures of this connection are not stored. The task `images` fetches them again.")
    }))
}

/// The addresses at this connection whose picture was seen and is not stored any more.
async fn missing(work: &Work) -> Result<Vec<String>, JobError> {
    let (number, pictures) = (work.number, work.pictures.clone());
    work.step(move |store| {
        let seen = store.read()?.pictures()?;
        let missing = seen
            .into_iter()
            .filter(|(at, _, hash)| *at == number && !pictures.has(hash));
        Ok(missing.map(|(_, address, _)| address).collect())
    })
    .await
}

/// What cannot be put right becomes issues of the connection; those of the last look go.
async fn report_damaged(work: &mut Work, damaged: Vec<String>) -> Result<(), JobError> {
    let (id, at) = (work.id.clone(), work.clock.now());
    for message in damaged.iter().take(REPORTED) {
        find(work, Found::Open, message.clone(), 1);
    }
    if damaged.len() > REPORTED {
        let more = (damaged.len() - REPORTED) as u64;
        find(work, Found::Open, "more records cannot be read".to_owned(), more);
    }
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            writer.update_connection(&id, |state| {
                state.issues.retain(|issue| issue.code != Code::Damaged);
                let issues = damaged.into_iter().take(REPORTED).map(|message| Issue {
                    code: Code::Damaged,
                    severity: Severity::Error,
                    path: None,
                    message,
                    at,
                });
                state.issues.extend(issues);
            })
        })
    })
    .await?;
    work.changed.connections();
    Ok(())
}

/// Drops pictures that nothing names, and fetches again those that are named and not there.
async fn images(work: &mut Work) -> Result<(), JobError> {
    work.enter(Phase::Scan, 0, None);
    let mut named: BTreeSet<String> = BTreeSet::new();
    for container in 0..=containers(work).await? {
        let (mut names, found) = work
            .step(move |store| {
                let mut found = 0;
                store.read()?.each_picture_of_items(container, |hash| {
                    found += 1;
                    if !named.contains(hash) {
                        named.insert(hash.to_owned());
                    }
                })?;
                Ok((named, found))
            })
            .await?;
        named = std::mem::take(&mut names);
        count(work, found);
        work.checkpoint()?;
    }
    let pictures = work.pictures.clone();
    let now = u64::try_from(work.clock.now().0).unwrap_or(0);
    let before = (SystemTime::UNIX_EPOCH + Duration::from_millis(now)).checked_sub(ORPHANED);
    work.enter(Phase::Analysis, 0, None);
    let dropped = work
        .step(move |store| {
            let reader = store.read()?;
            reader.each_picture_of_staged(|hash| {
                named.insert(hash.to_owned());
            })?;
            named.extend(reader.pictures()?.into_iter().map(|(_, _, hash)| hash));
            Ok(before.map_or(Ok(0), |before| pictures.drop_orphans(&named, before)))
        })
        .await?;
    let dropped = dropped.map_err(|error| work.blame_disk(&error))?;
    let what = "files of pictures that nothing shows any more were dropped";
    find(work, Found::Repaired, what.to_owned(), dropped);
    work.checkpoint()?;
    refetch(work).await
}

async fn refetch(work: &mut Work) -> Result<(), JobError> {
    let missing = missing(work).await?;
    work.enter(Phase::Propagation, 0, Some(missing.len() as u64));
    let (mut fetched, mut failed) = (0, 0);
    for some in missing.chunks(PICTURES) {
        let (connector, pictures) = (work.connector.clone(), work.pictures.clone());
        let store = Arc::clone(&work.store);
        let kept: Vec<(String, String)> = stream::iter(some.to_vec())
            .map(|address| keep_picture(connector.clone(), pictures.clone(), Arc::clone(&store), address))
            .buffer_unordered(PICTURES_AT_ONCE)
            .filter_map(async |kept| kept)
            .collect()
            .await;
        failed += (some.len() - kept.len()) as u64;
        fetched += kept.len() as u64;
        let number = work.number;
        work.step(move |store| {
            store.write(Durability::Now, |writer| {
                kept.iter()
                    .try_for_each(|(address, hash)| writer.put_picture(number, address, hash))
            })
        })
        .await?;
        count(work, some.len() as u64);
        work.checkpoint()?;
    }
    find(
        work,
        Found::Repaired,
        "missing pictures were fetched again".to_owned(),
        fetched,
    );
    let what = "missing pictures could not be had; they keep their address, and a fetch asks for them again";
    find(work, Found::Open, what.to_owned(), failed);
    if fetched > 0 {
        work.touched(Kind::Products, &[]);
    }
    Ok(())
}

/// Notes something in the job's report.
fn find(work: &mut Work, found: Found, message: String, count: u64) {
    if count == 0 {
        return;
    }
    match found {
        Found::Repaired => work.job.outcome.changed += count,
        Found::Open => work.job.outcome.issues += count,
    }
    let report = &mut work.job.report;
    match report.iter_mut().find(|known| known.message == message) {
        Some(known) => known.count += count,
        None => report.push(Finding {
            found,
            message,
            count,
        }),
    }
    work.tell();
}
