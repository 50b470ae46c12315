//! The vehicles in the view of one camera.

mod matching;

use std::collections::BTreeMap;
use std::time::Duration;

use platewarden::Frame;

use super::assignment::{FORBIDDEN, assign};
use super::evidence::TrackRead;
use super::observation::{Observation, VehicleView};
use super::options::TrackerOptions;
use super::pass::{Pass, PassKind};
use super::statistics::TrackerStatistics;
use super::track::{Place, Track};
use crate::error::Result;

/// Another vehicle that fits nearly as well makes an association doubtful.
const DOUBT: f32 = 0.3;
/// After a gap this long the plate is read again, for another vehicle may have taken the place.
const GAP: Duration = Duration::from_millis(300);
/// A vehicle that stands without a text to report is tried again after this time.
const PARKED_RETRY: Duration = Duration::from_secs(1);

/// Makes passes from the plates of one camera.
///
/// Each frame takes two steps, so that the recogniser is spared what is known already: [`associate`](Self::associate) says
/// which of the plates found need reading, [`commit`](Self::commit) takes the reads. [`PassReader`](super::PassReader) does
/// both with an engine.
///
/// ```
/// use std::time::Duration;
/// use platewarden::Rect;
/// use platewarden_video::tracking::{Observation, TrackRead, Tracker, TrackerOptions};
///
/// let mut tracker = Tracker::new(TrackerOptions::default())?;
/// let mut passes = Vec::new();
/// for frame in 0..20_u64 {
///     let plate = Observation::from(Rect::new(frame as f32 * 20.0, 300.0, 90.0, 22.0));
///     let at = Duration::from_millis(40 * frame);
///     let to_read = tracker.associate(at, frame, (1280, 720), &[plate]);
///     let reads = to_read.into_iter().map(|index| (index, TrackRead::from_text("AB12CDE", 0.9))).collect();
///     passes.extend(tracker.commit(None, reads));
/// }
/// passes.extend(tracker.finish());
/// assert_eq!(passes.len(), 1);
/// assert_eq!((passes[0].text.as_str(), passes[0].frames), ("AB12CDE", 20));
/// assert!(passes[0].reads < 20, "a settled vote is not read again");
/// # Ok::<(), platewarden_video::Error>(())
/// ```
#[derive(Debug)]
pub struct Tracker {
    options: TrackerOptions,
    next_id: u64,
    tracks: Vec<Track>,
    /// Vehicles no longer seen, kept for the merge window, with its end.
    gone: Vec<(Track, Duration)>,
    pending: Option<Pending>,
    now: Duration,
    size: Option<(u32, u32)>,
    statistics: TrackerStatistics,
}

/// What [`Tracker::associate`] found and [`Tracker::commit`] completes.
#[derive(Debug)]
struct Pending {
    place: Place,
    observations: Vec<Observation>,
    /// Index into the tracks for each observation.
    assigned: Vec<Option<usize>>,
    to_read: Vec<usize>,
}

impl Tracker {
    /// A tracker without vehicles.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for an option outside its range.
    pub fn new(options: TrackerOptions) -> Result<Self> {
        options.validate()?;
        Ok(Self {
            options,
            next_id: 1,
            tracks: Vec::new(),
            gone: Vec::new(),
            pending: None,
            now: Duration::ZERO,
            size: None,
            statistics: TrackerStatistics::default(),
        })
    }

    /// The settings.
    #[must_use]
    pub const fn options(&self) -> &TrackerOptions {
        &self.options
    }

    /// Counts a frame whose plates were taken from the one before.
    pub(crate) const fn count_unsearched(&mut self) {
        self.statistics.unsearched += 1;
    }

    /// What was done so far.
    #[must_use]
    pub const fn statistics(&self) -> TrackerStatistics {
        self.statistics
    }

    /// Associates the plates found in a frame of `size` pixels with the vehicles known, and says which of them, by index,
    /// need reading.
    ///
    /// A time before that of the last frame counts as the same time. When the size changes, places no longer compare, and
    /// vehicles are recognised by their texts.
    pub fn associate(
        &mut self,
        at: Duration,
        frame_index: u64,
        size: (u32, u32),
        observations: &[Observation],
    ) -> Vec<usize> {
        // A caller that never committed the last frame had no reads for it.
        self.pending = None;
        self.now = self.now.max(at);
        if self.size.replace(size).is_some_and(|before| before != size) {
            let until = self.now + self.options.merge_window;
            self.gone
                .extend(self.tracks.drain(..).map(|track| (track, until)));
        }
        let place = Place {
            at: self.now,
            index: frame_index,
        };
        let (rows, columns) = (observations.len(), self.tracks.len());
        let costs = self.costs(observations);
        let assigned = assign(&costs, rows, columns);
        let mut to_read = Vec::new();
        for (index, track) in assigned.iter().enumerate() {
            let row = costs
                .get(index * columns..(index + 1) * columns)
                .unwrap_or_default();
            let needed = match track.and_then(|track| Some((track, self.tracks.get(track)?))) {
                None => true,
                Some((at, track)) => {
                    let own = row.get(at).copied().unwrap_or(FORBIDDEN);
                    let doubtful = row
                        .iter()
                        .enumerate()
                        .any(|(other, cost)| other != at && *cost < own + DOUBT);
                    !self.options.skip_settled
                        || track.wants_reads(&self.options)
                        || self.now >= track.read_again
                        || doubtful
                        || self.now.saturating_sub(track.last_seen) > GAP
                }
            };
            if needed {
                to_read.push(index);
            }
        }
        self.statistics.frames += 1;
        self.statistics.detections += rows as u64;
        self.statistics.reads += to_read.len() as u64;
        self.statistics.reads_saved += (rows - to_read.len()) as u64;
        self.pending = Some(Pending {
            place,
            observations: observations.to_vec(),
            assigned,
            to_read: to_read.clone(),
        });
        to_read
    }

