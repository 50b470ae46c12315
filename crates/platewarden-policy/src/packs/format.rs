//! The TOML form of a pack, exactly as written in the file.

use serde::Deserialize;
use toml::Spanned;

use super::condition::{Condition, Word};
use super::law_state::LawState;
use crate::model::{
    AuthorityKind, CertificationKind, Confidence, Cure, HoldKind, LogField, OperatorKind,
};
use crate::predicates::Predicate;

/// A pack file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPack {
    pub(super) pack: RawHeader,
    #[serde(default)]
    pub(super) retention: Vec<Spanned<RawRetention>>,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<RawRule>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHeader {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) version: String,
    pub(super) kind: PackKind,
    #[serde(default)]
    pub(super) jurisdictions: Vec<String>,
    #[serde(default)]
    pub(super) utc_offset_hours: i8,
    pub(super) verified_on: String,
    #[serde(default)]
    pub(super) verified_by: String,
    #[serde(default)]
    pub(super) note: String,
    /// How far the law of the data was read.
    #[serde(default)]
    pub(super) holder_law: Option<LawState>,
    /// How far the law was read that binds the officers of the place.
    #[serde(default)]
    pub(super) actor_law: Option<LawState>,
}

/// What a pack is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackKind {
    /// The law of one or more jurisdictions, applied where data was captured and to who searches.
    Law,
    /// Law that applies over and above a state's own, and does not stand in for it.
    Supplement,
    /// The engine's own rules, applied to every search.
    Engine,
    /// Policy that a dataset names; it can only tighten.
    Overlay,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAuthority {
    pub(super) cite: Option<Spanned<String>>,
    pub(super) kind: AuthorityKind,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) quote_sha256: Option<String>,
    #[serde(default)]
    pub(super) from: Option<jiff::civil::Date>,
    #[serde(default)]
    pub(super) to: Option<jiff::civil::Date>,
    pub(super) confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRetention {
    pub(super) id: String,
    pub(super) cap: Spanned<String>,
    #[serde(default)]
    pub(super) operator: Option<OperatorKind>,
    #[serde(default)]
    pub(super) owner: Vec<String>,
    #[serde(default)]
    pub(super) matched_exempt: bool,
    #[serde(default)]
    pub(super) holds: Vec<HoldKind>,
    #[serde(default)]
    pub(super) sworn_preservation_max: Option<Spanned<String>>,
    pub(super) message: String,
    pub(super) authority: Option<RawAuthority>,
}

/// Which law is speaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The law of the place of capture and of the owner.
    Holder,
    /// The law that binds the officer, whatever data is searched.
    Actor,
    /// Engine and overlay rules: every search.
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawEffect {
    /// Deny where `when` holds; curable if the rule lists cures.
    Deny,
    /// Deny, curably, where `when` holds and a need is not met.
    DenyUnless,
    /// Add obligations where `when` holds.
    Oblige,
    /// State the ground on which the search is lawful.
    Permit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: String,
    #[serde(default)]
    pub(super) side: Option<Side>,
    pub(super) effect: RawEffect,
    #[serde(default)]
    pub(super) when: Condition,
    #[serde(default)]
    pub(super) needs: Vec<RawNeed>,
    #[serde(default)]
    pub(super) cures: Vec<Cure>,
    #[serde(default)]
    pub(super) obligations: Vec<RawObligation>,
    #[serde(default)]
    pub(super) waivable: bool,
    pub(super) message: String,
    pub(super) authority: Option<RawAuthority>,
}

/// Something that must be there; exactly one key, or `any` for alternatives.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawNeed {
    pub(super) declaration: Option<Spanned<String>>,
    pub(super) certification: Option<CertificationKind>,
    pub(super) process: Option<Spanned<String>>,
    pub(super) courts: Vec<Spanned<String>>,
    pub(super) suspicion: Option<Spanned<String>>,
    pub(super) predicate: Option<Word<Predicate>>,
    pub(super) any: Vec<RawNeed>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum RawObligation {
    Log { fields: Vec<LogField> },
    KeepAuditTrail { days: u32 },
    AttachDeclaration,
    PerjuryStatement,
    RecordFederalNexus,
    NotifyOwner,
    NoOnwardTransfer { except: String },
    CaseSpecificOnly,
    SuppressSites,
    HumanVerifyBeforeStop,
    MatchAloneIsNotSuspicion,
    PurgeManualEntryAtShiftEnd,
    SupervisorReview { within_hours: u32 },
    CompleteCaseRef { within_hours: u32 },
    CountInReport { report: String, field: String },
    PublishAudit { within_days: u32 },
    DeleteCopiesAfter { days: u32 },
    RedactReasonOnPublish,
    AttachProcess,
    KeepConfidential,
}
