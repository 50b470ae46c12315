//! The arithmetic of FastALPR's packages, open-image-models and fast-plate-ocr, for the contracts `yolo-end2end` and `slots`.

use crate::geometry::{LetterboxGeometry, Rect};
use crate::resample::Crop;

/// Whether a detection's class is among those that a manifest names; an empty list names all.
#[allow(clippy::cast_precision_loss, reason = "classes are small")]
pub(crate) fn is_wanted(class: f32, classes: &[u32]) -> bool {
    let is_class = |&wanted: &u32| (wanted as f32 - class).abs() < 0.5;
    classes.is_empty() || classes.iter().any(is_class)
}

/// The box in pixels of the frame by the arithmetic of the package open-image-models: one scale for both axes, and margins
/// of half pixels though pixels are placed by whole ones.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "sizes are far below 2^24"
)]
pub(crate) fn from_centered(area: &Rect, geometry: &LetterboxGeometry) -> Rect {
    let ((width, height), (input_width, input_height)) =
        (geometry.frame_size(), geometry.input_size());
    let ratio = (f64::from(input_width) / f64::from(width))
        .min(f64::from(input_height) / f64::from(height)) as f32;
    let (scaled_width, scaled_height) = geometry.scaled_size();
    let (dx, dy) = (
        (input_width - scaled_width) as f32 / 2.0,
        (input_height - scaled_height) as f32 / 2.0,
    );
    Rect::from_edges(
        (area.x - dx) / ratio,
        (area.y - dy) / ratio,
        (area.right() - dx) / ratio,
        (area.bottom() - dy) / ratio,
    )
}

/// The upright box around a plate with its margin (shares of width and height), cut at whole pixels towards the top left;
/// `None` where nothing of it lies in the frame.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the frame's size, which is far below 2^24"
)]
pub(crate) fn box_around(
    (frame_width, frame_height): (u32, u32),
    bounds: &Rect,
    [margin_x, margin_y]: [f32; 2],
) -> Option<Crop> {
    let side = |low: f32, high: f32, margin: f32, length: u32| {
        let (low, high) = (low.trunc(), high.trunc());
        let margin = (margin * (high - low)).trunc();
        let limit = length as f32;
        let (low, high) = (
            (low - margin).clamp(0.0, limit),
            (high + margin).clamp(0.0, limit),
        );
        (high > low).then_some((low as usize, (high - low) as usize))
    };
    let (x, width) = side(bounds.x, bounds.right(), margin_x, frame_width)?;
    let (y, height) = side(bounds.y, bounds.bottom(), margin_y, frame_height)?;
    Some(Crop {
        x,
        y,
        width,
        height,
    })
}
