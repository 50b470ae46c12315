//! A frame scaled into a network's input, in one pass from its pixels to planar numbers.

use multiversion::multiversion;

use crate::error::{Error, Failure, Result};
use crate::frame::Frame;
use crate::geometry::{LetterboxGeometry, Placement};
use crate::resample::{Channels, Crop, Resampler, ResizeQuality, Row};

/// How bytes become a network's numbers: `byte x scale + offset`, each channel on its own.
///
/// The first entry belongs to the first channel in the order that the network has; luminance uses the first alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalization {
    /// Factor of each channel.
    pub scale: [f32; 3],
    /// Summand of each channel.
    pub offset: [f32; 3],
}

impl Normalization {
    /// 0 to 255 becomes 0 to 1.
    pub const UNIT: Self = Self::uniform(1.0 / 255.0, 0.0);
    /// 0 to 255 becomes -1 to 1.
    pub const SIGNED: Self = Self::uniform(1.0 / 127.5, -1.0);
    /// Bytes stay what they are.
    pub const NONE: Self = Self::uniform(1.0, 0.0);

    /// The same factor and summand for every channel.
    #[must_use]
    pub const fn uniform(scale: f32, offset: f32) -> Self {
        Self {
            scale: [scale; 3],
            offset: [offset; 3],
        }
    }

    /// From mean and standard deviation of values that are 0 to 1, as training code states them.
    ///
    /// ```
    /// use platewarden::Normalization;
    /// let norm = Normalization::from_mean_std([0.5; 3], [0.25; 3]);
    /// assert!((norm.apply(0, 255.0) - 2.0).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn from_mean_std(mean: [f32; 3], std: [f32; 3]) -> Self {
        let [a, b, c] = mean;
        let [d, e, f] = std;
        Self {
            scale: std.map(|std| 1.0 / (255.0 * std)),
            offset: [-a / d, -b / e, -c / f],
        }
    }

    /// The number that `byte` of channel `channel` (0 to 2) becomes.
    #[must_use]
    pub fn apply(&self, channel: usize, byte: f32) -> f32 {
        let (scale, offset) = self.of(channel);
        byte * scale + offset
    }

    pub(crate) fn of(&self, channel: usize) -> (f32, f32) {
        (
            self.scale.get(channel).copied().unwrap_or(1.0),
            self.offset.get(channel).copied().unwrap_or(0.0),
        )
    }
}

impl Default for Normalization {
    fn default() -> Self {
        Self::UNIT
    }
}

/// What a network wants as its picture: size, channels, padding, numbers.
///
/// ```
/// use platewarden::{Channels, LetterboxSpec};
/// let spec = LetterboxSpec::new(416, 256).with_channels(Channels::Bgr);
/// assert_eq!(spec.elements(), 3 * 256 * 416);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LetterboxSpec {
    /// Width of the input in pixels.
    pub width: u32,
    /// Height of the input in pixels.
    pub height: u32,
    /// The planes of the input, in order.
    pub channels: Channels,
    /// Where the scaled frame lies.
    pub placement: Placement,
    /// The byte that fills the rest, before normalisation.
    pub padding: u8,
    /// How bytes become numbers.
    pub normalization: Normalization,
}

impl LetterboxSpec {
    /// An input of `width` by `height` pixels: RGB from 0 to 1, the frame in the top left corner, the rest 114.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            channels: Channels::Rgb,
            placement: Placement::TopLeft,
            padding: 114,
            normalization: Normalization::UNIT,
        }
    }

    /// Sets the channels and their order.
    #[must_use]
    pub const fn with_channels(mut self, channels: Channels) -> Self {
        self.channels = channels;
        self
    }

    /// Sets where the scaled frame lies.
    #[must_use]
    pub const fn with_placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// Sets the byte that fills what the frame does not cover.
    #[must_use]
    pub const fn with_padding(mut self, padding: u8) -> Self {
        self.padding = padding;
        self
    }

    /// Sets how bytes become numbers.
    #[must_use]
    pub const fn with_normalization(mut self, normalization: Normalization) -> Self {
        self.normalization = normalization;
        self
    }

    /// Numbers in the input: channels times height times width.
    #[must_use]
    pub const fn elements(&self) -> usize {
        self.channels.count() * self.height as usize * self.width as usize
    }

    /// Where a frame of `size` (width, height) would lie in this input.
    #[must_use]
    pub fn geometry(&self, size: (u32, u32)) -> LetterboxGeometry {
        LetterboxGeometry::new(size, (self.width, self.height), self.placement)
    }
}

