//! A plate stretched out flat: from the full-resolution frame to the recogniser's input.

mod warp;

use crate::error::{Error, Failure, Result};
use crate::frame::Frame;
use crate::geometry::{Homography, Point, Quad, Rect};
use crate::letterbox::Normalization;
use crate::resample::{Channels, Crop, Resampler, ResizeQuality, Row};
use warp::{Sampling, Warp};

/// Plates that shrink by more than this are averaged before they are warped; below, interpolation sees every pixel.
const AVERAGE_ABOVE: f64 = 1.25;

/// How a plate is cut out.
///
/// ```
/// use platewarden::{Channels, RectifySpec};
/// let spec = RectifySpec::new(128, 64).with_margin(0.06, 0.06);
/// assert_eq!((spec.channels, spec.elements()), (Channels::Gray, 128 * 64));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RectifySpec {
    /// Width of the output in pixels.
    pub width: u32,
    /// Height of the output in pixels.
    pub height: u32,
    /// Channels of the output.
    pub channels: Channels,
    /// Margin at the left and the right, each as a share of the plate's width.
    pub margin_x: f32,
    /// Margin above and below, each as a share of the plate's height.
    pub margin_y: f32,
}

impl RectifySpec {
    /// An output of `width` by `height` pixels in grey, without a margin.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            channels: Channels::Gray,
            margin_x: 0.0,
            margin_y: 0.0,
        }
    }

    /// Sets the channels.
    #[must_use]
    pub const fn with_channels(mut self, channels: Channels) -> Self {
        self.channels = channels;
        self
    }

    /// Sets the margins as shares of the plate's width (each side) and height (above and below).
    #[must_use]
    pub const fn with_margin(mut self, x: f32, y: f32) -> Self {
        self.margin_x = x;
        self.margin_y = y;
        self
    }

    /// Values in the output: channels times height times width.
    #[must_use]
    pub const fn elements(&self) -> usize {
        self.channels.count() * self.height as usize * self.width as usize
    }
}

/// Stretches plates flat by a projective warp.
///
/// A plate wider than the output is averaged down first, so that its strokes stay even; beyond the frame's edges the edge
/// pixels go on. Corners that no plate could have ([`Quad::is_degenerate`]) are replaced by their bounding box. Buffers are
/// kept between calls: once they have grown to the largest plate, a call allocates nothing.
///
/// ```
/// use platewarden::{Frame, Rect, Rectifier, RectifySpec};
///
/// // Black at the left of x = 50, white at the right.
/// let pixels: Vec<u8> = (0..100 * 40).map(|i| if i % 100 < 50 { 0 } else { 255 }).collect();
/// let frame = Frame::gray8(&pixels, 100, 40, 100)?;
/// let spec = RectifySpec::new(20, 8);
/// let mut plate = vec![0; spec.elements()];
/// Rectifier::default().bytes(&frame, &Rect::new(40.0, 10.0, 20.0, 8.0).to_quad(), &spec, &mut plate)?;
/// assert_eq!((plate[9], plate[10]), (0, 255));
/// # Ok::<(), platewarden::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Rectifier {
    resampler: Resampler,
    warp: Warp,
}

impl Rectifier {
    /// One that averages by area where plates shrink.
    #[must_use]
    pub fn new() -> Self {
        Self {
            resampler: Resampler::new(ResizeQuality::Area),
            warp: Warp::default(),
        }
    }

    /// Cuts `quad` out of `frame` into bytes: height, width, channels, as pictures lie. Returns the corners that were cut,
    /// margin included, in pixels of the frame.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty) for a frame or an output without pixels,
    /// [`OutputLength`](crate::ErrorKind::OutputLength) where `out` does not hold [`RectifySpec::elements`],
    /// [`Corners`](crate::ErrorKind::Corners) where the corners have no box of any size.
    pub fn bytes(
        &mut self,
        frame: &Frame<'_>,
        quad: &Quad,
        spec: &RectifySpec,
        out: &mut [u8],
    ) -> Result<Quad> {
        check_length(spec, out.len())?;
        let (cut, sampling) = self.prepare(frame, quad, spec)?;
        let (width, channels) = (spec.width as usize, spec.channels.count());
        for (y, row) in out.chunks_exact_mut(width * channels).enumerate() {
            self.warp.locate(&sampling, y, width);
            for channel in 0..channels {
                let values = self.warp.sample(channel);
                for (out, value) in row.iter_mut().skip(channel).step_by(channels).zip(values) {
                    *out = value;
                }
            }
        }
        Ok(cut)
    }

