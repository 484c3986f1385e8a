//! The WooCommerce connector against a shop that behaves as a real one was seen to.

mod reading;
mod selling;
mod syncing;
mod writing;

use crate::support::woocommerce::Shop;
use daemon::{
    clock::Clock,
    connector::{Answer, Connector, ConnectorError, Context, Page, PageFrom, platform},
};
use serde_json::{Value, json};
use shared::{
    ids::ConnectionId,
    product::{Product, Record},
};

/// A shop, and the connector that speaks to it.
struct Double {
    shop: Shop,
    connector: Box<dyn Connector>,
    data: tempfile::TempDir,
}

impl Double {
    async fn open() -> Self {
        Self::with(Shop::open().await, json!({}))
    }

    /// With more in its `[remote]` table.
    fn with(shop: Shop, more: Value) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let connector = connect(&shop, more, data.path()).expect("settings that are right");
        Self {
            shop,
            connector,
            data,
        }
    }

    /// Every product of the shop, page by page.
    async fn all(&self) -> Vec<Record> {
        self.since(None).await
    }

    async fn since(&self, since: Option<shared::time::Time>) -> Vec<Record> {
        let mut records = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.page(&PageFrom { since, cursor }).await;
            assert_eq!(page.unreadable, [], "everything is understood");
            records.extend(page.records);
            cursor = page.next;
            if cursor.is_none() {
                return records;
            }
        }
    }

    async fn page(&self, from: &PageFrom) -> Page {
        self.connector.page(from).await.expect("a page")
    }
}

fn connect(shop: &Shop, more: Value, data: &std::path::Path) -> Result<Box<dyn Connector>, ConnectorError> {
    let mut remote = shop.remote();
    if let Value::Object(more) = more {
        remote.extend(more);
    }
    let id = ConnectionId::parse("shop").expect("an id");
    let context = Context::new(id, remote, data.to_owned(), Clock::system());
    (platform("woocommerce").expect("it is one of them").connect)(context)
}

/// The record of a write that was done.
fn shown<R: std::fmt::Debug>(answer: Answer<R>) -> R {
    match answer {
        Answer::Shown(record) => record,
        Answer::Refused(error) | Answer::Partly(_, error) => panic!("it was refused: {error}"),
        Answer::Unclear(error) => panic!("nobody knows: {error}"),
    }
}

fn refused(answer: Answer) -> ConnectorError {
    match answer {
        Answer::Refused(error) | Answer::Partly(_, error) => error,
        Answer::Shown(_) | Answer::Unclear(_) => panic!("it was not refused: {answer:?}"),
    }
}

fn number(text: &str) -> Option<shared::money::Decimal> {
    text.parse().ok()
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

/// A product without anything but a title and a SKU.
fn simple(title: &str, sku: &str, price: &str) -> Product {
    Product {
        title: title.to_owned(),
        variants: vec![shared::product::Variant {
            sku: sku.to_owned(),
            price: number(price),
            ..shared::product::Variant::default()
        }],
        ..Product::default()
    }
}
