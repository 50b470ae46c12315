//! The one error type of this crate: what kind, what was found, what to do.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::pixel_format::PixelFormat;

/// A cause of unknown type, kept so that `source()` leads to it.
pub type BoxedSource = Box<dyn std::error::Error + Send + Sync + 'static>;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong, for a program to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A frame, a mask or an output without any pixel.
    Empty,
    /// A frame, or the header of an encoded image, is larger than the [`Limits`](crate::Limits) in force.
    ///
    /// Raised before anything of the frame's size is allocated.
    FrameTooLarge,
    /// Encoded bytes longer than the [`Limits`](crate::Limits) in force.
    EncodedTooLong,
    /// The distance between two rows is shorter than a row.
    StrideTooShort,
    /// A buffer ends before its last row does.
    BufferTooShort,
    /// Corners that enclose nothing or are no numbers, and have no box to fall back to either.
    Corners,
    /// A caller-owned output buffer has the wrong length.
    OutputLength,
    /// Encoded bytes that are no image of a kind that can be read.
    UnknownImageFormat,
    /// An image whose header lies, whose data ends early, or which is damaged otherwise.
    Decode,
    /// A model file that cannot be read or is no model.
    ModelLoad,
    /// A model file that is not the one its manifest describes.
    ModelHash,
    /// A model whose inputs or outputs differ from its manifest or contract.
    ModelShape,
    /// A contract this version does not know.
    UnknownContract,
    /// A manifest that cannot be read or contradicts itself.
    Manifest,
    /// No ONNX Runtime library was found though it was asked for by name.
    RuntimeMissing,
    /// An ONNX Runtime older than this version can use.
    RuntimeTooOld,
    /// A file that is no ONNX Runtime library, or one for another kind of machine.
    RuntimeInvalid,
    /// A backend or execution provider that this build or machine does not offer.
    BackendUnavailable,
    /// A network failed while it ran, or gave an output that breaks its contract.
    Inference,
    /// An option outside its range, or two options that contradict each other.
    InvalidOption,
    /// A data file of registration formats that cannot be used.
    SyntaxData,
    /// Reading or writing failed.
    Io,
    /// No thread could be started.
    Threads,
    /// A detector or recogniser, or code of the caller's that the engine runs, panicked.
    Panicked,
}

/// Everything that can go wrong between pixels and a plate read: of what kind, what was expected and found, what to do.
///
/// ```
/// use platewarden::{ErrorKind, Frame};
///
/// let short = vec![0u8; 10];
/// let error = Frame::rgb8(&short, 4, 4, 12).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::BufferTooShort);
/// assert!(error.context().contains("expected at least 48"));
/// assert_eq!(error.remedy(), "check the size, the stride and the format");
/// ```
pub struct Error(Box<Failure>);