    /// Takes the reads of the plates that [`associate`](Self::associate) named, by their indices, and gives the passes
    /// that are complete.
    ///
    /// `frame` is the very frame that was read; evidence is cut from it. Without it passes carry none. A plate that could
    /// not be read may be left out.
    pub fn commit(
        &mut self,
        frame: Option<&Frame<'_>>,
        reads: Vec<(usize, TrackRead)>,
    ) -> Vec<Pass> {
        let Some(pending) = self.pending.take() else {
            return Vec::new();
        };
        let Pending {
            place,
            observations,
            mut assigned,
            to_read,
        } = pending;
        let mut reads: BTreeMap<usize, TrackRead> = reads.into_iter().collect();
        for (index, read) in &reads {
            if let Some(entry) = assigned.get_mut(*index)
                && entry
                    .and_then(|at| self.tracks.get(at))
                    .is_some_and(|track| track.contradicts(read))
            {
                *entry = None;
                self.statistics.mix_ups += 1;
            }
        }
        let mut parked = Vec::new();
        for (index, (observation, track)) in observations.iter().zip(&assigned).enumerate() {
            let known = track.and_then(|at| self.tracks.get_mut(at));
            let track = match known {
                Some(track) => {
                    if track.observe(observation, place, &self.options) {
                        parked.push(track.id);
                    }
                    track
                }
                None => {
                    let id = self.next_id;
                    self.next_id += 1;
                    self.statistics.vehicles += 1;
                    self.tracks
                        .push(Track::new(id, observation, place, &self.options));
                    match self.tracks.last_mut() {
                        Some(track) => track,
                        None => continue,
                    }
                }
            };
            if to_read.contains(&index) {
                track.count_attempt(place.at, &self.options);
            }
            if let Some(read) = reads.remove(&index) {
                track.add_read(read, observation, place, frame, &self.options);
            }
        }
        self.reunite(place.at);
        let mut passes = self.parked_passes(&parked, place.at);
        self.retire(place.at);
        passes.extend(self.expired(place.at));
        self.statistics.passes += passes.len() as u64;
        passes
    }

    /// Lets time pass without a frame, such as while a camera is away: gives the passes that are complete by then.
    pub fn advance(&mut self, at: Duration) -> Vec<Pass> {
        self.now = self.now.max(at);
        self.retire(self.now);
        let passes = self.expired(self.now);
        self.statistics.passes += passes.len() as u64;
        passes
    }

    /// Ends all that is in view and gives its passes.
    pub fn finish(&mut self) -> Vec<Pass> {
        self.pending = None;
        self.gone
            .extend(self.tracks.drain(..).map(|track| (track, Duration::ZERO)));
        let passes = self.expired(Duration::MAX);
        self.statistics.passes += passes.len() as u64;
        passes
    }

    /// The vehicles in view, those briefly hidden among them.
    pub fn vehicles(&self) -> impl Iterator<Item = VehicleView> + '_ {
        self.tracks.iter().map(|track| {
            let (bounds, quad) = track.motion.predict(self.now);
            VehicleView {
                id: track.id,
                text: track.outcome.text.clone(),
                confidence: track.outcome.confidence,
                is_settled: track.is_settled(&self.options),
                is_parked: track.parking.is_parked(),
                bounds,
                quad,
                velocity: track.motion.velocity(),
                is_seen: track.last_seen == self.now,
                last_seen: track.last_seen,
            }
        })
    }

    fn parked_passes(&mut self, parked: &[u64], at: Duration) -> Vec<Pass> {
        let mut passes = Vec::new();
        for track in &mut self.tracks {
            if !parked.contains(&track.id) {
                continue;
            }
            let pass = track
                .is_told(&self.options)
                .then(|| track.pass(PassKind::Parked, &self.options))
                .flatten();
            match pass {
                Some(pass) => {
                    track.parking.count_report();
                    passes.push(pass);
                }
                None => track.parking.postpone(at + PARKED_RETRY),
            }
        }
        passes
    }

    /// Puts vehicles that were not seen for too long among those gone.
    fn retire(&mut self, at: Duration) {
        let until = at + self.options.merge_window;
        let mut index = 0;
        while let Some(track) = self.tracks.get(index) {
            let longest = if track.parking.is_parked() {
                self.options.parked_lost_after.max(self.options.lost_after)
            } else {
                self.options.lost_after
            };
            if at.saturating_sub(track.last_seen) > longest {
                self.gone.push((self.tracks.swap_remove(index), until));
            } else {
                index += 1;
            }
        }
    }

    /// Passes of vehicles whose merge window is over, in the order they were last seen.
    fn expired(&mut self, at: Duration) -> Vec<Pass> {
        let (mut expired, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.gone)
            .into_iter()
            .partition(|(_, until)| *until <= at);
        self.gone = kept;
        expired.sort_by_key(|(track, _)| (track.last_seen, track.id));
        let mut passes = Vec::new();
        for (track, _) in expired {
            let kind = match (track.parking.was_reported(), track.parking.has_left()) {
                // Its parking was told, and it has not moved since.
                (true, false) => continue,
                (true, true) => PassKind::Departed,
                (false, _) => PassKind::Passed,
            };
            let pass = track
                .is_told(&self.options)
                .then(|| track.pass(kind, &self.options))
                .flatten();
            match pass {
                Some(pass) => passes.push(pass),
                None => self.statistics.unread_vehicles += 1,
            }
        }
        passes
    }
}
