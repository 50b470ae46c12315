//! What a tolerance would take for a listed plate.

use platewarden_text::CharacterRead;
use platewarden_text::symbol::{SYMBOLS, char_of, index_of};
use serde::{Deserialize, Serialize};

use super::glyphs::Smoothing;
use super::tolerance::Tolerance;
use crate::error::Failure;
use crate::error::{Error, Result};

/// A text that would be taken for a listed plate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Misread {
    /// What would have been read.
    pub text: String,
    /// The probability that the match would have.
    pub probability: f32,
}

impl Tolerance {
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
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for an option or a clarity outside its range.
    pub fn preview(&self, plate: &str, clarity: f32, limit: usize) -> Result<Vec<Misread>> {
        self.validate()?;
        if !(0.0..=1.0).contains(&clarity) {
            return Err(Error::from(Failure::InvalidOption {
                option: "clarity",
                expected: "a number from 0 to 1".to_owned(),
                found: clarity.to_string(),
            }));
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
