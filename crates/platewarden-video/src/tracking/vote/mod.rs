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

mod align;

use std::time::Duration;

use platewarden_text::{Alternative, Candidate, CharacterRead};

use self::align::{align, probability_of};
use super::evidence::TrackRead;

/// Reads kept of one vehicle; the least confident goes first.
const MOST_READS: usize = 24;
/// Texts kept; the least likely goes first.
const MOST_TEXTS: usize = 24;
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
    reads: Vec<WeighedRead>,
    texts: Vec<String>,
    /// Reads ever given, also those no longer held.
    given: u32,
}

/// A read with what it says of every text of the vote.
#[derive(Clone, Debug)]
struct WeighedRead {
    read: TrackRead,
    at: Duration,
    /// Least probability among the candidates, at most the sum they leave over: no other text is likelier.
    others_at_most: f32,
    /// Logarithm of the probability that the read gives each text.
    logs: Vec<f32>,
}

/// What the vote says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) text: String,
    /// Probability that the text is right to the last character.
    pub(crate) confidence: f32,
    /// Reads held whose own text is this one.
    pub(crate) agreeing: u32,
    /// Other texts with their probabilities, best first, the voted one at the front.
    pub(crate) candidates: Vec<Candidate>,
    /// Characters of the text with their probabilities and alternatives.
    pub(crate) characters: Vec<CharacterRead>,
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
        let read = WeighedRead::new(read, at, &self.texts);
        let new: Vec<String> = std::iter::once(read.read.text.clone())
            .chain(read.read.candidates.iter().map(|other| other.text.clone()))
            .collect();
        self.reads.push(read);
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
        for read in other.reads {
            self.add(read.read, read.at, rules);
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
        for region in self
            .reads
            .iter()
            .filter_map(|read| read.read.region.as_ref())
        {
            match sums.iter_mut().find(|(known, _)| *known == region.code) {
                Some((_, sum)) => *sum += region.confidence,
                None => sums.push((&region.code, region.confidence)),
            }
        }
        let best = sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((best.0.to_owned(), best.1 / self.reads.len().max(1) as f32))
    }

    /// The lines of text that most reads saw.
    pub(crate) fn lines(&self) -> u8 {
        let count = |lines: u8| {
            let of = |read: &&WeighedRead| read.read.lines == lines;
            self.reads.iter().filter(of).count()
        };
        match (count(1), count(2)) {
            (0, 0) => 0,
            (single, double) if double > single => 2,
            _ => 1,
        }
    }

    pub(crate) fn outcome(&self, now: Duration, rules: &VoteRules) -> Outcome {
        let weights = self.weights(now, rules);
        let scores = self.scores(&weights);
        let none = self.none_of_these(&weights);
        let top = scores.iter().copied().fold(none, f32::max);
        let total: f32 = scores.iter().map(|s| (s - top).exp()).sum::<f32>() + (none - top).exp();
        let mut ranked: Vec<Candidate> = self
            .texts
            .iter()
            .zip(&scores)
            .map(|(text, score)| Candidate::new(text, (score - top).exp() / total).with_lines(0))
            .collect();
        ranked.sort_by(|a, b| {
            b.confidence
                .total_cmp(&a.confidence)
                .then_with(|| a.text.cmp(&b.text))
        });
        let Some(best) = ranked.first() else {
            return Outcome::default();
        };
        let agreeing = self
            .reads
            .iter()
            .filter(|read| read.read.text == best.text)
            .count();
        Outcome {
            text: best.text.clone(),
            confidence: best.confidence,
            agreeing: u32::try_from(agreeing).unwrap_or(u32::MAX),
            characters: self.characters_of(&best.text, &weights),
            candidates: ranked,
        }
    }

    fn add_text(&mut self, text: String) {
        if text.is_empty() || self.texts.contains(&text) {
            return;
        }
        let characters: Vec<char> = text.chars().collect();
        for read in &mut self.reads {
            let log = read.log_probability(&characters, &text);
            read.logs.push(log);
        }
        self.texts.push(text);
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
        self.characters_of(best, &weights)
            .iter()
            .map(|character| {
                character
                    .shares()
                    .max_by(|a, b| a.1.total_cmp(&b.1))
                    .map(|(symbol, _)| symbol)
            })
            .collect()
    }

    /// The characters of a text with their probabilities over all reads aligned to it; the text's own first.
    fn characters_of(&self, text: &str, weights: &[f32]) -> Vec<CharacterRead> {
        let characters: Vec<char> = text.chars().collect();
        let aligned: Vec<Vec<Option<&CharacterRead>>> = self
            .reads
            .iter()
            .map(|read| {
                let places = align(&read.read.characters, &characters).1;
                let at = |place: Option<usize>| place.and_then(|at| read.read.characters.get(at));
                places.into_iter().map(at).collect()
            })
            .collect();
        let share = |(place, &own): (usize, &char)| {
            let here = || {
                aligned
                    .iter()
                    .map(|read| read.get(place).copied().flatten())
            };
            let mut shares = vec![(own, 0.0_f32)];
            for (symbol, _) in here().flatten().flat_map(CharacterRead::shares) {
                if !shares.iter().any(|(known, _)| *known == symbol) {
                    shares.push((symbol, 0.0));
                }
            }
            for (read, weight) in here().zip(weights) {
                let Some(read) = read else { continue };
                for (symbol, log) in &mut shares {
                    *log += weight * probability_of(read, *symbol).ln();
                }
            }
            normalized(shares, own)
        };
        characters.iter().enumerate().map(share).collect()
    }

    /// Weight of each read, such that together they count for as many as they are worth.
    #[allow(clippy::cast_precision_loss, reason = "at most a few dozen reads")]
    fn weights(&self, now: Duration, rules: &VoteRules) -> Vec<f32> {
        let mut weights: Vec<f32> = self
            .reads
            .iter()
            .map(|read| {
                if rules.half_life.is_zero() {
                    return 1.0;
                }
                let age = now.saturating_sub(read.at).as_secs_f32();
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
        let mut scores = vec![0.0; self.texts.len()];
        for (read, weight) in self.reads.iter().zip(weights) {
            for (score, log) in scores.iter_mut().zip(&read.logs) {
                *score += log * weight;
            }
        }
        scores
    }

    /// Score of "none of the texts known": what each read leaves over.
    fn none_of_these(&self, weights: &[f32]) -> f32 {
        self.reads
            .iter()
            .zip(weights)
            .map(|(read, weight)| {
                let known: f32 = read.logs.iter().map(|log| log.exp()).sum();
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
            let Some(at) = worst else { return };
            self.texts.remove(at);
            for read in &mut self.reads {
                read.logs.remove(at);
            }
        }
    }
}

impl WeighedRead {
    fn new(read: TrackRead, at: Duration, texts: &[String]) -> Self {
        let probabilities = || read.candidates.iter().map(|other| other.confidence);
        let named: f32 = probabilities().sum();
        let least = probabilities().fold(1.0, f32::min);
        let others_at_most = least.min(1.0 - named).clamp(FLOOR, 1.0);
        let mut weighed = Self {
            read,
            at,
            others_at_most,
            logs: Vec::with_capacity(texts.len()),
        };
        for text in texts {
            let characters: Vec<char> = text.chars().collect();
            let log = weighed.log_probability(&characters, text);
            weighed.logs.push(log);
        }
        weighed
    }

    fn log_probability(&self, characters: &[char], text: &str) -> f32 {
        let named = self.read.candidates.iter().find(|known| known.text == text);
        let probability = match named {
            Some(named) => named.confidence,
            None => align(&self.read.characters, characters)
                .0
                .exp()
                .min(self.others_at_most),
        };
        // Texts that a read as good as excludes stay apart by how far they are from it, hence the small floor.
        probability.clamp(FLOOR * FLOOR, 1.0).ln()
    }
}

/// Probabilities from logarithms, the text's own character first and the others by theirs.
fn normalized(mut shares: Vec<(char, f32)>, own: char) -> CharacterRead {
    let top = shares
        .iter()
        .map(|entry| entry.1)
        .fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = shares.iter().map(|entry| (entry.1 - top).exp()).sum();
    for (_, log) in &mut shares {
        *log = (*log - top).exp() / total;
    }
    let mut shares = shares.into_iter();
    let confidence = shares.next().map_or(0.0, |(_, confidence)| confidence);
    let mut alternatives: Vec<Alternative> = shares
        .map(|(symbol, confidence)| Alternative::new(symbol, confidence))
        .collect();
    alternatives.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    CharacterRead::new(own, confidence, alternatives)
}

#[cfg(test)]
mod tests;
