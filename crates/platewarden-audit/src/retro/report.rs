//! What an audit comes to.

use jiff::Timestamp;
use platewarden_policy::classifier::{Grade, SignalCategory};
use platewarden_policy::model::{AgencyKind, Fact, PackVersion};
use serde::Serialize;

use crate::export::{Column, Header, Unparsed};

use super::counts::{ByAuthority, Counts};
use super::finding::{Finding, RuleHit, Verdict};

/// One audited file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
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
    /// Times that name no zone; they were read on the clocks that the options give, or as UTC.
    pub naive_times: u64,
    /// Searches under a login that is another person's, or a unit's, as far as the record shows both.
    pub other_logins: u64,
    /// Columns of the superset that the file lacks.
    pub missing_columns: Vec<&'static str>,
    /// Labels that are not understood; their cells were not read.
    pub ignored_columns: Vec<String>,
    /// Columns of one meaning that were read as one.
    pub joined_columns: Vec<String>,
    /// Whether the file has no labels, and its columns were known by their content or by number.
    pub without_labels: bool,
    /// Why the file could not be read, where it could not; the others went on.
    pub problem: Option<String>,
}

impl FileRow {
    pub(super) fn new(name: &str, header: &Header) -> Self {
        Self {
            missing_columns: Column::superset()
                .iter()
                .filter(|column| !header.has(**column))
                .map(|column| column.name())
                .collect(),
            ignored_columns: header.unknown().to_vec(),
            joined_columns: header.joined().to_vec(),
            without_labels: header.is_inferred(),
            ..Self::named(name)
        }
    }

    /// A file that could not be read.
    pub(super) fn failed(name: &str, problem: String) -> Self {
        Self {
            problem: Some(problem),
            ..Self::named(name)
        }
    }

    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
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
    /// What its place might be, where its name can be read in more than one way.
    pub doubt: Option<String>,
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
    /// The same by the highest authority that bars each.
    pub impermissible_by: ByAuthority,
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

/// An agency that cannot be proposed for anything, because nobody knows where it belongs or who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unplaced {
    /// The name as the log has it.
    pub agency: String,
    /// Why nothing is proposed.
    pub why: String,
    /// Searches barred by statute, regulation, court, attorney general or regulator.
    pub impermissible: u64,
}

/// A change of who may search, out of an event log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharingChange {
    /// The file.
    pub file: String,
    /// The line of the file, from 1.
    pub line: u64,
    /// When it was made, where the cell is understood.
    pub time: Option<Timestamp>,
    /// `create`, `update` or `delete`, as recorded.
    pub event: String,
    /// The agency that it is about.
    pub agency: String,
    /// What kind of body its name says it is.
    pub kind: Fact<AgencyKind>,
    /// Whose law binds it, as far as its name says.
    pub home: Option<String>,
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
    /// The clocks by which months and days are counted.
    pub zone: String,
    /// The clocks on which times without a zone were read, if there were any.
    pub naive_zone: Option<String>,
    /// The first day of the law of the place, where its rules name one.
    pub law_begins: Option<Timestamp>,
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
    /// What the outcome of searches without a finding depends on beyond that: facts that no log shows.
    pub presumed: Vec<MissingFact>,
    /// Proposals.
    pub revocations: Vec<ProposedRevocation>,
    /// Agencies with barred searches of which nothing is proposed, since a person must first say who and where they are.
    pub unplaced: Vec<Unplaced>,
    /// Changes of who may search, out of event logs.
    pub sharing_changes: Vec<SharingChange>,
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
