//! The lexicon: versioned data, compiled to tables that answer per word.

use rustc_hash::FxHashMap;

use crate::model::PurposeKind;

use super::letters::Letters;
use super::menu::{Menu, MenuValue};
use super::signal::{Grade, SignalCategory};

/// The words, phrases and contexts that the classifier knows.
///
/// The bundled lexicon is compiled in; its version and SHA-256 go into every audit, so that a result
/// can be repeated with the words in force at the time. Bytes outside ASCII in its patterns are
/// folded as reason texts are.
#[derive(Debug, Default)]
pub struct Lexicon {
    pub(super) version: String,
    pub(super) sha256: String,
    pub(super) entries: Vec<Entry>,
    pub(super) words: FxHashMap<Box<str>, u32>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) terms: Vec<Term>,
    pub(super) class_starts: Vec<(u128, Starts)>,
    /// All classes with which a pattern begins.
    pub(super) begins_pattern: u128,
    pub(super) purposes: Vec<(u128, PurposeKind)>,
    pub(super) masks: Masks,
    /// In the order of their texts.
    pub(super) repair: Vec<RepairTarget>,
    pub(super) stems: FxHashMap<[u8; 3], Vec<Affix>>,
    pub(super) inner: Vec<Affix>,
    pub(super) short_names: Vec<Box<[u8]>>,
    pub(super) case_prefixes: Vec<Box<str>>,
    pub(super) letters: Letters,
    pub(super) menu: Menu,
}

/// What is known of one word.
#[derive(Debug, Default, Clone)]
pub(super) struct Entry {
    pub(super) text: Box<str>,
    pub(super) classes: u128,
    /// Patterns that begin with this word, longest first.
    pub(super) starts: Starts,
    pub(super) vague: bool,
    /// An ordinary word that must not be repaired, split or matched by a stem.
    pub(super) known: bool,
}

/// Patterns that begin alike: those of classes and those of terms.
#[derive(Debug, Default, Clone)]
pub(super) struct Starts {
    pub(super) of_classes: Vec<Start>,
    pub(super) of_terms: Vec<Start>,
}

/// A pattern, and what its second word may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) pattern: u32,
    /// Entries of the second word, each as the bit of its number modulo 64: most patterns are ruled out by it.
    pub(super) next: u64,
}

/// Entry of a number.
pub(super) const NUMBER: u32 = 0;
/// Entry of letters and digits mixed, such as a plate or a case number.
pub(super) const MIXED: u32 = 1;
/// Entry of a word that nothing is known of.
pub(super) const UNKNOWN: u32 = 2;

/// Consecutive words that make a class or a term.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) items: Vec<Item>,
    pub(super) target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Class(u8),
    Term(u16),
}

#[derive(Debug, Clone)]
pub(super) enum Item {
    Word(u32),
    Stem(Box<str>),
    Inner(Box<str>),
    Class(u128),
    AnyOf(Vec<Item>),
    Any,
    /// Up to two words of any kind.
    Gap,
    /// Up to two words of these classes.
    GapOf(u128),
}

#[derive(Debug)]
pub(super) struct Term {
    pub(super) id: String,
    pub(super) category: SignalCategory,
    pub(super) grade: Grade,
    pub(super) nexus: bool,
    /// Does not run over the end of a clause.
    pub(super) one_clause: bool,
    /// The menu value is no context of it.
    pub(super) despite_menu: bool,
    pub(super) obfuscated: Option<Grade>,
    /// With full stops it is the abbreviation and not the word of the same letters.
    pub(super) dotted: Option<Grade>,
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) class: u128,
    pub(super) unless_class: u128,
    pub(super) unless_inside: u128,
    pub(super) also: u128,
    /// How many words before and after are looked at; `None` is the whole cell.
    pub(super) reach: Option<(usize, usize)>,
    pub(super) surname_comma: bool,
    /// Holds only where all other words of the cell say nothing.
    pub(super) alone: bool,
    pub(super) grade: Grade,
    pub(super) because: String,
}

/// Class sets that the grammar itself uses.
#[derive(Debug, Default)]
pub(super) struct Masks {
    pub(super) negator: u128,
    pub(super) negator_after: u128,
    pub(super) negated_verb: u128,
    pub(super) negation_cancel: u128,
    pub(super) document: u128,
    pub(super) transparent: u128,
    pub(super) plate_word: u128,
    pub(super) crime: u128,
    pub(super) request: u128,
    pub(super) given_name: u128,
    pub(super) surname: u128,
    pub(super) security_number_word: u128,
    pub(super) birth_word: u128,
    pub(super) immigration_crime: u128,
}

#[derive(Debug)]
pub(super) struct RepairTarget {
    pub(super) entry: u32,
    pub(super) text: Box<str>,
    pub(super) signature: u32,
    pub(super) limit: usize,
}

#[derive(Debug)]
pub(super) struct Affix {
    pub(super) text: Box<str>,
    pub(super) classes: u128,
    pub(super) starts: Starts,
}

impl Starts {
    pub(super) fn is_empty(&self) -> bool {
        self.of_classes.is_empty() && self.of_terms.is_empty()
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.of_classes.extend(&other.of_classes);
        self.of_terms.extend(&other.of_terms);
    }
}

impl Lexicon {
    /// The version stated in the data.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 over the names and texts of all files, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// All menu values known to this version. The list seen in public logs is incomplete.
    #[must_use]
    pub fn menu(&self) -> &[MenuValue] {
        &self.menu.values
    }

    /// Whether letters before digits mark a case number rather than a plate.
    pub(super) fn is_case_prefix(&self, letters: &str) -> bool {
        self.case_prefixes
            .binary_search_by(|p| (**p).cmp(letters))
            .is_ok()
    }

    /// Whether a word is a name that is run together with other words.
    pub(super) fn is_short_name(&self, word: &[u8]) -> bool {
        self.short_names.iter().any(|name| **name == *word)
    }

    /// Classes and patterns that stems and inner parts give to a word outside the vocabulary.
    pub(super) fn by_affix(&self, word: &str) -> Option<Entry> {
        let mut entry = Entry {
            text: word.into(),
            ..Entry::default()
        };
        let mut any = false;
        let head: Option<&[u8; 3]> = word.as_bytes().first_chunk();
        let stems = head
            .and_then(|h| self.stems.get(h))
            .into_iter()
            .flatten()
            .filter(|a| word.starts_with(&*a.text));
        let inner = self.inner.iter().filter(|a| word.contains(&*a.text));
        for affix in stems.chain(inner) {
            any = true;
            entry.classes |= affix.classes;
            entry.starts.extend(&affix.starts);
        }
        self.order(&mut entry.starts);
        any.then_some(entry)
    }

    pub(super) fn order(&self, starts: &mut Starts) {
        let length = |s: &Start| {
            let pattern = self.patterns.get(s.pattern as usize);
            pattern.map_or(0, |p| p.items.len())
        };
        for list in [&mut starts.of_classes, &mut starts.of_terms] {
            list.sort_unstable_by_key(|s| (std::cmp::Reverse(length(s)), s.pattern));
            list.dedup_by_key(|s| s.pattern);
        }
    }
}
