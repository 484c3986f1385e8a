//! Writing products: in batches, each product first and then its variations, and what the shop shows afterwards read back.
//!
//! The shop's answer to a write is its editing view, in which descriptions and variations look otherwise than to a reader.
//! So the records that are answered are read again: what comes with the next fetch is then no news.

use super::{
    Woo,
    api::{Outcome, Verb},
    errors::Fault,
    payload::{self, Known, Plan, VariationPlan},
    product::{Found, Words},
    read::{Categories, Reader},
    shapes::Image,
    term::{Needed, Taxonomy},
};
use crate::connector::{Answer, Class, ConnectorError, Create, Update};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::product::{self, Patch};
use std::collections::{BTreeMap, BTreeSet};

/// Products whose variations are written at the same time.
const AT_ONCE: usize = 3;

/// What became of a product, and what is known of why.
#[derive(Debug)]
enum Standing {
    /// The shop has it under this id; not everything need have been taken.
    There(u64, Vec<String>),
    /// It is not there, since another product has its SKU.
    Held {
        holder: u64,
        sku: String,
    },
    Refused(ConnectorError),
    /// Nobody knows.
    Unclear(ConnectorError),
}

impl Woo {
    pub(super) async fn create_all(&self, batch: &[Create]) -> Vec<Answer> {
        let made = self.make(batch).await;
        made.unwrap_or_else(|error| refused(batch.len(), &error))
    }

    pub(super) async fn update_all(&self, batch: &[Update]) -> Vec<Answer> {
        let changed = self.change(batch).await;
        changed.unwrap_or_else(|error| refused(batch.len(), &error))
    }

    /// Errors are of calls before the first write.
    async fn make(&self, batch: &[Create]) -> Result<Vec<Answer>, ConnectorError> {
        let records = || batch.iter().map(|create| &create.record);
        let mut needed = Needed::default();
        for product in records() {
            needed.categories.extend(product.categories.iter().cloned());
            needed.tags.extend(product.tags.iter().cloned());
            needed
                .brands
                .extend((!product.brand.is_empty()).then(|| product.brand.clone()));
            needed.attributes |= !product.attributes.is_empty()
                || product.variants.iter().any(|variant| !variant.options.is_empty());
        }
        let weighs = records().any(|product| product.variants.iter().any(|variant| variant.weight.is_some()));
        let resolved = self.terms.resolve(&self.reader, needed).await?;
        let images = records().flat_map(|product| &product.images);
        let pictures = self.pictures(images).await?;
        let words = self.words_to_write(weighs).await?;
        let known = Known {
            words: &words,
            resolved: &resolved,
            pictures: &pictures,
        };
        let plans = batch
            .iter()
            .map(|Create { token, record }| whole(payload::create(token, record, known)));
        let mut standings = self.write(plans.collect(), Verb::Create).await;
        for (standing, create) in standings.iter_mut().zip(batch) {
            match standing {
                // What is missing of it is pending, and says why when it is sent.
                Standing::There(_, faults) => faults.clear(),
                Standing::Held { holder, sku } => {
                    let (holder, sku) = (*holder, std::mem::take(sku));
                    *standing = self.held_by(holder, &sku, &create.token).await;
                }
                Standing::Refused(_) | Standing::Unclear(_) => {}
            }
        }
        Ok(self.answers(standings).await)
    }

