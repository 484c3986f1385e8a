//! Sales orders: page after page is read and taken in, each page in one transaction together with the place reached.
//!
//! No order is ever matched with another by guessing, so that nothing has to be staged: an order is known by its id,
//! or by a token of ours, or it is new.

use super::{
    super::{JobError, Work, token},
    scan::page_from,
};
use crate::{
    connector::{Class, Page},
    store::{Durability, Number, Place, Places, Scan, ScanAt, StoreError, Writer, bought, order_digest},
};
use shared::{
    content::{Field, Part, Path},
    history::Cause,
    ids::{ConnectionId, ItemId, Key, RemoteId},
    issue::{Code, Issue, Severity},
    item::{Equivalence, Item},
    job::{Job, Outcome, Phase},
    order::{Line, Record},
    sync::{
        matching::sku_key,
        merge::Merged,
        order::{self, book},
    },
    time::Time,
};
use std::sync::Arc;

/// How often a scan begins anew because its pages moved away under it.
const RESTARTS: u32 = 5;

/// Reads the orders to the end, taking each in.
pub(super) async fn pages(work: &mut Work, scan: Scan) -> Result<Scan, JobError> {
    let mut scan = scan;
    let before = work.job.outcome;
    work.enter(Phase::Scan, scan.scanned, None);
    let mut restarts = 0;
    while scan.at != ScanAt::Complete {
        work.checkpoint()?;
        let from = page_from(&scan);
        let asked = work
            .persist(|connector| {
                let from = from.clone();
                async move { connector.0.orders(&from).await }
            })
            .await;
        let page = match asked {
            Ok(page) => page,
            Err(JobError::Connector(error)) if error.class == Class::Missing && restarts < RESTARTS => {
                // The pages moved away under the reader: what it read so far says nothing about the rest.
                restarts += 1;
                scan = Scan {
                    at: ScanAt::First,
                    scanned: 0,
                    ..scan
                };
                continue;
            }
            Err(error) => return Err(error),
        };
        let Page {
            records,
            unreadable,
            next,
            total,
        } = page;
        let count = records.len() as u64 + unreadable.len() as u64;
        scan.at = next.map_or(ScanAt::Complete, ScanAt::Cursor);
        scan.scanned += count;
        scan.blind |= unreadable.iter().any(|record| record.remote_id.is_none());
        work.job.outcome.scanned = before.scanned + scan.scanned;
        work.job.progress.total = total.map(|total| total.max(scan.scanned));
        let broken: Vec<(Option<RemoteId>, String)> = unreadable
            .into_iter()
            .map(|record| (record.remote_id, record.message))
            .collect();
        let (outcome, items) = take_page(work, records, broken, scan.clone()).await?;
        work.job.outcome = outcome;
        work.touched(&items);
        work.advance(count);
    }
    Ok(scan)
}

/// One transaction: what a page brought, and the place reached.
async fn take_page(
    work: &Work,
    records: Vec<Record>,
    broken: Vec<(Option<RemoteId>, String)>,
    scan: Scan,
) -> Result<(Outcome, Vec<ItemId>), JobError> {
    let (id, number, places, job) = (
        work.id.clone(),
        work.number,
        work.places.clone(),
        work.job.clone(),
    );
    let durability = if scan.at == ScanAt::Complete {
        Durability::Now
    } else {
        Durability::Soon
    };
    let cause = work.cause();
    work.step(move |store| {
        store.write(durability, |writer| {
            let places: Arc<Places> = places.borrow().clone();
            let mut taking = Taking {
                number,
                places: &places,
                outcome: job.outcome,
                items: Vec::new(),
                cause,
            };
            if let Some(place) = places.of(&id) {
                for record in &records {
                    taking.take(writer, record, place)?;
                }
            }
            for (remote_id, _) in &broken {
                if let Some(remote_id) = remote_id
                    && let Some((item, _)) = writer.order_remote(number, remote_id)?
                {
                    writer.see(number, item);
                }
            }
            note_broken(writer, &id, broken, taking.cause.at)?;
            writer.put_scan(number, &scan)?;
            let Taking { outcome, items, .. } = taking;
            writer.put_job(&Job { outcome, ..job })?;
            Ok::<_, StoreError>((outcome, items))
        })
    })
    .await
}

