//! The comparison as files.

use std::path::Path;

use crate::retro::no_formula;
use crate::{Error, ErrorKind, Result};

use super::page;
use super::report::SharingReport;

impl SharingReport {
    /// The report for people.
    #[must_use]
    pub fn to_html(&self) -> String {
        page::page(self)
    }

    /// Writes `sharing.html`, `sharing.csv` and `sharing.json`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`] when a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::file(ErrorKind::Output, "create", folder, e))?;
        let json = serde_json::to_vec_pretty(self).map_err(|e| Error::writing("the report", e))?;
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes)
                .map_err(|e| Error::file(ErrorKind::Output, "write", &path, e))
        };
        write("sharing.json", &json)?;
        write("sharing.csv", &self.csv()?)?;
        write("sharing.html", self.to_html().as_bytes())
    }

    fn csv(&self) -> Result<Vec<u8>> {
        let failed = |e: csv::Error| Error::writing("the report", e);
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record([
            "Organization",
            "Standing",
            "Place",
            "Kind",
            "Missing",
            "Rules",
            "Authority",
            "Declarations",
            "Grant",
            "File",
            "Line",
        ])
        .map_err(failed)?;
        for row in &self.organizations {
            let rules: Vec<&str> = row.rules.iter().map(|r| r.citation.as_str()).collect();
            let authorities: Vec<&str> = row.rules.iter().map(|r| r.authority.as_str()).collect();
            let cells = [
                row.name.clone(),
                row.standing.words().to_owned(),
                row.home
                    .clone()
                    .or_else(|| row.doubt.clone())
                    .unwrap_or_default(),
                row.kind
                    .known()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                row.lacking.join("; "),
                rules.join("; "),
                authorities.join("; "),
                row.declarations.join("; "),
                row.grant.clone().unwrap_or_default(),
                row.file.clone(),
                row.line.to_string(),
            ];
            csv.write_record(cells.iter().map(|cell| no_formula(cell)))
                .map_err(failed)?;
        }
        csv.into_inner()
            .map_err(|e| Error::writing("the report", e.into_error()))
    }
}
