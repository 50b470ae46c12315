//! What can go wrong with a source of frames.

use std::path::{Path, PathBuf};
use std::time::Duration;

use platewarden::Error;

/// Why a source of frames gave none.
///
/// Names of inputs are given without user names and passwords.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// No `ffmpeg` program.
    #[error(
        "program `{}` not found; expected ffmpeg 5.1 or newer on PATH: install it with `apt-get install ffmpeg` (Debian, \
         Ubuntu), `brew install ffmpeg` (macOS) or `winget install ffmpeg` (Windows), or name the program in \
         PLATEWARDEN_FFMPEG",
        program.display()
    )]
    FfmpegMissing {
        /// The program looked for.
        program: PathBuf,
    },

    /// The operating system would not start the program.
    #[error("cannot start `{}`: {source}; check that it may be executed", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// The decoder ended with an error.
    #[error(
        "source {input} failed ({status}): {detail}; expected a video that ffmpeg can read: check the address and try it with \
         `ffplay`"
    )]
    Failed {
        /// The input, without credentials.
        input: String,
        /// Exit status of the program.
        status: String,
        /// The last thing the program said.
        detail: String,
    },

    /// No frame for longer than the stall time-out.
    #[error(
        "source {input} gave no frame for {} s; expected one sooner: check the camera and the network, or raise the stall \
         time-out",
        after.as_secs_f32()
    )]
    Stalled {
        /// The input, without credentials.
        input: String,
        /// How long was waited.
        after: Duration,
    },

    /// The stream ended within a frame.
    #[error(
        "source {input} ended within a frame: {found} bytes of {expected}; the frame is dropped"
    )]
    CutOff {
        /// The input, without credentials.
        input: String,
        /// Bytes of a whole frame.
        expected: usize,
        /// Bytes that came.
        found: usize,
    },

    /// One frame cannot be used; the next may.
    #[error("frame {index} of source {input} cannot be used: {source}")]
    Frame {
        /// The input, without credentials.
        input: String,
        /// Which frame, counted from 0.
        index: u64,
        /// What is wrong with it.
        source: Box<Error>,
    },

    /// A folder without a picture.
    #[error(
        "folder {} holds no picture; expected files ending in .jpg, .jpeg, .jfif, .jpe, .png, .webp, .bmp, .tif or .tiff",
        path.display()
    )]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },

    /// Reading a file or folder failed.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// Reconnecting was given up.
    #[error("source {input} could not be opened again in {attempts} attempts; the last: {last}")]
    GaveUp {
        /// The input, without credentials.
        input: String,
        /// How often it was tried.
        attempts: u32,
        /// Why the last attempt failed.
        last: Box<SourceError>,
    },

    /// An option outside its range.
    #[error("option `{option}` is {found}; expected {expected}")]
    InvalidOption {
        /// The option's name in the code.
        option: &'static str,
        /// What would be accepted.
        expected: &'static str,
        /// What was given.
        found: String,
    },

    /// The source panicked.
    #[error("source {input} panicked: {reason}; this is a defect of the source: please report it")]
    Panicked {
        /// The input, without credentials.
        input: String,
        /// What it said.
        reason: String,
    },
}

impl SourceError {
    /// Why `ffmpeg` did not start.
    pub(crate) fn not_started(program: &Path, source: std::io::Error) -> Self {
        let program = program.to_path_buf();
        if source.kind() == std::io::ErrorKind::NotFound {
            Self::FfmpegMissing { program }
        } else {
            Self::Start { program, source }
        }
    }

    /// Whether the source is finished. After any other error the next call gives the next frame.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        !matches!(self, Self::Frame { .. })
    }

    /// Whether opening the source again could help, as it could after a network failure and could not when `ffmpeg` is
    /// missing.
    #[must_use]
    pub const fn is_worth_retrying(&self) -> bool {
        matches!(
            self,
            Self::Failed { .. } | Self::Stalled { .. } | Self::CutOff { .. } | Self::Io { .. }
        )
    }
}
