//! Predictions against labels, by the rules that `docs/accuracy.md` states.

use std::{collections::BTreeMap, fmt};

use super::predict::Prediction;
use crate::labels::{LabelledPicture, normalized};

/// Overlap from which a plate counts as found.
const FOUND: f64 = 0.5;
/// Overlap from which a prediction speaks of a plate at all.
const OVERLAPS: f64 = 0.3;
/// Labelled plates smaller than this are not asked for.
const MIN_SIZE: (f64, f64) = (20.0, 8.0);
/// Predictions narrower than this are not held against a system: small distant plates are often unlabelled.
const MIN_FALSE_WIDTH: f64 = 48.0;
/// Candidates that are looked at, the text included.
const CANDIDATES: usize = 6;
/// Bins of confidence.
pub(super) const BINS: usize = 10;

/// What the predictions of one picture are worth.
pub(super) struct Score {
    name: String,
    ms: Option<f64>,
    false_positives: usize,
    pub(super) plates: Vec<PlateScore>,
}

/// What they are worth for one labelled plate.
pub(super) struct PlateScore {
    /// Width of the label in pixels.
    pub(super) width: f64,
    /// Overlap (intersection over union) of the best prediction.
    overlap: f64,
    /// Whether it is a plate, and large enough to be asked for.
    is_asked_for: bool,
    /// How it was read, where people could read it.
    pub(super) reading: Option<ReadingScore>,
}

impl PlateScore {
    pub(super) fn is_found(&self) -> bool {
        self.overlap >= FOUND
    }
}

/// How a readable plate was read.
pub(super) struct ReadingScore {
    label: String,
    text: String,
    pub(super) is_exact: bool,
    is_folded: bool,
    is_among_candidates: bool,
    errors: usize,
    characters: usize,
    /// Of the text; `None` where there is no prediction or it does not say.
    confidence: Option<f64>,
}

impl Score {
    /// Compares a prediction with the labels of its picture.
    pub(super) fn of(picture: &LabelledPicture, prediction: &Prediction, min_score: f64) -> Self {
        let predicted: Vec<_> = prediction
            .plates
            .iter()
            .filter(|plate| plate.score >= min_score)
            .map(|plate| {
                let [x, y, width, height] = plate.bbox;
                ([x, y, x + width, y + height], plate)
            })
            .collect();
        let false_positives = predicted
            .iter()
            .filter(|([left, _, right, _], _)| right - left >= MIN_FALSE_WIDTH)
            .filter(|(edges, _)| {
                let overlaps = |label: &[f64; 4]| overlap(edges, label) >= OVERLAPS;
                !picture.plates.iter().any(|plate| overlaps(&plate.edges))
            })
            .count();
        let plates = picture
            .plates
            .iter()
            .map(|plate| {
                // Of equal overlaps the last counts.
                let best = predicted
                    .iter()
                    .map(|(edges, predicted)| (overlap(edges, &plate.edges), *predicted))
                    .max_by(|(a, _), (b, _)| a.total_cmp(b));
                let overlap = best.map_or(0.0, |(overlap, _)| overlap);
                let hit = best.and_then(|(overlap, hit)| (overlap >= OVERLAPS).then_some(hit));
                let [left, top, right, bottom] = plate.edges;
                PlateScore {
                    width: right - left,
                    overlap,
                    is_asked_for: plate.is_plate()
                        && right - left >= MIN_SIZE.0
                        && bottom - top >= MIN_SIZE.1,
                    reading: plate.fair_text().map(|label| {
                        let text = hit.map(|hit| hit.text.as_str()).unwrap_or_default();
                        let candidates = hit.map(|hit| hit.candidates.as_slice());
                        ReadingScore::new(
                            label,
                            text,
                            candidates,
                            hit.and_then(|hit| hit.confidence),
                        )
                    }),
                }
            })
            .collect();
        Self {
            name: picture.name.clone(),
            ms: prediction.ms,
            false_positives,
            plates,
        }
    }
}

impl ReadingScore {
    /// `candidates` is `None` where no prediction overlaps the plate.
    fn new(
        label: String,
        text: &str,
        candidates: Option<&[String]>,
        confidence: Option<f64>,
    ) -> Self {
        let among = candidates.is_some_and(|candidates| {
            std::iter::once(text)
                .chain(candidates.iter().map(String::as_str))
                .take(CANDIDATES)
                .any(|candidate| folded(&normalized(candidate)) == folded(&label))
        });
        let text = normalized(text);
        Self {
            is_exact: text == label,
            is_folded: folded(&text) == folded(&label),
            is_among_candidates: among,
            errors: edits(&text, &label),
            characters: label.len(),
            confidence,
            label,
            text,
        }
    }
}

