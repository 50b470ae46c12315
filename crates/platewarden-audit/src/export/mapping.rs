//! Columns as a person maps them, for files whose labels are not known.

use std::str::FromStr;

use crate::{Error, ErrorKind, Result};

use super::column::{Column, fold};

/// Which column of the file is which, by label or by number from 1; what is mapped outranks what is recognised.
///
/// ```
/// use platewarden_audit::export::{Column, ColumnMap, ReadOptions, Reader, Row};
/// let mut options = ReadOptions::default();
/// options.columns = ColumnMap::parse(["reason=Why", "time=1"])?;
/// let file = "When,Why,Agency\n2026-01-05T13:27:03Z,burglary,Aurora IL PD\n";
/// let mut reader = Reader::with_options(file.as_bytes(), &options)?;
/// let Some(Row::Search(row)) = reader.next_row()? else { panic!() };
/// assert_eq!(row.cell(Column::Reason), Some("burglary"));
/// # Ok::<(), platewarden_audit::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMap(Vec<(Column, Place)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Label(String),
    Number(usize),
}

impl ColumnMap {
    /// Reads mappings such as `reason="Offense Type"` or `time=3`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Options`] where a mapping has no `=` or names no column that is understood.
    pub fn parse<'a>(mappings: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut map = Self::default();
        for mapping in mappings {
            let (column, place) = parsed(mapping)?;
            map.0.push((column, place));
        }
        Ok(map)
    }

    /// Whether nothing is mapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The column to which the label at this position (from 0) is mapped.
    pub(super) fn column(&self, index: usize, label: &str) -> Option<Column> {
        let place = |place: &Place| match place {
            Place::Label(wanted) => fold(wanted) == fold(label) && !fold(label).is_empty(),
            Place::Number(number) => *number == index + 1,
        };
        self.0
            .iter()
            .find(|(_, at)| place(at))
            .map(|(column, _)| *column)
    }

    /// Whether every mapping is by number: the file may then have no labels.
    pub(super) fn is_by_number(&self) -> bool {
        !self.is_empty()
            && self
                .0
                .iter()
                .all(|(_, place)| matches!(place, Place::Number(_)))
    }
}

impl FromStr for ColumnMap {
    type Err = Error;

    fn from_str(mapping: &str) -> Result<Self> {
        Self::parse([mapping])
    }
}

fn parsed(mapping: &str) -> Result<(Column, Place)> {
    let keys = || {
        let keys: Vec<&str> = Column::ALL.iter().map(|column| column.key()).collect();
        format!(
            "write it as reason=\"Offense Type\" or time=3, with one of {}",
            keys.join(", ")
        )
    };
    let wrong = |problem: String| Error::new(ErrorKind::Options, problem).with_remedy(keys());
    let (key, place) = mapping
        .split_once('=')
        .ok_or_else(|| wrong(format!("the mapping `{mapping}` has no `=`")))?;
    let column = Column::from_key(key)
        .ok_or_else(|| wrong(format!("`{key}` is no column that is understood")))?;
    let place = place.trim().trim_matches('"');
    if place.is_empty() {
        return Err(wrong(format!(
            "the mapping `{mapping}` names no column of the file"
        )));
    }
    Ok((
        column,
        match place.parse() {
            Ok(number) if number > 0 => Place::Number(number),
            _ => Place::Label(place.to_owned()),
        },
    ))
}
