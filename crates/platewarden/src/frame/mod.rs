//! Pixels as callers have them: borrowed, of any supported layout, never copied.

mod color;
mod crop;
mod decode;
mod huffman;
mod jpeg;
mod jpeg_structure;
mod limits;
mod plane;

use std::fmt;

use image::{DynamicImage, GrayImage, RgbImage};

pub use crate::pixel_format::PixelFormat;
pub(crate) use color::YuvCoefficients;
pub use color::{YuvColor, YuvMatrix, YuvRange};
pub use crop::crop_rgb;
pub use decode::decode;
pub use limits::Limits;
use plane::Size;
pub(crate) use plane::{Plane, Planes};

use crate::error::{Error, Failure, Result};
use crate::geometry::{Point, Rect};

/// One picture: borrowed pixels with their size, layout and stride.
///
/// Making a frame copies nothing and checks that the buffers hold what their sizes promise. Coordinates of everything
/// found in a frame are pixels of this frame.
///
/// ```
/// use platewarden::{Frame, PixelFormat};
///
/// // 640x480 as OpenCV has it, each row padded to 2048 bytes.
/// let pixels = vec![0u8; 2048 * 480];
/// let frame = Frame::bgr8(&pixels, 640, 480, 2048)?;
/// assert_eq!((frame.width(), frame.height(), frame.format()), (640, 480, PixelFormat::Bgr8));
/// # Ok::<(), platewarden::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    width: u32,
    height: u32,
    format: PixelFormat,
    planes: Planes<'a>,
    yuv: YuvColor,
}

impl<'a> Frame<'a> {
    /// RGB, three bytes a pixel, rows `stride` bytes apart. Only the last row may end before a full stride.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty), [`StrideTooShort`](crate::ErrorKind::StrideTooShort) or
    /// [`BufferTooShort`](crate::ErrorKind::BufferTooShort).
    pub fn rgb8(pixels: &'a [u8], width: u32, height: u32, stride: usize) -> Result<Self> {
        Self::packed(pixels, width, height, stride, PixelFormat::Rgb8)
    }

    /// BGR, three bytes a pixel, rows `stride` bytes apart. Only the last row may end before a full stride.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty), [`StrideTooShort`](crate::ErrorKind::StrideTooShort) or
    /// [`BufferTooShort`](crate::ErrorKind::BufferTooShort).
    pub fn bgr8(pixels: &'a [u8], width: u32, height: u32, stride: usize) -> Result<Self> {
        Self::packed(pixels, width, height, stride, PixelFormat::Bgr8)
    }

    /// Luminance, one byte a pixel, rows `stride` bytes apart. Only the last row may end before a full stride.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty), [`StrideTooShort`](crate::ErrorKind::StrideTooShort) or
    /// [`BufferTooShort`](crate::ErrorKind::BufferTooShort).
    pub fn gray8(pixels: &'a [u8], width: u32, height: u32, stride: usize) -> Result<Self> {
        Self::packed(pixels, width, height, stride, PixelFormat::Gray8)
    }

