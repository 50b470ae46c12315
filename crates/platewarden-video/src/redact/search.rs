//! Finding the plates to redact: all of them, at the price of finding what is none.

use platewarden::{Detection, Engine, EngineOptions, Frame, Manifest, Rect};

use super::options::RedactOptions;
use crate::error::Result;

/// Overlap (intersection over union) up to which two detections both count.
///
/// Usually the better of two detections stands for both. Here the union of both is covered: the better one may be a
/// character too short, and it may be a sticker on the plate.
const MAX_IOU: f32 = 0.7;
/// Side of a part as a share of the picture's.
///
/// A plate up to a fifth of the picture's width lies wholly within one of the four; wider ones the whole picture shows.
const PART: f32 = 0.6;
/// Share of the picture's width above which plates need a higher score.
const WIDE: f32 = 0.08;
/// How fast the score needed grows with the width: with its fourth root.
const GROWTH: f32 = 0.25;
/// Score that is enough for a plate of any width.
const ENOUGH: f32 = 0.5;

/// An engine that finds plates to redact: as `options` say, but for what [`find_plates`] needs set otherwise (the least
/// score and size of a plate, the number of plates, which of overlapping detections stay, and no tiling of its own).
///
/// It reads plates as any engine does.
///
/// # Errors
///
/// Those of [`EngineBuilder::build`](platewarden::EngineBuilder::build), and
/// [`InvalidOption`](crate::ErrorKind::InvalidOption) for redaction options outside their range.
pub fn redaction_engine(options: EngineOptions, redact: &RedactOptions) -> Result<Engine> {
    redact.validate()?;
    let mut manifest = match &options.models {
        Some(path) => Manifest::from_file(path)?,
        None => platewarden::Manifest::bundled()?,
    };
    manifest.detector.max_iou = MAX_IOU;
    manifest.detector.max_contained = 1.0;
    let mut options = options
        .with_min_detection_score(redact.min_score)
        .with_min_plate_size((1.0, 1.0))
        .with_max_plates(usize::MAX);
    options.tiling = None;
    options.auto_tiling = false;
    Ok(Engine::builder()
        .options(options)
        .manifest(manifest)
        .build()?)
}

/// All that may be a plate in a frame, in its pixels; a plate is usually found several times.
///
/// `engine` is one of [`redaction_engine`], with the same options.
///
/// ```no_run
/// use platewarden::{EngineOptions, Frame};
/// use platewarden_video::redact::{RedactOptions, areas_to_redact, find_plates, redact_image, redaction_engine};
///
/// let options = RedactOptions::default();
/// let engine = redaction_engine(EngineOptions::default(), &options)?;
/// let mut picture = platewarden::decode(&std::fs::read("street.jpg")?, &Default::default())?;
/// let plates = find_plates(&engine, &Frame::from(&picture), &options)?;
/// redact_image(&mut picture, &areas_to_redact(&plates, &[], |_| false, &options), options.style);
/// picture.save("street-redacted.jpg")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of [`Engine::detect`].
pub fn find_plates(
    engine: &Engine,
    frame: &Frame<'_>,
    options: &RedactOptions,
) -> Result<Vec<Detection>> {
    let mut found = engine.detect(frame)?;
    if options.parts {
        for part in parts(frame.size()) {
            let (part, origin) = frame.part(&part)?;
            let shift = |detection: Detection| Detection {
                quad: detection.quad.translate(origin.x, origin.y),
                bounds: detection.bounds.translate(origin.x, origin.y),
                score: detection.score,
            };
            found.extend(engine.detect(&part)?.into_iter().map(shift));
        }
    }
    let (width, _) = frame.size();
    found.retain(|detection| {
        detection.score >= least_score(detection.bounds.width / width.max(1) as f32, options)
    });
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(found)
}

/// The score that a plate needs which is this share of the picture's width wide.
fn least_score(share: f32, options: &RedactOptions) -> f32 {
    let grown = options.min_score * (share / WIDE).max(1.0).powf(GROWTH);
    grown.min(ENOUGH.max(options.min_score))
}

