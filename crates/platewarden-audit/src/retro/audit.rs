//! The auditor.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::Offset;
use rustc_hash::{FxHashMap, FxHasher};

use crate::Result;
use crate::export::{Column, Position, Reader, Record, Row};
use platewarden_policy::classifier::{Classification, Classifier, Grade, SignalCategory};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{Agency, Cure, Decision, Effect, Jurisdiction};

use super::finding::{Finding, RuleHit, Verdict};
use super::profile::Agencies;
use super::reading::{self, Filled, Frame, Holder, Key};
use super::report::{AuditReport, Evidence, FileRow, Tally};
use super::seen::Seen;
use super::sink::FindingSink;

/// What an audit is about, and its limits.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuditOptions {
    /// Where the searched reads were captured: whose law holds.
    pub data_in: Jurisdiction,
    /// The owner's name as it stands in `Org Name`; its own searches are judged as such.
    pub owner: Option<String>,
    /// Overlay packs that the owner's policy consists of, such as `agency-default`.
    pub overlays: Vec<String>,
    /// What is known of searching agencies beyond their names: kind, place, declarations, revocations.
    /// An agency listed with declarations is taken to have filed no others.
    pub directory: Vec<Agency>,
    /// Whether rows of [`Verdict::Insufficient`] go to the sink too; they are always counted.
    pub report_insufficient: bool,
    /// Evidence row ids kept per agency in the proposed revocations; all rows are counted.
    pub evidence_per_agency: usize,
    /// Impermissible searches, under an authority above agency policy, from which a revocation is proposed.
    pub revoke_from: u64,
    /// Offset from UTC by which months are counted; the law is always asked at the exact instant.
    pub months_at: Offset,
    /// Folder for the temporary files of large audits.
    pub spill_dir: PathBuf,
}

impl AuditOptions {
    /// An audit of data captured in a place, with the defaults for everything else.
    #[must_use]
    pub fn new(data_in: impl Into<Jurisdiction>) -> Self {
        Self {
            data_in: data_in.into(),
            owner: None,
            overlays: Vec::new(),
            directory: Vec::new(),
            report_insufficient: false,
            evidence_per_agency: 1_000,
            revoke_from: 1,
            months_at: Offset::UTC,
            spill_dir: std::env::temp_dir(),
        }
    }
}

/// One decision, shared by all rows that have the same key.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) rules: Vec<RuleHit>,
    pub(super) missing: Vec<String>,
}

/// What a pair of reason and prompt gives away, as far as decisions depend on it.
#[derive(Debug, Clone, Copy)]
struct TextFacts {
    digest: u64,
    /// Strongest sensitive category and grade, for the tables.
    strongest: Option<(SignalCategory, Grade)>,
    vague: bool,
    personal: bool,
}

/// Texts and decisions remembered before the memory is emptied.
const REMEMBERED: usize = 65_536;

/// Audits search logs. See the [module](super) for what it looks for.
#[derive(Debug)]
pub struct Auditor<'p> {
    policy: &'p Policy,
    options: AuditOptions,
    holder: Holder,
    classifier: Classifier<'static>,
    agencies: Agencies,
    boundaries: Vec<Timestamp>,
    texts: FxHashMap<Box<str>, TextFacts>,
    verdicts: FxHashMap<Key, u32>,
    judgements: Vec<Judgement>,
    seen: Seen,
    tally: Tally,
    files: Vec<FileRow>,
}

