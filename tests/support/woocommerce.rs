//! A double of a `WooCommerce` shop on loopback: it behaves as a real one was seen to, with what is strange about it.
//!
//! It is spoken to over http, so every call has to be signed (OAuth 1.0a), and every nonce is good only once.

mod access;
mod catalogue;
mod list;
mod orders;
mod save;
mod terms;
mod wire;

use bytes::Bytes;
use catalogue::Row;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub(crate) const KEY: &str = "ck_double";
pub(crate) const SECRET: &str = "cs_double";
pub(crate) const MEDIA_USER: &str = "owner";
pub(crate) const MEDIA_PASSWORD: &str = "abcd efgh ijkl";

/// A running shop; it ends with the test.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// Everything that the shop knows.
#[derive(Debug)]
pub(crate) struct State {
    next_id: u64,
    pub(crate) products: BTreeMap<u64, Row>,
    pub(crate) variations: BTreeMap<u64, Row>,
    pub(crate) terms: BTreeMap<&'static str, BTreeMap<u64, Value>>,
    /// Attributes of the whole shop, and the values of each.
    pub(crate) attributes: BTreeMap<u64, (Value, Vec<String>)>,
    /// Attachments: their addresses and alternative texts.
    pub(crate) media: BTreeMap<u64, (String, String)>,
    /// The bytes of pictures by the names of their files, which the shop itself hands out.
    files: BTreeMap<String, Bytes>,
    /// Where the shop is.
    url: String,
    pub(crate) orders: BTreeMap<u64, Value>,
    pub(crate) notes: BTreeMap<u64, Vec<Value>>,
    /// Whom the shop wrote to, and about what.
    pub(crate) mails: Vec<String>,
    pub(crate) webhooks: BTreeMap<u64, Value>,
    /// "METHOD path?query" of every call that was let in.
    pub(crate) calls: Vec<String>,
    nonces: BTreeSet<String>,
    pub(crate) knobs: Knobs,
    /// What happens to the next calls that are of a kind.
    pub(crate) mishaps: VecDeque<Mishap>,
    /// How long ago everything that is written counts as written, in seconds.
    pub(crate) past: i64,
}

/// What shops differ in.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is set on its own")]
pub(crate) struct Knobs {
    /// The key may write.
    pub(crate) may_write: bool,
    /// There is a list of all variations.
    pub(crate) analytics: bool,
    /// The shop has no permalinks, so that only /index.php/wp-json answers.
    pub(crate) plain_permalinks: bool,
    pub(crate) weight_unit: &'static str,
    /// Bytes that the web server takes at once.
    pub(crate) largest: usize,
    /// `WooCommerce` older than 9.6 keeps no brands.
    pub(crate) brands: bool,
    /// What is added to net prices, in per cent.
    pub(crate) tax: f64,
}

/// Something that happens to a call.
#[derive(Clone, Debug)]
pub(crate) struct Mishap {
    /// What "METHOD path?query" begins with.
    pub(crate) call: &'static str,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The connection ends before the answer; what was asked for is done to the end.
    CutOff,
    /// Update mode: a web page, and nothing done.
    Maintenance,
    /// PHP is down: a web page, and nothing done.
    BadGateway,
    /// A fatal error of a plugin, in JSON with HTML in it.
    Fatal,
    /// Half of the answer.
    Truncated,
}

/// A refusal: status, code, message, and what else its data says.
#[derive(Clone, Debug)]
pub(crate) struct Fault(Box<(u16, String, String, Value)>);

