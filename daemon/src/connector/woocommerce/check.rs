//! Whether the shop can be reached, knows the key, and lets it write; without touching anything.

use super::{Woo, api::listed};
use crate::connector::{
    Class, ConnectorError,
    http::{Failure, Request},
};
use serde_json::json;

impl Woo {
    pub(super) async fn look_around(&self) -> Result<String, ConnectorError> {
        let count = |path: &'static str| async move {
            let call = Request::get(path).query("per_page", 1).hurried();
            let listed = listed(&self.reader.api.read(call).await?)?;
            Ok::<u64, ConnectorError>(listed.total.unwrap_or(listed.rows.len() as u64))
        };
        let products = count("wc/v3/products").await.map_err(placed)?;
        let orders = match count("wc/v3/orders").await {
            Ok(orders) => format!("{orders} orders"),
            Err(error) if error.class == Class::Auth => "orders that the key may not see".to_owned(),
            Err(error) => return Err(error),
        };
        // A batch of nothing writes nothing, and asks for the permission to write.
        let call = Request::post("wc/v3/products/batch")
            .json(&json!({ "update": [] }))
            .hurried();
        match self.reader.api.write(call).await {
            Ok(_) => Ok(format!(
                "A WooCommerce shop with {products} products and {orders}. The key may read and write."
            )),
            Err(Failure::Refused(error)) if error.class == Class::Auth => Err(ConnectorError::new(
                Class::Auth,
                format!(
                    "The shop answers ({products} products), but the key may only read. Set its permissions to Read/Write under \
                     WooCommerce > Settings > Advanced > REST API."
                ),
            )),
            Err(Failure::Refused(error) | Failure::Unclear(error)) => Err(error),
        }
    }
}

/// A wrong address in words about this platform.
fn placed(error: ConnectorError) -> ConnectorError {
    match error.class {
        Class::Missing => ConnectorError::new(
            Class::Protocol,
            "There is no WooCommerce at this address. Check `url`; where the shop has plain permalinks, write /index.php after it.",
        ),
        Class::Protocol => ConnectorError {
            message: format!(
                "{} If this is the shop, it may have plain permalinks: then write /index.php after `url`.",
                error.message
            ),
            ..error
        },
        Class::Auth | Class::RateLimited | Class::Unavailable | Class::Rejected => error,
    }
}
