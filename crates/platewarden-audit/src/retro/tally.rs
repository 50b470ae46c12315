//! Aggregates in the course of an audit. Nothing in them grows with the rows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use platewarden_policy::classifier::{Grade, SignalCategory};
use platewarden_policy::model::AuthorityKind;
use rustc_hash::FxHashMap;

use crate::export::Unparsed;

use super::counts::{ByAuthority, Counts};
use super::decide::Judgement;
use super::finding::{Finding, Verdict};
use super::report::{Evidence, RuleRow};

/// Findings kept for the HTML report; all of them are in the JSON lines and the CSV.
const SAMPLES: usize = 1_000;
/// Unparsed rows kept for the HTML report; all of them are in the JSON lines.
const UNPARSED_SAMPLES: usize = 100;
/// Reasons kept per agency: free texts are endless, and the first hundred show what it wrote.
const REASONS: usize = 100;

#[derive(Debug, Default)]
pub(super) struct AgencyTally {
    pub(super) counts: Counts,
    /// Searches that law bars.
    pub(super) barred: u64,
    pub(super) barred_by: ByAuthority,
    pub(super) period: Option<(Timestamp, Timestamp)>,
    pub(super) grounds: FxHashMap<String, u64>,
    pub(super) reasons: FxHashMap<String, u64>,
    pub(super) evidence: Vec<Evidence>,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    by_judgement: Vec<u64>,
    pub(super) rules: FxHashMap<(String, String, Verdict), RuleRow>,
    pub(super) missing: FxHashMap<String, u64>,
    pub(super) presumed: FxHashMap<String, u64>,
    pub(super) months: BTreeMap<(i16, i8), Counts>,
    pub(super) agencies: Vec<AgencyTally>,
    pub(super) signals: BTreeMap<(SignalCategory, Grade), u64>,
    pub(super) vague: u64,
    pub(super) personal: u64,
    pub(super) period: Option<(Timestamp, Timestamp)>,
    barred_samples: Vec<Finding>,
    other_samples: Vec<Finding>,
    pub(super) unparsed_samples: Vec<(String, Unparsed)>,
}

/// One search, as far as the aggregates go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) agency: u32,
    pub(super) judgement: u32,
    pub(super) verdict: Verdict,
    pub(super) authority: Option<AuthorityKind>,
    pub(super) time: Timestamp,
    pub(super) month: (i16, i8),
}

impl Tally {
    pub(super) fn row(&mut self, row: Counted) {
        let (verdict, authority) = (row.verdict, row.authority);
        self.counts.add(verdict, authority);
        let judgement = row.judgement as usize;
        if self.by_judgement.len() <= judgement {
            self.by_judgement.resize(judgement + 1, 0);
        }
        if let Some(count) = self.by_judgement.get_mut(judgement) {
            *count += 1;
        }
        self.months
            .entry(row.month)
            .or_default()
            .add(verdict, authority);
        self.agency(row.agency).counts.add(verdict, authority);
        self.period = widened(self.period, row.time);
    }

    fn agency(&mut self, index: u32) -> &mut AgencyTally {
        let index = index as usize;
        if self.agencies.len() <= index {
            self.agencies.resize_with(index + 1, AgencyTally::default);
        }
        // The vector was just grown to hold the index.
        #[allow(clippy::indexing_slicing, reason = "resized above")]
        &mut self.agencies[index]
    }

    pub(super) fn text(
        &mut self,
        strongest: Option<(SignalCategory, Grade)>,
        vague: bool,
        personal: bool,
    ) {
        if let Some(found) = strongest {
            *self.signals.entry(found).or_default() += 1;
        }
        self.vague += u64::from(vague);
        self.personal += u64::from(personal);
    }

    /// Counts what a proposal would rest on: searches that law bars. House rules and contracts propose nothing.
    pub(super) fn evidence(&mut self, agency: u32, finding: &Finding, most: usize) {
        let law = |kind: AuthorityKind| kind < AuthorityKind::Contract;
        let grounds: Vec<String> = finding
            .rules
            .iter()
            .filter(|rule| law(rule.authority))
            .map(|rule| {
                let kind = rule.authority.as_str().replace('_', " ");
                format!("{} ({kind})", rule.citation)
            })
            .collect();
        let Some(authority) = finding.authority.filter(|kind| law(*kind)) else {
            return;
        };
        let tally = self.agency(agency);
        tally.barred += 1;
        tally.barred_by.add(authority);
        tally.period = widened(tally.period, finding.time);
        for ground in grounds {
            *tally.grounds.entry(ground).or_default() += 1;
        }
        let reason = finding.published_reason();
        if tally.reasons.len() < REASONS || tally.reasons.contains_key(&reason) {
            *tally.reasons.entry(reason).or_default() += 1;
        }
        if tally.evidence.len() < most {
            tally.evidence.push(Evidence {
                file: finding.file.clone(),
                line: finding.line,
                row_id: finding.row_id.clone(),
            });
        }
    }

    pub(super) fn sample(&mut self, finding: &Finding) {
        let list = if finding.verdict == Verdict::Impermissible {
            &mut self.barred_samples
        } else {
            &mut self.other_samples
        };
        if list.len() < SAMPLES {
            list.push(finding.clone());
        }
    }

    /// The first findings, the barred ones first.
    pub(super) fn take_samples(&mut self) -> Vec<Finding> {
        let mut samples = std::mem::take(&mut self.barred_samples);
        samples.append(&mut self.other_samples);
        samples
    }

    pub(super) fn unparsed(&mut self, file: &str, row: &Unparsed) {
        if self.unparsed_samples.len() < UNPARSED_SAMPLES {
            self.unparsed_samples.push((file.to_owned(), row.clone()));
        }
    }

    /// Moves the counts of decisions to their rules, before the decisions are forgotten.
    pub(super) fn settle(&mut self, judgements: &[Judgement]) {
        let counts = std::mem::take(&mut self.by_judgement);
        for (judgement, count) in judgements
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
        {
            for fact in &judgement.presumed {
                *self.presumed.entry(fact.clone()).or_default() += count;
            }
            if judgement.verdict <= Verdict::Unremarkable {
                continue;
            }
            for rule in &judgement.rules {
                let key = (rule.pack.clone(), rule.rule.clone(), judgement.verdict);
                let row = self.rules.entry(key).or_insert_with(|| RuleRow {
                    rule: rule.clone(),
                    verdict: judgement.verdict,
                    searches: 0,
                });
                row.searches += count;
            }
            if judgement.verdict == Verdict::Insufficient {
                for fact in &judgement.missing {
                    *self.missing.entry(fact.clone()).or_default() += count;
                }
            }
        }
    }
}

fn widened(
    period: Option<(Timestamp, Timestamp)>,
    time: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let (first, last) = period.unwrap_or((time, time));
    Some((first.min(time), last.max(time)))
}
