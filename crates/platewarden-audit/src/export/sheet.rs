//! Workbooks: every sheet laid out as text in a temporary file, one line a row.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom};

use calamine::{
    Data, DataRef, Reader as _, Xlsx, open_workbook_auto_from_rs, open_workbook_from_rs,
};

use crate::{Error, ErrorKind, Result};

use super::time::serial;

/// One sheet and its rows as CSV.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) text: File,
}

/// The sheets that hold anything.
pub(super) fn sheets(file: File) -> Result<Vec<Sheet>> {
    let failed = |e: calamine::Error| {
        Error::new(ErrorKind::Format, "cannot read the workbook").with_source(e)
    };
    let again = file.try_clone().map_err(Error::reading)?;
    if let Ok(mut book) = open_workbook_from_rs::<Xlsx<_>, _>(BufReader::new(file)) {
        let mut list = Vec::new();
        for name in book.sheet_names() {
            if let Some(text) = streamed(&mut book, &name)? {
                list.push(Sheet { name, text });
            }
        }
        return Ok(list);
    }
    // Older forms and OpenDocument; their sheets are read whole.
    let mut bytes = Vec::new();
    let mut again = again;
    again
        .seek(SeekFrom::Start(0))
        .and_then(|_| again.read_to_end(&mut bytes))
        .map_err(Error::reading)?;
    let mut book = open_workbook_auto_from_rs(std::io::Cursor::new(bytes)).map_err(failed)?;
    let mut list = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(failed)?;
        let mut out = Layout::new()?;
        let first = range.start().map_or(0, |(row, _)| row);
        for (index, row) in range.rows().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let at = u32::try_from(index)
                    .unwrap_or(u32::MAX)
                    .saturating_add(first);
                out.cell(at, column, &text(cell))?;
            }
        }
        if let Some(text) = out.finish()? {
            list.push(Sheet { name, text });
        }
    }
    Ok(list)
}

/// Cell by cell, so that a sheet of a million rows is never in memory.
fn streamed(book: &mut Xlsx<BufReader<File>>, name: &str) -> Result<Option<File>> {
    let failed = |e: calamine::XlsxError| {
        Error::new(ErrorKind::Format, format!("cannot read the sheet `{name}`")).with_source(e)
    };
    let mut cells = book.worksheet_cells_reader(name).map_err(failed)?;
    let mut out = Layout::new()?;
    while let Some(cell) = cells.next_cell().map_err(failed)? {
        let (row, column) = cell.get_position();
        let value = match cell.get_value() {
            DataRef::SharedString(text) => (*text).to_owned(),
            other => text(&Data::from(other.clone())),
        };
        out.cell(row, usize::try_from(column).unwrap_or(usize::MAX), &value)?;
    }
    out.finish()
}

/// Rows as CSV, blank ones included: the number of a record is then the row of the sheet.
struct Layout {
    csv: csv::Writer<BufWriter<File>>,
    row: u32,
    cells: Vec<String>,
    any: bool,
}

/// Sheets have 16,384 columns at most; logs a few dozen.
const COLUMNS: usize = 1_024;

impl Layout {
    fn new() -> Result<Self> {
        let file = tempfile::tempfile()
            .map_err(|e| Error::writing("a temporary file for the sheet", e))?;
        Ok(Self {
            csv: csv::WriterBuilder::new()
                .flexible(true)
                .from_writer(BufWriter::new(file)),
            row: 0,
            cells: Vec::new(),
            any: false,
        })
    }

    fn cell(&mut self, row: u32, column: usize, text: &str) -> Result<()> {
        while self.row < row {
            self.end_row()?;
        }
        if text.is_empty() || column >= COLUMNS {
            return Ok(());
        }
        self.any = true;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if let Some(slot) = self.cells.get_mut(column) {
            slot.push_str(text);
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<()> {
        if self.cells.is_empty() {
            self.cells.push(String::new());
        }
        self.csv
            .write_record(&self.cells)
            .map_err(|e| Error::writing("a temporary file for the sheet", e))?;
        self.cells.clear();
        self.row += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<Option<File>> {
        if !self.any {
            return Ok(None);
        }
        self.end_row()?;
        let failed = |e: std::io::Error| Error::writing("a temporary file for the sheet", e);
        let buffer = self.csv.into_inner().map_err(|e| failed(e.into_error()))?;
        let mut file = buffer.into_inner().map_err(|e| failed(e.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(Some(file))
    }
}

/// A cell as an export would write it; dates as ISO 8601 without a zone, since a workbook knows none.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => value.to_string(),
        Data::DateTime(value) => moment(value.as_f64()),
        #[allow(
            unreachable_patterns,
            reason = "calamine may grow further sorts of cells"
        )]
        other => other.to_string(),
    }
}

/// A serial number: below one day a clock alone, whole days a date alone.
fn moment(value: f64) -> String {
    let Some(time) = serial(value) else {
        return value.to_string();
    };
    if value < 1.0 {
        time.time().to_string()
    } else if value.fract() == 0.0 {
        time.date().to_string()
    } else {
        time.to_string()
    }
}
