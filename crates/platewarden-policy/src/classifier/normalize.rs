//! Folding of text to lower-case ASCII letters and digits, with the way back to the original bytes.

use unicode_normalization::UnicodeNormalization;

/// Stands for a letter of a script that does not fold to Latin: a letter, but of no known word.
pub(super) const OTHER_LETTER: u8 = 0x01;

/// Folded text. `start_of(i)` and `end_of(i)` lead from a folded byte back to the original.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// Lower-case ASCII, separators kept.
    pub(super) bytes: Vec<u8>,
    /// Original start and end per folded byte; empty while both texts have the same offsets.
    map: Vec<(u32, u32)>,
    /// Folded bytes that came from a look-alike of another alphabet; empty if none did.
    look_alike: Vec<bool>,
}

impl Folded {
    /// Folds `text`, reusing the buffers.
    pub(super) fn fold(&mut self, text: &str) {
        self.bytes.clear();
        self.map.clear();
        self.look_alike.clear();
        if text.is_ascii() && !text.as_bytes().contains(&b'\'') {
            self.bytes
                .extend(text.bytes().map(|b| b.to_ascii_lowercase()));
        } else {
            self.fold_unicode(text);
        }
    }

    fn fold_unicode(&mut self, text: &str) {
        let mut any_look_alike = false;
        for (at, original) in text.char_indices() {
            if is_invisible(original) || matches!(original, '\'' | '’' | '‘' | 'ʼ' | '`' | '´')
            {
                continue;
            }
            let span = (offset(at), offset(at + original.len_utf8()));
            if original.is_ascii() {
                self.push(original.to_ascii_lowercase() as u8, span, false);
                continue;
            }
            if let Some(letter) = look_alike(original) {
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
                    } else if let Some(letter) = look_alike(lower) {
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

    /// Whether a folded byte of the range was written with a letter of another alphabet.
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

/// The Latin letter that a letter of another alphabet, or a Latin oddity, looks like.
const fn look_alike(c: char) -> Option<u8> {
    Some(match c {
        // Cyrillic
        'а' | 'А' => b'a',
        'в' | 'В' | 'ь' | 'Ь' => b'b',
        'с' | 'С' => b'c',
        'ԁ' => b'd',
        'е' | 'Е' | 'є' | 'Є' | 'э' | 'ё' | 'Ё' => b'e',
        'ɡ' => b'g',
        'н' | 'Н' | 'һ' | 'Һ' => b'h',
        'і' | 'І' | 'ї' | 'Ї' | 'ӏ' | 'Ӏ' => b'i',
        'ј' | 'Ј' => b'j',
        'к' | 'К' => b'k',
        'м' | 'М' => b'm',
        'п' | 'П' => b'n',
        'о' | 'О' => b'o',
        'р' | 'Р' => b'p',
        'ԛ' => b'q',
        'г' | 'Г' | 'я' | 'Я' => b'r',
        'ѕ' | 'Ѕ' => b's',
        'т' | 'Т' => b't',
        'ц' | 'Ц' => b'u',
        'ѵ' | 'Ѵ' => b'v',
        'ԝ' | 'Ԝ' | 'ш' | 'Ш' => b'w',
        'х' | 'Х' => b'x',
        'у' | 'У' | 'ү' | 'Ү' => b'y',
        // Greek
        'α' | 'Α' => b'a',
        'β' | 'Β' => b'b',
        'ϲ' | 'Ϲ' => b'c',
        'δ' => b'd',
        'ε' | 'Ε' | 'ϵ' => b'e',
        'Η' | 'η' => b'h',
        'ι' | 'Ι' | 'ί' | 'ϊ' => b'i',
        'ϳ' | 'Ϳ' => b'j',
        'κ' | 'Κ' => b'k',
        'μ' | 'Μ' | 'µ' => b'm',
        'ν' => b'v',
        'Ν' => b'n',
        'ο' | 'Ο' | 'σ' => b'o',
        'ρ' | 'Ρ' => b'p',
        'τ' | 'Τ' => b't',
        'υ' => b'u',
        'χ' | 'Χ' => b'x',
        'Υ' | 'γ' => b'y',
        'ζ' | 'Ζ' => b'z',
        // Latin oddities, small capitals, Armenian, Cherokee
        'ı' | 'ɪ' | 'ɩ' | 'ᶦ' | 'Ꭵ' | 'ו' | '׀' | '∣' | 'ǀ' => b'i',
        'ᴀ' | 'ɑ' | 'Ꭺ' => b'a',
        'ʙ' | 'Ᏼ' => b'b',
        'ᴄ' | 'ⅽ' | 'Ⅽ' | 'Ꮯ' | '¢' | '©' => b'c',
        'ᴅ' | 'Ꭰ' => b'd',
        'ᴇ' | 'ǝ' | 'Ꭼ' | '℮' | '€' | 'ҽ' => b'e',
        'ꜰ' => b'f',
        'ɢ' => b'g',
        'ʜ' | 'Ꮋ' => b'h',
        'ᴊ' => b'j',
        'ᴋ' => b'k',
        'ʟ' | 'ł' | 'Ł' => b'l',
        'ᴍ' => b'm',
        'ɴ' | 'ո' => b'n',
        'ᴏ' | 'օ' | 'ø' | 'Ø' => b'o',
        'ᴘ' | 'Ꮲ' => b'p',
        'ʀ' => b'r',
        'ꜱ' | 'Ꮪ' | 'Տ' => b's',
        'ᴛ' => b't',
        'ᴜ' | 'ս' => b'u',
        'ᴠ' => b'v',
        'ᴡ' => b'w',
        'ʏ' => b'y',
        'ᴢ' => b'z',
        // Regional indicators and squared letters spell words too.
        '🇦'..='🇿' => b'a' + (c as u32 - '🇦' as u32) as u8,
        '🅐'..='🅩' => b'a' + (c as u32 - '🅐' as u32) as u8,
        '🅰'..='🆉' => b'a' + (c as u32 - '🅰' as u32) as u8,
        _ => return None,
    })
}

/// Digits and signs that stand for letters in disguised spellings.
pub(super) const fn leet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0' => b'o',
        b'1' | b'!' | b'|' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' | b'+' => b't',
        b'8' => b'b',
        b'9' => b'g',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn fold(text: &str) -> String {
        let mut folded = Folded::default();
        folded.fold(text);
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
        folded.fold(text);
        let at = folded.bytes.iter().position(|b| *b == b'i').unwrap();
        assert_eq!(&text[folded.start_of(at)..folded.end_of(at)], "і");
        assert!(folded.has_look_alike(at, at + 1));
        let end = folded.bytes.iter().position(|b| *b == b'e').unwrap();
        assert_eq!(&text[folded.start_of(end)..folded.end_of(end)], "é");
    }
}
