//! Walking a list to its end while its rows move.
//!
//! In the order of ids a row that comes is behind everything, and a row that goes moves those behind it forward: the one
//! that slides over the edge of a page would be on none. So each page begins with the last row of the one before. Where
//! it begins behind it instead, rows went, and the walk steps back until it has found where it was.

use super::api::{Api, Listed, PAGE};
use super::text::naive;
use crate::connector::{Class, ConnectorError, PageFrom};
use serde_json::Value;
use shared::time::Time;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};

/// Calls that one step of a walk makes, and that are made ahead of the next.
const AT_ONCE: u64 = 3;
/// For so long what was asked for ahead stands for what is there: a job may have been paused since.
const FRESH: Duration = Duration::from_secs(60);

/// A walk, with the pages that were asked for ahead of it. Dropped, it asks for no more.
#[derive(Debug, Default)]
pub(super) struct Walk {
    since: Option<Time>,
    asked: BTreeSet<u64>,
    coming: JoinSet<(u64, Result<Listed, ConnectorError>)>,
    came: BTreeMap<u64, Listed>,
    /// When pages were asked for last.
    at: Option<Instant>,
}

/// Where a walk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Spot {
    /// The last id that was read.
    after: u64,
    /// How many rows were passed.
    rows: u64,
}

/// What a step of a walk brought: rows that were not read before, in the order of ids.
#[derive(Debug)]
pub(super) struct Step {
    pub rows: Vec<Value>,
    pub next: Option<String>,
    pub total: Option<u64>,
}

impl Walk {
    /// The rows of the next pages of the list at `path`.
    pub(super) async fn step(
        &mut self,
        api: &Api,
        path: &str,
        from: &PageFrom,
    ) -> Result<Step, ConnectorError> {
        let PageFrom { since, cursor } = from;
        let mut spot = match cursor {
            Some(cursor) => Spot::parse(cursor)?,
            None => Spot::default(),
        };
        let is_fresh = self.at.is_some_and(|at| at.elapsed() < FRESH);
        if self.since != *since || !is_fresh || !self.asked.contains(&spot.offset()) {
            *self = Self {
                since: *since,
                ..Self::default()
            };
        }
        let stepped = self.pages(api, path, &mut spot).await;
        if stepped.is_err() {
            *self = Self::default();
        }
        let (rows, total, end) = stepped?;
        if !end {
            self.ask(api, path, spot, total, AT_ONCE);
        }
        Ok(Step {
            rows,
            next: (!end).then(|| spot.to_string()),
            total,
        })
    }

    async fn pages(
        &mut self,
        api: &Api,
        path: &str,
        spot: &mut Spot,
    ) -> Result<(Vec<Value>, Option<u64>, bool), ConnectorError> {
        let mut rows: Vec<Value> = Vec::new();
        let mut total = None;
        let mut left = AT_ONCE;
        loop {
            let offset = spot.offset();
            self.ask(api, path, *spot, total, left);
            let page = self.take(offset).await?;
            total = page.total;
            let first = page.rows.first().and_then(id);
            if offset > 0 && first.is_none_or(|first| first > spot.after) {
                // Rows went before this page, so that others slid over its edge.
                let last = total.unwrap_or(spot.rows).min(spot.rows);
                spot.rows = last.saturating_sub(PAGE - 1);
                self.forget();
                continue;
            }
            let count = page.rows.len() as u64;
            for row in page.rows {
                match id(&row) {
                    Some(id) if id <= spot.after => {}
                    known => {
                        spot.after = known.unwrap_or(spot.after);
                        rows.push(row);
                    }
                }
            }
            // Rows that the key may not see are counted and not shown.
            spot.rows = offset + PAGE;
            if total.map_or(count < PAGE, |total| spot.rows >= total) {
                return Ok((rows, total, true));
            }
            left -= 1;
            if left == 0 {
                return Ok((rows, total, false));
            }
        }
    }

    /// Asks for so many pages from `spot` on, as far as there are any.
    fn ask(&mut self, api: &Api, path: &str, spot: Spot, total: Option<u64>, pages: u64) {
        let mut spot = spot;
        for page in 0..pages {
            let offset = spot.offset();
            let is_there = page == 0 || total.is_some_and(|total| spot.rows < total);
            if is_there && self.asked.insert(offset) {
                let (api, path, query) = (api.clone(), path.to_owned(), query(self.since, offset));
                self.at = Some(Instant::now());
                self.coming
                    .spawn(async move { (offset, api.list(&path, &query).await) });
            }
            spot.rows = offset + PAGE;
        }
    }

    async fn take(&mut self, offset: u64) -> Result<Listed, ConnectorError> {
        loop {
            if let Some(page) = self.came.remove(&offset) {
                self.asked.remove(&offset);
                return Ok(page);
            }
            let Some(Ok((at, page))) = self.coming.join_next().await else {
                let message = "A call ended before it was answered. Try again.";
                return Err(ConnectorError::new(Class::Unavailable, message));
            };
            self.came.insert(at, page?);
        }
    }

    fn forget(&mut self) {
        *self = Self {
            since: self.since,
            ..Self::default()
        };
    }
}

impl Spot {
    /// Where the next page begins: with the last row that was read.
    fn offset(self) -> u64 {
        self.rows.saturating_sub(1)
    }

    fn parse(cursor: &str) -> Result<Self, ConnectorError> {
        let parsed = cursor.split_once('.').and_then(|(after, rows)| {
            Some(Self {
                after: after.parse().ok()?,
                rows: rows.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| {
            ConnectorError::new(
                Class::Protocol,
                format!("There is no page `{cursor}` in this shop's lists."),
            )
        })
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.after, self.rows)
    }
}

fn id(row: &Value) -> Option<u64> {
    row["id"].as_u64()
}

/// What changed at or after `since`, from a row on. The shop answers what changed later than it is asked, in whole
/// seconds: so it is asked for a second earlier.
fn query(since: Option<Time>, offset: u64) -> Vec<(&'static str, String)> {
    let mut query = vec![("offset", offset.to_string()), ("status", "any".to_owned())];
    if let Some(since) = since {
        query.push(("modified_after", naive(since.minus(Duration::from_secs(1)))));
        query.push(("dates_are_gmt", "true".to_owned()));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_asked_for_in_gmt_without_a_zone_and_a_second_early() {
        let since: Time = "2026-11-23T08:00:00.700Z".parse().unwrap();
        let query = query(Some(since), 99);
        let wanted = [
            ("offset", "99"),
            ("status", "any"),
            ("modified_after", "2026-11-23T07:59:59"),
            ("dates_are_gmt", "true"),
        ];
        assert_eq!(query, wanted.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn a_place_in_a_list_is_written_and_read_back() {
        let spot = Spot {
            after: 4711,
            rows: 200,
        };
        assert_eq!(Spot::parse(&spot.to_string()).unwrap(), spot);
        for strange in ["", "12", "a.b", "1.2.3"] {
            assert_eq!(
                Spot::parse(strange).unwrap_err().class,
                Class::Protocol,
                "{strange}"
            );
        }
    }
}
