//! The laws of the design, each over random worlds. A failing world is printed and kept in `proptest-regressions`.

use crate::{
    cases,
    world::{
        Fetched, Place, World,
        generate::{Event, Range, events, faults, unclear, world},
        platform::{Habit, Platform, Telling, Tells},
    },
};
use proptest::{collection::vec, prelude::*};
use shared::{
    content::{Change, Field, Leaf, Part, Path, Value, diff},
    ids::{ItemId, Key},
    mark::Mark,
    money::Decimal,
    policy::{CloneWhich, Fields},
    product::{Product, Record, Status, Variant},
    sync::{
        matching::{sku_key, variant_id},
        pending::is_settled,
        view::{view, view_at},
    },
    time::Time,
};
use std::collections::BTreeMap;

fn live(world: &World, events: Vec<Event>) -> World {
    let mut world = world.clone();
    for event in events {
        world.happen(event);
    }
    world
}

/// Syncs until nothing moves: news pass from one connection to the next.
fn settle(world: &mut World) {
    for _ in 0..4 {
        world.sync_all();
    }
}

proptest! {
    #![proptest_config(cases("laws"))]

    #[test]
    fn what_differs_put_on_top_of_the_old_is_the_new(a in world(Range::Any), b in world(Range::Any)) {
        let contents = |world: World| {
            let mut world = world;
            world.sync_all();
            world.contents().into_values()
        };
        for (old, new) in contents(a).zip(contents(b)) {
            let mut changed = old.clone();
            changed.apply(&diff(&old, &new));
            prop_assert_eq!(&changed, &new);
            prop_assert_eq!(diff(&new, &new), []);
        }
    }

    #[test]
    fn after_two_syncs_without_an_edit_a_further_sync_writes_nothing(
        world in world(Range::Any),
        events in events(),
    ) {
        let mut world = live(&world, events);
        for place in &mut world.places {
            // A picture that was taken away there since the last fetch is named in vain, which nobody can know.
            place.platform.complaints.clear();
        }
        world.sync_all();
        world.sync_all();
        let (writes, contents) = (world.writes(), world.contents());
        let waiting = waiting(&world);
        world.sync_all();
        is_whole(&world)?;
        for place in &world.places {
            prop_assert!(place.platform.complaints.is_empty(), "{:?}", place.platform.complaints);
        }
        prop_assert_eq!(writes, world.writes(), "written once more: {:#?}", waiting);
        for (item, content) in world.contents() {
            let before = contents.get(&item).cloned().unwrap_or_default();
            prop_assert_eq!(diff(&before, &content), []);
        }
    }

    #[test]
    fn what_is_read_only_or_ignored_is_never_pending(world in world(Range::Any), events in events()) {
        let world = live(&world, events);
        for (at, place) in world.places.iter().enumerate() {
            for item in world.items.keys() {
                let pending = world.pending(at, *item);
                for Change { path, .. } in pending.changes.iter().chain(&pending.held) {
                    let field = path.governed_by();
                    // A create brings the only variant of a simple product, and the defaults for new records.
                    let comes_along = pending.mark == Some(Mark::Create)
                        && (path.leaf == Leaf::Exists || matches!(field, Field::Status | Field::Categories));
                    prop_assert!(place.writes(field) || comes_along, "{path} at shop-{at}");
                }
            }
        }
    }

    #[test]
    fn connections_that_carry_everything_show_the_same_when_edits_stop(
        world in world(Range::Plain),
        events in events(),
    ) {
        let mut world = live(&world, events);
        settle(&mut world);
        for (at, place) in world.places.iter().enumerate() {
            for (id, item) in &world.items {
                let Some(shown) = world.shown(at, *id) else { continue };
                let here = &place.equivalences[id];
                let (wanted, _) = view(&item.content, &place.policy, &place.platform.fields, world.now);
                for change in diff(&shown, &wanted) {
                    prop_assert!(
                        is_settled(&change, here),
                        "shop-{at} shows {:?} at {} instead of {:?}", change.old, change.path, change.new
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_shown_at_a_path_is_what_the_whole_view_has_there(world in world(Range::Any), events in events()) {
        let world = live(&world, events);
        for place in &world.places {
            let (policy, fields) = (&place.policy, place.platform.fields.as_slice());
            for item in world.items.values() {
                let (whole, _) = view(&item.content, policy, fields, world.now);
                for (path, _) in whole.iter().chain(item.content.iter()) {
                    let there = view_at(&item.content, path, policy, fields);
                    prop_assert_eq!(there.as_ref(), whole.get(path), "{}", path);
                }
            }
        }
    }

    #[test]
    fn a_first_meeting_overwrites_nothing_where_no_authority_speaks(world in world(Range::Any)) {
        let mut world = world;
        for place in &mut world.places {
            place.policy.hub.authority.clear();
            // Where a place shows the sum of several, stock that is found elsewhere adds to it.
            place.policy.stock.locations.clear();
        }
        let before: Vec<Vec<Record>> = world.places.iter().map(|place| place.platform.page()).collect();
        settle(&mut world);
        for (place, before) in world.places.iter().zip(before) {
            for (before, after) in before.iter().zip(place.platform.page()) {
                keeps_what_it_said(&before.product, &after.product)?;
            }
        }
    }

    #[test]
    fn no_rule_and_no_habit_is_fed_back(world in world(Range::Any)) {
        let mut world = world;
        world.sync_all();
        world.sync_all();
        let before = world.contents();
        settle(&mut world);
        for (item, content) in world.contents() {
            let known = before.get(&item);
            prop_assert_eq!(known, Some(&content), "{}", item);
        }
    }

    #[test]
    fn every_sale_on_every_channel_counts_once(
        world in world(Range::Any),
        rounds in vec(vec((0..3_usize, 0..6_usize, 0..3_usize, -2..4_i64), 0..5), 1..4),
    ) {
        let mut world = world;
        for place in &mut world.places {
            place.policy.products.fields = Fields::default();
        }
        settle(&mut world);
        for sales in rounds {
            let mut wanted = stocks(&world);
            for (place, record, variant, quantity) in sales {
                sell(&mut world, &mut wanted, place, record, variant, quantity);
            }
            settle(&mut world);
            prop_assert_eq!(stocks(&world), wanted);
        }
    }

    #[test]
    fn a_sale_between_our_read_and_our_write_is_not_overwritten(
        world in world(Range::Any),
        rounds in vec(
            (0..3_usize, unclear(), vec((0..3_usize, 0..6_usize, 0..3_usize, -2..4_i64), 0..5)),
            1..6,
        ),
    ) {
        let mut world = world;
        for place in &mut world.places {
            place.policy.products.fields = Fields::default();
            place.platform.habits.insert(Habit::AdjustStock);
            place.platform.tells.tokens = Telling::Yes;
        }
        settle(&mut world);
        let mut wanted = stocks(&world);
        for (at, fault, sales) in rounds {
            let at = at % world.places.len();
            prop_assert_eq!(world.fetch(at), Fetched::Done);
            for (nth, (place, record, variant, quantity)) in sales.into_iter().enumerate() {
                if nth == 2 {
                    // The others are sold after the write, before anybody knows what became of it.
                    world.places[at].faults.push_back(fault);
                    world.send(at);
                }
                sell(&mut world, &mut wanted, place, record, variant, quantity);
            }
            world.send(at);
        }
        settle(&mut world);
        prop_assert_eq!(stocks(&world), wanted);
    }

    #[test]
    fn a_write_whose_answer_was_lost_creates_no_second_record(
        world in world(Range::Any),
        events in events(),
        faults in faults(),
    ) {
        let mut world = world;
        let mut skus = 0;
        for place in &mut world.places {
            // Without tokens and without SKUs of their own nobody could tell.
            place.policy.products.fields = Fields::default();
            for at in 0..place.platform.records.len() {
                place.platform.edit(at, Time(0), |product| for variant in &mut product.variants {
                    let shared = ["new-sku", "black-", "white-"].iter().any(|of| variant.sku.to_lowercase().starts_with(of));
                    if shared || sku_key(&variant.sku).is_none() {
                        skus += 1;
                        variant.sku = format!("only-{skus}");
                    }
                });
            }
        }
        // Before a connection was read, a create there would be made beside what it has already.
        for at in 0..world.places.len() {
            world.fetch(at);
        }
        for fault in faults {
            world.happen(fault);
        }
        let mut world = live(&world, events.into_iter().filter(|event| !matches!(event, Event::Edit { .. })).collect());
        settle(&mut world);
        for place in &world.places {
            let mut tokens: Vec<_> = place.platform.records.iter().filter_map(|record| record.token.clone()).collect();
            tokens.sort();
            let item = |token: &String| token.split('-').nth(2).map(str::to_owned);
            let mut items: Vec<_> = tokens.iter().map(item).collect();
            items.dedup();
            prop_assert_eq!(items.len(), tokens.len(), "{:?}", tokens);
            let mut own = place.platform.created.clone();
            own.sort();
            let all = own.len();
            own.dedup();
            prop_assert_eq!(all, own.len(), "created twice: {:?}", place.platform.created);
        }
    }

    #[test]
    fn an_empty_or_failed_scan_makes_nothing_vanish(world in world(Range::Any), at in 0..3_usize) {
        let mut world = world;
        world.sync_all();
        let at = at % world.places.len();
        let live = |world: &World| {
            world.places[at].equivalences.values().filter(|here| here.is_live()).count()
        };
        let before = live(&world);
        let fetched = world.take_page(at, Vec::new());
        prop_assert_eq!(live(&world), before);
        prop_assert_eq!(fetched != Fetched::Done, before > 0);
    }

    #[test]
    fn no_run_leaves_a_platform_with_fewer_records(world in world(Range::Any), events in events()) {
        let records = |world: &World| -> Vec<usize> {
            world.places.iter().map(|place| place.platform.records.len()).collect()
        };
        let mut world = world;
        for event in events {
            let before = records(&world);
            world.happen(event);
            prop_assert!(records(&world).iter().zip(&before).all(|(after, before)| after >= before));
        }
    }
}

/// What waits to be sent, in words.
fn waiting(world: &World) -> Vec<String> {
    let mut waiting = Vec::new();
    for at in 0..world.places.len() {
        for item in world.items.keys() {
            for Change { path, old, new } in world.pending(at, *item).changes {
                waiting.push(format!("shop-{at}, item {item}: {path} from {old:?} to {new:?}"));
            }
        }
    }
    waiting
}

/// Values that were there stay; blanks may have been filled.
fn keeps_what_it_said(before: &Product, after: &Product) -> Result<(), TestCaseError> {
    let kept = |before: &str, after: &str| before.is_empty() || before == after;
    prop_assert!(
        kept(&before.title, &after.title),
        "{} became {}",
        before.title,
        after.title
    );
    prop_assert!(kept(&before.description, &after.description));
    prop_assert!(kept(&before.brand, &after.brand));
    prop_assert!(before.tags.is_empty() || before.tags == after.tags);
    prop_assert!(before.status.is_none() || before.status == after.status);
    for (name, text) in &before.attributes {
        prop_assert_eq!(Some(text), after.attributes.get(name));
    }
    let gallery = |product: &Product| -> Vec<String> {
        let addresses = product.images.iter().map(|image| image.address.clone());
        addresses.collect()
    };
    let mut pictures = gallery(after);
    pictures.retain(|address| gallery(before).contains(address));
    prop_assert_eq!(gallery(before), pictures);
    for before in &before.variants {
        let alike = |after: &&Variant| match &before.remote_id {
            Some(_) => after.remote_id == before.remote_id,
            None => after.options == before.options || after.sku == before.sku && !after.sku.is_empty(),
        };
        let Some(after) = after.variants.iter().find(alike) else {
            return Err(TestCaseError::fail(format!("a variant is gone: {before:?}")));
        };
        prop_assert!(kept(&before.sku, &after.sku));
        prop_assert!(
            before.price.is_none() || before.price == after.price,
            "{before:?} became {after:?}"
        );
        prop_assert!(before.compare_at_price.is_none() || before.compare_at_price == after.compare_at_price);
        prop_assert!(before.cost.is_none() || before.cost == after.cost);
        for (location, quantity) in &before.stock {
            prop_assert_eq!(Some(quantity), after.stock.get(location), "stock at {}", location);
        }
    }
    Ok(())
}

/// The hub's stock of each variant, over all locations.
fn stocks(world: &World) -> BTreeMap<(ItemId, Key), Decimal> {
    let mut sums: BTreeMap<(ItemId, Key), Decimal> = BTreeMap::new();
    for (id, item) in &world.items {
        for (path, value) in item.content.iter() {
            if let (Part::Variant(key), Leaf::Stock(_), Value::Number(quantity)) =
                (path.part, &path.leaf, value)
            {
                sums.entry((*id, key)).or_default().0 += quantity.0;
            }
        }
    }
    sums
}

/// Sells what a platform counts of a variant, and says what the hub should have then.
fn sell(
    world: &mut World,
    wanted: &mut BTreeMap<(ItemId, Key), Decimal>,
    place: usize,
    record: usize,
    variant: usize,
    quantity: i64,
) {
    let now = world.tick();
    let place = place % world.places.len();
    let place = &mut world.places[place];
    if place.platform.records.is_empty() {
        return;
    }
    let at = record % place.platform.records.len();
    let record = &place.platform.records[at];
    let Some((id, here)) = place
        .equivalences
        .iter()
        .find(|(_, here)| here.remote_id() == Some(&record.remote_id))
    else {
        return;
    };
    let variants = &record.product.variants;
    let variant = variant % variants.len();
    let name = variant_id(&variants[variant]);
    let key = here.children.iter().find_map(|(part, id)| match part {
        Part::Variant(key) if *id == name => Some(*key),
        _ => None,
    });
    let (Some(key), true) = (key, variants[variant].stock.values().next().is_some()) else {
        return;
    };
    if let Some(sum) = wanted.get_mut(&(*id, key)) {
        sum.0 -= Decimal::from(quantity).0;
        place.platform.edit(at, now, |product| {
            if let Some(held) = product.variants[variant].stock.values_mut().next() {
                held.0 -= Decimal::from(quantity).0;
            }
        });
    }
}

#[test]
fn a_record_created_with_the_default_status_keeps_it_until_the_hub_says_otherwise() {
    let active = Product {
        title: "Tee".to_owned(),
        status: Some(Status::Active),
        variants: vec![Variant::default()],
        ..Product::default()
    };
    let mut world = shops(2);
    world.places[0].platform.enter(active, Time(0));
    world.places[1].policy.products.clone = CloneWhich::All;
    world.places[1].policy.products.defaults.status = Some(Status::Draft);
    world.sync_all();
    world.sync_all();
    let status = |world: &World| world.places[1].platform.records[0].product.status;
    assert_eq!(status(&world), Some(Status::Draft));
    let now = world.tick();
    world.places[0]
        .platform
        .edit(0, now, |product| product.status = Some(Status::Paused));
    world.sync_all();
    assert_eq!(status(&world), Some(Status::Paused));
}

/// Faithful shops with nothing in them.
pub fn shops(count: usize) -> World {
    let shop = |at: usize| {
        let name = format!("shop-{at}");
        Place::new(&name, Platform::new(&name, [], Tells::default()))
    };
    World::new((0..count).map(shop).collect())
}

/// Every value of a variant or picture is of one that is there, and the gallery has every picture once.
fn is_whole(world: &World) -> Result<(), TestCaseError> {
    for item in world.items.values() {
        for (Path { part, .. }, _) in item.content.iter() {
            let exists = Path {
                part: *part,
                leaf: Leaf::Exists,
            };
            prop_assert!(
                *part == Part::Whole || item.content.get(&exists).is_some(),
                "{part:?} of {item:#?}"
            );
        }
        let mut gallery = match item.content.get(&Path::pictures()) {
            Some(Value::Keys(keys)) => keys.clone(),
            _ => Vec::new(),
        };
        gallery.sort();
        let pictures: Vec<Key> = item.content.pictures().map(|(key, _)| key).collect();
        prop_assert_eq!(gallery, pictures, "{:#?}", item);
    }
    Ok(())
}
