//! Products with their variations, read together in few calls.

use super::{
    api::{Api, BATCH, Listed, PAGE, listed},
    category::Tree,
    product::{Found, Words},
    shapes::{Product, Term, Variation},
};
use crate::connector::{Class, ConnectorError, Unreadable, http::Request, weight::WeightUnit};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::Value;
use shared::{ids::RemoteId, product::Record};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::OnceCell;

/// Calls of this reader that wait at the same time; how many are made is the floor's matter.
const AT_ONCE: usize = 4;

/// Reads products, and remembers what is the same for all of them.
#[derive(Debug)]
pub(super) struct Reader {
    pub api: Api,
    tree: Mutex<Option<Tree>>,
    unit: OnceCell<Option<WeightUnit>>,
    /// Some shops have switched off the list of all variations.
    lists_variations: AtomicBool,
}

/// Products as they were read; a bad one stops only itself.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub found: Vec<Found>,
    pub unreadable: Vec<Unreadable>,
}

/// Whether the categories may have changed since they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Categories {
    Anew,
    Known,
}

impl Reader {
    /// `unit` as it is configured; `None`: the shop is asked.
    pub(super) fn new(api: Api, unit: Option<WeightUnit>) -> Self {
        Self {
            api,
            tree: Mutex::default(),
            unit: unit.map_or_else(OnceCell::new, |unit| OnceCell::new_with(Some(Some(unit)))),
            lists_variations: AtomicBool::new(true),
        }
    }

    /// Products of a list, with their variations.
    pub(super) async fn complete(&self, rows: Vec<Value>) -> Result<Read, ConnectorError> {
        let mut read = Read::default();
        let mut products = Vec::with_capacity(rows.len());
        for row in rows {
            match understood::<Product>(&row) {
                Ok(product) => products.push(product),
                Err(unreadable) => read.unreadable.push(unreadable),
            }
        }
        let mut variations = self.variations(&products).await?;
        for product in products {
            match variations.remove(&product.id).unwrap_or_else(|| Ok(Vec::new())) {
                Ok(variations) => read.found.push(Found { product, variations }),
                Err(unreadable) => read.unreadable.push(unreadable),
            }
        }
        Ok(read)
    }

    /// The products of these ids that are there, those in the trash left out.
    pub(super) async fn products(&self, ids: &BTreeSet<u64>) -> Result<Read, ConnectorError> {
        let ids: Vec<u64> = ids.iter().copied().collect();
        let each = ids.chunks(BATCH).map(|ids| {
            let query = [("include", joined(ids)), ("status", "any".to_owned())];
            async move { self.api.list("wc/v3/products", &query).await }
        });
        let each: Vec<_> = each.collect();
        let lists: Vec<Listed> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        self.complete(lists.into_iter().flat_map(|list| list.rows).collect())
            .await
    }

    /// Reads records of what was found.
    pub(super) fn records(read: Read, words: &Words) -> (Vec<Record>, Vec<Unreadable>) {
        let Read {
            found,
            mut unreadable,
        } = read;
        let mut records = Vec::with_capacity(found.len());
        for found in found {
            match found.record(words) {
                Ok(record) => records.push(record),
                Err(message) => unreadable.push(Unreadable {
                    remote_id: Some(RemoteId::from(found.product.id.to_string())),
                    message,
                }),
            }
        }
        (records, unreadable)
    }

    /// What has to be known to read these products.
    pub(super) async fn words(
        &self,
        found: &[Found],
        categories: Categories,
    ) -> Result<Words, ConnectorError> {
        let weighs = found.iter().any(|found| {
            let parts =
                std::iter::once(&found.product.sold).chain(found.variations.iter().map(|one| &one.sold));
            parts.into_iter().any(|sold| !sold.weight.is_empty())
        });
        let unknown = |tree: &Tree| {
            let mut all = found.iter().flat_map(|found| &found.product.categories);
            all.any(|category| !tree.knows(category.id))
        };
        let known = self
            .known_tree()
            .filter(|tree| categories == Categories::Known && !unknown(tree));
        let tree = async {
            match known {
                Some(tree) => Ok(tree),
                None => self.tree().await,
            }
        };
        let unit = async { if weighs { self.unit().await } else { Ok(None) } };
        let (tree, unit) = futures_util::future::try_join(tree, unit).await?;
        Ok(Words { tree, unit })
    }

    /// The categories as they are now.
    pub(super) async fn tree(&self) -> Result<Tree, ConnectorError> {
        let rows = self.api.whole("wc/v3/products/categories").await?;
        let terms = rows
            .into_iter()
            .filter_map(|row| serde_json::from_value::<Term>(row).ok());
        let tree = Tree::new(terms);
        *self.tree.lock().unwrap_or_else(PoisonError::into_inner) = Some(tree.clone());
        Ok(tree)
    }

