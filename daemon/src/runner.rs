//! One connection's own task: it alone starts the connection's jobs, one at a time; everybody else holds a handle.

mod live;
mod log;
mod reindex;

pub use live::start;

use crate::{
    changed::Changed,
    clock::Clock,
    connector::traffic::Traffic,
    events::Events,
    pictures::Pictures,
    store::{Number, Places, Store, StoreError},
};
use shared::{
    ids::{ConnectionId, JobId, RemoteId},
    job::{Job, JobKind, JobStatus, Task, Trigger},
    product::Record,
    time::Time,
};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// A runner's address.
#[derive(Clone, Debug)]
pub struct Runner {
    commands: mpsc::Sender<Command>,
    pub standing: watch::Receiver<Standing>,
    /// What went to its platform and came back.
    pub traffic: Arc<Traffic>,
}

/// What a connection is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The job that runs, or that a guard halted.
    pub job: Option<Job>,
    pub waiting: Vec<Job>,
    pub next_run: Option<Time>,
    /// Why nothing can run at all.
    pub error: Option<String>,
}

impl Standing {
    fn is_busy_with(&self, job: JobId) -> bool {
        let busy =
            |other: &Job| other.id == job && matches!(other.status, JobStatus::Queued | JobStatus::Running);
        self.job.iter().chain(&self.waiting).any(busy)
    }
}

/// Why a request was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwilling {
    #[error("The connection is paused. Press play first.")]
    Paused,
    #[error("There is no such job waiting for that.")]
    NoSuchJob,
    #[error("The connection is being stopped. Try again in a moment.")]
    Stopping,
    /// The disk takes nothing; it says what to do.
    #[error("{0}")]
    Disk(String),
    #[error("{0}")]
    Store(String),
}

#[derive(Debug)]
enum Command {
    Request {
        kind: JobKind,
        task: Option<Task>,
        trigger: Trigger,
        reply: Reply<Job>,
    },
    Pause(Reply<()>),
    Play(Reply<()>),
    Cancel(JobId, Reply<Job>),
    Confirm(JobId, Reply<Job>),
    Hint(Reply<()>),
    Check(Reply<Result<String, String>>),
    Find(RemoteId, Reply<Result<Option<Record>, String>>),
}

type Reply<T> = oneshot::Sender<Result<T, Unwilling>>;

impl From<StoreError> for Unwilling {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Disk(trouble) => Self::Disk(trouble.message),
            error => Self::Store(error.to_string()),
        }
    }
}

impl Runner {
    /// Asks for a job; the one that waits already, if there is one of its kind.
    pub async fn request(&self, kind: JobKind, trigger: Trigger) -> Result<Job, Unwilling> {
        self.request_of(kind, None, trigger).await
    }

    /// Likewise for maintenance.
    pub async fn maintain(&self, task: Task, trigger: Trigger) -> Result<Job, Unwilling> {
        self.request_of(JobKind::Maintenance, Some(task), trigger).await
    }

    async fn request_of(
        &self,
        kind: JobKind,
        task: Option<Task>,
        trigger: Trigger,
    ) -> Result<Job, Unwilling> {
        self.ask(|reply| Command::Request {
            kind,
            task,
            trigger,
            reply,
        })
        .await
    }

    /// The running step ends and nothing starts until [`Runner::play`].
    pub async fn pause(&self) -> Result<(), Unwilling> {
        self.ask(Command::Pause).await
    }

    pub async fn play(&self) -> Result<(), Unwilling> {
        self.ask(Command::Play).await
    }

    pub async fn cancel(&self, job: JobId) -> Result<Job, Unwilling> {
        self.ask(|reply| Command::Cancel(job, reply)).await
    }

    /// A person looked at what a guard halted, and it may go on.
    pub async fn confirm(&self, job: JobId) -> Result<Job, Unwilling> {
        self.ask(|reply| Command::Confirm(job, reply)).await
    }

    /// The platform says by a webhook of its own that something changed there: what is waiting to be fetched covers it,
    /// else a fetch is asked for. While the connection is paused that is kept in mind.
    pub async fn hint(&self) -> Result<(), Unwilling> {
        self.ask(Command::Hint).await
    }

    /// Waits until a job neither runs nor waits here any more, be it done, failed or halted.
    pub async fn ended(&self, job: JobId) {
        let mut standing = self.standing.clone();
        // A closed channel means that the daemon is stopping; then nothing runs here any more.
        let _ = standing.wait_for(|standing| !standing.is_busy_with(job)).await;
    }

    /// Whether the platform can be reached and takes our credentials, without touching data: what was found there, or
    /// what is wrong. Nothing waits for it.
    pub async fn check(&self) -> Result<Result<String, String>, Unwilling> {
        self.ask(Command::Check).await
    }

    /// The product that the platform calls so, as it shows it now; or why it could not be asked.
    pub async fn find(&self, id: RemoteId) -> Result<Result<Option<Record>, String>, Unwilling> {
        self.ask(|reply| Command::Find(id, reply)).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Unwilling> {
        let (reply, answer) = oneshot::channel();
        self.commands
            .send(command(reply))
            .await
            .map_err(|_| Unwilling::Stopping)?;
        answer.await.map_err(|_| Unwilling::Stopping)?
    }
}

/// What a runner is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    pub id: ConnectionId,
    pub number: Number,
    pub store: Arc<Store>,
    pub pictures: Pictures,
    pub clock: Clock,
    pub places: watch::Receiver<Arc<Places>>,
    pub events: Events,
    pub changed: Changed,
    /// Changes when the clock was set, or when the machine slept.
    pub stepped: watch::Receiver<()>,
    pub traffic: Arc<Traffic>,
    /// True when the runner is to end: its running step is stored, and the job goes on with the next runner.
    pub stop: watch::Receiver<bool>,
}
