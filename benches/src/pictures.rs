//! Frames of every pixel format, painted by a formula where what they show does not matter, or made of a picture.

use platewarden::{Frame, PixelFormat, Result};

/// Pixels with their layout, from which a frame can be borrowed.
#[derive(Debug, Clone)]
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

    /// The same picture in another layout; NV12 and I420 with the mean colour of each two by two pixels, BT.601, video range.
    #[must_use]
    pub fn from_rgb(image: &image::RgbImage, format: PixelFormat) -> Self {
        let (w, h) = (image.width() & !1, image.height() & !1);
        let at = |x: u32, y: u32| image.get_pixel(x, y).0.map(f32::from);
        let luma = |x, y| {
            let [r, g, b] = at(x, y);
            byte(16.0 + 0.257 * r + 0.504 * g + 0.098 * b)
        };
        let chroma = |x: u32, y: u32| {
            let mut sum = [0.0; 3];
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                for (sum, value) in sum.iter_mut().zip(at(2 * x + dx, 2 * y + dy)) {
                    *sum += value / 4.0;
                }
            }
            let [r, g, b] = sum;
            [
                byte(128.0 - 0.148 * r - 0.291 * g + 0.439 * b),
                byte(128.0 + 0.439 * r - 0.368 * g - 0.071 * b),
            ]
        };
        let each = |w: u32, h: u32| (0..h).flat_map(move |y| (0..w).map(move |x| (x, y)));
        let planes = match format {
            PixelFormat::Gray8 => vec![each(w, h).map(|(x, y)| luma(x, y)).collect()],
            PixelFormat::Nv12 | PixelFormat::I420 => {
                let y = each(w, h).map(|(x, y)| luma(x, y)).collect();
                let pairs: Vec<[u8; 2]> = each(w / 2, h / 2).map(|(x, y)| chroma(x, y)).collect();
                if format == PixelFormat::Nv12 {
                    vec![y, pairs.into_iter().flatten().collect()]
                } else {
                    let plane = |index: usize| {
                        pairs
                            .iter()
                            .map(|pair| pair.iter().copied().nth(index).unwrap_or(128))
                            .collect()
                    };
                    vec![y, plane(0), plane(1)]
                }
            }
            PixelFormat::Bgr8 => vec![
                each(w, h)
                    .flat_map(|(x, y)| {
                        let [r, g, b] = image.get_pixel(x, y).0;
                        [b, g, r]
                    })
                    .collect(),
            ],
            _ => vec![
                each(w, h)
                    .flat_map(|(x, y)| image.get_pixel(x, y).0)
                    .collect(),
            ],
        };
        Self {
            format,
            width: w,
            height: h,
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

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The bytes of the first plane.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.planes.first().map_or(&[], Vec::as_slice)
    }
}

fn byte(value: f32) -> u8 {
    (value + 0.5) as u8
}

fn paint(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| ((i >> 4) ^ (i.wrapping_mul(2_654_435_761) >> 13)) as u8)
        .collect()
}

impl platewarden::ToFrame for Picture {
    fn to_frame(&self) -> Result<Frame<'_>> {
        self.frame()
    }
}
