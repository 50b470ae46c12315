//! Event logs: the third export, which holds what administrators did.

use std::io::Read;

use csv::ByteRecord;
use jiff::Timestamp;

use crate::{Error, Result};
use platewarden_policy::model::same_token;

use super::parse_time;

/// One administrative action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
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
    /// The value of a detail by its label.
    #[must_use]
    pub fn detail(&self, label: &str) -> Option<&str> {
        self.details
            .iter()
            .find(|(l, _)| same_token(l, label))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the event changed who may search the agency's cameras.
    #[must_use]
    pub fn is_sharing_change(&self) -> bool {
        same_token(&self.entity_type, "networkShare")
            || same_token(&self.entity_type, "networkShareSettings")
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
    csv: csv::Reader<R>,
    record: ByteRecord,
    positions: [Option<usize>; 6],
}

const LABELS: [&str; 6] = [
    "Event Id",
    "Timestamp",
    "User",
    "Event Type",
    "Entity Type",
    "Entity Details",
];

impl<R: Read> EventReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::Csv`] when reading fails; [`Error::Invalid`] when the labels are not those of an event log.
    pub fn new(input: R) -> Result<Self> {
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(input);
        let mut record = ByteRecord::new();
        csv.read_byte_record(&mut record)
            .map_err(|source| Error::Csv {
                action: "read",
                source,
            })?;
        let labels: Vec<String> = record
            .iter()
            .map(|label| {
                String::from_utf8_lossy(label)
                    .trim_start_matches('\u{feff}')
                    .trim()
                    .to_owned()
            })
            .collect();
        let positions =
            LABELS.map(|wanted| labels.iter().position(|label| same_token(label, wanted)));
        if let [_, Some(_), _, Some(_), Some(_), _] = positions {
            Ok(Self {
                csv,
                record,
                positions,
            })
        } else {
            Err(Error::Invalid {
                what: "event log",
                expected: "a header row with `Timestamp`, `Event Type` and `Entity Type`"
                    .to_owned(),
                found: format!("`{}`", labels.join(", ")),
            })
        }
    }

    fn cell(&self, index: usize) -> String {
        let cell = self
            .positions
            .get(index)
            .copied()
            .flatten()
            .and_then(|at| self.record.get(at));
        cell.map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
            .unwrap_or_default()
    }
}

impl<R: Read> Iterator for EventReader<R> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.csv.read_byte_record(&mut self.record) {
            Ok(false) => None,
            Err(source) => Some(Err(Error::Csv {
                action: "read",
                source,
            })),
            Ok(true) => {
                let details = self.cell(5);
                let pair = |line: &str| {
                    let (label, value) = line.split_once(':').unwrap_or(("", line));
                    (label.trim().to_owned(), value.trim().to_owned())
                };
                Some(Ok(Event {
                    id: self.cell(0),
                    time: parse_time(&self.cell(1)),
                    user: self.cell(2),
                    event_type: self.cell(3),
                    entity_type: self.cell(4),
                    details: details
                        .lines()
                        .filter(|line| !line.trim().is_empty())
                        .map(pair)
                        .collect(),
                }))
            }
        }
    }
}
