//! Hours in which nobody does anything, and jobs begin by themselves.

use super::{settings::Trouble, world::World};
use daemon::store::StoreError;
use jiff::{Timestamp, Zoned};
use shared::{
    ids::ConnectionId,
    job::Trigger,
    policy::{Schedule, Times},
    time::Time,
};
use std::time::Duration;

impl World {
    /// Hours pass, in which every connection does what its schedule says, as often as it says.
    pub(super) fn night(&mut self) {
        self.rest();
        let hours = self.chance.pick(&[3, 5, 11]);
        self.tell(|| format!("{hours} hours pass"));
        let began = self.clock.now();
        let quiet = self.quiet_ones();
        let lives = self.lives;
        self.wait(Duration::from_secs(hours * 3600));
        let ended = self.clock.now();
        if lives != self.lives {
            return;
        }
        for (id, schedule) in quiet {
            let Ok(begun) = self.begun(&id, began) else { return };
            let times = times(&schedule, began, ended);
            // One may have been due before, and the last may only just be.
            let enough = (times.saturating_sub(1)..=times + 1).contains(&begun);
            if !enough && !self.is_held_up(&id) {
                self.restless = Some(format!(
                    "{id} began {begun} jobs by itself from {began} to {ended} instead of {times}: {schedule:?}"
                ));
                self.tell(|| format!("{:?}", self.life().standings()));
            }
        }
    }

    /// How many jobs a connection began by itself since then.
    fn begun(&self, id: &ConnectionId, since: Time) -> Result<usize, StoreError> {
        let jobs = self.life().hub.store.read()?.jobs()?;
        let mut begun = 0;
        for job in jobs {
            let job = job?;
            let scheduled = job.connection == *id && job.trigger == Trigger::Schedule;
            begun += usize::from(scheduled && job.queued_at >= since);
        }
        Ok(begun)
    }

    /// The connections that begin jobs by themselves, now that nothing holds them up.
    fn quiet_ones(&self) -> Vec<(ConnectionId, Schedule)> {
        if self.troubles.contains(&Trouble::Clocks) {
            // By a clock that was put back, what is due every few hours is due later.
            return Vec::new();
        }
        let schedule = |id: ConnectionId| {
            let schedule = self.config.connections[&id].policy.schedule.clone()?;
            (!self.is_held_up(&id)).then_some((id, schedule))
        };
        self.ids().into_iter().filter_map(schedule).collect()
    }

    /// Whether somebody paused it, or a guard halted it.
    fn is_held_up(&self, id: &ConnectionId) -> bool {
        let standings = self.life().standings();
        let busy = standings.iter().any(|(of, jobs)| of == id && !jobs.is_empty());
        busy || self.life().is_paused(id)
    }
}

/// How many times a schedule names between two.
fn times(schedule: &Schedule, began: Time, ended: Time) -> usize {
    let hour = |at: Time| {
        let at = Timestamp::from_millisecond(at.0).expect("a time of this world");
        at.in_tz("Europe/Berlin")
            .expect("a time zone")
            .round(jiff::Unit::Minute)
            .expect("a minute")
    };
    match &schedule.times {
        Times::Every(every) => {
            let times = ended.since(began).as_secs() / every.as_secs();
            usize::try_from(times).expect("it is a few hours")
        }
        Times::Cron { expression, .. } => {
            let minutes = (began.0..ended.0).step_by(60_000).map(|at| hour(Time(at)));
            minutes.filter(|at| is_named(expression, at)).count()
        }
    }
}

/// Whether a minute is one of those of a crontab of this world: at a minute of an hour, or of every third.
fn is_named(expression: &str, at: &Zoned) -> bool {
    let mut fields = expression.split(' ');
    let (minute, hour) = (
        fields.next().expect("five fields"),
        fields.next().expect("five fields"),
    );
    let is_hour = match hour.strip_prefix("*/") {
        Some(step) => step.parse().is_ok_and(|step: i8| at.hour() % step == 0),
        None => hour.parse() == Ok(at.hour()),
    };
    is_hour && minute.parse() == Ok(at.minute())
}
