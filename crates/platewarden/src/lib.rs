//! Licence plates found and read in images and video on ordinary CPUs.

mod error;
pub mod frame;
pub mod geometry;
mod letterbox;
mod nms;
mod rectify;
mod resample;
mod roi;
pub mod syntax;
pub mod tiling;

pub use error::{BoxedSource, Error, Result};
pub use frame::{Frame, Limits, PixelFormat, YuvColor, YuvMatrix, YuvRange, decode};
pub use geometry::{Homography, LetterboxGeometry, Placement, Point, Quad, Rect};
pub use letterbox::{LetterboxSpec, Letterboxer, Normalization};
pub use nms::{nms, nms_contained};
pub use rectify::{Rectifier, RectifySpec};
pub use resample::{Channels, ResizeQuality};
pub use roi::{Mask, RegionOfInterest};
