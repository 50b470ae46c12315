//! Taking access away, and giving it back.

use jiff::Timestamp;
use platewarden_trail::{AuditSink, RevocationRecord};

use super::registry::{Registry, invalid};
use super::revocation::{Revocation, RevocationScope, Revoke};
use crate::Error;
use crate::model::{AgencyId, Dataset, DatasetId};

impl Registry {
    /// Takes access to a dataset from agencies, as of `at`, and writes that to the audit trail first: what cannot be
    /// written down does not happen.
    ///
    /// Agencies that are not on file are taken along: an audit finds names that the registry never knew, and they must
    /// not come in later.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the dataset is not on file, the identifier is taken, or agencies,
    /// reason or the name of who decided are missing; or whatever keeps the record from being written. The registry then
    /// stands as before.
    pub fn revoke(
        &mut self,
        agencies: impl IntoIterator<Item = AgencyId>,
        dataset: &DatasetId,
        why: Revoke,
        at: Timestamp,
        trail: &mut impl AuditSink,
    ) -> Result<&Revocation, Error> {
        let owner = self.known_dataset(dataset)?.owner.id.clone();
        let mut agencies: Vec<AgencyId> = agencies.into_iter().collect();
        agencies.sort();
        agencies.dedup();
        if agencies.is_empty() {
            return Err(invalid("revocation", "at least one agency", "none"));
        }
        if let Some(own) = agencies.iter().find(|agency| **agency == owner) {
            return Err(invalid(
                "revocation",
                "agencies other than the owner of the data",
                own.as_str(),
            ));
        }
        if why.id.trim().is_empty() || self.revocations.iter().any(|other| other.id == why.id) {
            return Err(invalid("revocation id", "one that is not taken", &why.id));
        }
        if why.reason.trim().is_empty() {
            return Err(invalid("revocation", "a reason", "none"));
        }
        if why.decided_by.trim().is_empty() {
            return Err(invalid("revocation", "the name of who decided", "none"));
        }
        let scope = why.scope.unwrap_or_else(|| RevocationScope::Datasets {
            datasets: vec![dataset.clone()],
        });
        let revocation = Revocation {
            id: why.id,
            agencies,
            owner,
            scope,
            reason: why.reason,
            decided_by: why.decided_by,
            from: at,
            until: None,
            evidence: why.evidence,
        };
        trail.record(
            record(
                &revocation,
                &revocation.reason,
                &revocation.decided_by,
                Some(at),
            )
            .into(),
            at,
        )?;
        self.revocations.push(revocation);
        self.revocations
            .last()
            .ok_or_else(|| invalid("revocation", "the one just filed", "none"))
    }

    /// Gives access back as of `at`, and writes that to the audit trail first.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where there is no such revocation, it was ended before, it begins after `at`,
    /// or reason or name are missing; or whatever keeps the record from being written.
    pub fn restore(
        &mut self,
        id: &str,
        decided_by: &str,
        reason: &str,
        at: Timestamp,
        trail: &mut impl AuditSink,
    ) -> Result<(), Error> {
        let revocation = self
            .revocations
            .iter_mut()
            .find(|revocation| revocation.id == id);
        let revocation =
            revocation.ok_or_else(|| invalid("revocation id", "a revocation on file", id))?;
        if revocation.until.is_some() || at < revocation.from {
            return Err(invalid("revocation", "one that is in force", id));
        }
        if reason.trim().is_empty() || decided_by.trim().is_empty() {
            return Err(invalid(
                "restoration",
                "a reason and the name of who decided",
                "one of them empty",
            ));
        }
        let reason = format!("access restored: {reason}");
        trail.record(record(revocation, &reason, decided_by, Some(at)).into(), at)?;
        revocation.until = Some(at);
        Ok(())
    }

    /// Whether an agency is barred from a dataset on file at `as_of`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the dataset is not on file.
    pub fn is_revoked(
        &self,
        agency: &AgencyId,
        dataset: &DatasetId,
        as_of: Timestamp,
    ) -> Result<bool, Error> {
        let dataset = self.known_dataset(dataset)?;
        Ok(self.revocation_of(agency, dataset, as_of).is_some())
    }

    /// The revocation that bars an agency from a dataset at `as_of`, the earliest of several.
    #[must_use]
    pub fn revocation_of(
        &self,
        agency: &AgencyId,
        dataset: &Dataset,
        as_of: Timestamp,
    ) -> Option<&Revocation> {
        let barring = self
            .revocations
            .iter()
            .filter(|revocation| revocation.bars(agency, dataset, as_of));
        barring.min_by_key(|revocation| revocation.from)
    }
}

fn record(
    revocation: &Revocation,
    reason: &str,
    decided_by: &str,
    from: Option<Timestamp>,
) -> RevocationRecord {
    RevocationRecord {
        revocation_id: revocation.id.clone(),
        agencies: revocation
            .agencies
            .iter()
            .map(ToString::to_string)
            .collect(),
        datasets: match &revocation.scope {
            RevocationScope::Datasets { datasets } => {
                datasets.iter().map(ToString::to_string).collect()
            }
            RevocationScope::Owner => Vec::new(),
            RevocationScope::Jurisdiction { jurisdiction } => {
                vec![format!("captured in {jurisdiction}")]
            }
        },
        owner: revocation.owner.to_string(),
        decided_by: decided_by.to_owned(),
        reason: reason.to_owned(),
        effective_from: from,
        evidence: revocation.evidence.clone(),
    }
}
