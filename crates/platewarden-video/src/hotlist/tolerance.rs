//! How much misreading a match forgives.

use serde::{Deserialize, Serialize};

use crate::error::Failure;
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
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) naming the first that does not.
    pub fn validate(&self) -> Result<()> {
        let checks = [
            ("min_probability", self.min_probability, 1e-4, 1.0),
            ("lookalike_share", self.lookalike_share, 0.0, 0.5),
            ("any_share", self.any_share, 0.0, 0.5),
        ];
        for (option, value, least, most) in checks {
            if !(least..=most).contains(&value) {
                return Err(Error::from(Failure::InvalidOption {
                    option,
                    expected: format!("a number from {least} to {most}"),
                    found: value.to_string(),
                }));
            }
        }
        Ok(())
    }
}
