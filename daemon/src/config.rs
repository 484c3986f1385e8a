//! The config folder: `click2sync.toml`, and one file a connection in `connections/`.
//!
//! All files together are valid or nothing of them is in force: a partial configuration never exists.

pub mod edit;
pub mod watch;

mod connection;
mod hub;
mod json;
mod patch;
mod remote;
mod secret;
mod source;
mod value;

pub use json::settings_json;
pub use patch::{PatchError, merge_patch};
pub use secret::Secret;

use secret::Secrets;
use serde_json::{Map, Value};
use shared::{
    api::{ConfigFault, ConfigFile, ConfigState},
    ids::ConnectionId,
    policy::{Hub, Pace, Policy, SetLimits},
};
use source::{Source, Wrong};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use toml_edit::Document;

/// The settings in force: every file valid, every secret resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub listen: SocketAddr,
    /// Names and addresses by which the daemon may be asked, beside its own; without a port, any port.
    pub hosts: Vec<String>,
    /// What callers of the API have to show. Always there when `listen` is not a loopback address.
    pub token: Option<Secret>,
    pub hub: Hub,
    pub sets: SetLimits,
    pub connections: BTreeMap<ConnectionId, ConnectionConfig>,
}

/// The settings of one connection.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionConfig {
    pub policy: Policy,
    /// As [`crate::connector::Context`] wants it. It holds secrets.
    pub remote: Map<String, Value>,
    /// How fast the platform may be asked at most.
    pub pace: Pace,
    /// Absolute, unless the config folder was given as a relative path that cannot be resolved.
    pub file: PathBuf,
}

/// What reading the config folder gave.
#[derive(Debug)]
pub struct Loaded {
    /// `None` as soon as there is a single fault.
    pub config: Option<Config>,
    pub faults: Vec<ConfigFault>,
    /// Settings that wait for a restart; everything else is in force.
    pub notices: Vec<ConfigFault>,
    /// Every config file, relative to the config folder.
    pub files: Vec<String>,
    /// Files outside of the config folder's own that settings took secrets from, or wanted to.
    pub secret_files: BTreeSet<PathBuf>,
}

/// Which address counts when files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// What the file says.
    File,
    /// `--listen`, whatever the file says.
    CommandLine(SocketAddr),
    /// The one that the daemon already listens on; another one in the file waits for a restart.
    InForce(SocketAddr),
}

/// How one configuration differs from another. `listen` is not among it: it never changes while the daemon runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigChange {
    /// Only connections that differ.
    pub connections: BTreeMap<ConnectionId, ConnectionChange>,
    /// What counts as low stock or a low price.
    pub sets: bool,
}

/// How one connection's settings differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionChange {
    Added,
    Removed,
    /// The same account with other rules: what is pending may be different now.
    PolicyChanged,
    /// Another platform, address, credential or pace: it has to be connected anew. Its rules may be others, too.
    RemoteChanged,
}

/// The name of the daemon's own file.
pub const HUB_FILE: &str = "click2sync.toml";
/// The folder of the connections' files.
pub const CONNECTIONS: &str = "connections";

/// Reads and validates the whole config folder.
pub fn load(dir: &Path, listen: Listen) -> Loaded {
    Files::read(dir).load(listen)
}

/// What has to happen when `new` takes the place of `old`.
pub fn diff(old: &Config, new: &Config) -> ConfigChange {
    let ids = old.connections.keys().chain(new.connections.keys());
    let change = |id: &ConnectionId| match (old.connections.get(id), new.connections.get(id)) {
        (None, _) => Some(ConnectionChange::Added),
        (_, None) => Some(ConnectionChange::Removed),
        (Some(old), Some(new)) if !new.is_same_account(old) => Some(ConnectionChange::RemoteChanged),
        (Some(old), Some(new)) => (old.policy != new.policy).then_some(ConnectionChange::PolicyChanged),
    };
    ConfigChange {
        connections: ids.filter_map(|id| Some((id.clone(), change(id)?))).collect(),
        sets: old.sets != new.sets,
    }
}

