//! One wanted plate.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::error::{Error, Result};

/// One wanted plate and why it is wanted.
///
/// ```
/// use platewarden_video::hotlist::HotlistEntry;
/// let entry = HotlistEntry::new("ab-12 cde", "stolen vehicle")?.with_region("GB").with_case_number("24/1187");
/// assert_eq!((entry.plate(), entry.region()), ("AB12CDE", Some("GB")));
/// # Ok::<(), platewarden_video::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct HotlistEntry {
    plate: Box<str>,
    // Shared, for a long list names few regions, reasons and agencies.
    region: Option<Arc<str>>,
    reason: Arc<str>,
    agency: Option<Arc<str>>,
    case_number: Option<Box<str>>,
    expires: Option<Timestamp>,
}

/// An entry as it stands in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fields {
    pub(super) plate: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(default, alias = "expiry", skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<String>,
    #[serde(
        default,
        alias = "source_agency",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) agency: Option<String>,
    #[serde(default, alias = "case", skip_serializing_if = "Option::is_none")]
    pub(super) case_number: Option<String>,
}

impl HotlistEntry {
    /// A plate, written with or without spaces and dashes, and the reason it is wanted.
    ///
    /// # Errors
    ///
    /// [`Hotlist`](crate::ErrorKind::Hotlist) where nothing of the plate is a letter A to Z or a digit.
    pub fn new(plate: &str, reason: impl Into<String>) -> Result<Self> {
        Ok(Self {
            plate: normalize(plate)?,
            region: None,
            reason: reason.into().into(),
            agency: None,
            case_number: None,
            expires: None,
        })
    }

    /// Sets the code of the issuing country or state, such as `GB` or `US-CA`.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into().to_ascii_uppercase().into());
        self
    }

    /// Sets the agency that listed it.
    #[must_use]
    pub fn with_agency(mut self, agency: impl Into<String>) -> Self {
        self.agency = Some(agency.into().into());
        self
    }

    /// Sets the agency's case number.
    #[must_use]
    pub fn with_case_number(mut self, number: impl Into<String>) -> Self {
        self.case_number = Some(number.into().into());
        self
    }

    /// Sets the time from which the entry no longer holds.
    #[must_use]
    pub const fn with_expiry(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// The plate: letters and digits only, in capitals.
    #[must_use]
    pub const fn plate(&self) -> &str {
        &self.plate
    }

    /// Code of the issuing country or state.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Why it is wanted.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The agency that listed it.
    #[must_use]
    pub fn agency(&self) -> Option<&str> {
        self.agency.as_deref()
    }

    /// The agency's case number.
    #[must_use]
    pub fn case_number(&self) -> Option<&str> {
        self.case_number.as_deref()
    }

    /// The time from which the entry no longer holds.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Whether the entry no longer holds at a time.
    #[must_use]
    pub fn is_expired(&self, at: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= at)
    }

    /// Whether the plate may have been issued in a region: `US` covers `US-CA`, and an entry without a region any.
    pub(super) fn may_be_of(&self, region: &str) -> bool {
        let Some(own) = self.region() else {
            return true;
        };
        let covers = |wide: &str, narrow: &str| {
            narrow
                .strip_prefix(wide)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        covers(own, region) || covers(region, own)
    }

    /// Shares equal texts among entries through `share`.
    pub(super) fn share_texts(&mut self, share: &mut impl FnMut(Arc<str>) -> Arc<str>) {
        self.reason = share(Arc::clone(&self.reason));
        self.region = self.region.take().map(&mut *share);
        self.agency = self.agency.take().map(&mut *share);
    }
}

impl TryFrom<Fields> for HotlistEntry {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self> {
        let filled = |text: Option<String>| {
            text.map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let expires = match filled(fields.expires) {
            Some(text) => Some(parse_expiry(&text)?),
            None => None,
        };
        Ok(Self {
            plate: normalize(&fields.plate)?,
            region: filled(fields.region).map(|region| region.to_ascii_uppercase().into()),
            reason: fields.reason.trim().into(),
            agency: filled(fields.agency).map(Into::into),
            case_number: filled(fields.case_number).map(Into::into),
            expires,
        })
    }
}

impl From<HotlistEntry> for Fields {
    fn from(entry: HotlistEntry) -> Self {
        Self {
            plate: entry.plate.into(),
            region: entry.region.map(|text| text.to_string()),
            reason: entry.reason.to_string(),
            expires: entry.expires.map(|time| time.to_string()),
            agency: entry.agency.map(|text| text.to_string()),
            case_number: entry.case_number.map(Into::into),
        }
    }
}

/// Letters and digits in capitals, as readers give them.
fn normalize(plate: &str) -> Result<Box<str>> {
    let text: String = plate
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if text.is_empty() || text.len() > MOST_CHARACTERS {
        return Err(Error::from(Failure::Hotlist {
            origin: format!("entry `{plate}`"),
            reason: format!(
                "its plate has {} letters and digits; expected 1 to {MOST_CHARACTERS}",
                text.len()
            ),
        }));
    }
    Ok(text.into())
}

/// No country's plates are longer; a limit keeps a damaged file from filling memory.
const MOST_CHARACTERS: usize = 16;

/// A time such as `2026-12-31T00:00:00Z`, or a date, which holds to its end in UTC.
fn parse_expiry(text: &str) -> Result<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    text.parse::<jiff::civil::Date>()
        .and_then(jiff::civil::Date::tomorrow)
        .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC))
        .map(|start| start.timestamp())
        .map_err(|error| Error::from(Failure::Hotlist {
            origin: format!("expiry `{text}`"),
            reason: format!("it is neither a date nor a time ({error}); expected 2026-12-31 or 2026-12-31T18:00:00Z"),
        }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn date_holds_to_its_end() {
        assert_eq!(
            parse_expiry("2026-12-31").unwrap().to_string(),
            "2027-01-01T00:00:00Z"
        );
        assert!(parse_expiry("next week").is_err());
    }

    #[test]
    fn regions_cover_their_parts() {
        let entry = HotlistEntry::new("A1", "x").unwrap().with_region("us-ca");
        assert!(entry.may_be_of("US") && entry.may_be_of("US-CA"));
        assert!(!entry.may_be_of("US-NY") && !entry.may_be_of("USA"));
    }

    #[test]
    fn plates_without_characters_are_refused() {
        assert!(HotlistEntry::new(" -- ", "x").is_err());
        assert!(HotlistEntry::new(&"A".repeat(17), "x").is_err());
    }
}
