//! Large frames in overlapping tiles, for plates too small to survive the scaling of a whole frame.

use crate::geometry::{Quad, Rect};
use crate::nms::nms_contained;

/// How a frame is cut into tiles.
///
/// ```
/// use platewarden::tiling::Tiling;
///
/// // 4K through a detector of 640x384 pixels, each tile shrunk to a half.
/// let tiles: Vec<_> = Tiling::new(1280, 768, 160).tiles((3840, 2160)).collect();
/// assert_eq!(tiles.len(), 4 * 4);
/// assert!(tiles.iter().all(|tile| tile.right() <= 3840.0 && tile.bottom() <= 2160.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    width: u32,
    height: u32,
    overlap: u32,
}

impl Tiling {
    /// Tiles of `width` by `height` pixels of the frame that share at least `overlap` pixels with each neighbour.
    ///
    /// The overlap should be no less than the widest plate that only tiles can find: such a plate then lies wholly within
    /// at least one. Sizes of 0 are taken as 1; an overlap beyond half a tile's smaller side is cut to that.
    #[must_use]
    pub fn new(width: u32, height: u32, overlap: u32) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self {
            width,
            height,
            overlap: overlap.min(width.min(height) / 2),
        }
    }

    /// Tiles from which plates `min_plate` pixels wide in the frame reach the detector at `visible` pixels or more.
    ///
    /// `input` is the detector's input (width, height). `None` where the whole frame, scaled to the input, does as well.
    #[must_use]
    pub fn for_plates(
        frame: (u32, u32),
        input: (u32, u32),
        min_plate: f32,
        visible: f32,
    ) -> Option<Self> {
        // Pixels of the frame for each pixel of the input.
        let needed = (min_plate / visible).max(f32::MIN_POSITIVE);
        let whole =
            (frame.0 as f32 / input.0.max(1) as f32).max(frame.1 as f32 / input.1.max(1) as f32);
        // A tile is never enlarged: that would show the detector nothing new.
        let shrink = needed.max(1.0);
        if whole <= shrink {
            return None;
        }
        let side = |length: u32| ((length as f32 * shrink) as u32).max(1);
        // Plates up to four times the smallest lie wholly within a tile, and so do all that the whole frame does not show.
        let widest = (4.0 * min_plate).max(visible * whole);
        Some(Self::new(side(input.0), side(input.1), widest as u32))
    }

    /// The tiles of a frame of `size` (width, height), row by row, evenly spread and all within the frame.
    pub fn tiles(&self, size: (u32, u32)) -> impl Iterator<Item = Rect> + use<> {
        let columns = Steps::new(size.0, self.width, self.overlap);
        let rows = Steps::new(size.1, self.height, self.overlap);
        (0..rows.count).flat_map(move |row| {
            (0..columns.count).map(move |column| {
                let ((x, width), (y, height)) = (columns.at(column), rows.at(row));
                Rect::new(x, y, width, height)
            })
        })
    }

    /// How many tiles a frame of `size` (width, height) has.
    #[must_use]
    pub fn count(&self, size: (u32, u32)) -> usize {
        let columns = Steps::new(size.0, self.width, self.overlap);
        let rows = Steps::new(size.1, self.height, self.overlap);
        columns.count as usize * rows.count as usize
    }
}

/// Tile positions along one side.
#[derive(Clone, Copy)]
struct Steps {
    length: u32,
    tile: u32,
    count: u32,
}

impl Steps {
    fn new(length: u32, tile: u32, overlap: u32) -> Self {
        if length <= tile {
            return Self {
                length,
                tile: length,
                count: u32::from(length > 0),
            };
        }
        // At least 1: the overlap is at most half a tile.
        let advance = (tile - overlap).max(1);
        Self {
            length,
            tile,
            count: 1 + (length - tile).div_ceil(advance),
        }
    }

    /// Start and length of a tile in whole pixels.
    fn at(self, index: u32) -> (f32, f32) {
        let free = u64::from(self.length - self.tile);
        let last = u64::from(self.count.saturating_sub(1)).max(1);
        let start = (u64::from(index) * free / last) as u32;
        (start as f32, self.tile as f32)
    }
}

/// Something found in a frame that tiles may have found twice.
pub trait Found {
    /// Its box, in pixels of the frame.
    fn bounds(&self) -> Rect;
    /// How sure the detector is, 0 to 1.
    fn score(&self) -> f32;
}

