//! How large a frame may be.

use crate::error::{Error, Failure, Result};

/// How large a frame or an encoded image may be; whatever is larger is refused before anything of its size is allocated.
///
/// ```
/// use platewarden::Limits;
/// let limits = Limits::default().with_max_side(8_192).with_max_pixels(50_000_000);
/// assert_eq!(limits.max_width, 8_192);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Largest width in pixels. Default: 16,384.
    pub max_width: u32,
    /// Largest height in pixels. Default: 16,384.
    pub max_height: u32,
    /// Largest product of width and height. Default: 134,217,728, which is 400 MB as RGB.
    pub max_pixels: u64,
    /// Greatest length of an encoded image in bytes. Default: 268,435,456.
    pub max_encoded_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_width: 16_384,
            max_height: 16_384,
            max_pixels: 1 << 27,
            max_encoded_bytes: 1 << 28,
        }
    }
}

impl Limits {
    /// Sets the largest width and height, in pixels.
    #[must_use]
    pub const fn with_max_side(mut self, side: u32) -> Self {
        self.max_width = side;
        self.max_height = side;
        self
    }

    /// Sets the largest product of width and height.
    #[must_use]
    pub const fn with_max_pixels(mut self, pixels: u64) -> Self {
        self.max_pixels = pixels;
        self
    }

    /// Sets the greatest length of an encoded image, in bytes.
    #[must_use]
    pub const fn with_max_encoded_bytes(mut self, bytes: u64) -> Self {
        self.max_encoded_bytes = bytes;
        self
    }

    /// Checks a width and a height in pixels.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty) where either is 0, [`FrameTooLarge`](crate::ErrorKind::FrameTooLarge) where a
    /// limit is passed.
    pub fn check_size(&self, width: u32, height: u32) -> Result<()> {
        if width == 0 || height == 0 {
            return Err(Error::from(Failure::Empty {
                what: "frame",
                width,
                height,
            }));
        }
        let pixels = u64::from(width) * u64::from(height);
        if width > self.max_width || height > self.max_height || pixels > self.max_pixels {
            let Self {
                max_width,
                max_height,
                max_pixels,
                ..
            } = *self;
            return Err(Error::from(Failure::FrameTooLarge {
                width,
                height,
                max_width,
                max_height,
                max_pixels,
            }));
        }
        Ok(())
    }

    pub(crate) fn check_encoded(&self, bytes: usize) -> Result<()> {
        let found = bytes as u64;
        if found > self.max_encoded_bytes {
            return Err(Error::from(Failure::EncodedTooLong {
                found,
                max: self.max_encoded_bytes,
            }));
        }
        Ok(())
    }
}
