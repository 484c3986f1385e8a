//! One life of the daemon, from its start to its end or its death.

use daemon::{
    clock::{Clock, Hands},
    config::Config,
    events::Events,
    hub::{self, Hub, Tasks},
    runner::{Runner, Unwilling},
    store::{Disk, Store, StoreError},
};
use shared::{
    ids::ConnectionId,
    job::{Job, JobKind, JobStatus, Trigger},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    runtime::{self, Runtime},
    sync::watch,
    time::Instant,
};

/// The time that no chain of jobs takes.
const ENDLESS: Duration = Duration::from_secs(1800);
/// How often a look is taken whether the power is still there.
const LOOK: Duration = Duration::from_millis(5);
/// How many looks are enough for a time that is waited.
const LOOKS: u32 = 4000;
/// A clock that jumps further counts as set.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// A running daemon without its sockets. Dropped, it is dead: no task of it gets to say a word.
pub(super) struct Life {
    // Dropped first, and with it every task.
    runtime: Runtime,
    pub(super) hub: Hub,
    disk: Disk,
    config: watch::Sender<Arc<Config>>,
    _stop: watch::Sender<bool>,
    _tasks: Tasks,
}

/// The power failed, or the daemon was killed; whatever it was doing was not finished.
#[derive(Debug)]
pub(super) struct Died;

impl Life {
    /// Starts the daemon on what is on the disk.
    pub(super) fn begin(disk: Disk, data: &Path, clock: Clock, config: Config) -> Result<Self, Died> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let (config, follow) = watch::channel(Arc::new(config));
        let (stop, stopping) = watch::channel(false);
        let started = runtime.block_on(async {
            let store = Store::on(&disk)?;
            let started = hub::start_on(store, data, clock, follow, Events::new(), stopping)?;
            for id in config.borrow().connections.keys() {
                started.0.runners().started(id).await;
            }
            Ok::<_, StoreError>(started)
        });
        match started {
            Ok((hub, tasks)) => Ok(Self {
                runtime,
                hub,
                disk,
                config,
                _stop: stop,
                _tasks: tasks,
            }),
            Err(_) if disk.is_dark() => Err(Died),
            Err(error) => panic!("the daemon does not start on what is left on the disk: {error}"),
        }
    }

    pub(super) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Settings that differ from those in force.
    pub(super) fn configure(&self, config: Config) {
        self.config.send_replace(Arc::new(config));
    }

    /// Asks for a job, as a press of a button or a webhook does.
    pub(super) fn ask(&self, connection: &ConnectionId, kind: JobKind) -> Result<Job, Unwilling> {
        self.with(connection, async |runner| {
            runner.request(kind, Trigger::Api).await
        })
    }

    /// Has the runner of a connection do something.
    pub(super) fn with<T>(&self, connection: &ConnectionId, act: impl AsyncFnOnce(Runner) -> T) -> T {
        self.runtime.block_on(async {
            let runner = self.hub.runners().started(connection).await;
            act(runner.expect("the daemon is not stopping")).await
        })
    }

    /// Lets time pass; of a long time, what happens is looked at less often.
    pub(super) fn wait(&self, time: Duration, hands: &Hands) -> Result<(), Died> {
        let look = (time / LOOKS).clamp(LOOK, LONGEST_LOOK);
        self.pass(hands, look, |_, passed| passed >= time)
    }

    /// Waits until nothing runs or waits to run.
    pub(super) fn rest(&self, hands: &Hands) -> Result<(), Died> {
        self.pass(hands, LOOK, |life, passed| {
            assert!(passed < ENDLESS, "a job does not end: {:?}", life.standings());
            life.standings().iter().all(|(id, jobs)| {
                let moves = |job: &Job| match job.status {
                    JobStatus::Running => true,
                    JobStatus::Queued => !life.is_paused(id),
                    _ => false,
                };
                !jobs.iter().any(moves)
            })
        })
    }

    /// What each runner does: what runs or was halted, and what waits.
    pub(super) fn standings(&self) -> Vec<(ConnectionId, Vec<Job>)> {
        let ids: Vec<ConnectionId> = self.config.borrow().connections.keys().cloned().collect();
        let jobs = |id: &ConnectionId| {
            let runner = self.hub.runner(id)?;
            let standing = runner.standing.borrow().clone();
            Some(standing.job.into_iter().chain(standing.waiting).collect())
        };
        ids.into_iter()
            .map(|id| {
                let jobs = jobs(&id).unwrap_or_default();
                (id, jobs)
            })
            .collect()
    }

    pub(super) fn is_paused(&self, id: &ConnectionId) -> bool {
        let state = self.hub.store.read().and_then(|reader| reader.connection(id));
        state.is_ok_and(|state| state.is_some_and(|state| state.paused_at.is_some()))
    }

    fn pass(
        &self,
        hands: &Hands,
        look: Duration,
        is_enough: impl Fn(&Self, Duration) -> bool,
    ) -> Result<(), Died> {
        self.runtime.block_on(async {
            let (began, mut turned) = (Instant::now(), Duration::ZERO);
            loop {
                // The clock never lags behind the timers, which would begin the same twice.
                let next = began.elapsed() + look;
                hands.turn(
                    i64::try_from(next.saturating_sub(turned).as_millis()).expect("it is not that long"),
                );
                turned = next;
                // First everything gets a turn that can go on at once.
                tokio::time::sleep(look).await;
                let passed = began.elapsed();
                if self.disk.is_dark() {
                    return Err(Died);
                }
                if is_enough(self, passed) {
                    return Ok(());
                }
            }
        })
    }
}
