//! Words of a reason text: disguised, split, run together or misspelt ones brought back to the lexicon's.

use rustc_hash::FxHashMap;

use super::lexicon::{Entry, Lexicon, MIXED, NUMBER, UNKNOWN};
use super::normalize::{Folded, OTHER_LETTER};
use super::repair::{capital_i, lookup, repair, split_point, unleet, unstretch};
use super::signal::Spelling;

/// Words remembered before the memory is emptied: bounds it on hostile input.
const REMEMBERED: usize = 32_768;

/// One word of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// Byte range in the folded text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Index of the entry: static ones first, remembered ones after them.
    pub(super) entry: u32,
    pub(super) spelling: Spelling,
    pub(super) gap: Gap,
}

/// What stands between the previous word and this one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gap {
    /// A comma, semicolon, colon, stop, bracket or spaced dash.
    pub(super) breaks: bool,
    /// A comma at once.
    pub(super) comma: bool,
    /// A dash between blanks, such as parts a menu value from the free text.
    pub(super) dash: bool,
    /// The end of a clause: comma, semicolon, question mark, line end, or a full stop that ends no abbreviation.
    pub(super) stops: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Resolved {
    Entry(u32, Spelling),
    /// Two words run together; the first one ends after so many bytes.
    Split(u8),
}

/// Reusable working memory of the tokeniser.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) tokens: Vec<Token>,
    remembered: Vec<Entry>,
    cache: FxHashMap<Box<[u8]>, Resolved>,
    pub(super) joined: Vec<u8>,
}

impl Words {
    /// The entry behind an index.
    pub(super) fn entry<'a>(&'a self, lexicon: &'a Lexicon, id: u32) -> Option<&'a Entry> {
        let id = id as usize;
        lexicon
            .entries
            .get(id)
            .or_else(|| self.remembered.get(id - lexicon.entries.len().min(id)))
    }

    /// Splits the folded text from `from` on into words, in time linear in its length.
    pub(super) fn read(&mut self, lexicon: &Lexicon, folded: &Folded, from: usize) {
        if self.cache.len() >= REMEMBERED {
            self.cache.clear();
            self.remembered.clear();
        }
        self.tokens.clear();
        let bytes = folded.bytes.as_slice();
        let mut at = from;
        let mut previous_end = from;
        let mut has_sign = false;
        while let Some(byte) = bytes.get(at) {
            if !is_word(*byte) {
                has_sign |= is_sign(*byte);
                at += 1;
                continue;
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|b| is_word(**b)).count();
            self.push(lexicon, folded, previous_end, at, at + length);
            at += length;
            previous_end = at;
        }
        self.join_letters(lexicon, folded);
        self.join_fragments(lexicon, folded);
        if has_sign {
            self.join_signs(lexicon, folded, from);
        }
    }

    fn push(
        &mut self,
        lexicon: &Lexicon,
        folded: &Folded,
        gap_start: usize,
        start: usize,
        end: usize,
    ) {
        let Some(word) = folded.bytes.get(start..end) else {
            return;
        };
        let after_letter = self.tokens.last().is_some_and(|t| t.end - t.start == 1);
        let gap = Gap::of(
            folded.bytes.get(gap_start..start).unwrap_or_default(),
            after_letter,
        );
        let disguised = folded.has_look_alike(start, end);
        let mark = |spelling| {
            if disguised {
                Spelling::LookAlike
            } else {
                spelling
            }
        };
        match self.resolve(lexicon, word, false) {
            Resolved::Entry(entry, spelling) => {
                self.tokens.push(Token {
                    start,
                    end,
                    entry,
                    spelling: mark(spelling),
                    gap,
                });
            }
            Resolved::Split(length) => {
                let middle = start + usize::from(length);
                for (start, end, gap) in [(start, middle, gap), (middle, end, Gap::default())] {
                    let Some(part) = folded.bytes.get(start..end) else {
                        continue;
                    };
                    self.tokens.push(Token {
                        start,
                        end,
                        entry: lookup(lexicon, part).unwrap_or(UNKNOWN),
                        spelling: mark(Spelling::RunTogether),
                        gap,
                    });
                }
            }
        }
    }