impl<'p> Auditor<'p> {
    /// An auditor under a policy.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] when an overlay that the options name is not loaded.
    pub fn new(policy: &'p Policy, options: AuditOptions) -> Result<Self> {
        if let Some(missing) = options
            .overlays
            .iter()
            .find(|id| policy.packs().get(id).is_none())
        {
            return Err(crate::Error::Invalid {
                what: "overlay",
                expected: "the id of a loaded pack".to_owned(),
                found: format!("`{missing}`"),
            });
        }
        let holder = Holder::new(
            policy.packs(),
            options.data_in,
            options.owner.as_deref(),
            &options.overlays,
        );
        let agencies = Agencies::new(&options.directory, options.owner.as_deref());
        let mut boundaries = policy.packs().law_changes();
        boundaries.extend(agencies.boundaries());
        boundaries.sort_unstable();
        boundaries.dedup();
        let seen = Seen::new(options.spill_dir.clone());
        Ok(Self {
            policy,
            options,
            holder,
            classifier: Classifier::new(),
            agencies,
            boundaries,
            texts: FxHashMap::default(),
            verdicts: FxHashMap::default(),
            judgements: Vec::new(),
            seen,
            tally: Tally::default(),
            files: Vec::new(),
        })
    }

    /// Audits one export. `progress` is called every few thousand rows, and at the end.
    ///
    /// # Errors
    /// When the file cannot be read any further, or the sink or a temporary file cannot be written.
    /// Faulty rows are no errors: they go to the sink.
    pub fn read<R: Read>(
        &mut self,
        name: &str,
        mut reader: Reader<R>,
        sink: &mut dyn FindingSink,
        mut progress: impl FnMut(Position),
    ) -> Result<()> {
        let mut file = FileRow::new(name, reader.header());
        loop {
            let position = reader.position();
            if position.rows.is_multiple_of(4_096) {
                progress(position);
            }
            match reader.next_row()? {
                None => break,
                Some(Row::Unparsed(row)) => {
                    file.rows += 1;
                    file.unparsed += 1;
                    self.tally.unparsed(name, &row);
                    sink.unparsed(name, &row)?;
                }
                Some(Row::Search(record)) => {
                    file.rows += 1;
                    file.ragged += u64::from(record.ragged);
                    if self
                        .seen
                        .insert(record.time.as_second(), record.duplicate_key())?
                    {
                        self.judge(name, &record, sink)?;
                    } else {
                        file.duplicates += 1;
                    }
                }
            }
        }
        progress(reader.position());
        self.files.push(file);
        Ok(())
    }

    /// The aggregates.
    #[must_use]
    pub fn finish(mut self) -> AuditReport {
        self.tally.settle(&self.judgements);
        self.tally
            .report(self.policy, &self.options, &self.agencies, self.files)
    }

    fn judge(&mut self, file: &str, record: &Record, sink: &mut dyn FindingSink) -> Result<()> {
        let reason = record
            .cell(Column::Reason)
            .filter(|text| !crate::export::is_mask(text));
        let prompt = record.open(Column::TextPrompt);
        let facts = self.texts(reason, prompt);
        let (agency, profile) = self
            .agencies
            .find(record.open(Column::OrgName).unwrap_or_default());
        let key = Key {
            profile,
            epoch: u32::try_from(self.boundaries.partition_point(|b| *b <= record.time))
                .unwrap_or(u32::MAX),
            mode: record.mode(),
            frame: match record.time_frame() {
                None => Frame::Unknown,
                Some(frame) if frame.end <= frame.start => Frame::Backwards,
                Some(_) => Frame::Plausible,
            },
            name: Filled::of(record, Column::Name),
            case: Filled::of(record, Column::Case),
            reason: Filled::of(record, Column::Reason),
            texts: facts.digest,
            many_networks: record.networks().map(|count| count > 100),
        };
        let index = match self.verdicts.get(&key) {
            Some(index) => *index,
            None => self.decide(key, record.time, reason, prompt),
        };
        let Some(judgement) = self.judgements.get(index as usize) else {
            return Ok(());
        };
        let verdict = judgement.verdict;
        let month = self.options.months_at.to_datetime(record.time);
        self.tally.row(
            agency,
            index,
            verdict,
            record.time,
            (month.year(), month.month()),
        );
        self.tally
            .text(facts.strongest, facts.vague, facts.personal);
        if verdict >= Verdict::Questionable
            || (verdict == Verdict::Insufficient && self.options.report_insufficient)
        {
            let found = self.classifier.classify_cached(reason.unwrap_or_default());
            let finding = Finding {
                verdict,
                file: file.to_owned(),
                line: record.line,
                row_id: record.row_id().into_owned(),
                time: record.time,
                agency: self
                    .agencies
                    .names
                    .get(agency as usize)
                    .map(|(name, _)| name.clone())
                    .unwrap_or_default(),
                officer: record.cell(Column::Name).unwrap_or_default().to_owned(),
                reason: record.cell(Column::Reason).unwrap_or_default().to_owned(),
                case: record.cell(Column::Case).unwrap_or_default().to_owned(),
                search_type: record
                    .cell(Column::SearchType)
                    .unwrap_or_default()
                    .to_owned(),
                networks: record.networks(),
                rules: judgement.rules.clone(),
                signals: found.signals.clone(),
            };
            if verdict == Verdict::Impermissible {
                let evidence = Evidence {
                    file: finding.file.clone(),
                    line: finding.line,
                    row_id: finding.row_id.clone(),
                };
                self.tally
                    .evidence(agency, &finding, evidence, self.options.evidence_per_agency);
            }
            self.tally.sample(&finding);
            sink.finding(&finding)?;
        }
        Ok(())
    }

