//! Where the columns of one file stand.

use super::column::{COLUMNS, Column};
use super::mapping::ColumnMap;

/// Where each understood column stands in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    positions: [Option<u16>; COLUMNS],
    joins: Vec<Join>,
    width: usize,
    unknown: Vec<String>,
    joined: Vec<String>,
    inferred: bool,
}

/// Several columns that are read as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Join {
    pub(super) column: Column,
    pub(super) parts: Vec<u16>,
}

impl Header {
    /// Finds the columns by their labels.
    #[must_use]
    pub fn new<'a>(labels: impl Iterator<Item = &'a str>) -> Self {
        Self::mapped(labels, &ColumnMap::default())
    }

    /// Finds the columns by their labels; what a person mapped outranks them.
    #[must_use]
    pub fn mapped<'a>(labels: impl Iterator<Item = &'a str>, map: &ColumnMap) -> Self {
        let labels: Vec<&str> = labels
            .map(|label| label.trim_start_matches('\u{feff}').trim())
            .collect();
        let columns = labels
            .iter()
            .enumerate()
            .map(|(index, label)| map.column(index, label).or_else(|| Column::of_label(label)));
        Self::from_columns(&columns.collect::<Vec<_>>(), &labels)
    }

    /// A file without labels, whose columns are known by their content or by number.
    pub(super) fn without_labels(columns: &[Option<Column>]) -> Self {
        let labels: Vec<String> = (1..=columns.len())
            .map(|number| format!("column {number}"))
            .collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        Self {
            inferred: true,
            ..Self::from_columns(columns, &labels)
        }
    }

    fn from_columns(columns: &[Option<Column>], labels: &[&str]) -> Self {
        let mut all: [Vec<u16>; COLUMNS] = Default::default();
        let mut header = Self {
            positions: [None; COLUMNS],
            joins: Vec::new(),
            width: labels.len(),
            unknown: Vec::new(),
            joined: Vec::new(),
            inferred: false,
        };
        for (index, (column, label)) in columns.iter().zip(labels).enumerate() {
            let place = column.and_then(|column| all.get_mut(column as usize));
            match (place, u16::try_from(index)) {
                (Some(place), Ok(index)) => place.push(index),
                _ if !label.is_empty() => header.unknown.push((*label).to_owned()),
                _ => {}
            }
        }
        header.merge_accounts(&mut all);
        for column in Column::ALL {
            let parts = all.get(column as usize).map_or(&[][..], Vec::as_slice);
            if let Some(slot) = header.positions.get_mut(column as usize) {
                *slot = parts.first().copied();
            }
        }
        // The menu value stands before the free text, as in `<menu value> - <free text>`.
        let [offence, reason] = [Column::OffenseType, Column::Reason]
            .map(|column| all.get(column as usize).cloned().unwrap_or_default());
        header.join(Column::Reason, [offence, reason].concat(), labels);
        for column in [
            Column::Case,
            Column::OrgName,
            Column::Filters,
            Column::TextPrompt,
        ] {
            let parts = all.get(column as usize).cloned().unwrap_or_default();
            header.join(column, parts, labels);
        }
        header
    }

    /// Without an officer's name beside it, the account is who searched.
    fn merge_accounts(&self, all: &mut [Vec<u16>; COLUMNS]) {
        let named = all
            .get(Column::Name as usize)
            .is_some_and(|places| !places.is_empty());
        if !named {
            let account = all.get_mut(Column::Login as usize).map(std::mem::take);
            if let (Some(account), Some(name)) = (account, all.get_mut(Column::Name as usize)) {
                *name = account;
            }
        }
    }

    fn join(&mut self, column: Column, parts: Vec<u16>, labels: &[&str]) {
        let Some(slot) = self.positions.get_mut(column as usize) else {
            return;
        };
        *slot = slot.or(parts.first().copied());
        if parts.len() > 1 {
            let names = parts
                .iter()
                .filter_map(|part| labels.get(usize::from(*part)));
            let names: Vec<&str> = names.copied().collect();
            self.joined
                .push(format!("{}: {}", column.name(), names.join(" + ")));
            self.joins.push(Join { column, parts });
        }
    }

    /// The position of a column, if the file has it; the first where several are read as one.
    #[must_use]
    pub fn position(&self, column: Column) -> Option<usize> {
        self.positions
            .get(column as usize)
            .copied()
            .flatten()
            .map(usize::from)
    }

    /// Whether the file has the column.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.position(column).is_some()
    }

    /// How many labels the file has.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// How many columns are understood.
    #[must_use]
    pub fn known(&self) -> usize {
        self.positions.iter().flatten().count()
    }

    /// Labels that are not understood; their cells are not read.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Columns of one meaning that are read as one, such as `Reason: Offense Type + Reason`.
    #[must_use]
    pub fn joined(&self) -> &[String] {
        &self.joined
    }

    /// Whether the file has no labels, and its columns were known by their content or by number.
    #[must_use]
    pub const fn is_inferred(&self) -> bool {
        self.inferred
    }

    pub(super) fn joins(&self) -> &[Join] {
        &self.joins
    }

    /// Whether this is a log of searches: a time, and something that says who or why.
    #[must_use]
    pub fn is_search_log(&self) -> bool {
        (self.has(Column::SearchTime) || self.has(Column::SearchDate))
            && (self.has(Column::Reason) || self.has(Column::OrgName) || self.has(Column::Plate))
    }
}
