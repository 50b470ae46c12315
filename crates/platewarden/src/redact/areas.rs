//! Which areas of a picture to redact.

use crate::detector::Detection;
use crate::geometry::Rect;
use crate::read::PlateRead;

use super::options::RedactOptions;

/// The areas of all plates found, less those of reads that `keep` lets stand.
///
/// `keep` is the place for a decision: it is given each read, and only what it says yes to stays readable. A plate that was
/// found and not read is always redacted, and so is what lies within the area of another plate.
///
/// ```no_run
/// use platewarden::{Engine, EngineOptions, Frame, redact::{areas_to_redact, redact_image, RedactOptions}};
///
/// let engine = Engine::new()?;
/// let mut picture = platewarden::decode(&std::fs::read("street.jpg")?, &Default::default())?;
/// let frame = Frame::from(&picture);
/// let plates = engine.detect(&frame)?;
/// let reads = engine.recognize(&frame, &plates)?;
/// let options = RedactOptions::default();
/// // Every plate but the one that a warrant names.
/// let areas = areas_to_redact(&plates, &reads, |read| read.text == "AB12CDE" && read.confidence > 0.95, &options);
/// redact_image(&mut picture, &areas, options.style);
/// picture.save("street-redacted.jpg")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn areas_to_redact(
    plates: &[Detection],
    reads: &[PlateRead],
    mut keep: impl FnMut(&PlateRead) -> bool,
    options: &RedactOptions,
) -> Vec<Rect> {
    plates
        .iter()
        .filter(|plate| {
            !reads
                .iter()
                .any(|read| read.corners == plate.quad.corners() && keep(read))
        })
        .map(|plate| options.area(&plate.quad, &plate.bounds))
        .collect()
}
