//! Sales orders: page after page is read and taken in, each page in one transaction together with the place reached.
//!
//! No order is ever matched with another by guessing, so that nothing has to be staged: an order is known by its id,
//! or by a token of ours, or it is new.

use super::{
    super::{JobError, Work, token},
    Timing,
    scan::{nameless, note_unreadable, page_from},
    sold,
};
use crate::{
    connector::{Class, Page, Tokens, Unreadable},
    store::{
        Durability, Number, Place, Places, Scan, ScanAt, StoreError, Writer, bought, of_orders, order_digest,
    },
};
use shared::{
    content::{Field, Part, Path},
    history::Cause,
    ids::{ItemId, Key, Kind, RemoteId},
    item::{Equivalence, Item, Sending},
    job::{Job, Outcome, Phase},
    order::{Line, Record},
    sync::{
        matching::sku_key,
        merge::Merged,
        order::{self, book, matching},
        tally::{RESTARTS, Tally, Verdict},
    },
};
use std::{collections::BTreeSet, sync::Arc};

/// Reads the orders to the end, taking each in. Answers also which products are to be read again because of them.
pub(super) async fn pages(work: &mut Work, scan: Scan) -> Result<(Scan, BTreeSet<RemoteId>), JobError> {
    let mut scan = scan;
    let mut products_sold = BTreeSet::new();
    if scan.at == ScanAt::Complete {
        return Ok((scan, products_sold));
    }
    let timing = Timing::new(work, &scan);
    let begun = Arc::new(begun(work).await?);
    let before = work.job.outcome.scanned.saturating_sub(scan.scanned);
    work.enter(Phase::Scan, scan.scanned, None);
    let mut restarts = 0;
    loop {
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
                restarts += 1;
                scan = scan.anew();
                work.job.progress.done = 0;
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
        scan.tally.nameless += nameless(&unreadable);
        scan.tally.told = scan.tally.told.max(total);
        let changes = records.iter().map(|record| record.updated_at);
        scan.heard = scan.heard.max(timing.heard(work, changes));
        work.job.outcome.scanned = before + scan.scanned;
        work.job.progress.total = total.map(|total| total.max(scan.scanned));
        let Took {
            outcome,
            items,
            tally,
            products,
        } = take_page(work, records, unreadable, scan.clone(), &begun).await?;
        scan.tally = tally;
        work.job.outcome = outcome;
        work.touched(Kind::Orders, &items);
        // Who reads all orders there are has just read all products, too.
        if scan.since.is_some() {
            let room = sold::MOST.saturating_sub(products_sold.len());
            products_sold.extend(products.into_iter().take(room));
        }
        work.advance(count);
        if scan.at != ScanAt::Complete {
            continue;
        }
        match scan.tally.judge(scan.kind, restarts) {
            Verdict::Complete => {
                work.job.outcome.scanned = before + scan.tally.records();
                return Ok((scan, products_sold));
            }
            Verdict::Anew => {
                restarts += 1;
                scan = scan.anew();
                work.job.progress.done = 0;
            }
            Verdict::Fail(why) => return Err(JobError::Incomplete(why)),
        }
    }
}

/// One transaction: what a page brought, and the place reached. Answers also what the scan has counted with it.
async fn take_page(
    work: &Work,
    records: Vec<Record>,
    unreadable: Vec<Unreadable>,
    scan: Scan,
    begun: &Arc<Vec<Begun>>,
) -> Result<Took, JobError> {
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
    let (cause, begun) = (work.cause(), Arc::clone(begun));
    work.step(move |store| {
        store.write(durability, |writer| {
            let places: Arc<Places> = places.borrow().clone();
            let mut scan = scan;
            let ids = &mut scan.tally.ids;
            let mut taking = Taking {
                number,
                places: &places,
                begun: &begun,
                outcome: job.outcome,
                items: Vec::new(),
                products: BTreeSet::new(),
                cause,
            };
            if let Some(place) = places.of(&id) {
                for record in &records {
                    taking.take(writer, record, place)?;
                    *ids += u64::from(writer.see_order(number, &record.remote_id)?);
                }
            }
            for record in &unreadable {
                if let Some(remote_id) = &record.remote_id {
                    *ids += u64::from(writer.see_order(number, remote_id)?);
                }
            }
            note_unreadable(writer, &id, unreadable, taking.cause.at)?;
            let tally = scan.tally;
            writer.put_scan(number, &scan.or_anew())?;
            let Taking {
                outcome,
                items,
                products,
                ..
            } = taking;
            writer.put_job(&Job { outcome, ..job })?;
            Ok::<_, StoreError>(Took {
                outcome,
                items,
                tally,
                products,
            })
        })
    })
    .await
}

