//! Evaluating the named conditions.

use super::context::Context;
use super::truth::Truth;
use super::unknowns::RequestField as Field;
use crate::classifier::{Grade, SignalCategory};
use crate::model::{
    AccessMode, AccessScope, CaseRef, CertificationKind, Contact, DeviceKind, Fact,
    FederalComponent, HoldKind, LegalProcess, MatchList, OffenceLevel, ReadMeta, Role, ShareGrant,
    Status,
};
use crate::predicates::{Predicate, Relation};

impl Predicate {
    /// Whether the condition holds.
    pub(super) fn eval(self, c: &Context<'_>) -> Truth {
        self.of_actor(c)
            .or_else(|| self.of_law(c))
            .or_else(|| self.of_grounds(c))
            .or_else(|| self.of_parties(c))
            .or_else(|| self.of_texts(c))
            .unwrap_or_else(|| self.of_data(c))
    }

    /// Conditions on who searches.
    fn of_actor(self, c: &Context<'_>) -> Option<Truth> {
        let actor = &c.request.actor;
        Some(match self {
            Self::UserNamed => c.given(!actor.user.0.trim().is_empty(), &[Field::User]),
            Self::PersonProofed => fact(&actor.person_proofed, "actor.person_proofed"),
            Self::Mfa => fact(&actor.mfa, "actor.mfa"),
            Self::CredentialShared => c.given(
                actor.credential_shared.is(&true),
                &[Field::CredentialShared],
            ),
            Self::CredentialOfAnother => {
                let holder = actor.credential_holder.as_ref();
                let other = holder
                    .is_some_and(|holder| !holder.0.trim().is_empty() && *holder != actor.user);
                c.given(other, &[Field::CredentialShared])
            }
            Self::TrainingExpired => {
                let expired = actor
                    .training_valid_until
                    .is_some_and(|last| last < c.today);
                c.given(expired, &[Field::Training])
            }
            Self::AgencyInactive => {
                let closed = matches!(
                    actor.agency.status,
                    Status::Inactive | Status::Suspended { .. }
                );
                c.given(
                    closed || marked_inactive(&actor.agency.name),
                    &[Field::Status],
                )
            }
            Self::AgencyRevoked => agency_revoked(c),
            Self::AgencyKindKnown => known(&actor.agency.kind, "actor.agency.kind"),
            Self::AgencyPlaceKnown => {
                known(&actor.agency.jurisdiction, "actor.agency.jurisdiction")
            }
            Self::ContactComplete => {
                let complete = actor.contact.as_ref().is_some_and(Contact::is_complete);
                c.given(complete, &[Field::Contact])
            }
            Self::Auditor => c.given(actor.role.is(&Role::Auditor), &[Field::Role]),
            _ => return None,
        })
    }

    /// Conditions on what law and policy are loaded, and what they have said.
    fn of_law(self, c: &Context<'_>) -> Option<Truth> {
        Some(match self {
            Self::CaptureKnown => known(&c.data.captured_in, "datasets.captured_in"),
            Self::LawLoaded => c.law_loaded.into(),
            Self::ActorLawLoaded => c.actor_law_loaded.into(),
            Self::OverlaysLoaded => c.overlays_loaded.into(),
            Self::SensitiveWithoutStatute => c.sensitive_unaddressed(),
            Self::SensitiveUnderUnreadLaw => c.sensitive_under_unread_law(),
            _ => return None,
        })
    }

