//! The grade of a term: its own, as changed by the words around it.

use super::cell::{Candidate, Cell, says_nothing};
use super::lexicon::{MIXED, NUMBER, Rule, Term};
use super::signal::{Grade, Spelling};
use super::tokens::Token;

const NEGATED: &str = "negated";

/// What stands around each word of a cell, gathered in one pass so that no term looks through the cell again.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Per word, the classes of all words before it; one more for the end.
    before: Vec<u128>,
    /// Per word, the classes of it and all words after it; one more for the end.
    from: Vec<u128>,
    /// As `before`, counted from the first dash between blanks on; empty where there is none.
    before_since_dash: Vec<u128>,
    /// The word after the first dash between blanks.
    dash: Option<usize>,
    /// Words that say something.
    meaningful: usize,
    /// Classes of the menu value.
    named: u128,
}

impl Context {
    pub(super) fn read(&mut self, cell: &Cell, classes: &[u128], named: u128) {
        self.named = named;
        self.before.clear();
        self.before.push(0);
        let mut all = 0;
        self.before.extend(classes.iter().map(|bits| {
            all |= bits;
            all
        }));
        let mut words = cell.words.tokens.iter();
        self.dash = words.position(|t| t.gap.dash).filter(|at| *at > 0);
        self.before_since_dash.clear();
        if let Some(dash) = self.dash {
            let mut all = 0;
            self.before_since_dash.push(0);
            self.before_since_dash
                .extend(classes.iter().enumerate().map(|(index, bits)| {
                    all |= if index < dash { 0 } else { *bits };
                    all
                }));
        }
        self.from.clear();
        self.from.resize(classes.len() + 1, 0);
        let mut all = 0;
        for (slot, bits) in self.from.iter_mut().zip(classes).rev() {
            all |= bits;
            *slot = all;
        }
        let tokens = cell.words.tokens.iter();
        self.meaningful = tokens
            .filter(|t| !says_nothing(**t, cell.words, cell.lexicon))
            .count();
    }

    pub(super) fn grade<'l>(
        &self,
        cell: &Cell,
        classes: &[u128],
        term: &'l Term,
        at: Candidate,
        spelling: Spelling,
    ) -> (Grade, Option<&'l str>) {
        let view = View {
            context: self,
            cell,
            classes,
            at,
            named: if term.despite_menu { 0 } else { self.named },
            // `<category> - HSI` is the form of a cell with a menu value, also with one that no list holds.
            before: match self.dash {
                Some(dash) if term.despite_menu && at.first >= dash => &self.before_since_dash,
                _ => &self.before,
            },
        };
        if view.negated_before() || view.negated_after() {
            return (Grade::Low, Some(NEGATED));
        }
        let rule = term.rules.iter().find(|rule| view.holds(rule));
        let (mut grade, because) = rule.map_or((term.grade, None), |rule| {
            (rule.grade, Some(rule.because.as_str()))
        });
        // A disguised spelling can mean nothing else, unless a crime is named beside it.
        let raised = match spelling {
            Spelling::Spaced | Spelling::LookAlike => term.obfuscated,
            Spelling::Dotted => term.dotted,
            Spelling::Plain | Spelling::Misspelt | Spelling::RunTogether => None,
        };
        if let Some(raised) = raised.filter(|_| grade > Grade::Low) {
            grade = grade.max(raised);
        }
        (grade, because)
    }
}

/// One term in its cell.
struct View<'a> {
    context: &'a Context,
    cell: &'a Cell<'a>,
    classes: &'a [u128],
    at: Candidate,
    named: u128,
    /// Per word, the classes of the words before it that count.
    before: &'a [u128],
}

