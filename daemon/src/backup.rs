//! Backups: the data folder as one file, taken while the daemon runs or while it does not, and put back.
//!
//! A backup is a plain tar archive. Its first entry says what it is, its last one what was to be in it: without that
//! one it is not whole. Pictures and the demo shops' own files only grow, so what lies there after the store was
//! copied is all that the copy speaks of.

mod archive;
mod desk;

pub use archive::{Contents, Unusable};
pub use desk::{Desk, open};

use crate::{
    folder::{self, Folder, FolderError},
    store::{Store, StoreError},
};
use std::{
    fs::{self, File},
    io::{self, Read, Seek as _, Write},
    path::{Path, PathBuf},
};

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is nothing to back up: the data folder {} has no store", .0.display())]
    NoData(PathBuf),
    #[error("{} is something else than a backup and is not overwritten; choose another name", .0.display())]
    NotOurs(PathBuf),
    #[error("{} lies in the data folder itself; choose another place", .0.display())]
    Inside(PathBuf),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "the disk with the data folder has {free} bytes left, and the copy of the store needs {needed}; make room first"
    )]
    NoRoom { free: u64, needed: u64 },
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{folder}, and it hands out no backup: {source}")]
    NoDesk { folder: FolderError, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the daemon broke the backup off, and its log says why: {0}")]
    BrokenOff(Unusable),
    #[error("the backup was not written as it should be: {0}")]
    Unusable(#[from] Unusable),
}

/// Why a backup was not put back. What is in the data folder is untouched.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: {source}", file.display())]
    Unusable { file: PathBuf, source: Unusable },
    #[error("{folder}; stop it first")]
    InUse { folder: FolderError },
    #[error(transparent)]
    Folder(FolderError),
    #[error("the store in the backup {}: {source}", file.display())]
    Store { file: PathBuf, source: StoreError },
}

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    pub contents: Contents,
    /// Where that which was in the data folder is now. `None`: nothing was.
    pub replaced: Option<PathBuf>,
}

/// Backs the data folder up to `file`, from the daemon that runs on it or, where none does, from the folder itself. An
/// older backup of that name gives way once the new one is known to be whole.
pub fn make(data: &Path, file: &Path) -> Result<Contents, BackupError> {
    let failed = |source| BackupError::Io {
        path: file.to_owned(),
        source,
    };
    if !data.join(Store::FILE).exists() {
        return Err(BackupError::NoData(data.to_owned()));
    }
    let place = match file.parent() {
        Some(place) if !place.as_os_str().is_empty() => place,
        Some(_) | None => Path::new("."),
    };
    let of_data = |place: io::Result<PathBuf>| Ok::<_, io::Error>(place?.starts_with(data.canonicalize()?));
    if of_data(place.canonicalize()).map_err(failed)? {
        return Err(BackupError::Inside(file.to_owned()));
    }
    if file.exists() && !File::open(file).is_ok_and(archive::is_one) {
        return Err(BackupError::NotOurs(file.to_owned()));
    }
    // The name says that it is not whole; it is gone when this fails.
    let mut unfinished = tempfile::Builder::new()
        .prefix(".click2sync-")
        .suffix(".unfinished")
        .tempfile_in(place)
        .map_err(failed)?;
    let contents = match Folder::hold(data) {
        Ok(held) => {
            let store = Store::open(held.path())?;
            archive::write(held.path(), &store, unfinished.as_file_mut(), &|| true)?;
            unfinished.rewind().map_err(failed)?;
            archive::read(unfinished.as_file_mut(), |_, _| Ok(()))?
        }
        Err(folder @ FolderError::Held { .. }) => {
            let daemon = match desk::ask(data) {
                Ok(daemon) => daemon,
                Err(source) => return Err(BackupError::NoDesk { folder, source }),
            };
            let mut kept = Kept {
                from: daemon,
                to: unfinished.as_file_mut(),
            };
            let contents = archive::read(&mut kept, |_, _| Ok(())).map_err(BackupError::BrokenOff)?;
            // The archive's padding.
            io::copy(&mut kept, &mut io::sink()).map_err(failed)?;
            contents
        }
        Err(folder) => return Err(folder.into()),
    };
    unfinished.as_file().sync_all().map_err(failed)?;
    unfinished.persist(file).map_err(|error| failed(error.error))?;
    folder::sync(place).map_err(failed)?;
    Ok(contents)
}

/// Puts a backup in the place of what is in the data folder, which is moved aside and stays.
pub fn restore(data: &Path, file: &Path) -> Result<Restored, RestoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| RestoreError::Io { path, source }
    };
    let archive = File::open(file).map_err(failed(file))?;
    let held = Folder::hold(data).map_err(|error| match error {
        folder @ FolderError::Held { .. } => RestoreError::InUse { folder },
        FolderError::Io { .. } => RestoreError::Folder(error),
    })?;
    let unfinished = folder::unfinished(data).map_err(failed(data))?;
    let restored = tempfile::Builder::new()
        .prefix("restore-")
        .tempdir_in(&unfinished)
        .map_err(failed(&unfinished))?;
    let contents = archive::read(io::BufReader::new(archive), |path, contents| {
        unpack(&held, restored.path(), path, contents)
    });
    let contents = contents.map_err(|source| RestoreError::Unusable {
        file: file.to_owned(),
        source,
    })?;
    let opened = Store::open(restored.path());
    opened.map_err(|source| RestoreError::Store {
        file: file.to_owned(),
        source,
    })?;
    let durable = File::open(data).and_then(|folder| Ok(rustix::fs::syncfs(folder)?));
    durable.map_err(failed(data))?;
    let replaced = held
        .own(restored.path())
        .and_then(|()| held.replace_by(&restored.keep()));
    Ok(Restored {
        contents,
        replaced: replaced.map_err(failed(data))?,
    })
}

fn unpack(held: &Folder, below: &Path, path: &Path, contents: &mut dyn Read) -> io::Result<()> {
    let mut folder = below.to_owned();
    for name in path.parent().into_iter().flatten() {
        folder.push(name);
        if !folder.exists() {
            fs::create_dir(&folder)?;
            held.own(&folder)?;
        }
    }
    let place = below.join(path);
    let mut file = File::create_new(&place)?;
    io::copy(contents, &mut file)?;
    held.own(&place)
}

/// What is read is kept, too.
struct Kept<R, W> {
    from: R,
    to: W,
}

impl<R: Read, W: Write> Read for Kept<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.to.write_all(&buffer[..length])?;
        Ok(length)
    }
}
