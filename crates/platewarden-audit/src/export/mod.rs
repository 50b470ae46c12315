//! Reading and writing the CSV exports of search logs.
//!
//! The schema differs by agency and month, so columns are found by name and never by position. The
//! reader streams: one record is in memory at a time. A row that cannot be understood comes out as
//! [`Row::Unparsed`] with its text and the problem; no row is ever dropped.
//!
//! What real releases do, and what is done about it:
//!
//! | in the file | here |
//! |---|---|
//! | byte order mark, blanks before header names, names without a column and columns without a name | names are trimmed; surplus cells are kept as they are |
//! | `Time Frame` holds two times split by a line break or ` to ` | [`TimeFrame`], quoted line breaks included |
//! | `01/25/2024, 01:27:03 PM UTC`, unpadded, split over two columns, ISO 8601 | [`parse_time`]; always UTC |
//! | `***`, `REDACTED`, `###`, exemption cites | [`is_mask`]: only where the mask is the whole cell, because `*` is also a plate wildcard |
//! | `——` or 0 in `Total Devices Searched`, 0 in `Total Networks Searched` | unknown, not zero |
//! | `ID` not unique; the same search in several agencies' audits | [`Record::duplicate_key`] joins UUID, second and networks |
//! | `<menu value> - <free text>` in `Reason`, plates in automatic reasons | [`platewarden_policy::classifier`] |
//! | `lookup - Mobile`, a dozen search types | [`SearchType`] |
//! | `[Federal]` before and `[Inactive]` after the agency's name | [`OrgName`] |
//! | windows that end after the search or before they start | [`TimeFrame`] keeps both ends as they stand |
//!
//! ```
//! use platewarden_audit::export::{Reader, Row};
//!
//! let file = "\u{feff}ID, Org Name, Reason, Search Time\n\
//!             x1,Aurora IL PD,stolen vehicle,\"1/5/2026, 1:27:03 PM UTC\"\n\
//!             x2,Aurora IL PD,burglary,yesterday\n";
//! let mut reader = Reader::new(file.as_bytes())?;
//! let mut rows = Vec::new();
//! while let Some(row) = reader.next_row()? {
//!     rows.push(matches!(row, Row::Search(_)));
//! }
//! assert_eq!(rows, [true, false]);
//! # Ok::<(), platewarden_audit::Error>(())
//! ```

mod event;
mod header;
mod org;
mod reader;
mod record;
mod synthetic;
mod time;
mod writer;

pub use event::{Event, EventReader};
pub use header::{Column, Header};
pub use org::OrgName;
pub use reader::{Position, Reader, Row, Unparsed};
pub use record::{Record, SearchType, is_mask};
pub use synthetic::{Planted, SyntheticLog, SyntheticSpan};
pub use time::{TimeFrame, format_time, parse_time, parse_time_frame};
pub use writer::{DecisionCells, ExportWriter};
