//! Changing products: quantities and prices of many in one call, everything else one product after the other.

use super::{
    super::{Answer, Class, ConnectorError, Update, http::Failure},
    Vendure,
    client::LARGEST_CALL,
    facet::{self, Labels},
    input::{Inputs, Known},
    option::Groups,
    query,
    read::Reader,
    shapes::{Product, Variant},
    shop::Shop,
};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};
use shared::product::{Image, Patch};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Products that are written at the same time, each in several calls.
pub(super) const AT_ONCE: usize = 4;

/// What became of one write.
pub(super) type Done = Result<(), Failure>;

/// A product as it is now, with its update.
struct Job<'a> {
    at: usize,
    update: &'a Update,
    product: &'a Product,
    variants: &'a [Variant],
    inputs: Inputs,
}

impl Vendure {
    pub(super) async fn update_all(&self, batch: &[Update]) -> Vec<Answer> {
        match self.try_update_all(batch).await {
            Ok(answers) => answers,
            Err(error) => batch.iter().map(|_| Answer::Refused(error.clone())).collect(),
        }
    }

    /// Errors are of what comes before the first write.
    async fn try_update_all(&self, batch: &[Update]) -> Result<Vec<Answer>, ConnectorError> {
        let labels: Vec<Labels> = batch
            .iter()
            .map(|update| Labels::of_patch(&update.patch))
            .collect();
        let shop = self.with_facets(&labels).await?;
        let images = batch
            .iter()
            .flat_map(|update| update.patch.images.iter().flatten());
        let images: Vec<&Image> = images.collect();
        let uploaded = self.bring(&images).await?;
        let ids: Vec<String> = batch
            .iter()
            .map(|update| update.remote_id.0.to_string())
            .collect();
        let found = self.reader(&shop).by_id(&ids).await?;
        let current: BTreeMap<&str, &(Product, Vec<Variant>)> = found
            .whole
            .iter()
            .map(|whole| (whole.0.id.as_str(), whole))
            .collect();
        let mut done: Vec<Option<Done>> = batch.iter().map(|_| None).collect();
        let mut jobs = Vec::with_capacity(batch.len());
        for (at, update) in batch.iter().enumerate() {
            let Some((product, variants)) = current.get(&*update.remote_id.0) else {
                let broken = found
                    .broken
                    .iter()
                    .find(|broken| broken.remote_id.as_ref() == Some(&update.remote_id));
                done[at] = Some(Err(Failure::Refused(match broken {
                    Some(broken) => ConnectorError::new(Class::Rejected, broken.message.clone()),
                    None => ConnectorError::new(
                        Class::Missing,
                        format!("Product {} is not in Vendure any more.", update.remote_id),
                    ),
                })));
                continue;
            };
            let known = Known {
                shop: &shop,
                uploaded: &uploaded,
                product,
                variants,
            };
            match known.inputs(&update.patch) {
                Ok(inputs) => jobs.push(Job {
                    at,
                    update,
                    product,
                    variants,
                    inputs,
                }),
                Err(error) => done[at] = Some(Err(Failure::Refused(error))),
            }
        }
        let (alike, each): (Vec<Job<'_>>, Vec<Job<'_>>) = jobs
            .into_iter()
            .partition(|job| job.inputs.product.is_empty() && !has_options(&job.update.patch));
        for (at, outcome) in self.update_variants_of(alike).await {
            done[at] = Some(outcome);
        }
        let each = each.iter().map(|job| self.update_one(job, &shop, &uploaded));
        let each: Vec<_> = each.collect();
        let outcomes: Vec<(usize, Done)> = stream::iter(each).buffer_unordered(AT_ONCE).collect().await;
        for (at, outcome) in outcomes {
            done[at] = Some(outcome);
        }
        let outcomes = ids.into_iter().zip(done).map(|(id, done)| {
            let nothing_to_do = Ok(());
            (id, done.unwrap_or(nothing_to_do))
        });
        Ok(self.answers(&shop, outcomes.collect()).await)
    }

