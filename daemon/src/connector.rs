//! What a platform has to be able to do, and the list of platforms.
//!
//! The trait has no way to delete: nothing in this program deletes on a platform.

pub mod csv;
pub mod demo;
pub mod http;
pub mod traffic;
pub mod vendure;
pub mod woocommerce;

mod described;
mod weight;

pub use described::platforms;

use crate::clock::Clock;
use ::http::HeaderMap;
use async_trait::async_trait;
use bytes::Bytes;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use shared::{
    content::Field,
    ids::{ConnectionId, RemoteId},
    order::{self, Order},
    policy::Pace,
    product::{Patch, Product, Record, StockWrites},
    time::Time,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;
use traffic::Traffic;

/// Speaks to one account on one platform. Its values are the platform's own; translation happens in `shared`.
#[async_trait]
pub trait Connector: Send + Sync {
    /// One page of products.
    async fn page(&self, from: &PageFrom) -> Result<Page, ConnectorError>;

    /// Creates each of `batch`; the answers are in its order, one each.
    async fn create(&self, batch: &[Create]) -> Vec<Answer>;

    /// Changes only what each patch names; the answers are in the order of `batch`, one each.
    async fn update(&self, batch: &[Update]) -> Vec<Answer>;

    /// Records that an unclear write may have made: those with this token, else those with one of these SKUs.
    async fn find(&self, wanted: &Find) -> Result<Vec<Record>, ConnectorError>;

    /// The bytes of a picture that one of its records named.
    async fn image(&self, address: &str) -> Result<Bytes, ConnectorError>;

    /// Credentials and reachability, without touching data. The answer is one sentence about what was found.
    async fn check(&self) -> Result<String, ConnectorError>;

    /// Counts up whenever the platform is seen to change, where it can be watched: a hint to fetch sooner.
    fn hints(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// How many creates or updates go into one call.
    fn batch(&self) -> usize {
        100
    }

    /// One page of sales orders. Only platforms that describe an [`order::Ability`] are asked for orders.
    async fn orders(&self, _from: &PageFrom) -> Result<Page<order::Record>, ConnectorError> {
        Err(without_orders())
    }

    /// Creates each of `batch`; the answers are in its order, one each.
    async fn create_orders(&self, batch: &[Create<Order>]) -> Vec<Answer<order::Record>> {
        batch.iter().map(|_| Answer::Refused(without_orders())).collect()
    }

    /// Changes only what each patch names; the answers are in the order of `batch`, one each.
    async fn update_orders(&self, batch: &[Update<order::Patch>]) -> Vec<Answer<order::Record>> {
        batch.iter().map(|_| Answer::Refused(without_orders())).collect()
    }

    /// Orders that an unclear write may have made or changed: those with this token, else the one of this id; else, where
    /// no tokens are kept, all that changed since.
    async fn find_orders(&self, _wanted: &Find) -> Result<Vec<order::Record>, ConnectorError> {
        Err(without_orders())
    }

    /// Whether an order that we created is shown with our token ever after. Where none are kept, one that was created
    /// without an answer is known again by what is in it.
    fn order_tokens(&self) -> Tokens {
        Tokens::Kept
    }
}

fn without_orders() -> ConnectorError {
    ConnectorError::new(Class::Rejected, "This platform keeps no sales orders.")
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFrom {
    /// Only what changed at or after this instant. `None`: everything. Only for platforms that are incremental.
    pub since: Option<Time>,
    /// The previous page's `next`. `None`: the first page.
    pub cursor: Option<String>,
}

/// A page of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R = Record> {
    pub records: Vec<R>,
    /// Records that are there and cannot be understood; they stop only themselves.
    pub unreadable: Vec<Unreadable>,
    /// `None`: this was the last page. A reader that gave up early is an error, never a last page.
    pub next: Option<String>,
    /// How many records all pages hold, where the platform tells.
    pub total: Option<u64>,
}

impl<R> Default for Page<R> {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            unreadable: Vec::new(),
            next: None,
            total: None,
        }
    }
}

