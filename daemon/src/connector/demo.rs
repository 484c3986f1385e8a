//! The demo platform: a shop that runs inside the daemon and behaves like one far away.
//!
//! It is complete, and its knobs let it be as slow, as unreliable and as self-willed as real platforms are. Tests,
//! benchmarks and the first start use it. What it sells is in `catalogue`, what it remembers in `state`.

mod assortment;
mod catalogue;
mod drawing;
mod history;
mod index;
mod log;
mod orders;
mod patch;
mod picture;
mod rewrites;
mod rows;
mod settings;
mod shapes;
mod state;
#[cfg(test)]
mod tests;
mod webhook;

pub use catalogue::Catalogue;
pub use history::History;
pub use orders::Sales;
pub use state::{Setup, Shop, ShopError, Writes};

use super::{
    Answer, Class, Connector, ConnectorError, Context, Create, Find, Page, PageFrom, Platform, Tokens,
    Unreadable, Update,
};
use crate::apart::apart;
use async_trait::async_trait;
use bytes::Bytes;
use catalogue::{Chance, MOST_PRODUCTS};
use history::MOST_ORDERS;
use picture::Picture;
use rows::{Begin, More};
use settings::Knobs;
use shared::{
    content::Field,
    ids::{ConnectionId, RemoteId},
    order::{self, Order},
    product::{Image, Product, Record, StockWrites, Variant},
    time::Time,
};
use state::{By, Walk};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use xxhash_rust::xxh3::xxh3_64;

pub static PLATFORM: Platform = Platform {
    name: "demo",
    title: "Demo shop",
    description: "An invented shop that runs inside this program, for trying things out. It keeps what is changed in it.",
    fields: &Field::PRODUCT,
    stock: StockWrites::Adjusts,
    orders: Some(orders::ABILITY),
    incremental: true,
    webhook: Some(webhook::knock),
    remote: settings::REMOTE,
    connect: |context| Ok(Box::new(Demo::connect(context)?)),
};

/// How long to wait after a call that came too fast.
const RATE_LIMIT_PAUSE: Duration = Duration::from_millis(100);

struct Demo {
    connection: ConnectionId,
    knobs: Knobs,
    shop: Mutex<Shop>,
    /// How many calls and writes there were: decides what fails next.
    calls: AtomicU64,
}

impl Demo {
    fn connect(context: Context) -> Result<Self, ConnectorError> {
        let Context {
            connection,
            remote,
            data,
            clock,
            pace: _,
            traffic: _,
        } = context;
        let mut knobs: Knobs = serde_json::from_value(remote.into())
            .map_err(|error| rejected(format!("the demo shop does not understand its settings: {error}")))?;
        if knobs.products > MOST_PRODUCTS || knobs.offset > MOST_PRODUCTS {
            return Err(rejected(format!(
                "a demo shop begins with at most {MOST_PRODUCTS} products: make `products` and `offset` smaller"
            )));
        }
        if !(1..=5000).contains(&knobs.page) {
            return Err(rejected("a page holds from 1 to 5000 products: change `page`"));
        }
        if knobs.locations.is_empty() {
            knobs.locations = Knobs::default().locations;
        }
        if knobs.orders > MOST_ORDERS {
            return Err(rejected(format!(
                "a demo shop begins with at most {MOST_ORDERS} orders: make `orders` smaller"
            )));
        }
        let catalogue = Catalogue {
            seed: knobs.seed,
            products: knobs.products,
            offset: knobs.offset,
            differences: in_a_million(knobs.differences),
            locations: knobs.locations.clone(),
            salt: xxh3_64(connection.as_str().as_bytes()),
        };
        let setup = Setup {
            history: History {
                catalogue,
                orders: knobs.orders,
                currency: knobs.currency,
            },
            ahead: milliseconds(knobs.clock_ahead) - milliseconds(knobs.clock_behind),
            sales: knobs.sales,
        };
        let shop = Shop::found(&data, &connection, &setup, clock)?;
        Ok(Self {
            connection,
            knobs,
            shop: Mutex::new(shop),
            calls: AtomicU64::new(0),
        })
    }

