//! Settings of a tracker.

use std::time::Duration;

use super::line::{Line, Zone};
use super::vote::VoteRules;
use crate::error::Failure;
use crate::error::{Error, Result};
use crate::motion::MotionOptions;

/// How plates become passes.
///
/// ```
/// use std::time::Duration;
/// use platewarden_video::tracking::TrackerOptions;
///
/// let options = TrackerOptions::default()
///     .with_min_agreeing_reads(2)
///     .with_merge_window(Duration::from_secs(5));
/// assert!(options.validate().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackerOptions {
    /// Time after which a read counts half in the vote; zero counts all alike. Default: zero.
    pub memory_half_life: Duration,
    /// A vehicle seen again with the same text within this time is the same pass. Passes are told this much after the
    /// vehicle was lost. Default: 2 s.
    pub merge_window: Duration,
    /// Longest time without a detection before a vehicle counts as gone: how long an occlusion may last. Default: 1 s.
    pub lost_after: Duration,
    /// The same for a parked vehicle, which others hide while they stand in front of it. Default: 30 s.
    pub parked_lost_after: Duration,
    /// Reads whose text must be that of the vote before it is settled. Default: 3.
    pub min_agreeing_reads: u32,
    /// Confidence of the vote before it is settled. Default: 0.9.
    pub settled_confidence: f32,
    /// Whether vehicles whose vote is settled are left out of the recogniser. Default: yes.
    pub skip_settled: bool,
    /// A settled vehicle is read again this often, to notice that two were mixed up. Default: 3 s.
    pub recheck_interval: Duration,
    /// Reads after which a vehicle whose vote will not settle is read only at the recheck interval. Default: 40.
    pub most_reads: u32,
    /// Reads that a pass needs at least. Default: 2.
    pub min_reads: u32,
    /// Confidence that a pass needs at least. Default: 0.3.
    pub min_confidence: f32,
    /// Greatest distance, in widths of the plate, between where a plate is expected and found. Default: 2.
    pub reach: f32,
    /// The same for a plate seen only once, whose velocity is unknown. Default: 4.
    pub first_reach: f32,
    /// Time of standing still after which a vehicle is parked. Default: 20 s.
    pub parked_after: Duration,
    /// How often a parked vehicle is reported again; `None` reports it once. Default: 30 minutes.
    pub parked_interval: Option<Duration>,
    /// Correlation of the errors of two reads of one vehicle, 0 (independent) to 1 (more reads add nothing). Default: 0.3.
    pub read_correlation: f32,
    /// Lines to tell crossings of.
    pub lines: Vec<Line>,
    /// Zones to tell crossings of.
    pub zones: Vec<Zone>,
    /// Margin around the plate in the evidence crop, in widths and heights of the plate; `None` keeps no crop.
    /// Default: 0.5 and 1.0.
    pub evidence_margin: Option<(f32, f32)>,
    /// Frames in which nothing moved are not searched: the plates of the frame before stand. Default: `None`, which
    /// searches every frame.
    pub motion: Option<MotionOptions>,
    /// Candidates kept in a pass. Default: 5.
    pub max_candidates: usize,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            memory_half_life: Duration::ZERO,
            merge_window: Duration::from_secs(2),
            lost_after: Duration::from_secs(1),
            parked_lost_after: Duration::from_secs(30),
            min_agreeing_reads: 3,
            settled_confidence: 0.9,
            skip_settled: true,
            recheck_interval: Duration::from_secs(3),
            most_reads: 40,
            min_reads: 2,
            min_confidence: 0.3,
            reach: 2.0,
            first_reach: 4.0,
            parked_after: Duration::from_secs(20),
            parked_interval: Some(Duration::from_secs(30 * 60)),
            read_correlation: 0.3,
            lines: Vec::new(),
            zones: Vec::new(),
            evidence_margin: Some((0.5, 1.0)),
            motion: None,
            max_candidates: 5,
        }
    }
}

