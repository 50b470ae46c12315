//! The condition of a rule, as data: what must hold before the rule speaks.
//!
//! A pack writes `when = { purpose = ["drug"], requester_not = ["own"] }`; each key becomes one [`Condition`] over a
//! typed set, and all of them together a [`Condition::All`]. The engine alone evaluates them.

use std::fmt;

use enumset::EnumSet;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::Length;
use crate::model::token::Token;
use crate::model::{
    AccessMode, AccessScope, AgencyKind, DeviceKind, MatchList, OffenceJurisdiction, OffenceLevel,
    OperatorKind, PurposeKind, State,
};
use crate::predicates::{Predicate, Relation};

/// Something that holds of a request against a dataset, does not, or hangs on a fact that nobody knows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// Some purpose of the request is one of these.
    Purpose(EnumSet<PurposeKind>),
    /// Some purpose of the request is none of these: a closed list.
    PurposeOutside(EnumSet<PurposeKind>),
    /// The search is made in one of these ways.
    Mode(EnumSet<AccessMode>),
    /// The access asked for reaches so far.
    Scope(EnumSet<AccessScope>),
    /// How the searching agency stands to the data.
    Requester(EnumSet<Relation>),
    /// How somebody who will receive results stands to the data.
    Recipient(EnumSet<Relation>),
    /// Either of the two.
    Party(EnumSet<Relation>),
    /// What the searching agency is.
    AgencyKind(EnumSet<AgencyKind>),
    /// The state from which the searching agency comes.
    FromStates(EnumSet<State>),
    /// How grave the offence is.
    OffenceLevel(EnumSet<OffenceLevel>),
    /// Whose law the offence breaks.
    OffenceJurisdiction(EnumSet<OffenceJurisdiction>),
    /// Who runs the cameras.
    Operator(EnumSet<OperatorKind>),
    /// On what the camera stands.
    Device(EnumSet<DeviceKind>),
    /// The list against which a match was made.
    MatchList(EnumSet<MatchList>),
    /// A read in question, or the window, reaches back further than this.
    OlderThan(Length),
    /// The person has searched for the plate so often in 30 days, this search included.
    Repeats(u32),
    /// A condition with a name of its own.
    Named(Predicate),
    /// The contrary.
    Not(Box<Condition>),
    /// All of these.
    All(Vec<Condition>),
}

impl Default for Condition {
    /// What always holds.
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Condition {
    /// The purposes on which a rule with this condition speaks by name.
    pub(crate) fn purposes(&self) -> EnumSet<PurposeKind> {
        match self {
            Self::Purpose(set) => *set,
            Self::All(parts) => parts
                .iter()
                .fold(EnumSet::empty(), |all, part| all | part.purposes()),
            _ => EnumSet::empty(),
        }
    }

    /// Whether a condition occurs in it that asks what the rules of law have said, all of them together.
    pub(super) fn asks_the_law(&self) -> bool {
        match self {
            Self::Named(named) => matches!(
                named,
                Predicate::SensitiveWithoutStatute | Predicate::SensitiveUnderUnreadLaw
            ),
            Self::Not(part) => part.asks_the_law(),
            Self::All(parts) => parts.iter().any(Self::asks_the_law),
            _ => false,
        }
    }

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

/// The keys of a `when` table, in the order in which the parts are asked: the cheap ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Purpose,
    PurposeNot,
    Mode,
    ModeNot,
    Scope,
    Requester,
    RequesterNot,
    Recipient,
    Party,
    AgencyKind,
    AgencyKindNot,
    FromStates,
    FromStatesNot,
    OffenceLevel,
    OffenceLevelNot,
    OffenceJurisdiction,
    OffenceJurisdictionNot,
    Operator,
    Device,
    MatchList,
    MatchListNot,
    Predicate,
    Unless,
    OlderThan,
    Repeats,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Table)
    }
}

struct Table;

impl<'de> Visitor<'de> for Table {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of conditions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let mut parts: Vec<(Key, Condition)> = Vec::new();
        while let Some(key) = map.next_key::<Key>()? {
            part(key, &mut map, &mut parts)?;
        }
        // A file may give its keys in any order; the same conditions are always asked in the same one.
        parts.sort_by_key(|(key, _)| *key);
        Ok(Condition::All(
            parts.into_iter().map(|(_, part)| part).collect(),
        ))
    }
}

