//! Where a name places its agency.
//!
//! Networks write `Cook County IL SO`: place, state, sort of body. Two capitals are a state only in that position, and
//! only where they cannot be anything else: `SD` is also a sheriff's department, `CO` a county, `IN` a word.

use super::vocabulary::VOCABULARY;
use super::words::Word;
use crate::model::State;

/// What a name says of the state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StateReading {
    /// Nothing.
    #[default]
    Absent,
    /// One state, and no other reading.
    Certain(State),
    /// These states, or none: the name can be read in more than one way.
    Doubtful(Vec<State>),
}

/// How one pair of capitals reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    State,
    Doubt,
    No,
}

/// Codes that are English words, or that stand for something else at the end of a name.
const WORDS: [State; 13] = [
    State::In,
    State::Or,
    State::Me,
    State::Hi,
    State::Ok,
    State::Oh,
    State::As,
    State::Id,
    State::Al,
    State::De,
    State::La,
    State::Pa,
    State::Ma,
];

/// The sorts of bodies that stand so often behind a state that an English word before them is one.
const PLAIN_SORTS: [&str; 12] = [
    "pd",
    "so",
    "sd",
    "cso",
    "police",
    "sheriff",
    "sheriffs",
    "da",
    "dps",
    "mpd",
    "constable",
    "state",
];

/// Words that no place ends with.
const NO_PLACE: [&str; 20] = [
    "not", "or", "and", "do", "of", "for", "the", "to", "is", "are", "log", "sign", "opt",
    "police", "pd", "so", "sheriff", "sheriffs", "officer", "officers",
];

pub(super) fn read(words: &[Word]) -> StateReading {
    let codes = codes(words);
    let certain = distinct(&codes, Reading::State);
    let doubtful = distinct(&codes, Reading::Doubt);
    match (certain.as_slice(), doubtful.as_slice()) {
        ([state], _) => return StateReading::Certain(*state),
        ([], []) => {}
        _ => {
            let mut all = certain;
            all.extend(doubtful);
            return StateReading::Doubtful(all);
        }
    }
    let (sure, perhaps) = full_names(words);
    match (sure.as_slice(), perhaps.as_slice()) {
        ([state], _) => return StateReading::Certain(*state),
        ([], []) => {}
        _ => {
            let mut all = sure;
            all.extend(perhaps);
            all.dedup();
            return StateReading::Doubtful(all);
        }
    }
    VOCABULARY
        .statewide_names
        .iter()
        .find(|(_, patterns)| patterns.find(words).is_some())
        .map_or(StateReading::Absent, |(state, _)| {
            StateReading::Certain(*state)
        })
}

fn distinct(codes: &[(State, Reading)], wanted: Reading) -> Vec<State> {
    let mut list: Vec<State> = codes
        .iter()
        .filter(|(_, reading)| *reading == wanted)
        .map(|(state, _)| *state)
        .collect();
    list.sort_unstable();
    list.dedup();
    list
}

fn code(word: &Word) -> Option<State> {
    if word.folded.len() != 2 || !word.capitals {
        return None;
    }
    State::ALL
        .iter()
        .find(|state| state.as_str().eq_ignore_ascii_case(&word.folded))
        .copied()
}

fn codes(words: &[Word]) -> Vec<(State, Reading)> {
    let mut list: Vec<(State, Reading)> = Vec::new();
    let mut state_before = false;
    for (at, word) in words.iter().enumerate() {
        let Some(state) = code(word) else {
            state_before = false;
            continue;
        };
        // `County CA SD`: right behind a state, SD is the sheriff's department.
        if state == State::Sd && state_before {
            continue;
        }
        let reading = position(words, at, word, state);
        state_before = reading == Reading::State;
        list.push((state, reading));
    }
    list
}

