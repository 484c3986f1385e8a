//! Where a running daemon hands out backups: a socket in its data folder, which only those can reach who may read the
//! data anyway. Whoever connects gets an archive, and its end is the end of the connection.

use super::{BackupError, archive};
use crate::{folder, server::stopped, store::Store};
use std::{
    fs,
    io::{self, Write as _},
    net::Shutdown,
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    net::UnixListener,
    sync::{oneshot, watch},
};

/// How long whoever asked may leave an archive unread.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most bytes of a socket's path that every system takes.
const LONGEST_PATH: usize = 100;

/// The socket, and what is handed out there.
#[derive(Debug)]
pub struct Desk {
    data: PathBuf,
    store: Arc<Store>,
    listener: UnixListener,
}

/// Opens the desk. Only who holds the data folder may.
pub fn open(data: &Path, store: Arc<Store>) -> io::Result<Desk> {
    let path = data.join(folder::SOCKET);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = reach(data, |path| UnixListener::bind(path))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(Desk {
        data: data.to_owned(),
        store,
        listener,
    })
}

/// Asks the daemon that holds the data folder for a backup.
pub(super) fn ask(data: &Path) -> io::Result<UnixStream> {
    reach(data, |path| UnixStream::connect(path))
}

/// With a path to the socket that is short enough for a socket.
fn reach<T>(data: &Path, with: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let path = data.join(folder::SOCKET);
    if path.as_os_str().len() <= LONGEST_PATH {
        return with(&path);
    }
    let short = tempfile::tempdir()?;
    let link = short.path().join("data");
    std::os::unix::fs::symlink(fs::canonicalize(data)?, &link)?;
    with(&link.join(folder::SOCKET))
}

impl Desk {
    /// Hands out backups, one after the other, until told to stop.
    pub async fn serve(self, stop: watch::Receiver<bool>) {
        loop {
            let accepted = tokio::select! {
                () = stopped(stop.clone()) => return,
                accepted = self.listener.accept() => accepted,
            };
            let handed = async {
                let stream = accepted?.0.into_std()?;
                stream.set_nonblocking(false)?;
                stream.set_write_timeout(Some(PATIENCE))?;
                self.hand_out(stream, stop.clone()).await
            };
            if let Err(error) = handed.await {
                tracing::warn!(reason = %error, "A backup could not be begun");
            }
        }
    }

    /// On a thread of its own, because it lasts: there are few for steps of jobs.
    async fn hand_out(&self, stream: UnixStream, stop: watch::Receiver<bool>) -> io::Result<()> {
        let cut = stream.try_clone()?;
        let (data, store, stopping) = (self.data.clone(), Arc::clone(&self.store), stop.clone());
        let (done, ended) = oneshot::channel();
        thread::Builder::new().name("backup".to_owned()).spawn(move || {
            pack(&data, &store, stream, &stopping);
            drop(store);
            // Nobody waits when the daemon is gone.
            let _ = done.send(());
        })?;
        tokio::pin!(ended);
        tokio::select! {
            _ = &mut ended => {}
            () = stopped(stop) => {
                // It may wait for whoever reads.
                let _ = cut.shutdown(Shutdown::Both);
                let _ = ended.await;
            }
        }
        Ok(())
    }
}

fn pack(data: &Path, store: &Store, stream: UnixStream, stop: &watch::Receiver<bool>) {
    let began = Instant::now();
    let mut out = stream;
    let packed = archive::write(data, store, &mut out, &|| !*stop.borrow());
    let packed = packed.and_then(|contents| {
        let flushed = out.flush().map(|()| contents);
        flushed.map_err(|source| BackupError::Io {
            path: data.to_owned(),
            source,
        })
    });
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match packed {
        Ok(archive::Contents { files, bytes }) => tracing::info!(files, bytes, ms, "A backup was handed out"),
        Err(error) => tracing::warn!(reason = %error, ms, "A backup was broken off"),
    }
}