    /// Conditions on why the search is made, and on what grounds.
    fn of_grounds(self, c: &Context<'_>) -> Option<Truth> {
        let request = c.request;
        let offence = request.offence.as_ref();
        Some(match self {
            Self::PurposeKnown => c.purpose_given(),
            Self::PurposeRecorded => c.purpose_given().and(Truth::from(!c.reason_left_blank())),
            Self::ReasonGiven => c.given(c.reason_text().is_some(), &[Field::PurposeDetail]),
            Self::ReasonDocumented => c
                .given(c.reason_text().is_some(), &[Field::PurposeDetail])
                .or(c.case_given())
                .or(c.offence_given()),
            Self::CaseGiven => c.case_given(),
            Self::OffenceGiven => c.offence_given(),
            Self::ActiveInvestigation => active_investigation(c),
            Self::AccidentRelated => {
                let related = offence.is_some_and(|offence| offence.accident_related);
                c.given(related, &[Field::Offence])
            }
            Self::OffenceIsInfraction => {
                let infraction = offence.is_some_and(|o| o.level.is(&OffenceLevel::Infraction));
                c.given(infraction, &[Field::Offence])
            }
            Self::HotlistEntry => {
                let entry = matches!(request.case_ref, Some(CaseRef::HotlistEntry { .. }));
                c.given(entry, &[Field::CaseRef])
            }
            Self::HotlistExpired => {
                let expired = matches!(
                    &request.case_ref,
                    Some(CaseRef::HotlistEntry { expires: Some(end), .. }) if *end <= request.as_of
                );
                c.given(expired, &[Field::CaseRef])
            }
            Self::Exigency => c.exigency(),
            Self::ExigencyWithoutCase => c.exigency().and(!c.case_given()),
            Self::TestPlate => c.given(
                c.certified(CertificationKind::TestPlate),
                &[Field::Certifications],
            ),
            Self::UseCodeOther => {
                let mut codes = request
                    .certifications
                    .iter()
                    .filter(|paper| paper.kind == CertificationKind::UseCode);
                let other = codes.any(|paper| paper.text.as_deref().is_some_and(is_other_use));
                c.given(other, &[Field::Certifications])
            }
            Self::JudicialProcess => {
                let process = matches!(
                    request.legal_process,
                    Some(LegalProcess::JudicialWarrant { .. } | LegalProcess::CourtOrder { .. })
                );
                c.given(process, &[Field::LegalProcess])
            }
            Self::AdministrativeProcess => {
                let form = matches!(
                    request.legal_process,
                    Some(LegalProcess::AdministrativeWarrant { .. })
                );
                c.given(form, &[Field::LegalProcess])
            }
            _ => return None,
        })
    }

    /// Conditions on those who stand behind the search or receive its results.
    fn of_parties(self, c: &Context<'_>) -> Option<Truth> {
        const PARTIES: &[Field] = &[Field::OnBehalfOf, Field::Transfer];
        Some(match self {
            Self::RecipientsKnown if c.recipient.contains(Relation::Unknown) => {
                Truth::unknown("on_behalf_of.kind")
            }
            Self::RecipientsKnown => !c.given(false, PARTIES),
            Self::FederalNexus => c.given(
                c.federal_nexus().is_some(),
                &[Field::OnBehalfOf, Field::Transfer, Field::PurposeDetail],
            ),
            Self::ImmigrationAgencyBeneficiary => {
                let ero = |component| component == FederalComponent::Ero;
                let named = c
                    .beneficiaries()
                    .any(|a| a.federal_component.is_some_and(ero));
                c.given(named, PARTIES)
            }
            Self::MixedImmigrationBeneficiary => mixed_beneficiary(c, PARTIES),
            Self::ImmigrationAgencyRecipient => {
                let named = c.request.transfer_intended_to.known().is_some_and(|list| {
                    list.iter().any(|agency| {
                        agency
                            .federal_component
                            .is_some_and(FederalComponent::enforces_immigration)
                    })
                });
                c.given(named, &[Field::Transfer])
            }
            _ => return None,
        })
    }

