//! Pictures on disk: stored once by the hash of their content, thumbnails made on demand.

use crate::connector::content_hash;
use bytes::Bytes;
use image::{ImageFormat, ImageReader, imageops::FilterType};
use std::{
    fs,
    io::{self, Cursor, Write as _},
    path::{Path, PathBuf},
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
    #[error("the picture has more than {LARGEST} bytes")]
    TooLarge,
}

/// The most bytes that a picture may have.
pub const LARGEST: usize = 20 * 1024 * 1024;

impl Pictures {
    pub fn new(data: &Path) -> Self {
        Self {
            folder: data.join("pictures"),
        }
    }

    fn place(&self, hash: &str) -> PathBuf {
        self.folder.join(&hash[..2.min(hash.len())]).join(hash)
    }

    /// Keeps a picture and answers its hash. A picture that is there already costs nothing.
    pub fn keep(&self, bytes: &[u8]) -> Result<String, PictureError> {
        if bytes.len() > LARGEST {
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
        let reader = ImageReader::new(Cursor::new(fs::read(self.place(hash))?)).with_guessed_format()?;
        let picture = reader.decode().map_err(|_| PictureError::NoPicture)?;
        let mut bytes = Vec::new();
        picture
            .resize(size, size, FilterType::CatmullRom)
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .map_err(|_| PictureError::NoPicture)?;
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

/// A hash names a file, so it may hold nothing but what hashes are made of.
fn is_hash(hash: &str) -> bool {
    hash.len() == 32
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
