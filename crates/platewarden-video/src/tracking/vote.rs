//! What several reads of one vehicle say together.
//!
//! Each read gives a probability to whole texts (its candidates) and to characters at their places. A text's score is the
//! product over reads of the probability that each gives it, computed in logarithms. For a text among a read's candidates
//! that is the candidate's calibrated probability; for any other it is the product of its characters' probabilities after
//! the two are aligned (a character may be missing or too many), at most what the candidates leave over.
//!
//! Frames of one vehicle share their light, dirt and angle, so their errors repeat, and the plain product would be far too
//! sure. Reads with a correlation of `rho` are worth `n / (1 + (n - 1) rho)` independent ones (the design effect of cluster
//! sampling, Kish 1965); the sum of logarithms is scaled by that share. The default of 0.3 lets any number of reads count
//! for at most 3.3 independent ones. "None of these texts" competes with what the reads leave over.

use std::time::Duration;

use super::evidence::{Column, TrackRead};

/// Reads kept of one vehicle; the least confident goes first.
const MOST_READS: usize = 24;
/// Texts kept; the least likely goes first.
const MOST_TEXTS: usize = 24;
/// Probability of a character that a read did not list.
const UNLISTED: f32 = 2e-3;
/// Probability that a read missed a character or saw one that is not there.
const GAP: f32 = 5e-3;
/// A read never counts fully against or for anything.
const FLOOR: f32 = 1e-4;

/// How reads are weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct VoteRules {
    /// Correlation of the errors of two reads of one vehicle, 0 to 1.
    pub(crate) correlation: f32,
    /// Time after which a read counts half; zero counts all alike.
    pub(crate) half_life: Duration,
}

/// The reads of one vehicle and the texts they speak for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vote {
    reads: Vec<Kept>,
    texts: Vec<Text>,
    /// Reads ever given, also those no longer kept.
    given: u32,
}

#[derive(Clone, Debug)]
struct Kept {
    read: TrackRead,
    at: Duration,
    /// Least probability among the candidates, at most the sum they leave over: no other text is likelier.
    others_at_most: f32,
}

#[derive(Clone, Debug)]
struct Text {
    characters: Vec<char>,
    text: String,
    /// Logarithm of the probability that each kept read gives this text.
    logs: Vec<f32>,
}

/// What the vote says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) text: String,
    /// Probability that the text is right to the last character.
    pub(crate) confidence: f32,
    /// Kept reads whose own text is this one.
    pub(crate) agreeing: u32,
    /// Other texts with their probabilities, best first, the voted one at the front.
    pub(crate) candidates: Vec<(String, f32)>,
    /// Characters of the text with their probabilities and alternatives.
    pub(crate) columns: Vec<Column>,
}

impl Vote {
    pub(crate) fn add(&mut self, read: TrackRead, at: Duration, rules: &VoteRules) {
        if read.text.is_empty() {
            return;
        }
        self.given += 1;
        if self.reads.len() == MOST_READS {
            self.drop_weakest_read();
        }
        let kept = Kept::new(read, at);
        for text in &mut self.texts {
            let log = kept.log_probability(&text.characters, &text.text);
            text.logs.push(log);
        }
        let new: Vec<String> = std::iter::once(kept.read.text.clone())
            .chain(kept.read.candidates.iter().map(|(text, _)| text.clone()))
            .collect();
        self.reads.push(kept);
        for text in new {
            self.add_text(text);
        }
        if let Some(composed) = self.composed(at, rules) {
            self.add_text(composed);
        }
        self.drop_unlikely_texts(at, rules);
    }

    /// Takes over the reads of another vote on the same vehicle.
    pub(crate) fn merge(&mut self, other: Self, rules: &VoteRules) {
        let extra = other
            .given
            .saturating_sub(u32::try_from(other.reads.len()).unwrap_or(u32::MAX));
        for kept in other.reads {
            self.add(kept.read, kept.at, rules);
        }
        self.given += extra;
    }

    /// Reads ever given.
    pub(crate) const fn reads(&self) -> u32 {
        self.given
    }