    pub(super) fn resolve(&mut self, lexicon: &Lexicon, word: &[u8], joined: bool) -> Resolved {
        if let Some(id) = lookup(lexicon, word) {
            return Resolved::Entry(id, Spelling::Plain);
        }
        let digits = word.iter().filter(|b| b.is_ascii_digit()).count();
        if digits == word.len() {
            return Resolved::Entry(NUMBER, Spelling::Plain);
        }
        if word.len() == 1 {
            return Resolved::Entry(UNKNOWN, Spelling::Plain);
        }
        if !joined && let Some(found) = self.cache.get(word) {
            return *found;
        }
        let found = self.resolve_unseen(lexicon, word, digits, joined);
        if !joined {
            self.cache.insert(word.into(), found);
        }
        found
    }

    fn resolve_unseen(
        &mut self,
        lexicon: &Lexicon,
        word: &[u8],
        digits: usize,
        joined: bool,
    ) -> Resolved {
        if digits > 0 {
            return match unleet(lexicon, word, digits) {
                Some(id) => Resolved::Entry(id, Spelling::LookAlike),
                None => self
                    .by_stem(lexicon, word)
                    .unwrap_or(Resolved::Entry(MIXED, Spelling::Plain)),
            };
        }
        if let Some(length) = split_point(lexicon, word, joined) {
            return Resolved::Split(length);
        }
        if let Some(id) = capital_i(lexicon, word) {
            return Resolved::Entry(id, Spelling::LookAlike);
        }
        // A stem that begins a term decides; one that only lends context gives way to a repair.
        let stem = std::str::from_utf8(word)
            .ok()
            .and_then(|w| lexicon.by_affix(w));
        if stem.as_ref().is_none_or(|entry| entry.starts.is_empty())
            && let Some(id) = repair(lexicon, word).or_else(|| unstretch(lexicon, word))
        {
            return Resolved::Entry(id, Spelling::Misspelt);
        }
        stem.and_then(|entry| self.remember(lexicon, entry))
            .unwrap_or(Resolved::Entry(UNKNOWN, Spelling::Plain))
    }

    fn by_stem(&mut self, lexicon: &Lexicon, word: &[u8]) -> Option<Resolved> {
        let entry = lexicon.by_affix(std::str::from_utf8(word).ok()?)?;
        self.remember(lexicon, entry)
    }

    fn remember(&mut self, lexicon: &Lexicon, entry: Entry) -> Option<Resolved> {
        let id = u32::try_from(lexicon.entries.len() + self.remembered.len()).ok()?;
        self.remembered.push(entry);
        Some(Resolved::Entry(id, Spelling::Plain))
    }
}

impl Gap {
    fn of(bytes: &[u8], after_letter: bool) -> Self {
        let mut gap = Self {
            comma: bytes.first() == Some(&b','),
            ..Self::default()
        };
        let (mut dash, mut blank) = (false, false);
        for byte in bytes {
            match byte {
                b' ' => blank = true,
                b'-' => dash = true,
                b',' | b';' | b'?' | b'\n' | b'\r' => {
                    gap.breaks = true;
                    gap.stops = true;
                }
                b'.' => {
                    gap.breaks = true;
                    // "I.C.E. hold": the stop belongs to the abbreviation; so does one that no blank follows.
                    gap.stops |= !after_letter && bytes.len() > 1;
                }
                b':' | b'(' | b')' => gap.breaks = true,
                _ => {}
            }
        }
        gap.dash = dash && blank;
        gap.breaks |= gap.dash;
        gap
    }
}

pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == OTHER_LETTER
}

/// Signs that are written in the place of letters.
pub(super) const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'!' | b'|' | b'$' | b'@' | b'*' | b'+')
}
