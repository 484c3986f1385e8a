//! The laws of the design, each over random worlds. A failing world is printed and kept in `proptest-regressions`.

mod world;

use proptest::{prelude::*, test_runner::FileFailurePersistence};
use shared::content::diff;
use world::{
    World,
    generate::{Event, Range, events, world},
};

/// A quarter of `PROPTEST_CASES`, which is 256 where it is not set.
fn cases() -> ProptestConfig {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proptest-regressions/laws.txt");
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        max_shrink_iters: 20_000,
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
                waiting.extend(pending.changes.into_iter().map(|change| (at, change)));
            }
        }
        world.sync_all();
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
