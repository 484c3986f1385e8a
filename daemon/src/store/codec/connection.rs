//! What is known of connections, as earlier versions stored it.

use crate::store::{ConnectionState, Number, Reading};
use serde::{Deserialize, Serialize};
use shared::{issue::Issue, time::Time};

/// Before it was remembered from when on orders are cloned.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConnectionV1 {
    number: Number,
    products: Reading,
    orders: Reading,
    last_fetch: Option<Time>,
    last_send: Option<Time>,
    last_scheduled: Option<Time>,
    paused_at: Option<Time>,
    error: Option<String>,
    issues: Vec<Issue>,
    indexed_policy: u64,
}

impl From<ConnectionV1> for ConnectionState {
    fn from(state: ConnectionV1) -> Self {
        let ConnectionV1 {
            number,
            products,
            orders,
            last_fetch,
            last_send,
            last_scheduled,
            paused_at,
            error,
            issues,
            indexed_policy,
        } = state;
        Self {
            number,
            products,
            orders,
            last_fetch,
            last_send,
            last_scheduled,
            paused_at,
            error,
            issues,
            indexed_policy,
            cloning_since: None,
        }
    }
}
