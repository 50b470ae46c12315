//! The transparency report: what was searched, for what purpose, by whom, with what outcome, and which rules denied.
//!
//! Counted from the audit trail, record by record, in memory that does not grow with the trail; written as
//! [JSON](TransparencyReport::to_json), [Markdown](TransparencyReport::to_markdown) or one self-contained page of
//! [HTML](TransparencyReport::to_html) with charts, that loads nothing and prints well.
//!
//! It names agencies, purposes and rules, and no plate, person or case.
//!
//! ```
//! use platewarden_audit::report::ReportBuilder;
//! use platewarden_trail::{DecisionRecord, MemoryStore, Trail, TrailOptions, TrailWriter};
//! let store = MemoryStore::default();
//! let mut writer = TrailWriter::open(store.clone(), TrailOptions::default())?;
//! writer.append(DecisionRecord {
//!     agency_id: "springfield-pd".into(),
//!     purpose_code: "violent_crime".into(),
//!     outcome: "permit".into(),
//!     ..Default::default()
//! })?;
//! let report = ReportBuilder::new("Springfield Police").over_trail(&Trail::new(store))?.finish();
//! assert_eq!(report.decisions.total, 1);
//! assert!(report.to_markdown().contains("| violent_crime | 1 |"));
//! # Ok::<(), platewarden_audit::Error>(())
//! ```

mod count;
mod markdown;
mod page;

#[cfg(test)]
mod tests;

pub use count::{
    DeletionRow, Disclosures, OutcomeCounts, ReportBuilder, RevocationRow, Row, RuleRow,
    TrailStatement, TransparencyReport,
};
