//! The JSON of the HTTP API: what the daemon writes and the console reads.

use crate::{
    ids::{ConnectionId, IssueId, ItemId, JobId, Kind, RemoteId},
    issue::{Code, Severity},
    job::{Job, JobKind, Trigger},
    mark::Mark,
    money::{Currency, Decimal, Money},
    policy::SendMode,
    product::Status,
    time::Time,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod order;

pub use crate::{history::Decided, item::Side};
pub use order::{Buyer, LeftOut, Order, OrderLine, OrderTotals, Payment, Shipment, ShippedLine};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct List<T> {
    pub items: Vec<T>,
    pub total: u64,
    /// What to pass as `cursor` for the next page.
    pub next: Option<String>,
}

/// RFC 9457 `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    pub r#type: String,
    pub title: String,
    pub status: u16,
    /// What happened, why, and what to do next.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of settings: everything that is wrong with them, and where in their file that would be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<ConfigFault>,
}

/// `POST /session`: signs a browser in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    pub token: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn")
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    pub platform: String,
    pub state: ConnectionState,
    /// One sentence about the state, where it says more than the state's name: why it is halted, since when paused.
    pub detail: String,
    /// Since when it is paused. `None`: it is not.
    pub paused_at: Option<Time>,
    /// The job that runs, or else the one that waits.
    pub job: Option<Job>,
    pub queued: Queued,
    pub counts: Counts,
    pub clocks: Clocks,
    /// As people say it: "sync every 15m". `None`: only by hand.
    pub schedule: Option<String>,
    pub next_run: Option<Time>,
    pub last_fetch: Option<Time>,
    pub last_send: Option<Time>,
    /// Open issues.
    pub issues: u64,
    pub currency: Currency,
    /// Whether what is pending is reviewed before it is sent.
    pub send: SendMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConnectionState {
    Idle,
    Running,
    Paused,
    /// A guard stopped a job and waits for a person.
    Halted,
    /// The last job failed; `detail` says why.
    Error,
}

/// Changes that wait to be sent to the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Queued {
    pub products: QueuedOf,
    pub orders: QueuedOf,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuedOf {
    pub create: u64,
    pub update: u64,
    /// First meetings' differences that wait for a choice; they are not sent.
    pub held: u64,
}

impl Queued {
    /// How many records a send would write.
    pub fn total(&self) -> u64 {
        self.products.create + self.products.update + self.orders.create + self.orders.update
    }
}

/// Live records at the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    pub products: u64,
    pub orders: u64,
}

/// How far the connection has been read. `None`: the next fetch reads everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Clocks {
    pub products: Option<Time>,
    pub orders: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobAnswer {
    pub job: Job,
}

/// `POST /connections/ID/clocks/reset`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockReset {
    pub kind: ClockKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ClockKind {
    Products,
    Orders,
    All,
}

/// `POST /connections/ID/held/choose`: exactly one of the scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choose {
    pub side: Side,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    #[serde(default)]
    pub all: bool,
}

/// `POST /products/ID/link` and `unlink`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    pub connection: ConnectionId,
    /// What the platform calls the product.
    pub remote_id: RemoteId,
}

/// How many records a call touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Touched {
    pub items: u64,
}

/// A product of the hub, and its counterparts at the connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Product {
    pub id: ItemId,
    pub title: String,
    pub brand: String,
    pub model: String,
    pub mpn: String,
    pub description: String,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    pub status: Option<Status>,
    pub attributes: BTreeMap<String, String>,
    pub images: Vec<Image>,
    pub variants: Vec<Variant>,
    pub equivalences: Vec<Equivalence>,
    pub updated_at: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Image {
    /// The path segment that changes use for it: `images/ID`.
    pub id: String,
    /// Of its bytes, once they were seen: then `/api/v1/images/HASH` shows it.
    pub hash: Option<String>,
    pub url: String,
    pub alt: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variant {
    /// The path segment that changes use for it: `variants/ID`.
    pub id: String,
    pub sku: String,
    pub barcode: String,
    pub options: BTreeMap<String, String>,
    pub price: Option<Money>,
    pub compare_at_price: Option<Money>,
    pub cost: Option<Money>,
    /// Quantity by location.
    pub stock: BTreeMap<String, Decimal>,
    /// In kilograms.
    pub weight: Option<Decimal>,
    /// Ids of the product's images that show it.
    pub images: Vec<String>,
}

/// A product's counterpart at a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Equivalence {
    pub connection: ConnectionId,
    pub remote_id: Option<String>,
    pub url: Option<String>,
    pub mark: Mark,
    /// What a send would change there, and what is held. In lists without those of a create, which are the whole product.
    pub changes: Vec<Change>,
    /// What a person decided not to send, until it changes in the hub.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Change>,
    /// Whether what is pending waits for an approval. `None`: it needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// What the platform shows now, by path. Only in the answer for a single product.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shown: BTreeMap<String, serde_json::Value>,
    pub issues: Vec<Issue>,
    pub acknowledged_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// A JSON pointer into the product or order, without its first slash: `variants/1/price`.
    pub path: String,
    /// A text, a list of texts, a decimal or an instant as a string, an address, true for a variant or a line that is
    /// there, a picture's hash or address, or null.
    pub old: serde_json::Value,
    pub new: serde_json::Value,
    pub mark: Mark,
    /// The rule in words: "199.00 USD + 12% -> 222.99 USD, ending x.99".
    pub why: String,
}

