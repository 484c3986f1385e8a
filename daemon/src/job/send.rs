//! Send updates: what is pending is written, batch by batch, with a durable intent before each call and the
//! platform's own answer after it.

mod orders;

use super::{JobError, Work, backoff, token};
use crate::{
    connector::{Answer, Class, ConnectorError, Create, Find, Update},
    store::{Durability, Number, Place, Places, Store, StoreError, Writer, digest},
};
use shared::{
    history::Cause,
    ids::{ConnectionId, ItemId, RemoteId},
    issue::Code,
    item::{Equivalence, Item, Presence},
    job::{Job, Outcome, Phase, Trigger},
    mark::Mark,
    product::Record,
    sync::{
        acknowledge,
        guard::Damage,
        matching::{Pairing, pair},
        merge::{self, Merged},
        pending::{Standing, pending},
        read,
        terms::Around,
        vanish, write,
    },
    time::Time,
};

/// How often a batch whose writes met a passing failure is tried again.
const TRIES: u32 = 8;
/// Items whose changes are counted at a time before the first write.
const LOOK: usize = 1000;

/// Orders go first, since what was sold is not to wait behind a catalogue; those whose products were only created now
/// come after it.
pub async fn send(work: &mut Work) -> Result<(), JobError> {
    let clones_orders = work
        .places
        .borrow()
        .of(&work.id)
        .is_some_and(|place| place.orders.is_some());
    if clones_orders {
        orders::send(work).await?;
    }
    products(work).await?;
    if clones_orders {
        orders::send(work).await?;
    }
    let (id, job, now) = (work.id.clone(), work.job.clone(), work.clock.now());
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            writer.put_job(&job)?;
            writer.update_connection(&id, |state| state.last_send = Some(now))
        })
    })
    .await
}

async fn products(work: &mut Work) -> Result<(), JobError> {
    let items = plan(work).await?;
    work.enter(Phase::Send, 0, Some(items.len() as u64));
    let size = work.connector.0.batch().max(1);
    for batch in items.chunks(size) {
        work.checkpoint()?;
        send_batch(work, batch).await?;
        work.advance(batch.len() as u64);
    }
    Ok(())
}

/// The items to send, unless a guard halts the run before its first write.
async fn plan(work: &mut Work) -> Result<Vec<ItemId>, JobError> {
    let (id, number) = (work.id.clone(), work.number);
    let (items, live) = work
        .step(move |store| {
            let reader = store.read()?;
            let mut creates = reader.members(&format!("pending:creates@{id}"))?;
            // What may be there already, under a record that matches more than one product, is not created beside it.
            for (_, unmatched) in reader.unmatched(number)? {
                for candidate in unmatched.candidates {
                    creates.remove(u32::try_from(candidate.0).unwrap_or(u32::MAX));
                }
            }
            let updates = reader.members(&format!("pending:updates@{id}"))?;
            let items: Vec<ItemId> = (updates | creates)
                .iter()
                .map(|item| ItemId(item.into()))
                .collect();
            Ok((items, reader.count(&format!("on:{id}"))?))
        })
        .await?;
    if work.confirmed == vanish::Confirmed::Yes {
        return Ok(items);
    }
    let mut damage = Damage::default();
    for look in items.chunks(LOOK) {
        let (places, id, number, look, now) = (
            work.places.borrow().clone(),
            work.id.clone(),
            work.number,
            look.to_vec(),
            work.clock.now(),
        );
        damage = work
            .step(move |store| assess(store, damage, &look, &places, (&id, number), now))
            .await?;
        work.checkpoint()?;
    }
    let places = work.places.borrow().clone();
    let verdict = places
        .of(&work.id)
        .and_then(|place| damage.verdict(live, &place.policy.guards));
    match verdict {
        Some(why) => Err(JobError::Halted(why)),
        None => Ok(items),
    }
}