fn part<'de, A: MapAccess<'de>>(
    key: Key,
    map: &mut A,
    parts: &mut Vec<(Key, Condition)>,
) -> Result<(), A::Error> {
    use Condition as C;
    let one = match key {
        Key::Purpose => C::Purpose(purposes(map)?),
        Key::PurposeNot => C::PurposeOutside(purposes(map)?),
        Key::Mode => C::Mode(set(map)?),
        Key::ModeNot => C::Mode(set(map)?).not(),
        Key::Scope => C::Scope(set(map)?),
        Key::Requester => C::Requester(set(map)?),
        Key::RequesterNot => C::Requester(set(map)?).not(),
        Key::Recipient => C::Recipient(set(map)?),
        Key::Party => C::Party(set(map)?),
        Key::AgencyKind => C::AgencyKind(set(map)?),
        Key::AgencyKindNot => C::AgencyKind(set(map)?).not(),
        Key::FromStates => C::FromStates(set(map)?),
        Key::FromStatesNot => C::FromStates(set(map)?).not(),
        Key::OffenceLevel => C::OffenceLevel(set(map)?),
        Key::OffenceLevelNot => C::OffenceLevel(set(map)?).not(),
        Key::OffenceJurisdiction => C::OffenceJurisdiction(set(map)?),
        Key::OffenceJurisdictionNot => C::OffenceJurisdiction(set(map)?).not(),
        Key::Operator => C::Operator(set(map)?),
        Key::Device => C::Device(set(map)?),
        Key::MatchList => C::MatchList(set(map)?),
        Key::MatchListNot => C::MatchList(set(map)?).not(),
        Key::OlderThan => C::OlderThan(map.next_value()?),
        Key::Repeats => C::Repeats(map.next_value()?),
        Key::Predicate => {
            let words = map.next_value::<Vec<Word<Predicate>>>()?;
            parts.extend(words.into_iter().map(|word| (key, C::Named(word.0))));
            return Ok(());
        }
        Key::Unless => {
            let words = map.next_value::<Vec<Word<Predicate>>>()?;
            parts.extend(words.into_iter().map(|word| (key, C::Named(word.0).not())));
            return Ok(());
        }
    };
    parts.push((key, one));
    Ok(())
}

/// One word of a closed vocabulary, exactly as it is printed: a pack is law, and law is not guessed at.
#[derive(Debug)]
pub(super) struct Word<T>(pub(super) T);

impl<'de, T: Token> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let found = T::VALUES.iter().find(|value| value.word() == text);
        found
            .map(|value| Self(*value))
            .ok_or_else(|| unknown(T::WHAT, &text, T::VALUES.iter().map(|value| value.word())))
    }
}

fn unknown<E: de::Error>(what: &str, found: &str, known: impl Iterator<Item = &'static str>) -> E {
    let known: Vec<&str> = known.collect();
    E::custom(format!(
        "unknown {what} `{found}`; use one of {}",
        known.join(", ")
    ))
}

fn set<'de, A, T>(map: &mut A) -> Result<EnumSet<T>, A::Error>
where
    A: MapAccess<'de>,
    T: Token,
{
    let words = map.next_value::<Vec<Word<T>>>()?;
    filled(words.into_iter().map(|word| word.0).collect())
}

fn purposes<'de, A: MapAccess<'de>>(map: &mut A) -> Result<EnumSet<PurposeKind>, A::Error> {
    let words = map.next_value::<Vec<PurposeWord>>()?;
    filled(
        words
            .into_iter()
            .fold(EnumSet::empty(), |all, word| all | word.0),
    )
}

/// Refuses the empty list: it reads like a condition and asks nothing.
fn filled<T: Token, E: de::Error>(set: EnumSet<T>) -> Result<EnumSet<T>, E> {
    if set.is_empty() {
        let problem = format!("an empty list of {} asks nothing", T::WHAT);
        return Err(E::custom(format!(
            "{problem}; remove the key, or list what must hold"
        )));
    }
    Ok(set)
}

/// A purpose, or a class of them.
struct PurposeWord(EnumSet<PurposeKind>);

impl<'de> Deserialize<'de> for PurposeWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let all = PurposeKind::ALL.iter().copied();
        Ok(Self(match text.as_ref() {
            "@crime" => all.filter(|kind| kind.is_crime_or_danger()).collect(),
            "@sensitive" => all.filter(|kind| kind.is_sensitive()).collect(),
            word => {
                let found = all.clone().find(|kind| kind.as_str() == word);
                let found = found.ok_or_else(|| {
                    unknown(
                        "purpose",
                        word,
                        ["@crime", "@sensitive"]
                            .into_iter()
                            .chain(all.map(PurposeKind::as_str)),
                    )
                })?;
                EnumSet::only(found)
            }
        }))
    }
}
