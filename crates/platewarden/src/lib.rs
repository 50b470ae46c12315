//! Licence plates found and read in images and video on ordinary CPUs.
//!
//! # A first read
//!
//! ```no_run
//! use platewarden::{Engine, Frame, Limits, decode};
//!
//! let engine = Engine::new()?;
//! let picture = decode(&std::fs::read("street.jpg")?, &Limits::default())?;
//! for plate in engine.read(&Frame::from(&picture))? {
//!     println!("{} ({:.0} %) at {:?}", plate.text, 100.0 * plate.confidence, plate.bounds);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Making an [`Engine`] loads the networks; make one and keep it. It is cheap to clone and can be used from any number of
//! threads at once.
//!
//! # What happens to a frame
//!
//! ```text
//! Frame ──letterbox──▶ Detector ──corners──▶ rectify (full resolution) ──▶ Recognizer ──syntax──▶ PlateRead
//! ```
//!
//! - A [`Frame`] borrows your pixels: RGB, BGR, grey, NV12 or I420, with a stride. Nothing is copied or converted whole.
//!   [`decode`] turns the bytes of a JPEG, PNG, WebP, BMP or TIFF file into a picture, its EXIF orientation honoured.
//! - The [`Detector`] finds plates and their four corners in a picture of the frame shrunk to its input.
//! - Each plate is cut out of the full-resolution frame and straightened ([`Engine::rectify`]).
//! - The [`Recognizer`] gives texts with probabilities, one or two lines, or none for a badge.
//! - Registration formats ([`syntax`]) rank those texts and guess the region; they never add a character that the
//!   recogniser gave no probability to, and [`EngineOptions::syntax`] turns them off. [`PlateRead::raw_text`] is what the
//!   network alone would say.
//!
//! All coordinates are pixels of the frame you gave: the origin is its top left corner, x runs right and y down. Confidences
//! are probabilities that the whole text is right, calibrated on photographs; see `docs/accuracy.md` for how well.
//!
//! [`Engine::read`] does all of it; [`Engine::detect`], [`Engine::rectify`] and [`Engine::recognize`] are the steps.
//!
//! # Many frames, many threads
//!
//! [`Engine::read_batch`] reads a slice of frames with rayon, [`Engine::reads`] an iterator of any length, in order and in
//! bounded memory. A frame that fails is one `Err` in its place. Both use the pool that the caller is in; give the engine
//! its own with [`EngineOptions::threads`].
//!
//! # Video
//!
//! The crate `platewarden-video` has the sources of frames (anything that ffmpeg reads, folders, your own), turns reads into
//! one pass for each vehicle, runs many cameras on one engine, matches passes against hotlists, and makes plates
//! unreadable. `docs/video.md` is the guide.
//!
//! # What runs the networks
//!
//! ONNX Runtime, where its library is found while the program runs ([`backend::find_onnxruntime_libraries`] says where it
//! is looked for; `pip install onnxruntime` is enough), else an embedded backend in pure Rust that needs nothing and takes
//! about four times as long. [`Engine::backend`] tells which one it is, [`EngineOptions::backend`] insists on one. Other
//! networks are described by a [`Manifest`]; its documentation names the contracts, among them those of FastALPR's models.
//!
//! # Cargo features
//!
//! | feature | default | what |
//! |---|---|---|
//! | `onnxruntime` | yes | ONNX Runtime, loaded while the program runs |
//! | `bundled-models` | yes | the project's networks inside the program (about 20 MB) |
//! | `cuda`, `tensorrt`, `openvino`, `coreml`, `directml` | no | execution providers of ONNX Runtime |
//!
//! # Errors
//!
//! Everything that can go wrong is an [`Error`] that says what was expected, what was found, and what to do. Frames larger
//! than [`Limits`] allow are refused before memory is taken for them. Nothing in this crate panics on bad input.
//!
//! # Who may use the reads
//!
//! That a plate can be read does not say that it may be kept or searched. The crate `platewarden-policy` answers that, with
//! citations, for the jurisdictions it knows.

pub mod backend;
mod batch;
mod calibration;
mod compat;
mod detector;
mod engine;
mod error;
pub mod frame;
pub mod geometry;
mod interpret;
mod letterbox;
pub mod manifest;
mod nms;
mod options;
mod pixel_format;
mod read;
mod recognizer;
mod rectify;
mod resample;
mod roi;
pub mod tiling;
mod verification;

pub use backend::{Backend, BackendInfo, ExecutionProvider};
pub use batch::{Reads, ToFrame};
pub use detector::{Detection, Detector, OnnxDetector};
pub use engine::{Engine, EngineBuilder};
pub use error::{BoxedSource, Error, ErrorKind, Result};
pub use frame::{Frame, Limits, PixelFormat, YuvColor, YuvMatrix, YuvRange, decode};
pub use geometry::{Homography, LetterboxGeometry, Placement, Point, Quad, Rect};
pub use letterbox::{LetterboxSpec, Letterboxer, Normalization};
pub use manifest::Manifest;
pub use nms::{nms, nms_contained};
pub use options::{EngineOptions, Precision, TilingOptions};
pub use platewarden_text::{Alternative, Candidate, CharacterRead, confusion, percent, syntax};
pub use read::{PlateRead, RegionGuess};
pub use recognizer::{OnnxRecognizer, Reading, Recognizer};
pub use rectify::{Rectifier, RectifySpec};
pub use resample::{Channels, ResizeQuality};
pub use roi::{Mask, RegionOfInterest};

/// The README's examples, compiled with the crate's own.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
