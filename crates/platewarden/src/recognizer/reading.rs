//! What a recogniser finds on one plate.

use serde::{Deserialize, Serialize};

use crate::{Candidate, RegionGuess};

/// What a recogniser finds on one plate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reading {
    /// Texts with at least one character, most likely first.
    pub candidates: Vec<Candidate>,
    /// Probability that the plate shows no text, 0 to 1.
    pub empty: f64,
    /// Where the recogniser tells regions: their codes with their probabilities, most likely first.
    pub regions: Vec<RegionGuess>,
}

impl Reading {
    /// A reading of these candidates.
    pub fn new(candidates: Vec<Candidate>, empty: f64) -> Self {
        Self {
            candidates,
            empty,
            ..Self::default()
        }
    }
}
