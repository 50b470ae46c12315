//! One vehicle in view.

use std::time::Duration;

use platewarden::{Frame, Point};
use platewarden_text::confusion::text_likeness;

use super::evidence::TrackRead;
use super::line::{Crossing, Path};
use super::motion::Motion;
use super::observation::Observation;
use super::options::TrackerOptions;
use super::parking::Parking;
use super::pass::{Evidence, Pass, PassKind};
use super::vote::{Outcome, Vote};

/// Best reads kept, one for each text.
const BEST_READS: usize = 3;
/// A better read replaces the evidence only when it is better by this factor, which saves copies.
const CLEARLY_BETTER: f32 = 1.03;
/// Plate width, in pixels, beyond which a larger plate is no better evidence.
const AMPLE_WIDTH: f32 = 160.0;
/// Texts this much alike are one vehicle's: less than one plain substitution in seven characters.
const SAME_VEHICLE: f32 = 0.9;
/// A text that another vehicle's vote holds for this probable is taken for the same.
const LIKELY_CANDIDATE: f32 = 0.05;

/// Where and when a frame is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub(crate) at: Duration,
    pub(crate) index: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) id: u64,
    pub(crate) motion: Motion,
    pub(crate) outcome: Outcome,
    pub(crate) last_seen: Duration,
    pub(crate) parking: Parking,
    pub(crate) read_again: Duration,
    /// Times the plate went to the recogniser.
    attempts: u32,
    vote: Vote,
    first_seen: Duration,
    first_center: Point,
    last_center: Point,
    first_width: f32,
    last_width: f32,
    max_width: f32,
    frames: u32,
    best: Vec<Best>,
    path: Path,
    crossings: Vec<Crossing>,
}

#[derive(Clone, Debug)]
struct Best {
    quality: f32,
    text: String,
    place: Place,
    observation: Observation,
    evidence: Option<Evidence>,
}

impl Track {
    pub(crate) fn new(
        id: u64,
        observation: &Observation,
        place: Place,
        options: &TrackerOptions,
    ) -> Self {
        let center = observation.bounds.center();
        let mut track = Self {
            id,
            motion: Motion::new(&observation.quad, &observation.bounds, place.at),
            outcome: Outcome::default(),
            last_seen: place.at,
            parking: Parking::new(center, observation.bounds.width, place.at),
            read_again: Duration::ZERO,
            attempts: 0,
            vote: Vote::default(),
            first_seen: place.at,
            first_center: center,
            last_center: center,
            first_width: observation.bounds.width,
            last_width: observation.bounds.width,
            max_width: observation.bounds.width,
            frames: 1,
            best: Vec::new(),
            path: Path::default(),
            crossings: Vec::new(),
        };
        track.walk(observation, place, options);
        track
    }

    /// The plate was found again; says whether the vehicle is to be reported as parked.
    pub(crate) fn observe(
        &mut self,
        observation: &Observation,
        place: Place,
        options: &TrackerOptions,
    ) -> bool {
        self.motion
            .correct(&observation.quad, &observation.bounds, place.at);
        self.last_seen = place.at;
        self.last_center = observation.bounds.center();
        self.last_width = observation.bounds.width;
        self.max_width = self.max_width.max(self.last_width);
        self.frames += 1;
        self.walk(observation, place, options);
        self.parking.observe(
            self.last_center,
            self.last_width,
            place.at,
            options.parked_after,
            options.parked_interval,
        )
    }

    fn walk(&mut self, observation: &Observation, place: Place, options: &TrackerOptions) {
        self.path.advance(
            observation.bounds.center(),
            observation.bounds.width,
            place.at,
            &options.lines,
            &options.zones,
            &mut self.crossings,
        );
    }

    /// The plate goes to the recogniser, whatever comes of it.
    pub(crate) fn count_attempt(&mut self, at: Duration, options: &TrackerOptions) {
        self.attempts += 1;
        self.read_again = at + options.recheck_interval;
    }

    /// Takes a read into the vote, and its pixels where they are the best yet.
    pub(crate) fn add_read(
        &mut self,
        read: TrackRead,
        observation: &Observation,
        place: Place,
        frame: Option<&Frame<'_>>,
        options: &TrackerOptions,
    ) {
        if read.text.is_empty() {
            return;
        }
        if read.touches_edge {
            // Of a plate that is still coming in, or going out, a text may lack characters without any doubt about the
            // rest: it has no vote, and does not use up the attempts.
            if !self.parking.is_parked() {
                self.attempts = self.attempts.saturating_sub(1);
            }
            return;
        }
        self.keep_best(&read, observation, place, frame, options);
        let rules = options.vote_rules();
        self.vote.add(read, place.at, &rules);
        self.outcome = self.vote.outcome(place.at, &rules);
    }

