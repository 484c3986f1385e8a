//! What is shown of connections, and telling those who watch when it changes.

use crate::{
    apart::apart,
    changed::{Items, Listener, News},
    config::Config,
    events::Events,
    runner::Standing,
    scheduler::Runners,
    store::{ConnectionState, Reader, Store, StoreError, of_orders},
};
use shared::{
    api::{Clocks, Connection, ConnectionState as Shown, Counts, Event, Queued, QueuedOf},
    ids::{ConnectionId, ItemId},
    issue::Severity,
    job::JobStatus,
    sync::schedule,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};

/// How long changes are gathered before they are told: live, and calm.
const GATHER: Duration = Duration::from_millis(200);

/// Answers what connections are like.
#[derive(Clone, Debug)]
pub struct Status {
    pub store: Arc<Store>,
    pub config: watch::Receiver<Arc<Config>>,
    pub runners: Runners,
}

impl Status {
    /// Every configured connection, in the order of their ids.
    pub fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let reader = self.store.read()?;
        let config = self.config.borrow().clone();
        config
            .connections
            .keys()
            .map(|id| self.show(&reader, &config, id))
            .collect()
    }

    /// One connection. `None`: it is not configured.
    pub fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        let config = self.config.borrow().clone();
        if !config.connections.contains_key(id) {
            return Ok(None);
        }
        self.show(&self.store.read()?, &config, id).map(Some)
    }

    fn show(&self, reader: &Reader, config: &Config, id: &ConnectionId) -> Result<Connection, StoreError> {
        let policy = &config.connections[id].policy;
        let state = reader.connection(id)?.unwrap_or_default();
        let standing = self
            .runners
            .get(id)
            .map(|runner| runner.standing.borrow().clone())
            .unwrap_or_default();
        let Standing {
            job,
            waiting,
            next_run,
            error,
        } = standing;
        let stuck = self.store.trouble().filter(|_| !waiting.is_empty());
        let (shown, detail) = state_of(
            &state,
            job.as_ref().map(|job| (job.status, job.error.clone())),
            stuck.map(|trouble| trouble.message).or(error),
        );
        Ok(Connection {
            id: id.clone(),
            name: policy.name.clone(),
            platform: policy.platform.clone(),
            state: shown,
            detail,
            paused_at: state.paused_at,
            job: job.or_else(|| waiting.first().cloned()),
            queued: Queued {
                products: queued(reader, |set| format!("pending:{set}@{id}"))?,
                orders: queued(reader, |set| of_orders(&format!("pending:{set}@{id}")))?,
            },
            counts: Counts {
                products: reader.count(&format!("on:{id}"))?,
                orders: reader.count(&of_orders(&format!("on:{id}")))?,
            },
            clocks: Clocks {
                products: state.products.clock,
                orders: state.orders.clock,
            },
            schedule: policy.schedule.as_ref().map(schedule::in_words),
            next_run: next_run.filter(|_| state.paused_at.is_none()),
            last_fetch: state.last_fetch,
            last_send: state.last_send,
            issues: open_issues(reader, id, &state)?,
            currency: policy.currency(),
            send: policy.send,
        })
    }
}

fn state_of(
    state: &ConnectionState,
    job: Option<(JobStatus, Option<String>)>,
    error: Option<String>,
) -> (Shown, String) {
    match job {
        Some((JobStatus::Running, _)) if state.paused_at.is_none() => return (Shown::Running, String::new()),
        Some((JobStatus::Halted, why)) => return (Shown::Halted, why.unwrap_or_default()),
        _ => {}
    }
    if let Some(at) = state.paused_at {
        return (Shown::Paused, format!("Paused since {at}"));
    }
    match error.or_else(|| state.error.clone()) {
        Some(error) => (Shown::Error, error),
        None => (Shown::Idle, String::new()),
    }
}

fn queued(reader: &Reader, set: impl Fn(&str) -> String) -> Result<QueuedOf, StoreError> {
    let count = |what: &str| reader.count(&set(what));
    Ok(QueuedOf {
        create: count("creates")?,
        update: count("updates")?,
        held: count("held")?,
    })
}

fn open_issues(reader: &Reader, id: &ConnectionId, state: &ConnectionState) -> Result<u64, StoreError> {
    let own = state
        .issues
        .iter()
        .filter(|issue| issue.severity != Severity::Notice)
        .count() as u64;
    Ok(reader.count_with_issues(id)? + own + reader.unmatched(state.number)?.len() as u64)
}

/// Watches for changes and publishes what differs from what was told last. Ends when nobody can change anything
/// any more.
pub fn publish(status: Status, events: Events, mut changed: Listener) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut told: BTreeMap<ConnectionId, Connection> = BTreeMap::new();
        while changed.wait().await.is_some() {
            tokio::time::sleep(GATHER).await;
            let Some(News { products, orders }) = changed.take() else {
                return;
            };
            if let Some(ids) = named(products) {
                events.publish(&Event::Product { ids });
            }
            if let Some(ids) = named(orders) {
                events.publish(&Event::Order { ids });
            }
            let status = status.clone();
            let connections = apart(move || status.connections()).await;
            let Ok(Ok(connections)) = connections else {
                continue;
            };
            tell(&events, &mut told, connections);
        }
    })
}

/// As an event names them; empty for too many. `None`: nothing changed.
fn named(items: Items) -> Option<Vec<ItemId>> {
    match items {
        Items::These(items) if items.is_empty() => None,
        Items::These(items) => Some(items.into_iter().collect()),
        Items::Many => Some(Vec::new()),
    }
}

fn tell(events: &Events, told: &mut BTreeMap<ConnectionId, Connection>, connections: Vec<Connection>) {
    let gone: Vec<ConnectionId> = told
        .keys()
        .filter(|id| connections.iter().all(|connection| connection.id != **id))
        .cloned()
        .collect();
    for id in gone {
        told.remove(&id);
        events.publish(&Event::Gone { id });
    }
    for connection in connections {
        let before = told.insert(connection.id.clone(), connection.clone());
        if before.as_ref() == Some(&connection) {
            continue;
        }
        // Of one that was not told of before, issues are news: they may have come since the start.
        let (id, open) = (&connection.id, connection.issues);
        let known = before.as_ref().map_or(0, |before| before.issues);
        if known != open {
            tracing::info!(connection = %id, before = known, open, "The number of open issues changed");
        }
        if before.is_none_or(|before| before.issues != connection.issues) {
            events.publish(&Event::Issue {
                connection: Some(connection.id.clone()),
                open: connection.issues,
            });
        }
        events.publish(&Event::Connection {
            connection: Box::new(connection),
        });
    }
}
