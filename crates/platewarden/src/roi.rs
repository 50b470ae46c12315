//! Where in the frame plates count.

use crate::error::{Error, Failure, Result};
use crate::geometry::{Point, Quad, point_in_polygon};

/// A picture that says for each pixel whether it counts.
///
/// Its size need not be the frame's: it is stretched over the frame, so that one mask serves a camera at every resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    allowed: Vec<bool>,
}

impl Mask {
    /// From a picture of luminance: pixels of 128 and more count.
    ///
    /// ```
    /// use platewarden::Mask;
    /// let left_half = image::GrayImage::from_fn(8, 4, |x, _| image::Luma([if x < 4 { 255 } else { 0 }]));
    /// let mask = Mask::from_luma(&left_half)?;
    /// # Ok::<(), platewarden::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Empty`](crate::ErrorKind::Empty) for a picture without pixels.
    pub fn from_luma(picture: &image::GrayImage) -> Result<Self> {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            return Err(Error::from(Failure::Empty {
                what: "mask",
                width,
                height,
            }));
        }
        Ok(Self {
            width,
            height,
            allowed: picture.as_raw().iter().map(|&value| value >= 128).collect(),
        })
    }

    /// Whether the point counts; `x` and `y` are shares of the frame's width and height, 0 to 1. Points beyond do not.
    fn allows(&self, x: f32, y: f32) -> bool {
        if !((0.0..1.0).contains(&x) && (0.0..1.0).contains(&y)) {
            return false;
        }
        let column = ((x * self.width as f32) as usize).min(self.width as usize - 1);
        let row = ((y * self.height as f32) as usize).min(self.height as usize - 1);
        self.allowed
            .get(row * self.width as usize + column)
            .copied()
            .unwrap_or(false)
    }
}

/// The part of the frame in which plates count: polygons to look in, polygons to leave out, and masks.
///
/// A plate counts if its centre lies in at least one included polygon (or none is given), in no excluded one, and in the
/// light part of every mask. Polygons are given in shares of the frame's width and height, 0 to 1, so that a setting
/// survives a change of resolution; a polygon that crosses itself follows the even-odd rule.
///
/// ```
/// use platewarden::{Point, Rect, RegionOfInterest};
///
/// // The lower half, without the time stamp at the bottom left.
/// let roi = RegionOfInterest::everywhere()
///     .include(&[Point::new(0.0, 0.5), Point::new(1.0, 0.5), Point::new(1.0, 1.0), Point::new(0.0, 1.0)])?
///     .exclude(&[Point::new(0.0, 0.95), Point::new(0.3, 0.95), Point::new(0.3, 1.0), Point::new(0.0, 1.0)])?;
/// assert!(roi.contains(&Rect::new(900.0, 700.0, 120.0, 30.0).to_quad(), (1920, 1080)));
/// assert!(!roi.contains(&Rect::new(900.0, 100.0, 120.0, 30.0).to_quad(), (1920, 1080)));
/// assert!(!roi.contains(&Rect::new(10.0, 1040.0, 120.0, 30.0).to_quad(), (1920, 1080)));
/// # Ok::<(), platewarden::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionOfInterest {
    included: Vec<Vec<Point>>,
    excluded: Vec<Vec<Point>>,
    masks: Vec<Mask>,
}

impl RegionOfInterest {
    /// The whole frame.
    #[must_use]
    pub fn everywhere() -> Self {
        Self::default()
    }

    /// Adds a polygon to look in, in shares of the frame's width and height.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for fewer than three points, or a point that is no number or
    /// beyond the frame.
    pub fn include(mut self, polygon: &[Point]) -> Result<Self> {
        self.included.push(checked(polygon)?);
        Ok(self)
    }

    /// Adds a polygon to leave out, in shares of the frame's width and height.
    ///
    /// # Errors
    ///
    /// As [`RegionOfInterest::include`].
    pub fn exclude(mut self, polygon: &[Point]) -> Result<Self> {
        self.excluded.push(checked(polygon)?);
        Ok(self)
    }

    /// Adds a mask, stretched over the frame.
    #[must_use]
    pub fn with_mask(mut self, mask: Mask) -> Self {
        self.masks.push(mask);
        self
    }