    fn known_tree(&self) -> Option<Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The shop's unit of weight. `None`: the key may not see it, so that weights say nothing.
    pub(super) async fn unit(&self) -> Result<Option<WeightUnit>, ConnectorError> {
        #[derive(Deserialize)]
        struct Setting {
            value: String,
        }
        let ask = || async {
            let path = "wc/v3/settings/products/woocommerce_weight_unit";
            match self.api.one::<Setting>(path).await {
                Ok(setting) => Ok(setting.and_then(|setting| WeightUnit::parse(setting.value.trim()))),
                Err(error) if matches!(error.class, Class::Auth | Class::Rejected) => {
                    tracing::warn!(reason = %error, "The shop does not tell its unit of weight, so weights are left alone; set `weight_unit`");
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        };
        self.unit.get_or_try_init(ask).await.copied()
    }

    /// The variations of each product, in the product's order.
    async fn variations(
        &self,
        products: &[Product],
    ) -> Result<BTreeMap<u64, Result<Vec<Variation>, Unreadable>>, ConnectorError> {
        let listed: Vec<u64> = products
            .iter()
            .flat_map(|product| product.variations.iter().copied())
            .collect();
        let mut rows: BTreeMap<u64, Value> = BTreeMap::new();
        if !listed.is_empty() && self.lists_variations.load(Ordering::Relaxed) {
            let each = listed.chunks(BATCH).map(|ids| self.variations_of_ids(ids));
            let each: Vec<_> = each.collect();
            let mut lists = stream::iter(each).buffer_unordered(AT_ONCE);
            while let Some(list) = lists.next().await {
                for row in list?.into_iter().flatten() {
                    rows.insert(row["id"].as_u64().unwrap_or_default(), row);
                }
            }
        }
        // What one list does not have, the other may: a variation that went meanwhile is in neither.
        let is_incomplete = |product: &&Product| product.variations.iter().any(|id| !rows.contains_key(id));
        let again: Vec<u64> = products
            .iter()
            .filter(is_incomplete)
            .map(|product| product.id)
            .collect();
        let each: Vec<_> = again.iter().map(|id| self.variations_of_product(*id)).collect();
        let mut lists = stream::iter(each).buffer_unordered(AT_ONCE);
        while let Some(list) = lists.next().await {
            for row in list? {
                rows.insert(row["id"].as_u64().unwrap_or_default(), row);
            }
        }
        let own = |product: &Product| {
            let rows = product.variations.iter().filter_map(|id| rows.get(id));
            let understood: Result<Vec<Variation>, Unreadable> = rows.map(understood).collect();
            // The product cannot be told without each of them.
            let understood = understood.map_err(|unreadable| Unreadable {
                remote_id: Some(RemoteId::from(product.id.to_string())),
                message: format!("Of product {}: {}", product.id, unreadable.message),
            });
            (product.id, understood)
        };
        let variable = products.iter().filter(|product| !product.variations.is_empty());
        Ok(variable.map(own).collect())
    }

    /// From the list of all variations. `None`: this shop has none.
    async fn variations_of_ids(&self, ids: &[u64]) -> Result<Option<Vec<Value>>, ConnectorError> {
        if !self.lists_variations.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let call = Request::get("wc-analytics/variations")
            .query("include", joined(ids))
            .query("per_page", PAGE)
            .query("orderby", "id")
            .query("order", "asc")
            .query("status", "any");
        match self.api.read(call).await {
            Ok(response) => Ok(Some(listed(&response)?.rows)),
            Err(error) if error.class.is_passing() || error.class == Class::Auth => Err(error),
            Err(error) => {
                tracing::info!(reason = %error, "The shop does not list all variations at once; they are read product by product");
                self.lists_variations.store(false, Ordering::Relaxed);
                Ok(None)
            }
        }
    }

    async fn variations_of_product(&self, product: u64) -> Result<Vec<Value>, ConnectorError> {
        self.api
            .whole(&format!("wc/v3/products/{product}/variations"))
            .await
    }
}

/// A row as what it should be.
fn understood<T: for<'de> Deserialize<'de>>(row: &Value) -> Result<T, Unreadable> {
    T::deserialize(row).map_err(|error| {
        let id = row["id"].as_u64();
        let what = id.map_or_else(|| "Something".to_owned(), |id| format!("What has the id {id}"));
        Unreadable {
            remote_id: id.map(|id| RemoteId::from(id.to_string())),
            message: format!(
                "{what} in the shop's answer cannot be understood: {error}. A plugin may have changed it."
            ),
        }
    })
}

pub(super) fn joined(ids: &[u64]) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    ids.join(",")
}
