//! Eight destination rows at a time: blended, scaled across, and laid out as rows again.
//!
//! Across a row, the source pixels of neighbouring destination pixels overlap in no regular way, which leaves nothing to
//! vectorise within one row. Eight rows share their places, though: with the rows' values side by side in one register, the
//! horizontal pass is a plain weighted sum of registers.

use wide::u16x8;

use super::Crop;
use super::axis::Axis;
use super::rows::{blend, split};
use crate::frame::Plane;

/// Destination rows of a strip.
pub(super) const ROWS: usize = 8;

/// Source values blended at a time, so that they are still in the first-level cache when they are turned.
const CHUNK: usize = 128;

/// Rows of one channel, [`ROWS`] of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    /// One register for each destination pixel, a lane for each row.
    columns: Vec<u16x8>,
    /// The rows, `stride` values each.
    rows: Vec<u16>,
    stride: usize,
}

impl Channel {
    pub(super) fn resize(&mut self, width: usize) {
        self.stride = width.next_multiple_of(ROWS);
        self.columns.resize(self.stride, u16x8::ZERO);
        self.rows.resize(self.stride * ROWS, 0);
    }

    /// Row `index` of the strip, `width` values: bytes times 256.
    pub(super) fn row(&mut self, index: usize, width: usize) -> &mut [u16] {
        self.rows
            .get_mut(index * self.stride..)
            .and_then(|rows| rows.get_mut(..width))
            .unwrap_or_default()
    }

    fn turn(&mut self) {
        for (block, columns) in self.columns.as_chunks::<ROWS>().0.iter().enumerate() {
            let turned = u16x8::transpose(*columns);
            for (row, values) in self.rows.chunks_exact_mut(self.stride).zip(turned) {
                if let Some(out) = row.as_chunks_mut::<ROWS>().0.get_mut(block) {
                    *out = values.to_array();
                }
            }
        }
    }
}

/// Scales strips; keeps its buffers.
#[derive(Clone, Debug, Default)]
pub(super) struct Strips {
    /// One register for each source value, a lane for each row.
    columns: Vec<u16x8>,
    /// One blended row, where nothing is to be scaled across.
    row: Vec<u16>,
}

impl Strips {
    /// Scales up to [`ROWS`] destination rows of `plane`, from row `first` on, into one channel each of `out`.
    ///
    /// Pixels of the plane have `C` interleaved channels; the channels of `out` are sized already.
    pub(super) fn scale<const C: usize>(
        &mut self,
        (x, y): (&Axis, &Axis),
        plane: Plane<'_>,
        crop: Crop,
        first: usize,
        width: usize,
        out: [&mut Channel; C],
    ) {
        let source = |row: usize, from: usize| {
            plane
                .row(crop.y + row)
                .get(crop.x * C + from..)
                .unwrap_or_default()
        };
        let length = crop.width * C;
        if x.is_identity() {
            self.row.resize(length, 0);
            let mut out = out;
            for (index, (start, weights)) in y.entries_from(first).take(ROWS).enumerate() {
                blend(weights, |tap| source(start + tap, 0), &mut self.row);
                split(
                    &self.row,
                    out.each_mut().map(|channel| channel.row(index, width)),
                );
            }
            return;
        }

        self.columns
            .resize(length.next_multiple_of(CHUNK), u16x8::ZERO);
        let mut block = [[0u16; CHUNK]; ROWS];
        for (index, columns) in self.columns.chunks_exact_mut(CHUNK).enumerate() {
            let from = index * CHUNK;
            let count = (length - from).min(CHUNK);
            for ((start, weights), row) in y.entries_from(first).zip(&mut block) {
                let (row, _) = row.split_at_mut(count);
                blend(weights, |tap| source(start + tap, from), row);
            }
            turn(&block, columns);
        }
        across(x, &self.columns, out);
    }
}

