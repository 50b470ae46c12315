//! What a tracker is told of a frame, and what it tells of its vehicles.

use std::time::Duration;

use platewarden::{Detection, Point, Quad, Rect};

/// A plate found in a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Corners of the plate in pixels of the frame.
    pub quad: Quad,
    /// Upright box around the plate in pixels of the frame.
    pub bounds: Rect,
}

impl From<&Detection> for Observation {
    fn from(detection: &Detection) -> Self {
        Self {
            quad: detection.quad,
            bounds: detection.bounds,
        }
    }
}

impl From<Rect> for Observation {
    fn from(bounds: Rect) -> Self {
        Self {
            quad: bounds.to_quad(),
            bounds,
        }
    }
}

/// A vehicle in view, as far as it is known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VehicleView {
    /// Number of the vehicle, that of its [`Pass`](super::Pass).
    pub id: u64,
    /// The text as voted so far; empty where nothing was read yet.
    pub text: String,
    /// Its confidence.
    pub confidence: f32,
    /// Whether the vote is settled.
    pub is_settled: bool,
    /// Whether it stands for long enough to be parked.
    pub is_parked: bool,
    /// Where the plate is, or where it should be if it was not found in the last frame, in pixels.
    pub bounds: Rect,
    /// Corners of the plate, found or expected.
    pub quad: Quad,
    /// How fast the plate's centre moves, in pixels a second.
    pub velocity: Point,
    /// Whether the plate was found in the last frame.
    pub is_seen: bool,
    /// Last time it was found.
    pub last_seen: Duration,
}
