//! What a complete scan did not find any more.

use crate::{
    ids::Kind,
    item::{Equivalence, Presence},
    money::Decimal,
    policy::Guards,
    time::Time,
};
use rust_decimal::Decimal as Number;

/// Whether what was not found may disappear from the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Each of the missing is marked as vanished.
    Vanish,
    /// Everything stays and the connection halts; the sentence says why.
    Halt(String),
}

/// Judges a complete scan: `live` records were known before it, `missing` of them were not found.
///
/// Everything at once never vanishes (the manual, "Deletions"), whatever the guard allows.
pub fn judge(kind: Kind, live: u64, missing: u64, guards: &Guards, confirmed: Confirmed) -> Verdict {
    let records = kind.name();
    if missing == 0 {
        return Verdict::Vanish;
    }
    if missing >= live {
        return Verdict::Halt(format!(
            "A complete scan found none of the {live} {records} that were there. That looks like a fault of the \
             platform, so nothing was taken away. To remove everything, delete the connection, or keep at least one of \
             them there."
        ));
    }
    let share = Number::from(missing) * Number::ONE_HUNDRED / Number::from(live);
    if share > guards.vanish.0 && confirmed == Confirmed::No {
        return Verdict::Halt(format!(
            "A complete scan no longer found {missing} of {live} {records}, more than the {}% that [guards] vanish \
             allows. Confirm the job if they are really gone.",
            Decimal(guards.vanish.0).plain()
        ));
    }
    Verdict::Vanish
}

/// Whether a person looked at what a guard had halted and said go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    Yes,
    No,
}

/// The equivalence of a record that a complete scan did not find.
pub fn vanished(equivalence: Equivalence, now: Time) -> Equivalence {
    let presence = match equivalence.presence {
        Presence::Live { remote_id, url: _ } => Presence::Vanished {
            remote_id,
            since: now,
        },
        other => other,
    };
    Equivalence {
        presence,
        sending: None,
        ..equivalence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Sending;

    fn check(live: u64, missing: u64, percent: i64, confirmed: Confirmed, vanishes: bool) {
        let guards = Guards {
            vanish: Decimal::from(percent),
            ..Guards::default()
        };
        let verdict = judge(Kind::Products, live, missing, &guards, confirmed);
        assert_eq!(
            verdict == Verdict::Vanish,
            vanishes,
            "{missing} of {live} at {percent}%: {verdict:?}"
        );
    }

    #[test]
    fn some_may_vanish_and_everything_at_once_never_does() {
        check(10, 0, 100, Confirmed::No, true);
        check(10, 9, 100, Confirmed::No, true);
        check(10, 10, 100, Confirmed::No, false);
        check(10, 10, 100, Confirmed::Yes, false);
        check(1, 1, 100, Confirmed::No, false);
        check(10, 3, 20, Confirmed::No, false);
        check(10, 3, 20, Confirmed::Yes, true);
        check(10, 2, 20, Confirmed::No, true);
    }

    #[test]
    fn a_record_that_vanished_has_no_write_that_waits_for_its_answer() {
        let live = Equivalence {
            presence: Presence::Live {
                remote_id: "7".into(),
                url: None,
            },
            sending: Some(Sending {
                token: "t".to_owned(),
                values: Vec::new(),
                at: Time(5),
            }),
            ..Equivalence::default()
        };
        let gone = vanished(live, Time(9));
        assert_eq!(gone.sending, None);
        let since = Time(9);
        let remote_id = "7".into();
        assert_eq!(gone.presence, Presence::Vanished { remote_id, since });
    }
}
