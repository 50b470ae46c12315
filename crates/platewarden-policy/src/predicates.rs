//! The vocabulary of conditions: how a party stands to the data, and what tables cannot say, by name.

use crate::model::token::token_enum;

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
        /// The credential was issued to another person than the one who searches.
        CredentialOfAnother = "credential_of_another",
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
        /// A sensitive purpose, where nobody has read the law that binds the officer and no law denies for good.
        SensitiveUnderUnreadLaw = "sensitive_under_unread_law",
        /// A use code is given, and it is another than (b)(1), the functions of a government agency.
        UseCodeOther = "use_code_other",
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
        /// The case number looks as the agency's own do.
        CaseInPattern = "case_in_pattern",
        /// The hotlist entry has an end.
        HotlistExpiry = "hotlist_expiry",
        /// The list that the hotlist entry comes from is out of date.
        HotlistStale = "hotlist_stale",
    }
}

/// A statute's spelling without case, spaces and punctuation.
pub(crate) fn statute_key(statute: &str) -> String {
    statute
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
