//! Finding the first record that was altered, removed or reordered.

use std::collections::VecDeque;

use super::checkpoint::Checkpoint;
use super::commit;
use super::digest::Digest;
use super::entry::{Entry, Scratch};
use super::finding::{Fault, FaultKind, Verification, VerifyOptions};
use super::store::TrailRead;
use super::walk::{Walk, Walked};
use crate::Error;
use crate::error::Failure;

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
