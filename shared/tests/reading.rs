//! Reading what changed, from a platform whose clock is wrong and where people work while its pages are read.

use crate::cases;
use proptest::{collection::vec, prelude::*};
use shared::{
    sync::clock::{Heard, after_scan, read_from},
    time::Time,
};
use std::{collections::BTreeMap, time::Duration};

/// Many, for they are small.
fn many() -> ProptestConfig {
    let few = cases("reading");
    ProptestConfig {
        cases: few.cases * 8,
        ..few
    }
}

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
/// The true time at which everything begins.
const BEGINNING: i64 = 1_000 * HOUR;

/// Something that happens between two pages or two scans.
#[derive(Clone, Debug)]
enum Event {
    /// Somebody changes a record, or adds it.
    Edit(u8),
    Pass(i64),
    /// Our own machine's clock is put forward or back.
    PutOurs(i64),
}

/// Some events, and then a scan with these events before each of its pages.
type Round = (Vec<Event>, Vec<Vec<Event>>);

/// A platform and who reads it.
#[derive(Debug)]
struct World {
    true_time: i64,
    /// What the platform's clock is ahead of the true time, and ours.
    theirs: i64,
    ours: i64,
    /// What is changed is counted, and when it changed is told.
    records: BTreeMap<u8, (u32, Time)>,
    /// The changes that we know of.
    known: BTreeMap<u8, u32>,
    clock: Option<Time>,
}

impl World {
    fn now(&self) -> Time {
        Time(self.true_time + self.ours)
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Edit(id) => {
                let at = Time(self.true_time + self.theirs);
                let (count, changed) = self.records.entry(id).or_insert((0, at));
                (*count, *changed) = (*count + 1, at);
            }
            Event::Pass(time) => self.true_time += time,
            Event::PutOurs(by) => self.ours += by,
        }
    }

    /// Reads pages of two records each, after the last of the page before.
    fn scan(&mut self, pauses: &[Vec<Event>]) {
        let (began, started) = (self.true_time, self.now());
        let since = read_from(self.clock, Some(started), None, started);
        let (mut after, mut heard) = (None, Heard::default());
        for page in 0.. {
            for event in pauses.get(page).into_iter().flatten() {
                self.happen(event);
            }
            let records: Vec<(u8, (u32, Time))> = self
                .records
                .iter()
                .map(|(id, record)| (*id, *record))
                .filter(|(id, (_, at))| Some(*id) > after && since.is_none_or(|since| *at >= since))
                .take(2)
                .collect();
            let Some((last, _)) = records.last() else { break };
            after = Some(*last);
            let elapsed = Duration::from_millis((self.true_time - began).cast_unsigned());
            for (id, (count, at)) in records {
                self.known.insert(id, count);
                heard = heard.max(Heard::of(Some(at), self.now(), elapsed));
            }
        }
        self.clock = after_scan(self.clock, since, started, heard);
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..12_u8).prop_map(Event::Edit),
        3 => (0..20 * SECOND).prop_map(Event::Pass),
        2 => (0..30 * HOUR).prop_map(Event::Pass),
        1 => (-3 * HOUR..3 * HOUR).prop_map(Event::PutOurs),
    ]
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    vec((vec(event(), 0..6), vec(vec(event(), 0..4), 0..8)), 1..8)
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn no_edit_is_missed_however_wrong_the_clocks_are(
        theirs in -30 * HOUR..30 * HOUR,
        many in 0..12_u8,
        rounds in rounds(),
    ) {
        let first = |id| (id, (1, Time(BEGINNING + theirs)));
        let mut world = World {
            true_time: BEGINNING,
            theirs,
            ours: 0,
            records: (0..many).map(first).collect(),
            known: BTreeMap::new(),
            clock: None,
        };
        for (before, pauses) in &rounds {
            for event in before {
                world.happen(event);
            }
            world.scan(pauses);
        }
        world.scan(&[]);
        let there: BTreeMap<u8, u32> = world.records.iter().map(|(id, (count, _))| (*id, *count)).collect();
        prop_assert_eq!(&world.known, &there, "{:?}", world);
    }
}
