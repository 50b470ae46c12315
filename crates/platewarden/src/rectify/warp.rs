//! The warp itself: where each pixel comes from, and interpolation there.

use crate::geometry::Homography;

/// The map from output pixels to planes, for one plate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sampling {
    m: [f32; 9],
}

impl Sampling {
    /// From the map of output coordinates to coordinates of the planes.
    pub(super) fn new(map: &Homography) -> Self {
        Self {
            m: map.matrix().map(|v| v as f32),
        }
    }
}

/// Pixels around a plate, and the places of one output row in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Warp {
    /// Planes of bytes, each with one column and one row beyond the pixels, so that all neighbours exist.
    planes: Vec<u8>,
    width: usize,
    height: usize,
    /// For each pixel of an output row: index of the upper left of its four neighbours.
    places: Vec<u32>,
    /// And the shares of the right and of the lower neighbours, 0 to 255 in 256.
    rights: Vec<u32>,
    belows: Vec<u32>,
}

/// Fractions of a pixel are counted in this many parts.
const PARTS: f32 = 256.0;

impl Warp {
    pub(super) fn resize(&mut self, (width, height): (usize, usize), channels: usize) {
        self.width = width;
        self.height = height;
        self.planes.resize((width + 1) * (height + 1) * channels, 0);
    }

    /// Stores one row of a plane (bytes times 256), and repeats the edges.
    #[inline]
    pub(super) fn put(&mut self, channel: usize, y: usize, values: &[u16]) {
        let stride = self.width + 1;
        let start = (channel * (self.height + 1) + y) * stride;
        let Some(row) = self.planes.get_mut(start..start + stride) else {
            return;
        };
        for (out, &value) in row.iter_mut().zip(values) {
            // 255 x 256 is the greatest value, so that rounding cannot overflow.
            *out = ((value + 128) >> 8) as u8;
        }
        if let [.., before, last] = row {
            *last = *before;
        }
        if y + 1 == self.height {
            self.planes
                .copy_within(start..start + stride, start + stride);
        }
    }

    /// Finds where the `width` pixels of output row `y` come from.
    #[inline]
    pub(super) fn locate(&mut self, sampling: &Sampling, y: usize, width: usize) {
        let [a, b, c, d, e, f, g, h, i] = sampling.m;
        let v = y as f32 + 0.5;
        let (base_x, base_y, base_w) = (b * v + c, e * v + f, h * v + i);
        // Pixel centres lie at halves: the pixel at index k is interpolated fully at k + 0.5.
        let most = |length: usize| ((length - 1) as f32).min(MOST);
        let (most_x, most_y) = (most(self.width), most(self.height));
        let stride = (self.width + 1) as u32;
        for list in [&mut self.places, &mut self.rights, &mut self.belows] {
            list.resize(width, 0);
        }
        let outputs = self
            .places
            .iter_mut()
            .zip(&mut self.rights)
            .zip(&mut self.belows);
        for (x, ((place, right), below)) in outputs.enumerate() {
            let u = x as f32 + 0.5;
            let w = 1.0 / (g * u + base_w);
            let at_x = in_parts((a * u + base_x) * w - 0.5, most_x);
            let at_y = in_parts((d * u + base_y) * w - 0.5, most_y);
            *place = (at_y >> 8) * stride + (at_x >> 8);
            *right = at_x & 255;
            *below = at_y & 255;
        }
    }

    /// The values of one channel at the places found.
    #[allow(
        clippy::indexing_slicing,
        reason = "places are clamped to the plane, which has a column and a row to spare"
    )]
    // Asked for each pixel, from another module: without it, it depends on how the crate is cut into units whether it is inlined.
    #[inline]
    pub(super) fn sample(&self, channel: usize) -> impl Iterator<Item = u8> {
        let stride = self.width + 1;
        let size = stride * (self.height + 1);
        let plane = &self.planes[channel * size..(channel + 1) * size];
        let shares = self.rights.iter().zip(&self.belows);
        self.places
            .iter()
            .zip(shares)
            .map(move |(&place, (&right, &below))| {
                let at = place as usize;
                let (upper, lower) = (&plane[at..at + 2], &plane[at + stride..at + stride + 2]);
                let across =
                    |pair: &[u8]| u32::from(pair[0]) * (256 - right) + u32::from(pair[1]) * right;
                let value = across(upper) * (256 - below) + across(lower) * below;
                ((value + (1 << 15)) >> 16) as u8
            })
    }
}

/// Beyond this a place has no 8 fractional bits left in the 24 of an `f32`.
const MOST: f32 = 32_766.0;

/// A coordinate, clamped to 0 to `most`, in whole [`PARTS`] of a pixel; 0 for what is no number.
#[inline]
fn in_parts(coordinate: f32, most: f32) -> u32 {
    // Adding 2^23 leaves the number, rounded, in the low bits: unlike a cast, this vectorises.
    const SHIFT: f32 = 8_388_608.0;
    (coordinate.max(0.0).min(most) * PARTS + SHIFT).to_bits() & 0x007F_FFFF
}
