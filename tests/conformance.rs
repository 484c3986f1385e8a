//! Every platform that is registered keeps the laws of `support/conformance.rs`. A new one fails here until it has a stand.

use crate::support::{
    conformance::{LAWS, Law},
    stand::stand,
};
use daemon::connector::PLATFORMS;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_platform_keeps_every_law() {
    let mut broken = Vec::new();
    for platform in PLATFORMS {
        for Law { name, holds } in LAWS {
            let Some(mut stand) = stand(platform.name).await else {
                continue;
            };
            let held = AssertUnwindSafe(holds(stand.as_mut())).catch_unwind().await;
            if held.is_err() {
                broken.push(format!("{}: {name}", platform.name));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "what they said is above:\n{}",
        broken.join("\n")
    );
}
