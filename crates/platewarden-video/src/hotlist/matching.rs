//! Which entries a read may be of.

use std::collections::BTreeMap;

use platewarden_text::symbol::index_of;

use super::entry::HotlistEntry;
use super::enumerate::for_each_key;
use super::glyphs::{Distribution, Smoothing};
use super::index::{Index, Key};
use super::tolerance::Tolerance;
use crate::tracking::TrackRead;

/// Compares one read with the entries of a list that its index names.
#[derive(Debug)]
pub(super) struct Matcher<'a> {
    entries: &'a [HotlistEntry],
    index: &'a Index,
    read: &'a TrackRead,
    tolerance: &'a Tolerance,
    /// Least probability of a match.
    least: f32,
    /// Numbers of the entries that match, with the greatest probability found of each.
    found: BTreeMap<usize, f32>,
    work: Work,
}

/// What matching a read took: bounded by the tolerance, whatever the length of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// Keys looked up in the index.
    pub(super) keys: usize,
    /// Entries compared in full.
    pub(super) entries: usize,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(
        entries: &'a [HotlistEntry],
        index: &'a Index,
        read: &'a TrackRead,
        tolerance: &'a Tolerance,
    ) -> Self {
        Self {
            entries,
            index,
            read,
            tolerance,
            // Below this the number of keys to look up has no useful bound.
            least: tolerance.min_probability.max(1e-4),
            found: BTreeMap::new(),
            work: Work::default(),
        }
    }

    /// Numbers of the entries that the read may be of, with their probabilities.
    pub(super) fn run(self) -> BTreeMap<usize, f32> {
        self.run_counted().0
    }

    fn run_counted(mut self) -> (BTreeMap<usize, f32>, Work) {
        if self.entries.is_empty() {
            return (self.found, self.work);
        }
        let smoothing = Smoothing::new(self.tolerance);
        let places: Vec<Distribution> = self
            .read
            .characters
            .iter()
            .map(|character| smoothing.of_character(character))
            .collect();
        if !places.is_empty() {
            self.compare(&places, 1.0);
        }
        for candidate in &self.read.candidates {
            let (text, probability) = (candidate.text.as_str(), candidate.confidence);
            if probability < self.least {
                continue;
            }
            // Its own probability is calibrated, the product of its characters' is not.
            self.work.keys += 1;
            for number in self.index.entries(Key::of(text)) {
                self.work.entries += 1;
                let entry = self.entries.get(number);
                if entry.is_some_and(|entry| entry.plate() == text) {
                    self.keep(number, probability);
                }
            }
            if text.chars().count() != self.read.characters.len() {
                let places: Vec<Distribution> = text
                    .chars()
                    .map(|glyph| smoothing.of_glyph(glyph))
                    .collect();
                if !places.is_empty() {
                    self.compare(&places, probability);
                }
            }
        }
        (self.found, self.work)
    }

    /// Compares with the entries of each key that is probable enough; `first` is the probability of the places' length.
    fn compare(&mut self, places: &[Distribution], first: f32) {
        let (entries, index) = (self.entries, self.index);
        for_each_key(places, first, self.least, &mut |key| {
            self.work.keys += 1;
            for number in index.entries(key) {
                self.work.entries += 1;
                if let Some(entry) = entries.get(number) {
                    self.keep(number, first * probability_of(entry.plate(), places));
                }
            }
        });
    }

    /// Keeps an entry where it is probable enough, its region reckoned in.
    fn keep(&mut self, number: usize, probability: f32) {
        let Some(entry) = self.entries.get(number) else {
            return;
        };
        let foreign = self
            .read
            .region
            .as_ref()
            .filter(|region| !entry.may_be_of(&region.code))
            .map_or(0.0, |region| region.confidence.clamp(0.0, 1.0));
        let probability = probability * (1.0 - foreign);
        if probability >= self.least {
            let best = self.found.entry(number).or_insert(0.0);
            *best = best.max(probability);
        }
    }
}

