//! Pictures on disk: stored once by the hash of their content, thumbnails made on demand.

use crate::connector::{LARGEST_PICTURE, PICTURES, content_hash, picture_place};
use bytes::Bytes;
use image::{ImageFormat, ImageReader, Limits, imageops::FilterType};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, Cursor, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The folder of pictures: `ab/abcdef...`.
#[derive(Clone, Debug)]
pub struct Pictures {
    folder: PathBuf,
}

/// A picture as it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub bytes: Bytes,
    pub mime: &'static str,
}

/// Why a picture cannot be kept or shown.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("the disk did not take or give a picture: {0}")]
    Disk(#[from] io::Error),
    #[error("this is no picture that can be shown (PNG, JPEG, WebP and GIF can)")]
    NoPicture,
    #[error("the picture has more than {LARGEST_PICTURE} bytes")]
    TooLarge,
}

/// The length of a hash.
const HASH: usize = 32;

/// The most bytes that a picture takes in memory while it is made smaller; a small file may say that it is huge.
const UNPACKED: u64 = 256 * 1024 * 1024;

impl Pictures {
    pub fn new(data: &Path) -> Self {
        Self {
            folder: data.join(PICTURES),
        }
    }

    fn place(&self, hash: &str) -> PathBuf {
        picture_place(&self.folder, hash)
    }

    /// Keeps a picture and answers its hash. A picture that is there already costs nothing.
    pub fn keep(&self, bytes: &[u8]) -> Result<String, PictureError> {
        if bytes.len() > LARGEST_PICTURE {
            return Err(PictureError::TooLarge);
        }
        if format(bytes).is_none() {
            return Err(PictureError::NoPicture);
        }
        let hash = content_hash(bytes);
        let place = self.place(&hash);
        if !place.exists() {
            let folder = place.parent().expect("a picture lies in a folder");
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(bytes)?;
            file.persist(&place).map_err(|error| error.error)?;
        }
        Ok(hash)
    }

    pub fn has(&self, hash: &str) -> bool {
        is_hash(hash) && self.place(hash).exists()
    }

    /// The hashes of all pictures that are kept.
    pub fn all(&self) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        self.each_file(|place, hash, _| {
            if is_hash(hash) && place == self.place(hash) {
                found.push(hash.to_owned());
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Drops those of `hashes` whose bytes are no longer those that they were named by: how many.
    pub fn drop_broken(&self, hashes: &[String]) -> io::Result<u64> {
        let mut dropped = 0;
        for hash in hashes {
            let bytes = match fs::read(self.place(hash)) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if content_hash(&bytes) != *hash {
                fs::remove_file(self.place(hash))?;
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    /// Drops files that nothing names and that are from before an instant: pictures, thumbnails, and what a crash left
    /// half written. Answers how many pictures.
    pub fn drop_orphans(&self, named: &BTreeSet<String>, before: SystemTime) -> io::Result<u64> {
        let mut dropped = 0;
        self.each_file(|place, name, written| {
            let hash = name.get(..HASH).unwrap_or_default();
            if written < before && !named.contains(hash) {
                fs::remove_file(place)?;
                dropped += u64::from(is_hash(name));
            }
            Ok(())
        })?;
        Ok(dropped)
    }

    /// Tells every file in the folders of pictures and of thumbnails: its place, its name, and when it was written.
    fn each_file(&self, mut tell: impl FnMut(&Path, &str, SystemTime) -> io::Result<()>) -> io::Result<()> {
        for folder in entries(&self.folder)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in entries(&folder.path())? {
                let file = file?;
                // Somebody else may have dropped it meanwhile.
                let Ok(written) = file.metadata().and_then(|file| file.modified()) else {
                    continue;
                };
                tell(&file.path(), &file.file_name().to_string_lossy(), written)?;
            }
        }
        Ok(())
    }

    /// The picture itself. `None`: it is not here.
    pub fn original(&self, hash: &str) -> Result<Option<Shown>, PictureError> {
        if !self.has(hash) {
            return Ok(None);
        }
        let bytes = fs::read(self.place(hash))?;
        let mime = format(&bytes).ok_or(PictureError::NoPicture)?.to_mime_type();
        Ok(Some(Shown {
            bytes: bytes.into(),
            mime,
        }))
    }

    /// The picture within a square of `size` pixels, as PNG; made once and kept. `None`: it is not here.
    pub fn thumbnail(&self, hash: &str, size: u32) -> Result<Option<Shown>, PictureError> {
        if !self.has(hash) {
            return Ok(None);
        }
        let place = self.folder.join("thumbnails").join(format!("{hash}-{size}.png"));
        if let Ok(bytes) = fs::read(&place) {
            return Ok(Some(Shown {
                bytes: bytes.into(),
                mime: "image/png",
            }));
        }
        let bytes = within(&fs::read(self.place(hash))?, size, UNPACKED)?;
        let folder = place.parent().expect("a thumbnail lies in a folder");
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&bytes)?;
        file.persist(&place).map_err(|error| error.error)?;
        Ok(Some(Shown {
            bytes: bytes.into(),
            mime: "image/png",
        }))
    }
}

/// A picture within a square of `size` pixels, as PNG, if it takes no more than so many bytes unpacked.
fn within(bytes: &[u8], size: u32, unpacked: u64) -> Result<Vec<u8>, PictureError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(unpacked);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| PictureError::NoPicture)?;
    let mut smaller = Vec::new();
    picture
        .resize(size, size, FilterType::CatmullRom)
        .write_to(&mut Cursor::new(&mut smaller), ImageFormat::Png)
        .map_err(|_| PictureError::NoPicture)?;
    Ok(smaller)
}

/// What is in a folder; nothing, where there is none yet.
fn entries(folder: &Path) -> io::Result<Box<dyn Iterator<Item = io::Result<fs::DirEntry>>>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Box::new(entries)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Box::new(std::iter::empty())),
        Err(error) => Err(error),
    }
}

