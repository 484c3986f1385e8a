//! Calls of the REST API: with the key, in lists, and in batches with an answer for each item.

use super::errors::Fault;
use crate::{
    clock::Clock,
    connector::{
        Class, ConnectorError,
        http::{Failure, Http, Request, Response, Signer, Unsigned},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::Sha256;
use std::{collections::VecDeque, fmt, sync::Arc};

/// The most items of one batch.
pub(super) const BATCH: usize = 100;
/// The most rows of one page.
pub(super) const PAGE: u64 = 100;
/// Bytes of a batch: below what web servers take unless they are told otherwise, 1 MB.
const LARGEST_BATCH: usize = 900_000;

/// Calls one shop.
#[derive(Clone)]
pub(super) struct Api {
    pub http: Http,
    access: Access,
}

/// How a call shows that it may.
#[derive(Clone)]
enum Access {
    /// Where nobody can read it on the way.
    Basic { key: String, secret: String },
    /// OAuth 1.0a, which sends no secret: the shop takes nothing else over http.
    Signed(Signer),
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    pub rows: Vec<Value>,
    /// How many rows all pages hold.
    pub total: Option<u64>,
}

/// What is done with the items of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verb {
    Create,
    Update,
}

/// What became of one item of a batch.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// Done; this is what the shop answered, in its own editing view.
    Done(Value),
    Refused(Fault),
    /// The call certainly was not carried out.
    NotDone(ConnectorError),
    Unclear(ConnectorError),
}

impl Api {
    pub(super) fn new(http: Http, key: &str, secret: &str, clock: Clock) -> Self {
        let access = if http.base().is_https() {
            Access::Basic {
                key: key.to_owned(),
                secret: secret.to_owned(),
            }
        } else {
            let (key, secret) = (key.to_owned(), secret.to_owned());
            Access::Signed(Arc::new(move |call| {
                let at = clock.now().0.div_euclid(1000);
                let nonce = format!("{:032x}", fastrand::u128(..));
                signed(call, &key, &secret, at, &nonce)
            }))
        };
        Self { http, access }
    }

    pub(super) async fn read(&self, call: Request) -> Result<Response, ConnectorError> {
        self.http.read(self.with_access(call)).await
    }

    pub(super) async fn write(&self, call: Request) -> Result<Response, Failure> {
        self.http.write(self.with_access(call)).await
    }

    fn with_access(&self, call: Request) -> Request {
        match &self.access {
            Access::Basic { key, secret } => call.basic(key, secret),
            Access::Signed(signer) => call.signed_by(Arc::clone(signer)),
        }
    }

    /// One record. `None`: it is not there.
    pub(super) async fn one<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, ConnectorError> {
        match self.read(Request::get(path)).await {
            Ok(response) => response.json().map(Some),
            Err(error) if error.class == Class::Missing => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of a list, in the order of ids: every other order loses rows that changed in the same second.
    pub(super) async fn list(&self, path: &str, query: &[(&str, String)]) -> Result<Listed, ConnectorError> {
        let mut call = Request::get(path)
            .query("per_page", PAGE)
            .query("orderby", "id")
            .query("order", "asc");
        for (name, value) in query {
            call = call.query(*name, value);
        }
        listed(&self.read(call).await?)
    }

    /// Every row of a list that is not large and does not move.
    pub(super) async fn whole(&self, path: &str) -> Result<Vec<Value>, ConnectorError> {
        let mut rows = Vec::new();
        for page in 1_u64.. {
            let listed = self.list(path, &[("page", page.to_string())]).await?;
            let last = listed.rows.is_empty() || listed.total.is_none_or(|total| page * PAGE >= total);
            rows.extend(listed.rows);
            if last {
                break;
            }
        }
        Ok(rows)
    }

    /// Writes every item, in as few calls as the shop takes; the outcomes are in the order of `items`, one each.
    ///
    /// The shop checks nothing of what comes in a batch, so that has been done before.
    pub(super) async fn batch(&self, path: &str, verb: Verb, items: Vec<Value>) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(items.len());
        let mut parts: VecDeque<Vec<Value>> = parts(items).into();
        while let Some(part) = parts.pop_front() {
            let name = match verb {
                Verb::Create => "create",
                Verb::Update => "update",
            };
            let call = Request::post(path)
                .json(&json!({ name: part }))
                .taking(StatusCode::PAYLOAD_TOO_LARGE);
            match self.write(call).await {
                Ok(response) if response.status == StatusCode::PAYLOAD_TOO_LARGE => {
                    // Nothing was looked at. Less may fit.
                    if part.len() > 1 {
                        let mut first = part;
                        let second = first.split_off(first.len() / 2);
                        parts.push_front(second);
                        parts.push_front(first);
                    } else {
                        outcomes.push(Outcome::NotDone(too_large()));
                    }
                }
                Ok(response) => outcomes.extend(each(&response, name, part.len())),
                Err(Failure::Refused(error)) => {
                    outcomes.extend(part.iter().map(|_| Outcome::NotDone(error.clone())));
                }
                Err(Failure::Unclear(error)) => {
                    outcomes.extend(part.iter().map(|_| Outcome::Unclear(error.clone())));
                }
            }
        }
        outcomes
    }
}

pub(super) fn listed(response: &Response) -> Result<Listed, ConnectorError> {
    let total = response.header("x-wp-total").and_then(|total| total.parse().ok());
    Ok(Listed {
        rows: response.json()?,
        total,
    })
}

/// Items in parts that one call may hold.
fn parts(items: Vec<Value>) -> Vec<Vec<Value>> {
    let mut parts: Vec<Vec<Value>> = Vec::new();
    let mut size = usize::MAX;
    for item in items {
        let bytes = item.to_string().len() + 1;
        let fits = size.saturating_add(bytes) <= LARGEST_BATCH;
        let part = parts.last_mut().filter(|part| fits && part.len() < BATCH);
        if let Some(part) = part {
            part.push(item);
            size += bytes;
        } else {
            parts.push(vec![item]);
            size = bytes;
        }
    }
    parts
}

/// What a batch answered of each item. The order is that of the items; a refusal names nothing else.
fn each(response: &Response, name: &str, wanted: usize) -> Vec<Outcome> {
    let answered = response
        .json::<Value>()
        .map(|mut answer| match answer[name].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        });
    let strange = match answered {
        Ok(items) if items.len() == wanted => return items.into_iter().map(outcome).collect(),
        Ok(items) => ConnectorError::new(
            Class::Protocol,
            format!(
                "The shop answered {} of {wanted} writes; the rest is looked for.",
                items.len()
            ),
        ),
        Err(error) => error,
    };
    vec![Outcome::Unclear(strange); wanted]
}

