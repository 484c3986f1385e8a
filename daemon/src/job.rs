//! A job as it runs: a sequence of steps. Pause, cancel, shutdown, settings and progress act between steps only.

pub mod fetch;
pub mod maintain;
pub mod send;

mod token;

use crate::{
    apart::apart,
    changed::Changed,
    clock::Clock,
    connector::{Connector, ConnectorError},
    pictures::Pictures,
    store::{Number, Places, Store, StoreError},
};
use shared::{
    history::Cause,
    ids::{ConnectionId, ItemId, Kind},
    item::Author,
    job::{Job, JobKind, Phase, Progress},
    sync::vanish::Confirmed,
};
use std::{io, sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// What a running job works with.
#[derive(Debug)]
pub struct Work {
    pub job: Job,
    pub id: ConnectionId,
    pub number: Number,
    pub confirmed: Confirmed,
    pub store: Arc<Store>,
    pub connector: Linked,
    pub places: watch::Receiver<Arc<Places>>,
    pub pictures: Pictures,
    pub clock: Clock,
    pub wish: watch::Receiver<Wish>,
    /// The job as it stands, for whoever watches.
    pub report: watch::Sender<Job>,
    pub changed: Changed,
    pub pace: Pace,
}

/// A connector that steps share.
#[derive(Clone)]
pub struct Linked(pub Arc<dyn Connector>);

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

/// What the runner wants of its running job; obeyed between steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Run,
    /// It goes on where it was when the connection plays again.
    Pause,
    Cancel,
    /// It goes on where it was after the restart.
    Stop,
}

/// Why a job ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    #[error("a step of the job broke: {0}")]
    Broken(String),
    /// The platform's list could not be read to its end.
    #[error("{0}")]
    Incomplete(String),
    /// A guard wants a person to look.
    #[error("{0}")]
    Halted(String),
    #[error("interrupted")]
    Interrupted(Wish),
}

/// How often a call that may work later is tried again.
const TRIES: u32 = 8;

/// Runs the phases of a job to its end, or to an interruption.
pub async fn run(work: &mut Work) -> Result<(), JobError> {
    let sent_already = work.job.phase == Some(Phase::Send);
    match work.job.kind {
        JobKind::Fetch => {
            fetch::fetch(work).await?;
            send::release(work).await
        }
        JobKind::Send | JobKind::Sync if sent_already => send::send(work).await,
        // A platform that was never read may have what would be created there.
        JobKind::Send if fetch::was_read(work).await? => send::send(work).await,
        JobKind::Send | JobKind::Sync => {
            fetch::fetch(work).await?;
            send::send(work).await
        }
        JobKind::Maintenance => match work.job.task {
            Some(task) => maintain::maintain(work, task).await,
            None => Ok(()),
        },
    }
}

impl Work {
    /// Between two steps: obeys a wish that came meanwhile.
    pub fn checkpoint(&self) -> Result<(), JobError> {
        match *self.wish.borrow() {
            Wish::Run => Ok(()),
            wish => Err(JobError::Interrupted(wish)),
        }
    }

    /// Waits, unless a wish comes.
    pub async fn wait(&mut self, time: Duration) -> Result<(), JobError> {
        // A closed channel leaves nobody to obey, which ends the wait as a wish would.
        let _ = tokio::time::timeout(time, self.wish.wait_for(|wish| *wish != Wish::Run)).await;
        self.checkpoint()
    }

    /// Runs a step's decisions and its transaction away from the tasks that only wait.
    pub async fn step<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, JobError> {
        let store = Arc::clone(&self.store);
        match apart(move || step(&store)).await {
            Ok(done) => Ok(done?),
            Err(broken) => Err(JobError::Broken(panic_message(broken))),
        }
    }

    /// Runs what needs the disk of the pictures, likewise.
    pub async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, JobError> {
        match apart(work).await {
            Ok(done) => done.map_err(|error| self.blame_disk(&error)),
            Err(broken) => Err(JobError::Broken(panic_message(broken))),
        }
    }

