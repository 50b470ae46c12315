//! From an audit's proposals to the end of access.

use jiff::Timestamp;
use platewarden_policy::model::{AgencyId, AgencyName, DatasetId};
use platewarden_policy::sharing::{Registry, RevocationId, RevocationScope, Revoke};
use platewarden_trail::AuditSink;

use crate::Error;

use super::report::{Action, AuditReport, Evidence, ProposedRevocation};

/// Who decides on an audit's proposals, and how far the decision reaches.
///
/// An audit proposes and a person decides: without a name nothing is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationOrder {
    /// The dataset of the registry that the audited log is about.
    pub dataset: DatasetId,
    /// Who decided.
    pub decided_by: String,
    /// Start of the revocations' identifiers, followed by `-1`, `-2`, ... in the order of the proposals that are carried out.
    pub id_prefix: String,
    /// How far each reaches; `None` for the dataset alone.
    pub scope: Option<RevocationScope>,
}

impl RevocationOrder {
    /// An order that reaches as far as the dataset.
    #[must_use]
    pub fn new(
        dataset: impl Into<DatasetId>,
        decided_by: impl Into<String>,
        id_prefix: impl Into<String>,
    ) -> Self {
        Self {
            dataset: dataset.into(),
            decided_by: decided_by.into(),
            id_prefix: id_prefix.into(),
            scope: None,
        }
    }

    /// Reaches further than the dataset.
    #[must_use]
    pub fn with_scope(mut self, scope: RevocationScope) -> Self {
        self.scope = Some(scope);
        self
    }
}

impl Evidence {
    /// File, line and row id in one text, as the revocation keeps it: `june.csv:17 8f3c...`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}:{} {}", self.file, self.line, self.row_id)
    }
}

impl ProposedRevocation {
    /// The agency as the registry knows it: by identifier or by name, letter case and network markers apart; else the
    /// name in the log as identifier, so that an agency that was never on file is barred all the same.
    #[must_use]
    pub fn agency_id(&self, registry: &Registry) -> AgencyId {
        let logged = AgencyName::parse(&self.agency);
        let logged = logged.name();
        let is = |name: &str| AgencyName::parse(name).name().eq_ignore_ascii_case(logged);
        let on_file = registry
            .agencies()
            .find(|agency| is(agency.id.as_str()) || is(&agency.name));
        on_file.map_or_else(|| logged.into(), |agency| agency.id.clone())
    }

    /// The revocation that the proposal comes to: the grounds as reason, the rows as evidence.
    #[must_use]
    pub fn to_revoke(&self, id: impl Into<String>, decided_by: impl Into<String>) -> Revoke {
        let grounds: Vec<String> = self
            .grounds
            .iter()
            .map(|(ground, count)| format!("{ground} ({count})"))
            .collect();
        let reason = format!(
            "audit of {} searches: {} barred on their face; {}",
            self.searches,
            self.impermissible,
            grounds.join("; ")
        );
        Revoke::new(id, decided_by, reason)
            .with_evidence(self.evidence.iter().map(Evidence::reference))
    }
}

impl AuditReport {
    /// Ends the access of every agency for which the audit proposes it and `approved` holds, as of `at`; each
    /// revocation has its own evidence and goes to the trail first. Returns their identifiers.
    ///
    /// Referrals ([`Action::Refer`]) are left alone: they are put to the agency and its overseers. An agency that is
    /// revoked already for this dataset is left alone too, so that the same audit can be applied again.
    ///
    /// ```
    /// # use platewarden_policy::engine::Policy;
    /// # use platewarden_policy::packs::Unverified;
    /// use platewarden_audit::export::{Reader, SyntheticLog};
    /// use platewarden_policy::model::{Agency, AgencyKind, Dataset, State, parse_instant};
    /// use platewarden_audit::retro::{AuditOptions, Auditor, Collected, RevocationOrder};
    /// use platewarden_policy::sharing::Registry;
    /// use platewarden_trail::{MemoryStore, TrailOptions, TrailWriter};
    ///
    /// let mut log = Vec::new();
    /// SyntheticLog::new(1).rows(5_000).write(&mut log)?;
    /// let policy = Policy::bundled(Unverified::Allow)?;
    /// let mut auditor = Auditor::new(&policy, AuditOptions::new(State::Il))?;
    /// auditor.read("june.csv", Reader::new(log.as_slice())?, &mut Collected::default(), |_| {})?;
    /// let report = auditor.finish();
    ///
    /// let mut registry = Registry::default();
    /// let owner = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    /// registry.add_dataset(Dataset::new("springfield", owner.to_ref(), State::Il));
    /// let mut trail = TrailWriter::open(MemoryStore::default(), TrailOptions::default())?;
    /// let order = RevocationOrder::new("springfield", "Records Officer Doe", "rev-2026-06");
    /// let now = parse_instant("2026-07-01").unwrap();
    /// let filed = report.revoke(|_| true, &order, &mut registry, now, &mut trail)?;
    /// assert_eq!(filed.len(), registry.revocations().len());
    /// assert!(registry.revocations().iter().all(|r| !r.evidence.is_empty()));
    /// # Ok::<(), platewarden_audit::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Registry::revoke`]; the revocations before the one that failed stand, in the registry and in the trail.
    pub fn revoke(
        &self,
        mut approved: impl FnMut(&ProposedRevocation) -> bool,
        order: &RevocationOrder,
        registry: &mut Registry,
        at: Timestamp,
        trail: &mut impl AuditSink,
    ) -> Result<Vec<RevocationId>, Error> {
        // One agency can stand in the log under several names ("... [Inactive]"): one revocation with all the evidence.
        let mut orders: Vec<(AgencyId, Revoke)> = Vec::new();
        for proposal in &self.revocations {
            if proposal.action != Action::Revoke || !approved(proposal) {
                continue;
            }
            let agency = proposal.agency_id(registry);
            if registry.is_revoked(&agency, &order.dataset, at)? {
                continue;
            }
            let id = format!("{}-{}", order.id_prefix, orders.len() + 1);
            let mut why = proposal.to_revoke(id, &order.decided_by);
            why.scope.clone_from(&order.scope);
            match orders.iter_mut().find(|(known, _)| *known == agency) {
                Some((_, earlier)) => {
                    earlier.reason =
                        format!("{}; as {}: {}", earlier.reason, proposal.agency, why.reason);
                    earlier.evidence.extend(why.evidence);
                }
                None => orders.push((agency, why)),
            }
        }
        let mut filed = Vec::new();
        for (agency, why) in orders {
            let done = registry.revoke([agency], &order.dataset, why, at, trail)?;
            filed.push(done.id.clone());
        }
        Ok(filed)
    }
}
