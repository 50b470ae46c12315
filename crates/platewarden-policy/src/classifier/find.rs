//! Classes and terms in a row of words.

use crate::model::PurposeKind;

use super::cell::{Candidate, Cell, says_nothing};
use super::grade::Context;
use super::lexicon::{Lexicon, Target, Term};
use super::normalize::Folded;
use super::signal::{Grade, Spelling};
use super::tokens::Words;

/// A term found in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit<'l> {
    pub(super) term: &'l Term,
    pub(super) grade: Grade,
    pub(super) because: Option<&'l str>,
    pub(super) spelling: Spelling,
    /// Whether the words of the term name an immigration crime.
    pub(super) names_crime: bool,
    /// Byte range in the folded text.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Reusable working memory.
#[derive(Debug, Default)]
pub(super) struct Finder {
    classes: Vec<u128>,
    candidates: Vec<Candidate>,
    /// Per term, one past the furthest word that a candidate of it reaches.
    furthest: Vec<usize>,
    context: Context,
}

impl Finder {
    /// All terms of the text, in time linear in its length. `named` are classes that stand outside it (the menu value).
    pub(super) fn find<'l>(
        &mut self,
        lexicon: &'l Lexicon,
        words: &Words,
        folded: &Folded,
        named: u128,
        hits: &mut Vec<Hit<'l>>,
    ) {
        hits.clear();
        let cell = Cell {
            lexicon,
            words,
            folded,
        };
        self.find_classes(&cell);
        self.find_terms(&cell);
        if self.candidates.is_empty() {
            return;
        }
        drop_covered(&mut self.candidates);
        self.context.read(&cell, &self.classes, named);
        for candidate in &self.candidates {
            let Some(term) = lexicon.terms.get(usize::from(candidate.term)) else {
                continue;
            };
            let range = candidate.first..candidate.end;
            let classes = self.classes.get(range.clone()).unwrap_or_default();
            let crime = lexicon.masks.immigration_crime;
            let tokens = words.tokens.get(range).unwrap_or_default();
            let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
                continue;
            };
            let spelling = tokens.iter().map(|t| t.spelling).max().unwrap_or_default();
            let (grade, because) =
                self.context
                    .grade(&cell, &self.classes, term, *candidate, spelling);
            hits.push(Hit {
                term,
                grade,
                because,
                spelling,
                names_crime: classes.iter().any(|bits| bits & crime != 0),
                start: first.start,
                end: last.end,
            });
        }
    }

    /// What the text says the search is for: the first purpose that it names.
    pub(super) fn purpose(&self, lexicon: &Lexicon) -> Option<PurposeKind> {
        // A stolen car and a wanted person are also thefts and crimes: the narrow purpose comes first.
        let named = self.classes.iter().fold(0, |all, bits| all | bits);
        let rank = |purpose: PurposeKind| match purpose {
            PurposeKind::StolenVehicleOrPlate => 1,
            PurposeKind::OtherCriminal => 3,
            PurposeKind::WantedPerson => 4,
            purpose if purpose.is_crime_or_danger() => 2,
            _ => 5,
        };
        lexicon
            .purposes
            .iter()
            .filter(|(bits, _)| bits & named != 0)
            .map(|(_, p)| *p)
            .min_by_key(|p| rank(*p))
    }

    /// Classes per word, in the order of the words.
    pub(super) fn classes(&self) -> &[u128] {
        &self.classes
    }

    fn find_classes(&mut self, cell: &Cell) {
        self.classes.clear();
        self.classes.extend(
            cell.words
                .tokens
                .iter()
                .map(|t| cell.entry(*t).map_or(0, |e| e.classes)),
        );
        for (first, token) in cell.words.tokens.iter().enumerate() {
            let Some(entry) = cell.entry(*token) else {
                continue;
            };
            if entry.starts.of_classes.is_empty() {
                continue;
            }
            let next = cell.next_bit(first);
            for start in entry
                .starts
                .of_classes
                .iter()
                .filter(|s| s.next & next != 0)
            {
                let Some(pattern) = cell.lexicon.patterns.get(start.pattern as usize) else {
                    continue;
                };
                let Target::Class(bit) = pattern.target else {
                    continue;
                };
                if let Some(end) = cell.follow(&pattern.items, first, &self.classes) {
                    for bits in self.classes.iter_mut().take(end).skip(first) {
                        *bits |= 1 << bit;
                    }
                }
            }
        }
    }

    fn find_terms(&mut self, cell: &Cell) {
        self.candidates.clear();
        for (first, token) in cell.words.tokens.iter().enumerate() {
            let Some(entry) = cell.entry(*token) else {
                continue;
            };
            let bits = self.classes.get(first).copied().unwrap_or(0);
            if entry.starts.of_terms.is_empty() && bits & cell.lexicon.begins_pattern == 0 {
                continue;
            }
            let by_class = cell
                .lexicon
                .class_starts
                .iter()
                .filter(|(class, _)| class & bits != 0)
                .flat_map(|(_, starts)| &starts.of_terms);
            let next = cell.next_bit(first);
            let starts = entry.starts.of_terms.iter().chain(by_class);
            for start in starts.filter(|s| s.next & next != 0) {
                let Some(pattern) = cell.lexicon.patterns.get(start.pattern as usize) else {
                    continue;
                };
                let Target::Term(term) = pattern.target else {
                    continue;
                };
                if let Some(end) = cell.meets_term(pattern, term, first, &self.classes) {
                    self.note(cell.lexicon, Candidate { term, first, end });
                }
            }
        }
    }

    /// Adds a candidate unless one of the same term covers it. Candidates come in the order of their first words.
    fn note(&mut self, lexicon: &Lexicon, found: Candidate) {
        if self.candidates.is_empty() {
            self.furthest.clear();
            self.furthest.resize(lexicon.terms.len(), 0);
        }
        if let Some(furthest) = self.furthest.get_mut(usize::from(found.term))
            && *furthest < found.end
        {
            *furthest = found.end;
            self.candidates.push(found);
        }
    }

    /// Whether the text says nothing: only fillers, numbers and single letters.
    pub(super) fn is_vague(words: &Words, lexicon: &Lexicon) -> bool {
        words
            .tokens
            .iter()
            .all(|token| says_nothing(*token, words, lexicon))
    }
}

/// A longer term explains the words of a shorter one inside it: "ice protest" is no ICE.
fn drop_covered(candidates: &mut Vec<Candidate>) {
    let (mut from, mut kept) = (0, 0);
    // One past the furthest word of candidates that begin before those in hand.
    let mut reached = 0;
    while let Some(head) = candidates.get(from).copied() {
        let rest = candidates.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|c| c.first == head.first).count();
        let longest = rest.iter().take(count).map(|c| c.end).max().unwrap_or(0);
        for index in from..from + count {
            let Some(candidate) = candidates.get(index).copied() else {
                continue;
            };
            if candidate.end > reached && candidate.end == longest {
                if let Some(slot) = candidates.get_mut(kept) {
                    *slot = candidate;
                }
                kept += 1;
            }
        }
        reached = reached.max(longest);
        from += count;
    }
    candidates.truncate(kept);
}
