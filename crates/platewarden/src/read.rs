//! What the engine says about a plate.

use serde::{Deserialize, Serialize};

use crate::{Candidate, CharacterRead, Detection, Point, Rect, syntax::PlateSyntax};

/// One plate in one frame.
///
/// All coordinates are pixels of the frame that was given to the engine, with (0, 0) at the outer corner of its top left
/// pixel. Serialised with `serde`, a read is an object with these fields, points as `{"x": …, "y": …}`; fields may be
/// added in a minor version, never taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlateRead {
    /// The registration number as read, upper line first, without spaces or separators; empty where the plate was found
    /// but shows no text that could be read.
    pub text: String,
    /// The text that the recogniser alone finds most likely, before registration formats are weighed in. The same as
    /// [`text`](Self::text) more often than not.
    pub raw_text: String,
    /// Probability that the whole text is right, 0 to 1, calibrated on labelled photographs: of the reads with a
    /// confidence near 0.9, nine in ten are right to the last character. It follows the weakest character, not the mean.
    pub confidence: f32,
    /// The characters of the text in order.
    pub characters: Vec<CharacterRead>,
    /// The most likely texts, best first, the first being [`text`](Self::text).
    pub candidates: Vec<Candidate>,
    /// Lines the text stands in: 1 to 3, and 0 where there is no text.
    pub lines: u8,
    /// Characters on the plate beside those of the text that are no Latin letter or digit, or are cut off too far to be told:
    /// the text is then a part of the registration.
    #[serde(default)]
    pub unknown_signs: u8,
    /// The country or state that issued the plate, where it can be guessed.
    pub region: Option<RegionGuess>,
    /// The plate's corners as it is read: top left, top right, bottom right, bottom left.
    pub corners: [Point; 4],
    /// The upright box around the plate.
    pub bounds: Rect,
    /// Whether the plate reaches an edge of the frame, so that a part of it may be outside. Unless the whole picture is the
    /// plate, [`confidence`](Self::confidence) is reckoned down for it.
    #[serde(default)]
    pub touches_edge: bool,
    /// How sure the engine is that there is a plate, readable or not, 0 to 1: a probability made of the detector's score
    /// and of what was read, where the manifest says how
    /// ([`VerificationManifest`](crate::manifest::VerificationManifest)), else the detector's score.
    pub detection_score: f32,
}

impl PlateRead {
    /// The text as the plate prints it, groups and umlauts included, where the guessed region's formats settle that:
    /// `WÜ·XY 123` for `WUXY123`. [`text`](Self::text) is for matching, this is for people. `None` where the region is not
    /// known or the number could be printed in more than one way.
    ///
    /// ```
    /// use platewarden::{Detection, PlateRead, Rect, RegionGuess};
    ///
    /// let bounds = Rect::new(10.0, 20.0, 90.0, 22.0);
    /// let plate = Detection { quad: bounds.to_quad(), bounds, score: 0.8 };
    /// let mut read = PlateRead::new("AB12CDE", 0.9, &plate);
    /// assert_eq!(read.display(), None);
    /// read.region = Some(RegionGuess::new("GB", 0.9));
    /// assert_eq!(read.display().as_deref(), Some("AB12 CDE"));
    /// ```
    #[must_use]
    pub fn display(&self) -> Option<String> {
        let region = self.region.as_ref()?.code.parse().ok()?;
        PlateSyntax::bundled().display(&self.text, region)
    }

    /// A read of one line without alternatives, for tests and for the results of other readers.
    ///
    /// ```
    /// use platewarden::{Detection, PlateRead, Rect};
    ///
    /// let bounds = Rect::new(10.0, 20.0, 90.0, 22.0);
    /// let plate = Detection { quad: bounds.to_quad(), bounds, score: 0.8 };
    /// let read = PlateRead::new("AB12CDE", 0.9, &plate);
    /// assert_eq!((read.candidates[0].text.as_str(), read.detection_score), ("AB12CDE", 0.8));
    /// ```
    pub fn new(text: impl Into<String>, confidence: f32, plate: &Detection) -> Self {
        let text = text.into();
        Self {
            raw_text: text.clone(),
            confidence,
            characters: Vec::new(),
            candidates: vec![Candidate::new(text.clone(), confidence).with_lines(0)],
            lines: u8::from(!text.is_empty()),
            unknown_signs: 0,
            region: None,
            corners: plate.quad.corners(),
            bounds: plate.bounds,
            touches_edge: false,
            detection_score: plate.score,
            text,
        }
    }
}

/// A country or state that may have issued a plate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegionGuess {
    /// Code of ISO 3166-1 (`RO`) or, where states issue plates, of ISO 3166-2 (`US-CA`).
    pub code: String,
    /// Its probability, 0 to 1.
    pub confidence: f32,
}

impl RegionGuess {
    /// A region's code with its probability.
    pub fn new(code: impl Into<String>, confidence: f32) -> Self {
        Self {
            code: code.into(),
            confidence,
        }
    }
}
