//! Applying a batch to a sheet so that each task is done whole or not at all.

use super::{Format, Found, Reading, cells, sheet::Sheet};
use crate::connector::{Class, ConnectorError, Create};
use shared::{
    ids::RemoteId,
    product::{Patch, Record},
};
use std::collections::{HashMap, HashSet};

/// One write to one file; ids are without the file's name.
pub(super) enum Task<'a> {
    Create(&'a Create),
    Update(&'a str, &'a Patch),
}

impl Task<'_> {
    /// It can make products or variants indistinguishable that were not so before.
    fn gives_identity(&self) -> bool {
        match self {
            Self::Create(_) => true,
            Self::Update(_, patch) => {
                let mut variants = patch.variants.iter();
                patch.title.is_some()
                    || !patch.new_variants.is_empty()
                    || variants.any(|variant| variant.sku.is_some() || !variant.options.is_empty())
            }
        }
    }
}

/// Tasks applied to a sheet, as it would be read once written.
pub(super) struct Settled {
    /// By task: the id of its record, or why it was left out.
    outcomes: Vec<Result<RemoteId, ConnectorError>>,
    /// The new content. `None`: nothing differs.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) reading: Reading,
}

impl Settled {
    /// By task: the record as it would be read, or why the task was left out.
    pub(super) fn shown(&self) -> Vec<Result<&Record, &ConnectorError>> {
        let products = self.reading.products.iter().map(|found| &found.record);
        let by_id: HashMap<_, _> = products.map(|record| (&record.remote_id, record)).collect();
        let shown = |id| *by_id.get(id).expect("settle() leaves out what is not read back");
        self.outcomes
            .iter()
            .map(|outcome| outcome.as_ref().map(shown))
            .collect()
    }
}

/// Applies all tasks but those that fail, or whose product could not be read again: these are left out and the rest is
/// applied anew, so that a task is done whole or not at all.
pub(super) fn settle(
    format: Format,
    sheet: &mut Sheet,
    name: &str,
    tasks: &[Task],
) -> Result<Settled, ConnectorError> {
    let reading = format.read(sheet);
    let mut refused: Vec<Option<ConnectorError>> = tasks.iter().map(|_| None).collect();
    loop {
        sheet.discard_edits();
        let mut outcomes = apply(format, sheet, &reading, tasks, &refused);
        if leave_out_failed(&mut refused, &outcomes) {
            continue;
        }
        if !sheet.is_edited() {
            return Ok(Settled {
                outcomes,
                bytes: None,
                reading,
            });
        }
        let bytes = sheet.render();
        let after = format.read(&Sheet::parse(name, bytes.clone())?);
        verify(tasks, &mut outcomes, &reading, &after);
        if leave_out_failed(&mut refused, &outcomes) {
            continue;
        }
        return Ok(Settled {
            outcomes,
            bytes: Some(bytes),
            reading: after,
        });
    }
}

/// Notes failures that are new. The answer is whether there are any.
fn leave_out_failed(
    refused: &mut [Option<ConnectorError>],
    outcomes: &[Result<RemoteId, ConnectorError>],
) -> bool {
    let mut any = false;
    for (refused, outcome) in refused.iter_mut().zip(outcomes) {
        if let (None, Err(error)) = (&refused, outcome) {
            *refused = Some(error.clone());
            any = true;
        }
    }
    any
}

fn apply(
    format: Format,
    sheet: &mut Sheet,
    reading: &Reading,
    tasks: &[Task],
    refused: &[Option<ConnectorError>],
) -> Vec<Result<RemoteId, ConnectorError>> {
    let records = reading.products.iter().map(|found| &found.record);
    let by_token: HashMap<&str, &RemoteId> = records
        .filter_map(|record| Some((record.token.as_deref()?, &record.remote_id)))
        .collect();
    let by_id: HashMap<&str, &Found> = reading
        .products
        .iter()
        .map(|found| (found.record.remote_id.0.as_str(), found))
        .collect();
    let mut outcomes: Vec<Option<Result<RemoteId, ConnectorError>>> = Vec::with_capacity(tasks.len());
    let mut creates = Vec::new();
    for (task, refused) in tasks.iter().zip(refused) {
        outcomes.push(match (refused, task) {
            (Some(error), _) => Some(Err(error.clone())),
            // Made by an earlier call whose answer was lost.
            (None, Task::Create(create)) if by_token.contains_key(create.token.as_str()) => {
                Some(Ok(by_token[create.token.as_str()].clone()))
            }
            (None, Task::Create(create)) => {
                creates.push(*create);
                None
            }
            (None, Task::Update(id, patch)) => Some(match by_id.get(id) {
                Some(found) => format.update(sheet, found, patch),
                None => Err(not_found(reading, id)),
            }),
        });
    }
    let mut created = format.create(sheet, &creates).into_iter();
    let outcome = |outcome: Option<_>| {
        outcome
            .or_else(|| created.next())
            .expect("an answer for each create")
    };
    outcomes.into_iter().map(outcome).collect()
}

fn not_found(reading: &Reading, id: &str) -> ConnectorError {
    let mut unreadable = reading.unreadable.iter();
    match unreadable.find(|unreadable| unreadable.remote_id.as_ref().is_some_and(|other| other.0 == id)) {
        Some(unreadable) => cells::rejected(unreadable.message.clone()),
        None => ConnectorError::new(Class::Missing, format!("The file has no product {id} any more.")),
    }
}

/// What would not be read back, or would make another product unreadable, is an error that says why.
fn verify(
    tasks: &[Task],
    outcomes: &mut [Result<RemoteId, ConnectorError>],
    before: &Reading,
    after: &Reading,
) {
    let products = after.products.iter().map(|found| &found.record.remote_id);
    let readable: HashSet<_> = products.collect();
    let is_lost = |outcome: &Result<RemoteId, _>| outcome.as_ref().is_ok_and(|id| !readable.contains(id));
    let mut blamed: Vec<_> = (0..tasks.len())
        .filter(|index| is_lost(&outcomes[*index]))
        .collect();
    if blamed.is_empty() && after.unreadable.len() > before.unreadable.len() {
        blamed = (0..tasks.len())
            .filter(|index| outcomes[*index].is_ok())
            .collect();
    }
    // Where one task took the id of another's product, the one that gave it is at fault.
    if blamed.iter().any(|index| tasks[*index].gives_identity()) {
        blamed.retain(|index| tasks[*index].gives_identity());
    }
    for index in blamed {
        let id = outcomes[index].as_ref().ok();
        let mut news = after
            .unreadable
            .iter()
            .filter(|found| !before.unreadable.contains(found));
        let of_its_own = after
            .unreadable
            .iter()
            .find(|found| found.remote_id.as_ref() == id);
        let why = of_its_own.or_else(|| news.next());
        let why = why.map_or("it could not be found again", |found| &found.message);
        outcomes[index] = Err(cells::rejected(format!(
            "This was not written, because then: {why}"
        )));
    }
}