/// An answer before it is put into bytes.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Shop {
    /// Opens a shop with nothing in it but what every new one has.
    pub(crate) async fn open() -> Self {
        let state = State {
            next_id: 20,
            products: BTreeMap::new(),
            variations: BTreeMap::new(),
            terms: BTreeMap::from([
                (
                    "categories",
                    BTreeMap::from([(15, terms::term(15, "Uncategorized", 0))]),
                ),
                ("tags", BTreeMap::new()),
                ("brands", BTreeMap::new()),
            ]),
            attributes: BTreeMap::new(),
            media: BTreeMap::new(),
            files: BTreeMap::new(),
            url: String::new(),
            orders: BTreeMap::new(),
            notes: BTreeMap::new(),
            mails: Vec::new(),
            webhooks: BTreeMap::new(),
            calls: Vec::new(),
            nonces: BTreeSet::new(),
            knobs: Knobs {
                may_write: true,
                analytics: true,
                plain_permalinks: false,
                weight_unit: "kg",
                largest: 1_048_576,
                brands: true,
                tax: 0.0,
            },
            mishaps: VecDeque::new(),
            past: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let address = wire::serve(Arc::clone(&state)).await;
        state.lock().unwrap_or_else(PoisonError::into_inner).url = format!("http://{address}");
        Self { address, state }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings of a connection with it.
    pub(crate) fn settings(&self) -> String {
        format!(
            "platform = \"woocommerce\"\n[remote]\nurl = \"{}\"\nkey = \"{KEY}\"\nsecret = \"{SECRET}\"\n",
            self.url()
        )
    }

    /// The same as a connector gets it.
    pub(crate) fn remote(&self) -> Map<String, Value> {
        let remote = json!({ "url": self.url(), "key": KEY, "secret": SECRET, "weight_unit": "auto" });
        match remote {
            Value::Object(remote) => remote,
            _ => Map::new(),
        }
    }

    /// Somebody makes a product in the shop; what is said is as the API takes it.
    pub(crate) fn add(&self, product: &Value) -> u64 {
        let saved = self.state().save_product(None, product, save::Strict::No);
        saved.expect("a product that the shop takes")
    }

    /// Somebody makes a variation of a product in the shop.
    pub(crate) fn add_variation(&self, product: u64, variation: &Value) -> u64 {
        let saved = self.state().save_variation(product, None, variation);
        saved.expect("a variation that the shop takes")
    }

    /// Somebody edits a product in the shop.
    pub(crate) fn edit(&self, product: u64, change: &Value) {
        let saved = self.state().save_product(Some(product), change, save::Strict::No);
        saved.expect("a change that the shop takes");
    }

    /// Somebody edits a variation in the shop.
    pub(crate) fn edit_variation(&self, id: u64, change: &Value) {
        let mut state = self.state();
        let product = state.variations[&id].parent_id;
        let saved = state.save_variation(product, Some(id), change);
        saved.expect("a change that the shop takes");
    }

    /// Somebody buys: what is counted goes down, below zero if need be.
    pub(crate) fn sell(&self, id: u64, quantity: i64) {
        self.state().sell(id, quantity);
    }

    /// Somebody places an order in the shop; what is said is as the API takes it.
    pub(crate) fn order(&self, order: &Value) -> u64 {
        let saved = self.state().save_order(None, order);
        saved.expect("an order that the shop takes")
    }

    /// Somebody empties a product out of the shop. The program itself never does.
    pub(crate) fn remove(&self, product: u64) {
        let mut state = self.state();
        state.products.remove(&product);
        state.variations.retain(|_, row| row.parent_id != product);
    }

    /// Somebody puts a product into the trash.
    pub(crate) fn trash(&self, product: u64) {
        let mut state = self.state();
        let now = state.now();
        let row = state.products.get_mut(&product).expect("it is there");
        "trash".clone_into(&mut row.status);
        row.modified = now;
    }

    /// What happens to the next call that begins so.
    pub(crate) fn next(&self, call: &'static str, what: What) {
        self.state().mishaps.push_back(Mishap { call, what });
    }

    /// A product as a reader of the API sees it.
    pub(crate) fn product(&self, id: u64) -> Value {
        let state = self.state();
        state.product_view(&state.products[&id], catalogue::Context::View)
    }

    pub(crate) fn variation(&self, id: u64) -> Value {
        let state = self.state();
        state.variation_view(&state.variations[&id], catalogue::Context::View)
    }

    /// The id of what has this SKU.
    pub(crate) fn with_sku(&self, sku: &str) -> Option<u64> {
        let state = self.state();
        let mut rows = state.products.values().chain(state.variations.values());
        rows.find(|row| row.sku == sku).map(|row| row.id)
    }

    /// The calls so far that begin so.
    pub(crate) fn calls(&self, beginning: &str) -> usize {
        let state = self.state();
        state
            .calls
            .iter()
            .filter(|call| call.starts_with(beginning))
            .count()
    }

    /// Every call that changed something, or tried to.
    pub(crate) fn writes(&self) -> usize {
        let state = self.state();
        state
            .calls
            .iter()
            .filter(|call| !call.starts_with("GET "))
            .count()
    }

    pub(crate) fn forget_calls(&self) {
        self.state().calls.clear();
    }
}

impl State {
    pub(crate) fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Keeps a picture under this name, and answers where it is from now on.
    fn keep_file(&mut self, name: String, bytes: Bytes) -> String {
        let address = format!("{}/wp-content/uploads/{name}", self.url);
        self.files.insert(name, bytes);
        address
    }

    pub(crate) fn now(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        i64::try_from(since.expect("after 1970").as_secs()).expect("before the end of time") - self.past
    }
}

pub(crate) fn fault(status: u16, code: &str, message: &str, data: Value) -> Fault {
    Fault(Box::new((status, code.to_owned(), message.to_owned(), data)))
}

/// A fault as the whole answer, or as that of an item of a batch.
pub(crate) fn faulty(fault: &Fault) -> Value {
    let (status, code, message, data) = &*fault.0;
    let mut all = json!({ "status": status });
    if let (Some(all), Value::Object(data)) = (all.as_object_mut(), data.clone()) {
        all.extend(data);
    }
    json!({ "code": code, "message": message, "data": all })
}