/// A record that cannot be understood, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// So that a complete scan does not take it for vanished.
    pub remote_id: Option<RemoteId>,
    /// Where it is and what is wrong with it, in a sentence.
    pub message: String,
}

/// A product or order to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create<T = Product> {
    /// Ours, unique to this record and connection; kept by the platform where it can.
    pub token: String,
    pub record: T,
}

/// A product or order to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update<P = Patch> {
    /// Ours, unique to this write; kept by the platform where it can, in place of the one before.
    pub token: String,
    pub remote_id: RemoteId,
    pub patch: P,
}

/// What to look for after an unclear write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    pub token: Option<String>,
    pub remote_id: Option<RemoteId>,
    pub skus: Vec<String>,
    /// For orders where no tokens are kept, by the platform's clock. `None`: whenever they changed.
    pub since: Option<Time>,
}

/// Whether a platform keeps our tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    Kept,
    Forgotten,
}

/// What a platform answered to one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<R = Record> {
    /// Done; this is the record as the platform shows it now.
    Shown(R),
    /// A part of it was done and the rest was refused; this is the record as the platform shows it now.
    Partly(R, ConnectorError),
    /// Not done.
    Refused(ConnectorError),
    /// Nobody knows: the answer was lost, or made no sense. It has to be looked for before it is tried again.
    Unclear(ConnectorError),
}

/// A call to a platform that did not work out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectorError {
    pub class: Class,
    /// The platform's own words where it had any, in a sentence with what to do.
    pub message: String,
    pub retry_after: Option<Duration>,
}

/// The most bytes that a picture may have.
pub const LARGEST_PICTURE: usize = 20 * 1024 * 1024;

/// Whether a picture's address is one that everybody understands.
pub fn is_on_the_web(address: &str) -> bool {
    address.starts_with("http://") || address.starts_with("https://")
}

/// The hash by which pictures are known everywhere: XXH3-128 of their bytes, in lower-case hex.
pub fn content_hash(bytes: &[u8]) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(bytes))
}

/// The folder of pictures, within the daemon's data folder.
pub const PICTURES: &str = "pictures";

/// Where the picture of a hash lies, within the folder of pictures.
pub fn picture_place(folder: &Path, hash: &str) -> PathBuf {
    folder.join(&hash[..2.min(hash.len())]).join(hash)
}

/// The bytes of a picture that is kept, for platforms that take pictures as files.
pub fn kept_picture(data: &Path, hash: &str) -> Option<Bytes> {
    // A hash names a file, so it may hold nothing but what hashes are made of.
    let is_hash = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let place = is_hash.then(|| picture_place(&data.join(PICTURES), hash))?;
    std::fs::read(place).ok().map(Bytes::from)
}

/// What to do about a failed call. Branch on this; show the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Our credentials are not accepted: wait for a person.
    Auth,
    /// Too fast: wait and try again.
    RateLimited,
    /// Not reachable, or broken for now: try again later.
    Unavailable,
    /// It understood and says no: do not repeat the same.
    Rejected,
    /// The record is not there.
    Missing,
    /// It answered something that makes no sense.
    Protocol,
}

impl ConnectorError {
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            retry_after: None,
        }
    }
}

impl Class {
    /// The same call may work later.
    pub fn is_passing(self) -> bool {
        match self {
            Self::RateLimited | Self::Unavailable => true,
            Self::Auth | Self::Rejected | Self::Missing | Self::Protocol => false,
        }
    }
}

