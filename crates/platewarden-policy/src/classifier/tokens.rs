//! Words of a reason text: disguised, split, run together or misspelt ones brought back to the lexicon's.

use rustc_hash::FxHashMap;

use super::lexicon::{Entry, Lexicon, MIXED, NUMBER, RepairTarget, UNKNOWN};
use super::normalize::{Folded, leet};
use super::{Spelling, distance};

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
    /// A comma, semicolon, colon, stop, bracket or spaced dash lies between the previous word and this one.
    pub(super) after_break: bool,
    pub(super) after_comma: bool,
}

#[derive(Debug, Clone, Copy)]
enum Resolved {
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
    joined: Vec<u8>,
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

    /// Splits the folded text from `from` on into words.
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
                has_sign |= matches!(byte, b'!' | b'|' | b'$' | b'@' | b'*' | b'+');
                at += 1;
                continue;
            }
            let length = bytes
                .get(at..)
                .unwrap_or_default()
                .iter()
                .take_while(|b| is_word(**b))
                .count();
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
        let gap = folded.bytes.get(gap_start..start).unwrap_or_default();
        let after_break = breaks(gap);
        let after_comma = gap.first() == Some(&b',');
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
                    after_break,
                    after_comma,
                });
            }
            Resolved::Split(length) => {
                let middle = start + usize::from(length);
                let parts = [
                    (start, middle, after_break, after_comma),
                    (middle, end, false, false),
                ];
                for (start, end, after_break, after_comma) in parts {
                    let Some(part) = folded.bytes.get(start..end) else {
                        continue;
                    };
                    let entry = lookup(lexicon, part).unwrap_or(UNKNOWN);
                    self.tokens.push(Token {
                        start,
                        end,
                        entry,
                        spelling: mark(Spelling::RunTogether),
                        after_break,
                        after_comma,
                    });
                }
            }
        }
    }

    fn resolve(&mut self, lexicon: &Lexicon, word: &[u8], joined: bool) -> Resolved {
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

    /// "I.C.E.", "i c e", "I-C-E": single letters in a row are one word.
    fn join_letters(&mut self, lexicon: &Lexicon, folded: &Folded) {
        let mut index = 0;
        while let Some(run) = self.letter_run(folded, index) {
            let (first, last) = (run.0, run.1);
            index = last + 1;
            let Some(([head, ..], [.., tail])) = self.tokens.get(first..=last).map(|t| (t, t))
            else {
                continue;
            };
            let (head, tail) = (*head, *tail);
            let run = self.tokens.get(first..=last).unwrap_or_default();
            let spelling = run
                .iter()
                .map(|t| t.spelling)
                .max()
                .unwrap_or_default()
                .max(Spelling::Spaced);
            let mut joined = std::mem::take(&mut self.joined);
            joined.clear();
            joined.extend(
                self.tokens
                    .iter()
                    .skip(first)
                    .take(last - first + 1)
                    .filter_map(|t| folded.bytes.get(t.start)),
            );
            let replacement: Option<Vec<Token>> = match self.resolve(lexicon, &joined, true) {
                Resolved::Entry(UNKNOWN | MIXED, _) => None,
                Resolved::Entry(entry, _) => Some(vec![Token {
                    end: tail.end,
                    entry,
                    spelling,
                    ..head
                }]),
                Resolved::Split(length) => {
                    let middle = first + usize::from(length);
                    let cut = self.tokens.get(middle).map(|t| t.start);
                    let before = self.tokens.get(middle.saturating_sub(1)).map(|t| t.end);
                    let (left, right) = joined.split_at(usize::from(length).min(joined.len()));
                    cut.zip(before).map(|(cut, before)| {
                        let entry = |part| lookup(lexicon, part).unwrap_or(UNKNOWN);
                        vec![
                            Token {
                                end: before,
                                entry: entry(left),
                                spelling,
                                ..head
                            },
                            Token {
                                start: cut,
                                entry: entry(right),
                                spelling,
                                after_break: false,
                                after_comma: false,
                                ..tail
                            },
                        ]
                    })
                }
            };
            self.joined = joined;
            if let Some(replacement) = replacement {
                index = first + replacement.len();
                self.tokens.splice(first..=last, replacement);
            }
        }
    }

    /// The next run of single letters from `from` on: token indices of its ends.
    fn letter_run(&self, folded: &Folded, from: usize) -> Option<(usize, usize)> {
        let mut first = from;
        loop {
            let single = |t: &Token| {
                t.end - t.start == 1
                    // A one or a nought among letters stands for one: "1.C.E".
                    && folded
                        .bytes
                        .get(t.start)
                        .is_some_and(|b| b.is_ascii_lowercase() || matches!(b, b'0' | b'1'))
            };
            first += self.tokens.get(first..)?.iter().position(single)?;
            let mut last = first;
            let mut spaced = false;
            while let (Some(here), Some(next)) = (self.tokens.get(last), self.tokens.get(last + 1))
            {
                let gap = folded.bytes.get(here.end..next.start).unwrap_or_default();
                if !single(next)
                    || gap.len() > 3
                    || gap
                        .iter()
                        .any(|b| matches!(b, b'&' | b'(' | b')' | b',' | b';' | b':'))
                {
                    break;
                }
                spaced |= gap.iter().all(|b| *b == b' ');
                last += 1;
            }
            // Two letters with a mere blank between are more often two words.
            let run = self.tokens.get(first..=last).unwrap_or_default();
            let letters = run
                .iter()
                .filter(|t| {
                    folded
                        .bytes
                        .get(t.start)
                        .is_some_and(u8::is_ascii_lowercase)
                })
                .count();
            if letters >= 2 && (last > first + 1 || !spaced) {
                return Some((first, last));
            }
            first = last + 1;
        }
    }

    /// "immi gration", "I.CE": neighbours that mean nothing alone and something together.
    fn join_fragments(&mut self, lexicon: &Lexicon, folded: &Folded) {
        let mut index = 0;
        while let (Some(a), Some(b)) = (
            self.tokens.get(index).copied(),
            self.tokens.get(index + 1).copied(),
        ) {
            index += 1;
            let fragment = |t: Token| t.entry == UNKNOWN || t.end - t.start <= 2;
            if !(a.entry == UNKNOWN || b.entry == UNKNOWN)
                || !(fragment(a) || fragment(b))
                || b.start - a.end > 3
            {
                continue;
            }
            let (Some(left), Some(right)) = (
                folded.bytes.get(a.start..a.end),
                folded.bytes.get(b.start..b.end),
            ) else {
                continue;
            };
            let length = left.len() + right.len();
            let gap = folded.bytes.get(a.end..b.start).unwrap_or_default();
            let acronym = length == 3 && !gap.contains(&b' ') && gap != b"&" && gap != b"/";
            if !acronym && length < 7 {
                continue;
            }
            self.joined.clear();
            self.joined.extend_from_slice(left);
            self.joined.extend_from_slice(right);
            let word = self.joined.as_slice();
            let exact = lookup(lexicon, word).filter(|id| begins_term(lexicon, *id));
            let found = if acronym {
                exact.filter(|_| AGENCIES.contains(&word))
            } else {
                // Only a fragment at both ends may be repaired: "to" + "protect" is no misspelling.
                exact.or_else(|| {
                    if fragment(a) && fragment(b) {
                        repair(lexicon, word)
                    } else {
                        None
                    }
                })
            };
            if let Some(entry) = found {
                let token = Token {
                    end: b.end,
                    entry,
                    spelling: Spelling::Spaced,
                    ..a
                };
                self.tokens.splice(index - 1..=index, [token]);
            }
        }
    }

    /// "!CE", "imm!gration", "imm*gration": signs in the place of letters.
    fn join_signs(&mut self, lexicon: &Lexicon, folded: &Folded, from: usize) {
        let bytes = folded.bytes.as_slice();
        let sign = |b: u8| matches!(b, b'!' | b'|' | b'$' | b'@' | b'*' | b'+');
        let part = |b: u8| is_word(b) || sign(b);
        let mut at = from;
        while at < bytes.len() {
            let length = bytes
                .get(at..)
                .unwrap_or_default()
                .iter()
                .take_while(|b| part(**b))
                .count();
            let (start, end) = (at, at + length);
            at = end + 1;
            let Some(run) = bytes.get(start..end) else {
                break;
            };
            let signs = run.iter().filter(|b| sign(**b)).count();
            if signs == 0
                || run.len() < 3
                || signs * 2 > run.len()
                || run.last().is_some_and(|b| matches!(b, b'!' | b'+' | b'*'))
            {
                continue;
            }
            // As letters that look alike, or left out; then an unknown letter costs one edit.
            let replaced: Vec<u8> = run.iter().map(|b| leet(*b).unwrap_or(*b)).collect();
            let without: Vec<u8> = run.iter().copied().filter(|b| !sign(*b)).collect();
            let found = [&replaced, &without].into_iter().find_map(|word| {
                lookup(lexicon, word)
                    .filter(|id| begins_term(lexicon, *id))
                    .or_else(|| repair(lexicon, word))
            });
            if let Some(entry) = found {
                let first = self.tokens.partition_point(|t| t.end <= start);
                let last = self.tokens.partition_point(|t| t.start < end);
                let after_break = self.tokens.get(first).is_some_and(|t| t.after_break);
                let token = Token {
                    start,
                    end,
                    entry,
                    spelling: Spelling::LookAlike,
                    after_break,
                    after_comma: false,
                };
                self.tokens.splice(first..last, [token]);
            }
        }
    }
}

