//! A match that may be told.

use jiff::Timestamp;
use serde::Serialize;

use super::entry::HotlistEntry;
use crate::tracking::{Evidence, Pass};

/// What every hit says.
pub const VERIFY_BY_EYE: &str = "possible match: verify by eye against the picture, and confirm with the listing agency, \
                                 before acting";

/// A plate that may be a listed one.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Hit {
    /// [`VERIFY_BY_EYE`].
    pub notice: &'static str,
    /// Name of the list.
    pub list: String,
    /// The entry.
    pub entry: HotlistEntry,
    /// What was read.
    pub read: String,
    /// Probability that the plate read is the listed one, as far as the picture tells; how rare listed plates are is not
    /// reckoned in.
    pub probability: f32,
    /// Whether the text read is the very one listed.
    pub is_exact: bool,
    /// When it was checked.
    pub at: Timestamp,
    /// Duties that come with telling it.
    pub obligations: Vec<String>,
    /// The pass, where a pass was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass: Option<Box<Pass>>,
}

impl Hit {
    /// The picture to verify it by.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        self.pass.as_ref()?.evidence.as_ref()
    }
}

/// What a check found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// Hits, most probable first.
    pub hits: Vec<Hit>,
    /// Reasons for which matches were withheld; neither plate nor entry is told.
    pub withheld: Vec<String>,
}