fn assess(
    store: &Store,
    damage: Damage,
    items: &[ItemId],
    places: &Places,
    (id, number): (&ConnectionId, Number),
    now: Time,
) -> Result<Damage, StoreError> {
    let mut damage = damage;
    let Some(place) = places.of(id) else {
        return Ok(damage);
    };
    let reader = store.read()?;
    for item in items {
        let Some(item) = reader.product(*item)? else {
            continue;
        };
        let equivalences = reader.equivalences(item.id)?;
        let here = equivalences
            .iter()
            .find(|(at, _)| *at == number)
            .map(|(_, here)| here);
        if here.is_some_and(Equivalence::is_live) {
            let around = Around {
                counterparts: &places.counterparts(&equivalences),
                limits: places.limits,
            };
            let pending = pending(
                &item,
                here,
                Standing::Live,
                &around,
                &place.policy,
                place.fields,
                now,
            );
            damage.count(&pending.changes, &place.policy.guards);
        }
    }
    Ok(damage)
}

/// What a step found to do for a batch of items.
#[derive(Default)]
struct Prepared {
    creates: Vec<(ItemId, Create)>,
    updates: Vec<(ItemId, Update)>,
    /// Begun before, and nobody knows whether they were done.
    unclear: Vec<(ItemId, Find)>,
}

/// What to do about changes that the platform refused before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    Repeat,
    Leave,
}

/// Whether it is known now what became of an unclear write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    Clear,
    /// Several records could be it; a person has to look.
    Ambiguous,
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
        let (items, creates): (Vec<ItemId>, Vec<Create>) = prepared.creates.into_iter().unzip();
        if !creates.is_empty() {
            let answers = work.connector.0.create(&creates).await;
            wait = wait.or(settle(work, items, answers, Wrote::Created).await?);
        }
        let (items, updates): (Vec<ItemId>, Vec<Update>) = prepared.updates.into_iter().unzip();
        if !updates.is_empty() {
            let answers = work.connector.0.update(&updates).await;
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

/// A schedule does not repeat what was refused; a person who presses the button means it, once.
fn skips_refused(work: &Work, attempt: u32) -> Refused {
    match work.job.trigger {
        Trigger::Schedule => Refused::Leave,
        _ if attempt > 0 => Refused::Leave,
        _ => Refused::Repeat,
    }
}

/// Decides what to write for each item and stores the intents, durably, before any call.
async fn prepare(work: &Work, batch: &[ItemId], refused: Refused) -> Result<Prepared, JobError> {
    let (id, places, batch) = (work.id.clone(), work.places.clone(), batch.to_vec());
    let now = work.clock.now();
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            let places = places.borrow().clone();
            let mut prepared = Prepared::default();
            let Some(place) = places.of(&id) else {
                return Ok(prepared);
            };
            for item in batch {
                prepare_item(writer, &mut prepared, item, &places, place, refused, now)?;
            }
            Ok::<_, StoreError>(prepared)
        })
    })
    .await
}

fn prepare_item(
    writer: &mut Writer<'_>,
    prepared: &mut Prepared,
    id: ItemId,
    places: &Places,
    place: &Place,
    refused: Refused,
    now: Time,
) -> Result<(), StoreError> {
    let Some(item) = writer.product(id)? else {
        return Ok(());
    };
    let number = place.number;
    let equivalences = writer.equivalences(id)?;
    let live = equivalences.iter().any(|(_, equivalence)| equivalence.is_live());
    let standing = if live { Standing::Live } else { Standing::Gone };
    let around = Around {
        counterparts: &places.counterparts(&equivalences),
        limits: places.limits,
    };
    let here = equivalences
        .iter()
        .find(|(at, _)| *at == number)
        .map(|(_, here)| here);
    if let Some(sending) = here.and_then(|here| here.sending.as_ref()) {
        let remote_id = here.and_then(|here| here.remote_id().cloned());
        let find = Find {
            token: Some(sending.token.clone()),
            remote_id,
            skus: skus(&item),
        };
        prepared.unclear.push((id, find));
        return Ok(());
    }
    let pending = pending(&item, here, standing, &around, &place.policy, place.fields, now);
    let here = here.cloned().unwrap_or_default();
    if pending.changes.is_empty() || refused == Refused::Leave && acknowledge::was_refused(&here, &pending) {
        return Ok(());
    }
    let token = token::new(number, id, now);
    match pending.mark {
        Some(Mark::Create) => {
            let product = write::product(&pending.wanted, &here, &place.policy);
            prepared.creates.push((
                id,
                Create {
                    token: token.clone(),
                    record: product,
                },
            ));
        }
        Some(Mark::Update) => {
            let Presence::Live { remote_id, .. } = &here.presence else {
                return Ok(());
            };
            let patch = write::patch(&pending.changes, &pending.wanted, &here, &place.policy);
            prepared.updates.push((
                id,
                Update {
                    token: token.clone(),
                    remote_id: remote_id.clone(),
                    patch,
                },
            ));
        }
        _ => return Ok(()),
    }
    writer.put_equivalence(id, number, &acknowledge::intend(here, &pending, token, now))
}