/// Names that are run together with other words, and that single letters spell.
const AGENCIES: &[&[u8]] = &[b"ice", b"hsi", b"ero", b"cbp", b"usbp"];

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == super::normalize::OTHER_LETTER
}

/// A gap that ends a clause.
fn breaks(gap: &[u8]) -> bool {
    gap.iter().any(|b| {
        matches!(
            b,
            b',' | b';' | b':' | b'.' | b'(' | b')' | b'?' | b'\n' | b'\r'
        )
    }) || (gap.contains(&b'-') && gap.contains(&b' '))
}

fn lookup(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
    lexicon.words.get(std::str::from_utf8(word).ok()?).copied()
}

fn begins_term(lexicon: &Lexicon, id: u32) -> bool {
    lexicon
        .entries
        .get(id as usize)
        .is_some_and(|e| !e.starts.is_empty())
}

/// Letters written as digits: at most half of the word, and never a long number beside letters.
fn unleet(lexicon: &Lexicon, word: &[u8], digits: usize) -> Option<u32> {
    let longest = word
        .split(|b| !b.is_ascii_digit())
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0);
    // "1C3": digits on both sides of a letter are more than half of a name that has only three.
    let around = word.len() == 3 && digits == 2 && longest == 1;
    if !around && (word.len() < 3 || digits * 2 > word.len() || longest > 2) {
        return None;
    }
    let plain: Vec<u8> = word.iter().map(|b| leet(*b).unwrap_or(*b)).collect();
    let with_l: Vec<u8> = word
        .iter()
        .map(|b| {
            if *b == b'1' {
                b'l'
            } else {
                leet(*b).unwrap_or(*b)
            }
        })
        .collect();
    if around {
        return lookup(lexicon, &plain).filter(|_| AGENCIES.contains(&plain.as_slice()));
    }
    [&plain, &with_l].into_iter().find_map(|w| {
        let exact = lookup(lexicon, w).filter(|id| begins_term(lexicon, *id));
        exact.or_else(|| {
            if w.len() >= 6 {
                repair(lexicon, w)
            } else {
                None
            }
        })
    })
}

