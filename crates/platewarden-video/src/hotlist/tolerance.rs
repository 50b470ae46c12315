//! How much misreading a match forgives.

use platewarden_text::CharacterRead;
use platewarden_text::symbol::{SYMBOLS, char_of, index_of};
use serde::{Deserialize, Serialize};

use super::glyphs::Smoothing;
use crate::error::{Error, Result};

/// How much misreading a match forgives.
///
/// A match has a probability: that of the listed plate being the one that was read. It is the product over the characters
/// of the probability that each is the listed one, for which the reader's own alternatives count, and of which a share goes
/// to look-alikes (`8` for `B`) and a small one to anything. Matches below `min_probability` are none.
///
/// Texts of other lengths match only where the reader itself offers them among its candidates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tolerance {
    /// Least probability of a match, from 0.0001 to 1. Default: 0.01.
    pub min_probability: f32,
    /// Share of each character's probability that goes to its look-alikes, 0 to 0.5. Default: 0.08.
    pub lookalike_share: f32,
    /// Share that goes to all characters alike, 0 to 0.5. Default: 0.002.
    pub any_share: f32,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            min_probability: 0.01,
            lookalike_share: 0.08,
            any_share: 0.002,
        }
    }
}

/// A text that would be taken for a listed plate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Misread {
    /// What would have been read.
    pub text: String,
    /// The probability that the match would have.
    pub probability: f32,
}

impl Tolerance {
    /// Only what the reader itself thinks possible, at least half as probable as not.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            min_probability: 0.5,
            lookalike_share: 0.0,
            any_share: 0.0,
        }
    }

    /// Sets the least probability of a match.
    #[must_use]
    pub const fn with_min_probability(mut self, probability: f32) -> Self {
        self.min_probability = probability;
        self
    }

    /// Sets the share that goes to look-alikes.
    #[must_use]
    pub const fn with_lookalike_share(mut self, share: f32) -> Self {
        self.lookalike_share = share;
        self
    }

    /// Checks that every option lies within its range.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] naming the first that does not.
    pub fn validate(&self) -> Result<()> {
        let checks = [
            ("min_probability", self.min_probability, 1e-4, 1.0),
            ("lookalike_share", self.lookalike_share, 0.0, 0.5),
            ("any_share", self.any_share, 0.0, 0.5),
        ];
        for (option, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                return Err(Error::InvalidOption {
                    option,
                    expected: format!("a number from {least} to {most}"),
                    found: value.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The texts that would be taken for `plate`, most probable first, itself at the front: to be looked at before the
    /// tolerance is used.
    ///
    /// `clarity` is the probability that the reader gives each character it reads: 0.99 for good pictures, 0.8 for poor
    /// ones. At most `limit` texts are given.
    ///
    /// ```
    /// use platewarden_video::hotlist::Tolerance;
    /// let accepted = Tolerance::default().preview("B0B", 0.99, 100)?;
    /// assert_eq!(accepted[0].text, "B0B");
    /// assert!(accepted.iter().any(|misread| misread.text == "80B"));
    /// assert!(Tolerance::strict().preview("B0B", 0.99, 100)?.len() == 1);
    /// # Ok::<(), platewarden_video::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an option or a clarity outside its range.
    pub fn preview(&self, plate: &str, clarity: f32, limit: usize) -> Result<Vec<Misread>> {
        self.validate()?;
        if !(0.0..=1.0).contains(&clarity) {
            return Err(Error::InvalidOption {
                option: "clarity",
                expected: "a number from 0 to 1".to_owned(),
                found: clarity.to_string(),
            });
        }
        let smoothing = Smoothing::new(self);
        // For each character listed, the characters that may be read for it with the factor each contributes.
        let columns: Vec<Vec<(char, f32)>> = plate
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|listed| {
                let listed = listed.to_ascii_uppercase();
                let mut options: Vec<(char, f32)> = (0..SYMBOLS)
                    .filter_map(char_of)
                    .map(|read| {
                        let sure = CharacterRead::new(read, clarity, Vec::new());
                        let shares = smoothing.of_character(&sure);
                        let factor = index_of(listed)
                            .and_then(|at| shares.get(at))
                            .copied()
                            .unwrap_or(0.0);
                        (read, factor)
                    })
                    .collect();
                options.sort_by(|a, b| b.1.total_cmp(&a.1));
                options
            })
            .collect();
        let mut found = Vec::new();
        let mut text = String::new();
        self.grow(&columns, 1.0, &mut text, &mut found);
        found.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then_with(|| a.text.cmp(&b.text))
        });
        found.truncate(limit);
        Ok(found)
    }

    fn grow(
        &self,
        columns: &[Vec<(char, f32)>],
        probability: f32,
        text: &mut String,
        found: &mut Vec<Misread>,
    ) {
        /// A wide tolerance accepts more texts than anybody looks at.
        const MOST: usize = 100_000;
        let Some((column, rest)) = columns.split_first() else {
            if !text.is_empty() {
                found.push(Misread {
                    text: text.clone(),
                    probability,
                });
            }
            return;
        };
        let best_of_rest: f32 = rest
            .iter()
            .map(|column| column.first().map_or(0.0, |option| option.1))
            .product();
        for &(glyph, factor) in column {
            if probability * factor * best_of_rest < self.min_probability || found.len() >= MOST {
                return;
            }
            text.push(glyph);
            self.grow(rest, probability * factor, text, found);
            text.pop();
        }
    }
}
