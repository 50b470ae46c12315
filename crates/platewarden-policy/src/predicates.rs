//! What tables cannot say: named conditions that packs refer to.

use crate::classifier::{Grade, SignalCategory};
use crate::engine::Context;
use crate::model::token::token_enum;
use crate::model::{
    AgencyKind, CaseRef, CertificationKind, DeviceKind, Fact, FederalComponent, HoldKind,
    Jurisdiction, LegalProcess, MatchList, Role, ShareGrant, Status,
};
use crate::packs::bit;

token_enum! {
    /// How a party to the search stands to the data.
    pub enum Relation ("relation") {
        /// It owns the data.
        Own = "own",
        /// A body of the place of capture, whatever its kind (not federal, not private).
        InState = "in_state",
        /// A law enforcement body of the place of capture.
        InStateLea = "in_state_lea",
        /// A body of another state.
        OutOfState = "out_of_state",
        /// A law enforcement body of another state.
        OutOfStateLea = "out_of_state_lea",
        /// A federal body.
        Federal = "federal",
        /// A private person or company.
        Private = "private",
        /// A body of another country.
        Foreign = "foreign",
        /// Its kind or place is unknown.
        Unknown = "unknown",
    }
}

/// Three-valued truth: a condition on an unknown fact is neither true nor false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tri {
    True,
    False,
    /// The field that would have to be known.
    Unknown(&'static str),
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Tri {
    fn fact(fact: &Fact<bool>, field: &'static str) -> Self {
        fact.known()
            .map_or(Self::Unknown(field), |value| Self::from(*value))
    }
}

token_enum! {
    /// A named condition.
    pub enum Predicate ("predicate") {
        /// The request names at least one dataset.
        DatasetNamed = "dataset_named",
        /// The account is named.
        UserNamed = "user_named",
        /// The account is bound to one verified person.
        PersonProofed = "person_proofed",
        /// The session was opened with more than one factor.
        Mfa = "mfa",
        /// The credential is used by more than one person.
        CredentialShared = "credential_shared",
        /// The searcher's training has lapsed.
        TrainingExpired = "training_expired",
        /// The searching agency is closed or suspended.
        AgencyInactive = "agency_inactive",
        /// The searching agency's access to this data was revoked.
        AgencyRevoked = "agency_revoked",
        /// The searching agency's kind is known.
        AgencyKindKnown = "agency_kind_known",
        /// The searching agency's jurisdiction is known.
        AgencyPlaceKnown = "agency_place_known",
        /// The place of capture is known.
        CaptureKnown = "capture_known",
        /// A law pack covers the place of capture.
        LawLoaded = "law_loaded",
        /// A law pack covers the searching agency's place.
        ActorLawLoaded = "actor_law_loaded",
        /// Every overlay that the dataset names is loaded.
        OverlaysLoaded = "overlays_loaded",
        /// The window ends before it starts, or after the search.
        WindowMalformed = "window_malformed",
        /// A purpose of the closed list is given.
        PurposeKnown = "purpose_known",
        /// A purpose is given, and the reason field was not left blank.
        PurposeRecorded = "purpose_recorded",
        /// A reason in words is given.
        ReasonGiven = "reason_given",
        /// The reason is documented: in words, by offence or by case.
        ReasonDocumented = "reason_documented",
        /// A case, call or hotlist entry is given.
        CaseGiven = "case_given",
        /// An offence code is given.
        OffenceGiven = "offence_given",
        /// The investigation is under way.
        ActiveInvestigation = "active_investigation",
        /// The infraction is tied to a crash.
        AccidentRelated = "accident_related",
        /// The offence is an infraction.
        OffenceIsInfraction = "offence_is_infraction",
        /// The search comes from a hotlist entry.
        HotlistEntry = "hotlist_entry",
        /// The hotlist entry has lapsed.
        HotlistExpired = "hotlist_expired",
        /// Kind and place of everybody who will receive results are known.
        RecipientsKnown = "recipients_known",
        /// A federal agency is named as beneficiary, recipient, designation or in the text.
        FederalNexus = "federal_nexus",
        /// The search is for, or goes to, an agency that enforces immigration law alone.
        ImmigrationAgencyBeneficiary = "immigration_agency_beneficiary",
        /// The search is for an agency that enforces immigration law among other things.
        MixedImmigrationBeneficiary = "mixed_immigration_beneficiary",
        /// Results go to an agency that enforces immigration law.
        ImmigrationAgencyRecipient = "immigration_agency_recipient",
        /// A sensitive purpose on which no statute of the place of capture speaks and that the owner's policy does not admit.
        SensitiveWithoutStatute = "sensitive_without_statute",
        /// The text may point to immigration enforcement, and the law of the data or of the officer speaks of it.
        ImmigrationHold = "immigration_hold",
        /// The text may point to health care, protected activity, private or civil use, or ethnicity.
        SensitiveHold = "sensitive_hold",
        /// The text relies on a slur or on nationality alone.
        EthnicTerm = "ethnic_term",
        /// The text holds a signal that a reviewer should see.
        TextSignal = "text_signal",
        /// The text says nothing.
        ReasonVague = "reason_vague",
        /// The text holds a plate, a date of birth or other personal data.
        ReasonPersonalData = "reason_personal_data",
        /// The plate is synthetic or the searcher's own.
        TestPlate = "test_plate",
        /// The searcher is an auditor.
        Auditor = "auditor",
        /// The owner's policy lets the searching agency in.
        OwnerGrant = "owner_grant",
        /// The owner's policy names the searching agency, or it is the owner.
        NamedGrant = "named_grant",
        /// An emergency with facts and a named supervisor.
        Exigency = "exigency",
        /// Such an emergency, and no case yet.
        ExigencyWithoutCase = "exigency_without_case",
        /// Name, telephone, e-mail and address of the searcher are given.
        ContactComplete = "contact_complete",
        /// A warrant or order of a court is attached.
        JudicialProcess = "judicial_process",
        /// A read in question was matched, and nothing but matched reads is asked for.
        MatchedReads = "matched_reads",
        /// The camera does not stand on an attended vehicle.
        UnattendedDevice = "unattended_device",
        /// The dataset or one of its reads lies at a sensitive place.
        SensitiveSite = "sensitive_site",
        /// Every read in question lies at a sensitive place.
        OnlySensitiveSites = "only_sensitive_sites",
        /// A paper that no court has seen, such as DHS form I-200, is offered as authority.
        AdministrativeProcess = "administrative_process",
        /// The match is against the Terrorist Screening Database.
        TerroristMatch = "terrorist_match",
        /// A hold for a felony or its evidence is on a read in question.
        FelonyHold = "felony_hold",
        /// The request goes beyond one case: standing or unrestricted access, a live feed, or bulk.
        NotCaseSpecific = "not_case_specific",
        /// More than a hundred networks would be searched.
        ManyNetworks = "many_networks",
    }
}

impl Predicate {
    /// Whether the condition holds; the order of matching is the order of declaration.
    #[allow(
        clippy::too_many_lines,
        reason = "one line per predicate, read as a table"
    )]
    pub(crate) fn eval(self, c: &Context<'_>) -> Tri {
        let (request, data) = (c.request, c.data);
        let actor = &request.actor;
        match self {
            Self::DatasetNamed => Tri::from(!data.id.0.is_empty()),
            Self::UserNamed => Tri::from(!actor.user.0.trim().is_empty()),
            Self::PersonProofed => Tri::fact(&actor.person_proofed, "actor.person_proofed"),
            Self::Mfa => Tri::fact(&actor.mfa, "actor.mfa"),
            Self::CredentialShared => Tri::from(actor.credential_shared.is(&true)),
            Self::TrainingExpired => Tri::from(
                actor
                    .training_valid_until
                    .is_some_and(|last| last < c.today),
            ),
            Self::AgencyInactive => Tri::from(
                matches!(
                    actor.agency.status,
                    Status::Inactive | Status::Suspended { .. }
                ) || marked_inactive(&actor.agency.name),
            ),
            Self::AgencyRevoked => agency_revoked(c),
            Self::AgencyKindKnown => known(&actor.agency.kind, "actor.agency.kind"),
            Self::AgencyPlaceKnown => {
                known(&actor.agency.jurisdiction, "actor.agency.jurisdiction")
            }
            Self::CaptureKnown => known(&data.captured_in, "datasets.captured_in"),
            Self::LawLoaded => Tri::from(c.law_loaded),
            Self::ActorLawLoaded => Tri::from(c.actor_law_loaded),
            Self::OverlaysLoaded => Tri::from(c.overlays_loaded),
            Self::WindowMalformed => Tri::from(request.window.is_some_and(|w| {
                w.end <= w.start || (w.end > request.as_of && request.mode.is_historical())
            })),
            Self::PurposeKnown => Tri::from(c.purposes.chosen != 0),
            Self::PurposeRecorded => Tri::from(c.purposes.chosen != 0 && !c.reason_left_blank()),
            Self::ReasonGiven => Tri::from(c.reason_text().is_some()),
            Self::ReasonDocumented => {
                Tri::from(c.reason_text().is_some() || c.case_given() || c.offence_given())
            }
            Self::CaseGiven => Tri::from(c.case_given()),
            Self::OffenceGiven => Tri::from(c.offence_given()),
            Self::ActiveInvestigation => active_investigation(c),
            Self::AccidentRelated => {
                Tri::from(request.offence.as_ref().is_some_and(|o| o.accident_related))
            }
            Self::OffenceIsInfraction => Tri::from(
                request
                    .offence
                    .as_ref()
                    .is_some_and(|o| o.level.is(&crate::model::OffenceLevel::Infraction)),
            ),
            Self::HotlistEntry => Tri::from(matches!(
                request.case_ref,
                Some(CaseRef::HotlistEntry { .. })
            )),
            Self::HotlistExpired => Tri::from(matches!(
                &request.case_ref,
                Some(CaseRef::HotlistEntry { expires: Some(end), .. }) if *end <= request.as_of
            )),
            Self::RecipientsKnown => {
                if c.recipient & bit!(Relation::Unknown) == 0 {
                    Tri::True
                } else {
                    Tri::Unknown("on_behalf_of.kind")
                }
            }
            Self::FederalNexus => Tri::from(c.federal_nexus().is_some()),
            Self::ImmigrationAgencyBeneficiary => Tri::from(
                c.beneficiaries()
                    .any(|a| matches!(a.federal_component, Some(FederalComponent::Ero))),
            ),
            Self::MixedImmigrationBeneficiary => Tri::from(
                c.immigration_rule
                    && c.beneficiaries().any(|a| match a.federal_component {
                        // A crime unit with a named crime and a case is ordinary cooperation.
                        Some(FederalComponent::Hsi) => !(c.named_crime() && c.case_given()),
                        Some(component) => {
                            component != FederalComponent::Ero && component.enforces_immigration()
                        }
                        None => false,
                    }),
            ),
            Self::ImmigrationAgencyRecipient => {
                Tri::from(request.transfer_intended_to.known().is_some_and(|list| {
                    list.iter().any(|a| {
                        a.federal_component
                            .is_some_and(FederalComponent::enforces_immigration)
                    })
                }))
            }
            Self::SensitiveWithoutStatute => Tri::from(c.sensitive_unaddressed()),
            Self::ImmigrationHold => Tri::from(
                c.immigration_rule
                    && c.signals
                        .at_least(SignalCategory::Immigration, Grade::Medium),
            ),
            Self::SensitiveHold => Tri::from(
                [
                    SignalCategory::HealthCare,
                    SignalCategory::ProtectedActivity,
                    SignalCategory::EthnicTerm,
                    SignalCategory::Personal,
                    SignalCategory::Civil,
                ]
                .iter()
                .any(|category| c.signals.grade(*category) == Some(Grade::Medium)),
            ),
            Self::EthnicTerm => {
                Tri::from(c.signals.at_least(SignalCategory::EthnicTerm, Grade::High))
            }
            Self::TextSignal => Tri::from(c.signals.wants_review()),
            Self::ReasonVague => Tri::from(c.signals.vague),
            Self::ReasonPersonalData => {
                Tri::from(c.signals.grade(SignalCategory::PersonalData).is_some())
            }
            Self::TestPlate => Tri::from(c.certified(CertificationKind::TestPlate)),
            Self::Auditor => Tri::from(actor.role.is(&Role::Auditor)),
            Self::OwnerGrant => owner_grant(c),
            Self::NamedGrant => Tri::from(
                c.is_own()
                    || matches!(data.share.known(), Some(ShareGrant::Agencies { agencies })
                        if agencies.contains(&actor.agency.id)),
            ),
            Self::Exigency => Tri::from(c.exigency()),
            Self::ExigencyWithoutCase => Tri::from(c.exigency() && !c.case_given()),
            Self::ContactComplete => Tri::from(
                actor
                    .contact
                    .as_ref()
                    .is_some_and(crate::model::Contact::is_complete),
            ),
            Self::JudicialProcess => Tri::from(matches!(
                request.legal_process,
                Some(LegalProcess::JudicialWarrant { .. } | LegalProcess::CourtOrder { .. })
            )),
            Self::AdministrativeProcess => Tri::from(matches!(
                request.legal_process,
                Some(LegalProcess::AdministrativeWarrant { .. })
            )),
            Self::MatchedReads => Tri::from(
                !data.reads.is_empty() && data.reads.iter().all(crate::model::ReadMeta::is_match),
            ),
            Self::UnattendedDevice => Tri::from(
                data.device
                    .known()
                    .is_some_and(|device| *device != DeviceKind::VehicleAttended),
            ),
            Self::SensitiveSite => Tri::from(
                !data.sensitive_places.is_empty()
                    || data.reads.iter().any(|read| !read.site.is_empty()),
            ),
            Self::OnlySensitiveSites => Tri::from(
                !data.reads.is_empty() && data.reads.iter().all(|read| !read.site.is_empty()),
            ),
            Self::TerroristMatch => {
                Tri::from(request.match_list.is(&MatchList::TerroristScreening))
            }
            Self::FelonyHold => Tri::from(data.reads.iter().any(|read| {
                read.hold
                    .as_ref()
                    .is_some_and(|hold| hold.kind == HoldKind::FelonyEvidence)
            })),
            Self::NotCaseSpecific => Tri::from(
                request.scope != crate::model::AccessScope::CaseSpecific
                    || matches!(
                        request.mode,
                        crate::model::AccessMode::LiveFeed | crate::model::AccessMode::BulkExport
                    ),
            ),
            Self::ManyNetworks => {
                Tri::from(request.networks_searched.is_some_and(|count| count > 100))
            }
        }
    }
}