    /// The region that the reads speak for, by the sum of their probabilities, with its mean.
    #[allow(clippy::cast_precision_loss, reason = "at most a few dozen reads")]
    pub(crate) fn region(&self) -> Option<(String, f32)> {
        let mut sums: Vec<(&str, f32)> = Vec::new();
        for (code, probability) in self
            .reads
            .iter()
            .filter_map(|kept| kept.read.region.as_ref())
        {
            match sums.iter_mut().find(|(known, _)| known == code) {
                Some((_, sum)) => *sum += probability,
                None => sums.push((code, *probability)),
            }
        }
        let best = sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((best.0.to_owned(), best.1 / self.reads.len().max(1) as f32))
    }

    /// The lines of text that most reads saw.
    pub(crate) fn lines(&self) -> u8 {
        let two = self
            .reads
            .iter()
            .filter(|kept| kept.read.lines == 2)
            .count();
        let one = self
            .reads
            .iter()
            .filter(|kept| kept.read.lines == 1)
            .count();
        match (one, two) {
            (0, 0) => 0,
            (one, two) if two > one => 2,
            _ => 1,
        }
    }

    pub(crate) fn outcome(&self, now: Duration, rules: &VoteRules) -> Outcome {
        let weights = self.weights(now, rules);
        let scores = self.scores(&weights);
        let none = self.none_of_these(&weights);
        let top = scores.iter().copied().fold(none, f32::max);
        let total: f32 = scores.iter().map(|s| (s - top).exp()).sum::<f32>() + (none - top).exp();
        let mut ranked: Vec<(&Text, f32)> = self
            .texts
            .iter()
            .zip(&scores)
            .map(|(text, score)| (text, (score - top).exp() / total))
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.text.cmp(&b.0.text)));
        let Some((best, confidence)) = ranked.first() else {
            return Outcome::default();
        };
        let agreeing = self
            .reads
            .iter()
            .filter(|kept| kept.read.text == best.text)
            .count();
        Outcome {
            text: best.text.clone(),
            confidence: *confidence,
            agreeing: u32::try_from(agreeing).unwrap_or(u32::MAX),
            columns: self.columns_of(&best.characters, &weights),
            candidates: ranked
                .iter()
                .map(|(text, probability)| (text.text.clone(), *probability))
                .collect(),
        }
    }

    fn add_text(&mut self, text: String) {
        if text.is_empty() || self.texts.iter().any(|known| known.text == text) {
            return;
        }
        let characters: Vec<char> = text.chars().collect();
        let logs = self
            .reads
            .iter()
            .map(|kept| kept.log_probability(&characters, &text))
            .collect();
        self.texts.push(Text {
            characters,
            text,
            logs,
        });
    }

    /// The text of the likeliest character at each place of the likeliest text: one that no single read may have shown.
    fn composed(&self, now: Duration, rules: &VoteRules) -> Option<String> {
        let weights = self.weights(now, rules);
        let scores = self.scores(&weights);
        let (best, _) = self
            .texts
            .iter()
            .zip(&scores)
            .max_by(|a, b| a.1.total_cmp(b.1))?;
        self.columns_of(&best.characters, &weights)
            .iter()
            .map(|column| {
                column
                    .iter()
                    .max_by(|a, b| a.1.total_cmp(&b.1))
                    .map(|entry| entry.0)
            })
            .collect()
    }

    /// Probabilities of the characters at each place of a text, over all reads aligned to it; the text's own first.
    fn columns_of(&self, characters: &[char], weights: &[f32]) -> Vec<Column> {
        let mut columns: Vec<Column> = characters
            .iter()
            .map(|&symbol| vec![(symbol, 0.0)])
            .collect();
        for kept in &self.reads {
            for (place, column) in align(&kept.read.columns, characters)
                .1
                .iter()
                .zip(&mut columns)
            {
                let listed = place.and_then(|at| kept.read.columns.get(at));
                for (symbol, _) in listed.into_iter().flatten() {
                    if !column.iter().any(|(known, _)| known == symbol) {
                        column.push((*symbol, 0.0));
                    }
                }
            }
        }
        for (kept, weight) in self.reads.iter().zip(weights) {
            let aligned = align(&kept.read.columns, characters).1;
            for (place, column) in aligned.iter().zip(&mut columns) {
                let Some(listed) = place.and_then(|at| kept.read.columns.get(at)) else {
                    continue;
                };
                for (symbol, log) in column.iter_mut() {
                    *log += weight * probability_of(listed, *symbol).ln();
                }
            }
        }
        for column in &mut columns {
            let top = column
                .iter()
                .map(|entry| entry.1)
                .fold(f32::NEG_INFINITY, f32::max);
            let total: f32 = column.iter().map(|entry| (entry.1 - top).exp()).sum();
            for entry in column.iter_mut() {
                entry.1 = (entry.1 - top).exp() / total;
            }
            if let Some((_, others)) = column.split_first_mut() {
                others.sort_by(|a, b| b.1.total_cmp(&a.1));
            }
        }
        columns
    }

    /// Weight of each read, such that together they count for as many as they are worth.
    #[allow(clippy::cast_precision_loss, reason = "at most a few dozen reads")]
    fn weights(&self, now: Duration, rules: &VoteRules) -> Vec<f32> {
        let mut weights: Vec<f32> = self
            .reads
            .iter()
            .map(|kept| {
                if rules.half_life.is_zero() {
                    return 1.0;
                }
                let age = now.saturating_sub(kept.at).as_secs_f32();
                0.5_f32.powf(age / rules.half_life.as_secs_f32())
            })
            .collect();
        let count: f32 = weights.iter().sum();
        if count > 1.0 {
            let worth = count / (1.0 + (count - 1.0) * rules.correlation);
            for weight in &mut weights {
                *weight *= worth / count;
            }
        }
        weights
    }

    fn scores(&self, weights: &[f32]) -> Vec<f32> {
        self.texts
            .iter()
            .map(|text| {
                text.logs
                    .iter()
                    .zip(weights)
                    .map(|(log, weight)| log * weight)
                    .sum()
            })
            .collect()
    }

    /// Score of "none of the texts known": what each read leaves over.
    fn none_of_these(&self, weights: &[f32]) -> f32 {
        (0..self.reads.len())
            .zip(weights)
            .map(|(at, weight)| {
                let known: f32 = self
                    .texts
                    .iter()
                    .filter_map(|text| text.logs.get(at))
                    .map(|log| log.exp())
                    .sum();
                weight * (1.0 - known).max(FLOOR).ln()
            })
            .sum()
    }

    fn drop_weakest_read(&mut self) {
        let weakest = self
            .reads
            .iter()
            .enumerate()
            .min_by(|a, b| a.1.read.confidence.total_cmp(&b.1.read.confidence))
            .map(|(at, _)| at);
        if let Some(at) = weakest {
            self.reads.remove(at);
            for text in &mut self.texts {
                if at < text.logs.len() {
                    text.logs.remove(at);
                }
            }
        }
    }

    fn drop_unlikely_texts(&mut self, now: Duration, rules: &VoteRules) {
        while self.texts.len() > MOST_TEXTS {
            let scores = self.scores(&self.weights(now, rules));
            let worst = scores
                .iter()
                .enumerate()
                .min_by(|a, b| a.1.total_cmp(b.1))
                .map(|(at, _)| at);
            match worst {
                Some(at) => drop(self.texts.remove(at)),
                None => return,
            }
        }
    }
}

