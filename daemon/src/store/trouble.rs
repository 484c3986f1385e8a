//! A disk that does not do what it should: what is wrong with it, where, and what to do.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// What was wanted of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// How long the file is.
    Look,
    Read {
        offset: u64,
        length: usize,
    },
    /// A write, or more room, up to this byte of the file.
    Write {
        end: u64,
    },
    Sync,
}

/// An operation that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub operation: Operation,
    kind: io::ErrorKind,
    reason: String,
}

impl Fault {
    pub fn new(operation: Operation, error: &io::Error) -> Self {
        Self {
            operation,
            kind: error.kind(),
            reason: error.to_string(),
        }
    }
}

/// Why nothing is stored at present. Nothing is lost: what was stored is there and can be read, and what was not yet
/// will be done again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Trouble {
    pub fault: Fault,
    /// What is wrong, where, and what to do; sentences for a shop owner.
    pub message: String,
}

impl Trouble {
    /// `folder`: where the store is. `None`: it is on no real disk.
    pub fn of(fault: Fault, folder: Option<&Path>) -> Self {
        use io::ErrorKind::{
            FileTooLarge, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        let place = folder.map_or_else(
            || String::from("the data folder"),
            |folder| folder.display().to_string(),
        );
        let what = match fault.kind {
            StorageFull => {
                let free = folder.and_then(free_bytes).unwrap_or(0);
                format!(
                    "The disk with {place} is full: {} free. Free some space",
                    bytes(free)
                )
            }
            QuotaExceeded => {
                format!("The disk quota for {place} is used up. Free some space or raise the quota")
            }
            FileTooLarge => format!(
                "No file in {place} may become larger, by a limit of the system (ulimit -f, LimitFSIZE). Raise it"
            ),
            ReadOnlyFilesystem | PermissionDenied => {
                format!("The disk with {place} can only be read. Make it writable again")
            }
            NotFound => format!("The folder {place} is gone. Put its disk back"),
            _ => format!(
                "The disk with {place} does not work: {}. Check the disk and what the system logs of it",
                fault.reason
            ),
        };
        let message = format!("{what}; nothing is lost, and jobs go on by themselves.");
        Self { fault, message }
    }
}

/// Bytes that may still be written on the disk that a folder is on.
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} bytes"),
        10_000..10_000_000 => format!("{} kB", count / 1000),
        _ => format!("{} MB", count / 1_000_000),
    }
}

/// Free room that a disk must have before it is used again, so that it is not full again at once.
const ROOM: u64 = 4 * 1024 * 1024;

/// Whether a disk does again what it did not do: tried on a file beside the store, which is left alone.
pub fn probe(file: &Path, operation: Operation) -> io::Result<()> {
    let tried = file.with_extension("probe");
    let written = write_to(&tried, operation);
    let removed = fs::remove_file(&tried);
    written?;
    removed?;
    forget_cached(file)?;
    if let Operation::Read { offset, length } = operation {
        let mut store = File::open(file)?;
        store.seek(SeekFrom::Start(offset))?;
        store.read_exact(&mut vec![0; length])?;
    }
    Ok(())
}

fn write_to(tried: &PathBuf, operation: Operation) -> io::Result<()> {
    let end = match operation {
        Operation::Write { end } => end.max(ROOM),
        Operation::Look | Operation::Read { .. } | Operation::Sync => ROOM,
    };
    let mut file = File::create(tried)?;
    // As long as the store's own file was to be, of which only the end takes room.
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end - ROOM))?;
    // Not zeros, which a disk may keep in no room at all.
    let piece: Vec<u8> = (0..=u8::MAX).cycle().take(64 * 1024).collect();
    for _ in 0..ROOM / piece.len() as u64 {
        file.write_all(&piece)?;
    }
    file.sync_all()
}

/// After a failed sync the system may show what is not on the disk; what it cached is read anew.
fn forget_cached(file: &Path) -> io::Result<()> {
    let store = File::open(file)?;
    rustix::fs::fadvise(&store, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_says_what_is_wrong_and_what_to_do() {
        let check = |kind: io::ErrorKind, wanted: &[&str]| {
            let fault = Fault::new(Operation::Sync, &kind.into());
            let told = Trouble::of(fault, Some(Path::new("/"))).to_string();
            for part in wanted
                .iter()
                .chain(&["nothing is lost, and jobs go on by themselves."])
            {
                assert!(told.contains(part), "{told}");
            }
        };
        check(
            io::ErrorKind::StorageFull,
            &["The disk with / is full: ", " free. Free some space;"],
        );
        check(io::ErrorKind::ReadOnlyFilesystem, &["can only be read"]);
        check(io::ErrorKind::FileTooLarge, &["LimitFSIZE"]);
        check(io::ErrorKind::QuotaExceeded, &["quota"]);
        check(io::ErrorKind::Other, &["does not work", "Check the disk"]);
    }

    #[test]
    fn a_disk_that_works_passes_and_keeps_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.redb");
        fs::write(&file, b"0123456789").unwrap();
        for operation in [
            Operation::Write { end: 1 << 33 },
            Operation::Read { offset: 2, length: 8 },
            Operation::Sync,
        ] {
            probe(&file, operation).unwrap();
        }
        assert!(probe(&file, Operation::Read { offset: 2, length: 9 }).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"0123456789");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
