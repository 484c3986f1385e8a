//! What tests of the whole program share: the real binary as a process, a real browser, and waiting for states.
#![allow(dead_code, reason = "each kind of test uses another part of it")]

pub(crate) mod browser;
pub(crate) mod conformance;
pub(crate) mod daemon;
pub(crate) mod shops;
pub(crate) mod stand;
pub(crate) mod trouble;
pub(crate) mod woocommerce;

use std::{fmt::Debug, time::Duration};
use tokio::time::Instant;

/// How long a test waits for anything before it fails: far beyond what a loaded machine with two cores needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Clients of HTTP ask for who does their cryptography, even where they need none. Called more than once it stays.
pub(crate) fn with_cryptography() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Looks again and again until `is_good`, and returns what was seen then.
///
/// Panics after [`PATIENCE`] with `what` was waited for and what was seen last.
pub(crate) async fn wait_until<T: Debug>(
    what: &str,
    mut look: impl AsyncFnMut() -> T,
    mut is_good: impl FnMut(&T) -> bool,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = look().await;
        if is_good(&seen) {
            return seen;
        }
        assert!(
            Instant::now() < deadline,
            "waited {PATIENCE:?} in vain until {what}; seen last: {seen:#?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
