//! The hub as it runs: the store, the connections' runners, and what is known of both.

use crate::{
    changed::{self, Changed},
    clock::Clock,
    config::Config,
    events::Events,
    mend,
    pictures::Pictures,
    runner::Runner,
    scheduler::{self, Forget, Runners, Scheduler},
    status::{self, Status},
    store::{Places, Store, StoreError},
};
use shared::{ids::ConnectionId, issue::Issue, time::Time};
use std::{fs, io, path::Path, sync::Arc};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

/// What everybody may hold of the hub; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub {
    pub store: Arc<Store>,
    pub pictures: Pictures,
    pub places: watch::Receiver<Arc<Places>>,
    pub status: Status,
    pub changed: Changed,
    /// What is wrong with the store's disk at present.
    pub disk: watch::Receiver<Option<Issue>>,
    pub clock: Clock,
    pub started: Time,
    forget: mpsc::Sender<Forget>,
}

/// The hub's tasks. They end when they are told to stop and every [`Hub`] is gone.
#[derive(Debug)]
pub struct Tasks {
    scheduler: JoinHandle<()>,
    publisher: JoinHandle<()>,
    mending: JoinHandle<()>,
}

/// Why the hub did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("The data folder {folder} cannot be made: {source}")]
    Folder { folder: String, source: io::Error },
    #[error("The data folder {folder}: {source}")]
    Store { folder: String, source: StoreError },
}

/// Opens the store in the folder `data` and starts a runner for every connection.
pub fn start(
    data: &Path,
    config: watch::Receiver<Arc<Config>>,
    events: Events,
    stop: watch::Receiver<bool>,
) -> Result<(Hub, Tasks), StartError> {
    let folder = || data.display().to_string();
    fs::create_dir_all(data).map_err(|source| StartError::Folder {
        folder: folder(),
        source,
    })?;
    let started =
        Store::open(data).and_then(|store| start_on(store, data, Clock::system(), config, events, stop));
    started.map_err(|source| StartError::Store {
        folder: folder(),
        source,
    })
}

/// Likewise on a store and by a clock of the caller's; `data` is where everything else is kept.
pub fn start_on(
    store: Store,
    data: &Path,
    clock: Clock,
    config: watch::Receiver<Arc<Config>>,
    events: Events,
    stop: watch::Receiver<bool>,
) -> Result<(Hub, Tasks), StoreError> {
    let store = Arc::new(store);
    let (placing, places) = watch::channel(Arc::new(scheduler::places(
        &store,
        &config.borrow(),
        clock.now(),
    )?));
    let (addresses, runners) = scheduler::addresses();
    let status = Status {
        store: Arc::clone(&store),
        config: config.clone(),
        runners,
    };
    let (changed, listener) = changed::channel();
    let publisher = status::publish(status.clone(), events.clone(), listener);
    let pictures = Pictures::new(data);
    let (forget, forgetting) = mpsc::channel(1);
    let (disk, mending) = mend::watch(
        Arc::clone(&store),
        clock.clone(),
        events.clone(),
        changed.clone(),
        stop.clone(),
    );
    let scheduler = Scheduler {
        store: Arc::clone(&store),
        data: data.to_owned(),
        clock: clock.clone(),
        pictures: pictures.clone(),
        config,
        places: placing,
        runners: addresses,
        events,
        changed: changed.clone(),
        stepped: watch::Sender::new(()),
    };
    let scheduler = tokio::spawn(scheduler.run(forgetting, stop));
    let hub = Hub {
        store,
        pictures,
        places,
        status,
        changed,
        disk,
        started: clock.now(),
        clock,
        forget,
    };
    let tasks = Tasks {
        scheduler,
        publisher,
        mending,
    };
    Ok((hub, tasks))
}

impl Hub {
    /// The runner of a connection. `None`: there is no such connection, or it is not started yet.
    pub fn runner(&self, id: &ConnectionId) -> Option<Runner> {
        self.status.runners.get(id)
    }

    pub fn runners(&self) -> &Runners {
        &self.status.runners
    }

    /// Forgets what is known of a connection that is no longer configured. Nothing happens at its platform.
    pub async fn forget(&self, id: ConnectionId) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        // Only a daemon that is stopping does not answer; the next one forgets nothing by itself, which loses nothing.
        if self.forget.send(Forget { id, reply }).await.is_err() {
            return Ok(());
        }
        answer.await.unwrap_or(Ok(()))
    }
}

impl Tasks {
    /// Waits for every task to end.
    pub async fn ended(self) {
        let Self {
            scheduler,
            publisher,
            mending,
        } = self;
        scheduler.await.expect("the scheduler does not panic");
        mending.await.expect("watching the disk does not panic");
        publisher.await.expect("publishing does not panic");
    }
}
