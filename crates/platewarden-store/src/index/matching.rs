//! How probable it is that a picture shows the plate asked for, and why, in words.

use platewarden_text::confusion::lookalikes;
use platewarden_text::syntax::{PlateSyntax, RegionPrior};

use super::pattern::Pattern;
use crate::model::{Character, Observation, SYMBOLS, symbol_index};

type Distribution = [f32; SYMBOLS];

/// How a reader that gives no probabilities of its own misreads: shares of a character's readings. Estimates, the same
/// as the hotlists' default tolerance.
const LOOKALIKE_SHARE: f32 = 0.03;
const ANY_SHARE: f32 = 0.01;
/// Probability that a reader leaves one character out, or adds one.
const INDEL: f32 = 0.002;

/// What the ranking says of one read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    /// Probability that the picture shows the plate asked for.
    pub(crate) probability: f32,
    /// Why, one sentence a difference.
    pub(crate) why: Vec<String>,
}

/// Weighs reads against one plate.
#[derive(Debug)]
pub(crate) struct Matcher {
    plate: Vec<char>,
    text: String,
    pattern: Option<Pattern>,
    /// How much likelier the registration formats make the plate than any text of its length.
    lift: f64,
}

impl Matcher {
    pub(crate) fn plate(text: &str) -> Self {
        Self {
            plate: text.chars().collect(),
            text: text.to_owned(),
            pattern: None,
            lift: lift(text),
        }
    }

    /// Reads that follow a pattern are ranked by how sure their own text is.
    pub(crate) fn pattern(pattern: Pattern) -> Self {
        Self {
            plate: Vec::new(),
            text: pattern.normalised(),
            pattern: Some(pattern),
            lift: 1.0,
        }
    }

    /// Without a plate: how sure the text is.
    pub(crate) fn anything() -> Self {
        Self {
            plate: Vec::new(),
            text: String::new(),
            pattern: None,
            lift: 1.0,
        }
    }

    pub(crate) fn weigh(&self, read: &Observation) -> Verdict {
        if self.pattern.is_some() || self.plate.is_empty() {
            return Verdict {
                probability: read.confidence,
                why: Vec::new(),
            };
        }
        if read.text == self.text {
            let why = vec!["read as asked".to_owned()];
            return Verdict {
                probability: read.confidence,
                why,
            };
        }
        let columns: Vec<Distribution> = columns(read);
        let listed = read
            .candidates
            .iter()
            .find(|candidate| candidate.text == self.text);
        let (evidence, path) = align(&self.plate, &columns);
        let evidence = listed.map_or(evidence, |candidate| evidence.max(candidate.probability));
        // The text as read competes with the plate asked for; the formats weigh both.
        let own = f64::from(read.confidence.min(1.0)).max(1e-6) * lift(&read.text);
        let asked = f64::from(evidence) * self.lift;
        let rest = (1.0 - f64::from(read.confidence.min(1.0)) - f64::from(evidence)).max(0.0);
        let probability = asked / (asked + own + rest);
        #[allow(clippy::cast_possible_truncation, reason = "a probability")]
        Verdict {
            probability: probability as f32,
            why: self.reasons(read, &columns, &path, listed.is_some()),
        }
    }

    fn reasons(
        &self,
        read: &Observation,
        columns: &[Distribution],
        path: &[Step],
        listed: bool,
    ) -> Vec<String> {
        let as_read: Vec<char> = read.text.chars().collect();
        let mut why = Vec::new();
        for step in path {
            match *step {
                Step::Pair(asked, column) => {
                    let (Some(asked), Some(found)) = (self.plate.get(asked), as_read.get(column))
                    else {
                        continue;
                    };
                    if asked == found {
                        continue;
                    }
                    let probability = probability_of(columns.get(column), *asked);
                    why.push(format!("{asked} read as {found} ({probability:.2})"));
                }
                Step::Missing(asked) => {
                    if let Some(asked) = self.plate.get(asked) {
                        why.push(format!("{asked} not read"));
                    }
                }
                Step::Added(column) => {
                    if let Some(found) = as_read.get(column) {
                        why.push(format!("{found} read beside it"));
                    }
                }
            }
        }
        if listed {
            why.push("among the reader's own candidates".to_owned());
        }
        if self.lift < 1.0 && lift(&read.text) > 1.0 {
            why.push(
                "no registration format has the plate asked for, one has the text as read"
                    .to_owned(),
            );
        } else if self.lift > 1.0 && lift(&read.text) < 1.0 {
            why.push(
                "a registration format has the plate asked for, none has the text as read"
                    .to_owned(),
            );
        }
        why
    }
}

fn lift(text: &str) -> f64 {
    static PRIOR: std::sync::LazyLock<RegionPrior> =
        std::sync::LazyLock::new(|| RegionPrior::worldwide(PlateSyntax::bundled()));
    // Limited on both sides, so that formats weigh and never decide.
    PlateSyntax::bundled().lift(text, &PRIOR).clamp(0.05, 20.0)
}

fn probability_of(column: Option<&Distribution>, symbol: char) -> f32 {
    let index = symbol_index(symbol);
    let known = column
        .zip(index)
        .and_then(|(column, index)| column.get(index));
    known.copied().unwrap_or(ANY_SHARE / SYMBOLS as f32)
}

