//! Plates at the edge of the frame, of which a part may be outside.

use crate::{Detection, PlateRead};

/// Pixels from the edge within which a plate is taken to reach it: detections are good to a pixel or two.
const NEAR: f32 = 2.0;
/// Share of the frame's width from which on a plate that reaches both sides is the picture itself, and whole.
const WHOLE_PICTURE: f32 = 0.6;
/// Probability that the text of a plate that reaches an edge is the whole text. Of plates drawn at an edge with a random
/// part outside, most lack a character.
const WHOLE_AT_EDGE: f32 = 0.4;

/// Which edges of the frame a plate reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edges {
    left: bool,
    top: bool,
    right: bool,
    bottom: bool,
}

impl Edges {
    pub(super) fn reached_by(detection: &Detection, (width, height): (u32, u32)) -> Self {
        let bounds = &detection.bounds;
        Self {
            left: bounds.x <= NEAR,
            top: bounds.y <= NEAR,
            right: bounds.right() >= width as f32 - NEAR,
            bottom: bounds.bottom() >= height as f32 - NEAR,
        }
    }

    pub(super) const fn any(self) -> bool {
        self.left || self.top || self.right || self.bottom
    }
}

/// Says of a read whether it reaches an edge, and makes it less sure where a part of it may be outside.
pub(super) fn mark(read: &mut PlateRead, detection: &Detection, frame: (u32, u32)) {
    let edges = Edges::reached_by(detection, frame);
    read.touches_edge = edges.any();
    let is_picture = detection.bounds.width >= WHOLE_PICTURE * frame.0 as f32;
    if read.touches_edge && !is_picture {
        read.confidence *= WHOLE_AT_EDGE;
        for candidate in &mut read.candidates {
            candidate.confidence *= WHOLE_AT_EDGE;
        }
    }
}
