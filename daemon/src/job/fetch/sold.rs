//! Products that orders are about, read again: on many platforms a sale takes stock and does not make its product count
//! as changed, so that reading what changed would miss it.

use super::{
    super::{JobError, Work},
    analyse::Contested,
    propagate::{Taken, take_batch},
    scan::{classify, resolve_pictures},
};
use crate::{
    connector::{ConnectorError, Find},
    store::{Durability, StoreError},
};
use futures_util::{StreamExt, stream};
use shared::{
    ids::{Kind, RemoteId},
    product::Record,
};
use std::{collections::BTreeSet, sync::Arc};

/// Products that one fetch reads again, at most. Where more are sold between two fetches, the rest waits for its next
/// change or the next full rescan.
pub(super) const MOST: usize = 500;
/// Products that are asked for before what came is taken in.
const BATCH: usize = 50;
/// Calls at the same time.
const AT_ONCE: usize = 4;

/// Takes in what the platform shows of these products now. What cannot be had is left to the next fetch: no order waits
/// for it.
pub(super) async fn read_again(work: &mut Work, sold: BTreeSet<RemoteId>) -> Result<(), JobError> {
    let sold: Vec<RemoteId> = sold.into_iter().collect();
    for batch in sold.chunks(BATCH) {
        work.checkpoint()?;
        let records = match find(work, batch).await {
            Ok(records) => records,
            Err(error) => {
                tracing::info!(connection = %work.id, reason = %error, "Products that were sold could not be read again; the next fetch reads what changed");
                return Ok(());
            }
        };
        let number = work.number;
        let mut changed = work
            .step(move |store| {
                let reader = store.read()?;
                let mut known = Vec::with_capacity(records.len());
                for record in records {
                    // What is not known yet comes with a scan, which sees what else is like it.
                    if reader.remote(number, &record.remote_id)?.is_some() {
                        known.push(record);
                    }
                }
                let (_, changed) = classify(store, number, known)?;
                Ok::<_, StoreError>(changed)
            })
            .await?;
        if changed.is_empty() {
            continue;
        }
        resolve_pictures(work, &mut changed).await?;
        let Taken {
            records: _,
            items,
            outcome,
        } = take_batch(work, changed, Arc::new(Contested::default()), Durability::Soon).await?;
        work.job.outcome = outcome;
        work.touched(Kind::Products, &items);
    }
    Ok(())
}

async fn find(work: &Work, products: &[RemoteId]) -> Result<Vec<Record>, ConnectorError> {
    let ask = |id: &RemoteId| {
        let (connector, id) = (work.connector.clone(), id.clone());
        async move {
            let wanted = Find {
                remote_id: Some(id.clone()),
                ..Find::default()
            };
            let found = connector.0.find(&wanted).await?;
            Ok(found.into_iter().find(|record| record.remote_id == id))
        }
    };
    let asked: Vec<_> = products.iter().map(ask).collect();
    let answers: Vec<Result<Option<Record>, ConnectorError>> =
        stream::iter(asked).buffered(AT_ONCE).collect().await;
    let found: Result<Vec<Option<Record>>, ConnectorError> = answers.into_iter().collect();
    Ok(found?.into_iter().flatten().collect())
}
