//! `WooCommerce`, by its REST API (v3).
//!
//! What real stores do is more than the API's reference says; the tests hold what was observed. In short: lists are walked
//! in the order of ids with overlap, texts are unescaped, prices are plain texts, everything is checked before a batch
//! since the shop checks nothing in one, and what was written is read back as a reader sees it.

mod api;
mod attribute;
mod category;
mod check;
mod errors;
mod find;
mod image;
mod order;
mod payload;
mod picture;
mod price;
mod product;
mod read;
mod send;
mod shapes;
mod term;
mod text;
mod variation;
mod walk;
mod webhook;

use super::{
    Answer, Class, Connector, ConnectorError, Context, Create, Find, Page, PageFrom, Platform, RemoteKey,
    RemoteType, Update,
    http::{Base, Http},
    weight::WeightUnit,
};
use api::Api;
use async_trait::async_trait;
use bytes::Bytes;
use picture::{Pictures, Sent};
use read::{Categories, Reader};
use serde::Deserialize;
use shared::{
    content::Field,
    order::{Order, Patch as OrderPatch, Record as OrderRecord},
    product::{Image, Record, StockWrites},
};
use std::{collections::BTreeSet, fmt, path::PathBuf};
use term::Terms;
use tokio::sync::Mutex;
use walk::{Step, Walk};
use webhook::Hooks;

pub static PLATFORM: Platform = Platform {
    name: "woocommerce",
    title: "WooCommerce",
    description: "A WooCommerce shop, by its REST API. Make a key with Read/Write permissions under WooCommerce > Settings > \
                  Advanced > REST API.",
    fields: FIELDS,
    stock: StockWrites::Adjusts,
    orders: Some(order::ABILITY),
    incremental: true,
    webhook: Some(webhook::knock),
    remote: REMOTE,
    connect: |context| Ok(Box::new(Woo::connect(&context)?)),
};

/// All but cost, which most shops do not keep.
static FIELDS: &[Field] = &[
    Field::Title,
    Field::Description,
    Field::Brand,
    Field::Model,
    Field::Mpn,
    Field::Categories,
    Field::Tags,
    Field::Status,
    Field::Attributes,
    Field::Images,
    Field::Sku,
    Field::Barcode,
    Field::Options,
    Field::Price,
    Field::CompareAtPrice,
    Field::Stock,
    Field::Weight,
];

static REMOTE: &[RemoteKey] = &[
    RemoteKey {
        name: "url",
        value: RemoteType::Text,
        default: None,
        required: true,
        description: "The shop's address, such as https://shop.example; with /index.php after it where the shop has no permalinks.",
    },
    RemoteKey {
        name: "key",
        value: RemoteType::Secret,
        default: None,
        required: true,
        description: "The consumer key (ck_...) of a REST API key with Read/Write permissions.",
    },
    RemoteKey {
        name: "secret",
        value: RemoteType::Secret,
        default: None,
        required: true,
        description: "The consumer secret (cs_...) of that key.",
    },
    RemoteKey {
        name: "media_user",
        value: RemoteType::Text,
        default: None,
        required: false,
        description: "A WordPress user who uploads pictures that have no public address; without one they are not sent.",
    },
    RemoteKey {
        name: "media_password",
        value: RemoteType::Secret,
        default: None,
        required: false,
        description: "An application password of that user, from their profile in WordPress.",
    },
    RemoteKey {
        name: "webhook_secret",
        value: RemoteType::Secret,
        default: None,
        required: false,
        description: "What the shop signs its webhooks to /hooks/ID with: the same as in the shop under Advanced > Webhooks.",
    },
    RemoteKey {
        name: "webhook_url",
        value: RemoteType::Text,
        default: None,
        required: false,
        description: "The public address of /hooks/ID, at which the shop reaches this program: missing webhooks are then made there.",
    },
    RemoteKey {
        name: "weight_unit",
        value: RemoteType::Choice(&["auto", "kg", "g", "lbs", "oz"]),
        default: Some("auto"),
        required: false,
        description: "The unit of the shop's weights; `auto` asks the shop.",
    },
];

/// The key of the meta data that holds our tokens. Those that begin with `_` are shown to nobody.
const TOKEN: &str = "_click2sync_token";

/// Its `[remote]` table.
#[derive(Deserialize)]
struct Settings {
    url: String,
    key: String,
    secret: String,
    media_user: Option<String>,
    media_password: Option<String>,
    webhook_secret: Option<String>,
    webhook_url: Option<String>,
    weight_unit: String,
}

/// Who uploads pictures.
#[derive(Clone)]
struct Media {
    user: String,
    password: String,
}

struct Woo {
    reader: Reader,
    walk: Mutex<Walk>,
    order_walk: Mutex<Walk>,
    /// The address of the shop itself, with a slash at its end.
    shop: String,
    terms: Terms,
    /// The pictures that were sent.
    sent: Sent,
    media: Option<Media>,
    /// SKUs of which a create was told that another product has them.
    contested: Mutex<BTreeSet<String>>,
    hooks: Option<Hooks>,
    /// Whether the webhooks were looked at since this connection began.
    hooked: Mutex<bool>,
    data: PathBuf,
}

