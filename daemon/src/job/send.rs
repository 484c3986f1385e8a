//! Send updates: what is pending is written, batch by batch, with a durable intent before each call and the
//! platform's own answer after it.

mod agenda;
mod orders;
mod products;

use agenda::{Agenda, bit};
use orders::Orders;
pub(super) use orders::release;
use products::Products;

use super::{JobError, Linked, Work, backoff};
use crate::{
    connector::{Answer, Class, ConnectorError, Create, Find, Update},
    store::{Durability, Number, Place, Places, StoreError, Writer},
};
use roaring::RoaringBitmap;
use shared::{
    history::Cause,
    ids::{ItemId, JobId, Kind},
    item::{Equivalence, Item},
    job::{Job, Outcome, Phase, Trigger},
    sync::{acknowledge, merge::Merged},
    time::Time,
};
use std::time::Duration;

/// How often a batch whose writes met a passing failure is tried again.
const TRIES: u32 = 8;
/// What the last so many sends of a connection wrote is kept, so that they can be undone.
const UNDOABLE: usize = 20;

/// Sends everything that is pending: orders first, since what was sold is not to wait behind a catalogue, then quantities,
/// the most urgent first, then the rest. What becomes urgent meanwhile is sent between two batches.
pub async fn send(work: &mut Work) -> Result<(), JobError> {
    let clones_orders = work
        .places
        .borrow()
        .of(&work.id)
        .is_some_and(|place| place.orders.is_some());
    // The guards look before anything is written, orders too.
    let mut agenda = Agenda::plan(work).await?;
    let mut passed = RoaringBitmap::new();
    work.enter(Phase::Send, 0, Some(agenda.len()));
    if clones_orders {
        release(work).await?;
        send_orders(work, &mut passed).await?;
    }
    loop {
        work.checkpoint()?;
        if agenda.is_to_look() {
            let came = agenda.look_again(work).await?;
            work.expect(came);
            if clones_orders {
                send_orders(work, &mut passed).await?;
            }
        }
        let batch = agenda.next(work.connector.0.batch().max(1));
        if batch.is_empty() {
            break;
        }
        let taken = send_batch::<Products>(work, &batch).await?;
        agenda.sent(&batch, &taken);
        work.advance(batch.len() as u64);
    }
    if clones_orders {
        // Those whose products were only created now.
        release(work).await?;
        send_orders(work, &mut passed).await?;
    }
    let (id, number, job, now) = (work.id.clone(), work.number, work.job.clone(), work.clock.now());
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            writer.put_job(&job)?;
            writer.forget_sent(number, UNDOABLE)?;
            writer.update_connection(&id, |state| state.last_send = Some(now))
        })
    })
    .await
}

/// Sends the orders that are pending, but for those that were `passed` in this run already and not taken.
async fn send_orders(work: &mut Work, passed: &mut RoaringBitmap) -> Result<(), JobError> {
    let items = orders::pending(work, passed).await?;
    work.expect(items.len() as u64);
    for batch in items.chunks(work.connector.0.batch().max(1)) {
        work.checkpoint()?;
        let taken = send_batch::<Orders>(work, batch).await?;
        passed.extend(
            batch
                .iter()
                .filter(|item| !taken.contains(item))
                .copied()
                .map(bit),
        );
        work.advance(batch.len() as u64);
    }
    Ok(())
}

/// What is sent: products or orders. Everything else about sending them is the same.
trait Sort: Sized + 'static {
    const KIND: Kind;

    type New: Send + Sync + 'static;
    type Patch: Send + Sync + 'static;
    type Record: Send + 'static;

    fn create(
        connector: &Linked,
        batch: &[Create<Self::New>],
    ) -> impl Future<Output = Vec<Answer<Self::Record>>> + Send;

    fn update(
        connector: &Linked,
        batch: &[Update<Self::Patch>],
    ) -> impl Future<Output = Vec<Answer<Self::Record>>> + Send;

    fn find(
        connector: Linked,
        wanted: Find,
    ) -> impl Future<Output = Result<Vec<Self::Record>, ConnectorError>> + Send;

    /// Decides what to write for one item, and stores the intent.
    fn prepare(
        writer: &mut Writer<'_>,
        prepared: &mut Prepared<Self>,
        item: ItemId,
        sight: &Sight<'_>,
    ) -> Result<(), StoreError>;

    /// Records what a write was answered.
    fn answered(
        settling: &mut Settling<'_>,
        writer: &mut Writer<'_>,
        item: ItemId,
        answer: Answer<Self::Record>,
        wrote: Wrote,
    ) -> Result<(), StoreError>;

    /// Records what was found after an unclear write, if anything was.
    fn found(
        settling: &mut Settling<'_>,
        writer: &mut Writer<'_>,
        item: ItemId,
        find: &Find,
        found: &[Self::Record],
    ) -> Result<Looked, StoreError>;
}

