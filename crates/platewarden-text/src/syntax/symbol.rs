//! Registration numbers as indices of symbols, and sets of symbols.

use crate::symbol::{SYMBOLS, char_of, index_of};

/// Longest registration number that formats may describe, in symbols.
///
/// The longest in the bundled data have ten; the rest is room for user formats.
pub const MAX_SYMBOLS: usize = 12;

/// Index of the letter O, which many plates draw like a zero.
const LETTER_O: u8 = 24;
/// Index of the letter I, which many plates draw like a one.
const LETTER_I: u8 = 18;

/// The other of `O` and `0`, or of `I` and `1`.
pub(super) const fn twin(symbol: u8) -> Option<u8> {
    match symbol {
        0 => Some(LETTER_O),
        LETTER_O => Some(0),
        1 => Some(LETTER_I),
        LETTER_I => Some(1),
        _ => None,
    }
}

/// A registration number as symbol indices, held inline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Symbols {
    indices: [u8; MAX_SYMBOLS],
    len: u8,
}

impl Symbols {
    /// `None` where the text is longer than [`MAX_SYMBOLS`] or holds anything but `0-9A-Z`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() > MAX_SYMBOLS {
            return None;
        }
        let mut indices = [0; MAX_SYMBOLS];
        for (slot, byte) in indices.iter_mut().zip(bytes) {
            *slot = index_of(char::from(*byte))? as u8;
        }
        // The length is at most MAX_SYMBOLS, so it fits.
        Some(Self {
            indices,
            len: bytes.len() as u8,
        })
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.indices.get(..usize::from(self.len)).unwrap_or(&[])
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The same number with another symbol at `position`; unchanged where there is no such position.
    pub(super) fn with(mut self, position: usize, symbol: u8) -> Self {
        if position < self.len()
            && let Some(slot) = self.indices.get_mut(position)
        {
            *slot = symbol;
        }
        self
    }

    /// The number with `O` read as `0`, `I` as `1`, as asked: equal for numbers that look the same
    /// where a plate draws these alike.
    pub(super) fn folded(mut self, o_is_zero: bool, i_is_one: bool) -> Self {
        for slot in &mut self.indices {
            *slot = match *slot {
                LETTER_O if o_is_zero => 0,
                LETTER_I if i_is_one => 1,
                _ => *slot,
            };
        }
        self
    }
}

impl std::fmt::Display for Symbols {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write as _;
        self.as_slice()
            .iter()
            .filter_map(|symbol| char_of(usize::from(*symbol)))
            .try_for_each(|symbol| f.write_char(symbol))
    }
}

/// A set of symbols, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SymbolSet(u64);

impl SymbolSet {
    pub(super) const EMPTY: Self = Self(0);
    pub(super) const DIGITS: Self = Self(0x3ff);
    pub(super) const LETTERS: Self = Self(((1 << SYMBOLS) - 1) & !0x3ff);
    pub(super) const ALL: Self = Self((1 << SYMBOLS) - 1);

    pub(super) const fn single(index: u8) -> Self {
        Self(1 << index)
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn contains(self, index: u8) -> bool {
        self.0 >> index & 1 == 1
    }

    pub(super) const fn len(self) -> u32 {
        self.0.count_ones()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn symbols_survive_a_round_trip() {
        for text in ["", "A", "0", "AB12CDE", "ZZZZZZZZZZZZ"] {
            assert_eq!(Symbols::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn letters_drawn_like_digits_have_their_indices() {
        assert_eq!(index_of('O'), Some(usize::from(LETTER_O)));
        assert_eq!(index_of('I'), Some(usize::from(LETTER_I)));
    }

    #[test]
    fn foreign_or_long_text_is_no_number() {
        for text in ["ab12", "Ä1", "A-1", "0123456789ABC"] {
            assert_eq!(Symbols::parse(text), None, "{text}");
        }
    }

    #[test]
    fn folding_joins_what_looks_alike() {
        let folded = |text, o, i| Symbols::parse(text).unwrap().folded(o, i);
        assert_eq!(folded("OI", true, true), folded("01", false, false));
        assert_eq!(folded("OI", true, false), folded("0I", true, false));
        assert_ne!(folded("OI", true, false), folded("O1", true, false));
        assert_ne!(folded("Q1", true, true), folded("01", true, true));
    }
}