/// "lCE", "lmmigration": a small L in the place of a capital I.
fn capital_i(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
    if !word.contains(&b'l') {
        return None;
    }
    if word.len() <= 4 {
        let plain: Vec<u8> = word
            .iter()
            .map(|b| if *b == b'l' { b'i' } else { *b })
            .collect();
        return lookup(lexicon, &plain).filter(|_| AGENCIES.contains(&plain.as_slice()));
    }
    let rest = word.strip_prefix(b"l").filter(|rest| rest.len() >= 5)?;
    let plain = [b"i", rest].concat();
    lookup(lexicon, &plain)
        .filter(|id| begins_term(lexicon, *id))
        .or_else(|| repair(lexicon, &plain).filter(|id| begins_term(lexicon, *id)))
}

/// Where two words run together part: an agency with a word of the lexicon before or after it.
fn split_point(lexicon: &Lexicon, word: &[u8], joined: bool) -> Option<u8> {
    let partner = |rest: &[u8]| {
        let agency = AGENCIES.contains(&rest);
        let known = rest.len() >= 3
            && lookup(lexicon, rest).is_some_and(|id| {
                let wanted = lexicon.masks.request | lexicon.masks.crime;
                lexicon.entries.get(id as usize).is_some_and(|e| {
                    e.classes & wanted != 0 || (rest.len() >= 6 && !e.starts.is_empty())
                })
            });
        agency || known || (joined && rest.len() <= 2)
    };
    AGENCIES.iter().find_map(|agency| {
        let at = if word.strip_prefix(*agency).is_some_and(partner) {
            agency.len()
        } else if word.strip_suffix(*agency).is_some_and(partner) {
            word.len() - agency.len()
        } else {
            return None;
        };
        u8::try_from(at).ok()
    })
}

