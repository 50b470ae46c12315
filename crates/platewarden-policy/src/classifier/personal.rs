//! Personal data in a reason text: to be redacted wherever the text is published.

use super::lexicon::{Lexicon, MIXED, NUMBER, UNKNOWN};
use super::normalize::Folded;
use super::signal::PersonalDataKind;
use super::tokens::{Token, Words};

/// Finds plates, dates of birth, social security numbers, telephone numbers and e-mail addresses.
/// `found` receives kind and byte range in the folded text.
pub(super) fn find(
    lexicon: &Lexicon,
    words: &Words,
    classes: &[u128],
    folded: &Folded,
    found: &mut Vec<(PersonalDataKind, usize, usize)>,
) {
    found.clear();
    let tokens = words.tokens.as_slice();
    // Most cells hold neither a digit nor an at sign.
    if !folded
        .bytes
        .iter()
        .any(|b| b.is_ascii_digit() || *b == b'@')
    {
        return;
    }
    let view = View {
        lexicon,
        tokens,
        classes,
        folded,
    };
    let mut index = 0;
    while index < tokens.len() {
        match view.at(index) {
            Some((kind, length)) => {
                let (first, last) = (tokens.get(index), tokens.get(index + length - 1));
                if let (Some(first), Some(last)) = (first, last) {
                    found.push((kind, first.start, last.end));
                }
                index += length;
            }
            None => index += 1,
        }
    }
    find_mail(folded, found);
}

struct View<'a> {
    lexicon: &'a Lexicon,
    tokens: &'a [Token],
    classes: &'a [u128],
    folded: &'a Folded,
}

impl View<'_> {
    /// Kind of the personal data that begins at a word, and its length in words.
    fn at(&self, index: usize) -> Option<(PersonalDataKind, usize)> {
        let token = self.tokens.get(index)?;
        if token.entry == MIXED || token.entry == NUMBER {
            let digits = |i: usize| self.digits(index + i);
            let joined = |i: usize| {
                self.gap(index + i)
                    .is_some_and(|g| matches!(g, b"-" | b" " | b"." | b"/"))
            };
            if let (Some(3), Some(2), Some(4), true, true) =
                (digits(0), digits(1), digits(2), joined(1), joined(2))
            {
                return Some((PersonalDataKind::SocialSecurityNumber, 3));
            }
            if let (Some(3), Some(3), Some(4), true) = (digits(0), digits(1), digits(2), joined(2))
            {
                return Some((PersonalDataKind::Telephone, 3));
            }
            if digits(0) == Some(9)
                && self.announced(index, 1, self.lexicon.masks.security_number_word)
            {
                return Some((PersonalDataKind::SocialSecurityNumber, 1));
            }
            if let Some(length) = self.birth_date(index) {
                return Some((PersonalDataKind::DateOfBirth, length));
            }
        }
        self.is_plate(index).then_some((PersonalDataKind::Plate, 1))
    }

    /// Whether a word of the class stands among the `reach` words before.
    fn announced(&self, index: usize, reach: usize, class: u128) -> bool {
        let before = self.classes.get(index.saturating_sub(reach)..index);
        before.unwrap_or_default().iter().any(|c| c & class != 0)
    }

    fn word(&self, index: usize) -> Option<&str> {
        let token = self.tokens.get(index)?;
        std::str::from_utf8(self.folded.bytes.get(token.start..token.end)?).ok()
    }

    /// Number of digits of a word made of digits only.
    fn digits(&self, index: usize) -> Option<usize> {
        self.word(index)
            .filter(|w| w.bytes().all(|b| b.is_ascii_digit()))
            .map(str::len)
    }

    fn gap(&self, index: usize) -> Option<&[u8]> {
        let (before, here) = (
            self.tokens.get(index.checked_sub(1)?)?,
            self.tokens.get(index)?,
        );
        self.folded.bytes.get(before.end..here.start)
    }

    /// A date after a word of birth, or a full date whose year makes it one of birth.
    fn birth_date(&self, index: usize) -> Option<usize> {
        let said = self.announced(index, 2, self.lexicon.masks.birth_word);
        let parts = |i: usize| self.digits(index + i);
        let three = matches!(
            (parts(0), parts(1), parts(2)),
            (Some(1 | 2), Some(1 | 2), Some(2 | 4)) | (Some(4), Some(1 | 2), Some(1 | 2))
        );
        let tight = (1..=2).all(|i| {
            self.gap(index + i)
                .is_some_and(|g| matches!(g, b"/" | b"-" | b"."))
        });
        if said {
            return if three {
                Some(3)
            } else {
                parts(0).filter(|n| matches!(n, 4 | 6 | 8)).map(|_| 1)
            };
        }
        let year = if parts(0) == Some(4) {
            self.word(index)
        } else {
            self.word(index + 2)
        };
        let of_birth = year
            .and_then(|y| y.parse::<u16>().ok())
            .is_some_and(|y| (1920..=2012).contains(&y));
        (three && tight && of_birth).then_some(3)
    }

    fn is_plate(&self, index: usize) -> bool {
        let (Some(token), Some(word)) = (self.tokens.get(index), self.word(index)) else {
            return false;
        };
        let letters = word.bytes().filter(u8::is_ascii_lowercase).count();
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let length = token.end - token.start;
        let announced = self.announced(index, 1, self.lexicon.masks.plate_word);
        if announced && token.entry != NUMBER && digits > 0 && (4..=8).contains(&length) {
            return true;
        }
        if announced && token.entry == NUMBER && (5..=8).contains(&length) {
            return true;
        }
        let head = word.bytes().take_while(u8::is_ascii_lowercase).count();
        let tail_is_number = word.bytes().skip(head).all(|b| b.is_ascii_digit());
        let case_number = head > 0
            && tail_is_number
            && word
                .get(..head)
                .is_some_and(|p| self.lexicon.is_case_prefix(p));
        // Part of a longer number, such as "24-CR-00123" or "2025ABC-17": a case, not a plate.
        let hyphenated = [index, index + 1].into_iter().any(|i| {
            self.gap(i)
                .is_some_and(|g| matches!(g, b"-" | b"#" | b"/" | b"_"))
        });
        matches!(token.entry, MIXED | UNKNOWN)
            && (5..=8).contains(&length)
            && letters >= 2
            && digits >= 2
            && !case_number
            && !hyphenated
    }
}

fn find_mail(folded: &Folded, found: &mut Vec<(PersonalDataKind, usize, usize)>) {
    let bytes = folded.bytes.as_slice();
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    for (at, _) in bytes.iter().enumerate().filter(|(_, b)| **b == b'@') {
        let before = bytes
            .get(..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|b| part(b))
            .count();
        let after = bytes
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| part(b))
            .count();
        let domain = bytes.get(at + 1..at + 1 + after).unwrap_or_default();
        if before > 0 && domain.contains(&b'.') {
            found.push((PersonalDataKind::Email, at - before, at + 1 + after));
        }
    }
}
