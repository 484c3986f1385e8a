//! Notices that somebody else changed a product file.

use super::{disk, files::Files};
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode},
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// An editor writes in several steps; this long without one, and it is done.
const QUIET: Duration = Duration::from_millis(300);

/// A file that never rests is looked at this often all the same.
const LONGEST: Duration = Duration::from_secs(5);

/// Watches folders, not files: editors that put a new file in the place of the old one are seen too. Its thread ends
/// when it is dropped.
#[derive(Debug)]
pub(super) struct Watcher {
    _watcher: RecommendedWatcher,
    hints: watch::Receiver<u64>,
}

impl Watcher {
    pub(super) fn start(files: &Arc<Files>) -> notify::Result<Self> {
        let (touched, touches) = mpsc::channel();
        let (counter, hints) = watch::channel(0);
        let wanted = Wanted::of(&files.path);
        let folders = wanted.folders.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // After an error events may be missing, so that a look is due as well.
            if event.map_or(true, |event| wanted.concerns(&event)) {
                // The thread is gone only when this watcher is on its way out.
                let _ = touched.send(());
            }
        })?;
        for folder in &folders {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        let files = Arc::clone(files);
        thread::Builder::new()
            .name("csv-watcher".to_owned())
            .spawn(move || {
                files.look();
                while wait(&touches) {
                    if files.has_news() {
                        counter.send_modify(|count| *count += 1);
                    }
                }
            })?;
        Ok(Self {
            _watcher: watcher,
            hints,
        })
    }

    pub(super) fn hints(&self) -> watch::Receiver<u64> {
        self.hints.clone()
    }
}

/// Waits for a touch and then for quiet. `false`: there is nothing to wait for any more.
fn wait(touches: &Receiver<()>) -> bool {
    if touches.recv().is_err() {
        return false;
    }
    let first = Instant::now();
    loop {
        match touches.recv_timeout(QUIET) {
            Ok(()) if first.elapsed() < LONGEST => {}
            Ok(()) | Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// Which events are about the files of a connection.
struct Wanted {
    folders: Vec<PathBuf>,
    /// The name of the file and, behind a link, of what it points to. Empty: any product file.
    names: Vec<OsString>,
}

impl Wanted {
    fn of(path: &Path) -> Self {
        if path.is_dir() {
            return Self {
                folders: vec![path.to_owned()],
                names: Vec::new(),
            };
        }
        let mut wanted = Self {
            folders: Vec::new(),
            names: Vec::new(),
        };
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        for path in [path, &real] {
            let folder = path
                .parent()
                .filter(|folder| *folder != Path::new(""))
                .unwrap_or(Path::new("."));
            let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
            if !wanted.folders.contains(&folder) {
                wanted.folders.push(folder);
            }
            wanted.names.extend(path.file_name().map(OsString::from));
        }
        wanted
    }

    fn concerns(&self, event: &Event) -> bool {
        let is_read = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => true,
            _ => false,
        };
        let concerns = |path: &PathBuf| match self.names.as_slice() {
            [] => disk::is_csv(path),
            names => names.iter().any(|name| disk::same_file_name(path, Some(name))),
        };
        !is_read && (event.need_rescan() || event.paths.iter().any(concerns))
    }
}
