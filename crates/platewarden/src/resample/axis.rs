//! Which source pixels make a destination pixel along one axis, and in what shares.

use super::ResizeQuality;

/// Weights are integers that sum to this: a byte times it still fits 16 bits, so that sums of weighted bytes never
/// overflow and eight of them fit a 128-bit register.
pub(super) const ONE: u16 = 256;

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
    source: usize,
    target: usize,
    quality: ResizeQuality,
}

impl Axis {
    /// Makes the weights for scaling `source` pixels to `target`, unless they are there already. Both are at least 1.
    pub(super) fn prepare(&mut self, source: usize, target: usize, quality: ResizeQuality) {
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
            let span = Span::of(index, source, target, quality);
            self.push(span, source);
        }
    }

    /// Per destination pixel: the first source pixel, and the weights from there on, which sum to [`ONE`].
    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, &[u16])> {
        self.starts
            .iter()
            .copied()
            .zip(self.weights.chunks_exact(self.taps.max(1)))
    }

    /// Whether every destination pixel is the source pixel of the same index.
    pub(super) fn is_identity(&self) -> bool {
        self.key.is_some_and(|key| key.source == key.target)
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "coordinates are positive and within the source, shares within 0 to 1"
    )]
    fn push(&mut self, span: Span, source: usize) {
        // All pixels have the same number of taps; near the far end they start earlier, with weights of 0.
        let start = (span.from.floor() as usize).min(source - self.taps);
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

/// The stretch of source that a destination pixel averages over.
#[derive(Clone, Copy)]
struct Span {
    from: f64,
    to: f64,
}

impl Span {
    #[allow(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    fn of(index: usize, source: usize, target: usize, quality: ResizeQuality) -> Self {
        let scale = source as f64 / target as f64;
        // Linear interpolation at a point is the mean over the stretch one pixel wide around it.
        let half = match quality {
            ResizeQuality::Bilinear => 0.5,
            ResizeQuality::Area => (scale / 2.0).max(0.5),
        };
        let center = ((index as f64 + 0.5) * scale).clamp(
            half.min(source as f64 / 2.0),
            (source as f64 - half).max(source as f64 / 2.0),
        );
        Self {
            from: center - half,
            to: center + half,
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a positive size"
)]
fn taps(source: usize, target: usize, quality: ResizeQuality) -> usize {
    if source == target {
        return 1;
    }
    let width = match quality {
        ResizeQuality::Bilinear => 1.0,
        ResizeQuality::Area => (source as f64 / target as f64).max(1.0),
    };
    // A stretch that starts within a pixel touches one more than its width; whole-numbered scales never do.
    let aligned = quality == ResizeQuality::Area && source % target == 0;
    let touched = if aligned {
        width as usize
    } else {
        width.ceil() as usize + 1
    };
    touched.min(source)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use super::*;

    fn entries(source: usize, target: usize, quality: ResizeQuality) -> Vec<(usize, Vec<u16>)> {
        let mut axis = Axis::default();
        axis.prepare(source, target, quality);
        axis.entries()
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