impl TrackerOptions {
    /// Sets the time after which a read counts half.
    #[must_use]
    pub const fn with_memory_half_life(mut self, half_life: Duration) -> Self {
        self.memory_half_life = half_life;
        self
    }

    /// Sets the time within which the same text is the same pass.
    #[must_use]
    pub const fn with_merge_window(mut self, window: Duration) -> Self {
        self.merge_window = window;
        self
    }

    /// Sets the longest time without a detection.
    #[must_use]
    pub const fn with_lost_after(mut self, time: Duration) -> Self {
        self.lost_after = time;
        self
    }

    /// Sets the reads that must agree before a vote is settled.
    #[must_use]
    pub const fn with_min_agreeing_reads(mut self, reads: u32) -> Self {
        self.min_agreeing_reads = reads;
        self
    }

    /// Sets whether settled vehicles are left out of the recogniser.
    #[must_use]
    pub const fn with_skip_settled(mut self, skip: bool) -> Self {
        self.skip_settled = skip;
        self
    }

    /// Sets the reads and the confidence that a pass needs at least.
    #[must_use]
    pub const fn with_minimum(mut self, reads: u32, confidence: f32) -> Self {
        self.min_reads = reads;
        self.min_confidence = confidence;
        self
    }

    /// Sets after how long a standing vehicle is parked, and how often it is reported again.
    #[must_use]
    pub const fn with_parking(mut self, after: Duration, interval: Option<Duration>) -> Self {
        self.parked_after = after;
        self.parked_interval = interval;
        self
    }

    /// Adds a line.
    #[must_use]
    pub fn with_line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// Adds a zone.
    #[must_use]
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zones.push(zone);
        self
    }

    /// Sets the margin of the evidence crop; `None` keeps no crop.
    #[must_use]
    pub const fn with_evidence_margin(mut self, margin: Option<(f32, f32)>) -> Self {
        self.evidence_margin = margin;
        self
    }

    /// Leaves frames unsearched in which nothing moved; `None` searches every frame.
    #[must_use]
    pub const fn with_motion(mut self, motion: Option<MotionOptions>) -> Self {
        self.motion = motion;
        self
    }

    /// Checks that every option lies within its range.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) naming the first that does not.
    pub fn validate(&self) -> Result<()> {
        let shares = [
            ("settled_confidence", self.settled_confidence),
            ("min_confidence", self.min_confidence),
            ("read_correlation", self.read_correlation),
        ];
        for (option, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                return Err(invalid(option, "a number from 0 to 1", value));
            }
        }
        for (option, value) in [("reach", self.reach), ("first_reach", self.first_reach)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(invalid(option, "a number greater than 0", value));
            }
        }
        if self.min_agreeing_reads == 0 {
            return Err(invalid("min_agreeing_reads", "at least 1", 0));
        }
        if let Some((x, y)) = self.evidence_margin
            && !((0.0..=20.0).contains(&x) && (0.0..=20.0).contains(&y))
        {
            return Err(invalid(
                "evidence_margin",
                "numbers from 0 to 20",
                format!("{x} and {y}"),
            ));
        }
        Ok(())
    }

    pub(crate) const fn vote_rules(&self) -> VoteRules {
        VoteRules {
            correlation: self.read_correlation,
            half_life: self.memory_half_life,
        }
    }
}

fn invalid(option: &'static str, expected: &str, found: impl ToString) -> Error {
    Error::from(Failure::InvalidOption {
        option,
        expected: expected.to_owned(),
        found: found.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_out_of_range_are_named() {
        let options = TrackerOptions {
            read_correlation: 1.5,
            ..TrackerOptions::default()
        };
        let message = options.validate().err().map(|error| error.to_string());
        assert!(message.is_some_and(|message| message.contains("read_correlation")));
        assert!(
            TrackerOptions::default()
                .with_min_agreeing_reads(0)
                .validate()
                .is_err()
        );
    }
}
