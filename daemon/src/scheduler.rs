//! Starts and stops the connections' runners as the settings say.

use crate::{
    apart::apart,
    changed::Changed,
    clock::{Clock, Steps},
    config::{Config, ConnectionConfig},
    connector::{Connector, Context, platform, traffic::Traffic},
    events::Events,
    pictures::Pictures,
    runner::{self, Parts, Runner},
    server::stopped,
    store::{ConnectionState, Durability, Mending, Number, Place, Places, Store, StoreError},
};
use shared::{
    ids::{ConnectionId, ItemId},
    policy::{CloneOrders, Policy},
    product::StockWrites,
    time::Time,
};
use std::{collections::BTreeMap, path::PathBuf, pin::pin, sync::Arc};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

/// The addresses of all runners.
#[derive(Clone, Debug)]
pub struct Runners(watch::Receiver<Arc<BTreeMap<ConnectionId, Runner>>>);

impl Runners {
    /// The runner of a connection. `None`: it is not configured, or not started yet.
    pub fn get(&self, id: &ConnectionId) -> Option<Runner> {
        self.0.borrow().get(id).cloned()
    }

    /// Likewise, as soon as it is started. `None`: the daemon is stopping.
    pub async fn started(&self, id: &ConnectionId) -> Option<Runner> {
        let mut runners = self.0.clone();
        let runners = runners.wait_for(|runners| runners.contains_key(id)).await.ok()?;
        runners.get(id).cloned()
    }
}

/// What the scheduler is made of.
#[derive(Debug)]
pub struct Scheduler {
    pub store: Arc<Store>,
    pub data: PathBuf,
    pub pictures: Pictures,
    pub clock: Clock,
    pub config: watch::Receiver<Arc<Config>>,
    pub places: watch::Sender<Arc<Places>>,
    pub runners: watch::Sender<Arc<BTreeMap<ConnectionId, Runner>>>,
    pub events: Events,
    pub changed: Changed,
    /// Tells runners that the clock was set.
    pub stepped: watch::Sender<()>,
}

/// To forget what is known of a connection that is no longer configured.
#[derive(Debug)]
pub struct Forget {
    pub id: ConnectionId,
    pub reply: oneshot::Sender<Result<(), StoreError>>,
}

