//! Files on disk: read whole, replaced whole.

use super::{cells::rejected, files::io_error};
use crate::connector::{Class, ConnectorError, LARGEST_PICTURE};
use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};
use xxhash_rust::xxh3::xxh3_128;

/// Of a file's bytes.
pub(super) type Hash = u128;

pub(super) fn hash(bytes: &[u8]) -> Hash {
    xxh3_128(bytes)
}

const READ_ATTEMPTS: usize = 3;

/// The bytes of a file that nobody wrote to meanwhile.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    for _ in 0..READ_ATTEMPTS {
        let mut file = File::open(path)?;
        let before = file.metadata()?;
        let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0) + 1);
        file.read_to_end(&mut bytes)?;
        let after = file.metadata()?;
        if before.len() == bytes.len() as u64
            && before.len() == after.len()
            && before.modified()? == after.modified()?
        {
            return Ok(bytes);
        }
    }
    Err(io::Error::other("somebody is writing it just now"))
}

/// Likewise; `None` when there is no such file.
pub(super) fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// The product files of a folder, by name. Hidden files are not meant.
pub(super) fn csv_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_csv(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The name is one of a product file in a folder.
pub(super) fn is_csv(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden
        && path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Replaced {
    Done,
    /// Somebody else changed the file since it was read; nothing was written.
    ChangedMeanwhile,
}

/// Why a file was not replaced, or not known to be.
#[derive(Debug)]
pub(super) enum ReplaceError {
    /// The old file is still there.
    Before(io::Error),
    /// The new file is there, but a power cut could still undo it.
    After(io::Error),
}

/// Puts `bytes` in the place of what had the hash `before` (`None`: no file): a reader sees the old file or the new one.
/// Permissions stay; a link is followed.
pub(super) fn replace(path: &Path, before: Option<Hash>, bytes: &[u8]) -> Result<Replaced, ReplaceError> {
    let path = match before {
        Some(_) => fs::canonicalize(path).map_err(ReplaceError::Before)?,
        None => path.to_owned(),
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let new = write_beside(&path, folder, bytes).map_err(ReplaceError::Before)?;
    let now = read_if_there(&path).map_err(ReplaceError::Before)?;
    if now.as_deref().map(hash) != before {
        return Ok(Replaced::ChangedMeanwhile);
    }
    let put = match before {
        Some(_) => new.persist(&path),
        None => new.persist_noclobber(&path),
    };
    match put {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            return Ok(Replaced::ChangedMeanwhile);
        }
        Err(error) => return Err(ReplaceError::Before(error.error)),
    }
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(ReplaceError::After).map(|()| Replaced::Done)
}

/// A file beside `path` with its permissions, safely on the disk.
fn write_beside(path: &Path, folder: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".click2sync-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut new = builder.tempfile_in(folder)?;
    if let Ok(old) = path.metadata() {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            // Only root may give files away; for anybody else the owner is the same already, or cannot be kept.
            let _ = fchown(new.as_file(), Some(old.uid()), Some(old.gid()));
        }
        new.as_file().set_permissions(old.permissions())?;
    }
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    Ok(new)
}

/// The bytes of a picture that a file names relative to itself; never from outside `folder`.
pub(super) fn picture(folder: &Path, address: &str) -> Result<Vec<u8>, ConnectorError> {
    let relative = PathBuf::from(address.replace('\\', "/"));
    let plain = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
    let outside = || {
        rejected(format!(
            "“{address}” is outside the folder of the product file. Move the picture beside it."
        ))
    };
    if address.is_empty() || !relative.components().all(plain) {
        return Err(outside());
    }
    let missing = |path: &Path, error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ConnectorError::new(
            Class::Missing,
            format!("There is no picture “{address}” in {}.", folder.display()),
        ),
        _ => io_error(path, error),
    };
    let folder = fs::canonicalize(folder).map_err(|error| missing(folder, &error))?;
    let path = fs::canonicalize(folder.join(relative)).map_err(|error| missing(&folder, &error))?;
    if !path.starts_with(&folder) {
        return Err(outside());
    }
    let metadata = path.metadata().map_err(|error| missing(&path, &error))?;
    if !metadata.is_file() {
        return Err(rejected(format!("“{address}” is no file.")));
    }
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(|error| missing(&path, &error))?;
    let read = file.take(LARGEST_PICTURE as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| missing(&path, &error))?;
    if bytes.len() > LARGEST_PICTURE {
        return Err(rejected(format!(
            "“{address}” is larger than 20 MB. Make it smaller."
        )));
    }
    Ok(bytes)
}

/// Whether two paths end in the same name.
pub(super) fn same_file_name(one: &Path, other: Option<&OsStr>) -> bool {
    one.file_name() == other
}
