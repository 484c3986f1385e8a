//! A runner at work: its queue, its timer, its running job.

use super::{
    Command, Parts, Reply, Runner, Standing, Unwilling, log,
    reindex::{policy_digest, reindex},
};
use crate::{
    apart::apart,
    calendar::next_time,
    connector::{Connector, Find},
    job::{self, JobError, Linked, Pace, Wish, Work},
    server::stopped,
    store::{Durability, StoreError},
};
use shared::{
    api::Event,
    ids::{JobId, RemoteId},
    job::{Job, JobKind, JobStatus, Outcome, Progress, Task, Trigger},
    policy::{Schedule, ScheduledJob, Times},
    product::Record,
    sync::{schedule::next_due, vanish::Confirmed},
    time::Time,
};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

/// Starts the task of a connection. `connector` is what [`crate::connector::Platform::connect`] gave.
pub fn start(parts: Parts, connector: Result<Box<dyn Connector>, String>) -> (Runner, JoinHandle<()>) {
    let traffic = Arc::clone(&parts.traffic);
    let (commands, inbox) = mpsc::channel(32);
    let (standing, watching) = watch::channel(Standing::default());
    let (connector, error) = match connector {
        Ok(connector) => (Some(Linked(Arc::from(connector))), None),
        Err(error) => (None, Some(error)),
    };
    let state = State {
        parts,
        connector,
        standing,
        error,
        queue: Vec::new(),
        halted: None,
        running: None,
        next_run: None,
        last_run: None,
        planned: None,
        hinted: None,
    };
    (
        Runner {
            commands,
            standing: watching,
            traffic,
        },
        tokio::spawn(state.live(inbox)),
    )
}

struct State {
    parts: Parts,
    connector: Option<Linked>,
    standing: watch::Sender<Standing>,
    error: Option<String>,
    /// At most one of each kind.
    queue: Vec<Queued>,
    halted: Option<Job>,
    running: Option<Running>,
    next_run: Option<Time>,
    /// When the last automatic job began.
    last_run: Option<Time>,
    /// What `next_run` was worked out by.
    planned: Option<Schedule>,
    /// What hinted, while the connection was paused, that its platform changed.
    hinted: Option<Trigger>,
}

struct Queued {
    job: Job,
    confirmed: Confirmed,
}

struct Running {
    wish: watch::Sender<Wish>,
    report: watch::Receiver<Job>,
    task: JoinHandle<Finished>,
}

struct Finished {
    job: Job,
    confirmed: Confirmed,
    ended: Result<(), JobError>,
}

impl State {
    async fn live(mut self, mut inbox: mpsc::Receiver<Command>) {
        if let Err(error) = self.resume() {
            self.error = Some(error.to_string());
        }
        let mut hints = self.connector.as_ref().and_then(|connector| connector.0.hints());
        let mut stopping = pin!(stopped(self.parts.stop.clone()));
        let mut places = self.parts.places.clone();
        places.mark_changed();
        let mut trouble = self.parts.store.watch_trouble();
        let mut stepped = self.parts.stepped.clone();
        loop {
            self.start_next();
            self.publish();
            let due = self.next_run.map(|at| at.since(self.parts.clock.now()));
            tokio::select! {
                () = &mut stopping => return self.finish().await,
                Some(command) = inbox.recv() => self.obey(command),
                heard = heard(&mut self.running) => match heard {
                    Heard::Progress(job) => self.tell(*job),
                    Heard::End(finished) => self.conclude(*finished),
                },
                () = due_in(due) => self.run_scheduled(),
                () = hinted(&mut hints) => self.run_hinted(Trigger::Edit),
                Ok(()) = stepped.changed() => self.plan(),
                Ok(()) = places.changed() => self.reindex().await,
                Ok(()) = trouble.changed() => {
                    if trouble.borrow_and_update().is_none() {
                        self.take_up_again();
                        // What could not be worked out meanwhile is now.
                        places.mark_changed();
                    }
                }
            }
        }
    }

    /// Takes up the jobs that were under way or waiting when the daemon last ended.
    fn resume(&mut self) -> Result<(), StoreError> {
        let reader = self.parts.store.read()?;
        let state = reader.connection(&self.parts.id)?.unwrap_or_default();
        for job in reader.jobs()? {
            let job = job?;
            if job.connection != self.parts.id || job.status.is_over() {
                continue;
            }
            match job.status {
                JobStatus::Halted => self.halted = Some(job),
                _ => self.queue.push(Queued {
                    job: Job {
                        status: JobStatus::Queued,
                        ..job
                    },
                    confirmed: Confirmed::No,
                }),
            }
        }
        // What had begun goes on first.
        self.queue
            .sort_by_key(|queued| (queued.job.started_at.is_none(), queued.job.id));
        self.last_run = state.last_scheduled;
        self.plan();
        Ok(())
    }

