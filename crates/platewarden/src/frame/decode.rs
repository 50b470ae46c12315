//! From encoded bytes to pixels.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage};

use super::Limits;
use super::jpeg;
use crate::error::{Error, Failure, Result};

/// Decodes a JPEG, PNG, WebP, BMP or TIFF image and turns it upright as its EXIF orientation says.
///
/// The kind is told by the bytes, never by a name. Transparency is dropped, 16-bit channels are cut to 8, luminance becomes
/// grey RGB. The size in the header is held against `limits` before anything of that size is allocated.
///
/// ```
/// use platewarden::{ErrorKind, Frame, Limits, decode};
///
/// let mut png = std::io::Cursor::new(Vec::new());
/// image::RgbImage::new(32, 16).write_to(&mut png, image::ImageFormat::Png).unwrap();
/// let picture = decode(png.get_ref(), &Limits::default())?;
/// assert_eq!(Frame::from(&picture).size(), (32, 16));
///
/// let cut = &png.get_ref()[..40];
/// assert_eq!(decode(cut, &Limits::default()).unwrap_err().kind(), ErrorKind::Decode);
/// # Ok::<(), platewarden::Error>(())
/// ```
///
/// # Errors
///
/// [`UnknownImageFormat`](crate::ErrorKind::UnknownImageFormat) for bytes that are no such image,
/// [`EncodedTooLong`](crate::ErrorKind::EncodedTooLong) and [`FrameTooLarge`](crate::ErrorKind::FrameTooLarge) beyond the
/// limits, [`Empty`](crate::ErrorKind::Empty) for an image without pixels, [`Decode`](crate::ErrorKind::Decode) for one
/// that is damaged or cut short.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage> {
    limits.check_encoded(bytes.len())?;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| {
            Error::from(Failure::UnknownImageFormat {
                reason: error.to_string(),
            })
        })?;
    let format = match reader.format() {
        Some(format) if format.reading_enabled() => format,
        Some(other) => {
            return Err(Error::from(Failure::UnknownImageFormat {
                reason: format!("they look like {other:?}"),
            }));
        }
        None => {
            return Err(Error::from(Failure::UnknownImageFormat {
                reason: start_of(bytes),
            }));
        }
    };
    if format == ImageFormat::Jpeg {
        return jpeg::decode(bytes, limits);
    }
    reader.limits(allocation_limits(limits));
    let name = name_of(format);
    let damaged = |source: ImageError| {
        Error::from(Failure::Decode {
            format: name,
            source: Box::new(source),
        })
    };

    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    // A damaged EXIF block costs the orientation, never the picture.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture.into_rgb8())
}

/// Memory for the picture itself and the decoder's tables. The sizes are checked by us, so that the error can name them.
fn allocation_limits(limits: &Limits) -> image::Limits {
    // 16-bit RGBA is the widest pixel that a decoder here hands out.
    const BYTES_PER_PIXEL: u64 = 8;
    const TABLES: u64 = 64 << 20;
    let mut allocation = image::Limits::no_limits();
    allocation.max_alloc = Some(
        limits
            .max_pixels
            .saturating_mul(BYTES_PER_PIXEL)
            .saturating_add(TABLES),
    );
    allocation
}

fn name_of(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::WebP => "WebP",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Tiff => "TIFF",
        _ => "other",
    }
}

fn start_of(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "there are none".to_owned();
    }
    let start: Vec<String> = bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("they start with {}", start.join(" "))
}
