//! The auditor.

use std::io::Read;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use platewarden_policy::classifier::Classifier;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::Dataset;
use rustc_hash::FxHashMap;

use crate::export::{Column, Position, Reader, Record, Row, Unparsed};
use crate::{Error, ErrorKind, Result};

use super::agencies::Agencies;
use super::assemble;
use super::decide::Judgement;
use super::finding::{Finding, Verdict};
use super::options::AuditOptions;
use super::question::{self, Filled, Frame, Key};
use super::repeats::Repeats;
use super::report::{AuditReport, FileRow, SharingChange};
use super::sink::FindingSink;
use super::tally::{Counted, Tally};
use super::texts::{TextFacts, Texts, stronger};

/// Decisions remembered before the memory is emptied.
const REMEMBERED: usize = 65_536;

/// Rows between two reports of progress.
const STEP: u64 = 4_096;

/// Audits search logs. See the [module](super) for what it looks for.
#[derive(Debug)]
pub struct Auditor<'p> {
    policy: &'p Policy,
    options: AuditOptions,
    clocks: TimeZone,
    law_begins: Option<Timestamp>,
    data: Dataset,
    classifier: Classifier<'static>,
    agencies: Agencies,
    boundaries: Vec<Timestamp>,
    texts: Texts,
    verdicts: FxHashMap<Key, u32>,
    judgements: Vec<Judgement>,
    /// Drawn for this audit: nobody can write rows that look like repetitions of each other.
    key: [u8; 32],
    repeats: Repeats,
    tally: Tally,
    files: Vec<FileRow>,
    naive_zone: Option<String>,
    changes: Vec<SharingChange>,
}

