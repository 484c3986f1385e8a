//! Writing orders: created whole, then completed, and read back; told what became of them.

use super::{
    Shown,
    payload::{self, Plan},
    record, records,
};
use crate::connector::{
    Answer, Class, ConnectorError, Create, Find, Update,
    http::{Failure, Request},
    woocommerce::{
        Woo,
        api::{Outcome, Verb},
        find::SETTLING,
        read::joined,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::order::{Order, Patch, Record};
use std::collections::BTreeMap;

const PATH: &str = "wc/v3/orders/batch";
/// Of the newest orders, so many pages are looked through for a token.
const NEWEST: u64 = 10;

/// The shop has it under this id, though it may not have taken everything; or why not.
type Standing = Result<(u64, Vec<String>), Failure>;

impl Woo {
    pub(in crate::connector::woocommerce) async fn create_orders_all(
        &self,
        batch: &[Create<Order>],
    ) -> Vec<Answer<Record>> {
        let plans: Vec<Result<Value, String>> = batch
            .iter()
            .map(|Create { token, record }| payload::create(token, record).map(Value::Object))
            .collect();
        let items = plans.iter().flatten().cloned().collect();
        let mut outcomes = self.reader.api.batch(PATH, Verb::Create, items).await.into_iter();
        let mut standings: Vec<Standing> = Vec::with_capacity(batch.len());
        let mut completions = Vec::new();
        for (plan, create) in plans.into_iter().zip(batch) {
            if let Err(fault) = plan {
                standings.push(Err(Failure::Refused(refused(&[fault]))));
                continue;
            }
            let outcome = outcomes.next().expect("a batch answers each of its items");
            standings.push(made(outcome).map(|order| {
                completions.extend(payload::completion(&create.record, &order));
                (order["id"].as_u64().unwrap_or_default(), Vec::new())
            }));
        }
        // What cannot be completed now is a difference that the next send sees.
        for outcome in self.reader.api.batch(PATH, Verb::Update, completions).await {
            if let Err(Failure::Refused(error) | Failure::Unclear(error)) = made(outcome) {
                tracing::warn!(reason = %error, "An order that was created could not be completed with what was paid and who bought");
            }
        }
        self.order_answers(standings).await
    }

    pub(in crate::connector::woocommerce) async fn update_orders_all(
        &self,
        batch: &[Update<Patch>],
    ) -> Vec<Answer<Record>> {
        let ids: Vec<u64> = batch
            .iter()
            .filter_map(|update| update.remote_id.0.parse().ok())
            .collect();
        let shown = match self.orders_of(&ids).await {
            Ok(shown) => shown,
            Err(error) => return batch.iter().map(|_| Answer::Refused(error.clone())).collect(),
        };
        let plan = |update: &Update<Patch>| {
            let id: u64 = update.remote_id.0.parse().ok()?;
            Some(payload::update(&update.patch, shown.get(&id)?))
        };
        let plans: Vec<Option<Plan>> = batch.iter().map(plan).collect();
        let items = plans
            .iter()
            .flatten()
            .map(|plan| Value::Object(plan.fields.clone()))
            .collect();
        let mut outcomes = self.reader.api.batch(PATH, Verb::Update, items).await.into_iter();
        let mut standings: Vec<Standing> = Vec::with_capacity(batch.len());
        for plan in plans {
            standings.push(match plan {
                None => Err(Failure::Refused(ConnectorError::new(
                    Class::Missing,
                    "the order is not in the shop any more, or in its trash.",
                ))),
                Some(plan) => {
                    let outcome = outcomes.next().expect("a batch answers each of its items");
                    match made(outcome) {
                        Ok(order) => {
                            let id = order["id"].as_u64().unwrap_or_default();
                            self.tell(id, &plan.notes).await;
                            Ok((id, plan.faults))
                        }
                        Err(failure) => Err(failure),
                    }
                }
            });
        }
        self.order_answers(standings).await
    }

    pub(in crate::connector::woocommerce) async fn find_orders_all(
        &self,
        wanted: &Find,
    ) -> Result<Vec<Record>, ConnectorError> {
        let Find {
            token,
            remote_id,
            skus: _,
            since: _,
        } = wanted;
        match (remote_id, token) {
            (Some(id), _) => {
                let shown: Option<Value> = self.reader.api.one(&format!("wc/v3/orders/{id}")).await?;
                let (found, strange) = records(shown.into_iter().collect(), &self.shop);
                match strange.into_iter().next() {
                    Some(strange) => Err(ConnectorError::new(Class::Protocol, strange.message)),
                    None => Ok(found),
                }
            }
            (None, Some(token)) => self.order_with(token).await,
            (None, None) => Ok(Vec::new()),
        }
    }

    /// The order that was created with this token, among the newest. The shop finishes what it began even when nobody
    /// waits for its answer, so they are looked at again until no newer one comes.
    async fn order_with(&self, token: &str) -> Result<Vec<Record>, ConnectorError> {
        let mut before = None;
        loop {
            let mut newest = 0;
            for page in 1..=NEWEST {
                let call = Request::get("wc/v3/orders")
                    .query("per_page", 100)
                    .query("page", page)
                    .query("orderby", "id")
                    .query("order", "desc")
                    .query("status", "any");
                let rows: Vec<Value> = self.reader.api.read(call).await?.json()?;
                let ids: Vec<u64> = rows.iter().filter_map(|row| row["id"].as_u64()).collect();
                newest = newest.max(ids.iter().copied().max().unwrap_or_default());
                let last =
                    rows.len() < 100 || ids.iter().any(|id| before.is_some_and(|before| *id <= before));
                let (found, _) = records(rows, &self.shop);
                if let Some(found) = found
                    .into_iter()
                    .find(|record| record.token.as_deref() == Some(token))
                {
                    return Ok(vec![found]);
                }
                if last {
                    break;
                }
            }
            if before == Some(newest) {
                return Ok(Vec::new());
            }
            before = Some(newest);
            tokio::time::sleep(SETTLING).await;
        }
    }

    /// Notes for people, who are not written mail about them. What was shipped is in the order already, whatever becomes
    /// of these.
    async fn tell(&self, order: u64, notes: &[String]) {
        for note in notes {
            let call = Request::post(format!("wc/v3/orders/{order}/notes"))
                .json(&json!({ "note": note, "customer_note": false }));
            if let Err(Failure::Refused(error) | Failure::Unclear(error)) = self.reader.api.write(call).await
            {
                tracing::info!(reason = %error, "A note could not be put beside an order");
            }
        }
    }

    async fn orders_of(&self, ids: &[u64]) -> Result<BTreeMap<u64, Shown>, ConnectorError> {
        let mut shown = BTreeMap::new();
        for ids in ids.chunks(100) {
            let query = [("include", joined(ids)), ("status", "any".to_owned())];
            for row in self.reader.api.list("wc/v3/orders", &query).await?.rows {
                if let Ok(order) = Shown::deserialize(&row) {
                    shown.insert(order.id, order);
                }
            }
        }
        Ok(shown)
    }

    /// The answers, with what the shop shows now of each order that was written.
    async fn order_answers(&self, standings: Vec<Standing>) -> Vec<Answer<Record>> {
        let ids: Vec<u64> = standings.iter().flatten().map(|(id, _)| *id).collect();
        let shown = self.orders_of(&ids).await;
        let answer = |standing: Standing| {
            let (id, faults) = match standing {
                Ok(standing) => standing,
                Err(Failure::Refused(error)) => return Answer::Refused(error),
                Err(Failure::Unclear(error)) => return Answer::Unclear(error),
            };
            let found = match &shown {
                Ok(shown) => shown.get(&id),
                Err(error) => return Answer::Unclear(error.clone()),
            };
            match found.map(|shown| record(shown, &self.shop)) {
                Some(Ok(_)) if !faults.is_empty() => Answer::Refused(refused(&faults)),
                Some(Ok(record)) => Answer::Shown(record),
                Some(Err(reason)) => Answer::Unclear(ConnectorError::new(Class::Protocol, reason)),
                None => Answer::Unclear(ConnectorError::new(
                    Class::Unavailable,
                    "The shop did not show what was just written. It is looked for.",
                )),
            }
        };
        standings.into_iter().map(answer).collect()
    }
}

fn refused(faults: &[String]) -> ConnectorError {
    ConnectorError::new(Class::Rejected, format!("{}.", faults.join("; ")))
}

/// The order that an item of a batch became.
fn made(outcome: Outcome) -> Result<Value, Failure> {
    match outcome {
        Outcome::Done(order) if order["id"].as_u64().is_some_and(|id| id != 0) => Ok(order),
        Outcome::Done(_) => Err(Failure::Unclear(ConnectorError::new(
            Class::Protocol,
            "The shop did not say what it calls the order.",
        ))),
        Outcome::Refused(fault) => Err(Failure::Refused(fault.error())),
        Outcome::NotDone(error) => Err(Failure::Refused(error)),
        Outcome::Unclear(error) => Err(Failure::Unclear(error)),
    }
}