/// What a step found to do for a batch of items.
struct Prepared<S: Sort> {
    creates: Vec<(ItemId, Create<S::New>)>,
    updates: Vec<(ItemId, Update<S::Patch>)>,
    /// Begun before, and nobody knows whether they were done.
    unclear: Vec<(ItemId, Find)>,
}

/// What is decided by: one snapshot of the settings.
struct Sight<'a> {
    places: &'a Places,
    place: &'a Place,
    refused: Refused,
    now: Time,
}

/// Takes answers in, under one snapshot of the settings.
struct Settling<'a> {
    number: Number,
    job: JobId,
    places: &'a Places,
    place: &'a Place,
    outcome: Outcome,
    cause: Cause,
    attempt: Attempt,
}

/// Whether what meets a passing failure is tried again in this run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Early,
    Last,
}

/// What to do about changes that the platform refused before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    Repeat,
    Leave,
}

impl Settling<'_> {
    /// What is known of a counterpart after a write of it met a passing failure.
    fn put_off(&mut self, here: Equivalence, error: &ConnectorError) -> Equivalence {
        match self.attempt {
            Attempt::Early => here,
            Attempt::Last => {
                self.outcome.failed += 1;
                self.outcome.issues += 1;
                acknowledge::put_off(here, &error.message, &self.place.policy, self.cause.at)
            }
        }
    }
}

/// Whether it is known now what became of an unclear write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    Clear,
    /// Several records could be it; a person has to look.
    Ambiguous,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrote {
    Created,
    Updated,
}

/// Writes what is pending of a batch, and answers the items of which the platform took everything.
async fn send_batch<S: Sort>(work: &mut Work, batch: &[ItemId]) -> Result<Vec<ItemId>, JobError> {
    let mut taken = Vec::new();
    for number in 1..=TRIES {
        let refused = skips_refused(work, number);
        let attempt = if number < TRIES {
            Attempt::Early
        } else {
            Attempt::Last
        };
        let Prepared {
            creates,
            updates,
            unclear,
        } = prepare::<S>(work, batch, refused).await?;
        let mut again = Again::new(attempt);
        for (item, find) in unclear {
            match look_for::<S>(work, item, find).await? {
                Looked::Clear => again.add(None),
                Looked::Ambiguous => {}
            }
        }
        let (items, creates): (Vec<ItemId>, Vec<_>) = creates.into_iter().unzip();
        if !creates.is_empty() {
            let answers = S::create(&work.connector, &creates).await;
            taken.extend(settle::<S>(work, items, answers, Wrote::Created, &mut again).await?);
        }
        let (items, updates): (Vec<ItemId>, Vec<_>) = updates.into_iter().unzip();
        if !updates.is_empty() {
            let answers = S::update(&work.connector, &updates).await;
            taken.extend(settle::<S>(work, items, answers, Wrote::Updated, &mut again).await?);
        }
        let Again {
            items: 1..,
            wait,
            attempt: Attempt::Early,
        } = again
        else {
            break;
        };
        work.wait(backoff(number - 1, wait)).await?;
    }
    Ok(taken)
}

/// What of a batch has to be tried again.
#[derive(Clone, Copy)]
struct Again {
    items: u64,
    /// As long as the platform asks for.
    wait: Option<Duration>,
    /// The one that there was.
    attempt: Attempt,
}

impl Again {
    fn new(attempt: Attempt) -> Self {
        Self {
            items: 0,
            wait: None,
            attempt,
        }
    }

    fn add(&mut self, wait: Option<Duration>) {
        self.items += 1;
        self.wait = self.wait.max(wait);
    }
}

/// A schedule does not repeat what was refused; a person who presses the button means it, once.
fn skips_refused(work: &Work, attempt: u32) -> Refused {
    match work.job.trigger {
        Trigger::Schedule => Refused::Leave,
        _ if attempt > 1 => Refused::Leave,
        _ => Refused::Repeat,
    }
}

