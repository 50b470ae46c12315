//! The redacted copy for the public, and the opening of single fields of it.
//!
//! JSON lines: a head, then one object a record and, after the record that it covers, each checkpoint, then an end.

use std::io::Write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::checkpoint::Checkpoint;
use super::commit;
use super::digest::Digest;
use super::entry::Entry;
use super::finding::VerifyOptions;
use super::reader::Trail;
use super::redaction::Redaction;
use super::store::TrailRead;
use crate::Error;
use crate::error::Failure;

pub(super) const VERSION: u32 = 1;

/// What to export.
///
/// ```
/// use platewarden_trail::{ExportOptions, Redaction};
/// let options = ExportOptions::new(Redaction::public()).with_range(100..200);
/// assert_eq!(options.range, 100..200);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExportOptions {
    /// Which fields to disclose.
    pub redaction: Redaction,
    /// Which records, by number; the end may lie beyond the trail.
    pub range: std::ops::Range<u64>,
}

impl ExportOptions {
    /// All records, under a redaction.
    #[must_use]
    pub fn new(redaction: Redaction) -> Self {
        Self {
            redaction,
            range: 0..u64::MAX,
        }
    }

    /// Only some records.
    #[must_use]
    pub fn with_range(mut self, range: std::ops::Range<u64>) -> Self {
        self.range = range;
        self
    }
}

/// One line of an export.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Head {
        version: u32,
        log_id: String,
        first: u64,
        previous: Digest,
    },
    Record(RecordLine),
    Checkpoint(Checkpoint),
    End {
        records: u64,
        head: Digest,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordLine {
    pub(super) sequence: u64,
    pub(super) at: Timestamp,
    pub(super) kind: String,
    pub(super) previous: Digest,
    pub(super) hash: Digest,
    pub(super) fields: Vec<FieldLine>,
}

/// Either `value` (JSON text, in a string so that its bytes are certain) and `salt`, or `commitment`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldLine {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) salt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commitment: Option<Digest>,
}

/// Writes a redacted copy of a trail that [`verify_export`](super::verify_export) can check without the trail.
/// Returns the number of records written.
///
/// The trail is verified first: a copy of a broken trail would put the exporter's name to it.
///
/// ```
/// use platewarden_trail::{
///     DecisionRecord, ExportOptions, MemoryStore, Redaction, Trail, TrailOptions, TrailWriter, export, verify_export,
/// };
/// let store = MemoryStore::default();
/// let mut writer = TrailWriter::open(store.clone(), TrailOptions::default())?;
/// writer.append(DecisionRecord { outcome: "deny".into(), cures: vec!["plate 7ABC123".into()], ..Default::default() })?;
///
/// let mut copy = Vec::new();
/// export(&Trail::new(store), &ExportOptions::new(Redaction::public()), &mut copy)?;
/// assert!(!String::from_utf8_lossy(&copy).contains("7ABC123"));
/// assert!(verify_export(copy.as_slice(), &[])?.is_intact());
/// # Ok::<(), platewarden_trail::Error>(())
/// ```
///
/// # Errors
///
/// [`Trail`](crate::ErrorKind::Trail) where the trail does not verify; [`Stream`](crate::ErrorKind::Stream) where it cannot
/// be read or the copy not be written.
pub fn export<S: TrailRead>(
    trail: &Trail<S>,
    options: &ExportOptions,
    mut output: impl Write,
) -> Result<u64, Error> {
    let verification = trail.verify(&VerifyOptions::default())?;
    if let Some(fault) = verification.fault {
        return Err(Error::from(Failure::Trail {
            index: fault.sequence,
            problem: fault.to_string(),
        }));
    }
    let mut checkpoints = trail.checkpoints()?;
    checkpoints
        .retain(|checkpoint| checkpoint.records > options.range.start && checkpoint.is_signed());
    checkpoints.sort_by_key(|checkpoint| (checkpoint.records, checkpoint.at));
    let mut checkpoints = checkpoints.into_iter().peekable();
    let mut head_written = false;
    let (mut records, mut head) = (0, Digest::default());
    let mut scratch = Vec::new();
    // Records that the writer adds meanwhile were not verified.
    let end = options.range.end.min(verification.records);
    for entry in trail.entries_from(options.range.start)? {
        let entry = entry?;
        if !head_written {
            let line = Line::Head {
                version: VERSION,
                log_id: verification.log_id.clone(),
                first: entry.sequence,
                previous: entry.previous,
            };
            write_line(&mut output, &line)?;
            head_written = true;
            head = entry.previous;
        }
        if entry.sequence >= end {
            break;
        }
        write_line(
            &mut output,
            &Line::Record(redact(&entry, &options.redaction, &mut scratch)),
        )?;
        records += 1;
        head = entry.hash;
        while let Some(checkpoint) =
            checkpoints.next_if(|checkpoint| checkpoint.records == entry.sequence + 1)
        {
            write_line(&mut output, &Line::Checkpoint(checkpoint))?;
        }
    }
    if !head_written {
        let first = verification.records;
        let line = Line::Head {
            version: VERSION,
            log_id: verification.log_id,
            first,
            previous: verification.head,
        };
        write_line(&mut output, &line)?;
        head = verification.head;
    }
    write_line(&mut output, &Line::End { records, head })?;
    output.flush().map_err(write_failed)?;
    Ok(records)
}