fn skus(item: &Item) -> Vec<String> {
    use shared::content::{Field, Path};
    let sku = |key| {
        item.content
            .text(&Path::variant_field(key, Field::Sku))
            .to_owned()
    };
    let real = |sku: &String| shared::sync::matching::sku_key(sku).is_some();
    item.content.variants().map(sku).filter(real).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrote {
    Created,
    Updated,
}

/// What of the answers ends the job, and how long to wait where something has to be tried again.
type Wait = (Option<ConnectorError>, Option<Option<std::time::Duration>>);

fn wait_after<R>(answers: &[Answer<R>], asked: usize) -> Result<Wait, JobError> {
    if answers.len() != asked {
        let message = format!(
            "The platform answered {} of {} writes; the rest is looked for.",
            answers.len(),
            asked
        );
        return Err(ConnectorError::new(Class::Protocol, message).into());
    }
    let fatal = answers.iter().find_map(|answer| match answer {
        Answer::Refused(error) if error.class == Class::Auth => Some(error.clone()),
        _ => None,
    });
    let passing = answers.iter().find_map(|answer| match answer {
        Answer::Refused(error) if error.class.is_passing() => Some(error.retry_after),
        Answer::Unclear(error) => Some(error.retry_after),
        Answer::Shown(_) | Answer::Refused(_) => None,
    });
    Ok((fatal, passing))
}

/// Stores what was answered, before any error is raised. Says how long to wait when something has to be tried
/// again.
async fn settle(
    work: &mut Work,
    items: Vec<ItemId>,
    answers: Vec<Answer>,
    wrote: Wrote,
) -> Result<Option<Option<std::time::Duration>>, JobError> {
    let (fatal, passing) = wait_after(&answers, items.len())?;
    let (id, number, places, job) = (
        work.id.clone(),
        work.number,
        work.places.clone(),
        work.job.clone(),
    );
    let (touched, cause) = (items.clone(), work.cause());
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
        answer: Answer,
        wrote: Wrote,
        place: &Place,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let mut equivalences = writer.equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == self.number) else {
            return Ok(());
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let now = self.cause.at;
        let mut after = item.clone();
        equivalences[at].1 = match answer {
            Answer::Shown(record) => {
                match wrote {
                    Wrote::Created => self.outcome.created += 1,
                    Wrote::Updated => self.outcome.updated += 1,
                }
                let (equivalence, next_key) =
                    acknowledge::acknowledge(&item, here, &record, &place.policy, place.stock, now);
                after.next_key = next_key;
                note_remote(writer, self.number, &item, &equivalence, &record, place)?;
                equivalence
            }
            Answer::Refused(error) if error.class.is_passing() || error.class == Class::Auth => {
                acknowledge::withdraw(here)
            }
            Answer::Refused(error) => {
                self.outcome.failed += 1;
                self.outcome.issues += 1;
                let code = if error.class == Class::Missing {
                    Code::Missing
                } else {
                    Code::Refused
                };
                acknowledge::refuse(here, code, &error.message, &place.policy, now)
            }
            Answer::Unclear(_) => here,
        };
        writer.put_whole(
            Some(&item),
            &after,
            &equivalences,
            &[self.number],
            self.places,
            &self.cause,
        )
    }

    /// Records what was found after an unclear write, if anything was.
    fn found(
        &mut self,
        writer: &mut Writer<'_>,
        id: ItemId,
        find: &Find,
        found: &[Record],
        place: &Place,
    ) -> Result<Looked, StoreError> {
        let mut looked = Looked::Clear;
        let Some(item) = writer.product(id)? else {
            return Ok(looked);
        };
        let mut equivalences = writer.equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == self.number) else {
            return Ok(looked);
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let now = self.cause.at;
        let by_token = found
            .iter()
            .find(|record| record.token.is_some() && record.token == find.token);
        let merged = match (&find.remote_id, by_token) {
            (Some(remote_id), _) => match found.iter().find(|record| record.remote_id == *remote_id) {
                Some(record) => merge::take_in(
                    item.clone(),
                    here,
                    record,
                    &place.policy,
                    place.fields,
                    place.stock,
                    now,
                ),
                None => unchanged(&item, acknowledge::withdraw(here)),
            },
            (None, Some(record)) => {
                self.outcome.created += 1;
                let (equivalence, next_key) =
                    acknowledge::acknowledge(&item, here, record, &place.policy, place.stock, now);
                note_remote(writer, self.number, &item, &equivalence, record, place)?;
                Merged {
                    item: Item {
                        next_key,
                        ..item.clone()
                    },
                    equivalence,
                    item_changed: false,
                }
            }
            (None, None) => match strangers(writer, found, self.number)?[..] {
                [record] => {
                    let merged = merge::join(
                        item.clone(),
                        acknowledge::withdraw(here),
                        record,
                        &place.policy,
                        place.fields,
                        now,
                    );
                    note_remote(writer, self.number, &item, &merged.equivalence, record, place)?;
                    merged
                }
                [] => unchanged(&item, acknowledge::withdraw(here)),
                [_, _, ..] => {
                    looked = Looked::Ambiguous;
                    self.outcome.issues += 1;
                    unchanged(&item, acknowledge::unclear(here, found.len(), &place.policy, now))
                }
            },
        };
        equivalences[at].1 = merged.equivalence;
        writer.put_whole(
            Some(&item),
            &merged.item,
            &equivalences,
            &[self.number],
            self.places,
            &self.cause,
        )?;
        Ok(looked)
    }
}

