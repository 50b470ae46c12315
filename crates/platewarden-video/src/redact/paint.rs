//! Replacing pixels.

use image::RgbImage;
use platewarden::{PixelFormat, Rect, YuvColor, YuvMatrix, YuvRange};

use super::options::RedactStyle;
use crate::source::VideoFrame;

/// Cells across and down that stay of a plate when it is not filled.
const CELLS: (usize, usize) = (4, 2);

/// Replaces the pixels of areas of a picture, in its pixels.
///
/// ```
/// use platewarden::Rect;
/// use platewarden_video::redact::{redact_image, RedactStyle};
/// let mut picture = image::RgbImage::from_pixel(64, 32, image::Rgb([255, 255, 255]));
/// redact_image(&mut picture, &[Rect::new(10.0, 10.0, 20.0, 8.0)], RedactStyle::Fill([0, 0, 0]));
/// assert_eq!(picture.get_pixel(15, 12).0, [0, 0, 0]);
/// assert_eq!(picture.get_pixel(40, 12).0, [255, 255, 255]);
/// ```
pub fn redact_image(picture: &mut RgbImage, areas: &[Rect], style: RedactStyle) {
    let (width, height) = picture.dimensions();
    let (width, height) = (width as usize, height as usize);
    let pixels: &mut [u8] = picture;
    for area in areas {
        Plane {
            bytes: pixels,
            stride: 3 * width,
            width,
            height,
            channels: 3,
        }
        .paint(area, 1.0, style, |color| color);
    }
}

/// Replaces the pixels of areas of a video frame, in its own format.
pub fn redact_frame(frame: &mut VideoFrame, areas: &[Rect], style: RedactStyle) {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (format, color) = (frame.format(), frame.yuv_color());
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let bytes = frame.pixels_mut();
    let yuv = |rgb: [u8; 3]| to_yuv(rgb, color);
    match format {
        PixelFormat::Rgb8 | PixelFormat::Bgr8 | PixelFormat::Gray8 => {
            let channels = if format == PixelFormat::Gray8 { 1 } else { 3 };
            for area in areas {
                Plane {
                    bytes,
                    stride: channels * width,
                    width,
                    height,
                    channels,
                }
                .paint(area, 1.0, style, |[r, g, b]| match format {
                    PixelFormat::Bgr8 => [b, g, r],
                    PixelFormat::Gray8 => [to_yuv([r, g, b], FULL_RANGE)[0]; 3],
                    _ => [r, g, b],
                });
            }
        }
        PixelFormat::Nv12 | PixelFormat::I420 => {
            let Some((luminance, chroma)) = bytes.split_at_mut_checked(width * height) else {
                return;
            };
            for area in areas {
                Plane {
                    bytes: luminance,
                    stride: width,
                    width,
                    height,
                    channels: 1,
                }
                .paint(area, 1.0, style, |rgb| [yuv(rgb)[0]; 3]);
                if format == PixelFormat::Nv12 {
                    Plane {
                        bytes: chroma,
                        stride: 2 * half_width,
                        width: half_width,
                        height: half_height,
                        channels: 2,
                    }
                    .paint(area, 0.5, style, |rgb| {
                        let [_, u, v] = yuv(rgb);
                        [u, v, v]
                    });
                    continue;
                }
                let Some((u, v)) = chroma.split_at_mut_checked(half_width * half_height) else {
                    return;
                };
                for (bytes, component) in [(u, 1), (v, 2)] {
                    Plane {
                        bytes,
                        stride: half_width,
                        width: half_width,
                        height: half_height,
                        channels: 1,
                    }
                    .paint(area, 0.5, style, |rgb| {
                        let [_, u, v] = yuv(rgb);
                        if component == 1 { [u; 3] } else { [v; 3] }
                    });
                }
            }
        }
    }
}

const FULL_RANGE: YuvColor = YuvColor::new(YuvMatrix::Bt601, YuvRange::Full);

/// One colour in the components of a frame.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of a byte"
)]
fn to_yuv([r, g, b]: [u8; 3], color: YuvColor) -> [u8; 3] {
    // Weights of ITU-R BT.601-7 and BT.709-6.
    let (red, blue) = match color.matrix {
        YuvMatrix::Bt709 => (0.2126, 0.0722),
        _ => (0.299, 0.114),
    };
    let (r, g, b) = (f32::from(r), f32::from(g), f32::from(b));
    let y = red * r + (1.0 - red - blue) * g + blue * b;
    let (u, v) = (
        (b - y) / (2.0 * (1.0 - blue)),
        (r - y) / (2.0 * (1.0 - red)),
    );
    let (y, u, v) = match color.range {
        YuvRange::Full => (y, u, v),
        _ => (
            16.0 + y * 219.0 / 255.0,
            u * 224.0 / 255.0,
            v * 224.0 / 255.0,
        ),
    };
    [y, u + 128.0, v + 128.0].map(|value| value.round().clamp(0.0, 255.0) as u8)
}

