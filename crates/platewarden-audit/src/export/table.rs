//! A file as rows of cells: delimiter and encoding found out, sheets laid out as text before.

use std::io::{Chain, Cursor, Read};

use csv::ByteRecord;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::{Error, Result};

/// Bytes looked at before reading begins: enough for a title, labels and some rows.
const SAMPLE: u64 = 1 << 16;

/// Rows looked at in search of the labels.
const HEAD: usize = 24;

/// The delimiters that files use.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// The bytes of a file as UTF-8.
#[derive(Debug)]
enum Input<R> {
    Plain(Whole<R>),
    Decoded(Box<DecodeReaderBytes<Whole<R>, Vec<u8>>>),
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(input) => input.read(buffer),
            Self::Decoded(input) => input.read(buffer),
        }
    }
}

/// The first rows of a file under one delimiter.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) delimiter: u8,
    pub(super) rows: Vec<Vec<String>>,
}

/// A file whose form is not settled yet.
#[derive(Debug)]
pub(super) struct Unread<R> {
    input: Input<R>,
    /// Its first rows under each delimiter, the most common first.
    pub(super) heads: Vec<Head>,
    sheet: bool,
}

impl<R: Read> Unread<R> {
    /// Looks at the beginning. `sheet` says that every row is one line, as a sheet that was laid out as text.
    pub(super) fn new(mut input: R, sheet: bool) -> Result<Self> {
        let mut sample = Vec::new();
        input
            .by_ref()
            .take(SAMPLE)
            .read_to_end(&mut sample)
            .map_err(Error::reading)?;
        let whole = sample.len() < usize::try_from(SAMPLE).unwrap_or(usize::MAX);
        let encoding = utf16(&sample);
        let text = encoding.map_or_else(
            || sample.clone(),
            |encoding| encoding.decode(&sample).0.into_owned().into_bytes(),
        );
        let heads = DELIMITERS
            .into_iter()
            .map(|delimiter| head(&text, delimiter, whole))
            .collect();
        let bytes = Cursor::new(sample).chain(input);
        let input = match encoding {
            None => Input::Plain(bytes),
            Some(encoding) => Input::Decoded(Box::new(
                DecodeReaderBytesBuilder::new()
                    .encoding(Some(encoding))
                    .build(bytes),
            )),
        };
        Ok(Self {
            input,
            heads,
            sheet,
        })
    }

    /// The rows, from the first or from behind the labels.
    pub(super) fn rows(self, delimiter: u8, skip: usize) -> Result<Rows<R>> {
        let csv = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .delimiter(delimiter)
            .buffer_capacity(1 << 18)
            .from_reader(self.input);
        let mut rows = Rows {
            csv,
            record: ByteRecord::new(),
            lag: 0,
            sheet: self.sheet,
            rows: 0,
        };
        for _ in 0..skip {
            rows.advance()?;
        }
        if skip > 0 {
            // The reader stops between CR and LF: the count then lags by one line.
            let start = rows.record.position().map_or(1, csv::Position::line);
            let lag = rows.csv.position().line() == start + line_feeds(&rows.record);
            rows.lag = u64::from(lag);
        }
        Ok(rows)
    }
}

/// UTF-16 by its byte order mark, or by the zeros that every Latin letter has beside it.
fn utf16(sample: &[u8]) -> Option<&'static Encoding> {
    match sample {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let head = sample.get(..sample.len().min(1024)).unwrap_or_default();
    let zeros = |odd: usize| {
        head.iter()
            .enumerate()
            .filter(|(at, byte)| at % 2 == odd && **byte == 0)
            .count()
    };
    let many = head.len() / 6;
    if many == 0 {
        None
    } else if zeros(1) > many && zeros(0) == 0 {
        Some(UTF_16LE)
    } else if zeros(0) > many && zeros(1) == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn head(text: &[u8], delimiter: u8, whole: bool) -> Head {
    let mut csv = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text);
    let mut rows = Vec::new();
    let mut record = ByteRecord::new();
    while rows.len() < HEAD && csv.read_byte_record(&mut record).unwrap_or(false) {
        let cells = record.iter().map(|cell| {
            let cell = String::from_utf8_lossy(cell);
            cell.trim_start_matches('\u{feff}').trim().to_owned()
        });
        rows.push(cells.collect());
    }
    if !whole && rows.len() < HEAD {
        // The last row of the sample may be cut off.
        rows.pop();
    }
    Head { delimiter, rows }
}

/// How far a reader has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Bytes consumed.
    pub bytes: u64,
    /// Data rows, whether understood or not.
    pub rows: u64,
}

/// The rows of a file, with one of them in memory.
#[derive(Debug)]
pub(super) struct Rows<R> {
    csv: csv::Reader<Input<R>>,
    pub(super) record: ByteRecord,
    /// 1 where rows end with CR LF, which the reader takes apart.
    lag: u64,
    sheet: bool,
    rows: u64,
}

impl<R: Read> Rows<R> {
    fn advance(&mut self) -> Result<bool> {
        self.csv
            .read_byte_record(&mut self.record)
            .map_err(Error::reading)
    }

    /// Goes on to the next row that is not blank.
    pub(super) fn next(&mut self) -> Result<bool> {
        loop {
            if !self.advance()? {
                return Ok(false);
            }
            // A line of nothing but commas or blanks is no row.
            if !self.record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                self.rows += 1;
                return Ok(true);
            }
        }
    }

    /// The line on which the row at hand begins, or the row of the sheet, from 1.
    pub(super) fn line(&self) -> u64 {
        let position = self.record.position();
        if self.sheet {
            return position.map_or(0, csv::Position::record) + 1;
        }
        let before = position.map_or(0, csv::Position::line);
        let after = self.csv.position().line();
        // Counted from both ends: blank lines lie before the row, and the last row may lack its line end.
        let from_end = (after + self.lag).saturating_sub(1 + line_feeds(&self.record));
        from_end.max(before + self.lag)
    }

    pub(super) fn position(&self) -> Position {
        Position {
            bytes: self.csv.position().byte(),
            rows: self.rows,
        }
    }
}

fn line_feeds(record: &ByteRecord) -> u64 {
    let bytes = record.as_slice().iter();
    bytes.map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_found_out() {
        let utf16le =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        assert_eq!(utf16(&utf16le("\u{feff}ID,Reason")), Some(UTF_16LE));
        assert_eq!(utf16(&utf16le("ID,Reason,Search Time")), Some(UTF_16LE));
        assert_eq!(utf16(b"ID,Reason,Search Time"), None);
        assert_eq!(utf16(b""), None);
    }
}
