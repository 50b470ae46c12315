//! Lists from files.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::entry::{Fields, HotlistEntry};
use super::list::Hotlist;
use crate::error::Failure;
use crate::error::{Error, Result};

/// What became of the rows of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadReport {
    /// Entries added.
    pub loaded: usize,
    /// Rows that could not be used; the others were.
    pub rejected: Vec<RejectedRow>,
}

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// Line in a CSV or JSON Lines file, number of the element in a JSON array; both from 1.
    pub row: u64,
    /// Why.
    pub reason: String,
}

impl Hotlist {
    /// Adds the entries of a file: CSV where its name ends in `.csv`, else JSON.
    ///
    /// # Errors
    ///
    /// Those of [`Hotlist::load_csv`] and [`Hotlist::load_json`], and [`Io`](crate::ErrorKind::Io) where the file cannot be
    /// opened.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<LoadReport> {
        let path = path.as_ref();
        let file = std::fs::File::open(path).map_err(Error::io("open", path))?;
        let origin = path.display().to_string();
        let is_csv = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        if is_csv {
            self.load_csv(file, &origin)
        } else {
            self.load_json(file, &origin)
        }
    }

    /// Adds the entries of a CSV file with a header: `plate` and any of `region`, `reason`, `expires` (or `expiry`),
    /// `agency` (or `source_agency`), `case_number` (or `case`), in any order and case. Other columns are passed over.
    ///
    /// Expiry is a date, which holds to its end in UTC, or a time with a zone. A row that cannot be used is reported and
    /// the rest is loaded.
    ///
    /// ```
    /// use platewarden_video::hotlist::Hotlist;
    /// let csv = "plate,reason,expires\nAB12 CDE,stolen,2027-01-31\n,nothing,\n";
    /// let mut list = Hotlist::new("stolen");
    /// let report = list.load_csv(csv.as_bytes(), "example")?;
    /// assert_eq!((report.loaded, report.rejected[0].row), (1, 3));
    /// # Ok::<(), platewarden_video::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Hotlist`](crate::ErrorKind::Hotlist) without a column `plate` or where the file cannot be read on.
    pub fn load_csv(&mut self, input: impl Read, origin: &str) -> Result<LoadReport> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(input);
        let broken = |error: &csv::Error| {
            Error::from(Failure::Hotlist {
                origin: origin.to_owned(),
                reason: error.to_string(),
            })
        };
        let header = reader.headers().map_err(|error| broken(&error))?.clone();
        let column = |names: &[&str]| {
            header.iter().position(|title| {
                let title = title.trim_start_matches('\u{feff}').to_ascii_lowercase();
                names.contains(&title.replace([' ', '-'], "_").as_str())
            })
        };
        let plate = column(&["plate", "registration", "license_plate"]).ok_or_else(|| {
            Error::from(Failure::Hotlist {
                origin: origin.to_owned(),
                reason: format!(
                    "its header has no column `plate`; found {}",
                    header.iter().collect::<Vec<_>>().join(", ")
                ),
            })
        })?;
        let region = column(&["region", "state", "country"]);
        let reason = column(&["reason"]);
        let expires = column(&["expires", "expiry"]);
        let agency = column(&["agency", "source_agency"]);
        let case_number = column(&["case_number", "case"]);
        let mut report = LoadReport::default();
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(report),
                // Bytes that are no text spoil their row only.
                Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    let row = error.position().map_or(0, csv::Position::line);
                    report.rejected.push(RejectedRow {
                        row,
                        reason: "it is not UTF-8".to_owned(),
                    });
                    continue;
                }
                Err(error) => return Err(broken(&error)),
            }
            let field = |at: Option<usize>| at.and_then(|at| record.get(at)).map(str::to_owned);
            let fields = Fields {
                plate: field(Some(plate)).unwrap_or_default(),
                region: field(region),
                reason: field(reason).unwrap_or_default(),
                expires: field(expires),
                agency: field(agency),
                case_number: field(case_number),
            };
            let row = record.position().map_or(0, csv::Position::line);
            self.take(fields, row, &mut report);
        }
    }

    /// Adds the entries of a JSON array of objects, or of JSON Lines with one object on each, with the names of
    /// [`Hotlist::load_csv`].
    ///
    /// # Errors
    ///
    /// [`Hotlist`](crate::ErrorKind::Hotlist) where the array is broken or the input cannot be read. Of JSON Lines a broken
    /// line is reported and the rest is loaded.
    pub fn load_json(&mut self, input: impl Read, origin: &str) -> Result<LoadReport> {
        let mut input = BufReader::new(input);
        let broken = |reason: String| {
            Error::from(Failure::Hotlist {
                origin: origin.to_owned(),
                reason,
            })
        };
        let mut report = LoadReport::default();
        let start = input
            .fill_buf()
            .map_err(|error| broken(error.to_string()))?;
        let is_array = start.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        if is_array {
            let values: Vec<serde_json::Value> =
                serde_json::from_reader(input).map_err(|error| broken(error.to_string()))?;
            for (value, row) in values.into_iter().zip(1..) {
                match serde_json::from_value(value) {
                    Ok(fields) => self.take(fields, row, &mut report),
                    Err(error) => report.reject(row, &error),
                }
            }
            return Ok(report);
        }
        for (line, row) in input.lines().zip(1..) {
            let line = line.map_err(|error| broken(error.to_string()))?;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str(&line) {
                Ok(fields) => self.take(fields, row, &mut report),
                Err(error) => report.reject(row, &error),
            }
        }
        Ok(report)
    }

    fn take(&mut self, fields: Fields, row: u64, report: &mut LoadReport) {
        match HotlistEntry::try_from(fields) {
            Ok(entry) => {
                self.add(entry);
                report.loaded += 1;
            }
            Err(error) => report.reject(row, &error),
        }
    }
}

