//! Classes and terms in a row of words.

use crate::model::PurposeKind;

use super::Spelling;
use super::grade::Context;
use super::lexicon::{Entry, Item, Lexicon, MIXED, NUMBER, Pattern, Target, Term, UNKNOWN};
use super::normalize::Folded;
use super::signal::Grade;
use super::tokens::{Token, Words};

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

/// Words that a pattern of a term met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) term: u16,
    pub(super) first: usize,
    /// One past the last word.
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

/// One cell in the course of being read.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) lexicon: &'a Lexicon,
    pub(super) words: &'a Words,
    pub(super) folded: &'a Folded,
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
            for start in entry.starts.of_classes.iter().filter(|s| s.next & next != 0) {
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

/// A filler, a number (also one that some phrase of the lexicon contains) or a single letter.
pub(super) fn says_nothing(token: Token, words: &Words, lexicon: &Lexicon) -> bool {
    let short = token.end - token.start == 1;
    match token.entry {
        NUMBER | MIXED => true,
        UNKNOWN => short,
        id => words
            .entry(lexicon, id)
            .is_some_and(|e| short || e.vague || e.text.bytes().all(|b| b.is_ascii_digit())),
    }
}

impl<'a> Cell<'a> {
    pub(super) fn entry(&self, token: Token) -> Option<&'a Entry> {
        self.words.entry(self.lexicon, token.entry)
    }

    /// The bit of the word after this one, as [`super::lexicon::Start`] has it; all bits at the end.
    fn next_bit(&self, index: usize) -> u64 {
        let next = self.words.tokens.get(index + 1);
        next.map_or(u64::MAX, |token| 1 << (token.entry & 63))
    }

    pub(super) fn after_break(&self, index: usize) -> bool {
        let token = self.words.tokens.get(index);
        token.is_some_and(|t| t.gap.breaks)
    }

    /// "not ICE or immigration": a negation reaches across another term.
    pub(super) fn begins_term_of_one_word(&self, index: usize) -> bool {
        let entry = self.words.tokens.get(index).and_then(|t| self.entry(*t));
        // The longest patterns come first.
        let last = entry.and_then(|e| e.starts.of_terms.last());
        last.and_then(|start| self.lexicon.patterns.get(start.pattern as usize))
            .is_some_and(|pattern| pattern.items.len() == 1)
    }

    /// One past the last word, if the pattern of a term matches at `first`.
    fn meets_term(
        &self,
        pattern: &Pattern,
        term: u16,
        first: usize,
        classes: &[u128],
    ) -> Option<usize> {
        let end = self.follow(&pattern.items, first, classes)?;
        let term = self.lexicon.terms.get(usize::from(term))?;
        if term.names_process {
            let inner = self.words.tokens.get(first + 1..end).unwrap_or_default();
            if inner.iter().any(|t| t.gap.stops) {
                return None;
            }
        }
        Some(end)
    }

    fn follow(&self, items: &[Item], at: usize, classes: &[u128]) -> Option<usize> {
        let Some((item, rest)) = items.split_first() else {
            return Some(at);
        };
        match item {
            Item::Gap => (0..=2).find_map(|skip| self.follow(rest, at + skip, classes)),
            Item::GapOf(bits) => {
                let within = |i: usize| classes.get(i).is_some_and(|c| c & bits != 0);
                (0..=2)
                    .take_while(|skip| *skip == 0 || within(at + skip - 1))
                    .find_map(|skip| self.follow(rest, at + skip, classes))
            }
            _ => {
                let token = self.words.tokens.get(at)?;
                self.meets(item, *token, at, classes)
                    .then(|| self.follow(rest, at + 1, classes))
                    .flatten()
            }
        }
    }

    fn meets(&self, item: &Item, token: Token, at: usize, classes: &[u128]) -> bool {
        match item {
            Item::Word(id) => token.entry == *id,
            Item::Stem(stem) => self.text(token).is_some_and(|t| t.starts_with(&**stem)),
            Item::Inner(part) => self.text(token).is_some_and(|t| t.contains(&**part)),
            Item::Class(bits) => classes.get(at).is_some_and(|c| c & bits != 0),
            Item::AnyOf(items) => items
                .iter()
                .any(|item| self.meets(item, token, at, classes)),
            Item::Any => true,
            Item::Gap | Item::GapOf(_) => false,
        }
    }

    /// The word as the lexicon spells it, else as it stands in the text.
    fn text(&self, token: Token) -> Option<&'a str> {
        match token.entry {
            NUMBER | MIXED | UNKNOWN => {
                std::str::from_utf8(self.folded.bytes.get(token.start..token.end)?).ok()
            }
            _ => self.entry(token).map(|e| &*e.text),
        }
    }
}
