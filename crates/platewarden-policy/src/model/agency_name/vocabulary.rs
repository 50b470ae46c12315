//! The words of agency names, as data.

use std::sync::LazyLock;

use serde::Deserialize;

use super::words::{Pattern, Word};
use crate::model::{AgencyKind, FederalComponent, State};

const TEXT: &str = include_str!("vocabulary.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    closed: Closed,
    nobody: Names,
    vendor: Names,
    federal: Vec<Federal>,
    places: Names,
    kind: Vec<Kind>,
    after_state: Words,
    statewide: Words,
    statewide_name: Vec<StatewideName>,
    county_police: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Closed {
    marks: Vec<String>,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Federal {
    component: FederalComponent,
    patterns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    kind: AgencyKind,
    patterns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatewideName {
    state: State,
    patterns: Vec<String>,
}

/// A set of patterns.
pub(super) struct Patterns(Vec<Pattern>);

impl Patterns {
    fn new(texts: &[String]) -> Self {
        Self(texts.iter().map(|text| Pattern::new(text)).collect())
    }

    /// The first place of the name at which one of them stands.
    pub(super) fn find(&self, name: &[Word]) -> Option<std::ops::Range<usize>> {
        self.0
            .iter()
            .find_map(|pattern| pattern.find(name).map(|at| at..at + pattern.len()))
    }

    /// Whether one of them is the whole of the words.
    pub(super) fn is(&self, words: &[Word]) -> bool {
        self.0.iter().any(|pattern| pattern.is(words))
    }

    /// Whether one of them is the word.
    pub(super) fn has(&self, word: Option<&Word>) -> bool {
        word.is_some_and(|word| self.is(std::slice::from_ref(word)))
    }
}

/// The vocabulary, ready for use.
pub(super) struct Vocabulary {
    pub(super) closed_marks: Patterns,
    pub(super) closed_phrases: Patterns,
    pub(super) nobody: Patterns,
    pub(super) vendor: Patterns,
    pub(super) federal: Vec<(FederalComponent, Patterns)>,
    pub(super) places: Patterns,
    pub(super) kinds: Vec<(AgencyKind, Patterns)>,
    pub(super) after_state: Patterns,
    pub(super) statewide: Patterns,
    pub(super) statewide_names: Vec<(State, Patterns)>,
    pub(super) county_police: Patterns,
}

/// The bundled vocabulary.
#[allow(
    clippy::expect_used,
    reason = "the file is part of the program, and a test reads it"
)]
pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let file: File = toml::from_str(TEXT).expect("the bundled vocabulary of names is well formed");
    Vocabulary {
        closed_marks: Patterns::new(&file.closed.marks),
        closed_phrases: Patterns::new(&file.closed.phrases),
        nobody: Patterns::new(&file.nobody.names),
        vendor: Patterns::new(&file.vendor.names),
        federal: file
            .federal
            .iter()
            .map(|entry| (entry.component, Patterns::new(&entry.patterns)))
            .collect(),
        places: Patterns::new(&file.places.names),
        kinds: file
            .kind
            .iter()
            .map(|entry| (entry.kind, Patterns::new(&entry.patterns)))
            .collect(),
        after_state: Patterns::new(&file.after_state.words),
        statewide: Patterns::new(&file.statewide.words),
        statewide_names: file
            .statewide_name
            .iter()
            .map(|entry| (entry.state, Patterns::new(&entry.patterns)))
            .collect(),
        county_police: Patterns::new(&file.county_police.names),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_file_is_read_and_repeats_nothing() {
        assert!(VOCABULARY.nobody.0.len() > 10);
        let mut section = String::new();
        let mut seen = std::collections::BTreeSet::new();
        for line in TEXT.lines().map(str::trim) {
            if line.starts_with('[') || line.ends_with('[') {
                section = line.to_owned();
                seen.clear();
            } else if line.starts_with('"') {
                assert!(
                    seen.insert(line.to_owned()),
                    "{line} stands twice in {section}"
                );
            }
        }
    }
}