    /// Conditions on what the texts give away.
    fn of_texts(self, c: &Context<'_>) -> Option<Truth> {
        let held = |category: &SignalCategory| c.signals.grade(*category) == Some(Grade::Medium);
        let holds = match self {
            Self::ImmigrationHold if !c.immigration_rule => return Some(Truth::False),
            Self::ImmigrationHold => c
                .signals
                .at_least(SignalCategory::Immigration, Grade::Medium),
            Self::SensitiveHold => [
                SignalCategory::HealthCare,
                SignalCategory::ProtectedActivity,
                SignalCategory::EthnicTerm,
                SignalCategory::Personal,
                SignalCategory::Civil,
            ]
            .iter()
            .any(held),
            Self::EthnicTerm => c.signals.at_least(SignalCategory::EthnicTerm, Grade::High),
            Self::TextSignal => c.signals.wants_review(),
            Self::ReasonVague => c.signals.vague,
            Self::ReasonPersonalData => c.signals.grade(SignalCategory::PersonalData).is_some(),
            _ => return None,
        };
        Some(c.given(holds, &[Field::PurposeDetail]))
    }

    /// Conditions on the data, and on how it is searched.
    fn of_data(self, c: &Context<'_>) -> Truth {
        let (request, data) = (c.request, c.data);
        let reads = &data.reads;
        match self {
            Self::WindowMalformed => {
                let malformed = request.window.is_some_and(|w| {
                    w.end <= w.start || (w.end > request.as_of && request.mode.is_historical())
                });
                c.given(malformed, &[Field::Window])
            }
            Self::OwnerGrant => owner_grant(c),
            Self::NamedGrant => Truth::from(
                c.is_own()
                    || matches!(data.share.known(), Some(ShareGrant::Agencies { agencies })
                        if agencies.contains(&request.actor.agency.id)),
            ),
            Self::MatchedReads => {
                let matched = !reads.is_empty() && reads.iter().all(ReadMeta::is_match);
                c.given(matched, &[Field::Reads])
            }
            Self::UnattendedDevice => {
                let attended = DeviceKind::VehicleAttended;
                Truth::from(
                    data.device
                        .known()
                        .is_some_and(|device| *device != attended),
                )
            }
            Self::SensitiveSite => {
                let site = !data.sensitive_places.is_empty()
                    || reads.iter().any(|read| !read.site.is_empty());
                c.given(site, &[Field::Sites, Field::Reads])
            }
            Self::OnlySensitiveSites => {
                let only = !reads.is_empty() && reads.iter().all(|read| !read.site.is_empty());
                c.given(only, &[Field::Reads])
            }
            Self::TerroristMatch => c.given(
                request.match_list.is(&MatchList::TerroristScreening),
                &[Field::MatchList],
            ),
            Self::FelonyHold => c.given(held(c, HoldKind::FelonyEvidence), &[Field::Reads]),
            Self::NotCaseSpecific => Truth::from(
                request.scope != AccessScope::CaseSpecific
                    || matches!(request.mode, AccessMode::LiveFeed | AccessMode::BulkExport),
            ),
            Self::ManyNetworks => c.given(
                request.networks_searched.is_some_and(|count| count > 100),
                &[Field::Networks],
            ),
            Self::CaseInPattern => request
                .store
                .map_or(Truth::unknown("store.case_in_pattern"), |facts| {
                    facts.case_in_pattern.into()
                }),
            Self::HotlistStale => request
                .store
                .map_or(Truth::unknown("store.list_is_stale"), |facts| {
                    facts.list_is_stale.into()
                }),
            Self::HotlistExpiry => {
                let ends = matches!(
                    request.case_ref,
                    Some(CaseRef::HotlistEntry {
                        expires: Some(_),
                        ..
                    })
                );
                c.given(ends, &[Field::CaseRef])
            }
            Self::DatasetNamed => Truth::from(!data.id.0.is_empty()),
            // Every other condition is answered above; a condition that nobody answers is not taken to hold.
            _ => Truth::unknown(self.as_str()),
        }
    }
}

/// Whether a use code of 18 U.S.C. 2721(b) is given that is not (b)(1).
fn is_other_use(text: &str) -> bool {
    let digits: String = text
        .rsplit('(')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    !digits.is_empty() && digits != "1"
}