/// Four overlapping parts of a picture, one at each corner.
fn parts((width, height): (u32, u32)) -> impl Iterator<Item = Rect> {
    let (whole_width, whole_height) = (width as f32, height as f32);
    let (part_width, part_height) = (
        (PART * whole_width).max(1.0),
        (PART * whole_height).max(1.0),
    );
    [0.0, whole_height - part_height]
        .into_iter()
        .flat_map(move |y| {
            [0.0, whole_width - part_width]
                .into_iter()
                .map(move |x| Rect::new(x, y, part_width, part_height))
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;
    use platewarden::{Detector, Quad, Reading, Recognizer};

    /// Reports one plate wherever the frame's pixels are bright, with a score that the test chooses.
    struct Bright(f32);

    impl Detector for Bright {
        fn detect(&self, frame: &Frame<'_>) -> platewarden::Result<Vec<Detection>> {
            let whole = Rect::new(0.0, 0.0, frame.width() as f32, frame.height() as f32);
            let picture = platewarden::frame::crop_rgb(frame, &whole).unwrap();
            let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
            for (x, y, pixel) in picture.enumerate_pixels() {
                if pixel.0[0] > 200 {
                    (left, top) = (left.min(x), top.min(y));
                    (right, bottom) = (right.max(x + 1), bottom.max(y + 1));
                }
            }
            if right == 0 {
                return Ok(Vec::new());
            }
            let bounds = Rect::from_edges(left as f32, top as f32, right as f32, bottom as f32);
            Ok(vec![Detection {
                quad: bounds.to_quad(),
                bounds,
                score: self.0,
            }])
        }
    }

    impl Recognizer for Bright {
        fn recognize(&self, _: &Frame<'_>, plates: &[Quad]) -> platewarden::Result<Vec<Reading>> {
            Ok(vec![Reading::default(); plates.len()])
        }
    }

    fn find(plate: Rect, score: f32, options: &RedactOptions) -> Vec<Rect> {
        let mut picture = image::RgbImage::new(200, 100);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if plate.contains(platewarden::Point::new(x as f32 + 0.5, y as f32 + 0.5)) {
                pixel.0 = [250; 3];
            }
        }
        let engine = Engine::builder()
            .options(EngineOptions::default().with_min_plate_size((1.0, 1.0)))
            .detector(Bright(score))
            .recognizer(Bright(score))
            .build()
            .unwrap();
        find_plates(&engine, &Frame::from(&picture), options)
            .unwrap()
            .iter()
            .map(|found| found.bounds)
            .collect()
    }

    #[test]
    fn plate_in_the_middle_is_found_in_the_whole_and_in_every_part_at_its_place() {
        let plate = Rect::new(90.0, 45.0, 12.0, 5.0);
        let found = find(plate, 0.2, &RedactOptions::default());
        assert_eq!(found, [plate; 5]);
        let whole_only = RedactOptions::default().with_parts(false);
        assert_eq!(find(plate, 0.2, &whole_only), [plate]);
    }

    #[test]
    fn wide_plates_need_a_higher_score() {
        let options = RedactOptions::default().with_min_score(0.1);
        assert_eq!(
            find(Rect::new(20.0, 20.0, 14.0, 5.0), 0.13, &options).len(),
            2
        );
        assert!(find(Rect::new(20.0, 20.0, 120.0, 40.0), 0.13, &options).is_empty());
        assert!(!find(Rect::new(20.0, 20.0, 120.0, 40.0), 0.5, &options).is_empty());
        // A score asked for that is higher than what is enough otherwise holds for all.
        let sure = options.with_min_score(0.7);
        assert!(find(Rect::new(20.0, 20.0, 14.0, 5.0), 0.6, &sure).is_empty());
    }

    #[test]
    fn parts_cover_the_picture() {
        for size in [(1, 1), (3, 2), (640, 480), (1281, 719)] {
            let areas: Vec<Rect> = parts(size).collect();
            let whole = Rect::new(0.0, 0.0, size.0 as f32, size.1 as f32);
            assert!(super::super::coverage(&whole, &areas) > 0.9999, "{size:?}");
        }
    }
}