/// A kind of system that connections can be made to, described by data: `check`, the console's dialog and the
/// API all read this.
#[derive(Debug)]
pub struct Platform {
    /// As config files name it.
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// What it can hold of products; nothing else is ever pending there.
    pub fields: &'static [Field],
    /// What it does with a quantity that is written.
    pub stock: StockWrites,
    /// What it can do with sales orders. `None`: it keeps none.
    pub orders: Option<order::Ability>,
    /// It can tell what changed since a time; otherwise each fetch reads everything.
    pub incremental: bool,
    /// How its own webhooks are known to come from it. `None`: it sends none.
    pub webhook: Option<Verify>,
    /// The keys of its `[remote]` table.
    pub remote: &'static [RemoteKey],
    pub connect: fn(Context) -> Result<Box<dyn Connector>, ConnectorError>,
}

/// Whether a platform signed a call, by the `[remote]` table of the connection that it is about. Without the secret that
/// it is signed with nobody can tell, and it did not.
pub type Verify = fn(&serde_json::Map<String, serde_json::Value>, &Call<'_>) -> Knock;

/// What a call to a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knock {
    /// The platform signed it: something changed there.
    Signed,
    /// It announces a webhook, which some platforms do without a signature and take an answer for. It is no hint.
    Greeting,
    /// Anybody may have made it.
    Unsigned,
}

/// A call of a platform's own webhook.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl Call<'_> {
    /// What a header says that is given once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut given = self.headers.get_all(name).iter();
        let (said, more) = (given.next()?, given.next());
        said.to_str().ok().filter(|_| more.is_none())
    }

    /// Whether `signature` is the HMAC-SHA256 of the body. Comparing takes the same time wherever two differ.
    pub fn has_hmac_sha256(&self, secret: &str, signature: &[u8]) -> bool {
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()) else {
            return false;
        };
        mac.update(self.body);
        !secret.is_empty() && mac.verify_slice(signature).is_ok()
    }
}

/// One key of a `[remote]` table.
#[derive(Debug)]
pub struct RemoteKey {
    pub name: &'static str,
    pub value: RemoteType,
    /// As it would be written in the file, without quotes. `None` and not required: it may be left out.
    pub default: Option<&'static str>,
    pub required: bool,
    /// One sentence for the console and `check`.
    pub description: &'static str,
}

/// What a key of a `[remote]` table holds, and what the connector gets of it as JSON.
#[derive(Debug)]
pub enum RemoteType {
    /// A string.
    Text,
    /// A whole number, not negative.
    Number,
    /// "20ms", "15m", "7d": milliseconds as a number.
    Duration,
    /// "12%" or "0.5%": the share of one as a number (0.12).
    Share,
    /// A file or folder; a relative one is relative to the config folder, the connector gets it absolute.
    Path,
    /// A literal or a reference to a variable or file; the connector gets the secret itself.
    Secret,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Any of these.
    Choices(&'static [&'static str]),
    /// A table of its own.
    Table(&'static [RemoteKey]),
}

/// What a connector is made of.
#[derive(Clone, Debug)]
pub struct Context {
    pub connection: ConnectionId,
    /// The validated `[remote]` table: every key with a default is there, types are as [`RemoteType`] says.
    pub remote: serde_json::Map<String, serde_json::Value>,
    /// The daemon's data folder, for connectors that keep something of their own.
    pub data: PathBuf,
    pub clock: Clock,
    /// How fast its platform may be asked at most.
    pub pace: Pace,
    /// Where calls to its platform are counted.
    pub traffic: Arc<Traffic>,
}

impl Context {
    /// What a connector is made of where nothing is said of its pace, and nobody looks at its traffic.
    pub fn new(
        connection: ConnectionId,
        remote: serde_json::Map<String, serde_json::Value>,
        data: PathBuf,
        clock: Clock,
    ) -> Self {
        Self {
            connection,
            remote,
            data,
            clock,
            pace: Pace::default(),
            traffic: Arc::default(),
        }
    }
}

/// Every platform there is. A new one is one file and one line here.
pub static PLATFORMS: &[&Platform] = &[
    &demo::PLATFORM,
    &csv::PLATFORM,
    &woocommerce::PLATFORM,
    &vendure::PLATFORM,
];

/// The platform of this name.
pub fn platform(name: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().copied().find(|platform| platform.name == name)
}
