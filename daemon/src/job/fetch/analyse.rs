//! The analysis: what differs is looked through before anything of it is taken in.

use super::super::{JobError, Work};
use shared::{ids::RemoteId, job::Phase};
use std::{collections::HashSet, sync::Arc};

/// Marks of the match keys that several new records of the scan carry: no match by them is one to one.
pub(super) type Contested = HashSet<u64>;

/// What there is to take in.
pub(super) struct Analysed {
    pub(super) records: u64,
    pub(super) contested: Arc<Contested>,
}

/// Records that one step looks through; of each only its keys are read.
const STEP: u64 = 10_000;

/// Looks through everything that differs: what could be matched to the hub, and by several records.
///
/// Of each key 8 bytes are held while it lasts.
pub(super) async fn analyse(work: &mut Work) -> Result<Analysed, JobError> {
    let number = work.number;
    work.enter(Phase::Analysis, 0, None);
    let mut records = 0;
    let mut marks: Vec<u64> = Vec::new();
    let mut after: Option<RemoteId> = None;
    loop {
        let from = after.clone();
        let looked = work
            .step(move |store| store.read()?.staged_keys(number, from.as_ref(), STEP))
            .await?;
        marks.extend(looked.of_strangers);
        records += looked.records;
        work.advance(looked.records);
        if looked.last.is_none() {
            let contested = Arc::new(repeated(marks));
            return Ok(Analysed { records, contested });
        }
        after = looked.last;
        work.checkpoint()?;
    }
}

fn repeated(marks: Vec<u64>) -> Contested {
    let mut marks = marks;
    marks.sort_unstable();
    let pairs = marks.windows(2).filter(|pair| pair[0] == pair[1]);
    pairs.map(|pair| pair[0]).collect()
}
