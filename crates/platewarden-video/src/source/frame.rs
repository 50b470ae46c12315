//! One decoded frame with its time.

use std::time::{Duration, Instant};

use image::RgbImage;
use platewarden::{Frame, PixelFormat, Result, YuvColor};

use super::buffer::Buffer;

/// One decoded frame: its pixels without padding, its place in time and in the stream.
///
/// ```
/// use std::time::Duration;
/// use platewarden_video::source::VideoFrame;
///
/// let picture = image::RgbImage::new(64, 48);
/// let frame = VideoFrame::from_image(picture, Duration::from_millis(40));
/// assert_eq!((frame.width(), frame.height()), (64, 48));
/// let pixels = frame.frame()?;
/// assert_eq!(pixels.size(), (64, 48));
/// # Ok::<(), platewarden::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct VideoFrame {
    buffer: Buffer,
    width: u32,
    height: u32,
    format: PixelFormat,
    color: YuvColor,
    timestamp: Duration,
    index: u64,
    arrived: Instant,
}

impl VideoFrame {
    /// A frame of pixels without padding between rows or planes.
    ///
    /// `timestamp` counts from the start of the source.
    ///
    /// # Errors
    ///
    /// [`Empty`](platewarden::ErrorKind::Empty) without pixels, [`BufferTooShort`](platewarden::ErrorKind::BufferTooShort)
    /// where `pixels` does not hold what the size promises.
    pub fn new(
        pixels: Vec<u8>,
        format: PixelFormat,
        width: u32,
        height: u32,
        timestamp: Duration,
    ) -> Result<Self> {
        Self::from_buffer(
            Buffer::from(pixels),
            format,
            (width, height),
            YuvColor::default(),
            timestamp,
        )
    }

    /// A frame of an RGB picture.
    #[must_use]
    pub fn from_image(image: RgbImage, timestamp: Duration) -> Self {
        let (width, height) = image.dimensions();
        Self {
            buffer: Buffer::from(image.into_raw()),
            width,
            height,
            format: PixelFormat::Rgb8,
            color: YuvColor::default(),
            timestamp,
            index: 0,
            arrived: Instant::now(),
        }
    }

    pub(crate) fn from_buffer(
        buffer: Buffer,
        format: PixelFormat,
        (width, height): (u32, u32),
        color: YuvColor,
        timestamp: Duration,
    ) -> Result<Self> {
        let frame = Self {
            buffer,
            width,
            height,
            format,
            color,
            timestamp,
            index: 0,
            arrived: Instant::now(),
        };
        frame.frame()?;
        Ok(frame)
    }

    pub(crate) fn set_place(&mut self, timestamp: Duration, index: u64) {
        self.timestamp = timestamp;
        self.index = index;
    }

    /// The pixels, borrowed, as the engine takes them.
    ///
    /// # Errors
    ///
    /// [`Empty`](platewarden::ErrorKind::Empty) for a frame made from a picture without pixels.
    pub fn frame(&self) -> Result<Frame<'_>> {
        let bytes = self.buffer.bytes();
        let (width, height) = (self.width as usize, self.height as usize);
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        let (luminance, rest) = bytes
            .split_at_checked(width * height)
            .unwrap_or((bytes, &[]));
        let frame = match self.format {
            PixelFormat::Rgb8 => Frame::rgb8(bytes, self.width, self.height, 3 * width),
            PixelFormat::Bgr8 => Frame::bgr8(bytes, self.width, self.height, 3 * width),
            PixelFormat::Gray8 => Frame::gray8(bytes, self.width, self.height, width),
            PixelFormat::Nv12 => Frame::nv12(
                luminance,
                width,
                rest,
                2 * half_width,
                self.width,
                self.height,
            ),
            PixelFormat::I420 => {
                let (u, v) = rest
                    .split_at_checked(half_width * half_height)
                    .unwrap_or((rest, &[]));
                let strides = [width, half_width, half_width];
                Frame::i420(luminance, u, v, strides, self.width, self.height)
            }
        }?;
        Ok(frame.with_yuv_color(self.color))
    }

    /// The bytes of all planes, one after another, rows without padding.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        self.buffer.bytes()
    }

    /// The bytes of all planes, to be changed in place.
    #[must_use]
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        self.buffer.bytes_mut()
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

    /// How the pixels lie in memory.
    #[must_use]
    pub const fn format(&self) -> PixelFormat {
        self.format
    }

    /// How luminance and colour differences become RGB.
    #[must_use]
    pub const fn yuv_color(&self) -> YuvColor {
        self.color
    }

    /// The same frame with other colour coefficients.
    #[must_use]
    pub const fn with_yuv_color(mut self, color: YuvColor) -> Self {
        self.color = color;
        self
    }

    /// Time since the start of the source; never less than that of the frame before.
    #[must_use]
    pub const fn timestamp(&self) -> Duration {
        self.timestamp
    }

    /// Which frame of the source this is, counted from 0; dropped frames leave gaps.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// When the frame was decoded, from which its latency is reckoned.
    #[must_use]
    pub const fn arrived(&self) -> Instant {
        self.arrived
    }
}

/// Bytes of a frame without padding.
pub(crate) fn frame_bytes(format: PixelFormat, width: u32, height: u32) -> usize {
    let (width, height) = (width as usize, height as usize);
    let pixels = width.saturating_mul(height);
    match format {
        PixelFormat::Rgb8 | PixelFormat::Bgr8 => pixels.saturating_mul(3),
        PixelFormat::Gray8 => pixels,
        PixelFormat::Nv12 | PixelFormat::I420 => {
            pixels.saturating_add(2 * width.div_ceil(2) * height.div_ceil(2))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn odd_sizes_of_every_format_fit() {
        for format in [
            PixelFormat::Rgb8,
            PixelFormat::Bgr8,
            PixelFormat::Gray8,
            PixelFormat::Nv12,
            PixelFormat::I420,
        ] {
            let bytes = frame_bytes(format, 7, 5);
            let frame = VideoFrame::new(vec![9; bytes], format, 7, 5, Duration::ZERO).unwrap();
            assert_eq!(frame.frame().unwrap().format(), format);
            assert!(VideoFrame::new(vec![9; bytes - 1], format, 7, 5, Duration::ZERO).is_err());
        }
    }
}
