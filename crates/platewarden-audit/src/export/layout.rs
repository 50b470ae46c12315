//! Files without labels: the columns of the eras, known by what stands in them.

use super::column::Column;
use super::header::Header;
use super::mapping::ColumnMap;
use super::time::{parse_log_time, parse_time_frame};

use Column::{
    Case, Devices, Filters, Id, Moderation, Name, Networks, OrgName, Plate, Reason, SearchTime,
    SearchType, TextPrompt, TimeFrame,
};

/// The columns of an audit export, in the order in which every era writes them.
const EXPORT: [Column; 14] = [
    Id, Name, OrgName, Networks, Devices, TimeFrame, Plate, Reason, Case, Filters, SearchTime,
    SearchType, TextPrompt, Moderation,
];

/// Which of them an era leaves out.
const ERAS: [&[Column]; 5] = [
    &[],
    &[Devices],
    &[Devices, Moderation],
    &[Id, TextPrompt, Moderation],
    &[Devices, TextPrompt, Moderation],
];

/// Orders of other exports.
const OTHERS: [&[Option<Column>]; 2] = [
    // Activity Date, User Name, Agency Name, License Plate, State, Reason.
    &[
        Some(SearchTime),
        Some(Name),
        Some(OrgName),
        Some(Plate),
        None,
        Some(Reason),
    ],
    // The portal's own searches.
    &[
        Some(Id),
        Some(Name),
        Some(Networks),
        Some(SearchTime),
        Some(Reason),
    ],
];

/// The orders in which eras and portals write their columns.
fn layouts() -> impl Iterator<Item = Vec<Option<Column>>> {
    let eras = ERAS.iter().map(|left_out| {
        let columns = EXPORT.iter().filter(|column| !left_out.contains(column));
        columns.copied().map(Some).collect()
    });
    eras.chain(OTHERS.iter().map(|columns| columns.to_vec()))
}

/// The columns of a file without labels: as mapped by number, or as one of the known orders whose cells look right in
/// nine of ten rows.
pub(super) fn infer(rows: &[Vec<String>], map: &ColumnMap) -> Option<Header> {
    let width = rows.iter().map(Vec::len).max().filter(|width| *width > 1)?;
    if !map.is_empty() {
        let columns: Vec<_> = (0..width).map(|index| map.column(index, "")).collect();
        return Some(Header::without_labels(&columns)).filter(Header::is_search_log);
    }
    let full: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() == width).collect();
    if full.is_empty() {
        return None;
    }
    layouts()
        .filter(|columns| columns.len() == width)
        .find(|columns| {
            columns
                .iter()
                .enumerate()
                .all(|(at, column)| fits(&full, at, *column))
        })
        .map(|columns| Header::without_labels(&columns))
}

/// Whether the cells at a position look like those of the column.
fn fits(rows: &[&Vec<String>], at: usize, column: Option<Column>) -> bool {
    let looks: fn(&str) -> bool = match column {
        Some(SearchTime) => |cell| parse_log_time(cell).is_some(),
        Some(TimeFrame) => {
            |cell| cell.is_empty() || parse_time_frame(cell).is_some() || masked(cell)
        }
        Some(Networks | Devices) => |cell| !cell.chars().any(char::is_alphabetic) || masked(cell),
        Some(OrgName | Name) => {
            |cell| cell.is_empty() || cell.chars().any(char::is_alphabetic) || masked(cell)
        }
        Some(Id) => |cell| cell.is_empty() || (!cell.contains(' ') && cell.len() > 1),
        Some(Plate) => |cell| cell.chars().count() <= 16,
        _ => |_| true,
    };
    let right = rows
        .iter()
        .filter(|row| row.get(at).is_some_and(|cell| looks(cell)))
        .count();
    right * 10 >= rows.len() * 9
}

fn masked(cell: &str) -> bool {
    super::is_mask(cell)
}
