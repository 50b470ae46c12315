//! Where findings go.

use crate::Result;
use crate::export::Unparsed;

use super::finding::Finding;

/// Receives findings as they are made.
pub trait FindingSink {
    /// One search that needs attention.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the audit then stops.
    fn finding(&mut self, finding: &Finding) -> Result<()>;

    /// One row that was not understood.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the audit then stops.
    fn unparsed(&mut self, file: &str, row: &Unparsed) -> Result<()>;
}

/// Keeps everything in memory, for small audits and tests.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    /// The findings.
    pub findings: Vec<Finding>,
    /// File and row of what was not understood.
    pub unparsed: Vec<(String, Unparsed)>,
}

impl FindingSink for Collected {
    fn finding(&mut self, finding: &Finding) -> Result<()> {
        self.findings.push(finding.clone());
        Ok(())
    }

    fn unparsed(&mut self, file: &str, row: &Unparsed) -> Result<()> {
        self.unparsed.push((file.to_owned(), row.clone()));
        Ok(())
    }
}
