//! Streaming reader of search-log exports.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::ByteRecord;

use crate::{Error, Result};

use super::{Column, Header, Record, parse_time};

/// A row that is not understood; it is reported, never dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unparsed {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
    /// Its cells, as far as they could be told apart.
    pub cells: Vec<String>,
}

/// One row of an export.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one row lives at a time; boxing would allocate for each of them"
)]
pub enum Row<'a> {
    /// A search.
    Search(Record<'a>),
    /// A row that is not understood.
    Unparsed(Unparsed),
}

/// How far a reader has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Bytes consumed.
    pub bytes: u64,
    /// Data rows seen, whether understood or not.
    pub rows: u64,
}

/// Reads one export, row by row, with one row in memory.
#[derive(Debug)]
pub struct Reader<R> {
    csv: csv::Reader<R>,
    header: Header,
    /// 1 where rows end with CR LF, which the reader takes apart.
    lag: u64,
    record: ByteRecord,
    text: String,
    stamp: String,
    rows: u64,
}

impl Reader<File> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be opened, else as for [`Reader::new`].
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|source| Error::Io {
            action: "open",
            path: path.to_owned(),
            source,
        })?;
        Self::new(file)
    }
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::Csv`] when reading fails; [`Error::Invalid`] when the labels are not those of a search log.
    pub fn new(input: R) -> Result<Self> {
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(1 << 18)
            .from_reader(input);
        let mut record = ByteRecord::new();
        // Some releases put blank lines or a title above the labels.
        let mut first_labels = String::new();
        for _ in 0..8 {
            if !csv
                .read_byte_record(&mut record)
                .map_err(|source| Error::Csv {
                    action: "read",
                    source,
                })?
            {
                break;
            }
            let labels: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
            let header = Header::new(labels.iter().map(AsRef::as_ref));
            if header.is_search_log() {
                // The reader stops between CR and LF: the count then lags by one line.
                let start = record.position().map_or(1, csv::Position::line);
                let lag = csv.position().line() == start + line_feeds(&record);
                return Ok(Self {
                    csv,
                    header,
                    record,
                    lag: u64::from(lag),
                    text: String::new(),
                    stamp: String::new(),
                    rows: 0,
                });
            }
            if first_labels.is_empty() {
                first_labels = labels.join(", ").trim_start_matches('\u{feff}').to_owned();
            }
        }
        Err(Error::Invalid {
            what: "search log",
            expected: "a header row with `Search Time` and one of `Reason`, `Org Name` and `License Plate`".to_owned(),
            found: if first_labels.is_empty() { "no row".to_owned() } else { format!("`{first_labels}`") },
        })
    }

    /// The columns of this file.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The line on which the row at hand begins, from 1.
    fn line(&self) -> u64 {
        let before = self.record.position().map_or(0, csv::Position::line);
        let after = self.csv.position().line();
        // Counted from both ends: blank lines lie before the row, and the last row may lack its line end.
        let from_end = (after + self.lag).saturating_sub(1 + line_feeds(&self.record));
        from_end.max(before + self.lag)
    }

    /// How far the reader has come.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            bytes: self.csv.position().byte(),
            rows: self.rows,
        }
    }

    /// The next row, or `None` at the end of the file.
    ///
    /// # Errors
    /// [`Error::Csv`] when the file cannot be read any further; faulty rows are no errors.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            if !self
                .csv
                .read_byte_record(&mut self.record)
                .map_err(|source| Error::Csv {
                    action: "read",
                    source,
                })?
            {
                return Ok(None);
            }
            // A line of nothing but commas or blanks is no row.
            if !self.record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                break;
            }
        }
        self.rows += 1;
        let line = self.line();
        let Self {
            record,
            text,
            stamp,
            header,
            ..
        } = self;
        let Some(cells) = cells(record, header, text) else {
            return Ok(Some(Row::Unparsed(unparsed(
                record,
                line,
                "a cell is longer than 4 GiB".to_owned(),
            ))));
        };
        let at = |column: Column| cells.get(column as usize).copied().flatten();
        let when = match (at(Column::SearchDate), at(Column::SearchTime)) {
            // Date and time in two columns; a time that already holds a date stands alone.
            (Some(date), Some(time)) if !time.contains(['/', '-']) => {
                stamp.clear();
                stamp.push_str(date);
                stamp.push(' ');
                stamp.push_str(time);
                stamp.as_str()
            }
            (Some(date), None) => date,
            (_, time) => time.unwrap_or_default(),
        };
        let Some(time) = parse_time(when) else {
            let found = if when.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{when}`")
            };
            return Ok(Some(Row::Unparsed(unparsed(
                record,
                line,
                format!("expected a time of search, found {found}"),
            ))));
        };
        let ragged = record.len() != header.width();
        Ok(Some(Row::Search(Record {
            cells,
            time,
            line,
            ragged,
        })))
    }
}

/// The cells of understood columns, trimmed. Bytes that are no UTF-8 are replaced by U+FFFD.
fn cells<'a>(
    record: &'a ByteRecord,
    header: &Header,
    text: &'a mut String,
) -> Option<[Option<&'a str>; 15]> {
    let mut cells = [None; 15];
    if let Ok(whole) = std::str::from_utf8(record.as_slice()) {
        for column in Column::ALL {
            let range = header
                .position(column)
                .and_then(|index| record.range(index));
            if let (Some(range), Some(slot)) = (range, cells.get_mut(column as usize)) {
                *slot = whole.get(range).map(str::trim);
            }
        }
        return Some(cells);
    }
    text.clear();
    let mut ranges = [const { None }; 15];
    for column in Column::ALL {
        let cell = header.position(column).and_then(|index| record.get(index));
        if let (Some(cell), Some(slot)) = (cell, ranges.get_mut(column as usize)) {
            let start = text.len();
            text.push_str(&String::from_utf8_lossy(cell));
            *slot = Some(start..text.len());
        }
    }
    let text: &'a str = text;
    for (slot, range) in cells.iter_mut().zip(ranges) {
        *slot = match range {
            Some(range) => Some(text.get(range)?.trim()),
            None => None,
        };
    }
    Some(cells)
}

fn line_feeds(record: &ByteRecord) -> u64 {
    let bytes = record.as_slice().iter();
    bytes.map(|byte| u64::from(*byte == b'\n')).sum()
}

fn unparsed(record: &ByteRecord, line: u64, problem: String) -> Unparsed {
    // A broken quote can swallow the rest of a file into one cell: what is listed stays readable.
    const MOST: usize = 2_000;
    let cell = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if text.chars().count() > MOST {
            text.chars().take(MOST).chain("…".chars()).collect()
        } else {
            text.into_owned()
        }
    };
    Unparsed {
        line,
        problem,
        cells: record.iter().map(cell).collect(),
    }
}
