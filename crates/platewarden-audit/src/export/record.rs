//! One search of a log.

use std::borrow::Cow;

use jiff::Timestamp;
use platewarden_policy::model::{AccessMode, AgencyName};

use super::column::COLUMNS;
use super::{Column, SearchType, TimeFrame, is_mask};

/// One search, borrowed from the reader's buffer. Cells are trimmed; a masked cell is as it stands.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    pub(super) cells: [Option<&'a str>; COLUMNS],
    /// When the search was made.
    pub time: Timestamp,
    /// Whether the cell names no zone, so that `time` rests on the reader's options.
    pub naive: bool,
    /// The line of the file on which the record begins, or the row of the sheet, from 1.
    pub line: u64,
    /// Whether the row has more or fewer cells than the header has labels.
    pub ragged: bool,
}

impl<'a> Record<'a> {
    /// A search out of cells that were read elsewhere, such as an entry of an event log.
    #[must_use]
    pub fn new(line: u64, time: Timestamp, cells: &[(Column, &'a str)]) -> Self {
        let mut record = Self {
            cells: [None; COLUMNS],
            time,
            naive: false,
            line,
            ragged: false,
        };
        for (column, cell) in cells {
            if let Some(slot) = record.cells.get_mut(*column as usize) {
                *slot = Some(cell.trim());
            }
        }
        record
    }

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
    pub fn org(&self) -> Option<AgencyName<'a>> {
        self.open(Column::OrgName).map(AgencyName::parse)
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
            SearchType::HotlistAdd => AccessMode::HotlistAdd,
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

    /// Whether account and officer are both recorded, and are two people: the account is another person's, or a unit's.
    ///
    /// Only an account that is itself a name is compared; a number or handle may be anybody's.
    #[must_use]
    pub fn is_login_of_another(&self) -> bool {
        match (self.open(Column::Login), self.open(Column::Name)) {
            (Some(login), Some(name)) => other_person(login, name),
            _ => false,
        }
    }

    /// What makes two rows one search, as 128 bits of BLAKE3 under a key: UUID, second and networks; without a UUID
    /// the second and all cells. Nobody who lacks the key can make two searches look like one.
    #[must_use]
    pub fn duplicate_key(&self, key: &[u8; 32]) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(&self.time.as_second().to_le_bytes());
        let mut part = |cell: Option<&str>| {
            // Lengths before the texts, so that no two lists of cells run into the same bytes.
            let length = cell.map_or(u64::MAX, |text| text.len() as u64);
            hasher.update(&length.to_le_bytes());
            hasher.update(cell.unwrap_or_default().as_bytes());
        };
        match self.open(Column::Id) {
            Some(id) => {
                part(Some(id));
                part(self.cell(Column::Networks));
            }
            None => self.cells.iter().for_each(|cell| part(*cell)),
        }
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        u128::from_le_bytes(bytes)
    }

    /// An identification for people: the ID if there is one, else the line.
    #[must_use]
    pub fn row_id(&self) -> Cow<'a, str> {
        self.open(Column::Id)
            .map_or_else(|| Cow::Owned(format!("line {}", self.line)), Cow::Borrowed)
    }
}

/// Whether a login that is written as a name is not the officer's.
fn other_person(login: &str, name: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let local = text.split('@').next().unwrap_or_default();
        local
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (login, name) = (words(login), words(name));
    let long = |list: &[String]| list.iter().filter(|word| word.chars().count() >= 3).count();
    // Both have to be names in full: `jdoe`, `U1234` and `J. D.` are not.
    if long(&login) < 2 || long(&name) < 1 {
        return false;
    }
    !name
        .iter()
        .filter(|word| word.chars().count() >= 3)
        .any(|word| login.contains(word))
}

fn count(cell: &str) -> Option<u32> {
    let digits: String = cell.chars().filter(|c| *c != ',' && *c != ' ').collect();
    digits.parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_nothing_are_unknown() {
        assert_eq!(count("——"), None);
        assert_eq!(count("0"), None);
        assert_eq!(count("1,204"), Some(1204));
    }

    #[test]
    fn a_login_of_another_is_noticed_where_both_are_named() {
        for (login, name, other) in [
            ("Jane Smith", "John Doe", true),
            ("jane.smith@springfield.example", "Doe, John", true),
            ("Detective Bureau", "John Doe", true),
            ("john.doe@springfield.example", "Doe, John", false),
            ("John Doe", "J. Doe", false),
            ("jdoe", "John Doe", false),
            ("U12345", "John Doe", false),
            ("8f3c2d", "John Doe", false),
        ] {
            assert_eq!(other_person(login, name), other, "{login} / {name}");
        }
    }
}