/// Probability of a text, 0 where its length differs.
fn probability_of(text: &str, places: &[Distribution]) -> f32 {
    if text.len() != places.len() {
        return 0.0;
    }
    text.chars()
        .zip(places)
        .map(|(glyph, place)| {
            index_of(glyph)
                .and_then(|index| place.get(index))
                .copied()
                .unwrap_or(0.0)
        })
        .product()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use platewarden_text::symbol::{SYMBOLS, char_of};
    use platewarden_text::{Alternative, CharacterRead};

    use super::*;

    fn list<'a>(plates: impl Iterator<Item = &'a str>) -> (Vec<HotlistEntry>, Index) {
        let mut index = Index::default();
        let entries = plates
            .map(|plate| {
                index.push(plate);
                HotlistEntry::new(plate, "stolen vehicle").unwrap()
            })
            .collect();
        (entries, index)
    }

    proptest::proptest! {
        /// The index finds exactly what comparing with every entry finds.
        #[test]
        fn nothing_is_missed(
            listed in proptest::collection::vec("[0-9A-Z]{3,5}", 1..60),
            read in proptest::collection::vec((0_usize..36, 0.2_f32..1.0, 0_usize..36), 3..6),
        ) {
            let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
            let (entries, index) = list(listed.iter().copied());
            let mut text = String::new();
            let characters = read.iter().map(|&(first, probability, second)| {
                let (first, second) = (char_of(first).unwrap(), char_of(second).unwrap());
                text.push(first);
                let rest = Alternative::new(second, (1.0 - probability) * 0.8);
                CharacterRead::new(first, probability, vec![rest])
            }).collect();
            let read = TrackRead { text, characters, ..TrackRead::default() };
            let tolerance = Tolerance::default().with_min_probability(0.003);
            let smoothing = Smoothing::new(&tolerance);
            let places: Vec<_> = read.characters.iter().map(|read| smoothing.of_character(read)).collect();
            let expected: Vec<usize> = (0..listed.len())
                .filter(|&at| probability_of(listed[at], &places) >= tolerance.min_probability)
                .collect();
            let found: Vec<usize> = Matcher::new(&entries, &index, &read, &tolerance).run().into_keys().collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }

    /// The time of a match is that of the keys looked up and the entries compared. Neither grows with the list but by the
    /// entries that share a key, and a key stands for a few dozen texts of which a list holds next to none.
    #[test]
    fn work_of_a_match_is_bounded_whatever_the_length_of_the_list() {
        let mut state = 1_u64;
        let mut plate = || -> String {
            (0..7)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    char_of((state >> 33) as usize % SYMBOLS).unwrap()
                })
                .collect()
        };
        let plates: Vec<String> = (0..30_000).map(|_| plate()).collect();
        // Each place torn between three characters: a poor read.
        let reads: Vec<TrackRead> = (0..200)
            .map(|_| {
                let mut read = TrackRead::from_text(plate(), 0.6);
                for character in &mut read.characters {
                    character.alternatives =
                        vec![Alternative::new('B', 0.03), Alternative::new('7', 0.02)];
                }
                read
            })
            .collect();
        let tolerance = Tolerance::default();
        let work = |length: usize| {
            let (entries, index) = list(plates[..length].iter().map(String::as_str));
            reads.iter().fold(Work::default(), |sum, read| {
                let (_, work) = Matcher::new(&entries, &index, read, &tolerance).run_counted();
                // Probabilities of keys add up to at most 1, and one key more is the candidate's.
                assert!(
                    work.keys as f32 <= 1.0 / tolerance.min_probability + 1.0,
                    "{work:?}"
                );
                Work {
                    keys: sum.keys + work.keys,
                    entries: sum.entries + work.entries,
                }
            })
        };
        let (short, long) = (work(300), work(30_000));
        assert_eq!(short.keys, long.keys);
        // In the mean fewer than one entry of the long list is compared for each read.
        assert!(long.entries < reads.len(), "{long:?}");
    }
}