    /// Cuts `quad` out of `frame` into numbers: channels, height, width, as networks want it. Returns the corners that
    /// were cut, margin included, in pixels of the frame.
    ///
    /// # Errors
    ///
    /// As [`Rectifier::bytes`].
    pub fn numbers(
        &mut self,
        frame: &Frame<'_>,
        quad: &Quad,
        spec: &RectifySpec,
        normalization: &Normalization,
        out: &mut [f32],
    ) -> Result<Quad> {
        check_length(spec, out.len())?;
        let (cut, sampling) = self.prepare(frame, quad, spec)?;
        let (width, plane) = (
            spec.width as usize,
            spec.width as usize * spec.height as usize,
        );
        for y in 0..spec.height as usize {
            self.warp.locate(&sampling, y, width);
            for (channel, plane) in out.chunks_exact_mut(plane).enumerate() {
                let (scale, offset) = normalization.of(channel);
                // A slice of the row, and not the rest of the plane with its start skipped, which is asked for at each pixel.
                let row = plane.chunks_exact_mut(width).nth(y).unwrap_or_default();
                for (out, value) in row.iter_mut().zip(self.warp.sample(channel)) {
                    *out = f32::from(value) * scale + offset;
                }
            }
        }
        Ok(cut)
    }

    /// Takes the part of the frame that the plate lies in, averaged down where it is to shrink, into the warp's planes.
    fn prepare(
        &mut self,
        frame: &Frame<'_>,
        quad: &Quad,
        spec: &RectifySpec,
    ) -> Result<(Quad, Sampling)> {
        frame.check_pixels()?;
        let cut = quad.widen(spec.margin_x, spec.margin_y);
        let corners_error = || {
            Error::from(Failure::Corners {
                found: format!("{:?}", quad.0),
            })
        };
        if !cut.is_finite() || cut.bounds().is_empty() {
            return Err(corners_error());
        }
        let (out_width, out_height) = (f64::from(spec.width), f64::from(spec.height));
        let pixels = Homography::scale_then_translate(1.0 / out_width, 1.0 / out_height, 0.0, 0.0);
        let to_frame = Homography::unit_square_to(&cut)
            .ok_or_else(corners_error)?
            .after(&pixels);

        let crop = crop_around(&cut.bounds(), frame);
        let (shrink_x, shrink_y) = shrinkage(&to_frame, spec);
        let size = (
            averaged(crop.width, shrink_x),
            averaged(crop.height, shrink_y),
        );
        self.warp.resize(size, spec.channels.count());
        let Self { resampler, warp } = self;
        resampler.run(frame, crop, size, spec.channels, |y, row| match row {
            Row::Gray(values) => warp.put(0, y, values),
            Row::Color(planes) => {
                for (channel, values) in planes.into_iter().enumerate() {
                    warp.put(channel, y, values);
                }
            }
        });

        let (scale_x, scale_y) = (ratio(size.0, crop.width), ratio(size.1, crop.height));
        let (left, top) = (to_f64(crop.x), to_f64(crop.y));
        let to_planes =
            Homography::scale_then_translate(scale_x, scale_y, -left * scale_x, -top * scale_y);
        Ok((cut, Sampling::new(&to_planes.after(&to_frame))))
    }
}

fn check_length(spec: &RectifySpec, found: usize) -> Result<()> {
    if spec.width == 0 || spec.height == 0 {
        return Err(Error::from(Failure::Empty {
            what: "rectified plate",
            width: spec.width,
            height: spec.height,
        }));
    }
    if found != spec.elements() {
        return Err(Error::from(Failure::OutputLength {
            what: "rectify",
            expected: spec.elements(),
            found,
        }));
    }
    Ok(())
}

/// The whole pixels around `bounds` and one more each side for interpolation, within the frame; where the two do not meet,
/// the frame's pixels nearest to `bounds`.
fn crop_around(bounds: &Rect, frame: &Frame<'_>) -> Crop {
    let side = |low: f32, high: f32, length: usize| {
        let from = ((low.floor() - 1.0).max(0.0) as usize).min(length - 1);
        let to = ((high.ceil() + 1.0).max(0.0) as usize).clamp(from + 1, length);
        (from, to - from)
    };
    let (x, width) = side(bounds.x, bounds.right(), frame.width() as usize);
    let (y, height) = side(bounds.y, bounds.bottom(), frame.height() as usize);
    Crop {
        x,
        y,
        width,
        height,
    }
}

/// How many pixels of the frame, across and down, one pixel of the output spans at the plate's centre.
fn shrinkage(to_frame: &Homography, spec: &RectifySpec) -> (f64, f64) {
    let center = Point::new(spec.width as f32 / 2.0, spec.height as f32 / 2.0);
    let at = |dx: f32, dy: f32| to_frame.apply(Point::new(center.x + dx, center.y + dy));
    let (left, right, above, below) = (at(-0.5, 0.0), at(0.5, 0.0), at(0.0, -0.5), at(0.0, 0.5));
    let span = |a: f32, b: f32| f64::from(a.hypot(b));
    (
        span(right.x - left.x, below.x - above.x),
        span(right.y - left.y, below.y - above.y),
    )
}

fn averaged(length: usize, shrink: f64) -> usize {
    if shrink > AVERAGE_ABOVE {
        ((to_f64(length) / shrink).round() as usize).clamp(1, length)
    } else {
        length
    }
}

fn ratio(a: usize, b: usize) -> f64 {
    to_f64(a) / to_f64(b)
}

fn to_f64(size: usize) -> f64 {
    size as f64
}
