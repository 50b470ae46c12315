//! Terms in a row of words, graded by their context.

use crate::model::PurposeKind;

use super::lexicon::{Entry, Item, Lexicon, MIXED, NUMBER, Pattern, Rule, Target, Term, UNKNOWN};
use super::normalize::Folded;
use super::tokens::{Token, Words};
use super::{Grade, Spelling};

/// A term found in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit<'l> {
    pub(super) term: &'l Term,
    pub(super) grade: Grade,
    pub(super) because: Option<&'l str>,
    pub(super) spelling: Spelling,
    /// Byte range in the folded text.
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    term: u16,
    first: usize,
    /// One past the last token.
    end: usize,
}

/// Reusable working memory of the grammar.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    classes: Vec<u128>,
    candidates: Vec<Candidate>,
}

/// One cell in the course of being read.
struct Cell<'a> {
    lexicon: &'a Lexicon,
    words: &'a Words,
    folded: &'a Folded,
}

const NEGATED: &str = "negated";

impl Grammar {
    /// All terms of the text. `named` are classes that stand outside it (the menu value).
    pub(super) fn read<'l>(
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
        // A longer term explains the words of a shorter one inside it: "ice protest" is no ICE.
        let candidates = &self.candidates;
        let inside = |c: &Candidate| {
            candidates.iter().any(|o| {
                o.first <= c.first && c.end <= o.end && (o.end - o.first) > (c.end - c.first)
            })
        };
        for candidate in candidates.iter().filter(|c| !inside(c)) {
            let Some(term) = lexicon.terms.get(usize::from(candidate.term)) else {
                continue;
            };
            let tokens = words
                .tokens
                .get(candidate.first..candidate.end)
                .unwrap_or_default();
            let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
                continue;
            };
            let spelling = tokens.iter().map(|t| t.spelling).max().unwrap_or_default();
            let (grade, because) = self.grade(&cell, term, *candidate, spelling, named);
            hits.push(Hit {
                term,
                grade,
                because,
                spelling,
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

    fn find_classes(&mut self, cell: &Cell) {
        self.classes.clear();
        self.classes.extend(
            cell.words
                .tokens
                .iter()
                .map(|t| cell.entry(*t).map_or(0, |e| e.classes)),
        );
        for first in 0..cell.words.tokens.len() {
            let Some(entry) = cell.words.tokens.get(first).and_then(|t| cell.entry(*t)) else {
                continue;
            };
            for id in &entry.starts {
                let Some(pattern) = cell.lexicon.patterns.get(*id as usize) else {
                    continue;
                };
                let Target::Class(bit) = pattern.target else {
                    continue;
                };
                if let Some(end) = cell.matches(pattern, first, &self.classes) {
                    for bits in self.classes.iter_mut().take(end).skip(first) {
                        *bits |= 1 << bit;
                    }
                }
            }
        }
    }

    fn find_terms(&mut self, cell: &Cell) {
        self.candidates.clear();
        for first in 0..cell.words.tokens.len() {
            let Some(entry) = cell.words.tokens.get(first).and_then(|t| cell.entry(*t)) else {
                continue;
            };
            let bits = self.classes.get(first).copied().unwrap_or(0);
            let by_class = cell
                .lexicon
                .class_starts
                .iter()
                .filter(|(class, _)| class & bits != 0)
                .flat_map(|(_, ids)| ids);
            for id in entry.starts.iter().chain(by_class) {
                let Some(pattern) = cell.lexicon.patterns.get(*id as usize) else {
                    continue;
                };
                let Target::Term(term) = pattern.target else {
                    continue;
                };
                let Some(end) = cell.matches(pattern, first, &self.classes) else {
                    continue;
                };
                let found = Candidate { term, first, end };
                if !self
                    .candidates
                    .iter()
                    .any(|c| c.term == term && c.first <= first && end <= c.end)
                {
                    self.candidates.push(found);
                }
            }
        }
    }

    fn grade<'l>(
        &self,
        cell: &Cell,
        term: &'l Term,
        at: Candidate,
        spelling: Spelling,
        named: u128,
    ) -> (Grade, Option<&'l str>) {
        if self.negated(cell, at) {
            return (Grade::Low, Some(NEGATED));
        }
        let rule = term
            .rules
            .iter()
            .find(|rule| self.holds(cell, rule, at, named));
        let (mut grade, because) = rule.map_or((term.grade, None), |rule| {
            (rule.grade, Some(rule.because.as_str()))
        });
        // A disguised spelling can mean nothing else, unless a crime is named beside it.
        if let (Some(raised), Spelling::Spaced | Spelling::LookAlike) = (term.obfuscated, spelling)
            && grade > Grade::Low
        {
            grade = grade.max(raised);
        }
        (grade, because)
    }

    fn outside(&self, at: Candidate) -> u128 {
        let before = self.classes.iter().take(at.first);
        let after = self.classes.iter().skip(at.end);
        before.chain(after).fold(0, |all, bits| all | bits)
    }

    fn inside(&self, at: Candidate) -> u128 {
        self.classes
            .iter()
            .take(at.end)
            .skip(at.first)
            .fold(0, |all, bits| all | bits)
    }

    fn holds(&self, cell: &Cell, rule: &Rule, at: Candidate, named: u128) -> bool {
        if rule.surname_comma {
            let next = cell.words.tokens.get(at.end);
            let given_name = cell.lexicon.masks.given_name;
            let name = |t: Token| {
                t.after_comma
                    && !matches!(t.entry, NUMBER | MIXED)
                    && cell.entry(t).is_some_and(|e| e.classes & !given_name == 0)
            };
            return at.first == 0 && next.is_some_and(|t| name(*t));
        }
        if rule.alone {
            let others = cell.words.tokens.iter().enumerate();
            let mut others = others.filter(|(i, _)| !(at.first..at.end).contains(i));
            return named == 0 && others.all(|(_, t)| says_nothing(*t, cell.words, cell.lexicon));
        }
        let outside = self.outside(at) | named;
        let near = match rule.reach {
            None => outside,
            Some((before, after)) => {
                let left = self
                    .classes
                    .iter()
                    .take(at.first)
                    .skip(at.first.saturating_sub(before));
                let right = self.classes.iter().skip(at.end).take(after);
                left.chain(right).fold(0, |all, bits| all | bits)
            }
        };
        near & rule.class != 0
            && outside & rule.unless_class == 0
            && (rule.unless_inside == 0 || self.inside(at) & rule.unless_inside == 0)
            && (rule.also == 0 || outside & rule.also != 0)
    }

    /// Whether the term is denied ("not immigration", "immigration - no").
    fn negated(&self, cell: &Cell, at: Candidate) -> bool {
        self.negated_before(cell, at) || self.negated_after(cell, at)
    }

    fn negated_before(&self, cell: &Cell, at: Candidate) -> bool {
        let masks = &cell.lexicon.masks;
        let class = |i: usize| self.classes.get(i).copied().unwrap_or(0);
        // "no immigration status": the person has none; the search is about it all the same.
        if class(at.end) & masks.document != 0 && !cell.after_break(at.end) {
            return false;
        }
        let mut index = at.first;
        for _ in 0..6 {
            if index == 0 || cell.after_break(index) {
                return false;
            }
            index -= 1;
            let bits = class(index);
            if bits & masks.negator != 0 {
                let cancelled = class(index + 1) & masks.negation_cancel != 0;
                let doubled =
                    index > 0 && class(index - 1) & masks.negator != 0 && !cell.after_break(index);
                return !cancelled && !doubled;
            }
            let passes = bits & masks.transparent != 0 || cell.begins_term_of_same_kind(index);
            if !passes {
                return false;
            }
        }
        false
    }

    fn negated_after(&self, cell: &Cell, at: Candidate) -> bool {
        let masks = &cell.lexicon.masks;
        let count = cell.words.tokens.len();
        let class = |i: usize| self.classes.get(i).copied().unwrap_or(0);
        for index in (at.end..count).take(4) {
            if class(index) & masks.negator_after != 0 {
                // "abortion - not a homicide": what is denied is the crime.
                let denies_crime = (index + 1..=index + 2)
                    .take_while(|i| *i < count && !cell.after_break(*i))
                    .any(|i| class(i) & masks.crime != 0);
                if denies_crime {
                    return false;
                }
                let last = index + 1 == count || cell.after_break(index + 1);
                let cancelled = class(index + 1) & masks.negation_cancel != 0;
                return !cancelled && (last || class(index + 1) & masks.negated_verb != 0);
            }
            if class(index) & masks.transparent == 0 {
                return false;
            }
        }
        false
    }

    /// Whether the text says nothing: only fillers, numbers and single letters.
    pub(super) fn is_vague(&self, cell_words: &Words, lexicon: &Lexicon) -> bool {
        cell_words
            .tokens
            .iter()
            .all(|token| says_nothing(*token, cell_words, lexicon))
    }

    /// Classes per word, in the order of the words.
    pub(super) fn classes(&self) -> &[u128] {
        &self.classes
    }
}

/// A filler, a number (also one that some phrase of the lexicon contains) or a single letter.
fn says_nothing(token: Token, words: &Words, lexicon: &Lexicon) -> bool {
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
    fn entry(&self, token: Token) -> Option<&'a Entry> {
        self.words.entry(self.lexicon, token.entry)
    }

