//! What became of the frames of a pool.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::CameraId;
use crate::source::SourceStatistics;
use crate::tracking::TrackerStatistics;

/// What became of the frames of one camera.
///
/// Every frame that the source delivered was [`read`](Self::read), [`failed`](Self::failed) or is being read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CameraStatistics {
    /// The camera.
    pub camera: CameraId,
    /// Its name.
    pub name: String,
    /// What became of the frames on their way to the workers; `dropped` shows back-pressure.
    pub source: SourceStatistics,
    /// Frames read.
    pub read: u64,
    /// Frames that could not be read.
    pub failed: u64,
    /// Frames in the hands of a worker.
    pub in_work: u64,
    /// What the tracker did.
    pub tracker: TrackerStatistics,
    /// Longest time from the decoder to the end of reading.
    pub longest_latency: Duration,
    /// Sum of those times over all frames read; divided by `read` it is the mean.
    pub total_latency: Duration,
    /// Whether the source has ended.
    pub ended: bool,
}

impl CameraStatistics {
    /// Whether every frame is accounted for.
    #[must_use]
    pub const fn is_balanced(&self) -> bool {
        self.source.is_balanced() && self.source.delivered == self.read + self.failed + self.in_work
    }

    /// Mean time from the decoder to the end of reading.
    #[must_use]
    pub fn mean_latency(&self) -> Duration {
        let frames = u32::try_from(self.read).unwrap_or(u32::MAX).max(1);
        self.total_latency / frames
    }
}

/// Counts of a whole pool.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PoolStatistics {
    /// Those of each camera that has not been removed.
    pub cameras: Vec<CameraStatistics>,
    /// Times that a worker waited because events were not taken: a slow consumer.
    pub event_waits: u64,
    /// Cameras that have a frame waiting for a worker.
    pub ready: usize,
}