    fn shop(&self) -> MutexGuard<'_, Shop> {
        // A panic elsewhere cannot have left half a change: each is one entry of the log.
        self.shop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes as long as a call takes, and fails as often as calls do.
    async fn arrive(&self) -> Result<(), ConnectorError> {
        let times = if self.strikes(self.knobs.failures.slow) {
            20
        } else {
            1
        };
        let latency = Duration::from_millis(self.knobs.latency * times);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        if self.strikes(self.knobs.failures.auth) {
            return Err(ConnectorError::new(
                Class::Auth,
                "The demo shop does not accept our key any more (its setting `failures.auth` made it so).",
            ));
        }
        if self.strikes(self.knobs.failures.retired) {
            return Err(ConnectorError::new(
                Class::Protocol,
                "The demo shop no longer answers this version of its API (its setting `failures.retired` made it so): \
                 install a newer Click2Sync.",
            ));
        }
        if self.strikes(self.knobs.failures.rate_limit) {
            return Err(ConnectorError {
                class: Class::RateLimited,
                message: "The demo shop says that calls come too fast.".to_owned(),
                retry_after: Some(RATE_LIMIT_PAUSE),
            });
        }
        Ok(())
    }

    /// Whether what happens in this share of cases happens now: the same in every run, as long as the calls are.
    fn strikes(&self, share: f64) -> bool {
        if share <= 0.0 {
            return false;
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let seed = self.knobs.seed ^ xxh3_64(self.connection.as_str().as_bytes());
        Chance::new(seed, call).in_a_million(in_a_million(share))
    }

    /// Whether this record is one of those that cannot be understood.
    fn is_unreadable(&self, kind: Kind, number: u64) -> bool {
        let share = in_a_million(self.knobs.failures.unreadable);
        let seed = match kind {
            Kind::Product => !self.knobs.seed,
            Kind::Order => !self.knobs.seed.rotate_left(1),
        };
        share > 0 && Chance::new(seed, number).in_a_million(share)
    }

    async fn one_page<R: HasId>(
        &self,
        kind: Kind,
        from: &PageFrom,
        walk: impl FnOnce(&mut Shop, Option<Time>, Begin, usize) -> Result<Walk<R>, ShopError> + Send,
    ) -> Result<Page<R>, ConnectorError> {
        self.arrive().await?;
        if self.strikes(self.knobs.failures.page) {
            return Err(unavailable("The demo shop did not answer this time."));
        }
        let PageFrom { since, cursor } = from;
        let begin = self.begin(cursor.as_deref())?;
        let most = usize::try_from(self.knobs.page).expect("it is at most 5000");
        let Walk { records, more, total } = walk(&mut self.shop(), *since, begin, most)?;
        let next = match begin {
            Begin::After(_) => records.last().map(|(number, _)| number.to_string()),
            Begin::Skip(rows) => Some(format!("{OFFSET}{}", rows + records.len() as u64)),
        };
        let mut page = Page {
            next: next.filter(|_| more == More::Yes),
            total: Some(total),
            ..Page::default()
        };
        page.records.reserve_exact(records.len());
        for (number, record) in records {
            if self.is_unreadable(kind, number) {
                let id = record.id();
                page.unreadable.push(Unreadable {
                    message: format!("The demo shop's answer about {id} cannot be understood."),
                    remote_id: Some(id.clone()),
                });
            } else {
                page.records.push(record);
            }
        }
        Ok(page)
    }

    /// Where a page begins: after the last record of the one before, or, where rows move, after as many rows.
    fn begin(&self, cursor: Option<&str>) -> Result<Begin, ConnectorError> {
        let shifting = self.knobs.failures.shifting;
        let Some(cursor) = cursor else {
            return Ok(if shifting > 0.0 {
                Begin::Skip(0)
            } else {
                Begin::After(0)
            });
        };
        let unknown = |_| {
            ConnectorError::new(
                Class::Protocol,
                format!("The demo shop knows no page `{cursor}`."),
            )
        };
        let Some(rows) = cursor.strip_prefix(OFFSET) else {
            return Ok(Begin::After(cursor.parse().map_err(unknown)?));
        };
        let rows: u64 = rows.parse().map_err(unknown)?;
        if !self.strikes(shifting) {
            return Ok(Begin::Skip(rows));
        }
        // A row came before: the last of the page before is here again. Or one went: the first is on no page.
        Ok(Begin::Skip(if self.strikes(0.5) {
            rows.saturating_sub(1)
        } else {
            rows + 1
        }))
    }

    async fn write<W: Sync, R: Send>(
        &self,
        batch: &[W],
        each: impl Fn(&mut Shop, &W) -> Result<R, ShopError> + Send,
    ) -> Vec<Answer<R>> {
        if let Err(error) = self.arrive().await {
            return batch.iter().map(|_| Answer::Refused(error.clone())).collect();
        }
        let lost = self.strikes(self.knobs.failures.connection_lost);
        let mut shop = self.shop();
        let answers = batch.iter().map(|write| {
            if self.strikes(self.knobs.failures.write) {
                return Answer::Refused(unavailable(
                    "The demo shop could not do this just now; nothing was changed.",
                ));
            }
            match each(&mut shop, write) {
                Ok(_) if lost || self.strikes(self.knobs.failures.write_after_commit) => Answer::Unclear(
                    unavailable("The demo shop did not answer; nobody knows whether it was done."),
                ),
                Ok(record) => Answer::Shown(record),
                Err(error) => Answer::Refused(error.into()),
            }
        });
        answers.collect()
    }

    async fn search(&self) -> Result<MutexGuard<'_, Shop>, ConnectorError> {
        self.arrive().await?;
        if self.strikes(self.knobs.failures.page) {
            return Err(unavailable("The demo shop did not answer this time."));
        }
        Ok(self.shop())
    }
}

