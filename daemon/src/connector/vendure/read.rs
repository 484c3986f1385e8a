//! Reading products: by pages or by ids, each with all its variants.

use super::{
    super::{Class, ConnectorError, Page, PageFrom, Unreadable},
    client::{Client, Operation},
    cursor::{Cursor, List, Turned},
    product::{is_unfinished, record},
    query,
    shapes::{Listed, Product, StockLevel, Variant},
    shop::Shop,
    sight::Sight,
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{ids::RemoteId, product::Record, time::Time};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a list that only says what changed: flat ones, which a server answers quickly.
const ROWS: u64 = 1000;
/// Ids that one call asks for, so that it stays below the size that the server takes.
pub(super) const IDS: usize = 1000;

#[derive(Deserialize)]
struct Products {
    products: Listed<Product>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Variants {
    product_variants: Listed<Variant>,
}

#[derive(Deserialize)]
struct Rows<R> {
    list: Listed<R>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    product_id: Option<String>,
    #[serde(default)]
    stock_levels: Vec<StockLevel>,
}

/// Products with their variants, and those that cannot be shown.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub whole: Vec<(Product, Vec<Variant>)>,
    pub broken: Vec<Unreadable>,
}

/// Reads one shop.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub client: &'a Client,
    pub shop: &'a Shop,
    pub sight: &'a Sight,
    /// Products that are asked for at once.
    pub page: u64,
}

