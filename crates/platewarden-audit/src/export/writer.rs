//! Our own export: the superset of all eras, and what the decision adds.

use std::io::Write;

use jiff::Timestamp;

use crate::{Error, Result};

use super::{Column, format_time};

/// Names of the columns that this project adds to the superset.
const ADDED: [&str; 11] = [
    "Decision",
    "Reasons",
    "Obligations",
    "Pack Version",
    "Data Jurisdiction",
    "On Behalf Of",
    "Declaration ID",
    "Offense Code",
    "Legal Process",
    "Prev Hash",
    "Row Hash",
];

/// What a decision adds to a row; blank where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecisionCells<'a> {
    /// The outcome.
    pub decision: &'a str,
    /// Rules with citations.
    pub reasons: &'a str,
    /// Duties of the searcher.
    pub obligations: &'a str,
    /// Packs in force and their versions.
    pub pack_version: &'a str,
    /// Where the data was captured.
    pub data_jurisdiction: &'a str,
    /// For whom the search was made.
    pub on_behalf_of: &'a str,
    /// The declaration relied on.
    pub declaration: &'a str,
    /// The offence.
    pub offence: &'a str,
    /// The warrant or order.
    pub legal_process: &'a str,
    /// Hash of the row before, where the rows are chained.
    pub previous_hash: &'a str,
    /// Hash of this row.
    pub row_hash: &'a str,
}

impl<'a> DecisionCells<'a> {
    const fn cells(&self) -> [&'a str; 11] {
        [
            self.decision,
            self.reasons,
            self.obligations,
            self.pack_version,
            self.data_jurisdiction,
            self.on_behalf_of,
            self.declaration,
            self.offence,
            self.legal_process,
            self.previous_hash,
            self.row_hash,
        ]
    }
}

/// Writes exports that this crate and others' tools read back: the 14 columns of the superset under
/// their exact names, then our own.
///
/// ```
/// use platewarden_audit::export::{Column, DecisionCells, ExportWriter, Reader, Row};
///
/// let mut writer = ExportWriter::new(Vec::new())?;
/// let time = "2026-01-05T13:27:03Z".parse().unwrap();
/// let cells = [(Column::Id, "x1"), (Column::OrgName, "Aurora IL PD"), (Column::Reason, "stolen, \"hot\" car")];
/// writer.write(time, &cells, &DecisionCells { decision: "permit", ..Default::default() })?;
/// let file = writer.finish()?;
///
/// let mut reader = Reader::new(file.as_slice())?;
/// let Some(Row::Search(row)) = reader.next_row()? else { panic!() };
/// assert_eq!((row.time, row.cell(Column::Reason)), (time, Some("stolen, \"hot\" car")));
/// # Ok::<(), platewarden_audit::Error>(())
/// ```
#[derive(Debug)]
pub struct ExportWriter<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> ExportWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`](crate::ErrorKind::Output) when writing fails.
    pub fn new(output: W) -> Result<Self> {
        let mut csv = csv::WriterBuilder::new()
            .buffer_capacity(1 << 18)
            .from_writer(output);
        let superset = Column::superset().iter().map(|column| column.name());
        csv.write_record(superset.chain(ADDED))
            .map_err(|e| Error::writing("the export", e))?;
        Ok(Self { csv })
    }

    /// Writes one search. Columns that are not named are blank; [`Column::SearchTime`] is set from `time`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`](crate::ErrorKind::Output) when writing fails.
    pub fn write(
        &mut self,
        time: Timestamp,
        cells: &[(Column, &str)],
        decision: &DecisionCells,
    ) -> Result<()> {
        let when = format_time(time);
        let mut row = [""; 14];
        for (column, cell) in cells {
            if let Some(slot) = row.get_mut(*column as usize) {
                *slot = cell;
            }
        }
        if let Some(slot) = row.get_mut(Column::SearchTime as usize) {
            *slot = &when;
        }
        self.csv
            .write_record(row.into_iter().chain(decision.cells()))
            .map_err(|e| Error::writing("the export", e))
    }

    /// Flushes and gives the output back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`](crate::ErrorKind::Output) when flushing fails.
    pub fn finish(self) -> Result<W> {
        self.csv
            .into_inner()
            .map_err(|e| Error::writing("the export", e.into_error()))
    }
}
