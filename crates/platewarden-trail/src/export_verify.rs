//! Checking a redacted copy without the trail it was made from.

use std::io::{BufRead, Read};

use super::checkpoint::{Checkpoint, PublicKey};
use super::commit::{self, Head, RecordHash, Salt};
use super::digest::{Digest, from_hex};
use super::export::{FieldLine, Line, Opening, RecordLine, VERSION};
use crate::Error;
use crate::error::Failure;

/// Longest line that is read: a record of the greatest size, escaped as JSON in the worst way.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// The first fault of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportFault {
    /// Line, counted from 1.
    pub line: u64,
    /// Record, where the line is one or should be.
    pub sequence: Option<u64>,
    /// What is wrong.
    pub detail: String,
}

impl std::fmt::Display for ExportFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(sequence) = self.sequence {
            write!(f, " (record {sequence})")?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// What verifying an export found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportVerification {
    /// Identifier of the log.
    pub log_id: String,
    /// Number of the first record.
    pub first: u64,
    /// Records that verify.
    pub records: u64,
    /// Hash of the last of them.
    pub head: Digest,
    /// Records covered by checkpoints that hold and count; the ones after rest on the exporter's word.
    pub vouched: u64,
    /// Fields whose value is shown.
    pub disclosed: u64,
    /// Fields of which only the commitment is shown.
    pub withheld: u64,
    /// The first fault, if there is one.
    pub fault: Option<ExportFault>,
}

impl ExportVerification {
    /// Whether no fault was found.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.fault.is_none()
    }
}

/// Checks a redacted copy: every commitment of a disclosed value, every record, every link, every checkpoint, and
/// that the copy has an end. With `trusted` empty, every correctly signed checkpoint counts.
///
/// # Errors
///
/// [`Stream`](crate::ErrorKind::Stream) where the copy cannot be read. A fault in it is a finding, not an error.
pub fn verify_export(
    mut input: impl BufRead,
    trusted: &[PublicKey],
) -> Result<ExportVerification, Error> {
    let mut run = Run {
        found: ExportVerification {
            log_id: String::new(),
            first: 0,
            records: 0,
            head: Digest::default(),
            vouched: 0,
            disclosed: 0,
            withheld: 0,
            fault: None,
        },
        trusted,
        begun: false,
        ended: false,
        scratch: Vec::new(),
        record: Vec::new(),
    };
    let mut buffer = Vec::new();
    let mut line = 0;
    loop {
        buffer.clear();
        let read = input
            .by_ref()
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut buffer);
        if read.map_err(|source| {
            Error::from(Failure::Stream {
                action: "read the export",
                source,
            })
        })? == 0
        {
            break;
        }
        line += 1;
        if let Err((sequence, detail)) = run.line(&buffer) {
            run.found.fault = Some(ExportFault {
                line,
                sequence,
                detail,
            });
            return Ok(run.found);
        }
    }
    if !run.ended {
        let sequence = run.begun.then_some(run.found.first + run.found.records);
        run.found.fault = Some(ExportFault {
            line: line + 1,
            sequence,
            detail: "the export ends without its last line".to_owned(),
        });
    }
    Ok(run.found)
}

struct Run<'a> {
    found: ExportVerification,
    trusted: &'a [PublicKey],
    begun: bool,
    ended: bool,
    scratch: Vec<u8>,
    record: Vec<u8>,
}

type Finding = (Option<u64>, String);