    /// NV12: a plane of Y, and one of pairs U, V for each two by two pixels (sides of odd length rounded up).
    ///
    /// Taken as BT.601 of limited range unless [`Frame::with_yuv_color`] says otherwise.
    ///
    /// ```
    /// use platewarden::Frame;
    /// let (y, uv) = (vec![16u8; 1280 * 720], vec![128u8; 1280 * 360]);
    /// let frame = Frame::nv12(&y, 1280, &uv, 1280, 1280, 720)?;
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty), [`StrideTooShort`](crate::ErrorKind::StrideTooShort) or
    /// [`BufferTooShort`](crate::ErrorKind::BufferTooShort), naming the plane.
    pub fn nv12(
        y: &'a [u8],
        y_stride: usize,
        uv: &'a [u8],
        uv_stride: usize,
        width: u32,
        height: u32,
    ) -> Result<Self> {
        let size = Size {
            width,
            height,
            format: PixelFormat::Nv12,
        };
        size.check_pixels()?;
        let (half_width, half_height) = size.half();
        let planes = Planes::Nv12 {
            y: size.plane("Y", y, y_stride, width as usize, height as usize)?,
            uv: size.plane("UV", uv, uv_stride, 2 * half_width, half_height)?,
        };
        Ok(Self {
            width,
            height,
            format: size.format,
            planes,
            yuv: YuvColor::default(),
        })
    }

    /// I420: planes of Y, U and V, the latter two with one value for each two by two pixels (sides of odd length rounded
    /// up). `strides` are those of Y, U and V in bytes.
    ///
    /// Taken as BT.601 of limited range unless [`Frame::with_yuv_color`] says otherwise.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty), [`StrideTooShort`](crate::ErrorKind::StrideTooShort) or
    /// [`BufferTooShort`](crate::ErrorKind::BufferTooShort), naming the plane.
    pub fn i420(
        y: &'a [u8],
        u: &'a [u8],
        v: &'a [u8],
        strides: [usize; 3],
        width: u32,
        height: u32,
    ) -> Result<Self> {
        let size = Size {
            width,
            height,
            format: PixelFormat::I420,
        };
        size.check_pixels()?;
        let (half_width, half_height) = size.half();
        let [y_stride, u_stride, v_stride] = strides;
        let planes = Planes::I420 {
            y: size.plane("Y", y, y_stride, width as usize, height as usize)?,
            u: size.plane("U", u, u_stride, half_width, half_height)?,
            v: size.plane("V", v, v_stride, half_width, half_height)?,
        };
        Ok(Self {
            width,
            height,
            format: size.format,
            planes,
            yuv: YuvColor::default(),
        })
    }

    /// The pixels of a [`DynamicImage`] that holds 8-bit RGB or luminance; `None` for every other kind, which
    /// [`DynamicImage::to_rgb8`] turns into one that fits.
    ///
    /// ```
    /// use platewarden::Frame;
    /// let picture = image::DynamicImage::new_luma8(8, 8);
    /// assert!(Frame::from_dynamic(&picture).is_some());
    /// ```
    #[must_use]
    pub fn from_dynamic(image: &'a DynamicImage) -> Option<Self> {
        match image {
            DynamicImage::ImageRgb8(image) => Some(image.into()),
            DynamicImage::ImageLuma8(image) => Some(image.into()),
            _ => None,
        }
    }

    /// How luminance and colour differences become RGB; without effect on formats that are RGB or luminance already.
    #[must_use]
    pub const fn with_yuv_color(mut self, color: YuvColor) -> Self {
        self.yuv = color;
        self
    }

    /// The frame itself if it has pixels and its size lies within `limits`.
    ///
    /// ```
    /// use platewarden::{ErrorKind, Frame, Limits};
    /// let wide = vec![0u8; 60_000];
    /// let frame = Frame::gray8(&wide, 60_000, 1, 60_000)?;
    /// let error = frame.within(&Limits::default()).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::FrameTooLarge);
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty) or [`FrameTooLarge`](crate::ErrorKind::FrameTooLarge).
    pub fn within(self, limits: &Limits) -> Result<Self> {
        limits.check_size(self.width, self.height)?;
        Ok(self)
    }

    /// The part of the frame within `area`, as a frame over the same pixels, and the point of this frame at which it
    /// begins.
    ///
    /// The part covers `area` in whole pixels, cut at the frame's edges. Where four pixels share a colour (NV12, I420) it
    /// begins at even pixels, so that the colours stay with their pixels.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty) where `area` and the frame do not meet.
    ///
    /// ```
    /// use platewarden::{Frame, Rect};
    ///
    /// let pixels: Vec<u8> = (0..100).collect();
    /// let frame = Frame::gray8(&pixels, 10, 10, 10)?;
    /// let (part, origin) = frame.part(&Rect::new(6.5, 8.0, 20.0, 20.0))?;
    /// assert_eq!((part.size(), origin.x, origin.y), ((4, 2), 6.0, 8.0));
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the frame's size, which is far below 2^24"
    )]
    pub fn part(&self, area: &Rect) -> Result<(Self, Point)> {
        let area = area.clamp_to(self.width, self.height);
        let empty = || {
            Error::from(Failure::Empty {
                what: "part of a frame",
                width: area.width as u32,
                height: area.height as u32,
            })
        };
        if area.is_empty() {
            return Err(empty());
        }
        let shared = matches!(self.planes, Planes::Nv12 { .. } | Planes::I420 { .. });
        let start = |low: f32| if shared { low as u32 & !1 } else { low as u32 };
        let (x, y) = (start(area.x), start(area.y));
        let (width, height) = (
            area.right().ceil() as u32 - x,
            area.bottom().ceil() as u32 - y,
        );
        let (column, row) = (x as usize, y as usize);
        let planes = match self.planes {
            Planes::Packed(plane) => {
                let bytes = if self.format == PixelFormat::Gray8 {
                    1
                } else {
                    3
                };
                Planes::Packed(plane.from(column * bytes, row).ok_or_else(empty)?)
            }
            Planes::Nv12 { y, uv } => Planes::Nv12 {
                y: y.from(column, row).ok_or_else(empty)?,
                uv: uv.from(column, row / 2).ok_or_else(empty)?,
            },
            Planes::I420 { y, u, v } => Planes::I420 {
                y: y.from(column, row).ok_or_else(empty)?,
                u: u.from(column / 2, row / 2).ok_or_else(empty)?,
                v: v.from(column / 2, row / 2).ok_or_else(empty)?,
            },
        };
        Ok((
            Self {
                width,
                height,
                planes,
                ..*self
            },
            Point::new(x as f32, y as f32),
        ))
    }

    /// Width in pixels.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Width and height in pixels.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// How the pixels lie in memory.
    #[must_use]
    pub const fn format(&self) -> PixelFormat {
        self.format
    }

    /// How luminance and colour differences become RGB.
    #[must_use]
    pub const fn yuv_color(&self) -> YuvColor {
        self.yuv
    }

    pub(crate) const fn planes(&self) -> &Planes<'a> {
        &self.planes
    }

    /// Refuses a frame without pixels, which only an empty image of the `image` crate can have become.
    pub(crate) fn check_pixels(&self) -> Result<()> {
        Size {
            width: self.width,
            height: self.height,
            format: self.format,
        }
        .check_pixels()
    }

    fn packed(
        pixels: &'a [u8],
        width: u32,
        height: u32,
        stride: usize,
        format: PixelFormat,
    ) -> Result<Self> {
        let size = Size {
            width,
            height,
            format,
        };
        size.check_pixels()?;
        let bytes = if format == PixelFormat::Gray8 { 1 } else { 3 };
        let row = (width as usize).saturating_mul(bytes);
        let plane = size.plane("pixels", pixels, stride, row, height as usize)?;
        Ok(Self {
            width,
            height,
            format,
            planes: Planes::Packed(plane),
            yuv: YuvColor::default(),
        })
    }

    /// Over the pixels of an image, whose rows follow one another without a gap.
    fn of_image(
        (width, height): (u32, u32),
        data: &'a [u8],
        format: PixelFormat,
        bytes: usize,
    ) -> Self {
        let stride = width as usize * bytes;
        Self {
            width,
            height,
            format,
            planes: Planes::Packed(Plane { data, stride }),
            yuv: YuvColor::default(),
        }
    }
}

impl<'a> From<&'a RgbImage> for Frame<'a> {
    fn from(image: &'a RgbImage) -> Self {
        Self::of_image(image.dimensions(), image.as_raw(), PixelFormat::Rgb8, 3)
    }
}

impl<'a> From<&'a GrayImage> for Frame<'a> {
    fn from(image: &'a GrayImage) -> Self {
        Self::of_image(image.dimensions(), image.as_raw(), PixelFormat::Gray8, 1)
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
