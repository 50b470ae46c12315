//! Weighted sums of columns, for every processor and for those with AVX2.
//!
//! Written with vectors, not left to the compiler, which makes vectors of sixteen values or sixteen values of a vector as it
//! pleases. Both ways are the same operations on the same integers.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm256_add_epi16, _mm256_cvtepu8_epi16, _mm256_mullo_epi16, _mm256_set1_epi16,
    _mm256_setzero_si256,
};

use bytemuck::cast;
use wide::{u8x16, u16x8};

/// Destination rows of a strip.
pub(super) const ROWS: usize = 16;

/// One value of each row of a strip: a byte times 256.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(32))]
pub(super) struct Column(pub(super) [u16; ROWS]);

/// The sum of the pixels, each times its weight, by channel.
#[inline(always)]
pub(super) fn in_halves<const C: usize>(pixels: &[[u8x16; C]], weights: &[u16]) -> [Column; C] {
    let mut sums = [[u16x8::ZERO; 2]; C];
    for (pixel, &weight) in pixels.iter().zip(weights) {
        let weight = u16x8::splat(weight);
        for ([low, high], &value) in sums.iter_mut().zip(pixel) {
            *low += u16x8::from_u8x16_low(value) * weight;
            *high += u16x8::from_u8x16_high(value) * weight;
        }
    }
    sums.map(|halves| Column(cast(halves)))
}

/// As [`in_halves`], in registers of 256 bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
pub(super) fn in_whole_registers<const C: usize>(
    pixels: &[[u8x16; C]],
    weights: &[u16],
) -> [Column; C] {
    let mut sums = [_mm256_setzero_si256(); C];
    for (pixel, &weight) in pixels.iter().zip(weights) {
        let weight = _mm256_set1_epi16(weight.cast_signed());
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            let value = _mm256_cvtepu8_epi16(cast(value));
            *sum = _mm256_add_epi16(*sum, _mm256_mullo_epi16(value, weight));
        }
    }
    sums.map(|sum| Column(cast(sum)))
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use multiversion::{multiversion, target::match_target};

    use super::*;

    #[multiversion(targets("x86_64+avx2"))]
    fn widest(pixels: &[[u8x16; 3]], weights: &[u16]) -> [Column; 3] {
        match_target! {
            "x86_64+avx2" => in_whole_registers(pixels, weights),
            _ => in_halves(pixels, weights),
        }
    }

    #[test]
    fn both_ways_give_the_same_bits() {
        let byte = |i: usize| ((i * 2_654_435_761) >> 9) as u8;
        let pixels: Vec<[u8x16; 3]> = (0..20)
            .map(|pixel| {
                std::array::from_fn(|channel| {
                    u8x16::new(std::array::from_fn(|row| {
                        byte((pixel * 3 + channel) * 16 + row)
                    }))
                })
            })
            .collect();
        for weights in [vec![256], vec![100, 156], vec![12; 20], vec![u16::MAX; 20]] {
            assert_eq!(widest(&pixels, &weights), in_halves(&pixels, &weights));
        }
    }
}
