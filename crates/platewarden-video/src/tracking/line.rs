//! Lines and zones that vehicles cross.

use std::time::Duration;

use platewarden::Point;
use platewarden::geometry::point_in_polygon;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::error::{Error, Result};

/// A line drawn across the road, in pixels of the frame.
///
/// Looking from `from` to `to`, a vehicle crosses it from left to right or from right to left (in the picture, whose y
/// points down).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The user's name for it.
    pub name: String,
    /// One end.
    pub from: Point,
    /// The other end.
    pub to: Point,
}

impl Line {
    /// A line from one point to another.
    ///
    /// ```
    /// use platewarden::Point;
    /// use platewarden_video::tracking::Line;
    /// let gate = Line::new("gate", Point::new(0.0, 300.0), Point::new(1280.0, 300.0))?;
    /// assert_eq!(gate.name, "gate");
    /// assert!(Line::new("nowhere", gate.from, gate.from).is_err());
    /// # Ok::<(), platewarden_video::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) where the two ends are the same or no numbers.
    pub fn new(name: impl Into<String>, from: Point, to: Point) -> Result<Self> {
        let length = from.distance(to);
        if !(length.is_finite() && length >= 1.0) {
            return Err(Error::from(Failure::InvalidOption {
                option: "line",
                expected: "two ends at least one pixel apart".to_owned(),
                found: format!("({}, {}) to ({}, {})", from.x, from.y, to.x, to.y),
            }));
        }
        Ok(Self {
            name: name.into(),
            from,
            to,
        })
    }

    /// Distance of a point in pixels, positive on the right-hand side, and where along the line it lies, 0 to 1 between
    /// the ends.
    fn locate(&self, point: Point) -> (f32, f32) {
        let (dx, dy) = (self.to.x - self.from.x, self.to.y - self.from.y);
        let (px, py) = (point.x - self.from.x, point.y - self.from.y);
        let length = dx.hypot(dy).max(f32::MIN_POSITIVE);
        // With y pointing down, a positive cross product lies to the right.
        (
            (dx * py - dy * px) / length,
            (px * dx + py * dy) / (length * length),
        )
    }
}

/// An area of the frame, in pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// The user's name for it.
    pub name: String,
    /// Its corners in order.
    pub polygon: Vec<Point>,
}

impl Zone {
    /// A zone with these corners.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) with fewer than three corners or a corner that is no number.
    pub fn new(name: impl Into<String>, polygon: Vec<Point>) -> Result<Self> {
        if polygon.len() < 3 || !polygon.iter().all(|corner| corner.is_finite()) {
            return Err(Error::from(Failure::InvalidOption {
                option: "zone",
                expected: "at least three corners".to_owned(),
                found: format!("{polygon:?}"),
            }));
        }
        Ok(Self {
            name: name.into(),
            polygon,
        })
    }
}

/// Which way a line or the border of a zone was crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CrossingDirection {
    /// Over a line, seen from its `from` to its `to`.
    LeftToRight,
    /// Over a line, seen from its `from` to its `to`.
    RightToLeft,
    /// Into a zone.
    Entered,
    /// Out of a zone.
    Left,
}

/// A line or the border of a zone was crossed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// Name of the line or zone.
    pub name: String,
    /// Which way.
    pub direction: CrossingDirection,
    /// Time of the first frame beyond it, in seconds from the start of the source.
    #[serde(with = "super::pass::seconds")]
    pub at: Duration,
}

/// A plate's way over the user's lines and zones.
///
/// Beyond a line counts only who is a tenth of the plate's width past it, or else a standing vehicle whose box trembles
/// would cross it in every frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    last: Option<Point>,
    /// Side of each line: -1 left, 1 right, 0 not yet known.
    sides: Vec<i8>,
    inside: Vec<Option<bool>>,
}

