//! What comes back.

use platewarden_policy::model::{DatasetId, Decision};
use serde::Serialize;

use super::Cursor;
use crate::{Correction, Observation, RowRef};

/// The rows of a permitted search, likeliest first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// The decision under which they were released, with the duties that come with it and the datasets withheld.
    pub decision: Decision,
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// One row of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// Names the row, for holds, corrections and the Merkle tree of the release.
    pub reference: RowRef,
    /// Whose data it is.
    pub dataset: DatasetId,
    /// What it is.
    pub kind: RowKind,
    /// What was read, unchanged since.
    pub read: Observation,
    /// What people found it to show, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Probability that the picture shows the plate asked for; for a search without a plate, that the text is right.
    pub probability: f32,
    /// Why, one sentence a difference: `B read as 8 (0.31)`.
    pub why: Vec<String>,
    /// The hold under which it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RowKind {
    /// One read of one picture.
    Observation,
    /// A vehicle over several frames, with the best of its reads.
    Sighting {
        /// First time it was seen.
        first_seen: jiff::Timestamp,
        /// Last time it was seen.
        last_seen: jiff::Timestamp,
        /// How many reads were voted on.
        reads: u32,
        /// How many of them had the voted text.
        agreeing_reads: u32,
        /// The single reads, where they were stored too.
        observations: Vec<RowRef>,
    },
}
