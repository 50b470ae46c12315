//! Layouts of pixels.

use std::fmt;

/// How the pixels of a [`Frame`](crate::Frame) lie in memory.
///
/// Exhaustive on purpose: whoever touches pixels must handle each layout, and a new one is a breaking change for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// Three bytes a pixel: red, green, blue.
    Rgb8,
    /// Three bytes a pixel: blue, green, red, as OpenCV has it.
    Bgr8,
    /// One byte a pixel: luminance.
    Gray8,
    /// A full plane of luminance and one of interleaved U and V at half the size both ways, as hardware decoders give it.
    Nv12,
    /// A full plane of luminance and one each of U and V at half the size both ways, as software decoders give it.
    I420,
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rgb8 => "RGB8",
            Self::Bgr8 => "BGR8",
            Self::Gray8 => "Gray8",
            Self::Nv12 => "NV12",
            Self::I420 => "I420",
        })
    }
}
