//! JPEG: decoding that takes no half picture for a whole one.
//!
//! The `image` crate decodes JPEG leniently: what is missing is painted grey and the result reported as a success. A plate
//! read from half a picture would pass for one from a whole picture, so the same decoder is run here in its strict mode, and
//! the file's structure is checked beforehand.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::{Limits, huffman, jpeg_structure};
use crate::error::{BoxedSource, Error, Failure, Result};

/// Decodes a JPEG and turns it upright.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage> {
    let with_tables = huffman::with_tables(bytes);
    let bytes = with_tables.as_ref();
    // Sizes are held against our own limits, with figures, as soon as the header is read.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let (width, height) = decoder
        .dimensions()
        .map_or((0, 0), |(width, height)| (side(width), side(height)));
    limits.check_size(width, height)?;
    if let Some(fault) = jpeg_structure::fault(bytes) {
        return Err(damaged(fault));
    }

    let gray = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let colors = if gray {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };
    decoder.set_options(options.jpeg_set_out_colorspace(colors));
    let pixels = decoder.decode().map_err(damaged)?;
    let picture = if gray {
        GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8)
    } else {
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
    };
    let mut picture =
        picture.ok_or_else(|| damaged("the decoder gave fewer pixels than the header promises"))?;
    if let Some(orientation) = decoder
        .exif()
        .and_then(|block| Orientation::from_exif_chunk(block))
    {
        picture.apply_orientation(orientation);
    }
    Ok(picture.into_rgb8())
}

fn damaged(source: impl Into<BoxedSource>) -> Error {
    Error::from(Failure::Decode {
        format: "JPEG",
        source: source.into(),
    })
}
