//! The crate's error type: what kind, what was found, what to do.

use std::{fmt, path::PathBuf};

/// What kind of thing went wrong, for a program to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A word is not in a closed vocabulary.
    UnknownWord,
    /// A place code is not understood.
    Jurisdiction,
    /// A time is neither RFC 3339 nor a date.
    Time,
    /// A request or record contradicts itself or lacks a part.
    Invalid,
    /// A rule pack was refused.
    Pack,
    /// An unverified pack was loaded without saying so.
    UnverifiedPack,
    /// Reading or writing a file failed.
    Io,
    /// JSON could not be read or written.
    Json,
    /// The audit trail could not be read or written.
    Trail,
    /// The operating system gave no randomness.
    Randomness,
}

/// What can go wrong in this crate: of what kind, what was expected and found, what to do. A search that is denied is no
/// error but a [`Decision`](crate::model::Decision).
///
/// ```
/// use platewarden_policy::{ErrorKind, model::Jurisdiction};
/// let error = "MT".parse::<Jurisdiction>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Jurisdiction);
/// assert!(error.context().contains("US-MT"));
/// ```
pub struct Error(Box<Failure>);

/// What the error keeps: what was expected and found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("unknown {what} `{found}`: expected {expected}")]
    UnknownWord {
        what: &'static str,
        found: String,
        expected: String,
    },
    #[error("unknown jurisdiction `{found}`: expected {expected}")]
    Jurisdiction {
        found: String,
        expected: &'static str,
    },
    #[error(
        "cannot read the time `{found}`: expected RFC 3339 such as `2026-10-02T14:00:00Z`, or a date such as `2026-10-02`"
    )]
    Time { found: String },
    #[error("{what}: expected {expected}, found {found}")]
    Invalid {
        what: &'static str,
        expected: String,
        found: String,
    },
    #[error("{file}{}: {problem}", .line.map(|n| format!(":{n}")).unwrap_or_default())]
    Pack {
        file: String,
        line: Option<usize>,
        problem: String,
        remedy: String,
    },
    #[error(
        "pack `{pack}` is unverified (`verified_on` is empty): no person has read its rules at the official source"
    )]
    UnverifiedPack { pack: String },
    #[error("cannot {action} `{}`", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot read {what} from json: {source}")]
    Json {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error(transparent)]
    Trail(#[from] platewarden_trail::Error),
    #[error("no randomness from the operating system: {why}")]
    Randomness { why: String },
}

impl Failure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownWord { .. } => ErrorKind::UnknownWord,
            Self::Jurisdiction { .. } => ErrorKind::Jurisdiction,
            Self::Time { .. } => ErrorKind::Time,
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Pack { .. } => ErrorKind::Pack,
            Self::UnverifiedPack { .. } => ErrorKind::UnverifiedPack,
            Self::Io { .. } => ErrorKind::Io,
            Self::Json { .. } => ErrorKind::Json,
            Self::Trail(_) => ErrorKind::Trail,
            Self::Randomness { .. } => ErrorKind::Randomness,
        }
    }

    fn remedy(&self) -> &str {
        match self {
            Self::UnknownWord { .. } => "write one of these",
            Self::Jurisdiction { .. } => "write the place so",
            Self::Time { .. } => "write it so",
            Self::Invalid { .. } => "correct it and try again",
            Self::Pack { remedy, .. } => remedy,
            Self::UnverifiedPack { .. } => "load it with `Unverified::Allow` if that is acceptable",
            Self::Io { .. } => "check that it is there and that you may reach it",
            Self::Json { .. } => "correct the place that is named",
            Self::Trail(error) => error.remedy(),
            Self::Randomness { .. } => {
                "try again; a machine that has just started may have none yet"
            }
        }
    }
}

impl Error {
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
        match &*self.0 {
            Failure::Trail(error) => error.fmt(f),
            failure => write!(f, "{failure}; {}", failure.remedy()),
        }
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

impl From<platewarden_trail::Error> for Error {
    fn from(error: platewarden_trail::Error) -> Self {
        Self::from(Failure::Trail(error))
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
