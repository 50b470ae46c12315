//! One cell in the course of being read, and how a pattern meets its words.

use super::lexicon::{Entry, Item, Lexicon, MIXED, NUMBER, Pattern, UNKNOWN};
use super::normalize::Folded;
use super::tokens::{Token, Words};

/// Words that a pattern of a term met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) term: u16,
    pub(super) first: usize,
    /// One past the last word.
    pub(super) end: usize,
}

/// One cell in the course of being read.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) lexicon: &'a Lexicon,
    pub(super) words: &'a Words,
    pub(super) folded: &'a Folded,
}

/// A filler, a number (also one that some phrase of the lexicon contains) or a single letter.
pub(super) fn says_nothing(token: Token, words: &Words, lexicon: &Lexicon) -> bool {
    let short = token.end - token.start == 1;
    match token.entry {
        NUMBER | MIXED => true,
        UNKNOWN => short,
        id => words
            .entry(lexicon, id)
            .is_some_and(|e| short || e.vague || e.text.bytes().all(|b| b.is_ascii_digit())),
    }
}

impl<'a> Cell<'a> {
    pub(super) fn entry(&self, token: Token) -> Option<&'a Entry> {
        self.words.entry(self.lexicon, token.entry)
    }

    /// The bit of the word after this one, as [`super::lexicon::Start`] has it; all bits at the end.
    pub(super) fn next_bit(&self, index: usize) -> u64 {
        let next = self.words.tokens.get(index + 1);
        next.map_or(u64::MAX, |token| 1 << (token.entry & 63))
    }

    pub(super) fn after_break(&self, index: usize) -> bool {
        let token = self.words.tokens.get(index);
        token.is_some_and(|t| t.gap.breaks)
    }

    /// "not ICE or immigration": a negation reaches across another term.
    pub(super) fn begins_term_of_one_word(&self, index: usize) -> bool {
        let entry = self.words.tokens.get(index).and_then(|t| self.entry(*t));
        // The longest patterns come first.
        let last = entry.and_then(|e| e.starts.of_terms.last());
        last.and_then(|start| self.lexicon.patterns.get(start.pattern as usize))
            .is_some_and(|pattern| pattern.items.len() == 1)
    }

    /// One past the last word, if the pattern of a term matches at `first`.
    pub(super) fn meets_term(
        &self,
        pattern: &Pattern,
        term: u16,
        first: usize,
        classes: &[u128],
    ) -> Option<usize> {
        let end = self.follow(&pattern.items, first, classes)?;
        let term = self.lexicon.terms.get(usize::from(term))?;
        if term.one_clause {
            let inner = self.words.tokens.get(first + 1..end).unwrap_or_default();
            if inner.iter().any(|t| t.gap.stops) {
                return None;
            }
        }
        Some(end)
    }

    pub(super) fn follow(&self, items: &[Item], at: usize, classes: &[u128]) -> Option<usize> {
        let Some((item, rest)) = items.split_first() else {
            return Some(at);
        };
        match item {
            Item::Gap => (0..=2).find_map(|skip| self.follow(rest, at + skip, classes)),
            Item::GapOf(bits) => {
                let within = |i: usize| classes.get(i).is_some_and(|c| c & bits != 0);
                (0..=2)
                    .take_while(|skip| *skip == 0 || within(at + skip - 1))
                    .find_map(|skip| self.follow(rest, at + skip, classes))
            }
            _ => {
                let token = self.words.tokens.get(at)?;
                self.meets(item, *token, at, classes)
                    .then(|| self.follow(rest, at + 1, classes))
                    .flatten()
            }
        }
    }

    fn meets(&self, item: &Item, token: Token, at: usize, classes: &[u128]) -> bool {
        match item {
            Item::Word(id) => token.entry == *id,
            Item::Stem(stem) => self.text(token).is_some_and(|t| t.starts_with(&**stem)),
            Item::Inner(part) => self.text(token).is_some_and(|t| t.contains(&**part)),
            Item::Class(bits) => classes.get(at).is_some_and(|c| c & bits != 0),
            Item::AnyOf(items) => items
                .iter()
                .any(|item| self.meets(item, token, at, classes)),
            Item::Any => true,
            Item::Gap | Item::GapOf(_) => false,
        }
    }

    /// The word as the lexicon spells it, else as it stands in the text.
    fn text(&self, token: Token) -> Option<&'a str> {
        match token.entry {
            NUMBER | MIXED | UNKNOWN => {
                std::str::from_utf8(self.folded.bytes.get(token.start..token.end)?).ok()
            }
            _ => self.entry(token).map(|e| &*e.text),
        }
    }
}