/// A hash names a file, so it may hold nothing but what hashes are made of.
fn is_hash(hash: &str) -> bool {
    hash.len() == HASH
        && hash
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn format(bytes: &[u8]) -> Option<ImageFormat> {
    let known = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ];
    image::guess_format(bytes)
        .ok()
        .filter(|format| known.contains(format))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A square of one colour.
    fn picture(size: u32, shade: u8) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::from_pixel(size, size, image::Rgb([shade; 3]))
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn only_pictures_are_kept_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let pictures = Pictures::new(folder.path());
        let first = pictures.keep(&picture(9, 1)).unwrap();
        assert_eq!(pictures.keep(&picture(9, 1)).unwrap(), first);
        let second = pictures.keep(&picture(9, 2)).unwrap();
        let mut all = pictures.all().unwrap();
        all.sort();
        let mut both = vec![first, second];
        both.sort();
        assert_eq!(all, both);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";
        assert!(matches!(pictures.keep(svg), Err(PictureError::NoPicture)));
        let huge = [picture(9, 1), vec![0; LARGEST_PICTURE]].concat();
        assert!(matches!(pictures.keep(&huge), Err(PictureError::TooLarge)));
        assert_eq!(pictures.all().unwrap().len(), 2);
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_huge_picture_has_no_thumbnail() {
        let bomb = picture(300, 0);
        assert!(bomb.len() < 10_000);
        assert!(matches!(within(&bomb, 96, 100_000), Err(PictureError::NoPicture)));
        assert!(within(&bomb, 96, 1_000_000).is_ok());
    }

    #[test]
    fn what_nothing_names_goes_when_it_is_old_enough_and_what_is_broken_goes_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pictures = Pictures::new(folder.path());
        let [named, old, young, broken] = [1, 2, 3, 4].map(|shade| {
            let hash = pictures.keep(&picture(9, shade)).unwrap();
            pictures.thumbnail(&hash, 48).unwrap();
            hash
        });
        let now = SystemTime::now();
        let long_ago = now - Duration::from_secs(7200);
        for hash in [&named, &old] {
            for place in [
                pictures.place(hash),
                pictures.folder.join("thumbnails").join(format!("{hash}-48.png")),
            ] {
                fs::File::options()
                    .write(true)
                    .open(place)
                    .unwrap()
                    .set_modified(long_ago)
                    .unwrap();
            }
        }
        let kept = BTreeSet::from([named.clone(), broken.clone()]);
        assert_eq!(
            pictures
                .drop_orphans(&kept, now - Duration::from_secs(3600))
                .unwrap(),
            1
        );
        assert!(!pictures.has(&old) && pictures.has(&named) && pictures.has(&young));
        assert_eq!(
            fs::read_dir(pictures.folder.join("thumbnails")).unwrap().count(),
            3
        );
        fs::write(pictures.place(&broken), b"half a picture").unwrap();
        assert_eq!(pictures.drop_broken(&pictures.all().unwrap()).unwrap(), 1);
        assert!(!pictures.has(&broken) && pictures.has(&named));
    }
}