    /// Whether it is the whole frame, so that nothing needs to be asked.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.included.is_empty() && self.excluded.is_empty() && self.masks.is_empty()
    }

    /// Whether a plate counts, by its centre. `quad` is in pixels of a frame of `size` (width, height).
    #[must_use]
    pub fn contains(&self, quad: &Quad, size: (u32, u32)) -> bool {
        self.contains_point(quad.center(), size)
    }

    /// Whether a point counts, in pixels of a frame of `size` (width, height).
    #[must_use]
    pub fn contains_point(&self, point: Point, size: (u32, u32)) -> bool {
        let share = Point::new(
            point.x / size.0.max(1) as f32,
            point.y / size.1.max(1) as f32,
        );
        let within = |polygon: &Vec<Point>| point_in_polygon(polygon, share);
        (self.included.is_empty() || self.included.iter().any(within))
            && !self.excluded.iter().any(within)
            && self.masks.iter().all(|mask| mask.allows(share.x, share.y))
    }
}

fn checked(polygon: &[Point]) -> Result<Vec<Point>> {
    let invalid = |found: String| {
        Error::from(Failure::InvalidOption {
            option: "region_of_interest",
            expected:
                "polygons of three or more points, x and y each a share of the frame from 0 to 1"
                    .to_owned(),
            found,
        })
    };
    if polygon.len() < 3 {
        return Err(invalid(format!("a polygon of {} points", polygon.len())));
    }
    let share = 0.0..=1.0;
    if let Some(point) = polygon
        .iter()
        .find(|point| !(share.contains(&point.x) && share.contains(&point.y)))
    {
        return Err(invalid(format!(
            "a polygon with the point {}, {}",
            point.x, point.y
        )));
    }
    Ok(polygon.to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (100, 100);

    fn at(x: f32, y: f32) -> Quad {
        crate::geometry::Rect::new(x - 5.0, y - 2.0, 10.0, 4.0).to_quad()
    }

    fn points(list: &[(f32, f32)]) -> Vec<Point> {
        list.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn everywhere_is_everywhere() {
        assert!(RegionOfInterest::everywhere().is_everywhere());
        assert!(RegionOfInterest::everywhere().contains(&at(-20.0, 500.0), SIZE));
    }

    #[test]
    fn crossing_polygon_follows_the_even_odd_rule() {
        // A pentagram: its middle is covered twice, hence out.
        let star = points(&[(0.5, 0.0), (0.8, 1.0), (0.0, 0.4), (1.0, 0.4), (0.2, 1.0)]);
        let roi = RegionOfInterest::everywhere().include(&star).unwrap();
        assert!(!roi.contains(&at(50.0, 55.0), SIZE));
        assert!(roi.contains(&at(50.0, 20.0), SIZE));
    }

    #[test]
    fn concave_polygon_leaves_its_notch_out() {
        let notch = points(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.2), (0.0, 1.0)]);
        let roi = RegionOfInterest::everywhere().include(&notch).unwrap();
        assert!(!roi.contains(&at(50.0, 80.0), SIZE));
        assert!(roi.contains(&at(10.0, 50.0), SIZE));
    }

    #[test]
    fn mask_is_stretched_over_the_frame() {
        let picture = image::GrayImage::from_fn(4, 4, |x, y| {
            image::Luma([if x < 2 && y < 2 { 255 } else { 0 }])
        });
        let roi = RegionOfInterest::everywhere().with_mask(Mask::from_luma(&picture).unwrap());
        assert!(roi.contains(&at(49.0, 49.0), SIZE));
        assert!(!roi.contains(&at(51.0, 49.0), SIZE));
        assert!(!roi.contains(&at(-1.0, 10.0), SIZE));
    }

    #[test]
    fn senseless_polygons_are_refused() {
        let everywhere = RegionOfInterest::everywhere;
        assert!(matches!(
            everywhere().include(&points(&[(0.0, 0.0), (1.0, 1.0)])),
            Err(error) if error.kind() == crate::ErrorKind::InvalidOption
        ));
        let beyond = points(&[(0.0, 0.0), (640.0, 0.0), (0.0, 1.0)]);
        assert!(matches!(
            everywhere().exclude(&beyond),
            Err(error) if error.kind() == crate::ErrorKind::InvalidOption
        ));
        let nan = points(&[(0.0, 0.0), (f32::NAN, 0.0), (0.0, 1.0)]);
        assert!(matches!(
            everywhere().include(&nan),
            Err(error) if error.kind() == crate::ErrorKind::InvalidOption
        ));
        assert!(matches!(
            Mask::from_luma(&image::GrayImage::new(0, 3)),
            Err(error) if error.kind() == crate::ErrorKind::Empty
        ));
    }
}