impl Run<'_> {
    fn line(&mut self, bytes: &[u8]) -> Result<(), Finding> {
        let next = self.next();
        let line: Line = serde_json::from_slice(bytes).map_err(|error| {
            (
                self.begun.then_some(next),
                format!("not a line of an export: {error}"),
            )
        })?;
        if self.ended {
            return Err((None, "something follows the last line".to_owned()));
        }
        match line {
            Line::Head {
                version,
                log_id,
                first,
                previous,
            } => self.head(version, log_id, first, previous),
            _ if !self.begun => Err((None, "the export does not begin with its head".to_owned())),
            Line::Record(record) => self.record(&record).map_err(|detail| (Some(next), detail)),
            Line::Checkpoint(checkpoint) => self
                .checkpoint(&checkpoint)
                .map_err(|detail| (next.checked_sub(1), detail)),
            Line::End { records, head } => {
                self.ended = true;
                if (records, head) == (self.found.records, self.found.head) {
                    Ok(())
                } else {
                    Err((
                        Some(next),
                        format!(
                            "the last line states {records} records, the export has {}, or another hash",
                            self.found.records
                        ),
                    ))
                }
            }
        }
    }

    fn next(&self) -> u64 {
        self.found.first.saturating_add(self.found.records)
    }

    fn head(
        &mut self,
        version: u32,
        log_id: String,
        first: u64,
        previous: Digest,
    ) -> Result<(), Finding> {
        let refuse = |detail: &str| Err((None, detail.to_owned()));
        if self.begun {
            return refuse("a second head");
        }
        if version != VERSION {
            return Err((
                None,
                format!("version {VERSION} was expected, {version} found"),
            ));
        }
        let Ok(id) = from_hex::<16>(&log_id) else {
            return refuse("the identifier of the log is not 32 hexadecimal digits");
        };
        if first == 0 && previous != commit::genesis(&id) {
            return refuse("the first record does not link to the beginning of this log");
        }
        self.begun = true;
        self.found.log_id = log_id;
        self.found.first = first;
        self.found.head = previous;
        Ok(())
    }

    fn record(&mut self, line: &RecordLine) -> Result<(), String> {
        if line.sequence != self.next() {
            return Err(format!("record {} stands in its place", line.sequence));
        }
        if line.previous != self.found.head {
            return Err("it does not link to the record before it".to_owned());
        }
        let head = Head {
            sequence: line.sequence,
            at: line.at,
            kind: &line.kind,
            previous: &line.previous,
        };
        let mut hash = RecordHash::new(std::mem::take(&mut self.record), head, line.fields.len());
        let (mut disclosed, mut withheld) = (0, 0);
        for field in &line.fields {
            let commitment = match open(field)? {
                Some((value, salt)) => {
                    disclosed += 1;
                    commit::field(&salt, &field.name, value, &mut self.scratch)
                }
                None => {
                    withheld += 1;
                    field.commitment.unwrap_or_default()
                }
            };
            hash.add(&field.name, &commitment);
        }
        let (digest, buffer) = hash.finish();
        self.record = buffer;
        if digest != line.hash {
            return Err("its contents do not give the hash that it states".to_owned());
        }
        self.found.head = digest;
        self.found.records += 1;
        self.found.disclosed += disclosed;
        self.found.withheld += withheld;
        Ok(())
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), String> {
        if !self.trusted.is_empty() && !self.trusted.contains(&checkpoint.key) {
            return Ok(());
        }
        if !checkpoint.is_signed() {
            return Err("the checkpoint is not signed by the key it names".to_owned());
        }
        if checkpoint.log_id != self.found.log_id {
            return Err("the checkpoint speaks of another log".to_owned());
        }
        if (checkpoint.records, checkpoint.head) != (self.next(), self.found.head) {
            return Err(
                "the checkpoint states another number of records or another hash".to_owned(),
            );
        }
        self.found.vouched = self.found.records;
        Ok(())
    }
}

/// Value and salt of a disclosed field, `None` for a withheld one.
fn open(field: &FieldLine) -> Result<Option<(&str, Salt)>, String> {
    match (&field.value, &field.salt, &field.commitment) {
        (Some(value), Some(salt), None) => {
            let salt =
                from_hex(salt).map_err(|error| format!("salt of field {}: {error}", field.name))?;
            Ok(Some((value, salt)))
        }
        (None, None, Some(_)) => Ok(None),
        _ => Err(format!(
            "field {} must have either a value and a salt or a commitment",
            field.name
        )),
    }
}

/// Whether an opened field is what a line of the public copy committed to. [`verify_export`] must have passed the copy:
/// it is what ties the line to the chain.
///
/// `line` is the record's line of the export, as text.
///
/// # Errors
///
/// [`Json`](crate::ErrorKind::Json) or [`Invalid`](crate::ErrorKind::Invalid) where the line is no record, is another
/// record, or withholds no such field, or where the salt cannot be read.
pub fn verify_opening(line: &str, opening: &Opening) -> Result<bool, Error> {
    let refuse = |expected: String, found: String| {
        Error::from(Failure::Invalid {
            what: "line of the export",
            expected,
            found,
        })
    };
    let parsed = serde_json::from_str(line).map_err(|source| {
        Error::from(Failure::Json {
            what: "a line of the export",
            source,
        })
    })?;
    let Line::Record(record) = parsed else {
        return Err(refuse(
            "a record".to_owned(),
            "another kind of line".to_owned(),
        ));
    };
    if record.sequence != opening.sequence {
        return Err(refuse(
            format!("record {}", opening.sequence),
            format!("record {}", record.sequence),
        ));
    }
    let committed = record
        .fields
        .iter()
        .find(|field| field.name == opening.name)
        .and_then(|field| field.commitment);
    let committed = committed.ok_or_else(|| {
        refuse(
            format!("a withheld field {}", opening.name),
            "none".to_owned(),
        )
    })?;
    let salt: Salt = from_hex(&opening.salt)?;
    Ok(commit::field(&salt, &opening.name, &opening.value, &mut Vec::new()) == committed)
}
