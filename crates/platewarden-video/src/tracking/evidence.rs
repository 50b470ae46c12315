//! What one read says for the vote.

use platewarden::{PlateRead, RegionGuess};
use platewarden_text::{Candidate, CharacterRead};

use super::pass::Pass;

/// One read of one plate, as the vote needs it.
///
/// Made from a [`PlateRead`], or by hand from the results of another reader.
///
/// ```
/// use platewarden_video::tracking::TrackRead;
/// let read = TrackRead::from_text("AB12CDE", 0.9);
/// assert_eq!(read.characters.len(), 7);
/// assert_eq!((read.candidates[0].text.as_str(), read.candidates[0].confidence), ("AB12CDE", 0.9));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrackRead {
    /// The text as read; empty where there was nothing to read.
    pub text: String,
    /// Calibrated probability that the whole text is right, 0 to 1.
    pub confidence: f32,
    /// Characters of the text and what else may stand in their places.
    pub characters: Vec<CharacterRead>,
    /// Whole texts with their calibrated probabilities, best first.
    pub candidates: Vec<Candidate>,
    /// Lines of text, 0 where unknown.
    pub lines: u8,
    /// Whether the plate reaches an edge of the frame, so that a part of its text may be outside.
    pub touches_edge: bool,
    /// The issuing country or state with its probability.
    pub region: Option<RegionGuess>,
}

impl TrackRead {
    /// A read without alternatives, each character as probable as makes the whole text have `confidence`.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        reason = "plate texts are a few characters long"
    )]
    pub fn from_text(text: impl Into<String>, confidence: f32) -> Self {
        let text = text.into();
        let length = text.chars().count().max(1) as f32;
        let each = confidence.clamp(0.0, 1.0).powf(1.0 / length);
        Self {
            characters: text
                .chars()
                .map(|symbol| CharacterRead::new(symbol, each, Vec::new()))
                .collect(),
            candidates: vec![Candidate::new(text.clone(), confidence)],
            confidence,
            lines: 0,
            touches_edge: false,
            region: None,
            text,
        }
    }
}

impl From<&PlateRead> for TrackRead {
    fn from(read: &PlateRead) -> Self {
        Self {
            text: read.text.clone(),
            confidence: read.confidence,
            characters: read.characters.clone(),
            candidates: read.candidates.clone(),
            lines: read.lines,
            touches_edge: read.touches_edge,
            region: read.region.clone(),
        }
    }
}

impl From<&Pass> for TrackRead {
    fn from(pass: &Pass) -> Self {
        Self {
            text: pass.text.clone(),
            confidence: pass.confidence,
            characters: pass.characters.clone(),
            candidates: pass.candidates.clone(),
            lines: pass.lines,
            touches_edge: false,
            region: pass
                .region
                .clone()
                .map(|code| RegionGuess::new(code, pass.region_confidence)),
        }
    }
}
