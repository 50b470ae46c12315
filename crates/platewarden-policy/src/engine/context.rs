//! One request against one dataset: what conditions look at.

use enumset::{EnumSet, enum_set};
use jiff::civil::Date;

use super::day_of;
use super::purposes::Purposes;
use super::relation::relation;
use super::signals::Signals;
use super::truth::{Fields, Truth};
use super::unknowns::{RequestField, Unknowns};
use crate::model::{
    AgencyId, AgencyKind, AgencyRef, CertificationKind, Dataset, Fact, Jurisdiction,
    OffenceJurisdiction, OperatorKind, Purpose, PurposeKind, SearchRequest,
};
use crate::packs::{LawState, PackSet, Side};
use crate::predicates::Relation;

/// The purposes that the default policy denies where no statute speaks.
const SENSITIVE: EnumSet<PurposeKind> = enum_set!(
    PurposeKind::CivilImmigration
        | PurposeKind::CriminalImmigration
        | PurposeKind::LawfulHealthCare
        | PurposeKind::ProtectedActivity
        | PurposeKind::CivilProcess
        | PurposeKind::Personal
);

/// The sensitive purposes on which states bind their own officers, wherever they search. Civil process and private use
/// are matters of the owner's policy.
const OFFICER_SIDE: EnumSet<PurposeKind> = enum_set!(
    PurposeKind::CivilImmigration
        | PurposeKind::CriminalImmigration
        | PurposeKind::LawfulHealthCare
        | PurposeKind::ProtectedActivity
);

/// Crimes and dangers of a named kind.
const NAMED_CRIMES: EnumSet<PurposeKind> = enum_set!(
    PurposeKind::StolenVehicleOrPlate
        | PurposeKind::WantedPerson
        | PurposeKind::MissingOrEndangered
        | PurposeKind::HumanTrafficking
        | PurposeKind::ChildExploitation
        | PurposeKind::ViolentCrime
        | PurposeKind::PropertyOrFraud
        | PurposeKind::Drug
        | PurposeKind::Weapons
        | PurposeKind::HitAndRunOrSeriousCrash
        | PurposeKind::Fleeing
        | PurposeKind::TerrorismOrThreat
);

/// What the rules of law have said, taken together: what a default of the engine asks.
#[derive(Debug, Clone, Default)]
pub(super) struct LawSaid {
    /// Purposes on which a rule of the data's law speaks.
    pub(super) addressed: EnumSet<PurposeKind>,
    /// Purposes on which one may speak, and on which facts that hangs.
    pub(super) perhaps: Vec<(EnumSet<PurposeKind>, Fields)>,
    /// A rule of law denies for good.
    pub(super) denied: bool,
    /// For each rule of law that may deny for good, the facts on which that hangs.
    pub(super) may_deny: Vec<Fields>,
}

/// One request against one dataset.
pub(crate) struct Context<'a> {
    pub(crate) request: &'a SearchRequest,
    pub(crate) data: &'a Dataset,
    pub(crate) signals: &'a Signals,
    pub(crate) purposes: Purposes,
    pub(crate) unknowns: &'a Unknowns,
    /// Purposes that an unknown text would stand for.
    pub(super) texts_may_add: EnumSet<PurposeKind>,
    /// What is unknown is left open instead of denied.
    pub(crate) partial: bool,
    pub(crate) today: Date,
    /// How the searching agency stands to the data.
    pub(crate) requester: EnumSet<Relation>,
    /// How everybody who will receive results stands to the data.
    pub(crate) recipient: EnumSet<Relation>,
    pub(crate) operator: Option<OperatorKind>,
    pub(crate) law_loaded: bool,
    pub(crate) actor_law_loaded: bool,
    pub(crate) overlays_loaded: bool,
    /// How far the law of the data was read.
    pub(super) holder_law: Option<LawState>,
    /// How far the law that binds the officer was read.
    pub(super) actor_law: Option<LawState>,
    /// The law of the data or of the officer speaks of immigration enforcement.
    pub(crate) immigration_rule: bool,
    /// Filled once all rules of law have been asked.
    pub(super) law: LawSaid,
}

