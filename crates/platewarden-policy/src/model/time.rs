//! Instants in requests: RFC 3339, or a bare date.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer};

use super::Fact;
use crate::Error;
use crate::error::Failure;

/// The instant named by an RFC 3339 text, or noon UTC of a bare date.
///
/// Noon, because midnight UTC of a date is still the day before in every American state, and a
/// bare date means that day there.
///
/// # Errors
///
/// [`Time`](crate::ErrorKind::Time) when the text is neither.
///
/// ```
/// use platewarden_policy::model::parse_instant;
/// assert_eq!(parse_instant("2023-12-15")?, parse_instant("2023-12-15T12:00:00Z")?);
/// # Ok::<(), platewarden_policy::Error>(())
/// ```
pub fn parse_instant(text: &str) -> Result<Timestamp, Error> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let wrong = |_| {
        Error::from(Failure::Time {
            found: text.to_owned(),
        })
    };
    let date = text.trim().parse::<Date>().map_err(wrong)?;
    Ok(date
        .at(12, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_err(wrong)?
        .timestamp())
}

/// Serde: an instant.
pub(crate) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_instant(&text).map_err(serde::de::Error::custom)
}

/// Serde: an instant or nothing.
pub(crate) fn maybe_instant<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    match Fact::<String>::deserialize(deserializer)? {
        Fact::Known(text) => parse_instant(&text)
            .map(Some)
            .map_err(serde::de::Error::custom),
        Fact::Unknown => Ok(None),
    }
}

/// Serde: an instant that may be unknown.
pub(crate) fn fact_instant<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Fact<Timestamp>, D::Error> {
    Ok(maybe_instant(deserializer)?.map_or(Fact::Unknown, Fact::Known))
}
