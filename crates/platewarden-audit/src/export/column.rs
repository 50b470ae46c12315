//! The columns of search logs and the labels that stand for them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

/// A column of a search-log export that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// `ID`: the search's UUID; not unique within a file.
    Id,
    /// `Name` of the searching officer.
    Name,
    /// `Org Name`: the searching agency.
    OrgName,
    /// `Total Networks Searched`.
    Networks,
    /// `Total Devices Searched`.
    Devices,
    /// `Time Frame`: the window that was searched.
    TimeFrame,
    /// `License Plate`.
    Plate,
    /// `Reason`: menu value, free text, or both; an [offence column](Column::OffenseType) is joined to it.
    Reason,
    /// `Case #`.
    Case,
    /// `Filters`.
    Filters,
    /// `Search Time`: when the search was made.
    SearchTime,
    /// `Search Type`.
    SearchType,
    /// `Text Prompt` of a free-form search.
    TextPrompt,
    /// `Moderation` of a prompt, or a vendor's note.
    Moderation,
    /// The date alone, where an agency splits date and time.
    SearchDate,
    /// `Offense Type`: the menu value, where it has a column of its own.
    OffenseType,
    /// The account, where the log names the officer beside it.
    Login,
    /// The agency for which the search was made.
    OnBehalfOf,
}

/// How many columns are understood.
pub(super) const COLUMNS: usize = 18;

/// How many of them are the superset of all eras, which our own export writes.
pub(super) const SUPERSET: usize = 14;

impl Column {
    /// All columns: the superset of all eras in its order, then those that only some agencies have.
    pub const ALL: [Self; COLUMNS] = [
        Self::Id,
        Self::Name,
        Self::OrgName,
        Self::Networks,
        Self::Devices,
        Self::TimeFrame,
        Self::Plate,
        Self::Reason,
        Self::Case,
        Self::Filters,
        Self::SearchTime,
        Self::SearchType,
        Self::TextPrompt,
        Self::Moderation,
        Self::SearchDate,
        Self::OffenseType,
        Self::Login,
        Self::OnBehalfOf,
    ];

    /// The columns of the superset of all eras.
    #[must_use]
    pub fn superset() -> &'static [Self] {
        Self::ALL.split_at(SUPERSET).0
    }

    /// The name in the superset of all eras; for the others the most common label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "ID",
            Self::Name => "Name",
            Self::OrgName => "Org Name",
            Self::Networks => "Total Networks Searched",
            Self::Devices => "Total Devices Searched",
            Self::TimeFrame => "Time Frame",
            Self::Plate => "License Plate",
            Self::Reason => "Reason",
            Self::Case => "Case #",
            Self::Filters => "Filters",
            Self::SearchTime => "Search Time",
            Self::SearchDate => "Search Date",
            Self::SearchType => "Search Type",
            Self::TextPrompt => "Text Prompt",
            Self::Moderation => "Moderation",
            Self::OffenseType => "Offense Type",
            Self::Login => "Login",
            Self::OnBehalfOf => "On Behalf Of",
        }
    }

    /// The word by which people name the column when they map one: `--column reason="Offense Type"`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::OrgName => "agency",
            Self::Networks => "networks",
            Self::Devices => "devices",
            Self::TimeFrame => "time_frame",
            Self::Plate => "plate",
            Self::Reason => "reason",
            Self::Case => "case",
            Self::Filters => "filters",
            Self::SearchTime => "time",
            Self::SearchDate => "date",
            Self::SearchType => "type",
            Self::TextPrompt => "prompt",
            Self::Moderation => "moderation",
            Self::OffenseType => "offense",
            Self::Login => "login",
            Self::OnBehalfOf => "on_behalf_of",
        }
    }

    /// The column with this [key](Column::key), or with this label.
    #[must_use]
    pub fn from_key(word: &str) -> Option<Self> {
        let key = fold(word);
        Self::ALL
            .into_iter()
            .find(|column| fold(column.key()) == key)
            .or_else(|| Self::of_label(word))
    }

    /// The column that a label stands for; letter case, blanks and signs do not matter.
    ///
    /// ```
    /// use platewarden_audit::export::Column;
    /// assert_eq!(Column::of_label(" total_networks-searched"), Some(Column::Networks));
    /// assert_eq!(Column::of_label("Weather"), None);
    /// ```
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        LABELS.get(fold(label).as_str()).copied()
    }

    /// The labels that stand for the column.
    pub(super) fn labels() -> impl Iterator<Item = (&'static str, Self)> {
        FILE.iter()
            .flat_map(|(column, labels)| labels.iter().map(|label| (label.as_str(), *column)))
    }
}

/// Letters and digits alone, in small letters.
pub(super) fn fold(label: &str) -> String {
    label
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    labels: Vec<String>,
}

#[allow(
    clippy::expect_used,
    reason = "the file is part of the program, and a test reads it"
)]
static FILE: LazyLock<Vec<(Column, Vec<String>)>> = LazyLock::new(|| {
    let file: BTreeMap<String, Entry> =
        toml::from_str(include_str!("columns.toml")).expect("the bundled labels are well formed");
    file.into_iter()
        .map(|(key, entry)| {
            let column = Column::ALL.into_iter().find(|column| column.key() == key);
            (column.expect("every table is a column's key"), entry.labels)
        })
        .collect()
});

static LABELS: LazyLock<FxHashMap<String, Column>> = LazyLock::new(|| {
    Column::labels()
        .map(|(label, column)| (fold(label), column))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_stands_for_one_column() {
        let labels: Vec<_> = Column::labels().collect();
        assert_eq!(labels.len(), LABELS.len(), "a label stands twice");
        for column in Column::ALL {
            assert_eq!(Column::of_label(column.name()), Some(column));
            assert_eq!(Column::from_key(column.key()), Some(column));
        }
        // A bare sign folds to nothing and names no column.
        assert_eq!(Column::of_label("#"), None);
    }
}
