//! Folding of text to lower-case ASCII letters and digits, with the way back to the original bytes.

use unicode_normalization::UnicodeNormalization;

use super::letters::Letters;

/// Stands for a letter of a script that does not fold to Latin: a letter, but of no known word.
pub(super) const OTHER_LETTER: u8 = 0x01;

/// Folded text. `start_of(i)` and `end_of(i)` lead from a folded byte back to the original.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// Lower-case ASCII, separators kept.
    pub(super) bytes: Vec<u8>,
    /// Original start and end per folded byte; empty while both texts have the same offsets.
    map: Vec<(u32, u32)>,
    /// Folded bytes that came from a look-alike of another alphabet, or that a character without a visible form
    /// parts from the letter before; empty if there are none.
    look_alike: Vec<bool>,
}

impl Folded {
    /// Folds `text`, reusing the buffers.
    pub(super) fn fold(&mut self, letters: &Letters, text: &str) {
        self.bytes.clear();
        self.map.clear();
        self.look_alike.clear();
        if text.is_ascii() && !text.as_bytes().contains(&b'\'') {
            self.bytes
                .extend(text.bytes().map(|b| b.to_ascii_lowercase()));
        } else {
            self.fold_unicode(letters, text);
        }
    }

    fn fold_unicode(&mut self, letters: &Letters, text: &str) {
        let mut any_look_alike = false;
        // A character without a visible form lies between this letter and the one before it.
        let mut hidden = false;
        for (at, original) in text.char_indices() {
            if is_invisible(original) {
                // A soft hyphen is put in by word processors; the others are not typed by accident.
                hidden |= original != '\u{00AD}'
                    && self.bytes.last().is_some_and(u8::is_ascii_alphanumeric);
                continue;
            }
            if matches!(original, '\'' | '’' | '‘' | 'ʼ' | '`' | '´') {
                continue;
            }
            let after_hidden = std::mem::take(&mut hidden);
            let span = (offset(at), offset(at + original.len_utf8()));
            if original.is_ascii() {
                let parted = after_hidden && original.is_ascii_alphanumeric();
                any_look_alike |= parted;
                self.push(original.to_ascii_lowercase() as u8, span, parted);
                continue;
            }
            if let Some(letter) = letters.look_alike(original) {
                any_look_alike = true;
                self.push(letter, span, true);
                continue;
            }
            // Compatibility forms (full-width, circled, mathematical) are not typed by accident;
            // an accent over a Latin letter is ordinary spelling.
            let disguised = !matches!(original, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}');
            for part in std::iter::once(original).nfkd().filter(|c| !is_mark(*c)) {
                for lower in part.to_lowercase() {
                    let (byte, from_look_alike) = if lower.is_ascii_alphanumeric() {
                        (lower as u8, disguised)
                    } else if let Some(letter) = letters.look_alike(lower) {
                        (letter, true)
                    } else if lower.is_ascii() {
                        (lower as u8, false)
                    } else if lower.is_alphanumeric() {
                        (OTHER_LETTER, false)
                    } else {
                        (b' ', false)
                    };
                    any_look_alike |= from_look_alike;
                    self.push(byte, span, from_look_alike);
                }
            }
        }
        if !any_look_alike {
            self.look_alike.clear();
        }
    }

    fn push(&mut self, byte: u8, span: (u32, u32), look_alike: bool) {
        self.bytes.push(byte);
        self.map.push(span);
        self.look_alike.push(look_alike);
    }

    /// The original byte offset at which the folded byte `index` begins.
    pub(super) fn start_of(&self, index: usize) -> usize {
        self.map.get(index).map_or(index, |span| span.0 as usize)
    }

    /// The original byte offset after the folded byte `index`.
    pub(super) fn end_of(&self, index: usize) -> usize {
        self.map
            .get(index)
            .map_or(index + 1, |span| span.1 as usize)
    }

    /// Whether a folded byte of the range was written with a letter of another alphabet, or behind a hidden character.
    pub(super) fn has_look_alike(&self, start: usize, end: usize) -> bool {
        self.look_alike
            .get(start..end)
            .is_some_and(|part| part.contains(&true))
    }
}

/// Reason cells are far shorter than 4 GiB; a longer text keeps the last offset.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Characters without a visible form: joiners, direction marks, soft hyphen, variation selectors.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn fold(text: &str) -> String {
        let mut folded = Folded::default();
        folded.fold(&super::super::Lexicon::bundled().unwrap().letters, text);
        String::from_utf8(folded.bytes).unwrap()
    }

    #[test]
    fn disguises_fold_to_latin() {
        for text in [
            "іce",
            "ІСЕ",
            "ＩＣＥ",
            "ⓘⓒⓔ",
            "𝐈𝐂𝐄",
            "ıce",
            "i\u{200b}c\u{ad}e",
            "ιce",
            "🇮🇨🇪",
            "ɪᴄᴇ",
            "ícé",
        ] {
            assert_eq!(fold(text), "ice", "{text}");
        }
        assert_eq!(fold("inmigración"), "inmigracion");
        assert_eq!(fold("isn't"), "isnt");
    }

    #[test]
    fn offsets_lead_back() {
        let mut folded = Folded::default();
        let text = "ａ\u{200b}іcé x";
        folded.fold(&super::super::Lexicon::bundled().unwrap().letters, text);
        let at = folded.bytes.iter().position(|b| *b == b'i').unwrap();
        assert_eq!(&text[folded.start_of(at)..folded.end_of(at)], "і");
        assert!(folded.has_look_alike(at, at + 1));
        let end = folded.bytes.iter().position(|b| *b == b'e').unwrap();
        assert_eq!(&text[folded.start_of(end)..folded.end_of(end)], "é");
    }
}