    /// What a failure beside the store comes to: a disk that takes nothing stops the store, too.
    pub fn blame_disk(&self, error: &io::Error) -> JobError {
        if takes_nothing(error) {
            self.store.distrust(error);
        }
        match self.store.writable() {
            Err(stuck) => stuck.into(),
            Ok(()) => JobError::Broken(format!("the disk did not take or give a picture: {error}")),
        }
    }

    /// Begins a phase, or goes on with one of which so much was `done` before.
    pub fn enter(&mut self, phase: Phase, done: u64, total: Option<u64>) {
        self.job.phase = Some(phase);
        self.job.progress = Progress {
            done,
            total,
            per_second: 0,
        };
        self.pace = Pace::new();
        self.tell();
    }

    /// There is more to do in this phase than was known.
    pub fn expect(&mut self, more: u64) {
        self.job.progress.total = self.job.progress.total.map(|total| total + more);
    }

    /// Counts what a step did.
    pub fn advance(&mut self, records: u64) {
        self.job.progress.done += records;
        self.job.progress.per_second = self.pace.count(records);
        self.tell();
    }

    /// Shows the job as it stands.
    pub fn tell(&self) {
        self.report.send_replace(self.job.clone());
    }

    /// What the history says of what this job changes now.
    pub fn cause(&self) -> Cause {
        Cause {
            at: self.clock.now(),
            by: Author::Connection(self.id.clone()),
            job: Some(self.job.id),
        }
    }

    /// Tells that items changed.
    pub fn touched(&self, kind: Kind, items: &[ItemId]) {
        self.changed.items(kind, items);
    }

    /// Calls a platform again while a failure may pass, waiting longer each time.
    pub async fn persist<T, F>(&mut self, mut call: impl FnMut(Linked) -> F) -> Result<T, JobError>
    where
        F: Future<Output = Result<T, ConnectorError>>,
    {
        for attempt in 0.. {
            match call(self.connector.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.class.is_passing() && attempt + 1 < TRIES => {
                    tracing::info!(connection = %self.id, job = %self.job.id, attempt, reason = %error, "The platform asked to wait or was away; trying again");
                    self.wait(backoff(attempt, error.retry_after)).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        unreachable!("the loop ends with its last attempt")
    }
}

/// How long to wait before trying again: what the platform asks for, else twice as long each time.
pub fn backoff(attempt: u32, retry_after: Option<Duration>) -> Duration {
    let doubled = Duration::from_millis(100).saturating_mul(2_u32.saturating_pow(attempt));
    retry_after.unwrap_or(doubled).min(Duration::from_secs(300))
}

/// Whether a disk takes nothing at all, rather than this one file.
pub fn takes_nothing(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem)
}

fn panic_message(broken: tokio::task::JoinError) -> String {
    match broken.try_into_panic() {
        Ok(panic) => panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| String::from("it panicked")),
        Err(cancelled) => cancelled.to_string(),
    }
}

/// Records a second over the last seconds.
#[derive(Debug)]
pub struct Pace {
    since: Instant,
    counted: u64,
    last: u64,
}

impl Pace {
    pub fn new() -> Self {
        Self {
            since: Instant::now(),
            counted: 0,
            last: 0,
        }
    }

    fn count(&mut self, records: u64) -> u64 {
        self.counted += records;
        let elapsed = self.since.elapsed();
        if elapsed < Duration::from_millis(200) && self.last > 0 {
            return self.last;
        }
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
        self.last = self.counted * 1000 / millis;
        if elapsed > Duration::from_secs(4) {
            // Half of the past keeps the figure calm and lets it follow.
            self.counted /= 2;
            self.since = Instant::now()
                .checked_sub(elapsed / 2)
                .unwrap_or_else(Instant::now);
        }
        self.last
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}
