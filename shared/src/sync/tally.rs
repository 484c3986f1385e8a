//! Whether a scan read all that is there. What cannot be completed is a failed scan, never a short one.

use crate::ids::Kind;
use serde::{Deserialize, Serialize};

/// How often a scan begins anew before it fails.
pub const RESTARTS: u32 = 5;

/// What a scan has counted: ids that differ, not rows. While a list moves under its reader, a row comes on two pages and
/// another on none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Different ids, over all tries: what one try passed over, another reads.
    pub ids: u64,
    /// Records of this try that could not even be identified.
    pub nameless: u64,
    /// The most records that a page of this try said there are. `None`: the platform does not tell.
    pub told: Option<u64>,
}

/// What comes of a scan that read its last page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Complete,
    /// A record was passed over: begin again with the first page.
    Anew,
    /// It never came to an end; the sentence says why.
    Fail(String),
}

impl Tally {
    /// Records that were read, each counted once.
    pub fn records(self) -> u64 {
        self.ids + self.nameless
    }

    /// Whether as many were read as there are.
    ///
    /// The most that any page told counts, not what the last one told: a record that went meanwhile is what moves the
    /// others, and it may be among those that were read.
    pub fn is_complete(self) -> bool {
        self.told.is_none_or(|told| self.records() >= told)
    }

    /// What a new try begins with.
    pub fn anew(self) -> Self {
        Self {
            ids: self.ids,
            ..Self::default()
        }
    }

    /// Judges a scan that read its last page, after so many restarts.
    pub fn judge(self, kind: Kind, restarts: u32) -> Verdict {
        if self.is_complete() {
            return Verdict::Complete;
        }
        if restarts < RESTARTS {
            return Verdict::Anew;
        }
        Verdict::Fail(format!(
            "{told} {records} were there while only {read} could be read, since the shop's list kept moving while it \
             was read. Nothing was taken away here and nothing is lost: try again at a quieter time.",
            told = self.told.unwrap_or_default(),
            records = kind.name(),
            read = self.records(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: u64, nameless: u64, told: Option<u64>, restarts: u32, wanted: &str) {
        let tally = Tally { ids, nameless, told };
        let verdict = match tally.judge(Kind::Products, restarts) {
            Verdict::Complete => "complete",
            Verdict::Anew => "anew",
            Verdict::Fail(_) => "fail",
        };
        assert_eq!(verdict, wanted, "{tally:?} after {restarts} restarts");
    }

    #[test]
    fn a_scan_is_complete_when_as_many_ids_were_read_as_there_are() {
        check(0, 0, None, 0, "complete");
        check(0, 0, Some(0), 0, "complete");
        check(10, 0, None, 0, "complete");
        check(10, 0, Some(10), 0, "complete");
        check(11, 0, Some(10), 0, "complete");
        check(9, 0, Some(10), 0, "anew");
        check(0, 0, Some(1), RESTARTS - 1, "anew");
        check(9, 0, Some(10), RESTARTS, "fail");
        check(10, 0, Some(10), RESTARTS, "complete");
        check(9, 1, Some(10), 0, "complete");
        check(8, 1, Some(10), 0, "anew");
    }

    #[test]
    fn a_new_try_remembers_only_what_it_can_tell_apart() {
        let tally = Tally {
            ids: 7,
            nameless: 2,
            told: Some(12),
        };
        assert_eq!(
            tally.anew(),
            Tally {
                ids: 7,
                nameless: 0,
                told: None
            }
        );
    }

    #[test]
    fn who_tries_in_vain_is_told_how_many_are_missing_and_what_to_do() {
        let tally = Tally {
            ids: 38,
            nameless: 1,
            told: Some(40),
        };
        let Verdict::Fail(why) = tally.judge(Kind::Orders, RESTARTS) else {
            panic!("it is not complete")
        };
        assert!(
            why.starts_with("40 orders were there while only 39 could be read"),
            "{why}"
        );
        assert!(why.ends_with("try again at a quieter time."), "{why}");
    }
}
