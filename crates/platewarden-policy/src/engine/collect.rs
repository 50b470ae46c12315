//! Gathering reasons, cures and duties, and putting them in order.

use std::sync::Arc;

use crate::model::{
    Cure, DatasetDecision, DatasetId, Decision, Effect, LogField, Obligation, Outcome, Reason,
    RetentionFault,
};

use super::partial::{PartialDataset, Residual};
use super::truth::Fields;

/// What has been found on one dataset so far.
#[derive(Debug, Default)]
pub(super) struct Collector {
    reasons: Vec<Reason>,
    cures: Vec<Cure>,
    obligations: Vec<Obligation>,
    pub(super) faults: Vec<RetentionFault>,
    residual: Vec<Residual>,
    curable: bool,
    last: bool,
}

impl Collector {
    pub(super) fn deny(&mut self, reason: Reason, cures: &[Cure]) {
        if reason.effect == Effect::Deny {
            self.last = true;
        } else {
            self.curable = true;
            self.cures.extend_from_slice(cures);
        }
        self.reasons.push(reason);
    }

    pub(super) fn note(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }

    pub(super) fn leave_open(&mut self, reason: Reason, cures: Vec<Cure>, on: &Fields) {
        self.residual.push(Residual {
            reason,
            cures,
            depends_on: on.iter().collect(),
        });
    }

    pub(super) fn oblige(&mut self, obligation: Obligation) {
        self.obligations.push(obligation);
    }

    /// What holds whatever the unknown parts are, and what hangs on them.
    pub(super) fn into_partial(mut self, dataset: DatasetId) -> PartialDataset {
        sort_reasons(&mut self.reasons);
        tidy(&mut self.obligations);
        self.residual.sort_unstable_by(|a, b| {
            (&a.reason.pack, &a.reason.rule).cmp(&(&b.reason.pack, &b.reason.rule))
        });
        let (denials, notes) = self
            .reasons
            .into_iter()
            .partition(|reason| reason.effect.denies());
        PartialDataset {
            dataset,
            denials,
            residual: self.residual,
            notes,
            obligations: self.obligations,
        }
    }

    /// The decision: denials stand alone, a permit names its grounds and duties.
    pub(super) fn finish(mut self, dataset: DatasetId) -> DatasetDecision {
        let denied = self.last || self.curable;
        self.reasons.retain(|r| r.effect.denies() == denied);
        sort_reasons(&mut self.reasons);
        // In the order of the reads, and of the rules' names where two rules cap the same read.
        self.faults
            .sort_by(|a, b| (a.read, &a.rule).cmp(&(b.read, &b.rule)));
        let outcome = match (self.last, self.curable) {
            (true, _) => Outcome::Deny,
            (false, true) => Outcome::DenyCurable,
            (false, false) => {
                tidy(&mut self.obligations);
                if self.obligations.is_empty() {
                    Outcome::Permit
                } else {
                    Outcome::PermitWithObligations
                }
            }
        };
        let cures = match outcome {
            Outcome::Deny => vec![Cure::NoCure],
            Outcome::DenyCurable => {
                self.cures.sort_unstable();
                self.cures.dedup();
                self.cures
            }
            _ => Vec::new(),
        };
        let obligations = if denied { Vec::new() } else { self.obligations };
        DatasetDecision {
            dataset,
            outcome,
            reasons: self.reasons,
            cures,
            obligations,
            faults: self.faults,
        }
    }
}

/// Denials first, then by pack and rule: the same findings always come in the same order.
fn sort_reasons(reasons: &mut Vec<Reason>) {
    reasons.sort_unstable_by(|a, b| {
        b.effect
            .cmp(&a.effect)
            .then_with(|| a.pack.cmp(&b.pack))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a.facts.cmp(&b.facts))
    });
    reasons.dedup();
}

/// One log duty with all fields, the longest trail, the latest clip, everything else once.
fn tidy(obligations: &mut Vec<Obligation>) {
    obligations.sort_unstable();
    obligations.dedup();
    let logs = obligations
        .iter()
        .filter(|o| matches!(o, Obligation::Log { .. }))
        .count();
    let trails = obligations
        .iter()
        .filter(|o| matches!(o, Obligation::KeepAuditTrail { .. }))
        .count();
    let clips = obligations
        .iter()
        .filter(|o| matches!(o, Obligation::ClipWindow { .. }))
        .count();
    if logs <= 1 && trails <= 1 && clips <= 1 {
        return;
    }
    let mut fields: Vec<LogField> = Vec::new();
    let mut longest: Option<u32> = None;
    let mut latest = None;
    for obligation in obligations.iter() {
        match obligation {
            Obligation::Log { fields: more } => fields.extend_from_slice(more),
            Obligation::KeepAuditTrail { days } => longest = longest.max(Some(*days)),
            Obligation::ClipWindow { from } => latest = latest.max(Some(*from)),
            _ => {}
        }
    }
    fields.sort_unstable();
    fields.dedup();
    obligations.retain(|o| {
        !matches!(
            o,
            Obligation::Log { .. }
                | Obligation::KeepAuditTrail { .. }
                | Obligation::ClipWindow { .. }
        )
    });
    if !fields.is_empty() {
        obligations.push(Obligation::Log {
            fields: Arc::from(fields),
        });
    }
    obligations.extend(longest.map(|days| Obligation::KeepAuditTrail { days }));
    obligations.extend(latest.map(|from| Obligation::ClipWindow { from }));
    obligations.sort_unstable();
}

/// Puts the findings of all datasets together, each once.
pub(super) fn merge(decision: &mut Decision) {
    if let [one] = decision.per_dataset.as_slice() {
        decision.reasons.clone_from(&one.reasons);
        decision.cures.clone_from(&one.cures);
        decision.obligations.clone_from(&one.obligations);
        return;
    }
    for one in &decision.per_dataset {
        decision.reasons.extend_from_slice(&one.reasons);
        decision.cures.extend_from_slice(&one.cures);
        decision.obligations.extend_from_slice(&one.obligations);
    }
    sort_reasons(&mut decision.reasons);
    decision.cures.sort_unstable();
    decision.cures.dedup();
    // Something can be done about a part: then "no cure" speaks for the rest only, per dataset.
    if decision.cures.len() > 1 {
        decision.cures.retain(|cure| *cure != Cure::NoCure);
    }
    // Each dataset keeps its own clip; over all datasets none of them would be right.
    if decision.per_dataset.iter().filter(|d| d.permits()).count() > 1 {
        decision
            .obligations
            .retain(|o| !matches!(o, Obligation::ClipWindow { .. }));
    }
    tidy(&mut decision.obligations);
}
