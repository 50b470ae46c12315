//! Rows of a picture, and whether a buffer holds them.

use crate::error::{Error, Failure, Result};
use crate::pixel_format::PixelFormat;

/// Rows of bytes at a fixed distance.
#[derive(Clone, Copy)]
pub(crate) struct Plane<'a> {
    pub(super) data: &'a [u8],
    pub(super) stride: usize,
}

impl<'a> Plane<'a> {
    /// The plane from a byte of a row on.
    pub(super) fn from(self, column: usize, row: usize) -> Option<Self> {
        let data = self
            .data
            .get(row.checked_mul(self.stride)?.checked_add(column)?..)?;
        Some(Self {
            data,
            stride: self.stride,
        })
    }

    /// The bytes of row `y` from its start on, at least as many as one row has; empty beyond the last row.
    #[inline]
    pub(crate) fn row(&self, y: usize) -> &'a [u8] {
        self.data.get(y * self.stride..).unwrap_or_default()
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Planes<'a> {
    /// Rgb8, Bgr8 or Gray8.
    Packed(Plane<'a>),
    Nv12 {
        y: Plane<'a>,
        uv: Plane<'a>,
    },
    I420 {
        y: Plane<'a>,
        u: Plane<'a>,
        v: Plane<'a>,
    },
}

/// The stated size and format, against which planes are checked.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) format: PixelFormat,
}

impl Size {
    /// Refuses a picture without pixels.
    pub(super) fn check_pixels(self) -> Result<()> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::from(Failure::Empty {
                what: "frame",
                width: self.width,
                height: self.height,
            }));
        }
        Ok(())
    }

    /// Columns and rows of a plane of colour.
    pub(super) fn half(self) -> (usize, usize) {
        (
            self.width.div_ceil(2) as usize,
            self.height.div_ceil(2) as usize,
        )
    }

    /// A plane of so many rows of so many bytes, where the data holds it.
    pub(super) fn plane<'a>(
        self,
        plane: &'static str,
        data: &'a [u8],
        stride: usize,
        row: usize,
        rows: usize,
    ) -> Result<Plane<'a>> {
        if stride < row {
            let (format, width) = (self.format, self.width);
            return Err(Error::from(Failure::StrideTooShort {
                plane,
                format,
                width,
                expected: row,
                found: stride,
            }));
        }
        // Saturation keeps a size beyond the address space larger than any buffer.
        let expected = stride.saturating_mul(rows - 1).saturating_add(row);
        if data.len() < expected {
            let (format, width, height) = (self.format, self.width, self.height);
            return Err(Error::from(Failure::BufferTooShort {
                plane,
                format,
                width,
                height,
                stride,
                expected,
                found: data.len(),
            }));
        }
        Ok(Plane { data, stride })
    }
}
