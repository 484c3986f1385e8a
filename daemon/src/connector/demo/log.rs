//! A file of entries that only grows, each with a checksum; several processes may hold it.
//!
//! Whoever writes holds the lock file; everybody looks for what others have appended before each call. An entry is
//! written with one `write` before anybody is told of it: that survives `kill -9` of the daemon, because the page
//! cache belongs to the kernel. Nothing is synced to disk: a remote system would not lose data by our crash, and a
//! power cut is not what this double has to show.

use super::state::ShopError;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};
use xxhash_rust::xxh3::xxh3_64;

const HEADER: &[u8] = b"click2sync demo shop, format 1\n";
/// Length and checksum before each entry.
const FRAME: usize = 12;

#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    lock: File,
    file: File,
    /// How far it has been read.
    end: u64,
}

/// Where an entry is in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    at: u64,
    length: u32,
}

/// What became of a log since it was last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    None,
    Appended,
    /// Another file is in its place: everything has to be read again.
    WrittenAnew,
}

impl Log {
    pub(super) fn open(path: PathBuf) -> Result<Self, ShopError> {
        let lock = lock_file(&path)?;
        let file = open(&path)?;
        let mut log = Self {
            path,
            lock,
            file,
            end: 0,
        };
        log.begin()?;
        Ok(log)
    }

