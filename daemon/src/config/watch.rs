//! Reading the config folder again whenever it changes, and telling everybody who follows it.

use super::{CONNECTIONS, Config, ConnectionChange, HUB_FILE, Listen, Loaded, diff, load};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use shared::api::{ConfigFault, ConfigState};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc, oneshot, watch},
    task::JoinHandle,
    time::Instant,
};

/// How long files have to be quiet after a change: editors and deployments write in several steps.
const QUIET: Duration = Duration::from_millis(300);
/// Files that are never quiet are read all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// The settings in force, what is wrong with the files, and the way to have them read again.
#[derive(Clone, Debug)]
pub struct ConfigHandle {
    /// Changes only from one valid configuration to another.
    pub config: watch::Receiver<Arc<Config>>,
    pub state: watch::Receiver<Arc<ConfigState>>,
    wakes: mpsc::UnboundedSender<Wake>,
    pub(super) dir: PathBuf,
    /// The address that edits are validated with.
    pub(super) listen: Listen,
    /// Held while a file is edited.
    pub(super) editing: Arc<Mutex<()>>,
}

/// The files are not valid, so there is nothing to begin with.
#[derive(Debug, thiserror::Error)]
#[error("the configuration in {} is not valid", .dir.display())]
pub struct Faulty {
    pub dir: PathBuf,
    /// At least one.
    pub faults: Vec<ConfigFault>,
}

/// Reads the config folder and follows it. The task ends when nobody follows [`ConfigHandle::config`] any more.
pub fn follow(dir: &Path, listen: Listen) -> Result<(ConfigHandle, JoinHandle<()>), Faulty> {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let (wakes, waking) = mpsc::unbounded_channel();
    let mut folders = Folders::new(&dir, wakes.clone());
    let loaded = folders.load(listen);
    let state = Arc::new(loaded.state());
    let Loaded { config, faults, .. } = loaded;
    let Some(config) = config else {
        return Err(Faulty { dir, faults });
    };
    let listen = match listen {
        Listen::CommandLine(address) => Listen::CommandLine(address),
        Listen::File | Listen::InForce(_) => Listen::InForce(config.listen),
    };
    let (config_sender, config) = watch::channel(Arc::new(config));
    let (state_sender, state) = watch::channel(state);
    let follower = Follower {
        folders,
        listen,
        config: config_sender,
        state: state_sender,
        wakes: waking,
    };
    let handle = ConfigHandle {
        config,
        state,
        wakes,
        dir,
        listen,
        editing: Arc::default(),
    };
    Ok((handle, tokio::spawn(follower.run())))
}

impl ConfigHandle {
    /// Reads the files now. What is valid is in force when this returns; the answer tells what is not.
    pub async fn reload(&self) -> Arc<ConfigState> {
        let (answer, answered) = oneshot::channel();
        if self.wakes.send(Wake::Now(answer)).is_ok() {
            // Without an answer the task has ended, and the state stays what it was.
            let _ = answered.await;
        }
        self.state.borrow().clone()
    }
}

/// A reason to read the files again.
#[derive(Debug)]
enum Wake {
    /// Something happened in a folder that is watched.
    Touched(notify::Result<Event>),
    /// Somebody asks, and is told when it is done.
    Now(oneshot::Sender<()>),
}

/// The task that reads the files again.
struct Follower {
    folders: Folders,
    listen: Listen,
    config: watch::Sender<Arc<Config>>,
    state: watch::Sender<Arc<ConfigState>>,
    wakes: mpsc::UnboundedReceiver<Wake>,
}

impl Follower {
    async fn run(mut self) {
        while let Some(asked) = self.next().await {
            let (mut folders, listen) = (self.folders, self.listen);
            let read = tokio::task::spawn_blocking(move || (folders.load(listen), folders));
            let (loaded, folders) = read.await.expect("reading the files does not panic");
            self.folders = folders;
            self.publish(loaded);
            for answer in asked {
                // Who asked may be gone.
                let _ = answer.send(());
            }
        }
    }

    /// Waits until the files are to be read. `None`: nobody follows any more.
    async fn next(&mut self) -> Option<Vec<oneshot::Sender<()>>> {
        let mut first_touch = None;
        let mut quiet_at = None;
        loop {
            let quiet = async {
                match quiet_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.config.closed() => return None,
                () = quiet => return Some(Vec::new()),
                wake = self.wakes.recv() => match wake? {
                    Wake::Now(answer) => return Some(vec![answer]),
                    Wake::Touched(event) => if self.folders.concerns(&event) {
                        let now = Instant::now();
                        let first = *first_touch.get_or_insert(now);
                        quiet_at = Some((now + QUIET).min(first + LONGEST_WAIT));
                    }
                }
            }
        }
    }

