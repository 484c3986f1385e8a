//! Settings as JSON, and back into the files with comments, order and layout kept.

use super::{CONNECTIONS, ConnectionConfig, Files, Listen, patch, watch::ConfigHandle};
use serde_json::{Map, Value};
use shared::{
    api::{ConfigFault, Settings},
    ids::ConnectionId,
};
use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Why settings cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("there is no connection `{0}`")]
    Missing(ConnectionId),
    #[error("there is a connection `{0}` already")]
    Exists(ConnectionId),
    #[error(transparent)]
    Patch(#[from] patch::PatchError),
    /// The files would not be valid; nothing was written. At least one.
    #[error("{}", first_message(.0))]
    Faulty(Vec<ConfigFault>),
    #[error("{file} cannot be written: {source}", file = .file.display())]
    Io { file: PathBuf, source: io::Error },
}

impl EditError {
    /// The setting that is to blame, as `prices.margin`.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Patch(error) => error.field(),
            Self::Faulty(faults) => faults.first()?.field.as_deref(),
            Self::Missing(_) | Self::Exists(_) | Self::Io { .. } => None,
        }
    }

    /// Everything that is wrong with the files.
    pub fn faults(&self) -> &[ConfigFault] {
        match self {
            Self::Faulty(faults) => faults,
            Self::Missing(_) | Self::Exists(_) | Self::Patch(_) | Self::Io { .. } => &[],
        }
    }
}

/// What an edit writes is in force when it returns, unless another file is faulty: then it waits for that one to be
/// mended, and [`ConfigHandle::state`] says so.
impl ConfigHandle {
    /// The settings of a connection as its file has them, without its secrets.
    pub async fn settings(&self, id: &ConnectionId) -> Result<Settings, EditError> {
        self.edit(id, |edit| edit.settings()).await
    }

    /// Merges `changes` (RFC 7396) into a connection's file.
    pub async fn patch(&self, id: &ConnectionId, changes: Value) -> Result<Settings, EditError> {
        let settings = self.edit(id, move |edit| edit.patch(&changes)).await?;
        self.reload().await;
        Ok(settings)
    }

    /// What a connection would be with `changes` merged into its file. Nothing is written.
    pub async fn try_patch(&self, id: &ConnectionId, changes: Value) -> Result<ConnectionConfig, EditError> {
        self.edit(id, move |edit| edit.try_patch(&changes)).await
    }

    /// What a new connection would be. Nothing is written.
    pub async fn try_create(
        &self,
        id: &ConnectionId,
        settings: Map<String, Value>,
    ) -> Result<ConnectionConfig, EditError> {
        self.edit(id, move |edit| edit.try_create(settings)).await
    }

    /// Writes the file of a new connection.
    pub async fn create(
        &self,
        id: &ConnectionId,
        settings: Map<String, Value>,
    ) -> Result<Settings, EditError> {
        let settings = self.edit(id, move |edit| edit.create(settings)).await?;
        self.reload().await;
        Ok(settings)
    }

    /// Removes a connection's file.
    pub async fn delete(&self, id: &ConnectionId) -> Result<(), EditError> {
        self.edit(id, Edit::delete).await?;
        self.reload().await;
        Ok(())
    }

    /// Runs `edit` where it may block, one edit at a time.
    async fn edit<T: Send + 'static>(
        &self,
        id: &ConnectionId,
        edit: impl FnOnce(Edit) -> Result<T, EditError> + Send + 'static,
    ) -> Result<T, EditError> {
        let _turn = self.editing.lock().await;
        let (dir, listen, id) = (self.dir.clone(), self.listen, id.clone());
        let done = tokio::task::spawn_blocking(move || edit(Edit::begin(&dir, listen, id)));
        done.await.expect("an edit does not panic")
    }
}

/// One edit of one connection's file, on what the folder holds now.
struct Edit {
    id: ConnectionId,
    /// Relative to the config folder.
    file: String,
    files: Files,
    listen: Listen,
}

impl Edit {
    fn begin(dir: &Path, listen: Listen, id: ConnectionId) -> Self {
        Self {
            file: format!("{CONNECTIONS}/{id}.toml"),
            id,
            files: Files::read(dir),
            listen,
        }
    }

    fn settings(&self) -> Result<Settings, EditError> {
        let text = self.text()?;
        let settings = super::settings_json(&text).map_err(|_| self.unreadable())?;
        Ok(Settings {
            file: self.file.clone(),
            settings,
        })
    }