    /// After the disk failed, goes on as after a start: with what is stored.
    fn take_up_again(&mut self) {
        let waited = (std::mem::take(&mut self.queue), self.halted.take());
        if let Err(error) = self.resume() {
            tracing::error!(connection = %self.parts.id, reason = %error, "The jobs could not be read");
            (self.queue, self.halted) = waited;
            return;
        }
        let running = self.running.as_ref().map(|running| running.report.borrow().id);
        self.queue.retain(|queued| Some(queued.job.id) != running);
        for queued in &mut self.queue {
            let before = waited.0.iter().find(|before| before.job.id == queued.job.id);
            queued.confirmed = before.map_or(Confirmed::No, |before| before.confirmed);
        }
    }

    /// Whether jobs wait for the disk.
    fn is_stuck(&self) -> bool {
        self.parts.store.trouble().is_some()
    }

    fn schedule(&self) -> Option<Schedule> {
        self.parts
            .places
            .borrow()
            .of(&self.parts.id)?
            .policy
            .schedule
            .clone()
    }

    /// Works out when the next automatic job is due.
    fn plan(&mut self) {
        let now = self.parts.clock.now();
        self.planned = self.schedule();
        self.next_run = self
            .planned
            .as_ref()
            .and_then(|schedule| next_due(schedule, &self.parts.id, self.last_run, now, &next_time));
    }

    /// Likewise, where the settings say something else than when it was worked out last.
    fn follow_schedule(&mut self) {
        let schedule = self.schedule();
        if schedule == self.planned {
            return;
        }
        if let Some(Times::Cron { .. }) = schedule.map(|schedule| schedule.times) {
            // Times that are named only now were not missed.
            self.last_run = Some(self.parts.clock.now());
        }
        self.plan();
    }

    fn is_paused(&self) -> bool {
        let state = self
            .parts
            .store
            .read()
            .and_then(|reader| reader.connection(&self.parts.id));
        state
            .ok()
            .flatten()
            .is_some_and(|state| state.paused_at.is_some())
    }

    fn start_next(&mut self) {
        let stops = *self.parts.stop.borrow() || self.is_stuck();
        if self.running.is_some() || self.queue.is_empty() || stops || self.is_paused() {
            return;
        }
        let Queued { job, confirmed } = self.queue.remove(0);
        let Some(connector) = self.connector.clone() else {
            let why = self.error.clone().unwrap_or_default();
            let job = Job {
                status: JobStatus::Failed,
                finished_at: Some(self.parts.clock.now()),
                error: Some(why),
                ..job
            };
            log::ended(&job);
            self.store_job(job);
            return;
        };
        log::begins(&job);
        let job = Job {
            status: JobStatus::Running,
            started_at: job.started_at.or(Some(self.parts.clock.now())),
            ..job
        };
        self.keep_job(&job);
        let (wish, obeyed) = watch::channel(Wish::Run);
        let (report, watched) = watch::channel(job.clone());
        let mut work = Work {
            job: job.clone(),
            id: self.parts.id.clone(),
            number: self.parts.number,
            confirmed,
            store: Arc::new(self.parts.store.as_opened_now()),
            connector,
            places: self.parts.places.clone(),
            pictures: self.parts.pictures.clone(),
            clock: self.parts.clock.clone(),
            wish: obeyed,
            report,
            changed: self.parts.changed.clone(),
            pace: Pace::new(),
        };
        let task = tokio::spawn(async move {
            let ended = job::run(&mut work).await;
            Finished {
                job: work.job,
                confirmed: work.confirmed,
                ended,
            }
        });
        self.running = Some(Running {
            wish,
            report: watched,
            task,
        });
        self.tell(job);
    }

