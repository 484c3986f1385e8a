//! Secrets: how files refer to them, and how they stay out of everything that is shown.

use super::source::{Setting, Wrong};
use crate::connector::{PLATFORMS, RemoteKey, RemoteType};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

/// Where systemd puts what `LoadCredential=` names; its own variable.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// A secret itself. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret, for comparing or sending it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where secrets come from, and which files they came from.
#[derive(Debug)]
pub(super) struct Secrets<'a> {
    /// What relative paths are relative to.
    dir: &'a Path,
    files: RefCell<BTreeSet<PathBuf>>,
}

impl<'a> Secrets<'a> {
    pub(super) fn new(dir: &'a Path) -> Self {
        Self {
            dir,
            files: RefCell::default(),
        }
    }

    /// Every file that a setting named, whether it is there or not.
    pub(super) fn into_files(self) -> BTreeSet<PathBuf> {
        self.files.into_inner()
    }

    /// What relative paths are relative to.
    pub(super) fn dir(&self) -> &Path {
        self.dir
    }

    /// `"literal"`, `{ env = "NAME" }` or `{ file = "PATH" }`. No message holds any of the secret.
    pub(super) fn read(&self, setting: &Setting) -> Result<Secret, Wrong> {
        const EXAMPLE: &str = "{ env = \"NAME\" } or { file = \"PATH\" }";
        if let Some(value) = setting.plain() {
            let Some(literal) = value.as_str() else {
                return Err(setting.wrong_type("a secret in quotes or a reference to one", EXAMPLE));
            };
            return whole(literal)
                .ok_or_else(|| setting.wrong(format!("`{}` is blank", setting.key()), EXAMPLE));
        }
        let section = setting.table(EXAMPLE)?;
        let env = section.read("env", super::value::text);
        let file = section.read("file", super::value::text);
        section.finish();
        match (env, file) {
            (Some(name), None) => from_env(&name).map_err(|message| setting.wrong(message, EXAMPLE)),
            (None, Some(path)) => self
                .file(&path)
                .map_err(|message| setting.wrong(message, EXAMPLE)),
            (Some(_), Some(_)) => {
                Err(setting.wrong("a secret is in a variable or in a file, not in both", EXAMPLE))
            }
            (None, None) => Err(setting.wrong("this names no secret", EXAMPLE)),
        }
    }

    /// A path that is not absolute names a credential of the service manager, where it gave one of that name, else a
    /// file below the config folder.
    fn file(&self, path: &str) -> Result<Secret, String> {
        let credential = std::env::var_os(CREDENTIALS).map(|folder| Path::new(&folder).join(path));
        let path = credential
            .filter(|credential| credential.is_file())
            .unwrap_or_else(|| self.dir.join(path));
        self.files.borrow_mut().insert(path.clone());
        let shown = path.display();
        let text =
            fs::read_to_string(&path).map_err(|error| format!("the file {shown} cannot be read: {error}"))?;
        whole(&text).ok_or_else(|| format!("the file {shown} is empty"))
    }
}

fn from_env(name: &str) -> Result<Secret, String> {
    let value = std::env::var(name)
        .map_err(|_| format!("the environment variable {name} is not set (or not UTF-8)"))?;
    whole(&value).ok_or_else(|| format!("the environment variable {name} is empty"))
}

/// Without the line break that editors put at a file's end.
fn whole(text: &str) -> Option<Secret> {
    let text = text.trim();
    (!text.is_empty()).then(|| Secret(text.to_owned()))
}

/// The line that begins at `start`, with the value left out where it may be a secret.
///
/// It goes by the text alone, so that it holds for files that cannot be parsed, too.
pub(super) fn excerpt(text: &str, start: usize) -> String {
    let line = line_at(text, start);
    let Some((key, _)) = line.split_once('=') else {
        let is_plain = line.trim_start().starts_with(['[', '#']) || line.trim().is_empty();
        // The later lines of a value of several lines.
        let hidden = !is_plain && holds_secrets(&section_of(text, start));
        return if hidden { "***".to_owned() } else { line.to_owned() };
    };
    let path = format!("{}.{}", section_of(text, start), key.trim());
    let path = path.trim_start_matches('.').replace(['"', '\'', ' '], "");
    let parts: Vec<&str> = path.split('.').collect();
    let hidden = match parts[..] {
        ["auth", ..] => true,
        ["remote", ref below @ ..] => !is_known_plain(below),
        _ => false,
    };
    if hidden {
        format!("{key}= ***")
    } else {
        line.to_owned()
    }
}

fn line_at(text: &str, start: usize) -> &str {
    let line = text[start..].lines().next().unwrap_or_default();
    line.trim_start_matches('\u{feff}')
}

/// The name within the last header before `start`.
fn section_of(text: &str, start: usize) -> String {
    text[..start]
        .lines()
        .rev()
        .filter_map(|line| line.trim().strip_prefix('['))
        .find_map(|header| header.split_once(']'))
        .map(|(name, _)| name.replace(['"', '\'', ' ', '['], ""))
        .unwrap_or_default()
}

fn holds_secrets(section: &str) -> bool {
    matches!(section.split('.').next(), Some("auth" | "remote"))
}

/// Some platform has this key in its `[remote]` table, and none keeps a secret there.
fn is_known_plain(path: &[&str]) -> bool {
    let mut of_that_name = PLATFORMS
        .iter()
        .filter_map(|platform| find(platform.remote, path))
        .peekable();
    of_that_name.peek().is_some() && of_that_name.all(|known| !has_secret(known))
}

/// The key at this path below `[remote]`.
fn find<'a>(keys: &'a [RemoteKey], path: &[&str]) -> Option<&'a RemoteKey> {
    let (name, rest) = path.split_first()?;
    let key = keys.iter().find(|key| key.name == *name)?;
    match &key.value {
        _ if rest.is_empty() => Some(key),
        RemoteType::Table(keys) => find(keys, rest),
        _ => None,
    }
}

/// The key, or one below it, holds a secret.
fn has_secret(key: &RemoteKey) -> bool {
    match key.value {
        RemoteType::Secret => true,
        RemoteType::Table(keys) => keys.iter().any(has_secret),
        RemoteType::Text
        | RemoteType::Number
        | RemoteType::Duration
        | RemoteType::Share
        | RemoteType::Path
        | RemoteType::Choice(_)
        | RemoteType::Choices(_) => false,
    }
}