impl<'p> Auditor<'p> {
    /// An auditor under a policy.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Options`] when an overlay that the options name is not loaded; [`ErrorKind::Input`] when the system
    /// gives no random numbers.
    pub fn new(policy: &'p Policy, options: AuditOptions) -> Result<Self> {
        let unknown = |id: &&String| policy.packs().get(id).is_none();
        if let Some(missing) = options.overlays.iter().find(unknown) {
            let problem = format!("the overlay `{missing}` is not loaded");
            return Err(Error::new(ErrorKind::Options, problem)
                .with_remedy("give the id of a loaded pack, such as agency-default"));
        }
        let data = question::dataset(options.data_in, options.owner.as_deref(), &options.overlays);
        let agencies = Agencies::new(
            &options.directory,
            options.owner.as_deref(),
            options.data_in,
        );
        let mut boundaries = policy.packs().law_changes();
        boundaries.extend(agencies.boundaries());
        boundaries.sort_unstable();
        boundaries.dedup();
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|e| {
            Error::new(ErrorKind::Input, "the system gives no random numbers")
                .with_source(e.to_string())
        })?;
        Ok(Self {
            policy,
            clocks: options.clocks(),
            law_begins: policy.packs().law_begins(options.data_in),
            data,
            classifier: Classifier::new(),
            agencies,
            boundaries,
            texts: Texts::default(),
            verdicts: FxHashMap::default(),
            judgements: Vec::new(),
            key,
            repeats: Repeats::new(options.spill_dir.clone()),
            tally: Tally::default(),
            files: Vec::new(),
            naive_zone: None,
            changes: Vec::new(),
            options,
        })
    }

    /// Audits one export. `progress` is called every few thousand rows, and at the end.
    ///
    /// # Errors
    ///
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
        // A log without a column of agencies is the owner's own.
        let owner = (!reader.header().has(Column::OrgName) && self.options.owner.is_some())
            .then(|| self.agencies.of_owner());
        let zone = reader.zone_name();
        let read = loop {
            let position = reader.position();
            if position.rows.is_multiple_of(STEP) {
                progress(position);
            }
            match reader.next_row() {
                Err(error) => break Err(error),
                Ok(None) => break Ok(()),
                Ok(Some(row)) => self.take(&mut file, row, owner, sink)?,
            }
        };
        progress(reader.position());
        if file.naive_times > 0 {
            self.naive_zone = Some(zone);
        }
        // What was read of a file that breaks off stays counted, and the file says so.
        file.problem = read.as_ref().err().map(ToString::to_string);
        self.files.push(file);
        read
    }

    /// Lists a file that could not be opened, so that the report names it.
    pub fn skip(&mut self, name: &str, error: &Error) {
        self.files.push(FileRow::failed(name, error.to_string()));
    }

    /// The aggregates.
    #[must_use]
    pub fn finish(mut self) -> AuditReport {
        self.tally.settle(&self.judgements);
        let mut report = assemble::report(
            self.tally,
            self.policy,
            &self.options,
            &self.agencies,
            self.files,
        );
        report.naive_zone = self.naive_zone;
        report.sharing_changes = self.changes;
        report
    }

    fn take(
        &mut self,
        file: &mut FileRow,
        row: Row<'_>,
        owner: Option<(u32, u32)>,
        sink: &mut dyn FindingSink,
    ) -> Result<()> {
        match row {
            Row::Unparsed(row) => self.take_unparsed(file, &row, sink),
            Row::Search(record) => self.take_record(file, &record, owner, sink),
        }
    }

    pub(super) fn take_unparsed(
        &mut self,
        file: &mut FileRow,
        row: &Unparsed,
        sink: &mut dyn FindingSink,
    ) -> Result<()> {
        file.rows += 1;
        file.unparsed += 1;
        self.tally.unparsed(&file.name, row);
        sink.unparsed(&file.name, row)
    }

    /// Judges a search unless it repeats another; `owner` is who searched where the log has no column of agencies.
    pub(super) fn take_record(
        &mut self,
        file: &mut FileRow,
        record: &Record<'_>,
        owner: Option<(u32, u32)>,
        sink: &mut dyn FindingSink,
    ) -> Result<()> {
        file.rows += 1;
        file.ragged += u64::from(record.ragged);
        file.naive_times += u64::from(record.naive);
        let key = record.duplicate_key(&self.key);
        if !self.repeats.insert(record.time.as_second(), key)? {
            file.duplicates += 1;
            return Ok(());
        }
        let other_login = record.is_login_of_another();
        file.other_logins += u64::from(other_login);
        let agency = owner.unwrap_or_else(|| {
            self.agencies
                .find(record.open(Column::OrgName).unwrap_or_default())
        });
        self.judge(&file.name, record, agency, other_login, sink)
    }

    /// The owner as a searching agency.
    pub(super) fn owner(&mut self) -> (u32, u32) {
        self.agencies.of_owner()
    }

    pub(super) fn add_file(&mut self, file: FileRow) {
        self.files.push(file);
    }

    pub(super) fn add_change(&mut self, change: SharingChange, most: usize) {
        if self.changes.len() < most {
            self.changes.push(change);
        }
    }

    fn judge(
        &mut self,
        file: &str,
        record: &Record<'_>,
        (agency, profile): (u32, u32),
        other_login: bool,
        sink: &mut dyn FindingSink,
    ) -> Result<()> {
        let reason = record
            .cell(Column::Reason)
            .filter(|text| !crate::export::is_mask(text));
        let prompt = record.open(Column::TextPrompt);
        let (facts, prompt_id) = self.text_facts(reason, prompt);
        let behalf = record
            .open(Column::OnBehalfOf)
            .map(|cell| self.agencies.find(cell).1);
        let key = Key {
            profile,
            behalf,
            epoch: self.boundaries.partition_point(|b| *b <= record.time),
            mode: record.mode(),
            frame: Frame::of(record.time_frame()),
            name: Filled::of(record, Column::Name),
            case: Filled::of(record, Column::Case),
            reason: Filled::of(record, Column::Reason),
            texts: (facts.id, prompt_id),
            other_login,
            many_networks: record.networks().map(|count| count > 100),
        };
        let index = match self.verdicts.get(&key) {
            Some(index) => *index,
            None => self.decide(key, record.time, reason, prompt),
        };
        #[allow(
            clippy::expect_used,
            reason = "indices come from `decide`, and are forgotten with the list"
        )]
        let judgement = self
            .judgements
            .get(index as usize)
            .expect("the index was given out for this list");
        let verdict = judgement.verdict;
        let month = self.clocks.to_datetime(record.time);
        self.tally.row(Counted {
            agency,
            judgement: index,
            verdict,
            authority: judgement.authority,
            time: record.time,
            month: (month.year(), month.month()),
        });
        self.tally
            .text(facts.strongest, facts.vague, facts.personal);
        let reported = verdict >= Verdict::Questionable
            || (verdict == Verdict::Insufficient && self.options.report_insufficient);
        if !reported {
            return Ok(());
        }
        let finding = self.finding(file, record, agency, index);
        if verdict == Verdict::Impermissible {
            self.tally
                .evidence(agency, &finding, self.options.evidence_per_agency);
        }
        self.tally.sample(&finding);
        sink.finding(&finding)
    }

    #[allow(
        clippy::expect_used,
        reason = "both indices were given out for these lists while the row was judged"
    )]
    fn finding(&mut self, file: &str, record: &Record<'_>, agency: u32, index: u32) -> Finding {
        let reason = record.cell(Column::Reason).unwrap_or_default();
        let signals = if crate::export::is_mask(reason) {
            Vec::new()
        } else {
            self.classifier.classify_cached(reason).signals.clone()
        };
        let text = |column| record.cell(column).unwrap_or_default().to_owned();
        let judgement = self.judgements.get(index as usize);
        let judgement = judgement.expect("the row was just judged");
        let agency = self.agencies.entries.get(agency as usize);
        Finding {
            verdict: judgement.verdict,
            authority: judgement.authority,
            file: file.to_owned(),
            line: record.line,
            row_id: record.row_id().into_owned(),
            time: record.time,
            agency: agency.expect("the agency was just looked up").name.clone(),
            officer: text(Column::Name),
            reason: reason.to_owned(),
            case: text(Column::Case),
            search_type: text(Column::SearchType),
            networks: record.networks(),
            rules: judgement.rules.clone(),
            signals,
        }
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
        let before_law = self.law_begins.is_some_and(|first| time < first);
        #[allow(
            clippy::expect_used,
            reason = "keys are made from indices of the list of profiles"
        )]
        let profile = |index: u32| {
            self.agencies
                .profiles
                .get(index as usize)
                .expect("the profile was just looked up")
        };
        let row = question::Row {
            key,
            time,
            profile: profile(key.profile),
            behalf: key.behalf.map(profile),
            reason,
            prompt,
            found: &found,
        };
        let judgement = Judgement::of(
            &row,
            self.policy,
            &self.data,
            &mut self.classifier,
            before_law,
        );
        #[allow(clippy::expect_used, reason = "the list is emptied long before")]
        let index = u32::try_from(self.judgements.len()).expect("no more than are remembered");
        self.judgements.push(judgement);
        self.verdicts.insert(key, index);
        index
    }

    /// What reason and prompt give away, and the id of the prompt.
    fn text_facts(&mut self, reason: Option<&str>, prompt: Option<&str>) -> (TextFacts, u64) {
        let mut facts = self
            .texts
            .facts(&mut self.classifier, reason.unwrap_or_default());
        let Some(prompt) = prompt else {
            return (facts, 0);
        };
        let other = self.texts.facts(&mut self.classifier, prompt);
        facts.strongest = stronger(facts.strongest, other.strongest);
        facts.personal |= other.personal;
        (facts, other.id)
    }
}