    fn obey(&mut self, command: Command) {
        match command {
            // Whoever asked may have gone; the answer is then nobody's.
            Command::Request {
                kind,
                task,
                trigger,
                reply,
            } => drop(reply.send(self.request(kind, task, trigger))),
            Command::Pause(reply) => drop(reply.send(self.pause())),
            Command::Play(reply) => drop(reply.send(self.play())),
            Command::Cancel(job, reply) => drop(reply.send(self.cancel(job))),
            Command::Confirm(job, reply) => drop(reply.send(self.confirm(job))),
            Command::Hint(reply) => {
                self.run_hinted(Trigger::Webhook);
                drop(reply.send(Ok(())));
            }
            Command::Check(reply) => self.check(reply),
            Command::Find(id, reply) => self.find(id, reply),
        }
    }

    fn request(&mut self, kind: JobKind, task: Option<Task>, trigger: Trigger) -> Result<Job, Unwilling> {
        if self.is_paused() {
            return Err(Unwilling::Paused);
        }
        if let Some(waiting) = self
            .queue
            .iter()
            .find(|queued| (queued.job.kind, queued.job.task) == (kind, task))
        {
            return Ok(waiting.job.clone());
        }
        let stored = self.parts.store.write(Durability::Now, |writer| {
            let job = Job {
                id: writer.next_job()?,
                connection: self.parts.id.clone(),
                kind,
                task,
                trigger,
                phase: None,
                status: JobStatus::Queued,
                outcome: Outcome::default(),
                report: Vec::new(),
                progress: Progress::default(),
                queued_at: self.parts.clock.now(),
                started_at: None,
                finished_at: None,
                error: None,
            };
            writer.put_job(&job)?;
            Ok::<_, StoreError>(job)
        });
        let job = stored?;
        log::asked(&job);
        self.queue.push(Queued {
            job: job.clone(),
            confirmed: Confirmed::No,
        });
        self.tell(job.clone());
        Ok(job)
    }

    fn pause(&mut self) -> Result<(), Unwilling> {
        self.set_paused(Some(self.parts.clock.now()))?;
        tracing::info!(connection = %self.parts.id, "A connection was paused");
        self.wish(Wish::Pause);
        Ok(())
    }

    fn play(&mut self) -> Result<(), Unwilling> {
        self.set_paused(None)?;
        tracing::info!(connection = %self.parts.id, "A connection plays again");
        if let Some(trigger) = self.hinted.take() {
            self.run_hinted(trigger);
        }
        Ok(())
    }

    fn set_paused(&self, at: Option<Time>) -> Result<(), Unwilling> {
        self.parts.store.write(Durability::Now, |writer| {
            writer.update_connection(&self.parts.id, |state| {
                state.paused_at = at.map(|at| state.paused_at.unwrap_or(at));
            })
        })?;
        self.parts.changed.connections();
        Ok(())
    }

    fn cancel(&mut self, id: JobId) -> Result<Job, Unwilling> {
        self.parts.store.writable()?;
        if let Some(running) = self
            .running
            .as_ref()
            .filter(|running| running.report.borrow().id == id)
        {
            let job = running.report.borrow().clone();
            running.wish.send_replace(Wish::Cancel);
            return Ok(job);
        }
        let halted = self.halted.take_if(|job| job.id == id);
        let waiting = self.queue.iter().position(|queued| queued.job.id == id);
        let job = halted
            .or_else(|| waiting.map(|at| self.queue.remove(at).job))
            .ok_or(Unwilling::NoSuchJob)?;
        let job = Job {
            status: JobStatus::Cancelled,
            finished_at: Some(self.parts.clock.now()),
            ..job
        };
        log::ended(&job);
        self.store_job(job.clone());
        Ok(job)
    }

    fn confirm(&mut self, id: JobId) -> Result<Job, Unwilling> {
        if self.is_paused() {
            return Err(Unwilling::Paused);
        }
        self.parts.store.writable()?;
        let halted = self
            .halted
            .take_if(|job| job.id == id)
            .ok_or(Unwilling::NoSuchJob)?;
        let job = Job {
            status: JobStatus::Queued,
            error: None,
            ..halted
        };
        log::confirmed(&job);
        self.store_job(job.clone());
        self.queue.insert(
            0,
            Queued {
                job: job.clone(),
                confirmed: Confirmed::Yes,
            },
        );
        Ok(job)
    }

    fn check(&self, reply: Reply<Result<String, String>>) {
        match self.connector.clone() {
            Some(connector) => drop(tokio::spawn(async move {
                let found = connector.0.check().await.map_err(|error| error.to_string());
                drop(reply.send(Ok(found)));
            })),
            None => drop(reply.send(Ok(Err(self.error.clone().unwrap_or_default())))),
        }
    }