/// A runner, and how to end it.
struct Started {
    settings: ConnectionConfig,
    runner: Runner,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// The channel of runners' addresses.
pub fn addresses() -> (watch::Sender<Arc<BTreeMap<ConnectionId, Runner>>>, Runners) {
    let (sender, receiver) = watch::channel(Arc::default());
    (sender, Runners(receiver))
}

/// What decisions need of every connection; each gets its number with the first look. Where orders are cloned from now
/// on, that is remembered.
pub fn places(store: &Store, config: &Config, now: Time) -> Result<Places, StoreError> {
    let known = known(store, config, now)?;
    let place = |(policy, known): (&Policy, Known)| {
        let mut policy = policy.clone();
        if let CloneOrders::New { began } = &mut policy.orders.clone {
            *began = known.cloning_since;
        }
        let platform = platform(&policy.platform);
        Place::new(
            known.number,
            policy,
            platform.map_or(&[][..], |platform| platform.fields),
            platform.map_or(StockWrites::Absolute, |platform| platform.stock),
            platform.and_then(|platform| platform.orders),
        )
    };
    let policies = config.connections.values().map(|connection| &connection.policy);
    Ok(Places {
        all: policies.zip(known).map(place).collect(),
        limits: config.sets,
    })
}

/// What decisions need of a connection besides its settings.
struct Known {
    number: Number,
    cloning_since: Option<Time>,
}

/// What is known of each configured connection, in their order. Only for what is new anything is written.
fn known(store: &Store, config: &Config, now: Time) -> Result<Vec<Known>, StoreError> {
    let reader = store.read()?;
    let is_known = |state: Option<ConnectionState>, clone| {
        let state =
            state.filter(|state| state.cloning_since == cloning_since(state.cloning_since, clone, now))?;
        Some(Known {
            number: state.number,
            cloning_since: state.cloning_since,
        })
    };
    let connections = || {
        let connections = config.connections.iter();
        connections.map(|(id, connection)| (id, connection.policy.orders.clone))
    };
    let known: Option<Vec<Known>> = connections()
        .map(|(id, clone)| Ok(is_known(reader.connection(id)?, clone)))
        .collect::<Result<_, StoreError>>()?;
    if let Some(known) = known {
        return Ok(known);
    }
    store.write(Durability::Now, |writer| {
        let noted = connections().map(|(id, clone)| {
            writer.update_connection(id, |state| {
                state.cloning_since = cloning_since(state.cloning_since, clone, now);
                Known {
                    number: state.number,
                    cloning_since: state.cloning_since,
                }
            })
        });
        noted.collect()
    })
}

/// Switched off and on again, cloning begins anew: what was placed between is not wanted.
fn cloning_since(before: Option<Time>, clone: CloneOrders, now: Time) -> Option<Time> {
    match clone {
        CloneOrders::None => None,
        CloneOrders::New { .. } | CloneOrders::Since(_) => Some(before.unwrap_or(now)),
    }
}

impl Scheduler {
    /// Follows the settings until told to stop; then every running step is stored.
    pub async fn run(mut self, mut forgetting: mpsc::Receiver<Forget>, stop: watch::Receiver<bool>) {
        self.derive_anew(&stop).await;
        let mut stopping = pin!(stopped(stop.clone()));
        let mut trouble = self.store.watch_trouble();
        let mut steps = Steps::of(self.clock.clone());
        let mut started: BTreeMap<ConnectionId, Started> = BTreeMap::new();
        loop {
            let config = self.config.borrow_and_update().clone();
            self.follow(&config, &mut started).await;
            self.draw_limits(&stop).await;
            tokio::select! {
                () = &mut stopping => break,
                () = steps.next() => {
                    tracing::info!("The clock was set, or the machine slept; looking again at what is due");
                    self.stepped.send_replace(());
                }
                changed = self.config.changed() => if changed.is_err() { break },
                // What could not be put in force meanwhile is now.
                Ok(()) = trouble.changed() => {}
                Some(Forget { id, reply }) = forgetting.recv() => {
                    // The connection's runner ends before its data goes.
                    let config = self.config.borrow_and_update().clone();
                    self.follow(&config, &mut started).await;
                    let gone = if config.connections.contains_key(&id) { Ok(()) } else { self.forget(id).await };
                    // Whoever asked may have gone.
                    let _ = reply.send(gone);
                }
            }
        }
        for started in started.values() {
            started.stop.send_replace(true);
        }
        for (id, started) in started {
            end(&id, started).await;
        }
    }

    /// Where another version derived what lists and matching are made of, makes it anew before any job runs. Begins again
    /// with the next start where it is stopped.
    async fn derive_anew(&self, stop: &watch::Receiver<bool>) {
        let (places, now) = (self.places.borrow().clone(), self.clock.now());
        let mut next = match self.store.is_derived_anew() {
            Ok(false) => Some(Mending::first()),
            // A disk that takes nothing is told of by whoever watches over it.
            Ok(true) | Err(_) => None,
        };
        if next.is_some() {
            tracing::info!("What is derived from products and orders is made anew, as this version does it");
        }
        while let Some(at) = next.take().filter(|_| !*stop.borrow()) {
            let (store, places) = (Arc::clone(&self.store), Arc::clone(&places));
            let mended = apart(move || store.write(Durability::Now, |writer| writer.mend(at, &places, now)));
            match mended.await {
                Ok(Ok((after, _))) => next = after,
                Ok(Err(StoreError::Disk(_))) => return,
                Ok(Err(error)) => {
                    tracing::error!(reason = %error, "What is derived could not be made anew; run the maintenance task integrity");
                }
                Err(broken) => {
                    tracing::error!(reason = %broken, "Deriving broke; please report it");
                }
            }
        }
    }

    /// Where the limits of sets are others than those that the sets were drawn with, draws them anew. What is interrupted
    /// begins again with the next start.
    async fn draw_limits(&self, stop: &watch::Receiver<bool>) {
        let limits = self.places.borrow().limits;
        if self.store.is_limited_by(&limits).unwrap_or(true) {
            return;
        }
        let mut next = Some(ItemId(0));
        while let Some(after) = next.take().filter(|_| !*stop.borrow()) {
            let store = Arc::clone(&self.store);
            let drawn = apart(move || store.write(Durability::Now, |writer| writer.limit(&limits, after)));
            match drawn.await {
                Ok(Ok(last)) => next = last,
                Ok(Err(StoreError::Disk(_))) => return,
                Ok(Err(error)) => {
                    tracing::error!(reason = %error, "The sets of low stock and low prices could not be drawn anew; run the maintenance task integrity");
                }
                Err(broken) => {
                    tracing::error!(reason = %broken, "Drawing the sets of low stock and low prices broke; please report it");
                }
            }
        }
        self.changed.everything();
    }

