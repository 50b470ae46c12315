//! What is done to whole rows: the vertical pass of a resampling, and colour.
//!
//! All values are bytes widened to 16 bits; a weighted sum with weights that sum to 256 thus fits 16 bits whatever the
//! weights, and eight sums fit a 128-bit register, which every x86-64 and every AArch64 processor has. The loops are written
//! so that the compiler vectorises them; there is one path, hence nothing that a second one could differ from.

#![allow(
    clippy::indexing_slicing,
    reason = "hot loops over slices cut to one length beforehand"
)]

use crate::frame::YuvCoefficients;

/// Weighted sum of source rows, rounded back to bytes (in 16 bits): the vertical pass.
///
/// `row(i)` is the i-th source row, each at least as long as `out`.
pub(super) fn blend<'a>(weights: &[u16], row: impl Fn(usize) -> &'a [u8], out: &mut [u16]) {
    let used = || {
        weights
            .iter()
            .enumerate()
            .filter(|&(_, &weight)| weight > 0)
    };
    let mut rest = used();
    let count = used().count();
    let mut next = || {
        rest.next()
            .map_or((&[][..], 0), |(index, &weight)| (row(index), weight))
    };

    // Four source rows a time, so that the sums are loaded and stored seldom.
    if count == 1 {
        return widen(next().0, out);
    }
    let mut left = count;
    let mut first = true;
    while left > 0 {
        let last = left <= 4;
        match left {
            1 => sum([next()], first, last, out),
            2 => sum([next(), next()], first, last, out),
            3 => sum([next(), next(), next()], first, last, out),
            _ => sum([next(), next(), next(), next()], first, last, out),
        }
        left = left.saturating_sub(4);
        first = false;
    }
}

#[inline]
fn sum<const N: usize>(rows: [(&[u8], u16); N], first: bool, last: bool, out: &mut [u16]) {
    let start = if last { ROUND } else { 0 };
    let shift = if last { 8 } else { 0 };
    if first {
        accumulate::<N, true>(rows, start, shift, out)
    } else {
        accumulate::<N, false>(rows, start, shift, out)
    }
}

#[inline]
fn accumulate<const N: usize, const FIRST: bool>(
    rows: [(&[u8], u16); N],
    start: u16,
    shift: u16,
    out: &mut [u16],
) {
    let length = out.len();
    let rows = rows.map(|(row, weight)| (&row[..length], weight));
    for i in 0..length {
        let mut total = if FIRST {
            start
        } else {
            out[i].wrapping_add(start)
        };
        for (row, weight) in &rows {
            total = total.wrapping_add(u16::from(row[i]).wrapping_mul(*weight));
        }
        out[i] = total >> shift;
    }
}

const ROUND: u16 = 128;

fn widen(row: &[u8], out: &mut [u16]) {
    for (out, &byte) in out.iter_mut().zip(row) {
        *out = u16::from(byte);
    }
}

/// Splits interleaved pixels into rows of bytes times 256, where nothing is to be scaled across.
pub(super) fn split<const C: usize>(row: &[u16], out: [&mut [u16]; C]) {
    for (x, pixel) in row.as_chunks::<C>().0.iter().enumerate().take(out[0].len()) {
        for channel in 0..C {
            out[channel][x] = pixel[channel] << 8;
        }
    }
}

/// Luminance of red, green and blue by BT.601, the weights that OpenCV and Pillow use; into `red`. All are bytes times 256.
pub(super) fn luminance(red: &mut [u16], green: &[u16], blue: &[u16]) {
    // Sums to 65536.
    let part = |value: u16, weight: u32| ((u32::from(value) * weight) >> 16) as u16;
    for ((red, &green), &blue) in red.iter_mut().zip(green).zip(blue) {
        *red = part(*red, 19_595) + part(green, 38_470) + part(blue, 7_471);
    }
}

/// Luminance codes to luminance of full range, in place. Bytes times 256.
pub(super) fn expand(y: &mut [u16], yuv: YuvCoefficients) {
    for y in y {
        *y = to_fixed(lift(*y, yuv));
    }
}

/// Y, U and V to red, green and blue, in place. Bytes times 256.
pub(super) fn to_rgb([y, u, v]: [&mut [u16]; 3], yuv: YuvCoefficients) {
    let length = y.len();
    let (y, u, v) = (&mut y[..length], &mut u[..length], &mut v[..length]);
    for i in 0..length {
        let luminance = lift(y[i], yuv);
        let (cb, cr) = (centered(u[i]), centered(v[i]));
        y[i] = to_fixed(luminance + times(cr, yuv.red_v));
        let green = luminance + times(cb, yuv.green_u) + times(cr, yuv.green_v);
        v[i] = to_fixed(luminance + times(cb, yuv.blue_u));
        u[i] = to_fixed(green);
    }
}

// Sixteen bits all the way: inputs have 7 fractional bits, factors 13, and the upper half of a product 4. No sum passes
// 16 x (255 + 255) x 1.2 + 16 x 128 x 2.2 < 2^15.

#[inline]
fn times(value: i16, factor: i16) -> i16 {
    ((i32::from(value) * i32::from(factor)) >> 16) as i16
}

#[inline]
fn lift(y: u16, yuv: YuvCoefficients) -> i16 {
    times((y >> 1) as i16 - (yuv.black << 7), yuv.y)
}

#[inline]
fn centered(chroma: u16) -> i16 {
    (chroma >> 1) as i16 - (128 << 7)
}

/// From 4 fractional bits to 8, within the range of a byte.
#[inline]
fn to_fixed(value: i16) -> u16 {
    (value.clamp(0, 255 << 4) as u16) << 4
}
