//! The laws of the design, looked at from outside: what the shops show, what the hub holds, what was written.

mod orders;

use super::{
    settings::Trouble,
    world::{World, items},
};
use daemon::store::{Durability, Place, Places, Reader, Store, StoreError};
use shared::{
    content::{Change, Content, Leaf, Path, Value, diff},
    history::Cause,
    ids::{ItemId, Kind, RemoteId},
    item::{Author, Equivalence, Item},
    mark::Mark,
    money::Decimal,
    order,
    product::Record,
    sync::{
        acknowledge,
        matching::{item_keys, pair, sku_key},
        pending::{Pending, Standing, is_settled, pending},
        read,
        terms::Around,
        view::{hub_locations, view},
    },
    time::Time,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Every law that does not hold, in words.
pub(super) fn broken(world: &mut World) -> Vec<String> {
    let mut broken: Vec<String> = world.restless.take().into_iter().collect();
    broken.extend(world.miscount.take());
    let sight = Sight::of(world);
    for place in &sight.places.all {
        let shown = &sight.shown[&place.number];
        broken.extend(converged(&sight, place, shown));
        broken.extend(nothing_twice(place, shown));
        broken.extend(no_oversell(&sight, place, shown));
        broken.extend(orders::broken(world, &sight, place));
    }
    broken.extend(nothing_runs(&sight));
    broken.extend(derived(&sight));
    broken.extend(nothing_fewer(world, &sight));
    broken.extend(world.ledger.errors(world));
    broken
}

/// All that there is to judge.
struct Sight {
    reader: Reader,
    store: Arc<Store>,
    places: Arc<Places>,
    now: Time,
    settings_change: bool,
    items: Wholes,
    orders: Wholes,
    /// What each shop shows itself.
    shown: BTreeMap<u16, BTreeMap<RemoteId, Record>>,
    shown_orders: BTreeMap<u16, BTreeMap<RemoteId, order::Record>>,
}

/// Items with all their counterparts.
type Wholes = BTreeMap<ItemId, (Item, Vec<(u16, Equivalence)>)>;

impl Sight {
    fn of(world: &World) -> Self {
        let hub = &world.life().hub;
        let reader = hub.store.read().expect("the disk is well");
        let places = hub.places.borrow().clone();
        let shown = |place: &Place| {
            let records = world.shop(&place.policy.connection).products().expect("a shop");
            let records = records
                .into_iter()
                .map(|record| (record.remote_id.clone(), record));
            (place.number, records.collect())
        };
        let shown_orders = |place: &Place| {
            let records = world.shop(&place.policy.connection).orders().expect("a shop");
            let records = records
                .into_iter()
                .map(|record| (record.remote_id.clone(), record));
            (place.number, records.collect())
        };
        let (mut products, mut orders) = (Wholes::new(), Wholes::new());
        for (kind, item) in items(&reader).expect("the disk is well") {
            let (all, equivalences) = match kind {
                Kind::Products => (&mut products, reader.equivalences(item.id)),
                Kind::Orders => (&mut orders, reader.order_equivalences(item.id)),
            };
            all.insert(item.id, (item, equivalences.expect("the disk is well")));
        }
        Self {
            items: products,
            orders,
            shown: places.all.iter().map(shown).collect(),
            shown_orders: places.all.iter().map(shown_orders).collect(),
            store: Arc::clone(&hub.store),
            now: world.clock.now(),
            settings_change: world.troubles.contains(&Trouble::Settings),
            reader,
            places,
        }
    }
}

/// Every item that is to be at a connection is there, and shows what it is to show, but for what the platform made of
/// it, refused, or holds until somebody chooses.
fn converged(sight: &Sight, place: &Place, shown: &BTreeMap<RemoteId, Record>) -> Vec<String> {
    let mut broken = Vec::new();
    let at = &place.policy.connection;
    for (id, (item, equivalences)) in &sight.items {
        let here = equivalences
            .iter()
            .find(|(number, _)| *number == place.number)
            .map(|(_, here)| here);
        let live = equivalences.iter().any(|(_, here)| here.is_live());
        let standing = if live { Standing::Live } else { Standing::Gone };
        let around = Around {
            counterparts: &sight.places.counterparts(equivalences),
            limits: sight.places.limits,
        };
        let waits = pending(
            item,
            here,
            standing,
            &around,
            &place.policy,
            place.fields,
            sight.now,
        );
        let here = here.cloned().unwrap_or_default();
        if here.sending.is_some() {
            broken.push(format!(
                "nobody knows what became of a write of item {id} to {at}"
            ));
        }
        let refused = acknowledge::was_refused(&here, &waits);
        let ambiguous = sight.reader.unmatched(place.number).expect("the disk is well");
        let is_candidate = ambiguous
            .iter()
            .any(|(_, unmatched)| unmatched.candidates.contains(id));
        if !(refused || waits.mark == Some(Mark::Create) && is_candidate) {
            let Pending { mark, changes, .. } = &waits;
            broken.extend(
                changes
                    .iter()
                    .map(|change| format!("item {id} still waits at {at} ({mark:?}): {change:?}")),
            );
        }
        let Some(remote_id) = here.remote_id().filter(|_| here.is_live()) else {
            continue;
        };
        let Some(record) = shown.get(remote_id) else {
            broken.push(format!("item {id} is not at {at} as {remote_id}"));
            continue;
        };
        let content = content(sight, place, item, &here, record);
        let mutability = |change: &Change| place.policy.products.fields.of(change.path.governed_by());
        let detects = |change: &&Change| mutability(change).detects();
        for Change { path, old, new } in diff(&here.acknowledged, &content).iter().filter(detects) {
            broken.push(format!(
                "item {id} at {at}: {path} is {new:?}, which the hub takes for {old:?}"
            ));
        }
        let (wanted, _) = view(&item.content, &place.policy, place.fields, sight.now);
        for change in diff(&content, &wanted) {
            if !refused && mutability(&change).writes() && !is_settled(&change, &here) {
                broken.push(format!(
                    "item {id} at {at} shows {:?} at {} instead of {:?}",
                    change.old, change.path, change.new
                ));
            }
        }
        match sight
            .reader
            .remote(place.number, remote_id)
            .expect("the disk is well")
        {
            Some((owner, _)) if owner == *id => {}
            other => broken.push(format!(
                "{remote_id} at {at} belongs to item {id}, not to {other:?}"
            )),
        }
    }
    broken
}

/// What a shop shows of an item, by the item's keys.
fn content(sight: &Sight, place: &Place, item: &Item, here: &Equivalence, record: &Record) -> Content {
    let mut product = record.product.clone();
    for image in &mut product.images {
        image.hash = sight
            .reader
            .picture(place.number, &image.address)
            .expect("the disk is well");
    }
    let pairing = pair(
        &product,
        &item.content,
        &here.children,
        item.next_key,
        &place.policy,
    );
    read::read(&product, &pairing, &place.policy)
}

/// No shop offers more than there is, so that only what is sold between two reads can be sold twice.
fn no_oversell(sight: &Sight, place: &Place, shown: &BTreeMap<RemoteId, Record>) -> Vec<String> {
    let at = &place.policy.connection;
    let mut broken = Vec::new();
    for (id, (item, equivalences)) in &sight.items {
        let here = equivalences.iter().find(|(number, _)| *number == place.number);
        let Some((_, here)) = here.filter(|(_, here)| here.is_live()) else {
            continue;
        };
        let Some(record) = here.remote_id().and_then(|remote_id| shown.get(remote_id)) else {
            continue;
        };
        for (path, offered) in content(sight, place, item, here, record).iter() {
            let (Leaf::Stock(location), Value::Number(offered)) = (&path.leaf, offered) else {
                continue;
            };
            let counted = |hub: &str| item.content.number(&Path::of(path.part, Leaf::Stock(hub.into())));
            let counted: Vec<Decimal> = hub_locations(location, &place.policy.stock)
                .into_iter()
                .filter_map(counted)
                .collect();
            let there_is = counted.iter().map(|quantity| quantity.0).sum();
            if !counted.is_empty() && offered.0 > Decimal::ZERO.0.max(there_is) && !here.held.contains(path) {
                broken.push(format!(
                    "oversell: {at} offers {offered} of item {id} at {path}, and there are {}",
                    Decimal(there_is)
                ));
            }
        }
    }
    broken
}

/// No two records of a shop are the same product.
fn nothing_twice(place: &Place, shown: &BTreeMap<RemoteId, Record>) -> Vec<String> {
    let at = &place.policy.connection;
    let mut broken = Vec::new();
    let (mut skus, mut tokens) = (BTreeSet::new(), BTreeSet::new());
    for record in shown.values() {
        for variant in &record.product.variants {
            if let Some(key) = sku_key(&variant.sku)
                && !skus.insert(key)
            {
                broken.push(format!("twice at {at}: {}", variant.sku));
            }
        }
        let item = record
            .token
            .as_ref()
            .and_then(|token| token.split('-').nth(2).map(str::to_owned));
        if let Some(item) = item
            && !tokens.insert(item.clone())
        {
            broken.push(format!("item {item} was created twice at {at}"));
        }
    }
    broken
}

/// No shop has fewer records than there were and than people left there.
fn nothing_fewer(world: &World, sight: &Sight) -> Vec<String> {
    let fewer = sight.places.all.iter().filter_map(|place| {
        let id = &place.policy.connection;
        let (least, found) = (world.least[id], sight.shown[&place.number].len());
        (found < least).then(|| format!("{id} has {found} records and had {least}"))
    });
    let lost = sight.places.all.iter().flat_map(|place| {
        let id = &place.policy.connection;
        let shown = &sight.shown_orders[&place.number];
        let lost = world.placed[id].iter().filter(|order| !shown.contains_key(order));
        lost.map(move |order| format!("{order} is no more at {id}"))
    });
    fewer.chain(lost).collect()
}

/// Every job is over.
fn nothing_runs(sight: &Sight) -> Vec<String> {
    let jobs = sight.reader.jobs().expect("the disk is well");
    let stuck = jobs
        .map(|job| job.expect("the disk is well"))
        .filter(|job| !job.status.is_over());
    stuck.map(|job| format!("a job is not over: {job:?}")).collect()
}

/// What is derived from items is what would be derived from them anew.
fn derived(sight: &Sight) -> Vec<String> {
    let anew = Store::in_memory().expect("a store in memory");
    let numbers: Vec<u16> = sight.places.all.iter().map(|place| place.number).collect();
    let (holders_anew, holders) = (
        holders(sight, &anew, Some(&numbers)),
        holders(sight, &sight.store, None),
    );
    let anew = anew.read().expect("it is in memory");
    let sets = |reader: &Reader| -> BTreeMap<String, Vec<u32>> {
        let names = reader.sets_from("").expect("the disk is well").into_iter();
        names
            .map(|(name, _)| {
                let members = reader.members(&name).expect("the disk is well");
                (name, members.iter().collect())
            })
            .collect()
    };
    let (wanted, found) = (sets(&anew), sets(&sight.reader));
    let names: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let mut broken = Vec::new();
    for name in names {
        let (wanted, found) = (wanted.get(name), found.get(name));
        if wanted != found {
            broken.push(format!(
                "derived: the set {name} is {found:?} instead of {wanted:?}"
            ));
        }
    }
    let all = sight.reader.all().expect("the disk is well");
    if anew.titles(&all).expect("it is in memory") != sight.reader.titles(&all).expect("the disk is well") {
        broken.push("derived: the texts are not those of the items".to_owned());
    }
    if holders_anew != holders {
        broken.push(format!(
            "derived: the match keys are {holders:?} instead of {holders_anew:?}"
        ));
    }
    broken
}

/// The items of every match key in a store, into which every item is put before where `numbers` are given.
fn holders(sight: &Sight, store: &Store, numbers: Option<&[u16]>) -> BTreeMap<String, Vec<ItemId>> {
    let cause = Cause {
        at: sight.now,
        by: Author::Person,
        job: None,
    };
    let found = store.write(Durability::Soon, |writer| {
        for (item, equivalences) in sight.items.values() {
            if let Some(numbers) = numbers {
                writer.put_whole(None, item, equivalences, numbers, &sight.places, &cause)?;
            }
        }
        for (order, equivalences) in sight.orders.values() {
            if let Some(numbers) = numbers {
                writer.put_order(None, order, equivalences, numbers, &sight.places, &cause)?;
            }
        }
        let keys = sight
            .items
            .values()
            .flat_map(|(item, _)| item_keys(&item.content));
        keys.map(|key| Ok((key.to_string(), writer.holders(&key)?)))
            .collect::<Result<_, StoreError>>()
    });
    found.expect("the disk is well")
}
