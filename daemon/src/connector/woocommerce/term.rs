//! Tags, brands, categories and attributes of the whole shop: found by name, or made.

use super::{
    api::Api,
    category::{Missing, Tree},
    errors::Fault,
    read::Reader,
    shapes::Term,
    text::{escape, same, unescape},
};
use crate::connector::{
    Class, ConnectorError,
    http::{Failure, Request},
};
use http::StatusCode;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

/// What a term is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taxonomy {
    Tags,
    Brands,
}

/// The ids of terms that were seen or made.
#[derive(Debug, Default)]
pub(super) struct Terms(Mutex<BTreeMap<(Taxonomy, String), u64>>);

/// The names that a batch of products needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Needed {
    pub categories: BTreeSet<String>,
    pub tags: BTreeSet<String>,
    pub brands: BTreeSet<String>,
    pub attributes: bool,
}

/// The ids of what was needed, or why one cannot be had.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolved {
    pub categories: BTreeMap<String, Result<u64, ConnectorError>>,
    pub tags: BTreeMap<String, Result<u64, ConnectorError>>,
    pub brands: BTreeMap<String, Result<u64, ConnectorError>>,
    /// The attributes of the whole shop.
    pub attributes: Vec<Term>,
}

impl Taxonomy {
    fn path(self) -> &'static str {
        match self {
            Self::Tags => "wc/v3/products/tags",
            Self::Brands => "wc/v3/products/brands",
        }
    }
}

impl Terms {
    /// Remembers terms that products show.
    pub(super) fn note(&self, taxonomy: Taxonomy, terms: &[Term]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for term in terms {
            known.insert((taxonomy, key(&unescape(&term.name))), term.id);
        }
    }

    fn known(&self, taxonomy: Taxonomy, name: &str) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(taxonomy, key(name))).copied()
    }

    /// Finds or makes everything that is needed. Errors that pass stop it all; a name that the shop refuses stops only
    /// the products that have it.
    pub(super) async fn resolve(&self, reader: &Reader, needed: Needed) -> Result<Resolved, ConnectorError> {
        let Needed {
            categories,
            tags,
            brands,
            attributes,
        } = needed;
        let mut resolved = Resolved::default();
        if !categories.is_empty() {
            // A category that was removed would silently become none.
            let mut tree = reader.tree().await?;
            for path in categories {
                let id = category(&reader.api, &mut tree, &path).await;
                resolved.categories.insert(path, of_itself(id)?);
            }
        }
        for (taxonomy, names, ids) in [
            (Taxonomy::Tags, tags, &mut resolved.tags),
            (Taxonomy::Brands, brands, &mut resolved.brands),
        ] {
            for name in names {
                let id = match self.known(taxonomy, &name) {
                    Some(id) => Ok(id),
                    None => make(&reader.api, taxonomy.path(), &name, 0)
                        .await
                        .map(|term| term.id),
                };
                if let Ok(id) = id {
                    let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    known.insert((taxonomy, key(&name)), id);
                }
                let id = id.map_err(|error| explain(error, taxonomy));
                ids.insert(name, of_itself(id)?);
            }
        }
        if attributes {
            let response = reader.api.read(Request::get("wc/v3/products/attributes")).await?;
            resolved.attributes = response.json()?;
        }
        Ok(resolved)
    }
}

/// The attribute of the whole shop that has this name, or is called so within the shop.
pub(super) fn global<'a>(attributes: &'a [Term], name: &str) -> Option<&'a Term> {
    let by_name = attributes.iter().find(|term| same(&unescape(&term.name), name));
    by_name.or_else(|| attributes.iter().find(|term| same(&term.slug, name)))
}

/// Tells errors of one name from those of the whole call.
fn of_itself(id: Result<u64, ConnectorError>) -> Result<Result<u64, ConnectorError>, ConnectorError> {
    match id {
        Err(error) if error.class.is_passing() || error.class == Class::Auth => Err(error),
        id => Ok(id),
    }
}

fn explain(error: ConnectorError, taxonomy: Taxonomy) -> ConnectorError {
    match (taxonomy, error.class) {
        (Taxonomy::Brands, Class::Protocol | Class::Missing) => ConnectorError::new(
            Class::Rejected,
            "this shop keeps no brands: they need WooCommerce 9.6 or newer. Update it, or set brand = \"read-only\" under \
             [products.fields].",
        ),
        _ => error,
    }
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The category of a path; what is missing of it is made.
async fn category(api: &Api, tree: &mut Tree, path: &str) -> Result<u64, ConnectorError> {
    let (mut parent, names) = match tree.find(path) {
        Ok(id) => return Ok(id),
        Err(Missing { parent, names }) => (parent, names),
    };
    for name in names {
        let term = make(api, "wc/v3/products/categories", &name, parent).await?;
        parent = term.id;
        tree.add(term);
    }
    Ok(parent)
}

/// Makes a term. One that is there already is as good, also one that an earlier call made whose answer was lost.
async fn make(api: &Api, path: &str, name: &str, parent: u64) -> Result<Term, ConnectorError> {
    let mut term = json!({ "name": escape(name) });
    if parent != 0 {
        term["parent"] = parent.into();
    }
    let call = || {
        let call = Request::post(path).json(&term).taking(StatusCode::BAD_REQUEST);
        api.write(call)
    };
    let answered = match call().await {
        Err(Failure::Unclear(_)) => call().await,
        answered => answered,
    };
    let response = answered.map_err(|(Failure::Refused(error) | Failure::Unclear(error))| error)?;
    if response.status.is_success() {
        return response.json();
    }
    let fault = Fault::of(&response).unwrap_or_default();
    if fault.code == "term_exists" && fault.data.resource_id != 0 {
        return Ok(Term {
            id: fault.data.resource_id,
            name: escape(name),
            slug: String::new(),
            parent,
        });
    }
    let error = fault.error();
    Err(ConnectorError {
        message: format!("“{name}” cannot be made in the shop: {}", error.message),
        ..error
    })
}

/// Ids as products name them.
pub(super) fn named(ids: impl IntoIterator<Item = u64>) -> Value {
    let ids: Vec<Value> = ids.into_iter().map(|id| json!({ "id": id })).collect();
    ids.into()
}
