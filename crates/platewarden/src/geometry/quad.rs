//! The four corners of a plate.

use serde::{Deserialize, Serialize};

use super::{Point, Rect};

/// Below this share of its bounding box a quadrilateral is too thin to be a plate that can be read.
///
/// A plate of 520x110 mm seen so far from the side that its corners cover 5 % of their box leaves its characters a pixel
/// or two wide; corners like that come from a failed regression.
const MIN_FILL: f32 = 0.05;

/// Four corners in pixels: top left, top right, bottom right, bottom left *of the plate as it is read*.
///
/// A plate that hangs upside down thus has its first corner at the bottom right of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quad(pub [Point; 4]);

impl Quad {
    /// The four corners, in reading order of the plate.
    #[must_use]
    pub const fn new(
        top_left: Point,
        top_right: Point,
        bottom_right: Point,
        bottom_left: Point,
    ) -> Self {
        Self([top_left, top_right, bottom_right, bottom_left])
    }

    /// Top left, top right, bottom right, bottom left.
    #[must_use]
    pub const fn corners(&self) -> [Point; 4] {
        self.0
    }

    /// The smallest axis-aligned box around the corners.
    ///
    /// ```
    /// use platewarden::{Point, Quad, Rect};
    /// let quad = Quad::new(Point::new(1.0, 2.0), Point::new(9.0, 1.0), Point::new(10.0, 4.0), Point::new(0.0, 5.0));
    /// assert_eq!(quad.bounds(), Rect::new(0.0, 1.0, 10.0, 4.0));
    /// ```
    #[must_use]
    pub fn bounds(&self) -> Rect {
        let [a, b, c, d] = self.0;
        Rect::from_edges(
            a.x.min(b.x).min(c.x).min(d.x),
            a.y.min(b.y).min(c.y).min(d.y),
            a.x.max(b.x).max(c.x).max(d.x),
            a.y.max(b.y).max(c.y).max(d.y),
        )
    }

    /// Mean of the corners.
    #[must_use]
    pub fn center(&self) -> Point {
        let [a, b, c, d] = self.0;
        Point::new((a.x + b.x + c.x + d.x) / 4.0, (a.y + b.y + c.y + d.y) / 4.0)
    }

    /// Area with sign, in square pixels: positive where the corners run clockwise as seen, which is how a plate's do
    /// unless the picture is mirrored.
    #[must_use]
    pub fn signed_area(&self) -> f32 {
        let [a, b, c, d] = self.0;
        // Half the cross product of the diagonals: exact for any simple quadrilateral, and less prone to cancellation
        // far from the origin than the shoelace sum.
        0.5 * ((c.x - a.x) * (d.y - b.y) - (d.x - b.x) * (c.y - a.y))
    }

    /// Area in square pixels.
    ///
    /// ```
    /// use platewarden::Rect;
    /// assert_eq!(Rect::new(3.0, 4.0, 5.0, 6.0).to_quad().area(), 30.0);
    /// ```
    #[must_use]
    pub fn area(&self) -> f32 {
        self.signed_area().abs()
    }

    /// Mean length of the upper and lower edges, in pixels: the plate's width as it is read.
    #[must_use]
    pub fn width(&self) -> f32 {
        let [tl, tr, br, bl] = self.0;
        (tl.distance(tr) + bl.distance(br)) / 2.0
    }

    /// Mean length of the left and right edges, in pixels: the plate's height as it is read.
    #[must_use]
    pub fn height(&self) -> f32 {
        let [tl, tr, br, bl] = self.0;
        (tl.distance(bl) + tr.distance(br)) / 2.0
    }

    /// Whether all corners turn the same way, so that the edges neither cross nor dent.
    #[must_use]
    pub fn is_convex(&self) -> bool {
        let [a, b, c, d] = self.0;
        let turns = [turn(a, b, c), turn(b, c, d), turn(c, d, a), turn(d, a, b)];
        turns.iter().all(|&t| t > 0.0) || turns.iter().all(|&t| t < 0.0)
    }

    /// Whether every coordinate is a finite number.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.0.iter().all(|corner| corner.is_finite())
    }

    /// Whether no projective view of a plate looks like this: corners that are no numbers, cross over, dent inwards, run
    /// anticlockwise, or enclose almost nothing. [`rectify`](crate::Rectifier) then falls back to the bounding box.
    ///
    /// ```
    /// use platewarden::{Point, Quad, Rect};
    /// let good = Rect::new(0.0, 0.0, 50.0, 12.0).to_quad();
    /// assert!(!good.is_degenerate());
    /// let crossed = Quad([good.0[0], good.0[2], good.0[1], good.0[3]]);
    /// assert!(crossed.is_degenerate());
    /// ```
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        if !self.is_finite() || !self.is_convex() {
            return true;
        }
        let area = self.signed_area();
        // The comparison is written so that an area that is no number counts as degenerate.
        !(area >= 1.0 && area >= MIN_FILL * self.bounds().area())
    }

    /// These corners, or those of `bounds` where these are degenerate: what a detector's corners and box together say.
    ///
    /// ```
    /// use platewarden::{Quad, Rect};
    /// let bounds = Rect::new(5.0, 5.0, 40.0, 10.0);
    /// assert_eq!(Quad::default().or_bounds(&bounds), bounds.to_quad());
    /// ```
    #[must_use]
    pub fn or_bounds(self, bounds: &Rect) -> Self {
        if self.is_degenerate() {
            bounds.to_quad()
        } else {
            self
        }
    }

    /// Moved by `dx`, `dy`.
    #[must_use]
    pub fn translate(&self, dx: f32, dy: f32) -> Self {
        Self(
            self.0
                .map(|corner| Point::new(corner.x + dx, corner.y + dy)),
        )
    }

    /// All coordinates times `factor`.
    #[must_use]
    pub fn scale(&self, factor: f32) -> Self {
        Self(
            self.0
                .map(|corner| Point::new(corner.x * factor, corner.y * factor)),
        )
    }

    /// Whether `point` lies within, by the even-odd rule.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        super::point_in_polygon(&self.0, point)
    }
}

impl Rect {
    /// Its four corners, clockwise from the top left one.
    #[must_use]
    pub fn to_quad(&self) -> Quad {
        Quad([
            Point::new(self.x, self.y),
            Point::new(self.right(), self.y),
            Point::new(self.right(), self.bottom()),
            Point::new(self.x, self.bottom()),
        ])
    }
}

fn turn(a: Point, b: Point, c: Point) -> f32 {
    (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x)
}