impl Reader<'_> {
    /// One page of products. Where the connector has not seen every variant's stock yet, everything is read, whatever
    /// `since` says: else what was sold before it began would stay unseen.
    pub(super) async fn page(&self, from: &PageFrom) -> Result<Page, ConnectorError> {
        let PageFrom { since, cursor } = from;
        let cursor = match (cursor, since) {
            (Some(cursor), _) => Cursor::parse(cursor)?,
            (None, Some(_)) if self.sight.begin() => Cursor::first(List::ChangedProducts),
            (None, Some(_)) => Cursor::first(List::Everything),
            (None, None) => {
                self.sight.begin();
                Cursor::first(List::Everything)
            }
        };
        let next = match cursor.list {
            List::Everything => return self.everything(cursor).await,
            List::ChangedProducts => List::ChangedVariants,
            List::ChangedVariants => List::Stock,
            List::Stock | List::ChangedOrders => List::Everything,
        };
        let (ids, more) = self.changed(&cursor, *since).await?;
        let found = self.by_id(&ids).await?;
        let next = match more {
            Some(more) => Some(more),
            None if cursor.list == List::Stock => None,
            None => Some(Cursor::first(next)),
        };
        Ok(self.shown(found, next, None))
    }

    async fn everything(&self, cursor: Cursor) -> Result<Page, ConnectorError> {
        let options =
            json!({ "take": self.page + cursor.overlap(), "skip": cursor.skip(), "sort": { "id": "ASC" } });
        let text = query::products(self.shop);
        let operation = Operation {
            name: "products",
            text: &text,
        };
        let answered: Result<Products, _> = self.client.read(operation, json!({ "options": options })).await;
        let (products, broken) = match answered {
            Ok(Products { products }) => (products, Vec::new()),
            // One product that the server stumbles over is not to hide the others.
            Err(error) if error.class == Class::Rejected => self.one_by_one(&options, &error).await?,
            Err(error) => return Err(error),
        };
        let Listed { items, total_items } = products;
        let mut order: Vec<String> = items.iter().map(|product| product.id.clone()).collect();
        if !broken.is_empty() {
            order.extend(
                broken
                    .iter()
                    .filter_map(|broken| Some(broken.remote_id.as_ref()?.0.to_string())),
            );
            // As the server sorts them, where they are numbers.
            order.sort_by_key(|id| (id.len(), id.clone()));
        }
        let came: Vec<&str> = order.iter().map(String::as_str).collect();
        let Turned { known, next } = cursor.turn(&came, total_items);
        let again: BTreeSet<String> = came[..known].iter().map(|&id| id.to_owned()).collect();
        let fresh = items
            .into_iter()
            .filter(|product| !again.contains(&product.id))
            .collect();
        let mut found = self.with_variants(fresh).await?;
        found.broken.extend(
            broken
                .into_iter()
                .filter(|broken| broken.remote_id.as_ref().is_none_or(|id| !again.contains(&*id.0))),
        );
        Ok(self.shown(found, next, Some(total_items)))
    }

    /// The products that one of the lists of changes names, and where it goes on.
    async fn changed(
        &self,
        cursor: &Cursor,
        since: Option<Time>,
    ) -> Result<(Vec<String>, Option<Cursor>), ConnectorError> {
        let operation = match cursor.list {
            List::ChangedProducts => query::CHANGED_PRODUCTS,
            List::ChangedVariants => query::CHANGED_VARIANTS,
            List::Everything | List::Stock | List::ChangedOrders => query::STOCK,
        };
        let mut options = json!({ "take": ROWS, "skip": cursor.skip(), "sort": { "id": "ASC" } });
        if let (Some(since), List::ChangedProducts | List::ChangedVariants) = (since, cursor.list) {
            // "After" leaves out what changed at this very instant.
            let before = Time(since.0 - 1);
            options["filter"] = json!({ "updatedAt": { "after": before.to_string() } });
        }
        let Rows { list } = self.client.read(operation, json!({ "options": options })).await?;
        let Listed { items, total_items } = list;
        let came: Vec<&str> = items.iter().map(|row: &Row| row.id.as_str()).collect();
        let Turned { known, next } = cursor.turn(&came, total_items);
        let mut ids = BTreeSet::new();
        for Row {
            id,
            product_id,
            stock_levels,
        } in items.into_iter().skip(known)
        {
            if cursor.list != List::Stock || self.sight.is_news(&id, &stock_levels) {
                ids.insert(product_id.unwrap_or(id));
            }
        }
        let unseen = ids.into_iter().filter(|id| !self.sight.was_shown(id));
        Ok((unseen.collect(), next))
    }

    /// The products of these ids that are there.
    pub(super) async fn by_id(&self, ids: &[String]) -> Result<Found, ConnectorError> {
        let mut found = Found::default();
        for ids in ids.chunks(usize::try_from(self.page).unwrap_or(IDS).min(IDS)) {
            let options =
                json!({ "take": ids.len(), "sort": { "id": "ASC" }, "filter": { "id": { "in": ids } } });
            let text = query::products(self.shop);
            let operation = Operation {
                name: "products by id",
                text: &text,
            };
            let answered: Result<Products, _> =
                self.client.read(operation, json!({ "options": options })).await;
            let (products, broken) = match answered {
                Ok(Products { products }) => (products.items, Vec::new()),
                Err(error) if error.class == Class::Rejected && ids.len() > 1 => {
                    let (listed, broken) = self.one_by_one(&options, &error).await?;
                    (listed.items, broken)
                }
                Err(error) => return Err(error),
            };
            let Found { whole, broken: more } = self.with_variants(products).await?;
            found.whole.extend(whole);
            found.broken.extend(broken.into_iter().chain(more));
        }
        Ok(found)
    }

    /// The same rows each on its own, since the server cannot show them together.
    async fn one_by_one(
        &self,
        options: &Value,
        why: &ConnectorError,
    ) -> Result<(Listed<Product>, Vec<Unreadable>), ConnectorError> {
        let Rows { list } = self
            .client
            .read(query::CHANGED_PRODUCTS, json!({ "options": options }))
            .await?;
        let Listed { items, total_items } = list;
        let text = query::products(self.shop);
        let operation = Operation {
            name: "one product",
            text: &text,
        };
        let (mut products, mut broken) = (Vec::new(), Vec::new());
        for Row { id, .. } in items {
            let options = json!({ "take": 1, "filter": { "id": { "eq": id } } });
            match self.client.read(operation, json!({ "options": options })).await {
                Ok(Products { products: one }) => products.extend(one.items),
                Err(error) if error.class == Class::Rejected => broken.push(Unreadable {
                    remote_id: Some(RemoteId::from(id.as_str())),
                    message: format!("Product {id} cannot be read: {error}"),
                }),
                Err(error) => return Err(error),
            }
        }
        if products.is_empty() && broken.len() > 1 {
            // It is not about single products.
            return Err(why.clone());
        }
        let listed = Listed {
            items: products,
            total_items,
        };
        Ok((listed, broken))
    }

    async fn with_variants(&self, products: Vec<Product>) -> Result<Found, ConnectorError> {
        let mut values = products.iter().flat_map(|product| &product.facet_values);
        if self.shop.is_old() && values.any(|value| self.shop.facet_of(&value.id).is_none()) {
            return Err(ConnectorError::new(
                Class::Missing,
                "Facets came while products were read; the reading begins anew.",
            ));
        }
        let ids: Vec<String> = products.iter().map(|product| product.id.clone()).collect();
        let mut broken = Vec::new();
        let variants = match self.variants_of(&ids).await {
            Err(error) if error.class == Class::Rejected && ids.len() > 1 => {
                let mut all = Vec::new();
                for id in &ids {
                    match self.variants_of(std::slice::from_ref(id)).await {
                        Ok(variants) => all.extend(variants),
                        Err(error) if error.class == Class::Rejected => broken.push(Unreadable {
                            remote_id: Some(RemoteId::from(id.as_str())),
                            message: format!("The variants of product {id} cannot be read: {error}"),
                        }),
                        Err(error) => return Err(error),
                    }
                }
                if broken.len() == ids.len() {
                    return Err(error);
                }
                all
            }
            variants => variants?,
        };
        let mut of: BTreeMap<String, Vec<Variant>> = BTreeMap::new();
        for variant in variants {
            of.entry(variant.product_id.clone()).or_default().push(variant);
        }
        let is_broken = |id: &str| {
            broken
                .iter()
                .any(|broken: &Unreadable| broken.remote_id.as_ref().is_some_and(|it| &*it.0 == id))
        };
        let whole = products
            .into_iter()
            .filter(|product| !is_broken(&product.id))
            .map(|product| {
                let variants = of.remove(&product.id).unwrap_or_default();
                (product, variants)
            })
            .collect();
        Ok(Found { whole, broken })
    }

    /// All variants of these products, in the order in which they were made.
    async fn variants_of(&self, products: &[String]) -> Result<Vec<Variant>, ConnectorError> {
        let mut variants: Vec<Variant> = Vec::new();
        let text = query::variants(self.shop);
        let operation = Operation {
            name: "variants",
            text: &text,
        };
        if products.is_empty() {
            return Ok(variants);
        }
        loop {
            // Without `take` the server answers as many as it ever does at once.
            let options = json!({
                "skip": variants.len(), "sort": { "id": "ASC" }, "filter": { "productId": { "in": products } },
            });
            let Variants { product_variants } =
                self.client.read(operation, json!({ "options": options })).await?;
            let Listed { items, total_items } = product_variants;
            let came = items.len();
            variants.extend(items);
            if came == 0 || variants.len() as u64 >= total_items {
                break;
            }
        }
        let ids: BTreeSet<&str> = variants.iter().map(|variant| variant.id.as_str()).collect();
        if ids.len() < variants.len() {
            return Err(ConnectorError::new(
                Class::Missing,
                "Variants came or went while they were read; the reading begins anew.",
            ));
        }
        Ok(variants)
    }

    /// Variants with one of these SKUs, by their products.
    pub(super) async fn products_with(&self, skus: &[String]) -> Result<Vec<String>, ConnectorError> {
        // A blank one is no number of anything.
        let skus: Vec<&String> = skus.iter().filter(|sku| !sku.trim().is_empty()).collect();
        let mut ids = BTreeSet::new();
        for skus in skus.chunks(IDS / 4) {
            let options = json!({ "filter": { "sku": { "in": skus } } });
            let Rows { list } = self
                .client
                .read(query::CHANGED_VARIANTS, json!({ "options": options }))
                .await?;
            ids.extend(list.items.into_iter().filter_map(|row: Row| row.product_id));
        }
        Ok(ids.into_iter().collect())
    }

    /// Products whose custom field of tokens has this one.
    pub(super) async fn products_marked(&self, token: &str) -> Result<Vec<String>, ConnectorError> {
        let Some(field) = &self.shop.fields.token else {
            return Ok(Vec::new());
        };
        let options = json!({ "filter": { &field.name: { "eq": token } } });
        let Rows { list } = self
            .client
            .read(query::CHANGED_PRODUCTS, json!({ "options": options }))
            .await?;
        Ok(list.items.into_iter().map(|row: Row| row.id).collect())
    }

    /// What is shown of what was found; remembers what stock it had.
    fn shown(&self, found: Found, next: Option<Cursor>, total: Option<u64>) -> Page {
        let Found { whole, mut broken } = found;
        let mut records = Vec::with_capacity(whole.len());
        for (product, variants) in whole {
            self.sight.show(&product.id, &variants);
            match self.readable(product, variants) {
                Ok(record) => records.push(record),
                Err(unreadable) => broken.push(unreadable),
            }
        }
        if next.is_none() {
            self.sight.end();
        }
        Page {
            records,
            unreadable: broken,
            next: next.map(|next| next.to_string()),
            total,
        }
    }

    /// The record of a product that all is there of.
    pub(super) fn readable(&self, product: Product, variants: Vec<Variant>) -> Result<Record, Unreadable> {
        let unreadable = |message: String| {
            Err(Unreadable {
                remote_id: Some(RemoteId::from(product.id.as_str())),
                message,
            })
        };
        if is_unfinished(&product.slug) {
            return unreadable(format!(
                "Product {} of Vendure (`{}`) was being created when the connection broke; the next send ends that.",
                product.id, product.name
            ));
        }
        if variants.is_empty() {
            return unreadable(format!(
                "Product {} of Vendure (`{}`) has no variants yet, so there is nothing to sell: add one there.",
                product.id, product.name
            ));
        }
        Ok(record(product, variants, self.shop))
    }
}