    /// What the products show now that were written.
    pub(super) async fn answers(&self, shop: &Arc<Shop>, outcomes: Vec<(String, Done)>) -> Vec<Answer> {
        let written = outcomes.iter().filter(|(_, done)| done.is_ok());
        let written: Vec<String> = written.map(|(id, _)| id.clone()).collect();
        let reader = self.reader(shop);
        let shown = reader.by_id(&written).await;
        let (mut records, broken) = match shown {
            Ok(found) => {
                let records = found.whole.into_iter().map(|(product, variants)| {
                    let id = product.id.clone();
                    (id, reader.readable(product, variants))
                });
                (
                    records.collect::<BTreeMap<_, _>>(),
                    ConnectorError::new(Class::Missing, "It is not in Vendure any more."),
                )
            }
            Err(error) => (BTreeMap::new(), error),
        };
        let answer = |(id, done): (String, Done)| match done {
            Ok(()) => match records.remove(&id) {
                Some(Ok(record)) => Answer::Shown(record),
                Some(Err(unreadable)) => {
                    Answer::Unclear(ConnectorError::new(Class::Protocol, unreadable.message))
                }
                // It was written, and how it looks now has to be looked for.
                None => Answer::Unclear(broken.clone()),
            },
            Err(Failure::Refused(error)) => Answer::Refused(error),
            Err(Failure::Unclear(error)) => Answer::Unclear(error),
        };
        outcomes.into_iter().map(answer).collect()
    }

    /// Writes what only variants change, of many products in one call, which Vendure does as a whole or not at all. Where it
    /// says no, each product is asked for on its own.
    async fn update_variants_of(&self, jobs: Vec<Job<'_>>) -> Vec<(usize, Done)> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        let mut parts: VecDeque<Vec<Job<'_>>> = parts(jobs).into();
        while let Some(part) = parts.pop_front() {
            let inputs: Vec<&Map<String, Value>> = part.iter().flat_map(|job| &job.inputs.variants).collect();
            let done = self.write_variants(&inputs).await;
            match done {
                Err(Failure::Refused(error))
                    if part.len() > 1 && !error.class.is_passing() && error.class != Class::Auth =>
                {
                    for job in part.into_iter().rev() {
                        parts.push_front(vec![job]);
                    }
                }
                done => outcomes.extend(part.iter().map(|job| (job.at, done.clone()))),
            }
        }
        outcomes
    }

    async fn write_variants(&self, inputs: &[&Map<String, Value>]) -> Done {
        let mut rest = inputs;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|input| {
                bytes += size(input);
                bytes <= LARGEST_CALL
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            let _: Value = self
                .client
                .write(query::UPDATE_VARIANTS, json!({ "input": now }))
                .await?;
            rest = later;
        }
        Ok(())
    }

    async fn update_one(
        &self,
        job: &Job<'_>,
        shop: &Shop,
        uploaded: &super::asset::Uploaded,
    ) -> (usize, Done) {
        (job.at, self.try_update_one(job, shop, uploaded).await)
    }

