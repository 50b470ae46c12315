//! Points, boxes, quadrilaterals, and the maps between a frame and a network's input.
//!
//! All coordinates are continuous: the point (0, 0) is the outer corner of the top left pixel, its centre is at
//! (0.5, 0.5), and a frame of width `w` ends at `x = w`. `y` grows downwards.

mod homography;
mod letterbox;
mod point;
mod quad;
mod rect;

pub use homography::Homography;
pub use letterbox::{LetterboxGeometry, Placement};
pub use point::Point;
pub use quad::Quad;
pub use rect::Rect;

/// Whether `point` lies within a closed polygon, by the even-odd rule.
///
/// ```
/// use platewarden::{Point, geometry::point_in_polygon};
/// let triangle = [Point::new(0.0, 0.0), Point::new(10.0, 0.0), Point::new(0.0, 10.0)];
/// assert!(point_in_polygon(&triangle, Point::new(2.0, 3.0)));
/// assert!(!point_in_polygon(&triangle, Point::new(8.0, 8.0)));
/// ```
#[must_use]
pub fn point_in_polygon(polygon: &[Point], point: Point) -> bool {
    let Some(&last) = polygon.last() else {
        return false;
    };
    let mut inside = false;
    let mut previous = last;
    for &current in polygon {
        if (current.y > point.y) != (previous.y > point.y) {
            let share = (point.y - current.y) / (previous.y - current.y);
            if point.x < current.x + share * (previous.x - current.x) {
                inside = !inside;
            }
        }
        previous = current;
    }
    inside
}
