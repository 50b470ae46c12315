//! Misspelt, run-together and disguised words brought back to the lexicon's.

use super::distance;
use super::lexicon::{Lexicon, RepairTarget};

pub(super) fn lookup(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
    lexicon.words.get(std::str::from_utf8(word).ok()?).copied()
}

pub(super) fn begins_term(lexicon: &Lexicon, id: u32) -> bool {
    lexicon
        .entries
        .get(id as usize)
        .is_some_and(|e| !e.starts.is_empty())
}

/// Letters written as digits: at most half of the word, and never a long number beside letters.
pub(super) fn unleet(lexicon: &Lexicon, word: &[u8], digits: usize) -> Option<u32> {
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
    let plain: Vec<u8> = word
        .iter()
        .map(|b| lexicon.letters.letter_of(*b).unwrap_or(*b))
        .collect();
    let with_l: Vec<u8> = word
        .iter()
        .map(|b| {
            if *b == b'1' {
                b'l'
            } else {
                lexicon.letters.letter_of(*b).unwrap_or(*b)
            }
        })
        .collect();
    if around {
        return lookup(lexicon, &plain).filter(|_| lexicon.is_short_name(&plain));
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
pub(super) fn capital_i(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
    if !word.contains(&b'l') {
        return None;
    }
    if word.len() <= 4 {
        let plain: Vec<u8> = word
            .iter()
            .map(|b| if *b == b'l' { b'i' } else { *b })
            .collect();
        return lookup(lexicon, &plain).filter(|_| lexicon.is_short_name(&plain));
    }
    let rest = word.strip_prefix(b"l").filter(|rest| rest.len() >= 5)?;
    let plain = [b"i", rest].concat();
    lookup(lexicon, &plain)
        .filter(|id| begins_term(lexicon, *id))
        .or_else(|| repair(lexicon, &plain).filter(|id| begins_term(lexicon, *id)))
}

/// Where two words run together part: an agency with a word of the lexicon before or after it.
pub(super) fn split_point(lexicon: &Lexicon, word: &[u8], joined: bool) -> Option<u8> {
    let partner = |rest: &[u8]| {
        let agency = lexicon.is_short_name(rest);
        let known = rest.len() >= 3
            && lookup(lexicon, rest).is_some_and(|id| {
                let wanted = lexicon.masks.request | lexicon.masks.crime;
                lexicon.entries.get(id as usize).is_some_and(|e| {
                    e.classes & wanted != 0 || (rest.len() >= 6 && !e.starts.is_empty())
                })
            });
        agency || known || (joined && rest.len() <= 2)
    };
    lexicon.short_names.iter().find_map(|agency| {
        let at = if word.strip_prefix(&**agency).is_some_and(partner) {
            agency.len()
        } else if word.strip_suffix(&**agency).is_some_and(partner) {
            word.len() - agency.len()
        } else {
            return None;
        };
        u8::try_from(at).ok()
    })
}

/// The word of the lexicon that a misspelt one stands for. The first letter must be right, or
/// swapped with the second: "reported" is no misspelling of "deported".
pub(super) fn repair(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
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
pub(super) fn unstretch(lexicon: &Lexicon, word: &[u8]) -> Option<u32> {
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
