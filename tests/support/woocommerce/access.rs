//! Who is let in: OAuth 1.0a over http, application passwords for the pictures of `WordPress`.

use super::{Fault, KEY, MEDIA_PASSWORD, MEDIA_USER, SECRET, State, fault, wire::Call};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use http::Method;
use serde_json::json;
use sha2::Sha256;

impl State {
    pub(super) fn let_in(&mut self, call: &Call) -> Result<(), Fault> {
        if call.path.starts_with("wp/") {
            let both = STANDARD.encode(format!("{MEDIA_USER}:{MEDIA_PASSWORD}"));
            let message = "Unknown username. Check again or try your email address.";
            return if call.authorization == format!("Basic {both}") {
                Ok(())
            } else {
                Err(fault(
                    401,
                    "invalid_username",
                    &format!("<strong>Error:</strong> {message}"),
                    json!({}),
                ))
            };
        }
        // Over http, a key that travels in the open is not looked at.
        if call.query.get("oauth_consumer_key") != Some(KEY) {
            return Err(fault(
                401,
                "woocommerce_rest_cannot_view",
                "Sorry, you cannot list resources.",
                json!({}),
            ));
        }
        let refused = |message: &str| {
            Err(fault(
                401,
                "woocommerce_rest_authentication_error",
                message,
                json!({}),
            ))
        };
        if call.query.get("oauth_signature") != Some(&signature(call)) {
            return refused("Invalid signature - provided signature does not match.");
        }
        let at: i64 = call
            .query
            .get("oauth_timestamp")
            .and_then(|at| at.parse().ok())
            .unwrap_or_default();
        if (at - self.now() - self.past).abs() > 15 * 60 {
            return refused("Invalid timestamp.");
        }
        let nonce = call.query.get("oauth_nonce").unwrap_or_default().to_owned();
        if nonce.is_empty() || !self.nonces.insert(nonce) {
            return refused("Invalid nonce - nonce has already been used.");
        }
        if call.method != Method::GET && !self.knobs.may_write {
            return refused("The API key provided does not have write permissions.");
        }
        Ok(())
    }
}

/// What RFC 5849 says the signature of a call is.
fn signature(call: &Call) -> String {
    let mut parameters: Vec<(String, String)> = call
        .query
        .0
        .iter()
        .filter(|(name, _)| name != "oauth_signature")
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    parameters.sort();
    let parameters: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let text = [
        call.method.as_str(),
        &encoded(&call.address),
        &encoded(&parameters.join("&")),
    ]
    .join("&");
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(format!("{SECRET}&").as_bytes()).expect("any key will do");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(byte).collect()
}
