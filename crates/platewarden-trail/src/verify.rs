//! Finding the first record that was altered, removed or reordered.

use std::collections::VecDeque;
use std::fmt;
use std::io::Read;

use super::checkpoint::{Checkpoint, PublicKey};
use super::commit;
use super::digest::Digest;
use super::entry::{self, Entry, Scratch};
use super::frame::{self, Frames, SEGMENT_HEADER_BYTES, SegmentHeader, Step};
use super::store::TrailRead;
use crate::Error;
use crate::error::Failure;

/// By what to verify a trail beyond its own links.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Keys whose checkpoints count. Empty: every correctly signed checkpoint counts, which shows accidents but not
    /// an attacker who signs for himself.
    pub trusted_keys: Vec<PublicKey>,
    /// Checkpoints kept elsewhere, besides those that lie beside the trail.
    pub checkpoints: Vec<Checkpoint>,
}

impl VerifyOptions {
    /// Adds a key whose checkpoints count.
    #[must_use]
    pub fn with_trusted_key(mut self, key: PublicKey) -> Self {
        self.trusted_keys.push(key);
        self
    }

    /// Adds a checkpoint kept elsewhere.
    #[must_use]
    pub fn with_checkpoint(mut self, checkpoint: Checkpoint) -> Self {
        self.checkpoints.push(checkpoint);
        self
    }
}

/// What kind of fault a trail has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The bytes of the record are damaged: they fail their checksum or are no record.
    Damaged,
    /// The record is well formed, but not what was written: its contents do not give the hash that it or its
    /// successor states.
    Altered,
    /// The record and those up to the next one present are missing.
    Removed {
        /// How many are missing.
        count: u64,
    },
    /// Another record stands in its place, and it stands further on.
    Reordered {
        /// The record that stands in its place.
        found: u64,
    },
    /// A record of this number stands in the trail a second time.
    Repeated,
    /// The links hold, but a checkpoint says otherwise: some record from this one to `until` was altered and all
    /// after it were re-linked.
    Rewritten {
        /// Last record that the checkpoint covers.
        until: u64,
    },
    /// The trail is shorter than a checkpoint says.
    Truncated {
        /// How many records are missing at the end at least.
        count: u64,
    },
    /// Bytes at the end that are no whole record: a write cut short (opening for writing mends it), or a damaged end.
    TornTail {
        /// How many bytes.
        bytes: u64,
    },
    /// The head of the segment that begins with this record is damaged or belongs to another trail.
    Segment,
    /// A checkpoint is not signed by the key it names, or speaks of another trail.
    Checkpoint,
}

/// The first fault of a trail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The first record altered, removed or out of order; for a checkpoint, the number of records it speaks of.
    pub sequence: u64,
    /// What is wrong with it.
    pub kind: FaultKind,
    /// How it shows, in one sentence.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FaultKind::Damaged => "is damaged".to_owned(),
            FaultKind::Altered => "was altered".to_owned(),
            FaultKind::Removed { count: 1 } => "was removed".to_owned(),
            FaultKind::Removed { count } => format!("and the {} after it were removed", count - 1),
            FaultKind::Reordered { found } => {
                format!("was moved: record {found} stands in its place")
            }
            FaultKind::Repeated => "stands in the trail twice".to_owned(),
            FaultKind::Rewritten { until } => {
                format!("or a later one up to {until} was altered, and those after it re-linked")
            }
            FaultKind::Truncated { count } => {
                format!("is missing: at least {count} records were cut off the end")
            }
            FaultKind::TornTail { bytes } => {
                format!("is not whole: {bytes} bytes at the end are no record")
            }
            FaultKind::Segment => "begins a segment whose head is damaged".to_owned(),
            FaultKind::Checkpoint => "is the end of a checkpoint that is not valid".to_owned(),
        };
        write!(f, "record {} {what}; {}", self.sequence, self.detail)
    }
}

/// What verifying found.
///
/// A record is vouched for by the hash in its successor, and the last one by a checkpoint. Who can rewrite the whole
/// end of a trail can make its links hold again; against that stand only checkpoints that he cannot sign or reach.
/// `vouched` says up to where they do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// Identifier of the log, 32 hexadecimal digits; empty for an empty store.
    pub log_id: String,
    /// Records found in order before the first fault, or all.
    pub records: u64,
    /// Hash of the last of them.
    pub head: Digest,
    /// Records covered by checkpoints that hold and count.
    pub vouched: u64,
    /// Checkpoints that hold and count.
    pub checkpoints: usize,
    /// Checkpoints left out because their key is not trusted, or because their line cannot be read.
    pub checkpoints_ignored: usize,
    /// The first fault, if there is one.
    pub fault: Option<Fault>,
}

