//! Scales a part of a frame of any pixel format, row by row, into planar colour.

mod axis;
mod rows;

use crate::frame::{Frame, PixelFormat, Plane, Planes, YuvCoefficients};
use axis::{Axis, Stretch};
use rows::{LANES, blend, gather};

/// How a frame is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResizeQuality {
    /// The mean of all pixels that a scaled pixel covers when scaling down, as OpenCV's `INTER_AREA`; linear interpolation
    /// when scaling up. Every pixel of the frame is read once.
    #[default]
    Area,
    /// Linear interpolation between the four nearest pixels, as OpenCV's `INTER_LINEAR`. Reads fewer pixels, and aliases
    /// where a frame shrinks to less than half.
    Bilinear,
}

/// The channels that a network or a picture has, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channels {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// Luminance alone.
    Gray,
}

impl Channels {
    /// How many there are.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Rgb | Self::Bgr => 3,
            Self::Gray => 1,
        }
    }
}

/// A part of a frame in whole pixels, within the frame, neither side 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crop {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Crop {
    pub(crate) fn whole(frame: &Frame<'_>) -> Self {
        Self {
            x: 0,
            y: 0,
            width: frame.width() as usize,
            height: frame.height() as usize,
        }
    }

    /// The pixels of planes at half the size that this crop touches.
    fn halved(self) -> Self {
        let (x, y) = (self.x / 2, self.y / 2);
        let (right, bottom) = (
            (self.x + self.width).div_ceil(2),
            (self.y + self.height).div_ceil(2),
        );
        Self {
            x,
            y,
            width: right - x,
            height: bottom - y,
        }
    }
}

