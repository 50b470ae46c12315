//! A text that a plate may show, and its characters.

use serde::{Deserialize, Serialize};

/// A text that a plate may show, with its probability.
///
/// One type from the recogniser's output over the ranking by formats to reads and passes.
///
/// ```
/// use platewarden_text::{Candidate, CharacterRead};
///
/// let characters = "AB1".chars().map(|symbol| CharacterRead::new(symbol, 0.9, Vec::new())).collect();
/// let candidate = Candidate::new("AB1", 0.7).with_characters(characters);
/// assert_eq!((candidate.characters.len(), candidate.lines), (3, 1));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The text, upper line first, without spaces or separators.
    pub text: String,
    /// Probability that this is the whole text, 0 to 1: calibrated in reads and passes, the recogniser's own in what a
    /// recogniser gives.
    pub confidence: f32,
    /// The characters, one for each of the text; empty where they are not told, as for all but the first candidate of a
    /// read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub characters: Vec<CharacterRead>,
    /// Lines it stands in; 0 where that is not told.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lines: u8,
    /// Characters beside those of the text that are none of the recogniser's alphabet, as of another script.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown_signs: u8,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
const fn is_zero(count: &u8) -> bool {
    *count == 0
}

impl Candidate {
    /// A text of one line with its probability; its characters are not told.
    #[must_use]
    pub fn new(text: impl Into<String>, confidence: f32) -> Self {
        Self {
            text: text.into(),
            confidence,
            characters: Vec::new(),
            lines: 1,
            unknown_signs: 0,
        }
    }

    /// Sets the characters, one for each of the text.
    #[must_use]
    pub fn with_characters(mut self, characters: Vec<CharacterRead>) -> Self {
        self.characters = characters;
        self
    }

    /// Sets the number of lines.
    #[must_use]
    pub const fn with_lines(mut self, lines: u8) -> Self {
        self.lines = lines;
        self
    }

    /// The text and its probability alone, as lists of alternatives hold them.
    #[must_use]
    pub fn without_characters(&self) -> Self {
        Self {
            text: self.text.clone(),
            confidence: self.confidence,
            characters: Vec::new(),
            lines: 0,
            unknown_signs: 0,
        }
    }
}

/// One character of a text: what was read and what may stand there instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CharacterRead {
    /// The character.
    pub symbol: char,
    /// Probability of this character at its place, 0 to 1.
    pub confidence: f32,
    /// Other characters that may stand there instead, most likely first.
    pub alternatives: Vec<Alternative>,
}

impl CharacterRead {
    /// A character with its probability and alternatives.
    #[must_use]
    pub const fn new(symbol: char, confidence: f32, alternatives: Vec<Alternative>) -> Self {
        Self {
            symbol,
            confidence,
            alternatives,
        }
    }

    /// The character and its alternatives with their probabilities.
    pub fn shares(&self) -> impl Iterator<Item = (char, f32)> {
        let others = self
            .alternatives
            .iter()
            .map(|other| (other.symbol, other.confidence));
        std::iter::once((self.symbol, self.confidence)).chain(others)
    }

    /// Probability of a symbol at this place; `None` where it is neither the character nor an alternative.
    ///
    /// ```
    /// use platewarden_text::{Alternative, CharacterRead};
    ///
    /// let torn = CharacterRead::new('8', 0.6, vec![Alternative::new('B', 0.3)]);
    /// assert_eq!((torn.probability_of('B'), torn.probability_of('3')), (Some(0.3), None));
    /// ```
    #[must_use]
    pub fn probability_of(&self, symbol: char) -> Option<f32> {
        self.shares()
            .find(|(known, _)| *known == symbol)
            .map(|(_, probability)| probability)
    }

    /// The same place with another of its symbols in front; what was in front becomes the first alternative.
    #[must_use]
    pub fn exchanged(&self, symbol: char) -> Self {
        if symbol == self.symbol {
            return self.clone();
        }
        let mut alternatives = vec![Alternative::new(self.symbol, self.confidence)];
        alternatives.extend(
            self.alternatives
                .iter()
                .filter(|other| other.symbol != symbol),
        );
        Self {
            symbol,
            confidence: self.probability_of(symbol).unwrap_or(0.0),
            alternatives,
        }
    }
}

/// A character that may stand in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternative {
    /// The character.
    pub symbol: char,
    /// Probability of it, 0 to 1.
    pub confidence: f32,
}

impl Alternative {
    /// A character with its probability.
    #[must_use]
    pub const fn new(symbol: char, confidence: f32) -> Self {
        Self { symbol, confidence }
    }
}
