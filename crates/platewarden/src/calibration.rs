//! From a network's probabilities to confidences that mean what they say.

use crate::manifest::CalibrationManifest;

/// Keeps logarithms finite: a network's softmax rounds to exact zeros and ones.
const SMALLEST: f64 = 1e-9;

/// Turns the probability of a whole text into a confidence.
///
/// Two corrections, both fitted on labelled photographs and kept in the manifest: a temperature, which tempers every
/// step before texts are searched, and a line on the logarithm of the odds of the whole text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calibration {
    exponent: f32,
    slope: f64,
    intercept: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self::new(&CalibrationManifest::default())
    }
}

impl Calibration {
    pub(crate) fn new(manifest: &CalibrationManifest) -> Self {
        Self {
            exponent: 1.0 / manifest.temperature,
            slope: f64::from(manifest.slope),
            intercept: f64::from(manifest.intercept),
        }
    }

    /// Tempers one step's probabilities in place; they sum to one afterwards.
    pub(crate) fn temper(&self, probabilities: &mut [f32]) {
        #[allow(
            clippy::float_cmp,
            reason = "exactly 1 where the manifest gives no temperature"
        )]
        if self.exponent != 1.0 {
            for p in probabilities.iter_mut() {
                *p = p.max(0.0).powf(self.exponent);
            }
        }
        let sum: f32 = probabilities.iter().sum();
        if sum > 0.0 && sum.is_finite() {
            for p in probabilities.iter_mut() {
                *p /= sum;
            }
        }
    }

    /// The confidence that belongs to a text's probability.
    #[allow(clippy::cast_possible_truncation, reason = "between 0 and 1")]
    pub(crate) fn confidence(&self, probability: f64) -> f32 {
        let p = probability.clamp(SMALLEST, 1.0 - SMALLEST);
        let odds = self.slope * (p / (1.0 - p)).ln() + self.intercept;
        (1.0 / (1.0 + (-odds).exp())) as f32
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn with(temperature: f32, slope: f32, intercept: f32) -> Calibration {
        Calibration::new(&CalibrationManifest {
            temperature,
            slope,
            intercept,
        })
    }

    #[test]
    fn without_numbers_nothing_changes() {
        let calibration = Calibration::default();
        let mut step = [0.7, 0.2, 0.1];
        calibration.temper(&mut step);
        assert!((step[0] - 0.7).abs() < 1e-6);
        for p in [0.01, 0.5, 0.93] {
            assert!((f64::from(calibration.confidence(p)) - p).abs() < 1e-6);
        }
        assert!(calibration.confidence(1.0) <= 1.0 && calibration.confidence(0.0) >= 0.0);
    }

    #[test]
    fn a_high_temperature_makes_less_sure() {
        let mut step = [0.9, 0.1, 0.0];
        with(2.0, 1.0, 0.0).temper(&mut step);
        assert!((step[0] - 0.75).abs() < 1e-6, "{step:?}");
        assert!((step.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(step[2], 0.0, "what had no probability gets none");
    }

    #[test]
    fn confidence_rises_with_probability() {
        let calibration = with(1.0, 0.6, -0.3);
        let values: Vec<f32> = (0..=20)
            .map(|i| calibration.confidence(f64::from(i) / 20.0))
            .collect();
        assert!(
            values.windows(2).all(|pair| pair[0] < pair[1]),
            "{values:?}"
        );
    }
}
