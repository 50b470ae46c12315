//! By what a trail is verified, and what that finds.

use std::fmt;

use super::checkpoint::{Checkpoint, PublicKey};
use super::digest::Digest;

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
