//! Probabilities of glyphs as fixed arrays.

use platewarden_text::confusion::{class_of, likeness, lookalikes};

use super::tolerance::Tolerance;
use crate::tracking::Column;

/// 0 to 9 and A to Z.
pub(super) const GLYPHS: usize = 36;

/// Probability of each glyph at one place.
pub(super) type Distribution = [f32; GLYPHS];

/// Index of a glyph.
pub(super) fn index_of(glyph: char) -> Option<usize> {
    glyph.to_digit(36).map(|digit| digit as usize)
}

/// The glyph of an index below [`GLYPHS`].
pub(super) fn glyph_of(index: usize) -> char {
    u32::try_from(index)
        .ok()
        .and_then(|index| char::from_digit(index, 36))
        .map_or('?', |glyph| glyph.to_ascii_uppercase())
}

/// Which glyph stands for the class of each glyph, by index.
pub(super) fn class_index(index: usize) -> usize {
    index_of(class_of(glyph_of(index))).unwrap_or(index)
}

/// For each glyph that was read, how probable each glyph is to be the true one, by a tolerance alone.
#[derive(Clone, Debug)]
pub(super) struct Smoothing {
    table: Vec<Distribution>,
    unlisted: f32,
}

impl Smoothing {
    #[allow(clippy::cast_precision_loss, reason = "36 is exact")]
    pub(super) fn new(tolerance: &Tolerance) -> Self {
        let unlisted = tolerance.any_share / GLYPHS as f32;
        let table = (0..GLYPHS)
            .map(|read| {
                let glyph = glyph_of(read);
                let total: f32 = lookalikes(glyph).map(|(_, weight)| weight).sum();
                let lookalike_share = if total > 0.0 {
                    tolerance.lookalike_share
                } else {
                    0.0
                };
                let mut row = [0.0; GLYPHS];
                for (truth, share) in row.iter_mut().enumerate() {
                    let other = glyph_of(truth);
                    *share = unlisted
                        + if truth == read {
                            1.0 - tolerance.any_share - lookalike_share
                        } else if total > 0.0 {
                            lookalike_share * likeness(glyph, other) / total
                        } else {
                            0.0
                        };
                }
                row
            })
            .collect();
        Self { table, unlisted }
    }

    /// Probability of each true glyph where `read` was read for sure.
    pub(super) fn of_glyph(&self, read: char) -> Distribution {
        index_of(read)
            .and_then(|index| self.table.get(index))
            .copied()
            .unwrap_or([self.unlisted; GLYPHS])
    }

    /// Probability of each true glyph where a reader gave these.
    #[allow(clippy::cast_precision_loss, reason = "36 is exact")]
    pub(super) fn of_column(&self, column: &Column) -> Distribution {
        let listed: f32 = column
            .iter()
            .map(|(_, probability)| probability.max(0.0))
            .sum();
        let scale = if listed > 1.0 { 1.0 / listed } else { 1.0 };
        // What the reader left over may be anything.
        let rest = (1.0 - listed).max(0.0) / GLYPHS as f32;
        let mut mixed = [rest; GLYPHS];
        for (glyph, probability) in column {
            let row = self.of_glyph(*glyph);
            for (value, share) in mixed.iter_mut().zip(row) {
                *value += scale * probability.max(0.0) * share;
            }
        }
        mixed
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may fail")]
    use super::*;

    #[test]
    fn shares_add_up_to_one() {
        let smoothing = Smoothing::new(&Tolerance::default());
        for index in 0..GLYPHS {
            assert_eq!(index_of(glyph_of(index)), Some(index));
            let sum: f32 = smoothing.of_glyph(glyph_of(index)).iter().sum();
            assert!((sum - 1.0).abs() < 1e-4, "{}: {sum}", glyph_of(index));
        }
        let column = vec![('B', 0.6), ('8', 0.3)];
        let mixed = smoothing.of_column(&column);
        assert!((mixed.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert!(mixed[11] > mixed[8] && mixed[8] > mixed[3]);
    }
}
