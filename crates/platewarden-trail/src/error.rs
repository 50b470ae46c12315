//! The crate's error type.

use std::path::PathBuf;

/// What can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A request or record contradicts itself or lacks a part.
    #[error("{what}: expected {expected}, found {found}")]
    Invalid {
        /// The part that is wrong.
        what: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Reading or writing a file failed.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was attempted, such as `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Reading or writing a stream failed.
    #[error("cannot {action}")]
    Stream {
        /// What was attempted.
        action: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// JSON could not be read or written.
    #[error("cannot read {what} from json: {source}")]
    Json {
        /// What was expected in the text.
        what: &'static str,
        /// The cause, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// A record of the audit trail does not verify.
    #[error("audit trail record {index}: {problem}")]
    Trail {
        /// The record's position from zero.
        index: u64,
        /// What was expected and what was found.
        problem: String,
    },
    /// Another process writes the audit trail.
    #[error(
        "the audit trail `{path}` has a writer already: a trail has one writer; stop the other process or write through it"
    )]
    TrailLocked {
        /// The lock file.
        path: String,
    },
    /// The end of the audit trail is damaged by more than a write cut short.
    #[error(
        "segment {segment} of the audit trail is damaged at offset {offset}, where record {sequence} belongs: {why}; keep \
         a copy, find out what happened, then open with `set_damage_aside`"
    )]
    TrailDamaged {
        /// First record of the segment.
        segment: u64,
        /// Byte at which the damage begins.
        offset: u64,
        /// The record that belongs there.
        sequence: u64,
        /// How it shows.
        why: String,
    },
    /// The audit trail is shorter than its own checkpoint says.
    #[error(
        "the audit trail has {found} records, its last checkpoint states {expected}: restore the missing ones before writing on"
    )]
    TrailTruncated {
        /// Records that the checkpoint states.
        expected: u64,
        /// Records found.
        found: u64,
    },
    /// An earlier write failed and could not be taken back.
    #[error("the audit trail cannot be written after a failed write: open it again")]
    TrailBroken,
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {why}")]
    Randomness {
        /// What it said.
        why: String,
    },
}

impl Error {
    /// An [`Error::Io`] for `path`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
        source: std::io::Error,
    ) -> Self {
        Self::Io {
            action,
            path: path.into(),
            source,
        }
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