impl Verification {
    /// Whether no fault was found.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.fault.is_none()
    }
}

pub(super) fn verify<S: TrailRead>(
    store: &S,
    options: &VerifyOptions,
) -> Result<Verification, Error> {
    let mut walk = Walk::new(store)?;
    let (checkpoints, ignored, invalid) = gather(store, options)?;
    let mut run = Run {
        checkpoints,
        foreign: None,
        verification: Verification {
            log_id: String::new(),
            records: 0,
            head: Digest::default(),
            vouched: 0,
            checkpoints: 0,
            checkpoints_ignored: ignored,
            fault: None,
        },
        scratch: Scratch::default(),
    };
    let mut fault = run.follow(&mut walk)?;
    if fault.is_none() {
        fault = run.leftover_checkpoint().or(run.foreign.take()).or(invalid);
    }
    run.verification.fault = fault;
    Ok(run.verification)
}

/// Reads checkpoint lines; counts those that cannot be read.
pub(super) fn parse_checkpoints(bytes: &[u8]) -> (Vec<Checkpoint>, usize) {
    let mut unreadable = 0;
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    let checkpoints = lines.filter_map(|line| match serde_json::from_slice(line) {
        Ok(checkpoint) => Some(checkpoint),
        Err(_) => {
            unreadable += 1;
            None
        }
    });
    (checkpoints.collect(), unreadable)
}

/// The checkpoints that count, ascending; how many were ignored; and the first that is not validly signed.
fn gather<S: TrailRead>(
    store: &S,
    options: &VerifyOptions,
) -> Result<(VecDeque<Checkpoint>, usize, Option<Fault>), Error> {
    let bytes = store.checkpoints().map_err(|source| {
        Error::from(Failure::Stream {
            action: "read the checkpoints",
            source,
        })
    })?;
    let (mut all, mut ignored) = parse_checkpoints(&bytes);
    all.extend(options.checkpoints.iter().cloned());
    all.sort_by(|a, b| (a.records, a.at, &a.signature).cmp(&(b.records, b.at, &b.signature)));
    all.dedup();
    let mut invalid = None;
    all.retain(|checkpoint| {
        if !options.trusted_keys.is_empty() && !options.trusted_keys.contains(&checkpoint.key) {
            ignored += 1;
            return false;
        }
        let signed = checkpoint.is_signed();
        if !signed && invalid.is_none() {
            invalid = Some(Fault {
                sequence: checkpoint.records,
                kind: FaultKind::Checkpoint,
                detail: format!("its signature is not that of key {}", checkpoint.key),
            });
        }
        signed
    });
    Ok((all.into(), ignored, invalid))
}

struct Run {
    /// Those not yet reached.
    checkpoints: VecDeque<Checkpoint>,
    /// The first checkpoint met that speaks of another log.
    foreign: Option<Fault>,
    verification: Verification,
    scratch: Scratch,
}

impl Run {
    fn follow<S: TrailRead>(&mut self, walk: &mut Walk<'_, S>) -> Result<Option<Fault>, Error> {
        loop {
            let expected = self.verification.records;
            let step = walk.next(expected, self.verification.head)?;
            if let Some(log_id) = walk.log_id.filter(|_| expected == 0) {
                self.verification.log_id = hex::encode(log_id);
                self.verification.head = commit::genesis(&log_id);
                if let Some(fault) = self.pass_checkpoints() {
                    return Ok(Some(fault));
                }
            }
            let entry = match step {
                Walked::End => return Ok(None),
                Walked::Fault(fault) => return Ok(Some(fault)),
                Walked::Entry(entry) => entry,
            };
            if entry.sequence != expected {
                return out_of_order(walk, expected, entry.sequence).map(Some);
            }
            let hash = self.scratch.hash(&entry);
            if hash != entry.hash {
                let detail = "its contents do not give the hash that it states".to_owned();
                return Ok(Some(Fault {
                    sequence: expected,
                    kind: FaultKind::Altered,
                    detail,
                }));
            }
            if entry.previous != self.verification.head {
                return self.broken_link(walk, &entry, hash).map(Some);
            }
            self.verification.records += 1;
            self.verification.head = hash;
            if let Some(fault) = self.pass_checkpoints() {
                return Ok(Some(fault));
            }
        }
    }

