//! The lexicon as it is written: a folder of TOML files, each a part of one whole.

use std::hash::Hash;

use rustc_hash::FxHashSet;
use serde::Deserialize;

use crate::error::Failure;
use crate::model::PurposeKind;
use crate::{Error, Result};

use super::signal::{Grade, SignalCategory};

/// All files of a lexicon, joined.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Source {
    pub(super) version: String,
    pub(super) known: Vec<String>,
    pub(super) vague: Vec<String>,
    pub(super) repair: Vec<String>,
    pub(super) short_names: Vec<String>,
    pub(super) case_prefixes: Vec<String>,
    pub(super) groups: std::collections::BTreeMap<String, Vec<String>>,
    /// Latin letter, and the letters of other alphabets that look like it.
    pub(super) look_alikes: std::collections::BTreeMap<char, String>,
    /// Digit or sign, and the letter for which it stands in a disguised spelling.
    pub(super) signs: std::collections::BTreeMap<char, char>,
    pub(super) menu: Vec<MenuSource>,
    pub(super) class: Vec<ClassSource>,
    pub(super) term: Vec<TermSource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MenuSource {
    pub(super) text: String,
    pub(super) purpose: PurposeKind,
    /// Other spellings of the same value.
    #[serde(default)]
    pub(super) also: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassSource {
    pub(super) name: String,
    pub(super) purpose: Option<PurposeKind>,
    pub(super) patterns: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermSource {
    pub(super) id: String,
    pub(super) category: SignalCategory,
    pub(super) grade: Grade,
    #[serde(default)]
    pub(super) nexus: bool,
    #[serde(default)]
    pub(super) typo: bool,
    #[serde(default)]
    pub(super) names_process: bool,
    #[serde(default)]
    pub(super) one_clause: bool,
    #[serde(default)]
    pub(super) despite_menu: bool,
    pub(super) obfuscated: Option<Grade>,
    pub(super) dotted: Option<Grade>,
    pub(super) patterns: Vec<String>,
    #[serde(default)]
    pub(super) rules: Vec<RuleSource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSource {
    #[serde(default)]
    pub(super) class: Vec<String>,
    #[serde(default)]
    pub(super) unless_class: Vec<String>,
    #[serde(default)]
    pub(super) unless_inside: Vec<String>,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) before: Option<usize>,
    pub(super) after: Option<usize>,
    pub(super) within: Option<usize>,
    #[serde(default)]
    pub(super) surname_comma: bool,
    #[serde(default)]
    pub(super) alone: bool,
    pub(super) grade: Grade,
    pub(super) because: String,
}

impl Source {
    /// Parses the files and joins them in the order given.
    pub(super) fn join<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut whole = Self::default();
        for (name, text) in files {
            let part: Self = toml::from_str(text)
                .map_err(|e| invalid("a part of a lexicon in TOML", format!("{name}: {e}")))?;
            whole.add(name, part)?;
        }
        whole.refuse_duplicates()?;
        Ok(whole)
    }

    fn add(&mut self, name: &str, part: Self) -> Result<()> {
        if !part.version.is_empty() {
            if !self.version.is_empty() {
                return Err(invalid("one `version`", format!("a second one in {name}")));
            }
            self.version = part.version;
        }
        self.known.extend(part.known);
        self.vague.extend(part.vague);
        self.repair.extend(part.repair);
        self.short_names.extend(part.short_names);
        self.case_prefixes.extend(part.case_prefixes);
        self.menu.extend(part.menu);
        self.class.extend(part.class);
        self.term.extend(part.term);
        for (key, value) in part.groups {
            if self.groups.insert(key.clone(), value).is_some() {
                return Err(twice("group", &key));
            }
        }
        for (key, value) in part.look_alikes {
            if self.look_alikes.insert(key, value).is_some() {
                return Err(twice("letter", &key.to_string()));
            }
        }
        for (key, value) in part.signs {
            if self.signs.insert(key, value).is_some() {
                return Err(twice("sign", &key.to_string()));
            }
        }
        Ok(())
    }

    /// A word or pattern that stands twice says that somebody did not see the first: one of them is forgotten
    /// when the other is changed.
    fn refuse_duplicates(&self) -> Result<()> {
        for (list, words) in [
            ("known", &self.known),
            ("vague", &self.vague),
            ("repair", &self.repair),
            ("short_names", &self.short_names),
            ("case_prefixes", &self.case_prefixes),
        ] {
            once(list, words.iter().map(String::as_str))?;
        }
        for (name, members) in &self.groups {
            once(name, members.iter().map(String::as_str))?;
        }
        once(
            "look-alikes",
            self.look_alikes
                .values()
                .flat_map(|s| s.chars())
                .map(String::from),
        )?;
        once(
            "menu",
            self.menu
                .iter()
                .flat_map(|m| std::iter::once(&m.text).chain(&m.also))
                .map(|t| menu_key(t)),
        )?;
        once("classes", self.class.iter().map(|c| c.name.as_str()))?;
        once("terms", self.term.iter().map(|t| t.id.as_str()))?;
        for class in &self.class {
            once(
                &class.name,
                class.patterns.iter().flat_map(|p| spelt_out(p)),
            )?;
        }
        // Two terms of one pattern would give one text two gradings.
        let of_terms = self.term.iter().flat_map(|t| &t.patterns);
        once("terms", of_terms.flat_map(|p| spelt_out(p)))
    }
}

/// A pattern of one word in its forms: `theft(s)` is `theft` and `thefts`.
fn spelt_out(pattern: &str) -> Vec<String> {
    match pattern.strip_suffix("(s)") {
        Some(word) if !pattern.contains([' ', '|']) => vec![word.to_owned(), plural(word)],
        _ => vec![pattern.to_owned()],
    }
}

/// The plural for which `(s)` stands.
pub(super) fn plural(word: &str) -> String {
    let sibilant = word.ends_with(['s', 'x']) || word.ends_with("ch") || word.ends_with("sh");
    format!("{word}{}", if sibilant { "es" } else { "s" })
}

/// What two spellings of a menu value have in common: their words in lower case, without connecting ones.
pub(super) fn menu_key(text: &str) -> String {
    let mut key = String::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        push_word(&mut key, word);
    }
    key
}

/// Adds a word to a key in the making.
pub(super) fn push_word(key: &mut String, word: &str) {
    let connects = ["and", "or", "the"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w));
    if word.is_empty() || connects {
        return;
    }
    if !key.is_empty() {
        key.push(' ');
    }
    key.extend(word.chars().map(|c| c.to_ascii_lowercase()));
}

fn once<T: Eq + Hash + std::fmt::Display + Clone>(
    list: &str,
    items: impl IntoIterator<Item = T>,
) -> Result<()> {
    let mut found = FxHashSet::default();
    for item in items {
        if !found.insert(item.clone()) {
            return Err(twice(list, &item.to_string()));
        }
    }
    Ok(())
}

fn twice(list: &str, item: &str) -> Error {
    invalid(
        "every entry of a list once",
        format!("`{item}` twice in `{list}`; delete one of them"),
    )
}

pub(super) fn invalid(expected: impl Into<String>, found: impl Into<String>) -> Error {
    Error::from(Failure::Invalid {
        what: "lexicon",
        expected: expected.into(),
        found: found.into(),
    })
}
