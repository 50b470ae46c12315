//! What is done to whole rows: the vertical pass of a resampling, and colour.
//!
//! Weighted sums of bytes are 16 bits wide, with weights that sum to 256: they fit whatever the weights. The loops are
//! written so that the compiler vectorises them, and compiled twice, for every processor and for those with AVX2: the same
//! operations on integers, hence the same bits.

#![allow(
    clippy::indexing_slicing,
    reason = "hot loops over slices cut to one length beforehand"
)]

use std::array;

use multiversion::multiversion;

use crate::frame::YuvCoefficients;

/// Rows summed together. More would not fit the registers.
const MOST: usize = 8;
const ROUND: u16 = 128;

/// Weighted sum of source rows, rounded back to bytes: the vertical pass.
///
/// `row(i)` is the i-th source row, each at least as long as `out`, as is `partial`, which holds sums of more than [`MOST`]
/// rows on the way.
#[inline(always)]
pub(super) fn blend<'a>(
    weights: &[u16],
    row: impl Fn(usize) -> &'a [u8],
    partial: &mut [u16],
    out: &mut [u8],
) {
    // Only the outermost weights can be zero.
    let used = |&weight: &u16| weight > 0;
    let first = weights.iter().position(used).unwrap_or(0);
    let last = weights.iter().rposition(used).unwrap_or(0);
    let weights = &weights[first..=last];
    if weights.len() == 1 {
        out.copy_from_slice(&row(first)[..out.len()]);
        return;
    }
    let get = |index: usize| (row(first + index), weights[index]);
    match weights.len() {
        2 => accumulate::<2, true, true>(array::from_fn(get), partial, out),
        3 => accumulate::<3, true, true>(array::from_fn(get), partial, out),
        4 => accumulate::<4, true, true>(array::from_fn(get), partial, out),
        5 => accumulate::<5, true, true>(array::from_fn(get), partial, out),
        6 => accumulate::<6, true, true>(array::from_fn(get), partial, out),
        7 => accumulate::<7, true, true>(array::from_fn(get), partial, out),
        MOST => accumulate::<MOST, true, true>(array::from_fn(get), partial, out),
        count => {
            // The last group is filled up with rows that weigh nothing.
            let groups = count.div_ceil(MOST);
            for group in 0..groups {
                let rows = array::from_fn(|index| match group * MOST + index {
                    index if index < count => get(index),
                    _ => (row(first), 0),
                });
                match group {
                    0 => accumulate::<MOST, true, false>(rows, partial, out),
                    _ if group + 1 < groups => {
                        accumulate::<MOST, false, false>(rows, partial, out);
                    }
                    _ => accumulate::<MOST, false, true>(rows, partial, out),
                }
            }
        }
    }
}

/// Adds `N` rows with their weights. The `FIRST` ones start a sum, the `LAST` ones end it.
#[inline(always)]
fn accumulate<const N: usize, const FIRST: bool, const LAST: bool>(
    rows: [(&[u8], u16); N],
    partial: &mut [u16],
    out: &mut [u8],
) {
    let length = out.len();
    let (rows, partial) = (
        rows.map(|(row, weight)| (&row[..length], weight)),
        &mut partial[..length],
    );
    for i in 0..length {
        let mut total = if FIRST { ROUND } else { partial[i] };
        for (row, weight) in &rows {
            total = total.wrapping_add(u16::from(row[i]).wrapping_mul(*weight));
        }
        if LAST {
            out[i] = (total >> 8) as u8;
        } else {
            partial[i] = total;
        }
    }
}

/// Splits interleaved pixels into rows of bytes times 256, where nothing is to be scaled across.
pub(super) fn split<const C: usize>(row: &[u8], out: [&mut [u16]; C]) {
    for (x, pixel) in row.as_chunks::<C>().0.iter().enumerate().take(out[0].len()) {
        for channel in 0..C {
            out[channel][x] = u16::from(pixel[channel]) << 8;
        }
    }
}

/// Luminance of red, green and blue by BT.601, the weights that OpenCV and Pillow use; into `red`. All are bytes times 256.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn luminance(red: &mut [u16], green: &[u16], blue: &[u16]) {
    // Sums to 65536.
    let part = |value: u16, weight: u32| ((u32::from(value) * weight) >> 16) as u16;
    for ((red, &green), &blue) in red.iter_mut().zip(green).zip(blue) {
        *red = part(*red, 19_595) + part(green, 38_470) + part(blue, 7_471);
    }
}

/// Luminance codes to luminance of full range, in place. Bytes times 256.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn expand(y: &mut [u16], yuv: YuvCoefficients) {
    for y in y {
        *y = to_fixed(lift(*y, yuv));
    }
}

/// Y, U and V to red, green and blue, in place. Bytes times 256.
#[multiversion(targets("x86_64+avx2"))]
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

#[inline(always)]
fn times(value: i16, factor: i16) -> i16 {
    ((i32::from(value) * i32::from(factor)) >> 16) as i16
}

#[inline(always)]
fn lift(y: u16, yuv: YuvCoefficients) -> i16 {
    times((y >> 1) as i16 - (yuv.black << 7), yuv.y)
}

#[inline(always)]
fn centered(chroma: u16) -> i16 {
    (chroma >> 1) as i16 - (128 << 7)
}

/// From 4 fractional bits to 8, within the range of a byte.
#[inline(always)]
fn to_fixed(value: i16) -> u16 {
    (value.clamp(0, 255 << 4) as u16) << 4
}
