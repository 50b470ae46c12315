//! Pictures that lie on their side or stand on their head.

use image::{RgbImage, imageops};

use crate::{Frame, PlateRead, Point, Quad, Rect, frame::crop_rgb};

/// A turn of the picture, clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Half,
    Right,
    Left,
}

impl Turn {
    /// The likeliest first.
    pub(super) const ALL: [Self; 3] = [Self::Half, Self::Right, Self::Left];

    pub(super) fn apply(self, picture: &RgbImage) -> RgbImage {
        match self {
            Self::Half => imageops::rotate180(picture),
            Self::Right => imageops::rotate90(picture),
            Self::Left => imageops::rotate270(picture),
        }
    }

    /// A point of the turned picture in the original of this size.
    fn undo(self, point: Point, (width, height): (f32, f32)) -> Point {
        match self {
            Self::Half => Point::new(width - point.x, height - point.y),
            Self::Right => Point::new(point.y, height - point.x),
            Self::Left => Point::new(width - point.y, point.x),
        }
    }

    /// Puts a read of the turned picture into the original; its corners stay in the order in which the plate is read.
    pub(super) fn put_back(self, read: &mut PlateRead, (width, height): (u32, u32)) {
        let size = (width as f32, height as f32);
        read.corners = read.corners.map(|corner| self.undo(corner, size));
        let corners = read.bounds.to_quad().corners();
        let [a, b, c, d] = corners.map(|corner| self.undo(corner, size));
        read.bounds = Quad::new(a, b, c, d).bounds();
    }
}

/// The frame as a picture; `None` where it has no pixel.
pub(super) fn picture(frame: &Frame<'_>) -> Option<RgbImage> {
    let whole = Rect::new(0.0, 0.0, frame.width() as f32, frame.height() as f32);
    crop_rgb(frame, &whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_return_to_where_they_were() {
        let mut picture = RgbImage::new(7, 5);
        picture.put_pixel(2, 1, image::Rgb([255; 3]));
        for turn in Turn::ALL {
            let turned = turn.apply(&picture);
            let white = turned
                .enumerate_pixels()
                .find(|(_, _, pixel)| pixel.0[0] == 255);
            let (x, y) = white.map_or((0, 0), |(x, y, _)| (x, y));
            let middle = Point::new(x as f32 + 0.5, y as f32 + 0.5);
            assert_eq!(
                turn.undo(middle, (7.0, 5.0)),
                Point::new(2.5, 1.5),
                "{turn:?}"
            );
        }
    }
}
