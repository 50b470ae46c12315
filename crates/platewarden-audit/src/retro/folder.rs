//! Findings and report as files in a folder.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::export::Unparsed;
use crate::{Error, ErrorKind, Result};

use super::finding::Finding;
use super::page;
use super::report::{Action, AuditReport, Evidence};
use super::sink::FindingSink;

/// Writes `findings.jsonl`, `findings.csv` and `unparsed.jsonl` as the audit runs, and `summary.json`,
/// `revocations.json`, `revocations.csv` and `report.html` when it is done.
///
/// The JSON lines hold the rows as recorded, personal data included: keep them sealed. The CSV and the
/// HTML report hold reasons with personal data blacked out, and no officers' names.
#[derive(Debug)]
pub struct FolderSink {
    folder: PathBuf,
    json: BufWriter<File>,
    unparsed: BufWriter<File>,
    csv: csv::Writer<File>,
}

const FINDING_COLUMNS: [&str; 14] = [
    "Verdict",
    "File",
    "Line",
    "Row ID",
    "Search Time",
    "Agency",
    "Reason",
    "Case #",
    "Search Type",
    "Networks",
    "Rules",
    "Citations",
    "Authority",
    "Signals",
];

const REVOCATION_COLUMNS: [&str; 9] = [
    "Agency",
    "Proposed Action",
    "Impermissible",
    "Questionable",
    "Searches",
    "First",
    "Last",
    "Grounds",
    "Evidence Rows",
];

impl FolderSink {
    /// Creates the folder and the files that fill up during the audit; files of an earlier audit are replaced.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`] when folder or files cannot be created.
    pub fn create(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::file(ErrorKind::Output, "create", folder, e))?;
        let create = |name: &str| {
            let path = folder.join(name);
            File::create(&path).map_err(|e| Error::file(ErrorKind::Output, "create", &path, e))
        };
        let mut csv = csv::Writer::from_writer(create("findings.csv")?);
        csv.write_record(FINDING_COLUMNS)
            .map_err(|e| Error::writing("the findings", e))?;
        Ok(Self {
            folder: folder.to_owned(),
            json: BufWriter::new(create("findings.jsonl")?),
            unparsed: BufWriter::new(create("unparsed.jsonl")?),
            csv,
        })
    }

    /// Writes the aggregates and closes all files.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`] when a file cannot be written.
    pub fn finish(mut self, report: &AuditReport) -> Result<()> {
        let failed = |e: std::io::Error| Error::writing("the findings", e);
        self.json.flush().map_err(failed)?;
        self.unparsed.flush().map_err(failed)?;
        self.csv.flush().map_err(failed)?;
        self.write("summary.json", &json(report)?)?;
        self.write("revocations.json", &json(&report.revocations)?)?;
        self.write("revocations.csv", &revocations_csv(report)?)?;
        self.write("report.html", page::page(report).as_bytes())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).map_err(|e| Error::file(ErrorKind::Output, "write", &path, e))
    }
}

impl FindingSink for FolderSink {
    fn finding(&mut self, finding: &Finding) -> Result<()> {
        serde_json::to_writer(&mut self.json, finding)
            .map_err(|e| Error::writing("a finding", e))?;
        self.json
            .write_all(b"\n")
            .map_err(|e| Error::writing("a finding", e))?;
        let cells = cells(finding);
        self.csv
            .write_record(cells.iter().map(|cell| no_formula(cell)))
            .map_err(|e| Error::writing("a finding", e))
    }

    fn unparsed(&mut self, file: &str, row: &Unparsed) -> Result<()> {
        let value = serde_json::json!({ "file": file, "line": row.line, "problem": row.problem, "cells": row.cells });
        writeln!(self.unparsed, "{value}").map_err(|e| Error::writing("a row not understood", e))
    }
}

fn cells(finding: &Finding) -> [String; 14] {
    let join = |parts: Vec<&str>| parts.join("; ");
    let signals: Vec<String> = finding
        .signals
        .iter()
        .map(|s| format!("{}:{}:{}", s.category, s.grade, s.term))
        .collect();
    let rules = &finding.rules;
    [
        finding.verdict.as_str().to_owned(),
        finding.file.clone(),
        finding.line.to_string(),
        finding.row_id.clone(),
        finding.time.to_string(),
        finding.agency.clone(),
        finding.published_reason(),
        finding.case.clone(),
        finding.search_type.clone(),
        finding.networks.map(|n| n.to_string()).unwrap_or_default(),
        join(rules.iter().map(|r| r.rule.as_str()).collect()),
        join(rules.iter().map(|r| r.citation.as_str()).collect()),
        join(rules.iter().map(|r| r.authority.as_str()).collect()),
        signals.join("; "),
    ]
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|e| Error::writing("the report", e))
}

fn revocations_csv(report: &AuditReport) -> Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| Error::writing("the proposals", e);
    csv.write_record(REVOCATION_COLUMNS).map_err(failed)?;
    for row in &report.revocations {
        let action = match row.action {
            Action::Revoke => "revoke",
            Action::Refer => "refer",
        };
        let grounds: Vec<String> = row
            .grounds
            .iter()
            .map(|(ground, count)| format!("{ground}: {count}"))
            .collect();
        let evidence: Vec<String> = row.evidence.iter().map(Evidence::reference).collect();
        let cells = [
            row.agency.clone(),
            action.to_owned(),
            row.impermissible.to_string(),
            row.questionable.to_string(),
            row.searches.to_string(),
            row.first.to_string(),
            row.last.to_string(),
            grounds.join("; "),
            evidence.join("; "),
        ];
        csv.write_record(cells.iter().map(|cell| no_formula(cell)))
            .map_err(failed)?;
    }
    csv.into_inner()
        .map_err(|e| Error::writing("the proposals", e.into_error()))
}

/// A cell that a spreadsheet program would run as a formula gets an apostrophe in front.
pub(crate) fn no_formula(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("{}{cell}", if risky { "'" } else { "" })
}
