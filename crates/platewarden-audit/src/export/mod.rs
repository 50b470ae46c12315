//! Reading and writing exports: logs of searches, event logs, lists of who shares with whom.
//!
//! [`open`] takes a file as it was sent: CSV with any delimiter, UTF-8 or UTF-16, a workbook, or a zip archive of them.
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
//! | `01/25/2024, 01:27:03 PM UTC`, unpadded, split over two columns, ISO 8601, `Mar 1, 2026`, zone abbreviations, JavaScript's strings, Excel's serial days | [`parse_log_time`]; a time without a zone is told apart and counted |
//! | `Offense Type` beside `Reason` | [`Header`] joins columns of one meaning, and names what it ignores |
//! | no labels | the columns of the eras, known by what stands in them |
//! | labels that nobody knows | the error names them, the nearest known ones, and how to map them with a [`ColumnMap`] |
//! | `***`, `REDACTED`, `###`, exemption cites | [`is_mask`]: only where the mask is the whole cell, because `*` is also a plate wildcard |
//! | `——` or 0 in `Total Devices Searched`, 0 in `Total Networks Searched` | unknown, not zero |
//! | `ID` not unique; the same search in several agencies' audits | [`Record::duplicate_key`] joins UUID, second and networks in 128 keyed bits |
//! | `<menu value> - <free text>` in `Reason`, plates in automatic reasons | [`platewarden_policy::classifier`] |
//! | `lookup - Mobile`, a dozen search types | [`SearchType`] |
//! | `[Federal]` before and `[Inactive]` after the agency's name | [`AgencyName`](platewarden_policy::model::AgencyName) |
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

mod column;
mod event;
mod event_columns;
mod files;
mod header;
mod layout;
mod mapping;
mod mask;
mod options;
mod reader;
mod record;
mod search_type;
mod sharing;
mod sharing_columns;
mod sheet;
mod sniff;
mod synthetic;
mod table;
mod time;
mod writer;

pub use column::Column;
pub use event::{Event, EventReader};
pub use files::{Content, Opened, open};
pub use header::Header;
pub use mapping::ColumnMap;
pub use mask::is_mask;
pub use options::ReadOptions;
pub use reader::{Reader, Row, Unparsed};
pub use record::Record;
pub use search_type::SearchType;
pub use sharing::{SharingReader, SharingRow};
pub use synthetic::{Planted, SyntheticLog, SyntheticSpan};
pub use table::Position;
pub(crate) use time::zone_name;
pub use time::{
    LogTime, TimeFrame, format_time, parse_log_time, parse_time, parse_time_frame, place_zone,
};
pub use writer::{DecisionCells, ExportWriter};
