//! One search of a log.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use rustc_hash::FxHasher;

use platewarden_policy::model::AccessMode;

use super::time::TimeFrame;
use super::{Column, OrgName};

/// Whether a cell is a redaction mask: only if nothing else stands in it.
///
/// `***` is a mask, `Z*0028*` a plate with wildcards.
///
/// ```
/// use platewarden_audit::export::is_mask;
/// assert!(["***", "[REDACTED]", "* * *", "###", "7923.600 GC"].iter().all(|cell| is_mask(cell)));
/// assert!(["Z*0028*", "", "redacted warrant", "7923"].iter().all(|cell| !is_mask(cell)));
/// ```
#[must_use]
pub fn is_mask(cell: &str) -> bool {
    let cell = cell.trim();
    let bytes = cell.as_bytes();
    let Some(first) = bytes.first().filter(|_| (2..=48).contains(&bytes.len())) else {
        return false;
    };
    // Asked of every cell of every row: most of them leave at these byte tests.
    if matches!(first, b'*' | b'#' | b'X' | b'x' | 0x80..) && is_row_of_signs(cell) {
        return true;
    }
    if (6..=16).contains(&bytes.len()) && !first.is_ascii_digit() {
        let word = cell.trim_matches(|c: char| !c.is_alphanumeric());
        if ["redacted", "masked", "withheld", "exempt", "redact"]
            .iter()
            .any(|w| word.eq_ignore_ascii_case(w))
        {
            return true;
        }
    }
    is_exemption(cell)
}

/// `***`, `* * *`, `###`, `XXX`, bars.
fn is_row_of_signs(cell: &str) -> bool {
    let Some(sign) = cell
        .chars()
        .next()
        .filter(|c| matches!(c, '*' | '#' | 'X' | 'x' | '█' | '■' | '•'))
    else {
        return false;
    };
    let count = cell.chars().filter(|c| *c == sign).count();
    cell.chars().all(|c| c == sign || c == ' ')
        && count >= if sign.is_ascii_alphabetic() { 3 } else { 2 }
}

/// Cites of an exemption: "7923.600 GC", "GC 7923.600(a)", "(b)(7)(C)".
fn is_exemption(cell: &str) -> bool {
    if cell.starts_with("(b)(") && cell.len() <= 12 {
        return true;
    }
    let digits = || cell.bytes().filter(u8::is_ascii_digit).count() >= 4;
    let code = || {
        let mut words = cell.split(|c: char| !c.is_ascii_alphabetic());
        words.any(|word| {
            ["GC", "Gov", "FOIA", "ILCS", "CPRA", "PRA"]
                .iter()
                .any(|code| word.eq_ignore_ascii_case(code))
        })
    };
    cell.as_bytes().contains(&b'.') && digits() && code()
}

/// What kind of search the platform recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SearchType {
    /// `lookup`, `apiLookup`, `apiV1`: a plate.
    Lookup,
    /// `search`: a plate or a description.
    Search,
    /// `convoy`.
    Convoy,
    /// `freeform`: a prompt to a model.
    Freeform,
    /// `visual`: vehicles that look alike.
    Visual,
    /// `multiGeo`: vehicles seen at several places.
    MultiGeo,
    /// `mostSeenOcrValues`, `searchSummary`: counts about a plate.
    Summary,
    /// A type that this version does not know, or none.
    Other,
}

impl SearchType {
    /// Reads the cell; a suffix ` - Mobile` says only where the app ran.
    #[must_use]
    pub fn parse(cell: &str) -> Self {
        let cell = cell.trim();
        let cell = cell.strip_suffix("Mobile").map_or(cell, |rest| {
            rest.trim_end().trim_end_matches(['-', '–']).trim_end()
        });
        match cell {
            "lookup" | "apiLookup" | "apiV1" => Self::Lookup,
            "search" => Self::Search,
            "convoy" => Self::Convoy,
            "freeform" => Self::Freeform,
            "visual" => Self::Visual,
            "multiGeo" => Self::MultiGeo,
            "mostSeenOcrValues" | "searchSummary" => Self::Summary,
            other => [
                ("lookup", Self::Lookup),
                ("search", Self::Search),
                ("convoy", Self::Convoy),
                ("freeform", Self::Freeform),
                ("visual", Self::Visual),
                ("multigeo", Self::MultiGeo),
            ]
            .into_iter()
            .find(|(name, _)| other.eq_ignore_ascii_case(name))
            .map_or(Self::Other, |(_, kind)| kind),
        }
    }
}

/// One search, borrowed from the reader's buffer. Cells are trimmed; a masked cell is as it stands.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    pub(super) cells: [Option<&'a str>; 15],
    /// When the search was made.
    pub time: Timestamp,
    /// The line of the file on which the record begins, from 1.
    pub line: u64,
    /// Whether the row has more or fewer cells than the header has labels.
    pub ragged: bool,
}

