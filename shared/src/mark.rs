//! The manual's colours, as words.

use serde::{Deserialize, Serialize};

/// What a piece of data is to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mark {
    /// Black or grey: it exists there and is in step.
    Live,
    /// Green: it does not exist there yet and will be added.
    Create,
    /// Yellow: what is there differs from what should be.
    Update,
    /// Red: a list entry that will be taken away. No record is ever deleted.
    Remove,
    /// Violet: two sides differed when they first met; a person or an authority has to choose.
    Held,
    /// It was there once and a complete scan no longer found it.
    Vanished,
}
