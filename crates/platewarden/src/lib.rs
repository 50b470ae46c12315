//! Licence plates found and read in images and video on ordinary CPUs.

mod error;
pub mod frame;
pub mod geometry;
mod nms;

pub use error::{BoxedSource, Error, Result};
pub use frame::{Frame, Limits, PixelFormat, YuvColor, YuvMatrix, YuvRange, decode};
pub use geometry::{Homography, LetterboxGeometry, Placement, Point, Quad, Rect};
pub use nms::{nms, nms_contained};