fn fact(fact: &Fact<bool>, field: &'static str) -> Truth {
    fact.known()
        .map_or(Truth::unknown(field), |value| Truth::from(*value))
}

fn held(c: &Context<'_>, kind: HoldKind) -> bool {
    let mut holds = c.data.reads.iter().filter_map(|read| read.hold.as_ref());
    holds.any(|hold| hold.kind == kind)
}

fn mixed_beneficiary(c: &Context<'_>, parties: &[Field]) -> Truth {
    if !c.immigration_rule {
        return Truth::False;
    }
    let mut holds = c.given(false, parties);
    for agency in c.beneficiaries() {
        holds = holds.or(match agency.federal_component {
            // A crime unit with a named crime and a case is ordinary cooperation.
            Some(FederalComponent::Hsi) => !c.named_crime().and(c.case_given()),
            Some(component) => {
                Truth::from(component != FederalComponent::Ero && component.enforces_immigration())
            }
            None => Truth::False,
        });
    }
    holds
}

/// Networks put this mark behind the name of a closed agency.
fn marked_inactive(name: &str) -> bool {
    const MARK: &[u8] = b"[inactive]";
    name.as_bytes()
        .windows(MARK.len())
        .any(|part| part.eq_ignore_ascii_case(MARK))
}

fn known<T>(fact: &Fact<T>, field: &'static str) -> Truth {
    if fact.is_unknown() {
        Truth::unknown(field)
    } else {
        Truth::True
    }
}

fn agency_revoked(c: &Context<'_>) -> Truth {
    let Status::Revoked {
        network,
        dataset,
        since,
        ..
    } = &c.request.actor.agency.status
    else {
        return c.given(false, &[Field::Status]);
    };
    if since.is_some_and(|since| since > c.request.as_of) {
        return Truth::False;
    }
    if dataset
        .as_ref()
        .is_some_and(|dataset| *dataset != c.data.id)
    {
        return Truth::False;
    }
    match (network, c.data.captured_in) {
        (None, _) => Truth::True,
        (Some(network), Fact::Known(place)) => Truth::from(*network == place),
        (Some(_), Fact::Unknown) => Truth::unknown("datasets.captured_in"),
    }
}

fn active_investigation(c: &Context<'_>) -> Truth {
    let held = held(c, HoldKind::OngoingInvestigation);
    match &c.request.case_ref {
        _ if held => Truth::True,
        Some(CaseRef::Case { active, id }) if !id.trim().is_empty() => match active {
            Fact::Known(active) => Truth::from(*active),
            Fact::Unknown => Truth::unknown("case_ref.active"),
        },
        _ => c.given(false, &[Field::CaseRef]),
    }
}

fn owner_grant(c: &Context<'_>) -> Truth {
    if c.is_own() {
        return Truth::True;
    }
    let agency = &c.request.actor.agency;
    let Some(grant) = c.data.share.known() else {
        return Truth::unknown("datasets.share");
    };
    match grant {
        ShareGrant::None => Truth::False,
        ShareGrant::Network => Truth::True,
        ShareGrant::Statewide => match (agency.jurisdiction, c.data.captured_in) {
            (Fact::Known(agency_place), Fact::Known(place)) => Truth::from(agency_place == place),
            (Fact::Unknown, _) => Truth::unknown("actor.agency.jurisdiction"),
            (_, Fact::Unknown) => Truth::unknown("datasets.captured_in"),
        },
        ShareGrant::Jurisdictions { jurisdictions } => match agency.jurisdiction {
            Fact::Known(place) => Truth::from(jurisdictions.contains(&place)),
            Fact::Unknown => Truth::unknown("actor.agency.jurisdiction"),
        },
        ShareGrant::Agencies { agencies } => Truth::from(agencies.contains(&agency.id)),
    }
}