    async fn follow(&self, config: &Config, started: &mut BTreeMap<ConnectionId, Started>) {
        match places(&self.store, config, self.clock.now()) {
            Ok(places) => {
                self.places.send_replace(Arc::new(places));
            }
            // Told already; it is tried again when the disk works.
            Err(StoreError::Disk(_)) => return,
            Err(error) => {
                tracing::error!(reason = %error, "The settings could not be put in force; check the disk");
                return;
            }
        }
        let stale: Vec<ConnectionId> = started
            .iter()
            .filter(|(id, started)| {
                config
                    .connections
                    .get(id)
                    .is_none_or(|connection| !connection.is_same_account(&started.settings))
            })
            .map(|(id, _)| id.clone())
            .collect();
        // What was counted of a connection goes on with its next runner.
        let mut traffics: BTreeMap<ConnectionId, Arc<Traffic>> = BTreeMap::new();
        for id in stale {
            if let Some(old) = started.remove(&id) {
                traffics.insert(id.clone(), Arc::clone(&old.runner.traffic));
                old.stop.send_replace(true);
                end(&id, old).await;
            }
        }
        for (id, connection) in &config.connections {
            if !started.contains_key(id) {
                let traffic = traffics.remove(id).unwrap_or_default();
                started.insert(id.clone(), self.start(id, connection, traffic));
            }
        }
        let addresses = started
            .iter()
            .map(|(id, started)| (id.clone(), started.runner.clone()))
            .collect();
        self.runners.send_replace(Arc::new(addresses));
        self.changed.connections();
    }

    async fn forget(&self, id: ConnectionId) -> Result<(), StoreError> {
        let (store, places) = (Arc::clone(&self.store), self.places.borrow().clone());
        let now = self.clock.now();
        let forgotten = apart(move || {
            store.write(Durability::Now, |writer| {
                writer.forget_connection(&id, &places, now)
            })
        });
        let gone = forgotten
            .await
            .unwrap_or_else(|broken| Err(StoreError::Transaction(broken.to_string())));
        self.changed.everything();
        gone
    }

    fn start(&self, id: &ConnectionId, connection: &ConnectionConfig, traffic: Arc<Traffic>) -> Started {
        let (stop, stopping) = watch::channel(false);
        let places = self.places.subscribe();
        let number = places
            .borrow()
            .of(id)
            .map(|place| place.number)
            .unwrap_or_default();
        let parts = Parts {
            id: id.clone(),
            number,
            store: Arc::clone(&self.store),
            pictures: self.pictures.clone(),
            clock: self.clock.clone(),
            places,
            events: self.events.clone(),
            changed: self.changed.clone(),
            stepped: self.stepped.subscribe(),
            traffic: Arc::clone(&traffic),
            stop: stopping,
        };
        let (runner, task) = runner::start(
            parts,
            connect(id, connection, &self.data, self.clock.clone(), traffic),
        );
        Started {
            settings: connection.clone(),
            runner,
            stop,
            task,
        }
    }
}

/// Makes the connector of a connection, or says why there is none.
pub fn connect(
    id: &ConnectionId,
    connection: &ConnectionConfig,
    data: &std::path::Path,
    clock: Clock,
    traffic: Arc<Traffic>,
) -> Result<Box<dyn Connector>, String> {
    let ConnectionConfig {
        policy,
        remote,
        pace,
        file: _,
    } = connection;
    let platform =
        platform(&policy.platform).ok_or_else(|| format!("There is no platform `{}`.", policy.platform))?;
    let context = Context {
        connection: id.clone(),
        remote: remote.clone(),
        data: data.to_owned(),
        clock,
        pace: *pace,
        traffic,
    };
    (platform.connect)(context).map_err(|error| error.to_string())
}

async fn end(id: &ConnectionId, started: Started) {
    if let Err(broken) = started.task.await {
        tracing::error!(connection = %id, reason = %broken, "A connection's task broke; please report it");
    }
}
