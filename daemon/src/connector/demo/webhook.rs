//! How a demo shop signs its webhooks, as many platforms do: HMAC-SHA256 of the body, in hex.

use crate::connector::{Call, Knock};
use serde_json::{Map, Value};

/// The header that holds `sha256=` and the signature.
const HEADER: &str = "x-demo-signature";

pub(super) fn knock(remote: &Map<String, Value>, call: &Call<'_>) -> Knock {
    if is_signed(remote, call) {
        Knock::Signed
    } else {
        Knock::Unsigned
    }
}

/// Whether a demo shop with these settings signed the call.
fn is_signed(remote: &Map<String, Value>, call: &Call<'_>) -> bool {
    let secret = remote.get("webhook_secret").and_then(Value::as_str);
    let signature = call
        .header(HEADER)
        .and_then(|said| bytes_of(said.strip_prefix("sha256=")?));
    match (secret, signature) {
        (Some(secret), Some(signature)) => call.has_hmac_sha256(secret, &signature),
        (None, _) | (_, None) => false,
    }
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digit = |letter: &u8| {
        char::from(*letter)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    hex.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn only_what_the_secret_signed_is_believed() {
        let check = |secret: &str, signature: &str, body: &str, believed: bool| {
            let remote = Map::from_iter([("webhook_secret".to_owned(), Value::from(secret))]);
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static(HEADER),
                HeaderValue::from_str(signature).unwrap(),
            )]);
            let call = Call {
                headers: &headers,
                body: body.as_bytes(),
            };
            assert_eq!(is_signed(&remote, &call), believed, "{secret} {signature} {body}");
        };
        // The example of RFC 4231, its second case.
        let signature = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body = "what do ya want for nothing?";
        check("Jefe", signature, body, true);
        check(
            "Jefe",
            &signature.to_uppercase().replace("SHA", "sha"),
            body,
            true,
        );
        check("Jefe", signature, "what do ya want?", false);
        check("jefe", signature, body, false);
        check("Jefe", &signature[7..], body, false);
        check("Jefe", "sha256=5bdc", body, false);
        check("Jefe", "sha256=5bdcx", body, false);
        check("", "sha256=", body, false);
        let unsigned = Call {
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
        };
        assert!(!is_signed(&Map::new(), &unsigned));
    }
}
