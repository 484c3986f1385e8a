//! The form of a backup: a tar archive between a first entry that names its format and a last one that sums it up.

use crate::{backup::BackupError, folder, store::Store};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::time::Time;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Component, Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

const FIRST: &str = "click2sync-backup.json";
const LAST: &str = "click2sync-backup.end.json";
const FORMAT: u32 = 1;
/// No first or last entry is longer.
const LONGEST_NOTE: u64 = 64 * 1024;
/// Made again from the pictures themselves.
const THUMBNAILS: &str = "pictures/thumbnails";
/// How files begin that are only being written.
const HALF_WRITTEN: &str = ".tmp";

/// What is in a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    pub files: u64,
    pub bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct First {
    format: u32,
    version: String,
    made_at: Time,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Last {
    #[serde(flatten)]
    contents: Contents,
    /// Over every file's path, length and bytes, in their order.
    sha256: String,
}

/// Why a file is of no use as a backup.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("this is no backup of Click2Sync")]
    NoBackup,
    #[error("this backup was made by a newer Click2Sync ({0}); install that version")]
    Newer(String),
    #[error("this backup is not whole: it ends {0}; use another one")]
    CutOff(String),
    #[error("this backup is damaged: {0}; use another one")]
    Damaged(String),
    #[error("it could not be read or unpacked: {0}")]
    Io(#[from] io::Error),
}

/// Writes the data folder with a copy of the store as it is now. `false` from `goes_on` breaks it off. It needs as much
/// room in the data folder as the store takes, for as long as it lasts.
pub(super) fn write(
    data: &Path,
    store: &Store,
    out: impl Write,
    goes_on: &dyn Fn() -> bool,
) -> Result<Contents, BackupError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::Io { path, source }
    };
    let unfinished = folder::unfinished(data).map_err(failed(data))?;
    // The store itself must not run out of room because of its copy.
    let disk = rustix::fs::statvfs(&unfinished).map_err(|error| failed(&unfinished)(error.into()))?;
    let (free, needed) = (
        disk.f_bavail.saturating_mul(disk.f_frsize),
        store.file_bytes() / 4 * 5,
    );
    if free < needed {
        return Err(BackupError::NoRoom { free, needed });
    }
    let copy = tempfile::NamedTempFile::new_in(&unfinished).map_err(failed(&unfinished))?;
    store.copy_to(copy.path(), goes_on)?;

    let mut packing = Packing {
        tar: tar::Builder::new(BufWriter::with_capacity(1 << 16, out)),
        sum: Sum::default(),
    };
    let first = First {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now(),
    };
    packing.note(FIRST, &first).map_err(failed(data))?;
    packing
        .file(Path::new(Store::FILE), copy.path())
        .map_err(failed(copy.path()))?;
    drop(copy);
    let mut paths: Vec<PathBuf> = Vec::new();
    let names = folder::data(data).map_err(failed(data))?;
    paths.extend(
        names
            .into_iter()
            .map(PathBuf::from)
            .filter(|name| name != Path::new(Store::FILE)),
    );
    // Depth first, so that no more names are kept than one folder of each depth has.
    paths.reverse();
    while let Some(path) = paths.pop() {
        if !goes_on() {
            return Err(crate::store::StoreError::CopyStopped.into());
        }
        let place = data.join(&path);
        match below(&place, &path) {
            Ok(Below::Folder(names)) => paths.extend(names),
            Ok(Below::File) => packing.file(&path, &place).map_err(failed(&place))?,
            Ok(Below::Nothing) => {}
            Err(source) => return Err(failed(&place)(source)),
        }
    }
    let Packing { tar, sum } = packing;
    let last = sum.finish();
    let contents = last.contents;
    let mut packing = Packing {
        tar,
        sum: Sum::default(),
    };
    packing.note(LAST, &last).map_err(failed(data))?;
    packing
        .tar
        .into_inner()
        .and_then(|mut out| out.flush())
        .map_err(failed(data))?;
    Ok(contents)
}

enum Below {
    /// Its entries, the last first.
    Folder(Vec<PathBuf>),
    File,
    /// It is not for a backup, or gone.
    Nothing,
}

fn below(place: &Path, path: &Path) -> io::Result<Below> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path == Path::new(THUMBNAILS) || name.starts_with(HALF_WRITTEN) {
        return Ok(Below::Nothing);
    }
    let kind = match fs::symlink_metadata(place) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Below::Nothing),
        Err(error) => return Err(error),
    };
    if kind.is_file() {
        return Ok(Below::File);
    }
    if !kind.is_dir() {
        return Ok(Below::Nothing);
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(place)? {
        names.push(path.join(entry?.file_name()));
    }
    names.sort_by(|one, other| other.cmp(one));
    Ok(Below::Folder(names))
}

struct Packing<W: Write> {
    tar: tar::Builder<W>,
    sum: Sum,
}

impl<W: Write> Packing<W> {
    fn note(&mut self, path: &str, note: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_vec(note)?;
        let length = text.len() as u64;
        self.append(Path::new(path), length, now(), text.as_slice())
    }