/// Decides what to write for each item and stores the intents, durably, before any call.
async fn prepare<S: Sort>(work: &Work, batch: &[ItemId], refused: Refused) -> Result<Prepared<S>, JobError> {
    let (id, places, batch) = (work.id.clone(), work.places.clone(), batch.to_vec());
    let now = work.clock.now();
    work.step(move |store| {
        store.write(Durability::Now, |writer| {
            let places = places.borrow().clone();
            let mut prepared = Prepared {
                creates: Vec::new(),
                updates: Vec::new(),
                unclear: Vec::new(),
            };
            let Some(place) = places.of(&id) else {
                return Ok(prepared);
            };
            let sight = Sight {
                places: &places,
                place,
                refused,
                now,
            };
            for item in batch {
                S::prepare(writer, &mut prepared, item, &sight)?;
            }
            Ok::<_, StoreError>(prepared)
        })
    })
    .await
}

/// Stores what was answered, before any error is raised. Answers the items whose writes were taken, and adds those that
/// have to be tried again.
async fn settle<S: Sort>(
    work: &mut Work,
    items: Vec<ItemId>,
    answers: Vec<Answer<S::Record>>,
    wrote: Wrote,
    again: &mut Again,
) -> Result<Vec<ItemId>, JobError> {
    if answers.len() != items.len() {
        let message = format!(
            "The platform answered {} of {} writes; the rest is looked for.",
            answers.len(),
            items.len()
        );
        return Err(ConnectorError::new(Class::Protocol, message).into());
    }
    let (mut fatal, mut taken) = (None, Vec::new());
    for (item, answer) in items.iter().zip(&answers) {
        match answer {
            Answer::Shown(_) => taken.push(*item),
            Answer::Refused(error) if error.class == Class::Auth => fatal = Some(error.clone()),
            Answer::Refused(error) if error.class.is_passing() => again.add(error.retry_after),
            // Why is in the issue: a platform's words may hold what a buyer wrote.
            Answer::Partly(_, error) | Answer::Refused(error) => tracing::warn!(
                connection = %work.id,
                job = %work.job.id,
                item = %item,
                class = ?error.class,
                "The platform refused a write"
            ),
            Answer::Unclear(error) => again.add(error.retry_after),
        }
    }
    let touched = items.clone();
    settling(work, Durability::Soon, again.attempt, move |settling, writer| {
        items
            .into_iter()
            .zip(answers)
            .try_for_each(|(item, answer)| S::answered(settling, writer, item, answer, wrote))
    })
    .await?;
    work.touched(S::KIND, &touched);
    work.tell();
    match fatal {
        Some(error) => Err(error.into()),
        None => Ok(taken),
    }
}

/// Looks for what an unclear write may have done, and adopts it; else takes the intent back, to be sent again.
async fn look_for<S: Sort>(work: &mut Work, item: ItemId, find: Find) -> Result<Looked, JobError> {
    let wanted = find.clone();
    let found = work
        .persist(|connector| S::find(connector, wanted.clone()))
        .await?;
    let looked = settling(work, Durability::Now, Attempt::Early, move |settling, writer| {
        S::found(settling, writer, item, &find, &found)
    })
    .await?;
    work.touched(S::KIND, &[item]);
    // Without its settings the connection is about to end, and nothing is tried again.
    Ok(looked.unwrap_or(Looked::Ambiguous))
}

/// One transaction of what a platform answered, together with what the job did so far. `None`: the connection is no
/// longer configured.
async fn settling<T: Send + 'static>(
    work: &mut Work,
    durability: Durability,
    attempt: Attempt,
    take: impl FnOnce(&mut Settling<'_>, &mut Writer<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<Option<T>, JobError> {
    let (id, number, places, job) = (
        work.id.clone(),
        work.number,
        work.places.clone(),
        work.job.clone(),
    );
    let cause = work.cause();
    let (taken, outcome) = work
        .step(move |store| {
            store.write(durability, |writer| {
                let places = places.borrow().clone();
                let Some(place) = places.of(&id) else {
                    return Ok((None, job.outcome));
                };
                let mut settling = Settling {
                    number,
                    job: job.id,
                    places: &places,
                    place,
                    outcome: job.outcome,
                    cause,
                    attempt,
                };
                let taken = take(&mut settling, writer)?;
                let outcome = settling.outcome;
                writer.put_job(&Job { outcome, ..job })?;
                Ok::<_, StoreError>((Some(taken), outcome))
            })
        })
        .await?;
    work.job.outcome = outcome;
    Ok(taken)
}

fn unchanged(item: &Item, equivalence: Equivalence) -> Merged {
    Merged {
        item: item.clone(),
        equivalence,
        item_changed: false,
    }
}