impl Found for (Quad, f32) {
    fn bounds(&self) -> Rect {
        self.0.bounds()
    }

    fn score(&self) -> f32 {
        self.1
    }
}

/// Of what neighbouring tiles and the whole frame found, keeps one of each plate, best score first.
///
/// A find falls when its IoU with a better one is above `max_iou`, or when more than 70 % of the smaller of both lies
/// within the other: a plate that a seam cuts through is found whole by one tile and in part by the next.
///
/// ```
/// use platewarden::{Rect, tiling};
///
/// let whole = (Rect::new(100.0, 100.0, 80.0, 20.0).to_quad(), 0.9);
/// let part = (Rect::new(150.0, 100.0, 30.0, 20.0).to_quad(), 0.6);
/// let other = (Rect::new(400.0, 100.0, 80.0, 20.0).to_quad(), 0.5);
/// let mut found = vec![part, other, whole];
/// tiling::merge(&mut found, 0.5);
/// assert_eq!(found, [whole, other]);
/// ```
pub fn merge<F: Found + Clone>(found: &mut Vec<F>, max_iou: f32) {
    // A part beats the whole on score now and then; the larger of two that overlap so is the plate. Scores are weighed by
    // the square root of the area for the order alone.
    const MAX_CONTAINED: f32 = 0.7;
    let boxes: Vec<Rect> = found.iter().map(Found::bounds).collect();
    let ranks: Vec<f32> = found
        .iter()
        .zip(&boxes)
        .map(|(f, b)| f.score() * b.area().sqrt())
        .collect();
    let mut keep = Vec::with_capacity(found.len());
    nms_contained(&boxes, &ranks, max_iou, MAX_CONTAINED, &mut keep);
    let mut kept: Vec<F> = keep
        .iter()
        .filter_map(|&index| found.get(index).cloned())
        .collect();
    kept.sort_by(|a, b| b.score().total_cmp(&a.score()));
    *found = kept;
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_pixel_and_share_the_overlap() {
        for size in [
            (1, 1),
            (100, 50),
            (1280, 768),
            (1281, 768),
            (3840, 2160),
            (5000, 300),
        ] {
            let tiling = Tiling::new(1280, 768, 160);
            let tiles: Vec<Rect> = tiling.tiles(size).collect();
            assert_eq!(tiles.len(), tiling.count(size));
            let (width, height) = (size.0 as f32, size.1 as f32);
            assert!(
                tiles.iter().all(|t| t.x >= 0.0
                    && t.y >= 0.0
                    && t.right() <= width
                    && t.bottom() <= height)
            );
            let first_row: Vec<&Rect> = tiles.iter().filter(|t| t.y == 0.0).collect();
            assert_eq!(
                (first_row[0].x, first_row[first_row.len() - 1].right()),
                (0.0, width)
            );
            assert!(
                first_row
                    .windows(2)
                    .all(|pair| pair[0].right() - pair[1].x >= 160.0),
                "{size:?}"
            );
            assert_eq!(tiles.iter().map(Rect::bottom).fold(0.0, f32::max), height);
        }
    }

    #[test]
    fn frame_without_pixels_has_no_tiles() {
        assert_eq!(Tiling::new(10, 10, 2).tiles((0, 10)).count(), 0);
    }

    #[test]
    fn tiles_only_where_they_show_more() {
        assert_eq!(Tiling::for_plates((640, 360), (640, 384), 20.0, 20.0), None);
        assert_eq!(
            Tiling::for_plates((1280, 720), (640, 384), 40.0, 20.0),
            None
        );
        let tiling = Tiling::for_plates((3840, 2160), (640, 384), 40.0, 20.0);
        assert_eq!(tiling, Some(Tiling::new(1280, 768, 160)));
    }

    #[test]
    fn whole_plate_beats_a_part_with_a_slightly_better_score() {
        let whole = (Rect::new(0.0, 0.0, 100.0, 25.0).to_quad(), 0.80);
        let part = (Rect::new(0.0, 0.0, 40.0, 25.0).to_quad(), 0.85);
        let mut found = vec![part, whole];
        merge(&mut found, 0.5);
        assert_eq!(found, [whole]);
    }
}
