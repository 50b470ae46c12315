//! Which areas of a picture to redact.

use platewarden::{Detection, PlateRead, Rect};

use super::options::RedactOptions;

/// Share of the smaller of two detections that lies within the other where both are of one plate.
const SAME_PLATE: f32 = 0.7;

/// The areas of all plates found, less those of reads that `keep` lets stand.
///
/// `keep` is the place for a decision: it is given each read, and only what it says yes to stays readable. A plate that was
/// found and not read is always redacted, and so is what lies within the area of another plate.
///
/// ```no_run
/// use platewarden::{EngineOptions, Frame};
/// use platewarden_video::redact::{RedactOptions, areas_to_redact, find_plates, redact_image, redaction_engine};
///
/// let options = RedactOptions::default();
/// let engine = redaction_engine(EngineOptions::default(), &options)?;
/// let mut picture = platewarden::decode(&std::fs::read("street.jpg")?, &Default::default())?;
/// let frame = Frame::from(&picture);
/// let plates = find_plates(&engine, &frame, &options)?;
/// let reads = engine.recognize(&frame, &plates)?;
/// // Every plate but the one that a warrant names.
/// let areas = areas_to_redact(&plates, &reads, |read| read.text == "AB12CDE" && read.confidence > 0.95, &options);
/// redact_image(&mut picture, &areas, options.style);
/// picture.save("street-redacted.jpg")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn areas_to_redact(
    plates: &[Detection],
    reads: &[Option<PlateRead>],
    keep: impl FnMut(&PlateRead) -> bool,
    options: &RedactOptions,
) -> Vec<Rect> {
    plates
        .iter()
        .zip(plates_to_keep(plates, reads, keep))
        .filter(|(_, kept)| !kept)
        .map(|(plate, _)| options.area(&plate.quad, &plate.bounds))
        .collect()
}

/// For each plate found whether it stays readable; `reads` has a place for each plate, or is empty where none was read: where `keep` says yes to its read, or where it is another detection of
/// such a plate with a lower score, and `keep` says no to no read that is as sure.
///
/// ```
/// use platewarden::{Detection, Rect};
/// use platewarden_video::redact::plates_to_keep;
/// let bounds = Rect::new(10.0, 10.0, 60.0, 15.0);
/// let plates = [Detection { quad: bounds.to_quad(), bounds, score: 0.8 }];
/// // It was not read.
/// assert_eq!(plates_to_keep(&plates, &[], |_| true), [false]);
/// ```
pub fn plates_to_keep(
    plates: &[Detection],
    reads: &[Option<PlateRead>],
    mut keep: impl FnMut(&PlateRead) -> bool,
) -> Vec<bool> {
    let verdicts: Vec<Option<(bool, f32)>> = plates
        .iter()
        .enumerate()
        .map(|(index, _)| {
            let read = reads.get(index)?.as_ref()?;
            Some((keep(read), read.confidence))
        })
        .collect();
    let is_same =
        |a: &Detection, b: &Detection| a.bounds.intersection_over_smaller(&b.bounds) > SAME_PLATE;
    // A plate stays where of all that was read in its place the surest is to be kept, and was found best.
    let stays = |plate: &Detection| {
        let here = || {
            plates
                .iter()
                .zip(&verdicts)
                .filter(|(other, _)| is_same(plate, other))
                .filter_map(|(other, verdict)| verdict.map(|verdict| (other, verdict)))
        };
        let refused = here()
            .filter(|(_, (kept, _))| !kept)
            .map(|(_, (_, confidence))| confidence)
            .fold(0.0, f32::max);
        here().any(|(other, (kept, confidence))| {
            kept && confidence > refused && other.score >= plate.score
        })
    };
    plates.iter().map(stays).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may fail")]
    use super::*;
    use platewarden::CharacterRead;

    fn plate(x: f32, width: f32, score: f32) -> Detection {
        let bounds = Rect::new(x, 20.0, width, 15.0);
        Detection {
            quad: bounds.to_quad(),
            bounds,
            score,
        }
    }

    fn read(plate: &Detection, text: &str, confidence: f32) -> Option<PlateRead> {
        let characters: Vec<CharacterRead> = text
            .chars()
            .map(|symbol| CharacterRead::new(symbol, confidence, Vec::new()))
            .collect();
        let mut read = PlateRead::new(text, confidence, plate);
        read.characters = characters;
        Some(read)
    }

    #[test]
    fn other_detections_of_a_kept_plate_do_not_cover_it() {
        let plates = [
            plate(10.0, 60.0, 0.9),
            plate(8.0, 66.0, 0.2),
            plate(200.0, 60.0, 0.9),
        ];
        let reads = [
            read(&plates[0], "AB12CDE", 0.97),
            read(&plates[1], "AB12CD", 0.4),
            read(&plates[2], "XY98ZWV", 0.97),
        ];
        let kept = plates_to_keep(&plates, &reads, |read| read.text == "AB12CDE");
        assert_eq!(kept, [true, true, false]);
    }

    #[test]
    fn doubt_about_what_stands_in_one_place_redacts_it() {
        let plates = [
            plate(10.0, 60.0, 0.9),
            plate(8.0, 66.0, 0.5),
            plate(12.0, 50.0, 0.95),
        ];
        // Another text as sure as the one to be kept.
        let reads = [
            read(&plates[0], "AB12CDE", 0.92),
            read(&plates[1], "XY98ZWV", 0.93),
        ];
        let keep = |read: &PlateRead| read.text == "AB12CDE";
        assert_eq!(plates_to_keep(&plates, &reads, keep), [false; 3]);
        // A better detection that was not read stays covered.
        let kept = plates_to_keep(&plates, &reads[..1], keep);
        assert_eq!(kept, [true, true, false]);
    }
}
