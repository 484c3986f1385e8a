//! Sending sales orders: created where they are cloned, and told what became of them.

use super::{Looked, Refused, TRIES, Wrote, skips_refused, wait_after};
use crate::{
    connector::{Answer, Class, Create, Find, Update},
    job::{
        JobError, Work, backoff,
        fetch::{book_out, resolve_line},
        token,
    },
    store::{Durability, Number, Place, Places, StoreError, Writer, of_orders},
};
use shared::{
    history::Cause,
    ids::ItemId,
    issue::Code,
    item::{Equivalence, Item, Presence},
    job::{Job, Outcome, Phase},
    mark::Mark,
    order::{Line, Order, Patch, Record},
    sync::{
        acknowledge,
        merge::Merged,
        order::{self, matching, write},
    },
    time::Time,
};
use std::cell::RefCell;

/// Writes what is pending of orders. Those that were held may be free now, as their products have come there.
pub(super) async fn send(work: &mut Work) -> Result<(), JobError> {
    release(work).await?;
    let id = work.id.clone();
    let items: Vec<ItemId> = work
        .step(move |store| {
            let reader = store.read()?;
            let creates = reader.members(&of_orders(&format!("pending:creates@{id}")))?;
            let updates = reader.members(&of_orders(&format!("pending:updates@{id}")))?;
            Ok((creates | updates)
                .iter()
                .map(|item| ItemId(item.into()))
                .collect())
        })
        .await?;
    if items.is_empty() {
        return Ok(());
    }
    work.enter(Phase::Send, 0, Some(items.len() as u64));
    let size = work.connector.0.batch().max(1);
    for batch in items.chunks(size) {
        work.checkpoint()?;
        send_batch(work, batch).await?;
        work.advance(batch.len() as u64);
    }
    Ok(())
}

/// Looks again at the orders that are held here: a line may have found its product since, and a product its counterpart.
async fn release(work: &Work) -> Result<(), JobError> {
    let (id, places, cause) = (work.id.clone(), work.places.borrow().clone(), work.cause());
    work.step(move |store| {
        let held = store.read()?.members(&of_orders(&format!("pending:held@{id}")))?;
        if held.is_empty() {
            return Ok(());
        }
        store.write(Durability::Soon, |writer| {
            for order in held {
                let id = ItemId(order.into());
                let Some(before) = writer.order(id)? else { continue };
                let after = resolve_lines(writer, &before, &places)?.unwrap_or_else(|| before.clone());
                let equivalences = writer.order_equivalences(id)?;
                writer.put_order(Some(&before), &after, &equivalences, &[], &places, &cause)?;
            }
            Ok(())
        })
    })
    .await
}

/// The order with those lines mapped that have a product in the hub by now, if any.
fn resolve_lines(writer: &Writer<'_>, order: &Item, places: &Places) -> Result<Option<Item>, StoreError> {
    let Some(origin) = places.origin(order) else {
        return Ok(None);
    };
    let failed = RefCell::new(None);
    let resolve = |line: &Line| {
        resolve_line(writer, origin.number, line).unwrap_or_else(|error| {
            failed.replace(Some(error));
            None
        })
    };
    let resolved = matching::resolve_lines(order, &resolve);
    match failed.into_inner() {
        Some(error) => Err(error),
        None => Ok(resolved),
    }
}

/// What a step found to do for a batch of orders.
#[derive(Default)]
struct Prepared {
    creates: Vec<(ItemId, Create<Order>)>,
    updates: Vec<(ItemId, Update<Patch>)>,
    /// Begun before, and nobody knows whether they were done.
    unclear: Vec<(ItemId, Find)>,
}

async fn send_batch(work: &mut Work, batch: &[ItemId]) -> Result<(), JobError> {
    for attempt in 0..TRIES {
        let refused = skips_refused(work, attempt);
        let prepared = prepare(work, batch, refused).await?;
        let mut wait = None;
        for (item, find) in prepared.unclear {
            if look_for(work, item, find).await? == Looked::Clear {
                wait = Some(None);
            }
        }
        let (items, creates): (Vec<ItemId>, Vec<_>) = prepared.creates.into_iter().unzip();
        if !creates.is_empty() {
            let answers = work.connector.0.create_orders(&creates).await;
            wait = wait.or(settle(work, items, answers, Wrote::Created).await?);
        }
        let (items, updates): (Vec<ItemId>, Vec<_>) = prepared.updates.into_iter().unzip();
        if !updates.is_empty() {
            let answers = work.connector.0.update_orders(&updates).await;
            wait = wait.or(settle(work, items, answers, Wrote::Updated).await?);
        }
        let Some(retry_after) = wait else { return Ok(()) };
        if attempt + 1 < TRIES {
            work.wait(backoff(attempt, retry_after)).await?;
        }
    }
    work.job.outcome.failed += 1;
    Ok(())
}