impl LoadReport {
    fn reject(&mut self, row: u64, reason: &impl ToString) {
        self.rejected.push(RejectedRow {
            row,
            reason: reason.to_string(),
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail"
    )]
    use super::*;

    #[test]
    fn columns_may_stand_in_any_order_and_bad_rows_are_told() {
        let csv = b"\xef\xbb\xbfReason,Case Number,PLATE,State,Expiry\n\
                    stolen,1/26,ab-12 cde,us-ca,2027-01-31\n\
                    stolen,2/26,!!,,\n\
                    wanted,3/26,XY1,,tomorrow\n\
                    \xff\xfe,4/26,ZZ1,,\n\
                    short\n";
        let mut list = Hotlist::new("x");
        let report = list.load_csv(&csv[..], "test").unwrap();
        assert_eq!(report.loaded, 1);
        let rows: Vec<u64> = report
            .rejected
            .iter()
            .map(|rejected| rejected.row)
            .collect();
        assert_eq!(rows, [3, 4, 5, 6]);
        let entry = &list.entries()[0];
        assert_eq!(
            (entry.plate(), entry.region(), entry.case_number()),
            ("AB12CDE", Some("US-CA"), Some("1/26"))
        );
        assert_eq!(entry.expires().unwrap().to_string(), "2027-02-01T00:00:00Z");
    }

    #[test]
    fn header_without_plates_is_told() {
        let error = Hotlist::new("x")
            .load_csv(&b"a,b\n1,2\n"[..], "list.csv")
            .unwrap_err();
        assert!(error.to_string().contains("no column `plate`"), "{error}");
    }

    #[test]
    fn json_as_array_and_as_lines() {
        let array =
            br#" [{"plate":"AB1","reason":"x","source_agency":"A"},{"plate":7},{"reason":"none"}]"#;
        let mut list = Hotlist::new("x");
        let report = list.load_json(&array[..], "test").unwrap();
        assert_eq!((report.loaded, report.rejected.len()), (1, 2));
        let lines = b"{\"plate\":\"CD2\"}\n\nnot json\n{\"plate\":\"EF3\",\"expires\":\"2027-01-01T00:00:00Z\"}\n";
        let report = list.load_json(&lines[..], "test").unwrap();
        assert_eq!((report.loaded, report.rejected[0].row), (2, 3));
        let back: HotlistEntry =
            serde_json::from_str(&serde_json::to_string(&list.entries()[2]).unwrap()).unwrap();
        assert_eq!(&back, &list.entries()[2]);
        assert!(list.load_json(&b"[{"[..], "test").is_err());
    }
}
