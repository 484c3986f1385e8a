//! Accounts of every platform, set up for tests that all platforms have to pass.

mod csv;
mod demo;
mod woocommerce;

use super::trouble::{IsWrite, Trouble};
use async_trait::async_trait;
use daemon::{
    clock::Clock,
    config::{self, ConnectionConfig, Listen},
    connector::{Connector, PLATFORMS, Platform},
    scheduler,
};
use shared::{
    ids::{ConnectionId, RemoteId},
    product::Record,
};
use std::{fs, net::SocketAddr, path::Path};

/// One account of a platform, empty at first, and what goes on there without us.
#[async_trait]
pub(crate) trait Stand: Send + Sync {
    /// As config files name it.
    fn platform(&self) -> &'static str;

    /// A folder that is this account's alone: the daemon's data folder, and whatever else it needs.
    fn folder(&self) -> &Path;

    /// The keys of its `[remote]` table, as a config file has them. `address` is where its server is reached, for those
    /// that are spoken to over HTTP: it may be a way round.
    fn remote(&self, address: Option<SocketAddr>) -> String;

    /// Where its server is, for those that are spoken to over HTTP.
    fn server(&self) -> Option<SocketAddr> {
        None
    }

    /// Tells calls that create products or change them, by head and body.
    fn writes_products(&self) -> IsWrite {
        |call| call.starts_with("POST") || call.starts_with("PUT")
    }

    /// The keys of `[remote]` for the same account with this trouble, where another setting makes it.
    fn troubled(&self, _trouble: Trouble) -> Option<String> {
        None
    }

    /// The keys of `[remote]` with credentials that the platform does not know, for those that are spoken to over HTTP.
    fn wrong_key(&self) -> Option<String> {
        None
    }

    /// From now on the credentials may only read.
    async fn forbid_writing(&mut self) {}

    /// How many products fill more than two pages.
    fn plenty(&self) -> usize;

    /// Somebody takes a product out of the shop, as only people do.
    async fn remove(&mut self, id: &RemoteId);

    /// Somebody buys one of the first variant of this product. `None`: no orders are kept here.
    async fn sell(&mut self, product: &Record) -> Option<RemoteId>;
}

/// A new account of this platform. `None`: only a real server will do, and `make test-real` has one.
pub(crate) async fn stand(platform: &str) -> Option<Box<dyn Stand>> {
    match platform {
        "csv" => Some(Box::new(csv::Files::new())),
        "demo" => Some(Box::new(demo::Shop::new())),
        "woocommerce" => Some(Box::new(woocommerce::Double::open().await)),
        "vendure" => None,
        other => panic!(
            "the platform `{other}` has no stand yet: write tests/support/stand/{other}.rs, so that the conformance suite \
             finds it"
        ),
    }
}

/// The connection's name wherever one is needed.
pub(crate) fn id() -> ConnectionId {
    ConnectionId::parse("shop").expect("an id")
}

/// What the platform of a stand says about itself.
pub(crate) fn described(stand: &dyn Stand) -> &'static Platform {
    let mut all = PLATFORMS.iter();
    all.find(|platform| platform.name == stand.platform())
        .expect("it is registered")
}

/// Its connector, as the daemon makes it.
pub(crate) fn connect(stand: &dyn Stand) -> Box<dyn Connector> {
    connect_by(stand, &stand.remote(stand.server()))
}

/// Likewise, with other keys in `[remote]`.
pub(crate) fn connect_by(stand: &dyn Stand, remote: &str) -> Box<dyn Connector> {
    let settings = settings(stand.platform(), remote);
    let made = scheduler::connect(
        &id(),
        &settings,
        &stand.folder().join("data"),
        Clock::system(),
        std::sync::Arc::default(),
    );
    made.unwrap_or_else(|error| panic!("{}: {error}", stand.platform()))
}

/// The settings that a config file with these keys in `[remote]` gives.
fn settings(platform: &str, remote: &str) -> ConnectionConfig {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("connections")).expect("a folder");
    let file = folder.path().join(format!("connections/{}.toml", id()));
    fs::write(file, format!("platform = \"{platform}\"\n[remote]\n{remote}\n")).expect("a file");
    let loaded = config::load(folder.path(), Listen::File);
    let mut config = loaded
        .config
        .unwrap_or_else(|| panic!("{remote}: {:#?}", loaded.faults));
    config.connections.remove(&id()).expect("it is configured")
}
