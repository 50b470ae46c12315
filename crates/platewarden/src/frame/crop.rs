//! A part of a frame as RGB.

use image::RgbImage;

use super::{Frame, PixelFormat, Planes, YuvCoefficients};
use crate::geometry::Rect;

/// The part of a frame that `area` covers, as RGB; `None` where it covers no pixel.
///
/// `area` is in pixels of the frame and is cut at its edges; only the pixels within are converted.
///
/// ```
/// use platewarden::{Frame, Rect, frame::crop_rgb};
/// let pixels = [7_u8; 20 * 10];
/// let frame = Frame::gray8(&pixels, 20, 10, 20)?;
/// let part = crop_rgb(&frame, &Rect::new(15.0, 5.0, 100.0, 2.5)).unwrap();
/// assert_eq!((part.dimensions(), part.get_pixel(0, 0).0), ((5, 3), [7, 7, 7]));
/// # Ok::<(), platewarden::Error>(())
/// ```
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the frame"
)]
pub fn crop_rgb(frame: &Frame<'_>, area: &Rect) -> Option<RgbImage> {
    let area = area.clamp_to(frame.width(), frame.height());
    if area.is_empty() {
        return None;
    }
    let (x1, y1) = (area.x.floor() as u32, area.y.floor() as u32);
    let x2 = (area.right().ceil() as u32).min(frame.width());
    let y2 = (area.bottom().ceil() as u32).min(frame.height());
    let (width, height) = (x2.checked_sub(x1)?, y2.checked_sub(y1)?);
    if width == 0 || height == 0 {
        return None;
    }
    let mut part = RgbImage::new(width, height);
    for (y, row) in (y1..y2).zip(part.rows_mut()) {
        let source = RowReader::new(frame, y as usize);
        for (x, pixel) in (x1..x2).zip(row) {
            pixel.0 = source.rgb(x as usize);
        }
    }
    Some(part)
}

/// Pixels of one row.
enum RowReader<'a> {
    Packed(PixelFormat, &'a [u8]),
    Yuv(YuvCoefficients, &'a [u8], Chroma<'a>),
}

enum Chroma<'a> {
    Pairs(&'a [u8]),
    Planes(&'a [u8], &'a [u8]),
}

impl<'a> RowReader<'a> {
    fn new(frame: &Frame<'a>, y: usize) -> Self {
        let coefficients = frame.yuv_color().coefficients();
        match frame.planes() {
            Planes::Packed(plane) => Self::Packed(frame.format(), plane.row(y)),
            Planes::Nv12 { y: luminance, uv } => {
                Self::Yuv(coefficients, luminance.row(y), Chroma::Pairs(uv.row(y / 2)))
            }
            Planes::I420 { y: luminance, u, v } => Self::Yuv(
                coefficients,
                luminance.row(y),
                Chroma::Planes(u.row(y / 2), v.row(y / 2)),
            ),
        }
    }

    fn rgb(&self, x: usize) -> [u8; 3] {
        let at = |bytes: &[u8], index: usize| bytes.get(index).copied().unwrap_or_default();
        match self {
            Self::Packed(PixelFormat::Gray8, row) => [at(row, x); 3],
            Self::Packed(format, row) => {
                let [a, b, c] = [at(row, 3 * x), at(row, 3 * x + 1), at(row, 3 * x + 2)];
                if *format == PixelFormat::Bgr8 {
                    [c, b, a]
                } else {
                    [a, b, c]
                }
            }
            Self::Yuv(coefficients, row, chroma) => {
                let half = x / 2;
                let (u, v) = match chroma {
                    Chroma::Pairs(pairs) => (at(pairs, 2 * half), at(pairs, 2 * half + 1)),
                    Chroma::Planes(u, v) => (at(u, half), at(v, half)),
                };
                to_rgb(*coefficients, at(row, x), u, v)
            }
        }
    }
}

/// One pixel from luminance and colour differences.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of a byte"
)]
fn to_rgb(factors: YuvCoefficients, y: u8, u: u8, v: u8) -> [u8; 3] {
    // Factors have 13 bits behind the point; a half is added before they are cut off.
    const BITS: i32 = 13;
    let luminance =
        (i32::from(y) - i32::from(factors.black)) * i32::from(factors.y) + (1 << (BITS - 1));
    let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
    [
        luminance + v * i32::from(factors.red_v),
        luminance + u * i32::from(factors.green_u) + v * i32::from(factors.green_v),
        luminance + u * i32::from(factors.blue_u),
    ]
    .map(|fixed| (fixed >> BITS).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn every_format_gives_the_same_color() {
        // Y 81, U 90, V 240 of BT.601 limited range is red.
        let (y, uv) = (vec![81; 24], [90, 240].repeat(6));
        let (u, v) = (vec![90; 6], vec![240; 6]);
        let rgb = [254, 0, 0].repeat(24);
        let bgr = [0, 0, 254].repeat(24);
        let frames = [
            Frame::nv12(&y, 6, &uv, 6, 6, 4).unwrap(),
            Frame::i420(&y, &u, &v, [6, 3, 3], 6, 4).unwrap(),
            Frame::rgb8(&rgb, 6, 4, 18).unwrap(),
            Frame::bgr8(&bgr, 6, 4, 18).unwrap(),
        ];
        for frame in frames {
            let part = crop_rgb(&frame, &Rect::new(1.0, 1.0, 3.0, 2.0)).unwrap();
            assert_eq!(part.dimensions(), (3, 2));
            for pixel in part.pixels() {
                let [r, g, b] = pixel.0;
                assert!(r > 250 && g < 4 && b < 4, "{frame:?}: {pixel:?}");
            }
        }
    }

    #[test]
    fn outside_the_frame_is_nothing() {
        let pixels = [0_u8; 12];
        let frame = Frame::gray8(&pixels, 4, 3, 4).unwrap();
        assert!(crop_rgb(&frame, &Rect::new(10.0, 0.0, 5.0, 5.0)).is_none());
        assert!(crop_rgb(&frame, &Rect::new(f32::NAN, 0.0, 5.0, 5.0)).is_none());
    }
}
