//! Sending sales orders: created where they are cloned, and told what became of them.

use super::{Looked, Prepared, Refused, Settling, Sight, Sort, Wrote, unchanged};
use crate::{
    connector::{Answer, Class, ConnectorError, Create, Find, Update},
    job::{
        JobError, Linked, Work,
        fetch::{book_out, is_like, resolve_line},
        token,
    },
    store::{Durability, Number, Places, StoreError, Writer, of_orders},
};
use roaring::RoaringBitmap;
use shared::{
    ids::{ItemId, Kind},
    issue::Code,
    item::{Equivalence, Item, Presence, Sending},
    mark::Mark,
    order::{Line, Order, Patch, Record},
    sync::{
        acknowledge,
        merge::Merged,
        order::{self, matching, write},
        review::ready,
    },
};
use std::cell::RefCell;

/// Held orders that one transaction looks at.
const LOOKED_AT: usize = 500;

pub(super) struct Orders;

impl Sort for Orders {
    const KIND: Kind = Kind::Orders;

    type New = Order;
    type Patch = Patch;
    type Record = Record;

    async fn create(connector: &Linked, batch: &[Create<Order>]) -> Vec<Answer<Record>> {
        connector.0.create_orders(batch).await
    }

    async fn update(connector: &Linked, batch: &[Update<Patch>]) -> Vec<Answer<Record>> {
        connector.0.update_orders(batch).await
    }

    async fn find(connector: Linked, wanted: Find) -> Result<Vec<Record>, ConnectorError> {
        connector.0.find_orders(&wanted).await
    }

    fn prepare(
        writer: &mut Writer<'_>,
        prepared: &mut Prepared<Self>,
        id: ItemId,
        sight: &Sight<'_>,
    ) -> Result<(), StoreError> {
        let &Sight {
            places: _,
            place,
            refused,
            now,
        } = sight;
        let number = place.number;
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
                since: writer
                    .connection(&place.policy.connection)?
                    .reading(Kind::Orders)
                    .clock,
            };
            prepared.unclear.push((id, find));
            return Ok(());
        }
        let pending = writer.pending_order(&item, &equivalences, place, now)?;
        let pending = ready(pending, &item, Some(&here), place.policy.send).pending;
        if pending.changes.is_empty()
            || refused == Refused::Leave && acknowledge::was_refused(&here, &pending)
        {
            return Ok(());
        }
        let token = token::new(number, id, now, writer.next_write()?);
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
        writer.intend_order(id, place, &acknowledge::intend(here, &pending, token, now))
    }

    fn answered(
        settling: &mut Settling<'_>,
        writer: &mut Writer<'_>,
        id: ItemId,
        answer: Answer<Record>,
        wrote: Wrote,
    ) -> Result<(), StoreError> {
        let place = settling.place;
        let Some(item) = writer.order(id)? else {
            return Ok(());
        };
        let mut equivalences = writer.order_equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == settling.number) else {
            return Ok(());
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let merged = match answer {
            Answer::Shown(record) => {
                match wrote {
                    Wrote::Created => settling.outcome.created += 1,
                    Wrote::Updated => settling.outcome.updated += 1,
                }
                acknowledged(settling, writer, &item, here, &record)?
            }
            // What was done comes with the next fetch: nothing of an order is a difference that could count twice.
            Answer::Partly(_, error) => {
                settling.outcome.failed += 1;
                settling.outcome.issues += 1;
                let policy = &place.policy;
                let refused =
                    acknowledge::refuse(here, Code::Refused, &error.message, policy, settling.cause.at);
                unchanged(&item, refused)
            }
            Answer::Refused(error) if error.class.is_passing() => {
                unchanged(&item, settling.put_off(acknowledge::withdraw(here), &error))
            }
            Answer::Refused(error) if error.class == Class::Auth => {
                unchanged(&item, acknowledge::withdraw(here))
            }
            Answer::Refused(error) => {
                settling.outcome.failed += 1;
                settling.outcome.issues += 1;
                let code = if error.class == Class::Missing {
                    Code::Missing
                } else {
                    Code::Refused
                };
                let refused =
                    acknowledge::refuse(here, code, &error.message, &place.policy, settling.cause.at);
                unchanged(&item, refused)
            }
            Answer::Unclear(error) => unchanged(&item, settling.put_off(here, &error)),
        };
        put(settling, writer, &item, merged, equivalences, at)
    }

    fn found(
        settling: &mut Settling<'_>,
        writer: &mut Writer<'_>,
        id: ItemId,
        find: &Find,
        found: &[Record],
    ) -> Result<Looked, StoreError> {
        let place = settling.place;
        let Some(item) = writer.order(id)? else {
            return Ok(Looked::Clear);
        };
        let mut equivalences = writer.order_equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == settling.number) else {
            return Ok(Looked::Clear);
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let by_token = found
            .iter()
            .find(|record| record.token.is_some() && record.token == find.token);
        let records: Vec<&Record> = match (&find.remote_id, by_token, &here.sending) {
            (Some(remote_id), _, _) => found
                .iter()
                .filter(|record| record.remote_id == *remote_id)
                .collect(),
            (None, Some(record), _) => vec![record],
            (None, None, Some(create)) => like(writer, found, create, settling.number)?,
            (None, None, None) => Vec::new(),
        };
        let mut looked = Looked::Clear;
        let merged = match (&records[..], &place.orders) {
            ([_, _, ..], _) => {
                looked = Looked::Ambiguous;
                settling.outcome.issues += 1;
                let unclear = acknowledge::unclear(here, records.len(), &place.policy, settling.cause.at);
                unchanged(&item, unclear)
            }
            ([record], Some(_)) if find.remote_id.is_none() => {
                settling.outcome.created += 1;
                acknowledged(settling, writer, &item, here, record)?
            }
            ([record], Some(ability)) => {
                // What was taken in before is not what is known now: it could come back.
                writer.put_order_remote(settling.number, &record.remote_id, item.id, 0)?;
                order::merge::take_in(
                    item.clone(),
                    here,
                    record,
                    &|_| None,
                    &place.policy,
                    ability,
                    settling.cause.at,
                )
            }
            _ => unchanged(&item, acknowledge::withdraw(here)),
        };
        put(settling, writer, &item, merged, equivalences, at)?;
        Ok(looked)
    }
}

