//! Effects around the decisions of `shared`.

pub mod apart;
pub mod api;
pub mod assets;
pub mod calendar;
pub mod changed;
pub mod clock;
pub mod config;
pub mod connector;
pub mod edit;
pub mod events;
pub mod hub;
pub mod job;
pub mod mend;
pub mod pictures;
pub mod runner;
pub mod scheduler;
pub mod server;
pub mod status;
pub mod store;

use api::App;
use config::{Listen, watch};
use events::Events;
use server::Limits;
use shared::api::{ConfigState, Event};
use std::{io, net::SocketAddr, path::PathBuf, pin::pin, sync::Arc};
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot, watch::Receiver},
};

/// What a daemon is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub config: PathBuf,
    pub data: PathBuf,
    /// Wins over the file's `listen`.
    pub listen: Option<SocketAddr>,
}

/// What a running daemon hears from outside, and what it tells.
#[derive(Debug)]
pub struct Signals {
    /// Told once, when requests are answered at this address.
    pub ready: oneshot::Sender<SocketAddr>,
    /// To be notified for reading the config files again.
    pub reload: Arc<Notify>,
    /// Turns true, or is closed, when it is to stop: the running step ends and is stored.
    pub shutdown: Receiver<bool>,
}

/// Why a daemon did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Config(#[from] watch::Faulty),
    #[error(transparent)]
    Hub(#[from] hub::StartError),
    #[error("{address} cannot be listened on: {source}")]
    Listen { address: SocketAddr, source: io::Error },
}

/// The daemon: it returns when it is told to stop and everything is stored.
pub async fn run(options: Options, signals: Signals) -> Result<(), RunError> {
    let Options {
        config: dir,
        data,
        listen,
    } = options;
    let Signals {
        ready,
        reload,
        shutdown,
    } = signals;
    let (config, follower) = watch::follow(&dir, listen.map_or(Listen::File, Listen::CommandLine))?;
    let address = config.config.borrow().listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| RunError::Listen { address, source })?;
    let bound = listener.local_addr().unwrap_or(address);
    let events = Events::new();
    let (hub, tasks) = hub::start(&data, config.config.clone(), events.clone(), shutdown.clone())?;
    let app = App {
        hub,
        config: config.clone(),
        events: events.clone(),
        platforms: connector::platforms(),
        stop: shutdown.clone(),
    };
    let serving = tokio::spawn(server::serve(
        listener,
        api::router(app),
        Limits::default(),
        shutdown.clone(),
    ));
    // Without a receiver nobody waits for the address.
    let _ = ready.send(bound);
    let mut state = config.state.clone();
    let mut stopping = pin!(server::stopped(shutdown));
    loop {
        tokio::select! {
            () = &mut stopping => break,
            () = reload.notified() => {
                config.reload().await;
            }
            Ok(()) = state.changed() => {
                let config = ConfigState::clone(&state.borrow_and_update());
                events.publish(&Event::Config { config });
            }
        }
    }
    serving.await.expect("serving does not panic");
    drop(config);
    tasks.ended().await;
    follower.await.expect("following the config files does not panic");
    Ok(())
}
