//! Counting.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use platewarden_trail::{DecisionRecord, Digest, Entry, Record, Trail, TrailRead, VerifyOptions};
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// Outcomes of decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// All of them.
    pub total: u64,
    /// Permitted without more.
    pub permit: u64,
    /// Permitted with duties.
    pub permit_with_obligations: u64,
    /// Permitted for some datasets.
    pub partial: u64,
    /// Denied, with a cure named.
    pub deny_curable: u64,
    /// Denied.
    pub deny: u64,
    /// Outcomes that this version does not know.
    pub other: u64,
}

impl OutcomeCounts {
    fn add(&mut self, outcome: &str) {
        self.total += 1;
        let count = match outcome {
            "permit" => &mut self.permit,
            "permit_with_obligations" => &mut self.permit_with_obligations,
            "partial" => &mut self.partial,
            "deny_curable" => &mut self.deny_curable,
            "deny" => &mut self.deny,
            _ => &mut self.other,
        };
        *count += 1;
    }

    /// The counts with their names, in order from permitted to denied.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, u64); 6] {
        [
            ("permit", self.permit),
            ("permit with obligations", self.permit_with_obligations),
            ("partial", self.partial),
            ("deny (curable)", self.deny_curable),
            ("deny", self.deny),
            ("other", self.other),
        ]
    }

    /// Denied in whole.
    #[must_use]
    pub fn denied(&self) -> u64 {
        self.deny + self.deny_curable
    }
}

/// Decisions of one purpose, agency or month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The purpose, agency or month.
    pub name: String,
    /// Their outcomes.
    pub counts: OutcomeCounts,
}

/// Decisions that one rule denied, in whole or for some datasets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub citation: String,
    /// What kind of authority that is.
    pub authority_kind: String,
    /// Decisions.
    pub decisions: u64,
}

/// What left the system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosures {
    /// How often.
    pub count: u64,
    /// Reads handed out.
    pub reads: u64,
    /// Reads found past their retention cap, and withheld.
    pub retention_faults: u64,
    /// Disclosures that each recipient had part in.
    pub by_recipient: BTreeMap<String, u64>,
}

/// Reads deleted under one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionRow {
    /// The rule.
    pub rule: String,
    /// Its citation.
    pub citation: String,
    /// Reads.
    pub deleted: u64,
}

/// One revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationRow {
    /// When it was written down.
    pub at: Timestamp,
    /// Its identifier.
    pub id: String,
    /// The agencies.
    pub agencies: Vec<String>,
    /// Why.
    pub reason: String,
}

/// By what the figures can be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatement {
    /// Identifier of the log.
    pub log_id: String,
    /// Records in it.
    pub records: u64,
    /// Hash of the last.
    pub head: Digest,
    /// Records covered by signed checkpoints.
    pub vouched: u64,
}

/// The figures of one period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransparencyReport {
    /// Whose report it is.
    pub title: String,
    /// Beginning of the period; absent for the beginning of the trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// First instant after the period; absent for the end of the trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// By what the figures can be checked; absent where they were not counted over a whole trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<TrailStatement>,
    /// Requests written down.
    pub requests: u64,
    /// Decisions by outcome.
    pub decisions: OutcomeCounts,
    /// Decisions by purpose, the most frequent first.
    pub by_purpose: Vec<Row>,
    /// Decisions by agency, the most active first.
    pub by_agency: Vec<Row>,
    /// Decisions by month of UTC, in order.
    pub by_month: Vec<Row>,
    /// Rules that denied, the most frequent first.
    pub denied_by_rule: Vec<RuleRow>,
    /// What left the system.
    pub disclosures: Disclosures,
    /// What was deleted when its time was up.
    pub deletions: Vec<DeletionRow>,
    /// Access that was taken away, in order.
    pub revocations: Vec<RevocationRow>,
    /// Steps of community requests, by name.
    pub community: BTreeMap<String, u64>,
    /// Records of the period that this version cannot read. They are counted nowhere else.
    pub unreadable: u64,
}

/// Counts a trail.
#[derive(Clone, Debug, Default)]
pub struct ReportBuilder {
    report: TransparencyReport,
    by_purpose: BTreeMap<String, OutcomeCounts>,
    by_agency: BTreeMap<String, OutcomeCounts>,
    by_month: BTreeMap<String, OutcomeCounts>,
    by_rule: BTreeMap<String, RuleRow>,
    deletions: BTreeMap<(String, String), u64>,
}

