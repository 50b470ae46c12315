//! Glyphs that are taken for one another.
//!
//! The table is that of a reader's usual mistakes on plates: shapes that differ by one stroke, a serif or a closed bow, as
//! the lists of confusable characters in plate-reader manuals and UK and German rules on avoided letters name them. The
//! weights are the share of a glyph's misreads that go to the other glyph; they are estimates, not measurements of one
//! model, and serve only where the model itself gave a glyph no probability.

use crate::symbol::{SYMBOLS, char_of, index_of};

/// Two glyphs and how alike they are, 0 to 1.
const PAIRS: [(char, char, f32); 41] = [
    ('0', 'O', 0.9),
    ('0', 'D', 0.5),
    ('0', 'Q', 0.6),
    ('0', 'U', 0.15),
    ('0', 'C', 0.15),
    ('0', '8', 0.15),
    ('0', '6', 0.1),
    ('O', 'Q', 0.6),
    ('O', 'D', 0.5),
    ('O', 'C', 0.2),
    ('O', 'U', 0.15),
    ('D', 'Q', 0.3),
    ('1', 'I', 0.9),
    ('1', 'L', 0.5),
    ('1', 'T', 0.3),
    ('1', 'J', 0.2),
    ('1', '7', 0.4),
    ('I', 'L', 0.5),
    ('I', 'T', 0.3),
    ('I', 'J', 0.2),
    ('2', 'Z', 0.7),
    ('7', 'Z', 0.3),
    ('7', 'T', 0.3),
    ('5', 'S', 0.8),
    ('5', '6', 0.25),
    ('8', 'B', 0.8),
    ('8', 'S', 0.2),
    ('8', '3', 0.3),
    ('8', '6', 0.3),
    ('3', 'B', 0.25),
    ('6', 'G', 0.6),
    ('C', 'G', 0.45),
    ('4', 'A', 0.35),
    ('U', 'V', 0.5),
    ('V', 'Y', 0.4),
    ('M', 'N', 0.4),
    ('H', 'N', 0.25),
    ('M', 'W', 0.2),
    ('P', 'R', 0.4),
    ('E', 'F', 0.45),
    ('K', 'X', 0.25),
];

/// How alike two glyphs are: 1 for the same, 0 for two that nobody confuses.
///
/// ```
/// use platewarden_text::confusion::likeness;
/// assert_eq!(likeness('B', 'B'), 1.0);
/// assert!(likeness('B', '8') > 0.7);
/// assert_eq!(likeness('8', 'B'), likeness('B', '8'));
/// assert_eq!(likeness('X', '0'), 0.0);
/// ```
#[must_use]
pub fn likeness(a: char, b: char) -> f32 {
    if a == b {
        return 1.0;
    }
    PAIRS
        .iter()
        .find(|&&(x, y, _)| (x, y) == (a, b) || (y, x) == (a, b))
        .map_or(0.0, |&(_, _, weight)| weight)
}

/// The glyphs that `glyph` is taken for, with how alike they are.
pub fn lookalikes(glyph: char) -> impl Iterator<Item = (char, f32)> {
    PAIRS.iter().filter_map(move |&(a, b, weight)| match glyph {
        _ if glyph == a => Some((b, weight)),
        _ if glyph == b => Some((a, weight)),
        _ => None,
    })
}

/// Likeness from which two glyphs belong to one class.
const ONE_CLASS: f32 = 0.5;

/// For each symbol the index of the one that stands for its class, the first of them by index.
const CLASSES: [usize; SYMBOLS] = classes();

#[allow(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses an index out of range"
)]
const fn classes() -> [usize; SYMBOLS] {
    let mut class = [0; SYMBOLS];
    let mut at = 0;
    while at < SYMBOLS {
        class[at] = at;
        at += 1;
    }
    // A class spreads by one pair in each round at least.
    let mut round = 0;
    while round < SYMBOLS {
        let mut pair = 0;
        while pair < PAIRS.len() {
            let (a, b, weight) = PAIRS[pair];
            if let (Some(a), Some(b), true) = (index_of(a), index_of(b), weight >= ONE_CLASS) {
                let first = if class[a] < class[b] {
                    class[a]
                } else {
                    class[b]
                };
                class[a] = first;
                class[b] = first;
            }
            pair += 1;
        }
        round += 1;
    }
    class
}

/// One glyph that stands for all that are taken for it most often: `0` for O, Q and D, `1` for I and L, and so on. These are
/// the pairs that are alike by a half and more, and what they join; any other character stands for itself.
///
/// ```
/// use platewarden_text::confusion::class_of;
/// assert_eq!(class_of('Q'), class_of('O'));
/// assert_eq!(class_of('X'), 'X');
/// ```
#[must_use]
pub fn class_of(glyph: char) -> char {
    index_of(glyph)
        .and_then(|index| CLASSES.get(index))
        .and_then(|class| char_of(*class))
        .unwrap_or(glyph)
}

/// How alike two texts are, 0 to 1: edit distance in which confusable glyphs cost less, over the longer length.
///
/// ```
/// use platewarden_text::confusion::text_likeness;
/// assert_eq!(text_likeness("AB12CDE", "AB12CDE"), 1.0);
/// assert!(text_likeness("AB12CDE", "A812CDE") > text_likeness("AB12CDE", "AX12CDE"));
/// assert_eq!(text_likeness("", ""), 0.0);
/// ```
#[must_use]
#[allow(
    clippy::cast_precision_loss,
    reason = "plate texts are a few characters long"
)]
pub fn text_likeness(a: &str, b: &str) -> f32 {
    let b: Vec<char> = b.chars().collect();
    let length = a.chars().count().max(b.len());
    if length == 0 {
        return 0.0;
    }
    let mut row: Vec<f32> = (0..=b.len()).map(|n| n as f32).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i as f32;
        let mut left = (i + 1) as f32;
        let mut next = vec![left];
        for (&y, above) in b.iter().zip(row.iter().skip(1)) {
            let cost = (diagonal + 1.0 - likeness(x, y))
                .min(above + 1.0)
                .min(left + 1.0);
            diagonal = *above;
            left = cost;
            next.push(cost);
        }
        row = next;
    }
    (1.0 - row.last().copied().unwrap_or(0.0) / length as f32).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_stands_once() {
        for (at, (a, b, weight)) in PAIRS.iter().enumerate() {
            assert!(*weight > 0.0 && *weight < 1.0 && a != b);
            let again = PAIRS
                .iter()
                .skip(at + 1)
                .any(|(x, y, _)| (x, y) == (a, b) || (y, x) == (a, b));
            assert!(!again, "{a}{b}");
        }
    }

    #[test]
    fn classes_are_those_of_the_likest_pairs() {
        let classes: String = ('0'..='9').chain('A'..='Z').map(class_of).collect();
        assert_eq!(classes, "0123456789A8C0EF6H1JK1MN0P0R5TUUWXY2");
        assert_eq!(class_of('Ä'), 'Ä');
    }

    #[test]
    fn missing_character_costs_its_share() {
        assert!((text_likeness("AB12CD", "AB12C") - 5.0 / 6.0).abs() < 1e-6);
        assert_eq!(text_likeness("ABC", "XYW"), 0.0);
    }
}
