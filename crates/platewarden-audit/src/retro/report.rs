//! What an audit comes to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::export::{Column, Header, Unparsed};
use platewarden_policy::classifier::{Grade, Lexicon, SignalCategory};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{AgencyKind, AuthorityKind, Fact, Jurisdiction, PackVersion};
use platewarden_policy::packs::PackKind;

use super::audit::{AuditOptions, Judgement};
use super::finding::{Finding, RuleHit, Verdict};
use super::profile::Agencies;

/// Findings kept for the HTML report; all of them are in the JSON lines and the CSV.
const SAMPLES: usize = 1_000;
/// Unparsed rows kept for the HTML report; all of them are in the JSON lines.
const UNPARSED_SAMPLES: usize = 100;

/// One audited file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRow {
    /// Its name.
    pub name: String,
    /// Data rows, whether understood or not.
    pub rows: u64,
    /// Rows that were not understood.
    pub unparsed: u64,
    /// Repetitions of searches seen before, in this file or another; judged once.
    pub duplicates: u64,
    /// Rows with more or fewer cells than labels; judged all the same.
    pub ragged: u64,
    /// Columns of the superset that the file lacks.
    pub missing_columns: Vec<&'static str>,
    /// Labels that are not understood.
    pub unknown_columns: Vec<String>,
}

impl FileRow {
    pub(super) fn new(name: &str, header: &Header) -> Self {
        let superset = Column::ALL.into_iter().filter(|c| *c != Column::SearchDate);
        Self {
            name: name.to_owned(),
            rows: 0,
            unparsed: 0,
            duplicates: 0,
            ragged: 0,
            missing_columns: superset
                .filter(|c| !header.has(*c))
                .map(Column::name)
                .collect(),
            unknown_columns: header.unknown().to_vec(),
        }
    }
}

/// Searches by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Nothing speaks against them.
    pub unremarkable: u64,
    /// The record does not show that they were lawful.
    pub insufficient: u64,
    /// They need an explanation.
    pub questionable: u64,
    /// Barred by what the row itself says.
    pub impermissible: u64,
}

impl Counts {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Unremarkable => self.unremarkable += 1,
            Verdict::Insufficient => self.insufficient += 1,
            Verdict::Questionable => self.questionable += 1,
            Verdict::Impermissible => self.impermissible += 1,
        }
    }

    /// All searches.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.unremarkable + self.insufficient + self.questionable + self.impermissible
    }
}

/// One searching agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgencyRow {
    /// Its name.
    pub name: String,
    /// What kind of body it is, as far as known.
    pub kind: Fact<AgencyKind>,
    /// Whose law binds it, as far as known.
    pub home: Option<String>,
    /// Its searches.
    #[serde(flatten)]
    pub counts: Counts,
}

/// One rule that spoke against searches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleRow {
    /// The rule.
    #[serde(flatten)]
    pub rule: RuleHit,
    /// What the audit says of the searches counted here.
    pub verdict: Verdict,
    /// How many.
    pub searches: u64,
}

/// One month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MonthRow {
    /// The year.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
    /// Its searches.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What the reasons gave away, whatever the law says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SignalRow {
    /// The category.
    pub category: SignalCategory,
    /// The grade.
    pub grade: Grade,
    /// How many searches.
    pub searches: u64,
}

/// A fact whose absence keeps searches from being confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingFact {
    /// The fact, in words.
    pub fact: String,
    /// How many searches lack it.
    pub searches: u64,
}

/// A row that a proposal rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The file.
    pub file: String,
    /// The line of the file, from 1.
    pub line: u64,
    /// The export's own ID, or the line.
    pub row_id: String,
}

/// What is proposed about an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// End its access: an agency of another state, or a federal one.
    Revoke,
    /// Put the findings to it and to the body that oversees it: an agency of the same state.
    Refer,
}

/// A proposal to end an agency's access, with its evidence. A person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProposedRevocation {
    /// The agency.
    pub agency: String,
    /// What is proposed.
    pub action: Action,
    /// Searches barred by statute, regulation, court, attorney general or regulator.
    pub impermissible: u64,
    /// Further searches that need an explanation.
    pub questionable: u64,
    /// All its searches.
    pub searches: u64,
    /// The first barred search.
    pub first: Timestamp,
    /// The last barred search.
    pub last: Timestamp,
    /// The rules broken, with their citations, and how often.
    pub grounds: Vec<(String, u64)>,
    /// Reasons as recorded, personal data blacked out, the most frequent first.
    pub reasons: Vec<(String, u64)>,
    /// Rows, in the order read, up to the limit of the options.
    pub evidence: Vec<Evidence>,
}