/// `GET /products/ID/history`: one change of the hub's own value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Past {
    pub at: Time,
    /// As in [`Change`].
    pub path: String,
    pub old: serde_json::Value,
    pub new: serde_json::Value,
    /// Where it came from, or what the decision was about. `None`: a person changed it here.
    pub connection: Option<ConnectionId>,
    pub job: Option<JobId>,
    /// A person decided so about a change that was to be written to the connection; the values are as they are there.
    /// `None`: the hub's own value changed.
    pub decided: Option<Decided>,
}

/// `GET /products/ID/stock`: a quantity, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quantity {
    /// As in [`Variant`].
    pub variant: String,
    pub sku: String,
    pub location: String,
    /// What the hub holds now: the first quantity and every movement added up. `None`: it is not counted any more.
    pub quantity: Option<Decimal>,
    /// What was there when the hub came to know it. `None`: it began with the first movement.
    pub first: Option<Decimal>,
    /// In their order.
    pub movements: Vec<Movement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Movement {
    pub at: Time,
    /// Negative for what left.
    pub by: Decimal,
    /// The quantity after it.
    pub after: Decimal,
    /// Where it was sold or came in. `None`: a person changed it here.
    pub connection: Option<ConnectionId>,
    pub job: Option<JobId>,
}

/// One line of what a send would do, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingItem {
    pub kind: Kind,
    pub item: ItemId,
    pub title: String,
    pub mark: Mark,
    pub changes: Vec<Change>,
    /// In a sentence: "Not there yet", "Price and stock differ".
    pub why: String,
    /// Whether it waits for an approval. `None`: it needs none.
    pub review: Option<Review>,
    /// Tells what is shown here from what may be pending a moment later.
    pub digest: String,
}

/// `GET /connections/ID/pending`: a page of it, and how much of all waits for an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingList {
    pub items: Vec<PendingItem>,
    pub total: u64,
    /// What to pass as `cursor` for the next page.
    pub next: Option<String>,
    /// Of the first 5,000, how many wait for an approval.
    pub waiting: u64,
    /// Of the first 5,000, how many were approved.
    pub approved: u64,
}

/// Where a change is that is reviewed before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Review {
    /// Some of it was not approved yet, or changed since.
    Waiting,
    Approved,
}

/// `POST /connections/ID/pending/approve`, `reject` and `reconsider`: exactly one of the scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decide {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<String>,
    /// What these jobs brought about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<JobId>,
    #[serde(default)]
    pub all: bool,
    /// What `sets` are of.
    #[serde(default = "products")]
    pub kind: Kind,
    /// With `sets`: only those that mention this text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// The `digest` of items as they were shown, by their id. What is pending of them otherwise by now is left alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shown: BTreeMap<String, String>,
}

fn products() -> Kind {
    Kind::Products
}

/// How many products and orders were decided about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecidedAbout {
    pub items: u64,
    /// Those that are pending otherwise than they were shown; nothing was decided about them.
    pub differ: Vec<ItemId>,
}

/// `POST /jobs/ID/undo`: what is put back, and what is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undone {
    /// Products of which something waits now to be put back.
    pub items: u64,
    /// Values that wait to be put back.
    pub values: u64,
    /// Values that stay: the platform shows something else by now, or they are quantities, pictures or new parts.
    pub kept: u64,
    /// Products that the job created; nothing is deleted on a platform.
    pub created: u64,
}

