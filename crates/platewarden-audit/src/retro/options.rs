//! What an audit is about, and its limits.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use platewarden_policy::model::{Agency, Jurisdiction};

use crate::export::place_zone;

/// What an audit is about, and its limits.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuditOptions {
    /// Where the searched reads were captured: whose law holds.
    pub data_in: Jurisdiction,
    /// The owner's name as it stands in `Org Name`; its own searches are judged as such. In a log without a column of
    /// agencies, as portals export it, the owner is who searched.
    pub owner: Option<String>,
    /// Overlay packs that the owner's policy consists of, such as `agency-default`.
    pub overlays: Vec<String>,
    /// What is known of searching agencies beyond their names: kind, place, declarations, revocations. A partial entry
    /// adds to what the name says. An agency listed with declarations is taken to have filed no others.
    pub directory: Vec<Agency>,
    /// Whether rows of [`Verdict::Insufficient`](super::Verdict::Insufficient) go to the sink too; they are always counted.
    pub report_insufficient: bool,
    /// Evidence row ids kept per agency in the proposed revocations; all rows are counted.
    pub evidence_per_agency: usize,
    /// Impermissible searches, under an authority above agency policy, from which a revocation is proposed.
    pub revoke_from: u64,
    /// The clocks by which months and days are counted; `None` for those of the place, UTC where none are on file. The
    /// law is always asked at the exact instant.
    pub zone: Option<TimeZone>,
    /// Folder for the temporary files of large audits.
    pub spill_dir: PathBuf,
}

impl AuditOptions {
    /// An audit of data captured in a place, with the defaults for everything else.
    #[must_use]
    pub fn new(data_in: impl Into<Jurisdiction>) -> Self {
        Self {
            data_in: data_in.into(),
            owner: None,
            overlays: Vec::new(),
            directory: Vec::new(),
            report_insufficient: false,
            evidence_per_agency: 1_000,
            revoke_from: 1,
            zone: None,
            spill_dir: std::env::temp_dir(),
        }
    }

    /// The clocks by which months and days are counted.
    #[must_use]
    pub fn clocks(&self) -> TimeZone {
        self.zone
            .clone()
            .or_else(|| place_zone(self.data_in))
            .unwrap_or(TimeZone::UTC)
    }
}
