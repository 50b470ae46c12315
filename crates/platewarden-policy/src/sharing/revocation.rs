//! Agencies that lost access: how far, why, from when to when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{AgencyId, Dataset, DatasetId, Jurisdiction};

/// Identifier of a revocation.
pub type RevocationId = String;

/// How far a revocation reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RevocationScope {
    /// These datasets.
    Datasets {
        /// Their ids.
        datasets: Vec<DatasetId>,
    },
    /// All datasets of the owner, those that come later included.
    Owner,
    /// All datasets of all owners that were captured in a jurisdiction: what a regulator can ask of a network.
    Jurisdiction {
        /// The jurisdiction.
        jurisdiction: Jurisdiction,
    },
}

/// Agencies lost access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Its identifier.
    pub id: RevocationId,
    /// The agencies.
    pub agencies: Vec<AgencyId>,
    /// The owner that took access away.
    pub owner: AgencyId,
    /// How far it reaches.
    pub scope: RevocationScope,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub decided_by: String,
    /// From when on.
    pub from: Timestamp,
    /// When access was restored; `None` while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Identifiers of the audit rows on which it rests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

impl Revocation {
    /// Whether it bars an agency from a dataset at `as_of`.
    #[must_use]
    pub fn bars(&self, agency: &AgencyId, dataset: &Dataset, as_of: Timestamp) -> bool {
        let in_force = self.from <= as_of && self.until.is_none_or(|end| as_of < end);
        in_force
            && self.agencies.contains(agency)
            && match &self.scope {
                RevocationScope::Datasets { datasets } => datasets.contains(&dataset.id),
                RevocationScope::Owner => dataset.owner.id == self.owner,
                RevocationScope::Jurisdiction { jurisdiction } => {
                    dataset.captured_in.is(jurisdiction)
                }
            }
    }
}

/// What a revocation needs besides agencies and dataset.
///
/// ```
/// use platewarden_policy::sharing::Revoke;
/// let why = Revoke::new("rev-2026-1", "Records Officer Doe", "searches for immigration enforcement: 625 ILCS 5/2-130(b)(2)")
///     .with_evidence(["row 17", "row 204"]);
/// assert_eq!(why.evidence.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoke {
    /// Identifier of the revocation.
    pub id: RevocationId,
    /// Who decided.
    pub decided_by: String,
    /// Why.
    pub reason: String,
    /// How far it reaches; `None` for the dataset alone.
    pub scope: Option<RevocationScope>,
    /// Identifiers of the audit rows on which it rests.
    pub evidence: Vec<String>,
}

impl Revoke {
    /// A revocation of the dataset alone, without evidence yet.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        decided_by: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            decided_by: decided_by.into(),
            reason: reason.into(),
            scope: None,
            evidence: Vec::new(),
        }
    }

    /// Reaches further than the dataset.
    #[must_use]
    pub fn with_scope(mut self, scope: RevocationScope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Adds audit rows on which it rests.
    #[must_use]
    pub fn with_evidence<T: Into<String>>(mut self, rows: impl IntoIterator<Item = T>) -> Self {
        self.evidence.extend(rows.into_iter().map(Into::into));
        self
    }
}