/// A fault as a compiler would show it: place and message, the line with a caret, and what to write.
pub fn show_fault(dir: &Path, fault: &ConfigFault) -> String {
    let ConfigFault {
        file,
        line,
        column,
        field: _,
        message,
        hint,
        excerpt,
    } = fault;
    let mut lines = vec![format!("{}:{line}:{column}: {message}", dir.join(file).display())];
    if !excerpt.is_empty() {
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        // Tabs stay, so that the caret stands below its character.
        let indent: String = excerpt
            .chars()
            .take(column - 1)
            .map(|letter| if letter == '\t' { '\t' } else { ' ' })
            .collect();
        lines.push(format!("  {number} | {excerpt}"));
        lines.push(format!("  {gutter} | {indent}^"));
    }
    lines.extend(hint.iter().map(|hint| format!("  {hint}")));
    lines.join("\n")
}

/// The files of a config folder as they were read, or as an edit would leave them.
#[derive(Clone, Debug)]
struct Files {
    /// Absolute where it can be.
    dir: PathBuf,
    /// Text, or why there is none, by name relative to the folder.
    texts: BTreeMap<String, Result<String, String>>,
}

/// What can be named by another file.
#[derive(Debug)]
struct Names {
    connections: BTreeSet<ConnectionId>,
}

impl Files {
    fn read(dir: &Path) -> Self {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        let mut texts = BTreeMap::new();
        match fs::read(dir.join(HUB_FILE)) {
            Ok(bytes) => {
                texts.insert(HUB_FILE.to_owned(), decode(bytes));
            }
            // Every setting of it has a default.
            Err(error) if error.kind() == io::ErrorKind::NotFound && dir.is_dir() => {}
            Err(_) if !dir.is_dir() => {
                let reason = format!("there is no config folder {}", dir.display());
                texts.insert(HUB_FILE.to_owned(), Err(reason));
            }
            Err(error) => {
                texts.insert(
                    HUB_FILE.to_owned(),
                    Err(format!("this file cannot be read: {error}")),
                );
            }
        }
        match connection_files(&dir.join(CONNECTIONS)) {
            Ok(names) => {
                for name in names {
                    let text = match fs::read(dir.join(CONNECTIONS).join(&name)) {
                        Ok(bytes) => decode(bytes),
                        Err(error) => Err(format!("this file cannot be read: {error}")),
                    };
                    texts.insert(format!("{CONNECTIONS}/{name}"), text);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let reason = format!("this folder cannot be read: {error}");
                texts.insert(CONNECTIONS.to_owned(), Err(reason));
            }
        }
        Self { dir, texts }
    }

    fn load(&self, listen: Listen) -> Loaded {
        let names = Names {
            connections: self.texts.keys().filter_map(|file| connection_id(file)).collect(),
        };
        let secrets = Secrets::new(&self.dir);
        let mut faults = Vec::new();
        // Without its file the daemon runs on defaults, and those are checked like any other settings.
        let hub_text = self.texts.get(HUB_FILE).cloned().unwrap_or(Ok(String::new()));
        let hub_file = read_file(HUB_FILE, &hub_text, &mut faults, |file| {
            hub::read(file, &names, &secrets, listen)
        });
        let hub = hub_file.as_ref().map(|file| file.hub.clone()).unwrap_or_default();
        let mut connections = BTreeMap::new();
        for (file, text) in &self.texts {
            if file == HUB_FILE {
                continue;
            }
            let Some(id) = connection_id(file) else {
                faults.push(misnamed(file, text));
                continue;
            };
            let read = read_file(file, text, &mut faults, |section| {
                connection::read(&id, &hub, section, &names, &secrets)
            });
            if let Some((policy, remote, pace)) = read {
                let file = self.dir.join(file);
                let read = ConnectionConfig {
                    policy,
                    remote,
                    pace,
                    file,
                };
                connections.insert(id, read);
            }
        }
        let (config, notices) = match hub_file {
            Some(file) => {
                let hub::HubFile {
                    listen,
                    hosts,
                    token,
                    hub,
                    sets,
                    notices,
                } = file;
                let config = Config {
                    listen,
                    hosts,
                    token,
                    hub,
                    sets,
                    connections,
                };
                (faults.is_empty().then_some(config), notices)
            }
            None => (None, Vec::new()),
        };
        Loaded {
            config,
            faults,
            notices,
            files: self.texts.keys().cloned().collect(),
            secret_files: secrets.into_files(),
        }
    }
}

impl Loaded {
    /// What `GET /config` answers.
    pub fn state(&self) -> ConfigState {
        let all: Vec<&ConfigFault> = self.faults.iter().chain(&self.notices).collect();
        let mut names = self.files.clone();
        for fault in &all {
            if !names.contains(&fault.file) {
                names.push(fault.file.clone());
            }
        }
        let file = |file: String| ConfigFile {
            faults: all
                .iter()
                .filter(|fault| fault.file == file)
                .map(|&fault| fault.clone())
                .collect(),
            file,
        };
        ConfigState {
            fault: all.first().map(|&fault| fault.clone()),
            files: names.into_iter().map(file).collect(),
        }
    }
}

impl ConnectionConfig {
    /// Both are connected in the same way, so that what is connected already may stay.
    pub fn is_same_account(&self, other: &Self) -> bool {
        self.remote == other.remote
            && self.policy.platform == other.policy.platform
            && self.pace == other.pace
    }
}

impl fmt::Debug for ConnectionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            policy,
            remote,
            pace,
            file,
        } = self;
        f.debug_struct("ConnectionConfig")
            .field("policy", policy)
            .field("remote", &remote.keys())
            .field("pace", pace)
            .field("file", file)
            .finish()
    }
}

