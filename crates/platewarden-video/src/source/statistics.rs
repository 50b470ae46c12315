//! What became of every frame.

use serde::{Deserialize, Serialize};

/// Counts of one source since it was opened.
///
/// Every frame is in exactly one of [`delivered`](Self::delivered), [`dropped`](Self::dropped),
/// [`discarded`](Self::discarded) and, until it is taken, [`waiting`](Self::waiting):
///
/// ```
/// use platewarden_video::source::SourceStatistics;
/// let mut statistics = SourceStatistics::default();
/// statistics.decoded = 10;
/// statistics.delivered = 7;
/// statistics.dropped = 2;
/// statistics.waiting = 1;
/// assert!(statistics.is_balanced());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceStatistics {
    /// Whole frames that came out of the decoder.
    pub decoded: u64,
    /// Frames handed to the caller.
    pub delivered: u64,
    /// Frames given up because newer ones came before they were taken, or because they had grown too old.
    pub dropped: u64,
    /// Frames that were decoded and not yet taken when the source was stopped or opened again.
    pub discarded: u64,
    /// Frames decoded that wait to be taken.
    pub waiting: u64,
    /// Frames that could not be used: cut off, unreadable, over the size limits. Not among `decoded`.
    pub damaged: u64,
    /// Errors that the decoder reported and went on from; the frame shows the damage or is missing.
    pub decoder_errors: u64,
    /// Successful openings after the first.
    pub reconnects: u64,
    /// Openings that failed.
    pub failed_attempts: u64,
    /// Times that no frame came within the stall time-out.
    pub stalls: u64,
    /// Times that the size of the picture changed.
    pub resolution_changes: u64,
    /// Times that a timestamp jumped back.
    pub timestamp_jumps: u64,
    /// Bytes of pixels decoded.
    pub bytes: u64,
}

impl SourceStatistics {
    /// Whether every decoded frame is accounted for.
    #[must_use]
    pub const fn is_balanced(&self) -> bool {
        self.decoded == self.delivered + self.dropped + self.discarded + self.waiting
    }

    /// The counts of both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            decoded: self.decoded + other.decoded,
            delivered: self.delivered + other.delivered,
            dropped: self.dropped + other.dropped,
            discarded: self.discarded + other.discarded,
            waiting: self.waiting + other.waiting,
            damaged: self.damaged + other.damaged,
            decoder_errors: self.decoder_errors + other.decoder_errors,
            reconnects: self.reconnects + other.reconnects,
            failed_attempts: self.failed_attempts + other.failed_attempts,
            stalls: self.stalls + other.stalls,
            resolution_changes: self.resolution_changes + other.resolution_changes,
            timestamp_jumps: self.timestamp_jumps + other.timestamp_jumps,
            bytes: self.bytes + other.bytes,
        }
    }
}