    /// A fault anywhere changes nothing anywhere.
    fn publish(&self, loaded: Loaded) {
        let state = Arc::new(loaded.state());
        let Loaded {
            config,
            faults,
            notices,
            ..
        } = loaded;
        let is_news = *self.state.borrow() != state;
        if let Some(config) = config {
            let old = self.config.borrow().clone();
            if *old != config {
                log_change(&old, &config);
                self.config.send_replace(Arc::new(config));
            } else if is_news && notices.is_empty() {
                tracing::info!("The config files are valid and say what is in force already");
            }
        }
        if is_news {
            for fault in &faults {
                let ConfigFault {
                    file,
                    line,
                    column,
                    message,
                    ..
                } = fault;
                tracing::error!(
                    file,
                    line,
                    column,
                    reason = message,
                    "A config file is faulty; the last good settings stay in force"
                );
            }
            for notice in &notices {
                tracing::warn!(
                    file = notice.file,
                    line = notice.line,
                    reason = notice.message,
                    "A setting waits for a restart"
                );
            }
            self.state.send_replace(state);
        }
    }
}

fn log_change(old: &Config, new: &Config) {
    let change = diff(old, new);
    let named = |wanted: ConnectionChange| {
        let ids = change.connections.iter().filter(|(_, change)| **change == wanted);
        ids.map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(" ")
    };
    tracing::info!(
        added = named(ConnectionChange::Added),
        removed = named(ConnectionChange::Removed),
        rules = named(ConnectionChange::PolicyChanged),
        remote = named(ConnectionChange::RemoteChanged),
        "New settings are in force"
    );
}

/// The folders that are watched: the config folder, `connections` in it, and those of secrets.
struct Folders {
    dir: PathBuf,
    /// `None` where the system has no way to watch files; then only a reload that is asked for helps.
    watcher: Option<RecommendedWatcher>,
    secret_files: BTreeSet<PathBuf>,
}

impl Folders {
    fn new(dir: &Path, wakes: mpsc::UnboundedSender<Wake>) -> Self {
        let watcher = notify::recommended_watcher(move |event| {
            // Nobody listens any more only when the task has ended.
            let _ = wakes.send(Wake::Touched(event));
        });
        let watcher = watcher
            .inspect_err(|error| {
                tracing::error!(
                    reason = %error,
                    "Files cannot be watched; send SIGHUP after changing the configuration"
                );
            })
            .ok();
        Self {
            dir: dir.to_owned(),
            watcher,
            secret_files: BTreeSet::new(),
        }
    }

    /// Reads the files, watching first, so that no change falls in between.
    fn load(&mut self, listen: Listen) -> Loaded {
        loop {
            self.watch();
            let loaded = load(&self.dir, listen);
            if loaded.secret_files == self.secret_files {
                return loaded;
            }
            self.secret_files.clone_from(&loaded.secret_files);
        }
    }