impl Kept {
    fn new(read: TrackRead, at: Duration) -> Self {
        let named: f32 = read
            .candidates
            .iter()
            .map(|(_, probability)| probability)
            .sum();
        let least = read
            .candidates
            .iter()
            .map(|(_, probability)| *probability)
            .fold(1.0, f32::min);
        let others_at_most = least.min(1.0 - named).clamp(FLOOR, 1.0);
        Self {
            read,
            at,
            others_at_most,
        }
    }

    fn log_probability(&self, characters: &[char], text: &str) -> f32 {
        let named = self.read.candidates.iter().find(|(known, _)| known == text);
        let probability = match named {
            Some((_, probability)) => *probability,
            None => align(&self.read.columns, characters)
                .0
                .exp()
                .min(self.others_at_most),
        };
        // Texts that a read as good as excludes stay apart by how far they are from it, hence the small floor.
        probability.clamp(FLOOR * FLOOR, 1.0).ln()
    }
}

/// Probability of a symbol in a column, never 0.
fn probability_of(column: &Column, symbol: char) -> f32 {
    column
        .iter()
        .find(|entry| entry.0 == symbol)
        .map_or(UNLISTED, |entry| entry.1)
        .clamp(UNLISTED * UNLISTED, 1.0)
}

/// The best alignment of a read's columns to the characters of a text: logarithm of its probability, and for each
/// character the column it stands for.
#[allow(
    clippy::indexing_slicing,
    reason = "both tables have (rows + 1) x (columns + 1) cells"
)]
fn align(columns: &[Column], characters: &[char]) -> (f32, Vec<Option<usize>>) {
    let (rows, width) = (columns.len(), characters.len() + 1);
    let gap = GAP.ln();
    let mut best = vec![0.0_f32; (rows + 1) * width];
    // 0: match, 1: the read has a character too many, 2: the read missed one.
    let mut step = vec![0_u8; (rows + 1) * width];
    for j in 1..width {
        best[j] = best[j - 1] + gap;
        step[j] = 2;
    }
    for i in 1..=rows {
        best[i * width] = best[(i - 1) * width] + gap;
        step[i * width] = 1;
        for j in 1..width {
            let matched = best[(i - 1) * width + j - 1]
                + probability_of(&columns[i - 1], characters[j - 1]).ln();
            let extra = best[(i - 1) * width + j] + gap;
            let missed = best[i * width + j - 1] + gap;
            let (value, how) = if matched >= extra && matched >= missed {
                (matched, 0)
            } else if extra >= missed {
                (extra, 1)
            } else {
                (missed, 2)
            };
            best[i * width + j] = value;
            step[i * width + j] = how;
        }
    }
    let mut places = vec![None; characters.len()];
    let (mut i, mut j) = (rows, width - 1);
    while i > 0 || j > 0 {
        match step[i * width + j] {
            0 => {
                i -= 1;
                j -= 1;
                places[j] = Some(i);
            }
            1 => i -= 1,
            _ => j -= 1,
        }
    }
    (best[rows * width + width - 1], places)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use super::*;

    const RULES: VoteRules = VoteRules {
        correlation: 0.3,
        half_life: Duration::ZERO,
    };

    fn vote(reads: &[TrackRead]) -> Outcome {
        let mut vote = Vote::default();
        for (at, read) in reads.iter().enumerate() {
            vote.add(read.clone(), Duration::from_millis(40 * at as u64), &RULES);
        }
        vote.outcome(Duration::from_secs(1), &RULES)
    }

    /// A read of "AB12" in which one place is torn between two characters.
    fn torn(place: usize, other: char, share: f32) -> TrackRead {
        let mut read = TrackRead::from_text("AB12", 0.9);
        let right = read.columns[place][0].0;
        let mut text: Vec<char> = read.text.chars().collect();
        text[place] = other;
        let wrong: String = text.iter().collect();
        let mut candidates = vec![(wrong, share), ("AB12".to_owned(), 0.95 - share)];
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1));
        read.columns[place] = vec![(other, share), (right, 0.95 - share)];
        read.columns[place].sort_by(|a, b| b.1.total_cmp(&a.1));
        read.text = candidates[0].0.clone();
        read.confidence = candidates[0].1;
        read.candidates = candidates;
        read
    }

    #[test]
    fn errors_at_different_places_outvote_each_other() {
        // No single read shows the right text; the product of the characters does.
        let reads = [torn(0, '4', 0.5), torn(1, '8', 0.5), torn(3, 'Z', 0.5)];
        assert!(reads.iter().all(|read| read.text != "AB12"));
        let outcome = vote(&reads);
        assert_eq!(outcome.text, "AB12");
        assert!(outcome.confidence > 0.8, "{outcome:?}");
    }

    #[test]
    fn text_that_no_read_listed_is_composed() {
        let mut reads = [torn(0, '4', 0.6), torn(1, '8', 0.6), torn(3, 'Z', 0.6)];
        for read in &mut reads {
            read.candidates.truncate(1);
        }
        assert_eq!(vote(&reads).text, "AB12");
    }

    #[test]
    fn lengths_may_differ() {
        let reads = [
            TrackRead::from_text("AB12", 0.8),
            TrackRead::from_text("AB1", 0.6),
            TrackRead::from_text("AB12", 0.8),
            TrackRead::from_text("AAB12", 0.5),
        ];
        let outcome = vote(&reads);
        assert_eq!((outcome.text.as_str(), outcome.agreeing), ("AB12", 2));
        assert_eq!(outcome.columns.len(), 4);
    }

    #[test]
    fn one_read_keeps_its_own_confidence() {
        let outcome = vote(&[TrackRead::from_text("AB12", 0.7)]);
        assert!((outcome.confidence - 0.7).abs() < 0.01, "{outcome:?}");
    }

    #[test]
    fn more_agreement_is_surer_but_never_certain() {
        let few = vote(&vec![TrackRead::from_text("AB12", 0.7); 2]).confidence;
        let many = vote(&vec![TrackRead::from_text("AB12", 0.7); 20]).confidence;
        assert!(0.7 < few && few < many && many < 0.95, "{few} {many}");
    }

    #[test]
    fn disagreement_lowers_confidence() {
        let outcome = vote(&[
            TrackRead::from_text("AB12", 0.8),
            TrackRead::from_text("AB12", 0.8),
            TrackRead::from_text("XY99", 0.8),
        ]);
        assert_eq!(outcome.text, "AB12");
        assert!(outcome.confidence < 0.8);
    }

    #[test]
    fn old_reads_fade() {
        let rules = VoteRules {
            half_life: Duration::from_secs(1),
            ..RULES
        };
        let mut vote = Vote::default();
        for _ in 0..3 {
            vote.add(TrackRead::from_text("OLD1", 0.8), Duration::ZERO, &rules);
        }
        vote.add(
            TrackRead::from_text("NEW1", 0.8),
            Duration::from_secs(10),
            &rules,
        );
        assert_eq!(vote.outcome(Duration::from_secs(10), &rules).text, "NEW1");
    }

    #[test]
    fn memory_is_bounded() {
        let mut vote = Vote::default();
        for n in 0..500_u32 {
            let read = TrackRead::from_text(format!("T{n:04}"), 0.5);
            vote.add(read, Duration::from_millis(u64::from(n)), &RULES);
        }
        assert!(vote.reads.len() <= MOST_READS && vote.texts.len() <= MOST_TEXTS);
        assert!(
            vote.texts
                .iter()
                .all(|text| text.logs.len() == vote.reads.len())
        );
        assert_eq!(vote.reads(), 500);
    }

    /// Reads of one vehicle share a part of their errors; the vote's confidence must not promise more than it holds.
    #[test]
    fn confidence_is_honest_when_errors_repeat() {
        let mut state = 0x1234_5678_9abc_def1_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1_u64 << 24) as f32
        };
        let (mut promised, mut right, vehicles) = (0.0, 0.0, 600);
        for _ in 0..vehicles {
            // A quarter of the vehicles have a dirty character that is misread in most frames.
            let dirty = random() < 0.25;
            let reads: Vec<TrackRead> = (0..6)
                .map(|_| {
                    let wrong = if dirty {
                        random() < 0.55
                    } else {
                        random() < 0.05
                    };
                    TrackRead::from_text(if wrong { "A812" } else { "AB12" }, 0.8)
                })
                .collect();
            let outcome = vote(&reads);
            promised += outcome.confidence;
            right += f32::from(u8::from(outcome.text == "AB12"));
        }
        let (promised, right) = (promised / vehicles as f32, right / vehicles as f32);
        // It errs on the side of doubt.
        assert!(
            promised < right + 0.02,
            "promised {promised}, right {right}"
        );
        assert!(
            promised > right - 0.12,
            "promised {promised}, right {right}"
        );
    }
}
