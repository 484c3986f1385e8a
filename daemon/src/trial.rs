//! Settings tried before they count: is the platform reached with them, and what does it show?

use crate::{
    apart::apart,
    clock::Clock,
    config::ConnectionConfig,
    connector::{Connector, PageFrom, platform},
    scheduler::connect,
};
use shared::{
    api::{SampleOrder, SampleProduct, Trial},
    ids::ConnectionId,
    money::Decimal,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// A platform that has not answered by then is not reached.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much is asked of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Whether it takes our credentials.
    Check,
    /// Also for one product and one order.
    Samples,
}

/// Asks the platform with these settings. Nothing is written anywhere: what a connector keeps of its own goes to a
/// folder that is gone afterwards.
pub async fn attempt(id: ConnectionId, connection: ConnectionConfig, ask: Ask, clock: Clock) -> Trial {
    let failed = |message: String| Trial {
        ok: false,
        message,
        product: None,
        order: None,
    };
    let orders = platform(&connection.policy.platform).is_some_and(|platform| platform.orders.is_some());
    let connected = apart(move || {
        let folder =
            tempfile::tempdir().map_err(|error| format!("There is no room for a trial: {error}."))?;
        let connector = connect(&id, &connection, folder.path(), clock, Arc::default())?;
        Ok::<_, String>((folder, connector))
    });
    let (folder, connector) = match connected.await {
        Ok(Ok(connected)) => connected,
        Ok(Err(message)) => return failed(message),
        Err(broken) => return failed(broken.to_string()),
    };
    let asked = async {
        let message = connector.check().await.map_err(|error| error.to_string())?;
        let (product, order) = match ask {
            Ask::Check => (None, None),
            Ask::Samples => (
                product(&*connector).await?,
                if orders { order(&*connector).await? } else { None },
            ),
        };
        Ok(Trial {
            ok: true,
            message,
            product,
            order,
        })
    };
    let found = match timeout(PATIENCE, asked).await {
        Ok(Ok(trial)) => trial,
        Ok(Err(message)) => failed(message),
        Err(_) => failed(format!(
            "The platform did not answer within {} s. Check its address and whether it can be reached from here.",
            PATIENCE.as_secs()
        )),
    };
    drop(connector);
    drop(folder);
    found
}

async fn product(connector: &dyn Connector) -> Result<Option<SampleProduct>, String> {
    let page = connector.page(&PageFrom::default()).await;
    let page = page.map_err(|error| error.to_string())?;
    let total = page.total;
    Ok(page.records.into_iter().next().map(|record| {
        let product = record.product;
        let first = product.variants.first();
        let stock = product.variants.iter().flat_map(|variant| variant.stock.values());
        SampleProduct {
            title: product.title.clone(),
            sku: first.map(|variant| variant.sku.clone()).unwrap_or_default(),
            price: first.and_then(|variant| variant.price),
            stock: Decimal(stock.map(|quantity| quantity.0).sum()),
            variants: product.variants.len() as u64,
            pictures: product.images.len() as u64,
            total,
        }
    }))
}

async fn order(connector: &dyn Connector) -> Result<Option<SampleOrder>, String> {
    let page = connector.orders(&PageFrom::default()).await;
    let page = page.map_err(|error| error.to_string())?;
    let total = page.total;
    Ok(page.records.into_iter().next().map(|record| SampleOrder {
        number: record.order.number,
        placed_at: record.order.placed_at,
        lines: record.order.lines.len() as u64,
        sum: record.order.totals.total.map(|amount| shared::money::Money {
            amount,
            currency: record.order.currency,
        }),
        total,
    }))
}