/// The word of the lexicon that a misspelt one stands for. The first letter must be right, or
/// swapped with the second: "reported" is no misspelling of "deported".
fn repair(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
    if word.len() < 5 {
        return None;
    }
    let signature = distance::signature(word);
    let mut best: Option<(usize, u32)> = None;
    let swapped = beginning_with(lexicon, word.get(1))
        .iter()
        .filter(|t| word.first() != word.get(1) && t.text.as_bytes().get(1) == word.first());
    for target in beginning_with(lexicon, word.first()).iter().chain(swapped) {
        let text = target.text.as_bytes();
        let too_far = text.len().abs_diff(word.len()) > target.limit
            || (signature ^ target.signature).count_ones() as usize > 2 * target.limit;
        if too_far {
            continue;
        }
        if let Some(distance) = distance::within(word, text, target.limit)
            && best.is_none_or(|(old, _)| distance < old)
        {
            best = Some((distance, target.entry));
        }
    }
    best.map(|(_, entry)| entry)
}

/// The words worth repairing that begin with a letter.
fn beginning_with<'l>(lexicon: &'l Lexicon, letter: Option<&u8>) -> &'l [RepairTarget] {
    let targets = &lexicon.repair;
    let from = targets.partition_point(|t| t.text.as_bytes().first() < letter);
    let to = targets.partition_point(|t| t.text.as_bytes().first() <= letter);
    targets.get(from..to).unwrap_or_default()
}

/// "iiiice", "immmmigration": runs of three and more letters shortened to one or two.
fn unstretch(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
    let stretched = word
        .windows(3)
        .any(|w| matches!(w, [a, b, c] if a == b && b == c));
    let shorten = |keep: usize| {
        let mut short: Vec<u8> = Vec::with_capacity(word.len());
        for run in word.chunk_by(|a, b| a == b) {
            short.extend(
                run.iter()
                    .take(if run.len() >= 3 { keep } else { run.len() }),
            );
        }
        short
    };
    if !stretched {
        return None;
    }
    [1, 2].into_iter().map(shorten).find_map(|short| {
        lookup(lexicon, &short)
            .filter(|id| begins_term(lexicon, *id))
            .or_else(|| repair(lexicon, &short))
    })
}
