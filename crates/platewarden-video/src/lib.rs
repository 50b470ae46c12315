//! Plate reads from video: sources of frames, one pass for each vehicle, many cameras, hotlists, redaction.
//!
//! ```no_run
//! use platewarden::Engine;
//! use platewarden_video::source::{FfmpegOptions, FfmpegSource, FrameSource};
//! use platewarden_video::tracking::{PassReader, TrackerOptions};
//!
//! let mut source = FfmpegSource::open("gate.mp4", FfmpegOptions::default())?;
//! let mut reader = PassReader::new(Engine::new()?, TrackerOptions::default())?;
//! while let Some(frame) = source.next_frame()? {
//!     for pass in reader.read(&frame)? {
//!         println!("{} ({:.0} %)", pass.text, 100.0 * pass.confidence);
//!     }
//! }
//! for pass in reader.finish() {
//!     println!("{} ({:.0} %)", pass.text, 100.0 * pass.confidence);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | job |
//! |---|---|
//! | [`source`] | frames with timestamps: whatever ffmpeg reads, folders of pictures, your own frames |
//! | [`tracking`] | from the reads of single frames to one [`Pass`](tracking::Pass) for each vehicle |
//! | [`cameras`] | many sources on one engine |
//! | [`hotlist`] | passes matched against lists, each hit behind a policy check |
//! | [`redact`] | plates made unreadable, in pictures and in video |
//!
//! The reading itself is the crate `platewarden`. `docs/video.md` is the guide.
//!
//! # Cargo features
//!
//! Those of `platewarden`, forwarded: `onnxruntime` and `bundled-models`, both on by default.
//!
//! # Errors
//!
//! Sources fail with a [`SourceError`](source::SourceError), all else with an [`Error`]; each says what was expected, what
//! was found, and what to do. Nothing in this crate panics on bad input.

pub mod cameras;
mod error;
pub mod hotlist;
mod motion;
pub mod redact;
pub mod source;
pub mod tracking;

pub use error::{Error, ErrorKind, Result};
pub use motion::{MotionGate, MotionOptions};