/// What an audit comes to: counts, rankings and proposals. The single findings went to the sink.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// Where the searched reads were captured.
    pub data_in: String,
    /// That place in words, as the packs name it.
    pub place: String,
    /// The owner, if named.
    pub owner: Option<String>,
    /// Overlays that were applied.
    pub overlays: Vec<String>,
    /// The files.
    pub files: Vec<FileRow>,
    /// Data rows of all files.
    pub rows: u64,
    /// Rows that were not understood.
    pub unparsed: u64,
    /// Repetitions, judged once.
    pub duplicates: u64,
    /// The first and last search.
    pub period: Option<(Timestamp, Timestamp)>,
    /// Searches by verdict.
    pub counts: Counts,
    /// By month.
    pub months: Vec<MonthRow>,
    /// Agencies, those with the most barred searches first.
    pub agencies: Vec<AgencyRow>,
    /// Rules, those that spoke most often first.
    pub rules: Vec<RuleRow>,
    /// What the reasons gave away.
    pub signals: Vec<SignalRow>,
    /// Searches whose reason says nothing.
    pub vague: u64,
    /// Searches whose reason or prompt holds personal data.
    pub personal_data: u64,
    /// Facts that the log does not show.
    pub missing: Vec<MissingFact>,
    /// Proposals.
    pub revocations: Vec<ProposedRevocation>,
    /// The packs whose rules were asked, and their verification state.
    pub packs: Vec<PackVersion>,
    /// Version and SHA-256 of the reason lexicon.
    pub lexicon: (String, String),
    /// The first findings, the barred ones first; for the HTML report.
    #[serde(skip)]
    pub samples: Vec<Finding>,
    /// The first rows that were not understood; for the HTML report.
    #[serde(skip)]
    pub unparsed_samples: Vec<(String, Unparsed)>,
}

#[derive(Debug, Default)]
struct AgencyTally {
    counts: Counts,
    barred: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    grounds: FxHashMap<String, u64>,
    reasons: FxHashMap<String, u64>,
    evidence: Vec<Evidence>,
}

/// Aggregates in the course of an audit. Nothing in it grows with the rows.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: Counts,
    by_judgement: Vec<u64>,
    rules: FxHashMap<(String, String, Verdict), RuleRow>,
    missing: FxHashMap<String, u64>,
    months: BTreeMap<(i16, i8), Counts>,
    agencies: Vec<AgencyTally>,
    signals: BTreeMap<(SignalCategory, Grade), u64>,
    vague: u64,
    personal: u64,
    period: Option<(Timestamp, Timestamp)>,
    barred_samples: Vec<Finding>,
    other_samples: Vec<Finding>,
    unparsed_samples: Vec<(String, Unparsed)>,
}

