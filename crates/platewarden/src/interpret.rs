//! From what a recogniser finds to what the engine says: candidates ranked by syntax, confidence, region.

use crate::{
    CharacterRead, Detection, Error, PlateRead, Reading, RegionGuess, Result, TextCandidate,
    calibration::Calibration,
    options::EngineOptions,
    read::Alternative,
    recognizer::Candidate,
    syntax::{
        CandidateInput, CharacterDistribution, PlateSyntax, RankOptions, Region, RegionPrior,
        Scratch,
    },
};

/// Likelihood of regions that a recogniser's region head does not list, beside those it does: it is often wrong.
const UNLISTED_REGION: f32 = 0.05;

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

/// A candidate after ranking.
struct Ranked<'a> {
    text: String,
    probability: f64,
    /// The recogniser's candidate of this text; `None` where syntax made it by exchanging look-alikes in the first one.
    source: Option<&'a Candidate>,
}

impl Interpreter {
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for an expected region that no format is known of.
    pub(crate) fn new(options: &EngineOptions, calibration: Calibration) -> Result<Self> {
        let formats = PlateSyntax::bundled();
        let invalid = |expected: String, found: String| Error::InvalidOption {
            option: "expected_regions",
            expected,
            found,
        };
        let regions: Vec<Region> = options
            .expected_regions
            .iter()
            .map(|code| {
                code.parse()
                    .map_err(|error| invalid(format!("{error}"), format!("`{code}`")))
            })
            .collect::<Result<_>>()?;
        let prior = RegionPrior::expected(formats, &regions).map_err(|error| {
            invalid(
                "regions with known registration formats".into(),
                error.region.to_string(),
            )
        })?;
        let rank = RankOptions::default().with_keep(options.max_candidates);
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
        let (ranked, region) = match &self.syntax {
            Some(syntax) => rank(syntax, reading, scratch),
            None => (as_they_come(reading), None),
        };
        // Where an empty plate is likelier than all texts together, the best of them would be a guess at nothing.
        let readable = reading.empty <= 0.5;
        let best = ranked.first().filter(|_| readable);
        let first = reading.candidates.first().filter(|_| readable);
        let region = region
            .or_else(|| reading.regions.first().cloned())
            .filter(|_| best.is_some());
        PlateRead {
            text: best.map(|ranked| ranked.text.clone()).unwrap_or_default(),
            // The likeliest text, and no text is one of them.
            raw_text: first
                .filter(|candidate| candidate.probability >= reading.empty)
                .map(|candidate| candidate.text.clone())
                .unwrap_or_default(),
            confidence: best.map_or(0.0, |ranked| {
                self.calibration.confidence(ranked.probability)
            }),
            characters: best
                .map(|ranked| characters(ranked, first))
                .unwrap_or_default(),
            candidates: ranked
                .iter()
                .take(self.keep)
                .map(|ranked| TextCandidate {
                    text: ranked.text.clone(),
                    confidence: self.calibration.confidence(ranked.probability),
                })
                .collect(),
            lines: best
                .and_then(|ranked| ranked.source.or(first))
                .map_or(0, |candidate| candidate.lines),
            unknown_signs: best
                .and_then(|ranked| ranked.source.or(first))
                .map_or(0, |candidate| candidate.unknown_signs),
            region,
            corners: detection.quad.corners(),
            bounds: detection.bounds,
            detection_score: detection.score,
        }
    }
}

fn as_they_come(reading: &Reading) -> Vec<Ranked<'_>> {
    reading
        .candidates
        .iter()
        .map(|candidate| Ranked {
            text: candidate.text.clone(),
            probability: candidate.probability,
            source: Some(candidate),
        })
        .collect()
}

fn rank<'a>(
    syntax: &Syntax,
    reading: &'a Reading,
    scratch: &mut Scratch,
) -> (Vec<Ranked<'a>>, Option<RegionGuess>) {
    #[allow(clippy::cast_possible_truncation, reason = "a probability")]
    let inputs: Vec<CandidateInput<'_>> = reading
        .candidates
        .iter()
        .map(|candidate| CandidateInput::new(&candidate.text, candidate.probability as f32))
        .collect();
    let characters: Option<Vec<CharacterDistribution>> = reading
        .candidates
        .first()
        .map(|candidate| candidate.characters.iter().map(distribution).collect());
    let evidence: Vec<(Region, f32)> = reading
        .regions
        .iter()
        .filter_map(|guess| Some((guess.code.parse().ok()?, guess.confidence)))
        .collect();
    let weighed;
    let prior = if evidence.is_empty() {
        &syntax.prior
    } else {
        weighed = syntax
            .prior
            .with_evidence(syntax.formats, &evidence, UNLISTED_REGION);
        &weighed
    };
    let ranking = syntax.formats.rank(
        &inputs,
        characters.as_deref(),
        prior,
        &syntax.options,
        scratch,
    );
    let region = ranking.region.map(|guess| RegionGuess {
        code: guess.region.to_string(),
        confidence: guess.probability,
    });
    let ranked = ranking
        .candidates
        .into_iter()
        .map(|ranked| Ranked {
            text: ranked.text,
            probability: f64::from(ranked.probability),
            source: ranked.input.and_then(|input| reading.candidates.get(input)),
        })
        .collect();
    (ranked, region)
}

/// Place of a symbol in a [`CharacterDistribution`].
fn place(symbol: char) -> Option<usize> {
    match symbol {
        '0'..='9' => Some(symbol as usize - '0' as usize),
        'A'..='Z' => Some(symbol as usize - 'A' as usize + 10),
        _ => None,
    }
}

fn distribution(character: &CharacterRead) -> CharacterDistribution {
    let mut distribution: CharacterDistribution = [0.0; 36];
    let own = std::iter::once((character.symbol, character.confidence));
    let others = character
        .alternatives
        .iter()
        .map(|other| (other.symbol, other.confidence));
    for (symbol, confidence) in own.chain(others) {
        if let Some(slot) = place(symbol).and_then(|place| distribution.get_mut(place)) {
            *slot = confidence;
        }
    }
    distribution
}

/// The characters of a ranked text: the recogniser's own, or those of its first text with the exchanged ones put in.
fn characters(ranked: &Ranked<'_>, first: Option<&Candidate>) -> Vec<CharacterRead> {
    if let Some(source) = ranked.source {
        return source.characters.clone();
    }
    let Some(first) = first else {
        return Vec::new();
    };
    ranked
        .text
        .chars()
        .zip(&first.characters)
        .map(|(symbol, read)| {
            if symbol == read.symbol {
                return read.clone();
            }
            let own = read
                .alternatives
                .iter()
                .find(|other| other.symbol == symbol);
            let mut alternatives = vec![Alternative {
                symbol: read.symbol,
                confidence: read.confidence,
            }];
            alternatives.extend(
                read.alternatives
                    .iter()
                    .filter(|other| other.symbol != symbol),
            );
            CharacterRead {
                symbol,
                confidence: own.map_or(0.0, |own| own.confidence),
                alternatives,
            }
        })
        .collect()
}
