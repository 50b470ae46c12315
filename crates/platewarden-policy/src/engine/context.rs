//! One request against one dataset: what rules and predicates look at.

use jiff::civil::Date;

use crate::model::{
    AgencyKind, AgencyRef, CertificationKind, Dataset, Fact, OffenceJurisdiction, OperatorKind,
    Purpose, PurposeKind, SearchRequest,
};
use crate::packs::{Mask, PackSet, Side, bit};
use crate::predicates::{Relation, relation};

use super::signals::Signals;
use super::{STRICTNESS, day_of};

/// Every purpose that the declaration, the menu and the text give; rules on any of them apply.
///
/// Working on the whole set is what makes the classifier unable to widen: a purpose can only be
/// added, and each one brings its own denials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purposes {
    pub(crate) mask: Mask,
    /// Those that somebody chose: declared, from the menu, or inherited from a hotlist entry.
    pub(crate) chosen: Mask,
}

impl Purposes {
    /// The strictest of them.
    pub(crate) fn strictest(self) -> Option<PurposeKind> {
        STRICTNESS
            .iter()
            .find(|kind| self.mask & bit!(**kind) != 0)
            .or_else(|| {
                PurposeKind::ALL
                    .iter()
                    .find(|kind| self.mask & bit!(**kind) != 0)
            })
            .copied()
    }
}

/// The purposes that the default policy denies where no statute speaks.
const SENSITIVE: Mask = bit!(PurposeKind::CivilImmigration)
    | bit!(PurposeKind::CriminalImmigration)
    | bit!(PurposeKind::LawfulHealthCare)
    | bit!(PurposeKind::ProtectedActivity)
    | bit!(PurposeKind::CivilProcess)
    | bit!(PurposeKind::Personal);

/// Crimes and dangers of a named kind.
const NAMED_CRIMES: Mask = bit!(PurposeKind::StolenVehicleOrPlate)
    | bit!(PurposeKind::WantedPerson)
    | bit!(PurposeKind::MissingOrEndangered)
    | bit!(PurposeKind::HumanTrafficking)
    | bit!(PurposeKind::ChildExploitation)
    | bit!(PurposeKind::ViolentCrime)
    | bit!(PurposeKind::PropertyOrFraud)
    | bit!(PurposeKind::Drug)
    | bit!(PurposeKind::Weapons)
    | bit!(PurposeKind::HitAndRunOrSeriousCrash)
    | bit!(PurposeKind::Fleeing)
    | bit!(PurposeKind::TerrorismOrThreat);

