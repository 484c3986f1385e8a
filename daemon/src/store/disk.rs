//! A disk in memory that loses power, to show what a store makes of it.

use redb::StorageBackend;
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A simulated disk. Clones are the same disk.
///
/// What was synced is safe; of what was written after that a crash keeps what [`Disk::after_crash`] is told.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    /// What is read.
    shown: Vec<u8>,
    /// What is there after a crash, whatever happens.
    safe: Vec<u8>,
    /// What was done since the last sync, in order.
    unsafe_since: Vec<Done>,
    /// How many more operations there are before the power fails. `None`: it does not.
    left: Option<u64>,
    /// How many more writes it takes, and what it says to those after them. `None`: it takes all.
    refusal: Option<(u64, io::ErrorKind)>,
}

#[derive(Debug)]
enum Done {
    Sized(usize),
    Written { at: usize, bytes: Vec<u8> },
}

impl Done {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Sized(length) => image.resize(*length, 0),
            Self::Written { at, bytes } => {
                let end = at + bytes.len();
                if image.len() < end {
                    image.resize(end, 0);
                }
                image[*at..end].copy_from_slice(bytes);
            }
        }
    }
}

impl Disk {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// After so many further reads, writes and syncs the power fails: nothing works any more.
    pub fn fail_after(&self, operations: u64) {
        self.platter().left = Some(operations);
    }

    /// After so many further writes and syncs it takes nothing and says why; it can be read as before.
    pub fn refuse_after(&self, writes: u64, why: io::ErrorKind) {
        self.platter().refusal = Some((writes, why));
    }

    /// It takes everything again.
    pub fn accept(&self) {
        self.platter().refusal = None;
    }

    /// Whether it takes writes.
    pub(super) fn probe(&self) -> io::Result<()> {
        self.operate_to_write().map(drop)
    }

    /// Whether the power failed.
    pub fn is_dark(&self) -> bool {
        self.platter().left == Some(0)
    }

    /// The disk as it is found when the power is back: what was synced, and those later writes, in their order, that
    /// `survives` lets through. After the mere end of a process all of them are there. This one stays dark.
    pub fn after_crash(&self, mut survives: impl FnMut() -> bool) -> Self {
        let mut platter = self.platter();
        platter.left = Some(0);
        let mut image = platter.safe.clone();
        for done in &platter.unsafe_since {
            if survives() {
                done.apply(&mut image);
            }
        }
        Self(Arc::new(Mutex::new(Platter {
            shown: image.clone(),
            safe: image,
            unsafe_since: Vec::new(),
            left: None,
            refusal: None,
        })))
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        // Every change of it is one assignment or one copy.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an operation, and refuses it when the power is gone.
    fn operate(&self) -> io::Result<MutexGuard<'_, Platter>> {
        let mut platter = self.platter();
        match &mut platter.left {
            None => {}
            Some(0) => return Err(io::Error::other("the power failed")),
            Some(left) => *left -= 1,
        }
        Ok(platter)
    }

    fn operate_to_write(&self) -> io::Result<MutexGuard<'_, Platter>> {
        let mut platter = self.operate()?;
        match &mut platter.refusal {
            None => {}
            Some((0, why)) => return Err((*why).into()),
            Some((left, _)) => *left -= 1,
        }
        Ok(platter)
    }

    fn change(&self, done: Done) -> io::Result<()> {
        let mut platter = self.operate_to_write()?;
        done.apply(&mut platter.shown);
        platter.unsafe_since.push(done);
        Ok(())
    }
}

/// An offset or length as memory counts.
fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.operate()?.shown.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let platter = self.operate()?;
        let at = place(offset)?;
        let found = platter.shown.get(at..at + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Done::Sized(place(len)?))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.operate_to_write()?;
        let Platter {
            safe, unsafe_since, ..
        } = &mut *platter;
        for done in unsafe_since.drain(..) {
            done.apply(safe);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Done::Written {
            at: place(offset)?,
            bytes: data.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_keeps_what_was_synced_and_of_the_rest_what_survives() {
        let disk = Disk::new();
        let read = |disk: &Disk| {
            let mut bytes = [0; 4];
            disk.read(0, &mut bytes).map(|()| bytes)
        };
        disk.set_len(4).unwrap();
        disk.write(0, b"safe").unwrap();
        disk.sync_data().unwrap();
        disk.write(0, b"s").unwrap();
        disk.write(1, b"o").unwrap();
        disk.fail_after(1);
        assert_eq!(&read(&disk).unwrap(), b"sofe");
        assert!(disk.is_dark() && read(&disk).is_err() && disk.sync_data().is_err());
        for (survives, found) in [
            ([false; 2], b"safe"),
            ([true; 2], b"sofe"),
            ([false, true], b"sofe"),
        ] {
            let mut survives = survives.into_iter();
            assert_eq!(
                &read(&disk.after_crash(|| survives.next().unwrap())).unwrap(),
                found
            );
        }
    }
}
