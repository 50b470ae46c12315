//! Plate texts with one symbol for all that look alike, and the inputs made of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use platewarden_text::confusion::class_of;
use platewarden_text::symbol::{SYMBOLS, char_of};

/// The most symbols of a plate that can be asked for.
pub(super) const MAX_SYMBOLS: usize = 16;

/// Tells these inputs from any others, and their making from a later one.
const INPUT_PREFIX: &[u8] = b"platewarden blinded plate 1:";

/// The class of each of the 36 symbols, in their order: the table of look-alikes that both sides must share.
pub(super) static CLASSES: LazyLock<String> = LazyLock::new(|| symbols().map(class_of).collect());

/// How many of the 36 symbols are of a class.
static CLASS_SIZES: LazyLock<BTreeMap<char, u64>> = LazyLock::new(|| {
    let mut sizes = BTreeMap::new();
    for class in symbols().map(class_of) {
        *sizes.entry(class).or_insert(0) += 1;
    }
    sizes
});

fn symbols() -> impl Iterator<Item = char> {
    (0..SYMBOLS).filter_map(char_of)
}

/// A plate text in capitals, without separators, in which each symbol is replaced by the one for its look-alikes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Skeleton(String);

impl Skeleton {
    /// That of a text; none where the text is no whole plate: empty, longer than [`MAX_SYMBOLS`], or with another character
    /// than letters, digits and separators, such as a placeholder.
    pub(super) fn of(text: &str) -> Option<Self> {
        let is_separator = |symbol: char| symbol.is_whitespace() || "-.·•".contains(symbol);
        let mut skeleton = String::new();
        for symbol in text.chars().filter(|symbol| !is_separator(*symbol)) {
            if !symbol.is_alphanumeric() {
                return None;
            }
            skeleton.extend(symbol.to_uppercase().map(class_of));
        }
        let symbols = skeleton.chars().count();
        (1..=MAX_SYMBOLS)
            .contains(&symbols)
            .then_some(Self(skeleton))
    }

    /// The input of the oblivious function.
    pub(super) fn input(&self) -> Vec<u8> {
        [INPUT_PREFIX, self.0.as_bytes()].concat()
    }

    /// How many texts of the 36 symbols have this skeleton, one's own among them.
    pub(super) fn texts(&self) -> u64 {
        let sizes = self.0.chars().filter_map(|class| CLASS_SIZES.get(&class));
        sizes.fold(1, |texts, size| texts.saturating_mul(*size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_share_a_skeleton_and_placeholders_have_none() {
        assert_eq!(Skeleton::of("ab-o 1"), Skeleton::of("A8QL"));
        assert_ne!(Skeleton::of("AB01"), Skeleton::of("AX01"));
        let long = "A".repeat(MAX_SYMBOLS + 1);
        for text in ["", " - ", "AB?1", "AB*", long.as_str()] {
            assert_eq!(Skeleton::of(text), None, "{text}");
        }
    }

    #[test]
    fn texts_are_counted() {
        // O, 0, Q, D by 1, I, L by X.
        assert_eq!(
            Skeleton::of("O1X").map(|skeleton| skeleton.texts()),
            Some(12)
        );
        let total: u64 = CLASS_SIZES.values().sum();
        assert_eq!((total, CLASSES.chars().count()), (36, 36));
    }
}
