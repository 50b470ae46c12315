//! Projective maps of the plane.

use super::{Point, Quad, Rect};

/// A projective map of the plane: how one view of a flat thing, such as a plate, becomes another.
///
/// The matrix is row-major with the last entry scaled to 1; it is kept in `f64`, because the corners of a small plate far
/// from the origin lose their perspective in `f32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homography {
    m: [f64; 9],
}

impl Homography {
    /// The map that leaves every point where it is.
    pub const IDENTITY: Self = Self {
        m: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    };

    /// The map of the unit square (0, 0) (1, 0) (1, 1) (0, 1) onto `quad`; `None` where three corners lie on a line.
    ///
    /// The closed form of Heckbert, *Fundamentals of Texture Mapping and Image Warping* (1989), section 2.2.3.
    #[must_use]
    pub fn unit_square_to(quad: &Quad) -> Option<Self> {
        let [p0, p1, p2, p3] = quad.0.map(|p| (f64::from(p.x), f64::from(p.y)));
        let sum = (p0.0 - p1.0 + p2.0 - p3.0, p0.1 - p1.1 + p2.1 - p3.1);
        let d1 = (p1.0 - p2.0, p1.1 - p2.1);
        let d2 = (p3.0 - p2.0, p3.1 - p2.1);
        let determinant = d1.0 * d2.1 - d2.0 * d1.1;
        let g = (sum.0 * d2.1 - d2.0 * sum.1) / determinant;
        let h = (d1.0 * sum.1 - sum.0 * d1.1) / determinant;
        let m = [
            p1.0 - p0.0 + g * p1.0,
            p3.0 - p0.0 + h * p3.0,
            p0.0,
            p1.1 - p0.1 + g * p1.1,
            p3.1 - p0.1 + h * p3.1,
            p0.1,
            g,
            h,
            1.0,
        ];
        let map = Self { m };
        (m.iter().all(|v| v.is_finite()) && map.determinant().abs() > f64::EPSILON).then_some(map)
    }

    /// The map of one quadrilateral onto another; `None` where either has three corners on a line.
    ///
    /// ```
    /// use platewarden::{Homography, Point, Quad, Rect};
    /// let plate = Quad::new(Point::new(10.0, 10.0), Point::new(60.0, 14.0), Point::new(58.0, 30.0), Point::new(11.0, 24.0));
    /// let map = Homography::between(&plate, &Rect::new(0.0, 0.0, 128.0, 64.0).to_quad()).unwrap();
    /// let corner = map.apply(Point::new(58.0, 30.0));
    /// assert!(corner.distance(Point::new(128.0, 64.0)) < 1e-3);
    /// ```
    #[must_use]
    pub fn between(from: &Quad, to: &Quad) -> Option<Self> {
        Some(Self::unit_square_to(to)?.after(&Self::unit_square_to(from)?.inverse()?))
    }

    /// Scaling by `sx`, `sy`, then moving by `dx`, `dy`.
    #[must_use]
    pub fn scale_then_translate(sx: f64, sy: f64, dx: f64, dy: f64) -> Self {
        Self {
            m: [sx, 0.0, dx, 0.0, sy, dy, 0.0, 0.0, 1.0],
        }
    }

    /// The map that does `first`, then `self`.
    #[must_use]
    pub fn after(&self, first: &Self) -> Self {
        let [a, b, c, d, e, f, g, h, i] = self.m;
        let [r, s, t, u, v, w, x, y, z] = first.m;
        Self {
            m: [
                a * r + b * u + c * x,
                a * s + b * v + c * y,
                a * t + b * w + c * z,
                d * r + e * u + f * x,
                d * s + e * v + f * y,
                d * t + e * w + f * z,
                g * r + h * u + i * x,
                g * s + h * v + i * y,
                g * t + h * w + i * z,
            ],
        }
        .scaled()
    }

    /// The map back; `None` where there is none.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, i] = self.m;
        let determinant = self.determinant();
        if !determinant.is_normal() {
            return None;
        }
        let m = [
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ];
        Some(
            Self {
                m: m.map(|v| v / determinant),
            }
            .scaled(),
        )
    }

    /// The image of `point`. Points on the horizon map to infinity.
    #[must_use]
    pub fn apply(&self, point: Point) -> Point {
        let [a, b, c, d, e, f, g, h, i] = self.m;
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        let w = g * x + h * y + i;
        Point::new(
            ((a * x + b * y + c) / w) as f32,
            ((d * x + e * y + f) / w) as f32,
        )
    }

    /// The image of four corners.
    #[must_use]
    pub fn apply_quad(&self, quad: &Quad) -> Quad {
        Quad(quad.0.map(|corner| self.apply(corner)))
    }

    /// The nine entries, row-major.
    #[must_use]
    pub const fn matrix(&self) -> [f64; 9] {
        self.m
    }

    /// Whether the horizon stays clear of all of `quad`, so that its image is a quadrilateral too.
    #[must_use]
    pub fn is_regular_over(&self, quad: &Quad) -> bool {
        let [_, _, _, _, _, _, g, h, i] = self.m;
        let at = |p: &Point| g * f64::from(p.x) + h * f64::from(p.y) + i;
        // A convex region's extremes are its corners. 0.05 keeps the magnification within twentyfold of the origin's.
        quad.0.iter().all(|p| at(p) > 0.05 * i.abs())
    }

    fn determinant(&self) -> f64 {
        let [a, b, c, d, e, f, g, h, i] = self.m;
        a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    }

    fn scaled(self) -> Self {
        let [.., last] = self.m;
        if last.is_normal() {
            Self {
                m: self.m.map(|v| v / last),
            }
        } else {
            self
        }
    }
}

impl Quad {
    /// Grown on each side by a fraction of the plate's width (`fx`) and height (`fy`), along the plate's own edges in
    /// perspective: a margin of the plate's plane, not of the picture.
    ///
    /// Returns the bounding box, widened, where the corners are degenerate.
    ///
    /// ```
    /// use platewarden::Rect;
    /// let quad = Rect::new(10.0, 10.0, 100.0, 20.0).to_quad().widen(0.1, 0.5);
    /// let bounds = quad.bounds();
    /// assert!((bounds.x - 0.0).abs() < 1e-3 && (bounds.width - 120.0).abs() < 1e-3);
    /// ```
    #[must_use]
    pub fn widen(&self, fx: f32, fy: f32) -> Self {
        let margin = Rect::new(0.0, 0.0, 1.0, 1.0).widen(fx, fy).to_quad();
        if self.is_degenerate() {
            return self.bounds().widen(fx, fy).to_quad();
        }
        match Homography::unit_square_to(self) {
            Some(map) if map.is_regular_over(&margin) => {
                Self(margin.0.map(|corner| map.apply(corner)))
            }
            // The margin reaches behind the viewer: perspective this strong comes from noise in the corners.
            _ => self.widen_affine(fx, fy),
        }
    }

    fn widen_affine(&self, fx: f32, fy: f32) -> Self {
        let [tl, tr, br, bl] = self.0;
        let grow = |corner: Point, along: Point, across: Point| {
            Point::new(
                corner.x + (corner.x - along.x) * fx + (corner.x - across.x) * fy,
                corner.y + (corner.y - along.y) * fx + (corner.y - across.y) * fy,
            )
        };
        Self([
            grow(tl, tr, bl),
            grow(tr, tl, br),
            grow(br, bl, tr),
            grow(bl, br, tl),
        ])
    }
}