fn outcome(mut item: Value) -> Outcome {
    if item["error"].is_object() {
        let fault = serde_json::from_value(item["error"].take());
        return Outcome::Refused(fault.unwrap_or_default());
    }
    Outcome::Done(item)
}

fn too_large() -> ConnectorError {
    ConnectorError::new(
        Class::Rejected,
        "the shop's web server takes no call of this size. Raise its limit (client_max_body_size), or shorten the text.",
    )
}

/// The parameters that sign a call (OAuth 1.0a, without a user's token).
fn signed(call: &Unsigned<'_>, key: &str, secret: &str, at: i64, nonce: &str) -> Vec<(String, String)> {
    let own = [
        ("oauth_consumer_key", key.to_owned()),
        ("oauth_nonce", nonce.to_owned()),
        ("oauth_signature_method", "HMAC-SHA256".to_owned()),
        ("oauth_timestamp", at.to_string()),
        ("oauth_version", "1.0".to_owned()),
    ];
    let own: Vec<(String, String)> = own.map(|(name, value)| (name.to_owned(), value)).into();
    let mut all: Vec<(String, String)> = call
        .query
        .iter()
        .chain(&own)
        .map(|(name, value)| (percent(name), percent(value)))
        .collect();
    all.sort();
    let all: Vec<String> = all
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let base = format!(
        "{}&{}&{}",
        call.method,
        percent(call.address),
        percent(&all.join("&"))
    );
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(format!("{secret}&").as_bytes())
        .expect("a key of any length will do");
    mac.update(base.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let mut signed = own;
    signed.push(("oauth_signature".to_owned(), signature));
    signed
}

/// As RFC 3986 has it, every byte that is not unreserved.
fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;

    #[test]
    fn a_signature_is_as_oauth_has_it() {
        // Worked out with another program: base string and HMAC-SHA256 by Python's library.
        let query = [("include", "1,2"), ("search", "A & B")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let call = Unsigned {
            method: &Method::GET,
            address: "http://shop.example/wp-json/wc/v3/products",
            query: &query,
        };
        let signed = signed(&call, "ck_1", "cs_2", 1_795_420_800, "abc");
        let signature = &signed.last().unwrap().1;
        assert_eq!(signed.len(), 6);
        assert_eq!(signature, "qhs3x6bfx5tmiEM/wRabcWmt/kGKMAUA/yjxfs/+P9M=");
        assert!(signed.iter().all(|(_, value)| !value.contains("cs_2")));
    }

    #[test]
    fn a_batch_holds_at_most_a_hundred_items_and_what_web_servers_take() {
        let sizes = |items: Vec<Value>| parts(items).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(Vec::new()), Vec::<usize>::new());
        assert_eq!(sizes(vec![json!({"id": 1}); 250]), [100, 100, 50]);
        let long = json!({"description": "x".repeat(400_000)});
        assert_eq!(sizes(vec![long; 5]), [2, 2, 1]);
    }

    #[test]
    fn an_item_of_a_batch_was_done_or_refused() {
        let recorded = json!({"id": 0, "error": {"code": "product_invalid_sku", "message": "Invalid or duplicated SKU.",
            "data": {"status": 400, "resource_id": 35, "unique_sku": "LAB-00001-1"}}});
        let Outcome::Refused(fault) = outcome(recorded) else {
            panic!("it was refused");
        };
        assert_eq!(
            (fault.code.as_str(), fault.data.resource_id),
            ("product_invalid_sku", 35)
        );
        let recorded = json!({"id": null, "error": {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.",
            "data": {"status": 400}}});
        assert!(matches!(outcome(recorded), Outcome::Refused(_)));
        assert!(matches!(outcome(json!({"id": 1564})), Outcome::Done(_)));
    }
}