impl View<'_> {
    fn class(&self, index: usize) -> u128 {
        self.classes.get(index).copied().unwrap_or(0)
    }

    fn outside(&self) -> u128 {
        let before = self.before.get(self.at.first).copied();
        let after = self.context.from.get(self.at.end).copied();
        before.unwrap_or(0) | after.unwrap_or(0) | self.named
    }

    fn inside(&self) -> u128 {
        let inside = self.classes.get(self.at.first..self.at.end);
        inside
            .unwrap_or_default()
            .iter()
            .fold(0, |all, bits| all | bits)
    }

    fn near(&self, before: usize, after: usize) -> u128 {
        let (first, end) = (self.at.first, self.at.end);
        let left = self.classes.get(first.saturating_sub(before)..first);
        let right = self
            .classes
            .get(end..self.classes.len().min(end + after))
            .unwrap_or_default();
        let left = left.unwrap_or_default().iter();
        left.chain(right).fold(0, |all, bits| all | bits)
    }

    fn holds(&self, rule: &Rule) -> bool {
        if rule.surname_comma {
            return self.is_surname();
        }
        if rule.alone {
            return self.named == 0 && self.is_alone();
        }
        let outside = self.outside();
        let near = match rule.reach {
            None => outside,
            Some((before, after)) => self.near(before, after),
        };
        near & rule.class != 0
            && outside & rule.unless_class == 0
            && (rule.unless_inside == 0 || self.inside() & rule.unless_inside == 0)
            && (rule.also == 0 || outside & rule.also != 0)
    }

    /// "Deport, John": the term stands first, and what follows a comma is a name.
    fn is_surname(&self) -> bool {
        let given_name = self.cell.lexicon.masks.given_name;
        let name = |t: &Token| {
            t.gap.comma
                && !matches!(t.entry, NUMBER | MIXED)
                && (self.cell.entry(*t)).is_some_and(|e| e.classes & !given_name == 0)
        };
        let next = self.cell.words.tokens.get(self.at.end);
        self.at.first == 0 && next.is_some_and(name)
    }

    /// Whether every other word of the cell says nothing.
    fn is_alone(&self) -> bool {
        let cell = self.cell;
        let own = cell.words.tokens.get(self.at.first..self.at.end);
        let own = own.unwrap_or_default().iter();
        let own = own.filter(|t| !says_nothing(**t, cell.words, cell.lexicon));
        self.context.meaningful == own.count()
    }

    /// Whether the term is denied by what stands before it ("not immigration").
    fn negated_before(&self) -> bool {
        let (cell, at) = (self.cell, self.at);
        let masks = &cell.lexicon.masks;
        // "no immigration status": the person has none; the search is about it all the same.
        if self.class(at.end) & masks.document != 0 && !cell.after_break(at.end) {
            return false;
        }
        let mut index = at.first;
        for _ in 0..6 {
            if index == 0 || cell.after_break(index) {
                return false;
            }
            index -= 1;
            let bits = self.class(index);
            if bits & masks.negator != 0 {
                let cancelled = self.class(index + 1) & masks.negation_cancel != 0;
                let doubled = index > 0
                    && self.class(index - 1) & masks.negator != 0
                    && !cell.after_break(index);
                return !cancelled && !doubled;
            }
            if bits & masks.transparent == 0 && !cell.begins_term_of_one_word(index) {
                return false;
            }
        }
        false
    }

    /// Whether the term is denied by what stands after it ("immigration - no").
    fn negated_after(&self) -> bool {
        let cell = self.cell;
        let masks = &cell.lexicon.masks;
        let count = cell.words.tokens.len();
        for index in (self.at.end..count).take(4) {
            if self.class(index) & masks.negator_after != 0 {
                // "abortion - not a homicide": what is denied is the crime.
                let denies_crime = (index + 1..=index + 2)
                    .take_while(|i| *i < count && !cell.after_break(*i))
                    .any(|i| self.class(i) & masks.crime != 0);
                if denies_crime {
                    return false;
                }
                let last = index + 1 == count || cell.after_break(index + 1);
                let cancelled = self.class(index + 1) & masks.negation_cancel != 0;
                return !cancelled && (last || self.class(index + 1) & masks.negated_verb != 0);
            }
            if self.class(index) & masks.transparent == 0 {
                return false;
            }
        }
        false
    }
}
