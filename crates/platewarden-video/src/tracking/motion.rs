//! Where a plate will be: constant velocity, corrected by each observation.

use std::time::Duration;

use platewarden::{Point, Quad, Rect};

/// Share of the difference between prediction and observation that corrects the place. Detections are good to a pixel or
/// two, so that they are trusted more than the model of motion.
const PLACE_GAIN: f32 = 0.85;
/// Share of that difference that corrects the velocity.
const VELOCITY_GAIN: f32 = 0.45;
/// Prediction goes no further than this; beyond it the plate is expected where it would be then.
const LONGEST_PREDICTION: f32 = 2.0;

/// An alpha-beta filter over centre and logarithm of the size, in pixels and seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Motion {
    at: Duration,
    /// Centre x and y in pixels, logarithms of width and height.
    state: [f32; 4],
    velocity: [f32; 4],
    /// Corners as last seen.
    quad: Quad,
    seen: u32,
}

impl Motion {
    pub(crate) fn new(quad: &Quad, bounds: &Rect, at: Duration) -> Self {
        Self {
            at,
            state: measure(bounds),
            velocity: [0.0; 4],
            quad: *quad,
            seen: 1,
        }
    }

    /// Observations so far.
    pub(crate) const fn seen(&self) -> u32 {
        self.seen
    }

    /// Place and corners expected at a time.
    pub(crate) fn predict(&self, at: Duration) -> (Rect, Quad) {
        let state = self.predicted_state(at);
        let [x, y, log_width, log_height] = state;
        let (width, height) = (log_width.exp(), log_height.exp());
        let bounds = Rect::new(x - width / 2.0, y - height / 2.0, width, height);
        let last = self.quad.bounds();
        let center = last.center();
        let (sx, sy) = (width / last.width.max(1.0), height / last.height.max(1.0));
        let quad = Quad(self.quad.0.map(|corner| {
            Point::new(
                x + (corner.x - center.x) * sx,
                y + (corner.y - center.y) * sy,
            )
        }));
        (bounds, quad)
    }

    pub(crate) fn correct(&mut self, quad: &Quad, bounds: &Rect, at: Duration) {
        let seconds = at.saturating_sub(self.at).as_secs_f32();
        let predicted = self.predicted_state(at);
        let found = measure(bounds);
        self.quad = *quad;
        self.seen += 1;
        for (((state, velocity), expected), found) in self
            .state
            .iter_mut()
            .zip(&mut self.velocity)
            .zip(predicted)
            .zip(found)
        {
            let error = found - expected;
            if seconds > 0.0 {
                // The second observation is the first that tells a velocity at all.
                let gain = if self.seen == 2 { 1.0 } else { VELOCITY_GAIN };
                *velocity += gain * error / seconds;
            }
            *state = expected + PLACE_GAIN * error;
        }
        self.at = self.at.max(at);
    }

    /// Velocity of the centre in pixels a second.
    pub(crate) const fn velocity(&self) -> Point {
        let [x, y, ..] = self.velocity;
        Point::new(x, y)
    }

    fn predicted_state(&self, at: Duration) -> [f32; 4] {
        let seconds = at
            .saturating_sub(self.at)
            .as_secs_f32()
            .min(LONGEST_PREDICTION);
        let mut state = self.state;
        for (at, (value, velocity)) in state.iter_mut().zip(self.velocity).enumerate() {
            let step = velocity * seconds;
            // Sizes: at most a doubling over one prediction, for their rate of change is noisy.
            *value += if at < 2 {
                step
            } else {
                step.clamp(-std::f32::consts::LN_2, std::f32::consts::LN_2)
            };
        }
        state
    }
}

fn measure(bounds: &Rect) -> [f32; 4] {
    let center = bounds.center();
    [
        center.x,
        center.y,
        bounds.width.max(1.0).ln(),
        bounds.height.max(1.0).ln(),
    ]
}

/// How badly an observation fits a prediction, or `None` where it is out of the question.
///
/// `reach` is the greatest distance of the centres that is believed, in widths of the plate.
pub(crate) fn misfit(
    predicted: (&Rect, &Quad),
    observed: (&Rect, &Quad),
    reach: f32,
) -> Option<f32> {
    let width = (predicted.0.width * observed.0.width).max(1.0).sqrt();
    let distance = predicted.0.center().distance(observed.0.center()) / width;
    let growth = (observed.0.area().max(1.0) / predicted.0.area().max(1.0))
        .ln()
        .abs()
        / 2.0;
    // A plate seldom changes its size by half between two frames that are near in time.
    if distance > reach || growth > 0.4 + 0.2 * reach {
        return None;
    }
    let corners: f32 = predicted
        .1
        .0
        .iter()
        .zip(observed.1.0)
        .map(|(a, b)| a.distance(b))
        .sum::<f32>()
        / (4.0 * width);
    let overlap = predicted.0.iou(observed.0);
    Some(corners.min(reach) / reach + 0.5 * (1.0 - overlap) + 0.5 * growth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32) -> Rect {
        Rect::new(x, 100.0, 80.0, 20.0)
    }

    #[test]
    fn steady_motion_is_predicted_through_a_gap() {
        let mut motion = Motion::new(&at(0.0).to_quad(), &at(0.0), Duration::ZERO);
        for step in 1..6_u16 {
            let bounds = at(30.0 * f32::from(step));
            motion.correct(
                &bounds.to_quad(),
                &bounds,
                Duration::from_millis(40 * u64::from(step)),
            );
        }
        let (bounds, quad) = motion.predict(Duration::from_millis(40 * 15));
        assert!((bounds.x - 450.0).abs() < 3.0, "{bounds:?}");
        assert!((quad.bounds().x - 450.0).abs() < 3.0, "{quad:?}");
    }

    #[test]
    fn nearer_is_better_and_far_is_out() {
        let rect = |x| (at(x), at(x).to_quad());
        let (here, near, far) = (rect(0.0), rect(10.0), rect(400.0));
        let cost = |other: &(Rect, Quad)| misfit((&here.0, &here.1), (&other.0, &other.1), 2.0);
        assert!(cost(&here) < cost(&near));
        assert_eq!(cost(&far), None);
    }

    #[test]
    fn time_that_stands_still_is_harmless() {
        let mut motion = Motion::new(&at(0.0).to_quad(), &at(0.0), Duration::from_secs(1));
        motion.correct(&at(9.0).to_quad(), &at(9.0), Duration::from_secs(1));
        motion.correct(&at(9.0).to_quad(), &at(9.0), Duration::ZERO);
        assert!(motion.predict(Duration::from_secs(2)).0.x.is_finite());
    }
}