fn note_broken(
    writer: &mut Writer<'_>,
    id: &ConnectionId,
    broken: Vec<(Option<RemoteId>, String)>,
    at: Time,
) -> Result<(), StoreError> {
    if broken.is_empty() {
        return Ok(());
    }
    let issue = |(_, message)| Issue {
        code: Code::UnreadableRecord,
        severity: Severity::Error,
        path: None,
        message,
        at,
    };
    writer.update_connection(id, |state| {
        state.issues.extend(broken.into_iter().map(issue));
        state.issues.truncate(super::scan::UNREADABLE_KEPT);
    })
}

/// A page being taken in under one snapshot of the settings.
struct Taking<'a> {
    number: Number,
    places: &'a Places,
    outcome: Outcome,
    /// What changed.
    items: Vec<ItemId>,
    cause: Cause,
}

impl Taking<'_> {
    fn take(&mut self, writer: &mut Writer<'_>, record: &Record, place: &Place) -> Result<(), StoreError> {
        let Some(ability) = &place.orders else {
            return Ok(());
        };
        let digest = order_digest(record)?;
        let known = writer.order_remote(self.number, &record.remote_id)?;
        if let Some((item, before)) = known
            && before == digest
        {
            writer.see(self.number, item);
            return Ok(());
        }
        let lines = resolve(writer, self.number, &record.order.lines)?;
        let resolve = |line: &Line| {
            let at = record.order.lines.iter().position(|other| other == line)?;
            lines[at]
        };
        let id = match known {
            Some((item, _)) => item,
            None => match unknown(writer, self.number, record)? {
                Unknown::Ours(item) => item,
                Unknown::Again => return Ok(()),
                Unknown::New => {
                    let id = writer.next_item()?;
                    let merged = order::merge::absorb(id, record, &resolve, &place.policy, self.cause.at);
                    self.outcome.new += 1;
                    return self.put(writer, None, merged, Vec::new(), record, digest);
                }
            },
        };
        let Some(item) = writer.order(id)? else {
            return Ok(());
        };
        let others = writer.order_equivalences(id)?;
        let here = others
            .iter()
            .find(|(at, _)| *at == self.number)
            .map(|(_, here)| here.clone())
            .unwrap_or_default();
        let merged = if known.is_some() {
            order::merge::take_in(
                item.clone(),
                here,
                record,
                &resolve,
                &place.policy,
                ability,
                self.cause.at,
            )
        } else {
            // A create of ours made it, and the answer was lost.
            let (equivalence, next_key) =
                order::acknowledge::acknowledge(&item, here, record, &resolve, &place.policy, self.cause.at);
            book_out(writer, &item, &equivalence, self.number, self.places, &self.cause)?;
            Merged {
                item: Item {
                    next_key,
                    ..item.clone()
                },
                equivalence,
                item_changed: false,
            }
        };
        self.outcome.changed += u64::from(merged.item_changed);
        self.outcome.issues += u64::from(!merged.equivalence.issues.is_empty());
        self.put(writer, Some(&item), merged, others, record, digest)
    }

    fn put(
        &mut self,
        writer: &mut Writer<'_>,
        before: Option<&Item>,
        merged: Merged,
        mut equivalences: Vec<(Number, Equivalence)>,
        record: &Record,
        digest: u64,
    ) -> Result<(), StoreError> {
        let Merged {
            item,
            equivalence,
            item_changed: _,
        } = merged;
        equivalences.retain(|(at, _)| *at != self.number);
        equivalences.push((self.number, equivalence));
        writer.put_order(
            before,
            &item,
            &equivalences,
            &[self.number],
            self.places,
            &self.cause,
        )?;
        writer.put_order_remote(self.number, &record.remote_id, item.id, digest)?;
        writer.see(self.number, item.id);
        self.items.push(item.id);
        Ok(())
    }
}

/// The hub's variants that lines are about.
fn resolve(
    writer: &Writer<'_>,
    number: Number,
    lines: &[Line],
) -> Result<Vec<Option<(ItemId, Key)>>, StoreError> {
    lines
        .iter()
        .map(|line| resolve_line(writer, number, line))
        .collect()
}

/// The hub's variant that a line is about: by the name that the connection has for it, else by a SKU that only one has.
pub(in crate::job) fn resolve_line(
    writer: &Writer<'_>,
    number: Number,
    line: &Line,
) -> Result<Option<(ItemId, Key)>, StoreError> {
    let named = match &line.product {
        Some(product) => named(writer, number, product, line.variant.as_ref())?,
        None => None,
    };
    match named {
        Some(variant) => Ok(Some(variant)),
        None => with_sku(writer, &line.sku),
    }
}

