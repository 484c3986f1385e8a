//! Looking for what an unclear write may have made.

use super::{Woo, product::Found, read::Categories, shapes::Product};
use crate::connector::{Class, ConnectorError, Find, http::Request};
use serde::Deserialize;
use serde_json::Value;
use shared::{ids::RemoteId, product::Record};
use std::{collections::BTreeSet, time::Duration};

/// SKUs that one call asks for.
const SKUS: usize = 50;
/// How long the shop is given to go on with a call whose client is gone: it finishes every batch that it began.
pub(super) const SETTLING: Duration = Duration::from_secs(2);
/// Of the newest products, so many pages are looked through for a token.
const NEWEST: u64 = 10;

impl Woo {
    pub(super) async fn look_for(&self, wanted: &Find) -> Result<Vec<Record>, ConnectorError> {
        let Find {
            token,
            remote_id,
            skus,
            since: _,
        } = wanted;
        if let Some(remote_id) = remote_id {
            return self.at(remote_id, token.as_deref()).await;
        }
        let ids = self.with_skus(skus).await?;
        let mut found = self.shown(&ids).await?;
        let has_token = |record: &Record| record.token.is_some() && record.token == *token;
        if let Some(token) = token
            && !found.values().any(has_token)
        {
            let made: BTreeSet<u64> = self.newest_with(token).await?.into_iter().collect();
            found.extend(self.shown(&made).await?);
        }
        let mut found: Vec<Record> = found.into_values().collect();
        if found.iter().any(has_token) {
            found.retain(has_token);
        }
        Ok(found)
    }

    /// The product of this id. Where a write of it may still be going on, it is given time to end.
    async fn at(&self, id: &RemoteId, token: Option<&str>) -> Result<Vec<Record>, ConnectorError> {
        let Ok(id) = id.0.parse::<u64>() else {
            return Ok(Vec::new());
        };
        let mut before: Option<Record> = None;
        loop {
            let Some(found) = self.product_of(id).await? else {
                return Ok(Vec::new());
            };
            let words = self
                .reader
                .words(std::slice::from_ref(&found), Categories::Known)
                .await?;
            let record = match found.record(&words) {
                Ok(record) => record,
                Err(message) => return Err(ConnectorError::new(Class::Protocol, message)),
            };
            let is_done = token.is_none() || record.token.as_deref() == token;
            if is_done || before.as_ref() == Some(&record) {
                return Ok(vec![record]);
            }
            before = Some(record);
            tokio::time::sleep(SETTLING).await;
        }
    }

    /// A product, or the product that a variation is of. `None`: it is gone, or in the trash.
    pub(super) async fn product_of(&self, id: u64) -> Result<Option<Found>, ConnectorError> {
        let mut id = id;
        loop {
            let row: Option<Value> = self.reader.api.one(&format!("wc/v3/products/{id}")).await?;
            let Some(row) = row.filter(|row| row["status"] != "trash") else {
                return Ok(None);
            };
            match row["parent_id"].as_u64() {
                Some(parent) if row["type"] == "variation" && parent != 0 && parent != id => id = parent,
                _ => {
                    let read = self.reader.complete(vec![row]).await?;
                    return match (read.found.into_iter().next(), read.unreadable.into_iter().next()) {
                        (Some(found), _) => Ok(Some(found)),
                        (None, Some(strange)) => Err(ConnectorError::new(Class::Protocol, strange.message)),
                        (None, None) => Ok(None),
                    };
                }
            }
        }
    }

    /// The products that have one of these SKUs, themselves or in a variation.
    ///
    /// What comes back is looked at again: some texts are no filter to the shop, which then answers its whole catalogue.
    async fn with_skus(&self, skus: &[String]) -> Result<BTreeSet<u64>, ConnectorError> {
        let plain: Vec<&str> = skus
            .iter()
            .map(|sku| sku.trim())
            .filter(|sku| !sku.is_empty() && *sku != "0")
            .collect();
        let (lists, alone): (Vec<&str>, Vec<&str>) = plain.iter().partition(|sku| !sku.contains(','));
        let mut ids = BTreeSet::new();
        let calls = lists.chunks(SKUS).map(|skus| ("sku", skus.join(",")));
        let calls = calls.chain(alone.iter().map(|sku| ("search_sku", (*sku).to_owned())));
        for (name, value) in calls {
            let query = [(name, value), ("status", "any".to_owned())];
            for row in self.reader.api.list("wc/v3/products", &query).await?.rows {
                let Ok(product) = Product::deserialize(&row) else {
                    continue;
                };
                let is_it = plain
                    .iter()
                    .any(|sku| sku.eq_ignore_ascii_case(product.sold.sku.trim()));
                if is_it {
                    let of_a_product = product.kind == "variation" && product.parent_id != 0;
                    ids.insert(if of_a_product {
                        product.parent_id
                    } else {
                        product.id
                    });
                }
            }
        }
        Ok(ids)
    }

    /// The product that was created with this token, by going through the newest: what has no SKU is found no other way.
    ///
    /// The shop finishes what it began even when nobody waits for its answer, so the newest are looked at again until no
    /// newer one comes.
    async fn newest_with(&self, token: &str) -> Result<Option<u64>, ConnectorError> {
        let mut newest_before = None;
        loop {
            let mut newest = 0;
            for page in 1..=NEWEST {
                let call = Request::get("wc/v3/products")
                    .query("per_page", 100)
                    .query("page", page)
                    .query("orderby", "id")
                    .query("order", "desc")
                    .query("status", "any");
                let rows: Vec<Value> = self.reader.api.read(call).await?.json()?;
                let products: Vec<Product> = rows
                    .iter()
                    .filter_map(|row| Product::deserialize(row).ok())
                    .collect();
                newest = newest.max(
                    products
                        .iter()
                        .map(|product| product.id)
                        .max()
                        .unwrap_or_default(),
                );
                let has_it = |product: &&Product| {
                    let found = Found {
                        product: (*product).clone(),
                        variations: Vec::new(),
                    };
                    found.token().as_deref() == Some(token)
                };
                if let Some(product) = products.iter().find(has_it) {
                    return Ok(Some(product.id));
                }
                // What is as old as the last time was seen then.
                let seen =
                    newest_before.is_some_and(|before| products.iter().any(|product| product.id <= before));
                if rows.len() < 100 || seen {
                    break;
                }
            }
            if newest_before == Some(newest) {
                return Ok(None);
            }
            newest_before = Some(newest);
            tokio::time::sleep(SETTLING).await;
        }
    }
}