/// What taking in a page did.
struct Took {
    outcome: Outcome,
    items: Vec<ItemId>,
    tally: Tally,
    products: BTreeSet<RemoteId>,
}

/// A page being taken in under one snapshot of the settings.
struct Taking<'a> {
    number: Number,
    places: &'a Places,
    begun: &'a [Begun],
    outcome: Outcome,
    /// What changed.
    items: Vec<ItemId>,
    /// What this connection calls the products of those that are new or changed: their stock may have moved.
    products: BTreeSet<RemoteId>,
    cause: Cause,
}

impl Taking<'_> {
    fn take(&mut self, writer: &mut Writer<'_>, record: &Record, place: &Place) -> Result<(), StoreError> {
        let Some(ability) = &place.orders else {
            return Ok(());
        };
        let digest = order_digest(record)?;
        let known = writer.order_remote(self.number, &record.remote_id)?;
        if let Some((_, before)) = known
            && before == digest
        {
            return Ok(());
        }
        let bought = record.order.lines.iter();
        self.products
            .extend(bought.filter_map(|line| line.product.clone()));
        let lines = resolve(writer, self.number, &record.order.lines)?;
        let resolve = |line: &Line| {
            let at = record.order.lines.iter().position(|other| other == line)?;
            lines[at]
        };
        let id = match known {
            Some((item, _)) => item,
            None => match unknown(writer, self.number, record, self.begun)? {
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
            let created = Item {
                next_key,
                ..item.clone()
            };
            // What was shipped or paid there since it was created is news.
            order::merge::take_in(
                created,
                equivalence,
                record,
                &resolve,
                &place.policy,
                ability,
                self.cause.at,
            )
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

fn unknown(
    writer: &Writer<'_>,
    number: Number,
    record: &Record,
    begun: &[Begun],
) -> Result<Unknown, StoreError> {
    let Some(token) = &record.token else {
        return like_one_begun(writer, number, record, begun);
    };
    let Some(item) = token::item(token) else {
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

/// Of several creates that are alike the first: nothing that is known of them tells them apart.
fn like_one_begun(
    writer: &Writer<'_>,
    number: Number,
    record: &Record,
    begun: &[Begun],
) -> Result<Unknown, StoreError> {
    for Begun { order, create } in begun {
        if !is_like(writer, number, record, create)? {
            continue;
        }
        let equivalences = writer.order_equivalences(*order)?;
        let here = equivalences.iter().find(|(at, _)| *at == number);
        // A record before this one may have been it.
        if here.is_some_and(|(_, here)| here.sending.as_ref() == Some(create)) {
            return Ok(Unknown::Ours(*order));
        }
    }
    Ok(Unknown::New)
}

/// Whether a create made a record, by what is in it.
pub(in crate::job) fn is_like(
    writer: &Writer<'_>,
    number: Number,
    record: &Record,
    create: &Sending,
) -> Result<bool, StoreError> {
    let of = resolve(writer, number, &record.order.lines)?;
    let resolve = |line: &Line| {
        let at = record.order.lines.iter().position(|other| other == line)?;
        of[at]
    };
    Ok(matching::is_like(&record.order, create, &resolve))
}

/// A create that was begun and not answered, of an order that may be there.
struct Begun {
    order: ItemId,
    create: Sending,
}

/// The creates that records may have come of which show no token. Nothing is sent while this connection is read.
async fn begun(work: &Work) -> Result<Vec<Begun>, JobError> {
    if work.connector.0.order_tokens() == Tokens::Kept {
        return Ok(Vec::new());
    }
    let (set, number) = (of_orders(&format!("pending:creates@{}", work.id)), work.number);
    work.step(move |store| {
        let reader = store.read()?;
        let mut begun = Vec::new();
        for order in &reader.members(&set)? {
            let order = ItemId(order.into());
            let here = reader.order_equivalence(order, number)?;
            let create = here.filter(|here| !here.is_live()).and_then(|here| here.sending);
            begun.extend(create.map(|create| Begun { order, create }));
        }
        Ok(begun)
    })
    .await
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