impl Path {
    pub(crate) fn advance(
        &mut self,
        center: Point,
        plate_width: f32,
        at: Duration,
        lines: &[Line],
        zones: &[Zone],
        crossings: &mut Vec<Crossing>,
    ) {
        let margin = 0.1 * plate_width;
        let last = self.last;
        self.sides.resize(lines.len(), 0);
        self.inside.resize(zones.len(), None);
        for (line, side) in lines.iter().zip(&mut self.sides) {
            let (distance, along) = line.locate(center);
            if distance.abs() < margin {
                continue;
            }
            let now: i8 = if distance > 0.0 { 1 } else { -1 };
            let crossed = *side != 0 && *side != now;
            *side = now;
            if crossed && (0.0..=1.0).contains(&crossed_at(last, line, center, along)) {
                let direction = if now > 0 {
                    CrossingDirection::LeftToRight
                } else {
                    CrossingDirection::RightToLeft
                };
                crossings.push(Crossing {
                    name: line.name.clone(),
                    direction,
                    at,
                });
            }
        }
        for (zone, inside) in zones.iter().zip(&mut self.inside) {
            let now = point_in_polygon(&zone.polygon, center);
            if inside.replace(now).is_some_and(|before| before != now) {
                let direction = if now {
                    CrossingDirection::Entered
                } else {
                    CrossingDirection::Left
                };
                crossings.push(Crossing {
                    name: zone.name.clone(),
                    direction,
                    at,
                });
            }
        }
        self.last = Some(center);
    }
}

/// Where along the line the way from the last point cuts it.
fn crossed_at(last: Option<Point>, line: &Line, center: Point, along: f32) -> f32 {
    let Some(last) = last else { return along };
    let (before, along_before) = line.locate(last);
    let (after, _) = line.locate(center);
    let span = after - before;
    if span.abs() < f32::EPSILON {
        return along;
    }
    along_before + (along - along_before) * (-before / span).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    fn walk(points: &[(f32, f32)], lines: &[Line], zones: &[Zone]) -> Vec<CrossingDirection> {
        let (mut path, mut crossings) = (Path::default(), Vec::new());
        for &(x, y) in points {
            path.advance(
                Point::new(x, y),
                50.0,
                Duration::ZERO,
                lines,
                zones,
                &mut crossings,
            );
        }
        crossings
            .into_iter()
            .map(|crossing| crossing.direction)
            .collect()
    }

    #[test]
    fn directions_and_ends_of_a_line() {
        // From left to right in the picture: its right-hand side is below.
        let lines = [Line::new("a", Point::new(0.0, 100.0), Point::new(200.0, 100.0)).unwrap()];
        let down = walk(&[(100.0, 50.0), (100.0, 150.0)], &lines, &[]);
        assert_eq!(down, [CrossingDirection::LeftToRight]);
        let up = walk(&[(100.0, 150.0), (100.0, 50.0)], &lines, &[]);
        assert_eq!(up, [CrossingDirection::RightToLeft]);
        assert!(walk(&[(300.0, 50.0), (300.0, 150.0)], &lines, &[]).is_empty());
    }

    #[test]
    fn trembling_on_the_line_is_no_crossing() {
        let lines = [Line::new("a", Point::new(0.0, 100.0), Point::new(200.0, 100.0)).unwrap()];
        let way = [
            (100.0, 90.0),
            (100.0, 101.0),
            (100.0, 98.0),
            (100.0, 103.0),
            (100.0, 112.0),
        ];
        assert_eq!(walk(&way, &lines, &[]).len(), 1);
    }

    #[test]
    fn zone_is_entered_and_left() {
        let corners = [(50.0, 50.0), (150.0, 50.0), (150.0, 150.0), (50.0, 150.0)];
        let polygon = corners.map(|(x, y)| Point::new(x, y)).to_vec();
        let zones = [Zone::new("yard", polygon).unwrap()];
        let way = [(0.0, 100.0), (100.0, 100.0), (120.0, 100.0), (200.0, 100.0)];
        assert_eq!(
            walk(&way, &[], &zones),
            [CrossingDirection::Entered, CrossingDirection::Left]
        );
        assert!(Zone::new("flat", Vec::new()).is_err());
    }
}