/// Decides what to write for each order and stores the intents, durably, before any call.
async fn prepare(work: &Work, batch: &[ItemId], refused: Refused) -> Result<Prepared, JobError> {
    let (id, number, places, batch) = (work.id.clone(), work.number, work.places.clone(), batch.to_vec());
    let now = work.clock.now();
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            let places = places.borrow().clone();
            let mut prepared = Prepared::default();
            let Some(place) = places.of(&id) else {
                return Ok(prepared);
            };
            for item in batch {
                prepare_order(writer, &mut prepared, item, number, place, refused, now)?;
            }
            Ok::<_, StoreError>(prepared)
        })
    })
    .await
}

fn prepare_order(
    writer: &mut Writer<'_>,
    prepared: &mut Prepared,
    id: ItemId,
    number: Number,
    place: &Place,
    refused: Refused,
    now: Time,
) -> Result<(), StoreError> {
    let Some(item) = writer.order(id)? else {
        return Ok(());
    };
    let equivalences = writer.order_equivalences(id)?;
    let here = equivalences
        .iter()
        .find(|(at, _)| *at == number)
        .map(|(_, here)| here.clone())
        .unwrap_or_default();
    if let Some(sending) = &here.sending {
        let find = Find {
            token: Some(sending.token.clone()),
            remote_id: here.remote_id().cloned(),
            skus: Vec::new(),
        };
        prepared.unclear.push((id, find));
        return Ok(());
    }
    let pending = writer.pending_order(&item, &equivalences, place, now)?;
    if pending.changes.is_empty() || refused == Refused::Leave && acknowledge::was_refused(&here, &pending) {
        return Ok(());
    }
    let token = token::new(number, id, now);
    match (pending.mark, &here.presence) {
        (Some(Mark::Create), _) => {
            let counterparts = writer.counterparts(&item, number)?;
            let Some(record) = write::order(&pending.wanted, &|product, variant| {
                counterparts.get(&(product, variant)).cloned()
            }) else {
                return Ok(());
            };
            let create = Create {
                token: token.clone(),
                record,
            };
            prepared.creates.push((id, create));
        }
        (Some(Mark::Update), Presence::Live { remote_id, .. }) => {
            let patch = write::patch(&pending.changes, &pending.wanted, &here);
            let update = Update {
                token: token.clone(),
                remote_id: remote_id.clone(),
                patch,
            };
            prepared.updates.push((id, update));
        }
        _ => return Ok(()),
    }
    writer.put_order_equivalence(id, number, &acknowledge::intend(here, &pending, token, now))
}

/// Stores what was answered, before any error is raised. Says how long to wait when something has to be tried
/// again.
async fn settle(
    work: &mut Work,
    items: Vec<ItemId>,
    answers: Vec<Answer<Record>>,
    wrote: Wrote,
) -> Result<Option<Option<std::time::Duration>>, JobError> {
    let (fatal, passing) = wait_after(&answers, items.len())?;
    let (id, number, places, job) = (
        work.id.clone(),
        work.number,
        work.places.clone(),
        work.job.clone(),
    );
    let touched = items.clone();
    let cause = work.cause();
    let outcome = work
        .step(move |store| {
            store.write(Durability::Soon, |writer| {
                let places = places.borrow().clone();
                let mut settling = Settling {
                    number,
                    places: &places,
                    outcome: job.outcome,
                    cause,
                };
                if let Some(place) = places.of(&id) {
                    for (item, answer) in items.into_iter().zip(answers) {
                        settling.answered(writer, item, answer, wrote, place)?;
                    }
                }
                let outcome = settling.outcome;
                writer.put_job(&Job { outcome, ..job })?;
                Ok::<_, StoreError>(outcome)
            })
        })
        .await?;
    work.job.outcome = outcome;
    work.touched(&touched);
    work.tell();
    match fatal {
        Some(error) => Err(error.into()),
        None => Ok(passing),
    }
}

/// Takes answers in, under one snapshot of the settings.
struct Settling<'a> {
    number: Number,
    places: &'a Places,
    outcome: Outcome,
    cause: Cause,
}