impl<'a> Record<'a> {
    /// The cell of a column; `None` where the file has no such column.
    #[must_use]
    pub fn cell(&self, column: Column) -> Option<&'a str> {
        self.cells.get(column as usize).copied().flatten()
    }

    /// The cell of a column unless it is blank or a mask.
    #[must_use]
    pub fn open(&self, column: Column) -> Option<&'a str> {
        self.cell(column)
            .filter(|cell| !cell.is_empty() && !is_mask(cell))
    }

    /// Whether the column is there, and blank: known to say nothing.
    #[must_use]
    pub fn is_blank(&self, column: Column) -> bool {
        self.cell(column).is_some_and(str::is_empty)
    }

    /// The searching agency.
    #[must_use]
    pub fn org(&self) -> Option<OrgName<'a>> {
        self.open(Column::OrgName).map(OrgName::parse)
    }

    /// How many networks were searched; 0 and dashes are unknown.
    #[must_use]
    pub fn networks(&self) -> Option<u32> {
        count(self.cell(Column::Networks)?)
    }

    /// How many cameras were searched; 0 and dashes are unknown.
    #[must_use]
    pub fn devices(&self) -> Option<u32> {
        count(self.cell(Column::Devices)?)
    }

    /// The window that was searched.
    #[must_use]
    pub fn time_frame(&self) -> Option<TimeFrame> {
        super::parse_time_frame(self.open(Column::TimeFrame)?)
    }

    /// The type of search.
    #[must_use]
    pub fn search_type(&self) -> SearchType {
        self.cell(Column::SearchType)
            .map_or(SearchType::Other, SearchType::parse)
    }

    /// How reads were reached. A masked plate counts as a full one.
    #[must_use]
    pub fn mode(&self) -> AccessMode {
        let plate = self.cell(Column::Plate).filter(|p| !p.is_empty());
        let by_plate = match plate {
            Some(plate) if !is_mask(plate) && plate.contains(['*', '?', '%', '_']) => {
                AccessMode::HistoricalPartial
            }
            _ => AccessMode::HistoricalPlate,
        };
        match self.search_type() {
            SearchType::Convoy => AccessMode::Convoy,
            SearchType::Freeform => AccessMode::FreeformAi,
            SearchType::Visual => AccessMode::VehicleDescription,
            SearchType::MultiGeo => AccessMode::AreaTime,
            SearchType::Lookup | SearchType::Summary => by_plate,
            SearchType::Search | SearchType::Other => {
                let prompt = self.open(Column::TextPrompt).is_some();
                // Without a plate column nobody can tell: the plain look-up is the common case.
                if prompt {
                    AccessMode::FreeformAi
                } else if plate.is_none()
                    && self.cell(Column::Plate).is_some()
                    && self.open(Column::Filters).is_some()
                {
                    AccessMode::VehicleDescription
                } else {
                    by_plate
                }
            }
        }
    }

    /// Joins UUID, second and networks; without a UUID, all cells. Two rows with one key are one search.
    #[must_use]
    pub fn duplicate_key(&self) -> u64 {
        let mut hasher = FxHasher::default();
        self.time.as_second().hash(&mut hasher);
        match self.open(Column::Id) {
            Some(id) => {
                id.hash(&mut hasher);
                self.cell(Column::Networks).hash(&mut hasher);
            }
            None => self.cells.hash(&mut hasher),
        }
        // A finishing mix: the sets that hold these keys use their upper bits.
        let mut key = hasher.finish();
        key ^= key >> 32;
        key = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        key ^ (key >> 29)
    }

    /// An identification for people: the ID if there is one, else the line.
    #[must_use]
    pub fn row_id(&self) -> Cow<'a, str> {
        self.open(Column::Id)
            .map_or_else(|| Cow::Owned(format!("line {}", self.line)), Cow::Borrowed)
    }
}

fn count(cell: &str) -> Option<u32> {
    let digits: String = cell.chars().filter(|c| *c != ',' && *c != ' ').collect();
    digits.parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_types_lose_their_suffix() {
        for (cell, kind) in [
            ("lookup", SearchType::Lookup),
            ("lookup - Mobile", SearchType::Lookup),
            ("multiGeo", SearchType::MultiGeo),
            ("FREEFORM", SearchType::Freeform),
            ("", SearchType::Other),
            ("Mobile", SearchType::Other),
        ] {
            assert_eq!(SearchType::parse(cell), kind, "{cell}");
        }
        assert_eq!(count("——"), None);
        assert_eq!(count("0"), None);
        assert_eq!(count("1,204"), Some(1204));
    }
}