/// Scales frames into a network's input.
///
/// Keeps tables and a few rows between calls: after the first frame of a size, a call allocates nothing. NV12 and I420 go
/// straight into the planes; no picture of the frame's size is made on the way.
///
/// ```
/// use platewarden::{Frame, LetterboxSpec, Letterboxer};
///
/// let white = vec![255u8; 64 * 48 * 3];
/// let frame = Frame::rgb8(&white, 64, 48, 64 * 3)?;
/// let spec = LetterboxSpec::new(32, 32).with_padding(51);
/// let mut input = vec![0.0; spec.elements()];
/// let geometry = Letterboxer::default().fill(&frame, &spec, &mut input)?;
/// assert_eq!(geometry.scaled_size(), (32, 24));
/// assert!((input[0] - 1.0).abs() < 1e-6 && (input[31 * 32] - 0.2).abs() < 1e-6);
/// # Ok::<(), platewarden::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Letterboxer {
    resampler: Resampler,
}

impl Letterboxer {
    /// One that scales in the way stated.
    #[must_use]
    pub fn new(quality: ResizeQuality) -> Self {
        Self {
            resampler: Resampler::new(quality),
        }
    }

    /// How frames are scaled.
    #[must_use]
    pub fn quality(&self) -> ResizeQuality {
        self.resampler.quality()
    }

    /// Fills `input` (channels, height, width; row-major) from `frame`, and tells where the frame lies in it.
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty) for a frame or an input without pixels,
    /// [`OutputLength`](crate::ErrorKind::OutputLength) where `input` does not hold [`LetterboxSpec::elements`].
    pub fn fill(
        &mut self,
        frame: &Frame<'_>,
        spec: &LetterboxSpec,
        input: &mut [f32],
    ) -> Result<LetterboxGeometry> {
        check(frame, spec, input.len())?;
        let geometry = spec.geometry(frame.size());
        pad(spec, &geometry, input);

        let width = geometry.scaled_size().0 as usize;
        let (left, top) = (geometry.offset().0 as usize, geometry.offset().1 as usize);
        let (stride, plane) = (
            spec.width as usize,
            spec.width as usize * spec.height as usize,
        );
        let write = |channel: usize, y: usize, values: &[u16]| {
            let start = channel * plane + (top + y) * stride + left;
            let (scale, offset) = spec.normalization.of(channel);
            if let Some(out) = input.get_mut(start..start + width) {
                normalize(values, scale / 256.0, offset, out);
            }
        };
        self.scale(frame, spec, &geometry, write);
        Ok(geometry)
    }

    /// Fills `input` with the bytes of `frame` in blocks of 2 x 2 pixels (4 x channels, height / 2, width / 2; row-major): plane
    /// `(2y + x) x channels + c` has channel `c` of the pixels in row `y` and column `x` of their blocks. Tells where the frame lies in
    /// the picture that the blocks make up; the normalisation of `spec` is not looked at.
    ///
    /// # Errors
    ///
    /// Those of [`fill`](Self::fill), and [`OutputLength`](crate::ErrorKind::OutputLength) for an odd width or height, whose blocks
    /// `input` cannot hold.
    ///
    /// ```
    /// use platewarden::{Channels, Frame, LetterboxSpec, Letterboxer};
    ///
    /// let pixels: Vec<u8> = (0..16).collect();
    /// let frame = Frame::gray8(&pixels, 4, 4, 4)?;
    /// let spec = LetterboxSpec::new(4, 4).with_channels(Channels::Gray);
    /// let mut input = [0; 16];
    /// Letterboxer::default().fill_space_to_depth(&frame, &spec, &mut input)?;
    /// assert_eq!(input, [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15]);
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    pub fn fill_space_to_depth(
        &mut self,
        frame: &Frame<'_>,
        spec: &LetterboxSpec,
        input: &mut [u8],
    ) -> Result<LetterboxGeometry> {
        let (blocks_across, blocks_down) = (spec.width as usize / 2, spec.height as usize / 2);
        let plane = blocks_across * blocks_down;
        // An odd side has pixels that are in no block.
        let held = 4 * spec.channels.count() * plane;
        let is_even = held == spec.elements();
        check(frame, spec, if is_even { input.len() } else { held })?;
        let geometry = spec.geometry(frame.size());
        if geometry.scaled_size() != (spec.width, spec.height) {
            input.fill(spec.padding);
        }
        let channels = spec.channels.count();
        let (left, top) = (geometry.offset().0 as usize, geometry.offset().1 as usize);
        let write = |channel: usize, y: usize, values: &[u16]| {
            let y = top + y;
            let first = (2 * (y % 2) * channels + channel) * plane + y / 2 * blocks_across;
            let second = first + channels * plane;
            let Some((before, after)) = input.split_at_mut_checked(second) else {
                return;
            };
            if let (Some(even), Some(odd)) = (
                before.get_mut(first..first + blocks_across),
                after.get_mut(..blocks_across),
            ) {
                deal(values, left, even, odd);
            }
        };
        self.scale(frame, spec, &geometry, write);
        Ok(geometry)
    }

    /// Scales a frame and hands each row of each channel on, values of 0 to 255 times 256.
    fn scale(
        &mut self,
        frame: &Frame<'_>,
        spec: &LetterboxSpec,
        geometry: &LetterboxGeometry,
        mut write: impl FnMut(usize, usize, &[u16]),
    ) {
        let (width, height) = geometry.scaled_size();
        self.resampler.run(
            frame,
            Crop::whole(frame),
            (width as usize, height as usize),
            spec.channels,
            |y, row| match row {
                Row::Gray(values) => write(0, y, values),
                Row::Color(planes) => {
                    for (channel, values) in planes.into_iter().enumerate() {
                        write(channel, y, values);
                    }
                }
            },
        );
    }
}

