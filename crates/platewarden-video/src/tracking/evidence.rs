//! What one read says for the vote.

use platewarden::PlateRead;

use super::pass::Pass;

/// Characters that may stand at one place with their probabilities, most likely first.
pub type Column = Vec<(char, f32)>;

/// One read of one plate, as the vote needs it.
///
/// Made from a [`PlateRead`], or by hand from the results of another reader.
///
/// ```
/// use platewarden_video::tracking::TrackRead;
/// let read = TrackRead::from_text("AB12CDE", 0.9);
/// assert_eq!(read.columns.len(), 7);
/// assert_eq!(read.candidates, [("AB12CDE".to_owned(), 0.9)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrackRead {
    /// The text as read; empty where there was nothing to read.
    pub text: String,
    /// Calibrated probability that the whole text is right, 0 to 1.
    pub confidence: f32,
    /// Characters and their probabilities at each place of the text.
    pub columns: Vec<Column>,
    /// Whole texts with their calibrated probabilities, best first.
    pub candidates: Vec<(String, f32)>,
    /// Lines of text, 0 where unknown.
    pub lines: u8,
    /// Code of the issuing country or state with its probability.
    pub region: Option<(String, f32)>,
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
            columns: text.chars().map(|symbol| vec![(symbol, each)]).collect(),
            candidates: vec![(text.clone(), confidence)],
            confidence,
            lines: 0,
            region: None,
            text,
        }
    }
}

impl From<&PlateRead> for TrackRead {
    fn from(read: &PlateRead) -> Self {
        let columns = read
            .characters
            .iter()
            .map(|character| {
                let others = character
                    .alternatives
                    .iter()
                    .map(|other| (other.symbol, other.confidence));
                std::iter::once((character.symbol, character.confidence))
                    .chain(others)
                    .collect()
            })
            .collect();
        Self {
            text: read.text.clone(),
            confidence: read.confidence,
            columns,
            candidates: read
                .candidates
                .iter()
                .map(|candidate| (candidate.text.clone(), candidate.confidence))
                .collect(),
            lines: read.lines,
            region: read
                .region
                .as_ref()
                .map(|region| (region.code.clone(), region.confidence)),
        }
    }
}

impl From<&Pass> for TrackRead {
    fn from(pass: &Pass) -> Self {
        let columns = pass
            .characters
            .iter()
            .map(|character| {
                let others = character.alternatives.iter().copied();
                std::iter::once((character.symbol, character.confidence))
                    .chain(others)
                    .collect()
            })
            .collect();
        Self {
            text: pass.text.clone(),
            confidence: pass.confidence,
            columns,
            candidates: pass.candidates.clone(),
            lines: pass.lines,
            region: pass
                .region
                .clone()
                .map(|code| (code, pass.region_confidence)),
        }
    }
}
