//! The crate's error type: what kind, what was found, what to do.

use std::{fmt, path::PathBuf};

/// What kind of thing went wrong, for a program to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A request or record contradicts itself or lacks a part.
    Invalid,
    /// Reading or writing a file failed.
    Io,
    /// Reading or writing a stream failed.
    Stream,
    /// JSON could not be read or written.
    Json,
    /// A record of the audit trail does not verify.
    Trail,
    /// Another process writes the audit trail.
    TrailLocked,
    /// The end of the audit trail is damaged by more than a write cut short.
    TrailDamaged,
    /// The audit trail is shorter than its own checkpoint says.
    TrailTruncated,
    /// An earlier write failed and could not be taken back.
    TrailBroken,
    /// The operating system gave no randomness.
    Randomness,
}

/// What can go wrong with a trail: of what kind, what was expected and found, what to do.
///
/// ```
/// use platewarden_trail::{ErrorKind, FileStore};
/// let error = FileStore::reader("no/such/folder").err().unwrap();
/// assert_eq!(error.kind(), ErrorKind::Io);
/// assert!(error.remedy().contains("reach it"));
/// ```
pub struct Error(Box<Failure>);

/// What the error keeps: what was expected and found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{what}: expected {expected}, found {found}")]
    Invalid {
        what: &'static str,
        expected: String,
        found: String,
    },
    #[error("cannot {action} `{}`", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot {action}")]
    Stream {
        action: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot read {what} from json: {source}")]
    Json {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("audit trail record {index}: {problem}")]
    Trail { index: u64, problem: String },
    #[error("the audit trail `{path}` has a writer already: a trail has one writer")]
    TrailLocked { path: String },
    #[error(
        "segment {segment} of the audit trail is damaged at offset {offset}, where record {sequence} belongs: {why}"
    )]
    TrailDamaged {
        segment: u64,
        offset: u64,
        sequence: u64,
        why: String,
    },
    #[error("the audit trail has {found} records, its last checkpoint states {expected}")]
    TrailTruncated { expected: u64, found: u64 },
    #[error("the audit trail cannot be written after a failed write")]
    TrailBroken,
    #[error("no randomness from the operating system: {why}")]
    Randomness { why: String },
}

impl Failure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Io { .. } => ErrorKind::Io,
            Self::Stream { .. } => ErrorKind::Stream,
            Self::Json { .. } => ErrorKind::Json,
            Self::Trail { .. } => ErrorKind::Trail,
            Self::TrailLocked { .. } => ErrorKind::TrailLocked,
            Self::TrailDamaged { .. } => ErrorKind::TrailDamaged,
            Self::TrailTruncated { .. } => ErrorKind::TrailTruncated,
            Self::TrailBroken => ErrorKind::TrailBroken,
            Self::Randomness { .. } => ErrorKind::Randomness,
        }
    }

    fn remedy(&self) -> &str {
        match self {
            Self::Invalid { .. } => "correct it and try again",
            Self::Io { .. } => {
                "check that it is there, that you may reach it, and that the device has room"
            }
            Self::Stream { .. } => "see the cause; what was flushed before is kept",
            Self::Json { .. } => "correct the place that is named",
            Self::Trail { .. } => "keep a copy of the trail and find out what happened",
            Self::TrailLocked { .. } => "stop the other process or write through it",
            Self::TrailDamaged { .. } => {
                "keep a copy, find out what happened, then open with `set_damage_aside`"
            }
            Self::TrailTruncated { .. } => "restore the missing ones before writing on",
            Self::TrailBroken => "open it again",
            Self::Randomness { .. } => {
                "try again; a machine that has just started may have none yet"
            }
        }
    }
}

impl Error {
    /// A store of one's own failed at something, such as `write the trail`.
    #[must_use]
    pub fn stream(action: &'static str, source: std::io::Error) -> Self {
        Self::from(Failure::Stream { action, source })
    }

    /// What the operating system said, where it was asked.
    #[must_use]
    pub fn io_kind(&self) -> Option<std::io::ErrorKind> {
        match &*self.0 {
            Failure::Io { source, .. } | Failure::Stream { source, .. } => Some(source.kind()),
            _ => None,
        }
    }

    /// An error of kind [`ErrorKind::Io`] for `path`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
        source: std::io::Error,
    ) -> Self {
        Self::from(Failure::Io {
            action,
            path: path.into(),
            source,
        })
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind()
    }

    /// What was expected, and what was found.
    #[must_use]
    pub fn context(&self) -> String {
        self.0.to_string()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        self.0.remedy()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.0, self.0.remedy())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
