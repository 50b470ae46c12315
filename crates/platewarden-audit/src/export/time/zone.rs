//! Time zones: abbreviations in cells, and the clocks of places.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::tz::{Offset, TimeZone};
use platewarden_policy::model::Jurisdiction;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Hours from UTC.
    abbreviations: BTreeMap<String, i8>,
    /// Zones of the time zone database.
    clocks: BTreeMap<String, String>,
    places: BTreeMap<String, String>,
}

#[allow(
    clippy::expect_used,
    reason = "the file is part of the program, and a test reads it"
)]
static FILE: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!("zones.toml")).expect("the bundled zones are well formed")
});

/// The zone that a word names: `CST`, `PT`, `GMT-0600`.
pub(super) fn named(word: &str) -> Option<TimeZone> {
    let upper = word.trim_end_matches('.').to_ascii_uppercase();
    if let Some(hours) = FILE.abbreviations.get(&upper) {
        return Some(TimeZone::fixed(jiff::tz::offset(*hours)));
    }
    if let Some(clock) = FILE.clocks.get(&upper) {
        return TimeZone::get(clock).ok();
    }
    offset(&upper).map(TimeZone::fixed)
}

/// `GMT-0600`, `UTC+01:00`, `-06:00`.
fn offset(text: &str) -> Option<Offset> {
    let text = text.trim_start_matches("GMT").trim_start_matches("UTC");
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let (hours, minutes): (i32, i32) = match digits.len() {
        1 | 2 => (digits.parse().ok()?, 0),
        4 => (
            digits.get(..2)?.parse().ok()?,
            digits.get(2..)?.parse().ok()?,
        ),
        _ => return None,
    };
    (hours <= 14 && minutes < 60)
        .then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok())
        .flatten()
}

/// The clocks of a place: of its capital, where it has several zones. `None` where no zone is on file.
///
/// ```
/// use platewarden_audit::export::place_zone;
/// use platewarden_policy::model::State;
/// let zone = place_zone(State::Il.into()).unwrap();
/// assert_eq!(zone.iana_name(), Some("America/Chicago"));
/// ```
#[must_use]
pub fn place_zone(place: Jurisdiction) -> Option<TimeZone> {
    let name = FILE.places.get(place.code().as_ref())?;
    TimeZone::get(name).ok()
}

/// A zone by its name in the database, else by its offset.
pub(crate) fn zone_name(zone: &TimeZone) -> String {
    if *zone == TimeZone::UTC {
        return "UTC".to_owned();
    }
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => format!("UTC{offset}"),
        (None, Err(_)) => "a zone without a name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platewarden_policy::model::State;

    #[test]
    fn every_state_has_a_clock_that_exists() {
        for state in State::ALL {
            assert!(place_zone((*state).into()).is_some(), "{state}");
        }
        for clock in FILE.clocks.values() {
            assert!(TimeZone::get(clock).is_ok(), "{clock}");
        }
    }
}