/// What a cursor that counts rows begins with.
const OFFSET: &str = "+";

#[derive(Clone, Copy)]
enum Kind {
    Product,
    Order,
}

/// A record of either kind.
trait HasId {
    fn id(&self) -> &RemoteId;
}

impl HasId for Record {
    fn id(&self) -> &RemoteId {
        &self.remote_id
    }
}

impl HasId for order::Record {
    fn id(&self) -> &RemoteId {
        &self.remote_id
    }
}

#[async_trait]
impl Connector for Demo {
    async fn page(&self, from: &PageFrom) -> Result<Page, ConnectorError> {
        self.one_page(Kind::Product, from, Shop::walk).await
    }

    async fn create(&self, batch: &[Create]) -> Vec<Answer> {
        self.write(
            batch,
            |shop,
             Create {
                 token,
                 record: product,
             }| {
                let mut product = anew(product);
                for rewrite in &self.knobs.rewrites {
                    rewrite.product(&mut product);
                }
                shop.create(product, given(token), By::Connector)
            },
        )
        .await
    }

    async fn update(&self, batch: &[Update]) -> Vec<Answer> {
        self.write(
            batch,
            |shop,
             Update {
                 token,
                 remote_id,
                 patch,
             }| {
                let mut patch = patch.clone();
                for rewrite in &self.knobs.rewrites {
                    rewrite.patch(&mut patch);
                }
                let stock = self.knobs.stock.writes();
                shop.change(&remote_id.0, By::Connector, given(token), |product| {
                    patch::apply(product, patch, stock)
                })
            },
        )
        .await
    }

