//! The hub's own product or order, and its counterparts at the connections.

use crate::{
    content::{Content, Part, Path, Value},
    ids::{ItemId, Key, RemoteId},
    issue::Issue,
    time::Time,
};
use serde::{Deserialize, Serialize};

/// What the hub holds of one product or order: the content that all connections are to agree on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    /// In the hub's currency and option names.
    pub content: Content,
    /// The key that the next part gets; keys are never used again.
    pub next_key: Key,
    /// When and by whom paths were changed after the item was first seen, in the order of paths.
    pub stamps: Vec<(Path, Stamp)>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// When a path changed and who changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub at: Time,
    pub by: Author,
}

/// Who changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    Connection(crate::ids::ConnectionId),
    Person,
}

/// An item's counterpart at one connection. Its values are the platform's: its prices, its quantities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equivalence {
    /// First, so that a store can read it without the rest.
    pub presence: Presence,
    /// What the platform calls the item's parts: variants and pictures, or lines, shipments and payments.
    pub children: Vec<(Part, RemoteId)>,
    /// The platform's own names of options, where they are not the hub's: (`color`, `Colour`).
    pub option_names: Vec<(String, String)>,
    /// What the platform last showed us, or answered to a write.
    pub acknowledged: Content,
    /// What we sent, at the paths where the platform made something else of it (rounded, trimmed, wrapped).
    /// `None`: we sent a blank and it shows something.
    pub sent: Vec<(Path, Option<Value>)>,
    /// Paths that differed when the record was first joined to the item and wait for a choice.
    pub held: Vec<Path>,
    /// A write that was begun and whose answer is not known yet.
    pub sending: Option<Sending>,
    /// What the platform refused last; the same is not sent again by itself.
    pub refused: Option<Vec<(Path, Option<Value>)>>,
    pub issues: Vec<Issue>,
    pub acknowledged_at: Option<Time>,
    /// What a person decided about values that are to be written here.
    pub decisions: Vec<Decision>,
    /// Paths of `sent` that were never sent: what the rules make of quantities that the platform came with.
    pub unsent: Vec<Path>,
}

/// Whether the platform has the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// It was never there, as far as we know.
    #[default]
    Absent,
    Live {
        remote_id: RemoteId,
        url: Option<String>,
    },
    /// A complete scan did not find it any more.
    Vanished { remote_id: RemoteId, since: Time },
}

/// The durable intent of a write: made before the call, gone in the transaction that records its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// Ours, unique to this write; platforms that keep it let us find the record again.
    pub token: String,
    /// What was sent, by path, in the platform's values.
    pub values: Vec<(Path, Option<Value>)>,
    pub at: Time,
}

/// What a person decided about one value that is to be written to a connection. It counts until that value changes in
/// the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub path: Path,
    /// The digest of what it is about: of the change that was approved, else of the value that was to be written.
    pub about: u64,
    pub verdict: Verdict,
    pub at: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It may be written.
    Approved,
    /// It is not to be written.
    Rejected,
    /// It was written, and what the platform showed before is to be written instead: a send is undone.
    PutBack { from: Option<Value>, to: Option<Value> },
}

impl Equivalence {
    /// The platform's name of the record, unless it was never there.
    pub fn remote_id(&self) -> Option<&RemoteId> {
        match &self.presence {
            Presence::Absent => None,
            Presence::Live { remote_id, .. } | Presence::Vanished { remote_id, .. } => Some(remote_id),
        }
    }

    pub fn is_live(&self) -> bool {
        matches!(self.presence, Presence::Live { .. })
    }

    /// What the platform calls a part of the item: a variant, a picture, a line, a shipment.
    pub fn child(&self, key: Key) -> Option<&RemoteId> {
        let named = |(part, _): &&(Part, RemoteId)| part.key() == Some(key);
        self.children.iter().find(named).map(|(_, id)| id)
    }
}

/// Whose word counts where the hub and a connection differ at their first meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Side {
    Hub,
    Remote,
}