    fn decide(
        &mut self,
        key: Key,
        time: Timestamp,
        reason: Option<&str>,
        prompt: Option<&str>,
    ) -> u32 {
        if self.judgements.len() >= REMEMBERED {
            self.tally.settle(&self.judgements);
            self.judgements.clear();
            self.verdicts.clear();
        }
        let found = self.classifier.classify(reason.unwrap_or_default());
        let judgement = match self.agencies.profiles.get(key.profile as usize) {
            Some(profile) => {
                let row = reading::Row {
                    key,
                    time,
                    profile,
                    reason,
                    prompt,
                    found: &found,
                };
                let favourable = row.favourable(&self.holder);
                let recorded = row.recorded(&self.holder);
                let classifier = &mut self.classifier;
                let lenient = self
                    .policy
                    .decide_with(&favourable, |text| classifier.classify(text));
                if lenient.outcome.permits_any() {
                    let strict = self
                        .policy
                        .decide_with(&recorded, |text| classifier.classify(text));
                    judgement(&strict, Verdict::Insufficient)
                } else {
                    judgement(&lenient, Verdict::Questionable)
                }
            }
            // Out of reach: every profile index comes from the list.
            None => Judgement {
                verdict: Verdict::Questionable,
                rules: Vec::new(),
                missing: Vec::new(),
            },
        };
        let index = u32::try_from(self.judgements.len()).unwrap_or(u32::MAX);
        self.judgements.push(judgement);
        self.verdicts.insert(key, index);
        index
    }

    fn texts(&mut self, reason: Option<&str>, prompt: Option<&str>) -> TextFacts {
        let mut facts = self.text(reason.unwrap_or_default());
        if let Some(prompt) = prompt {
            let other = self.text(prompt);
            facts.digest = facts.digest.rotate_left(17) ^ other.digest;
            facts.strongest = facts.strongest.max_by_grade(other.strongest);
            facts.personal |= other.personal;
        }
        facts
    }

    fn text(&mut self, text: &str) -> TextFacts {
        if let Some(facts) = self.texts.get(text) {
            return *facts;
        }
        let found = self.classifier.classify(text);
        let facts = TextFacts {
            digest: digest(text, &found),
            strongest: found
                .signals
                .first()
                .filter(|s| s.category.is_sensitive() || s.category == SignalCategory::FederalNexus)
                .map(|s| (s.category, s.grade)),
            vague: found.is_vague(),
            personal: found.grade(SignalCategory::PersonalData).is_some(),
        };
        if self.texts.len() >= REMEMBERED {
            self.texts.clear();
        }
        self.texts.insert(text.into(), facts);
        facts
    }
}

trait MaxByGrade {
    fn max_by_grade(self, other: Self) -> Self;
}