/// Remembers the record under its remote id. Where it shows more than what was acknowledged, somebody else changed
/// it meanwhile: then it keeps no digest, so that the next fetch takes that in.
fn note_remote(
    writer: &mut Writer<'_>,
    number: Number,
    item: &Item,
    equivalence: &Equivalence,
    record: &Record,
    place: &Place,
) -> Result<(), StoreError> {
    let pairing: Pairing = pair(
        &record.product,
        &item.content,
        &equivalence.children,
        item.next_key,
        &place.policy,
    );
    let all_acknowledged = read::read(&record.product, &pairing, &place.policy) == equivalence.acknowledged;
    let digest = if all_acknowledged {
        digest(record, &mut Vec::new())?
    } else {
        0
    };
    writer.put_remote(number, &record.remote_id, item.id, digest)
}

/// Looks for what an unclear write may have done, and adopts it; else takes the intent back, to be sent again.
async fn look_for(work: &mut Work, item: ItemId, find: Find) -> Result<Looked, JobError> {
    let wanted = find.clone();
    let found = work
        .persist(|connector| {
            let wanted = wanted.clone();
            async move { connector.0.find(&wanted).await }
        })
        .await?;
    let (id, number, places, job) = (
        work.id.clone(),
        work.number,
        work.places.clone(),
        work.job.clone(),
    );
    let cause = work.cause();
    let (looked, outcome) = work
        .step(move |store| {
            store.write(Durability::Now, |writer| {
                let places = places.borrow().clone();
                let mut settling = Settling {
                    number,
                    places: &places,
                    outcome: job.outcome,
                    cause,
                };
                let looked = match places.of(&id) {
                    Some(place) => settling.found(writer, item, &find, &found, place)?,
                    None => Looked::Ambiguous,
                };
                let outcome = settling.outcome;
                writer.put_job(&Job { outcome, ..job })?;
                Ok::<_, StoreError>((looked, outcome))
            })
        })
        .await?;
    work.job.outcome = outcome;
    work.touched(&[item]);
    Ok(looked)
}

fn unchanged(item: &Item, equivalence: Equivalence) -> Merged {
    Merged {
        item: item.clone(),
        equivalence,
        item_changed: false,
    }
}

/// The records with our SKU that belong to nobody yet, where the platform keeps no tokens.
fn strangers<'a>(
    writer: &Writer<'_>,
    found: &'a [Record],
    number: Number,
) -> Result<Vec<&'a Record>, StoreError> {
    let free = |id: &RemoteId| writer.remote(number, id).map(|known| known.is_none());
    let mut strangers = Vec::new();
    for record in found {
        if free(&record.remote_id)? {
            strangers.push(record);
        }
    }
    Ok(strangers)
}