/// Sums over pictures.
#[derive(Clone, Default)]
pub(super) struct Sums {
    pub(super) pictures: usize,
    pub(super) false_positives: usize,
    /// Plates asked for, those found, and the sum of overlaps.
    pub(super) plates: usize,
    pub(super) found: usize,
    pub(super) overlap: f64,
    /// Readable plates and how they were read.
    pub(super) readable: usize,
    pub(super) exact: usize,
    pub(super) folded: usize,
    pub(super) among_candidates: usize,
    pub(super) errors: usize,
    pub(super) characters: usize,
    /// By confidence: reads, sum of confidences, exact reads.
    pub(super) bins: [(usize, f64, usize); BINS],
    pub(super) timed: usize,
    pub(super) milliseconds: f64,
}

impl Sums {
    fn add(&mut self, score: &Score) {
        self.pictures += 1;
        self.false_positives += score.false_positives;
        if let Some(ms) = score.ms {
            self.timed += 1;
            self.milliseconds += ms;
        }
        for plate in &score.plates {
            if plate.is_asked_for {
                self.plates += 1;
                self.found += usize::from(plate.is_found());
                self.overlap += plate.overlap;
            }
            if let Some(reading) = &plate.reading {
                self.add_reading(reading);
            }
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and a confidence is between 0 and 1"
    )]
    fn add_reading(&mut self, reading: &ReadingScore) {
        self.readable += 1;
        self.exact += usize::from(reading.is_exact);
        self.folded += usize::from(reading.is_folded);
        self.among_candidates += usize::from(reading.is_among_candidates);
        self.errors += reading.errors;
        self.characters += reading.characters;
        if let Some(confidence) = reading.confidence {
            let bin = ((BINS as f64 * confidence) as usize).min(BINS - 1);
            if let Some((reads, sum, exact)) = self.bins.get_mut(bin) {
                *reads += 1;
                *sum += confidence;
                *exact += usize::from(reading.is_exact);
            }
        }
    }
}

/// Sums by group and over all.
#[derive(Default)]
pub(super) struct Groups {
    groups: BTreeMap<String, Sums>,
    overall: Sums,
    failures: Vec<Failure>,
}

impl Groups {
    /// Counts a picture for its group and for all.
    pub(super) fn add(&mut self, group: &str, score: &Score) {
        if !group.is_empty() {
            self.groups.entry(group.to_owned()).or_default().add(score);
        }
        self.overall.add(score);
        for plate in &score.plates {
            if let Some(reading) = plate.reading.as_ref().filter(|reading| !reading.is_exact) {
                self.failures.push(Failure {
                    picture: score.name.clone(),
                    label: reading.label.clone(),
                    text: reading.text.clone(),
                    overlap: plate.overlap,
                });
            }
        }
    }

    /// The groups by name, and all together as `overall`.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Sums)> {
        let groups = self.groups.iter().map(|(name, sums)| (name.as_str(), sums));
        groups.chain([("overall", &self.overall)])
    }

    /// Readable plates that were missed or read wrong, in the order of the pictures.
    pub(super) fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.failures.iter()
    }
}

/// A plate missed or read wrong.
pub(super) struct Failure {
    picture: String,
    label: String,
    text: String,
    overlap: f64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            picture,
            label,
            text,
            overlap,
        } = self;
        write!(f, "wrong {picture} {label} {text} {overlap:.2}")
    }
}

/// Intersection over union of two boxes given by their edges.
fn overlap(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    let [left, top, right, bottom] = [
        a[0].max(b[0]),
        a[1].max(b[1]),
        a[2].min(b[2]),
        a[3].min(b[3]),
    ];
    let area = |edges: &[f64; 4]| (edges[2] - edges[0]) * (edges[3] - edges[1]);
    let common = (right - left).max(0.0) * (bottom - top).max(0.0);
    let union = area(a) + area(b) - common;
    if union > 0.0 { common / union } else { 0.0 }
}

/// A text in which O and 0, I and 1 are the same.
fn folded(text: &str) -> String {
    text.replace('O', "0").replace('I', "1")
}

/// Least number of characters put in, taken out or replaced.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, x) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(&to) {
            let above = *cell;
            left = (above + 1)
                .min(left + 1)
                .min(diagonal + usize::from(x != *y));
            *cell = left;
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (from, to, count) in [
            ("", "", 0),
            ("AB", "", 2),
            ("", "ABC", 3),
            ("AB12", "AB12", 0),
            ("AB12", "A812", 1),
            ("AB12", "B12", 1),
            ("KITTEN", "SITTING", 3),
        ] {
            assert_eq!(edits(from, to), count, "{from} to {to}");
            assert_eq!(edits(to, from), count, "{to} to {from}");
        }
    }

    #[test]
    fn overlap_is_a_share_of_the_union() {
        let a = [0.0, 0.0, 10.0, 10.0];
        assert_eq!(overlap(&a, &a), 1.0);
        assert_eq!(overlap(&a, &[5.0, 0.0, 15.0, 10.0]), 50.0 / 150.0);
        assert_eq!(overlap(&a, &[20.0, 0.0, 30.0, 10.0]), 0.0);
        assert_eq!(overlap(&[1.0; 4], &[1.0; 4]), 0.0);
    }
}
