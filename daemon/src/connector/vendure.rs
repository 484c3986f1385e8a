//! Vendure 3: its Admin API, which is GraphQL, under whatever a shop has made of it.

mod asset;
mod client;
mod create;
mod cursor;
mod errors;
mod facet;
mod input;
mod option;
mod order;
mod product;
mod query;
mod read;
mod settings;
mod shapes;
mod shop;
mod sight;
#[cfg(test)]
mod tests;
mod trade;
mod update;

use super::{
    Answer, Class, Connector, ConnectorError, Context, Create, Find, Page, PageFrom, Platform, Update,
};
use asset::Uploaded;
use async_trait::async_trait;
use bytes::Bytes;
use client::Client;
use serde::Deserialize;
use serde_json::json;
use settings::Settings;
use shared::{
    content::Field,
    order as orders,
    product::{Image, Record, StockWrites},
};
use shop::Shop;
use sight::{OpenOrders, Sight};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub static PLATFORM: Platform = Platform {
    name: "vendure",
    title: "Vendure",
    description: "A Vendure server of version 3, by its Admin API.",
    fields: &Field::PRODUCT,
    stock: StockWrites::Absolute,
    orders: Some(order::ABILITY),
    incremental: true,
    webhook: None,
    remote: settings::REMOTE,
    connect: |context| Ok(Box::new(Vendure::connect(&context)?)),
};

struct Vendure {
    client: Client,
    settings: Settings,
    data: PathBuf,
    /// What is known of the shop. It is learned again with every reading.
    shop: Mutex<Option<Arc<Shop>>>,
    sight: Sight,
    open: OpenOrders,
}

impl Vendure {
    fn connect(context: &Context) -> Result<Self, ConnectorError> {
        let settings = Settings::read(context.remote.clone())?;
        Ok(Self {
            client: Client::new(&settings, context)?,
            settings,
            data: context.data.clone(),
            shop: Mutex::new(None),
            sight: Sight::default(),
            open: OpenOrders::default(),
        })
    }

    fn known(&self) -> MutexGuard<'_, Option<Arc<Shop>>> {
        self.shop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn shop(&self) -> Result<Arc<Shop>, ConnectorError> {
        let known = self.known().clone();
        match known {
            Some(shop) => Ok(shop),
            None => self.learn().await,
        }
    }

    async fn learn(&self) -> Result<Arc<Shop>, ConnectorError> {
        let shop = Shop::learn(&self.client, &self.settings).await?;
        Ok(self.remember(shop))
    }

    fn remember(&self, shop: Shop) -> Arc<Shop> {
        let shop = Arc::new(shop);
        *self.known() = Some(Arc::clone(&shop));
        shop
    }

    async fn bring(&self, images: &[&Image]) -> Result<Uploaded, ConnectorError> {
        asset::bring(&self.client, &self.data, images).await
    }

    /// The records of these products that all is there of.
    async fn records(&self, ids: &[String]) -> Result<Vec<Record>, ConnectorError> {
        let mut shop = self.shop().await?;
        let found = match self.reader(&shop).by_id(ids).await {
            Err(error) if error.class == Class::Missing => {
                shop = self.learn().await?;
                self.reader(&shop).by_id(ids).await?
            }
            found => found?,
        };
        let reader = self.reader(&shop);
        let whole = found.whole.into_iter();
        Ok(whole
            .filter_map(|(product, variants)| reader.readable(product, variants).ok())
            .collect())
    }
}

#[async_trait]
impl Connector for Vendure {
    async fn page(&self, from: &PageFrom) -> Result<Page, ConnectorError> {
        let shop = match &from.cursor {
            None => self.learn().await?,
            Some(_) => self.shop().await?,
        };
        let page = self.reader(&shop).page(from).await;
        if page.as_ref().is_err_and(|error| error.class == Class::Missing) {
            // The reading begins anew, with what is known by then.
            *self.known() = None;
        }
        page
    }

    async fn create(&self, batch: &[Create]) -> Vec<Answer> {
        self.create_all(batch).await
    }

    async fn update(&self, batch: &[Update]) -> Vec<Answer> {
        self.update_all(batch).await
    }

    async fn find(&self, wanted: &Find) -> Result<Vec<Record>, ConnectorError> {
        let Find {
            token,
            remote_id,
            skus,
            since: _,
        } = wanted;
        if let Some(remote_id) = remote_id {
            return self.records(&[remote_id.0.to_string()]).await;
        }
        let shop = self.shop().await?;
        let reader = self.reader(&shop);
        if let Some(token) = token {
            let marked = reader.products_marked(token).await?;
            let found = self.records(&marked).await?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let ids = reader.products_with(skus).await?;
        self.records(&ids).await
    }

    async fn image(&self, address: &str) -> Result<Bytes, ConnectorError> {
        self.client.http().picture(address).await
    }

    async fn orders(&self, from: &PageFrom) -> Result<Page<orders::Record>, ConnectorError> {
        let page = self.orders_page(from).await;
        if page.as_ref().is_err_and(|error| error.class == Class::Missing) {
            *self.known() = None;
        }
        page
    }

    async fn update_orders(&self, batch: &[Update<orders::Patch>]) -> Vec<Answer<orders::Record>> {
        let mut answers = Vec::with_capacity(batch.len());
        for update in batch {
            answers.push(self.update_order(update).await);
        }
        answers
    }

    async fn find_orders(&self, wanted: &Find) -> Result<Vec<orders::Record>, ConnectorError> {
        let Some(id) = &wanted.remote_id else {
            // None was created by us.
            return Ok(Vec::new());
        };
        let shop = self.shop().await?;
        let found = self.order(&id.0).await?;
        Ok(found.iter().map(|order| order::record(order, &shop)).collect())
    }

    async fn check(&self) -> Result<String, ConnectorError> {
        #[derive(Deserialize)]
        struct Counts {
            products: Total,
            orders: Total,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Total {
            total_items: u64,
        }
        if let Some(lacking) = self.client.anew().await?.lacks(self.client.channel())
            && !lacking.is_empty()
        {
            let lacking = lacking.join(", ");
            return Err(ConnectorError::new(
                Class::Auth,
                format!(
                    "This administrator may not do everything: give the role in Vendure the permissions {lacking}."
                ),
            ));
        }
        let shop = self.learn().await?;
        let Counts { products, orders } = self.client.read(query::COUNTS, json!({})).await?;
        Ok(format!(
            "A Vendure shop with {} products and {} orders; prices are in {}.",
            products.total_items, orders.total_items, shop.currency
        ))
    }
}
