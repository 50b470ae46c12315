//! Region codes: which country or state issued a plate.

use std::fmt;
use std::str::FromStr;

/// The country or state that issued a plate: an ISO 3166-1 alpha-2 country code (`DE`), or a country
/// code with a subdivision of two or three letters (`US-CA`, `AU-NSW`) as in ISO 3166-2.
///
/// Held inline and cheap to copy. Great Britain and Northern Ireland are `GB` and `GB-NIR`.
///
/// ```
/// use platewarden_text::syntax::Region;
///
/// let california: Region = "US-CA".parse()?;
/// assert_eq!(california.as_str(), "US-CA");
/// assert_eq!(california.country().as_str(), "US");
/// assert!("US".parse::<Region>()?.covers(california));
/// assert!("us-ca".parse::<Region>().is_err());
/// # Ok::<(), platewarden_text::syntax::RegionError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    bytes: [u8; 6],
    len: u8,
}

/// A text that is no region code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a region code such as `DE`, `US-CA` or `AU-NSW`, found `{found}`")]
#[non_exhaustive]
pub struct RegionError {
    /// The text that was given.
    pub found: String,
}

impl Region {
    /// The code, for example `US-CA`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.bytes
            .get(..usize::from(self.len))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    /// The country alone: `US` for `US-CA`, `DE` for `DE`.
    #[must_use]
    pub fn country(&self) -> Self {
        let [first, second, ..] = self.bytes;
        Self {
            bytes: [first, second, 0, 0, 0, 0],
            len: 2,
        }
    }

    /// Whether `other` is this region or lies in this country.
    #[must_use]
    pub fn covers(&self, other: Self) -> bool {
        *self == other || *self == other.country()
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let refuse = || RegionError {
            found: text.chars().take(32).collect(),
        };
        let (country, subdivision) = match text.split_once('-') {
            Some((country, subdivision)) => (country, Some(subdivision)),
            None => (text, None),
        };
        let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
        let shaped = country.len() == 2
            && letters(country)
            && subdivision.is_none_or(|part| (2..=3).contains(&part.len()) && letters(part));
        if !shaped {
            return Err(refuse());
        }
        let mut bytes = [0; 6];
        for (slot, byte) in bytes.iter_mut().zip(text.bytes()) {
            *slot = byte;
        }
        // Two, five or six: the shape was checked above.
        Ok(Self {
            bytes,
            len: text.len() as u8,
        })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl serde::Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Region {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn codes_are_checked() {
        for good in ["DE", "US-CA", "AU-NSW", "GB-NIR"] {
            assert_eq!(good.parse::<Region>().unwrap().to_string(), good);
        }
        for bad in [
            "", "D", "DEU", "de", "US-", "US-C", "US-CALI", "US_CA", "US-C1", "-CA", "É", "ÉÉ",
        ] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_country_covers_its_states() {
        let us: Region = "US".parse().unwrap();
        let ca: Region = "US-CA".parse().unwrap();
        assert!(us.covers(ca) && ca.covers(ca) && !ca.covers(us));
        assert!(!"CA".parse::<Region>().unwrap().covers(ca));
    }

    #[test]
    fn serialises_as_its_code() {
        let region: Region = "AU-VIC".parse().unwrap();
        let json = serde_json::to_string(&region).unwrap();
        assert_eq!(json, "\"AU-VIC\"");
        assert_eq!(serde_json::from_str::<Region>(&json).unwrap(), region);
        assert!(serde_json::from_str::<Region>("\"victoria\"").is_err());
    }
}
