//! The offence-type menu whose value precedes the free text since early 2026.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::PurposeKind;

use super::signal::Grade;
use super::source::{MenuSource, menu_key, push_word};

/// A value of the offence-type menu, as seen in public search logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuValue {
    /// The spelling in exports.
    pub text: String,
    /// What a search under this value is for.
    pub purpose: PurposeKind,
}

impl MenuValue {
    /// How strongly the choice itself speaks for immigration enforcement: civil is the prohibited
    /// purpose by name, criminal is arguable and needs a person.
    pub(super) const fn immigration_grade(&self) -> Option<Grade> {
        match self.purpose {
            PurposeKind::CivilImmigration => Some(Grade::High),
            PurposeKind::CriminalImmigration => Some(Grade::Medium),
            _ => None,
        }
    }
}

/// All values of the menu, found by their words.
#[derive(Debug, Default)]
pub(super) struct Menu {
    pub(super) values: Vec<MenuValue>,
    by_key: FxHashMap<String, usize>,
    first_words: FxHashSet<String>,
    longest_key: usize,
}

/// A menu value at the beginning of a cell and the place where the free text begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split<'l> {
    pub(super) value: &'l MenuValue,
    /// One past the last byte of the value.
    pub(super) value_end: usize,
    pub(super) free_text_at: usize,
}

impl Menu {
    pub(super) fn new(source: &[MenuSource]) -> Self {
        let mut menu = Self::default();
        for entry in source {
            let index = menu.values.len();
            menu.values.push(MenuValue {
                text: entry.text.clone(),
                purpose: entry.purpose,
            });
            for spelling in std::iter::once(&entry.text).chain(&entry.also) {
                let key = menu_key(spelling);
                menu.longest_key = menu.longest_key.max(key.len());
                menu.first_words
                    .extend(key.split(' ').next().map(str::to_owned));
                menu.by_key.insert(key, index);
            }
        }
        menu
    }

    pub(super) fn named(&self, key: &str) -> Option<&MenuValue> {
        self.values.get(*self.by_key.get(key)?)
    }

    /// Splits `<menu value> - <free text>`; a cell that is only a menu value has empty free text.
    ///
    /// `key` is working memory. Reads no further than the longest value: the cost does not follow the cell's length.
    pub(super) fn split(&self, text: &str, key: &mut String) -> Option<Split<'_>> {
        key.clear();
        let bytes = text.as_bytes();
        let mut at = text.len() - text.trim_start().len();
        let mut value_end = at;
        let mut best = None;
        while key.len() <= self.longest_key {
            if ends_value(text, value_end)
                && let Some(value) = self.named(key)
            {
                best = Some(Split {
                    value,
                    value_end,
                    free_text_at: free_text_at(text, value_end),
                });
            }
            let rest = bytes.get(at..)?;
            let Some(gap) = rest.iter().position(u8::is_ascii_alphanumeric) else {
                break;
            };
            // A dash between blanks ends the value.
            let between = rest.get(..gap)?;
            if key.is_empty() && gap > 0 {
                return None;
            }
            if between.contains(&b' ') && between.contains(&b'-') {
                break;
            }
            let (word_at, rest) = (at + gap, rest.get(gap..)?);
            let length = rest
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric())
                .take(64)
                .count();
            let first = key.is_empty();
            push_word(key, text.get(word_at..word_at + length)?);
            if first && !self.first_words.contains(key.as_str()) {
                return None;
            }
            at = word_at + length;
            value_end = closing_bracket(bytes, at);
        }
        best
    }
}

/// One past a bracket that closes behind a word.
fn closing_bracket(bytes: &[u8], at: usize) -> usize {
    at + usize::from(bytes.get(at) == Some(&b')'))
}

/// Whether a menu value may end here: at the end of the cell, or before a dash between blanks.
fn ends_value(text: &str, end: usize) -> bool {
    let Some(tail) = text.get(end..) else {
        return false;
    };
    let gap = tail.trim_start();
    gap.is_empty()
        || (gap.len() < tail.len()
            && gap
                .strip_prefix(['-', '–', '—'])
                .is_some_and(|after| after.is_empty() || after.starts_with(' ')))
}

fn free_text_at(text: &str, end: usize) -> usize {
    let tail = text.get(end..).unwrap_or_default();
    let after = tail.trim_start().trim_start_matches(['-', '–', '—']);
    text.len() - after.trim_start().len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::Lexicon;
    use super::*;

    fn split(text: &str) -> Option<Split<'static>> {
        Lexicon::bundled()
            .unwrap()
            .menu
            .split(text, &mut String::new())
    }

    #[test]
    fn the_two_halves_of_a_cell_are_told_apart() {
        let text = "Assault/Battery Offenses (Domestic) - see report";
        let found = split(text).unwrap();
        assert_eq!(found.value.text, "Assault/Battery Offenses (Domestic)");
        assert_eq!(text.get(..found.value_end), Some(found.value.text.as_str()));
        assert_eq!(text.get(found.free_text_at..), Some("see report"));
        for (text, free) in [
            ("Drugs/Narcotics - ", ""),
            ("Drugs/Narcotics", ""),
            ("Drugs/Narcotics -", ""),
            ("drugs & narcotics – buy", "buy"),
            ("Immigration (criminal) - x", "x"),
            (
                "Traffic Infraction - Traffic Infraction - x",
                "Traffic Infraction - x",
            ),
        ] {
            assert_eq!(
                text.get(split(text).unwrap().free_text_at..),
                Some(free),
                "{text}"
            );
        }
        for text in [
            "Immigration violation",
            "Drugs/Narcotics-ish",
            "Robbery suspect",
            "",
            "Arson-like",
            "- Arson",
        ] {
            assert!(split(text).is_none(), "{text}");
        }
    }
}