    /// As long as it is now: what is appended meanwhile is no part of it.
    fn file(&mut self, path: &Path, place: &Path) -> io::Result<()> {
        let file = match File::open(place) {
            Ok(file) => file,
            // A picture that was dropped meanwhile: nothing shows it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let about = file.metadata()?;
        let at = about.modified().map_or_else(|_| now(), time);
        self.append(path, about.len(), at, file)
    }

    fn append(&mut self, path: &Path, length: u64, at: Time, contents: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(at.0 / 1000).unwrap_or(0));
        self.sum.begin(path, length);
        let contents = Exactly {
            from: contents,
            left: length,
            sum: &mut self.sum,
        };
        self.tar.append_data(&mut header, path, contents)
    }
}

/// So many bytes, or an error: an archive with fewer than it says cannot be read any more.
struct Exactly<'a, R> {
    from: R,
    left: u64,
    sum: &'a mut Sum,
}

impl<R: Read> Read for Exactly<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let length = self.from.read(&mut buffer[..most])?;
        if length == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= length as u64;
        self.sum.bytes(&buffer[..length]);
        Ok(length)
    }
}

#[derive(Default)]
struct Sum {
    digest: Sha256,
    contents: Contents,
}

impl Sum {
    fn begin(&mut self, path: &Path, length: u64) {
        self.contents.files += 1;
        self.contents.bytes += length;
        self.digest.update(path.as_os_str().as_encoded_bytes());
        self.digest.update([0]);
        self.digest.update(length.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    fn finish(self) -> Last {
        let sha256 = self.digest.finalize();
        Last {
            contents: self.contents,
            sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Whether a file begins as a backup does.
pub(super) fn is_one(file: impl Read) -> bool {
    let mut archive = tar::Archive::new(file);
    let first = archive.entries().ok().and_then(|mut entries| entries.next());
    first.is_some_and(|entry| entry.is_ok_and(|entry| entry.path_bytes().as_ref() == FIRST.as_bytes()))
}

/// Reads a backup to its end and hands each of its files to `take`. Only what this answers `Ok` for was whole.
pub(super) fn read(
    from: impl Read,
    mut take: impl FnMut(&Path, &mut dyn Read) -> io::Result<()>,
) -> Result<Contents, Unusable> {
    let mut archive = tar::Archive::new(from);
    let mut sum = Sum::default();
    let mut before = None::<PathBuf>;
    for entry in archive.entries()? {
        let mut entry = match (entry, &before) {
            (Ok(entry), _) => entry,
            (Err(_), None) => return Err(Unusable::NoBackup),
            (Err(error), Some(before)) if is_at_end(&error) => return Err(cut_off_after(before)),
            (Err(error), Some(_)) => return Err(Unusable::Damaged(error.to_string())),
        };
        let path = entry.path()?.into_owned();
        let length = entry.size();
        match (path.to_str(), &before) {
            (Some(FIRST), None) => {
                let text = note(&mut entry, length, &path)?;
                let first = serde_json::from_slice(&text).map_err(|_| Unusable::NoBackup)?;
                let First {
                    format,
                    version,
                    made_at: _,
                } = first;
                if format > FORMAT {
                    return Err(Unusable::Newer(version));
                }
                sum.begin(&path, length);
                sum.bytes(&text);
            }
            (_, None) => return Err(Unusable::NoBackup),
            (Some(LAST), Some(_)) => {
                let text = note(&mut entry, length, &path)?;
                let last = serde_json::from_slice::<Last>(&text);
                let last = last.map_err(|error| Unusable::Damaged(error.to_string()))?;
                let contents = last.contents;
                if sum.finish() != last {
                    return Err(Unusable::Damaged(
                        "its files are not those that were packed".to_owned(),
                    ));
                }
                return Ok(contents);
            }
            (_, Some(_)) => {
                let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
                if !is_below || !entry.header().entry_type().is_file() {
                    return Err(Unusable::Damaged(format!(
                        "{} does not belong in it",
                        path.display()
                    )));
                }
                sum.begin(&path, length);
                let mut contents = Exactly {
                    from: &mut entry,
                    left: length,
                    sum: &mut sum,
                };
                let taken = take(&path, &mut contents);
                let taken = taken.and_then(|()| io::copy(&mut contents, &mut io::sink()));
                taken.map_err(|error| within(error, &path))?;
            }
        }
        before = Some(path);
    }
    Err(before.map_or(Unusable::NoBackup, |before| cut_off_after(&before)))
}

fn cut_off_after(path: &Path) -> Unusable {
    Unusable::CutOff(format!("after {}", path.display()))
}

/// The text of the first or the last entry.
fn note(entry: &mut impl Read, length: u64, path: &Path) -> Result<Vec<u8>, Unusable> {
    let mut text = Vec::new();
    let read = entry.take(LONGEST_NOTE).read_to_end(&mut text);
    let read = read.map_err(|error| within(error, path))?;
    if (read as u64) < length {
        return Err(within(io::ErrorKind::UnexpectedEof.into(), path));
    }
    Ok(text)
}

fn within(error: io::Error, path: &Path) -> Unusable {
    if is_at_end(&error) {
        Unusable::CutOff(format!("within {}", path.display()))
    } else {
        Unusable::Io(error)
    }
}

fn is_at_end(error: &io::Error) -> bool {
    // The tar library has no kind of its own for a header that is not all there.
    error.kind() == io::ErrorKind::UnexpectedEof || error.to_string().contains("failed to read entire block")
}

fn now() -> Time {
    time(SystemTime::now())
}

fn time(at: SystemTime) -> Time {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
