//! The laws of the design, each over random worlds. A failing world is printed and kept in `proptest-regressions`.

mod world;

use proptest::{prelude::*, test_runner::FileFailurePersistence};
use shared::{
    content::{Change, Leaf, Part, Path, diff},
    policy::CloneWhich,
    product::{Product, Status, Variant},
    time::Time,
};
use world::{
    Place, World,
    generate::{Event, Range, events, world},
    platform::{Platform, Tells},
};

/// A quarter of `PROPTEST_CASES`, which is 256 where it is not set.
fn cases() -> ProptestConfig {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proptest-regressions/laws.txt");
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        max_shrink_iters: 5_000,
        cases: ProptestConfig::default().cases / 4,
        ..ProptestConfig::default()
    }
}

fn live(world: &World, events: Vec<Event>) -> World {
    let mut world = world.clone();
    for event in events {
        world.happen(event);
    }
    world
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn after_two_syncs_without_an_edit_a_further_sync_writes_nothing(
        world in world(Range::Any),
        events in events(),
    ) {
        let mut world = live(&world, events);
        world.sync_all();
        world.sync_all();
        let (writes, contents) = (world.writes(), world.contents());
        let mut waiting = Vec::new();
        for at in 0..world.places.len() {
            for item in world.items.keys() {
                let pending = world.pending(at, *item);
                for Change { path, old, new } in pending.changes {
                    waiting.push(format!("shop-{at}: {path} from {old:?} to {new:?}"));
                }
            }
        }
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
fn shops(count: usize) -> World {
    let shop = |at: usize| {
        let name = format!("shop-{at}");
        Place::new(&name, Platform::new(&name, [], Tells::default()))
    };
    World::new((0..count).map(shop).collect())
}

/// Every value of a variant or picture is of one that is there.
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
    }
    Ok(())
}