    /// Watches every folder, again where it has been replaced by another one of its name.
    fn watch(&mut self) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        let secrets = self.secret_files.iter().filter_map(|file| file.parent());
        let folders: BTreeSet<PathBuf> = secrets
            .map(Path::to_owned)
            .chain([self.dir.clone(), self.dir.join(CONNECTIONS)])
            .collect();
        for folder in folders {
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Err(error) if !is_missing(&error) => {
                    tracing::warn!(
                        folder = %folder.display(),
                        reason = %error,
                        "A folder cannot be watched; send SIGHUP after changing files in it"
                    );
                }
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// An event that may change what the files say. Names are enough: reading once too often is harmless.
    fn concerns(&self, event: &notify::Result<Event>) -> bool {
        let Ok(event) = event else {
            return true;
        };
        if matches!(event.kind, EventKind::Access(_)) {
            return false;
        }
        event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(|path| self.is_ours(path))
    }

    fn is_ours(&self, path: &Path) -> bool {
        let Some(name) = path.file_name() else {
            return true;
        };
        let text = name.to_string_lossy();
        // Mounted configurations are replaced by moving a link that begins so.
        let is_config =
            text == HUB_FILE || text == CONNECTIONS || text.ends_with(".toml") || text.starts_with("..");
        let is_secret = || {
            self.secret_files
                .iter()
                .any(|file| file.file_name() == Some(name))
        };
        let is_folder = || self.dir.file_name() == Some(name);
        is_config || is_secret() || is_folder()
    }
}

fn is_missing(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == io::ErrorKind::NotFound,
        notify::ErrorKind::Generic(_)
        | notify::ErrorKind::WatchNotFound
        | notify::ErrorKind::InvalidConfig(_)
        | notify::ErrorKind::MaxFilesWatch => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::edit::EditError;
    use serde_json::json;
    use shared::{ids::ConnectionId, money::Decimal};
    use std::fs;
    use tempfile::TempDir;

    /// Long enough for any machine; a state that does not come fails the test.
    const PATIENCE: Duration = Duration::from_secs(30);

    fn folder(texts: &[(&str, &str)]) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in texts {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn start(dir: &TempDir) -> ConfigHandle {
        follow(dir.path(), Listen::File).unwrap().0
    }

    fn id(text: &str) -> ConnectionId {
        ConnectionId::parse(text).unwrap()
    }

    /// Waits until the settings in force are so.
    async fn until(handle: &ConfigHandle, what: impl Fn(&Config) -> bool) {
        let mut config = handle.config.clone();
        let wait = config.wait_for(|config| what(config));
        tokio::time::timeout(PATIENCE, wait).await.unwrap().unwrap();
    }

    async fn until_state(handle: &ConfigHandle, what: impl Fn(&ConfigState) -> bool) {
        let mut state = handle.state.clone();
        let wait = state.wait_for(|state| what(state));
        tokio::time::timeout(PATIENCE, wait).await.unwrap().unwrap();
    }

    fn margin_of(config: &Config, connection: &str) -> Option<Decimal> {
        let connection = config.connections.get(&id(connection))?;
        Some(connection.policy.prices.margin)
    }

    #[tokio::test]
    async fn a_saved_file_is_in_force_however_it_was_saved() {
        let dir = folder(&[("connections/shop.toml", "platform = \"demo\"")]);
        let handle = start(&dir);
        let path = dir.path().join("connections/shop.toml");

        fs::write(&path, "platform = \"demo\"\n[prices]\nmargin = \"1%\"").unwrap();
        until(&handle, |config| {
            margin_of(config, "shop") == Some(Decimal::from(1))
        })
        .await;

        let draft = dir.path().join("connections/.shop.toml.swp");
        fs::write(&draft, "platform = \"demo\"\n[prices]\nmargin = \"2%\"").unwrap();
        fs::rename(&draft, &path).unwrap();
        until(&handle, |config| {
            margin_of(config, "shop") == Some(Decimal::from(2))
        })
        .await;

        fs::write(dir.path().join("click2sync.toml"), "[sets]\nlow_stock = 9").unwrap();
        until(&handle, |config| config.sets.low_stock == Decimal::from(9)).await;
    }

    #[tokio::test]
    async fn a_faulty_file_changes_nothing_anywhere_until_it_is_mended() {
        let dir = folder(&[
            ("connections/a.toml", "platform = \"demo\""),
            ("connections/b.toml", "platform = \"demo\""),
        ]);
        let handle = start(&dir);
        let before = handle.config.borrow().clone();
        fs::write(
            dir.path().join("connections/a.toml"),
            "platform = \"demo\"\n[prices]\nmargin = 3",
        )
        .unwrap();
        fs::write(
            dir.path().join("connections/b.toml"),
            "platform = \"demo\"\n[prices]\nmargin = \"4%\"",
        )
        .unwrap();
        until_state(&handle, |state| state.fault.is_some()).await;
        // Both files are read by now.
        handle.reload().await;
        assert_eq!(*handle.config.borrow(), before);
        let fault = handle.state.borrow().fault.clone().unwrap();
        assert_eq!((fault.file.as_str(), fault.line), ("connections/a.toml", 3));

        fs::write(
            dir.path().join("connections/a.toml"),
            "platform = \"demo\"\n[prices]\nmargin = \"3%\"",
        )
        .unwrap();
        until(&handle, |config| margin_of(config, "a") == Some(Decimal::from(3))).await;
        assert_eq!(margin_of(&handle.config.borrow(), "b"), Some(Decimal::from(4)));
        until_state(&handle, |state| state.fault.is_none()).await;
    }

    #[tokio::test]
    async fn connections_come_and_go_with_their_files_and_their_folder() {
        let dir = folder(&[("click2sync.toml", "")]);
        let handle = start(&dir);
        let connections = dir.path().join("connections");
        for name in ["first", "second"] {
            fs::create_dir(&connections).unwrap();
            fs::write(connections.join(format!("{name}.toml")), "platform = \"demo\"").unwrap();
            until(&handle, |config| config.connections.contains_key(&id(name))).await;
            fs::write(connections.join("other.toml"), "platform = \"demo\"").unwrap();
            until(&handle, |config| config.connections.len() == 2).await;
            fs::remove_dir_all(&connections).unwrap();
            until(&handle, |config| config.connections.is_empty()).await;
        }
    }

    #[tokio::test]
    async fn a_secret_that_changes_in_its_file_is_in_force() {
        let elsewhere = folder(&[("token", "old")]);
        let token = elsewhere.path().join("token");
        let text = format!("[auth]\ntoken = {{ file = '{}' }}", token.display());
        let dir = folder(&[("click2sync.toml", &text)]);
        let handle = start(&dir);
        fs::write(token, "new").unwrap();
        until(&handle, |config| {
            config.token.as_ref().is_some_and(|token| token.expose() == "new")
        })
        .await;
    }

    #[tokio::test]
    async fn a_reload_that_is_asked_for_is_done_when_it_is_answered() {
        let dir = folder(&[("click2sync.toml", "")]);
        let handle = start(&dir);
        let path = dir.path().join("click2sync.toml");
        fs::write(&path, "[sets]\nlow_stock = 3").unwrap();
        let state = handle.reload().await;
        assert_eq!(state.fault, None);
        assert_eq!(handle.config.borrow().sets.low_stock, Decimal::from(3));
        fs::write(&path, "[sets]\nlow_stock = \"many\"").unwrap();
        assert!(handle.reload().await.fault.is_some());
        assert_eq!(handle.config.borrow().sets.low_stock, Decimal::from(3));
    }

    #[tokio::test]
    async fn the_folder_is_followed_until_nobody_follows_the_settings() {
        let dir = folder(&[]);
        let (handle, task) = follow(dir.path(), Listen::File).unwrap();
        let config = handle.config.clone();
        drop(handle);
        assert!(!task.is_finished());
        drop(config);
        tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
    }

    #[test]
    fn there_is_nothing_to_begin_with_when_the_first_files_are_faulty() {
        let dir = folder(&[("click2sync.toml", "listen = 1")]);
        let faulty = follow(dir.path(), Listen::File).unwrap_err();
        assert_eq!(faulty.faults.len(), 1);
        let nowhere = dir.path().join("nowhere");
        let faulty = follow(&nowhere, Listen::File).unwrap_err();
        assert!(faulty.faults[0].message.contains("there is no config folder"));
    }

    #[tokio::test]
    async fn an_edit_is_valid_written_and_in_force_or_nothing_happens() {
        let text = "# Ours\nplatform = \"demo\"\n\n[prices]\nmargin = \"1%\" # for now\n";
        let dir = folder(&[("connections/shop.toml", text)]);
        let path = dir.path().join("connections/shop.toml");
        let handle = start(&dir);
        let shop = id("shop");

        let settings = handle
            .patch(&shop, json!({"prices": {"margin": "2%"}}))
            .await
            .unwrap();
        assert_eq!(settings.settings["prices"]["margin"], "2%");
        assert_eq!(margin_of(&handle.config.borrow(), "shop"), Some(Decimal::from(2)));
        assert_eq!(fs::read_to_string(&path).unwrap(), text.replace("1%", "2%"));

        let error = handle
            .patch(&shop, json!({"prices": {"margin": "much"}}))
            .await
            .unwrap_err();
        assert_eq!(error.field(), Some("prices.margin"));
        assert!(error.to_string().contains("`much` is no percentage"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text.replace("1%", "2%"));

        let error = handle.patch(&id("other"), json!({})).await.unwrap_err();
        assert!(matches!(error, EditError::Missing(_)), "{error}");
        assert_eq!(fs::read_dir(dir.path().join("connections")).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_connection_is_created_and_deleted_by_its_file() {
        let dir = folder(&[("click2sync.toml", "")]);
        let handle = start(&dir);
        let shop = id("shop");
        let settings = json!({"name": "Shop", "platform": "demo", "prices": {"margin": "5%"}});
        let settings = settings.as_object().unwrap();
        handle.create(&shop, settings.clone()).await.unwrap();
        assert_eq!(handle.config.borrow().connections[&shop].policy.name, "Shop");
        assert_eq!(
            fs::read_to_string(dir.path().join("connections/shop.toml")).unwrap(),
            "name = \"Shop\"\nplatform = \"demo\"\n\n[prices]\nmargin = \"5%\"\n"
        );
        let error = handle.create(&shop, settings.clone()).await.unwrap_err();
        assert!(matches!(error, EditError::Exists(_)), "{error}");

        // Another file needs it: it cannot go.
        fs::write(
            dir.path().join("click2sync.toml"),
            "[authority]\nprice = \"shop\"",
        )
        .unwrap();
        let error = handle.delete(&shop).await.unwrap_err();
        assert_eq!(error.field(), Some("authority.price"));
        fs::write(dir.path().join("click2sync.toml"), "").unwrap();
        handle.delete(&shop).await.unwrap();
        assert_eq!(handle.config.borrow().connections.len(), 0);
        let error = handle.delete(&shop).await.unwrap_err();
        assert!(matches!(error, EditError::Missing(_)), "{error}");
    }
}