/// The records that may have come of a create, where no tokens are kept. Those that are known are of other orders.
fn like<'a>(
    writer: &Writer<'_>,
    found: &'a [Record],
    create: &Sending,
    number: Number,
) -> Result<Vec<&'a Record>, StoreError> {
    let mut like = Vec::new();
    for record in found {
        let is_free = record.token.is_none() && writer.order_remote(number, &record.remote_id)?.is_none();
        if is_free && is_like(writer, number, record, create)? {
            like.push(record);
        }
    }
    Ok(like)
}

/// The orders that are pending or of whose last write nobody knows, without those that were `passed`.
pub(super) async fn pending(work: &Work, passed: &RoaringBitmap) -> Result<Vec<ItemId>, JobError> {
    let (id, passed) = (work.id.clone(), passed.clone());
    work.step(move |store| {
        let reader = store.read()?;
        let creates = reader.members(&of_orders(&format!("pending:creates@{id}")))?;
        let updates = reader.members(&of_orders(&format!("pending:updates@{id}")))?;
        let pending = (creates | updates | reader.unclear_orders(&id)?) - passed;
        Ok(pending.iter().map(|item| ItemId(item.into())).collect())
    })
    .await
}

/// Looks again at the orders that are not here yet: a line may have found its product since, and a product its
/// counterpart or lost it.
pub(in crate::job) async fn release(work: &Work) -> Result<(), JobError> {
    let id = work.id.clone();
    let missing = work.step(move |store| {
        let reader = store.read()?;
        let held = reader.members(&of_orders(&format!("pending:held@{id}")))?;
        let creates = reader.members(&of_orders(&format!("pending:creates@{id}")))?;
        Ok(held | creates)
    });
    let missing: Vec<ItemId> = missing.await?.iter().map(|order| ItemId(order.into())).collect();
    for batch in missing.chunks(LOOKED_AT) {
        let (places, cause, orders) = (work.places.borrow().clone(), work.cause(), batch.to_vec());
        work.step(move |store| {
            store.write(Durability::Soon, |writer| {
                for id in orders {
                    let Some(before) = writer.order(id)? else { continue };
                    let after = resolve_lines(writer, &before, &places)?.unwrap_or_else(|| before.clone());
                    let equivalences = writer.order_equivalences(id)?;
                    writer.put_order(Some(&before), &after, &equivalences, &[], &places, &cause)?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
        work.touched(Kind::Orders, batch);
    }
    Ok(())
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

/// Takes in the record that a write made, or that was found to have been made by it.
fn acknowledged(
    settling: &Settling<'_>,
    writer: &mut Writer<'_>,
    item: &Item,
    here: Equivalence,
    record: &Record,
) -> Result<Merged, StoreError> {
    let place = settling.place;
    let created = !here.is_live();
    let lines = record.order.lines.iter();
    let lines: Vec<_> = lines
        .map(|line| Ok((line.clone(), resolve_line(writer, settling.number, line)?)))
        .collect::<Result<_, StoreError>>()?;
    let resolve = |line: &Line| lines.iter().find(|(known, _)| known == line)?.1;
    let (equivalence, next_key) =
        order::acknowledge::acknowledge(item, here, record, &resolve, &place.policy, settling.cause.at);
    if created {
        book_out(
            writer,
            item,
            &equivalence,
            settling.number,
            settling.places,
            &settling.cause,
        )?;
    }
    // Without a digest: what somebody else changed there meanwhile is taken in by the next fetch.
    writer.put_order_remote(settling.number, &record.remote_id, item.id, 0)?;
    Ok(Merged {
        item: Item {
            next_key,
            ..item.clone()
        },
        equivalence,
        item_changed: false,
    })
}

fn put(
    settling: &Settling<'_>,
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
        &[settling.number],
        settling.places,
        &settling.cause,
    )
}