fn redact(entry: &Entry, redaction: &Redaction, scratch: &mut Vec<u8>) -> RecordLine {
    let fields = entry.fields.iter().zip(entry.salts()).map(|(field, salt)| {
        let name = field.name.clone();
        if redaction.discloses(&entry.kind, &field.name) {
            FieldLine {
                name,
                value: Some(field.value.clone()),
                salt: Some(hex::encode(salt)),
                commitment: None,
            }
        } else {
            let commitment = commit::field(&salt, &field.name, &field.value, scratch);
            FieldLine {
                name,
                value: None,
                salt: None,
                commitment: Some(commitment),
            }
        }
    });
    RecordLine {
        sequence: entry.sequence,
        at: entry.at,
        kind: entry.kind.clone(),
        previous: entry.previous,
        hash: entry.hash,
        fields: fields.collect(),
    }
}

fn write_line(output: &mut impl Write, line: &Line) -> Result<(), Error> {
    serde_json::to_writer(&mut *output, line).map_err(|error| write_failed(error.into()))?;
    output.write_all(b"\n").map_err(write_failed)
}

fn write_failed(source: std::io::Error) -> Error {
    Error::from(Failure::Stream {
        action: "write the export",
        source,
    })
}

/// One field of one record, opened later for someone who holds the public copy: a court, say. It proves that this
/// value stood in the record from the beginning, and nothing about any other field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The record.
    pub sequence: u64,
    /// The field.
    pub name: String,
    /// JSON text of the value.
    pub value: String,
    /// Salt of the commitment, 32 hexadecimal digits.
    pub salt: String,
}

/// Opens one field of one record; `None` where the trail has no such record or the record no such field.
///
/// # Errors
///
/// [`TrailDamaged`](crate::ErrorKind::TrailDamaged) or [`Stream`](crate::ErrorKind::Stream) where the record cannot be
/// read.
pub fn open_field<S: TrailRead>(
    trail: &Trail<S>,
    sequence: u64,
    name: &str,
) -> Result<Option<Opening>, Error> {
    let Some(entry) = trail.entry(sequence)? else {
        return Ok(None);
    };
    let mut pairs = entry.fields.iter().zip(entry.salts());
    let found = pairs.find(|(field, _)| field.name == name);
    Ok(found.map(|(field, salt)| Opening {
        sequence,
        name: field.name.clone(),
        value: field.value.clone(),
        salt: hex::encode(salt),
    }))
}
