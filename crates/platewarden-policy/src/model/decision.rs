//! The answer to a search request.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::token::token_enum;
use super::{DatasetId, Obligation, PackId, PurposeKind, RequestId, RuleId};

token_enum! {
    /// What a decision comes to.
    pub enum Outcome ("outcome") {
        /// The search may run; nothing is owed.
        Permit = "permit",
        /// The search may run, and the listed duties are owed.
        PermitWithObligations = "permit_with_obligations",
        /// Some of the datasets may be searched; the others were withheld and are named.
        Partial = "partial",
        /// Not as it stands; the listed cures would help.
        DenyCurable = "deny_curable",
        /// No.
        Deny = "deny",
    }
}

impl Outcome {
    /// Whether any data may be searched.
    #[must_use]
    pub const fn permits_any(self) -> bool {
        matches!(
            self,
            Self::Permit | Self::PermitWithObligations | Self::Partial
        )
    }
}

token_enum! {
    /// What a rule did.
    pub enum Effect ("effect") {
        /// It is the ground on which the search is lawful.
        Permit = "permit",
        /// It added duties.
        Oblige = "oblige",
        /// It denied, and something can be done about it.
        DenyCurable = "deny_curable",
        /// It denied.
        Deny = "deny",
    }
}

impl Effect {
    /// Whether the rule denied.
    #[must_use]
    pub const fn denies(self) -> bool {
        matches!(self, Self::DenyCurable | Self::Deny)
    }
}

token_enum! {
    /// What kind of authority stands behind a rule.
    ///
    /// A regulator's reading is not the statute: a reason never cites one for the other.
    pub enum AuthorityKind ("authority kind") {
        /// A statute.
        Statute = "statute",
        /// A regulation.
        Regulation = "regulation",
        /// A decision of a court.
        CourtDecision = "court_decision",
        /// An attorney general's opinion or bulletin.
        AgOpinion = "ag_opinion",
        /// The position of a regulator.
        RegulatorPosition = "regulator_position",
        /// A contract.
        Contract = "contract",
        /// Policy of an agency, or the cautious default of this crate where no law speaks.
        AgencyPolicy = "agency_policy",
        /// A rule of the engine itself: identity, form of the request, unknown facts.
        EngineRule = "engine_rule",
    }
}

token_enum! {
    /// The classes of authority that no count may mix: a breach of a house rule is not one of a statute.
    pub enum AuthorityClass ("authority class") {
        /// A statute, or what a court holds of one.
        Statute = "statute",
        /// A regulation, or what an attorney general or regulator says the law means.
        Regulation = "regulation",
        /// A contract or memorandum between agencies, or with a vendor.
        Contract = "contract",
        /// The policy of an agency, the cautious defaults of this engine included.
        AgencyPolicy = "agency_policy",
        /// The engine's own demands on a request: identity, form, unknown facts.
        EngineRule = "engine_rule",
    }
}

impl AuthorityKind {
    /// The class under which it is counted.
    ///
    /// ```
    /// use platewarden_policy::model::{AuthorityClass, AuthorityKind};
    /// assert_eq!(AuthorityKind::CourtDecision.class(), AuthorityClass::Statute);
    /// assert_eq!(AuthorityKind::RegulatorPosition.class(), AuthorityClass::Regulation);
    /// assert!(!AuthorityKind::AgencyPolicy.class().is_law());
    /// ```
    #[must_use]
    pub const fn class(self) -> AuthorityClass {
        match self {
            Self::Statute | Self::CourtDecision => AuthorityClass::Statute,
            Self::Regulation | Self::AgOpinion | Self::RegulatorPosition => {
                AuthorityClass::Regulation
            }
            Self::Contract => AuthorityClass::Contract,
            Self::AgencyPolicy => AuthorityClass::AgencyPolicy,
            Self::EngineRule => AuthorityClass::EngineRule,
        }
    }
}

impl AuthorityClass {
    /// Whether it binds as law: a statute or a regulation.
    #[must_use]
    pub const fn is_law(self) -> bool {
        matches!(self, Self::Statute | Self::Regulation)
    }
}

token_enum! {
    /// How well the wording behind a rule is known.
    pub enum Confidence ("confidence") {
        /// The statutory or official wording was read.
        Text = "text",
        /// Confirmed in a secondary source only.
        Secondary = "secondary" | "sec",
        /// General knowledge, high confidence.
        RecallHigh = "recall_high" | "recall-H",
        /// General knowledge, medium confidence.
        RecallMedium = "recall_medium" | "recall-M",
        /// General knowledge, low confidence.
        RecallLow = "recall_low" | "recall-L",
        /// The engine's own rule; there is no wording to read.
        Own = "own",
    }
}

/// From when to when a rule has effect; `to` is the first day on which it no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    /// The first day; `None` for always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The first day after; `None` for still in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

/// What stands behind a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Authority {
    /// The citation, as a lawyer writes it.
    pub citation: String,
    /// What kind of authority it is.
    pub kind: AuthorityKind,
    /// Where the official text is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// SHA-256 of the wording that was relied upon, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_sha256: Option<String>,
    /// When it has effect.
    pub effective: DateRange,
    /// When a person read it at the official source; `None` for not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<Date>,
    /// Who read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<String>,
    /// How well the wording is known.
    pub confidence: Confidence,
}