/// What is asked, beside the dataset.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) request: &'a SearchRequest,
    pub(super) signals: &'a Signals,
    pub(super) purposes: Purposes,
    pub(super) unknowns: &'a Unknowns,
    pub(super) partial: bool,
}

impl<'a> Context<'a> {
    pub(super) fn new(packs: &PackSet, question: Question<'a>, data: &'a Dataset) -> Self {
        let request = question.request;
        let agency = &request.actor.agency;
        let owner = data.owner.id.as_str();
        let place = data.captured_in;
        let mut kind = agency.kind;
        if agency.name.trim_start().starts_with("[Federal]") || agency.federal_component.is_some() {
            // The network's own mark outranks what the agency says of itself.
            kind = Fact::Known(AgencyKind::Federal);
        }
        let requester = relation(agency.id.as_str(), kind, agency.jurisdiction, owner, place);
        let home = agency.jurisdiction.known();
        let as_of = request.as_of;
        let speaks = |place, side| {
            packs
                .covering(place)
                .any(|pack| pack.has_immigration_rule(side, as_of))
        };
        let immigration_rule = place
            .known()
            .is_some_and(|place| speaks(*place, Side::Holder))
            || home.is_some_and(|home| speaks(*home, Side::Actor));
        let overlay = |id: &crate::model::PackId| packs.overlay(id.as_str()).is_some();
        Self {
            request,
            data,
            signals: question.signals,
            purposes: question.purposes,
            unknowns: question.unknowns,
            texts_may_add: texts_may_add(request, question.unknowns),
            partial: question.partial,
            today: day_of(as_of),
            requester,
            recipient: recipients(request, data),
            operator: operator(data),
            law_loaded: place.known().is_none_or(|place| packs.has_law(*place)),
            actor_law_loaded: requester.contains(Relation::Federal)
                || home.is_none_or(|home| packs.has_law(*home)),
            overlays_loaded: data.overlays.iter().all(overlay),
            holder_law: place
                .known()
                .map(|place| packs.law_state(*place, Side::Holder)),
            actor_law: if requester.contains(Relation::Federal) {
                Some(packs.law_state(Jurisdiction::UnitedStates, Side::Actor))
            } else {
                home.map(|home| packs.law_state(*home, Side::Actor))
            },
            immigration_rule,
            law: LawSaid::default(),
        }
    }

    /// True where it holds; where it does not, unknown if one of these parts of the request is.
    pub(super) fn given(&self, holds: bool, parts: &[RequestField]) -> Truth {
        if holds {
            return Truth::True;
        }
        let unknown = parts.iter().filter(|part| self.unknowns.contains(**part));
        unknown.fold(Truth::False, |open, part| {
            open.or(Truth::unknown(part.as_str()))
        })
    }

    pub(crate) fn is_own(&self) -> bool {
        self.requester.contains(Relation::Own)
    }

