//! All formats tested against a registration number at once.
//!
//! Every pattern is a set of fixed-length sequences of symbol sets. For each length, one bit stands for
//! one sequence; a table holds, for each position and symbol, the bits of the sequences that accept that
//! symbol there. A number of n symbols matches the sequences whose bit survives the AND of n table rows.
//! That is n x (sequences / 64) operations on consecutive memory, without branches or allocation.

use super::pattern::Sequence;
use super::symbol::{MAX_SYMBOLS, Symbols, twin};
use crate::symbol::SYMBOLS;

/// Which formats accept a number. Format numbers are those given to [`Matcher::new`].
#[derive(Debug)]
pub(super) struct Matcher {
    /// Index: length of the number; lengths 0 to [`MAX_SYMBOLS`].
    tables: Vec<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Words of 64 sequences in one row.
    words: usize,
    /// Rows by position, then symbol.
    rows: Vec<u64>,
    /// Format of each sequence, ascending.
    owners: Vec<u16>,
}

impl Matcher {
    /// `sequences` in ascending order of the format number.
    #[allow(
        clippy::indexing_slicing,
        reason = "row numbers are below positions x SYMBOLS x words"
    )]
    pub(super) fn new(sequences: &[(u16, Sequence)]) -> Self {
        let tables = (0..=MAX_SYMBOLS).map(|length| {
            let own: Vec<_> = sequences
                .iter()
                .filter(|(_, sequence)| sequence.len() == length)
                .collect();
            let words = own.len().div_ceil(64);
            let mut rows = vec![0u64; length * SYMBOLS * words];
            for (bit, (_, sequence)) in own.iter().enumerate() {
                for (position, set) in sequence.iter().enumerate() {
                    for symbol in 0..SYMBOLS {
                        if set.contains(symbol as u8) {
                            rows[(position * SYMBOLS + symbol) * words + bit / 64] |=
                                1 << (bit % 64);
                        }
                    }
                }
            }
            Table {
                words,
                rows,
                owners: own.iter().map(|(owner, _)| *owner).collect(),
            }
        });
        Self {
            tables: tables.collect(),
        }
    }

    /// Format numbers that accept the number, ascending, each once.
    pub(super) fn matches(&self, symbols: Symbols) -> Matches<'_> {
        let table = if symbols.is_empty() {
            None
        } else {
            self.tables.get(symbols.len())
        };
        Matches {
            table,
            symbols,
            word: 0,
            bits: 0,
            last: None,
        }
    }
}

impl Matcher {
    /// The numbers that become those of a format when `O` and `0`, `I` and `1` are exchanged for one another, each with the
    /// format; a symbol stays where the format accepts it.
    pub(super) fn twins(&self, symbols: Symbols) -> impl Iterator<Item = (u16, Symbols)> + '_ {
        let table = self
            .tables
            .get(symbols.len())
            .filter(|_| !symbols.is_empty());
        table.into_iter().flat_map(move |table| {
            table
                .owners
                .iter()
                .enumerate()
                .filter_map(move |(bit, owner)| {
                    let mut text = symbols;
                    for (position, symbol) in symbols.as_slice().iter().enumerate() {
                        if table.accepts(bit, position, *symbol) {
                            continue;
                        }
                        let other =
                            twin(*symbol).filter(|other| table.accepts(bit, position, *other))?;
                        text = text.with(position, other);
                    }
                    Some((*owner, text))
                })
        })
    }
}

/// Iterator of [`Matcher::matches`].
#[derive(Debug)]
pub(super) struct Matches<'a> {
    table: Option<&'a Table>,
    symbols: Symbols,
    /// The word to be computed next.
    word: usize,
    bits: u64,
    last: Option<u16>,
}

impl Table {
    /// Whether a sequence accepts a symbol at a position.
    fn accepts(&self, bit: usize, position: usize, symbol: u8) -> bool {
        let row = (position * SYMBOLS + usize::from(symbol)) * self.words;
        self.rows
            .get(row + bit / 64)
            .is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    #[allow(
        clippy::indexing_slicing,
        reason = "symbols are below SYMBOLS, their number is the table's length, word is below words"
    )]
    fn surviving(&self, symbols: &[u8], word: usize) -> u64 {
        symbols
            .iter()
            .enumerate()
            .fold(u64::MAX, |bits, (position, symbol)| {
                bits & self.rows[(position * SYMBOLS + usize::from(*symbol)) * self.words + word]
            })
    }
}

impl Iterator for Matches<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let table = self.table?;
        loop {
            while self.bits == 0 {
                if self.word == table.words {
                    return None;
                }
                self.bits = table.surviving(self.symbols.as_slice(), self.word);
                self.word += 1;
            }
            let bit = self.bits.trailing_zeros() as usize;
            self.bits &= self.bits - 1;
            let owner = table.owners.get((self.word - 1) * 64 + bit).copied();
            if owner.is_some() && owner != self.last {
                self.last = owner;
                return owner;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use std::collections::BTreeMap;

    use super::*;
    use crate::syntax::pattern::expand;

    fn matcher(patterns: &[&str]) -> Matcher {
        let mut all = Vec::new();
        for (number, pattern) in patterns.iter().enumerate() {
            let sequences = expand(pattern, &BTreeMap::new()).unwrap();
            all.extend(
                sequences
                    .into_iter()
                    .map(|sequence| (number as u16, sequence)),
            );
        }
        Matcher::new(&all)
    }

    fn found(matcher: &Matcher, text: &str) -> Vec<u16> {
        matcher.matches(Symbols::parse(text).unwrap()).collect()
    }

    #[test]
    fn finds_each_format_once() {
        let matcher = matcher(&["lld{1,4}", "(A|AB|AC)x{3}", "dddd", "(AB|A[BC])12"]);
        assert_eq!(found(&matcher, "AB12"), [0, 1, 3]);
        assert_eq!(found(&matcher, "1234"), [2]);
        assert_eq!(found(&matcher, "ZZ123"), [0]);
        assert!(found(&matcher, "").is_empty());
        assert!(found(&matcher, "AAAAAAAAAAAA").is_empty());
    }

    #[test]
    fn many_sequences_of_one_length() {
        let patterns: Vec<String> = (0..300)
            .map(|number| format!("{}{:03}l", char::from(b'A' + (number % 26) as u8), number))
            .collect();
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let matcher = matcher(&patterns);
        for number in 0..300u16 {
            let text = format!("{}{number:03}Z", char::from(b'A' + (number % 26) as u8));
            assert_eq!(found(&matcher, &text), [number]);
        }
    }
}