/// Parses a file and has `read` take it. `None` when it cannot be parsed at all.
fn read_file<T>(
    file: &str,
    text: &Result<String, String>,
    faults: &mut Vec<ConfigFault>,
    read: impl FnOnce(&source::Section) -> T,
) -> Option<T> {
    let text = match text {
        Ok(text) => text,
        Err(reason) => {
            let wrong = Wrong::new(reason.clone(), "");
            faults.push(Source::new(file, "").fault(0, "", wrong));
            return None;
        }
    };
    let source = Source::new(file, text);
    let document = match Document::parse(text.as_str()) {
        Ok(document) => document,
        Err(error) => {
            faults.push(syntax_fault(&source, text, &error));
            return None;
        }
    };
    let root = source.root(document.as_table());
    let value = read(&root);
    root.finish();
    drop(root);
    faults.extend(source.into_faults());
    Some(value)
}

fn syntax_fault(source: &Source, text: &str, error: &toml_edit::TomlError) -> ConfigFault {
    let at = error.span().map_or(text.len(), |span| span.start);
    let hint = if error.message().starts_with("duplicate key") {
        "Keep one of the two."
    } else {
        "A setting is written key = value, with texts in double quotes, one to a line."
    };
    source.fault(at, "", Wrong::new(error.message(), hint))
}

fn misnamed(file: &str, text: &Result<String, String>) -> ConfigFault {
    let wrong = match text {
        Err(reason) if file == CONNECTIONS => Wrong::new(reason.clone(), ""),
        _ => Wrong::new(
            "the name of this file cannot be the id of a connection",
            "Use lower-case letters, digits and hyphens, as in main-shop.toml.",
        ),
    };
    Source::new(file, "").fault(0, "", wrong)
}

/// The id that a connection's file has by its name.
fn connection_id(file: &str) -> Option<ConnectionId> {
    let name = file.strip_prefix(CONNECTIONS)?.strip_prefix('/')?;
    ConnectionId::parse(name.strip_suffix(".toml")?).ok()
}

/// Names of the files that stand for connections: `*.toml`, but not what editors leave for a moment (`.#x.toml`).
fn connection_files(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_toml = Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "toml");
        if is_toml && !name.starts_with(['.', '#']) {
            names.push(name);
        }
    }
    Ok(names)
}

fn decode(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = valid.matches('\n').count() + 1;
        format!("this file is not UTF-8 (line {line}): save it with that encoding")
    })
}

#[cfg(test)]
mod tests;
