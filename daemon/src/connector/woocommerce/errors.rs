//! What the shop's refusals mean, in words that a shop owner can act on.

use super::{shapes::number, text::plain};
use crate::connector::{Class, ConnectorError, http::Response};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Why a call, or one item of a batch, was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Fault {
    pub code: String,
    pub message: String,
    #[serde(deserialize_with = "data")]
    pub data: Data,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Data {
    #[serde(deserialize_with = "number")]
    pub status: u64,
    /// What holds already what was asked for: a product with that SKU, a term of that name.
    #[serde(deserialize_with = "number")]
    pub resource_id: u64,
    /// What is wrong with each parameter.
    pub params: Option<Map<String, Value>>,
}

/// Not every fault has data, and an empty one is a list.
fn data<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Data, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl Fault {
    pub(super) fn of(response: &Response) -> Option<Self> {
        let fault: Self = serde_json::from_slice(&response.body).ok()?;
        (!fault.code.is_empty()).then_some(fault)
    }

    /// The shop's own words, without markup.
    pub(super) fn words(&self) -> String {
        let Self { code, message, data } = self;
        let mut words = plain(message);
        for (name, wrong) in data.params.iter().flatten() {
            if let Some(wrong) = wrong.as_str() {
                words = format!("{words} {name}: {}", plain(wrong));
            }
        }
        if words.is_empty() { code.clone() } else { words }
    }

    /// As a refusal of a single record.
    pub(super) fn error(&self) -> ConnectorError {
        let words = self.words();
        let (class, message) = match (self.code.as_str(), self.data.status) {
            ("product_invalid_sku", _) => {
                let holder = match self.data.resource_id {
                    0 => words,
                    id => format!("Product {id} has it."),
                };
                (Class::Rejected, format!("its SKU is in use already. {holder}"))
            }
            (_, 400) if words.contains("already present in the lookup table") => (
                Class::Rejected,
                "a product in the shop's trash still holds this SKU. Restore it or empty the trash there."
                    .to_owned(),
            ),
            ("product_invalid_global_unique_id", _) => (
                Class::Rejected,
                format!("another product has this GTIN, or it is none: {words}"),
            ),
            ("woocommerce_product_image_upload_error" | "woocommerce_product_invalid_image_id", _) => (
                Class::Rejected,
                format!("the shop could not take one of the pictures from its address: {words}"),
            ),
            (code, _) if is_missing(code) => (Class::Missing, "it is not in the shop any more.".to_owned()),
            (code, 401 | 403) => (Class::Auth, refused_key(code, &words)),
            (_, 404) => (Class::Missing, words),
            (_, 500..) => (Class::Unavailable, words),
            _ => (Class::Rejected, words),
        };
        ConnectorError::new(class, message)
    }

    pub(super) fn is_about_a_picture(&self) -> bool {
        matches!(
            self.code.as_str(),
            "woocommerce_product_image_upload_error" | "woocommerce_product_invalid_image_id"
        )
    }
}

/// The code of a record that is not there, whatever status comes with it: a batch says 400.
fn is_missing(code: &str) -> bool {
    matches!(
        code,
        "woocommerce_rest_product_invalid_id"
            | "woocommerce_rest_product_variation_invalid_id"
            | "woocommerce_rest_shop_order_invalid_id"
            | "woocommerce_rest_order_invalid_id"
            | "woocommerce_rest_invalid_product_id"
            | "woocommerce_rest_term_invalid"
    )
}

/// What the shop has against the key, and what to do about it.
fn refused_key(code: &str, words: &str) -> String {
    let lower = words.to_lowercase();
    if lower.contains("timestamp") || lower.contains("nonce") {
        format!(
            "The shop does not take our signature: {words} Set the clocks of this machine and of the shop right."
        )
    } else if lower.contains("write permission") || lower.contains("read permission") {
        format!(
            "The key may not do this: {words} Set its permissions to Read/Write in the shop, under WooCommerce > Settings > \
             Advanced > REST API."
        )
    } else if code == "woocommerce_rest_authentication_error" {
        format!(
            "The shop knows the key but not its `secret`: {words} Copy the consumer secret again, or make a new key."
        )
    } else if matches!(
        code,
        "woocommerce_rest_cannot_view" | "invalid_username" | "rest_forbidden"
    ) {
        format!(
            "The shop does not know this `key`: {words} Make a key with Read/Write permissions under WooCommerce > Settings > \
             Advanced > REST API, for a user who manages the shop."
        )
    } else {
        format!(
            "The shop does not let this key do that: {words} The key has to belong to a user who manages the shop, with \
             Read/Write permissions."
        )
    }
}

/// What an answer means beyond its status.
pub(super) fn verdict(response: &Response) -> Option<ConnectorError> {
    if response.status.is_success() {
        return None;
    }
    let fault = Fault::of(response)?;
    let status = u64::from(response.status.as_u16());
    let message = match (fault.code.as_str(), status) {
        ("rest_no_route", _) => {
            let words = "There is a WordPress at this address, but no WooCommerce that answers: activate WooCommerce there, and \
                         update it if it is older than version 3.5.";
            return Some(ConnectorError::new(Class::Protocol, words));
        }
        (_, 500..) => {
            let words = fault.words();
            let message =
                format!("The shop has trouble of its own: {words} If it stays, look into its error log.");
            return Some(ConnectorError {
                retry_after: response.retry_after(),
                ..ConnectorError::new(Class::Unavailable, message)
            });
        }
        // The floor knows what to do about these.
        (_, 408 | 413 | 425 | 429) => return None,
        _ => Fault {
            data: Data { status, ..fault.data },
            ..fault
        }
        .error(),
    };
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fault_says_what_is_wrong_and_what_to_do() {
        let check = |fault: Value, class: Class, message: &str| {
            let error = serde_json::from_value::<Fault>(fault).unwrap().error();
            assert_eq!(error.class, class, "{error}");
            assert!(error.message.contains(message), "{error}");
        };
        check(
            json!({"code": "product_invalid_sku", "message": "Invalid or duplicated SKU.",
                "data": {"status": 400, "resource_id": 35, "unique_sku": "LAB-00001-1"}}),
            Class::Rejected,
            "Product 35 has it",
        );
        check(
            json!({"code": "woocommerce_rest_product_not_created",
                "message": "The SKU (LAB-1) you are trying to insert is already present in the lookup table", "data": {"status": 400}}),
            Class::Rejected,
            "empty the trash",
        );
        check(
            json!({"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 400}}),
            Class::Missing,
            "not in the shop any more",
        );
        check(
            json!({"code": "woocommerce_product_image_upload_error", "message": "A valid URL was not provided.", "data": {"status": 400}}),
            Class::Rejected,
            "A valid URL was not provided",
        );
        check(
            json!({"code": "rest_invalid_param", "message": "Invalid parameter(s): regular_price",
                "data": {"status": 400, "params": {"regular_price": "regular_price is not of type string."}}}),
            Class::Rejected,
            "regular_price is not of type string",
        );
        check(
            json!({"code": "woocommerce_rest_authentication_error", "message": "The API key provided does not have write permissions.",
                "data": {"status": 401}}),
            Class::Auth,
            "Read/Write",
        );
        check(
            json!({"code": "woocommerce_rest_authentication_error", "message": "Consumer secret is invalid.", "data": {"status": 401}}),
            Class::Auth,
            "not its `secret`",
        );
        check(
            json!({"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources.", "data": {"status": 401}}),
            Class::Auth,
            "does not know this `key`",
        );
        check(
            json!({"code": "product_invalid_global_unique_id", "message": "Invalid or duplicated GTIN, UPC, EAN or ISBN.",
                "data": {"status": 400, "resource_id": 7}}),
            Class::Rejected,
            "GTIN",
        );
        check(
            json!({"code": "internal_server_error", "message": "<p>There has been a critical error on this website.</p>",
                "data": {"status": 500}}),
            Class::Unavailable,
            "There has been a critical error on this website.",
        );
        check(
            json!({"code": "strange", "message": "", "data": []}),
            Class::Rejected,
            "strange",
        );
    }
}
