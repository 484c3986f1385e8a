//! Accepts connections and answers their requests until told to stop.

mod patience;

pub use patience::TooSlow;

use axum::{Router, body::Body};
use futures_util::FutureExt;
use http::Request;
use hyper::body::{Body as _, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use patience::{Patient, Timed};
use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Answers requests with `router` until `stop` turns true (or its sender is gone); then finishes what was begun.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
) -> Ended {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let mut open = JoinSet::new();
    let mut stopping = pin!(stopped(stop.clone()));
    loop {
        tokio::select! {
            () = &mut stopping => break,
            Some(_) = open.join_next(), if !open.is_empty() => {}
            (socket, slot) = accept(&listener, &slots) => {
                let conversation = converse(socket, router.clone(), limits.clone(), stop.clone());
                open.spawn(async move {
                    conversation.await;
                    drop(slot);
                });
            }
        }
    }
    drop(listener);
    let finished = timeout(limits.grace, async { while open.join_next().await.is_some() {} });
    if finished.await.is_ok() {
        return Ended::Clean;
    }
    let connections = open.len();
    open.shutdown().await;
    tracing::warn!(connections, "Cut off requests that did not finish in time");
    Ended::CutOff { connections }
}

/// How serving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every request that was begun was answered.
    Clean,
    /// So many connections were still busy when the grace time was over.
    CutOff { connections: usize },
}

/// What a client may take of the daemon's time and memory.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the connection, or from the previous answer, to the end of a request's head.
    pub head: Duration,
    /// From a request's head to the end of its body.
    pub body: Duration,
    /// How long a client may leave an answer unread.
    pub write: Duration,
    /// How long requests may go on after the stop signal.
    pub grace: Duration,
    /// Bytes of a request's head.
    pub head_size: u32,
    /// Connections at one time; further ones wait in the system's queue.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            write: Duration::from_secs(30),
            grace: Duration::from_secs(5),
            head_size: 64 * 1024,
            connections: 1024,
        }
    }
}

/// The address at which a request arrived; an extension of every request.
#[derive(Clone, Copy, Debug)]
pub struct Arrival(pub SocketAddr);

/// Waits until `stop` is true or its sender is gone.
pub async fn stopped(mut stop: watch::Receiver<bool>) {
    // The guard that `wait_for` returns is dropped here, so that callers can be sent between threads.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The next connection, once there is room for it. Loses nothing when it is dropped while waiting.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let slot = slots
        .clone()
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((socket, _)) => return (socket, slot),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // Most likely out of file descriptors: others have to be closed first.
                tracing::warn!(%error, "Could not accept a connection");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// Answers the requests of one connection, one after the other (HTTP/1) or side by side (HTTP/2).
async fn converse(socket: TcpStream, router: Router, limits: Limits, stop: watch::Receiver<bool>) {
    let Limits {
        head,
        body,
        write,
        grace: _,
        head_size,
        connections: _,
    } = limits;
    // Fails only for a connection that is gone already; reading from it will say so.
    let _ = socket.set_nodelay(true);
    let Ok(local) = socket.local_addr() else { return };

    let begun = Arc::new(AtomicBool::new(false));
    let service = tower::service_fn({
        let begun = begun.clone();
        move |request: Request<Incoming>| {
            begun.store(true, Ordering::Relaxed);
            let mut request = request.map(|incoming| {
                if incoming.is_end_stream() {
                    Body::empty()
                } else {
                    Body::new(Timed::new(incoming, body))
                }
            });
            request.extensions_mut().insert(Arrival(local));
            tower::ServiceExt::oneshot(router.clone(), request)
        }
    });

    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(usize::try_from(head_size).unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(head_size)
        .max_concurrent_streams(100)
        .keep_alive_interval(write)
        .keep_alive_timeout(write);
    let io = TokioIo::new(Patient::new(socket, write));
    let mut connection = pin!(builder.serve_connection(io, TowerToHyperService::new(service)));

    // hyper's own time-out begins only after it has seen which version of HTTP is spoken.
    let mut silence = pin!(sleep(head).fuse());
    let mut stopping = pin!(stopped(stop).fuse());
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "A connection ended early");
                }
                return;
            }
            () = &mut stopping => connection.as_mut().graceful_shutdown(),
            () = &mut silence => {
                if !begun.load(Ordering::Relaxed) {
                    tracing::debug!("Closed a connection that asked for nothing");
                    return;
                }
            }
        }
    }
}
