//! Probabilities of glyphs as fixed arrays.

use platewarden_text::CharacterRead;
use platewarden_text::confusion::{class_of, likeness, lookalikes};
use platewarden_text::symbol::{SYMBOLS, char_of, index_of};

use super::tolerance::Tolerance;
/// Probability of each symbol at one place.
pub(super) type Distribution = [f32; SYMBOLS];

/// Which symbol stands for the class of each symbol, by index.
pub(super) fn class_index(index: usize) -> usize {
    char_of(index)
        .and_then(|glyph| index_of(class_of(glyph)))
        .unwrap_or(index)
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
        let unlisted = tolerance.any_share / SYMBOLS as f32;
        let table = (0..SYMBOLS)
            .filter_map(char_of)
            .map(|glyph| {
                let total: f32 = lookalikes(glyph).map(|(_, weight)| weight).sum();
                let lookalike_share = if total > 0.0 {
                    tolerance.lookalike_share
                } else {
                    0.0
                };
                let mut row = [0.0; SYMBOLS];
                let truths = (0..SYMBOLS).filter_map(char_of);
                for (share, other) in row.iter_mut().zip(truths) {
                    *share = unlisted
                        + if other == glyph {
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
            .unwrap_or([self.unlisted; SYMBOLS])
    }

    /// Probability of each true glyph where a reader gave these.
    #[allow(clippy::cast_precision_loss, reason = "36 is exact")]
    pub(super) fn of_character(&self, read: &CharacterRead) -> Distribution {
        let listed: f32 = read
            .shares()
            .map(|(_, probability)| probability.max(0.0))
            .sum();
        let scale = if listed > 1.0 { 1.0 / listed } else { 1.0 };
        // What the reader left over may be anything.
        let rest = (1.0 - listed).max(0.0) / SYMBOLS as f32;
        let mut mixed = [rest; SYMBOLS];
        for (glyph, probability) in read.shares() {
            let row = self.of_glyph(glyph);
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
    use platewarden_text::Alternative;

    use super::*;

    #[test]
    fn shares_add_up_to_one() {
        let smoothing = Smoothing::new(&Tolerance::default());
        for glyph in (0..SYMBOLS).filter_map(char_of) {
            let sum: f32 = smoothing.of_glyph(glyph).iter().sum();
            assert!((sum - 1.0).abs() < 1e-4, "{glyph}: {sum}");
        }
        let read = CharacterRead::new('B', 0.6, vec![Alternative::new('8', 0.3)]);
        let mixed = smoothing.of_character(&read);
        assert!((mixed.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert!(mixed[11] > mixed[8] && mixed[8] > mixed[3]);
    }
}