/// Rows to columns.
fn turn(block: &[[u16; CHUNK]; ROWS], columns: &mut [u16x8]) {
    let rows = block.each_ref().map(|row| row.as_chunks::<ROWS>().0);
    for (index, columns) in columns.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
        let values = rows.map(|row| {
            row.get(index)
                .map_or(u16x8::ZERO, |values| u16x8::new(*values))
        });
        *columns = u16x8::transpose(values);
    }
}

/// The horizontal pass, on all rows of the strip at once.
fn across<const C: usize>(x: &Axis, source: &[u16x8], out: [&mut Channel; C]) {
    let mut out = out;
    for (index, (start, weights)) in x.entries_from(0).enumerate() {
        let mut sums = [u16x8::ZERO; C];
        let pixels = source
            .get(start * C..)
            .unwrap_or_default()
            .as_chunks::<C>()
            .0;
        for (pixel, &weight) in pixels.iter().zip(weights) {
            let weight = u16x8::splat(weight);
            for (sum, &value) in sums.iter_mut().zip(pixel) {
                *sum += value * weight;
            }
        }
        for (channel, sum) in out.iter_mut().zip(sums) {
            if let Some(column) = channel.columns.get_mut(index) {
                *column = sum;
            }
        }
    }
    for channel in out {
        channel.turn();
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]
mod tests {
    use super::super::ResizeQuality;
    use super::super::axis::Stretch;
    use super::*;
    use crate::frame::{Frame, Planes};

    /// The same sums, one by one.
    fn plainly(
        x: &Axis,
        y: &Axis,
        pixels: &[u8],
        stride: usize,
        channel: usize,
        at: (usize, usize),
    ) -> u16 {
        let (start_y, down) = y.entries_from(at.1).next().unwrap();
        let (start_x, across) = x.entries_from(at.0).next().unwrap();
        let blended = |column: usize| {
            let sum: u32 = down
                .iter()
                .enumerate()
                .map(|(tap, &weight)| {
                    u32::from(pixels[(start_y + tap) * stride + column * 3 + channel])
                        * u32::from(weight)
                })
                .sum();
            (sum + 128) >> 8
        };
        let sum: u32 = across
            .iter()
            .enumerate()
            .map(|(tap, &weight)| blended(start_x + tap) * u32::from(weight))
            .sum();
        u16::try_from(sum).unwrap()
    }

    #[test]
    fn vectors_give_the_same_bits_as_plain_sums() {
        for ((w, h), (to_w, to_h)) in [
            ((97, 61), (40, 23)),
            ((50, 30), (50, 9)),
            ((20, 10), (61, 33)),
            ((640, 33), (7, 8)),
        ] {
            let pixels: Vec<u8> = (0..w * h * 3)
                .map(|i| ((i * 2_654_435_761usize) >> 7) as u8)
                .collect();
            let frame = Frame::rgb8(&pixels, w as u32, h as u32, w * 3).unwrap();
            let Planes::Packed(plane) = *frame.planes() else {
                panic!("not packed")
            };
            for quality in [ResizeQuality::Area, ResizeQuality::Bilinear] {
                let (mut x, mut y) = (Axis::default(), Axis::default());
                x.prepare(Stretch::whole(w), to_w, quality);
                y.prepare(Stretch::whole(h), to_h, quality);
                let mut strips = Strips::default();
                let mut channels: [Channel; 3] = Default::default();
                channels.iter_mut().for_each(|channel| channel.resize(to_w));
                for first in (0..to_h).step_by(ROWS) {
                    strips.scale(
                        (&x, &y),
                        plane,
                        Crop::whole(&frame),
                        first,
                        to_w,
                        channels.each_mut(),
                    );
                    for row in 0..ROWS.min(to_h - first) {
                        for (index, channel) in channels.iter_mut().enumerate() {
                            for (column, &found) in channel.row(row, to_w).iter().enumerate() {
                                let expected =
                                    plainly(&x, &y, &pixels, w * 3, index, (column, first + row));
                                assert_eq!(
                                    found,
                                    expected,
                                    "{quality:?} at {column}, {}",
                                    first + row
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}
