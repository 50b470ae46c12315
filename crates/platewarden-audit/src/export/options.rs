//! How files are read.

use jiff::tz::TimeZone;

use super::ColumnMap;

/// How files are read.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Columns that a person mapped.
    pub columns: ColumnMap,
    /// The clocks on which times without a zone were written; `None` reads them as UTC. Either way they are counted.
    pub zone: Option<TimeZone>,
}