    fn keep_best(
        &mut self,
        read: &TrackRead,
        observation: &Observation,
        place: Place,
        frame: Option<&Frame<'_>>,
        options: &TrackerOptions,
    ) {
        let size = (observation.bounds.width / AMPLE_WIDTH)
            .clamp(0.0, 1.0)
            .sqrt();
        let quality = read.confidence * size;
        let known = self.best.iter().position(|best| best.text == read.text);
        let beaten = known.and_then(|at| self.best.get(at));
        if beaten.is_some_and(|best| quality < best.quality * CLEARLY_BETTER) {
            return;
        }
        let evidence = options
            .evidence_margin
            .zip(frame)
            .and_then(|((x, y), frame)| {
                let area = observation
                    .bounds
                    .widen(x, y)
                    .clamp_to(frame.width(), frame.height());
                Some(Evidence {
                    image: platewarden::frame::crop_rgb(frame, &area)?,
                    area,
                    frame: place.index,
                })
            });
        let best = Best {
            quality,
            text: read.text.clone(),
            place,
            observation: *observation,
            evidence,
        };
        match known.and_then(|at| self.best.get_mut(at)) {
            Some(entry) => *entry = best,
            None => self.best.push(best),
        }
        self.best.sort_by(|a, b| b.quality.total_cmp(&a.quality));
        self.best.truncate(BEST_READS);
    }

    /// Whether enough reads agree that no more are needed.
    pub(crate) fn is_settled(&self, options: &TrackerOptions) -> bool {
        self.outcome.agreeing >= options.min_agreeing_reads
            && self.outcome.confidence >= options.settled_confidence
    }

    /// Whether reading goes on in every frame.
    pub(crate) fn wants_reads(&self, options: &TrackerOptions) -> bool {
        !self.is_settled(options) && self.attempts < options.most_reads
    }

    /// Whether a read speaks against this vehicle being the one that was seen so far.
    pub(crate) fn contradicts(&self, read: &TrackRead) -> bool {
        const SURE: f32 = 0.5;
        const UNLIKE: f32 = 0.5;
        self.vote.reads() >= 2
            && self.outcome.confidence >= SURE
            && read.confidence >= SURE
            && text_likeness(&self.outcome.text, &read.text) < UNLIKE
    }

    /// Whether both are likely to be the same vehicle, judged by their texts.
    pub(crate) fn is_same_vehicle(&self, other: &Self) -> bool {
        const SHORTEST: usize = 4;
        let (a, b) = (&self.outcome, &other.outcome);
        if a.text.chars().count() < SHORTEST || b.text.chars().count() < SHORTEST {
            return false;
        }
        let among = |text: &str, outcome: &Outcome| {
            outcome
                .candidates
                .iter()
                .any(|known| known.text == text && known.confidence >= LIKELY_CANDIDATE)
        };
        among(&a.text, b) || among(&b.text, a) || text_likeness(&a.text, &b.text) >= SAME_VEHICLE
    }

    /// Goes on as `later`, a track of the same vehicle begun after this one was lost.
    pub(crate) fn absorb(&mut self, later: Self, options: &TrackerOptions) {
        let rules = options.vote_rules();
        self.motion = later.motion;
        self.last_seen = self.last_seen.max(later.last_seen);
        self.last_center = later.last_center;
        self.last_width = later.last_width;
        self.max_width = self.max_width.max(later.max_width);
        self.frames += later.frames;
        self.read_again = later.read_again;
        self.attempts += later.attempts;
        self.path = later.path;
        self.crossings.extend(later.crossings);
        self.vote.merge(later.vote, &rules);
        self.outcome = self.vote.outcome(self.last_seen, &rules);
        for best in later.best {
            match self.best.iter_mut().find(|known| known.text == best.text) {
                Some(known) if known.quality >= best.quality => {}
                Some(known) => *known = best,
                None => self.best.push(best),
            }
        }
        self.best.sort_by(|a, b| b.quality.total_cmp(&a.quality));
        self.best.truncate(BEST_READS);
    }

    /// Whether there is enough for a pass.
    pub(crate) fn is_told(&self, options: &TrackerOptions) -> bool {
        self.vote.reads() >= options.min_reads
            && !self.outcome.text.is_empty()
            && self.outcome.confidence >= options.min_confidence
    }

    pub(crate) fn pass(&self, kind: PassKind, options: &TrackerOptions) -> Option<Pass> {
        let best = self
            .best
            .iter()
            .find(|best| best.text == self.outcome.text)
            .or_else(|| self.best.first())?;
        let mut characters = self.outcome.characters.clone();
        for character in &mut characters {
            character.alternatives.truncate(options.max_candidates);
        }
        let region = self.vote.region();
        Some(Pass {
            id: self.id,
            kind,
            text: self.outcome.text.clone(),
            confidence: self.outcome.confidence,
            characters,
            candidates: self
                .outcome
                .candidates
                .iter()
                .take(options.max_candidates)
                .cloned()
                .collect(),
            region_confidence: region.as_ref().map_or(0.0, |(_, confidence)| *confidence),
            region: region.map(|(code, _)| code),
            lines: self.vote.lines(),
            reads: self.vote.reads(),
            agreeing_reads: self.outcome.agreeing,
            frames: self.frames,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            best_frame: best.place.index,
            best_at: best.place.at,
            best_text: best.text.clone(),
            corners: best.observation.quad.corners(),
            bounds: best.observation.bounds,
            max_plate_width: self.max_width,
            travel: Point::new(
                self.last_center.x - self.first_center.x,
                self.last_center.y - self.first_center.y,
            ),
            growth: self.last_width / self.first_width.max(1.0),
            crossings: self.crossings.clone(),
            evidence: best.evidence.clone(),
        })
    }
}
