//! A dataset as the store keeps it: whose reads, under which law, and how they are written.

use platewarden_policy::model::{Dataset, HitOutcome, ReadMeta};
use platewarden_policy::packs::PackSet;
use platewarden_policy::retention::RetentionPlan;
use serde::{Deserialize, Serialize};

use jiff::{SignedDuration, Timestamp};

/// The overlays that hold the gates of a store; a dataset names those that are on.
pub const GATES: [&str; 5] = [
    "store-repeat",
    "store-plateless",
    "store-structured",
    "store-hotlist",
    "store-age",
];

/// Reads of one owner under one law, and how they are written.
///
/// ```
/// use platewarden_policy::model::{AgencyKind, AgencyRef, Dataset, State};
/// use platewarden_store::DatasetSettings;
/// let owner = AgencyRef::new("springfield-pd", AgencyKind::Local, State::Il);
/// let settings = DatasetSettings::new(Dataset::new("springfield", owner, State::Il));
/// assert!(settings.dataset.overlays.iter().any(|pack| pack.as_str() == "store-repeat"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetSettings {
    /// Owner, place of capture, caps, grants, overlays: the facts by which searches are decided. A search names the
    /// dataset; it cannot bring facts of its own.
    pub dataset: Dataset,
    /// Whether reads that matched nothing are written at all.
    pub keep_unmatched: bool,
    /// Plates that are never written, such as residents' or the own fleet's; normalised.
    #[serde(default)]
    pub ignored_plates: Vec<String>,
    /// Length of a retention unit in hours, 1 to 24; where the law's cap is shorter than an hour it is not used.
    pub unit_hours: u8,
    /// What a case number looks like, `9` for a digit, `A` for a letter, all else as it stands: `26-999999`. Empty: any.
    #[serde(default)]
    pub case_pattern: String,
}

impl DatasetSettings {
    /// A dataset with the gates on that need no further choice (all but `store-age`), kept in units of a day.
    #[must_use]
    pub fn new(mut dataset: Dataset) -> Self {
        for gate in GATES.iter().filter(|gate| **gate != "store-age") {
            if !dataset.overlays.iter().any(|pack| pack.as_str() == *gate) {
                dataset.overlays.push((*gate).into());
            }
        }
        Self {
            dataset,
            keep_unmatched: true,
            ignored_plates: Vec::new(),
            unit_hours: 24,
            case_pattern: String::new(),
        }
    }

    /// The same dataset without one of the gates.
    #[must_use]
    pub fn without_gate(mut self, gate: &str) -> Self {
        self.dataset.overlays.retain(|pack| pack.as_str() != gate);
        self
    }

    /// The same dataset with one more gate or other overlay.
    #[must_use]
    pub fn with_gate(mut self, gate: &str) -> Self {
        self.dataset.overlays.push(gate.into());
        self
    }

    /// The same dataset, in which reads that matched nothing are never written.
    #[must_use]
    pub fn without_unmatched(mut self) -> Self {
        self.keep_unmatched = false;
        self
    }

    /// The same dataset, in which these plates are never written.
    #[must_use]
    pub fn ignoring<T: AsRef<str>>(mut self, plates: impl IntoIterator<Item = T>) -> Self {
        self.ignored_plates.extend(
            plates
                .into_iter()
                .map(|plate| crate::normalise(plate.as_ref())),
        );
        self
    }

    /// The same dataset, whose case numbers look like this; see [`case_pattern`](Self::case_pattern).
    #[must_use]
    pub fn with_case_pattern(mut self, pattern: impl Into<String>) -> Self {
        self.case_pattern = pattern.into();
        self
    }

    /// Whether a case number looks as the agency's own do.
    #[must_use]
    pub fn accepts_case(&self, number: &str) -> bool {
        if self.case_pattern.is_empty() {
            return true;
        }
        let fits = |(wanted, found): (char, char)| match wanted {
            '9' => found.is_ascii_digit(),
            'A' => found.is_ascii_alphabetic(),
            other => other == found,
        };
        self.case_pattern.chars().count() == number.chars().count()
            && self.case_pattern.chars().zip(number.chars()).all(fits)
    }
}

/// Where the reads of a dataset go, and in which units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Length in milliseconds.
    pub(crate) length: i64,
    /// Whether reads may never reach a device.
    pub(crate) volatile: bool,
}

impl Unit {
    /// The unit of reads, matched or not, under the law in force: where they live for an hour or less, a sixth of that and
    /// in memory alone, else the dataset's own.
    pub(crate) fn of(
        settings: &DatasetSettings,
        packs: &PackSet,
        now: Timestamp,
        matched: bool,
    ) -> Self {
        let mut read = ReadMeta::captured(now);
        read.matched = matched.then_some(HitOutcome::Alarm);
        let delete_by = RetentionPlan::new(packs, &settings.dataset, now)
            .of(&read)
            .delete_by;
        let lives = delete_by.map(|by| now.duration_until(by));
        if let Some(lives) = lives.filter(|lives| *lives <= SignedDuration::from_hours(1)) {
            let length = i64::try_from(lives.as_millis() / 6)
                .unwrap_or(10_000)
                .max(1_000);
            return Self {
                length,
                volatile: true,
            };
        }
        Self {
            length: i64::from(settings.unit_hours.clamp(1, 24)) * 3_600_000,
            volatile: false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use platewarden_policy::model::{AgencyKind, AgencyRef, State};
    use platewarden_policy::packs::Unverified;

    use super::*;

    fn settings(state: State) -> DatasetSettings {
        DatasetSettings::new(Dataset::new(
            "d",
            AgencyRef::new("pd", AgencyKind::Local, state),
            state,
        ))
    }

    #[test]
    fn three_minutes_mean_memory_alone() {
        let packs = PackSet::bundled(Unverified::Allow).unwrap();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        assert_eq!(
            Unit::of(&settings(State::Nh), &packs, now, false),
            Unit {
                length: 30_000,
                volatile: true
            }
        );
        assert!(
            !Unit::of(&settings(State::Nh), &packs, now, true).volatile,
            "matched reads may be kept"
        );
        assert_eq!(
            Unit::of(&settings(State::Va), &packs, now, false),
            Unit {
                length: 86_400_000,
                volatile: false
            }
        );
    }

    #[test]
    fn case_numbers_follow_the_agencys_pattern() {
        let settings = settings(State::Il).with_case_pattern("26-AA9999");
        assert!(settings.accepts_case("26-RB0123"));
        for wrong in ["26-RB012", "25-RB0123", "26-RB012X", "theft"] {
            assert!(!settings.accepts_case(wrong), "{wrong}");
        }
    }
}
