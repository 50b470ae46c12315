//! Pictures that are a plate and little else: crops from another detector, a phone held close.
//!
//! A detector that learned from streets knows plates with a vehicle around them. A picture that a plate fills is put into the
//! middle of a larger one and looked at again, so that the plate has the size and the surroundings that the detector knows.

use image::{RgbImage, imageops};

use super::edge::Edges;
use crate::{Detection, Detector, Frame, Rect, Result, frame::crop_rgb};

/// Width over height from which on a picture is shaped like a plate of one line; no camera's frames are.
const PLATE_SHAPED: f32 = 2.1;
/// Pictures beyond this are panoramas.
const MOST_PLATE_SHAPED: f32 = 9.0;
/// Share of the picture's width from which on a plate that reaches an edge is looked at again.
const LARGE: f32 = 0.4;
/// Side of the larger picture over that of the one within.
const SURROUNDINGS: f32 = 2.5;
/// Width over height of the larger picture, that of the detector's input.
const ASPECT: f32 = 16.0 / 9.0;
/// Grey of the surroundings.
const GRAY: u8 = 90;
/// Pictures are shrunk to this side first: the detector sees fewer pixels than that.
const MOST_PIXELS: u32 = 640;
/// Share of the picture that a plate covers at least which the picture is of.
const COVERED: f32 = 0.4;
/// Overlap (intersection over union) of two detections of one plate.
const SAME_PLATE: f32 = 0.3;
/// Share of the smaller of two detections that lies within the other where both are of one plate.
const WITHIN: f32 = 0.7;
/// Score of a picture that the caller says is a plate, where the detector finds none in it.
const TOLD: f32 = 0.5;

/// Whether a second look is worth its time where the caller does not say that the picture is a plate: by its shape it is one,
/// or a large plate reaches its edge.
pub(super) fn is_wanted(found: &[Detection], frame: (u32, u32)) -> bool {
    is_plate_shaped(frame) || found.iter().any(|plate| is_large_at_edge(plate, frame))
}

fn is_plate_shaped((width, height): (u32, u32)) -> bool {
    (PLATE_SHAPED..MOST_PLATE_SHAPED).contains(&(width as f32 / height.max(1) as f32))
}

fn is_large_at_edge(plate: &Detection, frame: (u32, u32)) -> bool {
    plate.bounds.width >= LARGE * frame.0 as f32 && Edges::reached_by(plate, frame).any()
}

/// The plates of a picture after a second look with room around it.
///
/// A picture that is a plate has one; of others those that reach an edge are replaced by what the second look finds there.
///
/// # Errors
///
/// Those of the detector.
pub(super) fn look_again(
    detector: &dyn Detector,
    frame: &Frame<'_>,
    mut found: Vec<Detection>,
    is_crop: bool,
) -> Result<Vec<Detection>> {
    let size = frame.size();
    let seen = detect_with_surroundings(detector, frame)?;
    let area = size.0 as f32 * size.1 as f32;
    let covers = |plate: &&Detection| plate.bounds.area() >= COVERED * area;
    let best = |plates: &[Detection]| {
        let large = plates.iter().filter(covers);
        large.max_by(|a, b| a.score.total_cmp(&b.score)).copied()
    };
    if is_crop || is_plate_shaped(size) {
        if let Some(plate) = best(&seen).or_else(|| best(&found)) {
            return Ok(vec![plate]);
        }
        if is_crop {
            let bounds = Rect::new(0.0, 0.0, size.0 as f32, size.1 as f32);
            let quad = bounds.to_quad();
            return Ok(vec![Detection {
                quad,
                bounds,
                score: TOLD,
            }]);
        }
        if found.is_empty() {
            return Ok(seen);
        }
    }
    let mut kept: Vec<Detection> = Vec::with_capacity(found.len());
    // Those that reach an edge first: what lies within the plate that they become is a part of it.
    found.sort_by_key(|plate| !is_large_at_edge(plate, size));
    for plate in found {
        let overlap = |other: &&Detection| other.bounds.iou(&plate.bounds);
        let same = seen
            .iter()
            .filter(|other| is_large_at_edge(&plate, size) && overlap(other) >= SAME_PLATE)
            .max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
        let plate = same.copied().unwrap_or(plate);
        let is_new = kept
            .iter()
            .all(|other| other.bounds.intersection_over_smaller(&plate.bounds) <= WITHIN);
        if is_new {
            kept.push(plate);
        }
    }
    Ok(kept)
}

/// What the detector finds in the picture within a larger one, in pixels of the picture.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few times the side of a picture that was shrunk"
)]
fn detect_with_surroundings(detector: &dyn Detector, frame: &Frame<'_>) -> Result<Vec<Detection>> {
    let (width, height) = frame.size();
    let whole = Rect::new(0.0, 0.0, width as f32, height as f32);
    let Some(mut picture) = crop_rgb(frame, &whole) else {
        return Ok(Vec::new());
    };
    let longest = width.max(height);
    if longest > MOST_PIXELS {
        let side = |length: u32| (length * MOST_PIXELS / longest).max(1);
        picture = imageops::thumbnail(&picture, side(width), side(height));
    }
    let scale = width as f32 / picture.width() as f32;
    let least = SURROUNDINGS * picture.width() as f32;
    let outer_height = (SURROUNDINGS * picture.height() as f32).max(least / ASPECT);
    let outer_width = least.max(outer_height * ASPECT);
    let mut outer = RgbImage::from_pixel(
        outer_width as u32,
        outer_height as u32,
        image::Rgb([GRAY; 3]),
    );
    let (x, y) = (
        (outer.width() - picture.width()) / 2,
        (outer.height() - picture.height()) / 2,
    );
    imageops::replace(&mut outer, &picture, i64::from(x), i64::from(y));
    let found = detector.detect(&Frame::from(&outer))?;
    Ok(found
        .into_iter()
        .filter_map(|plate| {
            let quad = plate.quad.translate(-(x as f32), -(y as f32)).scale(scale);
            let bounds = quad.bounds().clamp_to(width, height);
            (!bounds.is_empty()).then_some(Detection {
                quad,
                bounds,
                score: plate.score,
            })
        })
        .collect())
}