impl Settling<'_> {
    /// Records what a write was answered.
    fn answered(
        &mut self,
        writer: &mut Writer<'_>,
        id: ItemId,
        answer: Answer<Record>,
        wrote: Wrote,
        place: &Place,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.order(id)? else {
            return Ok(());
        };
        let mut equivalences = writer.order_equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == self.number) else {
            return Ok(());
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let merged = match answer {
            Answer::Shown(record) => {
                match wrote {
                    Wrote::Created => self.outcome.created += 1,
                    Wrote::Updated => self.outcome.updated += 1,
                }
                self.acknowledged(writer, &item, here, &record, place)?
            }
            Answer::Refused(error) if error.class.is_passing() || error.class == Class::Auth => {
                unchanged(&item, acknowledge::withdraw(here))
            }
            Answer::Refused(error) => {
                self.outcome.failed += 1;
                self.outcome.issues += 1;
                let code = if error.class == Class::Missing {
                    Code::Missing
                } else {
                    Code::Refused
                };
                let refused = acknowledge::refuse(here, code, &error.message, &place.policy, self.cause.at);
                unchanged(&item, refused)
            }
            Answer::Unclear(_) => unchanged(&item, here),
        };
        self.put(writer, &item, merged, equivalences, at)
    }

    /// Takes in the record that a write made, or that was found to have been made by it.
    fn acknowledged(
        &self,
        writer: &mut Writer<'_>,
        item: &Item,
        here: Equivalence,
        record: &Record,
        place: &Place,
    ) -> Result<Merged, StoreError> {
        let created = !here.is_live();
        let lines = record.order.lines.iter();
        let lines: Vec<_> = lines
            .map(|line| Ok((line.clone(), resolve_line(writer, self.number, line)?)))
            .collect::<Result<_, StoreError>>()?;
        let resolve = |line: &Line| lines.iter().find(|(known, _)| known == line)?.1;
        let (equivalence, next_key) =
            order::acknowledge::acknowledge(item, here, record, &resolve, &place.policy, self.cause.at);
        if created {
            book_out(writer, item, &equivalence, self.number, self.places, &self.cause)?;
        }
        // Without a digest: what somebody else changed there meanwhile is taken in by the next fetch.
        writer.put_order_remote(self.number, &record.remote_id, item.id, 0)?;
        Ok(Merged {
            item: Item {
                next_key,
                ..item.clone()
            },
            equivalence,
            item_changed: false,
        })
    }

    /// Records what was found after an unclear write, if anything was.
    fn found(
        &mut self,
        writer: &mut Writer<'_>,
        id: ItemId,
        find: &Find,
        found: &[Record],
        place: &Place,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.order(id)? else {
            return Ok(());
        };
        let mut equivalences = writer.order_equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == self.number) else {
            return Ok(());
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let record = match &find.remote_id {
            Some(remote_id) => found.iter().find(|record| record.remote_id == *remote_id),
            None => found
                .iter()
                .find(|record| record.token.is_some() && record.token == find.token),
        };
        let merged = match (record, &place.orders) {
            (Some(record), Some(_)) if find.remote_id.is_none() => {
                self.outcome.created += 1;
                self.acknowledged(writer, &item, here, record, place)?
            }
            (Some(record), Some(ability)) => order::merge::take_in(
                item.clone(),
                here,
                record,
                &|_| None,
                &place.policy,
                ability,
                self.cause.at,
            ),
            _ => unchanged(&item, acknowledge::withdraw(here)),
        };
        self.put(writer, &item, merged, equivalences, at)
    }

    fn put(
        &self,
        writer: &mut Writer<'_>,
        before: &Item,
        merged: Merged,
        mut equivalences: Vec<(Number, Equivalence)>,
        at: usize,
    ) -> Result<(), StoreError> {
        let Merged {
            item,
            equivalence,
            item_changed: _,
        } = merged;
        equivalences[at].1 = equivalence;
        writer.put_order(
            Some(before),
            &item,
            &equivalences,
            &[self.number],
            self.places,
            &self.cause,
        )
    }
}

/// Looks for what an unclear write may have done, and adopts it; else takes the intent back, to be sent again.
async fn look_for(work: &mut Work, item: ItemId, find: Find) -> Result<Looked, JobError> {
    let wanted = find.clone();
    let found = work
        .persist(|connector| {
            let wanted = wanted.clone();
            async move { connector.0.find_orders(&wanted).await }
        })
        .await?;
    let (id, number, places, job) = (
        work.id.clone(),
        work.number,
        work.places.clone(),
        work.job.clone(),
    );
    let cause = work.cause();
    let outcome = work
        .step(move |store| {
            store.write(Durability::Now, |writer| {
                let places = places.borrow().clone();
                let mut settling = Settling {
                    number,
                    places: &places,
                    outcome: job.outcome,
                    cause,
                };
                if let Some(place) = places.of(&id) {
                    settling.found(writer, item, &find, &found, place)?;
                }
                let outcome = settling.outcome;
                writer.put_job(&Job { outcome, ..job })?;
                Ok::<_, StoreError>(outcome)
            })
        })
        .await?;
    work.job.outcome = outcome;
    work.touched(&[item]);
    Ok(Looked::Clear)
}

fn unchanged(item: &Item, equivalence: Equivalence) -> Merged {
    Merged {
        item: item.clone(),
        equivalence,
        item_changed: false,
    }
}
