//! An axis-aligned box.

use serde::{Deserialize, Serialize};

use super::Point;

/// An axis-aligned box in pixels: `x`, `y` is its top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width in pixels.
    pub width: f32,
    /// Height in pixels.
    pub height: f32,
}

impl Rect {
    /// The box with its top left corner at `x`, `y`.
    #[must_use]
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The box between two opposite corners, in whatever order their coordinates come.
    ///
    /// ```
    /// use platewarden::Rect;
    /// assert_eq!(Rect::from_edges(4.0, 1.0, 2.0, 3.0), Rect::new(2.0, 1.0, 2.0, 2.0));
    /// ```
    #[must_use]
    pub fn from_edges(x1: f32, y1: f32, x2: f32, y2: f32) -> Self {
        let (left, top) = (x1.min(x2), y1.min(y2));
        Self {
            x: left,
            y: top,
            width: x1.max(x2) - left,
            height: y1.max(y2) - top,
        }
    }

    /// Right edge.
    #[must_use]
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// Bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// Centre.
    #[must_use]
    pub fn center(&self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Area in square pixels; 0 for a box turned inside out.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// Whether it has no area, or an edge that is no finite number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let finite = self.x.is_finite()
            && self.y.is_finite()
            && self.width.is_finite()
            && self.height.is_finite();
        !(finite && self.width > 0.0 && self.height > 0.0)
    }

    /// Area that both boxes cover, in square pixels.
    #[must_use]
    pub fn intersection_area(&self, other: &Self) -> f32 {
        let width = self.right().min(other.right()) - self.x.max(other.x);
        let height = self.bottom().min(other.bottom()) - self.y.max(other.y);
        width.max(0.0) * height.max(0.0)
    }

    /// Intersection over union, 0 to 1; 0 where either box is empty.
    ///
    /// ```
    /// use platewarden::Rect;
    /// let (a, b) = (Rect::new(0.0, 0.0, 2.0, 2.0), Rect::new(1.0, 0.0, 2.0, 2.0));
    /// assert!((a.iou(&b) - 1.0 / 3.0).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn iou(&self, other: &Self) -> f32 {
        ratio(
            self.intersection_area(other),
            self.area() + other.area() - self.intersection_area(other),
        )
    }

    /// Intersection over the smaller of the two areas, 0 to 1: 1 where one box lies within the other.
    #[must_use]
    pub fn intersection_over_smaller(&self, other: &Self) -> f32 {
        ratio(self.intersection_area(other), self.area().min(other.area()))
    }

    /// Whether `point` lies within; the left and top edges belong to the box, the right and bottom ones do not.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        point.x >= self.x && point.x < self.right() && point.y >= self.y && point.y < self.bottom()
    }

    /// The part that lies within a frame of `width` by `height` pixels; empty where nothing does.
    ///
    /// ```
    /// use platewarden::Rect;
    /// assert_eq!(Rect::new(-5.0, 2.0, 10.0, 10.0).clamp_to(100, 8), Rect::new(0.0, 2.0, 5.0, 6.0));
    /// ```
    #[must_use]
    pub fn clamp_to(&self, width: u32, height: u32) -> Self {
        let (width, height) = (width as f32, height as f32);
        let (x1, y1) = (self.x.clamp(0.0, width), self.y.clamp(0.0, height));
        let (x2, y2) = (
            self.right().clamp(0.0, width),
            self.bottom().clamp(0.0, height),
        );
        Self {
            x: x1,
            y: y1,
            width: (x2 - x1).max(0.0),
            height: (y2 - y1).max(0.0),
        }
    }

    /// Grown on each side by a fraction of its width (`fx`) and height (`fy`).
    ///
    /// ```
    /// use platewarden::Rect;
    /// assert_eq!(Rect::new(10.0, 10.0, 100.0, 20.0).widen(0.1, 0.5), Rect::new(0.0, 0.0, 120.0, 40.0));
    /// ```
    #[must_use]
    pub fn widen(&self, fx: f32, fy: f32) -> Self {
        let (dx, dy) = (self.width * fx, self.height * fy);
        Self {
            x: self.x - dx,
            y: self.y - dy,
            width: self.width + 2.0 * dx,
            height: self.height + 2.0 * dy,
        }
    }

    /// The smallest box around both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_edges(
            self.x.min(other.x),
            self.y.min(other.y),
            self.right().max(other.right()),
            self.bottom().max(other.bottom()),
        )
    }

    /// Moved by `dx`, `dy`.
    #[must_use]
    pub fn translate(&self, dx: f32, dy: f32) -> Self {
        Self {
            x: self.x + dx,
            y: self.y + dy,
            ..*self
        }
    }
}

fn ratio(part: f32, whole: f32) -> f32 {
    if part > 0.0 && whole > 0.0 {
        (part / whole).min(1.0)
    } else {
        0.0
    }
}
