//! How many labelled plates the areas to redact would have covered.

use std::path::Path;

use platewarden::{Engine, Frame, Rect};
use platewarden_video::redact::{RedactOptions, areas_to_redact, coverage, find_plates};

use crate::{failure::AnyError, labels::labelled_pictures, picture};

/// Narrower plates cannot be read by anybody.
const MIN_WIDTH: f32 = 16.0;
/// Share of a plate that must be covered.
const COVERED: f32 = 0.9;

/// Tells which share of the labelled plates would have been covered, and what share of the pictures.
pub(super) fn measure(
    engine: &Engine,
    folder: &Path,
    split: Option<&str>,
    options: &RedactOptions,
) -> Result<(), AnyError> {
    let pictures = labelled_pictures(folder, split)?;
    let mut areas_drawn = 0;
    let (mut area_share, mut plate_share) = (0.0_f64, 0.0_f64);
    let (mut all, mut with_text) = (Recall::default(), Recall::default());
    for picture in &pictures {
        let pixels = picture::load(&picture.path)?;
        let frame = Frame::from(&pixels);
        let found = find_plates(engine, &frame, options)?;
        let areas = areas_to_redact(&found, &[], |_| false, options);
        let whole = Rect::new(0.0, 0.0, pixels.width() as f32, pixels.height() as f32);
        // What would be redacted if every label were found, just as it is, and nothing else.
        let needed: Vec<Rect> = picture
            .plates
            .iter()
            .filter(|plate| plate.is_plate())
            .map(|plate| options.area(&plate.bounds().to_quad(), &plate.bounds()))
            .collect();
        areas_drawn += areas.len();
        area_share += f64::from(coverage(&whole, &areas));
        plate_share += f64::from(coverage(&whole, &needed));
        for plate in &picture.plates {
            let bounds = plate.bounds();
            if bounds.width < MIN_WIDTH || !plate.is_plate() {
                continue;
            }
            let share = coverage(&bounds, &areas);
            all.count(share);
            if !plate.text.is_empty() {
                with_text.count(share);
            }
            if share < COVERED {
                println!(
                    "missed: {} at {:.0},{:.0} {:.0}x{:.0} covered {:.0} % {} {}",
                    picture.name,
                    bounds.x,
                    bounds.y,
                    bounds.width,
                    bounds.height,
                    100.0 * share,
                    plate.text,
                    plate.flags
                );
            }
        }
    }
    let count = pictures.len() as f64;
    println!(
        "pictures {count}, {:.1} areas a picture, {:.1} % of the pixels redacted; the labelled plates alone would be {:.1} %",
        areas_drawn as f64 / count,
        100.0 * area_share / count,
        100.0 * plate_share / count
    );
    println!(
        "plates {MIN_WIDTH} px wide and up covered at least {:.0} %: {all}",
        100.0 * COVERED
    );
    println!("of those with a text: {with_text}");
    Ok(())
}

/// Plates counted and plates covered.
#[derive(Default)]
struct Recall {
    plates: u32,
    covered: u32,
}

impl Recall {
    fn count(&mut self, share: f32) {
        self.plates += 1;
        self.covered += u32::from(share >= COVERED);
    }
}

impl std::fmt::Display for Recall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = 100.0 * f64::from(self.covered) / f64::from(self.plates.max(1));
        write!(f, "{} of {}, {percent:.2} %", self.covered, self.plates)
    }
}
