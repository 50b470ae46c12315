//! Who may post.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use platewarden_policy::model::{
    Agency, AgencyId, AgencyKind, AgencyRef, Fact, Jurisdiction, State, Status,
};

use crate::Error;

/// By what an agency was found to be what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Who checked.
    pub verified_by: String,
    /// The agency's account at the evidence system that receives hand-overs.
    pub evidence_account: String,
}

/// The agency as a request names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostingAgency {
    /// Its id.
    pub id: AgencyId,
    /// Its name, as residents read it.
    pub name: String,
    /// Local or state.
    pub kind: AgencyKind,
    /// Its state.
    pub state: State,
    /// Its account at the evidence system.
    pub evidence_account: String,
}

impl PostingAgency {
    /// Whether the parts fit together; checked again whenever one is read from storage.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !matches!(self.kind, AgencyKind::Local | AgencyKind::State) {
            return Err(refused(
                "community-local-only",
                format!("{} is a {} agency", self.name, self.kind),
                "a local or state agency posts for its own investigation",
            ));
        }
        if self.id.as_str().trim().is_empty()
            || self.name.trim().is_empty()
            || self.evidence_account.trim().is_empty()
        {
            return Err(refused(
                "community-agency-facts",
                "id, name or evidence account of the agency is empty".to_owned(),
                "state them",
            ));
        }
        Ok(())
    }
}

/// An agency that may post: only [`RequestService::verify`](super::RequestService::verify) makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAgency {
    pub(super) posting: PostingAgency,
    pub(super) verified_by: String,
    pub(super) verified_at: Timestamp,
}

impl VerifiedAgency {
    pub(super) fn new(agency: &Agency, proof: &Proof, at: Timestamp) -> Result<Self, Error> {
        let name = if agency.name.trim().is_empty() {
            agency.id.as_str()
        } else {
            agency.name.as_str()
        };
        if is_federal(&agency.to_ref()) || agency.name.trim_start().starts_with("[Federal]") {
            return Err(refused(
                "community-no-federal",
                format!("{name} is a federal agency"),
                "federal agencies cannot post; footage is obtained by legal process served on whoever holds it",
            ));
        }
        let Fact::Known(kind) = agency.kind else {
            return Err(refused(
                "community-agency-facts",
                format!("what kind of agency {name} is is unknown"),
                "state it",
            ));
        };
        if !matches!(kind, AgencyKind::Local | AgencyKind::State) {
            return Err(refused(
                "community-local-only",
                format!("{name} is a {kind} agency"),
                "a local or state agency posts for its own investigation",
            ));
        }
        if agency.status != Status::Active {
            return Err(refused(
                "community-agency-inactive",
                format!("{name} is not in good standing"),
                "restore the agency's standing first",
            ));
        }
        let Some(state) = agency.jurisdiction.known().and_then(Jurisdiction::state) else {
            return Err(refused(
                "community-agency-facts",
                format!("the state of {name} is unknown"),
                "state it: its law governs what is handed over",
            ));
        };
        if proof.verified_by.trim().is_empty() {
            return Err(refused(
                "community-verified-only",
                format!("nobody has verified {name}"),
                "name who checked that the agency is what it says",
            ));
        }
        let posting = PostingAgency {
            id: agency.id.clone(),
            name: name.to_owned(),
            kind,
            state,
            evidence_account: proof.evidence_account.clone(),
        };
        posting.check()?;
        Ok(Self {
            posting,
            verified_by: proof.verified_by.clone(),
            verified_at: at,
        })
    }

    /// The agency as requests name it.
    #[must_use]
    pub fn agency(&self) -> &PostingAgency {
        &self.posting
    }

    /// Who verified it.
    #[must_use]
    pub fn verified_by(&self) -> &str {
        &self.verified_by
    }

    /// When it was verified.
    #[must_use]
    pub fn verified_at(&self) -> Timestamp {
        self.verified_at
    }
}

/// Whether an agency is federal as far as is known.
#[must_use]
pub fn is_federal(agency: &AgencyRef) -> bool {
    agency.kind.is(&AgencyKind::Federal)
        || agency.federal_component.is_some()
        || agency.jurisdiction.is(&Jurisdiction::UnitedStates)
        || AgencyRef::named(agency.id.as_str())
            .kind
            .is(&AgencyKind::Federal)
}

pub(super) fn refused(rule: &'static str, why: String, remedy: &str) -> Error {
    Error::refused(rule, &why, remedy)
}