/// `GET /jobs/ID/undo`: what an undo would do now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undoing {
    pub would: Undone,
    /// What would be put back, of the first 100 products.
    pub items: Vec<PendingItem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Issue {
    pub id: IssueId,
    pub code: Code,
    pub severity: Severity,
    /// `None`: it is about the daemon as a whole.
    pub connection: Option<ConnectionId>,
    /// What `item` is. `None`: it is about the connection as a whole.
    pub kind: Option<Kind>,
    pub item: Option<ItemId>,
    pub path: Option<String>,
    pub message: String,
    /// What to do about it.
    pub action: String,
    pub at: Time,
}

/// Issues that are alike, so that they can be tackled together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuePattern {
    pub code: Code,
    /// The gravest of them.
    pub severity: Severity,
    /// What their messages have in common: `{number}`, `{id}`, `"…"` and the like stand for what differs.
    pub message: String,
    pub count: u64,
    pub connections: Vec<ConnectionId>,
    pub examples: Vec<IssueExample>,
    /// What to do about them.
    pub action: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssueExample {
    pub connection: ConnectionId,
    /// `None`: it is about the connection as a whole.
    pub item: Option<ItemId>,
    pub message: String,
}

/// A set that the search bar can offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetSuggestion {
    pub id: String,
    /// In the manual's wording.
    pub label: String,
    pub count: u64,
}

/// A kind of system that connections can be made to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Platform {
    pub name: String,
    pub title: String,
    pub description: String,
    /// Field names of products that it can hold.
    pub fields: Vec<String>,
    /// It keeps sales orders.
    pub orders: bool,
    /// It can tell what changed since a time; otherwise each fetch reads everything.
    pub incremental: bool,
    /// It calls `/hooks/ID` when something changes there, where that is set up in it.
    pub webhooks: bool,
    /// The keys of its `[remote]` table.
    pub remote: Vec<RemoteKey>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemoteKey {
    pub name: String,
    /// `text`, `number`, `duration`, `share`, `path`, `secret`, `choice`, `list` (any of the choices) or `table`.
    pub r#type: String,
    pub required: bool,
    pub default: Option<String>,
    pub choices: Vec<String>,
    pub description: String,
    /// The keys of a `table`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub keys: Vec<RemoteKey>,
}

/// `GET /config`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigState {
    pub files: Vec<ConfigFile>,
    /// The first fault of all files, or null when every file is in force.
    pub fault: Option<ConfigFault>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigFile {
    /// Relative to the config folder.
    pub file: String,
    pub faults: Vec<ConfigFault>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigFault {
    /// Relative to the config folder.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The setting that it is about, as `prices.margin`, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
    /// What to write instead, where that can be told.
    pub hint: Option<String>,
    /// The line itself, without secrets.
    pub excerpt: String,
}

/// `GET /connections/ID/settings`: the file as JSON, and as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    pub file: String,
    pub settings: serde_json::Value,
}

/// `GET /connections/ID/stats`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stats {
    pub counts: Counts,
    pub queued: Queued,
    /// How many of the products here have each field in the hub, by field name.
    pub coverage: BTreeMap<String, u64>,
    /// How many of the products here are `in` stock, `low` and `out`.
    pub stock: BTreeMap<String, u64>,
    pub variants: u64,
    pub stock_units: Decimal,
    pub out_of_stock: u64,
    /// By the lowest price of each product that was looked at, in the connection's currency.
    pub prices: Vec<PriceBand>,
    /// Products that were looked at one by one for variants, units and prices.
    pub looked_at: u64,
    /// `None`: there are too many products to look at all of them.
    pub vanished: Option<u64>,
    /// Days on which there were jobs, the last 30 of them, the latest last.
    pub days: Vec<DayStats>,
    pub speed: Speed,
    pub jobs: Vec<Job>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceBand {
    pub from: Decimal,
    /// Where the next begins. `None`: it has no end.
    pub to: Option<Decimal>,
    pub products: u64,
}

/// What the jobs of one day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayStats {
    /// In the daemon's time zone: `2026-11-23`.
    pub day: String,
    pub jobs: u64,
    pub failed: u64,
    pub read: u64,
    pub changed: u64,
    pub written: u64,
    pub refused: u64,
}

/// Records a second while jobs ran. `None`: there were none, or none that took long enough to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Speed {
    pub read: Option<u64>,
    pub written: Option<u64>,
}

