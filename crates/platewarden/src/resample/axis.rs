//! Which source pixels make a destination pixel along one axis, and in what shares.

use super::ResizeQuality;

/// Weights are integers that sum to this: a byte times it still fits 16 bits, so that sums of weighted bytes never
/// overflow.
pub(super) const ONE: u16 = 256;

/// The part of a line of pixels that is scaled.
///
/// Counted in halves of a pixel, because a plane of half the size starts and ends between its pixels where the full plane
/// does at odd ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Pixels at hand.
    pub(super) pixels: usize,
    /// Where the part starts, in half pixels.
    pub(super) start: usize,
    /// How long it is, in half pixels; at least 1.
    pub(super) length: usize,
}

impl Stretch {
    /// All of a line.
    pub(super) fn whole(pixels: usize) -> Self {
        Self {
            pixels,
            start: 0,
            length: 2 * pixels,
        }
    }

    /// Pixels of the source for each of `target` pixels.
    fn scale(self, target: usize) -> f64 {
        self.length as f64 / (2 * target) as f64
    }

    fn is_identity(self, target: usize) -> bool {
        self == Self::whole(target)
    }
}

/// The weights of every destination pixel along one axis. Its memory is reused when it is made anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Axis {
    key: Option<Key>,
    taps: usize,
    starts: Vec<usize>,
    weights: Vec<u16>,
}

/// What the weights depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    source: Stretch,
    target: usize,
    quality: ResizeQuality,
}

impl Axis {
    /// Makes the weights for scaling `source` to `target` pixels, unless they are there already. Neither is empty.
    pub(super) fn prepare(&mut self, source: Stretch, target: usize, quality: ResizeQuality) {
        let key = Key {
            source,
            target,
            quality,
        };
        if self.key == Some(key) {
            return;
        }
        self.key = Some(key);
        self.starts.clear();
        self.weights.clear();
        self.taps = taps(source, target, quality);
        for index in 0..target {
            self.push(Span::of(index, source, target, quality), source.pixels);
        }
    }

    /// Per destination pixel from `first` on: the first source pixel, and the weights from there on, which sum to [`ONE`].
    pub(super) fn entries_from(&self, first: usize) -> impl Iterator<Item = (usize, &[u16])> {
        let weights = self.weights.chunks_exact(self.taps.max(1));
        self.starts.iter().copied().zip(weights).skip(first)
    }

    /// Whether every destination pixel is the source pixel of the same index.
    pub(super) fn is_identity(&self) -> bool {
        self.key
            .is_some_and(|key| key.source.is_identity(key.target))
    }

    fn push(&mut self, span: Span, pixels: usize) {
        // All pixels have the same number of taps; near the far end they start earlier, with weights of 0.
        let start = (span.from.floor() as usize).min(pixels - self.taps);
        let share = |edge: f64| {
            let covered = (edge.clamp(span.from, span.to) - span.from) / (span.to - span.from);
            (covered * f64::from(ONE)).round() as u16
        };
        // Differences of rounded running sums: they add up exactly.
        let mut before = 0;
        for tap in 0..self.taps {
            let until = if tap + 1 == self.taps {
                ONE
            } else {
                share((start + tap + 1) as f64)
            };
            self.weights.push(until - before);
            before = until;
        }
        self.starts.push(start);
    }
}

/// The part of the source that a destination pixel averages over.
#[derive(Clone, Copy)]
struct Span {
    from: f64,
    to: f64,
}

impl Span {
    fn of(index: usize, source: Stretch, target: usize, quality: ResizeQuality) -> Self {
        let scale = source.scale(target);
        // Linear interpolation at a point is the mean over the stretch one pixel wide around it.
        let half = match quality {
            ResizeQuality::Bilinear => 0.5,
            ResizeQuality::Area => (scale / 2.0).max(0.5),
        };
        let center = source.start as f64 / 2.0 + (index as f64 + 0.5) * scale;
        // The outermost pixels are repeated beyond the ends.
        let center = center.clamp(half, (source.pixels as f64 - half).max(half));
        Self {
            from: center - half,
            to: center + half,
        }
    }
}

