//! Webhooks: how the shop signs them, and making the ones that bring fetches forward.

use super::api::Api;
use crate::connector::{
    Call, Class, ConnectorError, Knock,
    http::{Failure, Request},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Base64 of the body's HMAC-SHA256 with the webhook's secret.
const SIGNATURE: &str = "x-wc-webhook-signature";

/// What a fetch reads; a webhook of anything else would be no hint.
const TOPICS: [&str; 8] = [
    "product.created",
    "product.updated",
    "product.deleted",
    "product.restored",
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
];

pub(super) fn knock(remote: &Map<String, Value>, call: &Call<'_>) -> Knock {
    let announces = |id: &[u8]| !id.is_empty() && id.iter().all(u8::is_ascii_digit);
    if is_signed(remote, call) {
        Knock::Signed
    } else if call.body.strip_prefix(b"webhook_id=").is_some_and(announces) {
        Knock::Greeting
    } else {
        Knock::Unsigned
    }
}

fn is_signed(remote: &Map<String, Value>, call: &Call<'_>) -> bool {
    let secret = remote.get("webhook_secret").and_then(Value::as_str);
    let signature = call
        .header(SIGNATURE)
        .and_then(|said| STANDARD.decode(said.trim()).ok());
    match (secret, signature) {
        (Some(secret), Some(signature)) => call.has_hmac_sha256(secret, &signature),
        (None, _) | (_, None) => false,
    }
}

/// Where the shop is to tell of changes, and what it signs them with.
#[derive(Clone, Debug)]
pub(super) struct Hooks {
    pub delivery: String,
    pub secret: String,
}

impl Hooks {
    /// Makes those that are missing; what is there and works stays as it is. Answers how many were made.
    pub(super) async fn set_up(&self, api: &Api) -> Result<usize, ConnectorError> {
        #[derive(Deserialize)]
        struct Hook {
            #[serde(default)]
            topic: String,
            #[serde(default)]
            delivery_url: String,
        }
        let rows = api.whole("wc/v3/webhooks").await?;
        let there: Vec<Hook> = rows
            .into_iter()
            .filter_map(|row| serde_json::from_value(row).ok())
            .collect();
        let missing = TOPICS.iter().filter(|topic| {
            !there
                .iter()
                .any(|hook| hook.topic == **topic && hook.delivery_url == self.delivery)
        });
        let mut made = 0;
        for topic in missing {
            let hook = json!({
                "name": format!("Click2Sync {topic}"), "topic": topic, "delivery_url": self.delivery, "secret": self.secret,
                "status": "active",
            });
            let call = Request::post("wc/v3/webhooks").json(&hook).secret(&self.secret);
            match api.write(call).await {
                Ok(_) => made += 1,
                Err(Failure::Refused(error)) => return Err(error),
                // It is looked for before it is made again.
                Err(Failure::Unclear(error)) => {
                    return Err(ConnectorError {
                        class: Class::Unavailable,
                        ..error
                    });
                }
            }
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn only_what_the_secret_signed_is_believed() {
        let check = |secret: Option<&str>, signature: Option<&str>, body: &str, wanted: Knock| {
            let remote = secret.map(|secret| ("webhook_secret".to_owned(), Value::from(secret)));
            let headers = signature.map(|signature| {
                (
                    HeaderName::from_static(SIGNATURE),
                    HeaderValue::from_str(signature).unwrap(),
                )
            });
            let headers: HeaderMap = headers.into_iter().collect();
            let call = Call {
                headers: &headers,
                body: body.as_bytes(),
            };
            let remote: Map<String, Value> = remote.into_iter().collect();
            assert_eq!(knock(&remote, &call), wanted, "{secret:?} {signature:?} {body}");
        };
        // The example of RFC 4231, its second case, in base64.
        let signature = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        let body = "what do ya want for nothing?";
        check(Some("Jefe"), Some(signature), body, Knock::Signed);
        check(Some("Jefe"), Some(signature), r#"{"id":1598}"#, Knock::Unsigned);
        check(Some("other"), Some(signature), body, Knock::Unsigned);
        check(None, Some(signature), body, Knock::Unsigned);
        check(Some("Jefe"), Some("no base64!"), body, Knock::Unsigned);
        check(Some(""), Some(""), "", Knock::Unsigned);
        // The call that announces a new webhook.
        check(Some("Jefe"), None, "webhook_id=7", Knock::Greeting);
        check(None, None, "webhook_id=7", Knock::Greeting);
        check(Some("Jefe"), None, "webhook_id=7&x=1", Knock::Unsigned);
    }
}
