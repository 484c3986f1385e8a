use super::{Stand, id};
use crate::support::trouble::Trouble;
use async_trait::async_trait;
use daemon::{clock::Clock, connector::demo};
use shared::{ids::RemoteId, product::Record};
use std::{net::SocketAddr, path::Path};
use tempfile::TempDir;

/// A demo shop that begins empty.
pub(super) struct Shop {
    folder: TempDir,
}

const REMOTE: &str = "products = 0\nlatency = \"0ms\"\npage = 5\n";

impl Shop {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn open(&self) -> demo::Shop {
        demo::Shop::open(&self.folder().join("data"), &id(), Clock::system())
            .expect("it was founded by connecting to it")
    }
}

#[async_trait]
impl Stand for Shop {
    fn platform(&self) -> &'static str {
        "demo"
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn remote(&self, _: Option<SocketAddr>) -> String {
        REMOTE.to_owned()
    }

    fn troubled(&self, trouble: Trouble) -> Option<String> {
        let failure = match trouble {
            Trouble::Answers(401) => "auth",
            Trouble::Answers(429) => "rate_limit",
            Trouble::Answers(503) => "page",
            Trouble::AnswersLost => "write_after_commit",
            Trouble::Answers(_) | Trouble::WebPage | Trouble::BreaksOff => return None,
        };
        Some(format!("{REMOTE}failures = {{ {failure} = \"100%\" }}\n"))
    }

    fn plenty(&self) -> usize {
        13
    }

    async fn remove(&mut self, id: &RemoteId) {
        self.open().remove(&id.0).expect("it is there");
    }

    async fn sell(&mut self, product: &Record) -> Option<RemoteId> {
        let variant = product.product.variants[0].remote_id.as_ref();
        let placed = self
            .open()
            .sell(&product.remote_id.0, variant, 1, Clock::system().now());
        Some(placed.expect("there is enough of it"))
    }
}
