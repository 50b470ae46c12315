//! The inverse of a redaction: one vehicle stays, everything else becomes unrecognisable.

use std::path::Path;
use std::time::Duration;

use image::RgbImage;
use platewarden::{Detection, Engine, Frame, Rect};
use platewarden_video::redact::{
    RedactOptions, VideoPlate, VideoRedactor, VideoWriter, VideoWriterOptions, areas_to_redact,
    find_plates, redact_frame, redact_image,
};
use platewarden_video::source::{FfmpegOptions, FfmpegSource, VideoFrame};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scan::{FootageMatch, PlateAt, load_picture, next_whole_frame};
use crate::{Error, Result};

/// Width of a plate in metres, by its form: those of one line (Regulation (EC) 2411/98 and its like: 520 by 110 mm), and those
/// that are about half as high as wide (SAE J686: 12 by 6 inches).
const LONG_PLATE: f32 = 0.52;
const SHORT_PLATE: f32 = 0.305;
/// From this width over height on a plate is a long one.
const LONG_FROM: f32 = 3.0;
/// What stays about the plate's centre, in metres: half the width of a car, and what it is higher and lower than its plate.
/// Less of the vehicle rather than more of the street.
const ASIDE: f32 = 0.95;
const ABOVE: f32 = 1.2;
const BELOW: f32 = 0.6;
/// Between two places at most this far apart in time the plate is taken to have moved evenly.
const LONGEST_GAP: Duration = Duration::from_millis(500);
/// Overlap (intersection over union) from which a plate found is the one asked for.
const SAME_PLATE: f32 = 0.2;

/// What was made unrecognisable, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Obscured {
    /// In words.
    pub method: String,
    /// Share of each frame that was kept, 0 to 1, in the order of time.
    pub kept: Vec<f32>,
    /// Plates that were covered within what was kept, over all frames.
    pub covered_plates: u64,
}

impl Obscured {
    /// Mean share of the picture that was kept.
    #[must_use]
    pub fn mean_kept(&self) -> f32 {
        self.kept.iter().sum::<f32>() / self.kept.len().max(1) as f32
    }
}

/// How clips are cut and made unrecognisable.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ObscureOptions {
    /// Time kept before and after the pass; nothing is seen in it where the vehicle is not. Default: 1 s.
    pub margin: Duration,
    /// How other plates are found. The default looks for everything that may be one.
    pub redact: RedactOptions,
}

impl Default for ObscureOptions {
    fn default() -> Self {
        Self {
            margin: Duration::from_secs(1),
            redact: RedactOptions::default(),
        }
    }
}

/// Writes what may leave of a match to a new file: a clip (MP4, without sound and metadata), or a photograph (JPEG).
///
/// `engine` is one of [`redaction_engine`](platewarden_video::redact::redaction_engine) with the options' own redaction.
///
/// # Errors
///
/// [`ErrorKind::Video`](crate::ErrorKind::Video) where the recording cannot be read or the clip not be written, such as for a full
/// disk; what was written is removed.
pub fn obscure(
    found: &FootageMatch,
    engine: &Engine,
    options: &ObscureOptions,
    out: &Path,
) -> Result<Obscured> {
    if found.footage.is_picture {
        obscure_picture(found, engine, options, out)
    } else {
        obscure_video(found, engine, options, out)
    }
}

fn obscure_picture(
    found: &FootageMatch,
    engine: &Engine,
    options: &ObscureOptions,
    out: &Path,
) -> Result<Obscured> {
    let mut picture = load_picture(&found.footage)?;
    let plate = found.path.first().map(|place| place.bounds);
    let kept = plate.map(|plate| vehicle(&plate, picture.dimensions()));
    let plates = find_plates(engine, &Frame::from(&picture), &options.redact)?;
    let others = others(&plates, plate.as_ref());
    let areas = areas_to_redact(&others, &[], |_| false, &options.redact);
    let covered = kept.map_or(0, |kept| {
        areas
            .iter()
            .filter(|area| area.intersection_area(&kept) > 0.0)
            .count()
    });
    redact_image(&mut picture, &areas, options.redact.style);
    let size = picture.dimensions();
    redact_image(
        &mut picture,
        &around(kept.as_ref(), size),
        options.redact.style,
    );
    save(&picture, out)?;
    Ok(Obscured {
        method: method(),
        kept: vec![share(kept.as_ref(), size)],
        covered_plates: covered as u64,
    })
}