/// What the error keeps: what was expected and found.
#[derive(Debug, thiserror::Error)]
#[allow(
    missing_docs,
    reason = "the kinds of the same names are documented, and the messages name the fields"
)]
pub(crate) enum Failure {
    #[error("{what} is {width}x{height} pixels; expected at least 1x1")]
    Empty {
        what: &'static str,
        width: u32,
        height: u32,
    },
    #[error(
        "frame is {width}x{height} pixels; expected at most {max_width}x{max_height} and {max_pixels} pixels in all"
    )]
    FrameTooLarge {
        width: u32,
        height: u32,
        max_width: u32,
        max_height: u32,
        max_pixels: u64,
    },
    #[error("encoded image has {found} bytes; expected at most {max}")]
    EncodedTooLong { found: u64, max: u64 },
    #[error(
        "stride of the {plane} plane is {found} bytes; expected at least {expected} for {format} {width} pixels wide"
    )]
    StrideTooShort {
        plane: &'static str,
        format: PixelFormat,
        width: u32,
        expected: usize,
        found: usize,
    },
    #[error(
        "buffer of the {plane} plane has {found} bytes; expected at least {expected} for {format} of {width}x{height} pixels \
         at a stride of {stride}"
    )]
    BufferTooShort {
        plane: &'static str,
        format: PixelFormat,
        width: u32,
        height: u32,
        stride: usize,
        expected: usize,
        found: usize,
    },
    #[error("corners {found} enclose nothing; expected four finite points around a plate")]
    Corners { found: String },
    #[error("output of {what} has {found} elements; expected {expected}")]
    OutputLength {
        what: &'static str,
        expected: usize,
        found: usize,
    },
    #[error("bytes are no image that can be read: {reason}; expected JPEG, PNG, WebP, BMP or TIFF")]
    UnknownImageFormat { reason: String },
    #[error("{format} image is damaged: {source}; expected a whole file")]
    Decode {
        format: &'static str,
        source: BoxedSource,
    },
    #[error("model {} cannot be loaded: {reason}", path.display())]
    ModelLoad {
        path: PathBuf,
        reason: String,
        suggestion: String,
    },
    #[error("model {} has SHA-256 {found}; expected {expected} as its manifest says", path.display())]
    ModelHash {
        path: PathBuf,
        expected: String,
        found: String,
    },
    #[error("model {} has {what} {found}; expected {expected}", path.display())]
    ModelShape {
        path: PathBuf,
        what: String,
        expected: String,
        found: String,
        suggestion: String,
    },
    #[error("manifest {} names the {kind} contract `{found}`; expected one of {known}", path.display())]
    UnknownContract {
        path: PathBuf,
        kind: &'static str,
        found: String,
        known: &'static str,
    },
    #[error("manifest {} cannot be used: {reason}", path.display())]
    Manifest {
        path: PathBuf,
        reason: String,
        suggestion: String,
    },
    #[error(
        "ONNX Runtime library not found (looked at {}); expected {minimum} or newer",
        list(searched)
    )]
    RuntimeMissing {
        searched: Vec<PathBuf>,
        minimum: &'static str,
    },
    #[error("ONNX Runtime library {} is version {found}; expected {minimum} or newer", path.display())]
    RuntimeTooOld {
        path: PathBuf,
        minimum: &'static str,
        found: String,
    },
    #[error("{} is no ONNX Runtime library that can be loaded: {reason}; expected a shared library of {minimum} or newer for this \
         machine", path.display())]
    RuntimeInvalid {
        path: PathBuf,
        minimum: &'static str,
        reason: String,
    },
    #[error("backend {backend} cannot be used: {reason}")]
    BackendUnavailable {
        backend: String,
        reason: String,
        suggestion: String,
    },
    #[error("{stage} failed: {reason}")]
    Inference {
        stage: &'static str,
        reason: String,
        suggestion: String,
    },
    #[error("option `{option}` is {found}; expected {expected}")]
    InvalidOption {
        option: &'static str,
        expected: String,
        found: String,
    },
    #[error("registration formats of {origin} cannot be used: {reason}")]
    SyntaxData { origin: String, reason: String },
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
            Self::Empty { .. } => ErrorKind::Empty,
            Self::FrameTooLarge { .. } => ErrorKind::FrameTooLarge,
            Self::EncodedTooLong { .. } => ErrorKind::EncodedTooLong,
            Self::StrideTooShort { .. } => ErrorKind::StrideTooShort,
            Self::BufferTooShort { .. } => ErrorKind::BufferTooShort,
            Self::Corners { .. } => ErrorKind::Corners,
            Self::OutputLength { .. } => ErrorKind::OutputLength,
            Self::UnknownImageFormat { .. } => ErrorKind::UnknownImageFormat,
            Self::Decode { .. } => ErrorKind::Decode,
            Self::ModelLoad { .. } => ErrorKind::ModelLoad,
            Self::ModelHash { .. } => ErrorKind::ModelHash,
            Self::ModelShape { .. } => ErrorKind::ModelShape,
            Self::UnknownContract { .. } => ErrorKind::UnknownContract,
            Self::Manifest { .. } => ErrorKind::Manifest,
            Self::RuntimeMissing { .. } => ErrorKind::RuntimeMissing,
            Self::RuntimeTooOld { .. } => ErrorKind::RuntimeTooOld,
            Self::RuntimeInvalid { .. } => ErrorKind::RuntimeInvalid,
            Self::BackendUnavailable { .. } => ErrorKind::BackendUnavailable,
            Self::Inference { .. } => ErrorKind::Inference,
            Self::InvalidOption { .. } => ErrorKind::InvalidOption,
            Self::SyntaxData { .. } => ErrorKind::SyntaxData,
            Self::Io { .. } => ErrorKind::Io,
            Self::Threads { .. } => ErrorKind::Threads,
            Self::Panicked { .. } => ErrorKind::Panicked,
        }
    }

    fn remedy(&self) -> &str {
        match self {
            Self::ModelLoad { suggestion, .. }
            | Self::ModelShape { suggestion, .. }
            | Self::Manifest { suggestion, .. }
            | Self::BackendUnavailable { suggestion, .. }
            | Self::Inference { suggestion, .. } => suggestion,
            Self::Empty { .. } => "give one with pixels in it",
            Self::FrameTooLarge { .. } => "scale it down or raise `Limits`",
            Self::EncodedTooLong { .. } => "check the input or raise `Limits::max_encoded_bytes`",
            Self::StrideTooShort { .. } => {
                "give the distance between the starts of two rows in bytes"
            }
            Self::BufferTooShort { .. } => "check the size, the stride and the format",
            Self::Corners { .. } => "drop the detection",
            Self::OutputLength { .. } => "size it as the documentation of the call says",
            Self::UnknownImageFormat { .. } => "convert it first",
            Self::Decode { .. } => "fetch or save it again",
            Self::ModelHash { .. } => {
                "fetch the file again, or update the manifest if the change is meant"
            }
            Self::UnknownContract { .. } => "correct the manifest or update platewarden",
            Self::RuntimeMissing { .. } => {
                "run `pip install onnxruntime`, or set PLATEWARDEN_ORT to the library, or choose the embedded backend"
            }
            Self::RuntimeTooOld { .. } => {
                "run `pip install --upgrade onnxruntime`, or choose the embedded backend"
            }
            Self::RuntimeInvalid { .. } => {
                "correct PLATEWARDEN_ORT or ORT_DYLIB_PATH, or run `pip install onnxruntime`"
            }
            Self::InvalidOption { .. } => "choose such a value",
            Self::SyntaxData { .. } => "correct the entry or leave it out",
            Self::Io { .. } => {
                "check that it is there, that you may reach it, and that the device has room"
            }
            Self::Threads { .. } => "close other programs, or ask for fewer threads",
            Self::Panicked { .. } => {
                "correct the code that panicked, and report it where it is platewarden's"
            }
        }
    }

    /// The file or folder that it is about.
    fn path(&self) -> Option<&Path> {
        match self {
            Self::ModelLoad { path, .. }
            | Self::ModelHash { path, .. }
            | Self::ModelShape { path, .. }
            | Self::UnknownContract { path, .. }
            | Self::Manifest { path, .. }
            | Self::RuntimeTooOld { path, .. }
            | Self::RuntimeInvalid { path, .. }
            | Self::Io { path, .. } => Some(path),
            _ => None,
        }
    }
}

