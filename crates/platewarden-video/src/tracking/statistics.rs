//! What a tracker did.

use serde::{Deserialize, Serialize};

/// Counts of one tracker since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrackerStatistics {
    /// Frames taken in.
    pub frames: u64,
    /// Frames among them that were not searched, because nothing had moved in them.
    #[serde(default)]
    pub unsearched: u64,
    /// Plates found in them.
    pub detections: u64,
    /// Plates that went to the recogniser.
    pub reads: u64,
    /// Plates that did not, because the vote on their vehicle was settled.
    pub reads_saved: u64,
    /// Vehicles begun.
    pub vehicles: u64,
    /// Passes told, reports of parked vehicles among them.
    pub passes: u64,
    /// Vehicles gone with too few reads or too little confidence for a pass.
    pub unread_vehicles: u64,
    /// Vehicles found to be one seen before.
    pub merges: u64,
    /// Reads that spoke against the vehicle they were associated with and were put elsewhere.
    pub mix_ups: u64,
}