fn save(picture: &RgbImage, out: &Path) -> Result<()> {
    picture.save(out).map_err(|error| {
        // What is half written is of no use to anybody.
        let _ = std::fs::remove_file(out);
        Error::video(
            &format!("cannot write `{}`", out.display()),
            &error.to_string(),
        )
    })
}

fn obscure_video(
    found: &FootageMatch,
    engine: &Engine,
    options: &ObscureOptions,
    out: &Path,
) -> Result<Obscured> {
    let (Some(first), Some(last)) = (found.path.first(), found.path.last()) else {
        return Err(Error::video(
            "cannot cut a clip",
            "the vehicle's place in the recording is not known",
        ));
    };
    let (from, to) = (
        first.at.saturating_sub(options.margin),
        last.at + options.margin,
    );
    let mut source = FfmpegSource::open(
        &found.footage.path,
        FfmpegOptions::default().with_live(false),
    )?;
    let mut writer = VideoWriter::create(out, VideoWriterOptions::default())?;
    let mut redactor = VideoRedactor::new(options.redact)?;
    let mut obscured = Obscured {
        method: method(),
        ..Obscured::default()
    };
    while let Some(frame) = next_whole_frame(&mut source)? {
        if frame.timestamp() > to {
            break;
        }
        if frame.timestamp() < from {
            continue;
        }
        let pixels = frame.frame()?;
        let plate = plate_at(&found.path, frame.timestamp());
        let kept = plate.map(|plate| vehicle(&plate, pixels.size()));
        // Where nothing is kept there is nothing to look for.
        let plates = if kept.is_some() {
            find_plates(engine, &pixels, &options.redact)?
        } else {
            Vec::new()
        };
        let others = others(&plates, plate.as_ref());
        obscured.covered_plates += kept.map_or(0, |kept| {
            others
                .iter()
                .filter(|other| other.bounds.intersection_area(&kept) > 0.0)
                .count()
        }) as u64;
        let others: Vec<VideoPlate> = others.iter().map(VideoPlate::from).collect();
        for finished in redactor.push(frame, &others) {
            write(finished, found, &mut writer, options, &mut obscured)?;
        }
    }
    for finished in redactor.finish() {
        write(finished, found, &mut writer, options, &mut obscured)?;
    }
    writer.finish()?;
    Ok(obscured)
}

fn write(
    mut frame: VideoFrame,
    found: &FootageMatch,
    writer: &mut VideoWriter,
    options: &ObscureOptions,
    obscured: &mut Obscured,
) -> Result<()> {
    let size = (frame.width(), frame.height());
    let kept = plate_at(&found.path, frame.timestamp()).map(|plate| vehicle(&plate, size));
    redact_frame(
        &mut frame,
        &around(kept.as_ref(), size),
        options.redact.style,
    );
    obscured.kept.push(share(kept.as_ref(), size));
    Ok(writer.write(&frame)?)
}

fn method() -> String {
    "all but the vehicle asked for is filled with one colour, and so is every other plate within what is kept; no sound, no \
     metadata; encoded anew"
        .to_owned()
}

/// What is found besides the plate asked for.
fn others(found: &[Detection], plate: Option<&Rect>) -> Vec<Detection> {
    let is_other = |other: &&Detection| {
        plate.is_none_or(|plate| {
            plate.iou(&other.bounds) < SAME_PLATE && !plate.contains(other.bounds.center())
        })
    };
    found.iter().filter(is_other).copied().collect()
}

