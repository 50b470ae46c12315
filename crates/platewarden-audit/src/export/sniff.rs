//! What a file is: a log of searches, an event log, a list of who shares with whom.

use crate::{Error, ErrorKind, Result};

use super::column::{Column, fold};
use super::header::Header;
use super::layout;
use super::mapping::ColumnMap;
use super::table::Head;
use super::{event_columns, sharing_columns};

/// What the first rows of a file show it to be.
#[derive(Debug)]
pub(super) enum Form {
    /// A log of searches; the rows before the first search.
    Searches(Header, usize),
    /// An event log; the rows before the first event.
    Events(event_columns::Columns, usize),
    /// A list of organisations; the rows before the first.
    Sharing(sharing_columns::Columns, usize),
}

/// The delimiter, and what the rows are under it.
pub(super) fn sniff(heads: &[Head], map: &ColumnMap) -> Result<(u8, Form)> {
    let mut best: Option<(usize, u8, Form)> = None;
    for head in heads {
        let Some((score, form)) = labelled(head, map) else {
            continue;
        };
        if best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, head.delimiter, form));
        }
    }
    if let Some((_, delimiter, form)) = best {
        return Ok((delimiter, form));
    }
    let without = heads
        .iter()
        .find_map(|head| layout::infer(&head.rows, map).map(|header| (head.delimiter, header)));
    match without {
        Some((delimiter, header)) => Ok((delimiter, Form::Searches(header, 0))),
        None => Err(unknown(heads)),
    }
}

/// The first row that holds the labels of a known sort of file, and how many of them are known.
fn labelled(head: &Head, map: &ColumnMap) -> Option<(usize, Form)> {
    head.rows.iter().enumerate().find_map(|(index, labels)| {
        if let Some(columns) = event_columns::Columns::find(labels) {
            return Some((labels.len(), Form::Events(columns, index + 1)));
        }
        let header = Header::mapped(labels.iter().map(String::as_str), map);
        if header.is_search_log() && !(map.is_by_number() && no_label(labels)) {
            return Some((header.known(), Form::Searches(header, index + 1)));
        }
        sharing_columns::Columns::find(labels).map(|columns| (2, Form::Sharing(columns, index + 1)))
    })
}

/// Whether none of the cells is a label: mapped by number, the row is then the first search.
fn no_label(cells: &[String]) -> bool {
    cells.iter().all(|cell| Column::of_label(cell).is_none())
}

/// Names the columns found, the nearest known ones, and how to map them.
fn unknown(heads: &[Head]) -> Error {
    // The delimiter that parts the first row into the most cells is the likely one.
    let row = |head: &Head| {
        head.rows
            .iter()
            .find(|row| row.iter().any(|c| !c.is_empty()))
            .cloned()
    };
    let labels = heads
        .iter()
        .filter_map(row)
        .max_by_key(Vec::len)
        .unwrap_or_default();
    if labels.is_empty() {
        return Error::new(ErrorKind::Format, "the file holds no row");
    }
    let found: Vec<String> = labels.iter().map(|label| described(label)).collect();
    Error::new(
        ErrorKind::Format,
        format!(
            "no log of searches: a time of search and one of reason, agency and plate are needed, found the columns {}",
            found.join(", ")
        ),
    )
    .with_remedy(
        "map them by label or by number, as in --column time=\"Date Run\" --column reason=3",
    )
}

fn described(label: &str) -> String {
    let short: String = label.chars().take(40).collect();
    if let Some(column) = Column::of_label(label) {
        return format!("`{short}` (read as {})", column.key());
    }
    match nearest(label) {
        Some((known, column)) => format!(
            "`{short}` (near `{known}`: --column {}=\"{short}\")",
            column.key()
        ),
        None => format!("`{short}`"),
    }
}

/// The known label that a label resembles most, if it resembles one.
fn nearest(label: &str) -> Option<(&'static str, Column)> {
    let wanted = fold(label);
    if wanted.len() < 3 {
        return None;
    }
    Column::labels()
        .map(|(known, column)| (strsim::jaro_winkler(&wanted, &fold(known)), known, column))
        .filter(|(likeness, ..)| *likeness >= 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known, column)| (known, column))
}
