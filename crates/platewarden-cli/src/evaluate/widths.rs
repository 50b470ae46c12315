//! How wide a plate must be in the picture to be found and read.

use std::fmt;

use super::score::Score;

/// Plates by width.
pub(super) struct WidthTable {
    /// Widths at which a row begins, ascending.
    rows: Vec<(f64, Row)>,
}

/// Plates of a range of widths.
#[derive(Default)]
struct Row {
    plates: u32,
    found: u32,
    right: u32,
}

impl WidthTable {
    /// A table with a row from each of these widths in pixels.
    pub(super) fn new(widths: &[f64]) -> Self {
        let mut widths = widths.to_vec();
        widths.sort_by(f64::total_cmp);
        Self {
            rows: widths
                .into_iter()
                .map(|width| (width, Row::default()))
                .collect(),
        }
    }

    /// Counts the plates that people could read.
    pub(super) fn add(&mut self, score: &Score) {
        for plate in &score.plates {
            let Some(reading) = &plate.reading else {
                continue;
            };
            let row = self.rows.iter_mut().rfind(|(from, _)| *from <= plate.width);
            if let Some((_, row)) = row {
                row.plates += 1;
                row.found += u32::from(plate.is_found());
                row.right += u32::from(plate.is_found() && reading.is_exact);
            }
        }
    }
}

impl fmt::Display for WidthTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| plate width in pixels | plates | found | read right |")?;
        writeln!(f, "|---|---|---|---|")?;
        for (index, (from, row)) in self.rows.iter().enumerate() {
            let range = self.rows.get(index + 1).map_or_else(
                || format!("{from} and up"),
                |(to, _)| format!("{from} to {to}"),
            );
            let percent = |part: u32| 100.0 * f64::from(part) / f64::from(row.plates.max(1));
            writeln!(
                f,
                "| {range} | {} | {:.0} % | {:.0} % |",
                row.plates,
                percent(row.found),
                percent(row.right)
            )?;
        }
        Ok(())
    }
}
