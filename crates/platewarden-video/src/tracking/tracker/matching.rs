//! Which observation is of which vehicle.

use std::time::Duration;

use platewarden::{Quad, Rect};

use super::Tracker;
use crate::tracking::assignment::FORBIDDEN;
use crate::tracking::motion::misfit;
use crate::tracking::observation::Observation;

impl Tracker {
    /// How badly each observation (rows) fits each vehicle (columns).
    pub(super) fn costs(&self, observations: &[Observation]) -> Vec<f32> {
        let predictions: Vec<(Rect, Quad, f32)> = self
            .tracks
            .iter()
            .map(|track| {
                let (bounds, quad) = track.motion.predict(self.now);
                let hidden = self.now.saturating_sub(track.last_seen).as_secs_f32();
                let reach = if track.motion.seen() < 2 {
                    self.options.first_reach
                } else if track.parking.is_parked() {
                    // Who is parked stays in place, however long something stands in front.
                    self.options.reach
                } else {
                    // The longer unseen, the less is known of where it is.
                    (self.options.reach * (1.0 + hidden)).min(self.options.first_reach)
                };
                (bounds, quad, reach)
            })
            .collect();
        observations
            .iter()
            .flat_map(|observation| {
                predictions.iter().map(|(bounds, quad, reach)| {
                    misfit(
                        (bounds, quad),
                        (&observation.bounds, &observation.quad),
                        *reach,
                    )
                    .unwrap_or(FORBIDDEN)
                })
            })
            .collect()
    }

    /// Joins vehicles that were lost with those begun since that bear the same text.
    pub(super) fn reunite(&mut self, at: Duration) {
        let mut later = 0;
        while let Some(track) = self.tracks.get(later) {
            let from_gone = self
                .gone
                .iter()
                .position(|(old, _)| track.is_same_vehicle(old));
            if let Some(old) = from_gone {
                let (mut old, _) = self.gone.swap_remove(old);
                let new = self.tracks.swap_remove(later);
                old.absorb(new, &self.options);
                self.tracks.push(old);
                self.statistics.merges += 1;
                // Another track now stands at this place.
                continue;
            }
            // A vehicle that is seen in this very frame cannot be another seen in it.
            let hidden = self.tracks.iter().position(|old| {
                old.id < track.id
                    && old.last_seen < at
                    && track.last_seen == at
                    && track.is_same_vehicle(old)
            });
            if let Some(hidden) = hidden {
                let new = self.tracks.remove(later);
                // Removal moved all that stood behind by one.
                let hidden = if hidden > later { hidden - 1 } else { hidden };
                if let Some(old) = self.tracks.get_mut(hidden) {
                    old.absorb(new, &self.options);
                    self.statistics.merges += 1;
                }
                continue;
            }
            later += 1;
        }
    }
}
