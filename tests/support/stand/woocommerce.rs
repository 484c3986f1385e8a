use super::Stand;
use crate::support::{
    trouble::IsWrite,
    woocommerce::{KEY, SECRET, Shop},
};
use async_trait::async_trait;
use serde_json::json;
use shared::{ids::RemoteId, product::Record};
use std::{net::SocketAddr, path::Path};
use tempfile::TempDir;

/// The double of a shop, with nothing in it but what every new one has.
pub(super) struct Double {
    folder: TempDir,
    shop: Shop,
}

impl Double {
    pub(super) async fn open() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            shop: Shop::open().await,
        }
    }
}

#[async_trait]
impl Stand for Double {
    fn platform(&self) -> &'static str {
        "woocommerce"
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn remote(&self, address: Option<SocketAddr>) -> String {
        let address = address.expect("it is spoken to over HTTP");
        format!("url = \"http://{address}\"\nkey = \"{KEY}\"\nsecret = \"{SECRET}\"\n")
    }

    fn server(&self) -> Option<SocketAddr> {
        Some(self.shop.address())
    }

    fn writes_products(&self) -> IsWrite {
        |call| {
            let path = call.split(['?', ' ']).nth(1).unwrap_or_default();
            !call.starts_with("GET") && (path.ends_with("/products") || path.ends_with("/batch"))
        }
    }

    fn wrong_key(&self) -> Option<String> {
        Some(self.remote(self.server()).replace(SECRET, "cs_of_another"))
    }

    async fn forbid_writing(&mut self) {
        self.shop.state().knobs.may_write = false;
    }

    fn plenty(&self) -> usize {
        // The connector answers three of the shop's pages at once.
        700
    }

    async fn remove(&mut self, id: &RemoteId) {
        self.shop.remove(id.0.parse().expect("ids are numbers"));
    }

    async fn sell(&mut self, product: &Record) -> Option<RemoteId> {
        let number = |id: &RemoteId| id.0.parse::<u64>().expect("ids are numbers");
        let variant = product.product.variants[0].remote_id.as_ref();
        let line = json!({
            "product_id": number(&product.remote_id), "variation_id": variant.map_or(0, number), "quantity": 1,
            "subtotal": "5.00", "total": "5.00",
        });
        let order = self.shop.order(&json!({
            "status": "processing", "line_items": [line],
            "billing": {"first_name": "Ana", "last_name": "Li", "email": "ana@mail.example"},
        }));
        Some(RemoteId::from(order.to_string()))
    }
}
