//! The crate's error type: what kind, what was found, what to do.

use std::{fmt, path::PathBuf};

use crate::source::SourceError;

/// What kind of thing went wrong, for a program to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A frame could not be read.
    Engine,
    /// A source of frames failed.
    Source,
    /// An option outside its range, or two options that contradict each other.
    InvalidOption,
    /// A list of wanted plates, or an entry of one, that cannot be used.
    Hotlist,
    /// A video file that cannot be written.
    VideoOutput,
    /// Reading or writing failed.
    Io,
    /// No thread could be started.
    Threads,
    /// Reading a frame panicked; the camera goes on.
    Panicked,
}

/// What can go wrong between frames and passes: of what kind, what was expected and found, what to do.
///
/// ```
/// use platewarden_video::ErrorKind;
/// use platewarden_video::tracking::{Tracker, TrackerOptions};
///
/// let error = Tracker::new(TrackerOptions::default().with_min_agreeing_reads(0)).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidOption);
/// assert!(error.context().contains("`min_agreeing_reads`"));
/// ```
pub struct Error(Box<Failure>);

/// What the error keeps: what was expected and found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Engine(#[from] platewarden::Error),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("option `{option}` is {found}; expected {expected}")]
    InvalidOption {
        option: &'static str,
        expected: String,
        found: String,
    },
    #[error("hotlist {origin} cannot be used: {reason}")]
    Hotlist { origin: String, reason: String },
    #[error("video {} cannot be written: {reason}", path.display())]
    VideoOutput { path: PathBuf, reason: String },
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("no thread could be started: {reason}")]
    Threads { reason: String },
    #[error("reading a frame panicked: {reason}")]
    Panicked { reason: String },
}

impl Failure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Engine(_) => ErrorKind::Engine,
            Self::Source(_) => ErrorKind::Source,
            Self::InvalidOption { .. } => ErrorKind::InvalidOption,
            Self::Hotlist { .. } => ErrorKind::Hotlist,
            Self::VideoOutput { .. } => ErrorKind::VideoOutput,
            Self::Io { .. } => ErrorKind::Io,
            Self::Threads { .. } => ErrorKind::Threads,
            Self::Panicked { .. } => ErrorKind::Panicked,
        }
    }

    fn remedy(&self) -> &str {
        match self {
            Self::Engine(error) => error.remedy(),
            Self::Source(_) => "see the source's message",
            Self::InvalidOption { .. } => "choose such a value",
            Self::Hotlist { .. } => "correct it or leave it out",
            Self::VideoOutput { .. } => "see the reason, then write it again",
            Self::Io { .. } => {
                "check that it is there, that you may reach it, and that the device has room"
            }
            Self::Threads { .. } => "close other programs, or ask for fewer workers",
            Self::Panicked { .. } => {
                "correct the code that panicked, and report it where it is platewarden's"
            }
        }
    }
}

impl Error {
    /// An error of kind [`ErrorKind::Io`] for `path`, for use with `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| {
            Self::from(Failure::Io {
                action,
                path,
                source,
            })
        }
    }

    /// The error of the engine behind it, where there is one.
    #[must_use]
    pub fn engine(&self) -> Option<&platewarden::Error> {
        match &*self.0 {
            Failure::Engine(error) => Some(error),
            _ => None,
        }
    }

    /// What the source of frames said, where it failed.
    #[must_use]
    pub fn source_error(&self) -> Option<&SourceError> {
        match &*self.0 {
            Failure::Source(error) => Some(error),
            _ => None,
        }
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
            Failure::Engine(error) => error.fmt(f),
            Failure::Source(error) => error.fmt(f),
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

impl From<platewarden::Error> for Error {
    fn from(error: platewarden::Error) -> Self {
        Self::from(Failure::Engine(error))
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::from(Failure::Source(error))
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
