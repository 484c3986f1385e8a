//! Which of a shop's records are as they were when it opened, and where in the log the others are.

use super::{log::Place, state::Writes};
use shared::time::Time;
use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    ops::Range,
};
use xxhash_rust::xxh3::xxh3_64;

/// The records of one kind, in the order of their numbers. Those that the shop opened with cost nothing.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The numbers of those that the shop opened with.
    opened_with: Range<u64>,
    changed: BTreeMap<u64, Changed>,
    /// How many of `changed` are still there.
    present: u64,
    /// How many of `changed` the shop opened with.
    shadowed: u64,
    /// Hashes of tokens with the numbers of the records that may have them: each find has to be checked.
    tokens: Hashes,
}

/// The newest state of a changed record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changed {
    pub place: Place,
    pub updated_at: Time,
    pub writes: Writes,
    pub present: bool,
}

/// A number that is shown, and where its state is unless it never changed.
pub(super) type Row = (u64, Option<Changed>);

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// After the record with this number, whatever came and went meanwhile.
    After(u64),
    /// After so many rows, as most shops page.
    Skip(u64),
}

/// Whether there are records after a page's last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    Yes,
    No,
}

impl Rows {
    pub(super) fn open_with(&mut self, numbers: Range<u64>) {
        self.shadowed = self.changed.range(numbers.clone()).count() as u64;
        self.opened_with = numbers;
    }

    pub(super) fn change(&mut self, number: u64, changed: Changed, token: Option<&str>) {
        self.tokens.extend(token.map(|token| (token, number)));
        let before = self.changed.insert(number, changed);
        self.present += u64::from(changed.present);
        self.present -= u64::from(before.is_some_and(|before| before.present));
        if before.is_none() && self.opened_with.contains(&number) {
            self.shadowed += 1;
        }
    }

    /// How many records there are.
    pub(super) fn count(&self) -> u64 {
        self.opened_with.end - self.opened_with.start - self.shadowed + self.present
    }

    /// Those with numbers above `after` that changed at or after `since`. Of the ones that the shop opened with, only
    /// those from `unchanged` on did, were they not changed later.
    fn shown(&self, after: u64, since: Option<Time>, unchanged: u64) -> impl Iterator<Item = Row> {
        let mut changed = self.changed.range(after + 1..).peekable();
        let mut untouched = (unchanged.max(after + 1)..self.opened_with.end).peekable();
        iter::from_fn(move || {
            // A changed record stands before, in place of, or after the next one that the shop opened with.
            let number = match (changed.peek(), untouched.peek()) {
                (None, None) => return None,
                (Some((number, _)), None) => **number,
                (None, Some(number)) => *number,
                (Some((one, _)), Some(other)) => (**one).min(*other),
            };
            untouched.next_if_eq(&number);
            let changed = changed.next_if(|(changed, _)| **changed == number);
            Some((number, changed.map(|(_, changed)| *changed)))
        })
        .filter(move |(_, changed)| changed.is_none_or(|changed| changed.is_shown(since)))
    }

    /// Up to `most` of [`shown`](Self::shown), and whether there are more.
    pub(super) fn page(
        &self,
        begin: Begin,
        since: Option<Time>,
        unchanged: u64,
        most: usize,
    ) -> (Vec<Row>, More) {
        let (after, skipped) = match begin {
            Begin::After(number) => (number, 0),
            Begin::Skip(rows) => (0, usize::try_from(rows).unwrap_or(usize::MAX)),
        };
        let mut shown = self.shown(after, since, unchanged).skip(skipped);
        let rows = shown.by_ref().take(most).collect();
        let more = if shown.next().is_some() {
            More::Yes
        } else {
            More::No
        };
        (rows, more)
    }

    /// How many [`shown`](Self::shown) has from the beginning.
    pub(super) fn extent(&self, since: Option<Time>, unchanged: u64) -> u64 {
        let Some(since) = since else {
            return self.count();
        };
        let unchanged = unchanged..self.opened_with.end.max(unchanged);
        let untouched = unchanged.end - unchanged.start - self.changed.range(unchanged).count() as u64;
        let changed = self
            .changed
            .values()
            .filter(|changed| changed.is_shown(Some(since)));
        untouched + changed.count() as u64
    }

    /// The number after all that were ever used at or above `first`.
    pub(super) fn next_number(&self, first: u64) -> u64 {
        let last = self.changed.range(first..).next_back();
        last.map_or(first, |(last, _)| last + 1)
    }

    pub(super) fn opened_with(&self) -> Range<u64> {
        self.opened_with.clone()
    }

    pub(super) fn changed(&self) -> &BTreeMap<u64, Changed> {
        &self.changed
    }

    /// The numbers of the records that may have this token.
    pub(super) fn with_token(&self, token: &str) -> Vec<u64> {
        self.tokens.find(token)
    }
}

impl Changed {
    /// Whether it is there and changed at or after `since`.
    fn is_shown(&self, since: Option<Time>) -> bool {
        self.present && since.is_none_or(|since| self.updated_at >= since)
    }
}

/// Texts by their hashes, with the numbers of the records that have or had them.
#[derive(Debug, Default)]
pub(super) struct Hashes(BTreeSet<(u64, u64)>);

impl Hashes {
    pub(super) fn find(&self, text: &str) -> Vec<u64> {
        let hash = xxh3_64(text.as_bytes());
        self.0
            .range((hash, 0)..=(hash, u64::MAX))
            .map(|(_, number)| *number)
            .collect()
    }
}

impl<T: AsRef<str>> Extend<(T, u64)> for Hashes {
    fn extend<I: IntoIterator<Item = (T, u64)>>(&mut self, texts: I) {
        let hashed = texts
            .into_iter()
            .map(|(text, number)| (xxh3_64(text.as_ref().as_bytes()), number));
        self.0.extend(hashed);
    }
}
