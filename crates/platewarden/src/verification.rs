//! A second look at what the detector found: what is written on a thing says much about whether it is a plate.

use crate::{PlateRead, manifest::VerificationManifest};

/// Keeps logarithms of odds finite.
const SMALLEST: f32 = 1e-4;
/// More digits than this say no more.
const MANY_DIGITS: usize = 4;

impl VerificationManifest {
    /// The probability that a detection is a plate, from the detector's score and the text that was read, for a frame of
    /// this width and height.
    ///
    /// Shop signs, time stamps and names on vehicles look like plates to a small detector; their texts are too long, too
    /// short, without a digit or in no sure reading, and their places too large. The weights are those of a logistic
    /// regression over the training pictures (`models/train/verify.py`).
    pub(crate) fn probability(&self, read: &PlateRead, frame: (u32, u32)) -> f32 {
        let text = &read.text;
        let length = text.chars().count();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let (width, height) = (read.bounds.width.max(1.0), read.bounds.height.max(1.0));
        let aspect = (width / height).ln();
        #[allow(clippy::cast_precision_loss, reason = "sizes of pictures and texts")]
        let (area, digits_counted) = (
            frame.0 as f32 * frame.1 as f32,
            digits.min(MANY_DIGITS) as f32 / MANY_DIGITS as f32,
        );
        let last = self.length.len().saturating_sub(1);
        let mut odds = self.bias
            + self.detector * logit(read.detection_score)
            + self.length.get(length.min(last)).copied().unwrap_or(0.0)
            + self.aspect * aspect
            + self.aspect_squared * aspect * aspect
            + self.size * (width / area.max(1.0).sqrt()).ln();
        if length > 0 {
            odds += self.text * logit(read.confidence) + self.digits * digits_counted;
            if digits == 0 {
                odds += self.letters_alone;
            }
            if digits == length {
                odds += self.digits_alone;
            }
        }
        1.0 / (1.0 + (-odds).exp())
    }
}

fn logit(probability: f32) -> f32 {
    let p = probability.clamp(SMALLEST, 1.0 - SMALLEST);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::{Point, Rect};

    fn weights() -> VerificationManifest {
        toml::from_str(
            "min_score = 0.5\nbias = 0.5\ndetector = 2.0\ntext = 0.5\nlength = [-1.0, 0.0, 1.0]\ndigits = 4.0\n\
             letters_alone = -1.0\ndigits_alone = -2.0\naspect = 1.0\naspect_squared = 0.0\nsize = -0.5",
        )
        .unwrap()
    }

    fn read(text: &str) -> PlateRead {
        PlateRead {
            text: text.into(),
            raw_text: text.into(),
            confidence: 0.5,
            characters: Vec::new(),
            candidates: Vec::new(),
            lines: 1,
            unknown_signs: 0,
            region: None,
            corners: [Point::new(0.0, 0.0); 4],
            bounds: Rect::new(0.0, 0.0, 100.0, 100.0),
            touches_edge: false,
            detection_score: 0.5,
        }
    }

    /// With a detection and a text of even odds on a square of a hundredth of the frame, only the text's form counts.
    #[test]
    fn what_is_written_counts() {
        let odds = |text: &str| logit(weights().probability(&read(text), (1000, 1000)));
        let size = -0.5 * 0.1f32.ln();
        for (text, expected) in [
            ("", 0.5 - 1.0),
            ("A", 0.5 - 1.0),
            ("7", 0.5 + 1.0 - 2.0),
            ("AB12", 0.5 + 1.0 + 2.0),
            ("A1234567", 0.5 + 1.0 + 4.0),
        ] {
            let found = odds(text);
            assert!((found - expected - size).abs() < 1e-3, "{text}: {found}");
        }
    }

    #[test]
    fn a_surer_detector_makes_a_surer_plate() {
        let mut surer = read("AB12");
        surer.detection_score = 0.9;
        let probability = |read| weights().probability(read, (640, 480));
        assert!(probability(&surer) > probability(&read("AB12")));
    }

    #[test]
    fn no_number_is_infinite() {
        let mut odd = read("AB12");
        odd.detection_score = 1.0;
        odd.confidence = 0.0;
        odd.bounds = Rect::new(0.0, 0.0, 0.0, 0.0);
        assert!(weights().probability(&odd, (0, 0)).is_finite());
    }
}
