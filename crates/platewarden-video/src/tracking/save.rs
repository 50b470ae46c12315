//! Evidence to files.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};

use super::pass::Pass;
use crate::error::{Error, Result};

/// Little enough loss that characters keep their edges.
const QUALITY: u8 = 92;

impl Pass {
    /// Writes the evidence as JPEG into `folder` and gives the file's path; `None` where the pass carries no evidence.
    ///
    /// The name is made of the time in milliseconds, the number of the vehicle and the text. The file appears whole or not
    /// at all: it is written under a name ending in `.part` and renamed.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) where it cannot be written, such as for a full disk; the pass can still be used.
    pub fn save_evidence(&self, folder: impl AsRef<Path>) -> Result<Option<PathBuf>> {
        let Some(evidence) = &self.evidence else {
            return Ok(None);
        };
        // Texts are letters and digits; a reader of one's own may give anything.
        let text: String = self
            .text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(32)
            .collect();
        let name = format!("{:010}-{}-{text}.jpg", self.best_at.as_millis(), self.id);
        let path = folder.as_ref().join(&name);
        let part = folder.as_ref().join(format!("{name}.part"));
        let image = &evidence.image;
        let written = write_jpeg(&part, image)
            .and_then(|()| std::fs::rename(&part, &path))
            .map_err(Error::io("write", &path));
        if written.is_err() {
            // What is left of it may be nothing.
            let _ = std::fs::remove_file(&part);
        }
        written.map(|()| Some(path))
    }
}

fn write_jpeg(path: &Path, image: &image::RgbImage) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    JpegEncoder::new_with_quality(&mut file, QUALITY)
        .write_image(
            image,
            image.width(),
            image.height(),
            ExtendedColorType::Rgb8,
        )
        .map_err(|error| match error {
            ImageError::IoError(error) => error,
            other => std::io::Error::other(other),
        })?;
    file.flush()?;
    // A full disk may show only here.
    file.into_inner()
        .map_err(|error| error.into_error())?
        .sync_data()
}