/// For each character read, how probable each symbol is to be the true one.
fn columns(read: &Observation) -> Vec<Distribution> {
    if read.characters.len() == read.text.chars().count() {
        return read.characters.iter().map(of_character).collect();
    }
    let only = |symbol| Character {
        symbol,
        probability: 1.0,
        alternatives: Vec::new(),
    };
    read.text
        .chars()
        .map(|symbol| of_character(&only(symbol)))
        .collect()
}

#[allow(clippy::cast_precision_loss, reason = "36 is exact")]
fn of_character(character: &Character) -> Distribution {
    let first = (character.symbol, character.probability);
    let listed = || std::iter::once(first).chain(character.alternatives.iter().copied());
    let sum: f32 = listed()
        .map(|(_, probability)| probability.clamp(0.0, 1.0))
        .sum();
    let scale = if sum > 1.0 { 1.0 / sum } else { 1.0 };
    let rest = (1.0 - sum).max(0.0) / SYMBOLS as f32;
    let mut mixed = [rest + ANY_SHARE / SYMBOLS as f32; SYMBOLS];
    for (symbol, probability) in listed() {
        let share = scale * probability.clamp(0.0, 1.0);
        let total: f32 = lookalikes(symbol).map(|(_, weight)| weight).sum();
        let lost = if total > 0.0 { LOOKALIKE_SHARE } else { 0.0 };
        add(&mut mixed, symbol, share * (1.0 - lost - ANY_SHARE));
        for (other, weight) in lookalikes(symbol) {
            add(&mut mixed, other, share * lost * weight / total);
        }
    }
    mixed
}

fn add(distribution: &mut Distribution, symbol: char, share: f32) {
    if let Some(slot) = symbol_index(symbol).and_then(|index| distribution.get_mut(index)) {
        *slot += share;
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Pair(usize, usize),
    /// A character of the plate that was not read.
    Missing(usize),
    /// A character that was read and is none of the plate's.
    Added(usize),
}

/// The likeliest way in which the plate came out as these columns, with its probability.
fn align(plate: &[char], columns: &[Distribution]) -> (f32, Vec<Step>) {
    let width = columns.len() + 1;
    let mut best = vec![(0.0_f32, Step::Pair(0, 0)); (plate.len() + 1) * width];
    for i in 0..=plate.len() {
        for j in 0..=columns.len() {
            let at = |i: usize, j: usize| best.get(i * width + j).map_or(0.0, |cell| cell.0);
            let mut cell = if i == 0 && j == 0 {
                (1.0, Step::Pair(0, 0))
            } else {
                (0.0, Step::Pair(0, 0))
            };
            let mut offer = |value: f32, step: Step| {
                if value > cell.0 {
                    cell = (value, step);
                }
            };
            if let (Some(i), Some(j)) = (i.checked_sub(1), j.checked_sub(1))
                && let Some(symbol) = plate.get(i)
            {
                offer(
                    at(i, j) * probability_of(columns.get(j), *symbol),
                    Step::Pair(i, j),
                );
            }
            if let Some(i) = i.checked_sub(1) {
                offer(at(i, j) * INDEL, Step::Missing(i));
            }
            if let Some(j) = j.checked_sub(1) {
                offer(at(i, j) * INDEL, Step::Added(j));
            }
            if let Some(slot) = best.get_mut(i * width + j) {
                *slot = cell;
            }
        }
    }
    let total = best.last().map_or(0.0, |cell| cell.0);
    let mut path = Vec::new();
    let (mut i, mut j) = (plate.len(), columns.len());
    while i > 0 || j > 0 {
        let Some((_, step)) = best.get(i * width + j) else {
            break;
        };
        path.push(*step);
        match step {
            Step::Pair(..) => (i, j) = (i.saturating_sub(1), j.saturating_sub(1)),
            Step::Missing(_) => i = i.saturating_sub(1),
            Step::Added(_) => j = j.saturating_sub(1),
        }
    }
    path.reverse();
    (total, path)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use super::*;
    use crate::Camera;

    fn read(text: &str) -> Observation {
        let mut read = Observation::new(
            text,
            Camera::new("c"),
            "2026-11-22T08:00:00Z".parse().unwrap(),
        );
        read.confidence = 0.9;
        read
    }

    #[test]
    fn the_reason_names_the_confusion_and_its_probability() {
        let mut doubtful = read("A8C1234");
        doubtful.characters = "A8C1234"
            .chars()
            .map(|symbol| Character {
                symbol,
                probability: 0.99,
                alternatives: Vec::new(),
            })
            .collect();
        let second = doubtful.characters.get_mut(1).unwrap();
        (second.probability, second.alternatives) = (0.6, vec![('B', 0.31)]);
        let verdict = Matcher::plate("ABC1234").weigh(&doubtful);
        let first = verdict.why.first().unwrap();
        assert!(first.starts_with("B read as 8 (0.3"), "{first}");
        assert!(verdict.probability > 0.1);
    }

    #[test]
    fn nearer_reads_rank_higher() {
        let matcher = Matcher::plate("ABC1234");
        let weigh = |text: &str| matcher.weigh(&read(text)).probability;
        let order = ["ABC1234", "A8C1234", "A8C1Z34", "AXC1K34"].map(weigh);
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "{order:?}");
        assert!(weigh("ABC123") > weigh("AKX123"));
        assert_eq!(
            matcher.weigh(&read("ABC123")).why.first().unwrap(),
            "4 not read"
        );
    }
}
