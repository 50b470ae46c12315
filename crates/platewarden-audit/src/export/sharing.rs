//! Lists of organisations and who shares with whom.

use std::io::Read;

use crate::{Error, ErrorKind, Result};

use super::ColumnMap;
use super::column::fold;
use super::sharing_columns::Columns;
use super::sniff::{Form, sniff};
use super::table::{Rows, Unread};

/// One organisation of a sharing list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharingRow {
    /// The line of the file, or the row of the sheet, from 1.
    pub line: u64,
    /// The organisation as the list writes it.
    pub organization: String,
    /// What it shares with the owner of the list, as it stands; blank for nothing.
    pub shared_with_me: String,
    /// What the owner of the list shares with it, as it stands; blank for nothing.
    pub sharing: String,
}

impl SharingRow {
    /// Whether the owner of the list lets the organisation in.
    #[must_use]
    pub fn is_let_in(&self) -> bool {
        is_something(&self.sharing)
    }

    /// Whether the organisation lets the owner of the list in.
    #[must_use]
    pub fn lets_in(&self) -> bool {
        is_something(&self.shared_with_me)
    }
}

/// Neither blank nor a word or sign for nothing.
fn is_something(cell: &str) -> bool {
    let cell = cell.trim();
    let word = fold(cell);
    !(word.is_empty() && !cell.contains(['✓', '✔', '●', '☑'])
        || [
            "no",
            "none",
            "0",
            "false",
            "n",
            "na",
            "nothing",
            "notshared",
            "notsharing",
            "off",
        ]
        .contains(&word.as_str()))
}

/// Reads a sharing list, row by row.
///
/// ```
/// use platewarden_audit::export::SharingReader;
/// let file = "Organization Name,Networks Shared With Me,Networks I'm Sharing\n\
///             Houston TX PD,Houston TX PD,Springfield IL PD\nReno NV PD,Reno NV PD,\n";
/// let rows: Vec<_> = SharingReader::new(file.as_bytes())?.collect::<Result<_, _>>()?;
/// assert!(rows[0].is_let_in() && !rows[1].is_let_in());
/// # Ok::<(), platewarden_audit::Error>(())
/// ```
#[derive(Debug)]
pub struct SharingReader<R> {
    rows: Rows<R>,
    columns: Columns,
}

impl<R: Read> SharingReader<R> {
    /// Reads up to the first organisation. Delimiter and encoding are found out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] when reading fails; [`ErrorKind::Format`] when the labels are not those of a sharing list.
    pub fn new(input: R) -> Result<Self> {
        let unread = Unread::new(input, false)?;
        match sniff(&unread.heads, &ColumnMap::default())? {
            (delimiter, Form::Sharing(columns, skip)) => {
                Ok(Self::of(unread.rows(delimiter, skip)?, columns))
            }
            _ => Err(Error::new(
                ErrorKind::Format,
                "no sharing list: a header row with `Organization Name` and `Networks I'm Sharing` is needed",
            )),
        }
    }

    pub(super) fn of(rows: Rows<R>, columns: Columns) -> Self {
        Self { rows, columns }
    }

    fn cell(&self, at: Option<usize>) -> String {
        let cell = at.and_then(|at| self.rows.record.get(at));
        cell.map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
            .unwrap_or_default()
    }
}

impl<R: Read> Iterator for SharingReader<R> {
    type Item = Result<SharingRow>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.next() {
            Ok(false) => None,
            Ok(true) => Some(Ok(SharingRow {
                line: self.rows.line(),
                organization: self.cell(Some(self.columns.organization)),
                shared_with_me: self.cell(self.columns.shared_with_me),
                sharing: self.cell(self.columns.sharing),
            })),
            Err(error) => Some(Err(error)),
        }
    }
}
