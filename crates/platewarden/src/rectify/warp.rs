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
    /// For each pixel of an output row: index of the upper left of its four neighbours, and its shares of the right and
    /// of the lower ones, 0 to 256.
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    index: u32,
    right: u16,
    below: u16,
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
    pub(super) fn locate(&mut self, sampling: &Sampling, y: usize, width: usize) {
        let [a, b, c, d, e, f, g, h, i] = sampling.m;
        let v = y as f32 + 0.5;
        let (base_x, base_y, base_w) = (b * v + c, e * v + f, h * v + i);
        // Pixel centres lie at halves: the pixel at index k is interpolated fully at k + 0.5.
        let (most_x, most_y) = ((self.width - 1) as f32, (self.height - 1) as f32);
        let stride = (self.width + 1) as u32;
        self.places.resize(width, Place::default());
        for (x, place) in self.places.iter_mut().enumerate() {
            let u = x as f32 + 0.5;
            let w = 1.0 / (g * u + base_w);
            let at_x = (((a * u + base_x) * w - 0.5).clamp(0.0, most_x) * PARTS + 0.5) as i32;
            let at_y = (((d * u + base_y) * w - 0.5).clamp(0.0, most_y) * PARTS + 0.5) as i32;
            place.index = (at_y as u32 >> 8) * stride + (at_x as u32 >> 8);
            place.right = (at_x & 255) as u16;
            place.below = (at_y & 255) as u16;
        }
    }

    /// The values of one channel at the places found.
    #[allow(
        clippy::indexing_slicing,
        reason = "places are clamped to the plane, which has a column and a row to spare"
    )]
    pub(super) fn sample(&self, channel: usize) -> impl Iterator<Item = u8> {
        let stride = self.width + 1;
        let size = stride * (self.height + 1);
        let plane = &self.planes[channel * size..(channel + 1) * size];
        self.places.iter().map(move |place| {
            let at = place.index as usize;
            let (upper, lower) = (&plane[at..at + 2], &plane[at + stride..at + stride + 2]);
            let (right, below) = (u32::from(place.right), u32::from(place.below));
            let across =
                |pair: &[u8]| u32::from(pair[0]) * (256 - right) + u32::from(pair[1]) * right;
            let value = across(upper) * (256 - below) + across(lower) * below;
            ((value + (1 << 15)) >> 16) as u8
        })
    }
}