impl ReportBuilder {
    /// A report of everything, under a title: the name of the agency or network.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        let report = TransparencyReport {
            title: title.into(),
            ..TransparencyReport::default()
        };
        Self {
            report,
            ..Self::default()
        }
    }

    /// Counts only what was written from `from` on and before `to`.
    #[must_use]
    pub fn with_period(mut self, from: Timestamp, to: Timestamp) -> Self {
        self.report.from = Some(from);
        self.report.to = Some(to);
        self
    }

    /// Counts all records of a trail, and verifies it: a report over a broken trail would state what nobody can check.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Trail`] where the trail does not verify, or cannot be read.
    pub fn over_trail<S: TrailRead>(mut self, trail: &Trail<S>) -> Result<Self, Error> {
        let verification = trail.verify(&VerifyOptions::default())?;
        if let Some(fault) = verification.fault {
            let problem = format!("audit trail record {}: {fault}", fault.sequence);
            return Err(Error::new(ErrorKind::Trail, problem).with_remedy(
                "verify the trail; a report over a broken one would state what nobody can check",
            ));
        }
        for entry in trail.entries()? {
            let entry = entry?;
            // What the writer adds meanwhile was not verified.
            if entry.sequence() >= verification.records {
                break;
            }
            self.add(&entry);
        }
        self.report.trail = Some(TrailStatement {
            log_id: verification.log_id,
            records: verification.records,
            head: verification.head,
            vouched: verification.vouched,
        });
        Ok(self)
    }

    /// Counts one record, if it is of the period.
    pub fn add(&mut self, entry: &Entry) {
        let at = entry.at();
        if self.report.from.is_some_and(|from| at < from)
            || self.report.to.is_some_and(|to| at >= to)
        {
            return;
        }
        match entry.record() {
            Ok(Record::Request(_)) => self.report.requests += 1,
            Ok(Record::Decision(decision)) => self.decision(*decision, at),
            Ok(Record::Disclosure(disclosure)) => {
                let sum = &mut self.report.disclosures;
                sum.count += 1;
                sum.reads = sum.reads.saturating_add(disclosure.result_count);
                sum.retention_faults = sum
                    .retention_faults
                    .saturating_add(disclosure.retention_faults);
                for recipient in disclosure.recipients {
                    *sum.by_recipient.entry(recipient).or_default() += 1;
                }
            }
            Ok(Record::Retention(deletion)) => {
                let sum = self
                    .deletions
                    .entry((deletion.rule, deletion.citation))
                    .or_default();
                *sum = sum.saturating_add(deletion.deleted);
            }
            Ok(Record::Revocation(revocation)) => self.report.revocations.push(RevocationRow {
                at,
                id: revocation.revocation_id,
                agencies: revocation.agencies,
                reason: revocation.reason,
            }),
            Ok(Record::Community(step)) => {
                *self.report.community.entry(step.step).or_default() += 1
            }
            // What a store adds to them is counted by the requests, decisions and disclosures beside them.
            Ok(Record::Recovery(_) | Record::Intent(_) | Record::Release(_) | Record::Hold(_)) => {}
            Err(_) => self.report.unreadable += 1,
        }
    }

    fn decision(&mut self, decision: DecisionRecord, at: Timestamp) {
        let outcome = decision.outcome.as_str();
        self.report.decisions.add(outcome);
        self.by_purpose
            .entry(decision.purpose_code)
            .or_default()
            .add(outcome);
        self.by_agency
            .entry(decision.agency_id)
            .or_default()
            .add(outcome);
        self.by_month
            .entry(at.strftime("%Y-%m").to_string())
            .or_default()
            .add(outcome);
        // A rule that speaks for several datasets denied one search.
        let mut counted = BTreeSet::new();
        for reason in decision
            .reasons
            .iter()
            .filter(|reason| reason.effect.starts_with("deny"))
        {
            if counted.insert(reason.rule.as_str()) {
                let row = self
                    .by_rule
                    .entry(reason.rule.clone())
                    .or_insert_with(|| RuleRow {
                        rule: reason.rule.clone(),
                        citation: reason.citation.clone(),
                        authority_kind: reason.authority_kind.clone(),
                        decisions: 0,
                    });
                row.decisions += 1;
            }
        }
    }

    /// The figures.
    #[must_use]
    pub fn finish(self) -> TransparencyReport {
        let rows = |counts: BTreeMap<String, OutcomeCounts>| {
            counts
                .into_iter()
                .map(|(name, counts)| Row { name, counts })
        };
        let ranked = |counts| {
            let mut rows: Vec<Row> = rows(counts).collect();
            rows.sort_by(|a, b| {
                b.counts
                    .total
                    .cmp(&a.counts.total)
                    .then_with(|| a.name.cmp(&b.name))
            });
            rows
        };
        let mut denied_by_rule: Vec<RuleRow> = self.by_rule.into_values().collect();
        denied_by_rule.sort_by(|a, b| {
            b.decisions
                .cmp(&a.decisions)
                .then_with(|| a.rule.cmp(&b.rule))
        });
        let deletions = self
            .deletions
            .into_iter()
            .map(|((rule, citation), deleted)| DeletionRow {
                rule,
                citation,
                deleted,
            });
        TransparencyReport {
            by_purpose: ranked(self.by_purpose),
            by_agency: ranked(self.by_agency),
            by_month: rows(self.by_month).collect(),
            denied_by_rule,
            deletions: deletions.collect(),
            ..self.report
        }
    }
}

impl TransparencyReport {
    /// The figures as JSON, two blanks to a level.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`], which these types give no cause for.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map_err(|e| Error::writing("a transparency report", e))
    }

    /// The period in words.
    #[must_use]
    pub fn period(&self) -> String {
        let day = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!("{} to before {}", day(from), day(to)),
            (Some(from), None) => format!("from {}", day(from)),
            (None, Some(to)) => format!("before {}", day(to)),
            (None, None) => "the whole trail".to_owned(),
        }
    }
}
