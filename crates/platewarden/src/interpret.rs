//! From what a recogniser finds to what the engine says: candidates ranked by syntax, confidence, region.

use crate::error::Failure;
use crate::{
    Candidate, Detection, Error, PlateRead, Reading, RegionGuess, Result,
    calibration::Calibration,
    options::EngineOptions,
    syntax::{PlateSyntax, RankOptions, Region, RegionPrior, Scratch},
};

/// Likelihood of regions that a recogniser's region head does not list, beside those it does: it is often wrong.
const UNLISTED_REGION: f32 = 0.05;

/// Probability from which on a country that the picture tells counts as named, so that its formats decide between `O` and `0`, `I` and
/// `1`. Of 10,719 labelled plates that put two right and spoilt one.
const TOLD_REGION: f32 = 0.5;
/// Whose formats do not decide: what owners choose themselves follows none.
const UNITED_STATES: &str = "US";

/// Share of plates that follow none of the formats where only those of the named regions count.
const STRICT_UNKNOWN_SHARE: f32 = 0.02;
/// The most that formats multiply a reading's odds by there.
const STRICT_LIFT: f32 = 1000.0;

/// Turns readings into reads.
pub(crate) struct Interpreter {
    syntax: Option<Syntax>,
    calibration: Calibration,
    /// Candidates kept in a read.
    keep: usize,
}

struct Syntax {
    formats: &'static PlateSyntax,
    prior: RegionPrior,
    options: RankOptions,
}

impl Interpreter {
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for an expected region that no format is known of.
    pub(crate) fn new(options: &EngineOptions, calibration: Calibration) -> Result<Self> {
        let formats = PlateSyntax::bundled();
        let invalid = |expected: String, found: String| {
            Error::from(Failure::InvalidOption {
                option: "expected_regions",
                expected,
                found,
            })
        };
        let regions = &options.expected_regions;
        let is_strict = options.strict_regions && !regions.is_empty();
        let prior = if is_strict {
            RegionPrior::only(formats, regions)
        } else {
            RegionPrior::expected(formats, regions)
        };
        let prior = prior.map_err(|error| {
            invalid(
                "regions with known registration formats".into(),
                error.region.to_string(),
            )
        })?;
        let mut rank = RankOptions::default()
            .with_keep(options.max_candidates)
            // Without effect where neither the caller nor the picture names a region.
            .with_decide_twins(true);
        if is_strict {
            rank = rank
                .with_strength(1.0)
                .with_unknown_share(STRICT_UNKNOWN_SHARE)
                .with_max_lift(STRICT_LIFT);
        }
        let syntax = options.syntax.then_some(Syntax {
            formats,
            prior,
            options: rank,
        });
        Ok(Self {
            syntax,
            calibration,
            keep: options.max_candidates,
        })
    }

    /// The read of one plate.
    pub(crate) fn read(
        &self,
        detection: &Detection,
        reading: &Reading,
        scratch: &mut Scratch,
    ) -> PlateRead {
        let (mut ranked, region) = match &self.syntax {
            Some(syntax) => rank(syntax, reading, scratch),
            None => (as_they_come(reading, self.keep), None),
        };
        for candidate in &mut ranked {
            candidate.confidence = self.calibration.confidence(f64::from(candidate.confidence));
        }
        // Where an empty plate is likelier than all texts together, the best of them would be a guess at nothing.
        let is_readable = reading.empty <= 0.5;
        let best = ranked.first_mut().filter(|_| is_readable);
        let (text, confidence, characters, lines, unknown_signs) = match best {
            Some(best) => (
                best.text.clone(),
                best.confidence,
                std::mem::take(&mut best.characters),
                best.lines,
                best.unknown_signs,
            ),
            None => Default::default(),
        };
        let first = reading.candidates.first().filter(|first| {
            // The likeliest text, and no text is one of them.
            is_readable && f64::from(first.confidence) >= reading.empty
        });
        PlateRead {
            raw_text: first.map(|first| first.text.clone()).unwrap_or_default(),
            region: region
                .or_else(|| reading.regions.first().cloned())
                .filter(|_| !text.is_empty()),
            text,
            confidence,
            characters,
            candidates: ranked.iter().map(Candidate::without_characters).collect(),
            lines,
            unknown_signs,
            corners: detection.quad.corners(),
            bounds: detection.bounds,
            touches_edge: false,
            detection_score: detection.score,
        }
    }
}

/// The recogniser's candidates without a word of the formats; only the first keeps its characters.
fn as_they_come(reading: &Reading, keep: usize) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::with_capacity(keep.min(reading.candidates.len()));
    candidates.extend(reading.candidates.first().cloned());
    let others = reading
        .candidates
        .iter()
        .skip(1)
        .take(keep.saturating_sub(1));
    candidates.extend(others.map(Candidate::without_characters));
    candidates
}

fn rank(
    syntax: &Syntax,
    reading: &Reading,
    scratch: &mut Scratch,
) -> (Vec<Candidate>, Option<RegionGuess>) {
    let evidence: Vec<(Region, f32)> = reading
        .regions
        .iter()
        .filter_map(|guess| Some((guess.code.parse().ok()?, guess.confidence)))
        .collect();
    let weighed;
    let prior = match evidence.first() {
        None => &syntax.prior,
        Some((region, probability)) => {
            let prior = syntax
                .prior
                .with_evidence(syntax.formats, &evidence, UNLISTED_REGION);
            let is_told = *probability >= TOLD_REGION && region.country().as_str() != UNITED_STATES;
            weighed = if is_told {
                prior.naming(syntax.formats, &[*region])
            } else {
                prior
            };
            &weighed
        }
    };
    let ranking = syntax
        .formats
        .rank(&reading.candidates, prior, &syntax.options, scratch);
    let region = ranking.region.map(|guess| RegionGuess {
        code: guess.region.to_string(),
        confidence: guess.probability,
    });
    (ranking.candidates, region)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::Rect;

    fn text_told(read: &str, region: &str, probability: f32) -> String {
        let options = EngineOptions::default();
        let interpreter = Interpreter::new(&options, Calibration::default()).unwrap();
        let bounds = Rect::new(0.0, 0.0, 100.0, 20.0);
        let plate = Detection {
            quad: bounds.to_quad(),
            bounds,
            score: 0.9,
        };
        let reading = Reading {
            candidates: vec![Candidate::new(read, 0.97)],
            regions: vec![RegionGuess {
                code: region.into(),
                confidence: probability,
            }],
            ..Reading::default()
        };
        interpreter
            .read(&plate, &reading, &mut Scratch::default())
            .text
    }

    #[test]
    fn a_country_that_the_picture_tells_decides_between_twins() {
        assert_eq!(text_told("AB1OCDE", "GB", 0.9), "AB10CDE");
        // Unless it is told with too little certainty, or none of its formats has them.
        assert_eq!(text_told("AB1OCDE", "GB", 0.3), "AB1OCDE");
        assert_eq!(text_told("AB1OCDE", "NL", 0.9), "AB1OCDE");
    }

    #[test]
    fn american_owners_choose_what_follows_no_format() {
        // Three letters and four digits are a format of New York.
        assert_eq!(text_told("ABCI0O0", "US-NY", 0.9), "ABCI0O0");
    }
}