/// A fact that triggered a rule: the request's own words.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct FactRef {
    /// The request's field, such as `actor.agency.kind`.
    pub field: Cow<'static, str>,
    /// Its value; `unknown` where nobody has established it.
    pub value: Cow<'static, str>,
}

impl FactRef {
    /// A fact.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            value: value.into(),
        }
    }
}

/// Why: one rule that had a say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The rule.
    #[schemars(with = "String")]
    pub rule: Arc<str>,
    /// The pack that it comes from.
    #[schemars(with = "String")]
    pub pack: Arc<str>,
    /// What it did.
    pub effect: Effect,
    /// What stands behind it.
    #[schemars(with = "Authority")]
    pub authority: Arc<Authority>,
    /// What it says, for people.
    #[schemars(with = "String")]
    pub message: Arc<str>,
    /// The facts that triggered it.
    pub facts: Vec<FactRef>,
}

impl Reason {
    /// The rule's id.
    #[must_use]
    pub fn rule_id(&self) -> RuleId {
        RuleId(self.rule.to_string())
    }
}

/// What would turn a denial around.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cure {
    /// State a fact that is unknown or blank.
    StateFact {
        /// The request's field.
        #[schemars(with = "String")]
        field: Arc<str>,
    },
    /// Sign and file a declaration.
    FileDeclaration {
        /// Towards whose law.
        #[schemars(with = "String")]
        jurisdiction: Arc<str>,
        /// Which statute it must affirm.
        #[schemars(with = "String")]
        statute: Arc<str>,
    },
    /// Attach a certification, request or release.
    AttachCertification {
        /// Which.
        certification: super::CertificationKind,
    },
    /// Obtain a process and attach it, or serve it on the owner, who then runs the search.
    ObtainProcess {
        /// Which.
        #[schemars(with = "String")]
        process: Arc<str>,
    },
    /// State facts that amount to this degree of suspicion.
    StateSuspicion {
        /// The degree.
        #[schemars(with = "String")]
        degree: Arc<str>,
    },
    /// Ask for less.
    NarrowScope {
        /// How.
        #[schemars(with = "String")]
        how: Arc<str>,
    },
    /// Do something else that the text names.
    Act {
        /// What.
        #[schemars(with = "String")]
        what: Arc<str>,
    },
    /// Nothing would help.
    NoCure,
}

/// A read past its cap that still exists: a fault of the dataset's owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RetentionFault {
    /// The position of the read in the request's list.
    pub read: u32,
    /// When it had to be deleted.
    pub delete_by: Timestamp,
    /// The rule that set the date.
    #[schemars(with = "String")]
    pub rule: Arc<str>,
}

/// A pack that had a say.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct PackVersion {
    /// The pack.
    pub id: PackId,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file, in hex.
    pub sha256: String,
    /// Whether a person has read its rules at the official source.
    pub verified: bool,
}

/// The decision for one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct DatasetDecision {
    /// The dataset.
    pub dataset: DatasetId,
    /// Permit, permit with obligations, deny (curable) or deny; never partial.
    pub outcome: Outcome,
    /// Why, denials first, then by rule.
    pub reasons: Vec<Reason>,
    /// What would turn a denial around; empty on a permit, never empty on a denial.
    pub cures: Vec<Cure>,
    /// What is owed; empty on a denial.
    pub obligations: Vec<Obligation>,
    /// Reads past their cap that still exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<RetentionFault>,
}

impl DatasetDecision {
    /// Whether this dataset may be searched.
    #[must_use]
    pub const fn permits(&self) -> bool {
        self.outcome.permits_any()
    }
}

/// The answer to a search request.
///
/// The same request, packs and `as_of` always give the same bytes when it is serialised.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The request's id.
    pub request: RequestId,
    /// What it comes to over all datasets.
    pub outcome: Outcome,
    /// The strictest of declared purpose, menu value and reason text; `None` where no purpose is known.
    pub effective_purpose: Option<PurposeKind>,
    /// One decision for each dataset, in the request's order.
    pub per_dataset: Vec<DatasetDecision>,
    /// The reasons of all datasets, without repetition.
    pub reasons: Vec<Reason>,
    /// The cures of all denied datasets, without repetition.
    pub cures: Vec<Cure>,
    /// The duties of all permitted datasets, without repetition.
    pub obligations: Vec<Obligation>,
    /// The packs that had a say.
    #[schemars(with = "Vec<PackVersion>")]
    pub packs: Vec<Arc<PackVersion>>,
    /// The instant whose law was applied.
    pub as_of: Timestamp,
    /// SHA-256 of the request's canonical JSON, in hex.
    #[serde(with = "hex32")]
    #[schemars(with = "String")]
    pub input_sha256: [u8; 32],
}

impl Decision {
    /// The ids of the datasets that may be searched.
    pub fn permitted(&self) -> impl Iterator<Item = &DatasetId> {
        self.per_dataset
            .iter()
            .filter(|d| d.permits())
            .map(|d| &d.dataset)
    }

    /// The ids of the datasets that were withheld.
    pub fn withheld(&self) -> impl Iterator<Item = &DatasetId> {
        self.per_dataset
            .iter()
            .filter(|d| !d.permits())
            .map(|d| &d.dataset)
    }
}

mod hex32 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(
        bytes: &[u8; 32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| D::Error::custom("expected 64 hexadecimal digits"))?;
        Ok(bytes)
    }
}
