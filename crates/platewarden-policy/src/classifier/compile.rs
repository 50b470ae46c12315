//! From the lexicon's text to tables.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

use super::letters::Letters;
use super::lexicon::{
    Affix, Entry, Item, Lexicon, Masks, Pattern, RepairTarget, Rule, Start, Starts, Target, Term,
    UNKNOWN,
};
use super::menu::Menu;
use super::normalize::Folded;
use super::source::{RuleSource, Source, TermSource, invalid};
use super::{distance, pattern};

/// SHA-256 over names, lengths and texts of the files, whatever their order.
pub(super) fn digest(mut files: Vec<(&str, &str)>) -> String {
    files.sort_unstable();
    let mut hash = Sha256::new();
    for (name, text) in files {
        for part in [name, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    let bytes = hash.finalize();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What begins at a word: classes that it carries by itself, and longer patterns.
#[derive(Default)]
struct Begin {
    classes: u128,
    starts: Starts,
}

impl Begin {
    fn of(of_classes: Vec<Start>, of_terms: Vec<Start>) -> Self {
        let starts = Starts {
            of_classes,
            of_terms,
        };
        Self { classes: 0, starts }
    }
}

/// The entries that an item can meet, as bits of their numbers modulo 64; all where they cannot be listed.
fn next_mask(item: &Item) -> u64 {
    match item {
        Item::Word(id) => 1 << (id & 63),
        Item::AnyOf(items) => items.iter().fold(0, |all, item| all | next_mask(item)),
        _ => u64::MAX,
    }
}

pub(super) struct Compiler {
    lexicon: Lexicon,
    class_bits: FxHashMap<String, u128>,
}

impl pattern::Vocabulary for Compiler {
    fn word_id(&mut self, word: &str) -> u32 {
        self.word(word)
    }

    fn class_bits(&self, name: &str) -> Result<u128> {
        self.bits(name)
    }
}

impl Compiler {
    pub(super) fn new(source: &Source) -> Result<Self> {
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
        let special = |text: &str, vague| Entry {
            text: text.into(),
            vague,
            known: true,
            ..Entry::default()
        };
        let lexicon = Lexicon {
            version: source.version.clone(),
            entries: vec![
                special("\u{1}0", true),
                special("\u{1}1", true),
                special("\u{1}2", false),
            ],
            letters: Letters::new(&source.look_alikes, &source.signs)?,
            menu: Menu::new(&source.menu),
            ..Lexicon::default()
        };
        Ok(Self {
            lexicon,
            class_bits,
        })
    }

    pub(super) fn compile(mut self, source: &Source) -> Result<Lexicon> {
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
            let term = self.term(term)?;
            self.lexicon.terms.push(term);
        }
        self.lexicon.masks = self.masks()?;
        self.spread_affixes();
        self.repair_targets(source);
        let mut lexicon = self.lexicon;
        lexicon.short_names = source
            .short_names
            .iter()
            .map(|name| name.as_bytes().into())
            .collect();
        lexicon.case_prefixes = source
            .case_prefixes
            .iter()
            .map(|p| p.as_str().into())
            .collect();
        lexicon.case_prefixes.sort_unstable();
        Ok(lexicon)
    }

    fn masks(&self) -> Result<Masks> {
        Ok(Masks {
            negator: self.bits("negator")?,
            negator_after: self.bits("negator_after")?,
            negated_verb: self.bits("negated_verb")?,
            negation_cancel: self.bits("negation_cancel")?,
            document: self.bits("document")?,
            transparent: self.bits("transparent")?,
            plate_word: self.bits("plate_word")?,
            crime: self.bits("crime")?,
            request: self.bits("request")?,
            given_name: self.bits("given_name")?,
            surname: self.bits("surname")?,
            security_number_word: self.bits("security_number_word")?,
            birth_word: self.bits("birth_word")?,
            immigration_crime: self.bits("immigration_crime")?,
        })
    }

    fn bits(&self, name: &str) -> Result<u128> {
        self.class_bits
            .get(name)
            .copied()
            .ok_or_else(|| invalid("the name of a class or group", name.to_owned()))
    }

    fn term(&self, term: &TermSource) -> Result<Term> {
        let rules: Vec<Rule> = term
            .rules
            .iter()
            .map(|rule| self.rule(rule))
            .collect::<Result<_>>()?;
        if let Some(rule) = rules
            .iter()
            .find(|rule| term.names_process && rule.grade < term.grade)
        {
            return Err(invalid(
                "no rule that lowers a term that names a process",
                format!("`{}` in `{}`", rule.because, term.id),
            ));
        }
        Ok(Term {
            id: term.id.clone(),
            category: term.category,
            grade: term.grade,
            nexus: term.nexus,
            // What names a process in so many words does so in one clause.
            one_clause: term.one_clause || term.names_process,
            despite_menu: term.despite_menu,
            obfuscated: term.obfuscated,
            dotted: term.dotted,
            rules,
        })
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
        let mut folded = Folded::default();
        folded.fold(&self.lexicon.letters, word);
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

    fn pattern(&mut self, text: &str, target: Target) -> Result<()> {
        let items = pattern::parse(self, text)?;
        let Some(first) = items.first().cloned() else {
            return Err(invalid("a pattern", "nothing".to_owned()));
        };
        let id = u32::try_from(self.lexicon.patterns.len()).unwrap_or(u32::MAX);
        let start = Start {
            pattern: id,
            next: items.get(1).map_or(u64::MAX, next_mask),
        };
        // A class of one word needs no pattern: the word itself carries the class.
        let begin = match target {
            Target::Class(index) if items.len() == 1 => Begin {
                classes: 1_u128 << index,
                starts: Starts::default(),
            },
            Target::Class(_) => Begin::of(vec![start], vec![]),
            Target::Term(_) => Begin::of(vec![], vec![start]),
        };
        self.start(&first, &begin)?;
        for item in items.iter().skip(1) {
            self.note_affixes(item)?;
        }
        self.lexicon.patterns.push(Pattern { items, target });
        Ok(())
    }

    /// Notes at a pattern's first word what begins there.
    fn start(&mut self, first: &Item, begin: &Begin) -> Result<()> {
        let affix = |text: &str| Affix {
            text: text.into(),
            classes: begin.classes,
            starts: begin.starts.clone(),
        };
        match first {
            Item::Word(word) => {
                if let Some(entry) = self.lexicon.entries.get_mut(*word as usize) {
                    entry.classes |= begin.classes;
                    entry.starts.extend(&begin.starts);
                }
            }
            Item::Stem(text) => {
                if let Some(head) = text.as_bytes().first_chunk::<3>() {
                    let stems = self.lexicon.stems.entry(*head).or_default();
                    stems.push(affix(text));
                }
            }
            Item::Inner(text) => self.lexicon.inner.push(affix(text)),
            Item::Class(bits) => {
                let all = &mut self.lexicon.class_starts;
                match all.iter_mut().find(|(b, _)| b == bits) {
                    Some((_, starts)) => starts.extend(&begin.starts),
                    None => all.push((*bits, begin.starts.clone())),
                }
            }
            Item::AnyOf(items) => {
                for item in items {
                    self.start(item, begin)?;
                }
            }
            Item::Any | Item::Gap | Item::GapOf(_) => {
                return Err(invalid(
                    "a pattern that begins with a word",
                    format!("{first:?}"),
                ));
            }
        }
        Ok(())
    }

    /// A stem inside a phrase needs the text of the word it meets, so such words get an entry.
    fn note_affixes(&mut self, item: &Item) -> Result<()> {
        match item {
            Item::Stem(_) | Item::Inner(_) => self.start(item, &Begin::default()),
            Item::AnyOf(items) => items.iter().try_for_each(|item| self.note_affixes(item)),
            Item::Word(_) | Item::Class(_) | Item::Any | Item::Gap | Item::GapOf(_) => Ok(()),
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
                entry.starts.extend(&found.starts);
            }
            self.lexicon.order(&mut entry.starts);
        }
        self.lexicon.entries = entries;
        let mut class_starts = std::mem::take(&mut self.lexicon.class_starts);
        for (_, starts) in &mut class_starts {
            self.lexicon.order(starts);
        }
        self.lexicon.begins_pattern = class_starts.iter().fold(0, |all, (bits, _)| all | bits);
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
            // A word of the list itself is repaired even if it says nothing; one of a term is not.
            let listed = source.repair.contains(&word);
            let own = self.lexicon.entries.get(entry as usize);
            if own.is_some_and(|e| listed || (!e.known && !e.vague)) {
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
