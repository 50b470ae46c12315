//! Scales a part of a frame of any pixel format, row by row, into planar colour.

mod axis;
mod rows;
mod strip;
mod weigh;

use crate::frame::{Frame, PixelFormat, Planes};
use axis::{Axis, Stretch};
use strip::{Channel, Strips};
use weigh::ROWS;

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
    strips: Strips,
    channels: [Channel; 3],
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

    fn both(&self) -> (&Axis, &Axis) {
        (&self.x, &self.y)
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
        self.prepare(frame, crop, size);
        let (width, height) = size;
        let gray = channels == Channels::Gray;
        for first in (0..height).step_by(ROWS) {
            self.scale(frame, crop, first, width, gray);
            for index in 0..ROWS.min(height - first) {
                let planes = self
                    .channels
                    .each_mut()
                    .map(|channel| channel.row(index, width));
                sink(first + index, colored(frame, planes, channels));
            }
        }
    }

    fn prepare(&mut self, frame: &Frame<'_>, crop: Crop, size: (usize, usize)) {
        let whole = (Stretch::whole(crop.width), Stretch::whole(crop.height));
        self.luma.prepare(whole, size, self.quality);
        if let Planes::Nv12 { .. } | Planes::I420 { .. } = frame.planes() {
            // In planes of half the size the crop's pixels are half as long, and an odd start lies within one.
            let half = crop.halved();
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
        for channel in &mut self.channels {
            channel.resize(size.0);
        }
    }

    /// Scales the planes that are needed, as they are: red, green and blue in the frame's order, or Y, U and V.
    fn scale(&mut self, frame: &Frame<'_>, crop: Crop, first: usize, width: usize, gray: bool) {
        let half = crop.halved();
        let (luma, chroma) = (self.luma.both(), self.chroma.both());
        let [a, b, c] = &mut self.channels;
        let strips = &mut self.strips;
        match *frame.planes() {
            Planes::Packed(plane) if frame.format() == PixelFormat::Gray8 => {
                strips.scale(luma, plane, crop, first, width, [a]);
            }
            Planes::Packed(plane) => strips.scale(luma, plane, crop, first, width, [a, b, c]),
            Planes::Nv12 { y, .. } | Planes::I420 { y, .. } if gray => {
                strips.scale(luma, y, crop, first, width, [a]);
            }
            Planes::Nv12 { y, uv } => {
                strips.scale(luma, y, crop, first, width, [a]);
                strips.scale(chroma, uv, half, first, width, [b, c]);
            }
            Planes::I420 { y, u, v } => {
                strips.scale(luma, y, crop, first, width, [a]);
                strips.scale(chroma, u, half, first, width, [b]);
                strips.scale(chroma, v, half, first, width, [c]);
            }
        }
    }
}

/// One row in the channels asked for, computed in place.
fn colored<'a>(frame: &Frame<'_>, planes: [&'a mut [u16]; 3], channels: Channels) -> Row<'a> {
    let [a, b, c] = planes;
    let yuv = frame.yuv_color().coefficients();
    let (red, green, blue) = match frame.format() {
        PixelFormat::Gray8 => {
            return if channels == Channels::Gray {
                Row::Gray(a)
            } else {
                Row::Color([&*a; 3])
            };
        }
        PixelFormat::Nv12 | PixelFormat::I420 if channels == Channels::Gray => {
            rows::expand(a, yuv);
            return Row::Gray(a);
        }
        PixelFormat::Nv12 | PixelFormat::I420 => {
            // Red, green and blue stand where Y, U and V stood.
            rows::to_rgb([&mut *a, &mut *b, &mut *c], yuv);
            (a, b, c)
        }
        PixelFormat::Rgb8 => (a, b, c),
        PixelFormat::Bgr8 => (c, b, a),
    };
    match channels {
        Channels::Rgb => Row::Color([red, green, blue]),
        Channels::Bgr => Row::Color([blue, green, red]),
        Channels::Gray => {
            rows::luminance(red, green, blue);
            Row::Gray(red)
        }
    }
}
