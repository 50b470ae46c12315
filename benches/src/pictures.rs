//! Frames of every pixel format, painted by a formula: the time of scaling and warping does not depend on what they show.

use platewarden::{Frame, PixelFormat, Result};

/// Pixels with their layout, from which a frame can be borrowed.
#[derive(Debug)]
pub struct Picture {
    format: PixelFormat,
    width: u32,
    height: u32,
    planes: Vec<Vec<u8>>,
}

impl Picture {
    /// A picture of smooth and fine detail, rows without padding. Sides are even.
    #[must_use]
    pub fn new(format: PixelFormat, (width, height): (u32, u32)) -> Self {
        let (w, h) = (width as usize & !1, height as usize & !1);
        let planes = match format {
            PixelFormat::Gray8 => vec![paint(w * h)],
            PixelFormat::Nv12 => vec![paint(w * h), paint(w * h / 2)],
            PixelFormat::I420 => vec![paint(w * h), paint(w * h / 4), paint(w * h / 4)],
            _ => vec![paint(3 * w * h)],
        };
        Self {
            format,
            width: w as u32,
            height: h as u32,
            planes,
        }
    }

    /// The picture as a frame.
    ///
    /// # Errors
    /// None for a picture of at least two pixels a side.
    pub fn frame(&self) -> Result<Frame<'_>> {
        let (w, h, row) = (self.width, self.height, self.width as usize);
        match (self.format, self.planes.as_slice()) {
            (PixelFormat::Gray8, [pixels]) => Frame::gray8(pixels, w, h, row),
            (PixelFormat::Bgr8, [pixels]) => Frame::bgr8(pixels, w, h, 3 * row),
            (PixelFormat::Nv12, [y, uv]) => Frame::nv12(y, row, uv, row, w, h),
            (PixelFormat::I420, [y, u, v]) => Frame::i420(y, u, v, [row, row / 2, row / 2], w, h),
            (_, planes) => Frame::rgb8(planes.first().map_or(&[], Vec::as_slice), w, h, 3 * row),
        }
    }

    /// The bytes of the first plane.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.planes.first().map_or(&[], Vec::as_slice)
    }
}

fn paint(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| ((i >> 4) ^ (i.wrapping_mul(2_654_435_761) >> 13)) as u8)
        .collect()
}