    async fn change(&self, batch: &[Update]) -> Result<Vec<Answer>, ConnectorError> {
        let patches = || batch.iter().map(|update| &update.patch);
        let mut needed = Needed::default();
        for patch in patches() {
            needed
                .categories
                .extend(patch.categories.iter().flatten().cloned());
            needed.tags.extend(patch.tags.iter().flatten().cloned());
            needed
                .brands
                .extend(patch.brand.iter().filter(|brand| !brand.is_empty()).cloned());
            needed.attributes |= !patch.attributes.is_empty()
                || patch.variants.iter().any(|variant| !variant.options.is_empty())
                || !patch.new_variants.is_empty();
        }
        let weighs = patches().any(writes_weight);
        let resolved = self.terms.resolve(&self.reader, needed).await?;
        let images = patches().flat_map(|patch| patch.images.iter().flatten());
        let pictures = self.pictures(images).await?;
        let words = self.words_to_write(weighs).await?;
        let known = Known {
            words: &words,
            resolved: &resolved,
            pictures: &pictures,
        };
        // Read at the last moment: what was sold until now is not written over.
        let ids: BTreeSet<u64> = batch
            .iter()
            .filter_map(|update| update.remote_id.0.parse().ok())
            .collect();
        let found = self.reader.products(&ids).await?.found;
        let found: BTreeMap<u64, Found> = found.into_iter().map(|found| (found.product.id, found)).collect();
        let mut plans = Vec::with_capacity(batch.len());
        for Update {
            token,
            remote_id,
            patch,
        } in batch
        {
            let id: Option<u64> = remote_id.0.parse().ok();
            plans.push(match id.and_then(|id| found.get(&id)) {
                Some(found) => payload::update(token, patch, found, known),
                None => Err(self.absent(id).await),
            });
        }
        let standings = self.write(plans, Verb::Update).await;
        Ok(self.answers(standings).await)
    }

    /// Why a product is in no list: only its own address tells whether it is gone.
    async fn absent(&self, id: Option<u64>) -> ConnectorError {
        let Some(id) = id else {
            return ConnectorError::new(Class::Missing, "it has no id of this shop.");
        };
        let path = format!("wc/v3/products/{id}");
        match self.reader.api.one::<Value>(&path).await {
            Ok(Some(product)) if product["status"] == "trash" => ConnectorError::new(
                Class::Missing,
                "it is in the shop's trash. Restore it there, or let it be.",
            ),
            Ok(Some(_)) => ConnectorError::new(
                Class::Unavailable,
                "The shop's list did not have the product this time. It is tried again.",
            ),
            Ok(None) => ConnectorError::new(Class::Missing, "it is not in the shop any more."),
            Err(error) => error,
        }
    }

    /// Writes every plan; the standings are in the order of `plans`, one each.
    async fn write(&self, plans: Vec<Result<Plan, ConnectorError>>, verb: Verb) -> Vec<Standing> {
        let items = plans
            .iter()
            .flatten()
            .map(|plan| Value::Object(plan.product.clone()));
        let outcomes = self
            .reader
            .api
            .batch("wc/v3/products/batch", verb, items.collect())
            .await;
        let mut outcomes = outcomes.into_iter();
        let mut begun = Vec::with_capacity(plans.len());
        for plan in plans {
            begun.push(match plan {
                Err(error) => (Err(error), Plan::default()),
                Ok(plan) => {
                    let outcome = outcomes.next().expect("a batch answers each of its items");
                    (Ok(outcome), plan)
                }
            });
        }
        let each = begun.into_iter().map(|(outcome, plan)| async move {
            match outcome {
                Err(error) => Standing::Refused(error),
                Ok(outcome) => self.finish(outcome, plan, verb).await,
            }
        });
        let each: Vec<_> = each.collect();
        stream::iter(each).buffered(AT_ONCE).collect().await
    }

