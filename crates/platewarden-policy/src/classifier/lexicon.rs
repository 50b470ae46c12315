//! The lexicon: versioned data, compiled to tables that answer per word.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::model::PurposeKind;
use crate::{Error, Result};

use super::{Grade, SignalCategory, distance};

const BUNDLED: &str = include_str!("lexicon.toml");

/// The words, phrases and contexts that the classifier knows.
///
/// The bundled lexicon is compiled in; its version and SHA-256 go into every audit, so that a result
/// can be repeated with the words in force at the time. Bytes outside ASCII in its patterns are
/// folded as reason texts are.
#[derive(Debug)]
pub struct Lexicon {
    version: String,
    sha256: String,
    pub(super) entries: Vec<Entry>,
    pub(super) words: FxHashMap<Box<str>, u32>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) terms: Vec<Term>,
    pub(super) class_starts: Vec<(u128, Vec<u32>)>,
    pub(super) purposes: Vec<(u128, PurposeKind)>,
    pub(super) masks: Masks,
    /// In the order of their texts.
    pub(super) repair: Vec<RepairTarget>,
    stems: FxHashMap<[u8; 3], Vec<Affix>>,
    inner: Vec<Affix>,
    case_prefixes: Vec<Box<str>>,
}

/// What is known of one word.
#[derive(Debug, Default, Clone)]
pub(super) struct Entry {
    pub(super) text: Box<str>,
    pub(super) classes: u128,
    /// Patterns that begin with this word, longest first.
    pub(super) starts: Vec<u32>,
    pub(super) vague: bool,
    /// An ordinary word that must not be repaired, split or matched by a stem.
    known: bool,
}

/// Entry of a number.
pub(super) const NUMBER: u32 = 0;
/// Entry of letters and digits mixed, such as a plate or a case number.
pub(super) const MIXED: u32 = 1;
/// Entry of a word that nothing is known of.
pub(super) const UNKNOWN: u32 = 2;

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
    Gap,
}

#[derive(Debug)]
pub(super) struct Term {
    pub(super) id: String,
    pub(super) category: SignalCategory,
    pub(super) grade: Grade,
    pub(super) nexus: bool,
    pub(super) obfuscated: Option<Grade>,
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
    /// Optional: a lexicon need not list given names.
    pub(super) given_name: u128,
}

#[derive(Debug)]
pub(super) struct RepairTarget {
    pub(super) entry: u32,
    pub(super) text: Box<str>,
    pub(super) signature: u32,
    pub(super) limit: usize,
}

