//! The data folder: held by one process at a time, and exchanged as a whole or not at all.

use shared::time::Time;
use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    process,
    time::UNIX_EPOCH,
};

/// The number of the process that holds the folder, or held it last.
const PROCESS: &str = "process";
/// What is half done: emptied by whoever holds the folder next.
const UNFINISHED: &str = "unfinished";
/// A whole data folder that is to take the place of what is there.
const RESTORED: &str = "restored";
/// The same, once what was there is out of its way.
const ENTERING: &str = "entering";
/// What was there before; the time is part of the name.
const REPLACED: &str = "replaced-";
/// Where a running daemon hands out backups.
pub const SOCKET: &str = "backup.socket";

/// The data folder, held until this is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

/// Why the data folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("the data folder {} cannot be used: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the data folder {} is in use by another Click2Sync (process {process})", path.display())]
    Held { path: PathBuf, process: String },
}

impl Folder {
    /// Makes the folder where there is none, and holds it. A restore that was cut off is brought to its end.
    pub fn hold(path: &Path) -> Result<Self, FolderError> {
        let failed = |source| FolderError::Io {
            path: path.to_owned(),
            source,
        };
        // It holds what buyers wrote, so it is nobody else's.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed)?;
        // The folder itself is locked, so that a disk that takes nothing is no hindrance to looking at what is on it.
        let lock = File::open(path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                // Without its number the message is still right.
                let process = fs::read_to_string(path.join(PROCESS)).unwrap_or_default();
                return Err(FolderError::Held {
                    path: path.to_owned(),
                    process: process.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let folder = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        folder.tidy().map_err(failed)?;
        // Only for that message.
        let process = path.join(PROCESS);
        let _ = fs::write(&process, format!("{}\n", process::id())).and_then(|()| folder.own(&process));
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts `restored`, which lies in [`unfinished`], in the place of everything that is in the folder. Cut off at any
    /// instant, it is as if it had not begun, or the next [`Folder::hold`] ends it. Answers where that which was there
    /// is now; `None`: nothing was there.
    pub fn replace_by(&self, restored: &Path) -> io::Result<Option<PathBuf>> {
        fs::rename(restored, self.path.join(RESTORED))?;
        sync(&self.path)?;
        self.exchange()
    }

    /// Gives a file that another user made, such as root, to the user whom the folder belongs to.
    pub fn own(&self, file: &Path) -> io::Result<()> {
        let (folder, made) = (fs::metadata(&self.path)?, fs::metadata(file)?);
        if (folder.uid(), folder.gid()) == (made.uid(), made.gid()) || folder.uid() == made.uid() {
            return Ok(());
        }
        std::os::unix::fs::chown(file, Some(folder.uid()), Some(folder.gid()))
    }

    fn tidy(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.path.join(UNFINISHED)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        self.exchange().map(drop)
    }

    fn exchange(&self) -> io::Result<Option<PathBuf>> {
        let (restored, entering) = (self.path.join(RESTORED), self.path.join(ENTERING));
        let mut aside = None;
        if restored.exists() {
            // The same name at every try: what comes to lie in it all lies together.
            let at = restored.metadata()?.modified()?;
            let at = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            let at = Time(i64::try_from(at).unwrap_or_default()).to_string();
            let replaced = self
                .path
                .join(format!("{REPLACED}{}", at.replace([':', '-'], "")));
            for entry in data(&self.path)? {
                fs::create_dir_all(&replaced)?;
                fs::rename(self.path.join(&entry), replaced.join(&entry))?;
            }
            if replaced.exists() {
                self.own(&replaced)?;
                sync(&replaced)?;
                aside = Some(replaced);
            }
            fs::rename(restored, &entering)?;
            sync(&self.path)?;
        }
        if entering.exists() {
            for entry in fs::read_dir(&entering)? {
                let entry = entry?;
                fs::rename(entry.path(), self.path.join(entry.file_name()))?;
            }
            fs::remove_dir(&entering)?;
            sync(&self.path)?;
        }
        Ok(aside)
    }
}

/// A place in a data folder for what is half done, made if it is not there.
pub fn unfinished(data: &Path) -> io::Result<PathBuf> {
    let folder = data.join(UNFINISHED);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    Ok(folder)
}

/// The names in a data folder that are data, in order: not what this module keeps there for itself.
pub fn data(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let ours = [PROCESS, SOCKET, UNFINISHED, RESTORED, ENTERING];
        let is_data = name
            .to_str()
            .is_none_or(|name| !ours.contains(&name) && !name.starts_with(REPLACED));
        if is_data {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Makes durable which files a folder has.
pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_holds_it_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let held = Folder::hold(&data).unwrap();
        let refused = Folder::hold(&data).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("process {}", process::id())),
            "{refused}"
        );
        drop(held);
        Folder::hold(&data).unwrap();
    }

    /// A folder with old data, and beside it restored data as far as an exchange has come.
    fn cut_off(old: &[&str], aside: &[&str], waiting: (&str, &[&str]), new: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let write = |below: &str, names: &[&str], text: &str| {
            fs::create_dir_all(folder.path().join(below)).unwrap();
            for name in names {
                fs::write(folder.path().join(below).join(name), text).unwrap();
            }
        };
        write("", old, "old");
        write("", new, "new");
        write(waiting.0, waiting.1, "new");
        if !aside.is_empty() {
            let at = folder
                .path()
                .join(waiting.0)
                .metadata()
                .unwrap()
                .modified()
                .unwrap();
            let at = i64::try_from(at.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
            let name = format!("{REPLACED}{}", Time(at).to_string().replace([':', '-'], ""));
            write(&name, aside, "old");
        }
        drop(Folder::hold(folder.path()).unwrap());
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
        assert_eq!(data(folder.path()).unwrap(), ["store", "towers"], "{waiting:?}");
        assert_eq!(text("store").as_deref(), Some("new"));
        assert_eq!(text("towers").as_deref(), Some("new"));
        let replaced = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let replaced: Vec<_> = replaced
            .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(REPLACED))
            .collect();
        match waiting.0 {
            // What is aside already is not looked for again.
            ENTERING => assert_eq!(replaced, Vec::<PathBuf>::new()),
            _ => assert_eq!(data(&replaced[0]).unwrap(), ["demo", "store"]),
        }
    }

    #[test]
    fn an_exchange_that_is_cut_off_anywhere_is_brought_to_its_end() {
        let both: &[&str] = &["store", "towers"];
        cut_off(&["demo", "store"], &[], (RESTORED, both), &[]);
        cut_off(&["store"], &["demo"], (RESTORED, both), &[]);
        cut_off(&[], &["demo", "store"], (RESTORED, both), &[]);
        cut_off(&[], &[], (ENTERING, both), &[]);
        cut_off(&[], &[], (ENTERING, &["towers"]), &["store"]);
        cut_off(&[], &[], (ENTERING, &[]), both);
    }

    #[test]
    fn what_is_half_done_is_gone_with_the_next_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(unfinished(folder.path()).unwrap().join("half"), "").unwrap();
        drop(Folder::hold(folder.path()).unwrap());
        assert!(!folder.path().join(UNFINISHED).exists());
    }
}