    /// What comes after a product's own write: its variations.
    async fn finish(&self, outcome: Outcome, plan: Plan, verb: Verb) -> Standing {
        let mut plan = plan;
        let mut outcome = outcome;
        if let (Outcome::Refused(fault), Verb::Update) = (&outcome, verb)
            && fault.is_about_a_picture()
        {
            // A bad picture holds up nothing else: the shop did nothing at all.
            plan.faults.push(fault.error().message);
            plan.product.remove("images");
            plan.pictures.clear();
            self.sent.forget();
            let item = Value::Object(plan.product.clone());
            let mut again = self
                .reader
                .api
                .batch("wc/v3/products/batch", verb, vec![item])
                .await;
            outcome = again.pop().expect("a batch answers each of its items");
        }
        let product = match outcome {
            Outcome::Done(product) => product,
            Outcome::Refused(fault) => {
                if fault.is_about_a_picture() {
                    self.sent.forget();
                }
                return refusal(&fault, plan.product.get("sku"));
            }
            Outcome::NotDone(error) => return Standing::Refused(error),
            Outcome::Unclear(error) => return Standing::Unclear(error),
        };
        let Some(id) = product["id"].as_u64().filter(|id| *id != 0) else {
            let strange =
                ConnectorError::new(Class::Protocol, "The shop did not say what it calls the product.");
            return Standing::Unclear(strange);
        };
        let pictures = self.note_pictures(&plan.pictures, &product);
        let Plan {
            product: _,
            variations,
            new,
            pictures: _,
            mut faults,
        } = plan;
        let path = format!("wc/v3/products/{id}/variations/batch");
        for (verb, variations) in [(Verb::Update, variations), (Verb::Create, new)] {
            let items: Vec<Value> = variations
                .into_iter()
                .map(|variation| with_picture(variation, &pictures))
                .map(Value::Object)
                .collect();
            for (item, outcome) in items
                .clone()
                .iter()
                .zip(self.reader.api.batch(&path, verb, items).await)
            {
                let error = match outcome {
                    Outcome::Done(_) => continue,
                    Outcome::Refused(fault) => fault.error(),
                    Outcome::NotDone(error) => error,
                    Outcome::Unclear(error) => return Standing::Unclear(error),
                };
                if error.class.is_passing() {
                    // The next try begins with what is there then.
                    return match verb {
                        Verb::Update => Standing::Refused(error),
                        Verb::Create => Standing::Unclear(error),
                    };
                }
                faults.push(format!(
                    "{}: {}",
                    called(item),
                    error.message.trim_end_matches('.')
                ));
            }
        }
        Standing::There(id, faults)
    }

    /// Remembers what the pictures became that were just sent, and answers it by their addresses.
    fn note_pictures(&self, sent: &[String], product: &Value) -> BTreeMap<String, u64> {
        let images = product["images"].as_array().into_iter().flatten();
        let ids = images
            .filter_map(|image| Image::deserialize(image).ok())
            .map(|image| image.id);
        let known: BTreeMap<String, u64> = sent.iter().cloned().zip(ids).filter(|(_, id)| *id != 0).collect();
        for (address, id) in &known {
            self.sent.note(address, *id);
        }
        known
    }

    /// The answers, with what the shop shows now of each product that is there.
    async fn answers(&self, standings: Vec<Standing>) -> Vec<Answer> {
        let ids: BTreeSet<u64> = standings
            .iter()
            .filter_map(|standing| match standing {
                Standing::There(id, _) => Some(*id),
                Standing::Held { .. } | Standing::Refused(_) | Standing::Unclear(_) => None,
            })
            .collect();
        let shown = if ids.is_empty() {
            Ok(BTreeMap::new())
        } else {
            self.shown(&ids).await
        };
        let answer = |standing| match (standing, &shown) {
            (Standing::Refused(error), _) => Answer::Refused(error),
            (Standing::Unclear(error), _) => Answer::Unclear(error),
            (Standing::Held { holder, sku }, _) => Answer::Refused(taken_sku(&sku, holder)),
            (Standing::There(..), Err(error)) => Answer::Unclear(error.clone()),
            (Standing::There(id, faults), Ok(shown)) => match shown.get(&id) {
                Some(record) if faults.is_empty() => Answer::Shown(record.clone()),
                Some(record) => Answer::Partly(
                    record.clone(),
                    ConnectorError::new(
                        Class::Rejected,
                        format!("{}. Everything else was written.", faults.join("; ")),
                    ),
                ),
                None => Answer::Unclear(ConnectorError::new(
                    Class::Unavailable,
                    "The shop did not show what was just written. It is looked for.",
                )),
            },
        };
        standings.into_iter().map(answer).collect()
    }

    pub(super) async fn shown(
        &self,
        ids: &BTreeSet<u64>,
    ) -> Result<BTreeMap<u64, product::Record>, ConnectorError> {
        let read = self.reader.products(ids).await?;
        self.note_terms(&read.found);
        let words = self.reader.words(&read.found, Categories::Known).await?;
        let (records, _) = Reader::records(read, &words);
        let by_id = records
            .into_iter()
            .filter_map(|record| Some((record.remote_id.0.parse().ok()?, record)));
        Ok(by_id.collect())
    }

