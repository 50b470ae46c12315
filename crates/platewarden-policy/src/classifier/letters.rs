//! Letters that stand for others: look-alikes of other alphabets, digits and signs in the place of letters.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::Result;

use super::source::invalid;

/// The lexicon's tables of letters.
#[derive(Debug, Default)]
pub(super) struct Letters {
    look_alikes: FxHashMap<char, u8>,
    /// By ASCII code; 0 where the sign stands for no letter.
    signs: Vec<u8>,
}

impl Letters {
    pub(super) fn new(
        look_alikes: &BTreeMap<char, String>,
        signs: &BTreeMap<char, char>,
    ) -> Result<Self> {
        let mut letters = Self {
            look_alikes: FxHashMap::default(),
            signs: vec![0; 128],
        };
        for (letter, others) in look_alikes {
            let letter = latin(*letter)?;
            letters
                .look_alikes
                .extend(others.chars().map(|other| (other, letter)));
        }
        for (sign, letter) in signs {
            let slot = letters.signs.get_mut(*sign as usize).ok_or_else(|| {
                invalid(
                    "a digit or an ASCII sign",
                    format!("`{sign}` among `signs`"),
                )
            })?;
            *slot = latin(*letter)?;
        }
        Ok(letters)
    }

    /// The Latin letter that a letter of another alphabet, or a Latin oddity, looks like.
    pub(super) fn look_alike(&self, letter: char) -> Option<u8> {
        self.look_alikes.get(&letter).copied()
    }

    /// The letter for which a digit or sign stands in a disguised spelling.
    pub(super) fn letter_of(&self, sign: u8) -> Option<u8> {
        self.signs
            .get(usize::from(sign))
            .copied()
            .filter(|letter| *letter != 0)
    }
}

fn latin(letter: char) -> Result<u8> {
    u8::try_from(letter)
        .ok()
        .filter(u8::is_ascii_lowercase)
        .ok_or_else(|| invalid("a lower-case Latin letter", format!("`{letter}`")))
}
