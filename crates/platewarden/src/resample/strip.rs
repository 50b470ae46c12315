//! Sixteen destination rows at a time: blended, scaled across, and laid out as rows again.
//!
//! Across a row, the source pixels of neighbouring destination pixels overlap in no regular way, which leaves nothing to
//! vectorise within one row. Sixteen rows share their places, though: with the rows' values side by side, the horizontal
//! pass is a plain weighted sum of vectors.
//!
//! Source rows are read whole, one after the other: in blocks of a few columns from many rows, a frame that comes from
//! memory is waited for (1.7 times the time, measured).

use multiversion::{multiversion, target::match_target};
use wide::{u8x16, u16x8};

use super::Crop;
use super::axis::Axis;
use super::rows::{blend, split};
use super::weigh::{self, Column, ROWS};
use crate::frame::Plane;

/// Rows and columns of the squares that are turned when a strip is laid out as rows again.
const SQUARE: usize = 8;

/// Rows of one channel, [`ROWS`] of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    /// One for each destination pixel.
    columns: Vec<Column>,
    /// The rows, `stride` values each.
    rows: Vec<u16>,
    stride: usize,
}

impl Channel {
    pub(super) fn resize(&mut self, width: usize) {
        self.stride = width.next_multiple_of(SQUARE);
        self.columns.resize(self.stride, Column([0; ROWS]));
        self.rows.resize(self.stride * ROWS, 0);
    }

    /// Row `index` of the strip, `width` values: bytes times 256.
    pub(super) fn row(&mut self, index: usize, width: usize) -> &mut [u16] {
        self.rows
            .get_mut(index * self.stride..)
            .and_then(|rows| rows.get_mut(..width))
            .unwrap_or_default()
    }

    #[inline(always)]
    fn turn(&mut self) {
        let (upper, lower) = self.rows.split_at_mut(self.stride * SQUARE);
        for (block, columns) in self.columns.as_chunks::<SQUARE>().0.iter().enumerate() {
            for (half, rows) in [&mut *upper, &mut *lower].into_iter().enumerate() {
                let square = columns.map(|Column(values)| {
                    let halves = values.as_chunks::<SQUARE>().0;
                    halves
                        .get(half)
                        .map_or(u16x8::ZERO, |values| u16x8::new(*values))
                });
                let turned = u16x8::transpose(square);
                for (row, values) in rows.chunks_exact_mut(self.stride).zip(turned) {
                    if let Some(out) = row.as_chunks_mut::<SQUARE>().0.get_mut(block) {
                        *out = values.to_array();
                    }
                }
            }
        }
    }
}

/// The values of a plane that are scaled, in values from its left and rows from its top.
#[derive(Clone, Copy)]
struct Part {
    left: usize,
    top: usize,
    length: usize,
}

impl Part {
    /// From one blended row to the next.
    fn stride(self) -> usize {
        self.length.next_multiple_of(ROWS)
    }
}

/// Scales strips; keeps its buffers.
#[derive(Clone, Debug, Default)]
pub(super) struct Strips {
    /// Blended rows, one after the other.
    blended: Vec<u8>,
    /// Sums on the way to a blended row.
    partial: Vec<u16>,
    /// For each source value, a lane for each row.
    columns: Vec<u8x16>,
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
        mut out: [&mut Channel; C],
    ) {
        let part = Part {
            left: crop.x * C,
            top: crop.y,
            length: crop.width * C,
        };
        blend_rows(self, y, first, plane, part);
        if x.is_identity() {
            for (index, row) in self.blended.chunks_exact(part.stride()).enumerate() {
                split(row, out.each_mut().map(|channel| channel.row(index, width)));
            }
        } else {
            scale_across(self, x, part.stride(), out);
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn blend_rows(strips: &mut Strips, y: &Axis, first: usize, plane: Plane<'_>, part: Part) {
    strips.blended.resize(part.stride() * ROWS, 0);
    strips.partial.resize(part.length, 0);
    let source = |row: usize| {
        plane
            .row(part.top + row)
            .get(part.left..)
            .unwrap_or_default()
    };
    let blended = strips.blended.chunks_exact_mut(part.stride());
    for ((start, weights), row) in y.entries_from(first).zip(blended) {
        let (row, _) = row.split_at_mut(part.length);
        blend(weights, |tap| source(start + tap), &mut strips.partial, row);
    }
}

/// The horizontal pass, with all rows of the strip at once.
#[multiversion(targets("x86_64+avx2"))]
fn scale_across<const C: usize>(
    strips: &mut Strips,
    x: &Axis,
    stride: usize,
    mut out: [&mut Channel; C],
) {
    strips.columns.resize(stride, u8x16::ZERO);
    turn(&strips.blended, stride, &mut strips.columns);
    match_target! {
        "x86_64+avx2" => across(x, &strips.columns, &mut out, |pixels, weights| {
            weigh::in_whole_registers(pixels, weights)
        }),
        _ => across(x, &strips.columns, &mut out, weigh::in_halves),
    }
    for channel in out {
        channel.turn();
    }
}

/// Rows of `stride` values to columns.
#[inline(always)]
fn turn(rows: &[u8], stride: usize, columns: &mut [u8x16]) {
    for (index, columns) in columns.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
        let mut values = [u8x16::ZERO; ROWS];
        for (value, row) in values.iter_mut().zip(rows.chunks_exact(stride)) {
            if let Some(bytes) = row.as_chunks::<ROWS>().0.get(index) {
                *value = u8x16::new(*bytes);
            }
        }
        *columns = transpose(values);
    }
}

/// Four perfect shuffles of 16 rows of 16 values make columns of them.
#[inline(always)]
fn transpose(mut values: [u8x16; ROWS]) -> [u8x16; ROWS] {
    for _ in 0..4 {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = values;
        let pairs = [
            (a, i),
            (b, j),
            (c, k),
            (d, l),
            (e, m),
            (f, n),
            (g, o),
            (h, p),
        ];
        for (out, (upper, lower)) in values.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
            *out = [
                u8x16::unpack_low(upper, lower),
                u8x16::unpack_high(upper, lower),
            ];
        }
    }
    values
}

/// Puts the weighted sum of its source pixels, which `weigh` makes, in the place of each destination pixel.
#[inline(always)]
fn across<const C: usize>(
    x: &Axis,
    source: &[u8x16],
    out: &mut [&mut Channel; C],
    weigh: impl Fn(&[[u8x16; C]], &[u16]) -> [Column; C],
) {
    for (index, (start, weights)) in x.entries_from(0).enumerate() {
        let pixels = source
            .get(start * C..)
            .unwrap_or_default()
            .as_chunks::<C>()
            .0;
        for (channel, column) in out.iter_mut().zip(weigh(pixels, weights)) {
            if let Some(out) = channel.columns.get_mut(index) {
                *out = column;
            }
        }
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
