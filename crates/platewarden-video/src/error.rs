//! The error type of this crate.

use std::path::PathBuf;

use crate::source::SourceError;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong between frames and passes.
///
/// Each message names what was expected, what was found, and what to do about it. Match on the variant to react to one
/// kind of failure; new variants may appear in minor releases.
///
/// ```
/// use platewarden_video::Error;
/// use platewarden_video::tracking::{Tracker, TrackerOptions};
///
/// let error = Tracker::new(TrackerOptions::default().with_min_agreeing_reads(0)).unwrap_err();
/// assert!(matches!(error, Error::InvalidOption { option: "min_agreeing_reads", .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame could not be read.
    #[error(transparent)]
    Engine(#[from] platewarden::Error),

    /// A source of frames failed.
    #[error(transparent)]
    Source(#[from] SourceError),

    /// An option outside its range, or two options that contradict each other.
    #[error("option `{option}` is {found}; expected {expected}")]
    InvalidOption {
        /// The option's name in the code.
        option: &'static str,
        /// What would be accepted.
        expected: String,
        /// What was given.
        found: String,
    },

    /// A list of wanted plates, or an entry of one, that cannot be used.
    #[error("hotlist {origin} cannot be used: {reason}; correct it or leave it out")]
    Hotlist {
        /// Which file, entry or field.
        origin: String,
        /// What went wrong.
        reason: String,
    },

    /// A video file that cannot be written.
    #[error("video {} cannot be written: {reason}", path.display())]
    VideoOutput {
        /// The file.
        path: PathBuf,
        /// What went wrong, and what to do about it.
        reason: String,
    },

    /// Reading or writing failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// No thread could be started.
    #[error("no thread could be started: {reason}; close other programs, or ask for fewer workers")]
    Threads {
        /// What the operating system said.
        reason: String,
    },

    /// Reading a frame panicked; the camera goes on.
    #[error(
        "reading a frame panicked: {reason}; correct the code that panicked, and report it where it is platewarden's"
    )]
    Panicked {
        /// What it said.
        reason: String,
    },
}

impl Error {
    /// An [`Error::Io`] for `path`, for use with `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