    /// The record before `entry` and the link in `entry` disagree: which of the two was altered?
    fn broken_link<S: TrailRead>(
        &mut self,
        walk: &mut Walk<'_, S>,
        entry: &Entry,
        hash: Digest,
    ) -> Result<Fault, Error> {
        let sequence = entry.sequence;
        let before_holds = sequence == 0 || self.verification.vouched == sequence;
        // The successor vouches for `entry`, or shows that it was altered; after the last record, a checkpoint may.
        let successor = match walk.next(sequence + 1, hash)? {
            Walked::Entry(next) if next.sequence == sequence + 1 => Some(next.previous == hash),
            _ => self
                .checkpoints
                .iter()
                .find(|checkpoint| checkpoint.records == sequence + 1)
                .map(|checkpoint| checkpoint.head == hash),
        };
        let detail = |what: &str| {
            format!(
                "{what}, so the chain breaks between records {} and {sequence}",
                sequence.saturating_sub(1)
            )
        };
        Ok(if before_holds || successor == Some(false) {
            Fault {
                sequence,
                kind: FaultKind::Altered,
                detail: detail("it does not link to the record before it"),
            }
        } else {
            // Not counted as found in order: it is the one that is wrong.
            self.verification.records -= 1;
            Fault {
                sequence: sequence - 1,
                kind: FaultKind::Altered,
                detail: detail("its hash is not the one that its successor links to"),
            }
        })
    }

    fn pass_checkpoints(&mut self) -> Option<Fault> {
        let Verification { records, head, .. } = self.verification;
        while let Some(checkpoint) = self
            .checkpoints
            .pop_front_if(|checkpoint| checkpoint.records <= records)
        {
            if checkpoint.log_id != self.verification.log_id {
                self.foreign.get_or_insert_with(|| foreign(&checkpoint));
                continue;
            }
            if checkpoint.head != head {
                return Some(Fault {
                    sequence: self.verification.vouched,
                    kind: FaultKind::Rewritten {
                        until: checkpoint.records.saturating_sub(1),
                    },
                    detail: format!(
                        "the checkpoint of {} over {} records states another hash",
                        checkpoint.at, checkpoint.records
                    ),
                });
            }
            self.verification.vouched = checkpoint.records;
            self.verification.checkpoints += 1;
        }
        None
    }

    /// Checkpoints not reached by the end of the trail.
    fn leftover_checkpoint(&self) -> Option<Fault> {
        let checkpoint = self.checkpoints.back()?;
        let Verification {
            records, log_id, ..
        } = &self.verification;
        if !log_id.is_empty() && checkpoint.log_id != *log_id {
            return Some(foreign(checkpoint));
        }
        Some(Fault {
            sequence: *records,
            kind: FaultKind::Truncated {
                count: checkpoint.records.saturating_sub(*records),
            },
            detail: format!(
                "the checkpoint of {} states {} records, the trail has {records}",
                checkpoint.at, checkpoint.records
            ),
        })
    }
}

fn foreign(checkpoint: &Checkpoint) -> Fault {
    let detail = format!("it speaks of the log {}", checkpoint.log_id);
    Fault {
        sequence: checkpoint.records,
        kind: FaultKind::Checkpoint,
        detail,
    }
}

fn out_of_order<S: TrailRead>(
    walk: &mut Walk<'_, S>,
    expected: u64,
    found: u64,
) -> Result<Fault, Error> {
    if found < expected {
        let detail = format!("record {found} comes where record {expected} belongs");
        return Ok(Fault {
            sequence: found,
            kind: FaultKind::Repeated,
            detail,
        });
    }
    // Only whether it comes later tells a removed record from a moved one.
    let detail = format!(
        "after record {} comes record {found}",
        expected.saturating_sub(1)
    );
    let mut moved = false;
    while let Walked::Entry(entry) = walk.next(expected, Digest::default())? {
        if entry.sequence == expected {
            moved = true;
            break;
        }
    }
    let kind = if moved {
        FaultKind::Reordered { found }
    } else {
        FaultKind::Removed {
            count: found - expected,
        }
    };
    Ok(Fault {
        sequence: expected,
        kind,
        detail,
    })
}

enum Walked {
    Entry(Entry),
    Fault(Fault),
    End,
}

/// Reads the records of all segments and tells faults of form.
struct Walk<'a, S> {
    store: &'a S,
    segments: VecDeque<u64>,
    frames: Option<Frames<Box<dyn Read + 'a>>>,
    log_id: Option<[u8; 16]>,
}