    /// Opens the log, with a first entry if there is none yet.
    pub(super) fn open_with(path: PathBuf, first: &impl Serialize) -> Result<Self, ShopError> {
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let lock = lock_file(&path)?;
        lock.lock().map_err(|source| failed(&path, source))?;
        if !path.exists() {
            replace(&path, &[HEADER, &frame(first)].concat())?;
        }
        // Closing it gives the lock back; the log itself holds it through a handle of its own.
        drop(lock);
        Self::open(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn news(&self) -> Result<News, ShopError> {
        let there = fs::metadata(&self.path).map_err(|source| self.failed(source))?;
        let held = self.file.metadata().map_err(|source| self.failed(source))?;
        Ok(if there.ino() != held.ino() || there.len() < self.end {
            News::WrittenAnew
        } else if there.len() > self.end {
            News::Appended
        } else {
            News::None
        })
    }

    /// Opens the file that is there now, to be read from its beginning.
    pub(super) fn reopen(&mut self) -> Result<(), ShopError> {
        self.file = open(&self.path)?;
        self.begin()
    }

    /// Reads on to the end of the file, or to an entry that is not complete (yet).
    pub(super) fn read_on<T: DeserializeOwned>(
        &mut self,
        mut each: impl FnMut(T, Place),
    ) -> Result<(), ShopError> {
        let length = self.file.metadata().map_err(|source| self.failed(source))?.len();
        let unread = usize::try_from(length.saturating_sub(self.end)).unwrap_or(usize::MAX);
        let mut file = BufReader::with_capacity(unread.min(1 << 18), &self.file);
        file.seek(SeekFrom::Start(self.end))
            .map_err(|source| failed(&self.path, source))?;
        let mut body = Vec::new();
        while length - self.end >= FRAME as u64 {
            let mut head = [0; FRAME];
            file.read_exact(&mut head)
                .map_err(|source| failed(&self.path, source))?;
            let (body_length, sum) = unframe(head);
            let place = Place {
                at: self.end,
                length: body_length,
            };
            if place.end() > length {
                break;
            }
            body.resize(body_length as usize, 0);
            file.read_exact(&mut body)
                .map_err(|source| failed(&self.path, source))?;
            match postcard::from_bytes(&body) {
                Ok(entry) if xxh3_64(&body) == sum => each(entry, place),
                // Only the last entry can be torn. One before others is damaged, and to drop it would drop those too.
                _ if place.end() == length => break,
                _ => return Err(self.damaged(place)),
            }
            self.end = place.end();
        }
        Ok(())
    }

    /// Does what must not happen at the same time as somebody else's writing.
    pub(super) fn lock(&self) -> Result<(), ShopError> {
        self.lock.lock().map_err(|source| self.failed(source))
    }

    pub(super) fn unlock(&self) -> Result<(), ShopError> {
        self.lock.unlock().map_err(|source| self.failed(source))
    }

    /// Drops what a crash has torn off while it was written: nobody was told that it had happened. Only while the
    /// lock is held and everything has been read.
    pub(super) fn drop_torn(&self) -> Result<(), ShopError> {
        let length = self.file.metadata().map_err(|source| self.failed(source))?.len();
        if length > self.end {
            self.file
                .set_len(self.end)
                .map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Only while the lock is held.
    pub(super) fn append(&mut self, entry: &impl Serialize) -> Result<Place, ShopError> {
        let entry = frame(entry);
        // The file is opened for appending and nobody else writes, so this lands at `end`.
        self.file
            .write_all(&entry)
            .map_err(|source| self.failed(source))?;
        let place = Place {
            at: self.end,
            length: body_length(&entry),
        };
        self.end = place.end();
        Ok(place)
    }

    pub(super) fn get<T: DeserializeOwned>(&self, place: Place) -> Result<T, ShopError> {
        let mut body = vec![0; place.length as usize];
        let read = self.file.read_exact_at(&mut body, place.at + FRAME as u64);
        read.map_err(|source| self.failed(source))?;
        postcard::from_bytes(&body).map_err(|_| self.damaged(place))
    }

    /// Puts a new file with these entries in place of this one. Only while the lock is held.
    pub(super) fn write_anew<T: Serialize>(
        &self,
        entries: impl Iterator<Item = Result<T, ShopError>>,
    ) -> Result<(), ShopError> {
        let mut whole = HEADER.to_vec();
        for entry in entries {
            whole.extend(frame(&entry?));
        }
        replace(&self.path, &whole)
    }

    pub(super) fn size(&self) -> u64 {
        self.end
    }

    fn begin(&mut self) -> Result<(), ShopError> {
        let mut header = [0; HEADER.len()];
        let read = self.file.read_exact_at(&mut header, 0);
        if read.is_err() || header != HEADER {
            return Err(ShopError::Foreign {
                path: self.path.clone(),
            });
        }
        self.end = HEADER.len() as u64;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> ShopError {
        failed(&self.path, source)
    }

    pub(super) fn damaged(&self, place: Place) -> ShopError {
        ShopError::Damaged {
            path: self.path.clone(),
            at: place.at,
        }
    }
}

impl Place {
    pub(super) fn size(self) -> u64 {
        FRAME as u64 + u64::from(self.length)
    }

    fn end(self) -> u64 {
        self.at + self.size()
    }
}

fn open(path: &Path) -> Result<File, ShopError> {
    let opened = File::options().read(true).append(true).open(path);
    opened.map_err(|source| failed(path, source))
}

/// A file of its own, so that the lock stays when the log is written anew.
fn lock_file(path: &Path) -> Result<File, ShopError> {
    let path = path.with_extension("lock");
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    opened.map_err(|source| failed(&path, source))
}

/// The whole file at once: nobody ever sees half of it.
fn replace(path: &Path, content: &[u8]) -> Result<(), ShopError> {
    let new = path.with_extension("new");
    fs::write(&new, content)
        .and_then(|()| fs::rename(&new, path))
        .map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> ShopError {
    ShopError::Io {
        path: path.to_owned(),
        source,
    }
}

fn frame(entry: &impl Serialize) -> Vec<u8> {
    let mut entry = postcard::to_extend(entry, vec![0; FRAME]).expect("memory takes everything");
    let sum = xxh3_64(&entry[FRAME..]);
    let length = body_length(&entry);
    entry[..4].copy_from_slice(&length.to_le_bytes());
    entry[4..FRAME].copy_from_slice(&sum.to_le_bytes());
    entry
}

fn body_length(entry: &[u8]) -> u32 {
    u32::try_from(entry.len() - FRAME).expect("a product is below 4 GB")
}

fn unframe(head: [u8; FRAME]) -> (u32, u64) {
    let [a, b, c, d, sum @ ..] = head;
    (u32::from_le_bytes([a, b, c, d]), u64::from_le_bytes(sum))
}
