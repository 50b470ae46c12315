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
    /// A CSV file could not be read or written.
    #[error("cannot {action} csv: {source}")]
    Csv {
        /// What was attempted.
        action: &'static str,
        /// The cause.
        #[source]
        source: csv::Error,
    },
    /// The decision engine refused, or could not be loaded.
    #[error(transparent)]
    Policy(#[from] platewarden_policy::Error),
    /// The audit trail could not be read or written.
    #[error(transparent)]
    Trail(#[from] platewarden_trail::Error),
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