    fn find(&self, id: RemoteId, reply: Reply<Result<Option<Record>, String>>) {
        if self.is_paused() {
            return drop(reply.send(Err(Unwilling::Paused)));
        }
        let Some(connector) = self.connector.clone() else {
            return drop(reply.send(Ok(Err(self.error.clone().unwrap_or_default()))));
        };
        let wanted = Find {
            remote_id: Some(id.clone()),
            ..Find::default()
        };
        tokio::spawn(async move {
            let found = connector.0.find(&wanted).await.map_err(|error| error.to_string());
            let found = found.map(|records| records.into_iter().find(|record| record.remote_id == id));
            drop(reply.send(Ok(found)));
        });
    }

    fn wish(&self, wish: Wish) {
        if let Some(running) = &self.running {
            running.wish.send_replace(wish);
        }
    }

    fn conclude(
        &mut self,
        Finished {
            job,
            confirmed,
            ended,
        }: Finished,
    ) {
        self.running = None;
        let over = |status, error| Job {
            status,
            finished_at: Some(self.parts.clock.now()),
            error,
            ..job.clone()
        };
        let lost_store = matches!(
            ended,
            Err(JobError::Store(StoreError::Disk(_) | StoreError::Reopened))
        );
        if lost_store || self.is_stuck() {
            tracing::info!(connection = %self.parts.id, job = %job.id, "A job waits for the disk");
            let waiting = Job {
                status: JobStatus::Queued,
                ..job
            };
            self.queue.insert(
                0,
                Queued {
                    job: waiting.clone(),
                    confirmed,
                },
            );
            // It goes on with what is stored: at once where that can be told already.
            if !self.is_stuck() {
                self.take_up_again();
            }
            return self.tell(waiting);
        }
        let job = match ended {
            Ok(()) => over(JobStatus::Done, None),
            Err(JobError::Interrupted(Wish::Cancel)) => over(JobStatus::Cancelled, None),
            Err(JobError::Interrupted(Wish::Run | Wish::Pause | Wish::Stop)) => {
                let job = Job {
                    status: JobStatus::Queued,
                    ..job
                };
                self.queue.insert(
                    0,
                    Queued {
                        job: job.clone(),
                        confirmed,
                    },
                );
                job
            }
            Err(JobError::Halted(why)) => {
                let job = Job {
                    status: JobStatus::Halted,
                    error: Some(why),
                    ..job
                };
                self.halted = Some(job.clone());
                job
            }
            Err(
                error @ (JobError::Store(_)
                | JobError::Connector(_)
                | JobError::Incomplete(_)
                | JobError::Broken(_)),
            ) => over(JobStatus::Failed, Some(error.to_string())),
        };
        log::ended(&job);
        let error = match job.status {
            JobStatus::Failed => Some(job.error.clone()),
            JobStatus::Done => Some(None),
            _ => None,
        };
        if job.id.0.is_multiple_of(PRUNED_EVERY) {
            let now = self.parts.clock.now();
            let pruned = self
                .parts
                .store
                .write(Durability::Soon, |writer| writer.prune_jobs(now));
            self.note(pruned.map(drop));
        }
        if let Some(error) = error {
            let stored = self.parts.store.write(Durability::Soon, |writer| {
                writer.update_connection(&self.parts.id, |state| state.error = error)
            });
            self.note(stored);
        }
        self.store_job(job);
    }

    fn run_scheduled(&mut self) {
        let Some(schedule) = self.schedule() else {
            self.next_run = None;
            return;
        };
        let at = self.parts.clock.now();
        let stored = self.parts.store.write(Durability::Soon, |writer| {
            writer.update_connection(&self.parts.id, |state| state.last_scheduled = Some(at))
        });
        self.note(stored);
        self.last_run = Some(at);
        self.plan();
        if self.is_paused() || self.halted.is_some() || self.connector.is_none() {
            return;
        }
        let kind = match schedule.job {
            ScheduledJob::Fetch => JobKind::Fetch,
            ScheduledJob::Send => JobKind::Send,
            ScheduledJob::Sync => JobKind::Sync,
        };
        // Paused meanwhile is the only refusal, and then nothing is to start.
        let _ = self.request(kind, None, Trigger::Schedule);
    }

