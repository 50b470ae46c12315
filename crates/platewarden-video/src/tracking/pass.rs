//! One vehicle seen over several frames.

use std::time::Duration;

use image::RgbImage;
use platewarden::{Point, Rect};
use platewarden_text::{Candidate, CharacterRead, syntax::PlateSyntax};
use serde::{Deserialize, Serialize};

use super::line::Crossing;

/// Why a pass is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PassKind {
    /// The vehicle went through the view and is gone.
    Passed,
    /// The vehicle stands in view; told once, and then at the interval chosen.
    Parked,
    /// The vehicle had been told as parked, drove on and is gone.
    Departed,
}

/// One vehicle seen over several frames: its voted text and where and when it was.
///
/// Serialised with `serde`, times are seconds from the start of the source; the evidence crop is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pass {
    /// Number of the vehicle within its tracker, from 1; reports of one parked vehicle share it.
    pub id: u64,
    /// Why it is told.
    pub kind: PassKind,
    /// The voted text.
    pub text: String,
    /// Probability that the voted text is right to the last character, from the calibrated probabilities of the reads;
    /// errors that repeat over frames are reckoned with (see the guide `docs/video.md`).
    pub confidence: f32,
    /// The characters of the text with their share of the vote.
    pub characters: Vec<CharacterRead>,
    /// The likeliest texts with their probabilities, the voted one first.
    pub candidates: Vec<Candidate>,
    /// Code of the issuing country or state, where the reads tell one.
    pub region: Option<String>,
    /// Mean probability that the reads give that region, 0 without one.
    pub region_confidence: f32,
    /// Lines of text on the plate, 0 where unknown.
    pub lines: u8,
    /// Times the plate was read.
    pub reads: u32,
    /// Reads whose own text was the voted one.
    pub agreeing_reads: u32,
    /// Frames in which the plate was found.
    pub frames: u32,
    /// First time it was seen.
    #[serde(with = "seconds")]
    pub first_seen: Duration,
    /// Last time it was seen.
    #[serde(with = "seconds")]
    pub last_seen: Duration,
    /// Index of the frame with the best read, the one of the evidence.
    pub best_frame: u64,
    /// Time of that frame.
    #[serde(with = "seconds")]
    pub best_at: Duration,
    /// What that frame alone was read as.
    pub best_text: String,
    /// Corners of the plate in that frame, in pixels: top left, top right, bottom right, bottom left.
    pub corners: [Point; 4],
    /// Upright box around the plate in that frame, in pixels.
    pub bounds: Rect,
    /// Greatest width of the plate over the frames, in pixels.
    pub max_plate_width: f32,
    /// Way of the plate's centre from first to last seen, in pixels: right and down are positive.
    pub travel: Point,
    /// Width of the plate when last seen over that when first seen: above 1 it came nearer.
    pub growth: f32,
    /// Lines and zones crossed, in order.
    pub crossings: Vec<Crossing>,
    /// The plate with its surroundings, cut from the very frame that was read best.
    #[serde(skip)]
    pub evidence: Option<Evidence>,
}

impl Pass {
    /// The text as the plate prints it, groups and umlauts included, where the region's formats settle that; see
    /// [`PlateRead::display`](platewarden::PlateRead::display).
    #[must_use]
    pub fn display(&self) -> Option<String> {
        let region = self.region.as_ref()?.parse().ok()?;
        PlateSyntax::bundled().display(&self.text, region)
    }
}

/// A cut-out of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The pixels.
    pub image: RgbImage,
    /// Where they were cut, in pixels of the frame.
    pub area: Rect,
    /// Index of the frame.
    pub frame: u64,
}

/// Durations as seconds.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // Milliseconds are finer than any camera's clock; more digits would only be noise.
        #[allow(clippy::cast_precision_loss, reason = "below 2^53 for 285,000 years")]
        serializer.serialize_f64(time.as_millis() as f64 / 1000.0)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
    }
}
