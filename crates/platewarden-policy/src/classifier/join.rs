//! Words written in parts: spaced or dotted letters, fragments, signs in the place of letters.
//!
//! Each pass writes the words back in one sweep, so that its cost is linear in their number.

use super::lexicon::{Lexicon, MIXED, UNKNOWN};
use super::normalize::Folded;
use super::repair::{begins_term, lookup, repair};
use super::signal::Spelling;
use super::tokens::{Gap, Resolved, Token, Words, is_sign, is_word};

/// Letters of the longest abbreviation that is written with full stops.
const ABBREVIATION: usize = 5;

impl Words {
    /// "I.C.E.", "i c e", "I-C-E": single letters in a row are one word.
    pub(super) fn join_letters(&mut self, lexicon: &Lexicon, folded: &Folded) {
        let (mut from, mut kept) = (0, 0);
        while let Some((first, end)) = self.letter_run(folded, from) {
            self.keep(from..first, &mut kept);
            from = end;
            let (one, two) = self.joined_letters(lexicon, folded, first, end);
            match one {
                None => self.keep(first..end, &mut kept),
                Some(_) => {
                    for token in [one, two].into_iter().flatten() {
                        if let Some(slot) = self.tokens.get_mut(kept) {
                            *slot = token;
                        }
                        kept += 1;
                    }
                }
            }
        }
        self.keep(from..self.tokens.len(), &mut kept);
        self.tokens.truncate(kept);
    }

    /// Moves words of a range to the end of those kept so far.
    fn keep(&mut self, range: std::ops::Range<usize>, kept: &mut usize) {
        let length = range.len();
        if range.start != *kept {
            self.tokens.copy_within(range, *kept);
        }
        *kept += length;
    }

    /// The word, or the two words, that a run of single letters spells.
    fn joined_letters(
        &mut self,
        lexicon: &Lexicon,
        folded: &Folded,
        first: usize,
        end: usize,
    ) -> (Option<Token>, Option<Token>) {
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        let run = self.tokens.get(first..end).unwrap_or_default();
        joined.extend(run.iter().filter_map(|t| folded.bytes.get(t.start)));
        let spelling = run_spelling(run, folded, &joined);
        let resolved = self.resolve(lexicon, &joined, true);
        let run = self.tokens.get(first..end).unwrap_or_default();
        let (Some(head), Some(tail)) = (run.first().copied(), run.last().copied()) else {
            self.joined = joined;
            return (None, None);
        };
        let word = |start, end, entry, gap| {
            Some(Token {
                start,
                end,
                entry,
                spelling,
                gap,
            })
        };
        let found = match resolved {
            Resolved::Entry(UNKNOWN | MIXED, _) => (None, None),
            Resolved::Entry(entry, _) => (word(head.start, tail.end, entry, head.gap), None),
            Resolved::Split(length) => {
                let middle = usize::from(length);
                let (left, right) = joined.split_at(middle.min(joined.len()));
                let entry = |part| lookup(lexicon, part).unwrap_or(UNKNOWN);
                match (run.get(middle.wrapping_sub(1)), run.get(middle)) {
                    (Some(before), Some(cut)) => (
                        word(head.start, before.end, entry(left), head.gap),
                        word(cut.start, tail.end, entry(right), Gap::default()),
                    ),
                    _ => (None, None),
                }
            }
        };
        self.joined = joined;
        found
    }

    /// The next run of single letters from `from` on: its first word and one past its last.
    fn letter_run(&self, folded: &Folded, from: usize) -> Option<(usize, usize)> {
        let byte = |t: &Token| folded.bytes.get(t.start).copied().unwrap_or(0);
        // A one or a nought among letters stands for one: "1.C.E".
        let single = |t: &Token| {
            t.end - t.start == 1 && (byte(t).is_ascii_lowercase() || matches!(byte(t), b'0' | b'1'))
        };
        let mut first = from;
        loop {
            first += self.tokens.get(first..)?.iter().position(single)?;
            let mut last = first;
            let mut spaced = false;
            while let (Some(here), Some(next)) = (self.tokens.get(last), self.tokens.get(last + 1))
            {
                let gap = folded.bytes.get(here.end..next.start).unwrap_or_default();
                let parts = |b: &u8| matches!(b, b'&' | b'(' | b')' | b',' | b';' | b':');
                if !single(next) || gap.len() > 3 || gap.iter().any(parts) {
                    break;
                }
                spaced |= gap.iter().all(|b| *b == b' ');
                last += 1;
            }
            // Two letters with a mere blank between are more often two words.
            let run = self.tokens.get(first..=last).unwrap_or_default();
            let letters = run.iter().filter(|t| byte(t).is_ascii_lowercase()).count();
            if letters >= 2 && (last > first + 1 || !spaced) {
                return Some((first, last + 1));
            }
            first = last + 1;
        }
    }