fn named(
    writer: &Writer<'_>,
    number: Number,
    product: &RemoteId,
    variant: Option<&RemoteId>,
) -> Result<Option<(ItemId, Key)>, StoreError> {
    let Some((item, _)) = writer.remote(number, product)? else {
        return Ok(None);
    };
    let Some(here) = writer.equivalence(item, number)? else {
        return Ok(None);
    };
    let variants = || {
        here.children.iter().filter_map(|(part, name)| match part {
            Part::Variant(key) => Some((*key, name)),
            _ => None,
        })
    };
    let key = match variant {
        Some(wanted) => variants().find(|(_, name)| *name == wanted).map(|(key, _)| key),
        // A product with several variants does not say which of them was bought.
        None if variants().count() == 1 => variants().next().map(|(key, _)| key),
        None => None,
    };
    Ok(key.map(|key| (item, key)))
}

/// The only variant of the hub with a SKU.
fn with_sku(writer: &Writer<'_>, sku: &str) -> Result<Option<(ItemId, Key)>, StoreError> {
    let Some(wanted) = sku_key(sku) else {
        return Ok(None);
    };
    let [only] = writer.holders(&wanted)?[..] else {
        return Ok(None);
    };
    let Some(product) = writer.product(only)? else {
        return Ok(None);
    };
    let mut with_it = product.content.variants().filter(|key| {
        sku_key(product.content.text(&Path::variant_field(*key, Field::Sku))).as_ref() == Some(&wanted)
    });
    Ok(match (with_it.next(), with_it.next()) {
        (Some(key), None) => Some((only, key)),
        _ => None,
    })
}

/// What a record is that nobody knows by its id.
enum Unknown {
    New,
    /// A create of ours made it, whose answer was lost or came to nothing as far as we saw.
    Ours(ItemId),
    /// Ours too, and the order has its counterpart here already: taken in, it would be cloned back to where it came from.
    Again,
}

fn unknown(writer: &Writer<'_>, number: Number, record: &Record) -> Result<Unknown, StoreError> {
    let Some(item) = record.token.as_deref().and_then(token::item) else {
        return Ok(Unknown::New);
    };
    if writer.order(item)?.is_none() {
        return Ok(Unknown::New);
    }
    let equivalences = writer.order_equivalences(item)?;
    let here = equivalences.iter().find(|(at, _)| *at == number);
    Ok(match here {
        Some((_, here)) if here.is_live() => Unknown::Again,
        Some(_) => Unknown::Ours(item),
        None => Unknown::New,
    })
}

/// Where a platform books out by itself what an order of ours brought: its own count is expected to go down, and is no
/// second sale when it does.
pub(in crate::job) fn book_out(
    writer: &mut Writer<'_>,
    order: &Item,
    here: &Equivalence,
    number: Number,
    places: &Places,
    cause: &Cause,
) -> Result<(), StoreError> {
    let Some(place) = places.all.iter().find(|place| place.number == number) else {
        return Ok(());
    };
    let Some(ability) = &place.orders else {
        return Ok(());
    };
    let origin = places.origin(order);
    let mut counted = Vec::new();
    for (product, variant) in bought(order) {
        let Some(origin) = origin else { break };
        let there = writer.equivalence(product, origin.number)?;
        if there.is_some_and(|there| book::counts(&there, variant, &origin.policy)) {
            counted.push((product, variant));
        }
    }
    let counts = |product, variant| counted.contains(&(product, variant));
    for (product, variant, quantity) in book::booked(order, here, &place.policy, ability, &counts) {
        let Some(item) = writer.product(product)? else {
            continue;
        };
        let mut equivalences = writer.equivalences(product)?;
        let Some((_, there)) = equivalences.iter_mut().find(|(at, _)| *at == number) else {
            continue;
        };
        *there = book::book(std::mem::take(there), variant, quantity);
        if let Some(remote_id) = there.remote_id() {
            // Without a digest: the next fetch reads what it really has.
            writer.put_remote(number, remote_id, product, 0)?;
        }
        writer.put_whole(Some(&item), &item, &equivalences, &[number], places, cause)?;
    }
    Ok(())
}
