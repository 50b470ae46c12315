//! What reasons and prompts give away, as far as decisions depend on it.

use platewarden_policy::classifier::{Classification, Classifier, Grade, SignalCategory};
use platewarden_policy::model::PurposeKind;
use rustc_hash::FxHashMap;

/// Texts remembered before the memory is emptied.
const REMEMBERED: usize = 65_536;

/// What a text gives away.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextFacts {
    /// Texts with one id are decided alike; texts that could be decided apart never share one.
    pub(super) id: u64,
    /// Strongest sensitive category and grade, for the tables.
    pub(super) strongest: Option<(SignalCategory, Grade)>,
    pub(super) vague: bool,
    pub(super) personal: bool,
}

/// All of a classification that a decision depends on, compared in full: a hash could be made to collide.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Decisive {
    menu: Option<String>,
    menu_purpose: Option<PurposeKind>,
    text_purpose: Option<PurposeKind>,
    empty: bool,
    /// A bare number in the reason stands for the case.
    number: bool,
    signals: Vec<(SignalCategory, Grade, String, bool, Option<String>)>,
}

impl Decisive {
    fn of(text: &str, found: &Classification) -> Self {
        let signal = |signal: &platewarden_policy::classifier::Signal| {
            // Sections of one statute share a term but not a purpose.
            let words = (signal.category == SignalCategory::Immigration)
                .then(|| text.get(signal.span.clone()).unwrap_or_default().to_owned());
            (
                signal.category,
                signal.grade,
                signal.term.to_string(),
                signal.obfuscated,
                words,
            )
        };
        Self {
            menu: found.menu.clone(),
            menu_purpose: found.menu_purpose,
            text_purpose: found.text_purpose,
            empty: text.is_empty(),
            number: found.is_vague() && is_number(text),
            signals: found.signals.iter().map(signal).collect(),
        }
    }
}

/// Whether a text holds enough digits for a case number.
pub(super) fn is_number(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 5
}

/// Texts and what they give away.
#[derive(Debug, Default)]
pub(super) struct Texts {
    by_text: FxHashMap<Box<str>, TextFacts>,
    ids: FxHashMap<Decisive, u64>,
    last: u64,
}

impl Texts {
    pub(super) fn facts(&mut self, classifier: &mut Classifier<'static>, text: &str) -> TextFacts {
        if let Some(facts) = self.by_text.get(text) {
            return *facts;
        }
        let found = classifier.classify(text);
        let facts = TextFacts {
            id: self.id(Decisive::of(text, &found)),
            strongest: found
                .signals
                .first()
                .filter(|s| s.category.is_sensitive() || s.category == SignalCategory::FederalNexus)
                .map(|s| (s.category, s.grade)),
            vague: found.is_vague(),
            personal: found.grade(SignalCategory::PersonalData).is_some(),
        };
        if self.by_text.len() >= REMEMBERED {
            self.by_text.clear();
        }
        self.by_text.insert(text.into(), facts);
        facts
    }

    /// The id of what a text gives away. Ids are never used again, also when the memory is emptied.
    fn id(&mut self, decisive: Decisive) -> u64 {
        if let Some(id) = self.ids.get(&decisive) {
            return *id;
        }
        if self.ids.len() >= REMEMBERED {
            self.ids.clear();
            self.by_text.clear();
        }
        self.last += 1;
        self.ids.insert(decisive, self.last);
        self.last
    }
}

/// The stronger of two signals; of two alike, the first.
pub(super) fn stronger(
    first: Option<(SignalCategory, Grade)>,
    second: Option<(SignalCategory, Grade)>,
) -> Option<(SignalCategory, Grade)> {
    match (first, second) {
        (Some(a), Some(b)) => Some(if b.1 > a.1 { b } else { a }),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_decided_apart_never_share_an_id() {
        let mut classifier = Classifier::new();
        let mut texts = Texts::default();
        let mut id = |text| texts.facts(&mut classifier, text).id;
        let all = [
            "",
            "burglary",
            "ICE detainer",
            "HSI",
            "inv",
            "24-001234",
            "8 USC 1324",
            "8 USC 1325",
        ];
        let ids: std::collections::BTreeSet<u64> = all.iter().map(|text| id(text)).collect();
        assert_eq!(ids.len(), all.len());
        // The same text again, and another that gives away the same.
        assert_eq!(id("ICE detainer"), id("ICE detainer"));
    }
}