/// Networks put this mark behind the name of a closed agency.
fn marked_inactive(name: &str) -> bool {
    const MARK: &[u8] = b"[inactive]";
    name.as_bytes()
        .windows(MARK.len())
        .any(|part| part.eq_ignore_ascii_case(MARK))
}

fn known<T>(fact: &Fact<T>, field: &'static str) -> Tri {
    if fact.is_unknown() {
        Tri::Unknown(field)
    } else {
        Tri::True
    }
}

fn agency_revoked(c: &Context<'_>) -> Tri {
    let Status::Revoked {
        network,
        dataset,
        since,
        ..
    } = &c.request.actor.agency.status
    else {
        return Tri::False;
    };
    if since.is_some_and(|since| since > c.request.as_of) {
        return Tri::False;
    }
    if dataset
        .as_ref()
        .is_some_and(|dataset| *dataset != c.data.id)
    {
        return Tri::False;
    }
    match (network, c.data.captured_in) {
        (None, _) => Tri::True,
        (Some(network), Fact::Known(place)) => Tri::from(*network == place),
        (Some(_), Fact::Unknown) => Tri::Unknown("datasets.captured_in"),
    }
}

fn active_investigation(c: &Context<'_>) -> Tri {
    let held = c.data.reads.iter().any(|read| {
        read.hold
            .as_ref()
            .is_some_and(|hold| hold.kind == HoldKind::OngoingInvestigation)
    });
    match &c.request.case_ref {
        _ if held => Tri::True,
        Some(CaseRef::Case { active, id }) if !id.trim().is_empty() => match active {
            Fact::Known(active) => Tri::from(*active),
            Fact::Unknown => Tri::Unknown("case_ref.active"),
        },
        _ => Tri::False,
    }
}

