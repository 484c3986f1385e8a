//! Whole worlds, invented from a seed: several demo shops, the real runners, jobs and store between them, and everything
//! that goes wrong between systems that are far apart. When the dust has settled, the laws of the design hold.
//!
//! One seed is one world, the same each time: everything happens in one thread, by a clock that nobody waits for.
//! `SIMULATION_SEEDS=20000` tries so many worlds instead of 200, `SIMULATION_FIRST=20000` those from there on.
//! `SIMULATION_SEED=7` lives through the world of seed 7 and
//! tells what happens; with `SIMULATION_SKU` also what the hub and the shops count of that SKU after each event.

mod chance;
mod edits;
mod event;
mod laws;
mod ledger;
mod life;
mod night;
mod orders;
mod settings;
mod watch;
mod world;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};
use world::{Telling, World};

/// Worlds that every run of the tests tries.
const SEEDS: u64 = 200;

#[test]
fn when_the_dust_has_settled_every_law_holds() {
    let asked = |name: &str| {
        let text = env::var(name).ok()?;
        Some(
            text.parse()
                .unwrap_or_else(|_| panic!("{name} is a whole number, not `{text}`")),
        )
    };
    if let Some(seed) = asked("SIMULATION_SEED") {
        let sku = env::var("SIMULATION_SKU").ok();
        return live(seed, Telling::AsItHappens { sku });
    }
    let seeds = asked("SIMULATION_SEEDS").unwrap_or(SEEDS);
    let first = asked("SIMULATION_FIRST").unwrap_or(0);
    let next = AtomicU64::new(first);
    let failed: Vec<u64> = thread::scope(|scope| {
        let work = || {
            let mut failed = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= first + seeds {
                    return failed;
                }
                if catch_unwind(AssertUnwindSafe(|| live(seed, Telling::Nothing))).is_err() {
                    failed.push(seed);
                }
            }
        };
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("panics are caught"))
            .collect()
    });
    assert!(
        failed.is_empty(),
        "{} of {seeds} worlds broke a law: {failed:?}. To see one: SIMULATION_SEED={} cargo test -p daemon --test \
         tests simulation -- --nocapture",
        failed.len(),
        failed[0]
    );
}

/// Lives through one world, from its first sync until nothing moves, and judges it.
fn live(seed: u64, telling: Telling) {
    let mut world = World::new(seed, telling);
    world.begin();
    for _ in 0..world.eventfulness() {
        world.happen();
        world.tell_of_sku();
        world.audit();
    }
    world.calm();
    world.tell_of_sku();
    world.settle();
    world.tell_of_sku();
    world.sell_out();
    world.tell_of_sku();
    let broken = laws::broken(&mut world);
    assert!(broken.is_empty(), "seed {seed}:\n{}", broken.join("\n"));
}
