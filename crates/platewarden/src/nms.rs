//! Non-maximum suppression: of boxes that cover the same plate, the best stays.

use crate::geometry::Rect;

/// Indices of the boxes to keep, best score first, into `keep` (cleared first; its memory is reused).
///
/// Greedy: a box falls when it overlaps a better one by an IoU above `max_iou`. Equal scores keep their order. Boxes that
/// are empty, and scores that are no numbers, fall.
///
/// ```
/// use platewarden::{Rect, nms};
///
/// let boxes = [Rect::new(0.0, 0.0, 50.0, 12.0), Rect::new(2.0, 0.0, 50.0, 12.0), Rect::new(90.0, 0.0, 50.0, 12.0)];
/// let mut keep = Vec::new();
/// nms(&boxes, &[0.8, 0.9, 0.5], 0.5, &mut keep);
/// assert_eq!(keep, [1, 2]);
/// ```
pub fn nms(boxes: &[Rect], scores: &[f32], max_iou: f32, keep: &mut Vec<usize>) {
    suppress(boxes, scores, keep, |better, worse| {
        better.iou(worse) > max_iou
    });
}

/// As [`nms`], and also drops a box of which more than `max_contained` of the smaller area lies within a better one.
///
/// This merges what neighbouring tiles report of one plate: the tile that sees only a part of it gives a box within the
/// whole one, whose IoU with it can be small.
pub fn nms_contained(
    boxes: &[Rect],
    scores: &[f32],
    max_iou: f32,
    max_contained: f32,
    keep: &mut Vec<usize>,
) {
    suppress(boxes, scores, keep, |better, worse| {
        better.iou(worse) > max_iou || better.intersection_over_smaller(worse) > max_contained
    });
}

fn suppress(
    boxes: &[Rect],
    scores: &[f32],
    keep: &mut Vec<usize>,
    covers: impl Fn(&Rect, &Rect) -> bool,
) {
    keep.clear();
    let entry = |index: usize| boxes.get(index).zip(scores.get(index));
    keep.extend(
        (0..boxes.len()).filter(|&i| entry(i).is_some_and(|(b, s)| !b.is_empty() && !s.is_nan())),
    );
    // Sorting in place needs no memory; the index makes it stable.
    keep.sort_unstable_by(|&a, &b| {
        let score = |i| scores.get(i).copied().unwrap_or(f32::NEG_INFINITY);
        score(b).total_cmp(&score(a)).then(a.cmp(&b))
    });
    let mut kept = 0;
    for at in 0..keep.len() {
        let Some(&candidate) = keep.get(at) else {
            break;
        };
        let Some(shape) = boxes.get(candidate) else {
            continue;
        };
        let better = keep.get(..kept).unwrap_or_default();
        if better
            .iter()
            .filter_map(|&index| boxes.get(index))
            .any(|other| covers(other, shape))
        {
            continue;
        }
        keep.swap(kept, at);
        kept += 1;
    }
    keep.truncate(kept);
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn chain_of_overlaps_keeps_the_ends() {
        // The middle box overlaps both ends; the ends do not overlap each other enough.
        let boxes = [
            Rect::new(0.0, 0.0, 10.0, 10.0),
            Rect::new(4.0, 0.0, 10.0, 10.0),
            Rect::new(8.0, 0.0, 10.0, 10.0),
        ];
        let mut keep = vec![7, 7];
        nms(&boxes, &[0.9, 0.8, 0.7], 0.4, &mut keep);
        assert_eq!(keep, [0, 2]);
    }

    #[test]
    fn part_within_whole_falls_by_containment_only() {
        let boxes = [
            Rect::new(0.0, 0.0, 100.0, 20.0),
            Rect::new(70.0, 0.0, 30.0, 20.0),
        ];
        let mut keep = Vec::new();
        nms(&boxes, &[0.9, 0.8], 0.5, &mut keep);
        assert_eq!(keep, [0, 1]);
        nms_contained(&boxes, &[0.9, 0.8], 0.5, 0.8, &mut keep);
        assert_eq!(keep, [0]);
    }

    #[test]
    fn nothing_useful_in_nothing_out() {
        let mut keep = Vec::new();
        nms(&[], &[], 0.5, &mut keep);
        assert!(keep.is_empty());
        let boxes = [
            Rect::new(0.0, 0.0, 0.0, 5.0),
            Rect::new(0.0, 0.0, f32::NAN, 5.0),
            Rect::new(0.0, 0.0, 5.0, 5.0),
        ];
        nms(&boxes, &[0.9, 0.9, f32::NAN], 0.5, &mut keep);
        assert!(keep.is_empty());
    }

    #[test]
    fn equal_scores_keep_their_order() {
        let boxes: Vec<Rect> = [30.0, 0.0, 60.0]
            .map(|x| Rect::new(x, 0.0, 10.0, 10.0))
            .into();
        let mut keep = Vec::new();
        nms(&boxes, &[0.5; 3], 0.5, &mut keep);
        assert_eq!(keep, [0, 1, 2]);
    }
}
