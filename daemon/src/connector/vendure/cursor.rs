//! Where a page begins: a list, a number of rows, and the last rows that were read, by which a list that moves is noticed.

use super::super::{Class, ConnectorError};
use std::fmt;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub list: List,
    rows: u64,
    last: Vec<String>,
}

/// What is read: everything, or one after the other what may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Everything,
    ChangedProducts,
    ChangedVariants,
    Stock,
    ChangedOrders,
}

/// What a page brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turned {
    /// Rows at its beginning that the page before had already.
    pub known: usize,
    /// Where the next page begins. `None`: this was the last.
    pub next: Option<Cursor>,
}

/// Rows that are read a second time, so that as many may go meanwhile without any other being passed over.
const OVERLAP: usize = 3;

impl List {
    const ALL: [(Self, &str); 5] = [
        (Self::Everything, "all"),
        (Self::ChangedProducts, "products"),
        (Self::ChangedVariants, "variants"),
        (Self::Stock, "stock"),
        (Self::ChangedOrders, "orders"),
    ];
}

impl Cursor {
    /// The first page of a list.
    pub(super) fn first(list: List) -> Self {
        Self {
            list,
            rows: 0,
            last: Vec::new(),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, ConnectorError> {
        let parsed = || {
            let mut parts = text.split(':');
            let (list, rows) = (parts.next()?, parts.next()?);
            let (list, _) = List::ALL.into_iter().find(|(_, name)| *name == list)?;
            Some(Self {
                list,
                rows: rows.parse().ok()?,
                last: parts.map(str::to_owned).collect(),
            })
        };
        parsed().ok_or_else(|| ConnectorError::new(Class::Missing, format!("There is no page `{text}`.")))
    }

    /// Rows that are left out.
    pub(super) fn skip(&self) -> u64 {
        self.rows.saturating_sub(self.overlap())
    }

    /// Rows that are read a second time.
    pub(super) fn overlap(&self) -> u64 {
        self.rows.min(self.last.len() as u64)
    }

    /// What the rows `came` are, of `total`, where at most `most` were asked for beside those that are read again.
    ///
    /// Rows are counted, so one that is deleted moves all that come after it. Then the last rows that were read are not where
    /// they were; where none of them is there any more, the list is read from its beginning.
    pub(super) fn turn(&self, came: &[&str], total: u64) -> Turned {
        let known = match came
            .iter()
            .rposition(|id| self.last.iter().any(|last| last == id))
        {
            Some(at) => at + 1,
            None if self.overlap() == 0 => 0,
            None => {
                return Turned {
                    known: 0,
                    next: Some(Self::first(self.list)),
                };
            }
        };
        let rows = self.skip() + came.len() as u64;
        let is_last = rows >= total || came.len() == known;
        let last = || {
            came[came.len().saturating_sub(OVERLAP)..]
                .iter()
                .map(|&id| id.to_owned())
        };
        Turned {
            known,
            next: (!is_last).then(|| Self {
                list: self.list,
                rows,
                last: last().collect(),
            }),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = List::ALL
            .into_iter()
            .find(|(list, _)| *list == self.list)
            .expect("all are there");
        write!(f, "{name}:{}", self.rows)?;
        self.last.iter().try_for_each(|id| write!(f, ":{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, came: &[&str], total: u64, known: usize, next: Option<&str>) {
        let turned = Cursor::parse(from).unwrap().turn(came, total);
        let got = (turned.known, turned.next.map(|next| next.to_string()));
        assert_eq!(
            got,
            (known, next.map(str::to_owned)),
            "{from} {came:?} of {total}"
        );
    }

    #[test]
    fn a_cursor_goes_on_with_the_last_rows_and_ends_with_the_list() {
        check("all:0", &["1", "2", "3", "4"], 6, 0, Some("all:4:2:3:4"));
        check("all:4:2:3:4", &["2", "3", "4", "5", "6"], 6, 3, None);
        check("all:0", &[], 0, 0, None);
        check("stock:0", &["1"], 1, 0, None);
        let cursor = Cursor::parse("all:4:2:3:4").unwrap();
        assert_eq!((cursor.skip(), cursor.overlap()), (1, 3));
        assert_eq!(Cursor::parse("nonsense").unwrap_err().class, Class::Missing);
    }

    #[test]
    fn rows_that_went_make_none_be_passed_over() {
        // One that was read went, so that all moved up by one.
        check(
            "all:4:2:3:4",
            &["3", "4", "5", "6", "7"],
            8,
            2,
            Some("all:6:5:6:7"),
        );
        // As many as were read again went.
        check("all:6:4:5:6", &["7", "8"], 5, 0, Some("all:0"));
        // The last itself went.
        check("all:4:2:3:4", &["2", "3", "5", "6"], 5, 2, None);
    }
}