    /// The reason in words, if there is one.
    pub(crate) fn reason_text(&self) -> Option<&str> {
        self.request
            .purpose_detail
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// Whether the reason field was there and left blank, and no menu value stands in for it.
    pub(crate) fn reason_left_blank(&self) -> bool {
        self.request
            .purpose_detail
            .as_deref()
            .is_some_and(|text| text.trim().is_empty())
            && self.request.purpose_menu.is_none()
    }

    pub(super) fn purpose_given(&self) -> Truth {
        self.given(!self.purposes.chosen.is_empty(), &[RequestField::Purpose])
    }

    pub(super) fn case_given(&self) -> Truth {
        let case = self.request.case_ref.as_ref();
        self.given(
            case.is_some_and(|case| !case.id().is_empty()),
            &[RequestField::CaseRef],
        )
    }

    pub(super) fn offence_given(&self) -> Truth {
        let offence = self.request.offence.as_ref();
        self.given(
            offence.is_some_and(|offence| !offence.code.trim().is_empty()),
            &[RequestField::Offence],
        )
    }

    pub(crate) fn offence_jurisdiction(&self) -> Fact<OffenceJurisdiction> {
        let Some(offence) = &self.request.offence else {
            return Fact::Unknown;
        };
        match offence.jurisdiction {
            Fact::Known(known) => Fact::Known(known),
            Fact::Unknown if cites_us_code(&offence.code) => {
                Fact::Known(OffenceJurisdiction::Federal)
            }
            Fact::Unknown if is_nibrs_group(&offence.code) => {
                Fact::Known(OffenceJurisdiction::State)
            }
            Fact::Unknown => Fact::Unknown,
        }
    }

    pub(crate) fn certified(&self, kind: CertificationKind) -> bool {
        self.request.certifications.iter().any(|c| c.kind == kind)
    }

    /// An emergency counts only with a named supervisor, and with facts: its own, the reason's, or a public alert.
    pub(super) fn exigency(&self) -> Truth {
        let alert = matches!(
            self.request.purpose.known(),
            Some(Purpose::MissingOrEndangered { alert: Some(_) })
        );
        let named = |name: &str| !name.trim().is_empty();
        let holds = self.request.exigency.as_ref().is_some_and(|emergency| {
            (named(&emergency.facts) || self.reason_text().is_some() || alert)
                && emergency.approved_by.as_deref().is_some_and(named)
        });
        self.given(holds, &[RequestField::Exigency])
    }

    /// For whom the search is made, and to whom results go.
    pub(crate) fn beneficiaries(&self) -> impl Iterator<Item = &AgencyRef> {
        let recipients = self.request.transfer_intended_to.known();
        self.request
            .on_behalf_of
            .iter()
            .chain(recipients.into_iter().flatten())
    }

    /// The federal agency behind the search, if the request names one apart from the searcher.
    pub(crate) fn federal_nexus(&self) -> Option<&str> {
        let federal = |id: &&AgencyId| AgencyRef::named(id.as_str()).kind.is(&AgencyKind::Federal);
        let designations = &self.request.actor.cross_designations;
        self.beneficiaries()
            .find(|agency| agency.kind.is(&AgencyKind::Federal))
            .map(|agency| agency.id.as_str())
            .or_else(|| designations.iter().find(federal).map(AgencyId::as_str))
            .or(self.signals.nexus_term.as_deref())
    }

    /// Whether a sensitive purpose is left on which no statute has spoken.
    pub(super) fn sensitive_unaddressed(&self) -> Truth {
        if self.law.denied {
            return Truth::False;
        }
        let admitted: EnumSet<PurposeKind> = self.data.policy_admits.iter().copied().collect();
        let silent = SENSITIVE - self.law.addressed - admitted;
        let left = self.purposes.all & silent;
        if left.is_empty() {
            return self.may_have(silent);
        }
        // Where a law may yet deny for good, it would only take this denial's place: the search is denied either way, and
        // that is what a record with gaps is asked about.
        let perhaps = self.law.perhaps.iter();
        let open = perhaps.filter(|(set, _)| !set.is_disjoint(left));
        all_of(open.map(|(_, fields)| fields))
    }

    /// Whether a sensitive purpose stands before a law that nobody read, where no law denies for good anyway.
    pub(super) fn sensitive_under_unread_law(&self) -> Truth {
        // What a federal body may do is asked of the law of the data: federal law gives it the purpose.
        let federal = self.requester.contains(Relation::Federal);
        if self.law.denied || federal || self.actor_law != Some(LawState::NotRead) {
            return Truth::False;
        }
        if self.purposes.all.is_disjoint(OFFICER_SIDE) {
            return self.may_have(OFFICER_SIDE);
        }
        // A law that may yet deny for good would leave nothing to cure.
        all_of(self.law.may_deny.iter())
    }

    /// Whether every purpose given is a crime of a named kind.
    pub(super) fn named_crime(&self) -> Truth {
        let all = self.purposes.all;
        if !all.is_subset(NAMED_CRIMES) {
            return Truth::False;
        }
        match self.may_have(!NAMED_CRIMES) {
            Truth::False if all.is_empty() => self.given(false, &[RequestField::Purpose]),
            other => !other,
        }
    }

    /// Whether the search may have a purpose of the set that the request does not give: never true.
    pub(super) fn may_have(&self, set: EnumSet<PurposeKind>) -> Truth {
        let mut open = Truth::False;
        if !self.unknowns.purpose_set().is_disjoint(set) {
            open = open.or(Truth::unknown(RequestField::Purpose.as_str()));
        }
        if !self.texts_may_add.is_disjoint(set) {
            open = open.or(Truth::unknown(RequestField::PurposeDetail.as_str()));
        }
        open
    }
}

/// The purposes for which a strong signal in a text stands, where a text of the request is unknown.
fn texts_may_add(request: &SearchRequest, unknowns: &Unknowns) -> EnumSet<PurposeKind> {
    let unknown = (request.purpose_detail.is_none()
        && unknowns.contains(RequestField::PurposeDetail))
        || (request.target.is_none() && unknowns.contains(RequestField::Target));
    if unknown {
        SENSITIVE | PurposeKind::AuditOrTraining
    } else {
        EnumSet::empty()
    }
}

/// How those who will receive results stand to the data.
fn recipients(request: &SearchRequest, data: &Dataset) -> EnumSet<Relation> {
    let see = |party: &AgencyRef| {
        let owner = data.owner.id.as_str();
        let (kind, home) = (party.kind, party.jurisdiction);
        relation(party.id.as_str(), kind, home, owner, data.captured_in)
    };
    let named = request.transfer_intended_to.known();
    let listed = named.into_iter().flatten().map(see);
    let mut all = listed.fold(EnumSet::empty(), |all, relation| all | relation);
    if let Some(party) = &request.on_behalf_of
        && party.id != request.actor.agency.id
    {
        // A beneficiary gets the results unless the request says that nobody does.
        let withheld = named.is_some_and(Vec::is_empty);
        let relation = see(party);
        all |= if withheld {
            relation & Relation::Unknown
        } else {
            relation
        };
    }
    all
}

/// Who runs the cameras: as stated, else from the kind of owner.
fn operator(data: &Dataset) -> Option<OperatorKind> {
    data.operator.known().copied().or_else(|| {
        data.owner.kind.known().map(|kind| {
            if *kind == AgencyKind::Private {
                OperatorKind::Private
            } else {
                OperatorKind::Government
            }
        })
    })
}

/// Whether an offence code cites the United States Code.
fn cites_us_code(code: &str) -> bool {
    let folded: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    folded.to_ascii_lowercase().contains("usc")
}

/// Whether an offence code is an NIBRS group: the form in which state and local agencies report.
///
/// Immigration groups (30A to 30D) are reported by federal agencies and do not count.
fn is_nibrs_group(code: &str) -> bool {
    PurposeKind::ALL
        .iter()
        .filter(|kind| **kind != PurposeKind::CriminalImmigration)
        .any(|kind| {
            kind.nibrs_groups()
                .iter()
                .any(|group| group.eq_ignore_ascii_case(code.trim()))
        })
}

/// True, unless it hangs on facts that are unknown.
fn all_of<'f>(open: impl Iterator<Item = &'f Fields>) -> Truth {
    open.map(|fields| Truth::Unknown(fields.clone()))
        .reduce(Truth::and)
        .unwrap_or(Truth::True)
}

#[cfg(test)]
mod tests;
