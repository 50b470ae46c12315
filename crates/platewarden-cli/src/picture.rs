//! Files of pictures.

use std::{ffi::OsStr, path::Path};

use image::RgbImage;
use platewarden::{Limits, decode};

use crate::failure::{AnyError, about};

/// Whether a file's name is that of a picture.
pub(crate) fn is_picture(path: &Path) -> bool {
    let ending = path
        .extension()
        .and_then(OsStr::to_str)
        .unwrap_or_default()
        .to_ascii_lowercase();
    [
        "jpg", "jpeg", "jfif", "jpe", "png", "webp", "bmp", "tif", "tiff",
    ]
    .contains(&ending.as_str())
}

/// Reads and decodes a picture.
pub(crate) fn load(path: &Path) -> Result<RgbImage, AnyError> {
    let bytes = std::fs::read(path).map_err(about("read", path))?;
    Ok(decode(&bytes, &Limits::default())?)
}
