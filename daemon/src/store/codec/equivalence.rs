//! Equivalences as earlier versions stored them.

use serde::{Deserialize, Serialize};
use shared::{
    content::{Content, Part, Path, Value},
    ids::RemoteId,
    issue::Issue,
    item::{Decision, Equivalence, Presence, Sending},
    time::Time,
};

/// Before people decided what is sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct EquivalenceV1 {
    presence: Presence,
    children: Vec<(Part, RemoteId)>,
    option_names: Vec<(String, String)>,
    acknowledged: Content,
    sent: Vec<(Path, Option<Value>)>,
    held: Vec<Path>,
    sending: Option<Sending>,
    refused: Option<Vec<(Path, Option<Value>)>>,
    issues: Vec<Issue>,
    acknowledged_at: Option<Time>,
}

/// Before it was known which quantities were never sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct EquivalenceV2 {
    presence: Presence,
    children: Vec<(Part, RemoteId)>,
    option_names: Vec<(String, String)>,
    acknowledged: Content,
    sent: Vec<(Path, Option<Value>)>,
    held: Vec<Path>,
    sending: Option<Sending>,
    refused: Option<Vec<(Path, Option<Value>)>>,
    issues: Vec<Issue>,
    acknowledged_at: Option<Time>,
    decisions: Vec<Decision>,
}

impl From<EquivalenceV1> for EquivalenceV2 {
    fn from(equivalence: EquivalenceV1) -> Self {
        let EquivalenceV1 {
            presence,
            children,
            option_names,
            acknowledged,
            sent,
            held,
            sending,
            refused,
            issues,
            acknowledged_at,
        } = equivalence;
        Self {
            presence,
            children,
            option_names,
            acknowledged,
            sent,
            held,
            sending,
            refused,
            issues,
            acknowledged_at,
            decisions: Vec::new(),
        }
    }
}

impl From<EquivalenceV2> for Equivalence {
    fn from(equivalence: EquivalenceV2) -> Self {
        let EquivalenceV2 {
            presence,
            children,
            option_names,
            acknowledged,
            sent,
            held,
            sending,
            refused,
            issues,
            acknowledged_at,
            decisions,
        } = equivalence;
        Self {
            presence,
            children,
            option_names,
            acknowledged,
            sent,
            held,
            sending,
            refused,
            issues,
            acknowledged_at,
            decisions,
            unsent: Vec::new(),
        }
    }
}
