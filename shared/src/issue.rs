//! What went wrong or needs a person, as a value.

use crate::{content::Path, time::Time};
use serde::{Deserialize, Serialize};

/// One problem of one equivalence or of a whole connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Issue {
    pub code: Code,
    pub severity: Severity,
    /// What it is about, where it is about one path.
    pub path: Option<Path>,
    /// One sentence for a shop owner: what happened, where, and why. It holds the platform's own message.
    pub message: String,
    pub at: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// Worth knowing; nothing waits for it.
    Notice,
    /// Something is not as it should be and goes on all the same.
    Warning,
    /// Something does not happen until a person acts.
    Error,
}

/// What kind of problem it is; each has one suggested action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Code {
    /// Several items could be the counterpart of a record, or several records that of an item.
    AmbiguousMatch,
    /// Both sides changed a path since they last agreed; one side's word counted.
    Conflict,
    /// The platform refused what was sent.
    Refused,
    /// The platform's record could not be read.
    UnreadableRecord,
    /// A price cannot be converted: there is no exchange rate.
    NoExchangeRate,
    /// The platform no longer has a record that we hold as its own.
    Missing,
    /// The platform could not be reached, or refused our credentials, or answered nonsense.
    Platform,
    /// A guard halted a job before it did mass damage.
    Guard,
    /// A job broke on a fault of our own.
    Internal,
    /// A person parted a record from its product.
    Unlinked,
    /// A line of an order is of no product that the connection has, so the order is not created there.
    UnmappedLine,
    /// A connection does not know the word that an order's status has.
    UnknownStatus,
    /// What was bought, or its price, changed after the order was created at a connection.
    OrderChanged,
    /// The disk with the data takes nothing, or cannot be read.
    Disk,
    /// A record in the store cannot be read any more.
    Damaged,
    /// The platform did not take a write, however often it was sent.
    Untaken,
}

impl Code {
    /// What a shop owner can do about it.
    pub fn action(self) -> &'static str {
        match self {
            Self::AmbiguousMatch => {
                "Give each product a SKU of its own, or link the right pair by hand, then fetch again."
            }
            Self::Conflict => {
                "Check the value. Name an authority for this field to decide such cases for good."
            }
            Self::Refused => "Correct the value that the platform names, then retry.",
            Self::UnreadableRecord => "Correct the record on its platform, then fetch again.",
            Self::NoExchangeRate => "Add a rate for this currency under [exchange] in click2sync.toml.",
            Self::Missing => "Reset the connection's clock and fetch, so that everything is read again.",
            Self::Platform => "Check the connection's address and credentials in its settings, then retry.",
            Self::Guard => "Look at what the job was about to do, then confirm or cancel it.",
            Self::Unlinked => "Link it to the right product when you know which one that is.",
            Self::UnmappedLine => {
                "Link or create the product at that connection, or set orders.defaults.unmapped_line to \
                 \"custom-line\" there."
            }
            Self::UnknownStatus => {
                "Set the status by hand at that connection, or set `status` under [orders.fields] to read-only."
            }
            Self::OrderChanged => {
                "Compare the order at both connections and correct it by hand: what was bought is never rewritten."
            }
            Self::Damaged => {
                "Put a backup back, or reset the clocks of the connections and fetch, so that everything is read again."
            }
            Self::Untaken => {
                "Nothing: it goes with the next send. If it comes back, see whether the platform works."
            }
            Self::Disk => "Free some space or mend the disk; jobs go on by themselves.",
            Self::Internal => "Retry. If it comes back, please report it with the message above.",
        }
    }
}