    /// "immi gration", "I.CE": neighbours that mean nothing alone and something together.
    pub(super) fn join_fragments(&mut self, lexicon: &Lexicon, folded: &Folded) {
        let (mut from, mut kept) = (0, 0);
        while let Some(here) = self.tokens.get(from).copied() {
            let next = self.tokens.get(from + 1).copied();
            let joined = next.and_then(|next| self.joined_fragments(lexicon, folded, here, next));
            from += if joined.is_some() { 2 } else { 1 };
            if let Some(slot) = self.tokens.get_mut(kept) {
                *slot = joined.unwrap_or(here);
            }
            kept += 1;
        }
        self.tokens.truncate(kept);
    }

    fn joined_fragments(
        &mut self,
        lexicon: &Lexicon,
        folded: &Folded,
        a: Token,
        b: Token,
    ) -> Option<Token> {
        let fragment = |t: Token| t.entry == UNKNOWN || t.end - t.start <= 2;
        if !(a.entry == UNKNOWN || b.entry == UNKNOWN)
            || !(fragment(a) || fragment(b))
            || b.start - a.end > 3
        {
            return None;
        }
        let left = folded.bytes.get(a.start..a.end)?;
        let right = folded.bytes.get(b.start..b.end)?;
        let length = left.len() + right.len();
        let gap = folded.bytes.get(a.end..b.start).unwrap_or_default();
        let acronym = length == 3 && !gap.contains(&b' ') && gap != b"&" && gap != b"/";
        // No word of the lexicon is as long as 64 letters; a longer pair need not be copied to learn that.
        if !acronym && !(7..64).contains(&length) {
            return None;
        }
        self.joined.clear();
        self.joined.extend_from_slice(left);
        self.joined.extend_from_slice(right);
        let word = self.joined.as_slice();
        let exact = lookup(lexicon, word).filter(|id| begins_term(lexicon, *id));
        let entry = if acronym {
            exact.filter(|_| lexicon.is_short_name(word))
        } else if fragment(a) && fragment(b) {
            exact.or_else(|| repair(lexicon, word))
        } else {
            // Only a fragment at both ends may be repaired: "to" + "protect" is no misspelling.
            exact
        }?;
        Some(Token {
            end: b.end,
            entry,
            spelling: Spelling::Spaced,
            ..a
        })
    }

    /// "!CE", "imm!gration", "imm*gration": signs in the place of letters.
    pub(super) fn join_signs(&mut self, lexicon: &Lexicon, folded: &Folded, from: usize) {
        let bytes = folded.bytes.as_slice();
        let part = |b: u8| is_word(b) || is_sign(b);
        let (mut at, mut next, mut kept) = (from, 0, 0);
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|b| part(**b)).count();
            let (start, end) = (at, at + length);
            at = end + 1;
            let run = bytes.get(start..end).unwrap_or_default();
            let Some(entry) = signed_word(lexicon, run) else {
                continue;
            };
            let first = self.tokens.partition_point(|t| t.end <= start).max(next);
            let last = self.tokens.partition_point(|t| t.start < end).max(first);
            let breaks = self.tokens.get(first).is_some_and(|t| t.gap.breaks);
            self.keep(next..first, &mut kept);
            next = last;
            // A sign alone stands where no word does: there is no room for it.
            if let Some(slot) = self.tokens.get_mut(kept).filter(|_| last > first) {
                *slot = Token {
                    start,
                    end,
                    entry,
                    spelling: Spelling::LookAlike,
                    gap: Gap {
                        breaks,
                        ..Gap::default()
                    },
                };
                kept += 1;
            }
        }
        self.keep(next..self.tokens.len(), &mut kept);
        self.tokens.truncate(kept);
    }
}

/// How a run of single letters is written: an abbreviation with full stops is ordinary, blanks and dashes are not.
fn run_spelling(run: &[Token], folded: &Folded, letters: &[u8]) -> Spelling {
    let dotted = run.windows(2).all(|pair| match pair {
        [here, next] => {
            let gap = folded.bytes.get(here.end..next.start).unwrap_or_default();
            matches!(gap, b"." | b". ")
        }
        _ => false,
    });
    let own = run.iter().map(|t| t.spelling).max().unwrap_or_default();
    let written = if letters.iter().any(u8::is_ascii_digit) {
        Spelling::LookAlike
    } else if dotted && letters.len() <= ABBREVIATION {
        Spelling::Dotted
    } else {
        Spelling::Spaced
    };
    own.max(written)
}

/// The word for which letters and signs stand: the signs as letters that look alike, or left out; then an unknown
/// letter costs one edit.
fn signed_word(lexicon: &Lexicon, run: &[u8]) -> Option<u32> {
    let signs = run.iter().filter(|b| is_sign(**b)).count();
    let ends_in_sign = run.last().is_some_and(|b| matches!(b, b'!' | b'+' | b'*'));
    if signs == 0 || !(3..64).contains(&run.len()) || signs * 2 > run.len() || ends_in_sign {
        return None;
    }
    let letter = |b: &u8| lexicon.letters.letter_of(*b).unwrap_or(*b);
    let replaced: Vec<u8> = run.iter().map(letter).collect();
    let without: Vec<u8> = run.iter().copied().filter(|b| !is_sign(*b)).collect();
    [&replaced, &without].into_iter().find_map(|word| {
        lookup(lexicon, word)
            .filter(|id| begins_term(lexicon, *id))
            .or_else(|| repair(lexicon, word))
    })
}
