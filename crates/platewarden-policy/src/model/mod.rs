//! Requests, datasets and decisions: the words in which policy is spoken.
//!
//! Every type reads and writes JSON through serde. Vocabularies are closed enums; JSON has one word for each value, and
//! further words are understood where people type and where files of others are imported. Facts that nobody has established are
//! [`Fact::Unknown`], and unknown denies.

mod actor;
mod agency;
mod agency_name;
mod dataset;
mod decision;
mod explain;
mod fact;
mod ids;
mod obligation;
mod place;
mod purpose;
mod request;
mod short_form;
mod tagged;
mod time;
pub(crate) mod token;

pub use actor::{Actor, Contact, Role};
pub use agency::{
    Agency, AgencyKind, AgencyRef, Agreement, AgreementKind, Declaration, FederalComponent, Status,
};
pub use agency_name::{AgencyName, StateReading};
pub use dataset::{
    Dataset, DeviceKind, HitOutcome, HoldKind, HoldRef, OperatorKind, ReadMeta, ShareGrant, Site,
    SiteFlags,
};
pub use decision::{
    Authority, AuthorityClass, AuthorityKind, Confidence, Cure, DatasetDecision, DateRange,
    Decision, Effect, FactRef, Outcome, PackVersion, Reason, RetentionFault,
};
pub use fact::Fact;
pub use ids::{
    AgencyId, CredentialId, DatasetId, DeclarationId, HoldId, PackId, RequestId, RuleId, UserId,
};
pub use obligation::{LogField, Obligation};
pub use place::{Country, Jurisdiction, State};
pub use purpose::{Alert, Purpose, PurposeKind};
pub use request::{
    AccessMode, AccessScope, CaseRef, CertificationKind, CertificationRef, Court, Exigency,
    LegalProcess, MatchList, Offence, OffenceJurisdiction, OffenceLevel, SearchRequest,
    SearchRequestBuilder, StoreFacts, Suspicion, Target, TimeWindow,
};
pub use time::parse_instant;
pub use token::same_token;