    pub(super) fn note_terms(&self, found: &[Found]) {
        for Found { product, .. } in found {
            self.terms.note(Taxonomy::Tags, &product.tags);
            self.terms
                .note(Taxonomy::Brands, product.brands.as_deref().unwrap_or_default());
        }
    }

    /// A product with the SKU of one that was to be created is in the shop already: made by an earlier try of ours, or
    /// somebody else's.
    async fn held_by(&self, holder: u64, sku: &str, token: &str) -> Standing {
        let found = self.product_of(holder).await;
        let found = match found {
            Ok(Some(found)) => found,
            Ok(None) => return Standing::Refused(taken_sku(sku, holder)),
            Err(error) => return Standing::Unclear(error),
        };
        let is_ours = found.token().is_some_and(|theirs| same_item(&theirs, token));
        if is_ours {
            return Standing::There(found.product.id, Vec::new());
        }
        // Whether it belongs to another product here only the hub knows, who looks for the SKU now. If it comes back with
        // the same, it does.
        let seen_before = !self.contested.lock().await.insert(sku.to_lowercase());
        let error = taken_sku(sku, found.product.id);
        if seen_before {
            Standing::Refused(error)
        } else {
            Standing::Unclear(error)
        }
    }

    async fn words_to_write(&self, weighs: bool) -> Result<Words, ConnectorError> {
        Ok(Words {
            tree: super::category::Tree::default(),
            unit: if weighs { self.reader.unit().await? } else { None },
        })
    }
}

fn refused(count: usize, error: &ConnectorError) -> Vec<Answer> {
    vec![Answer::Refused(error.clone()); count]
}

/// A product is created as a whole or not at all.
fn whole(plan: Result<Plan, ConnectorError>) -> Result<Plan, ConnectorError> {
    let plan = plan?;
    if plan.faults.is_empty() {
        return Ok(plan);
    }
    let message = format!("{}.", plan.faults.join("; "));
    Err(ConnectorError::new(Class::Rejected, message))
}

fn writes_weight(patch: &Patch) -> bool {
    patch.variants.iter().any(|variant| variant.weight.is_some())
        || patch.new_variants.iter().any(|variant| variant.weight.is_some())
}

fn refusal(fault: &Fault, sku: Option<&Value>) -> Standing {
    match (fault.code.as_str(), fault.data.resource_id) {
        ("product_invalid_sku", holder) if holder != 0 => Standing::Held {
            holder,
            sku: sku.and_then(Value::as_str).unwrap_or_default().to_owned(),
        },
        _ => Standing::Refused(fault.error()),
    }
}

fn taken_sku(sku: &str, holder: u64) -> ConnectorError {
    let message =
        format!("product {holder} has the SKU {sku} already. Give one of them another SKU, or link the two.");
    ConnectorError::new(Class::Rejected, message)
}

/// Whether two of our tokens are of the same item at the same connection: they begin with who they are of, and end with
/// when they were made.
fn same_item(one: &str, other: &str) -> bool {
    let of = |token: &str| {
        token
            .splitn(4, '-')
            .take(3)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    of(one) == of(other)
}

fn with_picture(variation: VariationPlan, pictures: &BTreeMap<String, u64>) -> Map<String, Value> {
    let VariationPlan { mut fields, picture } = variation;
    if let Some(id) = picture.and_then(|address| pictures.get(&address).copied()) {
        fields.insert("image".to_owned(), json!({ "id": id }));
    }
    fields
}

/// What a variation is called in a message.
fn called(item: &Value) -> String {
    match (item["id"].as_u64(), item["sku"].as_str()) {
        (_, Some(sku)) if !sku.is_empty() => format!("the variation {sku}"),
        (Some(id), _) => format!("the variation {id}"),
        _ => "a variation".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_try_is_known_by_whose_it_was() {
        assert!(same_item("c2s-1-7-19a-3", "c2s-1-7-19b-4"));
        assert!(!same_item("c2s-1-7-19a-3", "c2s-1-77-19a-3"));
        assert!(!same_item("c2s-1-7-19a-3", "c2s-2-7-19a-3"));
    }
}
