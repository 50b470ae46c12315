//! Reading the text of plates that were found.

mod onnx;
mod sequence;

use serde::{Deserialize, Serialize};

pub use self::onnx::OnnxRecognizer;
use crate::{CharacterRead, Frame, Quad, RegionGuess, Result};

/// Reads the text of plates.
///
/// [`OnnxRecognizer`] is the implementation that the engine uses; implement the trait to bring your own.
pub trait Recognizer: Send + Sync {
    /// Reads the plates with these corners, in this order; the result has one reading for each.
    ///
    /// `frame` is the whole frame at its full resolution, and the corners are in its pixels.
    ///
    /// # Errors
    ///
    /// [`Error::Inference`](crate::Error::Inference) when a network fails.
    fn recognize(&self, frame: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>>;

    /// Reads plates of several frames, each given with its frame; the result has one reading for each, in this order.
    ///
    /// [`Engine::read_batch`](crate::Engine::read_batch) calls it: a network may read many plates at once in less time than
    /// one after the other. Without an implementation of its own, plates are read one by one.
    ///
    /// # Errors
    ///
    /// The same as [`recognize`](Self::recognize).
    fn recognize_many(&self, plates: &[(&Frame<'_>, Quad)]) -> Result<Vec<Reading>> {
        let mut readings = Vec::with_capacity(plates.len());
        for (frame, plate) in plates {
            readings.extend(self.recognize(frame, &[*plate])?);
        }
        Ok(readings)
    }

    /// Prepares for calls from this many threads at once, so that the first of them take no longer than the rest.
    ///
    /// # Errors
    ///
    /// The same as [`recognize`](Self::recognize).
    fn warm_up(&self, workers: usize) -> Result<()> {
        let _ = workers;
        Ok(())
    }
}

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

/// A text that the plate may show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The text, upper line first.
    pub text: String,
    /// Its probability among all texts, 0 to 1.
    pub probability: f64,
    /// Its characters, one for each of the text.
    pub characters: Vec<CharacterRead>,
    /// Lines it stands in.
    pub lines: u8,
    /// Characters beside those of the text that are none of the recogniser's alphabet, as of another script.
    #[serde(default)]
    pub unknown_signs: u8,
}

impl Candidate {
    /// A text of one line with its probability and characters.
    pub fn new(text: impl Into<String>, probability: f64, characters: Vec<CharacterRead>) -> Self {
        Self {
            text: text.into(),
            probability,
            characters,
            lines: 1,
            unknown_signs: 0,
        }
    }
}
