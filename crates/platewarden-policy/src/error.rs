//! The crate's error type.

use std::path::PathBuf;

/// What can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word is not in a closed vocabulary.
    #[error("unknown {what} `{found}`: expected one of {expected}")]
    UnknownWord {
        /// The vocabulary, such as `access mode`.
        what: &'static str,
        /// The word as given.
        found: String,
        /// The words that are understood.
        expected: String,
    },
    /// A place code is not understood.
    #[error("unknown jurisdiction `{found}`: expected {expected}")]
    Jurisdiction {
        /// The code as given.
        found: String,
        /// What would be understood.
        expected: &'static str,
    },
    /// A time is neither RFC 3339 nor a date.
    #[error(
        "cannot read the time `{found}`: expected RFC 3339 such as `2026-10-02T14:00:00Z`, or a date such as `2026-10-02`"
    )]
    Time {
        /// The text as given.
        found: String,
    },
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
    /// A rule pack was refused.
    #[error("{file}{}: {problem}; {remedy}", .line.map(|n| format!(":{n}")).unwrap_or_default())]
    Pack {
        /// The pack file, or its bundled name.
        file: String,
        /// The line, where it is known.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// An unverified pack was loaded without saying so.
    #[error(
        "pack `{pack}` is unverified (`verified_on` is empty): no person has read its rules at the official source; \
         load it with `Unverified::Allow` if that is acceptable"
    )]
    UnverifiedPack {
        /// The pack.
        pack: String,
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
    /// The audit trail could not be read or written.
    #[error(transparent)]
    Trail(#[from] platewarden_trail::Error),
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
