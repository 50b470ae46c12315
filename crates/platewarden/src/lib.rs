//! Licence plates found and read in images and video on ordinary CPUs.

pub mod backend;
mod batch;
mod calibration;
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
mod read;
mod recognizer;
mod rectify;
mod resample;
mod roi;
pub mod syntax;
pub mod tiling;

pub use backend::{Backend, BackendInfo, ExecutionProvider};
pub use batch::{Reads, ToFrame};
pub use detector::{Detection, Detector, OnnxDetector};
pub use engine::{Engine, EngineBuilder};
pub use error::{BoxedSource, Error, Result};
pub use frame::{Frame, Limits, PixelFormat, YuvColor, YuvMatrix, YuvRange, decode};
pub use geometry::{Homography, LetterboxGeometry, Placement, Point, Quad, Rect};
pub use letterbox::{LetterboxSpec, Letterboxer, Normalization};
pub use manifest::Manifest;
pub use nms::{nms, nms_contained};
pub use options::{EngineOptions, TilingOptions};
pub use read::{Alternative, CharacterRead, PlateRead, RegionGuess, TextCandidate};
pub use recognizer::{Candidate, OnnxRecognizer, Reading, Recognizer};
pub use rectify::{Rectifier, RectifySpec};
pub use resample::{Channels, ResizeQuality};
pub use roi::{Mask, RegionOfInterest};