/// Interleaved bytes of one plane.
struct Plane<'a> {
    bytes: &'a mut [u8],
    stride: usize,
    width: usize,
    height: usize,
    channels: usize,
}

/// Pixels `left..right`, `top..bottom`.
#[derive(Clone, Copy)]
struct Span {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

impl Plane<'_> {
    /// `scale` is the plane's size over the frame's; `convert` gives the components of a colour.
    fn paint(
        &mut self,
        area: &Rect,
        scale: f32,
        style: RedactStyle,
        convert: impl Fn([u8; 3]) -> [u8; 3],
    ) {
        let Some(span) = self.span(area, scale) else {
            return;
        };
        match style {
            RedactStyle::Fill(color) => {
                let components = convert(color);
                self.each(span, |_, _, channel| {
                    components.get(channel).copied().unwrap_or_default()
                });
            }
            RedactStyle::Pixelate => {
                let cells = self.cells(span);
                self.each(span, |x, y, channel| cells.at(x, y, channel));
            }
            RedactStyle::Blur => {
                let cells = self.cells(span);
                self.each(span, |x, y, channel| cells.blended(x, y, channel));
            }
        }
    }

    /// Whole pixels of the area: a pixel covered in part is covered.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the plane"
    )]
    fn span(&self, area: &Rect, scale: f32) -> Option<Span> {
        if area.is_empty() {
            return None;
        }
        let (width, height) = (self.width as f32, self.height as f32);
        let span = Span {
            left: (area.x * scale).floor().clamp(0.0, width) as usize,
            right: (area.right() * scale).ceil().clamp(0.0, width) as usize,
            top: (area.y * scale).floor().clamp(0.0, height) as usize,
            bottom: (area.bottom() * scale).ceil().clamp(0.0, height) as usize,
        };
        (span.left < span.right && span.top < span.bottom).then_some(span)
    }

    fn each(&mut self, span: Span, value: impl Fn(usize, usize, usize) -> u8) {
        for y in span.top..span.bottom {
            let start = y * self.stride + span.left * self.channels;
            let end = y * self.stride + span.right * self.channels;
            let Some(row) = self.bytes.get_mut(start..end) else {
                return;
            };
            for (x, pixel) in row.chunks_exact_mut(self.channels).enumerate() {
                for (channel, byte) in pixel.iter_mut().enumerate() {
                    *byte = value(x, y - span.top, channel);
                }
            }
        }
    }

    fn cells(&self, span: Span) -> Cells {
        let (width, height) = (span.right - span.left, span.bottom - span.top);
        let (columns, rows) = (CELLS.0.min(width), CELLS.1.min(height));
        let mut sums = vec![(0_u64, 0_u64); columns * rows * self.channels];
        for y in 0..height {
            let start = (y + span.top) * self.stride + span.left * self.channels;
            let row = self
                .bytes
                .get(start..start + width * self.channels)
                .unwrap_or_default();
            for (x, pixel) in row.chunks_exact(self.channels).enumerate() {
                let cell = (y * rows / height) * columns + x * columns / width;
                for (channel, byte) in pixel.iter().enumerate() {
                    if let Some((sum, count)) = sums.get_mut(cell * self.channels + channel) {
                        *sum += u64::from(*byte);
                        *count += 1;
                    }
                }
            }
        }
        let means = sums
            .into_iter()
            .map(|(sum, count)| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
            .collect();
        Cells {
            means,
            columns,
            rows,
            width,
            height,
            channels: self.channels,
        }
    }
}

/// Mean colours of the cells of an area.
struct Cells {
    means: Vec<u8>,
    columns: usize,
    rows: usize,
    width: usize,
    height: usize,
    channels: usize,
}

impl Cells {
    fn mean(&self, column: usize, row: usize, channel: usize) -> u8 {
        self.means
            .get((row * self.columns + column) * self.channels + channel)
            .copied()
            .unwrap_or_default()
    }

    fn at(&self, x: usize, y: usize, channel: usize) -> u8 {
        self.mean(
            x * self.columns / self.width,
            y * self.rows / self.height,
            channel,
        )
    }

    /// Between the centres of the four cells around.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "positions within a frame; a blend of bytes is a byte"
    )]
    fn blended(&self, x: usize, y: usize, channel: usize) -> u8 {
        let place = |at: usize, length: usize, cells: usize| {
            let position = ((at as f32 + 0.5) * cells as f32 / length as f32 - 0.5)
                .clamp(0.0, (cells - 1) as f32);
            let first = position.floor() as usize;
            (first, (first + 1).min(cells - 1), position - first as f32)
        };
        let (left, right, across) = place(x, self.width, self.columns);
        let (top, bottom, down) = place(y, self.height, self.rows);
        let value = |column, row| f32::from(self.mean(column, row, channel));
        let above = value(left, top) * (1.0 - across) + value(right, top) * across;
        let below = value(left, bottom) * (1.0 - across) + value(right, bottom) * across;
        (above * (1.0 - down) + below * down).round() as u8
    }
}

#[cfg(test)]
mod tests;