    async fn find(&self, wanted: &Find) -> Result<Vec<Record>, ConnectorError> {
        let mut shop = self.search().await?;
        let Find {
            token,
            remote_id,
            skus,
            since: _,
        } = wanted;
        if let Some(token) = token {
            let found = shop.with_token(token)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        if let Some(remote_id) = remote_id {
            let found = shop.product(&remote_id.0)?;
            if let Some(record) = found {
                return Ok(vec![record]);
            }
        }
        let mut found = BTreeMap::new();
        for sku in skus {
            let record = shop.product_with_sku(sku)?;
            found.extend(record.map(|record| (record.remote_id.clone(), record)));
        }
        Ok(found.into_values().collect())
    }

    async fn image(&self, address: &str) -> Result<Bytes, ConnectorError> {
        self.arrive().await?;
        if self.strikes(self.knobs.failures.image) {
            return Err(unavailable("The demo shop did not send the picture this time."));
        }
        let picture = Picture::parse(address, None);
        let drawn = apart(move || picture.png()).await;
        match drawn {
            Ok(Some(png)) => Ok(png.into()),
            Ok(None) => Err(ConnectorError::new(
                Class::Missing,
                format!("The demo shop was only told of the picture `{address}`; it never had its bytes."),
            )),
            Err(stopped) => Err(ConnectorError::new(
                Class::Protocol,
                format!("The demo shop could not draw the picture `{address}`: {stopped}"),
            )),
        }
    }

    async fn check(&self) -> Result<String, ConnectorError> {
        self.arrive().await?;
        let mut shop = self.shop();
        let (products, orders) = (shop.count()?, shop.order_count()?);
        Ok(format!(
            "A demo shop with {products} products and {orders} orders."
        ))
    }

    async fn orders(&self, from: &PageFrom) -> Result<Page<order::Record>, ConnectorError> {
        self.one_page(Kind::Order, from, Shop::walk_orders).await
    }

    async fn create_orders(&self, batch: &[Create<Order>]) -> Vec<Answer<order::Record>> {
        self.write(batch, |shop, Create { token, record: order }| {
            let mut order = order.clone();
            for rewrite in &self.knobs.rewrites {
                rewrite.order(&mut order);
            }
            let token = given(token).filter(|_| self.order_tokens() == Tokens::Kept);
            shop.create_order(order, token)
        })
        .await
    }

    async fn update_orders(&self, batch: &[Update<order::Patch>]) -> Vec<Answer<order::Record>> {
        self.write(
            batch,
            |shop,
             Update {
                 token: _,
                 remote_id,
                 patch,
             }| {
                let mut patch = patch.clone();
                for rewrite in &self.knobs.rewrites {
                    rewrite.order_patch(&mut patch);
                }
                shop.alter_order(&remote_id.0, By::Connector, |order| orders::apply(order, patch))
            },
        )
        .await
    }

    async fn find_orders(&self, wanted: &Find) -> Result<Vec<order::Record>, ConnectorError> {
        let mut shop = self.search().await?;
        let Find {
            token,
            remote_id,
            skus: _,
            since,
        } = wanted;
        if let Some(token) = token {
            let found = shop.orders_with_token(token)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        match (remote_id, self.order_tokens()) {
            (Some(remote_id), _) => Ok(shop.order(&remote_id.0)?.into_iter().collect()),
            (None, Tokens::Kept) => Ok(Vec::new()),
            (None, Tokens::Forgotten) => Ok(shop.orders_since(*since)?),
        }
    }

    fn order_tokens(&self) -> Tokens {
        self.knobs.order_tokens.into()
    }
}

/// As somebody would enter it by hand: without the ids that another platform gave.
fn anew(product: &Product) -> Product {
    let mut product = product.clone();
    for Image { remote_id, .. } in &mut product.images {
        *remote_id = None;
    }
    for Variant { remote_id, .. } in &mut product.variants {
        *remote_id = None;
    }
    product
}

fn given(token: &str) -> Option<String> {
    (!token.is_empty()).then(|| token.to_owned())
}

fn milliseconds(duration: u64) -> i64 {
    i64::try_from(duration).unwrap_or(i64::MAX)
}

fn in_a_million(share: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is from 0 to a million"
    )]
    let parts = (share.clamp(0.0, 1.0) * 1_000_000.0).round() as u32;
    parts
}

fn rejected(message: impl Into<String>) -> ConnectorError {
    ConnectorError::new(Class::Rejected, message)
}

fn unavailable(message: &str) -> ConnectorError {
    ConnectorError::new(Class::Unavailable, message)
}

impl From<ShopError> for ConnectorError {
    fn from(error: ShopError) -> Self {
        let class = match &error {
            ShopError::Io { .. } => Class::Unavailable,
            ShopError::Damaged { .. } | ShopError::Foreign { .. } | ShopError::Absent { .. } => {
                Class::Protocol
            }
            ShopError::Missing(_) | ShopError::MissingOrder(_) => Class::Missing,
            ShopError::Rejected(_) => Class::Rejected,
        };
        Self::new(class, error.to_string())
    }
}
