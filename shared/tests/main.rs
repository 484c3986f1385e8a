//! The laws of the design, each over random worlds, and the failures of others by name.

mod failures;
mod galleries;
mod laws;
mod orders;
mod reading;
mod trade;
mod world;

use proptest::{
    prelude::ProptestConfig,
    test_runner::{FileFailurePersistence, RngSeed},
};

/// The same cases each time, so that a change is judged by its own faults. `PROPTEST_RNG_SEED` and `PROPTEST_CASES`
/// look further. What failed is kept in `proptest-regressions`.
fn cases(kept: &str) -> ProptestConfig {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proptest-regressions");
    let kept: &'static str = format!("{folder}/{kept}.txt").leak();
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        max_shrink_iters: 5_000,
        rng_seed: match ProptestConfig::default().rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            RngSeed::Fixed(asked) => RngSeed::Fixed(asked),
        },
        ..ProptestConfig::default()
    }
}