/// Whether a frame can be scaled into an input of this length.
fn check(frame: &Frame<'_>, spec: &LetterboxSpec, found: usize) -> Result<()> {
    frame.check_pixels()?;
    if spec.width == 0 || spec.height == 0 {
        return Err(Error::from(Failure::Empty {
            what: "network input",
            width: spec.width,
            height: spec.height,
        }));
    }
    if found != spec.elements() {
        return Err(Error::from(Failure::OutputLength {
            what: "letterbox",
            expected: spec.elements(),
            found,
        }));
    }
    Ok(())
}

/// Fills what the frame leaves free, and that alone.
fn pad(spec: &LetterboxSpec, geometry: &LetterboxGeometry, input: &mut [f32]) {
    let (width, height) = (
        geometry.scaled_size().0 as usize,
        geometry.scaled_size().1 as usize,
    );
    let (left, top) = (geometry.offset().0 as usize, geometry.offset().1 as usize);
    let stride = spec.width as usize;
    for (channel, plane) in input
        .chunks_exact_mut(stride * spec.height as usize)
        .enumerate()
    {
        let value = spec.normalization.apply(channel, f32::from(spec.padding));
        for (y, row) in plane.chunks_exact_mut(stride).enumerate() {
            if y < top || y >= top + height {
                row.fill(value);
            } else {
                row.iter_mut().take(left).for_each(|out| *out = value);
                row.iter_mut()
                    .skip(left + width)
                    .for_each(|out| *out = value);
            }
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn normalize(values: &[u16], scale: f32, offset: f32, out: &mut [f32]) {
    for (out, &value) in out.iter_mut().zip(values) {
        *out = f32::from(value) * scale + offset;
    }
}

/// Deals a row's values, times 256, out to the columns of even and of odd number, from column `left` on; half a byte rounds up.
#[multiversion(targets("x86_64+avx2"))]
fn deal(values: &[u16], left: usize, even: &mut [u8], odd: &mut [u8]) {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the largest value, 255 times 256, and a half make 255"
    )]
    let byte = |value: u16| ((u32::from(value) + 128) >> 8) as u8;
    let (mut values, mut block) = (values, left / 2);
    if left % 2 == 1
        && let ([first, rest @ ..], Some(out)) = (values, odd.get_mut(block))
    {
        *out = byte(*first);
        (values, block) = (rest, block + 1);
    }
    let pairs = values.chunks_exact(2);
    if let (&[last], Some(out)) = (pairs.remainder(), even.get_mut(block + values.len() / 2)) {
        *out = byte(last);
    }
    let outs = even.iter_mut().zip(odd).skip(block);
    for ((even, odd), pair) in outs.zip(pairs) {
        if let &[left, right] = pair {
            (*even, *odd) = (byte(left), byte(right));
        }
    }
}