    fn after_break(&self, index: usize) -> bool {
        self.words.tokens.get(index).is_some_and(|t| t.after_break)
    }

    /// "not ICE or immigration": a negation reaches across another term.
    fn begins_term_of_same_kind(&self, index: usize) -> bool {
        let entry = self.words.tokens.get(index).and_then(|t| self.entry(*t));
        entry.is_some_and(|e| {
            e.starts.iter().any(|id| {
                matches!(self.lexicon.patterns.get(*id as usize), Some(Pattern { target: Target::Term(_), items }) if items.len() == 1)
            })
        })
    }

    /// One past the last token if the pattern matches at `first`.
    fn matches(&self, pattern: &Pattern, first: usize, classes: &[u128]) -> Option<usize> {
        self.follow(&pattern.items, first, classes)
    }

    fn follow(&self, items: &[Item], at: usize, classes: &[u128]) -> Option<usize> {
        let Some((item, rest)) = items.split_first() else {
            return Some(at);
        };
        if matches!(item, Item::Gap) {
            return (0..=2).find_map(|skip| self.follow(rest, at + skip, classes));
        }
        let token = self.words.tokens.get(at)?;
        // A phrase does not run over the end of a clause, except over the stop of an abbreviation.
        self.meets(item, *token, at, classes)
            .then(|| self.follow(rest, at + 1, classes))
            .flatten()
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
            Item::Gap => false,
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