    fn patch(mut self, changes: &Value) -> Result<Settings, EditError> {
        let new = self.patched(changes)?;
        self.put(&new)?;
        self.settings()
    }

    fn try_patch(self, changes: &Value) -> Result<ConnectionConfig, EditError> {
        let new = self.patched(changes)?;
        self.tried(new)
    }

    fn try_create(self, settings: Map<String, Value>) -> Result<ConnectionConfig, EditError> {
        let text = patch::merge_patch("", &Value::Object(settings))?;
        self.tried(text)
    }

    /// The text with changes merged into it.
    fn patched(&self, changes: &Value) -> Result<String, EditError> {
        let text = self.text()?;
        patch::merge_patch(&text, changes).map_err(|error| match error {
            patch::PatchError::Syntax => self.unreadable(),
            error => error.into(),
        })
    }

    /// The connection with `text` for its file. What is wrong with other files does not matter: they are left out.
    fn tried(mut self, text: String) -> Result<ConnectionConfig, EditError> {
        let before = self.files.load(self.listen).faults;
        self.files.texts.insert(self.file.clone(), Ok(text));
        self.refuse_new_faults(&before)?;
        for faulty in &before {
            if faulty.file != self.file {
                self.files.texts.remove(&faulty.file);
            }
        }
        let loaded = self.files.load(self.listen);
        let connection = loaded
            .config
            .and_then(|mut config| config.connections.remove(&self.id));
        connection.ok_or(EditError::Faulty(loaded.faults))
    }

    fn create(mut self, settings: Map<String, Value>) -> Result<Settings, EditError> {
        if self.files.texts.contains_key(&self.file) {
            return Err(EditError::Exists(self.id));
        }
        let text = patch::merge_patch("", &Value::Object(settings))?;
        self.put(&text)?;
        self.settings()
    }

    fn delete(mut self) -> Result<(), EditError> {
        let before = self.files.load(self.listen).faults;
        if self.files.texts.remove(&self.file).is_none() {
            return Err(EditError::Missing(self.id));
        }
        self.refuse_new_faults(&before)?;
        let path = self.files.dir.join(&self.file);
        fs::remove_file(&path).map_err(|source| EditError::Io { file: path, source })
    }

    /// Validates all files with `text` in its place, and only then writes it.
    fn put(&mut self, text: &str) -> Result<(), EditError> {
        let before = self.files.load(self.listen).faults;
        self.files.texts.insert(self.file.clone(), Ok(text.to_owned()));
        self.refuse_new_faults(&before)?;
        let path = self.files.dir.join(&self.file);
        replace(&path, text).map_err(|source| EditError::Io { file: path, source })
    }

    /// What was wrong before in other files does not keep this one from being edited.
    fn refuse_new_faults(&self, before: &[ConfigFault]) -> Result<(), EditError> {
        let mut faults = self.files.load(self.listen).faults;
        faults.retain(|fault| fault.file == self.file || !before.contains(fault));
        if faults.is_empty() {
            Ok(())
        } else {
            Err(EditError::Faulty(faults))
        }
    }

    fn text(&self) -> Result<String, EditError> {
        match self.files.texts.get(&self.file) {
            None => Err(EditError::Missing(self.id.clone())),
            Some(Ok(text)) => Ok(text.clone()),
            Some(Err(_)) => Err(self.unreadable()),
        }
    }

    /// The file cannot be parsed; it has to be mended by hand first.
    fn unreadable(&self) -> EditError {
        let mut faults = self.files.load(self.listen).faults;
        faults.retain(|fault| fault.file == self.file);
        EditError::Faulty(faults)
    }
}

fn first_message(faults: &[ConfigFault]) -> String {
    let Some(fault) = faults.first() else {
        return "the settings are not valid".to_owned();
    };
    let place = format!("{}:{}:{}", fault.file, fault.line, fault.column);
    match &fault.hint {
        Some(hint) => format!("{}. {hint} ({place})", fault.message),
        None => format!("{} ({place})", fault.message),
    }
}

/// Readers see the old text or the new one, never a part; so does a machine that loses its power in between.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::other("a file is in a folder"))?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".")
        .suffix(".new")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(old) = fs::metadata(&path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    fs::File::open(folder)?.sync_all()
}