/// One scaled row: a slice for each channel, of values 0 to 255 times 256. Luminance has one slice.
pub(crate) enum Row<'a> {
    Gray(&'a [u16]),
    /// In the order asked for.
    Color([&'a [u16]; 3]),
}

/// Scales frames; keeps its tables and buffers between calls, so that frames of one size cost no allocation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resampler {
    quality: ResizeQuality,
    luma: Axes,
    chroma: Axes,
    /// One source-wide row after the vertical pass.
    blended: Vec<u16>,
    /// Up to three scaled rows.
    scaled: [Vec<u16>; 3],
}

#[derive(Clone, Debug, Default)]
struct Axes {
    x: Axis,
    y: Axis,
}

impl Axes {
    fn prepare(
        &mut self,
        (across, down): (Stretch, Stretch),
        size: (usize, usize),
        quality: ResizeQuality,
    ) {
        self.x.prepare(across, size.0, quality);
        self.y.prepare(down, size.1, quality);
    }
}

impl Resampler {
    pub(crate) fn new(quality: ResizeQuality) -> Self {
        Self {
            quality,
            ..Self::default()
        }
    }

    pub(crate) fn quality(&self) -> ResizeQuality {
        self.quality
    }

    /// Scales `crop` of `frame` to `size` (width, height, neither 0) and hands each row to `sink` from the top down.
    pub(crate) fn run(
        &mut self,
        frame: &Frame<'_>,
        crop: Crop,
        size: (usize, usize),
        channels: Channels,
        mut sink: impl FnMut(usize, Row<'_>),
    ) {
        let half = crop.halved();
        let whole = (Stretch::whole(crop.width), Stretch::whole(crop.height));
        self.luma.prepare(whole, size, self.quality);
        if let Planes::Nv12 { .. } | Planes::I420 { .. } = frame.planes() {
            // In planes of half the size the crop's pixels are half as long, and an odd start lies within one.
            let across = Stretch {
                pixels: half.width,
                start: crop.x % 2,
                length: crop.width,
            };
            let down = Stretch {
                pixels: half.height,
                start: crop.y % 2,
                length: crop.height,
            };
            self.chroma.prepare((across, down), size, self.quality);
        }
        let Self {
            luma,
            chroma,
            blended,
            scaled,
            ..
        } = self;
        let [first, second, third] = scaled.each_mut().map(|row| {
            row.resize(size.0, 0);
            row.as_mut_slice()
        });
        let yuv = frame.yuv_color().coefficients();
        let gray = channels == Channels::Gray;
        // The same number of rows in both: the destination's.
        let chroma_rows = chroma.y.entries().map(Some).chain(std::iter::repeat(None));

        for (index, (taps, chroma_taps)) in luma.y.entries().zip(chroma_rows).enumerate() {
            let row = match (*frame.planes(), chroma_taps) {
                (Planes::Packed(plane), _) if frame.format() == PixelFormat::Gray8 => {
                    scale_one(&luma.x, taps, plane, crop, blended, first);
                    if gray {
                        Row::Gray(&*first)
                    } else {
                        Row::Color([&*first; 3])
                    }
                }
                (Planes::Packed(plane), _) => {
                    scale_row(
                        &luma.x,
                        taps,
                        plane,
                        crop,
                        blended,
                        [&mut *first, &mut *second, &mut *third],
                    );
                    let (red, blue) = if frame.format() == PixelFormat::Bgr8 {
                        (&mut *third, &mut *first)
                    } else {
                        (&mut *first, &mut *third)
                    };
                    match channels {
                        Channels::Rgb => Row::Color([&*red, &*second, &*blue]),
                        Channels::Bgr => Row::Color([&*blue, &*second, &*red]),
                        Channels::Gray => {
                            rows::luminance(red, second, blue);
                            Row::Gray(&*red)
                        }
                    }
                }
                (Planes::Nv12 { y, .. } | Planes::I420 { y, .. }, _) if gray => {
                    scale_one(&luma.x, taps, y, crop, blended, first);
                    rows::expand(first, yuv);
                    Row::Gray(&*first)
                }
                (Planes::Nv12 { y, uv }, Some(chroma_taps)) => {
                    scale_one(&luma.x, taps, y, crop, blended, first);
                    scale_row(
                        &chroma.x,
                        chroma_taps,
                        uv,
                        half,
                        blended,
                        [&mut *second, &mut *third],
                    );
                    color_row([&mut *first, &mut *second, &mut *third], yuv, channels)
                }
                (Planes::I420 { y, u, v }, Some(chroma_taps)) => {
                    scale_one(&luma.x, taps, y, crop, blended, first);
                    scale_one(&chroma.x, chroma_taps, u, half, blended, second);
                    scale_one(&chroma.x, chroma_taps, v, half, blended, third);
                    color_row([&mut *first, &mut *second, &mut *third], yuv, channels)
                }
                (Planes::Nv12 { .. } | Planes::I420 { .. }, None) => return,
            };
            sink(index, row);
        }
    }
}

fn color_row<'a>(planes: [&'a mut [u16]; 3], yuv: YuvCoefficients, channels: Channels) -> Row<'a> {
    let [y, u, v] = planes;
    rows::to_rgb([y, u, v], yuv);
    // Red, green and blue stand where Y, U and V stood.
    if channels == Channels::Bgr {
        Row::Color([v, u, y])
    } else {
        Row::Color([y, u, v])
    }
}

type Taps<'a> = (usize, &'a [u16]);

/// One destination row of a plane of interleaved pixels, one slice a channel.
fn scale_row<const C: usize>(
    x: &Axis,
    taps: Taps<'_>,
    plane: Plane<'_>,
    crop: Crop,
    blended: &mut Vec<u16>,
    out: [&mut [u16]; C],
) {
    let row = blend_rows::<C>(taps, plane, crop, blended);
    if x.is_identity() {
        rows::split(row, out)
    } else {
        gather(x.entries(), row, out)
    }
}

/// One destination row of a plane of one channel.
fn scale_one(
    x: &Axis,
    taps: Taps<'_>,
    plane: Plane<'_>,
    crop: Crop,
    blended: &mut Vec<u16>,
    out: &mut [u16],
) {
    let row = blend_rows::<1>(taps, plane, crop, blended);
    if x.is_identity() {
        rows::split(row, [out])
    } else {
        rows::gather_one(x.entries(), row, out)
    }
}

fn blend_rows<'b, const C: usize>(
    (start, weights): Taps<'_>,
    plane: Plane<'_>,
    crop: Crop,
    blended: &'b mut Vec<u16>,
) -> &'b [u16] {
    let length = crop.width * C;
    blended.resize(length + LANES, 0);
    let source = |tap: usize| {
        plane
            .row(crop.y + start + tap)
            .get(crop.x * C..)
            .unwrap_or_default()
    };
    blend(
        weights,
        source,
        blended.get_mut(..length).unwrap_or_default(),
    );
    blended
}
