//! Evaluating a condition, and naming the facts behind it.

use std::borrow::Cow;

use enumset::{EnumSet, EnumSetType};

use super::context::Context;
use super::truth::Truth;
use super::unknowns::RequestField;
use crate::model::{Fact, FactRef, Jurisdiction, Purpose, PurposeKind};
use crate::packs::{Condition, Length};
use crate::predicates::Relation;

impl Condition {
    /// Whether it holds of a request against a dataset.
    pub(super) fn eval(&self, c: &Context<'_>) -> Truth {
        let request = c.request;
        let offence = request.offence.as_ref();
        match self {
            Self::Purpose(set) => c.purpose_in(*set),
            // With no purpose at all the engine's own rule denies; a closed list has nothing to compare.
            Self::PurposeOutside(set) => c.purpose_in(!*set),
            Self::Mode(set) => set.contains(request.mode).into(),
            Self::Scope(set) => set.contains(request.scope).into(),
            Self::Requester(set) => c.requester_in(*set),
            Self::Recipient(set) => c.recipient_in(*set),
            Self::Party(set) => c.requester_in(*set).or(c.recipient_in(*set)),
            Self::AgencyKind(set) => within(
                *set,
                request.actor.agency.kind.known().copied(),
                "actor.agency.kind",
            ),
            Self::FromStates(set) => match request.actor.agency.jurisdiction {
                Fact::Known(home) => home.state().is_some_and(|state| set.contains(state)).into(),
                Fact::Unknown => Truth::unknown("actor.agency.jurisdiction"),
            },
            Self::OffenceLevel(set) => {
                let level = offence.and_then(|offence| offence.level.known().copied());
                within(*set, level, "offence.level")
            }
            Self::OffenceJurisdiction(set) => {
                let whose = c.offence_jurisdiction().known().copied();
                within(*set, whose, "offence.jurisdiction")
            }
            Self::Operator(set) => within(*set, c.operator, "datasets.operator"),
            Self::Device(set) => within(*set, c.data.device.known().copied(), "datasets.device"),
            Self::MatchList(set) => within(*set, request.match_list.known().copied(), "match_list"),
            Self::OlderThan(length) => older_than(*length, c),
            Self::Repeats(limit) => request
                .store
                .map_or(Truth::unknown("store.searches_of_plate"), |facts| {
                    (facts.searches_of_plate >= *limit).into()
                }),
            Self::Named(predicate) => predicate.eval(c),
            Self::Not(part) => !part.eval(c),
            Self::All(parts) => all(parts, c),
        }
    }

    /// The facts behind it, in the request's own words.
    pub(super) fn facts(&self, c: &Context<'_>) -> Vec<FactRef> {
        let mut found = Vec::with_capacity(4);
        self.collect_facts(c, false, &mut found);
        found.sort_by_key(|(place, _)| *place);
        let mut facts: Vec<FactRef> = Vec::with_capacity(found.len());
        for (place, fact) in found {
            // Several conditions may rest on one fact; each named condition is told by itself.
            if place == Place::Named || !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        facts
    }

    fn collect_facts(&self, c: &Context<'_>, negated: bool, out: &mut Vec<(Place, FactRef)>) {
        let request = c.request;
        match self {
            Self::Purpose(set) => purposes(c, *set, out),
            Self::PurposeOutside(set) => purposes(c, !*set, out),
            Self::Mode(_) => out.push((Place::Mode, FactRef::new("mode", request.mode.as_str()))),
            Self::Scope(_) => {
                out.push((Place::Scope, FactRef::new("scope", request.scope.as_str())))
            }
            Self::Requester(_) => {
                out.push(agency_kind(c));
                out.push(agency_place(c));
            }
            Self::Party(set) => {
                out.push(agency_kind(c));
                out.push(agency_place(c));
                beneficiaries(c, *set, out);
            }
            Self::Recipient(set) => {
                out.push(agency_kind(c));
                beneficiaries(c, *set, out);
            }
            Self::AgencyKind(_) => out.push(agency_kind(c)),
            Self::FromStates(_) => out.push(agency_place(c)),
            Self::OffenceLevel(_) => {
                let level = request
                    .offence
                    .as_ref()
                    .and_then(|offence| offence.level.known());
                let level = level.map_or("unknown", |level| level.as_str());
                out.push((Place::OffenceLevel, FactRef::new("offence.level", level)));
            }
            Self::OffenceJurisdiction(_) => {
                let whose = c
                    .offence_jurisdiction()
                    .known()
                    .map_or("unknown", |whose| whose.as_str());
                out.push((
                    Place::OffenceJurisdiction,
                    FactRef::new("offence.jurisdiction", whose),
                ));
            }
            Self::MatchList(_) => {
                let list = request
                    .match_list
                    .known()
                    .map_or("unknown", |list| list.as_str());
                out.push((Place::MatchList, FactRef::new("match_list", list)));
            }
            Self::Named(predicate) if !negated => {
                out.push((Place::Named, FactRef::new("condition", predicate.as_str())));
            }
            Self::Repeats(_) => {
                let count = request.store.map_or_else(
                    || "unknown".to_owned(),
                    |facts| facts.searches_of_plate.to_string(),
                );
                let fact = FactRef::new("store.searches_of_plate", count);
                out.push((Place::Named, fact));
            }
            Self::Named(_) | Self::Operator(_) | Self::Device(_) | Self::OlderThan(_) => {}
            Self::Not(part) => part.collect_facts(c, !negated, out),
            Self::All(parts) => parts
                .iter()
                .for_each(|part| part.collect_facts(c, negated, out)),
        }
    }
}

/// Where a fact stands among those of a reason, so that the same reason always reads the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Purpose,
    Mode,
    Scope,
    AgencyKind,
    Home,
    Beneficiary,
    OffenceLevel,
    OffenceJurisdiction,
    MatchList,
    Named,
}