fn owner_grant(c: &Context<'_>) -> Tri {
    if c.is_own() {
        return Tri::True;
    }
    let agency = &c.request.actor.agency;
    let Some(grant) = c.data.share.known() else {
        return Tri::Unknown("datasets.share");
    };
    match grant {
        ShareGrant::None => Tri::False,
        ShareGrant::Network => Tri::True,
        ShareGrant::Statewide => match (agency.jurisdiction, c.data.captured_in) {
            (Fact::Known(agency_place), Fact::Known(place)) => Tri::from(agency_place == place),
            (Fact::Unknown, _) => Tri::Unknown("actor.agency.jurisdiction"),
            (_, Fact::Unknown) => Tri::Unknown("datasets.captured_in"),
        },
        ShareGrant::Jurisdictions { jurisdictions } => match agency.jurisdiction {
            Fact::Known(place) => Tri::from(jurisdictions.contains(&place)),
            Fact::Unknown => Tri::Unknown("actor.agency.jurisdiction"),
        },
        ShareGrant::Agencies { agencies } => Tri::from(agencies.contains(&agency.id)),
    }
}

/// How a party stands to data captured in `place` and owned by `owner`.
pub(crate) fn relation(
    id: &str,
    kind: Fact<AgencyKind>,
    home: Fact<Jurisdiction>,
    owner: &str,
    place: Fact<Jurisdiction>,
) -> u64 {
    let mut mask = if !id.is_empty() && id == owner {
        bit!(Relation::Own)
    } else {
        0
    };
    // A federal body is federal wherever it sits.
    let home = if kind.is(&AgencyKind::Federal) {
        Fact::Known(Jurisdiction::UnitedStates)
    } else {
        home
    };
    let (Fact::Known(kind), Fact::Known(home)) = (kind, home) else {
        return mask | bit!(Relation::Unknown);
    };
    if kind == AgencyKind::Private {
        return mask | bit!(Relation::Private);
    }
    if kind == AgencyKind::Federal || home == Jurisdiction::UnitedStates {
        let abroad = place.known().is_some_and(|place| !place.is_us());
        return mask
            | if abroad {
                bit!(Relation::Foreign)
            } else {
                bit!(Relation::Federal)
            };
    }
    let Fact::Known(place) = place else {
        return mask | bit!(Relation::Unknown);
    };
    let police = kind.is_state_or_local_le();
    if home == place {
        mask |= bit!(Relation::InState);
        if police {
            mask |= bit!(Relation::InStateLea);
        }
    } else if home.is_us() && place.is_us() {
        mask |= bit!(Relation::OutOfState);
        if police {
            mask |= bit!(Relation::OutOfStateLea);
        }
    } else {
        mask |= bit!(Relation::Foreign);
    }
    mask
}

/// A statute's spelling without case, spaces and punctuation.
pub(crate) fn statute_key(statute: &str) -> String {
    statute
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Whether a declaration's statute is one of the spellings that a pack accepts.
///
/// A longer citation (a subsection, the publisher in front) passes; another statute does not. The
/// declaration's jurisdiction is compared separately.
pub(crate) fn same_statute(given: &str, wanted: &[String]) -> bool {
    let given = statute_key(given);
    wanted.iter().any(|key| given.contains(key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{same_statute, statute_key};

    #[test]
    fn statutes_are_compared_without_punctuation() {
        let wanted = [statute_key("5/2-130"), statute_key("IL-2-130")];
        for given in ["625 ILCS 5/2-130", "625 ILCS 5/2-130(c)", "il 2-130"] {
            assert!(same_statute(given, &wanted), "{given}");
        }
        assert!(!same_statute("2026 N.M. Laws ch. 20", &wanted));
        assert!(!same_statute("", &wanted));
    }
}
