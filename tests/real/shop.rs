//! The connector as the daemon makes it, at a real server.
#![allow(dead_code, reason = "the benchmark uses a part of it")]

use crate::server::Server;
use daemon::{
    clock::Clock,
    connector::{Connector, ConnectorError, Context, PageFrom, platform, traffic::Traffic},
};
use serde_json::{Map, Value, json};
use shared::{
    ids::{ConnectionId, RemoteId},
    order,
    product::Record,
    time::Time,
};
use std::{collections::BTreeMap, sync::Arc};
use tempfile::TempDir;

/// A connector, and the data folder that it has.
pub(crate) struct Connected {
    pub(crate) connector: Box<dyn Connector>,
    pub(crate) data: TempDir,
    pub(crate) traffic: Arc<Traffic>,
}

/// The `[remote]` table that the shop's owner would write, with more in it.
pub(crate) fn remote(server: &Server, more: Value) -> Map<String, Value> {
    let mut table = json!({
        "url": server.url(), "username": "superadmin", "password": "superadmin", "page": 100, "weight_unit": "kg",
        "facets": { "categories": "category", "tags": "tags", "brand": "brand" },
    });
    let Value::Object(more) = more else {
        panic!("a table")
    };
    table.as_object_mut().expect("a table").extend(more);
    let Value::Object(table) = table else {
        unreachable!()
    };
    table.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

pub(crate) fn connect_by(remote: Map<String, Value>) -> Result<Connected, ConnectorError> {
    let data = tempfile::tempdir().expect("a temporary folder");
    let id = ConnectionId::parse("real").expect("an id");
    let context = Context::new(id, remote, data.path().to_owned(), Clock::system());
    let traffic = Arc::clone(&context.traffic);
    let connector = (platform("vendure").expect("it is one").connect)(context)?;
    Ok(Connected {
        connector,
        data,
        traffic,
    })
}

pub(crate) fn connect(server: &Server, more: Value) -> Connected {
    connect_by(remote(server, more)).expect("the settings are fine")
}

impl Connected {
    /// Every record, page by page, by its id.
    pub(crate) async fn all(&self) -> BTreeMap<RemoteId, Record> {
        let (records, unreadable) = self.since(None).await;
        assert!(unreadable.is_empty(), "{unreadable:?}");
        records
    }

    /// What a reading of what changed shows, with what it could not read.
    pub(crate) async fn since(&self, since: Option<Time>) -> (BTreeMap<RemoteId, Record>, Vec<String>) {
        let (mut records, mut unreadable, mut cursor) = (BTreeMap::new(), Vec::new(), None);
        loop {
            let from = PageFrom { since, cursor };
            let page = self.connector.page(&from).await.unwrap();
            records.extend(
                page.records
                    .into_iter()
                    .map(|record| (record.remote_id.clone(), record)),
            );
            unreadable.extend(page.unreadable.into_iter().map(|record| record.message));
            match page.next {
                None => return (records, unreadable),
                next => cursor = next,
            }
        }
    }

    /// The one record with this SKU.
    pub(crate) async fn with_sku(&self, sku: &str) -> Record {
        let find = daemon::connector::Find {
            skus: vec![sku.to_owned()],
            ..Default::default()
        };
        let found = self.connector.find(&find).await.unwrap();
        assert_eq!(found.len(), 1, "{sku}: {found:?}");
        found.into_iter().next().unwrap()
    }

    pub(crate) async fn orders(&self, since: Option<Time>) -> BTreeMap<RemoteId, order::Record> {
        let (mut records, mut cursor) = (BTreeMap::new(), None);
        loop {
            let from = PageFrom { since, cursor };
            let page = self.connector.orders(&from).await.unwrap();
            assert_eq!(page.unreadable, []);
            records.extend(
                page.records
                    .into_iter()
                    .map(|record| (record.remote_id.clone(), record)),
            );
            match page.next {
                None => return records,
                next => cursor = next,
            }
        }
    }
}