/// One request against one dataset.
pub(crate) struct Context<'a> {
    pub(crate) request: &'a SearchRequest,
    pub(crate) data: &'a Dataset,
    pub(crate) signals: &'a Signals,
    pub(crate) purposes: Purposes,
    pub(crate) today: Date,
    /// How the searching agency stands to the data.
    pub(crate) requester: Mask,
    /// How everybody who will receive results stands to the data.
    pub(crate) recipient: Mask,
    pub(crate) operator: Option<OperatorKind>,
    pub(crate) law_loaded: bool,
    pub(crate) actor_law_loaded: bool,
    pub(crate) overlays_loaded: bool,
    /// The law of the data or of the officer speaks of immigration enforcement.
    pub(crate) immigration_rule: bool,
    /// Sensitive purposes on which a rule of the data's law has spoken so far.
    pub(crate) addressed: Mask,
    /// A rule of law has denied for good.
    pub(crate) law_denied: bool,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        packs: &PackSet,
        request: &'a SearchRequest,
        data: &'a Dataset,
        signals: &'a Signals,
        purposes: Purposes,
    ) -> Self {
        let agency = &request.actor.agency;
        let owner = data.owner.id.as_str();
        let place = data.captured_in;
        let mut kind = agency.kind;
        if agency.name.trim_start().starts_with("[Federal]") || agency.federal_component.is_some() {
            // The network's own mark outranks what the agency says of itself.
            kind = Fact::Known(AgencyKind::Federal);
        }
        let requester = relation(agency.id.as_str(), kind, agency.jurisdiction, owner, place);
        let see = |party: &AgencyRef| {
            relation(
                party.id.as_str(),
                party.kind,
                party.jurisdiction,
                owner,
                place,
            )
        };
        let mut recipient: Mask = 0;
        if let Some(list) = request.transfer_intended_to.known() {
            recipient |= list.iter().map(see).fold(0, |all, one| all | one);
        }
        if let Some(party) = &request.on_behalf_of
            && party.id != agency.id
        {
            // A beneficiary gets the results unless the request says that nobody does.
            let kept = request
                .transfer_intended_to
                .known()
                .is_some_and(Vec::is_empty);
            let relation = see(party);
            recipient |= if kept {
                relation & bit!(Relation::Unknown)
            } else {
                relation
            };
        }
        let as_of = request.as_of;
        let immigration_rule = place.known().is_some_and(|place| {
            packs
                .covering(*place)
                .any(|p| p.has_immigration_rule(Side::Holder, as_of))
        }) || agency.jurisdiction.known().is_some_and(|home| {
            packs
                .covering(*home)
                .any(|p| p.has_immigration_rule(Side::Actor, as_of))
        });
        let federal = requester & bit!(Relation::Federal) != 0;
        Self {
            request,
            data,
            signals,
            purposes,
            today: day_of(as_of),
            requester,
            recipient,
            operator: operator(data),
            law_loaded: place.known().is_none_or(|place| packs.has_law(*place)),
            actor_law_loaded: federal
                || agency
                    .jurisdiction
                    .known()
                    .is_none_or(|home| packs.has_law(*home)),
            overlays_loaded: data
                .overlays
                .iter()
                .all(|id| packs.overlay(id.as_str()).is_some()),
            immigration_rule,
            addressed: 0,
            law_denied: false,
        }
    }

    pub(crate) fn is_own(&self) -> bool {
        self.requester & bit!(Relation::Own) != 0
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

    pub(crate) fn case_given(&self) -> bool {
        self.request
            .case_ref
            .as_ref()
            .is_some_and(|case| !case.id().is_empty())
    }

    pub(crate) fn offence_given(&self) -> bool {
        self.request
            .offence
            .as_ref()
            .is_some_and(|offence| !offence.code.trim().is_empty())
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
    pub(crate) fn exigency(&self) -> bool {
        let alert = matches!(
            self.request.purpose.known(),
            Some(Purpose::MissingOrEndangered { alert: Some(_) })
        );
        self.request.exigency.as_ref().is_some_and(|e| {
            (!e.facts.trim().is_empty() || self.reason_text().is_some() || alert)
                && e.approved_by
                    .as_deref()
                    .is_some_and(|name| !name.trim().is_empty())
        })
    }

    /// For whom the search is made, and to whom results go.
    pub(crate) fn beneficiaries(&self) -> impl Iterator<Item = &AgencyRef> {
        self.request.on_behalf_of.iter().chain(
            self.request
                .transfer_intended_to
                .known()
                .into_iter()
                .flatten(),
        )
    }

    /// The federal agency behind the search, if the request names one apart from the searcher.
    pub(crate) fn federal_nexus(&self) -> Option<&str> {
        self.beneficiaries()
            .find(|a| a.kind.is(&AgencyKind::Federal))
            .map(|a| a.id.as_str())
            .or_else(|| {
                let named = |id: &&crate::model::AgencyId| {
                    AgencyRef::named(id.as_str()).kind.is(&AgencyKind::Federal)
                };
                self.request
                    .actor
                    .cross_designations
                    .iter()
                    .find(named)
                    .map(crate::model::AgencyId::as_str)
            })
            .or(self.signals.nexus_term.as_deref())
    }

    /// Whether a sensitive purpose is left on which no statute has spoken.
    pub(crate) fn sensitive_unaddressed(&self) -> bool {
        let admitted = self
            .data
            .policy_admits
            .iter()
            .fold(0, |all, k| all | bit!(*k));
        !self.law_denied && self.purposes.mask & SENSITIVE & !self.addressed & !admitted != 0
    }

    /// Whether every purpose given is a crime of a named kind.
    pub(crate) fn named_crime(&self) -> bool {
        self.purposes.mask != 0 && self.purposes.mask & !NAMED_CRIMES == 0
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_masks_are_those_of_the_purposes() {
        let of = |keep: fn(PurposeKind) -> bool| {
            PurposeKind::ALL
                .iter()
                .filter(|k| keep(**k))
                .fold(0, |all, k| all | bit!(*k))
        };
        assert_eq!(SENSITIVE, of(PurposeKind::is_sensitive));
        assert_eq!(
            NAMED_CRIMES,
            of(|k| k.is_crime_or_danger() && k != PurposeKind::OtherCriminal)
        );
    }
}
