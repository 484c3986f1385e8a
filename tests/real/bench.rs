//! Reading a store whose server is the limit: the connector against the quickest plain reader of the same pages.
//! `make bench-real` prints both; the figures are at most 1.1 times the time and 1.2 times the requests.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measured"
)]

mod server;
mod shop;

use daemon::connector::PageFrom;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use server::{Filling, Owner, Server};
use shop::connect;
use std::time::{Duration, Instant};

const STORE: Filling = Filling {
    products: 500,
    orders: 0,
};
const PAGE: usize = 100;
/// Of each, in turns; the quickest counts, since other work of the machine only ever makes one slower.
const ROUNDS: usize = 5;
const MOST_TIME: f64 = 1.1;
const MOST_REQUESTS: f64 = 1.2;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(compare());
}

async fn compare() {
    let server = Server::start(STORE).await;
    let mut plain: Vec<(Duration, u64)> = Vec::new();
    let mut ours: Vec<(Duration, u64)> = Vec::new();
    for _ in 0..ROUNDS {
        for at_once in [1, 2, 3] {
            plain.push(read_plainly(&server, at_once).await);
        }
        ours.push(read(&server).await);
    }
    let quickest = |rounds: &[(Duration, u64)]| *rounds.iter().min().unwrap();
    let ((plain, plain_calls), (ours, our_calls)) = (quickest(&plain), quickest(&ours));
    let time = ours.as_secs_f64() / plain.as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a few dozen")]
    let requests = our_calls as f64 / plain_calls as f64;
    println!("reading {} products of a real Vendure server", STORE.products);
    println!("  quickest plain reader   {plain:8.1?}   {plain_calls} requests");
    println!("  connector               {ours:8.1?}   {our_calls} requests");
    println!("  time     {time:.2} times, at most {MOST_TIME}");
    println!("  requests {requests:.2} times, at most {MOST_REQUESTS}");
    assert!(
        time <= MOST_TIME && requests <= MOST_REQUESTS,
        "the figure is missed"
    );
}

/// The connector from nothing: it logs in, learns what the shop is like, and reads every page, the next one being asked for
/// while one is taken in, as a job does.
async fn read(server: &Server) -> (Duration, u64) {
    let began = Instant::now();
    let shop = connect(server, json!({ "page": PAGE }));
    let (mut from, mut records) = (PageFrom::default(), 0);
    loop {
        let page = shop.connector.page(&from).await.unwrap();
        records += page.records.len();
        match page.next {
            Some(next) => from.cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(records, STORE.products as usize);
    (began.elapsed(), shop.traffic.counted().calls())
}

/// The same data by a reader that knows before how many pages there are and how it has to log in, and does nothing with what
/// it reads: so many pages at once.
async fn read_plainly(server: &Server, at_once: usize) -> (Duration, u64) {
    let began = Instant::now();
    let owner = &Owner::log_in(&server.url()).await;
    let pages: Vec<usize> = (0..STORE.products as usize / PAGE).collect();
    let read: Vec<u64> = stream::iter(pages)
        .map(|page| async move {
            let options = json!({ "take": PAGE, "skip": page * PAGE, "sort": { "id": "ASC" } });
            let products = owner.does(PRODUCTS, json!({ "options": options })).await;
            let ids: Vec<&Value> = products["products"]["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| &it["id"])
                .collect();
            assert_eq!(ids.len(), PAGE);
            let options = json!({ "sort": { "id": "ASC" }, "filter": { "productId": { "in": ids } } });
            let variants = owner.does(VARIANTS, json!({ "options": options })).await;
            assert!(variants["productVariants"]["items"].as_array().unwrap().len() >= PAGE);
            2
        })
        .buffer_unordered(at_once)
        .collect()
        .await;
    (began.elapsed(), 1 + read.iter().sum::<u64>())
}

const PRODUCTS: &str = "query ($options: ProductListOptions) {
  products(options: $options) {
    totalItems
    items {
      id updatedAt languageCode name slug description enabled
      featuredAsset { id source } assets { id source } facetValues { id } optionGroups { id name }
      customFields { brand syncToken }
    }
  }
}";

const VARIANTS: &str = "query ($options: ProductVariantListOptions) {
  productVariants(options: $options) {
    totalItems
    items {
      id productId updatedAt sku trackInventory prices { price currencyCode }
      stockLevels { stockLocationId stockOnHand stockAllocated } options { name groupId } assets { id source }
      customFields { barcode weight }
    }
  }
}";