/// All parts together: false if any is false, else unknown with all the fields of the unknown ones.
fn all(parts: &[Condition], c: &Context<'_>) -> Truth {
    let mut holds = Truth::True;
    for part in parts {
        match part.eval(c) {
            Truth::True => {}
            Truth::False => return Truth::False,
            unknown => holds = holds.and(unknown),
        }
    }
    holds
}

fn within<T: EnumSetType>(set: EnumSet<T>, value: Option<T>, field: &'static str) -> Truth {
    value.map_or(Truth::unknown(field), |value| set.contains(value).into())
}

/// Whether any read in question, or the window, reaches back further than `length`.
fn older_than(length: Length, c: &Context<'_>) -> Truth {
    let horizon = length.before(c.request.as_of);
    if c.data.reads.is_empty() {
        let window = c.request.window;
        return window.map_or(Truth::unknown("window"), |window| {
            (window.start < horizon).into()
        });
    }
    let mut holds = Truth::from(false);
    for read in &c.data.reads {
        holds = holds.or(match read.captured_at(c.request.as_of) {
            Fact::Known(at) => (at < horizon).into(),
            Fact::Unknown => Truth::unknown("datasets.reads.captured_at"),
        });
    }
    holds
}

fn purposes(c: &Context<'_>, set: EnumSet<PurposeKind>, out: &mut Vec<(Place, FactRef)>) {
    let named = (c.purposes.all & set).iter();
    if set == EnumSet::only(PurposeKind::Other)
        && let Some(Purpose::Other(word)) = c.request.purpose.known()
    {
        // A word outside the list is answered with those that come nearest.
        let nearest: Vec<&str> = PurposeKind::nearest(word)
            .into_iter()
            .map(PurposeKind::as_str)
            .collect();
        if !nearest.is_empty() {
            out.push((
                Place::Purpose,
                FactRef::new("nearest purposes", nearest.join(", ")),
            ));
        }
    }
    out.extend(named.map(|kind| (Place::Purpose, FactRef::new("purpose", kind.as_str()))));
}

fn agency_kind(c: &Context<'_>) -> (Place, FactRef) {
    let kind = c.request.actor.agency.kind.known();
    let kind = kind.map_or("unknown", |kind| kind.as_str());
    (Place::AgencyKind, FactRef::new("actor.agency.kind", kind))
}

fn agency_place(c: &Context<'_>) -> (Place, FactRef) {
    let home: Cow<'static, str> = match c.request.actor.agency.jurisdiction {
        Fact::Known(Jurisdiction::State(state)) => Cow::Borrowed(state.as_str()),
        Fact::Known(other) => other.code(),
        Fact::Unknown => Cow::Borrowed("unknown"),
    };
    (Place::Home, FactRef::new("actor.agency.jurisdiction", home))
}

fn beneficiaries(c: &Context<'_>, set: EnumSet<Relation>, out: &mut Vec<(Place, FactRef)>) {
    if c.recipient.is_disjoint(set) {
        return;
    }
    out.extend(c.beneficiaries().map(|party| {
        let fact = FactRef::new("on_behalf_of or transfer_intended_to", party.id.0.clone());
        (Place::Beneficiary, fact)
    }));
}

impl Context<'_> {
    /// Whether some purpose of the request is in the set.
    fn purpose_in(&self, set: EnumSet<PurposeKind>) -> Truth {
        if self.purposes.all.is_disjoint(set) {
            self.may_have(set)
        } else {
            Truth::True
        }
    }

    fn requester_in(&self, set: EnumSet<Relation>) -> Truth {
        if !self.requester.is_disjoint(set) {
            Truth::True
        } else if self.partial && self.requester.contains(Relation::Unknown) {
            // In a decision the engine's own rule denies what is unknown here, and says so once.
            Truth::unknown("actor.agency.kind").and(Truth::unknown("actor.agency.jurisdiction"))
        } else {
            Truth::False
        }
    }

    fn recipient_in(&self, set: EnumSet<Relation>) -> Truth {
        let known = !self.recipient.is_disjoint(set);
        self.given(known, &[RequestField::Transfer, RequestField::OnBehalfOf])
    }
}