    /// Something changed at the platform. While the connection is paused that is kept in mind for when it plays again.
    fn run_hinted(&mut self, trigger: Trigger) {
        if self.halted.is_none() && self.request(JobKind::Fetch, None, trigger).is_err() {
            self.hinted = Some(trigger);
        }
    }

    /// Works out again what is pending here when the settings differ from those that the index was made with.
    async fn reindex(&mut self) {
        let places = self.parts.places.borrow().clone();
        let Some(place) = places.of(&self.parts.id) else {
            return;
        };
        let digest = policy_digest(&places, place);
        let last = self
            .parts
            .store
            .read()
            .and_then(|reader| reader.connection(&self.parts.id));
        let state = last.ok().flatten().unwrap_or_default();
        self.follow_schedule();
        if state.indexed_policy == digest {
            return;
        }
        let (store, id, number) = (
            self.parts.store.as_opened_now(),
            self.parts.id.clone(),
            self.parts.number,
        );
        let now = self.parts.clock.now();
        let done = apart(move || reindex(&store, &id, number, &places, digest, now)).await;
        match done {
            Ok(done) => self.note(done),
            Err(broken) => {
                tracing::error!(reason = %broken, "Working out what is pending broke; please report it");
            }
        }
        self.parts.changed.everything();
    }

    fn store_job(&self, job: Job) {
        self.keep_job(&job);
        self.tell(job);
    }

    fn keep_job(&self, job: &Job) {
        let stored = self
            .parts
            .store
            .write(Durability::Now, |writer| writer.put_job(job));
        self.note(stored);
    }

    fn note(&self, stored: Result<(), StoreError>) {
        match stored {
            // The disk's trouble is told once, by whoever watches over it.
            Ok(()) | Err(StoreError::Disk(_) | StoreError::Reopened) => {}
            Err(error) => {
                tracing::error!(connection = %self.parts.id, reason = %error, "The store did not take a note; check the disk");
            }
        }
    }

    fn tell(&self, job: Job) {
        self.publish();
        self.parts.events.publish(&Event::Job { job: Box::new(job) });
    }

    fn publish(&self) {
        let running = self
            .running
            .as_ref()
            .map(|running| running.report.borrow().clone());
        let standing = Standing {
            job: running.or_else(|| self.halted.clone()),
            waiting: self.queue.iter().map(|queued| queued.job.clone()).collect(),
            next_run: self.next_run,
            error: self.error.clone(),
        };
        let differs = self.standing.send_if_modified(|before| {
            let differs = *before != standing;
            *before = standing;
            differs
        });
        if differs {
            self.parts.changed.connections();
        }
    }

    /// Lets the running step end and be stored; the job goes on with the next start.
    async fn finish(mut self) {
        self.wish(Wish::Stop);
        if let Some(Running { task, .. }) = self.running.take() {
            match task.await {
                Ok(finished) => self.conclude(finished),
                Err(broken) => {
                    tracing::error!(reason = %broken, "A job broke while it was stopped; please report it");
                }
            }
        }
    }
}

/// What a running job lets its runner hear.
enum Heard {
    Progress(Box<Job>),
    End(Box<Finished>),
}

/// Every so many jobs, those that are outdated are looked for.
const PRUNED_EVERY: u64 = 64;

/// How often a running job's progress is told.
const PROGRESS: Duration = Duration::from_millis(250);

async fn heard(running: &mut Option<Running>) -> Heard {
    let Some(Running {
        wish: _,
        report,
        task,
    }) = running
    else {
        return std::future::pending().await;
    };
    let last = report.borrow().clone();
    let progress = async {
        tokio::time::sleep(PROGRESS).await;
        if report.changed().await.is_err() {
            // The job is over: its end is heard next.
            std::future::pending::<()>().await;
        }
        report.borrow_and_update().clone()
    };
    tokio::select! {
        finished = task => Heard::End(Box::new(finished.unwrap_or_else(|broken| Finished {
            job: last,
            confirmed: Confirmed::No,
            ended: Err(JobError::Broken(broken.to_string())),
        }))),
        job = progress => Heard::Progress(Box::new(job)),
    }
}

async fn due_in(due: Option<Duration>) {
    match due {
        Some(due) => tokio::time::sleep(due).await,
        None => std::future::pending().await,
    }
}

async fn hinted(hints: &mut Option<watch::Receiver<u64>>) {
    let gone = match hints {
        Some(hints) => hints.changed().await.is_err(),
        None => true,
    };
    if gone {
        std::future::pending::<()>().await;
    }
}
