//! The one error type of this crate.

use std::path::PathBuf;

use crate::pixel_format::PixelFormat;

/// A cause of unknown type, kept so that `source()` leads to it.
pub type BoxedSource = Box<dyn std::error::Error + Send + Sync + 'static>;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong between pixels and a plate read.
///
/// Each message names what was expected, what was found, and what to do about it. Match on the variant to react to one
/// kind of failure; new variants may appear in minor releases.
///
/// ```
/// use platewarden::{Error, Frame};
///
/// let short = vec![0u8; 10];
/// let error = Frame::rgb8(&short, 4, 4, 12).unwrap_err();
/// assert!(matches!(error, Error::BufferTooShort { expected: 48, found: 10, .. }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame, a mask or an output without any pixel.
    #[error("{what} is {width}x{height} pixels; expected at least 1x1: give one with pixels in it")]
    Empty {
        /// What was empty, such as `frame`.
        what: &'static str,
        /// Width found, in pixels.
        width: u32,
        /// Height found, in pixels.
        height: u32,
    },

    /// A frame, or the header of an encoded image, is larger than the [`Limits`](crate::Limits) in force.
    ///
    /// Raised before anything of the frame's size is allocated.
    #[error(
        "frame is {width}x{height} pixels; expected at most {max_width}x{max_height} and {max_pixels} pixels in all: \
         scale it down or raise `Limits`"
    )]
    FrameTooLarge {
        /// Width found, in pixels.
        width: u32,
        /// Height found, in pixels.
        height: u32,
        /// Largest width allowed, in pixels.
        max_width: u32,
        /// Largest height allowed, in pixels.
        max_height: u32,
        /// Largest product of width and height allowed.
        max_pixels: u64,
    },

    /// Encoded bytes longer than the [`Limits`](crate::Limits) in force.
    #[error(
        "encoded image has {found} bytes; expected at most {max}: check the input or raise `Limits::max_encoded_bytes`"
    )]
    EncodedTooLong {
        /// Length found, in bytes.
        found: u64,
        /// Greatest length allowed, in bytes.
        max: u64,
    },

    /// The distance between two rows is shorter than a row.
    #[error(
        "stride of the {plane} plane is {found} bytes; expected at least {expected} for {format} {width} pixels wide: \
         give the distance between the starts of two rows in bytes"
    )]
    StrideTooShort {
        /// Which plane: `pixels`, `Y`, `UV`, `U` or `V`.
        plane: &'static str,
        /// The pixel format stated.
        format: PixelFormat,
        /// Width of the frame in pixels.
        width: u32,
        /// Bytes of one row.
        expected: usize,
        /// The stride given, in bytes.
        found: usize,
    },

    /// A buffer ends before its last row does.
    #[error(
        "buffer of the {plane} plane has {found} bytes; expected at least {expected} for {format} of {width}x{height} pixels \
         at a stride of {stride}: check the size, the stride and the format"
    )]
    BufferTooShort {
        /// Which plane: `pixels`, `Y`, `UV`, `U` or `V`.
        plane: &'static str,
        /// The pixel format stated.
        format: PixelFormat,
        /// Width of the frame in pixels.
        width: u32,
        /// Height of the frame in pixels.
        height: u32,
        /// Distance between rows, in bytes.
        stride: usize,
        /// Bytes needed.
        expected: usize,
        /// Bytes given.
        found: usize,
    },

    /// Corners that enclose nothing or are no numbers, and have no box to fall back to either.
    #[error(
        "corners {found} enclose nothing; expected four finite points around a plate: drop the detection"
    )]
    Corners {
        /// The corners as they were.
        found: String,
    },

    /// A caller-owned output buffer has the wrong length.
    #[error(
        "output of {what} has {found} elements; expected {expected}: size it as the documentation of the call says"
    )]
    OutputLength {
        /// Which call.
        what: &'static str,
        /// Elements needed.
        expected: usize,
        /// Elements given.
        found: usize,
    },

    /// Encoded bytes that are no image of a kind that can be read.
    #[error(
        "bytes are no image that can be read: {reason}; expected JPEG, PNG, WebP, BMP or TIFF: convert it first"
    )]
    UnknownImageFormat {
        /// What was found.
        reason: String,
    },

    /// An image whose header lies, whose data ends early, or which is damaged otherwise.
    #[error("{format} image is damaged: {source}; expected a whole file: fetch or save it again")]
    Decode {
        /// The format the bytes claim to be.
        format: &'static str,
        /// What the decoder said.
        source: BoxedSource,
    },

    /// A model file that cannot be read or is no model.
    #[error("model {} cannot be loaded: {reason}; {suggestion}", path.display())]
    ModelLoad {
        /// The file, or the name of a bundled model.
        path: PathBuf,
        /// What went wrong.
        reason: String,
        /// What to do about it.
        suggestion: String,
    },

    /// A model file that is not the one its manifest describes.
    #[error(
        "model {} has SHA-256 {found}; expected {expected} as its manifest says: fetch the file again, or update the manifest \
         if the change is meant",
        path.display()
    )]
    ModelHash {
        /// The file, or the name of a bundled model.
        path: PathBuf,
        /// The digest in the manifest, in hexadecimal.
        expected: String,
        /// The digest of the file, in hexadecimal.
        found: String,
    },

    /// A model whose inputs or outputs differ from its manifest or contract.
    #[error("model {} has {what} {found}; expected {expected}: {suggestion}", path.display())]
    ModelShape {
        /// The file, or the name of a bundled model.
        path: PathBuf,
        /// Which input or output, such as ``output `quads` of shape``.
        what: String,
        /// What the manifest or contract asks for.
        expected: String,
        /// What the model has.
        found: String,
        /// What to do about it.
        suggestion: String,
    },

    /// A contract this version does not know.
    #[error("manifest {} names the {kind} contract `{found}`; expected one of {known}: correct the manifest or update platewarden", path.display())]
    UnknownContract {
        /// The manifest.
        path: PathBuf,
        /// `detector` or `recognizer`.
        kind: &'static str,
        /// The contract named.
        found: String,
        /// The contracts known, separated by commas.
        known: &'static str,
    },

    /// A manifest that cannot be read or contradicts itself.
    #[error("manifest {} cannot be used: {reason}; {suggestion}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What went wrong.
        reason: String,
        /// What to do about it.
        suggestion: String,
    },

    /// No ONNX Runtime library was found though it was asked for by name.
    #[error(
        "ONNX Runtime library not found (looked at {}); expected {minimum} or newer: run `pip install onnxruntime`, or set \
         PLATEWARDEN_ORT to the library, or choose the embedded backend",
        list(searched)
    )]
    RuntimeMissing {
        /// The places searched, in order.
        searched: Vec<PathBuf>,
        /// Oldest version that would do.
        minimum: &'static str,
    },

    /// An ONNX Runtime older than this version can use.
    #[error(
        "ONNX Runtime library {} is version {found}; expected {minimum} or newer: run `pip install --upgrade onnxruntime`, \
         or choose the embedded backend",
        path.display()
    )]
    RuntimeTooOld {
        /// The library.
        path: PathBuf,
        /// Oldest version that would do.
        minimum: &'static str,
        /// The version found.
        found: String,
    },

    /// A file that is no ONNX Runtime library, or one for another kind of machine.
    #[error(
        "{} is no ONNX Runtime library that can be loaded: {reason}; expected a shared library of {minimum} or newer for this \
         machine: correct PLATEWARDEN_ORT or ORT_DYLIB_PATH, or run `pip install onnxruntime`",
        path.display()
    )]
    RuntimeInvalid {
        /// The file.
        path: PathBuf,
        /// Oldest version that would do.
        minimum: &'static str,
        /// What the loader said.
        reason: String,
    },

    /// A backend or execution provider that this build or machine does not offer.
    #[error("backend {backend} cannot be used: {reason}; {suggestion}")]
    BackendUnavailable {
        /// The backend asked for.
        backend: String,
        /// What went wrong.
        reason: String,
        /// What to do about it.
        suggestion: String,
    },

    /// A network failed while it ran, or gave an output that breaks its contract.
    #[error("{stage} failed: {reason}; {suggestion}")]
    Inference {
        /// `detector` or `recognizer`.
        stage: &'static str,
        /// What went wrong.
        reason: String,
        /// What to do about it.
        suggestion: String,
    },

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

    /// A data file of registration formats that cannot be used.
    #[error(
        "registration formats of {origin} cannot be used: {reason}; correct the entry or leave it out"
    )]
    SyntaxData {
        /// Which file and entry.
        origin: String,
        /// What went wrong.
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
    #[error("no thread could be started: {reason}; close other programs, or ask for fewer threads")]
    Threads {
        /// What the operating system said.
        reason: String,
    },

    /// A detector or recogniser, or code of the caller's that the engine runs, panicked.
    #[error(
        "reading a frame panicked: {reason}; correct the code that panicked, and report it where it is platewarden's"
    )]
    Panicked {
        /// What it said.
        reason: String,
    },
}

impl From<crate::syntax::FormatsError> for Error {
    fn from(error: crate::syntax::FormatsError) -> Self {
        Self::SyntaxData {
            origin: format!("line {}", error.line),
            reason: error.reason,
        }
    }
}

impl Error {
    /// An [`Error::Io`] for `path`, for use with `map_err`.
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
        move |source| Self::Io {
            action,
            path,
            source,
        }
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
