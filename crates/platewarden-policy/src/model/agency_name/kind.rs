//! What sort of body a name says it is of.

use super::StateReading;
use super::vocabulary::VOCABULARY;
use super::words::Word;
use crate::model::{AgencyKind, FederalComponent, State};

/// The federal body that the words name.
pub(super) fn component(
    words: &[Word],
    marked: bool,
    state: &StateReading,
) -> Option<FederalComponent> {
    let named = VOCABULARY
        .federal
        .iter()
        .find(|(_, patterns)| patterns.find(words).is_some())
        .map(|(component, _)| *component);
    // DHS is a state's department of human services as often as the federal one.
    let homeland = || {
        words.iter().any(|word| word.is("dhs") && word.capitals)
            && *state == StateReading::Absent
            && !words.iter().any(|word| word.is("human"))
    };
    named
        .or_else(|| homeland().then_some(FederalComponent::Dhs))
        .or_else(|| marked.then_some(FederalComponent::Other))
}

/// The kind of a body that is not federal.
pub(super) fn kind(words: &[Word], state: &StateReading) -> Option<AgencyKind> {
    let vocabulary = &*VOCABULARY;
    // `College Park MD PD` is a town's: the words of such a place say nothing of the kind.
    let rest: Vec<Word> = match vocabulary.places.find(words) {
        Some(place) => words
            .iter()
            .enumerate()
            .filter(|(at, _)| !place.contains(at))
            .map(|(_, word)| word.clone())
            .collect(),
        None => words.to_vec(),
    };
    if vocabulary.vendor.find(words).is_some() {
        return Some(AgencyKind::Private);
    }
    if whole_state_body(&rest, state) {
        return Some(AgencyKind::State);
    }
    vocabulary
        .kinds
        .iter()
        .find(|(_, patterns)| patterns.find(&rest).is_some())
        .map(|(kind, _)| *kind)
}

/// `Texas DPS`, `TX DPS`: a department of public safety is the state's only right behind the state's name.
fn whole_state_body(words: &[Word], state: &StateReading) -> bool {
    let StateReading::Certain(state) = state else {
        return false;
    };
    let names = |words: &[Word]| {
        let name: String = words.iter().map(|word| word.folded.as_str()).collect();
        State::from_word(&name) == Some(*state)
    };
    let body =
        |word: &Word| ["dps", "doc", "dnr", "sbi", "rangers"].contains(&word.folded.as_str());
    words
        .iter()
        .position(body)
        .is_some_and(|at| at > 0 && words.get(..at).is_some_and(names))
}