impl<'a, S: TrailRead> Walk<'a, S> {
    fn new(store: &'a S) -> Result<Self, Error> {
        let segments = store.segments().map_err(|source| {
            Error::from(Failure::Stream {
                action: "list the segments",
                source,
            })
        })?;
        Ok(Self {
            store,
            segments: segments.into(),
            frames: None,
            log_id: None,
        })
    }

    /// The next record. `expected` and `head` are what it should be and link to; they serve the findings only.
    fn next(&mut self, expected: u64, head: Digest) -> Result<Walked, Error> {
        let read_failed = |source| {
            Error::from(Failure::Stream {
                action: "read a segment",
                source,
            })
        };
        loop {
            let Some(frames) = &mut self.frames else {
                let Some(segment) = self.segments.pop_front() else {
                    return Ok(Walked::End);
                };
                if let Some(fault) = self.begin(segment, expected, head)? {
                    return Ok(Walked::Fault(fault));
                }
                continue;
            };
            let offset = frames.offset();
            let fault = match frames.step().map_err(read_failed)? {
                Step::End => {
                    self.frames = None;
                    continue;
                }
                Step::Body(body) => match entry::decode(body) {
                    Some(entry) => return Ok(Walked::Entry(entry)),
                    None => Fault {
                        sequence: expected,
                        kind: FaultKind::Damaged,
                        detail: "its bytes are no record of this format".to_owned(),
                    },
                },
                Step::Bad(why) => Fault {
                    sequence: expected,
                    kind: FaultKind::Damaged,
                    detail: format!("{why} (offset {offset} of the segment)"),
                },
                Step::Short => self.short(expected, offset)?,
            };
            return Ok(Walked::Fault(fault));
        }
    }

    fn begin(&mut self, segment: u64, expected: u64, head: Digest) -> Result<Option<Fault>, Error> {
        let mut input = self.store.open(segment).map_err(|source| {
            Error::from(Failure::Stream {
                action: "open a segment",
                source,
            })
        })?;
        let mut bytes = [0_u8; SEGMENT_HEADER_BYTES];
        frame::read_up_to(&mut input, &mut bytes).map_err(|source| {
            Error::from(Failure::Stream {
                action: "read a segment",
                source,
            })
        })?;
        let fault = |sequence, kind, detail: &str| {
            Ok(Some(Fault {
                sequence,
                kind,
                detail: detail.to_owned(),
            }))
        };
        let Some(header) = SegmentHeader::decode(&bytes).filter(|header| header.first == segment)
        else {
            return fault(
                segment,
                FaultKind::Segment,
                "its bytes are no head of a segment, or not of this one",
            );
        };
        if self.log_id.is_some_and(|id| id != header.log_id) {
            return fault(segment, FaultKind::Segment, "it belongs to another trail");
        }
        self.log_id = Some(header.log_id);
        if segment > expected {
            let count = segment - expected;
            return fault(
                expected,
                FaultKind::Removed { count },
                "the segment that held it is gone or cut off",
            );
        }
        let link = if segment == 0 {
            commit::genesis(&header.log_id)
        } else {
            head
        };
        // Where the number is wrong too, the first record says more about what happened.
        if segment == expected && header.previous != link {
            return fault(
                segment,
                FaultKind::Segment,
                "it does not link to the record before it",
            );
        }
        self.frames = Some(Frames::new(input, SEGMENT_HEADER_BYTES as u64));
        Ok(None)
    }

    /// Fewer bytes than a record needs: the end of the trail, or a length that was tampered with.
    fn short(&mut self, expected: u64, offset: u64) -> Result<Fault, Error> {
        let segments = self.store.segments().map_err(|source| {
            Error::from(Failure::Stream {
                action: "list the segments",
                source,
            })
        })?;
        let segment = segments
            .iter()
            .rev()
            .find(|segment| **segment <= expected)
            .copied()
            .unwrap_or_default();
        let failed = |source| {
            Error::from(Failure::Stream {
                action: "read a segment",
                source,
            })
        };
        let mut input = self.store.open(segment).map_err(failed)?;
        std::io::copy(&mut input.by_ref().take(offset), &mut std::io::sink()).map_err(failed)?;
        let mut rest = Vec::new();
        input.read_to_end(&mut rest).map_err(failed)?;
        let last = self.segments.is_empty() && !frame::holds_frame(&rest);
        let kind = if last {
            FaultKind::TornTail {
                bytes: rest.len() as u64,
            }
        } else {
            FaultKind::Damaged
        };
        Ok(Fault {
            sequence: expected,
            kind,
            detail: format!("fewer bytes follow than it states (offset {offset} of the segment)"),
        })
    }
}