impl MaxByGrade for Option<(SignalCategory, Grade)> {
    fn max_by_grade(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(if b.1 > a.1 { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}

/// All of a classification that a decision depends on: two texts with one digest are decided alike.
fn digest(text: &str, found: &Classification) -> u64 {
    let mut hasher = FxHasher::default();
    (
        &found.menu,
        found.menu_purpose,
        found.text_purpose,
        text.is_empty(),
    )
        .hash(&mut hasher);
    // A bare number in the reason stands for the case.
    (found.is_vague() && text.bytes().filter(u8::is_ascii_digit).count() >= 5).hash(&mut hasher);
    for signal in &found.signals {
        (
            signal.category,
            signal.grade,
            &signal.term,
            signal.obfuscated,
        )
            .hash(&mut hasher);
        // Sections of one statute share a term but not a purpose.
        if signal.category == SignalCategory::Immigration {
            text.get(signal.span.clone()).hash(&mut hasher);
        }
    }
    hasher.finish()
}

fn judgement(decision: &Decision, curable: Verdict) -> Judgement {
    let verdict = match (decision.outcome.permits_any(), curable) {
        (true, _) => Verdict::Unremarkable,
        (false, Verdict::Insufficient) => Verdict::Insufficient,
        (false, _) if decision.outcome == platewarden_policy::model::Outcome::Deny => {
            Verdict::Impermissible
        }
        (false, _) => curable,
    };
    if verdict == Verdict::Unremarkable {
        return Judgement {
            verdict,
            rules: Vec::new(),
            missing: Vec::new(),
        };
    }
    let deciding = |effect: Effect| match verdict {
        // Beside a denial for good the curable ones are details; beside none they are the finding.
        Verdict::Impermissible => effect == Effect::Deny,
        _ => effect.denies(),
    };
    let reasons = decision
        .reasons
        .iter()
        .chain(decision.per_dataset.iter().flat_map(|d| &d.reasons));
    let mut rules: Vec<RuleHit> = Vec::new();
    for reason in reasons.filter(|r| deciding(r.effect)) {
        let hit = RuleHit {
            rule: reason.rule.to_string(),
            pack: reason.pack.to_string(),
            effect: reason.effect,
            citation: reason.authority.citation.clone(),
            authority: reason.authority.kind,
            message: reason.message.to_string(),
        };
        if !rules
            .iter()
            .any(|r| r.rule == hit.rule && r.pack == hit.pack)
        {
            rules.push(hit);
        }
    }
    rules.sort_by_key(|r| (std::cmp::Reverse(r.effect), r.authority, r.rule.clone()));
    let mut missing: BTreeMap<String, ()> = BTreeMap::new();
    for cure in decision
        .cures
        .iter()
        .chain(decision.per_dataset.iter().flat_map(|d| &d.cures))
    {
        missing.extend(cure_words(cure).map(|words| (words, ())));
    }
    Judgement {
        verdict,
        rules,
        missing: missing.into_keys().collect(),
    }
}

/// What would have to be shown.
fn cure_words(cure: &Cure) -> Option<String> {
    Some(match cure {
        Cure::StateFact { field } => match &**field {
            "actor.agency.kind" | "actor.agency.jurisdiction" => "which agency searched".to_owned(),
            "actor.user" => "who searched".to_owned(),
            "purpose_detail" | "purpose" => "a reason in words".to_owned(),
            "case_ref" => "a case number".to_owned(),
            field => format!("`{field}`"),
        },
        Cure::FileDeclaration {
            jurisdiction,
            statute,
        } => format!("a declaration under {jurisdiction} {statute}"),
        Cure::AttachCertification { certification } => {
            format!("a {}", certification.as_str().replace('_', " "))
        }
        Cure::ObtainProcess { process } => format!("a process: {process}"),
        Cure::StateSuspicion { degree } => format!("facts for {degree}"),
        Cure::NarrowScope { .. } | Cure::Act { .. } | Cure::NoCure => return None,
    })
}