impl Tally {
    pub(super) fn row(
        &mut self,
        agency: u32,
        judgement: u32,
        verdict: Verdict,
        time: Timestamp,
        month: (i16, i8),
    ) {
        self.counts.add(verdict);
        let judgement = judgement as usize;
        if self.by_judgement.len() <= judgement {
            self.by_judgement.resize(judgement + 1, 0);
        }
        if let Some(count) = self.by_judgement.get_mut(judgement) {
            *count += 1;
        }
        self.months.entry(month).or_default().add(verdict);
        self.agency(agency).counts.add(verdict);
        self.period = Some(self.period.map_or((time, time), |(first, last)| {
            (first.min(time), last.max(time))
        }));
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

    pub(super) fn evidence(
        &mut self,
        agency: u32,
        finding: &Finding,
        evidence: Evidence,
        most: usize,
    ) {
        let above_policy = |kind: AuthorityKind| {
            matches!(
                kind,
                AuthorityKind::Statute
                    | AuthorityKind::Regulation
                    | AuthorityKind::CourtDecision
                    | AuthorityKind::AgOpinion
                    | AuthorityKind::RegulatorPosition
            )
        };
        let grounds: Vec<String> = finding
            .rules
            .iter()
            .filter(|r| above_policy(r.authority))
            .map(|r| {
                format!(
                    "{} ({})",
                    r.citation,
                    r.authority.as_str().replace('_', " ")
                )
            })
            .collect();
        if grounds.is_empty() {
            return;
        }
        let tally = self.agency(agency);
        tally.barred += 1;
        tally.first = Some(tally.first.map_or(finding.time, |t| t.min(finding.time)));
        tally.last = Some(tally.last.map_or(finding.time, |t| t.max(finding.time)));
        for ground in grounds {
            *tally.grounds.entry(ground).or_default() += 1;
        }
        let reason = finding.published_reason();
        // Free texts are endless; the first hundred of an agency show what it wrote.
        if tally.reasons.len() < 100 || tally.reasons.contains_key(&reason) {
            *tally.reasons.entry(reason).or_default() += 1;
        }
        if tally.evidence.len() < most {
            tally.evidence.push(evidence);
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

    pub(super) fn unparsed(&mut self, file: &str, row: &Unparsed) {
        if self.unparsed_samples.len() < UNPARSED_SAMPLES {
            self.unparsed_samples.push((file.to_owned(), row.clone()));
        }
    }

    /// Moves the counts of decisions to their rules, before the decisions are forgotten.
    pub(super) fn settle(&mut self, judgements: &[Judgement]) {
        for (judgement, count) in judgements
            .iter()
            .zip(std::mem::take(&mut self.by_judgement))
        {
            if count == 0 || judgement.verdict == Verdict::Unremarkable {
                continue;
            }
            for rule in &judgement.rules {
                let row = self
                    .rules
                    .entry((rule.pack.clone(), rule.rule.clone(), judgement.verdict))
                    .or_insert_with(|| RuleRow {
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

    pub(super) fn report(
        self,
        policy: &Policy,
        options: &AuditOptions,
        agencies: &Agencies,
        files: Vec<FileRow>,
    ) -> AuditReport {
        let mut rows: Vec<AgencyRow> = Vec::new();
        let mut revocations: Vec<ProposedRevocation> = Vec::new();
        for (index, tally) in self.agencies.into_iter().enumerate() {
            if tally.counts.total() == 0 {
                continue;
            }
            let Some((name, profile)) = agencies.names.get(index) else {
                continue;
            };
            let agency = agencies.profiles.get(*profile as usize).map(|p| &p.agency);
            let kind = agency.map_or(Fact::Unknown, |a| a.kind);
            let home = agency.and_then(|a| a.jurisdiction.known().copied());
            if tally.barred >= options.revoke_from
                && let (Some(first), Some(last)) = (tally.first, tally.last)
            {
                revocations.push(ProposedRevocation {
                    agency: name.clone(),
                    action: if home == Some(options.data_in) {
                        Action::Refer
                    } else {
                        Action::Revoke
                    },
                    impermissible: tally.barred,
                    questionable: tally.counts.questionable,
                    searches: tally.counts.total(),
                    first,
                    last,
                    grounds: ranked(tally.grounds),
                    reasons: ranked(tally.reasons),
                    evidence: tally.evidence,
                });
            }
            rows.push(AgencyRow {
                name: name.clone(),
                kind,
                home: home.map(|j: Jurisdiction| j.to_string()),
                counts: tally.counts,
            });
        }
        let grave = |c: &Counts| {
            (
                std::cmp::Reverse(c.impermissible),
                std::cmp::Reverse(c.questionable),
                std::cmp::Reverse(c.insufficient),
            )
        };
        rows.sort_by(|a, b| {
            grave(&a.counts)
                .cmp(&grave(&b.counts))
                .then_with(|| a.name.cmp(&b.name))
        });
        revocations.sort_by(|a, b| {
            (a.action, std::cmp::Reverse(a.impermissible), &a.agency).cmp(&(
                b.action,
                std::cmp::Reverse(b.impermissible),
                &b.agency,
            ))
        });
        let mut rules: Vec<RuleRow> = self.rules.into_values().collect();
        rules.sort_by(|a, b| {
            (
                std::cmp::Reverse(a.verdict),
                std::cmp::Reverse(a.searches),
                &a.rule.rule,
            )
                .cmp(&(
                    std::cmp::Reverse(b.verdict),
                    std::cmp::Reverse(b.searches),
                    &b.rule.rule,
                ))
        });
        let used: Vec<&str> = rules.iter().map(|r| r.rule.pack.as_str()).collect();
        let packs = policy.packs();
        let mut versions: Vec<PackVersion> = packs
            .iter()
            .filter(|pack| {
                used.contains(&pack.id())
                    || packs.covering(options.data_in).any(|p| p.id() == pack.id())
            })
            .map(|pack| (**pack.version()).clone())
            .collect();
        versions.sort();
        let lexicon = Lexicon::bundled().map_or_else(
            |_| Default::default(),
            |l| (l.version().to_owned(), l.sha256().to_owned()),
        );
        let mut samples = self.barred_samples;
        samples.extend(self.other_samples);
        AuditReport {
            data_in: options.data_in.to_string(),
            place: packs
                .covering(options.data_in)
                .find(|pack| pack.kind() == PackKind::Law)
                .map_or_else(
                    || options.data_in.to_string(),
                    |pack| pack.title().to_owned(),
                ),
            owner: options.owner.clone(),
            overlays: options.overlays.clone(),
            rows: files.iter().map(|f| f.rows).sum(),
            unparsed: files.iter().map(|f| f.unparsed).sum(),
            duplicates: files.iter().map(|f| f.duplicates).sum(),
            files,
            period: self.period,
            counts: self.counts,
            months: self
                .months
                .into_iter()
                .map(|((year, month), counts)| MonthRow {
                    year,
                    month,
                    counts,
                })
                .collect(),
            agencies: rows,
            rules,
            signals: self
                .signals
                .into_iter()
                .map(|((category, grade), searches)| SignalRow {
                    category,
                    grade,
                    searches,
                })
                .collect(),
            vague: self.vague,
            personal_data: self.personal,
            missing: ranked(self.missing)
                .into_iter()
                .map(|(fact, searches)| MissingFact { fact, searches })
                .collect(),
            revocations,
            packs: versions,
            lexicon,
            samples,
            unparsed_samples: self.unparsed_samples,
        }
    }
}

fn ranked(counts: FxHashMap<String, u64>) -> Vec<(String, u64)> {
    let mut list: Vec<(String, u64)> = counts.into_iter().collect();
    list.sort_by(|a, b| (std::cmp::Reverse(a.1), &a.0).cmp(&(std::cmp::Reverse(b.1), &b.0)));
    list
}
