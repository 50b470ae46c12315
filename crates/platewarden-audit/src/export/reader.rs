//! Streaming reader of search-log exports.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::ByteRecord;
use jiff::tz::TimeZone;

use crate::{Error, ErrorKind, Result};

use super::column::COLUMNS;
use super::header::Join;
use super::options::ReadOptions;
use super::sniff::{Form, sniff};
use super::table::{Position, Rows, Unread};
use super::{Column, Header, LogTime, Record, is_mask, parse_log_time};

/// A row that is not understood; it is reported, never dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unparsed {
    /// The line of the file on which it begins, or the row of the sheet, from 1.
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

/// Reads one export, row by row, with one row in memory.
#[derive(Debug)]
pub struct Reader<R> {
    rows: Rows<R>,
    header: Header,
    zone: TimeZone,
    text: String,
    stamp: String,
}

impl Reader<File> {
    /// Opens a text file; [`open`](super::open) takes workbooks and archives too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] when it cannot be opened, else as for [`Reader::new`].
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| Error::file(ErrorKind::Input, "open", path, e))?;
        Self::new(file)
    }
}

impl<R: Read> Reader<R> {
    /// Reads up to the first search. Delimiter and encoding are found out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] when reading fails; [`ErrorKind::Format`] when this is no search log. The error names the
    /// columns found and how to map them.
    pub fn new(input: R) -> Result<Self> {
        Self::with_options(input, &ReadOptions::default())
    }

    /// The same, with columns mapped and a zone given.
    ///
    /// # Errors
    ///
    /// As for [`Reader::new`].
    pub fn with_options(input: R, options: &ReadOptions) -> Result<Self> {
        let unread = Unread::new(input, false)?;
        match sniff(&unread.heads, &options.columns)? {
            (delimiter, Form::Searches(header, skip)) => {
                Self::of(unread.rows(delimiter, skip)?, header, options)
            }
            (_, Form::Events(..)) => Err(other("an event log of what administrators did")),
            (_, Form::Sharing(..)) => Err(other("a list of who shares with whom")),
        }
    }

    pub(super) fn of(rows: Rows<R>, header: Header, options: &ReadOptions) -> Result<Self> {
        Ok(Self {
            rows,
            header,
            zone: options.zone.clone().unwrap_or(TimeZone::UTC),
            text: String::new(),
            stamp: String::new(),
        })
    }

    /// The columns of this file.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The clocks on which times without a zone are read, by name.
    #[must_use]
    pub fn zone_name(&self) -> String {
        super::zone_name(&self.zone)
    }

    /// How far the reader has come.
    #[must_use]
    pub fn position(&self) -> Position {
        self.rows.position()
    }

    /// The next row, or `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] when the file cannot be read any further; faulty rows are no errors.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if !self.rows.next()? {
            return Ok(None);
        }
        let line = self.rows.line();
        let record = &self.rows.record;
        let Some(cells) = cells(record, &self.header, &mut self.text) else {
            let problem = "a cell is longer than 4 GiB".to_owned();
            return Ok(Some(Row::Unparsed(unparsed(record, line, problem))));
        };
        let when = moment(&cells, &mut self.stamp);
        let Some(time) = parse_log_time(when) else {
            let found = if when.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{when}`")
            };
            let problem = format!("expected a time of search, found {found}");
            return Ok(Some(Row::Unparsed(unparsed(record, line, problem))));
        };
        Ok(Some(Row::Search(Record {
            time: match time {
                LogTime::Instant(at) => at,
                civil => civil.in_zone(&self.zone),
            },
            naive: time.is_naive(),
            cells,
            line,
            ragged: record.len() != self.header.width(),
        })))
    }
}

fn other(what: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("this is {what}, not a log of searches"),
    )
    .with_remedy("open it with `export::open`, which takes every sort of file")
}

/// The text of the time: one cell, or date and clock out of two.
fn moment<'a>(cells: &[Option<&'a str>; COLUMNS], stamp: &'a mut String) -> &'a str {
    let at = |column: Column| cells.get(column as usize).copied().flatten();
    match (at(Column::SearchDate), at(Column::SearchTime)) {
        // A time that already holds a date stands alone.
        (Some(date), Some(time)) if !time.contains(['/', '-']) && time.len() <= 16 => {
            stamp.clear();
            stamp.push_str(date.strip_suffix("T00:00:00").unwrap_or(date));
            stamp.push(' ');
            stamp.push_str(time);
            stamp.as_str()
        }
        (Some(date), None) => date,
        (_, time) => time.unwrap_or_default(),
    }
}

/// The cells of understood columns, trimmed. Bytes that are no UTF-8 are replaced by U+FFFD.
fn cells<'a>(
    record: &'a ByteRecord,
    header: &Header,
    text: &'a mut String,
) -> Option<[Option<&'a str>; COLUMNS]> {
    let mut cells = [None; COLUMNS];
    if header.joins().is_empty()
        && let Ok(whole) = std::str::from_utf8(record.as_slice())
    {
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
    let mut ranges = [const { None }; COLUMNS];
    for column in Column::ALL {
        let cell = header.position(column).and_then(|index| record.get(index));
        if let (Some(cell), Some(slot)) = (cell, ranges.get_mut(column as usize)) {
            let start = text.len();
            text.push_str(&String::from_utf8_lossy(cell));
            *slot = Some(start..text.len());
        }
    }
    for join in header.joins() {
        let start = text.len();
        text.push_str(&joined(record, join));
        if let Some(slot) = ranges.get_mut(join.column as usize) {
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

/// Cells of one meaning as one text: each thing once, the menu value first; a mask only where nothing else stands.
fn joined(record: &ByteRecord, join: &Join) -> String {
    let cells: Vec<String> = join
        .parts
        .iter()
        .filter_map(|part| record.get(usize::from(*part)))
        .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
        .collect();
    let said: Vec<&String> = cells
        .iter()
        .filter(|cell| !cell.is_empty() && !is_mask(cell))
        .collect();
    if said.is_empty() {
        let mask = cells.iter().find(|cell| !cell.is_empty());
        return mask.cloned().unwrap_or_default();
    }
    let mut text = String::new();
    for (at, cell) in said.iter().enumerate() {
        let holds = |other: &str| {
            other.len() >= cell.len()
                && other
                    .get(..cell.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(cell))
        };
        // `Burglary` beside `Burglary - smashed window` adds nothing, and of two alike one is enough.
        let repeated = said.iter().enumerate().any(|(other, text)| {
            other != at && holds(text) && (text.len() > cell.len() || other < at)
        });
        if repeated {
            continue;
        }
        if !text.is_empty() {
            if join.column == Column::OrgName {
                // One agency searched: the first that is named.
                break;
            }
            text.push_str(if join.column == Column::Reason {
                " - "
            } else {
                " / "
            });
        }
        text.push_str(cell);
    }
    text
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