impl Woo {
    fn connect(context: &Context) -> Result<Self, ConnectorError> {
        let settings: Settings = serde_json::from_value(context.remote.clone().into()).map_err(|error| {
            rejected(format!(
                "the settings of this WooCommerce shop are not understood: {error}"
            ))
        })?;
        let Settings {
            url,
            key,
            secret,
            media_user,
            media_password,
            webhook_secret,
            webhook_url,
            weight_unit,
        } = settings;
        let shop = Base::parse(&url)?;
        let base = shop.below("wp-json");
        let http = Http::new(base, context, errors::verdict)?;
        let media = match (media_user, media_password) {
            (Some(user), Some(password)) => Some(Media { user, password }),
            (None, None) => None,
            _ => {
                return Err(rejected(
                    "`media_user` and `media_password` go together: give both or none.",
                ));
            }
        };
        let hooks = match (webhook_url, webhook_secret) {
            (Some(delivery), Some(secret)) => Some(Hooks { delivery, secret }),
            (None, _) => None,
            (Some(_), None) => {
                return Err(rejected(
                    "`webhook_url` needs a `webhook_secret`: without one nobody can tell who calls.",
                ));
            }
        };
        let api = Api::new(http, key.trim(), secret.trim(), context.clock.clone());
        Ok(Self {
            reader: Reader::new(api, WeightUnit::parse(&weight_unit)),
            walk: Mutex::default(),
            order_walk: Mutex::default(),
            shop: shop.as_str().trim_end_matches("index.php/").to_owned(),
            terms: Terms::default(),
            sent: Sent::default(),
            media,
            contested: Mutex::default(),
            hooks,
            hooked: Mutex::new(false),
            data: context.data.clone(),
        })
    }

    async fn pictures<'a>(
        &self,
        images: impl IntoIterator<Item = &'a Image>,
    ) -> Result<Pictures, ConnectorError> {
        let images: Vec<&Image> = images.into_iter().collect();
        self.sent
            .prepare(&self.reader.api, self.media.as_ref(), &self.data, images)
            .await
    }

    /// Makes webhooks that are missing, once. Where that fails, fetches go by their schedule, and the log says why.
    async fn hook_up(&self) {
        let Some(hooks) = &self.hooks else { return };
        let mut hooked = self.hooked.lock().await;
        if *hooked {
            return;
        }
        *hooked = true;
        match hooks.set_up(&self.reader.api).await {
            Ok(0) => {}
            Ok(made) => tracing::info!(made, "Webhooks were made in the shop"),
            Err(error) => {
                tracing::warn!(reason = %error, "Webhooks could not be made in the shop; fetches go by their schedule");
            }
        }
    }
}

#[async_trait]
impl Connector for Woo {
    async fn page(&self, from: &PageFrom) -> Result<Page, ConnectorError> {
        let categories = match from.cursor {
            None => Categories::Anew,
            Some(_) => Categories::Known,
        };
        if categories == Categories::Anew {
            self.hook_up().await;
        }
        let Step { rows, next, total } = {
            let mut walk = self.walk.lock().await;
            walk.step(&self.reader.api, "wc/v3/products", from).await?
        };
        let read = self.reader.complete(rows).await?;
        self.note_terms(&read.found);
        let words = self.reader.words(&read.found, categories).await?;
        let (records, unreadable) = Reader::records(read, &words);
        Ok(Page {
            records,
            unreadable,
            next,
            total,
        })
    }

    async fn create(&self, batch: &[Create]) -> Vec<Answer> {
        self.create_all(batch).await
    }

    async fn update(&self, batch: &[Update]) -> Vec<Answer> {
        self.update_all(batch).await
    }

    async fn find(&self, wanted: &Find) -> Result<Vec<Record>, ConnectorError> {
        self.look_for(wanted).await
    }

    async fn image(&self, address: &str) -> Result<Bytes, ConnectorError> {
        self.reader.api.http.picture(address).await
    }

    async fn check(&self) -> Result<String, ConnectorError> {
        self.look_around().await
    }

    async fn orders(&self, from: &PageFrom) -> Result<Page<OrderRecord>, ConnectorError> {
        let Step { rows, next, total: _ } = {
            let mut walk = self.order_walk.lock().await;
            walk.step(&self.reader.api, "wc/v3/orders", from).await?
        };
        let (records, unreadable) = order::records(rows, &self.shop);
        Ok(Page {
            records,
            unreadable,
            next,
            // The shop counts baskets with the orders.
            total: None,
        })
    }

    async fn create_orders(&self, batch: &[Create<Order>]) -> Vec<Answer<OrderRecord>> {
        self.create_orders_all(batch).await
    }

    async fn update_orders(&self, batch: &[Update<OrderPatch>]) -> Vec<Answer<OrderRecord>> {
        self.update_orders_all(batch).await
    }

    async fn find_orders(&self, wanted: &Find) -> Result<Vec<OrderRecord>, ConnectorError> {
        self.find_orders_all(wanted).await
    }
}

fn rejected(message: impl Into<String>) -> ConnectorError {
    ConnectorError::new(Class::Rejected, message)
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media").finish_non_exhaustive()
    }
}