    async fn try_update_one(&self, job: &Job<'_>, shop: &Shop, uploaded: &super::asset::Uploaded) -> Done {
        let Job {
            at: _,
            update,
            product,
            variants,
            inputs,
        } = job;
        let known = Known {
            shop,
            uploaded,
            product,
            variants,
        };
        if !inputs.product.is_empty() {
            let mut input = inputs.product.clone();
            input.insert("id".to_owned(), product.id.as_str().into());
            let _: Value = self
                .client
                .write(query::UPDATE_PRODUCT, json!({ "input": input }))
                .await?;
        }
        let mut inputs = inputs.variants.clone();
        if has_options(&update.patch) {
            let mut groups = Groups::of(&self.client, shop, &product.id)
                .await
                .map_err(Failure::Refused)?;
            for patch in update
                .patch
                .variants
                .iter()
                .filter(|patch| !patch.options.is_empty())
            {
                let Some(variant) = known.named(patch) else {
                    continue;
                };
                let mut options: BTreeMap<String, String> = BTreeMap::new();
                for option in &variant.options {
                    let group = product
                        .option_groups
                        .iter()
                        .find(|group| group.id == option.group_id);
                    options.extend(group.map(|group| (group.name.clone(), option.name.clone())));
                }
                options.extend(patch.options.clone());
                let ids = groups.ids(&options).await?;
                let id = Value::from(variant.id.as_str());
                match inputs.iter_mut().find(|input| input.get("id") == Some(&id)) {
                    Some(input) => {
                        input.insert("optionIds".to_owned(), ids.into());
                    }
                    None => inputs.push(Map::from_iter([
                        ("id".to_owned(), id),
                        ("optionIds".to_owned(), ids.into()),
                    ])),
                }
            }
            self.write_variants(&inputs.iter().collect::<Vec<_>>()).await?;
            let title = update.patch.title.as_ref().unwrap_or(&product.name);
            self.create_variants(&known, &mut groups, title, &update.patch.new_variants)
                .await?;
        } else {
            self.write_variants(&inputs.iter().collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    /// The shop with every facet value that these writes name.
    pub(super) async fn with_facets(&self, labels: &[Labels]) -> Result<Arc<Shop>, ConnectorError> {
        let labels: Vec<&Labels> = labels.iter().collect();
        let shop = self.shop().await?;
        if !facet::is_missing(&shop, &labels) {
            return Ok(shop);
        }
        // Somebody else may have made them since.
        let shop = self.learn().await?;
        if !facet::is_missing(&shop, &labels) {
            return Ok(shop);
        }
        let mut shop = Shop::clone(&shop);
        let made = facet::create_missing(&self.client, &mut shop, &labels).await;
        let shop = self.remember(shop);
        made.map(|()| shop)
    }

    pub(super) fn reader<'a>(&'a self, shop: &'a Shop) -> Reader<'a> {
        Reader {
            client: &self.client,
            shop,
            sight: &self.sight,
            page: self.settings.page,
        }
    }
}

fn has_options(patch: &Patch) -> bool {
    !patch.new_variants.is_empty() || patch.variants.iter().any(|variant| !variant.options.is_empty())
}

/// Jobs in parts that one call takes; a product is never divided.
fn parts(jobs: Vec<Job<'_>>) -> Vec<Vec<Job<'_>>> {
    let mut parts: Vec<Vec<Job<'_>>> = Vec::new();
    let mut bytes = 0;
    for job in jobs {
        let of_job: usize = job.inputs.variants.iter().map(size).sum();
        bytes += of_job;
        match parts.last_mut() {
            Some(part) if bytes <= LARGEST_CALL => part.push(job),
            _ => {
                bytes = of_job;
                parts.push(vec![job]);
            }
        }
    }
    parts
}

pub(super) fn size(input: &Map<String, Value>) -> usize {
    serde_json::to_vec(input).map_or(0, |json| json.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_never_larger_than_a_server_takes_and_never_divides_a_product() {
        let product: Product = serde_json::from_value(json!({
            "id": "1", "languageCode": "en", "name": "A", "slug": "a", "description": "", "enabled": true,
            "assets": [], "facetValues": [], "optionGroups": [],
        }))
        .unwrap();
        let update = Update {
            token: String::new(),
            remote_id: "1".into(),
            patch: Patch::default(),
        };
        let job = |at| Job {
            at,
            update: &update,
            product: &product,
            variants: &[],
            inputs: Inputs {
                product: Map::new(),
                variants: vec![Map::from_iter([("sku".to_owned(), "x".repeat(30_000).into())])],
            },
        };
        let parts = parts((0..5).map(job).collect());
        let counts: Vec<usize> = parts.iter().map(Vec::len).collect();
        assert_eq!(counts, [2, 2, 1]);
    }
}
