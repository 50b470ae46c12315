//! A second look at doubtful reads: the plate is cut out again, a little wider and a little closer, and the readings vote; where its
//! corners were moved because it seemed to be rolled, at the corners that the detector gave, too.
//!
//! A reading moves with the cut. Where the network is sure it does not, and there the look costs nothing, for it is not taken.

use std::ops::Range;

use super::deskew::Straightened;
use crate::{Candidate, Detection, PlateRead, Point, Quad};

/// Confidences between which a read is doubtful: below, nothing can be read, and above, the look changes nothing. Chosen on the
/// dev splits: from 0.9 on down or without a lower end the same reads come out right and the time is more.
const DOUBTFUL: Range<f32> = 0.03..0.8;
/// By how much the plate's sides are stretched about its centre for each further cut. Half as much gives half of the gain, half
/// as much again loses reads.
const STRETCHES: [(f32, f32); 2] = [(1.05, 1.08), (0.96, 0.95)];
/// A further cut of a doubtful plate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Where it is cut.
    pub(super) quad: Quad,
    /// The plate with the corners that are told, if what this cut says is told.
    pub(super) plate: Detection,
}

/// Whether another look may change what is read.
pub(super) fn is_wanted(read: &PlateRead) -> bool {
    !read.text.is_empty() && DOUBTFUL.contains(&read.confidence)
}

/// The same plate, cut a little wider and a little closer, and as the detector had it where that differs.
pub(super) fn cuts(straightened: &Straightened) -> Vec<Cut> {
    let plate = straightened.detection();
    let center = plate.quad.center();
    let stretched = STRETCHES.map(|(across, down)| {
        let [a, b, c, d] = plate.quad.corners().map(|corner| {
            Point::new(
                center.x + (corner.x - center.x) * across,
                center.y + (corner.y - center.y) * down,
            )
        });
        Cut {
            quad: Quad::new(a, b, c, d),
            plate,
        }
    });
    let found = straightened.found;
    let unmoved = straightened.corners.map(|_| Cut {
        quad: found.quad,
        plate: found,
    });
    stretched.into_iter().chain(unmoved).collect()
}

/// The vote of a read and the reads of the further cuts: the text with the greatest mean confidence over all of them.
pub(super) fn vote(first: PlateRead, others: Vec<PlateRead>, keep: usize) -> PlateRead {
    let looks = (1 + others.len()) as f32;
    let mut votes: Vec<Candidate> = Vec::new();
    for read in std::iter::once(&first).chain(&others) {
        for candidate in &read.candidates {
            let share = candidate.confidence / looks;
            match votes.iter_mut().find(|vote| vote.text == candidate.text) {
                Some(vote) => vote.confidence += share,
                None => {
                    let mut vote = candidate.clone();
                    vote.confidence = share;
                    votes.push(vote);
                }
            }
        }
    }
    votes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    votes.truncate(keep);
    let Some(best) = votes.first() else {
        return first;
    };
    let (text, confidence) = (best.text.clone(), best.confidence);
    let raw_text = first.raw_text.clone();
    // Corners, characters and region are those of the cut in which the text was surest.
    let spoken = std::iter::once(first.clone()).chain(others);
    let surest = spoken
        .filter(|read| read.text == text)
        .max_by(|a, b| a.confidence.total_cmp(&b.confidence));
    // A text that is second in all cuts and first in none has no characters of its own.
    let mut read = surest.unwrap_or_else(|| PlateRead {
        text,
        characters: Vec::new(),
        ..first
    });
    read.confidence = confidence;
    read.raw_text = raw_text;
    read.candidates = votes;
    read
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::Rect;

    fn plate() -> Detection {
        let bounds = Rect::new(100.0, 50.0, 80.0, 20.0);
        Detection {
            quad: bounds.to_quad(),
            bounds,
            score: 0.7,
        }
    }

    fn read(texts: &[(&str, f32)]) -> PlateRead {
        let (text, confidence) = texts.first().copied().unwrap_or_default();
        let mut read = PlateRead::new(text, confidence, &plate());
        read.candidates = texts
            .iter()
            .map(|(text, confidence)| Candidate::new(*text, *confidence))
            .collect();
        read
    }

    #[test]
    fn cuts_lie_about_the_plates_own_centre() {
        let center = plate().quad.center();
        let cuts = cuts(&Straightened {
            found: plate(),
            corners: None,
        });
        let widths: Vec<f32> = cuts
            .iter()
            .map(|cut| {
                assert!((cut.quad.center().x - center.x).abs() < 1e-3);
                assert!((cut.quad.center().y - center.y).abs() < 1e-3);
                cut.quad.bounds().width
            })
            .collect();
        assert!(
            matches!(widths[..], [wide, close] if wide > 80.0 && close < 80.0),
            "{widths:?}"
        );
    }

    #[test]
    fn a_plate_whose_corners_were_moved_is_cut_at_the_old_ones_too() {
        let moved = plate().quad.translate(3.0, 0.0);
        let cuts = cuts(&Straightened {
            found: plate(),
            corners: Some(moved),
        });
        assert_eq!(cuts.len(), 3);
        assert_eq!(cuts[0].plate.quad, moved);
        assert_eq!(cuts[2].quad, plate().quad);
        assert_eq!(cuts[2].plate.quad, plate().quad);
    }

    #[test]
    fn what_most_cuts_say_wins_over_what_one_says() {
        let first = read(&[("AB12CD", 0.5), ("A812CD", 0.4)]);
        let others = vec![
            read(&[("A812CD", 0.7), ("AB12CD", 0.2)]),
            read(&[("A812CD", 0.6)]),
        ];
        let voted = vote(first, others, 5);
        assert_eq!(voted.text, "A812CD");
        assert!((voted.confidence - 1.7 / 3.0).abs() < 1e-5);
        assert_eq!(voted.raw_text, "AB12CD");
        assert_eq!(voted.bounds, plate().bounds);
        assert_eq!(voted.candidates.len(), 2);
    }

    #[test]
    fn a_text_that_is_nowhere_first_has_no_characters() {
        let voted = vote(
            read(&[("AAA", 0.4), ("XYZ", 0.35)]),
            vec![
                read(&[("BBB", 0.4), ("XYZ", 0.35)]),
                read(&[("CCC", 0.4), ("XYZ", 0.35)]),
            ],
            5,
        );
        assert_eq!(voted.text, "XYZ");
        assert!(voted.characters.is_empty());
    }

    #[test]
    fn sure_reads_and_hopeless_ones_are_left_alone() {
        for (confidence, wanted) in [(0.01, false), (0.5, true), (0.9, false)] {
            assert_eq!(is_wanted(&read(&[("AB12", confidence)])), wanted);
        }
        assert!(!is_wanted(&PlateRead::new("", 0.5, &plate())));
    }
}
