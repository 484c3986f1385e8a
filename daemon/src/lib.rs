//! Effects around the decisions of `shared`.

pub mod apart;
pub mod api;
pub mod assets;
pub mod backup;
pub mod calendar;
pub mod changed;
pub mod clock;
pub mod config;
pub mod connector;
pub mod edit;
pub mod events;
pub mod figures;
pub mod folder;
pub mod hub;
pub mod job;
pub mod mend;
pub mod pictures;
pub mod runner;
pub mod scheduler;
pub mod server;
pub mod status;
pub mod store;
pub mod supervisor;
pub mod trial;

use api::App;
use config::{Listen, watch};
use events::Events;
use folder::{Folder, FolderError};
use server::Limits;
use shared::api::{ConfigFault, ConfigState, ConnectionState, Event};
use std::{io, net::SocketAddr, path::PathBuf, pin::pin, sync::Arc};
use supervisor::Supervisor;
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
    /// Told when requests are answered, that the daemon lives, and when it reads its settings again or stops.
    pub supervisor: Supervisor,
}

/// Why a daemon did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Config(#[from] watch::Faulty),
    #[error(transparent)]
    Folder(#[from] FolderError),
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
        supervisor,
    } = signals;
    let (config, follower) = watch::follow(&dir, listen.map_or(Listen::File, Listen::CommandLine))?;
    let address = config.config.borrow().listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| RunError::Listen { address, source })?;
    let bound = listener.local_addr().unwrap_or(address);
    let held = Folder::hold(&data)?;
    let events = Events::new();
    let (hub, tasks) = hub::start(&data, config.config.clone(), events.clone(), shutdown.clone())?;
    let desk = match backup::open(&data, Arc::clone(&hub.store)) {
        Ok(desk) => Some(tokio::spawn(desk.serve(shutdown.clone()))),
        Err(error) => {
            tracing::warn!(reason = %error, "Backups can only be made while the daemon does not run");
            None
        }
    };
    let standing = Standing {
        hub: hub.clone(),
        config: config.clone(),
        address: bound,
    };
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
    tracing::info!(address = %bound, version = env!("CARGO_PKG_VERSION"), "Requests are answered");
    // Without a receiver nobody waits for the address.
    let _ = ready.send(bound);
    supervisor.ready(&standing.in_words());
    let reassuring = tokio::spawn({
        let (supervisor, standing) = (supervisor.clone(), standing.clone());
        async move { supervisor.reassure(move || standing.in_words()).await }
    });
    let mut state = config.state.clone();
    let mut stopping = pin!(server::stopped(shutdown));
    loop {
        tokio::select! {
            () = &mut stopping => break,
            () = reload.notified() => {
                supervisor.reloading();
                config.reload().await;
                supervisor.ready(&standing.in_words());
            }
            Ok(()) = state.changed() => {
                let config = ConfigState::clone(&state.borrow_and_update());
                events.publish(&Event::Config { config });
                supervisor.status(&standing.in_words());
            }
        }
    }
    supervisor.stopping();
    reassuring.abort();
    drop(standing);
    serving.await.expect("serving does not panic");
    // Aborted, or ended where nobody watches; either way it lets go of the hub.
    let _ = reassuring.await;
    if let Some(desk) = desk {
        desk.await.expect("handing out backups does not panic");
    }
    drop(config);
    tasks.ended().await;
    follower.await.expect("following the config files does not panic");
    drop(held);
    Ok(())
}

/// How the daemon is, for its supervisor.
#[derive(Clone, Debug)]
struct Standing {
    hub: hub::Hub,
    config: watch::ConfigHandle,
    address: SocketAddr,
}

impl Standing {
    /// In a line. It asks the store, so that a line that comes means that the store answers; what it answers may be
    /// that the disk fails, which a restart would not mend.
    fn in_words(&self) -> String {
        let Self { hub, config, address } = self;
        let connections = match hub.status.connections() {
            Ok(connections) => connections,
            Err(error) => return format!("Serving http://{address}; {error}"),
        };
        let in_need = connections
            .iter()
            .filter(|shown| matches!(shown.state, ConnectionState::Halted | ConnectionState::Error))
            .count();
        let mut words = match connections.len() {
            1 => format!("Serving http://{address}; 1 connection"),
            count => format!("Serving http://{address}; {count} connections"),
        };
        if in_need > 0 {
            words.push_str(&format!(", {in_need} in need of you"));
        }
        if let Some(trouble) = hub.store.trouble() {
            words.push_str(&format!("; {}", trouble.message));
        }
        if let Some(fault) = &config.state.borrow().fault {
            let ConfigFault {
                file, line, message, ..
            } = fault;
            words.push_str(&format!(
                "; the last good settings are in force, because {file}:{line}: {message}"
            ));
        }
        words
    }
}