/// Where the plate was at a time, between the places known; `None` where that is not known.
fn plate_at(path: &[PlateAt], at: Duration) -> Option<Rect> {
    let next = path.partition_point(|place| place.at < at);
    let after = path.get(next);
    if let Some(after) = after.filter(|after| after.at == at) {
        return Some(after.bounds);
    }
    let (before, after) = (path.get(next.checked_sub(1)?)?, after?);
    let gap = after
        .at
        .checked_sub(before.at)
        .filter(|gap| *gap <= LONGEST_GAP)?;
    let share = at.saturating_sub(before.at).as_secs_f32() / gap.as_secs_f32();
    let between = |a: f32, b: f32| a + (b - a) * share;
    let (a, b) = (before.bounds, after.bounds);
    Some(Rect::new(
        between(a.x, b.x),
        between(a.y, b.y),
        between(a.width, b.width),
        between(a.height, b.height),
    ))
}

/// What is kept of the picture about a plate, in its pixels.
fn vehicle(plate: &Rect, (width, height): (u32, u32)) -> Rect {
    let metres = if plate.width >= LONG_FROM * plate.height {
        LONG_PLATE
    } else {
        SHORT_PLATE
    };
    let metre = plate.width / metres;
    let center = plate.center();
    Rect::from_edges(
        center.x - ASIDE * metre,
        center.y - ABOVE * metre,
        center.x + ASIDE * metre,
        center.y + BELOW * metre,
    )
    .clamp_to(width, height)
}

/// The areas of a picture beyond what is kept.
fn around(kept: Option<&Rect>, (width, height): (u32, u32)) -> Vec<Rect> {
    let (width, height) = (width as f32, height as f32);
    let Some(kept) = kept else {
        return vec![Rect::new(0.0, 0.0, width, height)];
    };
    // Areas grow to whole pixels: what is kept shrinks to them.
    vec![
        Rect::from_edges(0.0, 0.0, width, kept.y),
        Rect::from_edges(0.0, kept.bottom(), width, height),
        Rect::from_edges(0.0, 0.0, kept.x, height),
        Rect::from_edges(kept.right(), 0.0, width, height),
    ]
}

fn share(kept: Option<&Rect>, (width, height): (u32, u32)) -> f32 {
    kept.map_or(0.0, |kept| {
        kept.area() / (width as f32 * height as f32).max(1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(milliseconds: u64, x: f32) -> PlateAt {
        PlateAt {
            at: Duration::from_millis(milliseconds),
            bounds: Rect::new(x, 100.0, 52.0, 11.0),
        }
    }

    #[test]
    fn places_between_are_kept_and_long_gaps_are_not() {
        let path = [place(1000, 100.0), place(1200, 140.0), place(3000, 500.0)];
        let at =
            |milliseconds| plate_at(&path, Duration::from_millis(milliseconds)).map(|rect| rect.x);
        assert_eq!(at(1000), Some(100.0));
        assert!(at(1100).is_some_and(|x| (x - 120.0).abs() < 0.01));
        assert_eq!((at(999), at(2000), at(3001)), (None, None, None));
    }

    #[test]
    fn what_is_kept_is_a_vehicle_and_not_the_street() {
        // 52 pixels for 0.52 m: a metre has 100.
        let kept = vehicle(&Rect::new(600.0, 400.0, 52.0, 11.0), (1280, 720));
        assert!(
            (kept.width - 190.0).abs() < 0.1 && (kept.height - 180.0).abs() < 0.1,
            "{kept:?}"
        );
        let areas = around(Some(&kept), (1280, 720));
        assert!(areas.iter().all(|area| area.intersection_area(&kept) < 1.0));
        assert_eq!(around(None, (10, 10)), [Rect::new(0.0, 0.0, 10.0, 10.0)]);
        assert!((share(Some(&kept), (1280, 720)) - 0.0371).abs() < 0.001);
    }
}
