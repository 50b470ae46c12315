//! Event logs: the export that holds what administrators did.

use std::io::Read;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Error, ErrorKind, Result};

use super::column::fold;
use super::event_columns::Columns;
use super::sniff::{Form, sniff};
use super::table::{Rows, Unread};
use super::{ReadOptions, parse_log_time};

/// One administrative action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The line of the file on which it begins, or the row of the sheet, from 1.
    pub line: u64,
    /// Its id.
    pub id: String,
    /// When it happened; `None` where the cell is not understood.
    pub time: Option<Timestamp>,
    /// Who did it.
    pub user: String,
    /// `create`, `update` or `delete`.
    pub event_type: String,
    /// What was acted on, such as `networkShare` or `Custom Hotlist Entry`.
    pub entity_type: String,
    /// The lines `Label: value` of the details; a line without a label has an empty one.
    pub details: Vec<(String, String)>,
}

impl Event {
    /// The value of a detail by its label; letter case, blanks and signs do not matter.
    #[must_use]
    pub fn detail(&self, label: &str) -> Option<&str> {
        let wanted = fold(label);
        self.details
            .iter()
            .find(|(label, _)| fold(label) == wanted)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the event changed who may search the agency's cameras.
    #[must_use]
    pub fn is_sharing_change(&self) -> bool {
        ["networkshare", "networksharesettings"].contains(&fold(&self.entity_type).as_str())
    }

    /// Whether the event put a plate on a hotlist, or changed an entry.
    #[must_use]
    pub fn is_hotlist_entry(&self) -> bool {
        fold(&self.entity_type) == "customhotlistentry" && fold(&self.event_type) != "delete"
    }

    /// The agency that a change of sharing is about.
    #[must_use]
    pub fn shared_with(&self) -> Option<&str> {
        [
            "Organization",
            "Organization Name",
            "Network",
            "Network Name",
            "Agency",
            "Shared With",
            "Shared To",
        ]
        .into_iter()
        .find_map(|label| self.detail(label))
        .filter(|name| !name.is_empty())
    }
}

/// Reads an event log, row by row.
///
/// ```
/// use platewarden_audit::export::EventReader;
/// let file = "Event Id,Timestamp,User,Event Type,Entity Type,Entity Details\n\
///             7,2026-01-05T13:27:03Z,chief,delete,networkShare,\"Organization: Houston TX PD\nScope: all\"\n";
/// let event = EventReader::new(file.as_bytes())?.next().unwrap()?;
/// assert!(event.is_sharing_change());
/// assert_eq!(event.detail("Organization"), Some("Houston TX PD"));
/// # Ok::<(), platewarden_audit::Error>(())
/// ```
#[derive(Debug)]
pub struct EventReader<R> {
    rows: Rows<R>,
    columns: Columns,
    zone: TimeZone,
}

impl<R: Read> EventReader<R> {
    /// Reads up to the first event. Delimiter and encoding are found out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] when reading fails; [`ErrorKind::Format`] when the labels are not those of an event log.
    pub fn new(input: R) -> Result<Self> {
        let options = ReadOptions::default();
        let unread = Unread::new(input, false)?;
        match sniff(&unread.heads, &options.columns)? {
            (delimiter, Form::Events(columns, skip)) => {
                Ok(Self::of(unread.rows(delimiter, skip)?, columns, &options))
            }
            _ => Err(Error::new(
                ErrorKind::Format,
                "no event log: a header row with `Timestamp`, `Event Type` and `Entity Type` is needed",
            )),
        }
    }

    pub(super) fn of(rows: Rows<R>, columns: Columns, options: &ReadOptions) -> Self {
        Self {
            rows,
            columns,
            zone: options.zone.clone().unwrap_or(TimeZone::UTC),
        }
    }

    fn cell(&self, index: usize) -> String {
        let position = self.columns.position(index);
        let cell = position.and_then(|at| self.rows.record.get(at));
        cell.map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
            .unwrap_or_default()
    }

    fn event(&self) -> Event {
        let pair = |line: &str| {
            let (label, value) = line.split_once(':').unwrap_or(("", line));
            (label.trim().to_owned(), value.trim().to_owned())
        };
        let details = self.cell(5);
        Event {
            line: self.rows.line(),
            id: self.cell(0),
            time: parse_log_time(&self.cell(1)).map(|time| time.in_zone(&self.zone)),
            user: self.cell(2),
            event_type: self.cell(3),
            entity_type: self.cell(4),
            details: details
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(pair)
                .collect(),
        }
    }
}

impl<R: Read> Iterator for EventReader<R> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.next() {
            Ok(false) => None,
            Ok(true) => Some(Ok(self.event())),
            Err(error) => Some(Err(error)),
        }
    }
}