#[derive(Debug)]
struct Affix {
    text: Box<str>,
    classes: u128,
    starts: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    version: String,
    known: Vec<String>,
    vague: Vec<String>,
    case_prefixes: Vec<String>,
    repair: Vec<String>,
    groups: FxHashMap<String, Vec<String>>,
    class: Vec<ClassSource>,
    term: Vec<TermSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassSource {
    name: String,
    purpose: Option<PurposeKind>,
    patterns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermSource {
    id: String,
    category: SignalCategory,
    grade: Grade,
    #[serde(default)]
    nexus: bool,
    #[serde(default)]
    typo: bool,
    obfuscated: Option<Grade>,
    patterns: Vec<String>,
    #[serde(default)]
    rules: Vec<RuleSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSource {
    #[serde(default)]
    class: Vec<String>,
    #[serde(default)]
    unless_class: Vec<String>,
    #[serde(default)]
    unless_inside: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
    before: Option<usize>,
    after: Option<usize>,
    within: Option<usize>,
    #[serde(default)]
    surname_comma: bool,
    #[serde(default)]
    alone: bool,
    grade: Grade,
    because: String,
}

impl Lexicon {
    /// The lexicon compiled into this crate.
    ///
    /// # Errors
    /// When the bundled data is faulty, which a test of this crate rules out.
    pub fn bundled() -> Result<&'static Self, &'static Error> {
        static LEXICON: LazyLock<Result<Lexicon>> = LazyLock::new(|| Lexicon::from_toml(BUNDLED));
        LEXICON.as_ref()
    }

    /// Compiles a lexicon from TOML in the form of the bundled `lexicon.toml`.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the TOML is malformed, names an unknown class or holds an empty pattern.
    pub fn from_toml(text: &str) -> Result<Self> {
        let source: Source =
            toml::from_str(text).map_err(|e| invalid("valid TOML", e.to_string()))?;
        Compiler::new(&source)?.compile(&source, text)
    }

    /// The version stated in the data.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 of the data, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether letters before digits mark a case number rather than a plate.
    pub(super) fn is_case_prefix(&self, letters: &str) -> bool {
        self.case_prefixes
            .binary_search_by(|p| (**p).cmp(letters))
            .is_ok()
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

    fn order(&self, starts: &mut Vec<u32>) {
        let length = |id: u32| self.patterns.get(id as usize).map_or(0, |p| p.items.len());
        starts.sort_unstable_by_key(|id| (std::cmp::Reverse(length(*id)), *id));
        starts.dedup();
    }
}

fn invalid(expected: impl Into<String>, found: impl Into<String>) -> Error {
    Error::Invalid {
        what: "lexicon",
        expected: expected.into(),
        found: found.into(),
    }
}

struct Compiler {
    lexicon: Lexicon,
    class_bits: FxHashMap<String, u128>,
}

impl Compiler {
    fn new(source: &Source) -> Result<Self> {
        if source.class.len() > 128 {
            return Err(invalid(
                "at most 128 classes",
                source.class.len().to_string(),
            ));
        }
        let mut class_bits: FxHashMap<String, u128> = source
            .class
            .iter()
            .enumerate()
            .map(|(i, c)| (c.name.clone(), 1 << i))
            .collect();
        for (name, members) in &source.groups {
            let bits = members.iter().try_fold(0, |bits, member| {
                class_bits
                    .get(member)
                    .map(|b| bits | b)
                    .ok_or_else(|| invalid("the name of a class", member.clone()))
            })?;
            class_bits.insert(name.clone(), bits);
        }
        let special = |text: &str| Entry {
            text: text.into(),
            vague: true,
            known: true,
            ..Entry::default()
        };
        let lexicon = Lexicon {
            version: source.version.clone(),
            sha256: String::new(),
            entries: vec![
                special("\u{1}0"),
                special("\u{1}1"),
                Entry {
                    vague: false,
                    ..special("\u{1}2")
                },
            ],
            words: FxHashMap::default(),
            patterns: Vec::new(),
            terms: Vec::new(),
            class_starts: Vec::new(),
            purposes: Vec::new(),
            masks: Masks::default(),
            repair: Vec::new(),
            stems: FxHashMap::default(),
            inner: Vec::new(),
            case_prefixes: Vec::new(),
        };
        Ok(Self {
            lexicon,
            class_bits,
        })
    }

    fn compile(mut self, source: &Source, text: &str) -> Result<Lexicon> {
        for word in &source.repair {
            self.word(word);
        }
        for (flag, list) in [(true, &source.known), (false, &source.vague)] {
            for word in list {
                let id = self.word(word);
                if let Some(entry) = self.lexicon.entries.get_mut(id as usize) {
                    entry.known |= flag;
                    entry.vague |= !flag;
                }
            }
        }
        for (index, class) in source.class.iter().enumerate() {
            let target = Target::Class(u8::try_from(index).unwrap_or(u8::MAX));
            for pattern in &class.patterns {
                self.pattern(pattern, target)?;
            }
            if let Some(purpose) = class.purpose {
                self.lexicon.purposes.push((1 << index, purpose));
            }
        }
        for (index, term) in source.term.iter().enumerate() {
            let target = Target::Term(u16::try_from(index).unwrap_or(u16::MAX));
            for pattern in &term.patterns {
                self.pattern(pattern, target)?;
            }
            let rules = term
                .rules
                .iter()
                .map(|rule| self.rule(rule))
                .collect::<Result<_>>()?;
            self.lexicon.terms.push(Term {
                id: term.id.clone(),
                category: term.category,
                grade: term.grade,
                nexus: term.nexus,
                obfuscated: term.obfuscated,
                rules,
            });
        }
        self.lexicon.masks = Masks {
            negator: self.bits("negator")?,
            negator_after: self.bits("negator_after")?,
            negated_verb: self.bits("negated_verb")?,
            negation_cancel: self.bits("negation_cancel")?,
            document: self.bits("document")?,
            transparent: self.bits("transparent")?,
            plate_word: self.bits("plate_word")?,
            crime: self.bits("crime")?,
            request: self.bits("request")?,
            given_name: self.bits("given_name").unwrap_or(0),
        };
        self.spread_affixes();
        self.repair_targets(source);
        let mut lexicon = self.lexicon;
        lexicon.case_prefixes = source
            .case_prefixes
            .iter()
            .map(|p| p.as_str().into())
            .collect();
        lexicon.case_prefixes.sort_unstable();
        lexicon.sha256 = Sha256::digest(text.as_bytes())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        Ok(lexicon)
    }

    fn bits(&self, name: &str) -> Result<u128> {
        self.class_bits
            .get(name)
            .copied()
            .ok_or_else(|| invalid("the name of a class or group", name.to_owned()))
    }

    fn rule(&self, rule: &RuleSource) -> Result<Rule> {
        let all = |names: &[String]| {
            names
                .iter()
                .try_fold(0, |bits, name| Ok::<_, Error>(bits | self.bits(name)?))
        };
        let reach = match (rule.within, rule.before, rule.after) {
            (None, None, None) => None,
            (Some(n), None, None) => Some((n, n)),
            (None, before, after) => Some((before.unwrap_or(0), after.unwrap_or(0))),
            _ => {
                return Err(invalid(
                    "either `within` or `before`/`after`",
                    rule.because.clone(),
                ));
            }
        };
        Ok(Rule {
            class: all(&rule.class)?,
            unless_class: all(&rule.unless_class)?,
            unless_inside: all(&rule.unless_inside)?,
            also: all(&rule.also)?,
            reach,
            surname_comma: rule.surname_comma,
            alone: rule.alone,
            grade: rule.grade,
            because: rule.because.clone(),
        })
    }

    /// Interns a word of a pattern, folded as reason texts are.
    fn word(&mut self, word: &str) -> u32 {
        let mut folded = super::normalize::Folded::default();
        folded.fold(word);
        let folded = String::from_utf8_lossy(&folded.bytes).into_owned();
        if let Some(id) = self.lexicon.words.get(folded.as_str()) {
            return *id;
        }
        let id = u32::try_from(self.lexicon.entries.len()).unwrap_or(UNKNOWN);
        self.lexicon.entries.push(Entry {
            text: folded.as_str().into(),
            ..Entry::default()
        });
        self.lexicon.words.insert(folded.into(), id);
        id
    }

    fn item(&mut self, text: &str) -> Result<Item> {
        if text == "~" {
            return Ok(Item::Gap);
        }
        if text == "*" {
            return Ok(Item::Any);
        }
        if let Some(name) = text.strip_prefix('@') {
            return Ok(Item::Class(self.bits(name)?));
        }
        if text.contains('|') {
            return Ok(Item::AnyOf(
                text.split('|')
                    .map(|part| self.item(part))
                    .collect::<Result<_>>()?,
            ));
        }
        if let Some(word) = text.strip_suffix("(s)") {
            let plural =
                if word.ends_with(['s', 'x']) || word.ends_with("ch") || word.ends_with("sh") {
                    "es"
                } else {
                    "s"
                };
            return Ok(Item::AnyOf(vec![
                Item::Word(self.word(word)),
                Item::Word(self.word(&format!("{word}{plural}"))),
            ]));
        }
        let long_enough = |part: &str| {
            if part.len() < 3 {
                Err(invalid(
                    "at least three letters beside `*`",
                    text.to_owned(),
                ))
            } else {
                Ok(Box::from(part))
            }
        };
        match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(rest), _) => Ok(Item::Inner(long_enough(rest.trim_end_matches('*'))?)),
            (None, Some(stem)) => Ok(Item::Stem(long_enough(stem)?)),
            (None, None)
                if text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() && !b.is_ascii_uppercase())
                    && !text.is_empty() =>
            {
                Ok(Item::Word(self.word(text)))
            }
            (None, None) => Err(invalid(
                "a pattern of lower-case letters and digits",
                text.to_owned(),
            )),
        }
    }

    fn pattern(&mut self, text: &str, target: Target) -> Result<()> {
        // In texts "B&E" falls into two letters, so it does here.
        let spaced = text.replace('&', " ");
        let mut parts: Vec<String> = Vec::new();
        // Single letters in a row arrive joined from the tokeniser ("8 u s c" is read as "8 usc").
        let mut joining = false;
        for part in spaced.split_whitespace() {
            let single = part.len() == 1
                && part.bytes().all(|b| b.is_ascii_lowercase())
                && !text.contains('&');
            match parts.last_mut() {
                Some(last) if single && joining => last.push_str(part),
                _ => parts.push(part.to_owned()),
            }
            joining = single;
        }
        let items: Vec<Item> = parts
            .iter()
            .map(|part| self.item(part))
            .collect::<Result<_>>()?;
        let Some(first) = items.first().cloned() else {
            return Err(invalid("a pattern", "nothing".to_owned()));
        };
        let id = u32::try_from(self.lexicon.patterns.len()).unwrap_or(u32::MAX);
        // A class of one word needs no pattern: the word itself carries the class.
        let direct = match target {
            Target::Class(index) if items.len() == 1 => Some(1_u128 << index),
            _ => None,
        };
        self.start(&first, id, direct)?;
        for item in items.iter().skip(1) {
            self.note_affixes(item);
        }
        self.lexicon.patterns.push(Pattern { items, target });
        Ok(())
    }

    fn start(&mut self, first: &Item, id: u32, direct: Option<u128>) -> Result<()> {
        let starts = if direct.is_some() { None } else { Some(id) };
        let classes = direct.unwrap_or(0);
        match first {
            Item::Word(word) => {
                if let Some(entry) = self.lexicon.entries.get_mut(*word as usize) {
                    entry.classes |= classes;
                    entry.starts.extend(starts);
                }
            }
            Item::Stem(text) => {
                let affix = Affix {
                    text: text.clone(),
                    classes,
                    starts: starts.into_iter().collect(),
                };
                if let Some(head) = text.as_bytes().first_chunk::<3>() {
                    self.lexicon.stems.entry(*head).or_default().push(affix);
                }
            }
            Item::Inner(text) => {
                self.lexicon.inner.push(Affix {
                    text: text.clone(),
                    classes,
                    starts: starts.into_iter().collect(),
                });
            }
            Item::Class(bits) => match self
                .lexicon
                .class_starts
                .iter_mut()
                .find(|(b, _)| b == bits)
            {
                Some((_, ids)) => ids.push(id),
                None => self.lexicon.class_starts.push((*bits, vec![id])),
            },
            Item::AnyOf(items) => {
                for item in items {
                    self.start(item, id, direct)?;
                }
            }
            Item::Any | Item::Gap => {
                return Err(invalid(
                    "a pattern that begins with a word",
                    format!("{first:?}"),
                ));
            }
        }
        Ok(())
    }

    /// A stem inside a phrase needs the text of the word it meets, so such words get an entry.
    fn note_affixes(&mut self, item: &Item) {
        match item {
            Item::Stem(_) | Item::Inner(_) => {
                let _ = self.start(item, 0, Some(0));
            }
            Item::AnyOf(items) => items.iter().for_each(|item| self.note_affixes(item)),
            Item::Word(_) | Item::Class(_) | Item::Any | Item::Gap => {}
        }
    }

    /// Words of the vocabulary match stems too, unless they are listed as ordinary words.
    fn spread_affixes(&mut self) {
        let mut entries = std::mem::take(&mut self.lexicon.entries);
        for entry in &mut entries {
            if !entry.known
                && let Some(found) = self.lexicon.by_affix(&entry.text)
            {
                entry.classes |= found.classes;
                entry.starts.extend(found.starts);
            }
            self.lexicon.order(&mut entry.starts);
        }
        self.lexicon.entries = entries;
        let mut class_starts = std::mem::take(&mut self.lexicon.class_starts);
        for (_, ids) in &mut class_starts {
            self.lexicon.order(ids);
        }
        self.lexicon.class_starts = class_starts;
    }

    fn repair_targets(&mut self, source: &Source) {
        let mut targets: Vec<String> = source.repair.clone();
        for term in source.term.iter().filter(|t| t.typo) {
            for pattern in &term.patterns {
                let word = pattern.strip_suffix("(s)").unwrap_or(pattern);
                if word.bytes().all(|b| b.is_ascii_lowercase()) {
                    targets.push(word.to_owned());
                }
            }
        }
        targets.sort_unstable();
        targets.dedup();
        for word in targets.into_iter().filter(|w| w.len() >= 6) {
            let entry = self.word(&word);
            let usable = self
                .lexicon
                .entries
                .get(entry as usize)
                .is_some_and(|e| !e.known && !e.vague);
            if usable {
                let limit = if word.len() >= 9 { 2 } else { 1 };
                let signature = distance::signature(word.as_bytes());
                self.lexicon.repair.push(RepairTarget {
                    entry,
                    text: word.into(),
                    signature,
                    limit,
                });
            }
        }
    }
}
