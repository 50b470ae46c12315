//! Pictures in every pixel format, for the tests of scaling and rectification.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use platewarden::{Frame, PixelFormat, YuvColor, YuvMatrix, YuvRange};

/// Pixels with their layout, from which a frame can be borrowed.
pub(crate) struct Pixels {
    pub(crate) format: PixelFormat,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) planes: Vec<Vec<u8>>,
    pub(crate) strides: Vec<usize>,
    pub(crate) yuv: YuvColor,
}

pub(crate) const FORMATS: [PixelFormat; 5] = [
    PixelFormat::Rgb8,
    PixelFormat::Bgr8,
    PixelFormat::Gray8,
    PixelFormat::Nv12,
    PixelFormat::I420,
];

impl Pixels {
    /// Paints `color(x, y)` (red, green, blue; at pixel centres) in `format`, rows padded by `padding` bytes of noise.
    pub(crate) fn paint(
        format: PixelFormat,
        (width, height): (u32, u32),
        padding: usize,
        yuv: YuvColor,
        color: impl Fn(f64, f64) -> [f64; 3],
    ) -> Self {
        let (w, h) = (width as usize, height as usize);
        let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
        let at = |x: usize, y: usize| color(x as f64 + 0.5, y as f64 + 0.5);
        // Chroma belongs to the middle of its two by two pixels.
        let chroma =
            |x: usize, y: usize| to_yuv(color(2.0 * x as f64 + 1.0, 2.0 * y as f64 + 1.0), yuv);
        let luma = |x: usize, y: usize| vec![to_yuv(at(x, y), yuv)[0]];
        let planes = match format {
            PixelFormat::Rgb8 => vec![plane(w, h, padding, |x, y| at(x, y).to_vec())],
            PixelFormat::Bgr8 => vec![plane(w, h, padding, |x, y| {
                at(x, y).into_iter().rev().collect()
            })],
            PixelFormat::Gray8 => vec![plane(w, h, padding, |x, y| vec![gray(at(x, y))])],
            PixelFormat::Nv12 => {
                vec![
                    plane(w, h, padding, luma),
                    plane(half_w, half_h, padding, |x, y| chroma(x, y)[1..].to_vec()),
                ]
            }
            _ => vec![
                plane(w, h, padding, luma),
                plane(half_w, half_h, padding, |x, y| vec![chroma(x, y)[1]]),
                plane(half_w, half_h, padding, |x, y| vec![chroma(x, y)[2]]),
            ],
        };
        let strides = match format {
            PixelFormat::Rgb8 | PixelFormat::Bgr8 => vec![3 * w + padding],
            PixelFormat::Gray8 => vec![w + padding],
            PixelFormat::Nv12 => vec![w + padding, 2 * half_w + padding],
            _ => vec![w + padding, half_w + padding, half_w + padding],
        };
        Self {
            format,
            width,
            height,
            planes,
            strides,
            yuv,
        }
    }

    /// One colour all over.
    pub(crate) fn flat(format: PixelFormat, size: (u32, u32), color: [u8; 3]) -> Self {
        Self::paint(format, size, 5, YuvColor::default(), |_, _| {
            color.map(f64::from)
        })
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        let (p, s, w, h) = (&self.planes, &self.strides, self.width, self.height);
        match self.format {
            PixelFormat::Rgb8 => Frame::rgb8(&p[0], w, h, s[0]),
            PixelFormat::Bgr8 => Frame::bgr8(&p[0], w, h, s[0]),
            PixelFormat::Gray8 => Frame::gray8(&p[0], w, h, s[0]),
            PixelFormat::Nv12 => Frame::nv12(&p[0], s[0], &p[1], s[1], w, h),
            _ => Frame::i420(&p[0], &p[1], &p[2], [s[0], s[1], s[2]], w, h),
        }
        .unwrap()
        .with_yuv_color(self.yuv)
    }
}

fn plane(
    width: usize,
    height: usize,
    padding: usize,
    value: impl Fn(usize, usize) -> Vec<f64>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for y in 0..height {
        for x in 0..width {
            bytes.extend(
                value(x, y)
                    .into_iter()
                    .map(|v| v.round().clamp(0.0, 255.0) as u8),
            );
        }
        bytes.extend((0..padding).map(|i| (i * 97 + y * 31) as u8));
    }
    bytes
}

pub(crate) fn gray([r, g, b]: [f64; 3]) -> f64 {
    0.299 * r + 0.587 * g + 0.114 * b
}

/// Y, U and V by the definitions of BT.601 and BT.709.
pub(crate) fn to_yuv([r, g, b]: [f64; 3], yuv: YuvColor) -> [f64; 3] {
    let (kr, kb) = if yuv.matrix == YuvMatrix::Bt709 {
        (0.2126, 0.0722)
    } else {
        (0.299, 0.114)
    };
    let y = kr * r + (1.0 - kr - kb) * g + kb * b;
    let (u, v) = ((b - y) / (2.0 * (1.0 - kb)), (r - y) / (2.0 * (1.0 - kr)));
    if yuv.range == YuvRange::Full {
        [y, 128.0 + u, 128.0 + v]
    } else {
        [
            16.0 + y * 219.0 / 255.0,
            128.0 + u * 224.0 / 255.0,
            128.0 + v * 224.0 / 255.0,
        ]
    }
}
