//! Sets of products and orders, by their ids in the contract (`on:shop`, `pending:creates@shop`).

mod placed;

pub use placed::{Placed, When};

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One set: a name, a value, and for some the connection or platform that it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Set {
    /// Live at this connection.
    On(String),
    Platform(String),
    With(String),
    Without(String),
    Brand(String),
    Size(String),
    Color(String),
    Barcode(String),
    Status {
        value: String,
        at: String,
    },
    Issues {
        present: bool,
    },
    Stock(String),
    Price(String),
    Category {
        value: String,
        at: String,
    },
    Pending {
        what: Pending,
        at: String,
    },
    /// Of orders only.
    Placed(Placed),
}

impl Set {
    /// How products may stand at a connection.
    pub const STATUSES: [&'static str; 4] = ["active", "paused", "published", "unpublished"];
}

/// What waits to be sent, or to be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pending {
    Updates,
    Creates,
    Held,
}

/// Several sets that must all hold, as `clone` takes them: "brand:nike stock:in".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetExpression(pub Vec<Set>);

/// Why a text names no set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no set; sets look like on:main-shop, brand:nike or pending:creates@main-shop")]
pub struct InvalidSet(String);

impl FromStr for Set {
    type Err = InvalidSet;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidSet(text.to_owned());
        let (name, value) = text.split_once(':').ok_or_else(invalid)?;
        if value.is_empty() {
            return Err(invalid());
        }
        let own = || value.to_owned();
        let at = || {
            let (value, at) = value.rsplit_once('@').ok_or_else(invalid)?;
            Ok((value.to_owned(), at.to_owned()))
        };
        Ok(match name {
            "on" => Self::On(own()),
            "platform" => Self::Platform(own()),
            "with" => Self::With(own()),
            "without" => Self::Without(own()),
            "brand" => Self::Brand(own()),
            "size" => Self::Size(own()),
            "color" => Self::Color(own()),
            "barcode" => Self::Barcode(own()),
            "issues" if value == "with" => Self::Issues { present: true },
            "issues" if value == "without" => Self::Issues { present: false },
            "stock" if matches!(value, "low" | "out" | "in") => Self::Stock(own()),
            "price" if matches!(value, "low" | "bad") => Self::Price(own()),
            "status" => {
                let (value, at) = at()?;
                if !Self::STATUSES.contains(&value.as_str()) {
                    return Err(invalid());
                }
                Self::Status { value, at }
            }
            "category" => {
                let (value, at) = at()?;
                Self::Category { value, at }
            }
            "pending" => {
                let (what, at) = at()?;
                let what = Pending::parse(&what).ok_or_else(invalid)?;
                Self::Pending { what, at }
            }
            _ => Self::Placed(Placed::parse(name, value).ok_or_else(invalid)?),
        })
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(value) => write!(f, "on:{value}"),
            Self::Platform(value) => write!(f, "platform:{value}"),
            Self::With(value) => write!(f, "with:{value}"),
            Self::Without(value) => write!(f, "without:{value}"),
            Self::Brand(value) => write!(f, "brand:{value}"),
            Self::Size(value) => write!(f, "size:{value}"),
            Self::Color(value) => write!(f, "color:{value}"),
            Self::Barcode(value) => write!(f, "barcode:{value}"),
            Self::Status { value, at } => write!(f, "status:{value}@{at}"),
            Self::Issues { present } => write!(f, "issues:{}", if *present { "with" } else { "without" }),
            Self::Stock(value) => write!(f, "stock:{value}"),
            Self::Price(value) => write!(f, "price:{value}"),
            Self::Category { value, at } => write!(f, "category:{value}@{at}"),
            Self::Pending { what, at } => write!(f, "pending:{}@{at}", what.name()),
            Self::Placed(placed) => placed.fmt(f),
        }
    }
}

impl TryFrom<String> for Set {
    type Error = InvalidSet;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Set> for String {
    fn from(set: Set) -> Self {
        set.to_string()
    }
}

impl Pending {
    pub const ALL: [Self; 3] = [Self::Updates, Self::Creates, Self::Held];

    pub fn name(self) -> &'static str {
        match self {
            Self::Updates => "updates",
            Self::Creates => "creates",
            Self::Held => "held",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }
}

impl FromStr for SetExpression {
    type Err = InvalidSet;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sets = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if sets.is_empty() {
            Err(InvalidSet(text.to_owned()))
        } else {
            Ok(Self(sets))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_reads_as_it_is_written() {
        for text in [
            "on:main-shop",
            "brand:nike",
            "pending:creates@main",
            "status:active@main",
            "category:a@b@main",
            "issues:with",
            "year:2026",
            "month:2026-01",
            "day:2024-02-29",
            "when:last-week",
        ] {
            assert_eq!(text.parse::<Set>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "on",
            "on:",
            "colour:red",
            "pending:creates",
            "pending:all@x",
            "stock:many",
            "status:sold@x",
            "status:active",
            "year:26",
            "month:2026-13",
            "month:2026",
            "day:2026-02-29",
            "when:tomorrow",
        ] {
            assert!(text.parse::<Set>().is_err(), "{text} was taken for a set");
        }
    }
}
