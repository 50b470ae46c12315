//! Settings of a pool and its cameras.

use std::time::Duration;

use crate::source::DropPolicy;
use crate::tracking::TrackerOptions;

/// Settings of a [`CameraPool`](super::CameraPool).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolOptions {
    /// Threads that read frames. Default: one for each core.
    pub workers: Option<usize>,
    /// Events that wait to be taken before the workers wait. Default: 256.
    pub event_capacity: usize,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            workers: None,
            event_capacity: 256,
        }
    }
}

impl PoolOptions {
    /// Sets the threads that read frames.
    #[must_use]
    pub const fn with_workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Sets the events that wait before the workers wait.
    #[must_use]
    pub const fn with_event_capacity(mut self, events: usize) -> Self {
        self.event_capacity = events;
        self
    }
}

/// Settings of one camera of a pool.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CameraOptions {
    /// How plates become passes.
    pub tracker: TrackerOptions,
    /// Longest time that a live frame waits before it is read; older ones are dropped. Default: 500 ms.
    pub max_latency: Duration,
    /// Frames that wait to be read. Default: 2.
    pub queue: usize,
    /// What happens to a frame for which there is no room. Default: that of
    /// [`PumpOptions`](crate::source::PumpOptions).
    pub policy: Option<DropPolicy>,
    /// Whether every read is told, not only passes. Default: no.
    pub reads: bool,
}

impl Default for CameraOptions {
    fn default() -> Self {
        Self {
            tracker: TrackerOptions::default(),
            max_latency: Duration::from_millis(500),
            queue: 2,
            policy: None,
            reads: false,
        }
    }
}

impl CameraOptions {
    /// Sets how plates become passes.
    #[must_use]
    pub fn with_tracker(mut self, tracker: TrackerOptions) -> Self {
        self.tracker = tracker;
        self
    }

    /// Sets the longest time that a live frame waits.
    #[must_use]
    pub const fn with_max_latency(mut self, latency: Duration) -> Self {
        self.max_latency = latency;
        self
    }

    /// Sets what happens to a frame for which there is no room.
    #[must_use]
    pub const fn with_policy(mut self, policy: DropPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets whether every read is told.
    #[must_use]
    pub const fn with_reads(mut self, reads: bool) -> Self {
        self.reads = reads;
        self
    }
}
