//! Characters of a read against those of a text of another length.

use platewarden_text::CharacterRead;

/// Probability of a character that a read did not list.
const UNLISTED: f32 = 2e-3;
/// Probability that a read missed a character or saw one that is not there.
const GAP: f32 = 5e-3;

/// Probability of a symbol at a place, never 0.
pub(super) fn probability_of(character: &CharacterRead, symbol: char) -> f32 {
    character
        .probability_of(symbol)
        .unwrap_or(UNLISTED)
        .clamp(UNLISTED * UNLISTED, 1.0)
}

/// The best alignment of a read's characters to those of a text: logarithm of its probability, and for each character of
/// the text the place in the read.
#[allow(
    clippy::indexing_slicing,
    reason = "both tables have (rows + 1) x (columns + 1) cells"
)]
pub(super) fn align(read: &[CharacterRead], characters: &[char]) -> (f32, Vec<Option<usize>>) {
    let (rows, width) = (read.len(), characters.len() + 1);
    let gap = GAP.ln();
    let mut best = vec![0.0_f32; (rows + 1) * width];
    // 0: match, 1: the read has a character too many, 2: the read missed one.
    let mut step = vec![0_u8; (rows + 1) * width];
    for j in 1..width {
        best[j] = best[j - 1] + gap;
        step[j] = 2;
    }
    for i in 1..=rows {
        best[i * width] = best[(i - 1) * width] + gap;
        step[i * width] = 1;
        for j in 1..width {
            let matched = best[(i - 1) * width + j - 1]
                + probability_of(&read[i - 1], characters[j - 1]).ln();
            let extra = best[(i - 1) * width + j] + gap;
            let missed = best[i * width + j - 1] + gap;
            let (value, how) = if matched >= extra && matched >= missed {
                (matched, 0)
            } else if extra >= missed {
                (extra, 1)
            } else {
                (missed, 2)
            };
            best[i * width + j] = value;
            step[i * width + j] = how;
        }
    }
    let mut places = vec![None; characters.len()];
    let (mut i, mut j) = (rows, width - 1);
    while i > 0 || j > 0 {
        match step[i * width + j] {
            0 => {
                i -= 1;
                j -= 1;
                places[j] = Some(i);
            }
            1 => i -= 1,
            _ => j -= 1,
        }
    }
    (best[rows * width + width - 1], places)
}
