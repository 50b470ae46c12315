//! How a trail is written.

use std::time::Duration;

/// When the trail asks the storage device to keep what it was given.
///
/// Whatever the policy, a record is handed to the operating system before `append` returns: the end of the
/// *process*, `kill -9` included, loses nothing that was acknowledged. The policy decides what a *power cut* or the
/// end of the operating system may lose. In no case can it lose a record and keep a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FsyncPolicy {
    /// Before every `append` returns (once for a whole `append_all`): a power cut loses nothing acknowledged.
    /// Costs what the device takes for a flush, from tens of microseconds to tens of milliseconds.
    #[default]
    EveryRecord,
    /// With the first `append` after this much time has passed since the last one, and at checkpoints, segment ends,
    /// `flush` and drop. A power cut loses at most what came after the last flush; no thread runs in the background,
    /// so the records of a trail that has fallen silent wait for `flush`, a checkpoint or the end.
    Interval(Duration),
    /// At checkpoints, segment ends, `flush` and drop only.
    OnCheckpoint,
}

/// How a trail is written.
///
/// ```
/// use platewarden_trail::{FsyncPolicy, TrailOptions};
/// let options = TrailOptions::default().with_fsync(FsyncPolicy::OnCheckpoint).with_segment_bytes(16 << 20);
/// assert_eq!(options.segment_bytes, 16 << 20);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrailOptions {
    /// When the device is asked to keep what it was given. Default: with every record.
    pub fsync: FsyncPolicy,
    /// Bytes after which a new segment begins. Default: 64 MiB.
    pub segment_bytes: u64,
    /// Whether opening may move a damaged end (more than a write cut short) out of the way, into a file of its own,
    /// and go on before it. Default: no; opening then fails and says where the damage begins.
    pub set_damage_aside: bool,
}

impl Default for TrailOptions {
    fn default() -> Self {
        Self {
            fsync: FsyncPolicy::default(),
            segment_bytes: 64 << 20,
            set_damage_aside: false,
        }
    }
}

impl TrailOptions {
    /// Sets when the device is asked to keep what it was given.
    #[must_use]
    pub fn with_fsync(mut self, fsync: FsyncPolicy) -> Self {
        self.fsync = fsync;
        self
    }

    /// Sets the bytes after which a new segment begins.
    #[must_use]
    pub fn with_segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Sets whether opening may move a damaged end out of the way.
    #[must_use]
    pub fn with_damage_set_aside(mut self, allowed: bool) -> Self {
        self.set_damage_aside = allowed;
        self
    }
}
