//! The pages, and the dialogs that open over them.

pub(crate) mod connections;
pub(crate) mod held;
pub(crate) mod issues;
pub(crate) mod item;
pub(crate) mod items;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod review;
pub(crate) mod send;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod stats;

use crate::query::{kind_of, path};
use shared::ids::{ItemId, Kind};

/// What the address shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Connections,
    List(Kind),
    /// `None`: no item has such a name.
    Item(Kind, Option<ItemId>),
    Issues,
    Jobs,
    Unknown,
}

impl Page {
    /// The page of an address without its parameters.
    pub(crate) fn of(pathname: &str) -> Self {
        if let Some(kind) = kind_of(pathname) {
            return match pathname[path(kind).len()..].trim_start_matches('/') {
                "" => Self::List(kind),
                id => Self::Item(kind, id.parse().ok()),
            };
        }
        match pathname {
            "/" => Self::Connections,
            "/issues" => Self::Issues,
            "/jobs" => Self::Jobs,
            _ => Self::Unknown,
        }
    }
}