/// The data of a server-sent event; its `event:` line is the variant's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Event {
    Connection {
        connection: Box<Connection>,
    },
    /// The connection is no longer configured.
    Gone {
        id: ConnectionId,
    },
    Job {
        job: Box<Job>,
    },
    /// Products changed: these, or too many to name.
    Product {
        ids: Vec<ItemId>,
    },
    /// As `product`, of sales orders.
    Order {
        ids: Vec<ItemId>,
    },
    /// So many issues are open now at a connection, or of the daemon as a whole.
    Issue {
        connection: Option<ConnectionId>,
        open: u64,
    },
    Config {
        config: ConfigState,
    },
}

/// How a request for a job is made: `POST /connections/ID/fetch` with an optional body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobRequest {
    /// `console` or `api`.
    #[serde(default = "by_api")]
    pub trigger: Trigger,
}

fn by_api() -> Trigger {
    Trigger::Api
}

/// `POST /connections/ID/settings/check`: what settings would do, before they are saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// Some products with a price: first those that are here.
    pub prices: Vec<PricePreview>,
    /// Products of the hub that would be created here. `None`: no products are cloned.
    pub creates: Option<u64>,
}

/// A price of the hub as it would be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PricePreview {
    pub item: ItemId,
    pub title: String,
    pub hub: Money,
    /// What is shown there now, as it was last read.
    pub now: Option<Money>,
    /// `None`: there is no exchange rate.
    pub then: Option<Money>,
    /// The rule in words.
    pub why: String,
}

/// `POST /platforms/NAME/check`: whether a platform can be reached with settings that are not saved, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trial {
    pub ok: bool,
    /// What was found, or what is wrong and what to do about it.
    pub message: String,
    pub product: Option<SampleProduct>,
    pub order: Option<SampleOrder>,
}

/// The first product that a platform shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleProduct {
    pub title: String,
    pub sku: String,
    /// In the platform's own currency.
    pub price: Option<Decimal>,
    pub stock: Decimal,
    pub variants: u64,
    pub pictures: u64,
    /// How many products there are, where the platform tells.
    pub total: Option<u64>,
}

/// The first order that a platform shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleOrder {
    pub number: String,
    pub placed_at: Option<Time>,
    pub lines: u64,
    pub sum: Option<Money>,
    /// How many orders there are, where the platform tells.
    pub total: Option<u64>,
}

/// `GET /connections/ID/meeting`: how the products here and those of the hub found each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Meeting {
    /// Products here that are at another connection, too.
    pub matched: u64,
    /// Of those, how many differ and wait for a choice.
    pub differing: u64,
    /// The first of those that differ.
    pub differences: Vec<Difference>,
    /// Of the first 5,000 that differ, in how many each field does.
    pub fields: BTreeMap<String, u64>,
    /// Records here that could be several products, or that several records could be.
    pub ambiguous: u64,
    pub ambiguities: Vec<Ambiguity>,
    /// Products that are only here.
    pub only_here: Unpaired,
    /// Products of the hub that are elsewhere and not here.
    pub only_elsewhere: Unpaired,
}

/// A product that differs, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    pub item: ItemId,
    pub title: String,
    /// `old` is the connection's value, `new` the hub's.
    pub changes: Vec<Change>,
}

/// A record, and the products that it could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ambiguity {
    pub remote_id: RemoteId,
    pub title: String,
    pub message: String,
    pub candidates: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Named {
    pub item: ItemId,
    pub title: String,
}

/// Products without a counterpart, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unpaired {
    pub count: u64,
    pub items: Vec<Named>,
}

/// `POST /issues/patterns/retry` and `dismiss`: which issues are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfPattern {
    pub code: Code,
    /// As the pattern has it.
    pub message: String,
    /// `None`: at every connection.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
}

/// How many issues were tackled, and how many stay since their cause does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tackled {
    pub tackled: u64,
    pub stay: u64,
}

/// `POST /connections/ID/check`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// The platform was reached and takes our credentials.
    pub ok: bool,
    /// What was found, or what is wrong and what to do about it.
    pub message: String,
}

/// What a job's name is in an address.
pub fn job_path(connection: &ConnectionId, kind: JobKind) -> String {
    format!("/api/v1/connections/{connection}/{}", kind.name())
}

/// A job's own address.
pub fn job_address(id: JobId) -> String {
    format!("/api/v1/jobs/{id}")
}
