//! Areas carried through frames in which their plate was missed.

use std::time::Duration;

use platewarden::{Quad, Rect};

use super::options::RedactOptions;
use crate::tracking::{FORBIDDEN, Motion, assign, misfit};

/// Centres further apart than this, in widths of the plate, are not the same plate.
const REACH: f32 = 2.5;
/// Growth of a carried area for each second without a detection, as a share of the plate's width.
const GROWTH: f32 = 0.6;

/// A plate found in a frame, and whether it may stay readable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) quad: Quad,
    pub(super) bounds: Rect,
    pub(super) keep: bool,
}

/// A plate over frames.
#[derive(Clone, Debug)]
struct Carried {
    motion: Motion,
    first_seen: Duration,
    last_seen: Duration,
    last_area: Rect,
    keep: bool,
}

/// What a frame adds: areas for itself and for frames before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Added {
    /// Areas of the new frame.
    pub(super) now: Vec<Rect>,
    /// Areas of the new frame that stand for a plate not found in it.
    pub(super) carried: usize,
    /// Areas of earlier frames, by their times.
    pub(super) earlier: Vec<(Duration, Rect)>,
}

/// The plates of one video.
#[derive(Clone, Debug, Default)]
pub(super) struct Carrier {
    plates: Vec<Carried>,
}

impl Carrier {
    /// Takes in the plates of the frame at `at`; `held` are the times of the frames before it that can still be changed.
    pub(super) fn add(
        &mut self,
        at: Duration,
        found: &[Found],
        held: &[Duration],
        options: &RedactOptions,
    ) -> Added {
        let mut added = Added::default();
        let columns = self.plates.len();
        let costs: Vec<f32> = found
            .iter()
            .flat_map(|found| {
                self.plates.iter().map(move |plate| {
                    let (bounds, quad) = plate.motion.predict(at);
                    misfit((&bounds, &quad), (&found.bounds, &found.quad), REACH)
                        .unwrap_or(FORBIDDEN)
                })
            })
            .collect();
        let assigned = assign(&costs, found.len(), columns);
        let mut seen = vec![false; columns];
        for (found, plate) in found.iter().zip(assigned) {
            let area = options.area(&found.quad, &found.bounds);
            if !found.keep {
                added.now.push(area);
            }
            match plate.and_then(|index| Some((seen.get_mut(index)?, self.plates.get_mut(index)?)))
            {
                Some((seen, plate)) => {
                    *seen = true;
                    plate.see(found, area, at, held, options, &mut added);
                }
                None => {
                    if !found.keep {
                        // Before its velocity is known the plate is taken to have stood still.
                        let before = held
                            .iter()
                            .filter(|time| at.saturating_sub(**time) <= options.lead);
                        added.earlier.extend(before.map(|time| (*time, area)));
                    }
                    self.plates.push(Carried {
                        motion: Motion::new(&found.quad, &found.bounds, at),
                        first_seen: at,
                        last_seen: at,
                        last_area: area,
                        keep: found.keep,
                    });
                }
            }
        }
        for (plate, seen) in self.plates.iter().zip(seen) {
            if !seen && !plate.keep {
                let (bounds, quad) = plate.motion.predict(at);
                let missing = at.saturating_sub(plate.last_seen).as_secs_f32();
                let grown = options
                    .area(&quad, &bounds)
                    .widen(GROWTH * missing, GROWTH * missing);
                added.now.push(grown);
                added.carried += 1;
            }
        }
        self.plates
            .retain(|plate| at.saturating_sub(plate.last_seen) <= options.hold);
        added
    }
}

impl Carried {
    fn see(
        &mut self,
        found: &Found,
        area: Rect,
        at: Duration,
        held: &[Duration],
        options: &RedactOptions,
        added: &mut Added,
    ) {
        let is_second = self.motion.seen() == 1;
        if !found.keep {
            // Frames between the two sightings: the areas of both bound the plate's way.
            let gap = at
                .saturating_sub(self.last_seen)
                .as_secs_f32()
                .max(f32::MIN_POSITIVE);
            for time in held
                .iter()
                .filter(|time| **time > self.last_seen && **time < at)
            {
                let share = time.saturating_sub(self.last_seen).as_secs_f32() / gap;
                added
                    .earlier
                    .push((*time, between(&self.last_area, &area, share)));
            }
        }
        self.motion.correct(&found.quad, &found.bounds, at);
        if is_second && !found.keep {
            // Now that the velocity is known, the way before the first sighting is too.
            let velocity = self.motion.velocity();
            let first = self.last_area;
            for time in held {
                let before = self.first_seen.saturating_sub(*time);
                if before.is_zero() || before > options.lead {
                    continue;
                }
                let seconds = before.as_secs_f32();
                let moved = first.translate(-velocity.x * seconds, -velocity.y * seconds);
                added
                    .earlier
                    .push((*time, moved.widen(GROWTH * seconds, GROWTH * seconds)));
            }
        }
        self.last_seen = at;
        self.last_area = area;
        self.keep = found.keep;
    }
}

/// The area `share` of the way from one to the other.
fn between(from: &Rect, to: &Rect, share: f32) -> Rect {
    let mix = |a: f32, b: f32| a + (b - a) * share;
    Rect::from_edges(
        mix(from.x, to.x),
        mix(from.y, to.y),
        mix(from.right(), to.right()),
        mix(from.bottom(), to.bottom()),
    )
}
