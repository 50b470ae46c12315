//! Scores as a table for people and as a JSON object for programs.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::score::{Groups, Sums};

/// A column: its name, and digits after the point in the table.
const COLUMNS: [(&str, usize); 12] = [
    ("images", 0),
    ("plates", 0),
    ("det@.5", 1),
    ("meanIoU", 3),
    ("fp/im", 3),
    ("read", 0),
    ("exact", 1),
    ("folded", 1),
    ("top5", 1),
    ("cer", 3),
    ("ece", 3),
    ("ms", 1),
];

impl Sums {
    /// The figures, in the order of the columns; no number where nothing was asked.
    fn figures(&self) -> [f64; 12] {
        let percent = |part: usize, whole: usize| 100.0 * (part as f64 / whole as f64);
        let reads: usize = self.bins.iter().map(|(reads, ..)| reads).sum();
        let gaps: f64 = self
            .bins
            .iter()
            .map(|&(_, confidence, exact)| (confidence - exact as f64).abs())
            .sum();
        [
            self.pictures as f64,
            self.plates as f64,
            percent(self.found, self.plates),
            self.overlap / self.plates as f64,
            self.false_positives as f64 / self.pictures as f64,
            self.readable as f64,
            percent(self.exact, self.readable),
            percent(self.folded, self.readable),
            percent(self.among_candidates, self.readable),
            self.errors as f64 / self.characters as f64,
            gaps / reads as f64,
            self.milliseconds / self.timed as f64,
        ]
    }
}

/// Writes a row for each group, and the same as one line of JSON.
pub(super) fn write(out: &mut impl Write, groups: &Groups) -> io::Result<()> {
    let width = groups.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default().max(9);
    write!(out, "{:>width$}", "group")?;
    for (name, _) in COLUMNS {
        write!(out, " {name:>9}")?;
    }
    writeln!(out)?;
    let mut object = Map::new();
    for (group, sums) in groups.iter() {
        let figures = sums.figures();
        write!(out, "{group:>width$}")?;
        for (figure, (_, digits)) in figures.iter().zip(COLUMNS) {
            if figure.is_nan() {
                write!(out, " {:>9}", "nan")?;
            } else {
                write!(out, " {figure:>9.digits$}")?;
            }
        }
        writeln!(out)?;
        // By way of its digits, so that a half is rounded as it is in print.
        let rounded = |figure: f64| {
            format!("{figure:.4}")
                .parse::<f64>()
                .map_or(Value::Null, Value::from)
        };
        let columns = COLUMNS.iter().zip(figures);
        let values: Map<String, Value> = columns
            .map(|((name, _), figure)| ((*name).to_owned(), rounded(figure)))
            .collect();
        object.insert(group.to_owned(), values.into());
    }
    writeln!(out, "{}", Value::Object(object))
}
