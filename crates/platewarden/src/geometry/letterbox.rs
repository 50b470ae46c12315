//! Where a frame lies within a network's input.

use super::{Point, Quad, Rect};

/// Where the scaled frame lies within a letterboxed input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Placement {
    /// In the top left corner; the padding is at the right or at the bottom.
    #[default]
    TopLeft,
    /// In the middle; an odd pixel of padding goes to the right or to the bottom, as open-image-models has it.
    Centered,
}

/// How a frame was scaled and placed into a network's input: one value, used in both directions.
///
/// The scaled size is rounded to whole pixels, so the two scales can differ by a fraction of a percent; the map uses the
/// true ones, and a box survives the way there and back exactly (up to rounding of `f32`).
///
/// ```
/// use platewarden::{LetterboxGeometry, Placement, Point};
/// let geometry = LetterboxGeometry::new((1920, 1080), (384, 256), Placement::TopLeft);
/// assert_eq!(geometry.scaled_size(), (384, 216));
/// let there = geometry.to_input(Point::new(960.0, 540.0));
/// assert_eq!(there, Point::new(192.0, 108.0));
/// assert_eq!(geometry.to_frame(there), Point::new(960.0, 540.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LetterboxGeometry {
    frame: (u32, u32),
    input: (u32, u32),
    scaled: (u32, u32),
    pad: (u32, u32),
}

impl LetterboxGeometry {
    /// The largest scaling of a `frame` (width, height) that keeps its aspect and fits an `input` (width, height).
    ///
    /// Sizes of 0 are taken as 1, so that the map is always defined; frames without pixels are refused elsewhere.
    #[must_use]
    pub fn new(frame: (u32, u32), input: (u32, u32), placement: Placement) -> Self {
        let frame = (frame.0.max(1), frame.1.max(1));
        let input = (input.0.max(1), input.1.max(1));
        let scale =
            (f64::from(input.0) / f64::from(frame.0)).min(f64::from(input.1) / f64::from(frame.1));
        let fit =
            |side: u32, limit: u32| ((f64::from(side) * scale).round() as u32).clamp(1, limit);
        let scaled = (fit(frame.0, input.0), fit(frame.1, input.1));
        let pad = match placement {
            Placement::TopLeft => (0, 0),
            Placement::Centered => ((input.0 - scaled.0) / 2, (input.1 - scaled.1) / 2),
        };
        Self {
            frame,
            input,
            scaled,
            pad,
        }
    }

    /// Width and height of the frame, in pixels.
    #[must_use]
    pub const fn frame_size(&self) -> (u32, u32) {
        self.frame
    }

    /// Width and height of the network's input, in pixels.
    #[must_use]
    pub const fn input_size(&self) -> (u32, u32) {
        self.input
    }

    /// Width and height of the scaled frame within the input, in pixels.
    #[must_use]
    pub const fn scaled_size(&self) -> (u32, u32) {
        self.scaled
    }

    /// Where the scaled frame's top left corner lies within the input, in pixels.
    #[must_use]
    pub const fn offset(&self) -> (u32, u32) {
        self.pad
    }

    /// Pixels of the input per pixel of the frame, across and down.
    #[must_use]
    pub fn scale(&self) -> (f32, f32) {
        (
            self.scaled.0 as f32 / self.frame.0 as f32,
            self.scaled.1 as f32 / self.frame.1 as f32,
        )
    }

    /// A point of the frame, in pixels of the input.
    #[must_use]
    pub fn to_input(&self, point: Point) -> Point {
        let (sx, sy) = self.scale();
        Point::new(
            point.x * sx + self.pad.0 as f32,
            point.y * sy + self.pad.1 as f32,
        )
    }

    /// A point of the input, in pixels of the frame. Points of the padding come out beyond the frame's edges.
    #[must_use]
    pub fn to_frame(&self, point: Point) -> Point {
        let (sx, sy) = self.scale();
        Point::new(
            (point.x - self.pad.0 as f32) / sx,
            (point.y - self.pad.1 as f32) / sy,
        )
    }

    /// A box of the frame, in pixels of the input.
    #[must_use]
    pub fn rect_to_input(&self, rect: &Rect) -> Rect {
        let (a, b) = (
            self.to_input(Point::new(rect.x, rect.y)),
            self.to_input(Point::new(rect.right(), rect.bottom())),
        );
        Rect::from_edges(a.x, a.y, b.x, b.y)
    }

    /// A box of the input, in pixels of the frame.
    #[must_use]
    pub fn rect_to_frame(&self, rect: &Rect) -> Rect {
        let (a, b) = (
            self.to_frame(Point::new(rect.x, rect.y)),
            self.to_frame(Point::new(rect.right(), rect.bottom())),
        );
        Rect::from_edges(a.x, a.y, b.x, b.y)
    }

    /// Corners in the frame, in pixels of the input.
    #[must_use]
    pub fn quad_to_input(&self, quad: &Quad) -> Quad {
        Quad(quad.0.map(|corner| self.to_input(corner)))
    }

    /// Corners in the input, in pixels of the frame.
    #[must_use]
    pub fn quad_to_frame(&self, quad: &Quad) -> Quad {
        Quad(quad.0.map(|corner| self.to_frame(corner)))
    }
}