fn taps(source: Stretch, target: usize, quality: ResizeQuality) -> usize {
    if source.is_identity(target) {
        return 1;
    }
    let width = match quality {
        ResizeQuality::Bilinear => 1.0,
        ResizeQuality::Area => source.scale(target).max(1.0),
    };
    // A part that starts within a pixel touches one more than its width; whole-numbered scales from a whole pixel on never
    // do.
    let aligned = quality == ResizeQuality::Area
        && source.start.is_multiple_of(2)
        && source.length.is_multiple_of(2 * target);
    let touched = if aligned {
        width as usize
    } else {
        width.ceil() as usize + 1
    };
    touched.min(source.pixels)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use super::*;

    fn entries(source: usize, target: usize, quality: ResizeQuality) -> Vec<(usize, Vec<u16>)> {
        let mut axis = Axis::default();
        axis.prepare(Stretch::whole(source), target, quality);
        axis.entries_from(0)
            .map(|(start, weights)| (start, weights.to_vec()))
            .collect()
    }

    #[test]
    fn halving_by_area_averages_pairs() {
        assert_eq!(
            entries(6, 3, ResizeQuality::Area),
            [
                (0, vec![128, 128]),
                (2, vec![128, 128]),
                (4, vec![128, 128])
            ]
        );
    }

    #[test]
    fn doubling_interpolates_and_repeats_the_edge() {
        let expected = [
            (0, vec![256, 0]),
            (0, vec![192, 64]),
            (0, vec![64, 192]),
            (0, vec![0, 256]),
        ];
        assert_eq!(entries(2, 4, ResizeQuality::Area), expected);
        assert_eq!(entries(2, 4, ResizeQuality::Bilinear), expected);
    }

    #[test]
    fn same_size_is_identity() {
        assert_eq!(
            entries(2, 2, ResizeQuality::Area),
            [(0, vec![256]), (1, vec![256])]
        );
    }

    #[test]
    fn halves_of_pixels_are_shared() {
        // Pixels 0.5 to 2.5 of three: a half each of the outer two, all of the middle one.
        let mut axis = Axis::default();
        axis.prepare(
            Stretch {
                pixels: 3,
                start: 1,
                length: 4,
            },
            1,
            ResizeQuality::Area,
        );
        let found: Vec<_> = axis
            .entries_from(0)
            .map(|(start, weights)| (start, weights.to_vec()))
            .collect();
        assert_eq!(found, [(0, vec![64, 128, 64])]);
    }

    #[test]
    fn weights_sum_to_one_and_stay_within_the_source_at_any_scale() {
        for source in [1, 2, 3, 7, 100, 719, 1920] {
            for target in [1, 2, 3, 10, 216, 384, 999] {
                for quality in [ResizeQuality::Bilinear, ResizeQuality::Area] {
                    for (start, weights) in entries(source, target, quality) {
                        assert_eq!(weights.iter().sum::<u16>(), ONE, "{source} to {target}");
                        assert!(start + weights.len() <= source, "{source} to {target}");
                    }
                }
            }
        }
    }

    #[test]
    fn center_of_mass_follows_the_geometry() {
        for (source, target) in [(1280, 384), (1920, 384), (384, 384), (100, 384), (385, 384)] {
            for (index, (start, weights)) in entries(source, target, ResizeQuality::Area)
                .into_iter()
                .enumerate()
            {
                let mass: f64 = weights
                    .iter()
                    .enumerate()
                    .map(|(tap, &w)| (start + tap) as f64 * f64::from(w))
                    .sum();
                let center = mass / f64::from(ONE) + 0.5;
                let scale = source as f64 / target as f64;
                let ideal = ((index as f64 + 0.5) * scale).clamp(0.5, source as f64 - 0.5);
                assert!(
                    (center - ideal).abs() < 0.01 * scale.max(1.0) + 0.005,
                    "{index} of {source}: {center} {ideal}"
                );
            }
        }
    }
}
