//! A backend that only reads the disk and keeps what is written in memory, so that a store can be looked at while its
//! disk takes nothing. Opening one writes little: its own recovery, as after a crash.

use redb::StorageBackend;
use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What is written is kept in pieces of this many bytes.
const PIECE: usize = 4096;

#[derive(Debug)]
pub struct View {
    disk: Box<dyn StorageBackend>,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    length: u64,
    /// The disk's own bytes count up to here.
    cut: u64,
    /// Whole pieces by their number, where any byte of them was written.
    pieces: BTreeMap<u64, Box<[u8]>>,
}

impl View {
    pub fn of(disk: Box<dyn StorageBackend>) -> io::Result<Self> {
        let length = disk.len()?;
        let written = Mutex::new(Written {
            length,
            cut: length,
            pieces: BTreeMap::new(),
        });
        Ok(Self { disk, written })
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads from the disk, up to `cut`; beyond there are zeros.
    fn read_disk(&self, cut: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let there = cut.saturating_sub(offset);
        let there = usize::try_from(there).unwrap_or(usize::MAX).min(out.len());
        out[there..].fill(0);
        if there == 0 {
            return Ok(());
        }
        self.disk.read(offset, &mut out[..there])
    }
}

/// The pieces that so many bytes from `offset` on touch: the number of each, where it begins among them, and the range
/// within the piece.
fn pieces(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == length {
            return None;
        }
        let at = offset + done as u64;
        let within = usize::try_from(at % PIECE as u64).expect("a piece is small");
        let taken = (PIECE - within).min(length - done);
        let piece = (at / PIECE as u64, done, within..within + taken);
        done += taken;
        Some(piece)
    })
}

impl StorageBackend for View {
    fn len(&self) -> io::Result<u64> {
        Ok(self.written().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.written();
        if offset + out.len() as u64 > written.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read_disk(written.cut, offset, out)?;
        for (number, at, range) in pieces(offset, out.len()) {
            if let Some(piece) = written.pieces.get(&number) {
                let part = &piece[range];
                out[at..at + part.len()].copy_from_slice(part);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut written = self.written();
        if len < written.length {
            // What is cut off reads as zeros when it comes back, as in a file.
            written.cut = written.cut.min(len);
            written.pieces.split_off(&len.div_ceil(PIECE as u64));
            let last = pieces(len, 1)
                .next()
                .map(|(number, _, range)| (number, range.start));
            if let Some((number, keep)) = last
                && let Some(piece) = written.pieces.get_mut(&number)
            {
                piece[keep..].fill(0);
            }
        }
        written.length = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.written();
        for (number, at, range) in pieces(offset, data.len()) {
            if !written.pieces.contains_key(&number) {
                let mut piece = vec![0; PIECE].into_boxed_slice();
                self.read_disk(written.cut, number * PIECE as u64, &mut piece)?;
                written.pieces.insert(number, piece);
            }
            let piece = written.pieces.get_mut(&number).expect("it was just put there");
            let length = range.len();
            piece[range].copy_from_slice(&data[at..at + length]);
        }
        written.length = written.length.max(offset + data.len() as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Disk;

    #[test]
    fn a_view_shows_what_was_written_to_it_and_leaves_the_disk_alone() {
        let seed = fastrand::u64(..);
        eprintln!("seed {seed}");
        let mut chance = fastrand::Rng::with_seed(seed);
        let mut bytes = |length: usize| -> Vec<u8> { (0..length).map(|_| chance.u8(1..)).collect() };
        let disk = Disk::new();
        let begun = bytes(3 * PIECE + 100);
        disk.write(0, &begun).unwrap();
        let view = View::of(Box::new(disk.clone())).unwrap();
        let mut wanted = begun.clone();
        let check = |view: &View, wanted: &[u8]| {
            let mut all = vec![9; wanted.len()];
            view.read(0, &mut all).unwrap();
            assert!(all == wanted, "they differ");
            assert_eq!(view.len().unwrap(), wanted.len() as u64);
        };
        check(&view, &wanted);
        for (offset, length) in [(10, 20), (PIECE - 3, 7), (0, 2 * PIECE), (3 * PIECE + 90, 5000)] {
            let data = bytes(length);
            view.write(offset as u64, &data).unwrap();
            wanted.resize(wanted.len().max(offset + length), 0);
            wanted[offset..offset + length].copy_from_slice(&data);
            check(&view, &wanted);
        }
        for length in [PIECE + 5, 4 * PIECE] {
            view.set_len(length as u64).unwrap();
            wanted.resize(length, 0);
            check(&view, &wanted);
        }
        assert!(view.read(4 * PIECE as u64, &mut [0]).is_err());
        let mut untouched = vec![0; begun.len()];
        disk.read(0, &mut untouched).unwrap();
        assert!(untouched == begun);
    }
}