impl Error {
    /// The failure of a network, for a [`Detector`](crate::Detector) or [`Recognizer`](crate::Recognizer) of your own:
    /// which (`detector`, `recognizer`), what went wrong, what to do.
    #[must_use]
    pub fn inference(
        stage: &'static str,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::from(Failure::Inference {
            stage,
            reason: reason.into(),
            suggestion: remedy.into(),
        })
    }

    /// An error of kind [`ErrorKind::Io`] for `path`, for use with `map_err`.
    ///
    /// ```
    /// use platewarden::Error;
    ///
    /// let result = std::fs::read("no/such/file").map_err(Error::io("read", "no/such/file"));
    /// assert!(result.unwrap_err().to_string().starts_with("cannot read no/such/file: "));
    /// ```
    pub fn io(
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

    /// Makes the error of a network that is not the one its manifest describes, out of what does not fit, what was expected, and
    /// what the file has.
    pub(crate) fn model_shape(path: &Path) -> impl Fn(String, String, String) -> Self + Copy {
        move |what, expected, found| {
            Self::from(Failure::ModelShape {
                path: path.to_path_buf(),
                what,
                expected,
                found,
                suggestion: "use the manifest that belongs to this file, or correct it".into(),
            })
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

    /// The file or folder that it is about, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path()
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

impl From<crate::syntax::FormatsError> for Error {
    fn from(error: crate::syntax::FormatsError) -> Self {
        Self::from(Failure::SyntaxData {
            origin: format!("line {}", error.line),
            reason: error.reason,
        })
    }
}

fn list(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "no place at all".to_owned();
    }
    let shown: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    shown.join(", ")
}