/// How the pair of capitals at `at` reads where it stands.
fn position(words: &[Word], at: usize, word: &Word, state: State) -> Reading {
    let vocabulary = &*VOCABULARY;
    let before = at.checked_sub(1).and_then(|i| words.get(i));
    let after = words.get(at + 1);
    let ends = after.is_none_or(|next| next.parted);
    let Some(before) = before else {
        return first(words, word, state);
    };
    if NO_PLACE.contains(&before.folded.as_str()) && !word.parted {
        return Reading::No;
    }
    // `Port Authority of NY & NJ`: two states joined are both named, and neither alone.
    if word.joined || after.is_some_and(|next| next.joined && code(next).is_some()) {
        return Reading::Doubt;
    }
    if !ends && !vocabulary.after_state.has(after) {
        return Reading::No;
    }
    let plain = after
        .filter(|next| !next.parted)
        .is_some_and(|next| PLAIN_SORTS.contains(&next.folded.as_str()));
    match state {
        State::Co => colorado(words, at, plain, ends),
        State::Sd if ends => Reading::Doubt,
        State::Ms | State::Vi | State::As | State::Pr | State::Mp if ends && !word.parted => {
            Reading::Doubt
        }
        // `VA` behind a place is Virginia, but a medical centre is the veterans'.
        State::Va if after.is_some_and(|next| next.is("hospital")) => Reading::Doubt,
        _ if word.parted || !WORDS.contains(&state) || plain => Reading::State,
        _ if ends && names_a_body(words) => Reading::State,
        _ if ends => Reading::Doubt,
        _ => Reading::Doubt,
    }
}

/// The first word: `IN State Police`, `TX DPS`, `IL - Cook County SO`; but `LA PD`, `SD Sheriff` and `VA Police` may be others.
fn first(words: &[Word], word: &Word, state: State) -> Reading {
    let after = words.get(1);
    let Some(next) = after else {
        return Reading::Doubt;
    };
    if next.parted {
        return Reading::State;
    }
    if state == State::Va && !next.is("state") {
        return if next.is("dps") || next.is("doc") || next.is("dmv") {
            Reading::State
        } else {
            Reading::No
        };
    }
    if VOCABULARY.statewide.has(after) {
        return Reading::State;
    }
    let plain = PLAIN_SORTS.contains(&next.folded.as_str());
    if plain || word.joined {
        Reading::Doubt
    } else {
        Reading::No
    }
}

/// `CO` is Colorado behind a county, and before a police department unless the county has one; else it may be the county itself.
fn colorado(words: &[Word], at: usize, plain: bool, ends: bool) -> Reading {
    let place = words.get(..at).unwrap_or_default();
    if place.last().is_some_and(|word| word.is("county"))
        || words.get(at).is_some_and(|word| word.parted)
    {
        return Reading::State;
    }
    let next = words.get(at + 1).map(|word| word.folded.as_str());
    let police = matches!(next, Some("pd" | "police" | "mpd" | "dps"));
    if ends || !plain || !police || VOCABULARY.county_police.find(place).is_some() {
        Reading::Doubt
    } else {
        Reading::State
    }
}

/// Whether the name says what sort of body it is of.
fn names_a_body(words: &[Word]) -> bool {
    let vocabulary = &*VOCABULARY;
    vocabulary
        .kinds
        .iter()
        .any(|(_, patterns)| patterns.find(words).is_some())
}

/// States by their full names: certain before a body of the whole state, behind `State of`, and behind a comma.
fn full_names(words: &[Word]) -> (Vec<State>, Vec<State>) {
    let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < words.len() {
        let Some((state, length)) = name_at(words, at) else {
            at += 1;
            continue;
        };
        let after = words.get(at + length);
        let before = at.checked_sub(1).and_then(|i| words.get(i));
        let of = before.is_some_and(|word| word.is("of"))
            && at
                .checked_sub(2)
                .and_then(|i| words.get(i))
                .is_some_and(|word| {
                    ["state", "commonwealth", "university"].contains(&word.folded.as_str())
                });
        let behind_comma = at > 0 && words.get(at).is_some_and(|word| word.parted);
        let statewide = before.is_none()
            && after.is_some_and(|next| !next.parted)
            && VOCABULARY.statewide.has(after)
            // `Washington State` and `Michigan State` are states; `Delaware County` and `Kansas City` are not.
            ;
        if of || behind_comma || statewide {
            sure.push(state);
        } else {
            perhaps.push(state);
        }
        at += length;
    }
    sure.dedup();
    perhaps.dedup();
    (sure, perhaps)
}

/// A state's full name at this word, and its length in words.
fn name_at(words: &[Word], at: usize) -> Option<(State, usize)> {
    [3, 2, 1].into_iter().find_map(|length| {
        let run = words.get(at..at + length)?;
        let name: String = run.iter().map(|word| word.folded.as_str()).collect();
        if name.len() < 4 {
            return None;
        }
        State::from_word(&name).map(|state| (state, length))
    })
}
